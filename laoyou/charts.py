"""Figures: matplotlib drawings as inline SVG, each with a finding for a title, a description and its data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from laoyou import narrative
from laoyou.figures import canvas, figure
from laoyou.formats import beside, measured, number
from laoyou.intervals import poisson_band, wilson_interval
from laoyou.ledger_file import MISSING, STATUSES
from laoyou.markup import Html, element
from laoyou.periods import period_label
from laoyou.plan import Indicator
from laoyou.view import Point, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, darkened to keep 4.5:1 on white where they are used for words.
FIGURE, TARGET, PATH, REFERENCE = "#0067a5", "#8a5a00", "#5b6770", ("#8f3b76", "#00705a")
BAND = "#0067a5"


def series(view: View, id: str, *, references: Mapping[str, str] | None = None) -> Html:
    """Draw one indicator over the plan's life against the staircase of its targets.

    Parameters
    ----------
    view : the page
    id : an indicator
    references : region codes whose yearly figures are drawn for comparison, and their names

    Returns
    -------
    The figure. A count since January is drawn as one rising line a year with its schedule; a rate with its
    interval; breaks and revised figures are marked.
    """
    indicator = view.plan.indicators[id]
    known = view.points(id)
    drawing, axes = canvas()
    _staircase(axes, view, indicator)
    _expected(axes, view, indicator)
    _figures(axes, view, indicator, known)
    drawn = [
        _reference(axes, view, id, code, name, REFERENCE[n])
        for n, (code, name) in enumerate((references or {}).items())
    ]
    _years(axes, view)
    _limits(axes, indicator)
    unit = indicator.unit
    measure = f"{indicator.name.zh}，单位：{unit}"
    others = view.observations[view.observations["region"].isin(list(references or {}))]
    others = others[
        (others["indicator"] == id) & (others["frequency"] == "year") & (others["year"] <= view.year)
    ]
    sources = "、".join(dict.fromkeys([*(p.source for p in known), *others["source"].tolist()])) or "没有数"
    reference_rows = [row for rows in drawn for row in rows]
    return figure(
        drawing,
        title=narrative.headline(view, id),
        subtitle=f"{measure}{narrative.measured_elsewhere(view, view.score(id))}。{_legend(view, indicator)}",
        description=_description(view, id, known),
        columns=["期间", f"数值（{unit}）", f"当年目标（{unit}）", "说明"],
        rows=[*_data_rows(view, indicator, known), *reference_rows],
        source=sources,
        sample=any(p.status == "sample" for p in known),
    )


def _x(period: Any) -> float:
    """Return where a quarter stands on the axis [years]."""
    return float(period.year + (period.quarter - 1) / 4)


def _staircase(axes: Axes, view: View, indicator: Indicator) -> None:
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
    for year in {last} if same else {view.year, last}:
        if not math.isnan(indicator.numeric_target(year)):
            span = f"{view.year}—{last}" if same and view.year < last else f"{year}"
            axes.annotate(
                f"{span} 目标 {indicator.targets[year].text}", (year + 0.81, indicator.numeric_target(year)), (0, 3),
                textcoords="offset points", ha="right", va="bottom", color=TARGET, fontsize=8, zorder=6,
            )  # fmt: skip


def _expected(axes: Axes, view: View, indicator: Indicator) -> None:
    """Draw what was due by each quarter, and for a small count how far chance alone moves it."""
    shares = indicator.profile.shares if indicator.profile else view.rules.expected_shares
    for year in view.plan.years:
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
            before = indicator.numeric_target(year - 1) if year > view.plan.first_year else math.nan
            if not math.isnan(before + target):
                axes.plot(
                    x,
                    [before + s * (target - before) for s in (0.0, *shares)],
                    color=PATH,
                    lw=0.9,
                    ls=":",
                    zorder=2,
                )


def _figures(axes: Axes, view: View, indicator: Indicator, known: list[Point]) -> None:
    """Draw the figures, their intervals, breaks and revisions, and say the last one."""
    if not known:
        return
    x = [_x(p.quarter) for p in known]
    y = [p.value for p in known]
    if indicator.holds_until_changed:
        now = _x(view.quarter)
        axes.step([*x, now], [*y, y[-1]], where="post", color=FIGURE, lw=2, zorder=4)
        axes.plot([now], [y[-1]], "o", color=FIGURE, ms=5, zorder=5)
        _say(axes, now, y[-1], measured(y[-1], indicator.unit, indicator.decimals))
        return
    starts = [
        0,
        *(
            n
            for n, p in enumerate(known)
            if n and indicator.kind in ("annual_count", "case_rate") and p.quarter.quarter == 1
        ),
        len(x),
    ]
    for start, end in pairwise(starts):
        axes.plot(x[start:end], y[start:end], color=FIGURE, lw=1.8, marker="o", ms=2.8, zorder=4)
    if indicator.kind == "case_rate":
        low, high = wilson_interval(
            [p.numerator for p in known], [p.denominator for p in known], view.rules.rate.interval_level
        )
        for start, end in pairwise(starts):
            axes.fill_between(
                x[start:end],
                100 * low[start:end],
                100 * high[start:end],
                color=BAND,
                alpha=0.14,
                lw=0,
                zorder=1,
            )
    revised = [p for p in known if p.revision]
    axes.plot(
        [_x(p.quarter) for p in revised],
        [p.value for p in revised],
        "o",
        mfc="white",
        mec=FIGURE,
        ms=5,
        zorder=5,
    )
    for at in (_x(p.quarter) for p in known if p.series_break):
        axes.axvline(at - 0.125, color="#333f48", lw=0.9, ls=(0, (1, 2)))
        axes.annotate("口径调整", (at - 0.125, 1), (3, -2), xycoords=("data", "axes fraction"), textcoords="offset points",
                      va="top", fontsize=8, color="#333f48")  # fmt: skip
    last = next((p for p in reversed(known) if p.known), None)
    if last is not None:
        axes.plot([_x(last.quarter)], [last.value], "o", color=FIGURE, ms=5.5, zorder=6)
        target = (
            indicator.numeric_target(last.quarter.year) if last.quarter.year in view.plan.years else math.nan
        )
        text = beside(last.value, target, indicator.unit, indicator.decimals)
        _say(axes, _x(last.quarter), last.value, text)


def _say(axes: Axes, x: float, y: float, text: str) -> None:
    axes.annotate(
        text, (x, y), (6, -3), textcoords="offset points", va="top", color=FIGURE, fontsize=10, zorder=7,
        bbox={"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.8},
    )  # fmt: skip


def _reference(axes: Axes, view: View, id: str, code: str, name: str, color: str) -> list[list[str]]:
    """Draw another region's yearly figures and return them as rows of data."""
    yearly = view.yearly(id, code)
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
        [f"{name} {year}年", number(value, indicator.decimals), "", "公开发布，全年平均"]
        for year, value in yearly.items()
    ]


def _years(axes: Axes, view: View) -> None:
    first, last = view.plan.baseline_year, view.plan.last_year
    axes.set_xlim(first - 0.15, last + 0.95)
    axes.set_xticks(
        [year + 0.375 for year in range(first, last + 1)], [str(year) for year in range(first, last + 1)]
    )
    axes.tick_params(axis="x", length=0)
    axes.axvspan(_x(view.quarter) + 0.125, last + 0.95, color="#f4f6f7", lw=0, zorder=0)


def _limits(axes: Axes, indicator: Indicator) -> None:
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
    _ticks(axes)


def _ticks(axes: Axes) -> None:
    """Put ticks at round numbers and print them as they are."""
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    decimals = 0 if all(round(t, 6) == round(t) for t in axes.get_yticks()) else 1
    axes.yaxis.set_major_formatter(lambda value, _: number(value, decimals))


def _legend(view: View, indicator: Indicator) -> str:
    """Return what the marks mean, in words."""
    parts = ["实线为实际，虚线为各年目标"]
    if indicator.kind == "case_rate":
        parts.append(f"浅色带为 {view.rules.rate.interval_level:.0%} 区间")
    elif indicator.kind not in ("survey_rate",) and indicator.targets[view.year].operator != "about":
        parts.append("点线为应到进度")
    if (
        indicator.kind == "annual_count"
        and indicator.numeric_target(view.year) < view.rules.counts.small_below
    ):
        parts.append("灰带为偶然波动范围")
    if indicator.targets[view.year].operator == "about":
        parts.append(f"色带为“左右”的 ±{view.rules.attainment.about_tolerance:.0%}")
    if any(p.revision for p in view.points(indicator.id)):
        parts.append("空心点为修订过的数")
    return "，".join(parts)


def _description(view: View, id: str, known: list[Point]) -> str:
    """Return the finding in words, with the span and the extremes."""
    indicator = view.plan.indicators[id]
    text = f"{narrative.headline(view, id)}。"
    points = [p for p in known if p.known]
    if not points:
        return text + "图中只有各年目标。"

    def said(point: Point) -> str:
        return f"{measured(point.value, indicator.unit, indicator.decimals)}（{period_label(point.quarter)}）"

    low, high = min(points, key=lambda p: p.value), max(points, key=lambda p: p.value)
    span = f"{period_label(points[0].quarter)}至{period_label(points[-1].quarter)}"
    return f"{text}{span}共 {len(points)} 个数，最低 {said(low)}，最高 {said(high)}。"


def _data_rows(view: View, indicator: Indicator, known: list[Point]) -> list[list[str]]:
    rows = []
    for point in known:
        notes = [STATUSES[point.status], MISSING.get(point.missing, ""), point.series_break]
        if point.revision:
            notes.append(f"修订过，初报 {number(point.first_value, indicator.decimals)}")
        if not math.isnan(point.denominator):
            notes.append(f"{number(point.numerator)}/{number(point.denominator)}")
        year = point.quarter.year
        goal = indicator.targets[year].text if year in indicator.targets else ""
        goal = f"{indicator.baseline.text}（基期）" if year == view.plan.baseline_year else goal
        note = "；".join(n for n in notes if n)
        rows.append([period_label(point.quarter), number(point.value, indicator.decimals), goal, note])
    return rows


def implied_employment(view: View, ratio: str) -> Html:
    """Draw the denominator that a ratio and its numerator imply, as planned and as observed.

    Parameters
    ----------
    view : the page
    ratio : an indicator whose numerator is itself an indicator

    Returns
    -------
    The figure: implied persons a year from the plan's cells, and the denominators of the quarters known.
    """
    indicator = view.plan.indicators[ratio]
    if indicator.ratio is None:
        raise ValueError(f"{ratio} is no ratio of two series")
    top = view.plan.indicators[indicator.ratio.numerator]
    name, unit = (
        view.plan.measurable[indicator.ratio.denominator].name.zh,
        view.plan.measurable[indicator.ratio.denominator].unit,
    )
    planned = {y: 100 * top.numeric_target(y) / indicator.numeric_target(y) for y in view.plan.years}
    known = view.points(ratio)
    observed = [p for p in known if not math.isnan(p.denominator)]
    drawing, axes = canvas()
    axes.plot(
        [y + 0.75 for y in planned],
        list(planned.values()),
        color=TARGET,
        lw=1.6,
        ls=(0, (4, 2)),
        marker="s",
        ms=4,
    )
    first, last = min(planned), max(planned)
    axes.annotate(
        "规划隐含",
        (first + 0.75, planned[first]),
        (6, 4),
        textcoords="offset points",
        color=TARGET,
        fontsize=9,
    )
    if observed:
        axes.plot(
            [_x(p.quarter) for p in observed],
            [p.denominator for p in observed],
            color=FIGURE,
            lw=1.8,
            marker="o",
            ms=2.8,
        )
        _say(
            axes, _x(observed[-1].quarter), observed[-1].denominator, measured(observed[-1].denominator, unit)
        )
    _years(axes, view)
    axes.margins(y=0.15)
    _ticks(axes)
    fall = planned[view.plan.first_year] - planned[last]
    word = "减少" if fall > 0 else "增加"
    begin, end = (f"{y}年 {number(planned[y])} {unit}" for y in (view.plan.first_year, last))
    rows = [[f"{y}年末（规划隐含）", number(v), ""] for y, v in planned.items()]
    rows += [[period_label(p.quarter), number(p.denominator), STATUSES[p.status]] for p in observed]
    return figure(
        drawing,
        title=f"要同时达到两项目标，{name}从 {view.plan.first_year} 年到 {last} 年须{word} {number(abs(fall))} {unit}",
        subtitle=f"{name}，单位：{unit}。虚线由{top.name.zh}与{indicator.name.zh}的目标反推，实线为实际",
        description=f"规划两项目标隐含的{name}：{begin}，{end}。",
        columns=["期间", f"{name}({unit})", "说明"],
        rows=rows,
        source="规划目标表反推；" + ("、".join(dict.fromkeys(p.source for p in known)) or "没有实际数"),
        sample=any(p.status == "sample" for p in known),
    )


def side_by_side(*figures: Html) -> Html:
    """Return figures beside each other where the screen is wide enough, else below one another."""
    content = "".join(one.html for one in figures)
    return Html(element("div", content, class_="beside"), "\n".join(one.text for one in figures))
