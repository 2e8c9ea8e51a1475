"""What is likely, in words: probabilities that do not overstate, methods, and why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from laoyou.formats import DASH, measured, number, unit_words
from laoyou.language import clauses, listed, mark, markn, noted, sentence, tr, trn
from laoyou.pages import reason_words
from laoyou.pages.standing_words import whose_profile
from laoyou.pages.target_words import cell_shown, quoted
from laoyou.plan import COUNTS, Indicator
from laoyou.view import View

Row = Any  # one row of the outlooks, as a Series

_CERTAIN = 99.5  # [%]; from here on a whole number of per cent would read 100
_NAMED = 5  # of so many indicators at most, each is named with its probability
_GROUPS = {  # how the chance of a target is: of named indicators, and of so many
    "likely": (mark("达到的可能过半的是{names}"), markn("达到的可能过半的 {n} 项")),
    "unlikely": (mark("达到的可能不过半的是{names}"), markn("达到的可能不过半的 {n} 项")),
    "reached": (mark("已定达到的是{names}"), markn("已定达到的 {n} 项")),
    "missed": (mark("已定达不到的是{names}"), markn("已定达不到的 {n} 项")),
    "none": (mark("给不出的是{names}"), markn("给不出的 {n} 项")),
}


def no_chance() -> str:
    """Return the word for a probability that cannot be told."""
    return tr("给不出")


def chance(p: float, reason: str) -> str:
    """Return a probability [1] as pages print it: 15%, <1%, >99%; 0 and 100 % for nothing that is still open.

    Parameters
    ----------
    p : NaN where there is none
    reason : the outlook's; ``known`` where nothing is open any more
    """
    if math.isnan(p):
        return no_chance()
    if reason == "known":
        return tr("已定：达到") if p == 1 else tr("已定：达不到")
    share = round(100 * p, 9)
    if share < 100 - _CERTAIN:
        return "<1%"
    return ">99%" if share >= _CERTAIN else f"{number(share)}%"


def interval(low: float, high: float, indicator: Indicator) -> str:
    """Return an interval in the row's unit: 103—122 人次; one number where both ends are printed alike."""
    if math.isnan(low) or math.isnan(high):
        return DASH
    first, last = (number(x, indicator.decimals) for x in (low, high))
    if first == last:
        return measured(high, indicator.unit, indicator.decimals)
    return tr("{low}—{high}", low=first, high=measured(high, indicator.unit, indicator.decimals))


def _set_elsewhere(view: View, row: Row, year: int) -> str:
    by = view.plan.indicators[row.indicator].set_by
    if not by:
        return tr("执行到下次调整，不随走势变")
    if by not in view.regions:
        return tr("由上级制定，不随本区走势")
    return tr("由{setter}制定，不随本区走势", setter=view.regions[by].spoken)


def _too_few(view: View, row: Row, year: int) -> str:
    indicator, least = view.plan.indicators[row.indicator], view.rules.outlook.at_least
    if indicator.frequency == "year":
        return trn("年末的数不到 {n} 个", least)
    if indicator.kind in COUNTS:
        return tr("还没有完整的往年") if year == view.year else trn("完整的年份不到 {n} 个", least)
    return tr("往年可比的季度太少") if indicator.kind == "case_rate" else trn("可比的点不到 {n} 个", least)


def _no_figure(view: View, row: Row, year: int) -> str:
    if view.plan.indicators[row.indicator].frequency == "year" and view.quarter.quarter < 4:
        return tr("没有上年末的数")
    return reason_words.no_figure(view.score(row.indicator).missing)


def _unit_differs(view: View, row: Row, year: int) -> str:
    indicator = view.plan.indicators[row.indicator]
    target = quoted(indicator.targets[year].text)
    return tr("目标改为{target}，与{unit}不是同一个量", target=target, unit=unit_words(indicator.unit))


_REASONS: Mapping[str, Callable[[View, Row, int], str]] = {
    "unit_differs": _unit_differs,
    "milestone": lambda view, row, year: tr("目标是开展试点，没有数可比"),
    "no_numeric_target": lambda view, row, year: tr("目标栏没有可用的数"),
    "set_elsewhere": _set_elsewhere,
    "incomplete_year": lambda view, row, year: tr("本年缺季，算不出全年平均"),
    "no_figure": _no_figure,
    "series_break": lambda view, row, year: tr("口径调整后的点太少"),
    "too_few_points": _too_few,
}


def why_not(view: View, row: Row, year: int) -> str:
    """Return why there is no probability for a year's target; empty where there is one.

    Parameters
    ----------
    view : the page
    row : a row of its outlooks
    year : the page's own, or the plan's last
    """
    code = row.year_reason if year == view.year else row.last_reason
    return _REASONS[code](view, row, year) if code in _REASONS else ""


def methods(view: View, row: Row) -> list[str]:
    """Return how the outlook of each year asked for was made and what it rests on; years made alike together."""
    told: dict[str, list[str]] = {}
    for year in years_asked(view):
        told.setdefault(method(view, row, year), []).append(str(year))
    return [
        tr("{years} 年：{method}", years=listed(years), method=said) for said, years in told.items() if said
    ]


def method(view: View, row: Row, year: int) -> str:
    """Return how the outlook of one year was made and from how many figures; empty where there is none."""
    here = year == view.year
    code, n = (row.year_method, int(row.year_n)) if here else (row.last_method, int(row.last_n))
    if code == "known":
        return tr("年末已知") if here and view.quarter.quarter == 4 else tr("计数已过目标")
    if not code or math.isnan(chance_in(view, row, year)[0]):
        return ""
    yearly = view.plan.indicators[row.indicator].frequency == "year"
    quarters = trn("{n} 个季度的数", n)
    steps = trn("{n} 个年末的数", n) if yearly else quarters
    profile = whose_profile(view, view.score(row.indicator)) or tr("时间均分")
    return noted(
        *{
            "walk": (tr("照近来的起伏"), steps),
            "walk_and_drift": (tr("一半照原样起伏、一半照平均变化"), steps),
            "seasonal_steps": (tr("照往年年内各季的走法"), quarters),
            "gamma_poisson": (tr("余下的按{profile}", profile=profile), quarters),
            "year_on_year": (tr("照年末到年末的变化"), trn("{n} 个年份", n)),
            "year_totals": (tr("照各年总数的变化"), trn("{n} 个完整年份", n)),
        }[code]
    )


def target(view: View, id: str, year: int) -> str:
    """Return a year's target, with its unit where it is a number of it."""
    indicator = view.plan.indicators[id]
    return cell_shown(indicator.targets[year].text, indicator.unit if indicator.same_unit(year) else "")


def years_asked(view: View) -> tuple[int, ...]:
    """Return the years whose targets are asked for: the page's and the plan's last, once if they are one."""
    return tuple(dict.fromkeys((view.year, view.plan.last_year)))


def chance_in(view: View, row: Row, year: int) -> tuple[float, str]:
    """Return a row's probability for a year's target [1], and its reason."""
    here = year == view.year
    return (float(row.p_year), row.year_reason) if here else (float(row.p_last), row.last_reason)


def finding(view: View, ids: Sequence[str]) -> str:
    """Return what the outlooks say: each with its probability, or counted where they are many."""
    return sentence(clauses(_year_finding(view, ids, year) for year in years_asked(view)))


def _year_finding(view: View, ids: Sequence[str], year: int) -> str:
    groups: dict[str, list[str]] = {code: [] for code in _GROUPS}
    for id in ids:
        code, told = _group(*chance_in(view, view.outlooks.loc[id], year))
        groups[code].append(noted(view.plan.indicators[id].name.spoken, told))
    filled = [(*_GROUPS[code], names) for code, names in groups.items() if names]
    if len(ids) > _NAMED:
        told = listed(trn(counted, len(names)) for _, counted, names in filled)
    else:
        told = tr("，").join(tr(named, names=listed(names)) for named, _, names in filled)
    return tr("{year} 年目标：{chances}", year=year, chances=told)


def _group(p: float, reason: str) -> tuple[str, str]:
    """Return where a probability belongs, and itself as printed where it is told."""
    if math.isnan(p):
        return "none", ""
    if reason == "known":
        return ("reached" if p == 1 else "missed"), ""
    more = float(number(100 * p)) > 50  # as printed: what reads 50% is not called more than a half
    return ("likely" if more else "unlikely"), chance(p, reason)
