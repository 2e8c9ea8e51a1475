"""Figures of the cases under way: quarter by quarter, and what it took for the rate and for the backlog."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from laoyou.cases.backlog import QuarterChange
from laoyou.formats import number, percent
from laoyou.language import Words, mark, tr, trn
from laoyou.markup import Html
from laoyou.pages.figures import canvas, figure
from laoyou.pages.marks import set_ticks
from laoyou.pages.palette import FIGURE, PAPER, REFERENCE, TARGET
from laoyou.periods import period_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FLOWS = Words(
    {
        "carried_over": mark("季初结转"),
        "new": mark("新受理"),
        "resolved": mark("化解"),
        "ended_otherwise": mark("其他办结"),
        "open": mark("季末在办"),
    }
)


def under_way(flows: pd.DataFrame, *, source: str, sample: bool) -> Html:
    """Draw what came in, what was resolved and what was open, quarter by quarter.

    Parameters
    ----------
    flows : as ``laoyou.cases.backlog.flows`` returns them
    source, sample : as for ``laoyou.pages.figures.figure``
    """
    drawing, axes = canvas()
    x = np.arange(len(flows))
    axes.bar(x, flows["open"], color=FIGURE, alpha=0.25, width=0.7)
    axes.plot(x, flows["new"], color=TARGET, lw=1.6, marker="s", ms=3)
    axes.plot(x, flows["resolved"], color=REFERENCE[1], lw=1.6, marker="o", ms=3)
    last = flows.iloc[-1]
    _label(
        axes,
        float(x[-1]),
        [
            (float(last["new"]), tr("新受理 {cases}", cases=number(last["new"])), TARGET),
            (float(last["resolved"]), tr("化解 {cases}", cases=number(last["resolved"])), REFERENCE[1]),
            (float(last["open"]), tr("季末在办 {cases}", cases=number(last["open"])), FIGURE),
        ],
        float(flows[["open", "new", "resolved"]].to_numpy().max()),
    )
    _quarters(axes, list(flows.index))
    title = _moved(int(last["open"]), int(last["open"] - last["carried_over"]))
    rows = [
        [period_label(quarter), *(number(row[name]) for name in FLOWS)]
        for quarter, (_, row) in zip(flows.index, flows.iterrows(), strict=True)
    ]
    return figure(
        drawing,
        title=title,
        subtitle=tr("每季新受理、化解和季末在办的线索，单位：件。柱为季末在办"),
        description=tr(
            "{title}。本季新受理 {new} 件，化解 {resolved} 件。",
            title=title,
            new=number(last["new"]),
            resolved=number(last["resolved"]),
        ),
        columns=[tr("季度"), *FLOWS.values()],
        rows=rows,
        source=source,
        sample=sample,
    )


def _moved(open_now: int, change: int) -> str:
    """Return how many cases are open when a quarter ends, beside when it began."""
    told = {"open": number(open_now), "change": number(abs(change))}
    if change > 0:
        return trn("季末在办 {open} 件，比季初多 {change} 件", open_now, **told)
    if change < 0:
        return trn("季末在办 {open} 件，比季初少 {change} 件", open_now, **told)
    return trn("季末在办 {open} 件，与季初持平", open_now, **told)


def rate_and_backlog(
    changes: Mapping[pd.Period, QuarterChange], *, title: str, source: str, sample: bool
) -> Html:
    """Draw how many each quarter resolved, against how many keep the rate and how many keep the backlog.

    Parameters
    ----------
    changes : by quarter
    title : the finding
    source, sample : as for ``laoyou.pages.figures.figure``
    """
    drawing, axes = canvas()
    quarters = list(changes)
    told = [c for c in changes.values() if not math.isnan(c.keeps_rate)]
    x = {quarter: n for n, quarter in enumerate(quarters)}
    for quarter, change in changes.items():
        if not math.isnan(change.keeps_rate):
            span = change.keeps_backlog - change.keeps_rate
            axes.bar(x[quarter], span, bottom=change.keeps_rate, width=0.62, color=TARGET, alpha=0.28)
        inside = change.rises_while_backlog_grows
        axes.plot(
            x[quarter], change.resolved, "o", ms=5.5, color=FIGURE, mfc=FIGURE if inside else PAPER, mew=1.4
        )
    last, end = changes[quarters[-1]], float(len(quarters) - 1)
    values = [v for c in told for v in (c.keeps_rate, c.keeps_backlog)] + [
        c.resolved for c in changes.values()
    ]
    low, high = min(values), max(values)
    room = 0.25 * (high - low or 1)
    words = [(float(last.resolved), tr("化解 {cases}", cases=number(last.resolved)), FIGURE)]
    if not math.isnan(last.keeps_rate):
        words += [
            (float(last.keeps_backlog), tr("积压不增 {cases}", cases=number(last.keeps_backlog)), TARGET),
            (last.keeps_rate, tr("化解率不降 {cases}", cases=number(last.keeps_rate, 1)), TARGET),
        ]
    axes.set_ylim(low - room, high + room)
    _label(axes, end, words, high - low + 2 * room)
    _quarters(axes, quarters)
    rows = [
        [
            period_label(quarter), number(c.due), number(c.resolved), number(c.keeps_rate, 1),
            number(c.keeps_backlog), percent(c.rate_before), percent(c.rate), number(c.unresolved_before), number(c.unresolved),
        ]
        for quarter, c in changes.items()
    ]  # fmt: skip
    return figure(
        drawing,
        title=title,
        subtitle=tr(
            "每季化解的线索，单位：件。色块的下沿是化解率不降、上沿是积压（应办未化解）不增所需的件数；"
            "实心点落在色块里，化解率升而积压也增，空心点不是"
        ),
        description=tr(
            "{title}。最近一季化解 {resolved} 件，化解率不降要 {keeps_rate} 件，积压不增要 {keeps_backlog} 件。",
            title=title, resolved=number(last.resolved),
            keeps_rate=number(last.keeps_rate, 1), keeps_backlog=number(last.keeps_backlog),
        ),
        columns=[
            tr("季度"), tr("应办增加"), tr("化解"), tr("化解率不降需"), tr("积压不增需"),
            tr("季初化解率"), tr("季末化解率"), tr("季初未化解"), tr("季末未化解"),
        ],
        rows=rows,
        source=source,
        sample=sample,
    )  # fmt: skip


def _label(axes: Axes, end: float, words: Sequence[tuple[float, str, str]], height: float) -> None:
    """Write what the last marks are beside them, far enough apart to be read."""
    place = -math.inf
    for value, text, color in sorted(words):
        place = max(value, place + 0.075 * height)
        axes.annotate(text, (end + 0.5, place), va="center", fontsize=8, color=color)


def _quarters(axes: Axes, quarters: Sequence[pd.Period]) -> None:
    """Name the years below the first quarter drawn of each, and leave room for words on the right."""
    axes.set_xlim(-0.6, len(quarters) * 1.34 + 0.9)
    firsts = {quarter.year: n for n, quarter in reversed(list(enumerate(quarters)))}
    axes.set_xticks(list(firsts.values()), [str(year) for year in firsts])
    axes.tick_params(axis="x", length=0)
    if axes.get_ylim()[0] <= 0:
        axes.set_ylim(0, None)
    set_ticks(axes)
