"""How far an outlook can be trusted, in words: what was measured on real series, and what a page's own rows show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from laoyou.formats import number, percent
from laoyou.language import Words, listed, mark, sentences, tr, trn
from laoyou.outlooks.measured import Cell, Measured
from laoyou.plan import COUNTS, Indicator
from laoyou.view import View

Row = Any  # one row of the outlooks or of their record, its columns as attributes

PART_WORDS = Words(
    {
        "levels": mark("水平"),
        "counts": mark("计数"),
        "rates": mark("个案率"),
        "few": mark("水平（4—7 个点）"),
    }
)


def part_of(indicator: Indicator) -> str:
    """Return which part of the measurement speaks for an indicator: levels, counts or rates."""
    if indicator.frequency == "year":
        return "levels"
    return "counts" if indicator.kind in COUNTS else "rates" if indicator.kind == "case_rate" else "levels"


def parts_used(view: View, ids: Sequence[str]) -> list[str]:
    """Return the parts of the measurement that speak for the outlooks of a page, in their order."""
    used = {part_of(view.plan.indicators[id]) for id in ids if _looked_ahead(view, id)}
    return [part for part in ("levels", "counts", "rates") if part in used]


def _looked_ahead(view: View, id: str) -> bool:
    return any(m != "known" for m, _ in _ways_shown(view, id))


def _ways_shown(view: View, id: str) -> list[tuple[str, int]]:
    """Return the method and the number of figures behind each probability shown of a row."""
    row: Row = view.outlooks.loc[id]
    sides = [(row.p_year, row.year_method, row.year_n), (row.p_last, row.last_method, row.last_n)]
    return [(str(way), int(n)) for p, way, n in sides if way and not math.isnan(p)]


def reliability(view: View, records: Mapping[str, Row], found: Measured) -> str:
    """Return how reliable the methods of a page have been, on real series and on its own rows.

    Parameters
    ----------
    view : the page
    records : of its indicators, as ``View.records`` returns them
    found : what was measured on real series
    """
    ids = list(records)
    parts = parts_used(view, ids)
    if not parts:
        return tr("这里各行都没有展望，谈不上准不准。")
    told = [_on_real_series(view, found, parts), _of_few(view, found, ids), own_words(view, records)]
    return sentences(told)


def _on_real_series(view: View, found: Measured, parts: Sequence[str]) -> str:
    cells = [cell for cell in found.cells if cell.part in parts]
    series = sum(cell.series for cell in found.whole if cell.part in parts)
    if not found.holds_for(view.rules.outlook):
        return tr("展望的取值与实测时不同，实测的结果不能用在这里。")
    told = {
        "series": number(series),
        "level": percent(view.rules.outlook.coverage, 0),
        "span": _span(cells),
        "cells": len(cells),
        "broken": sum(not found.kept(cell) for cell in cells),
        "worse_by": number(found.worse_by, 3),
    }
    if told["broken"]:
        return tr(
            "同样的做法在 {series} 条真实序列上量过：名义 {level} 的区间盖住了结果的 {span}；"
            "{cells} 种情形中有 {broken} 种没有守住界限，见下表。",
            **told,
        )
    if all(cell.brier < cell.walk_brier for cell in cells):
        return tr(
            "同样的做法在 {series} 条真实序列上量过：名义 {level} 的区间盖住了结果的 {span}，"
            "概率的得分（Brier）每种情形都好于随机游走。",
            **told,
        )
    return tr(
        "同样的做法在 {series} 条真实序列上量过：名义 {level} 的区间盖住了结果的 {span}，"
        "概率的得分（Brier）都不比随机游走差 {worse_by} 以上。",
        **told,
    )


def _span(cells: Sequence[Cell]) -> str:
    low, high = (number(100 * pick(cell.coverage for cell in cells)) for pick in (min, max))
    return f"{low}%" if low == high else tr("{low}—{high}", low=low, high=f"{high}%")


def _of_few(view: View, found: Measured, ids: Sequence[str]) -> str:
    """Return what is known of walks on a few points, where a page has one; such is every step from year to year."""
    few = [cell for cell in found.cells if cell.part == "few" and found.holds_for(view.rules.outlook)]
    short = ("walk", "year_on_year", "year_totals")
    used = [way for id in ids for way in _ways_shown(view, id)]
    if not few or not any(m in short and n < view.rules.outlook.drift_from for m, n in used):
        return ""
    steps = listed(
        trn("{n} 步 {span}", ahead, span=_span([cell for cell in few if cell.ahead == ahead]))
        for ahead in sorted({cell.ahead for cell in few})
    )
    return tr(
        "只有 4—7 个点可依的（逐年走的都是），同样的区间在真实序列上盖住 {steps}，走得远时偏窄。", steps=steps
    )


def ends_over(view: View) -> int:
    """Return how many years of the plan are over by the quarter [count]."""
    return sum((year, 4) <= (view.year, int(view.quarter.quarter)) for year in view.plan.years)


def hits(record: Row) -> int:
    """Return how many of a row's own earlier outlooks held the figure in their interval [count]."""
    return round(record.coverage * record.cases) if record.cases else 0


def record_words(record: Row) -> str:
    """Return a row's own record in a few words; empty where there is none."""
    if not record.cases:
        return ""
    return tr("往次：{cases} 次中 {hits} 次落在区间内", cases=f"{record.cases:.0f}", hits=hits(record))


def own_words(view: View, records: Mapping[str, Row]) -> str:
    """Return what the page's own rows show of the method, and that it is little."""
    cases = round(sum(r.cases for r in records.values()))
    if not cases:
        return tr("这里各行自己还没有可对照的往次。")
    told = {"cases": cases, "hits": sum(map(hits, records.values()))}
    if any(id in view.sample_indicators for id in records):
        return trn(
            "这里各行自己的往次 {cases} 次中 {hits} 次落在区间内，但只来自 {n} 个年末，又是演示数据，单凭它说明不了什么。",
            ends_over(view),
            **told,
        )
    return trn(
        "这里各行自己的往次 {cases} 次中 {hits} 次落在区间内，但只来自 {n} 个年末，单凭它说明不了什么。",
        ends_over(view),
        **told,
    )


def definitions(view: View) -> list[str]:
    """Return what every number of an outlook means, a sentence each."""
    rules, level = view.rules.outlook, percent(view.rules.outlook.coverage, 0)
    return [
        tr(
            "“达到的可能”是照以往的走法推算的概率，写到整数百分点：不到 0.5% 写“<1%”，99.5% 起写“>99%”，"
            "已成定局的才写“已定”。它不知道将来的政策和变故，也不是承诺。"
        ),
        tr(
            "“{level} 区间”：照推算，五次里约有四次落在其中。所指的是全年判定用的那个数：调查率是全年平均，其余是年末的数。",
            level=level,
        ),
        tr(
            "存量和比例：从最近的数起步，步子大小照最近 {window} 次变化；满 {drift_from} 个点的，一半的可能还按平均变化走，"
            "不满的只看起伏；不满 {at_least} 个点的不作展望。按年核定的从年末走到年末。"
            "变化一向很稳的，两种走法离得远，区间的两头比中间更可能：中位只把可能分成两半，不是最可能的数。",
            window=rules.window,
            drift_from=rules.drift_from,
            at_least=rules.at_least,
        ),
        tr(
            "计数：余下的部分按应完成的份额推算（伽马—泊松），份额与进度判定用的同一套，是往年各季占比还是时间均分，写在各行里；"
            "往后的年份照各年总数的变化走。"
        ),
        tr(
            "个案率：年内照往年各季之间的走法，往后的年份照年末到年末的变化走；都在 logit 尺度上，不会越出 0—100%。"
            "分子是整数，区间的端点只落在几个值上，内外两层可能重合。它与率旁边的威尔逊区间问的不是一件事："
            "这里问年末会数到多少，往年各季走得齐就窄；威尔逊区间问现在这个率里有多少是偶然，只看分子分母。"
        ),
        tr(
            "覆盖：结果落在区间里的份额，越接近名义值越好。Brier：概率与结果之差的平方的平均，0 最好，总说一半得 0.25。"
            "CRPS：整个预测分布离结果有多远，越小越好，在对数（率为 logit）尺度上。"
            "随机游走：只说“同上次一样”，起伏照以往的平均，是最简单的对手。"
        ),
        tr(
            "往次：规划期内每个过完的年份，在前三季各作一次展望（按年核定的在上年末作一次），用今天已知的数重作，"
            "与年末的数对照；同一年的三次互相牵连，不能当三次看。"
        ),
        tr("算式见 docs/method.md 第 5 节，实测的办法见 benchmarks/README.md。"),
    ]
