"""Matters under supervision, rebuilt from their events: the same events, the same matters."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from laoyou.errors import NotAllowedError
from laoyou.markup import printable
from laoyou.periods import parse_quarter
from laoyou.supervision.states import RULES, STEPS, State, Step, after

NUMBER = re.compile(r"([0-9]{4}Q[1-4])-([0-9]{2,})")
NAMES = {
    "quarter": "季度", "subject": "指标", "unit": "牵头单位", "predecessor": "上一次的编号", "due": "整改时限", "cause": "原因", "measures": "整改措施",
    "responsible": "责任人", "text": "说明", "by": "经办人",
}  # fmt: skip


@dataclass(frozen=True)
class Event:
    """One thing that happened to a matter.

    Parameters
    ----------
    region, matter : whose, and the matter's number
    step : what happened
    on, recorded_on : the day it happened, and the day from which it is known
    by : who did it
    quarter, subject, predecessor : of an assignment: whose list it stands on, the indicator or commitment, and the
        number of the matter that it is a relapse of
    unit : the lead unit that it is given to; of what the unit does, the unit
    due : the day by which it is to be mended, of an assignment or an extension
    cause, measures, responsible : of a plan to mend it
    text : progress, evidence, or the reason, by the step
    source : the file it came in by, or the command

    Notes
    -----
    Texts are kept in one line of characters that a file can hold, so that an event read again is the same.
    """

    region: str
    matter: str
    step: Step
    on: dt.date
    recorded_on: dt.date
    by: str
    quarter: str = ""
    subject: str = ""
    unit: str = ""
    predecessor: str = ""
    due: dt.date | None = None
    cause: str = ""
    measures: str = ""
    responsible: str = ""
    text: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if type(value) is str:
                object.__setattr__(self, name, " ".join(printable(value).split()))


FIELDS = tuple(f.name for f in fields(Event))


@dataclass(frozen=True)
class Matter:
    """One matter as its events leave it.

    ``due`` is the day in force, extended or not; ``progress``, ``evidence``, ``objection`` and ``closing`` are the last
    said of each; ``returns`` counts how often it was sent back [count].
    """

    number: str
    region: str
    quarter: str
    subject: str
    unit: str
    predecessor: str
    assigned_on: dt.date
    due: dt.date
    state: State = State.ASSIGNED
    cause: str = ""
    measures: str = ""
    responsible: str = ""
    progress: str = ""
    progress_on: dt.date | None = None
    evidence: str = ""
    applied_on: dt.date | None = None
    objection: str = ""
    returns: int = 0
    escalated_on: dt.date | None = None
    escalation: str = ""
    extensions: int = 0
    closed_on: dt.date | None = None
    closed_by: str = ""
    closing: str = ""
    events: tuple[Event, ...] = field(default=(), repr=False)

    @property
    def open(self) -> bool:
        """Whether it is not closed."""
        return self.state != State.CLOSED

    def overdue(self, day: dt.date) -> bool:
        """Return whether it is open beyond its due day, on a day."""
        return self.open and day > self.due

    def age(self, day: dt.date) -> int:
        """Return how long it has been open, or was until it was closed [day]."""
        return ((self.closed_on or day) - self.assigned_on).days


Matters = Mapping[str, Matter]


def take(matters: Matters, event: Event) -> Matter:
    """Return a matter after one more event.

    Parameters
    ----------
    matters : those of the event's region before it, by number
    event : what happened

    Raises
    ------
    NotAllowedError
        If it cannot have happened: a step that the state does not allow or that another unit takes, something needed
        left empty, a day before the last one, a second open matter of one indicator, or a relapse that is not linked
        to what it is a relapse of.
    """
    before = matters.get(event.matter)
    state = after(before.state if before else None, event.step)
    _check_fields(event)
    if event.on > event.recorded_on:
        raise NotAllowedError(
            f"日期 {event.on} 在记录日 {event.recorded_on} 之后", f"不晚于 {event.recorded_on}"
        )
    if before is None:
        return _assigned(matters, event)
    if event.unit and event.unit != before.unit:
        raise NotAllowedError(f"{event.unit}{STEPS[event.step]}", f"牵头单位是{before.unit}")
    last = before.events[-1].on
    if event.on < last:
        raise NotAllowedError(f"日期 {event.on} 早于上一步的 {last}", f"不早于 {last}")
    return replace(before, state=state, events=(*before.events, event), **_said(before, event))


def _check_fields(event: Event) -> None:
    """Refuse an event that lacks what its step needs, or says what its step does not."""
    rule = RULES[event.step]
    for name in ("by", *rule.needs):
        if not getattr(event, name):
            raise NotAllowedError(f"{STEPS[event.step]}没有写{NAMES[name]}", NAMES[name])
    for name in NAMES:
        if name not in ("by", *rule.needs, *rule.may) and getattr(event, name):
            raise NotAllowedError(f"{STEPS[event.step]}写了{NAMES[name]}", f"{NAMES[name]}空着")


def _assigned(matters: Matters, event: Event) -> Matter:
    """Return a new matter."""
    number = NUMBER.fullmatch(event.matter)
    if number is None or number[1] != event.quarter:
        raise NotAllowedError(f"编号「{event.matter}」", f"{event.quarter}-01 这样的写法：季度和序号")
    over = parse_quarter(event.quarter).end_time.date()
    if event.on <= over:
        raise NotAllowedError(f"{event.on} 交办，{event.quarter} 到 {over} 才结束", f"晚于 {over}")
    assert event.due is not None  # needed, which take has seen to
    if event.due < event.on:
        raise NotAllowedError(f"整改时限 {event.due} 早于交办日 {event.on}", "不早于交办日")
    for other in matters.values():
        if other.open and other.subject == event.subject:
            found = f"{other.number} 还没有销号，同一指标不能再交办"
            raise NotAllowedError(found, "先销号，或在原问题里继续整改")
    last = last_of(matters, event.subject)
    if event.predecessor != (last.number if last else ""):
        found = f"上一次的编号写成「{event.predecessor}」" if event.predecessor else "没有写上一次的编号"
        raise NotAllowedError(found, last.number if last else "空着：这个指标以前没有交办过")
    if last and last.closed_on and event.on < last.closed_on:
        found = f"{event.on} 交办，上一次的 {last.number} 到 {last.closed_on} 才销号"
        raise NotAllowedError(found, f"不早于 {last.closed_on}")
    return Matter(
        event.matter, event.region, event.quarter, event.subject, event.unit, event.predecessor, event.on,
        event.due, events=(event,),
    )  # fmt: skip


def _said(before: Matter, event: Event) -> dict[str, Any]:
    """Return what an event changes besides the state."""
    text, on = event.text, event.on
    if event.step == Step.EXTEND:
        assert event.due is not None  # needed, which take has seen to
        if event.due <= before.due:
            raise NotAllowedError(f"延到 {event.due}，不晚于原来的 {before.due}", f"晚于 {before.due}")
        return {"due": event.due, "extensions": before.extensions + 1}
    if event.step == Step.ESCALATE:
        if before.escalated_on:
            raise NotAllowedError(f"{before.escalated_on} 已报专班", "一个问题只报一次")
        return {"escalated_on": on, "escalation": text}
    said: dict[Step, dict[str, Any]] = {
        Step.PLAN: {"cause": event.cause, "measures": event.measures, "responsible": event.responsible},
        Step.PROGRESS: {"progress": text, "progress_on": on},
        Step.APPLY: {"evidence": text, "applied_on": on},
        Step.RETURN: {"objection": text, "returns": before.returns + 1},
        Step.CLOSE: {"closed_on": on, "closed_by": event.by, "closing": text},
    }
    return said[event.step]


def rebuild(events: Iterable[Event]) -> dict[str, dict[str, Matter]]:
    """Return every matter that some events tell of, by region and number.

    Parameters
    ----------
    events : in the order in which they were recorded

    Raises
    ------
    NotAllowedError
        As ``take``, for the first event that cannot have happened.
    """
    found: dict[str, dict[str, Matter]] = {}
    for event in events:
        matters = found.setdefault(event.region, {})
        matters[event.matter] = take(matters, event)
    return found


def last_of(matters: Matters, subject: str) -> Matter | None:
    """Return the last matter of an indicator or commitment, open or closed; None if it never had one."""
    same = [m for m in matters.values() if m.subject == subject]
    return same[-1] if same else None  # in the order of their assignment, as they are rebuilt


def next_number(numbers: Iterable[str], quarter: str) -> str:
    """Return the next number after those given on a quarter's list: 2026Q3-01, and so on."""
    used = [int(m[2]) for number in numbers if (m := NUMBER.fullmatch(number)) and m[1] == quarter]
    return f"{quarter}-{max(used, default=0) + 1:02d}"
