"""The verdicts of docs/method.md row by row, in plain Python: what ``laoyou.assess`` is checked against and timed by.

Nothing of the library's maths is used. Reason codes and weather symbols are left out, so a comparison of times flatters the loop.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import pandas as pd

from laoyou.plan import Indicator, Plan
from laoyou.rules import Rules
from laoyou.targets import Operator, Target

NAN = math.nan
COUNTS = ("annual_count", "cumulative_count")
SEASONAL = ("case_rate", *COUNTS)
Verdict = dict[str, Any]


@dataclass
class Series:
    """One region's figures of an indicator, by quarter counted from the year 0; ``means`` by year."""

    quarters: dict[int, tuple[float, float, float, bool]] = field(default_factory=dict)
    ranks: dict[int, int] = field(default_factory=dict)
    means: dict[int, tuple[float, float, float]] = field(default_factory=dict)

    def value(self, n: int) -> float:
        """Return a quarter's figure; NaN where there is none."""
        return self.quarters[n][0] if n in self.quarters else NAN

    def broken_between(self, first: int, last: int) -> bool:
        """Return whether a new basis begins after one quarter and not after another."""
        return any(self.quarters[n][3] for n in range(first + 1, last + 1) if n in self.quarters)


def gathered(plan: Plan, observations: pd.DataFrame, *, by_series: bool) -> dict[tuple[str, str], Series]:
    """Return every series, one observation after the other: each a tuple, or as ``DataFrame.iterrows`` gives it, a Series."""
    found: dict[tuple[str, str], Series] = {}
    rows = (row for _, row in observations.iterrows()) if by_series else observations.itertuples(index=False)
    for row in rows:
        indicator = plan.indicators.get(row.indicator)
        if indicator is None or row.frequency == "month":
            continue
        series = found.setdefault((row.region, row.indicator), Series())
        yearly = row.frequency == "year"
        if yearly and indicator.kind == "survey_rate":
            series.means[row.year] = (row.value, row.numerator, row.denominator)
            continue
        n = row.year * 4 + (4 if yearly else row.quarter) - 1
        rank = 2 * (not math.isnan(row.value)) + (
            not yearly
        )  # a figure before a gap, a quarter before its year
        if rank >= series.ranks.get(n, 0):
            series.ranks[n] = rank
            series.quarters[n] = (row.value, row.numerator, row.denominator, row.series_break != "")
    return found


def judge_all(
    plan: Plan,
    observations: pd.DataFrame,
    year: int,
    quarter: int,
    regions: Sequence[str],
    rules: Rules,
    *,
    by_series: bool = False,
) -> list[Verdict]:
    """Return a verdict for each region and indicator, in the order of both; ``by_series`` as for ``gathered``."""
    series = gathered(plan, observations, by_series=by_series)
    return [
        judge(plan, indicator, region, series, year, quarter, rules)
        for region in regions
        for indicator in plan.indicators.values()
    ]


def judge(
    plan: Plan,
    indicator: Indicator,
    region: str,
    every: Mapping[tuple[str, str], Series],
    year: int,
    quarter: int,
    rules: Rules,
) -> Verdict:
    """Return one verdict."""
    now, closed, kind, good = year * 4 + quarter - 1, quarter == 4, indicator.kind, float(indicator.direction)
    series = every.get((indicator.set_by or region, indicator.id), Series())
    if indicator.holds_until_changed:
        series = _held(series, now)
    target = indicator.numeric_target(year)
    cell = indicator.baseline.target if year == plan.first_year else indicator.targets[year - 1]
    before, base = _number(indicator, cell), _number(indicator, indicator.baseline.target)
    operator, yearly = indicator.targets[year].operator, indicator.frequency == "year"

    value, top, bottom, _ = series.quarters.get(now, (NAN, NAN, NAN, False))
    x = value
    if kind == "survey_rate":
        x, top, bottom = _year_so_far(series, year, quarter, value, top, bottom)
    known = not math.isnan(x)
    met = known and _meets(x, operator, target, rules.attainment.about_tolerance, good)
    share = _share(indicator, series, year, quarter, rules)
    rule = _rule(kind, operator, target, before, closed)
    margin = _rounded(good * (x - target))
    due = before + share * (target - before)
    gap, expected = NAN, NAN
    if rule == "schedule":
        gap, expected = good * _rounded(100 * (_over(x, target) - share)), target * share
    elif rule == "path":
        gap = _rounded(_over(100 * good * _rounded(x - due), abs(target - before)))
        expected = due
    elif rule == "level":
        gap = _rounded(_over(100 * margin, abs(target)))
    elif rule == "rate":
        gap = margin
    low, high = (
        _wilson(top, bottom, rules.rate.interval_level) if kind == "case_rate" and known else (NAN, NAN)
    )
    small = rule == "schedule" and target < rules.counts.small_below
    band = _poisson(target * share, rules.counts.band_level) if small else (NAN, NAN)

    light = _light(rule, x, met, gap, (low, high), band, indicator, target, operator, closed, rules)
    if yearly and not closed:
        light = "annual_only"
    elif not known:
        light = "no_data"
    if math.isnan(target):
        compliance = "not_assessable"
    elif met and (closed or (kind in COUNTS and good > 0)):
        compliance = "met"
    elif not closed:
        compliance = "pending"
    else:
        compliance = "not_met" if known else "not_assessable"
    change = _change(indicator, series, now, quarter, rules)
    way = target - base
    own_year = _since_january(indicator, series, now)
    return {
        "value": value, "judged": x, "target": target, "previous_target": before, "baseline": base,
        "expected_share": share, "compliance": compliance,
        "attainment": _over(x, target) if good > 0 else NAN, "margin": margin,
        "progress": (x - base) / way if good * way > 0 and not (kind == "annual_count" and not closed) else NAN,
        "expected": expected, "gap": gap, "light": light,
        "interval_low": 100 * low, "interval_high": 100 * high, "band_low": band[0], "band_high": band[1],
        "change": change, "momentum": _momentum(change, target, good, rules.momentum.steady_share),
        "increment": own_year if kind == "cumulative_count" and known else NAN,
        "increment_target": target - before if kind == "cumulative_count" else NAN,
    }  # fmt: skip


def _rounded(x: float) -> float:
    return round(x, 9) if math.isfinite(x) else x


def _over(top: float, bottom: float) -> float:
    return NAN if bottom == 0 or math.isnan(bottom) else top / bottom


def _number(indicator: Indicator, cell: Target) -> float:
    another_unit = cell.full_coverage and indicator.unit != "%"
    return NAN if cell.suspect or another_unit or cell.value is None else cell.value


def _held(series: Series, now: int) -> Series:
    """Return a series that keeps its last figure until it is changed."""
    held, last = Series(means=series.means), None
    for n in range(min(series.quarters, default=now), now + 1):
        figure = series.quarters.get(n)
        if figure is not None and not math.isnan(figure[0]):
            last = figure
        if last is not None:
            held.quarters[n] = (*last[:3], figure[3] if figure is not None else False)
        elif figure is not None:
            held.quarters[n] = figure
    return held


def _year_so_far(
    series: Series, year: int, quarter: int, value: float, top: float, bottom: float
) -> tuple[float, float, float]:
    """Return what a survey rate's year is judged on, and the parts of the figure shown."""
    mean, mean_top, mean_bottom = series.means.get(year, (NAN, NAN, NAN)) if quarter == 4 else (NAN, NAN, NAN)
    if not math.isnan(mean):
        return (mean, mean_top, mean_bottom) if math.isnan(value) else (mean, top, bottom)
    so_far = [v for n in range(year * 4, year * 4 + quarter) if not math.isnan(v := series.value(n))]
    if math.isnan(value) or (quarter == 4 and len(so_far) < 4):
        return NAN, top, bottom
    return sum(so_far) / len(so_far), top, bottom


def _meets(x: float, operator: str, target: float, tolerance: float, good: float) -> bool:
    x, nearest, goal = _rounded(x), _rounded(target * (1 - good * tolerance)), _rounded(target)
    if operator == Operator.GE:
        return x >= goal
    if operator == Operator.LE:
        return x <= goal
    if operator == Operator.GT:
        return x > goal
    if operator == Operator.LT:
        return x < goal
    return operator == Operator.ABOUT and good * x >= good * nearest


def _rule(kind: str, operator: str, target: float, before: float, closed: bool) -> str:
    if kind == "annual_count":
        return "schedule"
    level = kind in ("stock", "stock_ratio")
    steps = kind == "cumulative_count" or (level and operator != Operator.ABOUT)
    if steps and _rounded(target) != _rounded(before):
        if not math.isnan(before):
            return "path"
        if not closed:
            return "path_unknown"
    return "level" if level or kind == "cumulative_count" else "rate"


def _since_january(indicator: Indicator, series: Series, n: int) -> float:
    """Return a quarter's figure; of a cumulative count what its own year has added."""
    value = series.value(n)
    if indicator.kind != "cumulative_count":
        return value
    if n // 4 == indicator.cumulative_since:
        return value
    year_end = n - n % 4 - 1
    return NAN if series.broken_between(year_end, n) else value - series.value(year_end)


def _share(indicator: Indicator, series: Series, year: int, quarter: int, rules: Rules) -> float:
    """Return the share of the year due by now: the plan's, or the row's own of earlier years as far as they agree."""
    if indicator.profile:
        return float(indicator.profile.shares[quarter - 1])
    even = list(rules.expected_shares)
    if indicator.kind not in COUNTS or indicator.frequency == "year":
        return even[quarter - 1]
    years = []
    for y in range(min(series.quarters, default=year * 4) // 4, year):
        counts = [_since_january(indicator, series, 4 * y + q) for q in range(4)]
        later = series.broken_between(4 * y, year * 4 + quarter - 1)
        steps = [b - a for a, b in zip([0.0, *counts], counts, strict=False)]
        if not later and all(step >= 0 for step in steps) and counts[3] > 0:
            years.append((counts, steps))
    if len(years) < rules.outlook.seasonal_years:
        return even[quarter - 1]
    own = [sum(counts[q] / counts[3] for counts, _ in years) / len(years) for q in range(4)]
    own_steps = [b - a for a, b in zip([0.0, *own], own, strict=False)]
    even_steps = [b - a for a, b in zip([0.0, *even], even, strict=False)]
    total = sum(counts[3] for counts, _ in years)
    stray = sum(_chi_square(steps[q], counts[3] * own_steps[q]) for counts, steps in years for q in range(4))
    phi = max(stray / (3 * (len(years) - 1)), 1.0) if len(years) > 1 else max(stray, 1.0)
    apart = sum(_chi_square(sum(s[q] for _, s in years), total * even_steps[q]) for q in range(4)) / 3
    weight = max(1 - phi / apart, 0.0) if apart > 0 else 0.0
    return even[quarter - 1] + weight * (own[quarter - 1] - even[quarter - 1])


def _chi_square(found: float, due: float) -> float:
    return (found - due) ** 2 / max(due, 0.5)


def _wilson(top: float, bottom: float, level: float) -> tuple[float, float]:
    if not (bottom > 0 and 0 <= top <= bottom):
        return NAN, NAN
    z, p = NormalDist().inv_cdf((1 + level) / 2), top / bottom
    centre = (p + z * z / (2 * bottom)) / (1 + z * z / bottom)
    half = z * math.sqrt(p * (1 - p) / bottom + z * z / (4 * bottom * bottom)) / (1 + z * z / bottom)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def _poisson(mean: float, level: float) -> tuple[float, float]:
    """Return the lowest and the highest count of the central band."""
    if not mean >= 0:
        return NAN, NAN
    tail, ends = (1 - level) / 2, []
    for share in (tail, 1 - tail):
        count, chance = 0, math.exp(-mean)
        whole = chance
        while whole < share:
            count += 1
            chance *= mean / count
            whole += chance
        ends.append(float(count))
    return ends[0], ends[1]


def _light(
    rule: str,
    x: float,
    met: bool,
    gap: float,
    interval: tuple[float, float],
    band: tuple[float, float],
    indicator: Indicator,
    target: float,
    operator: str,
    closed: bool,
    rules: Rules,
) -> str:
    if rule == "path_unknown":
        return "green" if met else "no_data"
    if math.isnan(gap):
        return "no_data"
    if rule in ("schedule", "path"):
        light = _pace_light(gap, operator in (Operator.GT, Operator.LT), rules)
        chance = rule == "schedule" and not closed and band[0] <= x <= band[1]
        return "watch" if chance and light in ("yellow", "red") else light
    if rule == "level":
        if met:
            return "green"
        return "yellow" if gap >= -round(100 * rules.pace.level_yellow, 9) else "red"
    low, high = 100 * interval[0], 100 * interval[1]
    up, tolerance = indicator.direction > 0, rules.attainment.about_tolerance
    worst, best = (low, high) if up else (high, low)
    if up and target >= 100:  # no interval lies wholly at the end of the scale
        worst = NAN
    worst_met = met if math.isnan(worst) else _meets(worst, operator, target, tolerance, indicator.direction)
    best_met = met if math.isnan(best) else _meets(best, operator, target, tolerance, indicator.direction)
    if met:
        return "green" if worst_met else "watch"
    return "yellow" if best_met or gap >= -rules.rate.yellow_within else "red"


def _pace_light(gap: float, strict: bool, rules: Rules) -> str:
    if gap < rules.pace.red_below:
        return "red"
    if gap <= rules.pace.yellow_from:
        return "yellow"
    return "watch" if gap < rules.pace.watch_below or (gap == 0 and strict) else "green"


def _change(indicator: Indicator, series: Series, now: int, quarter: int, rules: Rules) -> float:
    """Return the average change over the last comparable points."""
    yearly = indicator.frequency == "year"
    last = now if not yearly or quarter == 4 else now - quarter
    step = 4 if yearly or indicator.kind in SEASONAL else 1
    points = []
    for n in range(last - step * (rules.momentum.window - 1), last + 1, step):
        points.append(NAN if series.broken_between(n, now) else _since_january(indicator, series, n))
    known = [n for n, value in enumerate(points) if not math.isnan(value)]
    if len(known) < max(rules.momentum.at_least, 2) or math.isnan(points[-1]):
        return NAN
    return (points[-1] - points[known[0]]) / (len(points) - 1 - known[0])


def _momentum(change: float, target: float, good: float, steady: float) -> str:
    rise, none = _rounded(good * change), _rounded(abs(target) * steady)
    if math.isnan(rise) or math.isnan(none):
        return "unknown"
    return "improving" if rise > none else "worsening" if rise < -none else "steady"
