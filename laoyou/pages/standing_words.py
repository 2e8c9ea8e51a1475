"""How a figure stands to its target, in the words that sentences are built of."""

from __future__ import annotations

from typing import Any

from laoyou.formats import beside, difference
from laoyou.language import mark, tr, trn
from laoyou.pages.target_words import cell_shown
from laoyou.plan import Indicator
from laoyou.view import View

Row = Any  # one row of the assessment, as a Series or a named tuple

# A count ahead of its schedule (+1) or behind it (−1); a ceiling is used up, not completed.
_PACE = {
    (True, 1): mark("快于{pace} {gap}"),
    (True, -1): mark("慢于{pace} {gap}"),
    (False, 1): mark("低于{pace} {gap}"),
    (False, -1): mark("高于{pace} {gap}"),
}


def indicator_of(view: View, row: Row) -> Indicator:
    """Return the plan's entry of a row."""
    return view.plan.indicators[row.indicator]


def shown(view: View, row: Row) -> str:
    """Return the figure that a row is judged on, with its unit: 93.7%."""
    indicator = indicator_of(view, row)
    return beside(row.judged, row.target, indicator.unit, indicator.decimals)


def shown_as_mean(view: View, row: Row) -> str:
    """Return the figure that a row is judged on, named as a mean where it is one."""
    figure = shown(view, row)
    return tr("本年平均 {figure}", figure=figure) if is_mean(row) else figure


def is_mean(row: Row) -> bool:
    """Return whether the figure judged is the mean of several quarters."""
    return bool(row.kind == "survey_rate" and row.quarters_known > 1)


def target_shown(view: View, row: Row) -> str:
    """Return the year's target of a row with its unit."""
    return cell_shown(row.target_text, indicator_of(view, row).unit)


def apart(view: View, row: Row) -> str:
    """Return the size of the distance to the target: 1.8 个百分点."""
    indicator = indicator_of(view, row)
    return difference(row.margin, indicator.unit, indicator.decimals)


def goal(view: View, row: Row) -> str:
    """Return what a target is to a row: 目标, or 上限 where lower is better."""
    return tr("目标") if indicator_of(view, row).direction > 0 else tr("上限")


def attained(row: Row) -> str:
    """Return the share of the target reached; 100.0% only where it is."""
    return beside(100 * row.judged / row.target, 100.0, "%", 1)


def pace(view: View, row: Row) -> str:
    """Return how a count stands to its share of the year."""
    name = tr("往年进度") if row.profile == "own" else tr("时间进度")
    if row.gap == 0:
        return tr("与{pace}持平", pace=name)
    message = _PACE[indicator_of(view, row).direction > 0, 1 if row.gap > 0 else -1]
    return tr(message, pace=name, gap=difference(row.gap, "%", 1))


def whose_profile(view: View, row: Row) -> str:
    """Return whose shares of the year a row is held against; empty where they are even."""
    if row.profile == "own":
        return trn("前 {n} 年各季占比", int(row.profile_years))
    profile = indicator_of(view, row).profile
    return profile.source if profile else ""


def measured_elsewhere(view: View, row: Row) -> str:
    """Return at which level a figure was measured if not in this region; else nothing."""
    indicator = indicator_of(view, row)
    if not row.measured_at or row.measured_at == view.region.code or indicator.set_by:
        return ""
    region = view.regions[row.measured_at]
    return tr("{region}的数，{level}测得", region=region.spoken, level=region.level_spoken)
