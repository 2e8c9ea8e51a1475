"""What a page says of a rate from a survey: its level, the year's mean, and noise that is no trend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from laoyou.control_chart import Limits, xmr_limits
from laoyou.formats import MOST_DECIMALS, away_as_printed, beside, difference, measured
from laoyou.language import begun, clauses, mark, sentence, tr, trn
from laoyou.markup import Html, details, listing, plain
from laoyou.pages import charts, narrative
from laoyou.pages.reference_words import levels_shown, measured_at, name_of, reference_sentences, years_table
from laoyou.pages.standing_words import goal, target_shown
from laoyou.periods import since_january_label
from laoyou.survey_year import mean_still_allowed
from laoyou.targets import Operator
from laoyou.view import View
from laoyou.words import MOMENTUM

BOUNDS = {
    Operator.LT: mark("低于 {safe}"),
    Operator.LE: mark("不高于 {safe}"),
    Operator.GT: mark("高于 {safe}"),
}
AT_LEAST = mark("不低于 {safe}")


def level(view: View, id: str, *, references: Sequence[str]) -> Html:
    """Return a survey rate against its limit, province and nation, with what of its ups and downs is ordinary.

    Parameters
    ----------
    view : the page
    id : an indicator of the kind ``survey_rate``
    references : codes of the regions whose published yearly figures it is compared with
    """
    codes = [code for code in references if code in view.regions]
    chart = charts.series(view, id, references={code: begun(name_of(view, code)) for code in codes})
    if id not in view.plan.indicators:
        return chart
    said = [level_sentence(view, id), year_sentence(view, id), *reference_sentences(view, id, codes)]
    said += [noise_sentence(view, id), momentum_sentence(view, id)]
    words = listing([line for line in said if line])
    markup = chart.html + words + years_table(view, id, codes) + _definitions(view)
    return Html(markup, plain(markup))


# Level and year


def level_sentence(view: View, id: str) -> str:
    """Return how the quarter's level stands to the limit, and at which level it was measured."""
    row, indicator = view.score(id), view.plan.indicators[id]
    if math.isnan(row.value):
        return tr("{quarter}没有数，离{goal}多远说不出。", quarter=view.label, goal=goal(view, row))
    codes = measured_at(view, id, view.year, view.quarter.quarter)
    told = {
        "quarter": view.label,
        "value": beside(row.value, row.target, indicator.unit, indicator.decimals),
        "levels": levels_shown(view, codes),
        "region": view.region.spoken,
    }
    if not codes:
        text = tr("{quarter} {value}，没有写明在哪一级测得", **told)
    elif view.region.code in codes:
        text = tr("{quarter} {value}，在{levels}测得", **told)
    else:
        text = tr("{quarter} {value}，在{levels}测得，不是{region}自己的数", **told)
    return sentence(clauses([text, "" if math.isnan(row.target) else _to_limit(view, row)]))


def _to_limit(view: View, row: Any) -> str:
    indicator = view.plan.indicators[row.indicator]
    away = round(row.value - row.target, MOST_DECIMALS)
    told = {
        "goal": goal(view, row),
        "target": target_shown(view, row),
        "away": difference(away, indicator.unit, indicator.decimals),
    }
    if away == 0:
        return tr("与{goal} {target} 相等", **told)
    return (
        tr("比{goal} {target} 高 {away}", **told) if away > 0 else tr("比{goal} {target} 低 {away}", **told)
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
    year = tr("全年的 {target} 看的是四个季度的平均", target=target_shown(view, row))
    if math.isnan(row.target):
        return ""
    if math.isnan(row.judged):
        gone = (
            trn("{n} 个季度过去，{missing} 个没有数，平均算不出来", len(known), missing=missing)
            if missing
            else tr("本季没有数，平均算不出来")
        )
        return sentence(clauses([year, gone]))
    mean = tr(
        "{value}，{to_limit}",
        value=beside(row.judged, row.target, indicator.unit, indicator.decimals + 1),
        to_limit=_mean_to_limit(view, row),
    )
    if view.quarter.quarter == 4:
        return (
            tr("{year} 年公布的全年数 {mean}。", year=view.year, mean=mean)
            if view.year in view.yearly(id, view.region.code)
            else tr("{year} 年四个季度平均 {mean}。", year=view.year, mean=mean)
        )
    so_far = trn(
        "{span} {n} 个季度平均 {mean}",
        int(row.quarters_known),
        span=since_january_label(view.quarter),
        mean=mean,
    )
    text = begun(clauses([year, so_far]))
    if missing:
        return trn("{text}。有 {n} 个季度没有数，补上之前余下的季度能到多少推算不出。", missing, text=text)
    return tr("{text}。{left}", text=text, left=sentence(_left_clause(view, row, known)))


def still_allowed(view: View, id: str) -> str:
    """Return what the year so far leaves to its quarters to come, as a clause; empty where that cannot be said."""
    row, known = view.score(id), _quarters(view, id, view.year)
    told = not (math.isnan(row.target) or math.isnan(row.judged) or any(map(math.isnan, known)))
    return _left_clause(view, row, known) if told and len(known) < 4 else ""


def _mean_to_limit(view: View, row: Any) -> str:
    indicator = view.plan.indicators[row.indicator]
    away = away_as_printed(row.judged, row.target, indicator.decimals + 1)
    told = {"goal": goal(view, row), "away": difference(away, indicator.unit, indicator.decimals + 1)}
    if away == 0:
        return tr("与{goal}相等", **told)
    return tr("比{goal}高 {away}", **told) if away > 0 else tr("比{goal}低 {away}", **told)


def _left_clause(view: View, row: Any, known: Sequence[float]) -> str:
    """Return what the quarters to come may be at most, or must be at least."""
    indicator, left = view.plan.indicators[row.indicator], 4 - len(known)
    allowed = mean_still_allowed(known, row.target)
    ceiling = indicator.direction < 0
    if round(allowed, MOST_DECIMALS) < 0 or (
        round(allowed, MOST_DECIMALS) == 0 and row.operator == Operator.LT
    ):
        return (
            trn("余下 {n} 个季度即使为 0 也守不住", left)
            if ceiling
            else trn("余下 {n} 个季度即使为 0 也达得到", left)
        )
    # Rounded to the safe side: a bound rounded up would let the year fail.
    scale = 10.0 ** (indicator.decimals + 1)
    safe = (math.floor if ceiling else math.ceil)(round(allowed * scale, MOST_DECIMALS)) / scale
    bound = tr(
        BOUNDS.get(row.operator, AT_LEAST), safe=measured(safe, indicator.unit, indicator.decimals + 1)
    )
    if left == 1:
        return (
            tr("余下 1 个季度只要{bound}，全年就守得住", bound=bound)
            if ceiling
            else tr("余下 1 个季度只要{bound}，全年就达得到", bound=bound)
        )
    return (
        tr("余下 {left} 个季度平均只要{bound}，全年就守得住", left=left, bound=bound)
        if ceiling
        else tr("余下 {left} 个季度平均只要{bound}，全年就达得到", left=left, bound=bound)
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
        return trn(
            "可比的季度只有 {n} 个，不到 {least} 个，还说不出平常的起伏有多大。", limits.points, least=least
        )
    usual, most = (
        difference(x, "%", indicator.decimals + 1) for x in (limits.mean_range, limits.largest_range)
    )
    text = tr(
        "近 {quarters} 个季度，相邻两季平均相差 {usual}，一次变化不超过 {most}都算平常",
        quarters=limits.points,
        usual=usual,
        most=most,
    )
    change = values[-1] - values[-2] if len(values) > 1 else math.nan
    if math.isnan(change):
        return sentence(clauses([text, tr("本季或上季没有数，没有变化可看")]))
    size = difference(change, "%", indicator.decimals)
    if round(change, MOST_DECIMALS) == 0:
        moved = tr("本季与上季相同")
    else:
        moved = tr("本季比上季升 {size}", size=size) if change > 0 else tr("本季比上季降 {size}", size=size)
    if round(abs(change) - limits.largest_range, MOST_DECIMALS) > 0:
        moved = tr("{moved}，超出平常的起伏，宜查原因，但一次变化还不是趋势", moved=moved)
    else:
        moved = tr("{moved}，在平常的起伏之内，不当作趋势", moved=moved)
    return sentence(clauses([text, moved]))


def momentum_sentence(view: View, id: str) -> str:
    """Return what the rule of momentum says, and nothing of a trend where it says nothing."""
    row = view.score(id)
    reason = narrative.momentum_reason(view, row)
    if row.momentum_reason != "computed":
        return tr("看不出势头：{reason}。", reason=reason)
    return tr("势头按规则看{momentum}：{reason}。", momentum=MOMENTUM[row.momentum], reason=reason)


def _definitions(view: View) -> str:
    lines = [
        tr(
            "平均：全年是四个季度的简单平均，另有公布的全年数时用公布的；未满一年是已过季度的平均，只供参考。离目标多远由写出的平均算出。"
        ),
        tr(
            "与全省、全国比：只比同一年的全年平均，用公开发布的数；公布数到一位小数，差也写到一位，在 0.05 个百分点以内分不出高低。"
        ),
        tr("余下季度的余地：（4 × 目标 − 已过季度之和）÷ 余下的季度数。"),
        tr(
            "平常的起伏：相邻两季之差的绝对值的平均是平均移动极差，它的 3.267 倍是单次变化的界限（Wheeler 与 Chambers 1992）；口径调整之前的季度不用。"
            "季节的起伏也算在里面，所以界限偏宽。"
        ),
        tr(
            "势头：最近 {window} 个可比时点的平均变化，规则见页脚“判定规则”。",
            window=view.rules.momentum.window,
        ),
    ]
    return details(tr("这些数怎么算"), listing(lines))
