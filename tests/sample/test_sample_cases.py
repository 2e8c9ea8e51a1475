import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
import pytest
from workspaces import ROOT

from laoyou.cases.records import case_rate, count_between
from laoyou.regions import load_regions
from laoyou.rules import CaseRate
from laoyou.sample.cases import (
    GROUPS,
    INDUSTRIES,
    LEFT_OUT,
    TOWNSHIPS,
    Case,
    ended_cases,
    left_out,
    placed,
    running_cases,
)
from laoyou.workspace import Workspace


def quarters(numbers: Mapping[str, tuple[int, int]]) -> dict[pd.Period, tuple[int, int]]:
    return {pd.Period(text, freq="Q-DEC"): pair for text, pair in numbers.items()}


# Closed since January, and due since January.
RUNNING = quarters(
    {
        "2022Q1": (20, 40), "2022Q2": (50, 70), "2022Q3": (80, 95), "2022Q4": (110, 118),
        "2023Q1": (15, 33), "2023Q2": (40, 55), "2023Q3": (40, 60), "2023Q4": (90, 90),
    }
)  # fmt: skip
ENDED = quarters({"2022Q3": (10, 15), "2022Q4": (22, 30), "2023Q1": (9, 9), "2023Q2": (9, 20)})


def table(cases: Sequence[Case]) -> pd.DataFrame:
    records = pd.DataFrame([vars(case) for case in cases])
    for name in ("opened", "closed", "placed"):
        records[name] = pd.to_datetime(records[name])
    return records


def totals(
    cases: Sequence[Case], base: str, wanted: Mapping[pd.Period, object]
) -> dict[pd.Period, tuple[int, int]]:
    """Count cases as records are counted."""
    definition = CaseRate.model_validate({"base": base, "leave_out": list(LEFT_OUT)})
    records = table(cases)
    found = {q: case_rate(records, definition, q)[["numerator", "denominator"]].sum() for q in wanted}
    return {q: (int(both["numerator"]), int(both["denominator"])) for q, both in found.items()}


def sound(case: Case) -> bool:
    days = [case.opened, case.closed or dt.date.max]
    return days == sorted(days) and (case.closed is None) == (case.outcome == "open")


# Cases carried over


def test_running_cases_add_up_to_what_they_are_made_for() -> None:
    cases = running_cases("row", RUNNING, before=11)
    assert totals(cases, "carried_over_and_new", RUNNING) == RUNNING
    assert all(map(sound, cases))
    assert [case.number for case in cases] == list(range(len(cases)))


def test_cases_of_before_the_first_year_are_carried_over() -> None:
    cases = running_cases("row", RUNNING, before=11)
    assert sum(case.opened.year < 2022 for case in cases) == 11
    # 118 due in 2022 of which 110 were closed; of the 33 due by March 2023, 8 are old.
    assert sum(case.opened < dt.date(2023, 1, 1) for case in cases) == 118
    assert sum(case.opened < dt.date(2023, 4, 1) for case in cases) == 118 + 33 - 8


def test_more_cases_waiting_than_due_are_not_lost() -> None:
    fewer = quarters({"2022Q4": (0, 30), "2023Q1": (5, 20), "2023Q2": (9, 40)})
    found = totals(running_cases("row", fewer, before=0), "carried_over_and_new", fewer)
    assert list(found.values()) == [(0, 30), (5, 30), (9, 40)]


def test_running_cases_are_the_same_whenever_they_are_made_and_others_for_another_row() -> None:
    assert running_cases("row", RUNNING, before=3) == running_cases("row", RUNNING, before=3)
    assert running_cases("row", RUNNING, before=3) != running_cases("other", RUNNING, before=3)


# Cases that ended


def test_ended_cases_add_up_to_what_they_are_made_for() -> None:
    cases = ended_cases("row", ENDED)
    assert totals(cases, "ended", ENDED) == ENDED
    assert all(map(sound, cases))
    assert Counter(case.outcome for case in cases) == {"done": 22 + 9, "failed": 8 + 11}


def test_a_case_ends_five_to_forty_four_days_after_it_began() -> None:
    lasted = {(case.closed - case.opened).days for case in ended_cases("row", ENDED) if case.closed}
    assert min(lasted) >= 5
    assert max(lasted) <= 44


# What is left out, and who is placed


def test_cases_left_out_change_no_numerator_and_are_over_within_twelve_days() -> None:
    cases = running_cases("row", RUNNING, before=0)
    more = left_out("row", cases, 0.1, LEFT_OUT)
    assert len(more) == len(cases) // 10
    assert {case.outcome for case in more} <= set(LEFT_OUT)
    assert all(1 <= (case.closed - case.opened).days <= 12 for case in more if case.closed)
    with_them = totals([*cases, *more], "carried_over_and_new", RUNNING)
    assert [done for done, _ in with_them.values()] == [done for done, _ in RUNNING.values()]
    assert len({case.number for case in [*cases, *more]}) == len(cases) + len(more)


def test_as_many_people_are_placed_as_are_counted() -> None:
    people = running_cases("row", RUNNING, before=0)
    counts = dict(zip(RUNNING, [3, 9, 14, 20, 4, 4, 11, 16], strict=True))
    helped = placed(people, counts)
    records = table(helped)
    records = records[records["group"] == "hard_to_employ"]
    for quarter, count in counts.items():
        first = pd.Timestamp(quarter.year, 1, 1)
        assert len(count_between(records, "placed", first, quarter.end_time.normalize())) == count
    assert all(p.closed is not None and p.closed <= p.placed for p in helped if p.placed)
    assert all(p.group == "hard_to_employ" for p in helped if p.placed)
    unchanged = [replace(p, placed=None, group="") for p in helped]
    assert unchanged == [replace(p, group="") for p in people]


# Where and in which trade


def test_the_townships_are_those_of_the_region_table() -> None:
    regions = load_regions(Workspace(ROOT))
    assert set(TOWNSHIPS) == {code for code, region in regions.items() if region.parent == "330305"}


@pytest.mark.parametrize(
    ("name", "weights"), [("region", TOWNSHIPS), ("industry", INDUSTRIES), ("group", GROUPS)]
)
def test_every_word_comes_about_as_often_as_its_weight_says(name: str, weights: Mapping[str, int]) -> None:
    cases = running_cases("row", quarters({"2022Q1": (0, 4000)}), before=0)
    share = Counter(getattr(case, name) for case in cases)
    assert set(share) == set(weights)
    assert sum(weights.values()) == 100
    for word, weight in weights.items():
        assert share[word] / 4000 == pytest.approx(weight / 100, abs=0.025)


def test_wages_owed_are_whole_thousands_of_some_workers() -> None:
    cases = running_cases("row", RUNNING, before=0)
    assert all(1 <= case.workers <= 24 for case in cases)
    assert all(4_000 <= case.amount / case.workers < 19_000 for case in cases)
