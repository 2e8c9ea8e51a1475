"""Which points of a series can be compared, and how the series has moved over them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from laoyou.attainment import Flags, Floats, Words
from laoyou.goals import Goals
from laoyou.methods import weather_symbol
from laoyou.momentum import before_break_removed
from laoyou.panel import Panel
from laoyou.plan import Plan
from laoyou.rules import Rules


def this_year_only(panel: Panel, goals: Goals) -> Floats:
    """Return the panel's figures with cumulative counts turned into counts since 1 January.

    Parameters
    ----------
    panel, goals : figures and targets

    Returns
    -------
    Region × indicator × quarter; NaN where the count at last year's end is unknown or stands on another basis.
    """
    values, basis = panel.value, np.cumsum(panel.breaks, axis=-1)
    before = np.arange(values.shape[-1]) - panel.quarters.quarter.to_numpy()
    year_end = np.maximum(before, 0)
    same = (before >= 0) & (basis == basis[..., year_end])
    began = panel.quarters.year.to_numpy() == goals.counted_since[:, None]
    start = np.where(began, 0.0, np.where(same, values[..., year_end], np.nan))
    cumulative = (goals.kind == "cumulative_count")[:, None]
    return np.where(cumulative, values - start, values)


def increments(panel: Panel, goals: Goals, x: Floats) -> dict[str, Floats]:
    """Return a cumulative count's own year, ``increment``, and what the plan asks of it, ``increment_target``.

    Parameters
    ----------
    panel, goals : figures and targets
    x : the figures judged (region × indicator); where one is missing, so is its increment
    """
    cumulative = goals.kind == "cumulative_count"
    own_year = this_year_only(panel, goals)[..., -1]
    return {
        "increment": np.where(cumulative & ~np.isnan(x), own_year, np.nan),
        "increment_target": np.where(cumulative, goals.target - goals.previous_target, np.nan),
    }


def comparable_points(panel: Panel, goals: Goals, rules: Rules) -> tuple[Floats, Flags, Floats]:
    """Return the last comparable points (region × indicator × window), where a break cut some off, and how many make a year.

    Parameters
    ----------
    panel, goals, rules : figures, targets and the window

    Notes
    -----
    Seasonal kinds (case rates and counts) compare with the same quarter of earlier years, stocks and survey
    rates with the quarters before; a row confirmed once a year compares its year-ends.
    """
    figures = this_year_only(panel, goals)
    window, last = rules.momentum.window, figures.shape[-1] - 1
    year_end = last if goals.closed else last - int(panel.quarters[-1].quarter)
    seasonal = np.isin(goals.kind, ["case_rate", "annual_count", "cumulative_count"])

    def picked(values: Floats) -> Floats:
        def back(end: int, step: int) -> Floats:
            index = end - step * np.arange(window - 1, -1, -1)
            return np.where(index >= 0, values[..., np.maximum(index, 0)], np.nan)

        return np.where(
            goals.yearly[:, None],
            back(year_end, 4),
            np.where(seasonal[:, None], back(last, 4), back(last, 1)),
        )

    points = picked(before_break_removed(figures, panel.breaks))
    comparable = picked(before_break_removed(panel.value, panel.breaks))
    cut = np.asarray((np.isnan(comparable) & ~np.isnan(picked(panel.value))).any(axis=-1), bool)
    return points, cut, np.where(seasonal | goals.yearly, 1.0, 4.0).astype(float)


def weather(
    points: Floats, change: Floats, per_year: Floats, plan: Plan, goals: Goals, now: pd.Period
) -> Words:
    """Return the German weather symbols: against the plan's last target where targets move, else the year's.

    Parameters
    ----------
    points, change, per_year : as ``comparable_points`` and ``average_change`` return them
    plan, goals, now : the targets and the quarter

    Notes
    -----
    A count since January is held against its share of the year; a cumulative one by its own year.
    """
    rows = list(plan.indicators.values())
    final = np.array([i.numeric_target(plan.last_year) for i in rows])
    own_year = {"annual_count": goals.target, "cumulative_count": goals.target - goals.previous_target}
    by_year = np.isin(goals.kind, list(own_year))
    target = np.select(
        [goals.kind == k for k in own_year], [t * goals.share for t in own_year.values()], final
    )
    moves = np.array([len({c.value for c in i.targets.values()}) > 1 for i in rows])
    years_left = plan.last_year - now.year + np.where(per_year == 4, (4 - now.quarter) / 4, 0.0)
    years_left = np.where(moves & ~by_year, np.maximum(years_left, 0.0), 0.0)
    symbols = weather_symbol(
        current=points[..., -1],
        average_change=change * per_year,
        last_change=(points[..., -1] - points[..., -2]) * per_year,
        target=np.broadcast_to(target, change.shape),
        years_left=np.broadcast_to(years_left, change.shape),
        direction=np.broadcast_to(np.where(goals.direction > 0, "up", "down"), change.shape),
    )
    return np.asarray(symbols, object)
