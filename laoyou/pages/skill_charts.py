"""A figure of what the targets for skilled workers ask for, as employment falls, stands or rises."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from laoyou.formats import grouped, measured, number, unit_words
from laoyou.language import Words, clauses, listed, mark, tr
from laoyou.ledger.file import STATUSES
from laoyou.markup import Html
from laoyou.pages.figures import canvas, figure
from laoyou.pages.marks import (
    clear_words,
    frame_years,
    position,
    runs,
    say,
    set_ticks,
)
from laoyou.pages.palette import AXIS, FIGURE, REFERENCE, TARGET, WASH
from laoyou.periods import period_label
from laoyou.skills import Chain
from laoyou.view import View

if TYPE_CHECKING:
    from matplotlib.axes import Axes

QUARTERS_BACK = 4  # drawn before the quarter: further back the differences ahead could not be seen
COLOURS = {"falling": REFERENCE[0], "flat": AXIS, "rising": REFERENCE[1]}
SCENARIOS = Words({"falling": mark("减少"), "flat": mark("不变"), "rising": mark("增加")})


def asked_for(
    view: View, chain: Chain, asked: Mapping[int, pd.DataFrame], growth: Mapping[str, float]
) -> Html:
    """Draw the skilled workers there are, those that the stock's targets ask for, and those that the share's do.

    Parameters
    ----------
    view : the page
    chain : the rows concerned
    asked : by year to come, what ``laoyou.skills.needs`` returns
    growth : of the employed in each scenario [1 per year]
    """
    drawing, axes = canvas()
    points = [p for p in view.points(chain.skilled.id) if p.quarter >= view.quarter - QUARTERS_BACK]
    for line in runs(points):
        x = [position(p.quarter) for p in line]
        axes.plot(x, [p.value for p in line], color=FIGURE, lw=1.8, marker="o", ms=2.8, zorder=4)
    last = [p for p in points if p.known][-1]
    levels = {scenario: _levels(asked, scenario, chain.share.id) for scenario in growth}
    style: dict[str, Any] = {"lw": 1.2, "ls": ":", "marker": "D", "ms": 3.5, "zorder": 5}
    for scenario, by_year in levels.items():
        axes.plot([year + 0.75 for year in by_year], list(by_year.values()), color=COLOURS[scenario], **style)
    end = max(asked)
    unit, employed = chain.skilled.unit, view.plan.measurable[chain.employed].name.spoken
    say(axes, position(last.quarter), last.value, measured(last.value, unit))
    frame_years(axes, view)
    begin, close = position(view.quarter - QUARTERS_BACK) - 0.1, view.plan.last_year + 0.95
    room = 0.08 * (close - begin)  # for the scenarios' names
    axes.axvspan(close, close + room, color=WASH, lw=0, zorder=0)
    axes.set_xlim(begin, close + room)
    targets = {year: chain.skilled.numeric_target(year) for year in asked}
    for year, target in targets.items():
        axes.plot(
            [year - 0.06, year + 0.81], [target, target], color=TARGET, lw=1.6, ls=(0, (4, 2)), zorder=2
        )
        axes.annotate(
            tr("{year} 目标 {target}", year=year, target=grouped(chain.skilled.targets[year].text)),
            (year - 0.06, target), (0, 3), textcoords="offset points", va="bottom", fontsize=8, color=TARGET,
        )  # fmt: skip
    counts = [p.value for p in points if p.known] + [*targets.values()]
    counts += [level for by_year in levels.values() for level in by_year.values()]
    margin = 0.15 * (max(counts) - min(counts))
    axes.set_ylim(min(counts) - margin, max(counts) + margin)
    _name_ends(axes, end + 0.75, {scenario: by_year[end] for scenario, by_year in levels.items()})
    set_ticks(axes)
    clear_words(drawing, axes)
    ends = [by_year[end] for by_year in levels.values()]
    low, high = number(min(ends)), number(max(ends))
    title = tr(
        "{year} 年末占比达标要 {persons} {unit}，总量目标是 {target}",
        year=end,
        persons=low if min(ends) == max(ends) else tr("{low}—{high}", low=low, high=high),
        unit=unit_words(unit),
        target=measured(chain.skilled.numeric_target(end), unit),
    )
    rows = [[period_label(p.quarter), number(p.value), STATUSES[p.status]] for p in points if p.known]
    for scenario, by_year in levels.items():
        note = tr(
            "{share}目标所要；{employed}{scenario}",
            share=chain.share.name.spoken,
            employed=employed,
            scenario=SCENARIOS[scenario],
        )
        rows += [[tr("{year}年末", year=year), number(level), note] for year, level in by_year.items()]
    return figure(
        drawing,
        title=title,
        subtitle=tr(
            "{name}，单位：{unit}。实线为实际，虚线为总量目标；菱形为{employed}减少、不变、增加时，{share}的目标所要的",
            name=chain.skilled.name.spoken,
            unit=unit_words(unit),
            employed=employed,
            share=chain.share.name.spoken,
        ),
        description=tr("{title}，现有 {known}。", title=title, known=measured(last.value, unit)),
        columns=[tr("期间"), tr("人数（{unit}）", unit=unit_words(unit)), tr("说明")],
        rows=rows,
        source=clauses([listed(dict.fromkeys(p.source for p in points)), tr("目标出自规划，菱形为推算")]),
        sample=any(p.status == "sample" for p in points),
    )


def _levels(asked: Mapping[int, pd.DataFrame], scenario: str, id: str) -> dict[int, float]:
    """Return the number asked for by year [persons]."""
    picked = {
        year: lines[(lines["scenario"] == scenario) & (lines["indicator"] == id)]["level"]
        for year, lines in asked.items()
    }
    return {year: float(level.iloc[0]) for year, level in picked.items()}


def _name_ends(axes: Axes, x: float, levels: Mapping[str, float]) -> None:
    """Write each scenario beside its last mark, so far apart that none hides another."""
    low, high = axes.get_ylim()
    place = -math.inf
    for scenario, level in sorted(levels.items(), key=lambda item: item[1]):
        place = max(level, place + 0.055 * (high - low))
        axes.annotate(
            SCENARIOS[scenario], (x, place), (5, 0), textcoords="offset points", va="center", fontsize=8,
            color=COLOURS[scenario],
        )  # fmt: skip
