"""A series in the height of a table row: the figure against the staircase of its targets."""

from __future__ import annotations

import math

import pandas as pd

from laoyou.language import trn
from laoyou.markup import element
from laoyou.pages.palette import FIGURE, TARGET, shade
from laoyou.view import View

WIDTH, HEIGHT, PAD = 132.0, 34.0, 4.0
_STEP = f"fill:none;stroke:{shade(TARGET)};stroke-width:1.4;stroke-dasharray:3 2"
_LINE = f"fill:none;stroke:{shade(FIGURE)};stroke-width:1.6;stroke-linecap:round"


def sparkline(view: View, id: str) -> str:
    """Return the quarters of the plan's life as a small drawing with a spoken name.

    Parameters
    ----------
    view : the page
    id : an indicator

    Returns
    -------
    An SVG element: the known figures up to the quarter as a line, broken where a figure is missing or a count
    starts anew in January, and the target of each year as a step. Empty where nothing is known.
    """
    indicator = view.plan.indicators[id]
    first = view.plan.first_year * 4
    points = {_n(p.quarter, first): p.value for p in view.points(id) if p.known}
    if indicator.holds_until_changed and points:
        points = _held(points, _n(view.quarter, first))
    points = {n: v for n, v in points.items() if n >= 0}
    steps = {y: indicator.numeric_target(y) for y in view.plan.years}
    steps = {y: v for y, v in steps.items() if not math.isnan(v)}
    values = [*points.values(), *steps.values(), *([0.0] if indicator.kind == "annual_count" else [])]
    if not points or not values:
        return ""
    low, high = min(values), max(values)
    count = len(view.plan.years) * 4 - 1

    def at(n: float, value: float) -> str:
        height = (value - low) / (high - low) if high > low else 0.5
        return f"{PAD + n / count * (WIDTH - 2 * PAD):.1f},{HEIGHT - PAD - height * (HEIGHT - 2 * PAD):.1f}"

    stairs = "".join(
        element(
            "path",
            d=f"M{at((y - view.plan.first_year) * 4, v)}L{at((y - view.plan.first_year) * 4 + 3, v)}",
            style=_STEP,
        )
        for y, v in steps.items()
    )
    step = 4 if indicator.frequency == "year" else 1
    runs: list[list[int]] = []
    for n in sorted(points):
        new_year = indicator.kind == "annual_count" and n % 4 == 0
        if runs and n - runs[-1][-1] <= step and not new_year:
            runs[-1].append(n)
        else:
            runs.append([n])
    lines = "".join(
        element("path", d="M" + "L".join(at(n, points[n]) for n in run) + "h0", style=_LINE) for run in runs
    )
    x, y = at(max(points), points[max(points)]).split(",")
    dot = element("circle", cx=x, cy=y, r="2.6", style=f"fill:{shade(FIGURE)}")
    label = trn(
        "{name}走势：{first}年以来 {n} 个季度的数与各年目标",
        len(points),
        name=indicator.name.spoken,
        first=view.plan.first_year,
    )
    return element(
        "svg", stairs + lines + dot, class_="spark", viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", role="img", aria_label=label,
        width=f"{WIDTH:g}", height=f"{HEIGHT:g}",
    )  # fmt: skip


def _n(quarter: pd.Period, first: int) -> int:
    """Return how many quarters after the plan's first one a quarter lies."""
    return int(quarter.year * 4 + quarter.quarter - 1 - first)


def _held(points: dict[int, float], now: int) -> dict[int, float]:
    """Return a figure that holds until changed, quarter by quarter up to now."""
    return {n: points[max(k for k in points if k <= n)] for n in range(min(points), now + 1)}
