"""The fan of a series: between which figures its coming quarters will probably lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from laoyou.formats import DASH, measured, number, percent
from laoyou.language import tr
from laoyou.outlooks.outlook import FAN
from laoyou.pages.figures import lay_out
from laoyou.pages.marks import ANEW, position
from laoyou.pages.palette import FAN as FAN_COLOR
from laoyou.pages.target_words import cell_shown
from laoyou.periods import period_label
from laoyou.plan import Indicator
from laoyou.view import Point, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DARKEST, _FAINTEST = 0.42, 0.16  # of the inner band: the next quarter, and the last one drawn
_OUTER = 0.55  # how dark the outer band is beside the inner one
_BAR = 0.11  # half the width of a year's end [years]
_RISE = 12  # between the places where the fan may be named [points]
_STEPS = 24  # places of a line that are looked at for words upon it


class Ahead(NamedTuple):
    """What a coming quarter's figure will probably be: quantiles [the row's unit]."""

    quarter: pd.Period
    low: float
    lower: float
    middle: float
    upper: float
    high: float


def share_inside(outer: bool = True) -> float:
    """Return how much of what may come lies in the outer or the inner band [1]."""
    return FAN[-1] - FAN[0] if outer else FAN[-2] - FAN[1]


def coming(view: View, id: str) -> list[Ahead]:
    """Return the coming quarters whose figures are drawn, oldest first.

    Parameters
    ----------
    view : the page
    id : an indicator

    Returns
    -------
    What can be foreseen up to the last year with a target in the row's own unit. Of later years of a count or a rate
    since January the ends alone, on which they are judged.
    """
    indicator = view.plan.indicators[id]
    aimed = [year for year in view.plan.years if not math.isnan(indicator.numeric_target(year))]
    rows = view.fan(id).itertuples(index=False)
    found = [Ahead(pd.Period(quarter, "Q-DEC"), *quantiles) for quarter, *quantiles in rows]
    return [
        ahead
        for ahead in found
        if aimed
        and ahead.quarter.year <= aimed[-1]
        and (indicator.kind not in ANEW or ahead.quarter.year == view.year or ahead.quarter.quarter == 4)
    ]


def draw_fan(
    axes: Axes, view: View, indicator: Indicator, known: Sequence[Point], fan: Sequence[Ahead]
) -> None:
    """Draw the fan from the last figure on, paler the further out; years that begin anew as bars at their ends."""
    points = [p for p in known if p.known]
    if not fan or not points:
        return
    start = points[-1].value
    before = Ahead(points[-1].quarter, *[start] * len(FAN))
    for ahead in fan:
        far = (ahead.quarter - fan[0].quarter).n / max((fan[-1].quarter - fan[0].quarter).n, 1)
        dark = _DARKEST - (_DARKEST - _FAINTEST) * far
        at = position(ahead.quarter)
        if indicator.kind in ANEW and ahead.quarter.year > view.year:
            x, last = [at - _BAR, at + _BAR], ahead
        else:
            x, last = [position(before.quarter), at], before
            before = ahead
        for bottom, top, shade in (("low", "high", _OUTER * dark), ("lower", "upper", dark)):
            axes.fill_between(
                x,
                [getattr(last, bottom), getattr(ahead, bottom)],
                [getattr(last, top), getattr(ahead, top)],
                color=FAN_COLOR, alpha=shade, lw=0, zorder=1.5,
            )  # fmt: skip
        axes.plot(x, [last.middle, ahead.middle], color=FAN_COLOR, lw=1.1, zorder=2.5)


def name_fan(drawing: Figure, axes: Axes, fan: Sequence[Ahead]) -> None:
    """Write what the fan means beside its end, where that hides no other words; else leave it to the subtitle."""
    if not fan:
        return
    words = axes.annotate(
        tr("{share} 的可能落在带内", share=percent(share_inside(), 0)), (axes.get_xlim()[1], fan[-1].high), (0, 0),
        textcoords="offset points", ha="right", color=FAN_COLOR, fontsize=8, zorder=6,
    )  # fmt: skip

    lay_out(drawing)
    others = [w.get_window_extent() for w in axes.texts if w is not words]
    drawn = _places_drawn(axes)

    def hidden(place: tuple[float, int]) -> tuple[bool, int]:
        height, away = place
        words.xy = (axes.get_xlim()[1], height)
        words.set(position=(0, away), va="bottom" if away > 0 else "top")
        box = words.get_window_extent()
        inside = axes.bbox.y0 <= box.y0 and box.y1 <= axes.bbox.y1
        upon = (drawn > (box.x0, box.y0)).all(axis=1) & (drawn < (box.x1, box.y1)).all(axis=1)
        return not inside or any(box.overlaps(other) for other in others), int(upon.sum())

    ranks = range(1, 7)
    places = [
        (height, sign * (4 + _RISE * (n - 1)))
        for n in ranks
        for height, sign in ((fan[-1].high, 1), (fan[-1].low, -1))
    ]
    best = min(places, key=hidden)
    if hidden(best)[0]:
        words.remove()


def _places_drawn(axes: Axes) -> NDArray[np.float64]:
    """Return where lines run and bands have their corners, on the drawing."""
    found = [np.empty((0, 2))]
    lines = [line.get_transform().transform(line.get_xydata()) for line in axes.lines]
    for points in (points for points in lines if len(points)):
        at = np.linspace(0, len(points) - 1, _STEPS * len(points))
        found.append(np.column_stack([np.interp(at, np.arange(len(points)), points[:, n]) for n in (0, 1)]))
    for band in axes.collections:
        found += [axes.transData.transform(path.vertices) for path in band.get_paths()]
    return np.concatenate(found)


def legend(indicator: Indicator, year: int, fan: Sequence[Ahead]) -> list[str]:
    """Return what the fan of a page of some year is, in words; nothing where there is none."""
    if not fan:
        return []
    bars = [indicator.kind in ANEW and ahead.quarter.year > year for ahead in fan]
    told = {"outer": percent(share_inside(), 0), "inner": percent(share_inside(outer=False), 0)}
    if not any(bars):
        return [tr("紫色带为展望：{outer}、内层 {inner} 的可能", **told)]
    if all(bars):
        return [tr("紫色竖条（以后各年年末）为展望：{outer}、内层 {inner} 的可能", **told)]
    return [tr("紫色带和竖条（以后各年年末）为展望：{outer}、内层 {inner} 的可能", **told)]


def described(indicator: Indicator, fan: Sequence[Ahead]) -> str:
    """Return where the fan ends, as a sentence; empty where there is none."""
    if not fan:
        return ""
    last = fan[-1]
    return tr(
        "展望{period}：{share} 的可能在 {span}。",
        period=period_label(last.quarter),
        share=percent(share_inside(), 0),
        span=_span(indicator, last.low, last.high),
    )


def data_rows(
    view: View, indicator: Indicator, known: Sequence[Point], fan: Sequence[Ahead]
) -> list[list[str]]:
    """Return the fan as rows of the figure's data, and the targets of the years that have no row yet."""
    told = {ahead.quarter: ahead for ahead in fan}
    years = {p.quarter.year for p in known} | {quarter.year for quarter in told}
    rows = [
        [
            period_label(quarter),
            DASH,
            cell_shown(indicator.targets[quarter.year].text),
            tr(
                "展望：中位 {middle}；{outer} 的可能在 {span}，{inner} 的可能在 {inner_span}",
                middle=measured(a.middle, indicator.unit, indicator.decimals),
                outer=percent(share_inside(), 0),
                span=_span(indicator, a.low, a.high),
                inner=percent(share_inside(outer=False), 0),
                inner_span=_span(indicator, a.lower, a.upper),
            ),
        ]
        for quarter, a in told.items()
    ]
    rows += [
        [tr("{year}年", year=year), DASH, cell_shown(indicator.targets[year].text), tr("还没有数")]
        for year in view.plan.years
        if year not in years and year >= view.year
    ]
    return rows


def _span(indicator: Indicator, low: float, high: float) -> str:
    ends = {
        "low": number(low, indicator.decimals),
        "high": measured(high, indicator.unit, indicator.decimals),
    }
    return tr("{low}—{high}", **ends)
