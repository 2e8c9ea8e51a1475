"""The first screen and the foot of a page: what it is about, the key points, and what it rests on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import laoyou
from laoyou.formats import number
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
        return _head(view, (), ["本规划没有这一页的指标。"], "")
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
    told = "、".join(f"{count[word]} 处{word}" for word in ("不相符", "须留意", "相符") if count[word])
    most = ("baseline_magnitude", "implied_denominator", "baseline_meets_target", "unit_change")
    told = told or "没有可以互相印证的地方"
    first = [f for f in found if f.code in most and not f.holds]
    points = [
        f"逐项核对规划文件 {len(found)} 处：{told}；原文一律照录，不代为改正。",
        *(finding_sentence(view, f) for f in (*first, *(f for f in found if f not in first))),
    ]
    drawn = [id for id, i in view.plan.indicators.items() if i.ratio and id in view.sample_indicators]
    warning = "目标数字照规划原文；图中的实际值是演示数据，由程序生成，不得引用。" if drawn else ""
    return _head(view, (), points[:MOST_POINTS], warning)


def _head(view: View, ids: Sequence[str], points: Sequence[str], warning: str) -> Html:
    when = f"数据截至 {view.cut_off}" if view.cut_off else "没有数据"
    about = element("p", escape(f"{view.region.zh} · {view.label} · {when}"), class_="about")
    banner = element("p", escape(warning), class_="banner") if warning else ""
    tally = element("p", _tally(view, ids), class_="tally") if len(ids) > 1 else ""
    items = "".join(element("li", escape(point)) for point in points)
    key = element("h2", "要点", id="key-points") + element("ul", items, class_="key")
    markup = element("div", about + banner + tally + key, class_="opening")
    return Html(markup, plain(markup))


def _tally(view: View, ids: Sequence[str]) -> str:
    count = Counter(view.scores.loc[list(ids), "light"])
    return "".join(
        element("span", f"{tables.light(code)} {count[code]} 项") for code in LIGHTS if count[code]
    )


def _sample_commitments(view: View) -> str:
    """Return the warning that sample figures of commitments call for, or an empty string."""
    sample = [
        c.name.zh
        for id, c in view.plan.commitments.items()
        if not c.indicator and id in view.sample_indicators
    ]
    return f"正文承诺中 {len(sample)} 项（{'、'.join(sample)}）也是演示数据，不得引用。" if sample else ""


def _sample_words(view: View, ids: Sequence[str]) -> str:
    """Return the warning that sample figures call for, or an empty string."""
    sample = [id for id in ids if id in view.sample_indicators]
    if not sample:
        return ""
    if len(sample) == len(ids):
        return "本页各项指标的数都是演示数据，由程序生成，不是真实统计，不得引用。"
    names = {id: view.plan.indicators[id].name.zh for id in ids if id not in sample}
    real = [name for id, name in names.items() if not math.isnan(view.score(id).value)]
    none = [name for id, name in names.items() if math.isnan(view.score(id).value)]
    if len(real) > len(sample):
        shown = "、".join(view.plan.indicators[id].name.zh for id in sample)
        return f"本页 {len(ids)} 项指标中 {len(sample)} 项（{shown}）是演示数据，由程序生成，不得引用。"
    rest = ("；真实数据只有" + "、".join(real) if real else "") + (
        "；本季没有数的是" + "、".join(none) if none else ""
    )
    return f"本页 {len(ids)} 项指标中 {len(sample)} 项是演示数据，由程序生成，不得引用{rest}。"


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
        points.append(f"{view.plan.indicators[ranked[0]].definition.zh}")
    return points


def _year_end(view: View) -> str:
    """Return the year's verdicts counted, and the rows that missed."""
    count = Counter(view.scores["compliance"])
    told = "、".join(f"{COMPLIANCE[code]} {count[code]} 项" for code in COMPLIANCE if count[code])
    missed = [i.name.zh for id, i in view.plan.indicators.items() if view.score(id).compliance == "not_met"]
    return f"{view.year} 年全年：{told}" + (f"；未达标的是{'、'.join(missed)}。" if missed else "。")


def overview_points(view: View) -> list[str]:
    """Return the key points of the quarter: how many stand where, which lag, whose they are, what changed."""
    scores, plan = view.scores, view.plan
    points = [_year_end(view)] if view.quarter.quarter == 4 else []
    for code in ("red", "yellow"):
        rows = [row for _, row in scores[scores["light"] == code].iterrows()]
        if rows:
            names = "、".join(
                f"{plan.indicators[r.indicator].name.zh}（{reason_words.shown(view, r)}）" for r in rows
            )
            points.append(f"{LIGHTS[code]}的是{names}。")
    lagging = Counter(
        plan.lead_unit(id) for id in plan.indicators if view.score(id).light in ("red", "yellow")
    )
    if lagging:
        whose = "、".join(f"{unit} {n} 项" for unit, n in lagging.most_common())
        set_above = [
            i.name.zh
            for id, i in plan.indicators.items()
            if i.set_by and view.score(id).light in ("red", "yellow")
        ]
        above = f"；其中{'、'.join(set_above)}由上级制定，区里不能自行调整" if set_above else ""
        points.append(f"落后的 {sum(lagging.values())} 项按牵头单位分：{whose}{above}。")
    grey = [plan.indicators[id].name.zh for id in scores.index[scores["light"] == "no_data"]]
    if grey:
        names = "、".join(grey[:MOST_POINTS]) + ("等" if len(grey) > MOST_POINTS else "")
        points.append(f"{LIGHTS['no_data']}的有 {len(grey)} 项：{names}。")
    before = view.previous
    if before is not None:
        order = ["green", "watch", "yellow", "red"]
        pairs = [(id, before.score(id).light, view.score(id).light) for id in plan.indicators]
        moved = [
            (id, order.index(now) - order.index(was))
            for id, was, now in pairs
            if was in order and now in order
        ]
        worse, better = ([plan.indicators[id].name.zh for id, step in moved if s * step > 0] for s in (1, -1))
        said = [
            f"{word} {len(names)} 项（{'、'.join(names)}）"
            for word, names in (("变差", worse), ("好转", better))
            if names
        ]
        lost = sum(was in order and now not in order for _, was, now in pairs)
        found = sum(was not in order and now in order for _, was, now in pairs)
        said += [
            f"{n} 项{word}" for n, word in ((lost, "本季没有灯色"), (found, "上季没有、本季有灯色")) if n
        ]
        points.append(f"与上季相比，{'；'.join(said) if said else '没有一项灯色变化'}。")
    if len(points) < FEWEST_POINTS:
        points.insert(0, f"{len(scores)} 项指标{_counted(scores['light'], LIGHTS)}。")
    more = (
        f"全年判定{_counted(scores['compliance'], COMPLIANCE)}。",
        f"势头{_counted(scores['momentum'], MOMENTUM)}。",
    )
    points += more[: max(FEWEST_POINTS - len(points), 0)]
    return points[:MOST_POINTS]


def _counted(codes: Iterable[str], words: Mapping[str, str]) -> str:
    """Return how many stand where: 中，达进度 3 项、关注 1 项； or that all stand in one place."""
    count = Counter(codes)
    if len(count) == 1:
        return f"全部{words[next(iter(count))]}"
    return "中，" + "、".join(f"{word} {count[code]} 项" for code, word in words.items() if count[code])


def closing(view: View, *ids: str) -> Html:
    """Return the foot of a page: definitions, the rules in force, and what the figures rest on.

    Parameters
    ----------
    view : the page
    ids : the indicators that the page is about; all of the plan's if not given
    """
    chosen = view.planned(ids)
    notes = element("h2", "口径与方法", id="notes") + tables.definitions(view, chosen)
    notes += details("判定规则", tables.rules_in_force(view))
    markup = element("section", notes + _provenance(view, chosen), class_="closing", aria_labelledby="notes")
    return Html(markup, plain(markup))


def _provenance(view: View, ids: Sequence[str]) -> str:
    """Return sources, cut-off, fingerprints and how to make the page again, as markup."""
    rows = [view.score(id) for id in ids]
    kinds = Counter(str(row.status) for row in rows if row.status and not math.isnan(row.value))
    told = "、".join(f"{STATUSES[status]} {number(n)} 项" for status, n in kinds.items()) or "本季没有数"
    prints = "、".join(f"{name} {digest}" for name, digest in view.fingerprints().items())
    data = view.workspace.data_name
    again = f"laoyou run，参数 region={view.region.code}、quarter={view.quarter}、as_of={view.as_of or '空'}、data={data}"
    lines = [
        f"目标出自《{view.plan.title.zh}》，{view.plan.source}。",
        f"本季数据：{told}；截至 {view.cut_off or '——'} 已知的最新一版。",
        f"指纹：{prints}。laoyou {laoyou.__version__}。",
        f"重做本页：{again}。",
    ]
    return element("div", "".join(element("p", escape(line)) for line in lines), class_="provenance")
