"""The states of a matter and the steps between them, as the office's rules have them."""

from itertools import product

import pytest

from laoyou.errors import NotAllowedError
from laoyou.supervision.states import RULES, STATES, STEPS, State, Step, after

NONE, ASSIGNED, MENDING, APPLIED, CLOSED = None, *State
# What may follow on what: 交办 → 整改中 → 申请销号 → 已销号, 退回 back to 整改中; nothing after 已销号.
LEADS = {
    (NONE, Step.ASSIGN): ASSIGNED,
    (ASSIGNED, Step.PLAN): MENDING,
    (ASSIGNED, Step.ESCALATE): ASSIGNED,
    (ASSIGNED, Step.EXTEND): ASSIGNED,
    (MENDING, Step.PLAN): MENDING,
    (MENDING, Step.PROGRESS): MENDING,
    (MENDING, Step.APPLY): APPLIED,
    (MENDING, Step.ESCALATE): MENDING,
    (MENDING, Step.EXTEND): MENDING,
    (APPLIED, Step.RETURN): MENDING,
    (APPLIED, Step.CLOSE): CLOSED,
    (APPLIED, Step.ESCALATE): APPLIED,
}


@pytest.mark.parametrize(("state", "step"), list(product([None, *State], Step)))
def test_a_step_leads_where_the_rules_say_or_is_refused(state: State | None, step: Step) -> None:
    if (state, step) in LEADS:
        assert after(state, step) == LEADS[state, step]
    else:
        with pytest.raises(NotAllowedError):
            after(state, step)


def test_a_refusal_says_where_the_matter_stands_and_what_can_be_done() -> None:
    with pytest.raises(NotAllowedError) as refusal:
        after(MENDING, Step.CLOSE)
    assert refusal.value.found == "「整改中」时不能销号"
    assert refusal.value.allowed == "制定整改措施、报告进展、申请销号、报专班、延期"
    with pytest.raises(NotAllowedError) as refusal:
        after(CLOSED, Step.PROGRESS)
    assert refusal.value.allowed == "不再有下一步"
    with pytest.raises(NotAllowedError) as refusal:
        after(None, Step.CLOSE)
    assert (refusal.value.found, refusal.value.allowed) == ("「还没有交办」时不能销号", "交办")


def test_the_words_are_the_plans_of_the_office() -> None:
    assert list(STATES.values()) == ["交办", "整改中", "申请销号", "已销号"]
    assert STEPS.keys() == RULES.keys() == set(Step)
    assert {step for step, rule in RULES.items() if rule.unit} == {Step.PLAN, Step.PROGRESS, Step.APPLY}


def test_closing_and_sending_back_need_a_text() -> None:
    for step in (Step.APPLY, Step.RETURN, Step.CLOSE, Step.ESCALATE, Step.EXTEND):
        assert "text" in RULES[step].needs
