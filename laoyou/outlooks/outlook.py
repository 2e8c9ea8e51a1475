"""How likely this year's and the plan's last targets are to be met, and between which figures they will end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from laoyou.attainment import Flags, Floats, meets
from laoyou.comparable import this_year_only
from laoyou.goals import Goals, read_goals
from laoyou.momentum import before_break_removed
from laoyou.outlooks.forecasts import Forecast, known
from laoyou.outlooks.histories import History, forecast, year_mean
from laoyou.panel import NOWHERE, Figures, Panel, build_panel, read_figures
from laoyou.periods import parse_quarter
from laoyou.plan import COUNTS, Indicator, Plan
from laoyou.rules import Rules, load_rules
from laoyou.seasonal import Profile, profiles
from laoyou.targets import Operator

FAN = (0.10, 0.25, 0.50, 0.75, 0.90)  # quantiles of a fan chart
_SIDES = ("p", "low", "median", "high", "method", "n", "reason")


@dataclass(frozen=True)
class Outset:
    """What every outlook of a quarter begins with: figures, targets and profiles of some regions."""

    plan: Plan
    rules: Rules
    panel: Panel
    goals: Goals
    figures: Figures
    profile: Profile
    value: Floats
    since_january: Floats
    numerator: Floats
    denominator: Floats
    cut: Flags

    @property
    def now(self) -> pd.Period:
        """The quarter looked from."""
        return self.panel.quarters[-1]


def outlook(
    plan: Plan,
    observations: pd.DataFrame,
    quarter: str | pd.Period,
    *,
    regions: str | Sequence[str] | None = None,
    rules: Rules | None = None,
) -> pd.DataFrame:
    """Say how likely every indicator's targets are to be met.

    Parameters
    ----------
    plan : the plan
    observations : as ``load_observations`` returns them; later rows than the quarter's change nothing
    quarter : such as ``"2026Q3"``
    regions : one or several region codes; the plan's own region if not given
    rules : the rules in force; the workspace's own if not given

    Returns
    -------
    One row per region × indicator, in the plan's order:

    - ``region, indicator, row, kind, unit, quarter`` : what the row is about
    - ``p_year`` : probability that this year's target is met [1], NaN where there is none
    - ``year_low, year_median, year_high`` : the interval and the median of the figure that the year will be judged on
      [the row's unit]
    - ``year_method`` : ``known``, ``walk``, ``walk_and_drift``, ``seasonal_steps``, ``gamma_poisson``, ``year_on_year``,
      ``year_totals``, or empty; ``year_n`` : the figures that it rests on [count]
    - ``year_reason`` : ``computed``, ``known``, or why there is no probability: ``unit_differs``, ``milestone``,
      ``no_numeric_target``, ``set_elsewhere``, ``incomplete_year``, ``no_figure``, ``series_break``, ``too_few_points``
    - ``p_last, last_low, last_median, last_high, last_method, last_n, last_reason`` : the same of the plan's last year

    Raises
    ------
    ValueError
        If the quarter is none, or lies outside the plan.
    """
    now = parse_quarter(quarter) if isinstance(quarter, str) else quarter
    if now.year not in plan.years:
        raise ValueError(f"{now} 不在规划期 {plan.first_year}—{plan.last_year} 年内")
    asked = [plan.region] if regions is None else [regions] if isinstance(regions, str) else list(regions)
    start = look_out(plan, observations, now, list(dict.fromkeys(asked)), rules or load_rules())
    rows = []
    for r, region in enumerate(start.panel.regions):
        for i, indicator in enumerate(plan.indicators.values()):
            about = (region, indicator.id, indicator.row, indicator.kind, indicator.unit, str(now))
            this_year = _side(start, r, i, indicator, now.year)
            last = this_year if now.year == plan.last_year else _side(start, r, i, indicator, plan.last_year)
            rows.append((*about, *this_year, *last))
    names = [f"{side}_year" if side == "p" else f"year_{side}" for side in _SIDES]
    names += [f"{side}_last" if side == "p" else f"last_{side}" for side in _SIDES]
    return pd.DataFrame(rows, columns=["region", "indicator", "row", "kind", "unit", "quarter", *names])


def look_out(
    plan: Plan, observations: pd.DataFrame, now: pd.Period, regions: Sequence[str], rules: Rules
) -> Outset:
    """Lay out what the outlooks of a quarter begin with.

    Parameters
    ----------
    plan, observations, rules : as for ``outlook``
    now : the quarter
    regions : region codes
    """
    panel = build_panel(plan, observations, now, regions)
    goals = read_goals(plan, now, rules)
    comparable = before_break_removed(panel.value, panel.breaks)
    carried = {name: _carried(panel, observations, name) for name in ("numerator", "denominator")}
    return Outset(
        plan=plan,
        rules=rules,
        panel=panel,
        goals=goals,
        figures=read_figures(panel, plan, observations),
        profile=profiles(panel, goals, rules.outlook, int(now.year)),
        value=comparable,
        since_january=np.where(np.isnan(comparable), np.nan, this_year_only(panel, goals)),
        cut=np.asarray((np.isnan(comparable) & ~np.isnan(panel.value)).any(axis=-1), bool),
        **carried,
    )


def _carried(panel: Panel, observations: pd.DataFrame, column: str) -> Floats:
    """Return a column of the ledger laid out as the panel."""
    numbers = observations[column].to_numpy(float)
    found = numbers[np.maximum(panel.position, 0)] if len(numbers) else np.full(panel.position.shape, np.nan)
    return np.where(panel.position == NOWHERE, np.nan, found)


def history(start: Outset, region: int, row: int) -> History:
    """Return the history of one region's indicator.

    Parameters
    ----------
    start : from ``look_out``
    region, row : their places in the panel
    """
    indicator = list(start.plan.indicators.values())[row]
    at = (region, row)
    profile = start.profile
    return History(
        kind=indicator.kind,
        yearly=indicator.frequency == "year",
        decimals=indicator.decimals,
        quarter=int(start.now.quarter),
        value=start.value[at],
        since_january=start.since_january[at],
        numerator=start.numerator[at],
        denominator=start.denominator[at],
        profile=Profile(profile.shares[at], profile.weight[at], profile.years[at]),
    )


def _side(
    start: Outset, region: int, row: int, indicator: Indicator, year: int
) -> tuple[float, float, float, float, str, int, str]:
    """Return the probability, the interval, the method, n and the reason for one year's end."""
    cell, target = indicator.targets[year], indicator.numeric_target(year)
    found = year_forecast(start, region, row, year)
    decided = _decided(start, region, row, indicator, year)
    grey = found if isinstance(found, str) and not decided else ""
    settled = decided or (isinstance(found, Forecast) and found.method == "known")
    reasons = [
        (not indicator.same_unit(year), "unit_differs"),
        (cell.operator == Operator.MILESTONE, "milestone"),
        (math.isnan(target), "no_numeric_target"),
        (grey, grey),
        (settled, "known"),
    ]
    reason = next((word for holds, word in reasons if holds), "computed")
    chance, low, median, high, method, n = math.nan, math.nan, math.nan, math.nan, "", 0
    if isinstance(found, Forecast):
        tail = (1 - start.rules.outlook.coverage) / 2
        low, median, high = (float(x) for x in found.quantiles([tail, 0.5, 1 - tail]))
        chance = chance_of(found, indicator, year, start.rules)
        method, n = found.method, found.points
    if decided:
        chance = float(
            _met(float(start.figures.judged[region, row]), cell.operator, target, indicator, start.rules)
        )
        method, n = "known", max(n, 1)
    return chance, low, median, high, method, n, reason


def _decided(start: Outset, region: int, row: int, indicator: Indicator, year: int) -> bool:
    """Return whether a count, which only rises, has passed a year's floor or ceiling already."""
    open_ended = indicator.kind == "cumulative_count" or (indicator.kind in COUNTS and year == start.now.year)
    so_far, target = float(start.figures.judged[region, row]), indicator.numeric_target(year)
    if not open_ended or math.isnan(so_far) or math.isnan(target):
        return False
    return _met(so_far, indicator.targets[year].operator, target, indicator, start.rules) == (
        indicator.direction > 0
    )


def _met(value: float, operator: Operator, target: float, indicator: Indicator, rules: Rules) -> bool:
    return bool(meets(value, operator, target, rules.attainment.about_tolerance, indicator.direction))


def chance_of(found: Forecast, indicator: Indicator, year: int, rules: Rules) -> float:
    """Return the probability that a forecast meets a year's target; NaN where the cell holds no number in the row's unit.

    Parameters
    ----------
    found : the forecast of the figure that the year will be judged on
    indicator, year : whose target
    rules : how far 左右 reaches
    """
    operator, target = indicator.targets[year].operator, indicator.numeric_target(year)
    if math.isnan(target) or not operator.numeric:
        return math.nan
    if found.method == "known":
        return float(_met(found.already, operator, target, indicator, rules))
    if operator != Operator.ABOUT:
        return found.chance(operator, target)
    nearest = target * (1 - indicator.direction * rules.attainment.about_tolerance)
    return found.chance(Operator.GE if indicator.direction > 0 else Operator.LE, nearest)


def year_forecast(start: Outset, region: int, row: int, year: int) -> Forecast | str:
    """Return the predictive distribution of the figure that a year will be judged on, or why there is none.

    Parameters
    ----------
    start : from ``look_out``
    region, row : their places in the panel
    year : this one or a later one of the plan
    """
    indicator = list(start.plan.indicators.values())[row]
    now, past = start.now, history(start, region, row)
    if indicator.set_by or indicator.holds_until_changed:
        return "set_elsewhere"
    judged = float(start.figures.judged[region, row])
    if year == now.year and now.quarter == 4:
        if math.isnan(judged):
            return "incomplete_year" if start.figures.incomplete[region, row] else "no_figure"
        return known(judged, past.scale)
    if missing := _missing(past):
        return missing
    if indicator.kind == "survey_rate" and not past.yearly:
        if year == now.year and np.isnan(past.value[-past.quarter :]).any():
            return "incomplete_year"
        found = year_mean(past, year - now.year, start.rules.outlook)
    else:
        found = forecast(past, 4 * (year - now.year) + 4 - now.quarter, start.rules.outlook)
    return found or ("series_break" if start.cut[region, row] else "too_few_points")


def _missing(past: History) -> str:
    """Return the reason where the figure that a forecast begins at is missing; else nothing."""
    last = past.value[3::4][-1:] if past.yearly else past.value[-1:]
    return "no_figure" if not len(last) or math.isnan(last[0]) else ""


def fan(
    plan: Plan,
    observations: pd.DataFrame,
    quarter: str | pd.Period,
    indicator: str,
    *,
    region: str | None = None,
    rules: Rules | None = None,
) -> pd.DataFrame:
    """Return what a fan chart draws: quantiles of each later quarter's figure.

    Parameters
    ----------
    plan, observations, quarter, rules : as for ``outlook``
    indicator : its id
    region : a region code; the plan's own if not given

    Returns
    -------
    One row per quarter up to the plan's last (year's ends alone for a yearly row) that can be foreseen: ``quarter``
    and ``q10, q25, q50, q75, q90`` [the row's unit]. A quarter's own figure, also where the year is judged on a mean.
    """
    now = parse_quarter(quarter) if isinstance(quarter, str) else quarter
    rules = rules or load_rules()
    alone = plan.model_copy(update={"indicators": {indicator: plan.indicators[indicator]}})
    start = look_out(alone, observations, now, [region or plan.region], rules)
    entry, past = plan.indicators[indicator], history(start, 0, 0)
    ends = [now + n for n in range(1, 4 * (plan.last_year - now.year) + 5 - now.quarter)]
    ends = [q for q in ends if q.quarter == 4 or not past.yearly]
    if entry.set_by or entry.holds_until_changed or _missing(past):
        ends = []
    found = [(q, forecast(past, (q - now).n, rules.outlook)) for q in ends]
    rows = [(str(q), *f.quantiles(FAN)) for q, f in found if f is not None]
    return pd.DataFrame(rows, columns=["quarter", *(f"q{round(100 * share)}" for share in FAN)])
