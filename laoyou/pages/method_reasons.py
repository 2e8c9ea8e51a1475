"""Why a published method does not apply, or says something else than we do: words for each reason code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import nan

from laoyou.formats import beside, difference, measured, number
from laoyou.language import Words, mark, markn, tr
from laoyou.plan import COUNTS, Indicator
from laoyou.view import View

_RISING = (
    "%",
    markn("件"),
    markn("元/月"),
)  # units of a level, which rises and falls; others become more or fewer
NOT_APPLICABLE = Words({
    "baseline_suspect": mark("基期的数存疑，不作起点"),
    "baseline_missing": mark("基期没有数"),
    "unit_differs": mark("目标换了单位"),
    "milestone": mark("目标是开展试点"),
    "no_numeric_target": mark("目标栏没有可用的数"),
    "no_full_year": mark("规划期还没有满一年"),
    "no_figure": mark("没有数"),
    "incomplete_year": mark("全年的数不全"),
    "series_break": mark("口径调整，前后不可比"),
    "growth_undefined": mark("正负号不一，算不出变化率"),
    "too_few_points": mark("可比的点不够"),
    "holds_until_changed": mark("定一次用几年，不逐季波动"),
    "yearly": mark("一年只有一个数"),
    "shares_cases": mark("年初以来累计的率，各季共用个案"),
    "drifts": mark("目标逐年抬高的存量，不围绕均值"),
})  # fmt: skip
Say = Callable[[View, Indicator, Mapping[str, float]], str]


def _pace(view: View, indicator: Indicator, n: Mapping[str, float]) -> str:
    return tr(
        "只看 {baseline} 年基期到 {year} 年的年均变化率，是到 {last_year} 年目标所需的 {share}，不看本年应到的位置",
        baseline=view.plan.baseline_year,
        year=_year(n),
        last_year=view.plan.last_year,
        share=share_shown(n),
    )


def _year(n: Mapping[str, float]) -> str:
    return f"{n['year']:.0f}"


def share_shown(numbers: Mapping[str, float]) -> str:
    """Return the share of the needed change that was seen; 100% only where it is; a dash where unknown."""
    return beside(100 * numbers.get("share", nan), 100.0, "%")


def _wrong_way(view: View, indicator: Indicator, n: Mapping[str, float]) -> str:
    there, base = (measured(n[name], indicator.unit, indicator.decimals) for name in ("value", "base"))
    return tr(
        "只看基期以来的方向：{year} 年 {value}，不如基期的 {baseline}",
        year=_year(n),
        value=there,
        baseline=base,
    )


def _last_target(view: View, indicator: Indicator, n: Mapping[str, float]) -> str:
    return tr(
        "用 {year} 年全年的 {value}，已到 {last_year} 年目标就算达到，不看本年进度",
        year=_year(n),
        value=measured(n["value"], indicator.unit, indicator.decimals),
        last_year=view.plan.last_year,
    )


def _carried_on(view: View, indicator: Indicator, n: Mapping[str, float]) -> str:
    return tr(
        "把最近的平均变化（{change}）照样延长到 {last_year} 年，看够不够目标，不看本年应到的位置",
        change=_change(indicator, n),
        last_year=view.plan.last_year,
    )


def _change(indicator: Indicator, n: Mapping[str, float]) -> str:
    change = n["change"]
    if round(change, 9) == 0:
        return tr("每期为零")
    size = difference(change, indicator.unit, indicator.decimals)
    if indicator.unit in _RISING:
        return tr("每期升 {size}", size=size) if change > 0 else tr("每期降 {size}", size=size)
    return tr("每期增加 {size}", size=size) if change > 0 else tr("每期减少 {size}", size=size)


def limits_shown(indicator: Indicator, n: Mapping[str, float]) -> str:
    """Return the limits of a chart as a span; a count's never begin below 0."""
    places = indicator.decimals + (indicator.kind == "survey_rate")
    low = max(n["lower"], 0.0) if indicator.kind in COUNTS else n["lower"]
    return tr("{low}—{high}", low=number(low, places), high=number(n["upper"], places))


def _within(view: View, indicator: Indicator, n: Mapping[str, float]) -> str:
    target = measured(n["target"], indicator.unit, indicator.decimals)
    goal = (
        tr("目标平均每季 {target}", target=target)
        if indicator.kind in COUNTS
        else tr("目标 {target}", target=target)
    )
    return tr(
        "问目标在不在单季起伏的界限之外：{goal}，单季在 {limits} 之间都属平常，哪一季高于或低于目标说不准",
        goal=goal,
        limits=limits_shown(indicator, n),
    )


DIFFERENCES: Mapping[str, Say] = {
    "last_target_reached": _last_target,
    "moved_the_wrong_way": _wrong_way,
    "moved_too_slowly": _pace,
    "moved_fast_enough": _pace,
    "few_cases": lambda view, i, n: tr("只看率本身达到没有，我们还看个案少、区间够不够得到"),
    "reached_and_holding": lambda view, i, n: tr("只看达到没有和方向，达到且没有变差就是晴"),
    "own_year_alone": lambda view, i, n: tr("只拿本年新增与本年任务比，不看前几年的累计"),
    "reached_but_worsening": lambda view, i, n: tr("虽已达到，但最近的平均变化在变差（{change}），扣一档", change=_change(i, n)),
    "carried_on_reaches": _carried_on,
    "carried_on_falls_short": _carried_on,
    "carried_on_wrong_way": lambda view, i, n: tr("最近的平均变化方向不对或停住（{change}），不看离目标还有多远", change=_change(i, n)),
    "missed_but_improving": lambda view, i, n: tr("没有达到，但最近的平均变化在变好（{change}），给阴；我们看差多少", change=_change(i, n)),
    "not_due": lambda view, i, n: tr("不到年末一律未到期；我们的计数超过全年目标就提前判达标"),
    "bound_counts_as_met": lambda view, i, n: tr("恰好等于界限也算达到，我们的“<”“>”不算"),
    "within_limits": _within,
    "always_beyond": lambda view, i, n: tr("照过去单季的界限 {limits}，目标总能达到，不看本年累计落后多少", limits=limits_shown(i, n)),
    "never_reached": lambda view, i, n: tr("照过去单季的界限 {limits}，目标总达不到，不看本年累计已有多少", limits=limits_shown(i, n)),
}  # fmt: skip
"""Why a method says something else than we do, by the reason code of ``laoyou.comparison``."""
