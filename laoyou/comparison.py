"""Four published methods beside our own answers on each indicator, and why one says something else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from math import nan
from typing import Any, NamedTuple

from laoyou.control_chart import xmr_limits
from laoyou.methods import interval_status, open_sdg_progress, spc_assurance
from laoyou.plan import COUNTS, Indicator
from laoyou.process import process, process_target
from laoyou.targets import Operator
from laoyou.view import View

METHODS = ("open_sdg", "dns", "infobase", "nhs")
GOOD, OPEN, BAD = 1, 0, -1
LIGHT_STANCES = {"green": GOOD, "watch": OPEN, "yellow": BAD, "red": BAD}
VERDICT_STANCES = {"met": GOOD, "pending": OPEN, "not_met": BAD}
STANCES: Mapping[str, Mapping[str, int]] = {
    "open_sdg": {
        "target_achieved": GOOD, "substantial_progress": GOOD, "moderate_progress": OPEN,
        "limited_progress": BAD, "deterioration": BAD,
    },
    "dns": {"sun": GOOD, "partly_cloudy": OPEN, "cloud": BAD, "thunderstorm": BAD},
    "infobase": {"met": GOOD, "future": OPEN, "not_met": BAD},
    "nhs": {"consistent_pass": GOOD, "inconsistent": OPEN, "consistent_fail": BAD},
}  # fmt: skip
"""What each status amounts to, so that it can be held against ours: good, open or bad."""


class Judgement(NamedTuple):
    """What one method says of one indicator.

    Parameters
    ----------
    status : as the method names it; empty where it does not apply
    reason : why it does not apply, or why it says something else than we do; empty where it agrees, or where
        we say nothing
    numbers : what it was reached from, by name
    """

    status: str
    reason: str
    numbers: Mapping[str, float]

    @property
    def differs(self) -> bool:
        """Whether it says something else than we do."""
        return bool(self.status and self.reason)


def compare(view: View) -> dict[str, dict[str, Judgement]]:
    """Judge every indicator of a page by each of the four methods.

    Parameters
    ----------
    view : the page

    Returns
    -------
    By indicator and method. Progress (Open SDG, the German symbol, the control chart) is held against our light, the
    target range of InfoBase against our verdict on the year.
    """
    closed = _last_full_year(view)
    return {
        id: {
            "open_sdg": _open_sdg(view, indicator, view.score(id), closed),
            "dns": _dns(view, indicator, view.score(id), closed),
            "infobase": _infobase(view, view.score(id)),
            "nhs": _nhs(view, indicator, view.score(id)),
        }
        for id, indicator in view.plan.indicators.items()
    }


def _against(
    method: str, status: str, ours: int | None, reason: str, numbers: Mapping[str, float]
) -> Judgement:
    """Return a judgement, with the reason only where it differs from ours."""
    return Judgement(status, reason if ours not in (None, STANCES[method][status]) else "", numbers)


def _light(row: Any) -> int | None:
    return LIGHT_STANCES.get(row.light)


def _unusable(indicator: Indicator, year: int) -> str:
    """Return why a year's target is no number in the row's unit."""
    if not indicator.same_unit(year):
        return "unit_differs"
    return "milestone" if indicator.targets[year].operator is Operator.MILESTONE else "no_numeric_target"


# Open SDG: growth since the baseline, against the growth that the plan's last target needs


def _last_full_year(view: View) -> View | None:
    """Return the view of the last year that is over; None before the plan's first."""
    end = view.quarter - int(view.quarter.quarter) % 4
    return replace(view, quarter=end) if end.year in view.plan.years else None


def _open_sdg(view: View, indicator: Indicator, row: Any, then: View | None) -> Judgement:
    plan, base, last = view.plan, indicator.baseline.target, view.plan.last_year
    target = indicator.numeric_target(last)
    value = float(then.score(indicator.id).judged) if then else nan
    broken = [p.quarter.year for p in view.points(indicator.id) if p.series_break]
    usable = base.value is not None and (not base.full_coverage or indicator.unit == "%")
    not_applicable = {
        _unusable(indicator, last): math.isnan(target),
        "baseline_suspect": base.suspect,
        "baseline_missing": not usable,
        "no_full_year": then is None,
        "no_figure": math.isnan(value),
        "series_break": then is not None and any(plan.baseline_year < year <= then.year for year in broken),
    }
    for reason, holds in not_applicable.items():
        if holds:
            return Judgement("", reason, {})
    assert then is not None
    assert base.value is not None
    found = open_sdg_progress(
        base_year=plan.baseline_year, base_value=base.value, current_year=then.year, current_value=value,
        target=target, target_year=last, direction="up" if indicator.direction > 0 else "down",
    )  # fmt: skip
    numbers = {
        "year": then.year,
        "value": value,
        "base": base.value,
        "target": target,
        "share": float(found.value),
    }
    status = str(found.status)
    if status == "not_available":
        return Judgement("", "growth_undefined", numbers)
    ours = _light(row)
    slower = ours is not None and STANCES["open_sdg"][status] < ours
    reason = {"target_achieved": "last_target_reached", "deterioration": "moved_the_wrong_way"}.get(
        status, "moved_too_slowly" if slower else "moved_fast_enough"
    )
    return _against("open_sdg", status, ours, reason, numbers)


# The German symbol: the last changes carried on


def _dns(view: View, indicator: Indicator, row: Any, then: View | None) -> Judgement:
    if not isinstance(row.weather, str):
        return Judgement("", _no_symbol(indicator, row, view, then), {})
    x, target = _dns_target(view, indicator, row)
    reached = round(indicator.direction * (x - target), 9) >= 0
    moves = indicator.kind not in COUNTS and len({c.value for c in indicator.targets.values()}) > 1
    numbers = {"change": float(row.change), "value": x, "target": target}
    ours, symbol = _light(row), row.weather
    cumulative = indicator.kind == "cumulative_count"
    few = ours == OPEN and str(row.light_reason).startswith("rate_with_interval")
    reason = {
        (True, "sun"): "few_cases" if few else "own_year_alone" if cumulative else "reached_and_holding",
        (True, "partly_cloudy"): "reached_but_worsening",
        (False, "sun"): "carried_on_reaches",
        (False, "thunderstorm"): "carried_on_wrong_way",
    }.get((reached, symbol), "carried_on_falls_short" if moves else "missed_but_improving")
    return _against("dns", symbol, ours, reason, numbers)


def _no_symbol(indicator: Indicator, row: Any, view: View, then: View | None) -> str:
    if math.isnan(row.target):
        return _unusable(indicator, view.year)
    if row.light == "annual_only" and then and not math.isnan(then.score(indicator.id).judged):
        return "too_few_points"  # of year-ends: this year's is not due yet
    return (
        str(row.momentum_reason)
        if row.momentum_reason != "computed"
        else _unusable(indicator, view.plan.last_year)
    )


def _dns_target(view: View, indicator: Indicator, row: Any) -> tuple[float, float]:
    """Return the figure that the symbol is about and what it is held against [the row's unit]."""
    if indicator.kind == "annual_count":
        return float(row.judged), float(row.target * row.expected_share)
    if indicator.kind == "cumulative_count":
        return float(row.increment), float(row.increment_target * row.expected_share)
    return float(row.value), indicator.numeric_target(view.plan.last_year)


# InfoBase: a range, asked for once it is due


def _infobase(view: View, row: Any) -> Judgement:
    up = view.plan.indicators[row.indicator].direction
    about = row.operator == Operator.ABOUT
    bound = row.target * (1 - up * view.rules.attainment.about_tolerance if about else 1)
    ends = {"minimum" if up > 0 else "maximum": bound}
    due, today = f"{view.year}-12-31", str(view.quarter.end_time.date())
    status = str(interval_status(row.judged, due=due, as_of=today, **ends))
    numbers = {"bound": float(bound)}
    if status == "not_available":
        return Judgement("", row.compliance_reason, numbers)
    reason = "not_due" if status == "future" else "bound_counts_as_met"
    return _against("infobase", status, VERDICT_STANCES.get(row.compliance), reason, numbers)


# The NHS chart: whether the target lies beyond what the process does by itself


def _nhs(view: View, indicator: Indicator, row: Any) -> Judgement:
    target = process_target(indicator, view.year)
    values, reason = process(view, indicator)
    if math.isnan(row.target):
        reason = _unusable(indicator, view.year)
    limits = xmr_limits(values)
    numbers = {
        "points": limits.points,
        "lower": limits.lower,
        "mean": limits.mean,
        "upper": limits.upper,
        "target": target,
    }
    if not reason and limits.points < view.rules.control_chart.at_least:
        reason = "few_points"
    if reason:
        return Judgement("", reason, numbers)
    way = "up" if indicator.direction > 0 else "down"
    status = str(spc_assurance(limits.lower, limits.mean, limits.upper, target=target, direction=way))
    why = {
        "inconsistent": "within_limits",
        "consistent_pass": "always_beyond",
        "consistent_fail": "never_reached",
    }
    return _against("nhs", status, _light(row), why[status], numbers)
