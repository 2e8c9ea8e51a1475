"""The first screen and the foot of a page: what it is about, the key points, and what it rests on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import laoyou
from laoyou.formats import number
from laoyou.language import clauses, listed, tr
from laoyou.ledger.file import STATUSES
from laoyou.markup import Html, details, element, escape, plain
from laoyou.pages import narrative, reason_words, tables
from laoyou.pages.finding_words import finding_sentence, finding_verdict
from laoyou.view import View
from laoyou.words import COMPLIANCE, LIGHTS, MOMENTUM

FEWEST_POINTS, MOST_POINTS = 3, 5


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
    return _head(view, chosen, overview_points(view), _sample_words(view, chosen) + _sample_commitments(view))


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
        tr("{count} 处{word}", count=count[word], word=word)
        for word in (tr("不相符"), tr("须留意"), tr("相符"))
        if count[word]
    )
    most = ("baseline_magnitude", "implied_denominator", "baseline_meets_target", "unit_change")
    told = told or tr("没有可以互相印证的地方")
    first = [f for f in found if f.code in most and not f.holds]
    points = [
        tr("逐项核对规划文件 {found} 处：{told}；原文一律照录，不代为改正。", found=len(found), told=told),
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


def _sample_commitments(view: View) -> str:
    """Return the warning that sample figures of commitments call for, or an empty string."""
    sample = [
        c.name.spoken
        for id, c in view.plan.commitments.items()
        if not c.indicator and id in view.sample_indicators
    ]
    return (
        tr(
            "正文承诺中 {sample} 项（{sample2}）也是演示数据，不得引用。",
            sample=len(sample),
            sample2=listed(sample),
        )
        if sample
        else ""
    )


def _sample_words(view: View, ids: Sequence[str]) -> str:
    """Return the warning that sample figures call for, or an empty string."""
    sample = [id for id in ids if id in view.sample_indicators]
    if not sample:
        return ""
    if len(sample) == len(ids):
        return tr("本页各项指标的数都是演示数据，由程序生成，不是真实统计，不得引用。")
    names = {id: view.plan.indicators[id].name.spoken for id in ids if id not in sample}
    real = [name for id, name in names.items() if not math.isnan(view.score(id).value)]
    none = [name for id, name in names.items() if math.isnan(view.score(id).value)]
    if len(real) > len(sample):
        shown = listed(view.plan.indicators[id].name.spoken for id in sample)
        return tr(
            "本页 {ids} 项指标中 {sample} 项（{shown}）是演示数据，由程序生成，不得引用。",
            ids=len(ids),
            sample=len(sample),
            shown=shown,
        )
    rest = (tr("；真实数据只有") + listed(real) if real else "") + (
        tr("；本季没有数的是") + listed(none) if none else ""
    )
    return tr(
        "本页 {ids} 项指标中 {sample} 项是演示数据，由程序生成，不得引用{rest}。",
        ids=len(ids),
        sample=len(sample),
        rest=rest,
    )


def subject_points(view: View, ids: Sequence[str]) -> list[str]:
    """Return three to five sentences on some indicators: the worst first, each with its reason."""
    order = list(LIGHTS)
    ranked = sorted(ids, key=lambda id: order.index(view.score(id).light))
    points = [sentence for id in ranked for sentence in narrative.about_indicator(view, id)]
    firsts = [narrative.about_indicator(view, id)[0] for id in ranked]
    if len(firsts) >= MOST_POINTS:
        return firsts[:MOST_POINTS]
    points = (
        points
        if len(points) <= MOST_POINTS
        else firsts + [p for p in points if p not in firsts][: MOST_POINTS - len(firsts)]
    )
    if len(points) < FEWEST_POINTS:
        points += [narrative.momentum_sentence(view, id) for id in ranked][: FEWEST_POINTS - len(points)]
    if len(points) < FEWEST_POINTS:
        points.append(f"{view.plan.indicators[ranked[0]].definition.spoken}")
    return points


def _year_end(view: View) -> str:
    """Return the year's verdicts counted, and the rows that missed."""
    count = Counter(view.scores["compliance"])
    told = listed(
        tr("{COMPLIANCE} {count} 项", COMPLIANCE=COMPLIANCE[code], count=count[code])
        for code in COMPLIANCE
        if count[code]
    )
    missed = [
        i.name.spoken for id, i in view.plan.indicators.items() if view.score(id).compliance == "not_met"
    ]
    return tr("{year} 年全年：{told}", year=view.year, told=told) + (
        tr("；未达标的是{missed}。", missed=listed(missed)) if missed else tr("。")
    )


def overview_points(view: View) -> list[str]:
    """Return the key points of the quarter: how many stand where, which lag, whose they are, what changed."""
    scores, plan = view.scores, view.plan
    points = [_year_end(view)] if view.quarter.quarter == 4 else []
    for code in ("red", "yellow"):
        rows = [row for _, row in scores[scores["light"] == code].iterrows()]
        if rows:
            names = listed(
                tr(
                    "{name}（{shown}）",
                    name=plan.indicators[r.indicator].name.spoken,
                    shown=reason_words.shown(view, r),
                )
                for r in rows
            )
            points.append(tr("{LIGHTS}的是{names}。", LIGHTS=LIGHTS[code], names=names))
    lagging = Counter(
        plan.lead_unit(id) for id in plan.indicators if view.score(id).light in ("red", "yellow")
    )
    if lagging:
        whose = listed(tr("{unit} {n} 项", unit=unit, n=n) for unit, n in lagging.most_common())
        set_above = [
            i.name.spoken
            for id, i in plan.indicators.items()
            if i.set_by and view.score(id).light in ("red", "yellow")
        ]
        above = (
            tr("；其中{set_above}由上级制定，区里不能自行调整", set_above=listed(set_above))
            if set_above
            else ""
        )
        points.append(
            tr(
                "落后的 {n} 项按牵头单位分：{whose}{above}。",
                n=sum(lagging.values()),
                whose=whose,
                above=above,
            )
        )
    grey = [plan.indicators[id].name.spoken for id in scores.index[scores["light"] == "no_data"]]
    if grey:
        names = listed(grey[:MOST_POINTS]) + (tr("等") if len(grey) > MOST_POINTS else "")
        points.append(
            tr("{LIGHTS}的有 {grey} 项：{names}。", LIGHTS=LIGHTS["no_data"], grey=len(grey), names=names)
        )
    before = view.previous
    if before is not None:
        order = ["green", "watch", "yellow", "red"]
        pairs = [(id, before.score(id).light, view.score(id).light) for id in plan.indicators]
        moved = [
            (id, order.index(now) - order.index(was))
            for id, was, now in pairs
            if was in order and now in order
        ]
        worse, better = (
            [plan.indicators[id].name.spoken for id, step in moved if s * step > 0] for s in (1, -1)
        )
        said = [
            tr("{word} {names} 项（{names2}）", word=word, names=len(names), names2=listed(names))
            for word, names in ((tr("变差"), worse), (tr("好转"), better))
            if names
        ]
        lost = sum(was in order and now not in order for _, was, now in pairs)
        found = sum(was not in order and now in order for _, was, now in pairs)
        said += [
            tr("{n} 项{word}", n=n, word=word)
            for n, word in ((lost, tr("本季没有灯色")), (found, tr("上季没有、本季有灯色")))
            if n
        ]
        points.append(
            tr("与上季相比，{clauses}。", clauses=clauses(said) if said else tr("没有一项灯色变化"))
        )
    if len(points) < FEWEST_POINTS:
        points.insert(
            0, tr("{scores} 项指标{counted}。", scores=len(scores), counted=_counted(scores["light"], LIGHTS))
        )
    more = (
        tr("全年判定{counted}。", counted=_counted(scores["compliance"], COMPLIANCE)),
        tr("势头{counted}。", counted=_counted(scores["momentum"], MOMENTUM)),
    )
    points += more[: max(FEWEST_POINTS - len(points), 0)]
    return points[:MOST_POINTS]


def _counted(codes: Iterable[str], words: Mapping[str, str]) -> str:
    """Return how many stand where: 中，达进度 3 项、关注 1 项； or that all stand in one place."""
    count = Counter(codes)
    if len(count) == 1:
        return tr("全部{words}", words=words[next(iter(count))])
    return tr("中，") + listed(
        tr("{word} {count} 项", word=word, count=count[code]) for code, word in words.items() if count[code]
    )


def closing(view: View, *ids: str) -> Html:
    """Return the foot of a page: definitions, the rules in force, and what the figures rest on.

    Parameters
    ----------
    view : the page
    ids : the indicators that the page is about; all of the plan's if not given
    """
    chosen = view.planned(ids)
    notes = element("h2", tr("口径与方法"), id="notes") + tables.definitions(view, chosen)
    notes += details(tr("判定规则"), tables.rules_in_force(view))
    markup = element("section", notes + _provenance(view, chosen), class_="closing", aria_labelledby="notes")
    return Html(markup, plain(markup))


def _provenance(view: View, ids: Sequence[str]) -> str:
    """Return sources, cut-off, fingerprints and how to make the page again, as markup."""
    rows = [view.score(id) for id in ids]
    kinds = Counter(str(row.status) for row in rows if row.status and not math.isnan(row.value))
    told = listed(
        tr("{STATUSES} {n} 项", STATUSES=STATUSES[status], n=number(n)) for status, n in kinds.items()
    ) or tr("本季没有数")
    prints = listed(f"{name} {digest}" for name, digest in view.fingerprints().items())
    data = view.workspace.data_name
    again = tr(
        "laoyou run，参数 region={code}、quarter={quarter}、as_of={as_of}、data={data}",
        code=view.region.code,
        quarter=view.quarter,
        as_of=view.as_of or tr("空"),
        data=data,
    )
    lines = [
        tr("目标出自《{title}》，{source}。", title=view.plan.title.spoken, source=view.plan.source),
        tr("本季数据：{told}；截至 {cut_off} 已知的最新一版。", told=told, cut_off=view.cut_off or "——"),
        tr("指纹：{prints}。laoyou {__version__}。", prints=prints, __version__=laoyou.__version__),
        tr("重做本页：{again}。", again=again),
    ]
    return element("div", "".join(element("p", escape(line)) for line in lines), class_="provenance")
