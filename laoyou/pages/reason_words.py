"""Why a figure has its light: a sentence for each reason code."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from laoyou.formats import apart_at, beside, difference, measured, number, percent, unit_words
from laoyou.language import clauses, mark, noted, tr, trn
from laoyou.ledger.file import MISSING
from laoyou.pages.rate_words import against_target, level, rate_alone, rate_with_interval
from laoyou.pages.standing_words import (
    Row,
    attained,
    indicator_of,
    measured_elsewhere,
    pace,
    shown,
    whose_profile,
)
from laoyou.pages.target_words import cell_shown, quoted
from laoyou.periods import parse_period, period_label, since_january_label
from laoyou.view import View
from laoyou.words import LIGHTS

_CEILING_USED = {  # by whether its pace is that of earlier years
    True: mark("用去全年上限的 {share}（往年同期 {due}）"),
    False: mark("用去全年上限的 {share}（时间已过 {due}）"),
}
_SO_FAR = {
    "total": mark("累计 {figure}"),
    "year_end": mark("年末 {figure}"),
    "quarter_end": mark("季末 {figure}"),
}
_AWAY = {  # a rate or a number of things, above or below what is due
    (True, True): mark("高 {away}"),
    (True, False): mark("低 {away}"),
    (False, True): mark("多 {away}"),
    (False, False): mark("少 {away}"),
}


def _schedule(view: View, row: Row) -> str:
    ceiling = indicator_of(view, row).direction < 0
    told = {"year": view.year, "figure": shown(view, row), "share": attained(row)}
    if view.quarter.quarter == 4:
        return (
            tr("{year} 年全年 {figure}，用去全年上限的 {share}", **told)
            if ceiling
            else tr("{year} 年全年 {figure}，完成全年目标的 {share}", **told)
        )
    text = tr(
        "{span}累计 {figure}，{done}，{pace}",
        span=since_january_label(view.quarter),
        figure=shown(view, row),
        done=_done(view, row, ceiling),
        pace=pace(view, row),
    )
    return clauses((text, _by_chance(view, row)))


def _done(view: View, row: Row, ceiling: bool) -> str:
    """Return which share of the year's target is done, or of its ceiling used, beside what is due."""
    own = row.profile == "own"
    due, whose = percent(row.expected_share, int(own)), whose_profile(view, row)
    told = {"share": attained(row), "due": tr("{due}，按{whose}", due=due, whose=whose) if whose else due}
    if ceiling:
        used = _CEILING_USED[own]
        return tr(used, **told)
    return tr("完成全年目标的 {share}（应完成 {due}）", **told)


def _by_chance(view: View, row: Row) -> str:
    """Return how far chance alone moves a small count that is on pace; empty for others."""
    if math.isnan(row.band_low):
        return ""
    told = {
        "level": percent(view.rules.counts.band_level, 0),
        "low": number(row.band_low),
        "high": number(row.band_high),
    }
    if row.band_low <= row.judged <= row.band_high:
        return tr("按进度推进时偶然波动的 {level} 范围是 {low}—{high}，仍在其中", **told)
    return tr("按进度推进时偶然波动的 {level} 范围是 {low}—{high}，已在其外", **told)


def _path(view: View, row: Row) -> str:
    indicator, total = indicator_of(view, row), row.kind == "cumulative_count"
    away = row.judged - row.expected
    places = apart_at(row.judged, row.expected, indicator.decimals)
    due = measured(row.expected, indicator.unit, places)
    whose = whose_profile(view, row) if total else ""
    reached = "total" if total else "year_end" if view.quarter.quarter == 4 else "quarter_end"
    told = {
        "so_far": tr(_SO_FAR[reached], figure=shown(view, row)),
        "due": tr("按{whose}应到 {due}", whose=whose, due=due) if whose else tr("按进度应到 {due}", due=due),
    }
    if row.gap == 0:
        return tr("{so_far}，{due}，与之持平", **told)
    message = _AWAY[indicator.unit == "%", away > 0]
    told["away"] = tr(message, away=difference(away, indicator.unit, places))
    return tr("{so_far}，{due}，{away}，相当于本年任务的 {gap}%", gap=number(abs(row.gap), 1), **told)


def no_figure(missing: str) -> str:
    """Return that the quarter has no figure, and the code's word for why where there is one."""
    return tr("本季没有数（{why}）", why=MISSING[missing]) if missing else tr("本季没有数")


def _annual_only(view: View, row: Row) -> str:
    return clauses((tr("按年核定，年末再判"), _last_confirmed(view, row.indicator)))


def _last_confirmed(view: View, id: str) -> str:
    """Return the last figure known of a row that is confirmed once a year; empty where there is none."""
    known = [p for p in view.points(id) if p.known and p.quarter.quarter == 4]
    if not known:
        return ""
    last, indicator = known[-1], view.plan.indicators[id]
    year = int(last.quarter.year)
    if year not in indicator.targets:
        figure = measured(last.value, indicator.unit, indicator.decimals)
        return tr("上次核定 {year} 年 {figure}", year=year, figure=figure)
    return tr(
        "上次核定 {year} 年 {figure}，当年目标 {target}",
        year=year,
        figure=beside(last.value, indicator.numeric_target(year), indicator.unit, indicator.decimals),
        target=cell_shown(indicator.targets[year].text, indicator.unit),
    )


def _unit_differs(view: View, row: Row) -> str:
    return tr(
        "本年目标改为{target}，与本行的{unit}不是同一个量，需要覆盖率数据才能判定",
        target=quoted(row.target_text),
        unit=unit_words(indicator_of(view, row).unit),
    )


_REASONS: Mapping[str, Callable[[View, Row], str]] = {
    "schedule": _schedule,
    "path": _path,
    "level": level,
    "rate": rate_alone,
    "rate_with_interval": rate_with_interval,
    "no_figure": lambda view, row: no_figure(row.missing),
    "unit_differs": _unit_differs,
    "annual_only": _annual_only,
    "milestone": lambda view, row: tr("目标是开展试点，以佐证判定，不打分"),
    "no_numeric_target": lambda view, row: tr("本年目标栏没有可用的数"),
    "target_zero": lambda view, row: tr("{figure}，目标是 0，算不出完成的份额", figure=shown(view, row)),
    "incomplete_year": lambda view, row: trn(
        "全年应有四个季度的数，只有 {n} 个，不能取全年平均", int(row.quarters_known)
    ),
    "meets_target_already": lambda view, row: tr(
        "{figure}；上年目标栏没有可用的数，不画进度线", figure=against_target(view, row)
    ),
    "previous_target_unknown": lambda view, row: tr(
        "{figure}；上年目标栏没有可用的数，年末前无法判断进度", figure=against_target(view, row)
    ),
}


def bare_reason(view: View, row: Row) -> str:
    """Return the sentence of a row's reason code, without what is said of the figure's origin."""
    code = str(row.light_reason)
    for light in LIGHTS:
        code = code.removesuffix(f"_{light}")
    return _REASONS[code](view, row)


def reason(view: View, row: Row) -> str:
    """Return why a row has its light, as a sentence without its full stop.

    Parameters
    ----------
    view : the page
    row : a row of the assessment
    """
    why = noted(bare_reason(view, row), measured_elsewhere(view, row))
    text = clauses((why, smallest_step(view, row.indicator)))
    held = row.value_quarter and row.value_quarter != row.quarter
    if not held or not indicator_of(view, row).holds_until_changed:
        return text
    since = period_label(parse_period(row.value_quarter))
    return noted(text, tr("自{since}起执行，未见新标准公布", since=since))


def smallest_step(view: View, id: str) -> str:
    """Return how far a single case moves a rate per so many people; empty where the people are not known."""
    indicator = view.plan.indicators[id]
    yearly = view.yearly(indicator.per.series, view.region.code) if indicator.per else {}
    people = {year: count for year, count in yearly.items() if count > 0}
    if indicator.per is None or not people or math.isnan(view.score(id).judged):
        return ""
    year, count = max(people.items())
    return tr(
        "按 {year} 年末{name} {count} 人，每一{unit}移动 {step}",
        year=year,
        name=view.plan.measurable[indicator.per.series].name.spoken,
        count=number(count),
        unit=unit_words(indicator.unit, "1"),
        step=number(indicator.per.amount / count, 2),
    )
