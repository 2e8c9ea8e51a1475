"""What a page says of the townships: whether their rates differ by more than chance, and never who is first."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from laoyou.cases.funnel import funnel
from laoyou.formats import DASH, number, percent
from laoyou.language import listed, mark, tr
from laoyou.markup import Html, element, escape, table
from laoyou.pages.case_view import Cases, explained, said, shown
from laoyou.pages.township_charts import township_funnel
from laoyou.periods import period_label

CHANCE = {
    "within": mark("偶然范围内"),
    "low": mark("偏低，越过内界"),
    "high": mark("偏高，越过内界"),
    "very_low": mark("偏低，越过外界"),
    "very_high": mark("偏高，越过外界"),
    "suppressed": mark("件数少，不公布"),
    "no_case": mark("没有应办的"),
}
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
        return NO_PARTS
    parts = judged(cases)
    name = cases.view.plan.indicators[cases.id].name.spoken
    hidden, none = (int((parts["within_chance"] == code).sum()) for code in ("suppressed", "no_case"))
    left = [
        text
        for count, text in (
            (hidden, tr("{hidden} 个件数少，不公布", hidden=hidden)),
            (none, tr("{none} 个没有应办的", none=none)),
        )
        if count
    ]
    rest = tr("；") + tr("，").join(left) if left else ""
    told = len(parts) - hidden - none
    if not told:
        return tr("各街道（乡镇）的{name}都没有可比的数{rest}。", name=name, rest=rest)
    outside = parts[parts["within_chance"].isin(OUTSIDE)]
    if outside.empty:
        whose = tr("各街道（乡镇）") if told == len(parts) else tr("能比的 {told} 个街道（乡镇）", told=told)
        return tr(
            "{whose}的{name}与全区的差别都在偶然范围内，看不出不均衡{rest}。",
            whose=whose,
            name=name,
            rest=rest,
        )
    names = listed(
        tr(
            "{regions}（{CHANCE}）",
            regions=cases.view.regions[str(code)].spoken,
            CHANCE=CHANCE[row["within_chance"]],
        )
        for code, row in outside.iterrows()
    )
    others = "" if told == len(outside) else tr("，其余 {told} 个在偶然范围内", told=told - len(outside))
    return tr(
        "{name}与全区的差别超出偶然范围的是{names}{others}{rest}。",
        name=name,
        names=names,
        others=others,
        rest=rest,
    )


def townships(cases: Cases) -> Html:
    """Draw the townships' rates in a funnel, and say of each whether it differs by more than chance."""
    view = cases.view
    if cases.townships.empty or math.isnan(centre(cases)):
        return shown(said(NO_PARTS))
    parts, levels = judged(cases), view.rules.funnel.levels
    indicator = view.plan.indicators[cases.id]
    names = {str(code): view.regions[str(code)].spoken for code in parts.index}
    heads = [tr("街道（乡镇）"), tr("分子/分母"), tr("率"), tr("内界之内"), tr("外界之内"), tr("判断")]
    rows = [
        [
            names[str(code)],
            DASH
            if math.isnan(line["rate"])
            else f"{number(line['numerator'])}/{number(line['denominator'])}",
            percent(line["rate"]),
            _counts(line["denominator"], line["low"], line["high"]),
            _counts(line["denominator"], line["very_low"], line["very_high"]),
            CHANCE[line["within_chance"]],
        ]
        for code, line in parts.iterrows()
    ]
    sample = cases.id in view.sample_indicators or bool((cases.townships["status"] == "sample").any())
    chart = township_funnel(
        parts, names, centre(cases), (levels[0], levels[1]),
        title=township_point(cases).rstrip(tr('。')),
        measure=tr('{period_label}各街道（乡镇）的{name}，单位：%。横线为全区 {centre}，虚线、点线为 {level}、{level2} 的精确二项界限；界限之内的高低不排名次，挨在一起的不标名', period_label=period_label(view.quarter), name=indicator.name.spoken, centre=percent(centre(cases)), level=_level(levels[0]), level2=_level(levels[1]))
        + (tr('。横轴：{denominator}', denominator=indicator.denominator.spoken) if indicator.denominator else ""),
        source=listed(dict.fromkeys(cases.townships["source"])) or cases.source, sample=sample, columns=heads, rows=rows,
    )  # fmt: skip
    caption = (
        tr(
            "各街道（乡镇）的{name}与全区：内界、外界为分子的 {level}、{level2} 偶然范围",
            name=indicator.name.spoken,
            level=_level(levels[0]),
            level2=_level(levels[1]),
        )
    ) + (tr("（演示数据）") if sample else "")
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
    return f"{number(least)}—{number(most)}"


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
    chance = listed(
        tr("{name}的可能至多 {x}%", name=name, x=number(100 * min(1.0, told * (1 - level)), 1))
        for name, level in zip((tr("内界"), tr("外界")), levels, strict=True)
    )
    return explained(
        tr("偶然范围怎么算的"),
        parts,
        tr(
            "假设各街道（乡镇）分母里的每一个都以全区的率进入分子，彼此独立，分子就服从二项分布；界限由它的精确概率算出（Spiegelhalter 2005），分母越小，界限越宽，形如漏斗。恰在界限上的算在范围内。"
        ),
        tr(
            "一次看 {told} 个街道（乡镇）：即使其实毫无差别，至少有一个越过{chance}。越过内界的值得再看一眼，越过外界的应找原因；越界不等于工作有问题，各地的难易构成也可能不同，没有越界也不证明没有差别。",
            told=told,
            chance=chance,
        ),
        tr("全区的率里包括各街道（乡镇）自己，大的街道（乡镇）因此稍难越界。没有为过度离散放宽界限。"),
        tr(
            "分子或分母不到 {below} 的不公布；只有一个不公布时，最小的另一个也不公布，使全区减不出来。",
            below=below,
        ),
    )
