"""Figures of the supervision loop: how long problems have been open, and what the quarter did to them."""

from __future__ import annotations

from laoyou.language import mark, tr
from laoyou.markup import Html, element, escape
from laoyou.pages.figures import canvas, figure
from laoyou.pages.palette import FIGURE, LATE, PAPER, REFERENCE, TARGET
from laoyou.pages.problem_words import state, subject_name
from laoyou.supervision.docket import Docket

OPEN, MET = FIGURE, REFERENCE[1]
SOURCE = mark("督查事件台账（data/supervision/）")
SAMPLE_SOURCE = mark("演示数据（data/sample/supervision/）")


def ages(docket: Docket) -> Html:
    """Draw how long each open problem has been open, by unit."""
    entries = [e for e in docket.entries if e.matter and e.matter.open]
    if not entries:
        text = tr("没有在办的问题，所以这里没有图。")
        return Html(element("p", escape(text)), text)
    view, day = docket.view, docket.day
    units = list(dict.fromkeys(entry.unit for entry in entries))
    order = sorted(entries, key=lambda e: (units.index(e.unit), -e.matter.age(day) if e.matter else 0))
    drawing, axes = canvas()
    lines = len(order) + len(units)
    drawing.set_size_inches(4.4, 0.7 + 0.34 * lines)
    rows, late, place, unit = [], 0, lines, ""
    for entry in order:
        matter = entry.matter
        assert matter is not None  # only such are chosen
        if entry.unit != unit:
            unit, place = entry.unit, place - 1
            count = sum(e.unit == unit for e in order)
            axes.annotate(
                tr("{unit}：{count} 个", unit=unit, count=count),
                (0, place),
                (2, 0),
                textcoords="offset points",
                va="bottom",
                fontsize=9.5,
            )
        place -= 1
        days, overdue = matter.age(day), matter.overdue(day)
        late += overdue
        axes.barh(place, days, color=LATE if overdue else OPEN, alpha=0.85, height=0.3)
        marks = [
            w for w, holds in ((tr("逾期"), overdue), (tr("专班"), matter.escalated_on is not None)) if holds
        ]
        words = "·".join(
            [
                tr(
                    "{subject_name}（{number}）{days} 天",
                    subject_name=subject_name(view, entry.subject),
                    number=entry.number,
                    days=days,
                ),
                *marks,
            ]
        )
        axes.annotate(words, (0, place + 0.34), (2, 0), textcoords="offset points", va="center", fontsize=8)
    for entry in order:
        matter = entry.matter
        assert matter is not None
        rows.append(
            [
                entry.number,
                subject_name(view, entry.subject),
                matter.unit,
                f"{matter.age(day)}",
                state(docket, entry),
            ]
        )
    axes.set_yticks([])
    axes.set_ylim(-0.5, lines - 0.3)
    axes.grid(axis="x", visible=True)
    longest = max(e.matter.age(day) for e in order if e.matter)
    axes.set_xlim(0, longest * 1.05 + 1)
    oldest = max(order, key=lambda e: e.matter.age(day) if e.matter else 0)
    title = (
        tr(
            "在办最久的是{subject_name}，{longest} 天；{order} 个在办问题中逾期 {late} 个",
            subject_name=subject_name(view, oldest.subject),
            longest=longest,
            order=len(order),
            late=late,
        )
        if late
        else tr("{order} 个在办问题都没有逾期，最久的 {longest} 天", order=len(order), longest=longest)
    )
    return figure(
        drawing,
        title=title,
        subtitle=tr(
            "自交办起的天数，截至 {day}，单位：天。红色并标“逾期”的已过整改时限，标“专班”的已报专班", day=day
        ),
        description=tr("{title}。", title=title),
        columns=[tr("编号"), tr("指标"), tr("牵头单位"), tr("天数"), tr("状态")],
        rows=rows,
        source=SAMPLE_SOURCE if docket.sample else SOURCE,
        sample=docket.sample,
    )


def flow(docket: Docket) -> Html:
    """Draw what the quarter did: carried over, opened, closed, still open; and returned, overdue, escalated besides."""
    moved, open_ = docket.flow, docket.open
    carried = len(docket.carried_over)
    if not (carried or open_ or any(moved.values())):
        text = tr("自上次报告以来没有在办、交办或销号的问题，所以这里没有图。")
        return Html(element("p", escape(text)), text)
    from matplotlib.ticker import MaxNLocator

    opened, closed = len(moved["opened"]), len(moved["closed"])
    drawing, axes = canvas()
    steps = (
        (tr("上次报告时在办"), 0, carried, OPEN),
        (tr("新交办"), carried, opened, TARGET),
        (tr("销号"), carried + opened - closed, closed, MET),
        (tr("现在在办"), 0, len(open_), OPEN),
    )
    beside = (
        (tr("其中：退回"), len(moved["returned"])),
        (tr("其中：新逾期"), len(moved["overdue"])),
        (tr("其中：报专班"), len(moved["escalated"])),
    )
    for n, (_, base, size, colour) in enumerate(steps):
        axes.bar(n, size, bottom=base, color=colour, width=0.62, alpha=0.9)
        axes.annotate(
            str(size), (n, base + size), (0, 2), textcoords="offset points", ha="center", fontsize=9
        )
    for n, (_, size) in enumerate(beside, len(steps)):
        axes.bar(n + 0.5, size, color=PAPER, edgecolor=LATE, hatch="////", width=0.62)
        axes.annotate(str(size), (n + 0.5, size), (0, 2), textcoords="offset points", ha="center", fontsize=9)
    names = [
        tr("上次报告\n时在办"),
        tr("新交办"),
        tr("销号"),
        tr("现在\n在办"),
        tr("其中\n退回"),
        tr("其中\n新逾期"),
        tr("其中\n报专班"),
    ]
    axes.set_xticks([0, 1, 2, 3, 4.5, 5.5, 6.5], names, fontsize=8)
    axes.set_ylim(0, max(carried + opened, len(open_), 1) * 1.18)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    title = tr(
        "在办由 {carried} 个到 {open_} 个：新交办 {opened} 个，销号 {closed} 个",
        carried=carried,
        open_=len(open_),
        opened=opened,
        closed=closed,
    )
    rows = [[name, str(size)] for name, _, size, _ in steps] + [[name, str(size)] for name, size in beside]
    return figure(
        drawing,
        title=title,
        subtitle=tr(
            "{since} 之后到 {day} 的变化，单位：个。前四根首尾相接，后三根（斜线）是其中发生过退回、逾期、报专班的",
            since=docket.since,
            day=docket.day,
        ),
        description=tr(
            "{title}；退回 {beside} 个，新逾期 {beside2} 个，报专班 {beside3} 个。",
            title=title,
            beside=beside[0][1],
            beside2=beside[1][1],
            beside3=beside[2][1],
        ),
        columns=[tr("环节"), tr("问题（个）")],
        rows=rows,
        source=SAMPLE_SOURCE if docket.sample else SOURCE,
        sample=docket.sample,
    )
