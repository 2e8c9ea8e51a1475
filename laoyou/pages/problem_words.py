"""What is said of a problem on the list: what it is, where it comes from, where it stands."""

from __future__ import annotations

import math
from collections.abc import Mapping

from laoyou.commitments import standing
from laoyou.formats import difference, measured
from laoyou.language import clauses, listed, mark, tr
from laoyou.pages import narrative, reason_words
from laoyou.pages.unemployment_words import still_allowed
from laoyou.periods import parse_quarter, period_label
from laoyou.supervision.docket import ASSIGN, CLOSE, ESCALATE, Docket, Entry, by_quarter
from laoyou.supervision.matters import Matter, state_words
from laoyou.view import View
from laoyou.words import COMMITMENT_STATES, LIGHTS, MOMENTUM

PROPOSALS: Mapping[str, str] = {ASSIGN: mark("拟交办"), CLOSE: mark("建议销号"), ESCALATE: mark("建议报专班")}
HEADS = (
    mark('编号'), mark('季度'), mark('指标'), mark('问题描述'), mark('来源'), mark('原因'), mark('整改措施'), mark('牵头单位'), mark('配合单位'), mark('责任人'), mark('交办日期'), mark('整改时限'), mark('进展'), mark('状态'),
    mark('验收人'), mark('销号日期'), mark('是否报专班'),
)  # fmt: skip

QUARTER_HEADS = (
    mark("季度"),
    mark("新交办"),
    mark("其中复发"),
    mark("退回"),
    mark("新逾期"),
    mark("报专班"),
    mark("销号"),
    mark("报告时在办"),
)


def quarter_rows(docket: Docket) -> list[tuple[str, list[int]]]:
    """Return what happened from report to report, by quarter, in the order of ``QUARTER_HEADS``."""
    counts = by_quarter(docket)
    names = [period_label(parse_quarter(str(quarter))) for quarter in counts.index]
    return list(zip(names, counts.to_numpy().tolist(), strict=True))


def subject_name(view: View, subject: str) -> str:
    """Return the name of an indicator or a commitment."""
    entry = view.plan.indicators.get(subject) or view.plan.commitments[subject]
    return entry.name.spoken


def description(view: View, subject: str) -> str:
    """Return what the problem is, from the quarter's figures: the gap, the direction, and what is still needed.

    Parameters
    ----------
    view : the page
    subject : an indicator or a commitment
    """
    if subject not in view.plan.indicators:
        return _commitment(view, subject)
    row = view.score(subject)
    parts = [reason_words.reason(view, row)]
    if not math.isnan(row.judged):
        why = narrative.momentum_reason(view, row)
        unknown = row.momentum == "unknown"
        parts.append(
            tr("势头说不出，{why}", why=why)
            if unknown
            else tr("势头{MOMENTUM}，{why}", MOMENTUM=MOMENTUM[row.momentum], why=why)
        )
    parts.append(needed(view, subject))
    return clauses(filter(None, parts)) + tr("。")


def needed(view: View, id: str) -> str:
    """Return what an indicator takes in each quarter that is left of the year; empty where that cannot be said."""
    row, left = view.score(id), 4 - view.quarter.quarter
    indicator = view.plan.indicators[id]
    if math.isnan(row.judged) or not row.margin < 0:
        return ""
    if indicator.set_by:
        return tr("由{regions}制定，区里无法自行达到", regions=view.regions[indicator.set_by].spoken)
    if not left:
        later = indicator.targets.get(view.year + 1)
        goal = (
            tr(
                "，{year} 年目标 {cell_shown}",
                year=view.year + 1,
                cell_shown=reason_words.cell_shown(later.text, indicator.unit),
            )
            if later
            else ""
        )
        return tr("{year} 年已结束{goal}", year=view.year, goal=goal)
    if row.kind == "survey_rate":
        return still_allowed(view, id).rstrip(tr("。"))
    text = narrative.still_needed(view, id)
    if row.kind == "case_rate" and not math.isnan(row.denominator):
        cases = narrative.more_cases(row)
        text += (
            tr("，余下 {left} 个季度平均每季约 {ceil} 件", left=left, ceil=math.ceil(cases / left))
            if cases > left > 1
            else ""
        )
    return text


def _commitment(view: View, subject: str) -> str:
    commitment, found = view.plan.commitments[subject], standing(view, subject)
    goal = reason_words.cell_shown(commitment.text, commitment.unit)
    due = tr(
        "正文承诺到 {year} 年底：{name}，{goal}", year=commitment.year, name=commitment.name.spoken, goal=goal
    )
    if found.state == "unknown":
        return tr("{due}；台账里没有这一项的数，做没做到无从核实；先补报。", due=due)
    decimals = view.plan.indicators[commitment.indicator].decimals if commitment.indicator else 0
    short = math.nan if commitment.target.value is None else found.value - commitment.target.value
    gap = tr("，差 {short}", short=difference(short, commitment.unit, decimals)) if short < 0 else ""
    return tr(
        "{due}，至今 {value}{gap}，{COMMITMENT_STATES}。",
        due=due,
        value=measured(found.value, commitment.unit, decimals),
        gap=gap,
        COMMITMENT_STATES=COMMITMENT_STATES[found.state],
    )


def light_word(light: str) -> str:
    """Return how an indicator or a commitment stands, in a word."""
    return LIGHTS.get(light) or COMMITMENT_STATES[light]


def origin(docket: Docket, entry: Entry) -> str:
    """Return where a problem comes from."""
    quarter = entry.matter.quarter if entry.matter else str(docket.view.quarter)
    what = tr("季度判定") if entry.subject in docket.view.plan.indicators else tr("到期的正文承诺")
    again = tr("，{predecessor} 销号后复发", predecessor=entry.predecessor) if entry.predecessor else ""
    return f"{quarter} {what}{again}"


def progress(matter: Matter) -> str:
    """Return how far the mending is: the last report, the last application, why it was sent back."""
    parts = [
        tr("{progress_on}：{progress}", progress_on=matter.progress_on, progress=matter.progress)
        if matter.progress
        else ""
    ]
    parts.append(
        tr("{applied_on} 申请销号：{evidence}", applied_on=matter.applied_on, evidence=matter.evidence)
        if matter.evidence
        else ""
    )
    if matter.returns:
        parts.append(
            tr("退回 {returns} 次，最近一次：{objection}", returns=matter.returns, objection=matter.objection)
        )
    return clauses(filter(None, parts))


def state(docket: Docket, entry: Entry) -> str:
    """Return where a problem stands, and what the rules propose: 整改中（逾期）；建议报专班."""
    proposed = [PROPOSALS[code] for code in entry.proposals]
    here = [state_words(entry.matter, docket.day)] if entry.matter else []
    return clauses([*here, *proposed])


def cells(docket: Docket, entry: Entry) -> list[str]:
    """Return a problem as the cells of the list, in the order of ``HEADS``: what pages, Word and Excel all print."""
    view, matter = docket.view, entry.matter
    supporting = listed(view.plan.supporting_units(entry.subject))
    known = [
        entry.number,
        matter.quarter if matter else str(view.quarter),
        subject_name(view, entry.subject),
        description(view, entry.subject),
        origin(docket, entry),
    ]
    if matter is None:
        unit = view.plan.lead_unit(entry.subject)
        return [*known, "", "", unit, supporting, "", "", "", "", state(docket, entry), "", "", tr("否")]
    return [
        *known, matter.cause, matter.measures, matter.unit, supporting, matter.responsible, str(matter.assigned_on),
        str(matter.due), progress(matter), state(docket, entry), matter.closed_by, str(matter.closed_on or ""),
        tr('是（{escalated_on}）', escalated_on=matter.escalated_on) if matter.escalated_on else tr('否'),
    ]  # fmt: skip


def key_points(docket: Docket) -> list[str]:
    """Return the quarter of the loop in a few sentences: how many, what moved, what waits for a decision."""
    view, flow, open_ = docket.view, docket.flow, docket.open
    proposed = {code: [e for e in docket.entries if code in e.proposals] for code in PROPOSALS}
    if not docket.entries:
        return [tr("没有在办的问题，本季也没有指标落到要交办的灯色。")]
    late = [m for m in open_ if m.overdue(docket.day)]
    points = [
        tr('在办 {open_} 个问题', open_=len(open_)) + (tr('，其中逾期 {late} 个', late=len(late)) if late else tr('，没有逾期的'))
        + tr('，已报专班 {n} 个。', n=sum(m.escalated_on is not None for m in open_)),
        tr('自上次报告（{since}）以来：新交办 {n} 个、销号 {n2} 个、退回 {n3} 个、新逾期 {n4} 个、报专班 {n5} 个。', since=docket.since, n=len(flow['opened']), n2=len(flow['closed']), n3=len(flow['returned']), n4=len(flow['overdue']), n5=len(flow['escalated'])),
    ]  # fmt: skip
    for code, verb in (
        (ASSIGN, tr("还没有交办")),
        (CLOSE, tr("指标已经回升，可以验收销号")),
        (ESCALATE, tr("已上过多张清单仍未销号，该报专班")),
    ):
        if proposed[code]:
            names = listed(
                tr("{subject_name}（{number}）", subject_name=subject_name(view, e.subject), number=e.number)
                for e in proposed[code]
            )
            points.append(tr("{n} 个{verb}：{names}。", n=len(proposed[code]), verb=verb, names=names))
    relapsed = [m for m in open_ if m.predecessor]
    if relapsed:
        names = listed(
            tr(
                "{subject_name}（{predecessor} 之后 {number}）",
                subject_name=subject_name(view, m.subject),
                predecessor=m.predecessor,
                number=m.number,
            )
            for m in relapsed
        )
        points.append(tr("销号后又复发的：{names}。", names=names))
    return points[:5]
