"""A row's figures quarter by quarter, each by itself, as a control chart reads them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from math import nan
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from laoyou.plan import COUNTS, Indicator
from laoyou.view import View


def process_target(indicator: Indicator, year: int) -> float:
    """Return what a single quarter of a year is held against on a chart [the row's unit]: a quarter of a count's task."""
    if indicator.kind == "cumulative_count":
        before = indicator.targets.get(year - 1)
        base = indicator.baseline.target
        start = (
            indicator.numeric_target(year - 1)
            if before
            else nan
            if base.suspect or base.value is None
            else base.value
        )
        return (indicator.numeric_target(year) - start) / 4
    return indicator.numeric_target(year) / (4 if indicator.kind == "annual_count" else 1)


def process(view: View, indicator: Indicator) -> tuple[NDArray[np.float64], str]:
    """Return the figures that a chart of an indicator is drawn from, and why there can be none.

    Parameters
    ----------
    view : the page
    indicator : one of its plan's

    Returns
    -------
    One figure a quarter, oldest first, NaN where unknown [the row's unit]: a survey rate as it is, a count by what each
    quarter added. Only of the years with this year's task, and since the last break. The reason is empty,
    ``yearly``, ``holds_until_changed``, ``shares_cases`` (a rate of cases since January) or ``drifts`` (a stock whose
    target moves).
    """
    none = np.array([], float)
    if indicator.holds_until_changed:
        return none, "holds_until_changed"
    if indicator.frequency == "year":
        return none, "yearly"
    if indicator.kind == "case_rate":
        return none, "shares_cases"
    task = process_target(indicator, view.year)
    years = range(view.year, view.plan.first_year - 1, -1)
    same = list(takewhile(lambda year: round(process_target(indicator, year) - task, 9) == 0, years))
    drifts = len({c.value for c in indicator.targets.values()}) > 1
    if indicator.kind not in ("survey_rate", *COUNTS) and drifts:
        return none, "drifts"
    if not same:
        return none, ""
    points = {point.quarter: point for point in view.points(indicator.id)}
    breaks = [quarter for quarter, point in points.items() if point.series_break]
    first = max([pd.Period(year=same[-1], quarter=1, freq="Q-DEC"), *breaks])
    return np.array(
        [_quarter_alone(points, q, indicator, breaks) for q in pd.period_range(first, view.quarter)]
    ), ""


def _quarter_alone(points: Mapping[Any, Any], quarter: Any, indicator: Indicator, breaks: list[Any]) -> float:
    """Return what a quarter by itself comes to [the row's unit]; NaN where it cannot be told."""
    value = points[quarter].value if quarter in points else nan
    if indicator.kind not in COUNTS or (indicator.kind == "annual_count" and quarter.quarter == 1):
        return float(value)
    before = quarter - 1
    known = before in points and quarter not in breaks
    began = (
        indicator.kind == "cumulative_count"
        and indicator.cumulative_since == quarter.year
        and quarter.quarter == 1
    )
    return float(value - (points[before].value if known else 0.0 if began else nan))
