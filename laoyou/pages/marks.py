"""What is drawn on the axes of a series: targets, what was due, figures, references, years."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from laoyou.formats import MOST_DECIMALS, apart_at, beside, number, unit_words
from laoyou.intervals import poisson_band, wilson_interval
from laoyou.language import noted, spoken, tr
from laoyou.pages.figures import lay_out
from laoyou.pages.palette import AXIS, FIGURE, PAPER, PATH, TARGET, WASH
from laoyou.pages.target_words import cell_shown
from laoyou.periods import period_label
from laoyou.plan import Indicator
from laoyou.view import Point, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ANEW = ("annual_count", "case_rate")  # each January begins a line of its own
_SAID = "said"
_LONGEST_UNIT = 3  # letters, where words are written in letters; a longer one would hide lines
# Where a figure may be written beside its point, best first: offset [points], alignment.
_PLACES = (
    (6, -3, "left", "top"), (6, 3, "left", "bottom"), (-6, 3, "right", "bottom"), (-6, -3, "right", "top"),
    (6, 14, "left", "bottom"), (6, -14, "left", "top"), (-6, 14, "right", "bottom"), (-6, -14, "right", "top"),
    (6, 26, "left", "bottom"), (6, -26, "left", "top"), (-6, 26, "right", "bottom"), (-6, -26, "right", "top"),
)  # fmt: skip


def position(period: Any) -> float:
    """Return where a quarter stands on the axis [years]."""
    return float(period.year + (period.quarter - 1) / 4)


def draw_staircase(axes: Axes, view: View, indicator: Indicator) -> None:
    """Draw each year's target as a step, the current one with its words."""
    tolerance = view.rules.attainment.about_tolerance
    for year in view.plan.years:
        cell, value = indicator.targets[year], indicator.numeric_target(year)
        if math.isnan(value):
            continue
        axes.plot([year - 0.06, year + 0.81], [value, value], color=TARGET, lw=1.6, ls=(0, (4, 2)), zorder=2)
        if cell.operator == "about":
            axes.fill_between(
                [year - 0.06, year + 0.81],
                value * (1 - tolerance),
                value * (1 + tolerance),
                color=TARGET,
                alpha=0.12,
                lw=0,
            )
    last = view.plan.last_year
    same = indicator.targets[view.year].text == indicator.targets[last].text
    right = 0.6 if indicator.kind in ANEW else 0.81  # before the bar of a year's end, see fans
    for year in {last} if same else {view.year, last}:
        if not math.isnan(indicator.numeric_target(year)):
            span = tr("{low}—{high}", low=view.year, high=last) if same and view.year < last else f"{year}"
            words = tr("{span} 目标 {target}", span=span, target=cell_shown(indicator.targets[year].text))
            axes.annotate(
                words, (year + right, indicator.numeric_target(year)), (0, 3),
                textcoords="offset points", ha="right", va="bottom", color=TARGET, fontsize=8, zorder=6,
                bbox={"boxstyle": "square,pad=0.05", "fc": PAPER, "ec": "none", "alpha": 0.6},
            )  # fmt: skip


def draw_expected(axes: Axes, view: View, indicator: Indicator) -> None:
    """Draw what was due by each quarter, and for a small count how far chance alone moves it."""
    for year in view.plan.years:
        shares = view.shares(indicator.id, year)
        target = indicator.numeric_target(year)
        x = [year - 0.25 + 0.25 * n for n in range(5)]
        if indicator.kind == "annual_count" and not math.isnan(target):
            due = [0.0, *(target * s for s in shares)]
            axes.plot(x[1:], due[1:], color=PATH, lw=0.9, ls=":", zorder=2)
            if target < view.rules.counts.small_below:
                low, high = poisson_band(due, view.rules.counts.band_level)
                axes.fill_between(x[1:], low[1:], high[1:], color=PATH, alpha=0.15, lw=0)
        elif (
            indicator.kind in ("cumulative_count", "stock", "stock_ratio")
            and indicator.targets[year].operator != "about"
        ):
            before = _before(view, indicator, year)
            if not math.isnan(before + target):
                axes.plot(
                    x,
                    [before + s * (target - before) for s in (0.0, *shares)],
                    color=PATH,
                    lw=0.9,
                    ls=":",
                    zorder=2,
                )


def _before(view: View, indicator: Indicator, year: int) -> float:
    """Return the target of the year before, or the baseline [the row's unit]; NaN where it is no sound number."""
    if year > view.plan.first_year:
        return indicator.numeric_target(year - 1)
    cell = indicator.baseline.target
    usable = cell.value is not None and not cell.suspect and (not cell.full_coverage or indicator.unit == "%")
    return float(cell.value or 0) if usable else math.nan


def runs(points: Sequence[Point], *, step: int = 1, anew: bool = False) -> list[list[Point]]:
    """Return the known figures of a series as the unbroken lines that they make.

    Parameters
    ----------
    points : the figures, oldest first
    step : how many quarters lie between two figures of an unbroken line
    anew : whether every year begins a line of its own
    """
    lines: list[list[Point]] = []
    for point in points:
        last = lines[-1][-1] if lines else None
        if not point.known:
            continue
        if (
            last is None
            or (point.quarter - last.quarter).n > step
            or (anew and point.quarter.year > last.quarter.year)
        ):
            lines.append([point])
        else:
            lines[-1].append(point)
    return lines


def draw_figures(axes: Axes, view: View, indicator: Indicator, known: list[Point]) -> None:
    """Draw the figures, their intervals, breaks and revisions, and say the last one."""
    known = [p for p in known if p.known]
    if not known:
        return
    last = known[-1]
    target = indicator.numeric_target(view.year)
    if indicator.holds_until_changed:
        now = position(view.quarter)
        x, y = [position(p.quarter) for p in known], [p.value for p in known]
        axes.step([*x, now], [*y, last.value], where="post", color=FIGURE, lw=2, zorder=4)
        axes.plot([now], [last.value], "o", color=FIGURE, ms=5, zorder=5)
        say(axes, now, last.value, _figure_said(last.value, target, indicator))
        return
    step = 4 if indicator.frequency == "year" else 1
    for line in runs(known, step=step, anew=indicator.kind in ANEW):
        x = [position(p.quarter) for p in line]
        axes.plot(x, [p.value for p in line], color=FIGURE, lw=1.8, marker="o", ms=2.8, zorder=4)
        if indicator.kind == "case_rate":
            cases, all_cases = [p.numerator for p in line], [p.denominator for p in line]
            low, high = wilson_interval(cases, all_cases, view.rules.rate.interval_level)
            axes.fill_between(x, 100 * low, 100 * high, color=FIGURE, alpha=0.14, lw=0, zorder=1)
    revised = [p for p in known if p.revision]
    axes.plot(
        [position(p.quarter) for p in revised],
        [p.value for p in revised],
        "o",
        mfc=PAPER,
        mec=FIGURE,
        ms=5,
        zorder=5,
    )
    for at in (position(p.quarter) for p in known if p.series_break):
        axes.axvline(at - 0.125, color=AXIS, lw=0.9, ls=(0, (1, 2)))
        axes.annotate(tr("口径调整"), (at - 0.125, 1), (3, -2), xycoords=("data", "axes fraction"), textcoords="offset points",
                      va="top", fontsize=8, color=AXIS)  # fmt: skip
    axes.plot([position(last.quarter)], [last.value], "o", color=FIGURE, ms=5.5, zorder=6)
    target = indicator.numeric_target(last.quarter.year) if last.quarter.year in view.plan.years else math.nan
    text = _figure_said(last.value, target, indicator)
    text = noted(text, period_label(last.quarter) if last.quarter != view.quarter else "")
    say(axes, position(last.quarter), last.value, text)


def _figure_said(value: float, target: float, indicator: Indicator) -> str:
    """Return a figure as it is written beside its point: without a long unit, which the subtitle names."""
    if spoken() == "zh" or len(unit_words(indicator.unit)) <= _LONGEST_UNIT:
        return beside(value, target, indicator.unit, indicator.decimals)
    return number(value, apart_at(value, target, indicator.decimals))


def say(axes: Axes, x: float, y: float, text: str) -> None:
    """Write a figure beside its point."""
    axes.annotate(
        text, (x, y), _PLACES[0][:2], textcoords="offset points", va="top", color=FIGURE, fontsize=10, zorder=7,
        bbox={"boxstyle": "square,pad=0.1", "fc": PAPER, "ec": "none", "alpha": 0.8}, gid=_SAID,
    )  # fmt: skip


def clear_words(drawing: Figure, axes: Axes, points: Sequence[tuple[float, float]] = ()) -> None:
    """Move what ``say`` wrote to the first place where it hides no other words or points and stays on the axes."""
    from matplotlib.transforms import Bbox

    lay_out(drawing)
    said = [words for words in axes.texts if words.get_gid() == _SAID]
    others = [w.get_window_extent() for w in axes.texts if w not in said]
    others += [Bbox.from_bounds(x - 3, y - 3, 6, 6) for x, y in map(axes.transData.transform, points)]
    for words in said:

        def hidden(place: tuple[int, int, str, str], words: Any = words) -> int:
            words.set(position=place[:2], ha=place[2], va=place[3])
            box = words.get_window_extent()
            inside = axes.bbox.x0 <= box.x0 and box.x1 <= axes.bbox.x1
            inside = inside and axes.bbox.y0 <= box.y0 and box.y1 <= axes.bbox.y1
            return sum(bool(box.overlaps(other)) for other in others) + (not inside)

        hidden(min(_PLACES, key=hidden))
        others.append(words.get_window_extent())


def draw_reference(axes: Axes, view: View, id: str, code: str, name: str, color: str) -> list[list[str]]:
    """Draw another region's yearly figures and return them as rows of data."""
    yearly = {year: value for year, value in view.yearly(id, code).items() if not math.isnan(value)}
    indicator = view.plan.indicators[id]
    for year, value in yearly.items():
        axes.plot([year, year + 0.75], [value, value], color=color, lw=1.4, zorder=3)
    if yearly:
        year, value = list(yearly.items())[-1]
        axes.annotate(
            name,
            (year + 0.75, value),
            (3, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=color,
        )
    return [
        [
            tr("{name} {year}年", name=name, year=year),
            number(value, indicator.decimals),
            "",
            tr("公开发布，全年平均"),
        ]
        for year, value in yearly.items()
    ]


def frame_years(axes: Axes, view: View) -> None:
    """Span the years from the baseline to the last of the plan, and shade what has not come yet."""
    first, last = view.plan.baseline_year, view.plan.last_year
    axes.set_xlim(first - 0.15, last + 0.95)
    axes.set_xticks(
        [year + 0.375 for year in range(first, last + 1)], [str(year) for year in range(first, last + 1)]
    )
    axes.tick_params(axis="x", length=0)
    axes.axvspan(position(view.quarter) + 0.125, last + 0.95, color=WASH, lw=0, zorder=0)


def set_limits(axes: Axes, indicator: Indicator) -> None:
    """Start counts at zero; give rates and levels room for words."""
    low, high = axes.get_ylim()
    if indicator.kind in ("annual_count", "cumulative_count"):
        low = 0.0
    room = 0.08 * (high - low)
    top = high + room
    axes.set_ylim(
        max(low - (room if low else 0), 0.0),
        min(top, 100.5) if indicator.unit == "%" and high <= 100.5 else top,
    )
    set_ticks(axes)


def set_ticks(axes: Axes) -> None:
    """Put ticks at round numbers and print them as they are."""
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    ticks = axes.get_yticks()
    decimals = next(d for d in range(MOST_DECIMALS) if all(math.isclose(t, round(t, d)) for t in ticks))
    axes.yaxis.set_major_formatter(lambda value, _: number(value, decimals))
