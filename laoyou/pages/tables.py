"""The tables that readers see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from laoyou.commitments import Standing, standing
from laoyou.formats import DASH, grouped, measured, number, percent, signed
from laoyou.language import listed, tr
from laoyou.markup import Html, details, element, escape, listing, plain, table
from laoyou.pages import narrative, reason_words
from laoyou.pages.finding_words import finding_sentence, finding_verdict
from laoyou.pages.sparklines import sparkline
from laoyou.pages.state_words import state_words
from laoyou.periods import period_label
from laoyou.supervision.docket import open_docket
from laoyou.view import View
from laoyou.words import (
    CASE_BASES,
    COMMITMENT_STATES,
    COMPLIANCE,
    KINDS,
    LIGHTS,
    MOMENTUM,
    OUTCOMES_LEFT_OUT,
    WEATHER,
)

MARKS = {"red": "■", "yellow": "▲", "watch": "◆", "green": "●", "annual_only": "○", "no_data": "□"}


def light(code: str) -> str:
    """Return a light as markup: its mark, its colour and always its word."""
    mark = element("span", MARKS[code], aria_hidden="true")
    return element("span", mark + escape(LIGHTS[code]), class_=f"light {code}")


def small(text: str) -> str:
    """Return a text in small print, on a line of its own in a cell; nothing where it is empty."""
    return element("small", escape(text)) if text else ""


def _html(markup: str) -> Html:
    return Html(markup, plain(markup))


def scorecard(view: View, *ids: str) -> Html:
    """Return the scorecard: one row per indicator, worst lights first.

    Parameters
    ----------
    view : the page
    ids : the indicators; all of the plan's if not given
    """
    order = list(LIGHTS)
    docket = open_docket(view)
    matters = {
        m.subject: tr("督查 {number} {state_words}", number=m.number, state_words=state_words(m, docket.day))
        for m in docket.open
    }
    rows = [view.score(id) for id in view.planned(ids)]
    rows.sort(key=lambda row: order.index(row.light))
    columns = [
        tr("指标"),
        tr("本年目标"),
        tr("实际"),
        tr("完成率"),
        tr("差距"),
        tr("进度"),
        tr("全年判定"),
        tr("势头"),
        tr("{first_year}—{last_year} 年走势", first_year=view.plan.first_year, last_year=view.plan.last_year),
        tr("为什么"),
    ]
    return _html(
        table(
            tr("{region}{label}目标进展，按进度由差到好", region=view.region.spoken, label=view.label),
            columns,
            [_scorecard_row(view, row, matters.get(row.indicator, "")) for row in rows],
            class_="data cards scorecard",
            numeric=(1, 2, 3, 4),
        )
    )


def _scorecard_row(view: View, row: Any, matter: str) -> list[str]:
    indicator = view.plan.indicators[row.indicator]
    sample = element("span", tr("演示"), class_="sample") if row.indicator in view.sample_indicators else ""
    revised = element("span", tr("已修订"), class_="revised") if row.revision and row.revision > 0 else ""
    name = escape(indicator.name.spoken) + sample + revised
    weather = (
        tr("（德国天气法：{WEATHER}）", WEATHER=WEATHER[row.weather]) if isinstance(row.weather, str) else ""
    )
    margin = DASH if math.isnan(row.margin) else signed(row.margin, indicator.unit, indicator.decimals)
    unit = tr("个百分点") if indicator.unit == "%" else indicator.unit
    return [
        name
        + small(
            tr("第 {row} 行 · {lead_unit}牵头", row=row.row, lead_unit=view.plan.lead_unit(row.indicator))
        )
        + small(matter),
        escape(reason_words.target_shown(view, row)),
        _actual(view, row),
        escape(reason_words.attained(row)) if not math.isnan(row.attainment) else DASH,
        escape(margin) + (small(unit) if margin != DASH else ""),
        light(row.light),
        escape(COMPLIANCE[row.compliance]) + small(narrative.verdict_reason(row)),
        escape(MOMENTUM[row.momentum]) + small(narrative.momentum_reason(view, row) + weather),
        sparkline(view, row.indicator) or DASH,
        escape(reason_words.reason(view, row) + tr("。")),
    ]


def _actual(view: View, row: Any) -> str:
    """Return the figure judged, or the quarter's own where the year cannot be judged, and the baseline."""
    indicator = view.plan.indicators[row.indicator]
    base = tr(
        "{year} 年 {grouped}", year=indicator.baseline.year, grouped=grouped(indicator.baseline.text)
    ) + (tr("（存疑）") if indicator.baseline.suspect else "")
    if not math.isnan(row.judged):
        return escape(reason_words.shown(view, row)) + small(base)
    if math.isnan(row.value):
        return small(tr("没有数")) + small(base)
    return (
        escape(measured(row.value, indicator.unit, indicator.decimals))
        + small(tr("只是本季的数"))
        + small(base)
    )


def by_unit(view: View) -> Html:
    """Return the indicators of each lead unit by light."""
    groups: dict[str, dict[str, list[str]]] = {}
    for row in view.scores.itertuples():
        unit = groups.setdefault(view.plan.lead_unit(str(row.indicator)), {code: [] for code in LIGHTS})
        unit[str(row.light)].append(view.plan.indicators[str(row.indicator)].name.spoken)
    shown = [code for code in LIGHTS if any(lights[code] for lights in groups.values())]
    rows = [
        [
            escape(unit) + small(tr("共 {n} 项", n=sum(map(len, lights.values())))),
            *(listing(lights[code]) if lights[code] else DASH for code in shown),
        ]
        for unit, lights in groups.items()
    ]
    heads = [tr("牵头单位"), *(f"{MARKS[code]} {LIGHTS[code]}" for code in shown)]
    return _html(table(tr("{label}各牵头单位的指标", label=view.label), heads, rows, class_="data cards"))


def commitments(view: View) -> Html:
    """Return the commitments that stand only in the plan's text, with what is known of each."""
    rows = []
    for id, commitment in view.plan.commitments.items():
        found = standing(view, id)
        decimals = view.plan.indicators[commitment.indicator].decimals if commitment.indicator else 0
        rows.append(
            [
                escape(commitment.name.spoken)
                + small(
                    tr(
                        "任务{section} · {lead_unit}牵头",
                        section=view.plan.tasks[commitment.task].section,
                        lead_unit=view.plan.lead_unit(id),
                    )
                ),
                escape(tr("{year} 年", year=commitment.year)),
                escape(reason_words.cell_shown(commitment.text, commitment.unit)),
                escape(measured(found.value, commitment.unit, decimals)),
                escape(COMMITMENT_STATES[found.state]),
                escape(_basis(view, id, found)),
            ]
        )
    heads = [tr("承诺"), tr("期限"), tr("目标"), tr("至今"), tr("状态"), tr("怎么来的")]
    return _html(table(tr("只写在正文里的承诺"), heads, rows, class_="data cards", numeric=(2, 3)))


def _basis(view: View, id: str, found: Standing) -> str:
    """Return how what is known of a commitment comes about, in words."""
    commitment, own = view.plan.commitments[id], view.plan.indicators
    sample = tr("，演示数据") if (commitment.indicator or id) in view.sample_indicators else ""
    when = period_label(found.period) if found.period is not None else ""
    if found.basis == "sum":
        name = own[str(commitment.indicator)].name.spoken
        return tr(
            "{first_year}年起{name}之和，至{when}{sample}",
            first_year=view.plan.first_year,
            name=name,
            when=when,
            sample=sample,
        )
    return {
        "quarter": f"{when}{sample}",
        "year": tr("{when}年{sample}", when=when[:4], sample=sample),
        "no_row": tr("台账里还没有这一项"),
        "other_scope": tr("正文只指") + listed(commitment.covers) + tr("，台账没有这一口径"),
        "no_figure": tr("没有数"),
        "lacking_years": tr("缺 {map} 年全年数，不能求和", map=listed(map(str, found.lacking))),
    }[found.basis]


def findings(view: View) -> Html:
    """Return what in the plan document does and does not add up."""
    found = view.plan.findings()
    rows = [
        [
            escape(listed(dict.fromkeys(tr("第 {row} 行", row=row) for row in f.rows)) or tr("正文")),
            element("span", escape(finding_verdict(f)), class_="keep"),
            escape(finding_sentence(view, f)),
        ]
        for f in sorted(
            found, key=lambda f: (tr("不相符"), tr("须留意"), tr("相符")).index(finding_verdict(f))
        )
    ]
    return _html(
        table(tr("规划文件自身的核对"), [tr("位置"), tr("结果"), tr("核对到什么")], rows, class_="data cards")
    )


def plan_table(view: View) -> Html:
    """Return the target table as printed, cell by cell."""
    years = [view.plan.baseline_year, *view.plan.years]
    rows = []
    for i in view.plan.indicators.values():
        cells = [
            i.baseline.text + (tr(" （存疑）") if i.baseline.suspect else ""),
            *(i.targets[y].text for y in view.plan.years),
        ]
        rows.append(
            [
                escape(i.name.spoken) + small(tr("第 {row} 行 · {unit}", row=i.row, unit=i.unit)),
                *map(escape, cells),
            ]
        )
    return _html(
        table(
            tr("目标表（照印刷原样）"),
            [tr("指标"), *map(str, years)],
            rows,
            class_="data cards",
            numeric=range(1, len(years) + 1),
        )
    )


def definitions(view: View, ids: Sequence[str]) -> str:
    """Return the definition of each indicator, folded, as markup."""
    parts = []
    for id in ids:
        i = view.plan.indicators[id]
        facts = [i.definition.spoken, tr("性质：{KINDS}。", KINDS=KINDS[i.kind])]
        if i.numerator and i.denominator:
            facts.append(
                tr(
                    "分子：{numerator}。分母：{denominator}。",
                    numerator=i.numerator.spoken,
                    denominator=i.denominator.spoken,
                )
            )
        cells = listed(tr("{y} 年 {grouped}", y=y, grouped=grouped(c.text)) for y, c in i.targets.items())
        facts.append(
            tr(
                "各年目标：{baseline_year} 年基期 {grouped}；{cells}。",
                baseline_year=view.plan.baseline_year,
                grouped=grouped(i.baseline.text),
                cells=cells,
            )
        )
        facts.append(
            tr("出处：{reference}。数据来自：{sources}。", reference=i.reference, sources=listed(i.sources))
        )
        facts += [i.baseline.note] if i.baseline.note else []
        parts.append(
            details(tr("{name}是什么", name=i.name.spoken), "".join(element("p", escape(f)) for f in facts))
        )
    return "".join(parts)


def _case_rule(view: View, id: str) -> str:
    """Return how the cases of a rate are counted, as a sentence."""
    rule = view.rules.cases[id]
    base = CASE_BASES[rule.base]
    out = listed(OUTCOMES_LEFT_OUT[word] for word in rule.leave_out)
    return tr("{name}由个案算出时，分母是{base}", name=view.plan.indicators[id].name.spoken, base=base) + (
        tr("，剔除{out}的。", out=out) if out else tr("。")
    )


def _commitments_listed(view: View) -> str:
    """Return which commitments are put on the problem list, as the end of a list of what is."""
    words = {"missed": tr("到期没有做到"), "unknown": tr("到期没有数")}
    opens = tr("或").join(words[state] for state in view.rules.supervision.opens_commitments)
    return tr("和{opens}的正文承诺", opens=opens) if opens else ""


def rules_in_force(view: View) -> str:
    """Return the rules that the page's verdicts follow, as markup."""
    r = view.rules
    lines = [
        tr(
            "进度（计数、有年度台阶的存量）：不落后为“达进度”；落后不到 {yellow_from} 个百分点为“关注”；{yellow_from}—{red_below} 个百分点为“欠进度”；超过 {red_below} 个百分点为“严重滞后”。",
            yellow_from=number(-r.pace.yellow_from),
            red_below=number(-r.pace.red_below),
        ),
        tr(
            "目标持平或写“左右”的存量：达到为“达进度”，差 {level_yellow} 以内为“欠进度”，更多为“严重滞后”。",
            level_yellow=percent(r.pace.level_yellow, 0),
        ),
        tr(
            "率：达到目标且 {interval_level} 区间也达到为“达进度”；达到而区间够不到为“关注”；未达到但区间够得着、或只差 {yellow_within} 个百分点以内为“欠进度”；否则“严重滞后”。",
            interval_level=percent(r.rate.interval_level, 0),
            yellow_within=number(r.rate.yellow_within),
        ),
        tr(
            "“左右”没有官方容差，这里按 ±{about_tolerance}。各季末应完成全年的 {s}。",
            about_tolerance=percent(r.attainment.about_tolerance, 0),
            s=listed(percent(s, 0) for s in r.expected_shares),
        ),
        tr(
            "计数有 {seasonal_years} 个完整年份起，按本指标往年各季占比，并向上述份额收缩：各年占比越一致，越按自己的；规划另给进度的按规划。",
            seasonal_years=r.outlook.seasonal_years,
        ),
        tr(
            "全年目标低于 {small_below} 的计数，另给恰按进度推进时泊松分布的 {band_level} 范围，看一季的起伏是不是偶然；年内落在这个范围里的，再落后也只到“关注”，全年的数照进度判。",
            small_below=number(r.counts.small_below),
            band_level=percent(r.counts.band_level, 0),
        ),
        tr(
            "势头：最近 {window} 个可比时点的平均变化，至少 {at_least} 个；个案率和计数与往年同季比，存量和调查率逐季比。",
            window=r.momentum.window,
            at_least=r.momentum.at_least,
        ),
        *(_case_rule(view, id) for id in view.rules.cases if id in view.plan.indicators),
        tr(
            "街道（乡镇）的分子或分母小于 {below} 不记数；只剩一个不记时再略去最小的一个，使总数减不出来；不记过的以后各版也不记。",
            below=number(r.suppression.below),
        ),
        tr(
            "督查：{LIGHTS}的指标{commitments_listed}列入清单；交办后 {days_to_mend} 天内整改；上过 {escalate_after} 张季度清单、到下一张仍未销号的建议报专班；指标回升的建议销号，由人验收。",
            LIGHTS=listed(LIGHTS[code] for code in r.supervision.opens),
            commitments_listed=_commitments_listed(view),
            days_to_mend=r.supervision.days_to_mend,
            escalate_after=r.supervision.escalate_after,
        )
        + ("" if r.supervision.set_above else tr("由上级制定的指标不交办。")),
        tr(
            "天气是德国可持续发展战略的符号，只供对照：晴、多云、阴、雷雨依次表示照近年趋势能到目标、略差、差得多、方向不对或持平不前。"
        ),
        tr(
            "“达标”只说与目标相比，不等于比过去改善；{baseline_year} 年的数列在实际值下面。",
            baseline_year=view.plan.baseline_year,
        ),
    ]
    return listing(lines)
