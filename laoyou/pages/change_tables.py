"""What has changed: lights since last quarter and since last year, figures revised since the last report, series breaks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from laoyou.formats import DASH, apart_at, measured
from laoyou.language import Words, begun, clauses, listed, mark, sentence, tr, trn
from laoyou.last_report import LastReport, Revision, known_to, last_report, revisions
from laoyou.markup import Html, details, element, escape, listing, plain, table
from laoyou.pages import standing_words
from laoyou.pages.tables import light
from laoyou.periods import parse_period, period_label
from laoyou.view import Point, View
from laoyou.words import LIGHTS

_ORDER = ("green", "watch", "yellow", "red")  # the lights that are judgements, from best to worst
_KINDS = Words({
    "revised": mark("修订"), "corrected": mark("订正"), "late": mark("补报"), "withdrawn": mark("撤回"), "real": mark("改为真实数据"),
})  # fmt: skip
WORSE, LOST, FOUND, BETTER = "worse", "lost", "found", "better"
_MOVES = Words({
    WORSE: mark("变差"), BETTER: mark("好转"), LOST: mark("没有了灯色"), FOUND: mark("有了灯色"),
})  # fmt: skip
_COUNTS = {
    WORSE: mark("变差 {n} 项"), BETTER: mark("好转 {n} 项"), LOST: mark("没有了灯色 {n} 项"), FOUND: mark("有了灯色 {n} 项"),
}  # fmt: skip


def changes(view: View) -> Html:
    """Return what has changed since the quarter before and the same quarter of last year.

    Parameters
    ----------
    view : the page

    Returns
    -------
    The lights that moved, in either direction; the figures revised since the last report and the lights of last quarter
    that are another one for it; the breaks of series; and how all of it is compared, folded.
    """
    before = {
        quarter: then for quarter in (view.quarter - 1, view.quarter - 4) if (then := _at(view, quarter))
    }
    if not before:
        return _html(
            element("p", escape(tr("{label}是规划期的头一季，没有可比的。", label=view.label)))
            + _breaks(view, before)
        )
    report = last_report(view)
    markup = element("p", element("strong", escape(_finding(view, before)), class_="finding"))
    markup += _lights(view, before)
    markup += _revised(view, report) if report else ""
    markup += _breaks(view, before) + details(tr("这里怎么比的"), listing(_definitions(report)))
    return _html(markup)


def _at(view: View, quarter: pd.Period) -> View | None:
    """Return the page of another quarter of the plan, from the same figures."""
    if quarter == view.quarter - 1:
        return view.previous
    return replace(view, quarter=quarter) if quarter.year in view.plan.years else None


def _is_last(view: View, quarter: pd.Period) -> bool:
    """Return whether a quarter is the one before, and not the same one of last year."""
    return bool(quarter == view.quarter - 1)


def direction(was: str, now: str) -> str:
    """Return how a light moved: one of ``WORSE``, ``LOST``, ``FOUND`` and ``BETTER``, or nothing."""
    if was == now:
        return ""
    if was in _ORDER and now in _ORDER:
        return WORSE if _ORDER.index(now) > _ORDER.index(was) else BETTER
    return LOST if was in _ORDER else FOUND if now in _ORDER else ""


def _finding(view: View, before: Mapping[pd.Period, View]) -> str:
    told = []
    for quarter, then in before.items():
        count = Counter(direction(then.score(id).light, view.score(id).light) for id in view.plan.indicators)
        moved = listed(tr(message, n=count[code]) for code, message in _COUNTS.items() if count[code])
        said = {"period": period_label(quarter), "moved": moved or tr("灯色没有变化")}
        told.append(
            tr("与上季（{period}）相比，{moved}", **said)
            if _is_last(view, quarter)
            else tr("与上年同期（{period}）相比，{moved}", **said)
        )
    return sentence(clauses(told))


def _lights(view: View, before: Mapping[pd.Period, View]) -> str:
    """Return the indicators whose light is another one, those that got worse first."""
    moved = []
    for id in view.plan.indicators:
        words = {q: direction(then.score(id).light, view.score(id).light) for q, then in before.items()}
        if any(words.values()):
            moved.append((id, words))
    moved.sort(key=lambda one: [(WORSE, LOST, "", FOUND, BETTER).index(w) for w in one[1].values()])
    if not moved:
        return ""
    quarters = sorted(before)
    rows = [
        [
            escape(view.plan.indicators[id].name.spoken),
            *(_light(before[quarter], id) for quarter in quarters),
            _light(view, id),
            "".join(_moved(view, id, q, word) for q, word in words.items() if word),
        ]
        for id, words in moved
    ]
    heads = [tr("指标"), *map(period_label, quarters), view.label, tr("变化")]
    return table(tr("灯色有变化的指标，变差的在前"), heads, rows, class_="data cards")


def _light(view: View, id: str) -> str:
    row = view.score(id)
    return light(row.light) + _small(
        standing_words.shown(view, row) if not math.isnan(row.judged) else tr("没有数")
    )


def _moved(view: View, id: str, quarter: pd.Period, code: str) -> str:
    word = _MOVES[code]
    moved = tr("比上季{word}", word=word) if _is_last(view, quarter) else tr("比上年同期{word}", word=word)
    broken = any(quarter < point.quarter for point in _broken(view, id))
    return _small(tr("{moved}（其间口径有调整，不可比）", moved=moved) if broken else moved)


def _broken(view: View, id: str) -> list[Point]:
    return [p for p in view.points(id) if p.series_break and p.quarter.year >= view.plan.first_year]


# --- Revisions --------------------------------------------------------------------------------------------------


def _revised(view: View, report: LastReport) -> str:
    then = known_to(view, report)
    places = {id: i.set_by or view.region.code for id, i in view.plan.indicators.items()}
    found = revisions(then, view.observations, places, report.quarter)
    last = {"period": period_label(report.quarter), "day": report.day}
    if not found:
        return element(
            "p",
            escape(
                tr("上次报告（{period}，数据截至 {day}）以来，以前各期的数没有修订、补报或撤回。", **last)
            ),
        )
    caption = tr("上次报告（{period}，数据截至 {day}）以来变了的以前各期的数", **last)
    heads = [tr("指标"), tr("上次报告时"), tr("现在"), tr("缘由")]
    rows = [_revision(view, one) for one in found]
    return table(caption, heads, rows, class_="data cards") + _rejudged(view, report, then)


def _revision(view: View, one: Revision) -> list[str]:
    indicator = view.plan.indicators[one.indicator]
    name = escape(indicator.name.spoken)
    since = _small(tr("{day}起", day=one.reported_on) if one.reported_on else "")
    why = escape(begun(_KINDS[one.kind])) + since + _small(one.note)
    if one.kind == "real":
        counts = (trn("{n} 个演示的数", int(one.before)), trn("{n} 个真实的数", int(one.now)))
        return [name, *map(escape, counts), why]
    places = apart_at(one.before, one.now, indicator.decimals)
    shown = (measured(value, indicator.unit, places) for value in (one.before, one.now))
    cells = [begun(tr("没有数")) if text == DASH else text for text in shown]
    return [name + _small(period_label(parse_period(one.period))), *map(escape, cells), why]


def _rejudged(view: View, report: LastReport, then: pd.DataFrame) -> str:
    """Return the lights of last quarter that the last report gave otherwise, as a list."""
    told, now = replace(view, quarter=report.quarter, observations=then), view.previous
    lights = {id: (told.score(id).light, now.score(id).light) for id in view.plan.indicators} if now else {}
    moved = [
        tr(
            "{name}：{was} → {now}",
            name=view.plan.indicators[id].name.spoken,
            was=LIGHTS[was],
            now=LIGHTS[is_now],
        )
        for id, (was, is_now) in lights.items()
        if was != is_now
    ]
    if not moved:
        return element("p", escape(tr("上次报告给出的灯色不因此改变。")))
    return element("p", escape(tr("因此改判的上季灯色："))) + listing(moved)


# --- Breaks and definitions -------------------------------------------------------------------------------------


def _breaks(view: View, before: Mapping[pd.Period, View]) -> str:
    found = [(id, point) for id in view.plan.indicators for point in _broken(view, id)]
    if not found:
        return element("p", escape(tr("规划期内没有口径调整。")))
    told = [_break(view, id, point, before) for id, point in found]
    return element("p", escape(tr("规划期内的口径调整："))) + listing(told)


def _break(view: View, id: str, point: Point, before: Mapping[pd.Period, View]) -> str:
    return tr(
        "{name}自{start}起：{text}。{effect}；势头、进度份额和展望只用其后的数。",
        name=view.plan.indicators[id].name.spoken,
        start=period_label(point.quarter),
        text=point.series_break,
        effect=_effect(view, point, before),
    )


def _effect(view: View, point: Point, before: Mapping[pd.Period, View]) -> str:
    """Return which comparisons a break spoils."""
    spoilt = [_is_last(view, quarter) for quarter in before if quarter < point.quarter]
    if len(spoilt) > 1:
        return tr("与上季、上年同期不可比")
    if spoilt:
        return tr("与上季不可比") if spoilt[0] else tr("与上年同期不可比")
    return tr("不影响上面的比较") if before else tr("与以前不可比")


def _definitions(report: LastReport | None) -> list[str]:
    lines = [
        tr("灯色都按同一套规则、用现在已知的数判定，所以灯色的变化说的是情况变了；数字本身的修订另列。"),
        tr(
            "好转、变差指达进度、关注、欠进度、严重滞后之间的移动；“没有了灯色”指本季没有数或不判（无数据、年度指标），“有了灯色”相反。"
        ),
        tr("计数和个案率从 1 月 1 日起重新累计，一年里有自己的起落：看上年同期比看上季更能说明问题。"),
    ]
    return [
        *lines,
        *([_which(report)] if report else []),
        tr(
            "修订：数变了；订正：台账里的数错了，另行声明改正；补报：那时没有、现在有；撤回：那时有、现在没有；"
            "改为真实数据：演示的数由真实的数取代。"
        ),
        tr("口径调整：台账里标明某一期起统计口径变了；跨过它的比较不成立。"),
    ]


def _which(report: LastReport) -> str:
    """Return which report the last one is, and where its last day is taken from."""
    said = {"period": period_label(report.quarter), "day": report.day}
    if report.filed:
        return tr(
            "上次报告：{period}的那一份，截止日取自 params/{quarter}.yml（{day}）。把那一天已知的数与现在已知的逐个对照。",
            quarter=report.quarter,
            **said,
        )
    return tr(
        "上次报告：{period}的那一份，没有它的参数文件，按与本报告同样的时限取截止日，且不晚于本季末（{day}）。"
        "把那一天已知的数与现在已知的逐个对照。",
        **said,
    )


def _small(text: str) -> str:
    return element("small", escape(begun(text))) if text else ""


def _html(markup: str) -> Html:
    return Html(element("div", markup, class_="changes"), plain(markup))
