"""The sentences that readers see, made from the figures and the reason codes."""

from __future__ import annotations

import math
from typing import Any

from laoyou.formats import MOST_DECIMALS, apart_at, difference, measured, number
from laoyou.language import clauses, tr
from laoyou.pages.reason_words import (
    apart,
    attained,
    bare_reason,
    goal,
    indicator_of,
    is_mean,
    pace,
    reason,
    shown,
    side,
    target_shown,
)
from laoyou.view import View
from laoyou.words import LIGHTS, MOMENTUM

Row = Any  # one row of the assessment, as a Series or a named tuple


def verdict_reason(row: Row) -> str:
    """Return why a row has its year's verdict, in a few words."""
    return {
        "year_not_over": tr("本年尚未结束"),
        "passed_early": tr("计数已超过全年目标"),
        "meets_target": tr("达到本年目标"),
        "misses_target": tr("未达到本年目标"),
        "unit_differs": tr("目标与本行单位不同"),
        "milestone": tr("目标是开展试点"),
        "no_numeric_target": tr("目标栏没有可用的数"),
        "incomplete_year": tr("全年数据不全"),
        "no_figure": tr("没有数"),
    }[row.compliance_reason]


def momentum_reason(view: View, row: Row) -> str:
    """Return what the momentum rests on."""
    if row.momentum_reason != "computed":
        return {
            "series_break": tr("口径调整后可比的点不够"),
            "no_figure": tr("本季没有数"),
            "too_few_points": tr("可比的点不够"),
            "no_numeric_target": tr("本年目标栏没有可用的数"),
        }[row.momentum_reason]
    indicator = indicator_of(view, row)
    yearly = indicator.frequency == "year" or row.kind in ("case_rate", "annual_count", "cumulative_count")
    step = tr("同比") if yearly else tr("环比")
    if round(row.change, MOST_DECIMALS) == 0:
        return tr("{step}没有变化", step=step)
    places = apart_at(row.change, 0.0, max(indicator.decimals, 1))
    up, down = (
        (tr("升"), tr("降")) if indicator.unit in ("%", tr("件"), tr("元/月")) else (tr("增加"), tr("减少"))
    )
    return tr(
        "平均每期{step}{up} {change}",
        step=step,
        up=up if row.change > 0 else down,
        change=difference(row.change, indicator.unit, places),
    )


def headline(view: View, id: str) -> str:
    """Return the finding of a figure of one indicator: its title."""
    row = view.score(id)
    name = view.plan.indicators[id].name.spoken
    if row.light == "no_data":
        return tr("{name}：{bare_reason}", name=name, bare_reason=bare_reason(view, row))
    if row.light == "annual_only":
        return tr(
            "{name}按年核定，{year} 年目标 {target_shown}",
            name=name,
            year=view.year,
            target_shown=target_shown(view, row),
        )
    mean = tr("本年平均") if is_mean(row) else ""
    return tr(
        "{name}{mean} {shown}，{finding}",
        name=name,
        mean=mean,
        shown=shown(view, row),
        finding=_finding(view, row),
    )


def _finding(view: View, row: Row) -> str:
    """Return the shortest true statement of how a figure stands."""
    indicator = indicator_of(view, row)
    if row.rule == "schedule":
        closed = view.quarter.quarter == 4 and indicator.direction > 0
        return tr("完成全年目标的 {attained}", attained=attained(row)) if closed else pace(view, row)
    if row.rule == "path":
        away = row.judged - row.expected
        word = (
            (tr("高于") if away > 0 else tr("低于"))
            if indicator.unit == "%"
            else (tr("多于") if away > 0 else tr("少于"))
        )
        return (
            tr("正在进度线上")
            if row.gap == 0
            else tr(
                "{word}进度线 {away}", word=word, away=difference(away, indicator.unit, indicator.decimals)
            )
        )
    if row.operator == "about" and row.light == "green":
        return tr("在“{target_text}”的容差之内", target_text=row.target_text)
    if row.margin == 0:
        return tr("与{goal}相等", goal=goal(view, row))
    return tr("比{goal}{side} {apart}", goal=goal(view, row), side=side(view, row), apart=apart(view, row))


def year_on_year(view: View, id: str) -> str:
    """Return how the figure stands to the same quarter of last year; empty where that is not comparable."""
    span = [p for p in view.points(id) if view.quarter - 4 <= p.quarter]
    if not span or span[0].quarter != view.quarter - 4 or span[-1].quarter != view.quarter:
        return ""
    change = span[-1].value - span[0].value
    if math.isnan(change):
        return ""
    if any(p.series_break for p in span[1:]):
        return tr("与上年同期之间口径有调整，不作同比")
    indicator = view.plan.indicators[id]
    row = view.score(id)
    if indicator.kind == "cumulative_count":
        if math.isnan(row.increment) or math.isnan(row.increment_target):
            return ""
        return tr(
            "本年新增 {increment} {unit}，全年任务 {increment_target} {unit}",
            increment=number(row.increment),
            unit=indicator.unit,
            increment_target=number(row.increment_target),
        )
    own = tr("本季") if is_mean(row) else ""  # the mean of the year so far is what the rest speaks of
    if number(abs(change), indicator.decimals) == number(0, indicator.decimals):
        return tr("{own}与上年同期持平", own=own)
    word = (
        (tr("升") if change > 0 else tr("降"))
        if indicator.unit in ("%", tr("件"), tr("元/月"))
        else (tr("多") if change > 0 else tr("少"))
    )
    return tr(
        "{own}比上年同期{word} {change}",
        own=own,
        word=word,
        change=difference(change, indicator.unit, indicator.decimals),
    )


def still_needed(view: View, id: str) -> str:
    """Return what it takes to reach the year's target; empty where it is reached, unknown or not ours to say."""
    row, indicator = view.score(id), view.plan.indicators[id]
    left = 4 - view.quarter.quarter
    tolerated = row.operator == "about" and row.light == "green"
    known = not (math.isnan(row.judged) or math.isnan(row.margin))
    if not known or row.margin >= 0 or tolerated or indicator.direction < 0 or not left:
        return ""
    if indicator.set_by:
        return tr("由{regions}制定，区里无法自行达到", regions=view.regions[indicator.set_by].spoken)
    if row.kind == "case_rate" and not math.isnan(row.denominator):
        cases = more_cases(row)
        return tr(
            "按现有 {denominator} 件分母，还要再办成 {cases} 件才到 {target_shown}",
            denominator=number(row.denominator),
            cases=number(cases),
            target_shown=target_shown(view, row),
        )
    each = (
        tr("，平均每季 {margin}", margin=difference(row.margin / left, indicator.unit, indicator.decimals))
        if left > 1
        else ""
    )
    gap = apart(view, row)
    return tr(
        "余下 {left} 个季度{x} {gap}{each}",
        left=left,
        x=tr("还要提高") if indicator.unit == "%" else tr("还差"),
        gap=gap,
        each=each,
    )


def more_cases(row: Row) -> int:
    """Return how many more of the cases known must end well for a rate to reach its target [count]."""
    return math.ceil(round(float(row.target / 100 * row.denominator - row.numerator), 9))


def since_baseline(view: View, id: str) -> str:
    """Return the change since the baseline year, which a met target says nothing of; empty where unknown."""
    row, indicator = view.score(id), view.plan.indicators[id]
    mid_year = indicator.kind in ("annual_count", "case_rate") and view.quarter.quarter < 4
    if math.isnan(row.judged) or math.isnan(row.baseline) or mid_year or indicator.kind == "cumulative_count":
        return ""
    if any(p.series_break for p in view.points(id) if p.quarter.year > view.plan.baseline_year):
        return tr("口径有调整，不与 {baseline_year} 年相比", baseline_year=view.plan.baseline_year)
    change = row.judged - row.baseline
    base = measured(row.baseline, indicator.unit, indicator.decimals)
    if number(abs(change), indicator.decimals) == number(0, indicator.decimals):
        return tr("与 {baseline_year} 年的 {base} 持平", baseline_year=view.plan.baseline_year, base=base)
    size = difference(change, indicator.unit, indicator.decimals)
    return tr(
        "比 {baseline_year} 年的 {base}{part}{x} {size}",
        baseline_year=view.plan.baseline_year,
        base=base,
        part=" " if indicator.unit == "%" else "",
        x=tr("高") if change > 0 else tr("低"),
        size=size,
    )


def about_indicator(view: View, id: str) -> list[str]:
    """Return the sentences on one indicator: verdict, comparison with last year, what is still needed."""
    row = view.score(id)
    first = tr(
        "{name}：{LIGHTS}。{reason}。",
        name=view.plan.indicators[id].name.spoken,
        LIGHTS=LIGHTS[row.light],
        reason=reason(view, row),
    )
    more = [
        part for part in (year_on_year(view, id), still_needed(view, id), since_baseline(view, id)) if part
    ]
    return [first, *([f"{view.plan.indicators[id].name.spoken}" + clauses(more) + tr("。")] if more else [])]


def momentum_sentence(view: View, id: str) -> str:
    """Return the momentum of an indicator as a sentence."""
    row = view.score(id)
    return tr(
        "势头：{MOMENTUM}，{momentum_reason}。",
        MOMENTUM=MOMENTUM[row.momentum],
        momentum_reason=momentum_reason(view, row),
    )
