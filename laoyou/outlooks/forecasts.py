"""The ways to look ahead: a walk from point to point, and the steps of a rate within its year.

Pure. How well each way does on real series is measured in benchmarks/README.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from laoyou.outlooks import predictive as pr
from laoyou.outlooks.predictive import Mixture, Rest
from laoyou.outlooks.scales import Scale
from laoyou.rules import Outlook
from laoyou.targets import Operator

Floats = NDArray[np.float64]

# Variance of the steps between the rates since January of a year's four quarters, were the quarters alike and
# independent: Var(mean of q) − Var(mean of q + 1) = 1 ÷ q(q + 1).
STEP_VARIANCE = 1 / np.array([2.0, 6.0, 12.0])
ROUNDING = math.sqrt(1 / 6)  # standard deviation of the difference of two rounded figures [last places]


@dataclass(frozen=True)
class Forecast:
    """The predictive distribution of one figure in the row's unit.

    Parameters
    ----------
    method : ``walk``, ``walk_and_drift``, ``seasonal_steps``, ``gamma_poisson``, ``year_totals`` or ``known``
    points : figures that it rests on [count]
    shape : a mixture on the scale, or what is to come of a count
    scale : between the shape and the row's unit
    already : what a count has come to [the row's unit]; of a known figure, the figure
    """

    method: str
    points: int
    shape: Mixture | Rest | None
    scale: Scale
    already: float = 0.0

    def chance(self, operator: str, bound: float) -> float:
        """Return the probability of meeting a bound [the row's unit]; ``operator`` is ge, gt, le or lt."""
        if isinstance(self.shape, Mixture):
            upward = operator in (Operator.GE, Operator.GT)
            return float(pr.reaching(self.shape, "ge" if upward else "le", self.scale.edge(operator, bound)))
        rest = self.shape or Rest(0.0, 2.0)
        if self.method == "known":
            met = {"ge": self.already >= bound, "gt": self.already > bound, "le": self.already <= bound}
            return float(met.get(str(operator), self.already < bound))
        return float(pr.rest_reaching(rest, operator, round(bound - self.already, 6)))

    def quantiles(self, shares: ArrayLike) -> Floats:
        """Return the figures not exceeded with some probabilities [the row's unit]."""
        probability = np.asarray(shares, float)
        if isinstance(self.shape, Mixture):
            repeated = Mixture(
                *(np.broadcast_to(p, (*probability.shape, len(p))) for p in vars(self.shape).values())
            )
            return self.scale.back(pr.mixture_quantile(repeated, probability))
        if isinstance(self.shape, Rest):
            return self.already + pr.rest_quantile(self.shape, probability)
        return np.full(probability.shape, self.already)


def known(value: float, scale: Scale) -> Forecast:
    """Return the forecast of a figure that is no longer open."""
    return Forecast("known", 1, None, scale, value)


class Horizon(NamedTuple):
    """How far ahead: a walk's variance [steps' variances] and its drift [mean steps]."""

    variance: float
    drift: float


def steps_ahead(steps: int) -> Horizon:
    """Return the horizon of the value so many steps ahead."""
    return Horizon(float(steps), float(steps))


def mean_ahead(values: int, after: int = 0) -> Horizon:
    """Return the horizon of the mean of some values, the first of them ``after + 1`` steps ahead.

    Notes
    -----
    A step that lies before the j-th value moves r − j + 1 of the r: ``v = after + Σ ((r − j + 1) ÷ r)²`` and
    ``g = after + (r + 1) ÷ 2``.
    """
    part = np.arange(1, values + 1) / values
    return Horizon(after + float((part**2).sum()), after + (values + 1) / 2)


class Steps(NamedTuple):
    """The changes of a series: how many [count], their mean and their standard deviation [the working scale]."""

    number: int
    mean: float
    deviation: float


def steps_of(changes: ArrayLike, window: int, least: float = 0.0) -> Steps:
    """Return the last changes of a series.

    Parameters
    ----------
    changes : between neighbouring points, oldest first, NaN where one of them is unknown [the working scale]
    window : how many at most [count]
    least : the standard deviation that rounding alone causes [the working scale]
    """
    seen = np.asarray(changes, float)
    seen = seen[~np.isnan(seen)][-window:]
    if len(seen) < 2:
        return Steps(len(seen), math.nan, math.nan)
    return Steps(len(seen), float(seen.mean()), max(float(seen.std(ddof=1)), least))


class Ways(NamedTuple):
    """The equally likely ways of a walk: how far each drifts and its variance [the working scale]."""

    drift: Floats
    variance: Floats


def ways(steps: Steps, horizon: Horizon, rules: Outlook) -> Ways:
    """Return the ways of a walk: without drift, or as likely with it where there are points enough.

    Parameters
    ----------
    steps, horizon : the changes behind, and how far ahead
    rules : from how many points drift is believed

    Notes
    -----
    With points enough ``0 ± s·√v`` and ``g·m ± s·√(v + g² ÷ k)``, s being the deviation about the mean change m; with too
    few to tell a drift the first alone, its s about zero, for such a walk has no other mean.
    """
    k, mean, spread = steps
    if k + 1 < rules.drift_from:
        about_zero = (k - 1) / k * spread**2 + mean**2
        return Ways(np.zeros(1), np.array([about_zero * horizon.variance]))
    drifting = horizon.variance + horizon.drift**2 / k
    return Ways(np.array([0.0, horizon.drift * mean]), spread**2 * np.array([horizon.variance, drifting]))


def walk(last: float, steps: Steps, horizon: Horizon, rules: Outlook, already: float = 0.0) -> Mixture:
    """Return the walk from the last point.

    Parameters
    ----------
    last : the last point [the working scale]
    steps, horizon : the changes behind, and how far ahead
    rules : from how many points drift is believed, and the most degrees of freedom
    already : variance of the last point itself [the working scale²]

    Notes
    -----
    Student's t with ``min(k − 1, most)`` degrees of freedom about each of the ``ways``: steps of real series are greater
    than normal ones now and then, and k of them tell their own spread only so well.
    """
    drift, variance = ways(steps, horizon, rules)
    return Mixture.of(last + drift, np.sqrt(already + variance), freedom(steps, rules))


def freedom(steps: Steps, rules: Outlook) -> float:
    """Return the degrees of freedom of a walk [count]."""
    return float(min(steps.number - 1, rules.most_freedom))


def enough(steps: Steps, rules: Outlook) -> bool:
    """Return whether there are points enough for a walk."""
    return steps.number + 1 >= rules.at_least


def walk_name(steps: Steps, rules: Outlook) -> str:
    """Return the method's name: with drift or without."""
    return "walk_and_drift" if steps.number + 1 >= rules.drift_from else "walk"


# --- Rates since January ----------------------------------------------------------------------------------------


class YearSteps(NamedTuple):
    """Steps of a rate from quarter to quarter of its year.

    ``mean`` of each of the three, ``years`` that each was seen in, pooled ``deviation`` of a step of variance 1 and its
    degrees of ``freedom``.
    """

    mean: Floats
    years: Floats
    deviation: float
    freedom: float


def year_steps(earlier: ArrayLike, rules: Outlook, least: float = 0.0) -> YearSteps:
    """Return the steps within earlier years.

    Parameters
    ----------
    earlier : rates since January (year × 4), NaN where unknown [the working scale]
    rules : how many degrees of freedom a year is worth, and the most altogether
    least : the standard deviation that a single case causes [the working scale]

    Notes
    -----
    Each step about the mean of its quarter, in units of ``STEP_VARIANCE``. The steps of one year move together, so that a
    year's three count as ``freedom_per_year``.
    """
    steps = np.diff(np.asarray(earlier, float), axis=-1)
    seen = ~np.isnan(steps)
    years = seen.sum(axis=0).astype(float)
    mean = np.where(seen, steps, 0.0).sum(axis=0) / np.where(years > 0, years, np.nan)
    residual = np.where(seen, steps - mean, 0.0) ** 2 / STEP_VARIANCE
    free = float(np.maximum(years - 1, 0).sum())
    deviation = math.sqrt(residual.sum() / free) if free else math.nan
    freedom = min(free * rules.freedom_per_year / 3, float(rules.most_freedom))
    return YearSteps(mean, years, max(deviation, least), freedom)


def later_in_year(now: float, quarter: int, then: int, steps: YearSteps) -> tuple[float, float]:
    """Return where a rate since January stands later in its year: its expectation and its variance.

    Parameters
    ----------
    now, quarter : the rate in a quarter (1 to 4) [the working scale]
    then : a later quarter, or an earlier one of the same year seen backwards
    """
    first, last = sorted((quarter, then))
    between = slice(first - 1, last - 1)
    way = 1 if then >= quarter else -1
    variance = steps.deviation**2 * (STEP_VARIANCE[between] * (1 + 1 / steps.years[between])).sum()
    return now + way * float(steps.mean[between].sum()), float(variance)
