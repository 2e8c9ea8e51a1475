"""The outlook as readers see it: what will probably become of each target, and how far that can be trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from laoyou.formats import DASH, number, percent
from laoyou.language import begun, markn, tr, trn
from laoyou.markup import Html, details, element, escape, listing, plain, table
from laoyou.outlooks.measured import Cell, Measured, load_measured
from laoyou.pages import outlook_trust as trust
from laoyou.pages import outlook_words as words
from laoyou.view import View


def chances(view: View, *ids: str) -> Html:
    """Return how likely this year's and the plan's last targets are to be met, the least likely first.

    Parameters
    ----------
    view : the page
    ids : the indicators; all of the plan's if not given

    Returns
    -------
    The finding, a row per indicator with probability, interval, method, n and its own record, how reliable the methods
    have been, and folded below: the own record, the measurement on real series, and what each number means.
    """
    chosen = view.planned(ids)
    if not chosen:
        return Html(element("p", tr("本规划没有这一页的指标。")), tr("本规划没有这一页的指标。"))
    markup = element("p", element("strong", escape(words.finding(view, chosen)), class_="finding"))
    records = view.records(chosen)
    markup += _table(view, records)
    markup += element("p", escape(trust.reliability(view, records, load_measured())))
    if any(record.cases for record in records.values()):
        markup += details(tr("各行自己的往次"), _own_record(view, records))
    parts = trust.parts_used(view, chosen)
    if parts:
        markup += details(tr("在真实序列上量过的结果"), _real_series(load_measured(), parts))
    markup += details(tr("展望的这些数是什么意思、怎么算的"), listing(trust.definitions(view)))
    return Html(element("div", markup, class_="outlook"), plain(markup))


def _table(view: View, records: Mapping[str, Any]) -> str:
    heads = [tr("指标")]
    for year in words.years_asked(view):
        heads += [tr("{year} 年达到的可能", year=year), tr("{year} 年会到", year=year)]
    ranked = sorted(records, key=lambda id: _rank(view, id))
    rows = [_row(view, id, records[id]) for id in ranked]
    caption = tr(
        "{region}{quarter}的展望，按本年目标达到的可能由小到大；“会到”是 {level} 区间",
        region=view.region.spoken,
        quarter=view.label,
        level=percent(view.rules.outlook.coverage, 0),
    )
    return table(caption, [*heads, tr("怎么估的")], rows, class_="data cards")


def _rank(view: View, id: str) -> tuple[bool, float, bool, float]:
    """Return where a row stands: this year's probability, then the last year's, those without at the end."""
    row: Any = view.outlooks.loc[id]
    keys = [(math.isnan(p), 0.0 if math.isnan(p) else float(p)) for p in (row.p_year, row.p_last)]
    return (*keys[0], *keys[1])


def _row(view: View, id: str, record: Any) -> list[str]:
    row, indicator = view.outlooks.loc[id], view.plan.indicators[id]
    sample = element("span", tr("演示"), class_="sample") if id in view.sample_indicators else ""
    cells = [escape(indicator.name.spoken) + sample + _small(begun(tr("第 {row} 行", row=indicator.row)))]
    for year in words.years_asked(view):
        cells += [_chance(view, row, year), _interval(view, row, year)]
    return [*cells, _made_by(view, row, record)]


def _chance(view: View, row: Any, year: int) -> str:
    p, reason = words.chance_in(view, row, year)
    if math.isnan(p):
        return element("span", words.no_chance(), class_="no_data") + _small(
            begun(words.why_not(view, row, year))
        )
    return element("strong", escape(words.chance(p, reason)), class_="keep")


def _interval(view: View, row: Any, year: int) -> str:
    here, indicator = year == view.year, view.plan.indicators[row.indicator]
    low, high = (row.year_low, row.year_high) if here else (row.last_low, row.last_high)
    # Not of a figure that the target no longer asks for.
    asked = not math.isnan(indicator.numeric_target(year))
    shown = words.interval(low, high, indicator) if asked else DASH
    return _kept(shown) + _small(begun(tr("目标 {cell}", cell=words.target(view, row.indicator, year))))


def _made_by(view: View, row: Any, record: Any) -> str:
    told = words.methods(view, row)
    parts = [*told, trust.record_words(record)]
    return "".join(_small(begun(text)) for text in parts if text) if told else DASH


def _own_record(view: View, found: Mapping[str, Any]) -> str:
    """Return the record of each row's own earlier outlooks beside the plain random walk's."""
    records = {id: r for id, r in found.items() if r.cases}
    rows = [
        [
            escape(view.plan.indicators[id].name.spoken),
            tr("{cases} 次中 {hits} 次", cases=f"{r.cases:.0f}", hits=trust.hits(r)),
            tr("{cases} 次中 {hits} 次", cases=f"{r.cases:.0f}", hits=round(r.walk_coverage * r.cases)),
            *(number(score, 3) for score in (r.brier, r.walk_brier, r.crps, r.walk_crps)),
        ]
        for id, r in records.items()
    ]
    better = sum(bool(r.crps < r.walk_crps) for r in records.values())
    cases = round(sum(r.cases for r in records.values()))
    caption = trn(
        "往次 {cases} 次中 {hits} 次落在 {level} 区间内，{records} 行中 {better} 行的 CRPS 小于随机游走；"
        "只来自 {n} 个年末，太少，说明不了方法好坏",
        trust.ends_over(view),
        cases=cases,
        hits=sum(map(trust.hits, records.values())),
        level=percent(view.rules.outlook.coverage, 0),
        records=len(records),
        better=better,
    )
    heads = [
        tr("指标"),
        tr("落在区间内"),
        tr("随机游走的区间"),
        "Brier",
        tr("随机游走的 Brier"),
        "CRPS",
        tr("随机游走的 CRPS"),
    ]
    return table(caption, heads, rows, numeric=range(1, 7))


def _real_series(found: Measured, parts: Sequence[str]) -> str:
    """Return what was measured on real series, each length and horizon with whether it keeps the limits."""
    rows = [
        [
            _kept(_situation(cell)),
            number(cell.series),
            number(cell.cases),
            percent(cell.coverage),
            *(number(score, 3) for score in (cell.brier, cell.walk_brier)),
            *(number(score, 4) for score in (cell.crps, cell.walk_crps)),
            _kept(tr("守住") if found.kept(cell) else tr("没有守住")),
        ]
        for cell in found.cells
        if cell.part in parts
    ]
    caption = tr(
        "界限：名义 {level} 的区间盖住 {low}—{high}，Brier 不比随机游走差 {worse_by} 以上",
        level=percent(found.rules["coverage"], 0),
        low=number(100 * found.least),
        high=percent(found.most, 0),
        worse_by=number(found.worse_by, 3),
    )
    heads = [
        tr("情形"),
        tr("序列"),
        tr("次数"),
        tr("覆盖"),
        "Brier",
        tr("随机游走的 Brier"),
        "CRPS",
        tr("随机游走的 CRPS"),
        tr("界限"),
    ]
    return table(caption, heads, rows, numeric=range(1, 8))


def _situation(cell: Cell) -> str:
    """Return what a row of the measurement was made in: the part, how many points, and how far ahead."""
    message = (
        markn("{part}，{points} 个点，{n} 步")
        if cell.part == "levels"
        else markn("{part}，{points} 个点，{n} 季未到")
    )
    return trn(message, cell.ahead, part=trust.PART_WORDS[cell.part], points=cell.n)


def _small(text: str) -> str:
    return element("small", escape(text))


def _kept(text: str) -> str:
    """Return text that no line breaks."""
    return element("span", escape(text), class_="keep")
