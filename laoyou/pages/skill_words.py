"""What a page says of the shares of skilled workers: whether they moved by their numerator or by their denominator."""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd

from laoyou.cases.decomposition import RatioChange, ratio_change
from laoyou.formats import DASH, MOST_DECIMALS, difference, measured, number, signed
from laoyou.language import Words, begun, mark, tr
from laoyou.markup import Html, details, element, escape, listing, plain, table
from laoyou.periods import period_label
from laoyou.plan import Indicator
from laoyou.skills import chain_of
from laoyou.view import Point, View

NO_CHAIN = mark("本规划没有成套的技能人才总量和占比指标，这里没有内容。")
SINCE = Words({"last_quarter": mark("上季"), "last_year": mark("上年同期"), "first_figure": mark("有数以来")})


class Span(NamedTuple):
    """The change of a ratio since a quarter before: ``since`` a key of ``SINCE``; ``parts`` None where it cannot be split, ``why`` then says why."""

    since: str
    before: pd.Period | None
    parts: RatioChange | None
    why: str


def nothing() -> Html:
    """Return what is shown where a plan has no such rows."""
    return Html(element("p", escape(tr(NO_CHAIN))), tr(NO_CHAIN))


def figure_of(view: View, id: str, quarter: pd.Period) -> float:
    """Return a series' figure of one quarter; NaN where there is none."""
    return next((p.value for p in view.points(id) if p.quarter == quarter), math.nan)


def parts_of(view: View, ratio: Indicator, quarter: pd.Period) -> tuple[float, float]:
    """Return the numerator and denominator of a ratio in a quarter [persons]; NaN where unknown.

    They are the ratio's own where the ledger gives them, else the two series that it is made of. The plan's baseline
    is no figure of the ledger, so a doubtful one never comes in.
    """
    assert ratio.ratio is not None
    own = next((p for p in view.points(ratio.id) if p.quarter == quarter), None)
    if own and not math.isnan(own.numerator):
        return own.numerator, own.denominator
    return figure_of(view, ratio.ratio.numerator, quarter), figure_of(view, ratio.ratio.denominator, quarter)


# Why the shares moved


def spans(view: View, ratio: Indicator) -> list[Span]:
    """Return the change of a ratio since last quarter, since last year and since the first figure, split in two."""
    assert ratio.ratio is not None
    ids = (ratio.id, ratio.ratio.numerator, ratio.ratio.denominator)
    points: list[Point] = [p for id in ids for p in view.points(id)]
    breaks = {p.quarter for p in points if p.series_break}
    known = [
        q for q in sorted({p.quarter for p in points}) if not any(map(math.isnan, parts_of(view, ratio, q)))
    ]
    found = []
    for since, before in (
        ("last_quarter", view.quarter - 1),
        ("last_year", view.quarter - 4),
        ("first_figure", known[0] if known and known[0] < view.quarter else None),
    ):
        if before is None:
            found.append(Span(since, None, None, tr("还没有更早的数")))
        elif any(before < q <= view.quarter for q in breaks):
            found.append(Span(since, before, None, tr("其间口径有调整，前后不可比")))
        elif view.quarter not in known:
            found.append(Span(since, before, None, tr("本季没有分子和分母")))
        elif before not in known:
            found.append(Span(since, before, None, tr("那一季没有分子和分母")))
        else:
            change = ratio_change(*parts_of(view, ratio, before), *parts_of(view, ratio, view.quarter))
            found.append(Span(since, before, change, ""))
    return found


def _names(view: View, ratio: Indicator) -> tuple[str, str]:
    assert ratio.ratio is not None
    return tuple(
        view.plan.measurable[id].name.spoken for id in (ratio.ratio.numerator, ratio.ratio.denominator)
    )  # type: ignore[return-value]


def change_sentence(view: View, ratio: Indicator, span: Span) -> str:
    """Return what moved a ratio, as a sentence; its two parts add up to the change."""
    told = {"name": ratio.name.spoken, "since": SINCE[span.since]}
    if span.parts is None or span.before is None:
        return tr("{name}与{since}相比：{why}。", why=span.why, **told)
    change, *parts = (100 * float(part) for part in span.parts)
    if round(change, MOST_DECIMALS) == 0 and round(parts[0], MOST_DECIMALS) == 0:
        return tr("{name}与{since}持平，分子分母都没有变。", **told)
    before, now = parts_of(view, ratio, span.before), parts_of(view, ratio, view.quarter)
    numerator, denominator = (
        _effect(name, there - then, part)
        for name, then, there, part in zip(_names(view, ratio), before, now, parts, strict=True)
    )
    start = (
        tr("自{quarter}以来", quarter=period_label(span.before))
        if span.since == "first_figure"
        else tr("比{since}", since=told["since"])
    )
    moved = {"name": ratio.name.spoken, "start": start, "size": difference(change, "%", 2)}
    if round(change, MOST_DECIMALS) == 0:
        text = tr("{name}{start}持平", **moved)
    elif change > 0:
        text = tr("{name}{start}升 {size}", **moved)
    else:
        text = tr("{name}{start}降 {size}", **moved)
    return tr("{text}：{numerator}；{denominator}。", text=text, numerator=numerator, denominator=denominator)


def _effect(name: str, change: float, part: float) -> str:
    """Return how a numerator or denominator moved [persons], and what that did to the ratio [percentage points]."""
    told = {"name": name, "people": number(abs(change)), "part": difference(part, "%", 2)}
    if round(part, MOST_DECIMALS) == 0:
        return tr("{name}没有变", **told)
    if change > 0:
        return (
            tr("{name}增加 {people} 人，使它升 {part}", **told)
            if part > 0
            else tr("{name}增加 {people} 人，使它降 {part}", **told)
        )
    return (
        tr("{name}减少 {people} 人，使它升 {part}", **told)
        if part > 0
        else tr("{name}减少 {people} 人，使它降 {part}", **told)
    )


def changes(view: View) -> Html:
    """Return why the shares of skilled workers moved: by their numerator, and by their denominator."""
    chain = chain_of(view.plan)
    if chain is None:
        return nothing()
    ratios = (chain.share, chain.inner)
    rows, said = [], []
    for ratio in ratios:
        found = spans(view, ratio)
        said.append(change_sentence(view, ratio, found[1]))
        rows += [_span_row(view, ratio, span) for span in found]
    heads = [tr("占比"), tr("与谁比"), tr("由 → 到"), tr("变化"), tr("分子的变动"), tr("分母的变动")]
    shown = table(
        tr("两个占比的变化，拆成分子和分母各自的作用，单位：个百分点"),
        heads,
        rows,
        class_="data cards",
        numeric=range(2, 6),
    )
    notes = [
        tr(
            "变化 = 分子的变动 + 分母的变动，恰好相加，没有剩余："
            "ΔR = ΔN·（1/D 的前后平均）+ Δ(1/D)·（N 的前后平均），即两种先后次序的平均（Shapley 1953）。"
        ),
        tr("分母减少也会抬高占比：分母那一份是从业人员或技能人才总量变动的作用，不是培养的结果。"),
        tr(
            "分子分母取占比自己的；没有的取两个总量。“有数以来”从第一个分子分母都有的季度算起，规划里存疑的基期不用。"
            "显示时四舍五入，各份之和可能差 0.01。"
        ),
    ]
    markup = listing(said) + shown + details(tr("这些数怎么算"), listing(notes))
    return Html(markup, plain(markup))


def sample_mark(view: View, *ids: str) -> str:
    """Return the mark of sample figures, as markup; nothing where they are real."""
    return (
        element("span", tr("演示"), class_="sample")
        if any(id in view.sample_indicators for id in ids)
        else ""
    )


def _span_row(view: View, ratio: Indicator, span: Span) -> list[str]:
    name = escape(ratio.name.spoken) + sample_mark(view, ratio.id)
    since = escape(begun(SINCE[span.since])) + element(
        "small", escape(period_label(span.before) if span.before is not None else "")
    )
    if span.parts is None or span.before is None:
        return [name, since, escape(begun(span.why)), DASH, DASH, DASH]
    assert ratio.ratio is not None
    then, now = parts_of(view, ratio, span.before), parts_of(view, ratio, view.quarter)
    ends = " → ".join(measured(100 * top / bottom, "%", 2) for top, bottom in (then, now))
    cells = [escape(signed(100 * float(part), "%", 2)) for part in span.parts]
    moved = [
        element("small", escape(tr("{name} {change} 人", name=name, change=signed(b - a, ""))))
        for name, a, b in zip(_names(view, ratio), then, now, strict=True)
    ]
    return [name, since, escape(ends), cells[0], cells[1] + moved[0], cells[2] + moved[1]]
