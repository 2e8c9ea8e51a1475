"""What is known of the commitments that stand only in the plan's text, and whether they are kept."""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd

from laoyou.attainment import meets
from laoyou.view import View


class Standing(NamedTuple):
    """How a commitment stands.

    Parameters
    ----------
    value : what is known [the commitment's unit]; NaN where nothing is
    state : ``kept``, ``pending`` (its year is not over), ``missed`` (it is over), or ``unknown``
    basis : where the value comes from: ``quarter``, ``year``, ``sum``; or why there is none: ``no_row`` (nothing in the
        ledger), ``other_scope`` (the text means some of the indicator's groups), ``no_figure``, ``lacking_years``
    period : the quarter of the last figure; None where there is none
    lacking : the years without a figure, of ``lacking_years``
    """

    value: float
    state: str
    basis: str
    period: pd.Period | None = None
    lacking: tuple[int, ...] = ()


def standing(view: View, id: str) -> Standing:
    """Return how a commitment stands in a quarter.

    Parameters
    ----------
    view : the page
    id : a commitment
    """
    found, commitment = _known(view, id), view.plan.commitments[id]
    target, tolerance = commitment.target, view.rules.attainment.about_tolerance
    goal = math.nan if target.value is None else target.value
    due = (view.year, view.quarter.quarter) >= (commitment.year, 4)
    cases = (
        (math.isnan(found.value), "unknown"),
        (bool(meets(found.value, target.operator, goal, tolerance)), "kept"),
        (due, "missed"),
    )
    return found._replace(state=next((word for holds, word in cases if holds), "pending"))


def is_due(view: View, id: str) -> bool:
    """Return whether the year of a commitment is over by the end of the quarter."""
    return (view.year, view.quarter.quarter) >= (view.plan.commitments[id].year, 4)


def _known(view: View, id: str) -> Standing:
    commitment = view.plan.commitments[id]
    if commitment.indicator is None:
        known = [point for point in view.points(id) if point.known]
        yearly = view.yearly(id, view.region.code)
        if known:
            return Standing(known[-1].value, "", "quarter", known[-1].quarter)
        if yearly:
            last_year = max(yearly)
            return Standing(yearly[last_year], "", "year", pd.Period(year=last_year, quarter=4, freq="Q-DEC"))
        return Standing(math.nan, "", "no_row")
    if commitment.covers:
        return Standing(math.nan, "", "other_scope")
    points = [
        p for p in view.points(commitment.indicator) if p.known and p.quarter.year >= view.plan.first_year
    ]
    if commitment.measure == "level" or not points:
        if not points:
            return Standing(math.nan, "", "no_figure")
        return Standing(points[-1].value, "", "quarter", points[-1].quarter)
    year_ends = {point.quarter.year: point for point in points}
    lacking = tuple(
        year
        for year in range(view.plan.first_year, view.year)
        if year not in year_ends or year_ends[year].quarter.quarter < 4
    )
    if lacking:
        return Standing(math.nan, "", "lacking_years", lacking=lacking)
    return Standing(sum(p.value for p in year_ends.values()), "", "sum", points[-1].quarter)
