"""What a page says of a rate from a survey: its level, the year's mean, province and nation, and noise that is no trend."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from laoyou.control_chart import Limits, xmr_limits
from laoyou.formats import MOST_DECIMALS, away_as_printed, beside, difference, measured, number, signed
from laoyou.language import clauses, listed, mark, tr
from laoyou.markup import Html, details, element, escape, listing, plain, table
from laoyou.pages import charts, narrative
from laoyou.pages.reason_words import goal, target_shown
from laoyou.periods import since_january_label
from laoyou.survey_year import mean_still_allowed
from laoyou.targets import Operator
from laoyou.view import View
from laoyou.words import MOMENTUM

ABSENT = mark("本规划没有这一项指标。")


def level(view: View, id: str, *, references: Mapping[str, str]) -> Html:
    """Return a survey rate against its limit, province and nation, with what of its ups and downs is ordinary.

    Parameters
    ----------
    view : the page
    id : an indicator of the kind ``survey_rate``
    references : region codes whose published yearly figures it is compared with, and their names
    """
    chart = charts.series(view, id, references=references)
    if id not in view.plan.indicators:
        return chart
    said = [level_sentence(view, id), year_sentence(view, id), *reference_sentences(view, id, references)]
    said += [noise_sentence(view, id), momentum_sentence(view, id)]
    words = listing([sentence for sentence in said if sentence])
    markup = chart.html + words + _years_table(view, id, references) + _definitions(view, id)
    return Html(markup, plain(markup))


# Level and year


def measured_at(view: View, id: str, year: int, quarter: int | None = None) -> list[str]:
    """Return the codes of the regions that a year's quarters, or one of them, were measured at; none where not told."""
    rows = view.observations
    last = view.quarter.quarter if year == view.year else 4
    ours = (rows["region"] == view.region.code) & (rows["indicator"] == id) & (rows["year"] == year)
    ours &= rows["quarter"].between(quarter or 1, quarter or last) & rows["value"].notna()
    codes = dict.fromkeys(rows[ours].sort_values("quarter")["measured_at"])
    return [code for code in codes if code in view.regions]


def _levels_shown(view: View, codes: Sequence[str]) -> str:
    return listed(
        tr(
            "{regions}（{level_spoken}）",
            regions=view.regions[code].spoken,
            level_spoken=view.regions[code].level_spoken,
        )
        for code in codes
    )


def level_sentence(view: View, id: str) -> str:
    """Return how the quarter's level stands to the limit, and at which level it was measured."""
    row, indicator = view.score(id), view.plan.indicators[id]
    if math.isnan(row.value):
        return tr("{label}没有数，离{goal}多远说不出。", label=view.label, goal=goal(view, row))
    codes = measured_at(view, id, view.year, view.quarter.quarter)
    text = tr(
        "{label} {beside}，",
        label=view.label,
        beside=beside(row.value, row.target, indicator.unit, indicator.decimals),
    )
    text += (
        tr("在{levels_shown}测得", levels_shown=_levels_shown(view, codes))
        if codes
        else tr("没有写明在哪一级测得")
    )
    text += (
        tr("，不是{region}自己的数", region=view.region.spoken)
        if codes and view.region.code not in codes
        else ""
    )
    if math.isnan(row.target):
        return tr("{text}。", text=text)
    return tr("{text}；{to_limit}。", text=text, to_limit=_to_limit(view, row, row.value))


def _to_limit(view: View, row: Any, value: float) -> str:
    indicator = view.plan.indicators[row.indicator]
    away = round(value - row.target, MOST_DECIMALS)
    name = f"{goal(view, row)} {target_shown(view, row)}"
    return (
        tr(
            "比{name} {x} {away}",
            name=name,
            x=tr("高") if away > 0 else tr("低"),
            away=difference(away, indicator.unit, indicator.decimals),
        )
        if away
        else tr("与{name} 相等", name=name)
    )


def _quarters(view: View, id: str, year: int) -> list[float]:
    """Return the quarters of a year that are over, NaN where there is no figure."""
    values = {p.quarter: p.value for p in view.points(id)}
    last = view.quarter.quarter if year == view.year else 4
    return [values.get(pd.Period(year=year, quarter=n, freq="Q-DEC"), math.nan) for n in range(1, last + 1)]


def year_sentence(view: View, id: str) -> str:
    """Return the mean of the year so far against the year's reading, and what it leaves to the quarters to come."""
    row, indicator = view.score(id), view.plan.indicators[id]
    known = _quarters(view, id, view.year)
    missing = sum(math.isnan(x) for x in known)
    year = tr("全年的 {target_shown} 看的是四个季度的平均", target_shown=target_shown(view, row))
    if math.isnan(row.target):
        return ""
    if math.isnan(row.judged):
        gone = (
            tr("{known} 个季度过去，{missing} 个没有数", known=len(known), missing=missing)
            if missing
            else tr("本季没有数")
        )
        return tr("{year}；{gone}，平均算不出来。", year=year, gone=gone)
    mean = tr(
        "{beside}，{to_limit_mean}",
        beside=beside(row.judged, row.target, indicator.unit, indicator.decimals + 1),
        to_limit_mean=_to_limit_mean(view, row),
    )
    if view.quarter.quarter == 4:
        whose = tr("公布的全年数") if id in _published(view, id) else tr("四个季度平均")
        return tr("{year} 年{whose} {mean}。", year=view.year, whose=whose, mean=mean)
    text = tr(
        "{year}；{since_january_label} {int} 个季度平均 {mean}",
        year=year,
        since_january_label=since_january_label(view.quarter),
        int=int(row.quarters_known),
        mean=mean,
    )
    if missing:
        return tr(
            "{text}。有 {missing} 个季度没有数，补上之前余下的季度能到多少推算不出。",
            text=text,
            missing=missing,
        )
    return tr("{text}。{left_sentence}", text=text, left_sentence=_left_sentence(view, row, known))


def still_allowed(view: View, id: str) -> str:
    """Return what the year so far leaves to its quarters to come; empty where that cannot be said."""
    row, known = view.score(id), _quarters(view, id, view.year)
    told = not (math.isnan(row.target) or math.isnan(row.judged) or any(map(math.isnan, known)))
    return _left_sentence(view, row, known) if told and len(known) < 4 else ""


def _published(view: View, id: str) -> tuple[str, ...]:
    return (id,) if view.year in view.yearly(id, view.region.code) else ()


def _to_limit_mean(view: View, row: Any) -> str:
    indicator = view.plan.indicators[row.indicator]
    away = away_as_printed(row.judged, row.target, indicator.decimals + 1)
    size = difference(away, indicator.unit, indicator.decimals + 1)
    name = goal(view, row)
    return (
        tr("比{name}{x} {size}", name=name, x=tr("高") if away > 0 else tr("低"), size=size)
        if away
        else tr("与{name}相等", name=name)
    )


def _left_sentence(view: View, row: Any, known: Sequence[float]) -> str:
    """Return what the quarters to come may be at most, or must be at least."""
    indicator, left = view.plan.indicators[row.indicator], 4 - len(known)
    allowed = mean_still_allowed(known, row.target)
    ceiling = indicator.direction < 0
    if round(allowed, MOST_DECIMALS) < 0 or (
        round(allowed, MOST_DECIMALS) == 0 and row.operator == Operator.LT
    ):
        return tr(
            "余下 {left} 个季度即使为 0 也{x}。", left=left, x=tr("守不住") if ceiling else tr("达得到")
        )
    bound = {Operator.LT: tr("低于"), Operator.LE: tr("不高于"), Operator.GT: tr("高于")}.get(
        row.operator, tr("不低于")
    )
    # Rounded to the safe side: a bound rounded up would let the year fail.
    scale = 10.0 ** (indicator.decimals + 1)
    safe = (math.floor if ceiling else math.ceil)(round(allowed * scale, MOST_DECIMALS)) / scale
    text = tr(
        "余下 {left} 个季度{part}只要{bound} {safe}",
        left=left,
        part="" if left == 1 else tr("平均"),
        bound=bound,
        safe=measured(safe, indicator.unit, indicator.decimals + 1),
    )
    return tr("{text}，全年就{x}。", text=text, x=tr("守得住") if ceiling else tr("达得到"))


# Province and nation


def annual_mean(view: View, id: str, year: int) -> float:
    """Return what a year is judged on: its published figure or the mean of four quarters; of this year, so far [%]."""
    if year not in view.plan.years:
        return math.nan
    quarter = view.quarter if year == view.year else pd.Period(year=year, quarter=4, freq="Q-DEC")
    return float(replace(view, quarter=quarter).score(id).judged)


def apart_words(ours: float, theirs: float, name: str, decimals: int) -> str:
    """Return how a rate stands to a published one; too close for its decimals to tell is said so.

    Parameters
    ----------
    ours, theirs : [%]; the latter as published, to ``decimals`` places
    name : whose the other is
    """
    away = round(ours - theirs, MOST_DECIMALS)
    if _alike(away, decimals):
        return tr("与{name}的 {theirs} 分不出高低", name=name, theirs=measured(theirs, "%", decimals))
    return tr(
        "比{name}的 {theirs} {x} {away}",
        name=name,
        theirs=measured(theirs, "%", decimals),
        x=tr("高") if away > 0 else tr("低"),
        away=difference(away, "%", decimals),
    )


def _alike(away: float, decimals: int) -> bool:
    """Return whether a distance to a figure published to so many places is too small for them to tell."""
    return abs(away) <= round(0.5 * 10.0**-decimals, MOST_DECIMALS)


def _apart_shown(away: float, decimals: int) -> str:
    """Return a distance to a published figure for the table: no finer than the figure itself."""
    return tr("分不出") if _alike(away, decimals) else signed(away, "%", decimals)


def reference_sentences(view: View, id: str, references: Mapping[str, str]) -> list[str]:
    """Return the distance to each region of reference in the last year that both have, and what is not out yet."""
    indicator = view.plan.indicators[id]
    said = []
    for code, name in references.items():
        theirs = {year: value for year, value in view.yearly(id, code).items() if not math.isnan(value)}
        both = [year for year in theirs if not math.isnan(annual_mean(view, id, year)) and _whole(view, year)]
        if not both:
            said.append(tr("{name}没有可比的年份：同一年两边都要有全年的数。", name=name))
            continue
        year = max(both)
        ours = annual_mean(view, id, year)
        text = tr(
            "{year} 年全年平均 {ours}，{apart_words}",
            year=year,
            ours=measured(ours, "%", indicator.decimals + 1),
            apart_words=apart_words(ours, theirs[year], name, indicator.decimals),
        )
        later = [str(y) for y in range(year + 1, view.year + _whole(view, view.year)) if y not in theirs]
        said.append(
            text
            + (
                tr("；{later} 年{name}的数台账里没有。", later=listed(later), name=name)
                if later
                else tr("。")
            )
        )
    return said


def _whole(view: View, year: int) -> bool:
    """Return whether a year is over on the page."""
    return bool(year < view.year or view.quarter.quarter == 4)


def _years_table(view: View, id: str, references: Mapping[str, str]) -> str:
    indicator, places = view.plan.indicators[id], view.plan.indicators[id].decimals
    theirs = {code: view.yearly(id, code) for code in references}
    rows = []
    for year in range(view.plan.first_year, view.year + 1):
        ours = annual_mean(view, id, year)
        target = indicator.numeric_target(year)
        label = tr("{year}年", year=year) if _whole(view, year) else since_january_label(view.quarter)
        cells = [
            number(ours, places + 1),
            indicator.targets[year].text,
            signed(away_as_printed(ours, target, places + 1), "%", places + 1),
        ]
        for code in references:
            value = theirs[code].get(year, math.nan)
            cells += [number(value, places), _apart_shown(round(ours - value, MOST_DECIMALS), places)]
        codes = measured_at(view, id, year)
        where = (
            tr("{levels_shown}测得", levels_shown=_levels_shown(view, codes))
            if codes
            else tr("没有数")
            if math.isnan(ours)
            else tr("没有写明层级")
        )
        rows.append([escape(label) + element("small", escape(where)), *map(escape, cells)])
    heads = [
        tr("年"),
        tr("平均（%）"),
        goal(view, view.score(id)),
        tr("离{goal}", goal=goal(view, view.score(id))),
    ]
    for name in references.values():
        heads += [tr("{name}（%）", name=name), tr("比{name}", name=name)]
    sample = tr("，本地为演示数据") if id in view.sample_indicators else ""
    caption = tr(
        "{name}各年平均；“离”“比”为两者之差，单位：个百分点{sample}",
        name=indicator.name.spoken,
        sample=sample,
    )
    shown = table(caption, heads, rows, class_="data cards", numeric=range(1, len(heads)))
    sources = [
        tr("{name}：{fromkeys}", name=name, fromkeys=listed(dict.fromkeys(view.yearly_sources(id, code))))
        for code, name in references.items()
        if theirs[code]
    ]
    return shown + (
        element("p", escape(tr("来源：{sources}。", sources=clauses(sources))), class_="source")
        if sources
        else ""
    )


# Noise


def ordinary(view: View, id: str) -> tuple[Limits, list[float]]:
    """Return how far a survey rate strays from quarter to quarter since its last break, and the figures themselves."""
    points = view.points(id)
    breaks = [p.quarter for p in points if p.series_break]
    known = {p.quarter: p.value for p in points if not breaks or p.quarter >= max(breaks)}
    if not known:
        return xmr_limits([]), []
    values = [known.get(q, math.nan) for q in pd.period_range(min(known), view.quarter, freq="Q-DEC")]
    return xmr_limits(values), values


def noise_sentence(view: View, id: str) -> str:
    """Return how large a change from quarter to quarter the series' own past makes unremarkable, and where the last stands."""
    limits, values = ordinary(view, id)
    least, indicator = view.rules.control_chart.at_least, view.plan.indicators[id]
    if limits.points < least or math.isnan(limits.mean_range):
        return tr(
            "可比的季度只有 {points} 个，不到 {least} 个，还说不出平常的起伏有多大。",
            points=limits.points,
            least=least,
        )
    usual, most = (
        difference(x, "%", indicator.decimals + 1) for x in (limits.mean_range, limits.largest_range)
    )
    text = tr(
        "近 {points} 个季度，相邻两季平均相差 {usual}，一次变化不超过 {most}都算平常",
        points=limits.points,
        usual=usual,
        most=most,
    )
    change = values[-1] - values[-2] if len(values) > 1 else math.nan
    if math.isnan(change):
        return tr("{text}；本季或上季没有数，没有变化可看。", text=text)
    moved = (
        tr(
            "本季比上季{x} {change}",
            x=tr("升") if change > 0 else tr("降"),
            change=difference(change, "%", indicator.decimals),
        )
        if round(change, MOST_DECIMALS)
        else tr("本季与上季相同")
    )
    beyond = round(abs(change) - limits.largest_range, MOST_DECIMALS) > 0
    verdict = (
        tr("超出平常的起伏，宜查原因，但一次变化还不是趋势") if beyond else tr("在平常的起伏之内，不当作趋势")
    )
    return tr("{text}；{moved}，{verdict}。", text=text, moved=moved, verdict=verdict)


def momentum_sentence(view: View, id: str) -> str:
    """Return what the rule of momentum says, and nothing of a trend where it says nothing."""
    row = view.score(id)
    if row.momentum_reason != "computed":
        return tr("看不出势头：{momentum_reason}。", momentum_reason=narrative.momentum_reason(view, row))
    return tr(
        "势头按规则看{MOMENTUM}：{momentum_reason}。",
        MOMENTUM=MOMENTUM[row.momentum],
        momentum_reason=narrative.momentum_reason(view, row),
    )


def _definitions(view: View, id: str) -> str:
    lines = [
        tr(
            "平均：全年是四个季度的简单平均，另有公布的全年数时用公布的；未满一年是已过季度的平均，只供参考。离目标多远由写出的平均算出。"
        ),
        tr(
            "与全省、全国比：只比同一年的全年平均，用公开发布的数；公布数到一位小数，差也写到一位，在 0.05 个百分点以内分不出高低。"
        ),
        tr("余下季度的余地：（4 × 目标 − 已过季度之和）÷ 余下的季度数。"),
        tr(
            "平常的起伏：相邻两季之差的绝对值的平均是平均移动极差，它的 3.267 倍是单次变化的界限（Wheeler 与 Chambers 1992）；口径调整之前的季度不用。季节的起伏也算在里面，所以界限偏宽。"
        ),
        tr(
            "势头：最近 {window} 个可比时点的平均变化，规则见页脚“判定规则”。",
            window=view.rules.momentum.window,
        ),
    ]
    return details(tr("这些数怎么算"), listing(lines))
