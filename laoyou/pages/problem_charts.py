"""Figures of the supervision loop: how long problems have been open, and what the quarter did to them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from laoyou.language import begun, mark, sentence, tr, trn
from laoyou.markup import Html, element, escape
from laoyou.pages.figures import canvas, figure
from laoyou.pages.palette import FIGURE, LATE, PAPER, REFERENCE, TARGET
from laoyou.pages.problem_words import state, subject_name, unit_count
from laoyou.supervision.docket import Docket, Entry
from laoyou.supervision.matters import Matter

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LONGEST = 76  # of a line over a bar [letters]; more does not fit
OPEN, MET = FIGURE, REFERENCE[1]
SOURCE = mark("督查事件台账（data/supervision/）")
SAMPLE_SOURCE = mark("演示数据（data/sample/supervision/）")
_STEPS = (
    mark("上次报告时在办"), mark("新交办"), mark("销号"), mark("现在在办"), mark("其中：退回"), mark("其中：新逾期"), mark("其中：报专班"),
)  # fmt: skip
_LABELS = (
    mark("上次报告\n时在办"), mark("新交办"), mark("销号"), mark("现在\n在办"), mark("其中\n退回"), mark("其中\n新逾期"), mark("其中\n报专班"),
)  # fmt: skip


def ages(docket: Docket) -> Html:
    """Draw how long each open problem has been open, by unit."""
    view, day = docket.view, docket.day
    open_ = [(e, e.matter) for e in docket.entries if e.matter and e.matter.open]
    if not open_:
        return _none(tr("没有在办的问题，所以这里没有图。"))
    units = list(dict.fromkeys(entry.unit for entry, _ in open_))
    order = sorted(open_, key=lambda one: (units.index(one[0].unit), -one[1].age(day)))
    drawing, axes = canvas()
    labels = [_label(docket, entry, matter) for entry, matter in order]
    place = lines = len(units) + sum(map(_rows, labels))
    drawing.set_size_inches(4.4, 0.7 + 0.34 * lines)
    unit = ""
    for (entry, matter), label in zip(order, labels, strict=True):
        if entry.unit != unit:
            unit, place = entry.unit, place - 1
            count = sum(e.unit == unit for e, _ in order)
            _write(axes, unit_count(docket, unit, count), (0, place), va="bottom", fontsize=9.5)
        place -= _rows(label)
        late = matter.overdue(day)
        axes.barh(place, matter.age(day), color=LATE if late else OPEN, alpha=0.85, height=0.3)
        _write(axes, label, (0, place + 0.34 + (_rows(label) - 1) / 2), va="center", fontsize=8)
    oldest, longest = max(((e, m.age(day)) for e, m in order), key=lambda one: one[1])
    axes.set_yticks([])
    axes.set_ylim(-0.5, lines - 0.3)
    axes.grid(axis="x", visible=True)
    axes.set_xlim(0, longest * 1.05 + 1)
    title = _ages_title(docket, subject_name(view, oldest.subject), longest)
    rows = [
        [e.number, subject_name(view, e.subject), view.plan.unit_spoken(m.unit), str(m.age(day)), begun(state(docket, e))]
        for e, m in order
    ]  # fmt: skip
    return figure(
        drawing,
        title=title,
        subtitle=tr(
            "自交办起的天数，截至 {day}，单位：天。红色并标“逾期”的已过整改时限，标“专班”的已报专班", day=day
        ),
        description=sentence(title),
        columns=[tr("编号"), tr("指标"), tr("牵头单位"), tr("天数"), tr("状态")],
        rows=rows,
        source=_source(docket),
        sample=docket.sample,
    )


def _none(text: str) -> Html:
    return Html(element("p", escape(text)), text)


def _source(docket: Docket) -> str:
    return tr(SAMPLE_SOURCE) if docket.sample else tr(SOURCE)


def _write(axes: Axes, text: str, at: tuple[float, float], **look: Any) -> None:
    axes.annotate(text, at, (2, 0), textcoords="offset points", **look)


def _label(docket: Docket, entry: Entry, matter: Matter) -> str:
    """Return what stands over a problem's bar: 某指标（2025Q1-07）153 天·逾期·专班."""
    label = trn(
        "{name}（{number}）{n} 天",
        matter.age(docket.day),
        name=subject_name(docket.view, entry.subject),
        number=entry.number,
    )
    label = tr("{label}·逾期", label=label) if matter.overdue(docket.day) else label
    label = tr("{label}·专班", label=label) if matter.escalated_on else label
    return "\n".join(textwrap.wrap(label, _LONGEST, break_on_hyphens=False))


def _rows(label: str) -> float:
    """Return how much room a bar and its label take [rows]."""
    return 1 + 0.4 * label.count("\n")


def _ages_title(docket: Docket, oldest: str, longest: int) -> str:
    late, count = sum(m.overdue(docket.day) for m in docket.open), len(docket.open)
    if not late:
        return tr("{open} 个在办问题都没有逾期，最久的 {longest} 天", open=count, longest=longest)
    return tr(
        "在办最久的是{oldest}，{longest} 天；{open} 个在办问题中逾期 {late} 个",
        oldest=oldest,
        longest=longest,
        open=count,
        late=late,
    )


def flow(docket: Docket) -> Html:
    """Draw what the quarter did: carried over, opened, closed, still open; and returned, overdue, escalated besides."""
    moved, carried, left = docket.flow, len(docket.carried_over), len(docket.open)
    if not (carried or left or any(moved.values())):
        return _none(tr("自上次报告以来没有在办、交办或销号的问题，所以这里没有图。"))
    count = {name: len(numbers) for name, numbers in moved.items()}
    title = tr(
        "在办由 {carried} 个到 {left} 个：新交办 {opened} 个，销号 {closed} 个",
        carried=carried,
        left=left,
        opened=count["opened"],
        closed=count["closed"],
    )
    sizes = (
        carried,
        count["opened"],
        count["closed"],
        left,
        count["returned"],
        count["overdue"],
        count["escalated"],
    )
    rows = [[tr(name), str(size)] for name, size in zip(_STEPS, sizes, strict=True)]
    return figure(
        _flow_drawing(count, carried, left),
        title=title,
        subtitle=tr(
            "{since} 之后到 {day} 的变化，单位：个。前四根首尾相接，后三根（斜线）是其中发生过退回、逾期、报专班的",
            since=docket.since,
            day=docket.day,
        ),
        description=tr(
            "{title}；退回 {returned} 个，新逾期 {overdue} 个，报专班 {escalated} 个。",
            title=title,
            returned=count["returned"],
            overdue=count["overdue"],
            escalated=count["escalated"],
        ),
        columns=[tr("环节"), tr("问题（个）")],
        rows=rows,
        source=_source(docket),
        sample=docket.sample,
    )


def _flow_drawing(count: Mapping[str, int], carried: int, left: int) -> Figure:
    from matplotlib.ticker import MaxNLocator

    opened, closed = count["opened"], count["closed"]
    drawing, axes = canvas()
    steps = (
        (0, carried, OPEN),
        (carried, opened, TARGET),
        (carried + opened - closed, closed, MET),
        (0, left, OPEN),
    )
    for n, (base, size, colour) in enumerate(steps):
        axes.bar(n, size, bottom=base, color=colour, width=0.62, alpha=0.9)
        axes.annotate(
            str(size), (n, base + size), (0, 2), textcoords="offset points", ha="center", fontsize=9
        )
    for n, size in enumerate((count["returned"], count["overdue"], count["escalated"]), len(steps)):
        axes.bar(n + 0.5, size, color=PAPER, edgecolor=LATE, hatch="////", width=0.62)
        axes.annotate(str(size), (n + 0.5, size), (0, 2), textcoords="offset points", ha="center", fontsize=9)
    axes.set_xticks([0, 1, 2, 3, 4.5, 5.5, 6.5], list(map(_axis_label, _LABELS)), fontsize=8)
    axes.set_ylim(0, max(carried + opened, left, 1) * 1.18)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    return drawing


def _axis_label(message: str) -> str:
    """Return what stands under a bar, in lines short enough for its place."""
    text = tr(message)
    return text if "\n" in text else text.replace(" ", "\n")
