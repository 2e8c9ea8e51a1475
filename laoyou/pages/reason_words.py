"""Why a figure has its light: a sentence for each reason code, and the words it is built of."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from laoyou.formats import apart_at, beside, difference, grouped, measured, number, percent
from laoyou.language import clauses, listed, tr
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
    return tr("高") if above else tr("低")


def goal(view: View, row: Row) -> str:
    """Return what a target is to a row: 目标, or 上限 where lower is better."""
    return tr("目标") if indicator_of(view, row).direction > 0 else tr("上限")


def attained(row: Row) -> str:
    """Return the share of the target reached; 100.0% only where it is."""
    return beside(100 * row.judged / row.target, 100.0, "%", 1)


def pace(view: View, row: Row) -> str:
    """Return how a count stands to its share of the year; a ceiling is used up, not completed."""
    if row.gap == 0:
        return tr("与{schedule_name}持平", schedule_name=_schedule_name(row))
    ahead, behind = (tr("快"), tr("慢")) if indicator_of(view, row).direction > 0 else (tr("低"), tr("高"))
    return tr(
        "{ahead}于{schedule_name} {gap}",
        ahead=ahead if row.gap > 0 else behind,
        schedule_name=_schedule_name(row),
        gap=difference(row.gap, "%", 1),
    )


def _schedule_name(row: Row) -> str:
    return tr("往年进度") if row.profile == "own" else tr("时间进度")


def whose_profile(view: View, row: Row) -> str:
    """Return whose shares of the year a row is held against; empty where they are even."""
    if row.profile == "own":
        return tr("前 {profile_years} 年各季占比", profile_years=f"{row.profile_years:.0f}")
    profile = indicator_of(view, row).profile
    return profile.source if profile else ""


def _schedule(view: View, row: Row) -> str:
    span = since_january_label(view.quarter)
    ceiling = indicator_of(view, row).direction < 0
    share, whose = attained(row), whose_profile(view, row)
    due = percent(row.expected_share, int(row.profile == "own")) + (
        tr("，按{whose}", whose=whose) if whose else ""
    )
    passed = tr("往年同期") if row.profile == "own" else tr("时间已过")
    done = (
        tr("用去全年上限的 {share}（{passed} {due}）", share=share, passed=passed, due=due)
        if ceiling
        else tr("完成全年目标的 {share}（应完成 {due}）", share=share, due=due)
    )
    if view.quarter.quarter == 4:
        return tr(
            "{year} 年全年 {shown}，{x}的 {share}",
            year=view.year,
            shown=shown(view, row),
            x=tr("用去全年上限") if ceiling else tr("完成全年目标"),
            share=share,
        )
    text = tr(
        "{span}累计 {shown}，{done}，{pace}",
        span=span,
        shown=shown(view, row),
        done=done,
        pace=pace(view, row),
    )
    if not math.isnan(row.band_low):
        inside = row.band_low <= row.judged <= row.band_high
        band = f"{number(row.band_low)}—{number(row.band_high)}"
        level = percent(view.rules.counts.band_level, 0)
        text += tr(
            "；按进度推进时偶然波动的 {level} 范围是 {band}，{x}",
            level=level,
            band=band,
            x=tr("仍在其中") if inside else tr("已在其外"),
        )
    return text


def _path(view: View, row: Row) -> str:
    indicator = indicator_of(view, row)
    away = row.judged - row.expected
    places = apart_at(row.judged, row.expected, indicator.decimals)
    due = measured(row.expected, indicator.unit, places)
    side = (
        tr("与之持平")
        if row.gap == 0
        else f"{(tr('多') if away > 0 else tr('少'))} {difference(away, indicator.unit, places)}"
    )
    side = side.replace(tr("多"), tr("高")).replace(tr("少"), tr("低")) if indicator.unit == "%" else side
    step = tr("，相当于本年任务的 {gap}%", gap=number(abs(row.gap), 1)) if row.gap else ""
    so_far = (
        tr("累计")
        if row.kind == "cumulative_count"
        else tr("年末")
        if view.quarter.quarter == 4
        else tr("季末")
    )
    whose = whose_profile(view, row) if row.kind == "cumulative_count" else ""
    return tr(
        "{so_far} {shown}，按{whose}应到 {due}，{side}{step}",
        so_far=so_far,
        shown=shown(view, row),
        whose=whose or tr("进度"),
        due=due,
        side=side,
        step=step,
    )


def _level(view: View, row: Row) -> str:
    if row.operator == "about":
        band = percent(view.rules.attainment.about_tolerance, 0)
        verdict = (
            tr("在容差之内")
            if row.light == "green"
            else tr(
                "{side} {apart}，差 {gap}%",
                side=side(view, row),
                apart=apart(view, row),
                gap=number(abs(row.gap), 1),
            )
        )
        return tr(
            "{shown}，目标“{target_text}”（按 ±{band} 容差），{verdict}",
            shown=shown(view, row),
            target_text=row.target_text,
            band=band,
            verdict=verdict,
        )
    return _rate(view, row)


def is_mean(row: Row) -> bool:
    """Return whether the figure judged is the mean of several quarters."""
    return bool(row.kind == "survey_rate" and row.quarters_known > 1)


def _rate(view: View, row: Row) -> str:
    name = tr("本年平均 ") if is_mean(row) else ""
    if row.margin == 0:
        return tr(
            "{name}{shown}，与{goal} {target_shown} 相等",
            name=name,
            shown=shown(view, row),
            goal=goal(view, row),
            target_shown=target_shown(view, row),
        )
    return tr(
        "{name}{shown}，比{goal} {target_shown} {side} {apart}",
        name=name,
        shown=shown(view, row),
        goal=goal(view, row),
        target_shown=target_shown(view, row),
        side=side(view, row),
        apart=apart(view, row),
    )


def _rate_alone(view: View, row: Row) -> str:
    """Return how a rate stands; that of cases whose numbers are not known says that chance cannot be told."""
    unknown = row.kind == "case_rate" and math.isnan(row.interval_low)
    return _rate(view, row) + (tr("；没有分子分母，偶然能有多大说不准") if unknown else "")


def _reach(view: View, row: Row) -> str:
    """Return why a missed rate is yellow: its interval reaches the target, or the miss is small."""
    best = row.interval_high if indicator_of(view, row).direction > 0 else -row.interval_low
    goal = row.target * indicator_of(view, row).direction
    return (
        tr("区间够得着目标")
        if best >= goal
        else tr("差距在 {yellow_within} 个百分点以内", yellow_within=number(view.rules.rate.yellow_within))
    )


def _rate_with_interval(view: View, row: Row) -> str:
    level = percent(view.rules.rate.interval_level, 0)
    low, high = number(row.interval_low, 1), number(row.interval_high, 1)
    higher = indicator_of(view, row).direction > 0
    reach = {
        "green": tr("整个区间都达到目标")
        if row.target < FULL_COVERAGE
        else tr("目标是全部，没有区间能整个达到，以率本身判定"),
        "watch": tr("但个案少，区间{x}端在目标之外", x=tr("下") if higher else tr("上"))
        + ("" if view.quarter.quarter == 4 else tr("，还说不准")),
        "yellow": _reach(view, row),
        "red": tr("整个区间都在目标之外"),
    }[row.light]
    case = tr(
        "（{numerator}/{denominator}）", numerator=number(row.numerator), denominator=number(row.denominator)
    )
    past = same_quarter_before(view, row.indicator) if row.light in ("yellow", "red") else ""
    return tr(
        "{rate}{case}；{level} 区间 {low}%—{high}%，{reach}",
        rate=_rate(view, row),
        case=case,
        level=level,
        low=low,
        high=high,
        reach=reach,
    ) + (tr("；{past}", past=past) if past else "")


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
            told.append(tr("{year} 年 {values}", year=then.year, values=" → ".join(values)))
    return tr("往年同季到年末（%）：{told}", told=listed(told)) if told else ""


def _no_figure(view: View, row: Row) -> str:
    return tr("本季没有数（{MISSING}）", MISSING=MISSING[row.missing]) if row.missing else tr("本季没有数")


def _last_confirmed(view: View, id: str) -> str:
    """Return the last figure known of a row that is confirmed once a year; empty where there is none."""
    known = [p for p in view.points(id) if p.known and p.quarter.quarter == 4]
    if not known:
        return ""
    last, indicator = known[-1], view.plan.indicators[id]
    goal = indicator.targets.get(last.quarter.year)
    beside_goal = (
        tr("，当年目标 {cell_shown}", cell_shown=cell_shown(goal.text, indicator.unit)) if goal else ""
    )
    target = indicator.numeric_target(last.quarter.year) if goal else math.nan
    confirmed = beside(last.value, target, indicator.unit, indicator.decimals)
    return tr(
        "；上次核定 {year} 年 {confirmed}{beside_goal}",
        year=last.quarter.year,
        confirmed=confirmed,
        beside_goal=beside_goal,
    )


def _unit_differs(view: View, row: Row) -> str:
    return tr(
        "本年目标改为“{target_text}”，与本行的{unit}不是同一个量，需要覆盖率数据才能判定",
        target_text=row.target_text,
        unit=indicator_of(view, row).unit,
    )


_REASONS: Mapping[str, Callable[[View, Row], str]] = {
    "schedule": _schedule,
    "path": _path,
    "level": _level,
    "rate": _rate_alone,
    "rate_with_interval": _rate_with_interval,
    "no_figure": _no_figure,
    "unit_differs": _unit_differs,
    "annual_only": lambda view, row: tr("按年核定，年末再判") + _last_confirmed(view, row.indicator),
    "milestone": lambda view, row: tr("目标是开展试点，以佐证判定，不打分"),
    "no_numeric_target": lambda view, row: tr("本年目标栏没有可用的数"),
    "target_zero": lambda view, row: tr("{shown}，目标是 0，算不出完成的份额", shown=shown(view, row)),
    "incomplete_year": lambda view, row: tr(
        "全年应有四个季度的数，只有 {quarters_known} 个，不能取全年平均",
        quarters_known=f"{row.quarters_known:.0f}",
    ),
    "meets_target_already": lambda view, row: tr(
        "{rate}；上年目标栏没有可用的数，不画进度线", rate=_rate(view, row)
    ),
    "previous_target_unknown": lambda view, row: tr(
        "{rate}；上年目标栏没有可用的数，年末前无法判断进度", rate=_rate(view, row)
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
    text = clauses(part for part in parts if part)
    if (
        row.value_quarter
        and view.plan.indicators[row.indicator].holds_until_changed
        and row.value_quarter != row.quarter
    ):
        text += tr(
            "（自{period_label}起执行，未见新标准公布）",
            period_label=period_label(parse_period(row.value_quarter)),
        )
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
    return tr("（{region}的数，{level_spoken}测得）", region=region.spoken, level_spoken=region.level_spoken)


def smallest_step(view: View, id: str) -> str:
    """Return how far a single case moves a rate per so many people; empty where the people are not known."""
    indicator = view.plan.indicators[id]
    yearly = view.yearly(indicator.per.series, view.region.code) if indicator.per else {}
    people = {year: count for year, count in yearly.items() if count > 0}
    if indicator.per is None or not people or math.isnan(view.score(id).judged):
        return ""
    year, count = max(people.items())
    step = indicator.per.amount / count
    return tr(
        "按 {year} 年末{name} {count} 人，每一{unit}移动 {step}",
        year=year,
        name=view.plan.measurable[indicator.per.series].name.spoken,
        count=number(count),
        unit=indicator.unit,
        step=number(step, 2),
    )
