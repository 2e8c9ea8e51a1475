import numpy as np
import pandas as pd
import pytest
from workspaces import shipped_plan, shipped_rules

from laoyou.cases.records import by_region, case_rate, chosen, count_between, count_span
from laoyou.rules import CaseRate

PLAN = shipped_plan()
DISTRICT, BEIAO, LINGKUN, DONGPING = "330305", "330305001", "330305002", "330305003"
OUTCOMES_LEFT_OUT = ["duplicate", "unfounded", "transferred", "withdrawn", "failed"]


def quarter(text: str) -> pd.Period:
    return pd.Period(text, freq="Q-DEC")


def table(*cases: tuple[str, str, str], region: str = BEIAO) -> pd.DataFrame:
    """Return records from the day they were opened, the day they were closed (empty if open) and the outcome."""
    records = pd.DataFrame(cases, columns=["opened", "closed", "outcome"]).assign(region=region)
    for name in ("opened", "closed"):
        records[name] = pd.to_datetime(records[name].where(records[name] != ""))
    return records


def rate(records: pd.DataFrame, base: str, left_out: list[str], period: str) -> tuple[int, int]:
    """Return the numerator and the denominator of all records."""
    definition = CaseRate.model_validate({"base": base, "leave_out": left_out})
    counted = case_rate(records, definition, quarter(period))
    return int(counted["numerator"].sum()), int(counted["denominator"].sum())


TWELVE = table(
    ("2025-11-03", "2026-02-10", "done"),  # a: carried over into 2026
    ("2025-12-31", "", "open"),  # b: came in on the last day of 2025, and is open still
    ("2025-06-01", "2025-12-31", "done"),  # c: closed on the last day of 2025
    ("2025-06-01", "2026-01-01", "done"),  # d: closed on the first day of 2026
    ("2026-01-01", "2026-03-31", "done"),  # e: from the year's first day to the quarter's last
    ("2026-03-31", "2026-04-01", "done"),  # f: from one quarter's last day to the next one's first
    ("2026-04-01", "2026-06-30", "failed"),  # g: the second quarter through, in vain
    ("2026-02-01", "2026-05-05", "duplicate"),  # h: found out in the second quarter
    ("2026-02-02", "", "duplicate"),  # i: nobody knows when found out
    ("2026-06-30", "2026-07-01", "done"),  # j
    ("2025-10-01", "2026-03-01", "withdrawn"),  # k
    ("2025-02-01", "2025-03-01", "duplicate"),  # l: over long before
)


# The three bases, counted by hand


@pytest.mark.parametrize(
    ("period", "numerator", "denominator"),
    [
        ("2025Q1", 0, 0),  # l alone, left out
        ("2025Q2", 0, 2),  # c d
        ("2025Q4", 1, 5),  # c of a b c d k
        ("2026Q1", 3, 7),  # a d e of a b d e f h k: h was no known duplicate yet
        ("2026Q2", 4, 8),  # a d e f of a b d e f g j k
        ("2026Q3", 5, 8),  # and j
        ("2026Q4", 5, 8),
        ("2027Q1", 0, 1),  # b
    ],
)
def test_due_are_the_cases_carried_over_and_the_new_ones(
    period: str, numerator: int, denominator: int
) -> None:
    assert rate(TWELVE, "carried_over_and_new", ["duplicate"], period) == (numerator, denominator)


@pytest.mark.parametrize(
    ("period", "numerator", "denominator"),
    [
        ("2025Q4", 1, 5),  # c of a b c d k
        ("2026Q1", 1, 3),  # e of e f h
        ("2026Q2", 2, 4),  # e f of e f g j
        ("2026Q3", 3, 4),  # and j
        ("2027Q1", 0, 0),
    ],
)
def test_due_are_the_new_cases_alone(period: str, numerator: int, denominator: int) -> None:
    assert rate(TWELVE, "new", ["duplicate"], period) == (numerator, denominator)


@pytest.mark.parametrize(
    ("period", "numerator", "denominator"),
    [
        ("2025Q3", 0, 0),
        ("2025Q4", 1, 1),  # c
        ("2026Q1", 3, 4),  # a d e of a d e k
        ("2026Q2", 4, 6),  # a d e f of a d e f g k
        ("2026Q3", 5, 7),  # and j of those and j
        ("2027Q1", 0, 0),
    ],
)
def test_due_are_the_cases_that_ended_this_year(period: str, numerator: int, denominator: int) -> None:
    assert rate(TWELVE, "ended", ["duplicate"], period) == (numerator, denominator)


# What is left out


@pytest.mark.parametrize(
    ("left_out", "numerator", "denominator"),
    [
        ([], 4, 10),  # h and i are as good as any
        (["duplicate"], 4, 8),
        (["duplicate", "withdrawn"], 4, 7),  # without k
        (["duplicate", "failed"], 4, 7),  # without g
        (["duplicate", "withdrawn", "failed"], 4, 6),
        (["unfounded", "transferred"], 4, 10),  # there are none
    ],
)
def test_the_rules_say_which_outcomes_count_nowhere(
    left_out: list[str], numerator: int, denominator: int
) -> None:
    assert rate(TWELVE, "carried_over_and_new", left_out, "2026Q2") == (numerator, denominator)


@pytest.mark.parametrize("outcome", OUTCOMES_LEFT_OUT)
@pytest.mark.parametrize("base", ["carried_over_and_new", "new", "ended"])
def test_an_outcome_not_left_out_is_due_and_not_done(base: str, outcome: str) -> None:
    one = table(("2026-01-10", "2026-02-10", outcome))
    others = [word for word in OUTCOMES_LEFT_OUT if word != outcome]
    assert rate(one, base, others, "2026Q1") == (0, 1)
    assert rate(one, base, [outcome], "2026Q1") == (0, 0)


@pytest.mark.parametrize("outcome", OUTCOMES_LEFT_OUT)
def test_a_case_is_left_out_from_the_day_that_shows_its_outcome(outcome: str) -> None:
    last_day = table(("2026-01-10", "2026-03-31", outcome))
    day_after = table(("2026-01-10", "2026-04-01", outcome))
    undated = table(("2026-01-10", "", outcome))
    assert rate(last_day, "carried_over_and_new", [outcome], "2026Q1") == (0, 0)
    assert rate(day_after, "carried_over_and_new", [outcome], "2026Q1") == (0, 1)
    assert rate(day_after, "carried_over_and_new", [outcome], "2026Q2") == (0, 0)
    assert rate(undated, "carried_over_and_new", [outcome], "2026Q1") == (0, 0)


def test_the_shipped_definitions_differ_in_what_is_due() -> None:
    cases = shipped_rules().cases
    counted = {
        id: tuple(case_rate(TWELVE, rule, quarter("2026Q2"))[["numerator", "denominator"]].sum())
        for id, rule in cases.items()
    }
    assert counted == {
        "key_group_assistance_rate": (4, 8),
        "arrears_resolution_rate": (4, 8),
        "mediation_success_rate": (4, 6),
        "arbitration_closure_rate": (4, 8),
    }


# The days at the edges of a quarter

LAST_DAYS = {
    "2026Q1": ("2026-03-31", "2026-04-01"),
    "2026Q2": ("2026-06-30", "2026-07-01"),
    "2026Q3": ("2026-09-30", "2026-10-01"),
    "2026Q4": ("2026-12-31", "2027-01-01"),
}


@pytest.mark.parametrize("period", LAST_DAYS)
@pytest.mark.parametrize("base", ["carried_over_and_new", "new"])
def test_a_case_opened_on_the_last_day_of_a_quarter_is_due_in_it(period: str, base: str) -> None:
    last, after = LAST_DAYS[period]
    assert rate(table((last, "", "open")), base, [], period) == (0, 1)
    assert rate(table((after, "", "open")), base, [], period) == (0, 0)


@pytest.mark.parametrize("period", LAST_DAYS)
def test_a_case_closed_on_the_last_day_of_a_quarter_is_done_in_it(period: str) -> None:
    last, after = LAST_DAYS[period]
    in_time = table(("2026-02-01", last, "done"))
    late = table(("2026-02-01", after, "done"))
    assert rate(in_time, "carried_over_and_new", [], period) == (1, 1)
    assert rate(late, "carried_over_and_new", [], period) == (0, 1)
    assert rate(in_time, "ended", [], period) == (1, 1)
    assert rate(late, "ended", [], period) == (0, 0)


@pytest.mark.parametrize(
    ("opened", "closed", "base", "expected"),
    [
        ("2025-12-31", "", "carried_over_and_new", (0, 1)),
        ("2025-12-31", "", "new", (0, 0)),
        ("2026-01-01", "", "new", (0, 1)),
        ("2025-12-01", "2025-12-31", "carried_over_and_new", (0, 0)),
        ("2025-12-01", "2026-01-01", "carried_over_and_new", (1, 1)),
        ("2025-12-01", "2025-12-31", "ended", (0, 0)),
        ("2025-12-01", "2026-01-01", "ended", (1, 1)),
        ("2025-12-01", "2026-01-01", "new", (0, 0)),
        ("2025-12-31", "2025-12-31", "carried_over_and_new", (0, 0)),
        ("2026-01-01", "2026-01-01", "new", (1, 1)),
    ],
)
def test_a_year_begins_on_the_first_of_january(
    opened: str, closed: str, base: str, expected: tuple[int, int]
) -> None:
    outcome = "done" if closed else "open"
    assert rate(table((opened, closed, outcome)), base, [], "2026Q1") == expected


def test_a_leap_day_is_in_the_first_quarter() -> None:
    assert rate(table(("2024-02-29", "2024-02-29", "done")), "new", [], "2024Q1") == (1, 1)


def test_a_case_open_for_years_is_carried_over_each_year() -> None:
    old = table(("2022-05-05", "2026-08-01", "done"))
    counted = {q: rate(old, "carried_over_and_new", [], q) for q in ("2023Q1", "2025Q4", "2026Q2", "2026Q3")}
    assert counted == {"2023Q1": (0, 1), "2025Q4": (0, 1), "2026Q2": (0, 1), "2026Q3": (1, 1)}
    assert rate(old, "carried_over_and_new", [], "2027Q1") == (0, 0)


def test_without_cases_nothing_is_due() -> None:
    assert rate(table(), "carried_over_and_new", ["duplicate"], "2026Q1") == (0, 0)


def test_a_record_without_the_day_it_came_in_counts_nowhere() -> None:
    assert rate(table(("", "2026-02-01", "done")), "carried_over_and_new", [], "2026Q1") == (0, 0)


def test_every_case_due_keeps_its_region() -> None:
    both = pd.concat(
        [
            table(("2026-01-01", "2026-01-02", "done")),
            table(("2026-01-01", "", "open"), region=LINGKUN),
            table(("2026-04-01", "", "open"), region=DONGPING),
        ]
    )
    counted = case_rate(both, CaseRate(base="new", leave_out=[]), quarter("2026Q1"))
    assert counted.to_dict("records") == [
        {"region": BEIAO, "numerator": 1, "denominator": 1},
        {"region": LINGKUN, "numerator": 0, "denominator": 1},
    ]


# Counts


def days(*days: str) -> pd.DataFrame:
    placed = pd.to_datetime(pd.Series(days, dtype="str").where(lambda text: text != ""))
    return pd.DataFrame({"placed": placed, "region": BEIAO})


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-01-01", "2026-03-31", 2),  # both ends belong to the span
        ("2026-01-02", "2026-03-30", 0),
        ("2025-12-31", "2026-04-01", 4),
        (None, "2026-03-31", 4),  # open towards the past
        (None, "2020-01-01", 0),
    ],
)
def test_records_are_counted_by_a_day_in_a_span(first: str | None, last: str, expected: int) -> None:
    records = days("2021-01-01", "2025-12-31", "2026-01-01", "2026-03-31", "2026-04-01", "")
    begin = None if first is None else pd.Timestamp(first)
    assert count_between(records, "placed", begin, pd.Timestamp(last))["value"].sum() == expected


def test_a_count_has_a_row_for_each_record_with_its_region() -> None:
    counted = count_between(days("2026-01-01", ""), "placed", None, pd.Timestamp("2026-12-31"))
    assert counted.to_dict("records") == [{"region": BEIAO, "value": 1}]


@pytest.mark.parametrize(
    ("indicator", "first"),
    [
        ("hard_to_employ_placements", "2026-01-01"),  # 当年计数
        ("training_enrolments_cumulative", "2022-01-01"),  # 2022 年以来累计
        ("gig_markets_built", None),  # a commitment: how many there are
        ("skilled_workers", None),  # 存量
    ],
)
def test_a_count_runs_from_the_day_its_kind_says(indicator: str, first: str | None) -> None:
    expected = None if first is None else pd.Timestamp(first)
    assert count_span(PLAN, indicator, quarter("2026Q3")) == (expected, pd.Timestamp("2026-09-30"))


# Regions


def test_cases_are_added_up_for_the_whole_and_for_each_part() -> None:
    counted = pd.DataFrame(
        {
            "region": [BEIAO, LINGKUN, BEIAO, "", np.nan, "330302", DISTRICT],
            "numerator": [1, 0, 1, 1, 0, 1, 0],
            "denominator": [1, 1, 1, 1, 1, 1, 1],
        }
    )
    summed = by_region(counted, DISTRICT, [LINGKUN, BEIAO, DONGPING])
    assert summed.to_dict("records") == [
        {"region": DISTRICT, "numerator": 4, "denominator": 7},  # with the four of no known part
        {"region": LINGKUN, "numerator": 0, "denominator": 1},
        {"region": BEIAO, "numerator": 2, "denominator": 2},
        {"region": DONGPING, "numerator": 0, "denominator": 0},
    ]
    assert (summed[["numerator", "denominator"]].dtypes == "int64").all()


def test_without_parts_there_is_the_whole_alone() -> None:
    counted = pd.DataFrame({"region": [BEIAO], "value": [1]})
    assert by_region(counted, DISTRICT, []).to_dict("records") == [{"region": DISTRICT, "value": 1}]


def test_without_records_every_region_has_a_zero() -> None:
    none = count_between(days(), "placed", None, pd.Timestamp("2026-12-31"))
    assert by_region(none, DISTRICT, [BEIAO]).to_dict("records") == [
        {"region": DISTRICT, "value": 0},
        {"region": BEIAO, "value": 0},
    ]


def test_records_are_chosen_by_their_words() -> None:
    records = pd.DataFrame({"group": ["graduate", "low_income", "graduate"], "procedure": ["a", "a", "b"]})
    assert list(chosen(records, {}).index) == [0, 1, 2]
    assert list(chosen(records, {"group": ["graduate"]}).index) == [0, 2]
    assert list(chosen(records, {"group": ["graduate", "low_income"]}).index) == [0, 1, 2]
    assert list(chosen(records, {"group": ["graduate"], "procedure": ["b"]}).index) == [2]
