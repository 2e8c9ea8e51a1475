"""What a row's figures so far say of a later quarter or year, each kind in its own way."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from laoyou.outlooks import counts
from laoyou.outlooks import forecasts as fc
from laoyou.outlooks.forecasts import Forecast, Steps
from laoyou.outlooks.predictive import Mixture
from laoyou.outlooks.scales import Scale, level_scale, logit, rate_scale
from laoyou.rules import Outlook
from laoyou.seasonal import Profile

Floats = NDArray[np.float64]

_BOUNDED = ("survey_rate", "stock_ratio")


@dataclass(frozen=True)
class History:
    """One row's comparable figures up to now, from a first quarter on, oldest first; NaN where there is none.

    Parameters
    ----------
    kind : of the row; ``yearly`` : whether it has one figure a year
    decimals : of the row's figures as printed
    quarter : the quarter of the year that the last figure stands in, 1 to 4
    value : [the row's unit]
    since_january : of a count, what its own year has come to [count]
    numerator, denominator : of a rate of cases, since January [count]
    profile : of a count, the shares of a year due by each quarter's end
    """

    kind: str
    yearly: bool
    decimals: int
    quarter: int
    value: Floats
    since_january: Floats
    numerator: Floats
    denominator: Floats
    profile: Profile

    @property
    def now(self) -> float:
        """The last figure [the row's unit]."""
        return float(self.value[-1])

    @property
    def scale(self) -> Scale:
        """The scale of a level or of a rate without cases, whose resolution is its last decimal."""
        if self.kind in (*_BOUNDED, "case_rate"):
            return rate_scale(100 * 10.0**self.decimals, counted=False)
        return level_scale(self.decimals)


def years_of(values: Floats, quarter: int) -> Floats:
    """Return quarters as years (year × 4), the current one filled up with NaN."""
    return np.concatenate([values, np.full(-len(values) % 4 if quarter < 4 else 0, np.nan)]).reshape(-1, 4)


def forecast(history: History, ahead: int, rules: Outlook) -> Forecast | None:
    """Return the predictive distribution of a row's figure so many quarters ahead; None with too few points.

    Parameters
    ----------
    history : whose last figure is known
    ahead : quarters, 0 or more; of a yearly row, such as lead to a year's end
    rules : the rules of outlooks
    """
    if history.yearly:
        return _yearly(history, ahead, rules)
    if ahead == 0:
        return fc.known(history.now, history.scale)
    if history.kind == "case_rate":
        return _rate_of_cases(history, ahead, rules)
    if history.kind in ("annual_count", "cumulative_count"):
        years, then = _place(history, ahead)
        look = partial(counts.later_year, years=years, kind=history.kind) if years else counts.this_year
        totals = years_of(history.since_january, history.quarter)
        return look(totals, history.now, history.quarter, then, profile=history.profile, rules=rules)
    return _walk(history.scale, history.value, ahead, rules)


def _place(history: History, ahead: int) -> tuple[int, int]:
    """Return how many years later a quarter lies, and which of its year it is (1 to 4)."""
    years, before = divmod(history.quarter + ahead - 1, 4)
    return years, before + 1


def _walk(scale: Scale, points: Floats, ahead: int, rules: Outlook) -> Forecast | None:
    """Return the walk of a level from its last point."""
    steps = _steps(scale, points, rules)
    if not fc.enough(steps, rules):
        return None
    mixture = fc.walk(float(scale.forward(points[-1])), steps, fc.steps_ahead(ahead), rules)
    return Forecast(fc.walk_name(steps, rules), steps.number + 1, mixture, scale)


def _steps(scale: Scale, points: Floats, rules: Outlook) -> Steps:
    return fc.steps_of(
        np.diff(scale.forward(points)), rules.window, fc.ROUNDING * scale.grain(float(points[-1]))
    )


def _yearly(history: History, ahead: int, rules: Outlook) -> Forecast | None:
    """Return the walk from year's end to year's end."""
    ends = history.value[3::4]
    years, rest = divmod(ahead + history.quarter - 4 * (history.quarter == 4), 4)
    assert rest == 0, "a yearly row has figures at year's ends only"
    return (
        fc.known(float(ends[-1]), history.scale) if years == 0 else _walk(history.scale, ends, years, rules)
    )


def year_mean(history: History, years: int, rules: Outlook) -> Forecast | None:
    """Return the predictive distribution of the mean of a year's quarters; None with too few points.

    Parameters
    ----------
    history : of a survey rate, this year's quarters all known
    years : 0 for this year, before its fourth quarter
    rules : the rules of outlooks

    Notes
    -----
    The mean of what is to come walks on the logit scale as the mean of its logits does (delta method); known quarters
    count as they are.
    """
    scale, quarter = history.scale, history.quarter
    steps = _steps(scale, history.value, rules)
    if not fc.enough(steps, rules):
        return None
    to_come, fixed = (4 - quarter, history.value[-quarter:].sum()) if years == 0 else (4, 0.0)
    after = 0 if years == 0 else 4 * years - quarter
    mixture = fc.walk(float(scale.forward(history.now)), steps, fc.mean_ahead(to_come, after), rules)

    whole_year = mean_scale(scale, fixed, to_come)
    return Forecast(fc.walk_name(steps, rules), steps.number + 1, mixture, whole_year)


def mean_scale(scale: Scale, fixed: float, to_come: int) -> Scale:
    """Return the scale of a year's mean, the working scale being that of the mean of the quarters to come.

    Parameters
    ----------
    scale : of a quarter
    fixed : sum of the quarters known [the row's unit]; ``to_come`` : how many are not [count]
    """

    def rest(x: ArrayLike) -> Floats:
        return (4 * np.asarray(x, float) - fixed) / to_come

    return Scale(
        forward=lambda x: scale.forward(rest(x)),
        back=lambda z: (fixed + to_come * scale.back(z)) / 4,
        edge=lambda operator, bound: scale.edge(operator, float(rest(bound))),
        grain=scale.grain,
    )


def _rate_of_cases(history: History, ahead: int, rules: Outlook) -> Forecast | None:
    """Return a rate since January: by the steps of its year, and by year-on-year changes beyond it."""
    now, (years, then) = history.quarter, _place(history, ahead)
    n, d = _cases(history)
    z = years_of(logit(n, d), now)
    scale = rate_scale(
        _cases_then(years_of(d, now), now, then), counted=not math.isnan(history.denominator[-1])
    )
    steps = fc.year_steps(z[:-1] if now < 4 else z, rules, fc.ROUNDING * scale.grain(history.now))
    last = (float(z[-1, now - 1]), 0.0)
    points = int((~np.isnan(z)).sum())
    if years == 0:
        if not _seen(steps, now, then):
            return None
        location, variance = fc.later_in_year(last[0], now, then, steps)
        mixture = Mixture.of([location], [math.sqrt(variance)], [steps.freedom])
        return Forecast("seasonal_steps", points, mixture, scale)
    if not _seen(steps, now, 4) or not _seen(steps, then, 4):
        return None
    location, variance = fc.later_in_year(last[0], now, 4, steps)
    annual = _year_on_year(z, now, rules, fc.ROUNDING * scale.grain(history.now))
    if not fc.enough(annual, rules):
        return None
    back, more = fc.later_in_year(location, 4, then, steps)
    mixture = fc.walk(back, annual, fc.steps_ahead(years), rules, already=variance + more)
    freedom = np.minimum(mixture.freedom, steps.freedom if variance + more else np.inf)
    return Forecast(
        "year_on_year",
        annual.number + 1,
        Mixture(mixture.location, mixture.scale, freedom, mixture.weight),
        scale,
    )


def _cases(history: History) -> tuple[Floats, Floats]:
    """Return numerators and denominators; of a rate without them, those of its resolution."""
    whole = 100 * 10.0**history.decimals
    counted = ~np.isnan(history.numerator) & ~np.isnan(history.denominator)
    d = np.where(counted, history.denominator, whole)
    return np.where(counted, history.numerator, history.value / 100 * whole), np.where(
        np.isnan(history.value), np.nan, d
    )


def _cases_then(d: Floats, now: int, then: int) -> float:
    """Return how many cases a later quarter's rate will be of, as they grew within earlier years: a whole number."""
    growth = d[:-1, then - 1] / d[:-1, now - 1] if len(d) > 1 else np.array([])
    known = growth[~np.isnan(growth)]
    return float(max(np.round(d[-1, now - 1] * (np.median(known) if len(known) else 1.0)), 1.0))


def _seen(steps: fc.YearSteps, first: int, last: int) -> bool:
    """Return whether every step between two quarters was seen in two years or more."""
    first, last = sorted((first, last))
    return bool((steps.years[first - 1 : last - 1] >= 2).all())


def _year_on_year(z: Floats, now: int, rules: Outlook, least: float) -> Steps:
    """Return the changes from year's end to year's end, the last one from this quarter to the same of last year."""
    changes = np.diff(z[:, 3])
    if now < 4 and len(z) > 1:
        changes[-1] = z[-1, now - 1] - z[-2, now - 1]
    return fc.steps_of(changes, rules.window, least)
