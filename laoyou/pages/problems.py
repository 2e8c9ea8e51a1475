"""The supervision page: the list, unit by unit; what the quarter did to it; what the task force must take up."""

from __future__ import annotations

from collections.abc import Sequence

from laoyou.language import listed, mark, tr
from laoyou.markup import Html, element, escape, plain, table
from laoyou.pages import problem_charts
from laoyou.pages.keypoints import opening_of
from laoyou.pages.problem_words import (
    PROPOSALS,
    QUARTER_HEADS,
    description,
    key_points,
    light_word,
    origin,
    progress,
    quarter_rows,
    state,
    subject_name,
)
from laoyou.pages.tables import small
from laoyou.supervision.docket import ASSIGN, CLOSE, ESCALATE, Docket, Entry, open_docket
from laoyou.view import View

SAMPLE = mark("本页的问题和办理情况都是演示数据，由程序生成，不是真实的督查记录，不得引用。")
SAMPLE_FIGURES = mark("本页的问题由演示数据判出，数是程序生成的，不得引用；办理情况是真实记录。")
NOTHING = mark("各项指标都没有落到要交办的灯色，也没有在办的问题；这一季没有清单。")


def opening(view: View) -> Html:
    """Return the head of the page with its key points."""
    docket = open_docket(view)
    judged = {entry.subject for entry in docket.entries} & docket.view.sample_indicators
    warning = SAMPLE if docket.sample else SAMPLE_FIGURES if judged else ""
    return opening_of(docket.view, key_points(docket), warning)


def units(view: View) -> Html:
    """Return how many problems each lead unit has, then each unit's own list."""
    docket = open_docket(view)
    if not docket.entries:
        return _shown(_nothing(NOTHING))
    return _shown(_by_unit(docket) + _of_units(docket))


def movement(view: View) -> Html:
    """Draw what happened since the last report, and tell it quarter by quarter since the first list."""
    docket = open_docket(view)
    return _shown(problem_charts.flow(docket).html + _so_far(docket))


def waiting(view: View) -> Html:
    """Draw how long each open problem has waited."""
    return problem_charts.ages(open_docket(view))


def decisions(view: View) -> Html:
    """Return what waits for a decision: what the task force must take up, what can be closed, what came back."""
    docket = open_docket(view)
    return _shown(_for_task_force(docket) + _ended(docket))


def _nothing(text: str) -> str:
    return element("p", escape(text))


def _kept(text: str) -> str:
    """Return a line of text that no break divides."""
    return element("p", element("span", escape(text), class_="keep"))


def _shown(markup: str) -> Html:
    return Html(markup, plain(markup))


def _by_unit(docket: Docket) -> str:
    """Return how many problems each lead unit has, by where they stand."""
    units = dict.fromkeys(e.unit for e in docket.entries)
    rows = []
    for unit in units:
        own = [e for e in docket.entries if e.unit == unit]
        matters = [e.matter for e in own if e.matter]
        open_ = [m for m in matters if m.open]
        oldest = max((m.age(docket.day) for m in open_), default=0)
        counts = (
            len(open_),
            sum(m.overdue(docket.day) for m in open_),
            sum(m.escalated_on is not None for m in open_),
            sum(m.returns > 0 for m in open_),
            sum(not m.open for m in matters),
            sum(ASSIGN in e.proposals for e in own),
        )
        rows.append([escape(unit), *map(str, counts), tr("{oldest} 天", oldest=oldest) if open_ else "—"])
    heads = [
        tr("牵头单位"),
        tr("在办"),
        tr("其中逾期"),
        tr("已报专班"),
        tr("被退回过"),
        tr("本期销号"),
        tr("拟交办"),
        tr("最久的在办"),
    ]
    return table(
        tr("各单位的问题，单位：个（截至 {day}）", day=docket.day),
        heads,
        rows,
        class_="data cards",
        numeric=range(1, 8),
    )


def _of_units(docket: Docket) -> str:
    """Return each unit's problems, a table each."""
    parts = []
    for unit in dict.fromkeys(e.unit for e in docket.entries):
        own = [e for e in docket.entries if e.unit == unit]
        parts.append(_list(docket, tr("{unit}：{own} 个", unit=unit, own=len(own)), own))
    return "".join(parts)


def _list(docket: Docket, caption: str, entries: Sequence[Entry]) -> str:
    """Return problems as a table: what, why and what is done, whose, until when, where it stands."""
    view = docket.view
    rows = []
    for entry in entries:
        matter = entry.matter
        supporting = listed(view.plan.supporting_units(entry.subject))
        mending = (
            [tr("原因：{cause}", cause=matter.cause), tr("措施：{measures}", measures=matter.measures)]
            if matter and matter.cause
            else [tr("还没有报原因和措施")]
        )
        if matter is None:
            mending = [tr("还没有交办")]
        closing = (
            tr(
                "{closed_on} {closed_by} 验收：{closing}",
                closed_on=matter.closed_on,
                closed_by=matter.closed_by,
                closing=matter.closing,
            )
            if matter and matter.closed_on
            else ""
        )
        rows.append(
            [
                escape(entry.number) + small(origin(docket, entry)),
                escape(subject_name(view, entry.subject)) + small(light_word(entry.light)),
                escape(description(view, entry.subject)),
                "".join(element("p", escape(line)) for line in mending)
                + small(progress(matter) if matter else ""),
                escape(matter.responsible if matter and matter.responsible else "—")
                + (
                    _kept(tr("{assigned_on} 交办", assigned_on=matter.assigned_on))
                    + _kept(tr("{due} 前整改", due=matter.due))
                    if matter
                    else ""
                )
                + small(tr("配合：{supporting}", supporting=supporting) if supporting else ""),
                escape(state(docket, entry)) + small(closing),
            ]
        )
    heads = [tr("编号"), tr("指标"), tr("问题"), tr("原因、措施和进展"), tr("责任人和时限"), tr("状态")]
    return table(caption, heads, rows, class_="data cards")


def _for_task_force(docket: Docket) -> str:
    """Return what the task force must take up: what was escalated and is open, and what the rules propose for it."""
    chosen = [
        e for e in docket.entries
        if e.matter and e.matter.open and (e.matter.escalated_on or ESCALATE in e.proposals)
    ]  # fmt: skip
    if not chosen:
        return _nothing(tr("没有要专班议的问题。"))
    rows = []
    for entry in chosen:
        matter = entry.matter
        assert matter is not None  # only such are chosen
        asked = (
            tr(
                "{escalated_on} 报专班：{escalation}",
                escalated_on=matter.escalated_on,
                escalation=matter.escalation,
            )
            if matter.escalated_on
            else PROPOSALS[ESCALATE]
        )
        rows.append(
            [
                escape(entry.number),
                escape(subject_name(docket.view, entry.subject)) + small(matter.unit),
                escape(tr('{age} 天，第 {quarters} 张清单', age=matter.age(docket.day), quarters=entry.quarters)),
                escape(asked),
                escape(matter.measures or tr('还没有报措施')),
                escape(state(docket, entry)),
            ]
        )  # fmt: skip
    heads = [tr("编号"), tr("指标"), tr("在办多久"), tr("为什么报"), tr("已有措施"), tr("状态")]
    return table(tr("要专班议的问题"), heads, rows, class_="data cards")


def _ended(docket: Docket) -> str:
    """Return what was closed since the last report, what is proposed for closing, and what came back."""
    closed = [e for e in docket.entries if e.matter and not e.matter.open]
    due = [e for e in docket.entries if CLOSE in e.proposals]
    back = [e for e in docket.entries if e.predecessor]
    if not (closed or due or back):
        return _nothing(tr("自上次报告以来没有销号的，也没有可以销号的和复发的。"))
    rows = []
    for word, entries in ((tr("已销号"), closed), (tr("建议销号"), due), (tr("销号后复发"), back)):
        for entry in entries:
            matter = entry.matter
            said = ""
            if matter and matter.closed_on:
                said = tr(
                    "{closed_on} {closed_by}：{closing}",
                    closed_on=matter.closed_on,
                    closed_by=matter.closed_by,
                    closing=matter.closing,
                )
            elif word == "建议销号":
                said = tr(
                    "指标已是“{light_word}”；由单位申请、督查验收后销号，程序不自动销号",
                    light_word=light_word(entry.light),
                )
            elif matter is not None or entry.predecessor:
                said = tr("上一次是 {predecessor}", predecessor=entry.predecessor)
            rows.append(
                [escape(entry.number), escape(subject_name(docket.view, entry.subject)), word, escape(said)]
            )
    return table(
        tr("销号和复发"), [tr("编号"), tr("指标"), tr("情形"), tr("说明")], rows, class_="data cards"
    )


def _so_far(docket: Docket) -> str:
    """Return what happened from report to report since the first list."""
    told = quarter_rows(docket)
    if not told:
        return _nothing(tr("还没有交办过问题。"))
    rows = [[escape(quarter), *map(str, counts)] for quarter, counts in told]
    caption = tr("各季报告之间的办理，单位：个；退回按问题计，一个问题退回几次算一个")
    return table(caption, QUARTER_HEADS, rows, class_="data cards", numeric=range(1, len(QUARTER_HEADS)))
