"""What a page says of the shares of skilled workers: whether they moved by their numerator or by their denominator."""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd

from laoyou.cases.decomposition import RatioChange, ratio_change
from laoyou.formats import MOST_DECIMALS, difference, measured, number, signed
from laoyou.language import mark, tr
from laoyou.markup import Html, details, element, escape, listing, plain, table
from laoyou.periods import period_label
from laoyou.plan import Indicator
from laoyou.skills import chain_of
from laoyou.view import Point, View

NO_CHAIN = mark("本规划没有成套的技能人才总量和占比指标，这里没有内容。")


class Span(NamedTuple):
    """The change of a ratio between two quarters: ``change`` is NaN where it cannot be split, ``why`` then says why."""

    since: str
    before: pd.Period | None
    parts: RatioChange | None
    why: str


def nothing() -> Html:
    """Return what is shown where a plan has no such rows."""
    return Html(element("p", escape(NO_CHAIN)), NO_CHAIN)


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
        (tr("上季"), view.quarter - 1),
        (tr("上年同期"), view.quarter - 4),
        (tr("有数以来"), known[0] if known and known[0] < view.quarter else None),
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
    if span.parts is None or span.before is None:
        return tr("{name}与{since}相比：{why}。", name=ratio.name.spoken, since=span.since, why=span.why)
    change, top, bottom = (100 * float(part) for part in span.parts)
    names = _names(view, ratio)
    before, now = parts_of(view, ratio, span.before), parts_of(view, ratio, view.quarter)
    if round(change, MOST_DECIMALS) == 0 and round(top, MOST_DECIMALS) == 0:
        return tr("{name}与{since}持平，分子分母都没有变。", name=ratio.name.spoken, since=span.since)
    said = [
        tr(
            "{name}{moved}，使它{x} {part}",
            name=name,
            moved=_moved(was, is_),
            x=tr("升") if part > 0 else tr("降"),
            part=difference(part, "%", 2),
        )
        if round(part, MOST_DECIMALS)
        else tr("{name}没有变", name=name)
        for name, was, is_, part in zip(names, before, now, (top, bottom), strict=True)
    ]
    way = (
        f"{(tr('升') if change > 0 else tr('降'))} {difference(change, '%', 2)}"
        if round(change, MOST_DECIMALS)
        else tr("持平")
    )
    start = (
        tr("比{since}", since=span.since)
        if span.since != "有数以来"
        else tr("自{period_label}以来", period_label=period_label(span.before))
    )
    return tr(
        "{name}{start}{way}：{said}；{said2}。",
        name=ratio.name.spoken,
        start=start,
        way=way,
        said=said[0],
        said2=said[1],
    )


def _moved(before: float, now: float) -> str:
    away = now - before
    return (
        tr("{x} {away} 人", x=tr("增加") if away > 0 else tr("减少"), away=number(abs(away)))
        if away
        else tr("没有变")
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
            "变化 = 分子的变动 + 分母的变动，恰好相加，没有剩余：ΔR = ΔN·（1/D 的前后平均）+ Δ(1/D)·（N 的前后平均），即两种先后次序的平均（Shapley 1953）。"
        ),
        tr("分母减少也会抬高占比：分母那一份是从业人员或技能人才总量变动的作用，不是培养的结果。"),
        tr(
            "分子分母取占比自己的；没有的取两个总量。“有数以来”从第一个分子分母都有的季度算起，规划里存疑的基期不用。显示时四舍五入，各份之和可能差 0.01。"
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
    since = escape(span.since) + element(
        "small", escape(period_label(span.before) if span.before is not None else "")
    )
    if span.parts is None or span.before is None:
        return [name, since, escape(span.why), "—", "—", "—"]
    assert ratio.ratio is not None
    then, now = parts_of(view, ratio, span.before), parts_of(view, ratio, view.quarter)
    ends = " → ".join(measured(100 * top / bottom, "%", 2) for top, bottom in (then, now))
    cells = [escape(signed(100 * float(part), "%", 2)) for part in span.parts]
    moved = [
        element("small", escape(tr("{name} {b} 人", name=name, b=signed(b - a, tr("人")))))
        for name, a, b in zip(_names(view, ratio), then, now, strict=True)
    ]
    return [name, since, escape(ends), cells[0], cells[1] + moved[0], cells[2] + moved[1]]
