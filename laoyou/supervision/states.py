"""The states of a matter under supervision, and the steps that lead from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from laoyou.errors import NotAllowedError, one_of
from laoyou.language import mark, tr


class State(StrEnum):
    """Where a matter stands; 逾期 and 报专班 are no states of their own, for a matter is in one besides."""

    ASSIGNED = "assigned"
    MENDING = "mending"
    APPLIED = "applied"
    CLOSED = "closed"


class Step(StrEnum):
    """What can happen to a matter."""

    ASSIGN = "assign"
    PLAN = "plan"
    PROGRESS = "progress"
    APPLY = "apply"
    RETURN = "return"
    CLOSE = "close"
    ESCALATE = "escalate"
    EXTEND = "extend"


STATES: Mapping[State, str] = {
    State.ASSIGNED: mark("交办"),
    State.MENDING: mark("整改中"),
    State.APPLIED: mark("申请销号"),
    State.CLOSED: mark("已销号"),
}
STEPS: Mapping[Step, str] = {
    Step.ASSIGN: mark("交办"),
    Step.PLAN: mark("制定整改措施"),
    Step.PROGRESS: mark("报告进展"),
    Step.APPLY: mark("申请销号"),
    Step.RETURN: mark("退回"),
    Step.CLOSE: mark("销号"),
    Step.ESCALATE: mark("报专班"),
    Step.EXTEND: mark("延期"),
}


@dataclass(frozen=True)
class Rule:
    """What a step takes.

    Parameters
    ----------
    leads : the state after it, by the state before it; None is no matter yet
    unit : whether the unit takes it; else the supervising office does
    needs : the fields of its event that cannot be empty, besides who and when
    may : the fields that it can have besides; every other is empty
    """

    leads: Mapping[State | None, State]
    unit: bool
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()


_UNDER_WAY = (State.ASSIGNED, State.MENDING, State.APPLIED)
RULES: Mapping[Step, Rule] = {
    Step.ASSIGN: Rule({None: State.ASSIGNED}, False, ("quarter", "subject", "unit", "due"), ("predecessor",)),
    Step.PLAN: Rule(
        {State.ASSIGNED: State.MENDING, State.MENDING: State.MENDING},
        True,
        ("unit", "cause", "measures", "responsible"),
    ),
    Step.PROGRESS: Rule({State.MENDING: State.MENDING}, True, ("unit", "text")),
    Step.APPLY: Rule({State.MENDING: State.APPLIED}, True, ("unit", "text")),
    Step.RETURN: Rule({State.APPLIED: State.MENDING}, False, ("text",)),
    Step.CLOSE: Rule({State.APPLIED: State.CLOSED}, False, ("text",)),
    Step.ESCALATE: Rule({state: state for state in _UNDER_WAY}, False, ("text",)),
    Step.EXTEND: Rule({State.ASSIGNED: State.ASSIGNED, State.MENDING: State.MENDING}, False, ("due", "text")),
}


def after(state: State | None, step: Step) -> State:
    """Return the state that a step leads to.

    Parameters
    ----------
    state : the state before it; None where there is no matter yet
    step : what happens

    Raises
    ------
    NotAllowedError
        If the step cannot be taken in that state.
    """
    leads = RULES[step].leads
    if state not in leads:
        here = STATES[state] if state else tr("还没有交办")
        allowed = one_of(STEPS[other] for other, rule in RULES.items() if state in rule.leads)
        raise NotAllowedError(
            tr("「{here}」时不能{STEPS}", here=here, STEPS=STEPS[step]), allowed or tr("不再有下一步")
        )
    return leads[state]
