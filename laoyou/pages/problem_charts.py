"""Figures of the supervision loop: how long problems have been open, and what the quarter did to them."""

from __future__ import annotations

from laoyou.markup import Html, element, escape
from laoyou.pages.figures import canvas, figure
from laoyou.pages.palette import FIGURE, LATE, PAPER, REFERENCE, TARGET
from laoyou.pages.problem_words import state, subject_name
from laoyou.supervision.docket import Docket

OPEN, MET = FIGURE, REFERENCE[1]
SOURCE = "督查事件台账（data/supervision/）"
SAMPLE_SOURCE = "演示数据（data/sample/supervision/）"


def ages(docket: Docket) -> Html:
    """Draw how long each open problem has been open, by unit."""
    entries = [e for e in docket.entries if e.matter and e.matter.open]
    if not entries:
        text = "没有在办的问题，所以这里没有图。"
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
                f"{unit}：{count} 个",
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
        marks = [w for w, holds in (("逾期", overdue), ("专班", matter.escalated_on is not None)) if holds]
        words = "·".join([f"{subject_name(view, entry.subject)}（{entry.number}）{days} 天", *marks])
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
        f"在办最久的是{subject_name(view, oldest.subject)}，{longest} 天；{len(order)} 个在办问题中逾期 {late} 个"
        if late
        else f"{len(order)} 个在办问题都没有逾期，最久的 {longest} 天"
    )
    return figure(
        drawing,
        title=title,
        subtitle=f"自交办起的天数，截至 {day}，单位：天。红色并标“逾期”的已过整改时限，标“专班”的已报专班",
        description=f"{title}。",
        columns=["编号", "指标", "牵头单位", "天数", "状态"],
        rows=rows,
        source=SAMPLE_SOURCE if docket.sample else SOURCE,
        sample=docket.sample,
    )


def flow(docket: Docket) -> Html:
    """Draw what the quarter did: carried over, opened, closed, still open; and returned, overdue, escalated besides."""
    moved, open_ = docket.flow, docket.open
    carried = len(docket.carried_over)
    if not (carried or open_ or any(moved.values())):
        text = "自上次报告以来没有在办、交办或销号的问题，所以这里没有图。"
        return Html(element("p", escape(text)), text)
    from matplotlib.ticker import MaxNLocator

    opened, closed = len(moved["opened"]), len(moved["closed"])
    drawing, axes = canvas()
    steps = (
        ("上次报告时在办", 0, carried, OPEN),
        ("新交办", carried, opened, TARGET),
        ("销号", carried + opened - closed, closed, MET),
        ("现在在办", 0, len(open_), OPEN),
    )
    beside = (
        ("其中：退回", len(moved["returned"])),
        ("其中：新逾期", len(moved["overdue"])),
        ("其中：报专班", len(moved["escalated"])),
    )
    for n, (_, base, size, colour) in enumerate(steps):
        axes.bar(n, size, bottom=base, color=colour, width=0.62, alpha=0.9)
        axes.annotate(
            str(size), (n, base + size), (0, 2), textcoords="offset points", ha="center", fontsize=9
        )
    for n, (_, size) in enumerate(beside, len(steps)):
        axes.bar(n + 0.5, size, color=PAPER, edgecolor=LATE, hatch="////", width=0.62)
        axes.annotate(str(size), (n + 0.5, size), (0, 2), textcoords="offset points", ha="center", fontsize=9)
    names = ["上次报告\n时在办", "新交办", "销号", "现在\n在办", "其中\n退回", "其中\n新逾期", "其中\n报专班"]
    axes.set_xticks([0, 1, 2, 3, 4.5, 5.5, 6.5], names, fontsize=8)
    axes.set_ylim(0, max(carried + opened, len(open_), 1) * 1.18)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    title = f"在办由 {carried} 个到 {len(open_)} 个：新交办 {opened} 个，销号 {closed} 个"
    rows = [[name, str(size)] for name, _, size, _ in steps] + [[name, str(size)] for name, size in beside]
    return figure(
        drawing,
        title=title,
        subtitle=f"{docket.since} 之后到 {docket.day} 的变化，单位：个。前四根首尾相接，后三根（斜线）是其中发生过退回、逾期、报专班的",
        description=f"{title}；退回 {beside[0][1]} 个，新逾期 {beside[1][1]} 个，报专班 {beside[2][1]} 个。",
        columns=["环节", "问题（个）"],
        rows=rows,
        source=SAMPLE_SOURCE if docket.sample else SOURCE,
        sample=docket.sample,
    )
