"""The notes at the foot of a page: what each indicator is, and the rules that verdicts follow."""

from __future__ import annotations

from collections.abc import Sequence

from laoyou.formats import difference, number, percent
from laoyou.language import clauses, listed, mark, sentence, sentences, tr, trn
from laoyou.markup import details, element, escape, listing
from laoyou.pages.target_words import cell_shown
from laoyou.plan import Indicator
from laoyou.view import View
from laoyou.words import CASE_BASES, KINDS, LIGHTS, OUTCOMES_LEFT_OUT

_OPENED = {  # which commitments are put on the problem list, by the states that the rules name
    ("missed",): mark("{lights}的指标和到期没有做到的正文承诺列入清单"),
    ("unknown",): mark("{lights}的指标和到期没有数的正文承诺列入清单"),
    ("missed", "unknown"): mark("{lights}的指标和到期没有做到或到期没有数的正文承诺列入清单"),
    ("unknown", "missed"): mark("{lights}的指标和到期没有数或到期没有做到的正文承诺列入清单"),
}


def definitions(view: View, ids: Sequence[str]) -> str:
    """Return the definition of each indicator, folded, as markup."""
    parts = []
    for id in ids:
        indicator = view.plan.indicators[id]
        facts = "".join(element("p", escape(fact)) for fact in _facts(view, indicator))
        parts.append(details(tr("{name}是什么", name=indicator.name.spoken), facts))
    return "".join(parts)


def _facts(view: View, indicator: Indicator) -> list[str]:
    """Return what an indicator is, a sentence each."""
    facts = [indicator.definition.spoken, tr("性质：{kind}。", kind=KINDS[indicator.kind])]
    if indicator.numerator and indicator.denominator:
        facts.append(
            tr(
                "分子：{numerator}。分母：{denominator}。",
                numerator=indicator.numerator.spoken,
                denominator=indicator.denominator.spoken,
            )
        )
    facts.append(
        tr(
            "各年目标：{year} 年基期 {baseline}；{cells}。",
            year=view.plan.baseline_year,
            baseline=cell_shown(indicator.baseline.text),
            cells=listed(
                tr("{year} 年 {cell}", year=year, cell=cell_shown(cell.text))
                for year, cell in indicator.targets.items()
            ),
        )
    )
    facts.append(
        tr(
            "出处：{reference}。数据来自：{sources}。",
            reference=indicator.reference,
            sources=listed(indicator.sources),
        )
    )
    return [*facts, indicator.baseline.note] if indicator.baseline.note else facts


def rules_in_force(view: View) -> str:
    """Return the rules that the page's verdicts follow, as markup."""
    cases = [_case_rule(view, id) for id in view.rules.cases if id in view.plan.indicators]
    return listing([*_of_pace(view), *cases, *_of_privacy_and_supervision(view), *_of_words(view)])


def _of_pace(view: View) -> list[str]:
    """Return how lights and momentum come about."""
    r = view.rules
    return [
        tr(
            "进度（计数、有年度台阶的存量）：不落后为“达进度”；落后不到 {yellow_from} 个百分点为“关注”；"
            "{yellow_from}—{red_below} 个百分点为“欠进度”；超过 {red_below} 个百分点为“严重滞后”。",
            yellow_from=number(-r.pace.yellow_from),
            red_below=number(-r.pace.red_below),
        ),
        tr(
            "目标持平或写“左右”的存量：达到为“达进度”，差 {level_yellow} 以内为“欠进度”，更多为“严重滞后”。",
            level_yellow=percent(r.pace.level_yellow, 0),
        ),
        tr(
            "率：达到目标且 {interval_level} 区间也达到为“达进度”；达到而区间够不到为“关注”；"
            "未达到但区间够得着、或只差 {yellow_within}以内为“欠进度”；否则“严重滞后”。",
            interval_level=percent(r.rate.interval_level, 0),
            yellow_within=difference(r.rate.yellow_within, "%"),
        ),
        tr(
            "“左右”没有官方容差，这里按 ±{tolerance}。各季末应完成全年的 {shares}。",
            tolerance=percent(r.attainment.about_tolerance, 0),
            shares=listed(percent(share, 0) for share in r.expected_shares),
        ),
        trn(
            "计数有 {n} 个完整年份起，按本指标往年各季占比，并向上述份额收缩：各年占比越一致，越按自己的；"
            "规划另给进度的按规划。",
            r.outlook.seasonal_years,
        ),
        tr(
            "全年目标低于 {small_below} 的计数，另给恰按进度推进时泊松分布的 {band_level} 范围，看一季的起伏是不是偶然；"
            "年内落在这个范围里的，再落后也只到“关注”，全年的数照进度判。",
            small_below=number(r.counts.small_below),
            band_level=percent(r.counts.band_level, 0),
        ),
        tr(
            "势头：最近 {window} 个可比时点的平均变化，至少 {at_least} 个；个案率和计数与往年同季比，存量和调查率逐季比。",
            window=r.momentum.window,
            at_least=r.momentum.at_least,
        ),
    ]


def _case_rule(view: View, id: str) -> str:
    """Return how the cases of a rate are counted, as a sentence."""
    rule = view.rules.cases[id]
    told = {"name": view.plan.indicators[id].name.spoken, "base": CASE_BASES[rule.base]}
    out = listed(OUTCOMES_LEFT_OUT[word] for word in rule.leave_out)
    if out:
        return tr("{name}由个案算出时，分母是{base}，剔除{out}的。", out=out, **told)
    return tr("{name}由个案算出时，分母是{base}。", **told)


def _of_privacy_and_supervision(view: View) -> list[str]:
    """Return what is withheld of townships, and what is put on the problem list."""
    r = view.rules.supervision
    lights = listed(LIGHTS[code].lower() for code in r.opens)
    states = tuple(dict.fromkeys(r.opens_commitments))
    opened = tr(_OPENED[states], lights=lights) if states else tr("{lights}的指标列入清单", lights=lights)
    loop = clauses(
        (
            tr("督查：{opened}", opened=opened),
            trn("交办后 {n} 天内整改", r.days_to_mend),
            trn("上过 {n} 张季度清单、到下一张仍未销号的建议报专班", r.escalate_after),
            tr("指标回升的建议销号，由人验收"),
        )
    )
    above = "" if r.set_above else tr("由上级制定的指标不交办。")
    return [
        tr(
            "街道（乡镇）的分子或分母小于 {below} 不记数；只剩一个不记时再略去最小的一个，使总数减不出来；"
            "不记过的以后各版也不记。",
            below=number(view.rules.suppression.below),
        ),
        sentences((sentence(loop), above)),
    ]


def _of_words(view: View) -> list[str]:
    """Return what the signs and words of the page do and do not mean."""
    return [
        tr(
            "天气是德国可持续发展战略的符号，只供对照：晴、多云、阴、雷雨依次表示照近年趋势能到目标、略差、差得多、"
            "方向不对或持平不前。"
        ),
        tr(
            "“达标”只说与目标相比，不等于比过去改善；{year} 年的数列在实际值下面。",
            year=view.plan.baseline_year,
        ),
    ]
