"""What a figure of one indicator says beside its drawing: what the marks mean, the finding, and the data in rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from laoyou.formats import apart_at, beside, number, percent
from laoyou.intervals import poisson_band, wilson_interval
from laoyou.language import begun, clauses, noted, sentence, tr, trn
from laoyou.ledger.file import MISSING, STATUSES
from laoyou.pages import fans, narrative
from laoyou.pages.target_words import cell_shown
from laoyou.periods import period_label
from laoyou.plan import Indicator
from laoyou.view import Point, View


def legend(view: View, indicator: Indicator, fan: Sequence[fans.Ahead]) -> str:
    """Return what the marks mean, in words.

    Parameters
    ----------
    view : the page
    indicator : what is drawn
    fan : what lies ahead
    """
    rules, about = view.rules, indicator.targets[view.year].operator == "about"
    small = rules.counts.small_below
    parts = [tr("实线为实际，虚线为各年目标")]
    if indicator.kind == "case_rate":
        parts.append(tr("浅色带为率的 {level} 区间（威尔逊）", level=percent(rules.rate.interval_level, 0)))
    elif indicator.kind != "survey_rate" and not about:
        parts.append(tr("点线为应到进度"))
    if indicator.kind == "annual_count" and any(indicator.numeric_target(y) < small for y in view.plan.years):
        level = percent(rules.counts.band_level, 0)
        parts.append(tr("灰带为按进度推进时偶然波动的 {level} 范围（泊松）", level=level))
    if about:
        parts.append(tr("色带为“左右”的 ±{band}", band=percent(rules.attainment.about_tolerance, 0)))
    if any(p.revision for p in view.points(indicator.id)):
        parts.append(tr("空心点为修订过的数"))
    return tr("，").join([*parts, *fans.legend(indicator, view.year, fan)])


def description(view: View, id: str, known: Sequence[Point]) -> str:
    """Return the finding in words, with the span and the extremes."""
    indicator, title = view.plan.indicators[id], sentence(narrative.headline(view, id))
    points = [p for p in known if p.known]
    if not points:
        return tr("{title}图中只有各年目标。", title=title)

    def said(point: Point) -> str:
        value = beside(point.value, _target(indicator, point), indicator.unit, indicator.decimals)
        return noted(value, period_label(point.quarter))

    return trn(
        "{title}{first}至{last}共 {n} 个数，最低 {lowest}，最高 {highest}。",
        len(points),
        title=title,
        first=period_label(points[0].quarter),
        last=period_label(points[-1].quarter),
        lowest=said(min(points, key=lambda p: p.value)),
        highest=said(max(points, key=lambda p: p.value)),
    )


def _target(indicator: Indicator, point: Point) -> float:
    """Return the target of a figure's year [the row's unit]; NaN where there is none."""
    year = point.quarter.year
    return indicator.numeric_target(year) if year in indicator.targets else math.nan


def data_rows(view: View, indicator: Indicator, known: Sequence[Point]) -> list[list[str]]:
    """Return the figures drawn as rows: period, figure, the year's target, and what is to be known of it."""
    rows = []
    for point in known:
        places = apart_at(point.value, _target(indicator, point), indicator.decimals)
        note = begun(clauses(_notes(view, indicator, point)))
        goal = _goal(view, indicator, point.quarter.year)
        rows.append([period_label(point.quarter), number(point.value, places), goal, note])
    return rows


def _goal(view: View, indicator: Indicator, year: int) -> str:
    """Return the target of a year; of the baseline's what it was, named as such."""
    if year == view.plan.baseline_year:
        return noted(cell_shown(indicator.baseline.text), tr("基期"))
    return cell_shown(indicator.targets[year].text) if year in indicator.targets else ""


def _notes(view: View, indicator: Indicator, point: Point) -> list[str]:
    """Return what is to be known of a figure; some of it empty."""
    first = number(point.first_value, indicator.decimals)
    counts = "" if math.isnan(point.denominator) else f"{number(point.numerator)}/{number(point.denominator)}"
    return [
        STATUSES[point.status],
        MISSING.get(point.missing, ""),
        point.series_break,
        tr("修订过，初报 {first}", first=first) if point.revision else "",
        point.note if point.corrected else "",
        counts,
        _chance(view, indicator, point),
    ]


def _chance(view: View, indicator: Indicator, point: Point) -> str:
    """Return how far chance alone moves a figure, as drawn; empty where no band is."""
    if indicator.kind == "case_rate":
        level = view.rules.rate.interval_level
        low, high = (100 * float(end) for end in wilson_interval(point.numerator, point.denominator, level))
        if math.isnan(low):
            return ""
        told = {"level": percent(level, 0), "low": number(low, 1), "high": number(high, 1)}
        return tr("{level} 区间 {low}%—{high}%", **told)
    target, year = _target(indicator, point), point.quarter.year
    if indicator.kind == "annual_count" and target < view.rules.counts.small_below:
        level = view.rules.counts.band_level
        due = target * view.shares(indicator.id, year)[point.quarter.quarter - 1]
        low, high = (float(end) for end in poisson_band(due, level))
        told = {"level": percent(level, 0), "low": number(low), "high": number(high)}
        return tr("偶然波动的 {level} 范围 {low}—{high}", **told)
    return ""
