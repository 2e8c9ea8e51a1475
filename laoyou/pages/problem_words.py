"""What is said of a problem on the list: what it is, where it comes from, where it stands."""

from __future__ import annotations

import math
from collections.abc import Mapping

from laoyou.commitments import standing
from laoyou.formats import difference, measured
from laoyou.pages import narrative, reason_words
from laoyou.pages.unemployment_words import still_allowed
from laoyou.periods import parse_quarter, period_label
from laoyou.supervision.docket import ASSIGN, CLOSE, ESCALATE, Docket, Entry, by_quarter
from laoyou.supervision.matters import Matter, state_words
from laoyou.view import View
from laoyou.words import COMMITMENT_STATES, LIGHTS, MOMENTUM

PROPOSALS: Mapping[str, str] = {ASSIGN: "拟交办", CLOSE: "建议销号", ESCALATE: "建议报专班"}
HEADS = (
    "编号", "季度", "指标", "问题描述", "来源", "原因", "整改措施", "牵头单位", "配合单位", "责任人", "交办日期", "整改时限", "进展", "状态",
    "验收人", "销号日期", "是否报专班",
)  # fmt: skip

QUARTER_HEADS = ("季度", "新交办", "其中复发", "退回", "新逾期", "报专班", "销号", "报告时在办")


def quarter_rows(docket: Docket) -> list[tuple[str, list[int]]]:
    """Return what happened from report to report, by quarter, in the order of ``QUARTER_HEADS``."""
    counts = by_quarter(docket)
    names = [period_label(parse_quarter(str(quarter))) for quarter in counts.index]
    return list(zip(names, counts.to_numpy().tolist(), strict=True))


def subject_name(view: View, subject: str) -> str:
    """Return the name of an indicator or a commitment."""
    entry = view.plan.indicators.get(subject) or view.plan.commitments[subject]
    return entry.name.zh


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
        parts.append(f"势头说不出，{why}" if unknown else f"势头{MOMENTUM[row.momentum]}，{why}")
    parts.append(needed(view, subject))
    return "；".join(filter(None, parts)) + "。"


def needed(view: View, id: str) -> str:
    """Return what an indicator takes in each quarter that is left of the year; empty where that cannot be said."""
    row, left = view.score(id), 4 - view.quarter.quarter
    indicator = view.plan.indicators[id]
    if math.isnan(row.judged) or not row.margin < 0:
        return ""
    if indicator.set_by:
        return f"由{view.regions[indicator.set_by].zh}制定，区里无法自行达到"
    if not left:
        later = indicator.targets.get(view.year + 1)
        goal = (
            f"，{view.year + 1} 年目标 {reason_words.cell_shown(later.text, indicator.unit)}" if later else ""
        )
        return f"{view.year} 年已结束{goal}"
    if row.kind == "survey_rate":
        return still_allowed(view, id).rstrip("。")
    text = narrative.still_needed(view, id)
    if row.kind == "case_rate" and not math.isnan(row.denominator):
        cases = narrative.more_cases(row)
        text += f"，余下 {left} 个季度平均每季约 {math.ceil(cases / left)} 件" if cases > left > 1 else ""
    return text


def _commitment(view: View, subject: str) -> str:
    commitment, found = view.plan.commitments[subject], standing(view, subject)
    goal = reason_words.cell_shown(commitment.text, commitment.unit)
    due = f"正文承诺到 {commitment.year} 年底：{commitment.name.zh}，{goal}"
    if found.state == "unknown":
        return f"{due}；台账里没有这一项的数，做没做到无从核实；先补报。"
    decimals = view.plan.indicators[commitment.indicator].decimals if commitment.indicator else 0
    short = math.nan if commitment.target.value is None else found.value - commitment.target.value
    gap = f"，差 {difference(short, commitment.unit, decimals)}" if short < 0 else ""
    return f"{due}，至今 {measured(found.value, commitment.unit, decimals)}{gap}，{COMMITMENT_STATES[found.state]}。"


def light_word(light: str) -> str:
    """Return how an indicator or a commitment stands, in a word."""
    return LIGHTS.get(light) or COMMITMENT_STATES[light]


def origin(docket: Docket, entry: Entry) -> str:
    """Return where a problem comes from."""
    quarter = entry.matter.quarter if entry.matter else str(docket.view.quarter)
    what = "季度判定" if entry.subject in docket.view.plan.indicators else "到期的正文承诺"
    again = f"，{entry.predecessor} 销号后复发" if entry.predecessor else ""
    return f"{quarter} {what}{again}"


def progress(matter: Matter) -> str:
    """Return how far the mending is: the last report, the last application, why it was sent back."""
    parts = [f"{matter.progress_on}：{matter.progress}" if matter.progress else ""]
    parts.append(f"{matter.applied_on} 申请销号：{matter.evidence}" if matter.evidence else "")
    if matter.returns:
        parts.append(f"退回 {matter.returns} 次，最近一次：{matter.objection}")
    return "；".join(filter(None, parts))


def state(docket: Docket, entry: Entry) -> str:
    """Return where a problem stands, and what the rules propose: 整改中（逾期）；建议报专班."""
    proposed = [PROPOSALS[code] for code in entry.proposals]
    here = [state_words(entry.matter, docket.day)] if entry.matter else []
    return "；".join([*here, *proposed])


def cells(docket: Docket, entry: Entry) -> list[str]:
    """Return a problem as the cells of the list, in the order of ``HEADS``: what pages, Word and Excel all print."""
    view, matter = docket.view, entry.matter
    supporting = "、".join(view.plan.supporting_units(entry.subject))
    known = [
        entry.number,
        matter.quarter if matter else str(view.quarter),
        subject_name(view, entry.subject),
        description(view, entry.subject),
        origin(docket, entry),
    ]
    if matter is None:
        unit = view.plan.lead_unit(entry.subject)
        return [*known, "", "", unit, supporting, "", "", "", "", state(docket, entry), "", "", "否"]
    return [
        *known, matter.cause, matter.measures, matter.unit, supporting, matter.responsible, str(matter.assigned_on),
        str(matter.due), progress(matter), state(docket, entry), matter.closed_by, str(matter.closed_on or ""),
        f"是（{matter.escalated_on}）" if matter.escalated_on else "否",
    ]  # fmt: skip


def key_points(docket: Docket) -> list[str]:
    """Return the quarter of the loop in a few sentences: how many, what moved, what waits for a decision."""
    view, flow, open_ = docket.view, docket.flow, docket.open
    proposed = {code: [e for e in docket.entries if code in e.proposals] for code in PROPOSALS}
    if not docket.entries:
        return ["没有在办的问题，本季也没有指标落到要交办的灯色。"]
    late = [m for m in open_ if m.overdue(docket.day)]
    points = [
        f"在办 {len(open_)} 个问题" + (f"，其中逾期 {len(late)} 个" if late else "，没有逾期的")
        + f"，已报专班 {sum(m.escalated_on is not None for m in open_)} 个。",
        f"自上次报告（{docket.since}）以来：新交办 {len(flow['opened'])} 个、销号 {len(flow['closed'])} 个、退回 {len(flow['returned'])} 个、"
        f"新逾期 {len(flow['overdue'])} 个、报专班 {len(flow['escalated'])} 个。",
    ]  # fmt: skip
    for code, verb in (
        (ASSIGN, "还没有交办"),
        (CLOSE, "指标已经回升，可以验收销号"),
        (ESCALATE, "已上过多张清单仍未销号，该报专班"),
    ):
        if proposed[code]:
            names = "、".join(f"{subject_name(view, e.subject)}（{e.number}）" for e in proposed[code])
            points.append(f"{len(proposed[code])} 个{verb}：{names}。")
    relapsed = [m for m in open_ if m.predecessor]
    if relapsed:
        names = "、".join(
            f"{subject_name(view, m.subject)}（{m.predecessor} 之后 {m.number}）" for m in relapsed
        )
        points.append(f"销号后又复发的：{names}。")
    return points[:5]
