"""Figures: matplotlib drawings as inline SVG, each with a finding for a title, a description and its data."""

from __future__ import annotations

import math
from collections.abc import Mapping

from laoyou.formats import measured, number, unit_words
from laoyou.language import begun, clauses, listed, mark, noted, sentences, tr
from laoyou.ledger.file import STATUSES
from laoyou.markup import Html, element
from laoyou.pages import chart_words, fans, narrative, standing_words
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
from laoyou.view import View

NOT_PLANNED = mark("本规划没有这一项指标。")


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
        return _not_planned()
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
    unit = unit_words(indicator.unit)
    measure = noted(
        tr("{name}，单位：{unit}", name=indicator.name.spoken, unit=unit),
        standing_words.measured_elsewhere(view, view.score(id)),
    )
    others = [source for code in references or {} for source in view.yearly_sources(id, code)]
    sources = listed(dict.fromkeys([*(p.source for p in known), *others])) or tr("没有数")
    reference_rows = [row for rows in drawn for row in rows]
    return figure(
        drawing,
        title=narrative.headline(view, id),
        subtitle=tr(
            "{measure}。{legend}", measure=measure, legend=begun(chart_words.legend(view, indicator, fan))
        ),
        description=sentences((chart_words.description(view, id, known), fans.described(indicator, fan))),
        columns=[
            tr("期间"),
            tr("数值（{unit}）", unit=unit),
            tr("当年目标（{unit}）", unit=unit),
            tr("说明"),
        ],
        rows=[
            *chart_words.data_rows(view, indicator, known),
            *fans.data_rows(view, indicator, known, fan),
            *reference_rows,
        ],
        source=sources,
        sample=any(p.status == "sample" for p in known),
    )


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
        return _not_planned()
    indicator = view.plan.indicators[ratio]
    if indicator.ratio is None:
        raise ValueError(f"{ratio} is no ratio of two series")
    top = view.plan.indicators[indicator.ratio.numerator]
    below = view.plan.measurable[indicator.ratio.denominator]
    name, unit = below.name.spoken, below.unit
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
    first_year, fall = view.plan.first_year, planned[first] - planned[last]
    told = {"name": name, "first": first_year, "last": last, "size": measured(abs(fall), unit)}
    begin, end = (
        tr("{year}年 {count}", year=year, count=measured(planned[year], unit)) for year in (first_year, last)
    )
    rows = [[tr("{year}年末（规划隐含）", year=year), number(v), ""] for year, v in planned.items()]
    rows += [[period_label(p.quarter), number(p.denominator), begun(STATUSES[p.status])] for p in observed]
    return figure(
        drawing,
        title=tr("两项目标都恰好达到时，隐含的{name}从 {first} 年到 {last} 年减少 {size}", **told)
        if fall > 0
        else tr("两项目标都恰好达到时，隐含的{name}从 {first} 年到 {last} 年增加 {size}", **told),
        subtitle=tr(
            "{name}，单位：{unit}。虚线由{top}与{ratio}的目标反推，实线为实际",
            name=name,
            unit=unit_words(unit),
            top=top.name.spoken,
            ratio=indicator.name.spoken,
        ),
        description=tr("规划两项目标隐含的{name}：{begin}，{end}。", name=name, begin=begin, end=end),
        columns=[tr("期间"), tr("{name}（{unit}）", name=name, unit=unit_words(unit)), tr("说明")],
        rows=rows,
        source=clauses(
            (tr("规划目标表反推"), listed(dict.fromkeys(p.source for p in known)) or tr("没有实际数"))
        ),
        sample=any(p.status == "sample" for p in known),
    )


def _not_planned() -> Html:
    return Html(element("p", tr(NOT_PLANNED)), tr(NOT_PLANNED))


def side_by_side(*figures: Html) -> Html:
    """Return figures beside each other where the screen is wide enough, else below one another."""
    content = "".join(one.html for one in figures)
    return Html(element("div", content, class_="beside"), "\n".join(one.text for one in figures))
