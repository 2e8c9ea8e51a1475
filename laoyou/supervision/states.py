"""The states of a matter under supervision, and the steps that lead from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from laoyou.errors import NotAllowedError, one_of
from laoyou.language import mark


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
"""In Chinese, as refusals say them to people at the keyboard; pages say them in their own language."""
STEPS: Mapping[Step, str] = {
    Step.ASSIGN: "交办",
    Step.PLAN: "制定整改措施",
    Step.PROGRESS: "报告进展",
    Step.APPLY: "申请销号",
    Step.RETURN: "退回",
    Step.CLOSE: "销号",
    Step.ESCALATE: "报专班",
    Step.EXTEND: "延期",
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
        here = STATES[state] if state else "还没有交办"
        allowed = one_of(STEPS[other] for other, rule in RULES.items() if state in rule.leads)
        raise NotAllowedError(f"「{here}」时不能{STEPS[step]}", allowed or "不再有下一步")
    return leads[state]
