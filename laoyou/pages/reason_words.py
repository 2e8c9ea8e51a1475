"""Why a figure has its light: a sentence for each reason code, and the words it is built of."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from laoyou.formats import apart_at, beside, difference, grouped, measured, number, percent
from laoyou.ledger.file import MISSING
from laoyou.periods import parse_period, period_label, since_january_label
from laoyou.plan import Indicator
from laoyou.targets import FULL_COVERAGE
from laoyou.view import View
from laoyou.words import LIGHTS

Row = Any  # one row of the assessment, as a Series or a named tuple


def indicator_of(view: View, row: Row) -> Indicator:
    """Return the plan's entry of a row."""
    return view.plan.indicators[row.indicator]


def shown(view: View, row: Row) -> str:
    """Return the figure that a row is judged on, with its unit: 93.7%."""
    indicator = indicator_of(view, row)
    return beside(row.judged, row.target, indicator.unit, indicator.decimals)


def cell_shown(text: str, unit: str) -> str:
    """Return a target cell with its unit beside its number: 2,580 元/月左右， 1 家以上， <5%."""
    match = re.fullmatch(r"([^\d]*)(\d+(?:\.\d+)?)(.*)", text.strip())
    if not match:
        return text.strip()
    before, digits, after = match[1], grouped(match[2]), match[3]
    return f"{before}{digits}{unit}{after}" if unit == "%" else f"{before}{digits} {unit}{after}"


def target_shown(view: View, row: Row) -> str:
    """Return the year's target of a row with its unit."""
    return cell_shown(row.target_text, indicator_of(view, row).unit)


def apart(view: View, row: Row) -> str:
    """Return the size of the distance to the target: 1.8 个百分点."""
    indicator = indicator_of(view, row)
    return difference(row.margin, indicator.unit, indicator.decimals)


def side(view: View, row: Row) -> str:
    """Return on which side of the target the figure stands: 高于 or 低于."""
    above = row.judged > row.target
    return "高" if above else "低"


def goal(view: View, row: Row) -> str:
    """Return what a target is to a row: 目标, or 上限 where lower is better."""
    return "目标" if indicator_of(view, row).direction > 0 else "上限"


def attained(row: Row) -> str:
    """Return the share of the target reached; 100.0% only where it is."""
    return beside(100 * row.judged / row.target, 100.0, "%", 1)


def pace(view: View, row: Row) -> str:
    """Return how a count stands to its share of the year; a ceiling is used up, not completed."""
    if row.gap == 0:
        return f"与{_schedule_name(row)}持平"
    ahead, behind = ("快", "慢") if indicator_of(view, row).direction > 0 else ("低", "高")
    return f"{ahead if row.gap > 0 else behind}于{_schedule_name(row)} {difference(row.gap, '%', 1)}"


def _schedule_name(row: Row) -> str:
    return "往年进度" if row.profile == "own" else "时间进度"


def whose_profile(view: View, row: Row) -> str:
    """Return whose shares of the year a row is held against; empty where they are even."""
    if row.profile == "own":
        return f"前 {row.profile_years:.0f} 年各季占比"
    profile = indicator_of(view, row).profile
    return profile.source if profile else ""


def _schedule(view: View, row: Row) -> str:
    span = since_january_label(view.quarter)
    ceiling = indicator_of(view, row).direction < 0
    share, whose = attained(row), whose_profile(view, row)
    due = percent(row.expected_share, int(row.profile == "own")) + (f"，按{whose}" if whose else "")
    passed = "往年同期" if row.profile == "own" else "时间已过"
    done = (
        f"用去全年上限的 {share}（{passed} {due}）" if ceiling else f"完成全年目标的 {share}（应完成 {due}）"
    )
    if view.quarter.quarter == 4:
        return f"{view.year} 年全年 {shown(view, row)}，{'用去全年上限' if ceiling else '完成全年目标'}的 {share}"
    text = f"{span}累计 {shown(view, row)}，{done}，{pace(view, row)}"
    if not math.isnan(row.band_low):
        inside = row.band_low <= row.judged <= row.band_high
        band = f"{number(row.band_low)}—{number(row.band_high)}"
        level = percent(view.rules.counts.band_level, 0)
        text += f"；按进度推进时偶然波动的 {level} 范围是 {band}，{'仍在其中' if inside else '已在其外'}"
    return text


def _path(view: View, row: Row) -> str:
    indicator = indicator_of(view, row)
    away = row.judged - row.expected
    places = apart_at(row.judged, row.expected, indicator.decimals)
    due = measured(row.expected, indicator.unit, places)
    side = (
        "与之持平"
        if row.gap == 0
        else f"{'多' if away > 0 else '少'} {difference(away, indicator.unit, places)}"
    )
    side = side.replace("多", "高").replace("少", "低") if indicator.unit == "%" else side
    step = f"，相当于本年任务的 {number(abs(row.gap), 1)}%" if row.gap else ""
    so_far = "累计" if row.kind == "cumulative_count" else "年末" if view.quarter.quarter == 4 else "季末"
    whose = whose_profile(view, row) if row.kind == "cumulative_count" else ""
    return f"{so_far} {shown(view, row)}，按{whose or '进度'}应到 {due}，{side}{step}"


def _level(view: View, row: Row) -> str:
    if row.operator == "about":
        band = percent(view.rules.attainment.about_tolerance, 0)
        verdict = (
            "在容差之内"
            if row.light == "green"
            else f"{side(view, row)} {apart(view, row)}，差 {number(abs(row.gap), 1)}%"
        )
        return f"{shown(view, row)}，目标“{row.target_text}”（按 ±{band} 容差），{verdict}"
    return _rate(view, row)


def is_mean(row: Row) -> bool:
    """Return whether the figure judged is the mean of several quarters."""
    return bool(row.kind == "survey_rate" and row.quarters_known > 1)


def _rate(view: View, row: Row) -> str:
    name = "本年平均 " if is_mean(row) else ""
    if row.margin == 0:
        return f"{name}{shown(view, row)}，与{goal(view, row)} {target_shown(view, row)} 相等"
    return f"{name}{shown(view, row)}，比{goal(view, row)} {target_shown(view, row)} {side(view, row)} {apart(view, row)}"


def _rate_alone(view: View, row: Row) -> str:
    """Return how a rate stands; that of cases whose numbers are not known says that chance cannot be told."""
    unknown = row.kind == "case_rate" and math.isnan(row.interval_low)
    return _rate(view, row) + ("；没有分子分母，偶然能有多大说不准" if unknown else "")


def _reach(view: View, row: Row) -> str:
    """Return why a missed rate is yellow: its interval reaches the target, or the miss is small."""
    best = row.interval_high if indicator_of(view, row).direction > 0 else -row.interval_low
    goal = row.target * indicator_of(view, row).direction
    return (
        "区间够得着目标" if best >= goal else f"差距在 {number(view.rules.rate.yellow_within)} 个百分点以内"
    )


def _rate_with_interval(view: View, row: Row) -> str:
    level = percent(view.rules.rate.interval_level, 0)
    low, high = number(row.interval_low, 1), number(row.interval_high, 1)
    higher = indicator_of(view, row).direction > 0
    reach = {
        "green": "整个区间都达到目标"
        if row.target < FULL_COVERAGE
        else "目标是全部，没有区间能整个达到，以率本身判定",
        "watch": f"但个案少，区间{'下' if higher else '上'}端在目标之外"
        + ("" if view.quarter.quarter == 4 else "，还说不准"),
        "yellow": _reach(view, row),
        "red": "整个区间都在目标之外",
    }[row.light]
    case = f"（{number(row.numerator)}/{number(row.denominator)}）"
    past = same_quarter_before(view, row.indicator) if row.light in ("yellow", "red") else ""
    return f"{_rate(view, row)}{case}；{level} 区间 {low}%—{high}%，{reach}" + (f"；{past}" if past else "")


def same_quarter_before(view: View, id: str) -> str:
    """Return how earlier years stood in this quarter and at their end; empty at a year's end or where unknown."""
    indicator, known = view.plan.indicators[id], {p.quarter: p for p in view.points(id) if p.known}
    if view.quarter.quarter == 4:
        return ""
    told = []
    for back in range(3, 0, -1):
        then = view.quarter - 4 * back
        end = then + (4 - then.quarter)
        if then in known and end in known:
            values = (number(known[q].value, indicator.decimals) for q in (then, end))
            told.append(f"{then.year} 年 {' → '.join(values)}")
    return f"往年同季到年末（%）：{'、'.join(told)}" if told else ""


def _no_figure(view: View, row: Row) -> str:
    return f"本季没有数（{MISSING[row.missing]}）" if row.missing else "本季没有数"


def _last_confirmed(view: View, id: str) -> str:
    """Return the last figure known of a row that is confirmed once a year; empty where there is none."""
    known = [p for p in view.points(id) if p.known and p.quarter.quarter == 4]
    if not known:
        return ""
    last, indicator = known[-1], view.plan.indicators[id]
    goal = indicator.targets.get(last.quarter.year)
    beside_goal = f"，当年目标 {cell_shown(goal.text, indicator.unit)}" if goal else ""
    target = indicator.numeric_target(last.quarter.year) if goal else math.nan
    confirmed = beside(last.value, target, indicator.unit, indicator.decimals)
    return f"；上次核定 {last.quarter.year} 年 {confirmed}{beside_goal}"


def _unit_differs(view: View, row: Row) -> str:
    return f"本年目标改为“{row.target_text}”，与本行的{indicator_of(view, row).unit}不是同一个量，需要覆盖率数据才能判定"


_REASONS: Mapping[str, Callable[[View, Row], str]] = {
    "schedule": _schedule,
    "path": _path,
    "level": _level,
    "rate": _rate_alone,
    "rate_with_interval": _rate_with_interval,
    "no_figure": _no_figure,
    "unit_differs": _unit_differs,
    "annual_only": lambda view, row: "按年核定，年末再判" + _last_confirmed(view, row.indicator),
    "milestone": lambda view, row: "目标是开展试点，以佐证判定，不打分",
    "no_numeric_target": lambda view, row: "本年目标栏没有可用的数",
    "target_zero": lambda view, row: f"{shown(view, row)}，目标是 0，算不出完成的份额",
    "incomplete_year": lambda view, row: (
        f"全年应有四个季度的数，只有 {row.quarters_known:.0f} 个，不能取全年平均"
    ),
    "meets_target_already": lambda view, row: f"{_rate(view, row)}；上年目标栏没有可用的数，不画进度线",
    "previous_target_unknown": lambda view, row: (
        f"{_rate(view, row)}；上年目标栏没有可用的数，年末前无法判断进度"
    ),
}


def bare_reason(view: View, row: Row) -> str:
    """Return the sentence of a row's reason code, without what is said of the figure's origin."""
    code = str(row.light_reason)
    for light in LIGHTS:
        code = code.removesuffix(f"_{light}")
    return _REASONS[code](view, row)


def reason(view: View, row: Row) -> str:
    """Return why a row has its light, as a Chinese sentence without its full stop.

    Parameters
    ----------
    view : the page
    row : a row of the assessment
    """
    parts = [bare_reason(view, row) + measured_elsewhere(view, row), smallest_step(view, row.indicator)]
    text = "；".join(part for part in parts if part)
    if (
        row.value_quarter
        and view.plan.indicators[row.indicator].holds_until_changed
        and row.value_quarter != row.quarter
    ):
        text += f"（自{period_label(parse_period(row.value_quarter))}起执行，未见新标准公布）"
    return text


def measured_elsewhere(view: View, row: Row) -> str:
    """Return at which level a figure was measured if not in this region, in brackets; else nothing."""
    if (
        not row.measured_at
        or row.measured_at == view.region.code
        or view.plan.indicators[row.indicator].set_by
    ):
        return ""
    region = view.regions[row.measured_at]
    return f"（{region.zh}的数，{region.level_zh}测得）"


def smallest_step(view: View, id: str) -> str:
    """Return how far a single case moves a rate per so many people; empty where the people are not known."""
    indicator = view.plan.indicators[id]
    yearly = view.yearly(indicator.per.series, view.region.code) if indicator.per else {}
    people = {year: count for year, count in yearly.items() if count > 0}
    if indicator.per is None or not people or math.isnan(view.score(id).judged):
        return ""
    year, count = max(people.items())
    step = indicator.per.amount / count
    return f"按 {year} 年末{view.plan.measurable[indicator.per.series].name.zh} {number(count)} 人，每一{indicator.unit}移动 {number(step, 2)}"
