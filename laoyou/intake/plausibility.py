"""What is doubtful about incoming figures, held against what the ledger knows: to be asked about, never refused."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from laoyou.formats import apart_at, difference, measured, number
from laoyou.ledger.file import CELL, NUMBERS
from laoyou.ledger.vintage import as_known
from laoyou.periods import parse_period, period_label
from laoyou.plan import Commitment, Indicator, Plan
from laoyou.regions import Region
from laoyou.rules import Rules

_USED = [
    *CELL, *NUMBERS, "missing", "series_break", "status", "reported_on", "note", "year", "quarter", "frequency",
]  # fmt: skip
_YEAR_ON_YEAR = ("case_rate", "annual_count")
_SINCE_JANUARY = ("case_rate", "annual_count")


@dataclass(frozen=True)
class Doubt:
    """One doubt about one incoming figure.

    Parameters
    ----------
    code : ``scale`` (another order of magnitude than the year's target),
        ``jump`` (a change beyond any before it), ``restarted`` (a running count, or the numerator of a running
        rate, below the one before it), ``numerator_unmoved`` (a rate moved by its denominator alone) or
        ``parts_differ`` (a ratio's part is not the figure of the series that it is made of)
    region, indicator, period : the incoming figure doubted
    other : the period held against it; of ``parts_differ`` the series
    values : the figures that led to the doubt, by name [the row's unit; parts as counts]
    """

    code: str
    region: str
    indicator: str
    period: str
    other: str
    values: Mapping[str, float]


class _Point(NamedTuple):
    """One figure where it stands: a year's stands in its last quarter."""

    period: str
    year: int
    value: float
    numerator: float
    denominator: float
    broken: bool
    incoming: bool


_Line = dict[int, _Point]  # a series' points by the number of their quarter
_Lines = dict[tuple[str, str], _Line]


def doubts(plan: Plan, rules: Rules, known: pd.DataFrame, incoming: pd.DataFrame) -> list[Doubt]:
    """Return what is doubtful about incoming figures, in their order.

    Parameters
    ----------
    plan, rules : what each row is, and how far is too far
    known : the ledger's figures as ``as_known`` returns them
    incoming : rows not yet in the ledger, typed as the ledger's are; none is changed or refused

    Notes
    -----
    Incoming rows count as already entered: one of an old period replaces the figure known, and a real one
    retires the sample of its series. Nothing is compared across a marked break.
    """
    both = pd.concat(
        [known[_USED].assign(incoming=False), incoming[_USED].assign(incoming=True)], ignore_index=True
    )
    lines = _lines(plan, as_known(both))
    found = []
    for region, id, period in incoming[CELL].drop_duplicates().itertuples(index=False):
        line = lines.get((region, id), {})
        at = next((n for n, p in line.items() if p.incoming and p.period == period), None)
        if at is None:
            continue  # a month, a mean of a year, or a figure that a later one has already replaced
        indicator = plan.indicators.get(id)
        said = [*_jump(indicator, rules, line, at)]
        if region == plan.region:  # whose targets they are
            said = [*_scale(indicator, rules, line[at]), *said]
        said += _running(indicator, line, at)
        said += _parts(plan, lines, region, id, at)
        found += [Doubt(code, region, id, period, other, values) for code, other, values in said]
    return found


_Said = Iterator[tuple[str, str, dict[str, float]]]


def _lines(plan: Plan, table: pd.DataFrame) -> _Lines:
    """Lay figures out by series and quarter; where a quarter and its year have one, the quarter's stands."""
    lines: _Lines = {}
    table = table[table["frequency"].isin(["quarter", "year"])].sort_values("frequency", kind="stable")
    rows: Iterator[Any] = table.itertuples(index=False)
    for row in rows:
        region, id = str(row.region), str(row.indicator)
        yearly, indicator = row.frequency == "year", plan.indicators.get(id)
        if yearly and indicator is not None and indicator.kind == "survey_rate":
            continue  # the mean of a year is no quarter's figure
        at = int(row.year) * 4 + (4 if yearly else int(row.quarter)) - 1
        numbers = (float(row.value), float(row.numerator), float(row.denominator))
        point = _Point(str(row.period), int(row.year), *numbers, row.series_break != "", bool(row.incoming))
        line = lines.setdefault((region, id), {})
        if at not in line or math.isnan(line[at].value):
            line[at] = point
    return lines


def _unbroken(line: _Line, before: int, after: int) -> bool:
    """Return whether no break is marked after one quarter and up to another."""
    return not any(p.broken for n, p in line.items() if before < n <= after)


def _step(indicator: Indicator | None, line: _Line) -> int:
    """Return how many quarters lie between comparable points."""
    yearly = indicator.frequency == "year" if indicator else all("Q" not in p.period for p in line.values())
    seasonal = indicator is not None and indicator.kind in _YEAR_ON_YEAR
    return 4 if yearly or seasonal else 1


def _scale(indicator: Indicator | None, rules: Rules, point: _Point) -> _Said:
    """Yield a count or level of another order than the year's target, as from a digit too many or a unit 万.

    A count of the year may be far below its target early in the year; it is doubted only above.
    """
    if indicator is None or indicator.unit == "%" or point.year not in indicator.targets:
        return
    target, factor = indicator.numeric_target(point.year), rules.plausibility.scale
    low = -math.inf if indicator.kind == "annual_count" else target / factor
    if target > 0 and (point.value < low or point.value > target * factor):
        yield "scale", point.period, {"value": point.value, "target": target}


def _jump(indicator: Indicator | None, rules: Rules, line: _Line, at: int) -> _Said:
    """Yield a change beyond the largest comparable one before it."""
    step = _step(indicator, line)

    def change(n: int) -> float:
        if n not in line or n - step not in line or not _unbroken(line, n - step, n):
            return math.nan
        return round(line[n].value - line[n - step].value, 9)

    before = {n: abs(change(n)) for n in line if n < at and not math.isnan(change(n))}
    if math.isnan(change(at)) or len(before) < rules.plausibility.at_least:
        return
    largest = max(before, key=lambda n: (before[n], n))
    if abs(change(at)) > rules.plausibility.jump * before[largest]:
        yield (
            "jump",
            line[at - step].period,
            {
                "value": line[at].value,
                "before": line[at - step].value,
                "largest": before[largest],
                "largest_in": largest,
                "changes": len(before),
                "step": step,
            },
        )


def _running(indicator: Indicator | None, line: _Line, at: int) -> _Said:
    """Yield what contradicts a count that runs on, and a numerator that stood still, beside each neighbour.

    Of two incoming neighbours the later is doubted.
    """
    kind = indicator.kind if indicator else ""
    before = max((n for n, p in line.items() if n < at and not math.isnan(p.value)), default=None)
    after = min((n for n, p in line.items() if n > at and not math.isnan(p.value)), default=None)
    pairs = [(before, at)] if before is not None else []
    pairs += [(at, after)] if after is not None and not line[after].incoming else []
    for first, last in pairs:
        old, new = line[first], line[last]
        other = old.period if last == at else new.period
        if not _unbroken(line, first, last) or (kind in _SINCE_JANUARY and old.year != new.year):
            continue
        if kind in ("annual_count", "cumulative_count") and new.value < old.value:
            yield "restarted", other, {"value": line[at].value, "other": (old if last == at else new).value}
        if kind == "case_rate" and new.numerator < old.numerator:
            values = {
                "numerator": line[at].numerator,
                "other_numerator": (old if last == at else new).numerator,
            }
            yield "restarted", other, values
        moved = kind in ("case_rate", "stock_ratio") and round(new.value - old.value, 9) != 0
        if moved and new.numerator == old.numerator and new.denominator != old.denominator:
            here, there = (new, old) if last == at else (old, new)
            yield (
                "numerator_unmoved",
                other,
                {
                    "value": here.value,
                    "numerator": here.numerator,
                    "denominator": here.denominator,
                    "other": there.value,
                    "other_denominator": there.denominator,
                },
            )


def _parts(plan: Plan, lines: _Lines, region: str, id: str, at: int) -> _Said:
    """Yield where a ratio's part is not the figure of the series named in the plan.

    Of an incoming ratio and an incoming series the ratio is doubted.
    """
    for ratio, indicator in plan.indicators.items():
        whole = lines.get((region, ratio), {}).get(at)
        if indicator.ratio is None or whole is None:
            continue
        for part in ("numerator", "denominator"):
            series = getattr(indicator.ratio, part)
            point = lines.get((region, series), {}).get(at)
            mine, its = getattr(whole, part), math.nan if point is None else point.value
            concerned = id == ratio or (id == series and not whole.incoming)
            if concerned and abs(mine - its) > 1e-9:
                yield "parts_differ", series if id == ratio else ratio, {part: mine, "value": its}


def doubt_words(doubt: Doubt, plan: Plan, regions: Mapping[str, Region]) -> str:
    """Return a doubt as a Chinese sentence with the figures that led to it.

    Parameters
    ----------
    doubt : one of ``doubts``
    plan, regions : give names and units
    """
    entry = plan.measurable[doubt.indicator]
    unit, decimals = entry.unit, 0 if isinstance(entry, Commitment) else entry.decimals
    head = f"{regions[doubt.region].zh}{entry.name.zh} {_label(doubt.period)}"
    v = doubt.values
    if doubt.code == "parts_differ":
        other = plan.measurable[doubt.other]
        part = "numerator" if "numerator" in v else "denominator"
        word = "分子" if part == "numerator" else "分母"
        mine, its = _apart(v[part], v["value"], 0)
        gap = difference(v[part] - v["value"], "", 0).strip()
        ours = (
            f"的{word}是 {mine}，{other.name.zh}是 {its}"
            if doubt.indicator in plan.indicators and _made_of(plan, doubt.indicator, doubt.other)
            else f"是 {its}，{other.name.zh}的{word}是 {mine}"
        )
        return f"{head}{ours}，相差 {gap}；请核对是否同一时点、同一口径"
    if doubt.code == "scale":
        value, target = (measured(v[name], unit, decimals) for name in ("value", "target"))
        return f"{head}为 {value}，与当年目标 {target}不是一个量级；请核对单位和位数"
    there = _label(doubt.other)
    if doubt.code == "numerator_unmoved":
        places = apart_at(v["value"], v["other"], decimals)
        here = f"{measured(v['value'], unit, places)}（{number(v['numerator'])}/{number(v['denominator'])}）"
        then = f"{measured(v['other'], unit, places)}（{number(v['numerator'])}/{number(v['other_denominator'])}）"
        return f"{head}为 {here}，{there}为 {then}，分母变了，分子没有变；请核对分子是否沿用了另一期的数"
    if doubt.code == "restarted":
        if "numerator" in v:
            mine, its = _apart(v["numerator"], v["other_numerator"], 0)
            what, less = f"的分子是 {mine}", v["numerator"] < v["other_numerator"]
        else:
            places = apart_at(v["value"], v["other"], decimals)
            mine, its = (measured(v[name], unit, places) for name in ("value", "other"))
            what, less = f"为 {mine}", v["value"] < v["other"]
        cumulative = isinstance(entry, Indicator) and entry.kind == "cumulative_count"
        why = "累计数不减少" if cumulative else "1 月 1 日以来的数在一年之内不减少"
        return f"{head}{what}，{'少于' if less else '多于'}{there}的 {its}；{why}，请核对是否只报了当季的数"
    apart = apart_at(abs(v["value"] - v["before"]), v["largest"], decimals)
    change, largest = (difference(size, unit, apart) for size in (v["value"] - v["before"], v["largest"]))
    kind = "同比" if v["step"] == 4 else "环比"
    when = period_label(
        pd.Period(year=int(v["largest_in"]) // 4, quarter=int(v["largest_in"]) % 4 + 1, freq="Q-DEC")
    )
    more = "多" if v["value"] > v["before"] else "少"
    more = ("高" if more == "多" else "低") if unit in ("%", "件", "元/月") else more
    places = apart_at(v["value"], v["before"], decimals)
    return (
        f"{head}为 {measured(v['value'], unit, places)}，比{there}的 {measured(v['before'], unit, places)}{more} {change}；"
        f"此前 {int(v['changes'])} 次{kind}变化最大的是 {largest}（{when}）；请核对单位和位数"
    )


def _made_of(plan: Plan, ratio: str, series: str) -> bool:
    made = plan.indicators[ratio].ratio
    return made is not None and series in (made.numerator, made.denominator)


def _label(period: str) -> str:
    return period_label(parse_period(period))


def _apart(value: float, other: float, decimals: int) -> tuple[str, str]:
    """Return two numbers with as many decimals as tell them apart."""
    places = apart_at(value, other, decimals)
    return number(value, places), number(other, places)
