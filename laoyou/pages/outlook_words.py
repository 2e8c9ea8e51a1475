"""What is likely, in words: probabilities that do not overstate, methods, reasons, and how far they can be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from laoyou.formats import DASH, measured, number, percent
from laoyou.language import clauses, listed, mark, tr
from laoyou.ledger.file import MISSING
from laoyou.outlooks.measured import Cell, Measured
from laoyou.pages.reason_words import cell_shown, whose_profile
from laoyou.plan import COUNTS, Indicator
from laoyou.view import View

Row = Any  # one row of the outlooks, as a Series

NO_CHANCE = mark("给不出")
PART_WORDS = {
    "levels": mark("水平"),
    "counts": mark("计数"),
    "rates": mark("个案率"),
    "few": mark("水平（4—7 个点）"),
}
_NAMED = 5  # of so many indicators at most, each is named with its probability
_CERTAIN = 99.5  # [%]; from here on a whole number of per cent would read 100


def chance(p: float, reason: str) -> str:
    """Return a probability [1] as pages print it: 15%, <1%, >99%; 0 and 100 % for nothing that is still open.

    Parameters
    ----------
    p : NaN where there is none
    reason : the outlook's; ``known`` where nothing is open any more
    """
    if math.isnan(p):
        return NO_CHANCE
    if reason == "known":
        return tr("已定：达到") if p == 1 else tr("已定：达不到")
    share = round(100 * p, 9)
    if share < 100 - _CERTAIN:
        return "<1%"
    return ">99%" if share >= _CERTAIN else f"{number(share)}%"


def interval(low: float, high: float, indicator: Indicator) -> str:
    """Return an interval in the row's unit: 103—122 人次; one number where both ends are printed alike."""
    if math.isnan(low) or math.isnan(high):
        return DASH
    first, last = (number(x, indicator.decimals) for x in (low, high))
    if first == last:
        return measured(high, indicator.unit, indicator.decimals)
    return f"{first}—{measured(high, indicator.unit, indicator.decimals)}"


def _set_elsewhere(view: View, row: Row, year: int) -> str:
    by = view.plan.indicators[row.indicator].set_by
    name = view.regions[by].spoken if by in view.regions else tr("上级")
    return tr("由{name}制定，不随本区走势", name=name) if by else tr("执行到下次调整，不随走势变")


def _too_few(view: View, row: Row, year: int) -> str:
    indicator, least = view.plan.indicators[row.indicator], view.rules.outlook.at_least
    if indicator.frequency == "year":
        return tr("年末的数不到 {least} 个", least=least)
    if indicator.kind in COUNTS:
        return tr("还没有完整的往年") if year == view.year else tr("完整的年份不到 {least} 个", least=least)
    return (
        tr("往年可比的季度太少")
        if indicator.kind == "case_rate"
        else tr("可比的点不到 {least} 个", least=least)
    )


def _no_figure(view: View, row: Row, year: int) -> str:
    if view.plan.indicators[row.indicator].frequency == "year" and view.quarter.quarter < 4:
        return tr("没有上年末的数")
    missing = view.score(row.indicator).missing
    return tr("本季没有数（{MISSING}）", MISSING=MISSING[missing]) if missing else tr("本季没有数")


def _unit_differs(view: View, row: Row, year: int) -> str:
    indicator = view.plan.indicators[row.indicator]
    return tr(
        "目标改为“{targets}”，与{unit}不是同一个量", targets=indicator.targets[year].text, unit=indicator.unit
    )


_REASONS: Mapping[str, Callable[[View, Row, int], str]] = {
    "unit_differs": _unit_differs,
    "milestone": lambda view, row, year: tr("目标是开展试点，没有数可比"),
    "no_numeric_target": lambda view, row, year: tr("目标栏没有可用的数"),
    "set_elsewhere": _set_elsewhere,
    "incomplete_year": lambda view, row, year: tr("本年缺季，算不出全年平均"),
    "no_figure": _no_figure,
    "series_break": lambda view, row, year: tr("口径调整后的点太少"),
    "too_few_points": _too_few,
}


def why_not(view: View, row: Row, year: int) -> str:
    """Return why there is no probability for a year's target; empty where there is one.

    Parameters
    ----------
    view : the page
    row : a row of its outlooks
    year : the page's own, or the plan's last
    """
    code = row.year_reason if year == view.year else row.last_reason
    return _REASONS[code](view, row, year) if code in _REASONS else ""


def methods(view: View, row: Row) -> list[str]:
    """Return how the outlook of each year asked for was made and what it rests on; years made alike together."""
    told: dict[str, list[str]] = {}
    for year in years_asked(view):
        told.setdefault(method(view, row, year), []).append(str(year))
    return [tr("{years} 年：{said}", years=listed(years), said=said) for said, years in told.items() if said]


def method(view: View, row: Row, year: int) -> str:
    """Return how the outlook of one year was made and from how many figures; empty where there is none."""
    here = year == view.year
    code, n = (row.year_method, row.year_n) if here else (row.last_method, row.last_n)
    if code == "known":
        return tr("年末已知") if here and view.quarter.quarter == 4 else tr("计数已过目标")
    if not code or math.isnan(chance_in(view, row, year)[0]):
        return ""
    indicator = view.plan.indicators[row.indicator]
    quarters = tr("年末的数") if indicator.frequency == "year" else tr("季度的数")
    profile = whose_profile(view, view.score(row.indicator)) or tr("时间均分")
    said, figures = {
        "walk": (tr("照近来的起伏"), quarters),
        "walk_and_drift": (tr("一半照原样起伏、一半照平均变化"), quarters),
        "seasonal_steps": (tr("照往年年内各季的走法"), tr("季度的数")),
        "gamma_poisson": (tr("余下的按{profile}", profile=profile), tr("季度的数")),
        "year_on_year": (tr("照年末到年末的变化"), tr("年份")),
        "year_totals": (tr("照各年总数的变化"), tr("完整年份")),
    }[code]
    return tr("{said}（{n} 个{figures}）", said=said, n=n, figures=figures)


def target(view: View, id: str, year: int) -> str:
    """Return a year's target as printed, with its unit where it is a number of it."""
    indicator = view.plan.indicators[id]
    text = indicator.targets[year].text
    return cell_shown(text, indicator.unit) if indicator.same_unit(year) else text


def years_asked(view: View) -> tuple[int, ...]:
    """Return the years whose targets are asked for: the page's and the plan's last, once if they are one."""
    return tuple(dict.fromkeys((view.year, view.plan.last_year)))


def chance_in(view: View, row: Row, year: int) -> tuple[float, str]:
    """Return a row's probability for a year's target [1], and its reason."""
    here = year == view.year
    return (float(row.p_year), row.year_reason) if here else (float(row.p_last), row.last_reason)


def finding(view: View, ids: Sequence[str]) -> str:
    """Return what the outlooks say: each with its probability, or counted where they are many."""
    return clauses(_year_finding(view, ids, year) for year in years_asked(view)) + tr("。")


def _year_finding(view: View, ids: Sequence[str], year: int) -> str:
    likely, unlikely = tr("达到的可能过半"), tr("达到的可能不过半")
    groups: dict[str, list[str]] = {
        word: [] for word in (likely, unlikely, tr("已定达到"), tr("已定达不到"), NO_CHANCE)
    }
    for id in ids:
        p, reason = chance_in(view, view.outlooks.loc[id], year)
        if math.isnan(p):
            word, told = NO_CHANCE, ""
        elif reason == "known":
            word, told = (tr("已定达到") if p == 1 else tr("已定达不到")), ""
        else:
            more = float(number(100 * p)) > 50  # as printed: what reads 50% is not called more than a half
            word, told = (likely if more else unlikely), tr("（{chance}）", chance=chance(p, reason))
        groups[word].append(view.plan.indicators[id].name.spoken + told)
    many = len(ids) > _NAMED
    named = [
        tr("{word}的 {names} 项", word=word, names=len(names))
        if many
        else tr("{word}的是{names}", word=word, names=listed(names))
        for word, names in groups.items()
        if names
    ]
    return tr("{year} 年目标：{named}", year=year, named=(tr("、") if many else tr("，")).join(named))


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


def reliability(view: View, ids: Sequence[str], found: Measured) -> str:
    """Return how reliable the methods of a page have been, on real series and on its own rows.

    Parameters
    ----------
    view : the page
    ids : its indicators
    found : what was measured on real series
    """
    parts = parts_used(view, ids)
    if not parts:
        return tr("这里各行都没有展望，谈不上准不准。")
    told = [_on_real_series(view, found, parts), _of_few(view, found, ids), own_words(view, ids)]
    return "".join(told)


def _on_real_series(view: View, found: Measured, parts: Sequence[str]) -> str:
    cells = [cell for cell in found.cells if cell.part in parts]
    series = sum(cell.series for cell in found.whole if cell.part in parts)
    if not found.holds_for(view.rules.outlook):
        return tr("展望的取值与实测时不同，实测的结果不能用在这里。")
    name = percent(view.rules.outlook.coverage, 0)
    text = tr(
        "同样的做法在 {series} 条真实序列上量过：名义 {name} 的区间盖住了结果的 {span}",
        series=series,
        name=name,
        span=_span(cells),
    )
    broken = [cell for cell in cells if not found.kept(cell)]
    if broken:
        return tr(
            "{text}；{cells} 种情形中有 {broken} 种没有守住界限，见下表。",
            text=text,
            cells=len(cells),
            broken=len(broken),
        )
    better = all(cell.brier < cell.walk_brier for cell in cells)
    score = (
        tr("每种情形都好于随机游走")
        if better
        else tr("都不比随机游走差 {worse_by} 以上", worse_by=number(found.worse_by, 3))
    )
    return tr("{text}，概率的得分（Brier）{score}。", text=text, score=score)


def _span(cells: Sequence[Cell]) -> str:
    low, high = (number(100 * pick(cell.coverage for cell in cells)) for pick in (min, max))
    return f"{low}%" if low == high else f"{low}—{high}%"


def _of_few(view: View, found: Measured, ids: Sequence[str]) -> str:
    """Return what is known of walks on a few points, where a page has one; such is every step from year to year."""
    few = [cell for cell in found.cells if cell.part == "few" and found.holds_for(view.rules.outlook)]
    short = ("walk", "year_on_year", "year_totals")
    used = [way for id in ids for way in _ways_shown(view, id)]
    if not few or not any(m in short and n < view.rules.outlook.drift_from for m, n in used):
        return ""
    steps = listed(
        tr("{ahead} 步 {span}", ahead=ahead, span=_span([cell for cell in few if cell.ahead == ahead]))
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
    return (
        ""
        if not record.cases
        else tr("往次：{cases} 次中 {hits} 次落在区间内", cases=f"{record.cases:.0f}", hits=hits(record))
    )


def own_words(view: View, ids: Sequence[str]) -> str:
    """Return what the page's own rows show of the method, and that it is little."""
    records = [view.record.loc[id] for id in ids]
    cases = round(sum(r.cases for r in records))
    if not cases:
        return tr("这里各行自己还没有可对照的往次。")
    sample = tr("，又是演示数据") if any(id in view.sample_indicators for id in ids) else ""
    inside = tr("这里各行自己的往次 {cases} 次中 {n} 次落在区间内", cases=cases, n=sum(map(hits, records)))
    return tr(
        "{inside}，但只来自 {ends_over} 个年末{sample}，单凭它说明不了什么。",
        inside=inside,
        ends_over=ends_over(view),
        sample=sample,
    )


def definitions(view: View) -> list[str]:
    """Return what every number of an outlook means, a sentence each."""
    rules, name = view.rules.outlook, percent(view.rules.outlook.coverage, 0)
    return [
        tr(
            "“达到的可能”是照以往的走法推算的概率，写到整数百分点：不到 0.5% 写“<1%”，99.5% 起写“>99%”，已成定局的才写“已定”。它不知道将来的政策和变故，也不是承诺。"
        ),
        tr(
            "“{name} 区间”：照推算，五次里约有四次落在其中。所指的是全年判定用的那个数：调查率是全年平均，其余是年末的数。",
            name=name,
        ),
        tr(
            "存量和比例：从最近的数起步，步子大小照最近 {window} 次变化；满 {drift_from} 个点的，一半的可能还按平均变化走，不满的只看起伏；不满 {at_least} 个点的不作展望。按年核定的从年末走到年末。变化一向很稳的，两种走法离得远，区间的两头比中间更可能：中位只把可能分成两半，不是最可能的数。",
            window=rules.window,
            drift_from=rules.drift_from,
            at_least=rules.at_least,
        ),
        tr(
            "计数：余下的部分按应完成的份额推算（伽马—泊松），份额与进度判定用的同一套，是往年各季占比还是时间均分，写在各行里；往后的年份照各年总数的变化走。"
        ),
        tr(
            "个案率：年内照往年各季之间的走法，往后的年份照年末到年末的变化走；都在 logit 尺度上，不会越出 0—100%。分子是整数，区间的端点只落在几个值上，内外两层可能重合。它与率旁边的威尔逊区间问的不是一件事：这里问年末会数到多少，往年各季走得齐就窄；威尔逊区间问现在这个率里有多少是偶然，只看分子分母。"
        ),
        tr(
            "覆盖：结果落在区间里的份额，越接近名义值越好。Brier：概率与结果之差的平方的平均，0 最好，总说一半得 0.25。CRPS：整个预测分布离结果有多远，越小越好，在对数（率为 logit）尺度上。随机游走：只说“同上次一样”，起伏照以往的平均，是最简单的对手。"
        ),
        tr(
            "往次：规划期内每个过完的年份，在前三季各作一次展望（按年核定的在上年末作一次），用今天已知的数重作，与年末的数对照；同一年的三次互相牵连，不能当三次看。"
        ),
        tr("算式见 docs/method.md 第 5 节，实测的办法见 benchmarks/README.md。"),
    ]
