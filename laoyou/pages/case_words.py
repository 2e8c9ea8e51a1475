"""What a page says of the cases behind a rate: how long they take, what is under way, where it differs, why it moved."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from laoyou.cases.backlog import ageing, flows, quarter_change, sums
from laoyou.cases.decomposition import merged_groups, shift_share
from laoyou.cases.funnel import funnel
from laoyou.cases.records import case_rate_by
from laoyou.cases.suppression import OTHER
from laoyou.cases.survival import Comparison, Curve, LogRank, compare, kaplan_meier, median, spells, summary
from laoyou.formats import number, percent, signed
from laoyou.intake.case_figures import givers_of
from laoyou.intake.mappings import load_mappings
from laoyou.markup import Html, element, escape, plain, table
from laoyou.pages.case_charts import resolved_by_group, resolved_over_time, township_funnel, under_way
from laoyou.pages.case_records import CaseRecords, case_records
from laoyou.pages.keypoints import opening_of
from laoyou.periods import period_label
from laoyou.rules import CaseRate
from laoyou.view import View

NO_CASES = {
    "not_counted": "没有平台按个案给出这项指标，这一页没有内容。",
    "other_region": "个案只按规划所在地区和它的街道（乡镇）统计。",
    "no_region": "有的平台没有写明个案属于哪个街道（乡镇）。",
    "quarter_not_over": "这一季到数据截止日还没有结束。",
    "no_records": "还没有录入个案明细：用 laoyou intake 录入平台导出。",
    "not_exported": "缺少季末以后导出的个案：",
}
CHANCE = {
    "within": "偶然范围内",
    "low": "偏低，超出偶然范围（内界）",
    "high": "偏高，超出偶然范围（内界）",
    "very_low": "明显偏低，超出外界",
    "very_high": "明显偏高，超出外界",
    "suppressed": "件数少，为保护隐私不公布",
    "no_case": "没有应办的件",
}
SIGNIFICANT = 0.05  # of a test: the usual level; p itself is always printed
SMALL_EXPECTED = 5  # below it the log-rank test's p is rough (its docstring)


@dataclass(frozen=True)
class Cases:
    """The cases of a page's indicator with the rules they are looked at by."""

    view: View
    id: str

    @cached_property
    def records(self) -> CaseRecords:
        """The records."""
        return case_records(self.view, self.id)

    @property
    def definition(self) -> CaseRate:
        """How the rate is counted."""
        return self.view.rules.cases[self.id]

    @cached_property
    def flows(self) -> pd.DataFrame:
        """What came in and went out in each quarter since the plan began."""
        first = pd.Period(year=self.view.plan.first_year, quarter=1, freq="Q-DEC")
        quarters = pd.period_range(first, self.view.quarter, freq="Q-DEC")
        return flows(self.records.table, self.definition, list(quarters))

    @property
    def source(self) -> str:
        """Where the cases come from."""
        return "、".join(self.records.platforms) + "的个案明细"

    def words(self, column: str) -> dict[str, str]:
        """Return what our words of a column are in the platforms' language."""
        mappings = load_mappings(self.view.workspace, self.view.plan, self.view.regions, self.view.rules)
        known = {OTHER: "其他"}
        for giver in givers_of(self.id, mappings):
            known |= {ours: theirs for theirs, ours in giver.named.mapping.words.get(column, {}).items()}
        known |= {code: region.zh for code, region in self.view.regions.items()} if column == "region" else {}
        return known


def open_cases(view: View, id: str) -> Cases:
    """Gather the cases behind an indicator.

    Parameters
    ----------
    view : the page
    id : a rate that platforms give by cases
    """
    return Cases(view, id)


def _none(cases: Cases) -> Html | None:
    """Return why there is nothing to show; None where there is."""
    reason = cases.records.reason
    if not reason:
        return None
    text = NO_CASES[reason] + "、".join(cases.records.absent)
    return Html(element("p", escape(text)), text)


def opening(cases: Cases) -> Html:
    """Return the head of the page with its key points."""
    nothing = _none(cases)
    if nothing is not None:
        return opening_of(cases.view, [nothing.text], "")
    warning = "本页的个案都是演示数据，由程序生成，不是真实记录，不得引用。" if cases.records.sample else ""
    return opening_of(cases.view, [_time_point(cases), _rate_point(cases), _township_point(cases)], warning)


def _time_point(cases: Cases) -> str:
    rules = cases.view.rules.arrears
    followed = spells(cases.records.table, cases.definition, cases.view.quarter, rules.cohort_years)
    half = median(kaplan_meier(followed["days"], followed["event"], rules.interval_level))
    if math.isnan(half.value):
        return f"近 {rules.cohort_years} 年受理的 {len(followed)} 件中，化解的还不到一半。"
    ends = "—".join("？" if math.isnan(end) else number(end) for end in (half.low, half.high))
    return (
        f"近 {rules.cohort_years} 年受理的 {len(followed)} 件，一半在 {number(half.value)} 天内化解"
        f"（{rules.interval_level:.0%} 区间 {ends} 天）。"
    )


def _rate_point(cases: Cases) -> str:
    """Return how the quarter moved the rate and the backlog, with its own figures."""
    now = cases.flows.iloc[-1]
    change = quarter_change(
        int(now["numerator_before"]),
        int(now["denominator_before"]),
        int(now["numerator"]),
        int(now["denominator"]),
    )
    moved = int(now["open"] - now["carried_over"])
    stock = (
        f"季末在办 {number(now['open'])} 件，{'增加' if moved > 0 else '减少'} {abs(moved)} 件"
        if moved
        else f"季末在办 {number(now['open'])} 件，与季初持平"
    )
    if math.isnan(change.rate_before) or math.isnan(change.rate):
        return f"{stock}。"
    rate = f"化解率由季初的 {percent(change.rate_before)} 到 {percent(change.rate)}"
    why = f"本季应办增加 {change.due} 件、化解 {change.resolved} 件；化解 {number(change.keeps_rate, 1)} 件化解率才不降，{change.keeps_backlog} 件积压才不增"
    both = "所以化解率上升的同时积压也在增加。" if change.rises_while_backlog_grows else ""
    return f"{stock}；{rate}：{why}。{both}"


def _townships(cases: Cases) -> pd.DataFrame:
    """Return the townships' figures of the quarter as the ledger has them, suppressed ones marked."""
    view = cases.view
    parts = [code for code, region in view.regions.items() if region.parent == view.region.code]
    rows = view.observations
    rows = rows[
        (rows["indicator"] == cases.id) & (rows["period"] == str(view.quarter)) & rows["region"].isin(parts)
    ]
    rows = rows.set_index("region")
    return pd.DataFrame(
        {
            "numerator": rows["numerator"],
            "denominator": rows["denominator"],
            "suppressed": rows["missing"] == "suppressed",
        }
    ).reindex([code for code in parts if code in rows.index])


def _centre(cases: Cases) -> float:
    row = cases.view.score(cases.id)
    return float(row.value) / 100


def _judged(cases: Cases) -> pd.DataFrame:
    return funnel(_townships(cases), _centre(cases), cases.view.rules.funnel.levels)


def _township_point(cases: Cases) -> str:
    townships = _townships(cases)
    if townships.empty or math.isnan(_centre(cases)):
        return "没有各街道（乡镇）的数，均衡与否看不出。"
    judged = _judged(cases)
    names = cases.view.regions
    outside = judged[judged["within_chance"].isin(["low", "high", "very_low", "very_high"])]
    hidden = int((judged["within_chance"] == "suppressed").sum())
    rest = f"；{hidden} 个件数少，不公布" if hidden else ""
    if outside.empty:
        return f"各街道（乡镇）的化解率都在偶然范围内，看不出不均衡{rest}。"
    told = "、".join(
        f"{names[str(code)].zh}（{CHANCE[row['within_chance']]}）" for code, row in outside.iterrows()
    )
    return f"与全区相差超出偶然范围的有 {told}；其余都在偶然范围内{rest}。"


def time_to_resolution(cases: Cases) -> Html:
    """Draw how long cases take, and tell it by industry and township with intervals and the log-rank test."""
    nothing = _none(cases)
    if nothing is not None:
        return nothing
    rules, below = cases.view.rules.arrears, cases.view.rules.suppression.below
    followed = spells(cases.records.table, cases.definition, cases.view.quarter, rules.cohort_years)
    whole = kaplan_meier(followed["days"], followed["event"], rules.interval_level)
    columns = [c for c in ("industry", "region") if c in cases.records.told]
    compared = {c: compare(followed, c, below, rules.interval_level) for c in columns}
    chart = resolved_over_time(
        whole,
        horizon=rules.horizon_days,
        level=rules.interval_level,
        source=cases.source,
        sample=cases.records.sample,
    )
    titles = {"industry": "分行业", "region": "分街道（乡镇）"}
    told = []
    for column, comparison in compared.items():
        words = cases.words(column)
        rows = []
        for group, line in summary({"": whole, **comparison.curves}, rules.horizon_days).iterrows():
            ends = "—".join(
                "？" if math.isnan(e) else number(e) for e in (line["median_low"], line["median_high"])
            )
            mean = "—" if math.isnan(line["mean"]) else f"{number(line['mean'], 1)}"
            error = "" if math.isnan(line["mean_error"]) else f" ± {number(1.96 * line['mean_error'], 1)}"
            half = "—" if math.isnan(line["median"]) else f"{number(line['median'])}（{ends}）"
            name = words.get(str(group), str(group)) if group else "全部"
            rows.append(
                [
                    escape(t)
                    for t in (name, number(line["cases"]), number(line["resolved"]), half, mean + error)
                ]
            )
        heads = [
            titles[column],
            "受理（件）",
            "已化解（件）",
            f"化解时间中位数（天，{rules.interval_level:.0%} 区间）",
            f"{rules.horizon_days} 天内平均在办天数",
        ]
        told.append(_group_chart(cases, whole, comparison, titles[column], words))
        told.append(
            table(f"{titles[column]}的化解时间", heads, rows, class_="data cards", numeric=(1, 2, 3, 4))
        )
        told.append(
            element(
                "p",
                escape(_test_words(comparison.test, titles[column], comparison.merged, words, below)),
                class_="note",
            )
        )
    markup = chart.html + "".join(told)
    return Html(markup, plain(markup))


def _group_chart(
    cases: Cases, whole: Curve, comparison: Comparison, what: str, words: Mapping[str, str]
) -> str:
    rules = cases.view.rules.arrears
    if len(comparison.curves) < 2:
        return ""
    differs = not math.isnan(comparison.test.p) and comparison.test.p < SIGNIFICANT
    chart = resolved_by_group(
        whole,
        {words.get(group, group): curve for group, curve in comparison.curves.items()},
        title=f"{what}化解快慢的差别{'超出' if differs else '在'}偶然范围{'' if differs else '内'}",
        horizon=rules.horizon_days,
        level=rules.interval_level,
        source=cases.source,
        sample=cases.records.sample,
    )
    return chart.html


def _test_words(test: LogRank, what: str, merged: Sequence[str], words: Mapping[str, str], below: int) -> str:
    if math.isnan(test.p):
        said = f"{what}没有可比的组。"
    else:
        p = "小于 0.001" if test.p < 0.001 else f"等于 {test.p:.3f}"
        verdict = "超出偶然范围" if test.p < SIGNIFICANT else "在偶然范围内"
        said = (
            f"{what}之间化解快慢的差别{verdict}（对数秩检验 χ² = {test.chi2:.2f}，自由度 {test.df}，p {p}）。"
        )
        if (test.groups["expected"] < SMALL_EXPECTED).any():
            said += f"有的组期望化解数不到 {SMALL_EXPECTED} 件，p 值只是粗略的。"
    if merged:
        said += f"件数不到 {below} 的{'、'.join(words.get(w, w) for w in merged)}并入“其他”。"
    return said + "中位数是一半线索已化解的天数；未办结的按在办到季末计（Kaplan–Meier）。"


def backlog(cases: Cases) -> Html:
    """Draw what is under way, and tell its age, the persons and amounts concerned, and why the rate moved."""
    nothing = _none(cases)
    if nothing is not None:
        return nothing
    rules, view = cases.view.rules, cases.view
    chart = under_way(cases.flows, source=cases.source, sample=cases.records.sample)
    aged = ageing(cases.records.table, view.quarter, rules.arrears.age_bands, rules.suppression.below)
    rows = []
    for line in aged.to_dict("records"):
        span = (
            f"{number(0 if math.isnan(line['over']) else line['over'] + 1)}—{number(line['upto'])} 天"
            if not math.isnan(line["upto"])
            else f"超过 {number(line['over'])} 天"
        )
        withheld = "不公布" if line["withheld"] else "—"
        rows.append(
            [
                escape(t)
                for t in (
                    span,
                    number(line["cases"]),
                    *(
                        withheld if math.isnan(line[n]) else number(line[n] / scale, places)
                        for n, scale, places in (("workers", 1, 0), ("amount", 10_000, 1))
                    ),
                )
            ]
        )
    ages = table(
        "季末在办线索的账龄", ["已受理", "件数", "涉及人数", "涉及金额（万元）"], rows, numeric=(1, 2, 3)
    )
    concerned = sums(cases.records.table, view.quarter, rules.suppression.below)
    names = {"open": "季末在办", "resolved": "本季化解"}
    rows = [
        [
            escape(t)
            for t in (
                names[str(kind)],
                number(line["cases"]),
                number(line["workers"]),
                number(line["amount"] / 10_000, 1),
            )
        ]
        for kind, line in concerned.iterrows()
    ]
    totals = table("涉及的人和钱", ["线索", "件数", "涉及人数", "涉及金额（万元）"], rows, numeric=(1, 2, 3))
    markup = chart.html + element("p", escape(_rate_point(cases))) + ages + totals
    return Html(markup, plain(markup))


def townships(cases: Cases) -> Html:
    """Draw the townships' rates in a funnel, and say of each whether it differs by more than chance."""
    view = cases.view
    parts = _townships(cases)
    if parts.empty or math.isnan(_centre(cases)):
        text = "台账里没有各街道（乡镇）这一季的数。"
        return Html(element("p", escape(text)), text)
    judged, levels = _judged(cases), view.rules.funnel.levels
    names = {str(code): view.regions[str(code)].zh for code in judged.index}
    limits = "、".join(f"{level:.1%}".replace(".0%", "%") for level in levels)
    rows = [
        [
            names[str(code)],
            "—" if math.isnan(line["rate"]) else f"{number(line['numerator'])}/{number(line['denominator'])}",
            percent(line["rate"]),
            "—" if math.isnan(line["low"]) else f"{percent(line['low'], 0)}—{percent(line['high'], 0)}",
            CHANCE[line["within_chance"]],
        ]
        for code, line in judged.iterrows()
    ]
    heads = ["街道（乡镇）", "化解/应办", "化解率", f"{levels[0]:.0%} 偶然范围", "判断"]
    sample = cases.id in view.sample_indicators
    chart = township_funnel(
        judged, names, _centre(cases), (levels[0], levels[1]),
        title=_township_point(cases).rstrip("。"),
        measure=f"各街道（乡镇）{period_label(view.quarter)}的化解率，单位：%。横线为全区 {percent(_centre(cases))}，虚线、点线为 {limits} 的精确二项界限；"
        "界限内的高低不作排名",
        source=cases.source, sample=sample, columns=heads, rows=rows,
    )  # fmt: skip
    shown = table(
        "各街道（乡镇）与全区",
        heads,
        [[escape(c) for c in row] for row in rows],
        class_="data cards",
        numeric=(1, 2, 3),
    )
    return Html(chart.html + shown, chart.text)


def why_it_moved(cases: Cases) -> Html:
    """Split the change of the rate since the same quarter last year into mix and change within industries."""
    nothing = _none(cases)
    if nothing is not None:
        return nothing
    view, below = cases.view, cases.view.rules.suppression.below
    if "industry" not in cases.records.told:
        text = "个案没有写明行业，变化不能分解。"
        return Html(element("p", escape(text)), text)
    before, now = (
        case_rate_by(cases.records.table, cases.definition, quarter, "industry")
        for quarter in (view.quarter - 4, view.quarter)
    )
    before, now, small = merged_groups(before, now, below)
    share = shift_share(before, now)
    words = cases.words("industry")
    rows = []
    for group, line in share.groups.iterrows():
        cells = (
            words.get(str(group), str(group)), percent(line["share_before"]), percent(line["share"]), percent(line["rate_before"]),
            percent(line["rate"]), signed(100 * line["mix"], "", 2), signed(100 * line["within"], "", 2),
        )  # fmt: skip
        rows.append([escape(cell) for cell in cells])
    change = share.rate - share.rate_before
    total = (
        "合计",
        "",
        "",
        percent(share.rate_before),
        percent(share.rate),
        signed(100 * share.mix, "", 2),
        signed(100 * share.within, "", 2),
    )
    rows.append([escape(cell) for cell in total])
    heads = [
        "行业",
        f"{view.year - 1} 年占比",
        f"{view.year} 年占比",
        f"{view.year - 1} 年化解率",
        f"{view.year} 年化解率",
        "结构变化（个百分点）",
        "行业内变化（个百分点）",
    ]
    told = (
        f"与上年同期相比，化解率{'升' if change > 0 else '降'} {number(abs(100 * change), 2)} 个百分点："
        f"线索在行业间的分布变化贡献 {signed(100 * share.mix, '', 2)}，各行业自身化解率的变化贡献 {signed(100 * share.within, '', 2)}，两项之和等于总变化。"
    )
    told += f"件数不到 {below} 的{'、'.join(words.get(w, w) for w in small)}并入“其他”。" if small else ""
    told += "件数在十来件的行业，各自的贡献起伏大，只宜看合计。"
    markup = element("p", escape(told)) + table(
        "化解率变化的构成", heads, rows, class_="data cards", numeric=range(1, 7)
    )
    return Html(markup, plain(markup))
