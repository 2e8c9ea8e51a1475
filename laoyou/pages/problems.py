"""The supervision page: the list, unit by unit; what the quarter did to it; what the task force must take up."""

from __future__ import annotations

from collections.abc import Sequence

from laoyou.formats import DASH
from laoyou.language import begun, listed, mark, tr, trn
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
    unit_count,
)
from laoyou.pages.tables import small
from laoyou.supervision.docket import ASSIGN, CLOSE, ESCALATE, Docket, Entry, open_docket
from laoyou.supervision.matters import Matter
from laoyou.view import View

SAMPLE = mark("本页的问题和办理情况都是演示数据，由程序生成，不是真实的督查记录，不得引用。")
SAMPLE_JUDGED = mark("本页的问题由演示数据判出，数是程序生成的，不得引用。")
SAMPLE_FIGURES = mark("本页的问题由演示数据判出，数是程序生成的，不得引用；办理情况是真实记录。")
NOTHING = mark("各项指标都没有落到要交办的灯色，也没有在办的问题；这一季没有清单。")


def opening(view: View) -> Html:
    """Return the head of the page with its key points."""
    docket = open_docket(view)
    judged = {entry.subject for entry in docket.entries} & docket.view.sample_indicators
    figures = SAMPLE_FIGURES if docket.events else SAMPLE_JUDGED  # of what was done nothing is known yet
    warning = tr(SAMPLE) if docket.sample else tr(figures) if judged else ""
    return opening_of(docket.view, key_points(docket), warning)


def units(view: View) -> Html:
    """Return how many problems each lead unit has, then each unit's own list."""
    docket = open_docket(view)
    if not docket.entries:
        return _shown(_nothing(tr(NOTHING)))
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
        rows.append([
            escape(docket.view.plan.unit_spoken(unit)), *map(str, counts), trn("{n} 天", oldest) if open_ else DASH,
        ])  # fmt: skip
    heads = [
        tr("牵头单位"),
        tr("在办"),
        tr("其中逾期"),
        tr("已报专班"),
        tr("被退回过"),
        tr("本期销号"),
        begun(tr("拟交办")),
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
        parts.append(_list(docket, unit_count(docket, unit, len(own)), own))
    return "".join(parts)


def _list(docket: Docket, caption: str, entries: Sequence[Entry]) -> str:
    """Return problems as a table: what, why and what is done, whose, until when, where it stands."""
    rows = [
        [
            escape(entry.number) + small(begun(origin(docket, entry))),
            escape(subject_name(docket.view, entry.subject)) + small(light_word(entry.light)),
            escape(description(docket.view, entry.subject)),
            _mending(entry),
            _whose(docket, entry),
            escape(begun(state(docket, entry))) + small(_closing(entry)),
        ]
        for entry in entries
    ]
    heads = [tr("编号"), tr("指标"), tr("问题"), tr("原因、措施和进展"), tr("责任人和时限"), tr("状态")]
    return table(caption, heads, rows, class_="data cards")


def _mending(entry: Entry) -> str:
    matter = entry.matter
    lines = [begun(tr("还没有交办"))] if matter is None else [begun(tr("还没有报原因和措施"))]
    if matter and matter.cause:
        lines = [tr("原因：{cause}", cause=matter.cause), tr("措施：{measures}", measures=matter.measures)]
    done = small(begun(progress(matter))) if matter else ""
    return "".join(element("p", escape(line)) for line in lines) + done


def _whose(docket: Docket, entry: Entry) -> str:
    matter, plan = entry.matter, docket.view.plan
    days = [tr("{day} 交办", day=matter.assigned_on), tr("{day} 前整改", day=matter.due)] if matter else []
    units = listed(map(plan.unit_spoken, plan.supporting_units(entry.subject)))
    return (
        escape(matter.responsible if matter and matter.responsible else DASH)
        + "".join(map(_kept, days))
        + small(tr("配合：{units}", units=units) if units else "")
    )


def _closing(entry: Entry) -> str:
    matter = entry.matter
    if matter is None or matter.closed_on is None:
        return ""
    return tr("{day} {by} 验收：{text}", day=matter.closed_on, by=matter.closed_by, text=matter.closing)


def _for_task_force(docket: Docket) -> str:
    """Return what the task force must take up: what was escalated and is open, and what the rules propose for it."""
    rows = [
        [
            escape(entry.number),
            escape(subject_name(docket.view, entry.subject))
            + small(docket.view.plan.unit_spoken(matter.unit)),
            escape(trn("{n} 天，第 {quarters} 张清单", matter.age(docket.day), quarters=entry.quarters)),
            escape(_asked(matter)),
            escape(matter.measures or begun(tr("还没有报措施"))),
            escape(begun(state(docket, entry))),
        ]
        for entry in docket.entries
        if (matter := entry.matter) and matter.open and (matter.escalated_on or ESCALATE in entry.proposals)
    ]
    if not rows:
        return _nothing(tr("没有要专班议的问题。"))
    heads = [tr("编号"), tr("指标"), tr("在办多久"), tr("为什么报"), tr("已有措施"), tr("状态")]
    return table(tr("要专班议的问题"), heads, rows, class_="data cards")


def _asked(matter: Matter) -> str:
    if matter.escalated_on is None:
        return begun(PROPOSALS[ESCALATE])
    return tr("{day} 报专班：{text}", day=matter.escalated_on, text=matter.escalation)


def _ended(docket: Docket) -> str:
    """Return what was closed since the last report, what is proposed for closing, and what came back."""
    closed = [e for e in docket.entries if e.matter and not e.matter.open]
    due = [e for e in docket.entries if CLOSE in e.proposals]
    back = [e for e in docket.entries if e.predecessor]
    if not (closed or due or back):
        return _nothing(tr("自上次报告以来没有销号的，也没有可以销号的和复发的。"))
    told = [
        *((tr("已销号"), entry, _closed_by(entry)) for entry in closed),
        *((PROPOSALS[CLOSE], entry, _recovered(entry)) for entry in due),
        *((tr("销号后复发"), entry, _closed_by(entry) or _before(entry)) for entry in back),
    ]
    rows = [
        [escape(entry.number), escape(subject_name(docket.view, entry.subject)), begun(word), escape(said)]
        for word, entry, said in told
    ]
    heads = [tr("编号"), tr("指标"), tr("情形"), tr("说明")]
    return table(tr("销号和复发"), heads, rows, class_="data cards")


def _closed_by(entry: Entry) -> str:
    matter = entry.matter
    if matter is None or matter.closed_on is None:
        return ""
    return tr("{day} {by}：{text}", day=matter.closed_on, by=matter.closed_by, text=matter.closing)


def _recovered(entry: Entry) -> str:
    light = light_word(entry.light)
    return tr("指标已是“{light}”；由单位申请、督查验收后销号，程序不自动销号", light=light)


def _before(entry: Entry) -> str:
    return tr("上一次是 {number}", number=entry.predecessor)


def _so_far(docket: Docket) -> str:
    """Return what happened from report to report since the first list."""
    told = quarter_rows(docket)
    if not told:
        return _nothing(tr("还没有交办过问题。"))
    rows = [[escape(quarter), *map(str, counts)] for quarter, counts in told]
    caption = tr("各季报告之间的办理，单位：个；退回按问题计，一个问题退回几次算一个")
    return table(
        caption,
        [tr(head) for head in QUARTER_HEADS],
        rows,
        class_="data cards",
        numeric=range(1, len(QUARTER_HEADS)),
    )
