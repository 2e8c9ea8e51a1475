"""Figures: matplotlib drawings as inline SVG, each with a finding for a title, a description and its data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from laoyou.formats import apart_at, beside, grouped, measured, number
from laoyou.intervals import poisson_band, wilson_interval
from laoyou.language import clauses, listed, tr
from laoyou.ledger.file import MISSING, STATUSES
from laoyou.markup import Html, element
from laoyou.pages import fans, narrative, reason_words
from laoyou.pages.figures import canvas, figure
from laoyou.pages.marks import (
    clear_words,
    draw_expected,
    draw_figures,
    draw_reference,
    draw_staircase,
    frame_years,
    position,
    runs,
    say,
    set_limits,
    set_ticks,
)
from laoyou.pages.palette import FIGURE, REFERENCE, TARGET
from laoyou.periods import period_label
from laoyou.plan import Indicator
from laoyou.view import Point, View


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
    interval; breaks and revised figures are marked. What lies ahead is a fan where it can be foreseen.
    """
    if id not in view.plan.indicators:
        return Html(element("p", tr("本规划没有这一项指标。")), tr("本规划没有这一项指标。"))
    indicator = view.plan.indicators[id]
    known = view.points(id)
    drawing, axes = canvas()
    draw_staircase(axes, view, indicator)
    draw_expected(axes, view, indicator)
    fan = fans.coming(view, id)
    fans.draw_fan(axes, view, indicator, known, fan)
    draw_figures(axes, view, indicator, known)
    drawn = [
        draw_reference(axes, view, id, code, name, REFERENCE[n % len(REFERENCE)])
        for n, (code, name) in enumerate((references or {}).items())
    ]
    frame_years(axes, view)
    set_limits(axes, indicator)
    clear_words(drawing, axes)
    fans.name_fan(drawing, axes, fan)
    unit = indicator.unit
    measure = tr("{name}，单位：{unit}", name=indicator.name.spoken, unit=unit)
    others = [source for code in references or {} for source in view.yearly_sources(id, code)]
    sources = listed(dict.fromkeys([*(p.source for p in known), *others])) or tr("没有数")
    reference_rows = [row for rows in drawn for row in rows]
    return figure(
        drawing,
        title=narrative.headline(view, id),
        subtitle=tr(
            "{measure}{measured_elsewhere}。{legend}",
            measure=measure,
            measured_elsewhere=reason_words.measured_elsewhere(view, view.score(id)),
            legend=_legend(view, indicator, fan),
        ),
        description=_description(view, id, known) + fans.described(indicator, fan),
        columns=[
            tr("期间"),
            tr("数值（{unit}）", unit=unit),
            tr("当年目标（{unit}）", unit=unit),
            tr("说明"),
        ],
        rows=[
            *_data_rows(view, indicator, known),
            *fans.data_rows(view, indicator, known, fan),
            *reference_rows,
        ],
        source=sources,
        sample=any(p.status == "sample" for p in known),
    )


def _legend(view: View, indicator: Indicator, fan: Sequence[fans.Ahead]) -> str:
    """Return what the marks mean, in words."""
    parts = [tr("实线为实际，虚线为各年目标")]
    if indicator.kind == "case_rate":
        parts.append(
            tr(
                "浅色带为率的 {interval_level} 区间（威尔逊）",
                interval_level=f"{view.rules.rate.interval_level:.0%}",
            )
        )
    elif indicator.kind not in ("survey_rate",) and indicator.targets[view.year].operator != "about":
        parts.append(tr("点线为应到进度"))
    small = view.rules.counts.small_below
    if indicator.kind == "annual_count" and any(indicator.numeric_target(y) < small for y in view.plan.years):
        parts.append(
            tr(
                "灰带为按进度推进时偶然波动的 {band_level} 范围（泊松）",
                band_level=f"{view.rules.counts.band_level:.0%}",
            )
        )
    if indicator.targets[view.year].operator == "about":
        parts.append(
            tr(
                "色带为“左右”的 ±{about_tolerance}",
                about_tolerance=f"{view.rules.attainment.about_tolerance:.0%}",
            )
        )
    if any(p.revision for p in view.points(indicator.id)):
        parts.append(tr("空心点为修订过的数"))
    parts += fans.legend(indicator, view.year, fan)
    return tr("，").join(parts)


def _description(view: View, id: str, known: list[Point]) -> str:
    """Return the finding in words, with the span and the extremes."""
    indicator = view.plan.indicators[id]
    text = tr("{headline}。", headline=narrative.headline(view, id))
    points = [p for p in known if p.known]
    if not points:
        return text + tr("图中只有各年目标。")

    def said(point: Point) -> str:
        value = beside(point.value, _target(indicator, point), indicator.unit, indicator.decimals)
        return tr("{value}（{period_label}）", value=value, period_label=period_label(point.quarter))

    low, high = min(points, key=lambda p: p.value), max(points, key=lambda p: p.value)
    span = tr(
        "{period_label}至{period_label2}",
        period_label=period_label(points[0].quarter),
        period_label2=period_label(points[-1].quarter),
    )
    return tr(
        "{text}{span}共 {points} 个数，最低 {said}，最高 {said2}。",
        text=text,
        span=span,
        points=len(points),
        said=said(low),
        said2=said(high),
    )


def _target(indicator: Indicator, point: Point) -> float:
    """Return the target of a figure's year [the row's unit]; NaN where there is none."""
    year = point.quarter.year
    return indicator.numeric_target(year) if year in indicator.targets else math.nan


def _data_rows(view: View, indicator: Indicator, known: list[Point]) -> list[list[str]]:
    rows = []
    for point in known:
        notes = [STATUSES[point.status], MISSING.get(point.missing, ""), point.series_break]
        if point.revision:
            notes.append(
                tr("修订过，初报 {first_value}", first_value=number(point.first_value, indicator.decimals))
            )
        if point.corrected:
            notes.append(point.note)
        if not math.isnan(point.denominator):
            notes.append(f"{number(point.numerator)}/{number(point.denominator)}")
        year = point.quarter.year
        notes.append(_chance(view, indicator, point))
        goal = grouped(indicator.targets[year].text) if year in indicator.targets else ""
        goal = (
            tr("{grouped}（基期）", grouped=grouped(indicator.baseline.text))
            if year == view.plan.baseline_year
            else goal
        )
        note = clauses(n for n in notes if n)
        places = apart_at(point.value, _target(indicator, point), indicator.decimals)
        rows.append([period_label(point.quarter), number(point.value, places), goal, note])
    return rows


def _chance(view: View, indicator: Indicator, point: Point) -> str:
    """Return how far chance alone moves a figure, as drawn; empty where no band is."""
    if indicator.kind == "case_rate":
        level = view.rules.rate.interval_level
        low, high = (100 * float(end) for end in wilson_interval(point.numerator, point.denominator, level))
        return (
            ""
            if math.isnan(low)
            else tr(
                "{level} 区间 {low}%—{high}%", level=f"{level:.0%}", low=number(low, 1), high=number(high, 1)
            )
        )
    target, year = _target(indicator, point), point.quarter.year
    if indicator.kind == "annual_count" and target < view.rules.counts.small_below:
        level = view.rules.counts.band_level
        due = target * view.shares(indicator.id, year)[point.quarter.quarter - 1]
        low, high = (float(end) for end in poisson_band(due, level))
        return tr(
            "偶然波动的 {level} 范围 {low}—{high}", level=f"{level:.0%}", low=number(low), high=number(high)
        )
    return ""


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
    if ratio not in view.plan.indicators:
        return Html(element("p", tr("本规划没有这一项指标。")), tr("本规划没有这一项指标。"))
    indicator = view.plan.indicators[ratio]
    if indicator.ratio is None:
        raise ValueError(f"{ratio} is no ratio of two series")
    top = view.plan.indicators[indicator.ratio.numerator]
    name, unit = (
        view.plan.measurable[indicator.ratio.denominator].name.spoken,
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
        tr("规划隐含"),
        (first + 0.75, planned[first]),
        (6, 4),
        textcoords="offset points",
        color=TARGET,
        fontsize=9,
    )
    for line in runs(observed):
        x = [position(p.quarter) for p in line]
        axes.plot(x, [p.denominator for p in line], color=FIGURE, lw=1.8, marker="o", ms=2.8)
    if observed:
        say(
            axes,
            position(observed[-1].quarter),
            observed[-1].denominator,
            measured(observed[-1].denominator, unit),
        )
    frame_years(axes, view)
    axes.margins(y=0.15)
    set_ticks(axes)
    clear_words(drawing, axes)
    fall = planned[view.plan.first_year] - planned[last]
    word = tr("减少") if fall > 0 else tr("增加")
    begin, end = (
        tr("{y}年 {planned} {unit}", y=y, planned=number(planned[y]), unit=unit)
        for y in (view.plan.first_year, last)
    )
    rows = [[tr("{y}年末（规划隐含）", y=y), number(v), ""] for y, v in planned.items()]
    rows += [[period_label(p.quarter), number(p.denominator), STATUSES[p.status]] for p in observed]
    return figure(
        drawing,
        title=tr(
            "两项目标都恰好达到时，隐含的{name}从 {first_year} 年到 {last} 年{word} {fall} {unit}",
            name=name,
            first_year=view.plan.first_year,
            last=last,
            word=word,
            fall=number(abs(fall)),
            unit=unit,
        ),
        subtitle=tr(
            "{name}，单位：{unit}。虚线由{name2}与{name3}的目标反推，实线为实际",
            name=name,
            unit=unit,
            name2=top.name.spoken,
            name3=indicator.name.spoken,
        ),
        description=tr("规划两项目标隐含的{name}：{begin}，{end}。", name=name, begin=begin, end=end),
        columns=[tr("期间"), tr("{name}（{unit}）", name=name, unit=unit), tr("说明")],
        rows=rows,
        source=tr("规划目标表反推；") + (listed(dict.fromkeys(p.source for p in known)) or tr("没有实际数")),
        sample=any(p.status == "sample" for p in known),
    )


def side_by_side(*figures: Html) -> Html:
    """Return figures beside each other where the screen is wide enough, else below one another."""
    content = "".join(one.html for one in figures)
    return Html(element("div", content, class_="beside"), "\n".join(one.text for one in figures))
