"""The funnel of the townships: their rates against how far chance alone would move them from the region's."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from laoyou.cases.funnel import funnel_limits
from laoyou.formats import number
from laoyou.language import sentence, tr
from laoyou.markup import Html
from laoyou.pages.figures import canvas, figure
from laoyou.pages.marks import clear_words, say, set_ticks
from laoyou.pages.palette import FIGURE, PATH, TARGET

SIDE, LEVEL = (
    0.10,
    0.02,
)  # of the drawing's width and height, within which words could be read as another point's


def named(shown: pd.DataFrame, wide: float, high: float) -> list[str]:
    """Return which townships are named in the drawing: those beyond a limit, and those that stand alone.

    Parameters
    ----------
    shown : as ``laoyou.cases.funnel.funnel`` returns them, those with a rate
    wide, high : what the drawing spans, cases [count] and rates [1]
    """
    x, y = shown["denominator"].to_numpy(float) / wide, shown["rate"].to_numpy(float) / high
    near = (np.abs(x[:, None] - x) < SIDE) & (np.abs(y[:, None] - y) < LEVEL)
    alone = near.sum(axis=1) == 1
    return [str(code) for code in shown.index[alone | (shown["within_chance"] != "within").to_numpy()]]


def township_funnel(
    parts: pd.DataFrame, names: Mapping[str, str], centre: float, levels: tuple[float, float], *,
    title: str, measure: str, source: str, sample: bool, columns: list[str], rows: list[list[str]],
) -> Html:  # fmt: skip
    """Draw townships' rates against how far chance alone would move them from the region's.

    Parameters
    ----------
    parts : as ``laoyou.cases.funnel.funnel`` returns them
    names : of the townships
    centre : the region's rate [1]
    levels : of the inner and the outer limits [1]
    title, measure : the finding, and what is measured
    source, sample, columns, rows : as for ``laoyou.pages.figures.figure``
    """
    drawing, axes = canvas()
    shown = parts[parts["rate"].notna()]
    most = float(shown["denominator"].max()) * 1.1 if len(shown) else 10.0
    sizes = np.arange(1, math.ceil(most) + 1, dtype=float)
    for level, style in ((levels[0], (0, (4, 2))), (levels[1], (0, (1, 2)))):
        low, high = funnel_limits(sizes, centre, level)
        for limit in (low, high):
            axes.plot(sizes, 100 * limit, color=PATH, lw=0.9, ls=style)
        text = f"{number(100 * level, 1 if round(1000 * level) % 10 else 0)}%"
        place = (sizes[-1], 100 * low[-1])
        axes.annotate(text, place, (2, 0), textcoords="offset points", va="center", fontsize=7, color=PATH)
    axes.axhline(100 * centre, color=TARGET, lw=1.2)
    axes.plot(shown["denominator"], 100 * shown["rate"], "o", color=FIGURE, ms=5, zorder=8)  # above any words
    axes.set_xlim(0, most * 1.12)
    usual = float(shown["very_low"].median()) if len(shown) else centre  # the funnel's mouth needs no room
    floor = 100 * min(usual, float(shown["rate"].min())) if len(shown) else 0.0
    top = 100 * (1 + 0.12 * (1 - floor / 100))
    axes.set_ylim(max(0.0, floor - 0.1 * (100 - floor)), top)
    told = named(shown, axes.get_xlim()[1], (axes.get_ylim()[1] - axes.get_ylim()[0]) / 100)
    for code, row in shown.loc[told].iterrows():
        say(axes, float(row["denominator"]), float(100 * row["rate"]), names[str(code)])
    axes.set_xlabel(tr("分母"))
    set_ticks(axes)
    for words in axes.texts:
        words.set_fontsize(min(words.get_fontsize(), 8))
    clear_words(drawing, axes, list(zip(shown["denominator"], 100 * shown["rate"], strict=True)))
    return figure(
        drawing, title=title, subtitle=measure, description=sentence(title), columns=columns, rows=rows, source=source, sample=sample
    )  # fmt: skip
