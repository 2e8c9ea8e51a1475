"""The verdict on each region's indicators in a quarter: separate answers, never folded into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from laoyou import attainment as at
from laoyou.attainment import Flags, Floats, Words, first_case
from laoyou.comparable import comparable_points, increments, weather
from laoyou.goals import Goals, read_goals
from laoyou.intervals import poisson_band, wilson_interval
from laoyou.momentum import average_change, momentum
from laoyou.panel import NOWHERE, Figures, Panel, build_panel, read_figures
from laoyou.periods import parse_quarter
from laoyou.plan import Plan
from laoyou.reasons import reason_codes
from laoyou.rules import Rules, load_rules
from laoyou.seasonal import with_own_profiles
from laoyou.targets import FULL_COVERAGE

CARRIED = (
    "status",
    "missing",
    "reported_on",
    "measured_at",
    "source",
    "note",
    "numerator",
    "denominator",
    "revision",
)


def assess(
    plan: Plan,
    observations: pd.DataFrame,
    quarter: str | pd.Period,
    *,
    regions: str | Sequence[str] | None = None,
    rules: Rules | None = None,
) -> pd.DataFrame:
    """Judge every indicator of the plan in one quarter.

    Parameters
    ----------
    plan : the plan
    observations : as ``load_observations`` returns them
    quarter : such as ``"2026Q3"``
    regions : one or several region codes; the plan's own region if not given
    rules : the rules in force; the workspace's own if not given

    Returns
    -------
    One row per region × indicator, in the plan's order:

    - ``region, indicator, row, kind, unit, quarter`` : what the row is about
    - ``value`` : the quarter's figure; ``judged`` : the figure that the year is judged on (the mean of the
      year so far for a survey rate, else the same) [both the row's unit]; ``quarters_known`` [count];
      ``value_quarter`` : the quarter the figure was reported for
    - ``status, missing, reported_on, measured_at, source, note, numerator, denominator, revision`` : of the figure
    - ``target_text, operator, target, previous_target, baseline`` [the row's unit]
    - ``expected_share`` of the year [1]; ``profile`` : whose, ``plan``, ``own`` or ``even``; ``profile_weight`` [1] and
      ``profile_years`` [count] : how far it is the row's own, and from how many years
    - ``compliance, attainment [1], margin [the row's unit], progress [1]``, each with a ``…_reason``
    - ``increment, increment_target`` : a cumulative count's own year [the row's unit]
    - ``expected`` : the count or level due by now [the row's unit]
    - ``gap`` [percentage points, or percent of the target for a level], ``light, light_reason``
    - ``interval_low, interval_high`` : Wilson interval of a case rate [%]
    - ``band_low, band_high`` : Poisson band of a small count on schedule [count]
    - ``change`` [the row's unit per period], ``momentum, momentum_reason``, ``weather`` : the German symbol

    Raises
    ------
    ValueError
        If the quarter is none, or lies outside the plan.
    """
    now = parse_quarter(quarter) if isinstance(quarter, str) else quarter
    if now.year not in plan.years:
        raise ValueError(f"{now} 不在规划期 {plan.first_year}—{plan.last_year} 年内")
    asked = [plan.region] if regions is None else [regions] if isinstance(regions, str) else list(regions)
    chosen = list(dict.fromkeys(asked))
    rules = rules or load_rules()
    panel = build_panel(plan, observations, now, chosen)
    goals = with_own_profiles(read_goals(plan, now, rules), panel, rules.outlook)
    figures = read_figures(panel, plan, observations)
    columns = {
        "region": np.repeat(np.array(chosen, object), len(panel.indicators)),
        **{name: np.tile(values, len(chosen)) for name, values in _identity(plan, now).items()},
        **_carried(figures, observations),
        **{name: np.tile(values, len(chosen)) for name, values in goals.columns().items()},
        **{name: np.ravel(values) for name, values in _verdicts(panel, goals, figures, plan, rules).items()},
    }
    rows = pd.DataFrame(columns)
    rows["weather"] = rows["weather"].astype("str")  # one type, also where no row has a symbol
    return rows


def _identity(plan: Plan, now: pd.Period) -> dict[str, Words]:
    rows = list(plan.indicators.values())
    return {
        "indicator": np.array([i.id for i in rows], object),
        "row": np.array([i.row for i in rows], object),
        "kind": np.array([i.kind for i in rows], object),
        "unit": np.array([i.unit for i in rows], object),
        "quarter": np.array([str(now)] * len(rows), object),
    }


def _carried(figures: Figures, observations: pd.DataFrame) -> dict[str, object]:
    """Return the figure's own columns of the ledger, row by row."""
    position = figures.position.ravel()
    rows = observations.reset_index(drop=True).reindex(position)
    columns: dict[str, object] = {name: rows[name].to_numpy() for name in CARRIED}
    for name in ("status", "missing", "measured_at", "source", "note"):
        columns[name] = np.where(position == NOWHERE, "", rows[name].to_numpy(object))
    return columns


def _verdicts(
    panel: Panel, goals: Goals, figures: Figures, plan: Plan, rules: Rules
) -> dict[str, NDArray[Any]]:
    """Compute every answer, region × indicator."""
    x, target, direction = figures.judged, goals.target, goals.direction
    known = ~np.isnan(x)
    met = at.meets(x, goals.operator, target, rules.attainment.about_tolerance, direction)
    # A count only rises: once past a floor it stays there, below a ceiling it may not.
    settles = np.isin(goals.kind, ["annual_count", "cumulative_count"]) & (direction > 0)
    low, high = _interval(figures, goals, known, rules)
    gap, expected = _gap(x, goals)
    small = (goals.rule == "schedule") & (target < rules.counts.small_below)
    band_low, band_high = poisson_band(np.where(small, target * goals.share, np.nan), rules.counts.band_level)
    points, cut, per_year = comparable_points(panel, goals, rules)
    change = average_change(points, rules.momentum.at_least)
    mid_year_count = (goals.kind == "annual_count") & (not goals.closed)
    answers: dict[str, Floats | Words] = {
        "value": figures.value,
        "judged": x,
        "quarters_known": figures.quarters_known,
        "value_quarter": figures.value_quarter,
        "compliance": at.compliance(met, known, goals.numeric, goals.closed, settles),
        "attainment": np.where(direction > 0, at.attainment(x, target), np.nan),
        "margin": at.margin(x, target, direction),
        "progress": np.where(mid_year_count, np.nan, at.progress(x, goals.baseline, target, direction)),
        "expected": expected,
        "expected_share": goals.share,
        "profile": goals.profile,
        "profile_weight": goals.profile_weight,
        "profile_years": goals.profile_years,
        "gap": gap,
        "light": _light(x, met, gap, (low, high), (band_low, band_high), goals, rules),
        "interval_low": low,
        "interval_high": high,
        "band_low": band_low,
        "band_high": band_high,
        "change": change,
        "momentum": momentum(change, target, direction, rules.momentum.steady_share),
        "weather": weather(points, change, per_year, plan, goals, panel.quarters[-1]),
        **increments(panel, goals, x),
    }
    answers |= reason_codes(answers, goals, figures, met, cut)
    return {name: np.broadcast_to(values, x.shape) for name, values in answers.items()}


def _interval(figures: Figures, goals: Goals, known: Flags, rules: Rules) -> tuple[Floats, Floats]:
    """Return Wilson's interval of the case rates [%], NaN elsewhere."""
    case = (goals.kind == "case_rate") & known
    low, high = wilson_interval(figures.numerator, figures.denominator, rules.rate.interval_level)
    return np.where(case, 100 * low, np.nan), np.where(case, 100 * high, np.nan)


def _gap(x: Floats, goals: Goals) -> tuple[Floats, Floats]:
    """Return the distance that the light is read from, and what is due by now (NaN where nothing is)."""
    by_rule = {
        "schedule": goals.direction * at.pace_gap(x, goals.target, goals.share),
        "path": at.path_gap(x, goals.previous_target, goals.target, goals.share, goals.direction),
        "path_unknown": np.full(x.shape, np.nan),
        "level": at.level_gap(x, goals.target, goals.direction),
        "rate": at.margin(x, goals.target, goals.direction),
    }
    gap = np.select(
        [np.broadcast_to(goals.rule == rule, x.shape) for rule in by_rule], list(by_rule.values())
    )
    path = at.expected_level(goals.previous_target, goals.target, goals.share)
    due = np.select(
        [goals.rule == "schedule", goals.rule == "path"], [goals.target * goals.share, path], np.nan
    )
    return gap, due


def _light(
    x: Floats,
    met: Flags,
    gap: Floats,
    interval: tuple[Floats, Floats],
    band: tuple[Floats, Floats],
    goals: Goals,
    rules: Rules,
) -> Words:
    """Return the lights, each by the comparison that its row asks for."""
    low, high = interval

    def end_met(bound: Floats) -> Flags:
        tolerance = rules.attainment.about_tolerance
        there = at.meets(bound, goals.operator, goals.target, tolerance, goals.direction)
        return np.where(np.isnan(bound), met, there)

    higher = goals.direction > 0
    worst, best = np.where(higher, low, high), np.where(higher, high, low)
    # No interval lies wholly at the end of the scale, so a target of 100 % is met by the rate itself.
    worst = np.where(higher & (goals.target >= FULL_COVERAGE), np.nan, worst)
    scheduled = at.pace_light(gap, np.broadcast_to(goals.strict, x.shape), rules.pace)
    within = (
        (band[0] <= x) & (x <= band[1]) & (not goals.closed)
    )  # NaN, where there is no band, is not within
    by_rule = {
        "schedule": at.chance_light(scheduled, within),
        "path": scheduled,
        "path_unknown": np.where(met, "green", "no_data").astype(object),
        "level": at.level_light(met, gap, rules.pace),
        "rate": at.rate_light(met, gap, end_met(worst), end_met(best), rules.rate),
    }
    light = np.select(
        [np.broadcast_to(goals.rule == rule, x.shape) for rule in by_rule], list(by_rule.values())
    )
    return first_case(
        [
            (np.broadcast_to(goals.yearly & (not goals.closed), x.shape), "annual_only"),
            (np.isnan(x), "no_data"),
        ],
        light,
    )
