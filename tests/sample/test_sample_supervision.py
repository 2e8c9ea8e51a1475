"""The shipped rehearsal: seven quarters of a loop in which everything happens, rebuilt from its events exactly."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest
from workspaces import ROOT

from laoyou.supervision.docket import by_quarter, open_docket
from laoyou.supervision.matters import rebuild
from laoyou.supervision.states import State, Step
from laoyou.view import View, open_view

LOG = ROOT / "data" / "sample" / "supervision" / "events.csv"
QUARTERS = ["2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3"]


@pytest.fixture(scope="module")
def view() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with LOG.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_line_says_that_it_is_a_sample(rows: list[dict[str, str]]) -> None:
    assert {row["source"] for row in rows} == {"演示数据（程序生成）"}
    for row in rows:
        assert all(
            row[n].startswith("演示：") for n in ("cause", "measures", "responsible", "text") if row[n]
        )


def test_in_seven_quarters_problems_are_opened_returned_closed_relapsed_and_escalated(view: View) -> None:
    found = by_quarter(open_docket(view))
    assert list(found.index) == QUARTERS
    # counted by hand in the log, from one report's day (the end of the month after the quarter) to the next
    expected = {
        "opened": [7, 0, 2, 2, 2, 0, 0],
        "relapsed": [0, 0, 0, 0, 2, 0, 0],
        "returned": [0, 1, 1, 2, 2, 2, 2],
        "escalated": [0, 0, 7, 0, 1, 2, 2],
        "closed": [0, 0, 0, 2, 1, 0, 0],
        "open": [7, 7, 9, 9, 10, 10, 10],
    }
    for name, counts in expected.items():
        assert found[name].tolist() == counts, name


def test_the_counts_are_those_of_the_lines(view: View, rows: list[dict[str, str]]) -> None:
    found = by_quarter(open_docket(view)).sum()
    steps = Counter(row["step"] for row in rows)
    assert found["opened"] == steps["assign"] == 13
    assert found["closed"] == steps["close"] == 3
    assert found["returned"] == steps["return"] == 10
    assert found["escalated"] == steps["escalate"] == 12
    assert found["relapsed"] == sum(bool(row["predecessor"]) for row in rows) == 2


def test_the_matters_rebuilt_are_what_the_lines_tell(view: View, rows: list[dict[str, str]]) -> None:
    matters = open_docket(view).matters
    assert rebuild(open_docket(view).events)["330305"] == matters
    for number, matter in matters.items():
        own = [row for row in rows if row["matter"] == number]
        assert [e.step for e in matter.events] == [row["step"] for row in own]
        last = {row["step"]: row for row in own}
        assert matter.open == ("close" not in last)
        assert matter.due == max(pd.Timestamp(row["due"]).date() for row in own if row["due"])
        assert matter.cause == (last["plan"]["cause"] if "plan" in last else "")
        assert matter.returns == sum(row["step"] == "return" for row in own)
    closed = {n: m for n, m in matters.items() if m.state == State.CLOSED}
    assert sorted(closed) == ["2025Q1-01", "2025Q1-04", "2025Q3-02"]
    back = {m.number: m.predecessor for m in matters.values() if m.predecessor}
    assert back == {"2026Q1-01": "2025Q1-01", "2026Q1-02": "2025Q1-04"}


@pytest.mark.parametrize("quarter", QUARTERS)
def test_what_was_assigned_is_what_the_rules_proposed_on_that_day(view: View, quarter: str) -> None:
    """The day before a list was made, its problems stand as proposals under the numbers that they were then given."""
    period = pd.Period(quarter, "Q-DEC")
    listed = period.end_time.normalize() + pd.Timedelta(days=30)
    then = open_view(region="330305", quarter=quarter, as_of=str(listed.date()))
    after = open_docket(then)
    before = replace(after, events=tuple(e for e in after.events if e.recorded_on < listed.date()))
    proposed = {entry.number: entry.subject for entry in before.entries if entry.matter is None}
    given = {
        e.matter: e.subject for e in after.events if e.step == Step.ASSIGN and e.recorded_on == listed.date()
    }
    closed = {m.subject for m in after.closed}
    assert {n: s for n, s in proposed.items() if s not in closed} == given
