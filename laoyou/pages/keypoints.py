"""The first screen and the foot of a page: what it is about, the key points, and what it rests on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import laoyou
from laoyou.formats import DASH
from laoyou.language import begun, clauses, listed, mark, sentence, sentences, tr, trn
from laoyou.ledger.file import STATUSES
from laoyou.markup import Html, details, element, escape, plain
from laoyou.pages import reason_words, tables
from laoyou.pages.finding_words import VERDICTS, finding_sentence, finding_verdict
from laoyou.pages.notes import definitions, rules_in_force
from laoyou.pages.points import MOST_POINTS, overview_points, subject_points
from laoyou.view import View
from laoyou.words import LIGHTS

_AGAIN = mark("重做本页：laoyou run，参数 region={region}、quarter={quarter}、as_of={as_of}、data={data}。")
_AGAIN_IN = mark(
    "重做本页：laoyou run，参数 region={region}、quarter={quarter}、as_of={as_of}、data={data}、lang={lang}。"
)


def opening(view: View, *ids: str) -> Html:
    """Return the head of a page: region, quarter, data cut-off, key points and lights counted in words.

    Parameters
    ----------
    view : the page
    ids : the indicators that the page is about; all of the plan's if not given
    """
    chosen = view.planned(ids)
    if not chosen:
        return _head(view, (), [tr("本规划没有这一页的指标。")], "")
    if ids:
        return _head(view, chosen, subject_points(view, chosen), _sample_words(view, chosen))
    return _head(view, chosen, overview_points(view), _warning(view, chosen))


def opening_of(view: View, points: Sequence[str], warning: str) -> Html:
    """Return the head of a page with key points of its own.

    Parameters
    ----------
    view : the page
    points : the key points, as text
    warning : what its sample data call for; empty where there is none
    """
    return _head(view, (), points, warning)


def plan_opening(view: View) -> Html:
    """Return the head of the page on the plan document itself."""
    found = view.plan.findings()
    count = Counter(finding_verdict(f) for f in found)
    told = listed(
        tr("{count} 处{verdict}", count=count[code], verdict=verdict)
        for code, verdict in VERDICTS.items()
        if count[code]
    )
    most = ("baseline_magnitude", "implied_denominator", "baseline_meets_target", "unit_change")
    first = [f for f in found if f.code in most and not f.holds]
    points = [
        trn(
            "逐项核对规划文件 {n} 处：{told}；原文一律照录，不代为改正。",
            len(found),
            told=told or tr("没有可以互相印证的地方"),
        ),
        *(finding_sentence(view, f) for f in (*first, *(f for f in found if f not in first))),
    ]
    drawn = [id for id, i in view.plan.indicators.items() if i.ratio and id in view.sample_indicators]
    warning = tr("目标数字照规划原文；图中的实际值是演示数据，由程序生成，不得引用。") if drawn else ""
    return _head(view, (), points[:MOST_POINTS], warning)


def _head(view: View, ids: Sequence[str], points: Sequence[str], warning: str) -> Html:
    when = tr("数据截至 {cut_off}", cut_off=view.cut_off) if view.cut_off else tr("没有数据")
    about = element("p", escape(f"{view.region.spoken} · {view.label} · {when}"), class_="about")
    banner = element("p", escape(warning), class_="banner") if warning else ""
    tally = element("p", _tally(view, ids), class_="tally") if len(ids) > 1 else ""
    items = "".join(element("li", escape(point)) for point in points)
    key = element("h2", tr("要点"), id="key-points") + element("ul", items, class_="key")
    markup = element("div", about + banner + tally + key, class_="opening")
    return Html(markup, plain(markup))


def _tally(view: View, ids: Sequence[str]) -> str:
    count = Counter(view.scores.loc[list(ids), "light"])
    return "".join(
        element("span", tr("{light} {count} 项", light=tables.light(code), count=count[code]))
        for code in LIGHTS
        if count[code]
    )


def _warning(view: View, ids: Sequence[str]) -> str:
    """Return the warning that the sample figures of the whole plan's page call for, or an empty string."""
    return sentences((_sample_words(view, ids), _sample_commitments(view)))


def _sample_commitments(view: View) -> str:
    """Return the warning that sample figures of commitments call for, or an empty string."""
    sample = [
        c.name.spoken
        for id, c in view.plan.commitments.items()
        if not c.indicator and id in view.sample_indicators
    ]
    if not sample:
        return ""
    return trn("正文承诺中 {n} 项（{names}）也是演示数据，不得引用。", len(sample), names=listed(sample))


def _sample_words(view: View, ids: Sequence[str]) -> str:
    """Return the warning that sample figures call for, or an empty string."""
    sample = [id for id in ids if id in view.sample_indicators]
    if not sample:
        return ""
    if len(sample) == len(ids):
        return tr("本页各项指标的数都是演示数据，由程序生成，不是真实统计，不得引用。")
    names = {id: view.plan.indicators[id].name.spoken for id in ids}
    real = [names[id] for id in ids if id not in sample and not math.isnan(view.score(id).value)]
    none = [names[id] for id in ids if id not in sample and math.isnan(view.score(id).value)]
    if len(real) > len(sample):
        return trn(
            "本页 {all} 项指标中 {n} 项（{names}）是演示数据，由程序生成，不得引用。",
            len(sample),
            all=len(ids),
            names=listed(names[id] for id in sample),
        )
    told = (
        trn("本页 {all} 项指标中 {n} 项是演示数据，由程序生成，不得引用", len(sample), all=len(ids)),
        tr("真实数据只有{names}", names=listed(real)) if real else "",
        tr("本季没有数的是{names}", names=listed(none)) if none else "",
    )
    return sentence(clauses(told))


def closing(view: View, *ids: str) -> Html:
    """Return the foot of a page: definitions, the rules in force, and what the figures rest on.

    Parameters
    ----------
    view : the page
    ids : the indicators that the page is about; all of the plan's if not given
    """
    chosen = view.planned(ids)
    notes = element("h2", tr("口径与方法"), id="notes") + definitions(view, chosen)
    notes += details(begun(tr("判定规则")), rules_in_force(view))
    markup = element("section", notes + _provenance(view, chosen), class_="closing", aria_labelledby="notes")
    return Html(markup, plain(markup))


def _provenance(view: View, ids: Sequence[str]) -> str:
    """Return sources, cut-off, fingerprints and how to make the page again, as markup."""
    rows = [view.score(id) for id in ids]
    kinds = Counter(str(row.status) for row in rows if row.status and not math.isnan(row.value))
    told = listed(trn("{status} {n} 项", n, status=STATUSES[status]) for status, n in kinds.items())
    prints = listed(f"{tr(name)} {digest}" for name, digest in view.fingerprints().items())
    again = {
        "region": view.region.code,
        "quarter": view.quarter,
        "as_of": view.as_of or tr("空"),
        "data": view.workspace.data_name,
    }
    lines = [
        tr("目标出自《{title}》，{source}。", title=view.plan.title.spoken, source=view.plan.source),
        tr(
            "本季数据：{told}；截至 {cut_off} 已知的最新一版。",
            told=told or reason_words.no_figure(""),
            cut_off=view.cut_off or DASH * 2,
        ),
        tr("指纹：{prints}。laoyou {version}。", prints=prints, version=laoyou.__version__),
        tr(_AGAIN, **again) if view.lang == "zh" else tr(_AGAIN_IN, lang=view.lang, **again),
    ]
    return element("div", "".join(element("p", escape(line)) for line in lines), class_="provenance")
