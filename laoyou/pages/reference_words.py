"""What a page says of how a survey rate compares with the regions above: year by year, by published figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from laoyou.formats import MOST_DECIMALS, away_as_printed, difference, measured, number, signed
from laoyou.language import Words, begun, clauses, listed, mark, sentence, tr
from laoyou.markup import element, escape, table
from laoyou.pages.standing_words import goal
from laoyou.periods import since_january_label
from laoyou.view import View

ABOVE = Words({"nation": mark("全国"), "province": mark("全省"), "city": mark("全市")})
"""What the whole above a region is called, by its level."""


def name_of(view: View, code: str) -> str:
    """Return what a region of reference is called: 全省 for the province that the page's lies in, else its name."""
    region, above = view.regions[code], view.regions[view.region.code]
    while above.parent:
        above = view.regions[above.parent]
        if above.code == code:
            return ABOVE.get(region.level, region.spoken)
    return region.spoken


def measured_at(view: View, id: str, year: int, quarter: int | None = None) -> list[str]:
    """Return the codes of the regions that a year's quarters, or one of them, were measured at; none where not told."""
    rows = view.observations
    last = view.quarter.quarter if year == view.year else 4
    ours = (rows["region"] == view.region.code) & (rows["indicator"] == id) & (rows["year"] == year)
    ours &= rows["quarter"].between(quarter or 1, quarter or last) & rows["value"].notna()
    codes = dict.fromkeys(rows[ours].sort_values("quarter")["measured_at"])
    return [code for code in codes if code in view.regions]


def levels_shown(view: View, codes: Sequence[str]) -> str:
    """Return at which levels, in words, a rate was measured: 温州市（市级）."""
    regions = [view.regions[code] for code in codes]
    return listed(tr("{region}（{level}）", region=one.spoken, level=one.level_spoken) for one in regions)


def annual_mean(view: View, id: str, year: int) -> float:
    """Return what a year is judged on: its published figure or the mean of four quarters; of this year, so far [%]."""
    if year not in view.plan.years:
        return math.nan
    quarter = view.quarter if year == view.year else pd.Period(year=year, quarter=4, freq="Q-DEC")
    return float(replace(view, quarter=quarter).score(id).judged)


def apart_words(ours: float, theirs: float, name: str, decimals: int) -> str:
    """Return how a rate stands to a published one; too close for its decimals to tell is said so.

    Parameters
    ----------
    ours, theirs : [%]; the latter as published, to ``decimals`` places
    name : whose the other is
    """
    away = round(ours - theirs, MOST_DECIMALS)
    told = {"name": name, "theirs": measured(theirs, "%", decimals), "away": difference(away, "%", decimals)}
    if _alike(away, decimals):
        return tr("与{name}的 {theirs} 分不出高低", **told)
    return (
        tr("比{name}的 {theirs} 高 {away}", **told)
        if away > 0
        else tr("比{name}的 {theirs} 低 {away}", **told)
    )


def _alike(away: float, decimals: int) -> bool:
    """Return whether a distance to a figure published to so many places is too small for them to tell."""
    return abs(away) <= round(0.5 * 10.0**-decimals, MOST_DECIMALS)


def _apart_shown(away: float, decimals: int) -> str:
    """Return a distance to a published figure for the table: no finer than the figure itself."""
    return begun(tr("分不出")) if _alike(away, decimals) else signed(away, "%", decimals)


def reference_sentences(view: View, id: str, references: Sequence[str]) -> list[str]:
    """Return the distance to each region of reference in the last year that both have, and what is not out yet."""
    decimals = view.plan.indicators[id].decimals
    said = []
    for code in references:
        name = name_of(view, code)
        theirs = {year: value for year, value in view.yearly(id, code).items() if not math.isnan(value)}
        both = [year for year in theirs if not math.isnan(annual_mean(view, id, year)) and _whole(view, year)]
        if not both:
            said.append(begun(tr("{name}没有可比的年份：同一年两边都要有全年的数。", name=name)))
            continue
        year = max(both)
        ours = annual_mean(view, id, year)
        text = tr(
            "{year} 年全年平均 {ours}，{apart}",
            year=year,
            ours=measured(ours, "%", decimals + 1),
            apart=apart_words(ours, theirs[year], name, decimals),
        )
        later = [str(y) for y in range(year + 1, view.year + _whole(view, view.year)) if y not in theirs]
        lacking = tr("{years} 年{name}的数台账里没有", years=listed(later), name=name) if later else ""
        said.append(sentence(clauses([text, lacking])))
    return said


def _whole(view: View, year: int) -> bool:
    """Return whether a year is over on the page."""
    return bool(year < view.year or view.quarter.quarter == 4)


def years_table(view: View, id: str, references: Sequence[str]) -> str:
    """Return each year's mean beside its target and the published figures of the regions of reference, as markup."""
    indicator, limit = view.plan.indicators[id], goal(view, view.score(id))
    names = {code: name_of(view, code) for code in references}
    heads = [tr("年"), tr("平均（%）"), begun(limit), tr("离{goal}", goal=limit)]
    for name in names.values():
        heads += [begun(tr("{name}（%）", name=name)), tr("比{name}", name=name)]
    caption = (
        tr("{name}各年平均；“离”“比”为两者之差，单位：个百分点，本地为演示数据", name=indicator.name.spoken)
        if id in view.sample_indicators
        else tr("{name}各年平均；“离”“比”为两者之差，单位：个百分点", name=indicator.name.spoken)
    )
    rows = [_year_row(view, id, year, references) for year in range(view.plan.first_year, view.year + 1)]
    shown = table(caption, heads, rows, class_="data cards", numeric=range(1, len(heads)))
    sources = [
        tr(
            "{name}：{sources}",
            name=begun(name),
            sources=listed(dict.fromkeys(view.yearly_sources(id, code))),
        )
        for code, name in names.items()
        if view.yearly(id, code)
    ]
    if not sources:
        return shown
    return shown + element("p", escape(tr("来源：{sources}。", sources=clauses(sources))), class_="source")


def _year_row(view: View, id: str, year: int, references: Sequence[str]) -> list[str]:
    indicator, places = view.plan.indicators[id], view.plan.indicators[id].decimals
    ours, codes = annual_mean(view, id, year), measured_at(view, id, year)
    cells = [
        number(ours, places + 1),
        indicator.targets[year].text,
        signed(away_as_printed(ours, indicator.numeric_target(year), places + 1), "%", places + 1),
    ]
    for code in references:
        theirs = view.yearly(id, code).get(year, math.nan)
        cells += [number(theirs, places), _apart_shown(round(ours - theirs, MOST_DECIMALS), places)]
    nowhere = tr("没有数") if math.isnan(ours) else tr("没有写明层级")
    where = tr("{levels}测得", levels=levels_shown(view, codes)) if codes else nowhere
    label = tr("{year}年", year=year) if _whole(view, year) else since_january_label(view.quarter)
    return [escape(label) + element("small", escape(begun(where))), *map(escape, cells)]
