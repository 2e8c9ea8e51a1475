"""The key points of a page: the sentences that a reader takes away who reads no further."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from laoyou.language import clauses, listed, markn, noted, sentence, tr, trn
from laoyou.pages import narrative
from laoyou.pages.standing_words import shown
from laoyou.view import View
from laoyou.words import COMPLIANCE, LIGHTS, MOMENTUM

FEWEST_POINTS, MOST_POINTS = 3, 5
_FROM_BEST = ("green", "watch", "yellow", "red")
_LAGGING = ("red", "yellow")

# How many stand where, and that all stand in one place, by what is counted.
_WHERE = {
    "light": (markn("{n} 项指标中，{counts}。"), markn("{n} 项指标全部{word}。")),
    "compliance": (markn("全年判定中，{counts}。"), markn("全年判定全部{word}。")),
    "momentum": (markn("势头中，{counts}。"), markn("势头全部{word}。")),
}


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
        points.append(view.plan.indicators[ranked[0]].definition.spoken)
    return points


def overview_points(view: View) -> list[str]:
    """Return the key points of the quarter: how many stand where, which lag, whose they are, what changed."""
    points = [_year_end(view)] if view.quarter.quarter == 4 else []
    points += [point for point in (*_behind(view), _whose(view), _without_data(view), _moved(view)) if point]
    if len(points) < FEWEST_POINTS:
        points.insert(0, _where(view, "light", LIGHTS))
    more = (_where(view, "compliance", COMPLIANCE), _where(view, "momentum", MOMENTUM))
    points += more[: max(FEWEST_POINTS - len(points), 0)]
    return points[:MOST_POINTS]


def _name(view: View, id: str) -> str:
    return view.plan.indicators[id].name.spoken


def _counts(count: Mapping[str, int], words: Mapping[str, str]) -> str:
    """Return how many stand where, inside a sentence: 达进度 3 项、关注 1 项； 3 on pace, 1 watch."""
    return listed(
        tr("{word} {count} 项", word=word.lower(), count=count[code])
        for code, word in words.items()
        if count[code]
    )


def _where(view: View, column: str, words: Mapping[str, str]) -> str:
    """Return how many stand where, or that all stand in one place."""
    codes = view.scores[column]
    count, (some, all_of_them) = Counter(codes), _WHERE[column]
    if len(count) == 1:
        return trn(all_of_them, len(codes), word=words[next(iter(count))].lower())
    return trn(some, len(codes), counts=_counts(count, words))


def _year_end(view: View) -> str:
    """Return the year's verdicts counted, and the rows that missed."""
    counts = _counts(Counter(view.scores["compliance"]), COMPLIANCE)
    missed = [_name(view, id) for id in view.plan.indicators if view.score(id).compliance == "not_met"]
    told = tr("{year} 年全年：{counts}", year=view.year, counts=counts)
    return sentence(clauses((told, tr("未达标的是{names}", names=listed(missed)) if missed else "")))


def _behind(view: View) -> list[str]:
    """Return which indicators lag, with their figures: a sentence for each light."""
    points = []
    for code in _LAGGING:
        rows = [row for _, row in view.scores[view.scores["light"] == code].iterrows()]
        names = listed(noted(_name(view, str(row.indicator)), shown(view, row)) for row in rows)
        points.append(tr("{light}的是{names}。", light=LIGHTS[code], names=names) if rows else "")
    return points


def _whose(view: View) -> str:
    """Return whose the lagging ones are; empty where none lags."""
    lagging = [id for id in view.plan.indicators if view.score(id).light in _LAGGING]
    if not lagging:
        return ""
    by_unit = Counter(view.plan.unit_spoken(view.plan.lead_unit(id)) for id in lagging)
    whose = listed(tr("{unit} {n} 项", unit=unit, n=n) for unit, n in by_unit.most_common())
    above = [_name(view, id) for id in lagging if view.plan.indicators[id].set_by]
    told = trn("落后的 {n} 项按牵头单位分：{whose}", len(lagging), whose=whose)
    set_above = trn("其中{names}由上级制定，区里不能自行调整", len(above), names=listed(above))
    return sentence(clauses((told, set_above if above else "")))


def _without_data(view: View) -> str:
    """Return which indicators have no figure; empty where all have."""
    grey = [_name(view, id) for id in view.scores.index[view.scores["light"] == "no_data"]]
    if not grey:
        return ""
    message = markn("无数据的有 {n} 项：{names}。")
    if len(grey) > MOST_POINTS:
        message = markn("无数据的有 {n} 项：{names}等。")
    return trn(message, len(grey), names=listed(grey[:MOST_POINTS]))


def _moved(view: View) -> str:
    """Return which lights changed since the quarter before; empty where the plan has none before it."""
    before = view.previous
    if before is None:
        return ""
    lights = {id: (before.score(id).light, view.score(id).light) for id in view.plan.indicators}
    steps = {
        _name(view, id): _FROM_BEST.index(now) - _FROM_BEST.index(was)
        for id, (was, now) in lights.items()
        if was in _FROM_BEST and now in _FROM_BEST
    }
    worse = [name for name, step in steps.items() if step > 0]
    better = [name for name, step in steps.items() if step < 0]
    lost = sum(was in _FROM_BEST and now not in _FROM_BEST for was, now in lights.values())
    found = sum(was not in _FROM_BEST and now in _FROM_BEST for was, now in lights.values())
    told = (
        trn("变差 {n} 项（{names}）", len(worse), names=listed(worse)) if worse else "",
        trn("好转 {n} 项（{names}）", len(better), names=listed(better)) if better else "",
        trn("{n} 项本季没有灯色", lost) if lost else "",
        trn("{n} 项上季没有、本季有灯色", found) if found else "",
    )
    return tr("与上季相比，{changes}。", changes=clauses(told) or tr("没有一项灯色变化"))
