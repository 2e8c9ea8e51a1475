"""Figures of case records: how long cases take, what is under way, and which townships differ by more than chance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from laoyou.attainment import Floats
from laoyou.cases.funnel import funnel_limits
from laoyou.cases.survival import Curve, median
from laoyou.formats import number, percent
from laoyou.markup import Html
from laoyou.pages.figures import canvas, figure, panels
from laoyou.pages.marks import FIGURE, PATH, REFERENCE, TARGET, clear_words, say, set_ticks
from laoyou.periods import period_label

LINES = (
    FIGURE,
    "#8a5a00",
    "#8f3b76",
    "#00705a",
    "#5b6770",
)  # as in laoyou.pages.marks; at most so many groups are drawn
if TYPE_CHECKING:
    from matplotlib.axes import Axes

EVERY = 30  # [day] between the rows of the data table


def resolved_over_time(whole: Curve, *, horizon: int, level: float, source: str, sample: bool) -> Html:
    """Draw the share of cases resolved by the days since their opening, with its band.

    Parameters
    ----------
    whole : the curve of all cases
    horizon : the last day drawn [day]
    level : of the band [1]
    source, sample : as for ``laoyou.pages.figures.figure``
    """
    drawing, axes = canvas()
    _draw(axes, whole, horizon, FIGURE, 2.0)
    axes.axhline(50, color=PATH, lw=0.8, ls=":")
    _frame(axes, horizon)
    axes.set_xlabel("受理后天数")
    half = median(whole)
    span = f"（{level:.0%} 区间 {_days(half.low)}—{_days(half.high)} 天）"
    title = (
        f"一半线索在 {_days(half.value)} 天内化解{span}" if not math.isnan(half.value) else "化解的还不到一半"
    )
    rows = [[f"{day} 天", percent(1 - whole.unresolved(day), 0)] for day in _marks(whole, horizon)]
    return figure(
        drawing,
        title=title,
        subtitle=f"受理后若干天内化解的线索所占比重，单位：%。浅色带为 {level:.0%} 区间；未办结的计到季末为止，不当作未化解",
        description=f"{title}。" + "，".join(f"{day}内化解 {share}" for day, share in rows) + "。",
        columns=["受理后", "已化解"],
        rows=rows,
        source=source,
        sample=sample,
    )


def resolved_by_group(
    whole: Curve,
    groups: Mapping[str, Curve],
    *,
    title: str,
    horizon: int,
    level: float,
    source: str,
    sample: bool,
) -> Html:
    """Draw each group's share resolved with its band, in a panel of its own, against that of all cases.

    Parameters
    ----------
    whole : the curve of all cases, in grey in every panel
    groups : the curves by name in words
    title : the finding
    horizon, level, source, sample : as for ``resolved_over_time``
    """
    drawing, axes = panels(len(groups))
    for one, (name, curve) in zip(axes, groups.items(), strict=True):
        days, share = _line(whole, horizon)
        one.step(days, share, where="post", color="#9aa5ad", lw=1.0)
        _draw(one, curve, horizon, FIGURE, 1.4)
        _frame(one, horizon)
        one.set_title(f"{name}（{curve.cases} 件）", fontsize=8, loc="left")
    marks = _marks(whole, horizon)
    rows = [
        [name, *(percent(1 - curve.unresolved(day), 0) for day in marks)] for name, curve in groups.items()
    ]
    return figure(
        drawing,
        title=title,
        subtitle=f"受理后若干天（横轴）内化解的线索所占比重，单位：%。蓝线和浅色带为该组及其 {level:.0%} 区间，灰线为全部",
        description=f"{title}。"
        + "；".join(f"{row[0]} {EVERY} 天内化解 {row[1]}" for row in rows if marks)
        + "。",
        columns=["组", *(f"{day} 天内" for day in marks)],
        rows=rows,
        source=source,
        sample=sample,
    )


def _marks(curve: Curve, horizon: int) -> list[int]:
    return [day for day in range(EVERY, horizon + 1, EVERY) if curve.reaches(day)]


def _line(curve: Curve, horizon: int) -> tuple[Floats, Floats]:
    """Return the days and the share resolved by each [%], up to where the curve is known or the drawing ends."""
    end = horizon if curve.reaches(horizon) else curve.followed
    days = np.r_[0.0, curve.days, end]
    share = 100 * (
        1 - np.r_[1.0, curve.survival, curve.survival[-1:]] if len(curve.days) else np.array([0.0, 0.0])
    )
    shown = days <= end
    return days[shown], share[shown]


def _draw(axes: Axes, curve: Curve, horizon: int, color: str, width: float) -> None:
    days, share = _line(curve, horizon)
    axes.step(days, share, where="post", color=color, lw=width)
    if len(curve.days):
        within = np.r_[True, curve.days <= horizon]
        steps = np.r_[0.0, curve.days][within]
        top, bottom = (100 * (1 - np.r_[1.0, band][within]) for band in (curve.low, curve.high))
        axes.fill_between(steps, bottom, top, step="post", color=color, alpha=0.16, lw=0)


def _frame(axes: Axes, horizon: int) -> None:
    axes.set_xlim(0, horizon)
    axes.set_ylim(0, 100.5)
    axes.set_xticks(range(0, horizon + 1, 2 * EVERY))


def _days(value: float) -> str:
    return "？" if math.isnan(value) else number(value)


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
    ends = sorted(
        [
            (last["new"], "新受理", TARGET),
            (last["resolved"], "化解", REFERENCE[1]),
            (last["open"], "季末在办", FIGURE),
        ]
    )
    room = 0.07 * float(flows[["open", "new", "resolved"]].to_numpy().max())
    place = -math.inf
    for value, name, color in ends:
        place = max(float(value), place + room)
        axes.annotate(f"{name} {number(value)}", (x[-1] + 0.4, place), va="center", fontsize=8, color=color)
    axes.set_xlim(-0.6, x[-1] + 0.28 * len(x) + 1)
    axes.set_ylim(0, None)
    years = [n for n, quarter in enumerate(flows.index) if quarter.quarter == 1]
    axes.set_xticks(years, [str(flows.index[n].year) for n in years])
    set_ticks(axes)
    change = int(last["open"] - flows["open"].iloc[-2]) if len(flows) > 1 else 0
    moved = f"比上季{'多' if change > 0 else '少'} {abs(change)} 件" if change else "与上季持平"
    title = f"季末在办 {number(last['open'])} 件，{moved}"
    columns = {
        "carried_over": "上季结转",
        "new": "新受理",
        "resolved": "化解",
        "ended_otherwise": "其他办结",
        "open": "季末在办",
    }
    rows = [
        [period_label(quarter), *(number(row[name]) for name in columns)]
        for quarter, (_, row) in zip(flows.index, flows.iterrows(), strict=True)
    ]
    return figure(
        drawing,
        title=title,
        subtitle="每季新受理、化解的线索和季末在办的线索，单位：件。柱为季末在办；上季结转加新受理等于化解、其他办结与季末在办之和",
        description=f"{title}。本季新受理 {number(last['new'])} 件，化解 {number(last['resolved'])} 件。",
        columns=["季度", *columns.values()],
        rows=rows,
        source=source,
        sample=sample,
    )


def township_funnel(
    parts: pd.DataFrame, names: Mapping[str, str], centre: float, levels: tuple[float, float], *,
    title: str, measure: str, source: str, sample: bool, columns: list[str], rows: list[list[str]],
) -> Html:  # fmt: skip
    """Draw townships' rates against how far chance alone would move them from the district's.

    Parameters
    ----------
    parts : as ``laoyou.cases.funnel.funnel`` returns them
    names : of the townships
    centre : the district's rate [1]
    levels : of the inner and the outer limits [1]
    title, measure : the finding, and what is measured
    source, sample, columns, rows : as for ``laoyou.pages.figures.figure``
    """
    drawing, axes = canvas()
    shown = parts[parts["rate"].notna()]
    most = float(shown["denominator"].max()) * 1.15 if len(shown) else 10.0
    sizes = np.arange(1, math.ceil(most) + 1, dtype=float)
    for level, style, label in (
        (levels[0], (0, (4, 2)), f"{levels[0]:.0%}"),
        (levels[1], ":", f"{levels[1]:.1%}"),
    ):
        low, high = funnel_limits(sizes, centre, level)
        for limit in (low, high):
            axes.plot(sizes, 100 * limit, color=PATH, lw=0.9, ls=style)
        axes.annotate(
            label,
            (sizes[-1], 100 * low[-1]),
            (2, 0),
            textcoords="offset points",
            va="center",
            fontsize=7,
            color=PATH,
        )
    axes.axhline(100 * centre, color=TARGET, lw=1.2)
    axes.plot(shown["denominator"], 100 * shown["rate"], "o", color=FIGURE, ms=5, zorder=5)
    for code, row in shown.iterrows():
        say(axes, float(row["denominator"]), float(100 * row["rate"]), names[str(code)])
    axes.set_xlim(0, most * 1.12)
    floor = float(np.nanmin(100 * shown["rate"])) if len(shown) else 0.0
    axes.set_ylim(max(0.0, min(floor, 100 * centre - 30) - 5), 103)
    axes.set_xlabel("应办件数")
    set_ticks(axes)
    for words in axes.texts:
        words.set_fontsize(min(words.get_fontsize(), 8))
    clear_words(drawing, axes)
    return figure(
        drawing, title=title, subtitle=measure, description=f"{title}。", columns=columns, rows=rows, source=source, sample=sample
    )  # fmt: skip
