"""What the rules propose each quarter, and what a quarter did, counted by what was known when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matters import REGION, UNIT, event
from views import Make, maker

from laoyou.plan import Plan
from laoyou.supervision.docket import (
    ASSIGN,
    CLOSE,
    ESCALATE,
    FLOW,
    Docket,
    assignments,
    by_quarter,
    open_docket,
    problem_list,
)
from laoyou.supervision.matters import Event, rebuild
from laoyou.supervision.states import Step
from laoyou.view import View, open_view

A, P, R, Y, B, C, E, X = Step
FIRST = dt.date(2025, 1, 31)  # the day of the list of 2024Q4
WAGE = "minimum_wage_top_tier"


@pytest.fixture(scope="module")
def shipped_view() -> View:
    return open_view(region=REGION, quarter="2026Q3", as_of="2026-10-31")


@pytest.fixture(scope="module")
def make(shipped_view: View, one_row_plan: Callable[..., Plan], observe: Callable[..., pd.DataFrame]) -> Make:
    one = maker(shipped_view, one_row_plan, observe)

    def without_commitments(quarter: str, *arguments: Any, **more: Any) -> View:
        view = one(quarter, *arguments, **more)
        day = pd.Period(quarter, "Q-DEC").end_time.date() + dt.timedelta(days=31)
        return replace(view, plan=view.plan.model_copy(update={"commitments": {}}), as_of=str(day))

    return without_commitments


def at(step: Step, day: str, matter: str = "2024Q4-01", **more: Any) -> Event:
    on = dt.date.fromisoformat(day)
    said = {"quarter": matter[:6], "subject": "row", "due": on + dt.timedelta(days=60)} if step == A else {}
    return event(step, matter=matter, on=on, **({"recorded_on": on} | said | more))


def docket(view: View, *events: Event) -> Docket:
    return Docket(view, events, False)


def proposed(view: View, *events: Event) -> list[tuple[str, tuple[str, ...]]]:
    return [(entry.number, entry.proposals) for entry in docket(view, *events).entries]


def test_the_worst_light_opens_one_too(make: Make) -> None:
    view = make("2025Q2", {"2025Q2": 19.9}, "annual_count", "100")  # 30.1 points behind
    assert view.score("row").light == "red"
    assert proposed(view) == [("2025Q2-01", (ASSIGN,))]


# A count of 100 a year, even quarters: 25 due by the end of the first
@pytest.mark.parametrize(
    ("done", "light", "opens"),
    [(25, "green", False), (15.1, "watch", False), (15, "yellow", True)],
)
def test_the_lights_of_the_rules_open_a_problem(make: Make, done: float, light: str, opens: bool) -> None:
    view = make("2025Q1", {"2025Q1": done}, "annual_count", "100")
    assert view.score("row").light == light
    assert proposed(view) == ([("2025Q1-01", (ASSIGN,))] if opens else [])


def test_what_another_level_sets_opens_none_unless_the_rules_say_so(
    make: Make, observe: Callable[..., pd.DataFrame]
) -> None:
    view = make("2025Q1", {"2025Q1": 1}, "annual_count", "100", set_by="330000")
    view = replace(view, observations=observe({"2025Q1": 1}, region="330000"))
    assert view.score("row").light == "yellow"
    assert proposed(view) == []
    rules = view.rules.model_copy(
        update={"supervision": view.rules.supervision.model_copy(update={"set_above": True})}
    )
    assert proposed(replace(view, rules=rules)) == [("2025Q1-01", (ASSIGN,))]


def test_what_has_no_figure_is_neither_opened_nor_closed(make: Make) -> None:
    view = make("2025Q1", {"2024Q4": 100}, "annual_count", "100")
    assert view.score("row").light == "no_data"
    assert proposed(view) == []
    assert proposed(view, at(A, "2025-01-31")) == [("2024Q4-01", ())]


def test_a_recovered_indicator_is_proposed_for_closing_and_never_closed_by_itself(make: Make) -> None:
    view = make("2025Q1", {"2025Q1": 30}, "annual_count", "100")
    for more in ((), (at(P, "2025-02-10"),), (at(P, "2025-02-10"), at(Y, "2025-03-01"))):
        found = docket(view, at(A, "2025-01-31"), *more)
        [entry] = found.entries
        assert entry.proposals == (CLOSE,)
        assert entry.matter is not None
        assert entry.matter.open
        assert (
            assignments(found, on=view.quarter.end_time.date(), recorded_on=found.day, by="王某", source="")
            == []
        )


def test_a_relapse_is_linked_to_its_predecessor(make: Make) -> None:
    view = make("2025Q2", {"2025Q2": 20}, "annual_count", "100")
    closed = [at(A, "2025-01-31"), at(P, "2025-02-10"), at(Y, "2025-03-01"), at(C, "2025-04-20")]
    found = docket(view, *closed)
    entry = found.entries[-1]
    assert (entry.number, entry.proposals, entry.predecessor) == ("2025Q2-01", (ASSIGN,), "2024Q4-01")
    [new] = assignments(
        found, on=dt.date(2025, 7, 31), recorded_on=dt.date(2025, 7, 31), by="王某", source=""
    )
    assert rebuild([*closed, new])[REGION]["2025Q2-01"].predecessor == "2024Q4-01"
    assert (new.unit, new.due) == (view.plan.lead_unit("row"), dt.date(2025, 9, 29))  # 60 days


@pytest.mark.parametrize(("quarter", "lists"), [("2025Q1", 2), ("2025Q2", 3), ("2025Q4", 5)])
def test_on_its_third_list_a_problem_is_proposed_for_the_task_force(
    make: Make, quarter: str, lists: int
) -> None:
    view = make(quarter, {quarter: 1}, "annual_count", "100")
    [entry] = docket(view, at(A, "2025-01-31")).entries
    assert entry.quarters == lists
    assert entry.proposals == ((ESCALATE,) if lists > 2 else ())
    assert proposed(view, at(A, "2025-01-31"), at(E, "2025-02-20")) == [("2024Q4-01", ())]


def test_numbers_are_stable_from_one_quarter_to_the_next(make: Make) -> None:
    opened = at(A, "2025-01-31")
    for quarter in ("2025Q1", "2025Q2", "2025Q3", "2026Q3"):
        view = make(quarter, {quarter: 1}, "annual_count", "100")
        assert [entry.number for entry in docket(view, opened).entries] == ["2024Q4-01"]


def test_an_earlier_list_does_not_propose_what_a_later_one_has(make: Make) -> None:
    view = replace(make("2025Q1", {"2025Q1": 1}, "annual_count", "100"), as_of="2025-12-31")
    assert proposed(view, at(A, "2025-07-31", "2025Q2-01")) == []
    assert proposed(view) == [("2025Q1-01", (ASSIGN,))]


# Commitments: one due in 2023, two markets; one due in 2027


@pytest.mark.parametrize(
    ("quarter", "value", "opens"),
    [
        ("2023Q3", 1, False),
        ("2023Q4", 1, True),
        ("2023Q4", 2, False),
        ("2023Q4", None, True),
        ("2023Q3", None, False),
    ],
)
def test_a_commitment_opens_a_problem_once_its_year_is_over_and_it_was_not_kept(
    shipped_view: View, observe: Callable[..., pd.DataFrame], quarter: str, value: float | None, opens: bool
) -> None:
    markets = "gig_markets_built"
    plan = shipped_view.plan.model_copy(
        update={"indicators": {}, "commitments": {markets: shipped_view.plan.commitments[markets]}}
    )
    figures = observe(
        {quarter if value is not None else "2022Q4": value if value is not None else 0}, markets
    )
    if value is None:
        figures = figures.iloc[:0]
    view = replace(
        shipped_view, plan=plan, observations=figures, quarter=pd.Period(quarter, "Q-DEC"), as_of="2024-01-31"
    )
    found = [e.number for e in Docket(view, (), False).entries]
    assert found == ([f"{quarter}-01"] if opens else [])
    if value == 2:
        assert Docket(view, (), False).recovered(markets)


# What a quarter did


def test_a_step_that_the_last_report_could_not_know_is_counted_in_the_next(make: Make) -> None:
    """Sent back on 28 April, recorded on 10 May: the report of 1 May did not know of it."""
    view = make("2025Q2", {"2025Q2": 1}, "annual_count", "100")
    events = [
        at(A, "2025-01-31"), at(P, "2025-02-10"), at(Y, "2025-03-01"),
        at(B, "2025-04-28", recorded_on=dt.date(2025, 5, 10)),
    ]  # fmt: skip
    before = make("2025Q1", {"2025Q1": 1}, "annual_count", "100")
    assert docket(before, *events).flow["returned"] == []
    assert docket(view, *events).flow["returned"] == ["2024Q4-01"]
    assert by_quarter(docket(view, *events))["returned"].tolist() == [0, 0, 1]


def test_what_fell_due_counts_in_the_quarter_in_which_it_did(make: Make) -> None:
    # assigned on 31 January, due on 1 April: after the report of 31 January, before that of 1 May
    events = [at(A, "2025-01-31")]
    for quarter, late in (("2025Q1", ["2024Q4-01"]), ("2025Q2", [])):
        found = docket(make(quarter, {quarter: 1}, "annual_count", "100"), *events)
        assert found.open[0].overdue(found.day)
        assert found.flow["overdue"] == late


STORY = st.lists(st.tuples(st.sampled_from(list(Step)), st.integers(0, 25), st.integers(0, 40)), max_size=30)


@given(STORY)
@settings(max_examples=60)
def test_what_was_open_and_what_was_opened_is_closed_or_still_open(
    make: Make, tries: Sequence[tuple[Step, int, int]]
) -> None:
    events: list[Event] = []
    day = recorded = FIRST
    for step, wait, late in tries:
        matters = rebuild(events).get(REGION, {})
        day = max(day + dt.timedelta(days=wait), FIRST)
        recorded = max(recorded, day + dt.timedelta(days=late))
        last = list(matters.values())[-1] if matters else None
        number = f"2024Q4-{len(matters) + 1:02d}" if step == A else last.number if last else "2024Q4-01"
        more = {"predecessor": last.number if last else "", "unit": UNIT} if step == A else {}
        more |= {"due": day + dt.timedelta(days=60 + len(events))} if step == A else {}
        more |= {"due": dt.date(2030, 1, 1) + dt.timedelta(days=len(events))} if step == X else {}
        one = at(step, str(day), number, recorded_on=recorded, **more)
        try:
            rebuild([*events, one])
        except ValueError:
            continue
        events.append(one)
    last = docket(make("2026Q2", {"2026Q2": 1}, "annual_count", "100"), *events)
    table = by_quarter(last)
    assert (table["open"].shift(fill_value=0) + table["opened"] - table["closed"] == table["open"]).all()
    for name, step in (("opened", A), ("closed", C), ("returned", B), ("escalated", E)):
        known = [e for e in events if e.step == step and e.recorded_on <= last.day]
        assert name in FLOW
        assert table[name].sum() <= len(known)
        if step in (A, C, E):
            assert table[name].sum() == len(known)


# The public face


def test_the_problem_list_is_a_table_with_what_the_list_needs(shipped_view: View) -> None:
    table = problem_list(shipped_view)
    assert {"number", "quarter", "name", "lead_unit", "supporting_units", "cause", "measures", "responsible",
            "assigned_on", "due", "progress", "state", "closed_by", "closed_on", "escalated_on"} <= set(table)  # fmt: skip
    assert not table["number"].duplicated().any()
    plan = shipped_view.plan
    assert [plan.lead_unit(s) for s in table["subject"]] == table["lead_unit"].tolist()
    assert WAGE not in set(table["subject"])  # the province's


def test_a_region_without_a_log_has_an_empty_docket_and_proposals(shipped_view: View) -> None:
    found = open_docket(replace(shipped_view, as_of="2025-04-29"))
    assert (found.events, found.sample, found.matters) == ((), False, {})
    assert all(entry.proposals == (ASSIGN,) for entry in found.entries)
