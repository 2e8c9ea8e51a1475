"""What a page says of how long cases take: the curve, the groups held against each other, and the test."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from laoyou.cases.durations import summary
from laoyou.cases.survival import Estimate, LogRank, median
from laoyou.formats import apart_at, number
from laoyou.language import Words, begun, clauses, listed, mark, sentence, tr, trn
from laoyou.markup import Html
from laoyou.pages.case_view import GROUPS, Cases, explained, said, sentences, shown
from laoyou.pages.duration_charts import resolved_by_group, resolved_over_time
from laoyou.periods import period_label
from laoyou.words import OUTCOMES_LEFT_OUT

BETWEEN = Words({"industry": mark("行业之间"), "region": mark("街道（乡镇）之间")})


def duration_point(cases: Cases) -> str:
    """Return how long half of the cases take, as a sentence."""
    count, done = len(cases.followed), int(cases.followed["event"].sum())
    if not count:
        return tr("{since} 以来没有受理的线索，化解要多久看不出。", since=cases.since)
    told = {"since": cases.since, "received": number(count), "resolved": number(done)}
    text = trn("{since} 以来受理的 {received} 件，到季末化解了 {resolved} 件", count, **told)
    half = median(cases.whole)
    if math.isnan(half.value):
        return tr("{text}，估计的化解比重还没有到一半，中位数给不出。", text=text)
    text = trn(
        "{text}，估计一半在 {days} 天内化解（{interval}）", int(half.value),
        text=text, days=number(half.value), interval=interval_words(half, _level(cases)),
    )  # fmt: skip
    return sentence(clauses([text, *_apart(cases)]))


def _apart(cases: Cases) -> Iterator[str]:
    """Yield between which groups cases take differently long by more than chance, with p."""
    for column in GROUPS:
        if column in cases.records.told and beyond_chance(test := cases.compared(column).test, _level(cases)):
            yield tr(
                "{between}快慢的差别超出偶然范围（{p}）",
                between=BETWEEN[column],
                p=p_words(test.p, _level(cases)),
            )


def beyond_chance(test: LogRank, level: float) -> bool:
    """Return whether groups differ by more than chance at a confidence level [1]; not where nothing can be compared."""
    return test.p < round(1 - level, 9)


def _level(cases: Cases) -> float:
    return cases.view.rules.arrears.interval_level


def interval_words(half: Estimate, level: float) -> str:
    """Return the interval of a number of days in words: 95% 区间 19—28 天."""
    told = {"level": f"{level:.0%}", "low": number(half.low), "high": number(half.high)}
    if math.isnan(half.low):
        return tr("{level} 区间给不出", **told)
    if math.isnan(half.high):
        return tr("{level} 区间从 {low} 天起，上端给不出", **told)
    return tr("{level} 区间 {low}—{high} 天", **told)


def time_to_resolution(cases: Cases) -> Html:
    """Draw how long cases take, and tell it by industry and township with intervals and the log-rank test."""
    rules = cases.view.rules.arrears
    if cases.missing or cases.followed.empty:
        return shown(said(cases.missing or duration_point(cases)))
    half = median(cases.whole)
    if math.isnan(half.value):
        title = tr("到季末，估计的化解比重还没有到一半")
    else:
        title = trn(
            "一半线索在 {days} 天内化解（{interval}）", int(half.value),
            days=number(half.value), interval=interval_words(half, rules.interval_level),
        )  # fmt: skip
    chart = resolved_over_time(
        cases.whole, half.value, title=title, horizon=rules.horizon_days, level=rules.interval_level,
        source=cases.source, sample=cases.records.sample,
    )  # fmt: skip
    columns = [c for c in GROUPS if c in cases.records.told]
    groups = [part for column in columns for part in _group(cases, column)]
    if not columns:
        groups = [_table(cases, "", summary({"": cases.whole}, rules.horizon_days, rules.interval_level))]
    together = _tests_together(cases, len(columns))
    notes = [said(note, "note") for note in (together, _incomplete(cases)) if note]
    return shown(chart.html, *groups, *notes, _terms(cases))


def _incomplete(cases: Cases) -> str:
    """Return a warning where the list may lack cases of the cohort that were closed early; else nothing."""
    if cases.tells_last_year:
        return ""
    return tr(
        "明细里最早办结的线索在{first}：此前受理而已办结的若不在明细里，以上天数会偏长。",
        first=period_label(cases.told_from),
    )


def _group(cases: Cases, column: str) -> list[str]:
    """Return the chart, the table and the test of one way to group the cases, as markup."""
    rules, words = cases.view.rules.arrears, cases.words(column)
    shown_as = cases.shown_as(column)
    comparison = cases.compared(column)
    parts = []
    if comparison.test.df:
        title = (
            tr("{between}化解快慢的差别超出偶然范围", between=BETWEEN[column])
            if beyond_chance(comparison.test, rules.interval_level)
            else tr("{between}化解快慢的差别没有超出偶然范围", between=BETWEEN[column])
        )
        chart = resolved_by_group(
            cases.whole,
            {words.get(group, group): curve for group, curve in comparison.curves.items()},
            title=begun(title),
            horizon=rules.horizon_days, level=rules.interval_level, below=cases.view.rules.suppression.below,
            source=cases.source, sample=cases.records.sample,
        )  # fmt: skip
        parts.append(chart.html)
    lines = summary({"": cases.whole, **comparison.curves}, rules.horizon_days, rules.interval_level)
    what, unknown = GROUPS[column], ""
    if comparison.unknown:
        unknown = trn("{n} 件没有写明{what}，不在各组之内。", comparison.unknown, what=what)
    told = sentences(
        log_rank_words(comparison.test, what, rules.interval_level, rules.rough_below),
        cases.merged_words(column, shown_as),
        unknown,
    )
    return [*parts, _table(cases, column, lines), said(told, "note")]


def _table(cases: Cases, column: str, lines: pd.DataFrame) -> str:
    """Return how long cases take as markup, in groups by the words of a column unless that is empty."""
    rules, words = cases.view.rules.arrears, cases.words(column) if column else {}
    told = {"days": number(rules.horizon_days), "level": f"{rules.interval_level:.0%}"}
    if column:
        what = GROUPS[column]
        caption = tr(
            "分{what}的化解时间：一半化解的天数，和 {days} 天内平均在办的天数，括号内和 ± 为 {level} 区间",
            what=what,
            **told,
        )
    else:
        what = tr("线索")
        caption = tr(
            "线索的化解时间：一半化解的天数，和 {days} 天内平均在办的天数，括号内和 ± 为 {level} 区间", **told
        )
    heads = [begun(what), tr("一半化解（天）"), tr("平均在办（天）"), tr("受理（件）"), tr("已化解（件）")]
    rows = [
        [
            begun(words.get(str(group), str(group))) if group else tr("全部"),
            _half(Estimate(line["median"], line["median_low"], line["median_high"])),
            _mean(line["mean"], line["mean_margin"]),
            number(line["cases"]),
            number(line["resolved"]),
        ]
        for group, line in lines.iterrows()
    ]
    return cases.table(caption, heads, rows, (1, 2, 3, 4))


def _half(half: Estimate) -> str:
    if math.isnan(half.value):
        return tr("没有到一半")
    if math.isnan(half.low):
        return number(half.value)
    told = {"days": number(half.value), "low": number(half.low), "high": number(half.high)}
    if math.isnan(half.high):
        return tr("{days}（{low}—给不出）", **told)
    return tr("{days}（{low}—{high}）", **told)


def _mean(mean: float, margin: float) -> str:
    if math.isnan(mean) or math.isnan(margin):
        return number(mean, 1)
    return f"{number(mean, 1)} ± {number(margin, 1)}"


def log_rank_words(test: LogRank, what: str, level: float, rough_below: float) -> str:
    """Return what the log-rank test says, as sentences.

    Parameters
    ----------
    test : the test
    what : the groups
    level : 1 less the significance level [1]
    rough_below : an expected count below it makes p rough [count]
    """
    if math.isnan(test.p):
        return tr("分{what}没有可比的组，不作检验。", what=what)
    told = {
        "what": what,
        "chi2": number(test.chi2, 2),
        "df": test.df,
        "p": p_words(test.p, level),
        "against": f"{1 - level:.0%}",
    }
    found = (
        tr(
            "对数秩检验，假设各{what}化解一样快：χ² = {chi2}，自由度 {df}，{p}，按 {against} 判断，"
            "超出偶然范围，哪些组不同、为什么，检验不回答。", **told,
        )
        if beyond_chance(test, level)
        else tr(
            "对数秩检验，假设各{what}化解一样快：χ² = {chi2}，自由度 {df}，{p}，按 {against} 判断，"
            "没有超出偶然范围；这不等于证明各组一样快。", **told,
        )
    )  # fmt: skip
    if not (test.groups["expected"] < rough_below).any():
        return found
    rough = tr("有的组期望化解数不到 {rough_below} 件，p 值是粗略的。", rough_below=number(rough_below))
    return sentences(found, rough)


def p_words(p: float, level: float) -> str:
    """Return a p value that never looks equal to 1 less a confidence level [1]: p = 0.025, p 小于 0.001."""
    least = 0.001
    return (
        tr("p 小于 {least}", least=least)
        if p < least
        else f"p = {number(p, apart_at(p, round(1 - level, 9), 3))}"
    )


def _tests_together(cases: Cases, tests: int) -> str:
    """Return how often several tests find something where there is nothing; empty for one."""
    if tests < 2:
        return ""
    at_most = number(100 * tests * (1 - _level(cases)), 0)
    return tr(
        "这里做了 {tests} 次检验：即使哪里都没有差别，也可能碰巧有一次“超出偶然范围”，这种可能合起来不超过 {at_most}%。",
        tests=tests,
        at_most=at_most,
    )


def _terms(cases: Cases) -> str:
    rules, below = cases.view.rules.arrears, cases.view.rules.suppression.below
    level, days = f"{rules.interval_level:.0%}", number(rules.horizon_days)
    outcomes = listed(OUTCOMES_LEFT_OUT[code] for code in cases.definition.leave_out)
    but = tr("，季末前结果已是{outcomes}的不算", outcomes=outcomes) if outcomes else ""
    return explained(
        tr("这些天数和检验怎么来的"),
        tr(
            "看哪些线索：{since} 以来受理的{but}。更早受理的不看：平台若只留着其中未结的，会把长案多算（左截断）。"
            "要求明细包括这一天以来受理的全部线索。",
            since=cases.since,
            but=but,
        ),
        tr(
            "天数从受理日到化解日。到季末还没有化解的，只知道“至少这么久”，按季末截尾：既不当作已化解，也不丢掉；"
            "截尾只由季末这一天造成，与案件难易无关。未结的里面将来也会有认定为不属实的，现在仍按在办计，会使估计略偏长。"
        ),
        tr(
            "曲线是 Kaplan–Meier 估计。浅色带是逐点的 {level} 区间（Greenwood 方差，log(−log) 变换）：对每一个天数各有 {level} 的把握，不是对整条曲线。",
            level=level,
        ),
        tr(
            "一半化解的天数：估计的化解比重第一次达到 50% 的那一天（Kaplan–Meier 中位数），区间按 Brookmeyer–Crowley 法。{days} 天内平均在办天数："
            "曲线下的面积，超过 {days} 天的按 {days} 天计，± 是 {level} 正态区间；跟踪不到 {days} 天的组给不出。"
            "全部化解之后方差算不出，带和区间就到那里为止。",
            days=days,
            level=level,
        ),
        tr(
            "对数秩检验（Mantel–Haenszel 型）的 p 是各组其实一样快时，差别这么大或更大的可能；曲线相交时它不灵敏。分组只作描述，不作为快慢的原因。"
        ),
        tr(
            "受理数或化解数不到 {below} 件的组合并。"
            "分组曲线每两个折点之间、最后一个折点之后，化解的或者没有，或者不少于 {below} 件，免得从图上读出个别案件。",
            below=below,
        ),
    )
