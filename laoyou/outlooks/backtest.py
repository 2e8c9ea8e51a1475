"""How good forecasts have been: made again from what was known then, and held against what came about.

Pure functions. ``benchmarks`` uses the scores on real series; ``own_record`` is the small record of a row's own history.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from laoyou.outlooks.forecasts import Forecast, known, mean_ahead
from laoyou.outlooks.histories import History, mean_scale
from laoyou.outlooks.outlook import Outset, chance_of, history, look_out, year_forecast
from laoyou.outlooks.predictive import Mixture
from laoyou.outlooks.scales import Scale, level_scale
from laoyou.periods import parse_quarter
from laoyou.plan import COUNTS, Indicator, Plan
from laoyou.rules import Rules, load_rules

Floats = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)  # of the integral over quantiles


def covered(low: ArrayLike, high: ArrayLike, value: ArrayLike) -> NDArray[np.bool_]:
    """Return whether figures lie within their intervals, the ends included."""
    figure = np.asarray(value, float)
    return np.asarray((np.asarray(low, float) <= figure) & (figure <= np.asarray(high, float)), bool)


def brier(chance: ArrayLike, met: ArrayLike) -> Floats:
    """Return the Brier score ``(p − o)²`` of each forecast [1]; less is better.

    Parameters
    ----------
    chance : probability of what was forecast [1]
    met : whether it came about

    Notes
    -----
    Brier, G. W. (1950), Mon. Weather Rev. 78, 1–3, in the half form for an event that happens or not.
    """
    return np.asarray((np.asarray(chance, float) - np.asarray(met, float)) ** 2, float)


def normal_crps(mean: ArrayLike, deviation: ArrayLike, value: ArrayLike) -> Floats:
    """Return the continuous ranked probability score of normal forecasts [the values' unit]; less is better.

    Notes
    -----
    ``σ·(z·(2Φ(z) − 1) + 2φ(z) − 1 ÷ √π)`` with ``z = (y − μ) ÷ σ``; Gneiting and Raftery (2007), equation 5.
    """
    sigma = np.asarray(deviation, float)
    z = (np.asarray(value, float) - np.asarray(mean, float)) / sigma
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return np.asarray(sigma * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / math.sqrt(math.pi)), float)


def quantile_crps(found: Forecast, scale: Scale, value: float) -> float:
    """Return the continuous ranked probability score of any forecast on a scale [the working scale].

    Parameters
    ----------
    found : the forecast
    scale : on which it is scored: on the row's own a heavy tail would make it infinite
    value : what came about [the row's unit]

    Notes
    -----
    ``2·∫ (1{y ≤ q_p} − p)·(q_p − y) dp`` over the quantiles, by Gauss–Legendre; Gneiting and Raftery (2007), section 4.2.
    """
    share = (_NODES + 1) / 2
    away = scale.forward(found.quantiles(share)) - scale.forward(value)
    return float((_WEIGHTS * ((away >= 0) - share) * away).sum())


def random_walk(points: ArrayLike, steps: float) -> tuple[float, float]:
    """Return the plain random walk that everything is compared with: its mean and its standard deviation.

    Parameters
    ----------
    points : equally spaced, oldest first, NaN where unknown [the working scale]
    steps : how far ahead [steps' variances]

    Notes
    -----
    Normal about the last point with the variance ``steps·Σ d² ÷ k``, as ``forecast::naive`` in R.
    """
    series = np.asarray(points, float)
    seen = np.diff(series)
    seen = seen[~np.isnan(seen)]
    last = float(series[-1]) if len(series) else math.nan
    return last, math.sqrt(steps * float((seen**2).mean())) if len(seen) else math.nan


def own_record(
    plan: Plan,
    observations: pd.DataFrame,
    quarter: str | pd.Period,
    *,
    region: str | None = None,
    rules: Rules | None = None,
    indicators: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Return how the outlooks of each row's own past quarters have turned out.

    Parameters
    ----------
    plan : the plan
    observations : as ``load_observations`` returns them
    quarter : the quarter of the report; only years that are over by then are held against their outlooks
    region : a region code; the plan's own if not given
    rules : the rules in force; the workspace's own if not given
    indicators : the rows asked for; all of the plan's if not given

    Returns
    -------
    One row per indicator asked for, in the plan's order: ``indicator``; ``cases`` : outlooks of a year's end made in its first three
    quarters (of a yearly row, a year before) [count]; ``coverage`` : share of ends inside the interval [1]; ``brier`` : of
    the probability that the year's target is met; ``crps`` [the working scale]; ``walk_coverage, walk_brier, walk_crps`` :
    the same of a plain random walk, of the quarters for levels and of year's ends for counts and rates since January.
    NaN where there was no outlook.

    Notes
    -----
    Figures are taken as known now: revisions since are in them, later quarters are not.
    """
    now = parse_quarter(quarter) if isinstance(quarter, str) else quarter
    rules, place = rules or load_rules(), region or plan.region
    asked = set(plan.indicators if indicators is None else indicators)
    rows = [(n, id) for n, id in enumerate(plan.indicators) if id in asked]
    scores: dict[str, list[Score]] = {id: [] for _, id in rows}
    for end in _ends(plan, now):
        later = look_out(plan, observations, end, [place], rules)
        for origin in (end - 3, end - 2, end - 1):
            then = look_out(plan, observations, origin, [place], rules)
            for n, id in rows:
                found = _scores(then, later, n, plan.indicators[id], int(end.year))
                scores[id] += [found] if found else []
    return pd.DataFrame([{"indicator": id, **_summary(found)} for id, found in scores.items()])


def _ends(plan: Plan, now: pd.Period) -> list[pd.Period]:
    """Return the last quarter of each year of the plan that is over."""
    ends = (pd.Period(year=year, quarter=4, freq="Q-DEC") for year in plan.years)
    return [end for end in ends if end <= now]


class Score(NamedTuple):
    """One outlook of a year's end held against its figure, and the plain random walk's beside it."""

    coverage: float
    brier: float
    crps: float
    walk_coverage: float
    walk_brier: float
    walk_crps: float


def _scores(then: Outset, later: Outset, row: int, indicator: Indicator, year: int) -> Score | None:
    """Return the scores of one outlook; None where there was none, or its year's figure is not known."""
    past, value = history(then, 0, row), float(later.figures.judged[0, row])
    found = year_forecast(then, 0, row, year)
    again = past.yearly and past.quarter > 1  # a yearly row's outlook is the same all year
    if isinstance(found, str) or math.isnan(value) or again or later.cut[0, row] != then.cut[0, row]:
        return None
    walk = plain_walk(past)
    if walk is None:
        return None
    met = chance_of(known(value, past.scale), indicator, year, then.rules)
    tail = (1 - then.rules.outlook.coverage) / 2
    both = []
    for each in (found, walk):
        low, high = each.quantiles([tail, 1 - tail])
        hit = float(covered(low, high, value))
        both += [
            hit,
            float(brier(chance_of(each, indicator, year, then.rules), met)),
            quantile_crps(each, walk.scale, value),
        ]
    return Score(*both)


def plain_walk(past: History) -> Forecast | None:
    """Return the plain random walk's forecast of the figure that this year is judged on; None where no change is known.

    Parameters
    ----------
    past : a row's history, its last figure known, before the year's end
    """
    to_come, scale = 4 - past.quarter, past.scale
    counted = past.kind in COUNTS
    if past.yearly or counted or past.kind == "case_rate":
        began = past.now - float(past.since_january[-1]) if counted and not past.yearly else 0.0
        figures = past.since_january if counted and not past.yearly else past.value
        scale = level_scale(0, began) if counted else scale
        points, steps, whole = scale.forward(figures[3::4] + began), 1.0, scale
    else:
        points = scale.forward(past.value)
        mean = past.kind == "survey_rate"
        steps = mean_ahead(to_come).variance if mean else float(to_come)
        whole = mean_scale(scale, float(past.value[-past.quarter :].sum()), to_come) if mean else scale
    last, deviation = random_walk(points, steps)
    if math.isnan(last + deviation) or deviation == 0:
        return None
    return Forecast("plain_walk", len(points), Mixture.of([last], [deviation], [np.inf]), whole)


def _summary(scores: list[Score]) -> dict[str, float]:
    """Return the means of some scores and how many there are; a chance that no target asks for is left out."""
    table = np.array(scores, float).reshape(-1, len(Score._fields))
    asked = ~np.isnan(table)
    mean = np.where(asked, table, 0.0).sum(axis=0) / np.where(asked.any(axis=0), asked.sum(axis=0), np.nan)
    return {"cases": float(len(table)), **dict(zip(Score._fields, mean.tolist(), strict=True))}
