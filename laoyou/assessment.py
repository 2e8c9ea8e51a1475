"""The verdict on each region's indicators in a quarter: separate answers, never folded into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from laoyou import attainment as at
from laoyou.attainment import Flags, Floats, Words, first_case
from laoyou.goals import Goals, read_goals
from laoyou.intervals import poisson_band, wilson_interval
from laoyou.methods import weather_symbol
from laoyou.momentum import average_change, before_break_removed, momentum
from laoyou.panel import NOWHERE, Figures, Panel, build_panel, read_figures
from laoyou.periods import parse_quarter
from laoyou.plan import Plan
from laoyou.rules import Rules, load_rules
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
    - ``target_text, operator, target, previous_target, baseline`` [the row's unit], ``expected_share`` [1]
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
    chosen = [plan.region] if regions is None else [regions] if isinstance(regions, str) else list(regions)
    rules = rules or load_rules()
    panel = build_panel(plan, observations, now, chosen)
    goals = read_goals(plan, now, rules)
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
    points, cut, per_year = _comparable_points(panel, goals, rules)
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
        "gap": gap,
        "light": _light(x, met, gap, low, high, goals, rules),
        "interval_low": low,
        "interval_high": high,
        "band_low": band_low,
        "band_high": band_high,
        "change": change,
        "momentum": momentum(change, target, direction, rules.momentum.steady_share),
        "weather": _weather(points, change, per_year, plan, goals, panel.quarters[-1]),
        **_increment(panel, goals, x),
    }
    answers |= _reasons(answers, goals, figures, met, cut)
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
    x: Floats, met: Flags, gap: Floats, low: Floats, high: Floats, goals: Goals, rules: Rules
) -> Words:
    """Return the lights, each by the comparison that its row asks for."""

    def end_met(bound: Floats) -> Flags:
        tolerance = rules.attainment.about_tolerance
        there = at.meets(bound, goals.operator, goals.target, tolerance, goals.direction)
        return np.where(np.isnan(bound), met, there)

    higher = goals.direction > 0
    worst, best = np.where(higher, low, high), np.where(higher, high, low)
    # No interval lies wholly at the end of the scale, so a target of 100 % is met by the rate itself.
    worst = np.where(higher & (goals.target >= FULL_COVERAGE), np.nan, worst)
    scheduled = at.pace_light(gap, np.broadcast_to(goals.strict, x.shape), rules.pace)
    by_rule = {
        "schedule": scheduled,
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


def _this_year_only(panel: Panel, goals: Goals) -> Floats:
    """Return the panel's figures with cumulative counts turned into counts since 1 January.

    NaN where the count at last year's end is unknown or stands on another basis.
    """
    values, basis = panel.value, np.cumsum(panel.breaks, axis=-1)
    before = np.arange(values.shape[-1]) - panel.quarters.quarter.to_numpy()
    year_end = np.maximum(before, 0)
    same = (before >= 0) & (basis == basis[..., year_end])
    began = panel.quarters.year.to_numpy() == goals.counted_since[:, None]
    start = np.where(began, 0.0, np.where(same, values[..., year_end], np.nan))
    cumulative = (goals.kind == "cumulative_count")[:, None]
    return np.where(cumulative, values - start, values)


def _increment(panel: Panel, goals: Goals, x: Floats) -> dict[str, Floats]:
    """Return a cumulative count's own year and what the plan asks of it."""
    cumulative = goals.kind == "cumulative_count"
    own_year = _this_year_only(panel, goals)[..., -1]
    return {
        "increment": np.where(cumulative & ~np.isnan(x), own_year, np.nan),
        "increment_target": np.where(cumulative, goals.target - goals.previous_target, np.nan),
    }


def _comparable_points(panel: Panel, goals: Goals, rules: Rules) -> tuple[Floats, Flags, Floats]:
    """Return the last comparable points (region × indicator × window), where a break cut some off, and how many make a year.

    Seasonal kinds (case rates and counts) compare with the same quarter of earlier years, stocks and survey
    rates with the quarters before; a row confirmed once a year compares its year-ends.
    """
    figures = _this_year_only(panel, goals)
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


def _weather(
    points: Floats, change: Floats, per_year: Floats, plan: Plan, goals: Goals, now: pd.Period
) -> Words:
    """Return the German weather symbols: against the plan's last target where targets move, else the year's.

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


def _reasons(
    answers: dict[str, Floats | Words], goals: Goals, figures: Figures, met: Flags, cut: Flags
) -> dict[str, Words]:
    """Return the reason code of each answer; ``narrative`` turns them into sentences."""
    shape = met.shape
    unknown = np.isnan(figures.judged)
    no_number = np.broadcast_to(~goals.numeric, shape)
    differs = np.broadcast_to(goals.unit_differs, shape)
    unusable = [
        (differs, "unit_differs"),
        (np.broadcast_to(goals.operator == "milestone", shape), "milestone"),
        (no_number, "no_numeric_target"),
        (figures.incomplete, "incomplete_year"),
        (unknown, "no_figure"),
    ]
    compliance, light = answers["compliance"], answers["light"]
    pending = [(compliance == "pending", "year_not_over")]
    verdict = [(met & (not goals.closed), "passed_early"), (met, "meets_target")]
    lower = np.broadcast_to(goals.direction < 0, shape)
    target_is_zero = np.broadcast_to(goals.target == 0, shape)
    baseline = [
        (np.broadcast_to(goals.baseline_suspect, shape), "baseline_suspect"),
        (np.broadcast_to(np.isnan(goals.baseline), shape), "baseline_missing"),
        (np.broadcast_to((goals.kind == "annual_count") & (not goals.closed), shape), "year_not_over"),
        (np.isnan(np.broadcast_to(answers["progress"], shape).astype(float)), "target_not_better"),
    ]
    interval = np.broadcast_to(~np.isnan(answers["interval_low"].astype(float)), shape)
    rule = np.broadcast_to(goals.rule, shape)
    lights = [
        (light == "annual_only", "annual_only"),
        *unusable,
        ((rule == "path_unknown") & met, "meets_target_already"),
        (rule == "path_unknown", "previous_target_unknown"),
        (light == "no_data", "target_zero"),
        *[((rule == r), f"{r}_") for r in ("schedule", "path", "level")],
        (interval, "rate_with_interval_"),
    ]
    code = first_case(lights, "rate_")
    code = np.where(
        [str(c).endswith("_") for c in code.ravel()], code.ravel() + light.ravel(), code.ravel()
    ).reshape(shape)
    too_few = np.isnan(answers["change"].astype(float))
    return {
        "compliance_reason": first_case([*unusable[:3], *pending, *unusable[3:], *verdict], "misses_target"),
        "attainment_reason": first_case(
            [*unusable, (lower, "lower_is_better"), (target_is_zero, "target_zero")], "computed"
        ),
        "progress_reason": first_case([*unusable, *baseline], "computed"),
        "light_reason": code,
        "momentum_reason": first_case(
            [
                (too_few & cut, "series_break"),
                (too_few & unknown, "no_figure"),
                (too_few, "too_few_points"),
                (no_number, "no_numeric_target"),
            ],
            "computed",
        ),
    }
