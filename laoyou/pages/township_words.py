"""What a page says of the townships: whether their rates differ by more than chance, and never who is first."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from laoyou.cases.funnel import funnel
from laoyou.formats import DASH, number, percent
from laoyou.language import Words, begun, clauses, listed, mark, sentence, tr, trn
from laoyou.markup import Html, element, escape, table
from laoyou.pages.case_view import Cases, explained, said, shown
from laoyou.pages.township_charts import township_funnel

CHANCE = Words(
    {
        "within": mark("偶然范围内"),
        "low": mark("偏低，越过内界"),
        "high": mark("偏高，越过内界"),
        "very_low": mark("偏低，越过外界"),
        "very_high": mark("偏高，越过外界"),
        "suppressed": mark("件数少，不公布"),
        "no_case": mark("没有应办的"),
    }
)
OUTSIDE = ("low", "high", "very_low", "very_high")
NO_PARTS = mark("台账里没有各街道（乡镇）这一季的数，均衡与否看不出。")


def centre(cases: Cases) -> float:
    """Return the whole region's rate [1]; NaN where it is not known."""
    row = cases.view.score(cases.id)
    if row.denominator > 0:
        return float(row.numerator / row.denominator)
    return float(row.value) / 100


def judged(cases: Cases) -> pd.DataFrame:
    """Return the townships held against the region, as ``laoyou.cases.funnel.funnel`` does; in the plan's own order."""
    return funnel(cases.townships, centre(cases), cases.view.rules.funnel.levels)


def township_point(cases: Cases) -> str:
    """Return which townships differ by more than chance, as a sentence."""
    if cases.townships.empty or math.isnan(centre(cases)):
        return tr(NO_PARTS)
    return sentence(_finding(cases, judged(cases)))


def _finding(cases: Cases, parts: pd.DataFrame) -> str:
    """Return which townships differ by more than chance, and how many cannot be compared, without a full stop."""
    name = cases.view.plan.indicators[cases.id].name.spoken
    hidden, none = (int((parts["within_chance"] == code).sum()) for code in ("suppressed", "no_case"))
    compared = len(parts) - hidden - none
    outside = parts[parts["within_chance"].isin(OUTSIDE)]
    if not compared:
        text = tr("各街道（乡镇）的{name}都没有可比的数", name=name)
    elif len(outside):
        text = _named(cases, name, outside, compared - len(outside))
    elif compared == len(parts):
        text = tr("各街道（乡镇）的{name}与全区的差别都在偶然范围内，看不出不均衡", name=name)
    else:
        text = trn(
            "能比的 {n} 个街道（乡镇）的{name}与全区的差别都在偶然范围内，看不出不均衡", compared, name=name
        )
    return clauses([text, _not_compared(hidden, none)])


def _named(cases: Cases, name: str, outside: pd.DataFrame, others: int) -> str:
    """Return which townships differ by more than chance, each with its side, and how many do not."""
    named = listed(
        tr(
            "{township}（{side}）",
            township=cases.view.regions[str(code)].spoken,
            side=CHANCE[row["within_chance"]],
        )
        for code, row in outside.iterrows()
    )
    if not others:
        return tr("{name}与全区的差别超出偶然范围的是{named}", name=name, named=named)
    return trn(
        "{name}与全区的差别超出偶然范围的是{named}，其余 {n} 个在偶然范围内", others, name=name, named=named
    )


def _not_compared(hidden: int, none: int) -> str:
    """Return how many townships are withheld or have nothing due; empty where all are compared."""
    if hidden and none:
        return tr("{hidden} 个件数少，不公布，{none} 个没有应办的", hidden=hidden, none=none)
    if hidden:
        return tr("{hidden} 个件数少，不公布", hidden=hidden)
    return tr("{none} 个没有应办的", none=none) if none else ""


def townships(cases: Cases) -> Html:
    """Draw the townships' rates in a funnel, and say of each whether it differs by more than chance."""
    view = cases.view
    if cases.townships.empty or math.isnan(centre(cases)):
        return shown(said(tr(NO_PARTS)))
    parts, levels = judged(cases), view.rules.funnel.levels
    indicator = view.plan.indicators[cases.id]
    names = {str(code): view.regions[str(code)].short for code in parts.index}
    heads = [begun(tr("街道（乡镇）")), tr("分子/分母"), tr("率"), tr("内界之内"), tr("外界之内"), tr("判断")]
    rows = [
        [
            names[str(code)],
            DASH
            if math.isnan(line["rate"])
            else f"{number(line['numerator'])}/{number(line['denominator'])}",
            percent(line["rate"]),
            _counts(line["denominator"], line["low"], line["high"]),
            _counts(line["denominator"], line["very_low"], line["very_high"]),
            begun(CHANCE[line["within_chance"]]),
        ]
        for code, line in parts.iterrows()
    ]
    sample = cases.id in view.sample_indicators or bool((cases.townships["status"] == "sample").any())
    told = {"name": indicator.name.spoken, "inner": _level(levels[0]), "outer": _level(levels[1])}
    measure = tr(
        "{quarter}各街道（乡镇）的{name}，单位：%。横线为全区 {centre}，虚线、点线为 {inner}、{outer} 的精确二项界限；"
        "界限之内的高低不排名次，挨在一起的不标名",
        quarter=view.label, centre=percent(centre(cases)), **told,
    )  # fmt: skip
    if indicator.denominator:
        measure = tr(
            "{measure}。横轴：{denominator}", measure=measure, denominator=indicator.denominator.spoken
        )
    chart = township_funnel(
        parts, names, centre(cases), (levels[0], levels[1]), title=begun(_finding(cases, parts)), measure=measure,
        source=listed(dict.fromkeys(cases.townships["source"])) or cases.source, sample=sample, columns=heads, rows=rows,
    )  # fmt: skip
    caption = tr("各街道（乡镇）的{name}与全区：内界、外界为分子的 {inner}、{outer} 偶然范围", **told)
    if sample:
        caption = tr("{caption}（演示数据）", caption=caption)
    cells = [[*map(escape, row[:-1]), element("span", escape(row[-1]), class_="keep")] for row in rows]
    below = table(caption, heads, cells, numeric=(1, 2, 3, 4))
    return shown(chart.html, below, _terms(cases, levels, int(parts["rate"].notna().sum())))


def _level(level: float) -> str:
    return f"{number(100 * level, 1 if round(1000 * level) % 10 else 0)}%"


def _counts(denominator: float, low: float, high: float) -> str:
    """Return which numerators lie between two limits of the rate, in words."""
    if math.isnan(low) or math.isnan(high):
        return DASH
    least, most = math.ceil(round(low * denominator, 9)), math.floor(round(high * denominator, 9))
    return tr("{low}—{high}", low=number(least), high=number(most))


def _terms(cases: Cases, levels: Sequence[float], told: int) -> str:
    """Return how the limits are found and what they can and cannot say, folded, as markup."""
    indicator, below = cases.view.plan.indicators[cases.id], cases.view.rules.suppression.below
    parts = (
        tr(
            "{name}的分子：{numerator}。分母：{denominator}。",
            name=indicator.name.spoken,
            numerator=indicator.numerator.spoken,
            denominator=indicator.denominator.spoken,
        )
        if indicator.numerator and indicator.denominator
        else ""
    )
    inner, outer = (number(100 * min(1.0, told * (1 - level)), 1) for level in levels)
    return explained(
        tr("偶然范围怎么算的"),
        parts,
        tr(
            "假设各街道（乡镇）分母里的每一个都以全区的率进入分子，彼此独立，分子就服从二项分布；"
            "界限由它的精确概率算出（Spiegelhalter 2005），分母越小，界限越宽，形如漏斗。恰在界限上的算在范围内。"
        ),
        trn(
            "一次看 {n} 个街道（乡镇）：即使其实毫无差别，至少有一个越过内界的可能至多 {inner}%、外界的可能至多 {outer}%。"
            "越过内界的值得再看一眼，越过外界的应找原因；越界不等于工作有问题，各地的难易构成也可能不同，没有越界也不证明没有差别。",
            told,
            inner=inner,
            outer=outer,
        ),
        tr("全区的率里包括各街道（乡镇）自己，大的街道（乡镇）因此稍难越界。没有为过度离散放宽界限。"),
        tr(
            "分子或分母不到 {below} 的不公布；只有一个不公布时，最小的另一个也不公布，使全区减不出来。",
            below=below,
        ),
    )
