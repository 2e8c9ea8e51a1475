"""What is said of a problem on the list: what it is, where it comes from, where it stands."""

from __future__ import annotations

import math

from laoyou.commitments import standing
from laoyou.formats import difference, measured
from laoyou.language import Words, clauses, listed, mark, sentence, tr, trn
from laoyou.pages import narrative, reason_words, target_words
from laoyou.pages.state_words import state_words
from laoyou.pages.unemployment_words import still_allowed
from laoyou.periods import parse_quarter, period_label
from laoyou.plan import Commitment, Indicator
from laoyou.supervision.docket import ASSIGN, CLOSE, ESCALATE, Docket, Entry, by_quarter
from laoyou.supervision.matters import Matter
from laoyou.view import View
from laoyou.words import COMMITMENT_STATES, LIGHTS

PROPOSALS = Words({ASSIGN: mark("拟交办"), CLOSE: mark("建议销号"), ESCALATE: mark("建议报专班")})
HEADS = (
    mark("编号"), mark("季度"), mark("指标"), mark("问题描述"), mark("来源"), mark("原因"), mark("整改措施"), mark("牵头单位"),
    mark("配合单位"), mark("责任人"), mark("交办日期"), mark("整改时限"), mark("进展"), mark("状态"), mark("验收人"), mark("销号日期"),
    mark("是否报专班"),
)  # fmt: skip
QUARTER_HEADS = (
    mark("季度"), mark("新交办"), mark("其中复发"), mark("退回"), mark("新逾期"), mark("报专班"), mark("销号"), mark("报告时在办"),
)  # fmt: skip
_MOMENTA = {
    "improving": mark("势头向好，{why}"),
    "steady": mark("势头持平，{why}"),
    "worsening": mark("势头走弱，{why}"),
    "unknown": mark("势头说不出，{why}"),
}
_COMMITMENTS = {
    "kept": mark("{due}，{so_far}，已做到。"),
    "pending": mark("{due}，{so_far}，未到期。"),
    "missed": mark("{due}，{so_far}，未做到。"),
    "unknown": mark("{due}；台账里没有这一项的数，做没做到无从核实；先补报。"),
}
_PROPOSED = {
    ASSIGN: mark("{n} 个还没有交办：{names}。"),
    CLOSE: mark("{n} 个指标已经回升，可以验收销号：{names}。"),
    ESCALATE: mark("{n} 个已上过多张清单仍未销号，该报专班：{names}。"),
}


def quarter_rows(docket: Docket) -> list[tuple[str, list[int]]]:
    """Return what happened from report to report, by quarter, in the order of ``QUARTER_HEADS``."""
    counts = by_quarter(docket)
    names = [period_label(parse_quarter(str(quarter))) for quarter in counts.index]
    return list(zip(names, counts.to_numpy().tolist(), strict=True))


def subject_name(view: View, subject: str) -> str:
    """Return the name of an indicator or a commitment."""
    entry = view.plan.indicators.get(subject) or view.plan.commitments[subject]
    return entry.name.spoken


def unit_count(docket: Docket, unit: str, count: int) -> str:
    """Return a lead unit with the number of its problems."""
    return trn("{unit}：{n} 个", count, unit=docket.view.plan.unit_spoken(unit))


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
        parts.append(tr(_MOMENTA[row.momentum], why=narrative.momentum_reason(view, row)))
    parts.append(needed(view, subject))
    return sentence(clauses(parts))


def needed(view: View, id: str) -> str:
    """Return what an indicator takes in each quarter that is left of the year; empty where that cannot be said."""
    row, left = view.score(id), 4 - view.quarter.quarter
    indicator = view.plan.indicators[id]
    if math.isnan(row.judged) or not row.margin < 0:
        return ""
    if indicator.set_by:
        return tr("由{regions}制定，区里无法自行达到", regions=view.regions[indicator.set_by].spoken)
    if not left:
        return _year_over(view, indicator)
    if row.kind == "survey_rate":
        return still_allowed(view, id)
    text = narrative.still_needed(view, id)
    cases = narrative.more_cases(row) if row.kind == "case_rate" and not math.isnan(row.denominator) else 0
    if not cases > left > 1:
        return text
    each = math.ceil(cases / left)
    return tr("{needed}，余下 {left} 个季度平均每季约 {cases} 件", needed=text, left=left, cases=each)


def _year_over(view: View, indicator: Indicator) -> str:
    later = indicator.targets.get(view.year + 1)
    if later is None:
        return tr("{year} 年已结束", year=view.year)
    target = target_words.cell_shown(later.text, indicator.unit)
    return tr("{year} 年已结束，{next} 年目标 {target}", year=view.year, next=view.year + 1, target=target)


def _commitment(view: View, subject: str) -> str:
    commitment, found = view.plan.commitments[subject], standing(view, subject)
    goal = target_words.cell_shown(commitment.text, commitment.unit)
    due = tr(
        "正文承诺到 {year} 年底：{name}，{goal}", year=commitment.year, name=commitment.name.spoken, goal=goal
    )
    return tr(_COMMITMENTS[found.state], due=due, so_far=_so_far(view, commitment, found.value))


def _so_far(view: View, commitment: Commitment, value: float) -> str:
    decimals = view.plan.indicators[commitment.indicator].decimals if commitment.indicator else 0
    shown = measured(value, commitment.unit, decimals)
    short = math.nan if commitment.target.value is None else value - commitment.target.value
    if not short < 0:
        return tr("至今 {value}", value=shown)
    return tr("至今 {value}，差 {short}", value=shown, short=difference(short, commitment.unit, decimals))


def light_word(light: str) -> str:
    """Return how an indicator or a commitment stands, in a word."""
    return LIGHTS.get(light) or COMMITMENT_STATES[light]


def origin(docket: Docket, entry: Entry) -> str:
    """Return where a problem comes from."""
    quarter = entry.matter.quarter if entry.matter else str(docket.view.quarter)
    what = (
        tr("{quarter} 季度判定", quarter=quarter)
        if entry.subject in docket.view.plan.indicators
        else tr("{quarter} 到期的正文承诺", quarter=quarter)
    )
    if not entry.predecessor:
        return what
    return tr("{origin}，{predecessor} 销号后复发", origin=what, predecessor=entry.predecessor)


def progress(matter: Matter) -> str:
    """Return how far the mending is: the last report, the last application, why it was sent back."""
    parts = []
    if matter.progress:
        parts.append(tr("{day}：{text}", day=matter.progress_on, text=matter.progress))
    if matter.evidence:
        parts.append(tr("{day} 申请销号：{text}", day=matter.applied_on, text=matter.evidence))
    if matter.returns:
        parts.append(trn("退回 {n} 次，最近一次：{text}", matter.returns, text=matter.objection))
    return clauses(parts)


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
        tr("是（{day}）", day=matter.escalated_on) if matter.escalated_on else tr("否"),
    ]  # fmt: skip


def key_points(docket: Docket) -> list[str]:
    """Return the quarter of the loop in a few sentences: how many, what moved, what waits for a decision."""
    if not docket.entries:
        return [tr("没有在办的问题，本季也没有指标落到要交办的灯色。")]
    points = [_open_point(docket), _flow_point(docket)]
    for code, message in _PROPOSED.items():
        proposed = [e for e in docket.entries if code in e.proposals]
        named = [tr("{name}（{number}）", name=_name(docket, e), number=e.number) for e in proposed]
        points += [tr(message, n=len(named), names=listed(named))] if named else []
    back = [
        tr("{name}（{before} 之后 {number}）", name=_name(docket, m), before=m.predecessor, number=m.number)
        for m in docket.open
        if m.predecessor
    ]
    points += [tr("销号后又复发的：{names}。", names=listed(back))] if back else []
    return points[:5]


def _name(docket: Docket, one: Entry | Matter) -> str:
    return subject_name(docket.view, one.subject)


def _open_point(docket: Docket) -> str:
    late = sum(m.overdue(docket.day) for m in docket.open)
    counts = {"open": len(docket.open), "escalated": sum(m.escalated_on is not None for m in docket.open)}
    if late:
        return tr("在办 {open} 个问题，其中逾期 {late} 个，已报专班 {escalated} 个。", late=late, **counts)
    return tr("在办 {open} 个问题，没有逾期的，已报专班 {escalated} 个。", **counts)


def _flow_point(docket: Docket) -> str:
    return tr(
        "自上次报告（{since}）以来：新交办 {opened} 个、销号 {closed} 个、退回 {returned} 个、新逾期 {overdue} 个、报专班 {escalated} 个。",
        since=docket.since,
        **{name: len(numbers) for name, numbers in docket.flow.items()},
    )
