"""The sentences that readers see, made from the figures and the reason codes."""

from __future__ import annotations

import math

from laoyou.formats import MOST_DECIMALS, apart_at, difference, measured, number
from laoyou.language import begun, clauses, mark, markn, tr, trn
from laoyou.pages.reason_words import bare_reason, no_figure, reason
from laoyou.pages.standing_words import (
    Row,
    apart,
    attained,
    goal,
    indicator_of,
    is_mean,
    pace,
    shown,
    target_shown,
)
from laoyou.pages.target_words import quoted
from laoyou.view import View
from laoyou.words import LEVEL_UNITS, LIGHTS, MOMENTUM

# By whether the unit is one of a level, which rises, and whether it is upwards.
_MOVING = {
    (True, True): mark("平均每期{step}升 {change}"),
    (True, False): mark("平均每期{step}降 {change}"),
    (False, True): mark("平均每期{step}增加 {change}"),
    (False, False): mark("平均每期{step}减少 {change}"),
}
_ON_LAST_YEAR = {
    (True, True): mark("比上年同期升 {change}"),
    (True, False): mark("比上年同期降 {change}"),
    (False, True): mark("比上年同期多 {change}"),
    (False, False): mark("比上年同期少 {change}"),
}
# By whether it is a rate, and whether it is above.
_ON_PATH = {
    (True, True): mark("高于进度线 {away}"),
    (True, False): mark("低于进度线 {away}"),
    (False, True): mark("多于进度线 {away}"),
    (False, False): mark("少于进度线 {away}"),
}
_ON_BASELINE = {
    (True, True): mark("比 {year} 年的 {base} 高 {change}"),
    (True, False): mark("比 {year} 年的 {base} 低 {change}"),
    (False, True): mark("比 {year} 年的 {base}高 {change}"),
    (False, False): mark("比 {year} 年的 {base}低 {change}"),
}


def verdict_reason(row: Row) -> str:
    """Return why a row has its year's verdict, in a few words that stand alone."""
    return {
        "year_not_over": tr("本年尚未结束"),
        "passed_early": tr("计数已超过全年目标"),
        "meets_target": tr("达到本年目标"),
        "misses_target": tr("未达到本年目标"),
        "unit_differs": tr("目标与本行单位不同"),
        "milestone": begun(tr("目标是开展试点")),
        "no_numeric_target": begun(tr("目标栏没有可用的数")),
        "incomplete_year": tr("全年数据不全"),
        "no_figure": tr("没有数"),
    }[row.compliance_reason]


def momentum_reason(view: View, row: Row) -> str:
    """Return what the momentum rests on."""
    if row.momentum_reason != "computed":
        return {
            "series_break": tr("口径调整后可比的点不够"),
            "no_figure": no_figure(""),
            "too_few_points": tr("可比的点不够"),
            "no_numeric_target": tr("本年目标栏没有可用的数"),
        }[row.momentum_reason]
    indicator = indicator_of(view, row)
    yearly = indicator.frequency == "year" or row.kind in ("case_rate", "annual_count", "cumulative_count")
    step = tr("同比") if yearly else tr("环比")
    if round(row.change, MOST_DECIMALS) == 0:
        return tr("{step}没有变化", step=step)
    places = apart_at(row.change, 0.0, max(indicator.decimals, 1))
    change = difference(row.change, indicator.unit, places)
    return tr(_MOVING[indicator.unit in LEVEL_UNITS, row.change > 0], step=step, change=change)


def headline(view: View, id: str) -> str:
    """Return the finding of a figure of one indicator: its title."""
    row = view.score(id)
    name = view.plan.indicators[id].name.spoken
    if row.light == "no_data":
        return tr("{name}：{reason}", name=name, reason=bare_reason(view, row))
    if row.light == "annual_only":
        target = target_shown(view, row)
        return tr("{name}按年核定，{year} 年目标 {target}", name=name, year=view.year, target=target)
    told = {"name": name, "figure": shown(view, row), "finding": _finding(view, row)}
    if is_mean(row):
        return tr("{name}本年平均 {figure}，{finding}", **told)
    return tr("{name} {figure}，{finding}", **told)


def _finding(view: View, row: Row) -> str:
    """Return the shortest true statement of how a figure stands."""
    indicator = indicator_of(view, row)
    if row.rule == "schedule":
        closed = view.quarter.quarter == 4 and indicator.direction > 0
        return tr("完成全年目标的 {share}", share=attained(row)) if closed else pace(view, row)
    if row.rule == "path":
        if row.gap == 0:
            return tr("正在进度线上")
        away = row.judged - row.expected
        size = difference(away, indicator.unit, indicator.decimals)
        message = _ON_PATH[indicator.unit == "%", away > 0]
        return tr(message, away=size)
    if row.operator == "about" and row.light == "green":
        return tr("在{target}的容差之内", target=quoted(row.target_text))
    told = {"goal": goal(view, row), "apart": apart(view, row)}
    if row.margin == 0:
        return tr("与{goal}相等", **told)
    return tr("比{goal}高 {apart}", **told) if row.judged > row.target else tr("比{goal}低 {apart}", **told)


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
        new, due = (measured(count, indicator.unit) for count in (row.increment, row.increment_target))
        return tr("本年新增 {new}，全年任务 {due}", new=new, due=due)
    if number(abs(change), indicator.decimals) == number(0, indicator.decimals):
        text = tr("与上年同期持平")
    else:
        message = _ON_LAST_YEAR[indicator.unit in LEVEL_UNITS, change > 0]
        text = tr(message, change=difference(change, indicator.unit, indicator.decimals))
    # The mean of the year so far is what the rest speaks of.
    return tr("本季{text}", text=text) if is_mean(row) else text


def still_needed(view: View, id: str) -> str:
    """Return what it takes to reach the year's target; empty where it is reached, unknown or not ours to say."""
    row, indicator = view.score(id), view.plan.indicators[id]
    left = 4 - view.quarter.quarter
    tolerated = row.operator == "about" and row.light == "green"
    known = not (math.isnan(row.judged) or math.isnan(row.margin))
    if not known or row.margin >= 0 or tolerated or indicator.direction < 0 or not left:
        return ""
    if indicator.set_by:
        return tr("由{setter}制定，区里无法自行达到", setter=view.regions[indicator.set_by].spoken)
    if row.kind == "case_rate" and not math.isnan(row.denominator):
        cases = more_cases(row)
        return trn(
            "按现有 {denominator} 件分母，还要再办成 {cases} 件才到 {target}",
            cases,
            denominator=number(row.denominator),
            cases=number(cases),
            target=target_shown(view, row),
        )
    rate = indicator.unit == "%"
    message = markn("余下 {n} 个季度还要提高 {gap}") if rate else markn("余下 {n} 个季度还差 {gap}")
    needed = trn(message, left, gap=apart(view, row))
    if left == 1:
        return needed
    each = difference(row.margin / left, indicator.unit, indicator.decimals)
    return tr("{needed}，平均每季 {each}", needed=needed, each=each)


def more_cases(row: Row) -> int:
    """Return how many more of the cases known must end well for a rate to reach its target [count]."""
    return math.ceil(round(float(row.target / 100 * row.denominator - row.numerator), 9))


def since_baseline(view: View, id: str) -> str:
    """Return the change since the baseline year, which a met target says nothing of; empty where unknown."""
    row, indicator = view.score(id), view.plan.indicators[id]
    mid_year = indicator.kind in ("annual_count", "case_rate") and view.quarter.quarter < 4
    if math.isnan(row.judged) or math.isnan(row.baseline) or mid_year or indicator.kind == "cumulative_count":
        return ""
    year = view.plan.baseline_year
    if any(p.series_break for p in view.points(id) if p.quarter.year > year):
        return tr("口径有调整，不与 {year} 年相比", year=year)
    change = row.judged - row.baseline
    base = measured(row.baseline, indicator.unit, indicator.decimals)
    if number(abs(change), indicator.decimals) == number(0, indicator.decimals):
        return tr("与 {year} 年的 {base} 持平", year=year, base=base)
    size = difference(change, indicator.unit, indicator.decimals)
    message = _ON_BASELINE[indicator.unit == "%", change > 0]
    return tr(message, year=year, base=base, change=size)


def about_indicator(view: View, id: str) -> list[str]:
    """Return the sentences on one indicator: verdict, comparison with last year, what is still needed."""
    row, name = view.score(id), view.plan.indicators[id].name.spoken
    why = begun(reason(view, row))
    first = tr("{name}：{light}。{reason}。", name=name, light=LIGHTS[row.light], reason=why)
    more = clauses((year_on_year(view, id), still_needed(view, id), since_baseline(view, id)))
    return [first, tr("{name}{more}。", name=name, more=more)] if more else [first]


def momentum_sentence(view: View, id: str) -> str:
    """Return the momentum of an indicator as a sentence."""
    row = view.score(id)
    return tr(
        "势头：{momentum}，{reason}。", momentum=MOMENTUM[row.momentum], reason=momentum_reason(view, row)
    )
