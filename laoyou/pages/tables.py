"""The tables that readers see."""

from __future__ import annotations

import math
from typing import Any

from laoyou.commitments import Standing, standing
from laoyou.formats import DASH, difference_unit, measured, signed, unit_words
from laoyou.language import begun, listed, noted, sentence, spoken, tr, trn
from laoyou.markup import Html, element, escape, listing, plain, table
from laoyou.pages import narrative, reason_words
from laoyou.pages.finding_words import VERDICTS, finding_sentence, finding_verdict
from laoyou.pages.sparklines import sparkline
from laoyou.pages.standing_words import attained, shown, target_shown
from laoyou.pages.state_words import state_words
from laoyou.pages.target_words import cell_shown
from laoyou.periods import period_label
from laoyou.supervision.docket import open_docket
from laoyou.view import View
from laoyou.words import COMMITMENT_STATES, COMPLIANCE, LIGHTS, MOMENTUM, WEATHER

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
        m.subject: tr("督查 {number} {state}", number=m.number, state=state_words(m, docket.day))
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
        tr("{first}—{last} 年走势", first=view.plan.first_year, last=view.plan.last_year),
        tr("为什么"),
    ]
    return _html(
        table(
            tr("{region}{quarter}目标进展，按进度由差到好", region=view.region.spoken, quarter=view.label),
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
        tr("德国天气法：{weather}", weather=WEATHER[row.weather]) if isinstance(row.weather, str) else ""
    )
    margin = DASH if math.isnan(row.margin) else signed(row.margin, indicator.unit, indicator.decimals)
    lead = view.plan.unit_spoken(view.plan.lead_unit(row.indicator))
    return [
        name + small(tr("第 {row} 行 · {unit}牵头", row=row.row, unit=lead)) + small(matter),
        escape(begun(target_shown(view, row))),
        _actual(view, row),
        escape(attained(row)) if not math.isnan(row.attainment) else DASH,
        escape(margin) + (small(difference_unit(indicator.unit)) if margin != DASH else ""),
        light(row.light),
        escape(COMPLIANCE[row.compliance]) + small(narrative.verdict_reason(row)),
        escape(MOMENTUM[row.momentum]) + small(begun(noted(narrative.momentum_reason(view, row), weather))),
        sparkline(view, row.indicator) or DASH,
        escape(sentence(reason_words.reason(view, row))),
    ]


def _actual(view: View, row: Any) -> str:
    """Return the figure judged, or the quarter's own where the year cannot be judged, and the baseline."""
    indicator = view.plan.indicators[row.indicator]
    printed = tr("{year} 年 {cell}", year=indicator.baseline.year, cell=cell_shown(indicator.baseline.text))
    base = small(noted(printed, tr("存疑") if indicator.baseline.suspect else ""))
    if not math.isnan(row.judged):
        return escape(shown(view, row)) + base
    if math.isnan(row.value):
        return small(tr("没有数")) + base
    figure = measured(row.value, indicator.unit, indicator.decimals)
    return escape(figure) + small(tr("只是本季的数")) + base


def by_unit(view: View) -> Html:
    """Return the indicators of each lead unit by light."""
    groups: dict[str, dict[str, list[str]]] = {}
    for row in view.scores.itertuples():
        unit = groups.setdefault(view.plan.lead_unit(str(row.indicator)), {code: [] for code in LIGHTS})
        unit[str(row.light)].append(view.plan.indicators[str(row.indicator)].name.spoken)
    shown = [code for code in LIGHTS if any(lights[code] for lights in groups.values())]
    rows = [
        [
            escape(view.plan.unit_spoken(unit)) + small(trn("共 {n} 项", sum(map(len, lights.values())))),
            *(listing(lights[code]) if lights[code] else DASH for code in shown),
        ]
        for unit, lights in groups.items()
    ]
    heads = [tr("牵头单位"), *(f"{MARKS[code]} {LIGHTS[code]}" for code in shown)]
    return _html(table(tr("{quarter}各牵头单位的指标", quarter=view.label), heads, rows, class_="data cards"))


def commitments(view: View) -> Html:
    """Return the commitments that stand only in the plan's text, with what is known of each."""
    rows = []
    for id, commitment in view.plan.commitments.items():
        found = standing(view, id)
        decimals = view.plan.indicators[commitment.indicator].decimals if commitment.indicator else 0
        section, lead = _section(view, commitment.task), view.plan.unit_spoken(view.plan.lead_unit(id))
        rows.append(
            [
                escape(commitment.name.spoken)
                + small(tr("任务{section} · {unit}牵头", section=section, unit=lead)),
                escape(tr("{year} 年", year=commitment.year)),
                escape(begun(cell_shown(commitment.text, commitment.unit))),
                escape(measured(found.value, commitment.unit, decimals)),
                escape(COMMITMENT_STATES[found.state]),
                escape(begun(_basis(view, id, found))),
            ]
        )
    heads = [tr("承诺"), tr("期限"), begun(tr("目标")), tr("至今"), tr("状态"), tr("怎么来的")]
    return _html(table(tr("只写在正文里的承诺"), heads, rows, class_="data cards", numeric=(2, 3)))


def _basis(view: View, id: str, found: Standing) -> str:
    """Return how what is known of a commitment comes about, in words."""
    commitment, own = view.plan.commitments[id], view.plan.indicators
    sample = tr("演示数据") if (commitment.indicator or id) in view.sample_indicators else ""
    when = period_label(found.period) if found.period is not None else ""
    if found.basis == "sum":
        name = own[str(commitment.indicator)].name.spoken
        first = view.plan.first_year
        return _and_sample(tr("{first}年起{name}之和，至{when}", first=first, name=name, when=when), sample)
    if found.basis in ("quarter", "year"):
        year = tr("{year}年", year=found.period.year) if found.period is not None else ""
        return _and_sample(when if found.basis == "quarter" else year, sample)
    return {
        "no_row": tr("台账里还没有这一项"),
        "other_scope": tr("正文只指{covered}，台账没有这一口径", covered=listed(commitment.covers)),
        "no_figure": tr("没有数"),
        "lacking_years": tr("缺 {years} 年全年数，不能求和", years=listed(map(str, found.lacking))),
    }[found.basis]


def _and_sample(text: str, sample: str) -> str:
    return tr("{text}，{mark}", text=text, mark=sample) if sample else text


def _section(view: View, task: str) -> str:
    """Return the number of a task's section as the plan prints it; in digits in another language."""
    tasks = view.plan.tasks
    return tasks[task].section if spoken() == "zh" else str(list(tasks).index(task) + 1)


def findings(view: View) -> Html:
    """Return what in the plan document does and does not add up."""
    from_worst = list(VERDICTS)
    rows = [
        [
            escape(begun(listed(dict.fromkeys(tr("第 {row} 行", row=row) for row in f.rows)) or tr("正文"))),
            element("span", escape(begun(VERDICTS[finding_verdict(f)])), class_="keep"),
            escape(finding_sentence(view, f)),
        ]
        for f in sorted(view.plan.findings(), key=lambda f: from_worst.index(finding_verdict(f)))
    ]
    heads = [tr("位置"), tr("结果"), tr("核对到什么")]
    return _html(table(tr("规划文件自身的核对"), heads, rows, class_="data cards"))


def plan_table(view: View) -> Html:
    """Return the target table as printed, cell by cell."""
    years = [view.plan.baseline_year, *view.plan.years]
    rows = []
    for i in view.plan.indicators.values():
        base = i.baseline.text
        cells = [
            tr("{cell} （存疑）", cell=base) if i.baseline.suspect else base,
            *(i.targets[year].text for year in view.plan.years),
        ]
        place = small(tr("第 {row} 行 · {unit}", row=i.row, unit=unit_words(i.unit)))
        rows.append([escape(i.name.spoken) + place, *map(escape, cells)])
    return _html(
        table(
            tr("目标表（照印刷原样）"),
            [tr("指标"), *map(str, years)],
            rows,
            class_="data cards",
            numeric=range(1, len(years) + 1),
        )
    )
