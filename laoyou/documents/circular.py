"""The quarter's circular （通报） in Word: where all stand, who lags, what is overdue and escalated, what went well."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from laoyou.documents.official import Official
from laoyou.formats import number
from laoyou.pages import narrative, reason_words, standing_words
from laoyou.pages.problem_words import description, origin, progress, state, subject_name
from laoyou.supervision.docket import Docket, open_docket
from laoyou.supervision.states import State
from laoyou.view import View
from laoyou.words import COMPLIANCE, LIGHTS

FILE = "circular.docx"
SUMMARY = ("指标", "本年目标", "实际", "进度", "全年", "牵头单位")
_WIDTHS = (40, 22, 25, 19, 19, 31)  # of the summary's columns [mm]; the type area is 156 mm wide
_NUMERALS = "一二三四五六七八九十"


def circular(view: View) -> bytes:
    """Return the circular of a quarter as a .docx file; every number is one that the pages print.

    Parameters
    ----------
    view : the page
    """
    docket = open_docket(view)
    name = view.plan.title.zh
    own = name.removeprefix(view.region.zh)
    paper = Official(f"关于{view.label}{name}\n进展情况的通报")
    paper.paragraph("各牵头单位、配合单位：", indent=False)
    if docket.sample or view.sample_indicators:
        paper.paragraph("（本稿含演示数据，由程序生成，仅供演练，不得印发。）", font="楷体")
    paper.paragraph(
        f"现将{view.region.zh}{view.label}{own}各项指标的进展和督查核查问题的办理情况通报如下。数据截至 {_day(docket.day)}。"
    )
    sections = (
        ("总体情况", _whole),
        ("落后指标", _lagging),
        ("督查核查问题", _problems),
        ("好的做法", _good),
        ("下一步", _next),
    )
    for n, (heading, write) in enumerate(sections):
        paper.heading(f"{_NUMERALS[n]}、{heading}")
        write(paper, docket)
    paper.paragraph("")
    paper.paragraph("（印发单位）", align="right", indent=False)
    paper.paragraph(_day(docket.day), align="right", indent=False)
    return paper.content()


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def summary_rows(view: View) -> list[list[str]]:
    """Return the summary table's rows, in the plan's order."""
    rows = []
    for id, indicator in view.plan.indicators.items():
        row = view.score(id)
        sample = "（演示）" if id in view.sample_indicators else ""
        actual = standing_words.shown(view, row) if row.judged == row.judged else "没有数"
        rows.append(
            [
                f"{indicator.name.zh}{sample}", standing_words.target_shown(view, row), actual, LIGHTS[row.light],
                COMPLIANCE[row.compliance], view.plan.lead_unit(id),
            ]
        )  # fmt: skip
    return rows


def _whole(paper: Official, docket: Docket) -> None:
    view = docket.view
    count = Counter(view.scores["light"])
    told = "、".join(f"{word} {count[code]} 项" for code, word in LIGHTS.items() if count[code])
    paper.paragraph(f"{len(view.scores)} 项指标中，{told}。各项目标、实际和进度见下表。")
    paper.table(f"{view.label}指标进展", SUMMARY, summary_rows(view), _WIDTHS)


def _lagging(paper: Official, docket: Docket) -> None:
    """Write the indicators that lag, by lead unit, with their reason and what is still needed."""
    view = docket.view
    lagging = [id for id in view.plan.indicators if view.score(id).light in ("red", "yellow")]
    if not lagging:
        paper.paragraph("没有落后的指标。")
        return
    units = dict.fromkeys(view.plan.lead_unit(id) for id in lagging)
    for n, unit in enumerate(units):
        own = [id for id in lagging if view.plan.lead_unit(id) == unit]
        paper.heading(f"（{_NUMERALS[n] if n < len(_NUMERALS) else n + 1}）{unit} {len(own)} 项", 2)
        for id in own:
            above = view.plan.indicators[id].set_by
            note = f"（由{view.regions[above].zh}制定，区里不能自行调整）" if above else ""
            paper.paragraph("".join(narrative.about_indicator(view, id)) + note)


def _problems(paper: Official, docket: Docket) -> None:
    """Write the problems that are overdue and those escalated, then the rest in a sentence."""
    open_, flow = docket.open, docket.flow
    if not docket.entries:
        paper.paragraph("没有在办的问题，也没有要列入清单的。")
        return
    late = [m for m in open_ if m.overdue(docket.day)]
    escalated = [m for m in open_ if m.escalated_on]
    paper.paragraph(
        f"在办 {len(open_)} 个，其中逾期 {len(late)} 个、已报专班 {len(escalated)} 个；自上次通报（{_day(docket.since)}）以来"
        f"新交办 {len(flow['opened'])} 个、退回 {len(flow['returned'])} 个、销号 {len(flow['closed'])} 个。"
    )
    rows = [
        [e.number, subject_name(docket.view, e.subject), e.matter.unit, str(e.matter.due), state(docket, e)]
        for e in docket.entries
        if e.matter and (e.matter in late or e.matter in escalated)
    ]
    if rows:
        paper.table(
            "逾期和报专班的问题", ("编号", "指标", "牵头单位", "整改时限", "状态"), rows, (26, 46, 28, 26, 30)
        )
    for entry in docket.entries:
        matter = entry.matter
        if matter is None or matter not in late:
            continue
        done = progress(matter) or "还没有报过进展"
        paper.paragraph(
            f"{entry.number} {subject_name(docket.view, entry.subject)}（{origin(docket, entry)}）："
            f"{description(docket.view, entry.subject)}办理：{done}。"
        )


def _good(paper: Official, docket: Docket) -> None:
    """Write what went well: counts met before their year is over, and problems closed with what closed them."""
    lines = list(_achievements(docket))
    for line in lines:
        paper.paragraph(line)
    if not lines:
        paper.paragraph("本季没有提前完成全年目标的指标，也没有销号的问题。")


def _achievements(docket: Docket) -> Iterator[str]:
    view = docket.view
    for id, indicator in view.plan.indicators.items():
        row = view.score(id)
        if row.compliance == "met" and row.compliance_reason == "passed_early":
            yield f"{indicator.name.zh}（{view.plan.lead_unit(id)}）已完成全年目标：{reason_words.reason(view, row)}。"
        elif row.light == "green" and row.momentum == "improving":
            yield (
                f"{indicator.name.zh}（{view.plan.lead_unit(id)}）达进度且势头向好："
                f"{standing_words.shown(view, row)}，{narrative.momentum_reason(view, row)}。"
            )
    for matter in sorted(docket.matters.values(), key=lambda m: m.number):
        if (
            matter.state == State.CLOSED
            and matter.closed_on
            and docket.since < matter.closed_on <= docket.day
        ):
            name = subject_name(view, matter.subject)
            yield f"{matter.unit}办结 {matter.number} {name}：{matter.measures}；验收：{matter.closing}。"


def _next(paper: Official, docket: Docket) -> None:
    rules = docket.view.rules.supervision
    proposed = sum(entry.matter is None for entry in docket.entries)
    paper.paragraph(
        f"在办问题由牵头单位在整改时限前办结并报销号依据，配合单位按职责办理；交办后 {number(rules.days_to_mend)} 天内没有办结的列为逾期，"
        f"上过 {number(rules.escalate_after)} 张季度清单、到下一张仍未销号的建议报专班。"
        + (f"另有 {proposed} 个问题待交办。" if proposed else "")
    )
