"""Matters rebuilt from their events: no impossible state, no event lost."""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matters import BEGAN, OTHER, REGION, SUBJECTS, UNIT, event, loop, story

from laoyou.errors import NotAllowedError
from laoyou.language import speaking
from laoyou.pages.state_words import state_words
from laoyou.supervision.matters import Event, last_of, next_number, rebuild, take
from laoyou.supervision.states import RULES, State, Step

A, P, R, Y, B, C, E, X = Step  # assign, plan, progress, apply, return, close, escalate, extend


def told(events: Sequence[Event]) -> Any:
    return rebuild(events)[REGION]["2026Q1-01"]


def refused(events: Sequence[Event], **more: Any) -> NotAllowedError:
    """Return why the last of some events is refused, with some of its fields changed."""
    with pytest.raises(NotAllowedError) as refusal:
        rebuild([*events[:-1], replace(events[-1], **more)])
    return refusal.value


def test_a_matter_goes_the_whole_way() -> None:
    matter = told(story(A, P, R, Y, B, R, E, X, Y, C))
    assert (matter.state, matter.open, matter.returns, matter.extensions) == (State.CLOSED, False, 1, 1)
    assert (matter.assigned_on, matter.applied_on) == (BEGAN, BEGAN + dt.timedelta(days=8))
    assert (matter.escalated_on, matter.closed_on) == (
        BEGAN + dt.timedelta(days=6),
        BEGAN + dt.timedelta(days=9),
    )
    assert matter.due == dt.date(2026, 8, 7)  # 31 July and seven days
    assert (matter.cause, matter.measures, matter.responsible) == ("人手不足", "每周调度", "甲")
    assert matter.age(dt.date(2026, 12, 31)) == 9  # it grows no older
    assert [e.step for e in matter.events] == [A, P, R, Y, B, R, E, X, Y, C]


def test_it_is_overdue_from_the_day_after_its_due_day_until_it_is_closed() -> None:
    matter = told(story(A, P))
    assert not matter.overdue(dt.date(2026, 6, 29))
    assert matter.overdue(dt.date(2026, 6, 30))
    assert state_words(matter, dt.date(2026, 6, 30)) == "整改中（逾期）"
    assert state_words(told(story(A, P, E)), dt.date(2026, 6, 30)) == "整改中（逾期，已报专班）"
    assert not told(story(A, P, Y, C)).overdue(dt.date(2026, 12, 31))


def test_every_state_has_its_words_in_english() -> None:
    ways = [(A,), (A, P), (A, P, Y), (A, P, Y, C), (A, E), (A, P, E)]
    with speaking("en"):
        early = [state_words(told(story(*way)), dt.date(2026, 6, 1)) for way in ways]
        late = state_words(told(story(A, P, E)), dt.date(2026, 6, 30))
    assert early == [
        "assigned", "being remedied", "closure requested", "closed", "assigned (with the task force)",
        "being remedied (with the task force)",
    ]  # fmt: skip
    assert late == "being remedied (overdue, with the task force)"


@pytest.mark.parametrize("step", list(Step))
def test_what_a_step_needs_cannot_be_left_empty(step: Step) -> None:
    before = {A: (), P: (A,), R: (A, P), Y: (A, P), B: (A, P, Y), C: (A, P, Y), E: (A,), X: (A,)}[step]
    events = story(*before, step)
    assert told(events).events[-1].step == step
    for name in ("by", *RULES[step].needs):
        assert "没有写" in refused(events, **{name: None if name == "due" else " "}).found


def test_what_a_step_does_not_say_stays_empty() -> None:
    assert refused(story(A, P, Y, C), due=BEGAN).found == "销号写了整改时限"
    assert refused(story(A, P, R), cause="别的").found == "报告进展写了原因"
    assert refused(story(A, E), subject=SUBJECTS[0]).found == "报专班写了指标"


def test_a_unit_can_take_a_step_in_its_own_matter_only() -> None:
    why = refused(story(A, P), unit=OTHER)
    assert (why.found, why.allowed) == (f"{OTHER}制定整改措施", f"牵头单位是{UNIT}")


def test_days_follow_on_each_other() -> None:
    assert "在记录日" in refused(story(A, P), recorded_on=BEGAN).found
    assert refused(story(A, P, R), on=BEGAN).found == "日期 2026-04-30 早于上一步的 2026-05-01"
    assert told([*story(A, P), event(R, 1)])  # the same day is late enough
    over = dt.date(2026, 3, 31)
    assert refused(story(A), on=over).found == "2026-03-31 交办，2026Q1 到 2026-03-31 才结束"
    assert told([event(A, on=over + dt.timedelta(days=1))])
    assert "早于交办日" in refused(story(A), due=BEGAN - dt.timedelta(days=1)).found
    assert told([event(A, due=BEGAN)])
    assert "不晚于原来的" in refused(story(A, X), due=dt.date(2026, 6, 29)).found


@pytest.mark.parametrize("number", ["2026Q2-01", "2026Q1-1", "2026Q1", "２０２６Q1-01", "2026Q5-01", ""])
def test_a_number_is_the_quarters_and_a_serial(number: str) -> None:
    assert "编号" in refused([event(A, matter=number)]).found


def test_one_indicator_has_one_open_matter() -> None:
    why = refused([*story(A, P), event(A, 9, "2026Q1-02")])
    assert why.found == "2026Q1-01 还没有销号，同一指标不能再交办"
    assert len(rebuild([*story(A, P), event(A, 9, "2026Q1-02", subject=SUBJECTS[1])])[REGION]) == 2


def test_a_relapse_is_linked_to_what_it_is_a_relapse_of() -> None:
    closed = story(A, P, Y, C)
    due = BEGAN + dt.timedelta(days=99)
    again = event(A, 9, "2026Q1-02", due=due)
    assert refused([*closed, again]).allowed == "2026Q1-01"
    assert refused([*closed, again], predecessor="2026Q1-07").allowed == "2026Q1-01"
    assert refused(story(A), predecessor="2025Q4-01").allowed == "空着：这个指标以前没有交办过"
    matters = rebuild([*closed, replace(again, predecessor="2026Q1-01")])[REGION]
    assert matters["2026Q1-02"].predecessor == "2026Q1-01"
    early = replace(again, predecessor="2026Q1-01", on=BEGAN + dt.timedelta(days=2))
    assert "才销号" in refused([*closed, early]).found
    assert last_of(rebuild(loop((A, P, Y, C), (A, P, Y, C), (A,)))[REGION], SUBJECTS[0]).number == "2026Q1-03"
    assert last_of({}, SUBJECTS[0]) is None


def test_a_matter_is_escalated_once() -> None:
    assert refused(story(A, E, E)).allowed == "一个问题只报一次"


def test_numbers_go_on_from_the_highest() -> None:
    assert next_number([], "2026Q1") == "2026Q1-01"
    assert next_number(["2026Q1-01", "2026Q1-07", "2025Q4-30"], "2026Q1") == "2026Q1-08"
    assert next_number(["2026Q1-99"], "2026Q1") == "2026Q1-100"


def test_texts_are_kept_in_one_line() -> None:
    assert event(R, text=" 一\n二\t三\x00 ").text == "一 二 三\ufffd"


# Whatever is tried, in whatever order

NUMBERS = ("2026Q1-01", "2026Q1-02", "2026Q1-03")
TRIES = st.lists(
    st.tuples(
        st.sampled_from(list(Step)), st.sampled_from(NUMBERS), st.integers(0, 3), st.sampled_from(SUBJECTS),
        st.sampled_from((UNIT, OTHER)), st.sampled_from(("", *NUMBERS)), st.booleans(),
    ),
    max_size=40,
)  # fmt: skip


def tried(tries: Any) -> tuple[list[Event], dict[str, Any]]:
    """Return the events that were accepted of those tried, and the matters as they were kept in step.

    Half of the tries are led to what can be: a step that the state allows, by the unit whose matter it is.
    """
    events: list[Event] = []
    matters: dict[str, Any] = {}
    days = 0
    for step, number, wait, subject, unit, before, led in tries:
        days += wait
        matter = matters.get(number)
        if led:
            can = [s for s, rule in RULES.items() if (matter.state if matter else None) in rule.leads] or [
                step
            ]
            step = can[list(Step).index(step) % len(can)]
            unit = matter.unit if matter else unit
        more: dict[str, Any] = {"unit": unit} if RULES[step].unit else {}
        if step == A:
            last = last_of(matters, subject)
            before = (last.number if last else "") if led else before
            more = {
                "subject": subject,
                "unit": unit,
                "predecessor": before,
                "due": BEGAN + dt.timedelta(days + 60),
            }
        one = event(step, days, number, **more)
        was = dict(matters)
        try:
            matters[number] = take(matters, one)
            events.append(one)
        except NotAllowedError:
            assert matters == was
    return events, matters


@given(TRIES)
@settings(max_examples=300)
def test_no_sequence_of_steps_reaches_an_impossible_state_or_loses_an_event(tries: Any) -> None:
    events, matters = tried(tries)
    assert rebuild(events).get(REGION, {}) == matters
    assert sum(len(matter.events) for matter in matters.values()) == len(events)
    open_ = [matter.subject for matter in matters.values() if matter.open]
    assert len(open_) == len(set(open_))
    for matter in matters.values():
        steps = [e.step for e in matter.events]
        assert steps[0] == A
        assert steps.count(A) == 1
        assert steps.count(Step.ESCALATE) <= 1
        assert steps.count(B) + steps.count(C) <= steps.count(Y)
        assert (matter.state == State.CLOSED) == (steps[-1] == C) == (matter.closed_on is not None)
        assert not matter.closed_on or (matter.closing and matter.evidence and matter.closed_by)
        assert matter.state == State.ASSIGNED or matter.cause
        assert matter.due >= matter.assigned_on
        assert [e.on for e in matter.events] == sorted(e.on for e in matter.events)
        assert all(e.unit in ("", matter.unit) for e in matter.events)
        if matter.predecessor:
            before = matters[matter.predecessor]
            assert before.subject == matter.subject
            assert before.closed_on <= matter.assigned_on


@given(TRIES)
@settings(max_examples=100)
def test_a_beginning_of_the_events_is_the_state_on_an_earlier_day(tries: Any) -> None:
    events, _ = tried(tries)
    for cut in range(len(events)):
        known = rebuild(events[:cut]).get(REGION, {})
        later = rebuild(events).get(REGION, {})
        for number, matter in known.items():
            assert later[number].events[: len(matter.events)] == matter.events


def test_the_tries_reach_every_state_and_relapses() -> None:
    """What is tried would be worth little if all of it were refused."""
    chance = random.Random(20260930)
    reached: set[object] = set()
    for _ in range(200):
        tries = [
            (chance.choice(list(Step)), chance.choice(NUMBERS), 1, chance.choice(SUBJECTS), UNIT, "", chance.random() < 0.8)
            for _ in range(40)
        ]  # fmt: skip
        matters = tried(tries)[1].values()
        reached |= {m.state for m in matters} | {"relapsed" for m in matters if m.predecessor}
    assert reached == {*State, "relapsed"}
