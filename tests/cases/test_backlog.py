import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laoyou.cases.backlog import FLOWS, ageing, flows, is_open, quarter_change, sums, year_change
from laoyou.rules import CaseRate

nan = np.nan
DEFINITION = CaseRate.model_validate(
    {"base": "carried_over_and_new", "leave_out": ["duplicate", "unfounded", "transferred"]}
)
BANDS = [30, 60, 90, 180]


def quarter(text: str) -> pd.Period:
    return pd.Period(text, freq="Q-DEC")


def table(*cases: tuple[str, str, str], workers: float = 2, amount: float = 5000) -> pd.DataFrame:
    records = pd.DataFrame(cases, columns=["opened", "closed", "outcome"])
    for name in ("opened", "closed"):
        records[name] = pd.to_datetime(records[name].where(records[name] != ""))
    return records.assign(region="330305001", workers=float(workers), amount=float(amount))


EIGHT = table(
    ("2025-11-03", "2026-02-10", "done"),  # carried over into 2026
    ("2025-12-31", "", "open"),  # came in on the last day of 2025, open still
    ("2025-06-01", "2025-12-31", "done"),  # over on the last day of 2025
    ("2026-01-01", "2026-03-31", "done"),  # from the quarter's first day to its last
    ("2026-03-31", "2026-04-01", "done"),  # from one quarter's last day to the next one's first
    ("2026-02-01", "2026-05-05", "duplicate"),  # found out in the second quarter
    ("2026-02-02", "", "unfounded"),  # nobody knows when found out
    ("2026-05-01", "2026-06-30", "withdrawn"),  # stays due
)


# What came in and went out


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2025Q4", (1, 2, 1, 0, 2)),
        ("2026Q1", (2, 3, 2, 0, 3)),
        ("2026Q2", (3, 1, 1, 2, 1)),
        ("2026Q3", (1, 0, 0, 0, 1)),
        ("2025Q1", (0, 0, 0, 0, 0)),
    ],
)
def test_what_came_in_and_went_out_is_counted(period: str, expected: tuple[int, ...]) -> None:
    found = flows(EIGHT, DEFINITION, [quarter(period)])
    assert tuple(found.loc[quarter(period), list(FLOWS)]) == expected


def test_the_rate_since_january_stands_beside_them() -> None:
    found = flows(EIGHT, DEFINITION, [quarter("2026Q1"), quarter("2026Q2")])
    rates = found[["numerator_before", "denominator_before", "numerator", "denominator"]]
    assert rates.to_numpy().tolist() == [[0, 2, 2, 5], [2, 5, 3, 5]]


def test_nothing_is_carried_into_a_rate_of_new_cases_alone() -> None:
    new = CaseRate.model_validate({"base": "new", "leave_out": ["duplicate"]})
    found = flows(EIGHT, new, [quarter("2026Q1")]).iloc[0]
    assert (found["carried_over"], found["denominator_before"]) == (2, 0)


def test_no_case_makes_quarters_of_noughts() -> None:
    found = flows(table(), DEFINITION, [quarter("2026Q1"), quarter("2026Q2")])
    assert found.to_numpy().tolist() == [[0] * 9] * 2
    assert flows(EIGHT, DEFINITION, []).empty


days = st.dates(pd.Timestamp("2025-01-01").date(), pd.Timestamp("2026-12-31").date())
endings = st.sampled_from(["done", "duplicate", "unfounded", "transferred"])


@settings(max_examples=40)
@given(st.lists(st.tuples(days, st.none() | st.integers(0, 400), endings), max_size=30))
def test_what_comes_in_goes_out_or_stays(cases: list) -> None:
    records = table(
        *(
            (str(day), str(day + pd.Timedelta(days=took)) if took is not None else "", ending if took is not None else "open")
            for day, took, ending in cases
        )
    )  # fmt: skip
    found = flows(records, DEFINITION, pd.period_range("2025Q1", "2026Q4", freq="Q-DEC"))
    went = found["resolved"] + found["ended_otherwise"] + found["open"]
    assert (found["carried_over"] + found["new"] == went).all()
    assert (found["carried_over"].iloc[1:].to_numpy() == found["open"].iloc[:-1].to_numpy()).all()
    # Where the rate leaves out all that ended otherwise, what is due and unresolved is what is open.
    assert (found["denominator"] - found["numerator"] == found["open"]).all()
    assert (found["denominator_before"] - found["numerator_before"] == found["carried_over"]).all()


# How old


def open_for(*ages: int) -> pd.DataFrame:
    last = pd.Timestamp("2026-06-30")
    return table(*((str((last - pd.Timedelta(days=age)).date()), "", "open") for age in ages))


def test_open_cases_fall_into_bands_at_both_sides_of_each_bound() -> None:
    ages = [0, 30, 31, 60, 61, 90, 91, 180, 181, 900]
    found = ageing(open_for(*ages), quarter("2026Q2"), BANDS, below=1)
    assert found["cases"].tolist() == [2, 2, 2, 2, 2]
    assert found["workers"].tolist() == [4] * 5
    assert found["amount"].tolist() == [10_000] * 5
    assert found["upto"].tolist() == pytest.approx([30, 60, 90, 180, nan], nan_ok=True)
    assert found["over"].tolist() == pytest.approx([nan, 30, 60, 90, 180], nan_ok=True)


def test_only_open_cases_age() -> None:
    open_then = is_open(EIGHT, pd.Timestamp("2026-03-31"))
    assert open_then.tolist() == [False, True, False, False, True, True, False, False]
    found = ageing(EIGHT, quarter("2026Q1"), BANDS, below=0)
    assert found["cases"].tolist() == [1, 1, 1, 0, 0]  # 0, 58 and 90 days


def test_sums_of_few_cases_are_withheld_and_cannot_be_worked_out() -> None:
    found = ageing(open_for(*[5] * 9, *[40] * 3, *[70] * 6), quarter("2026Q2"), BANDS, below=5)
    assert found["cases"].tolist() == [9, 3, 6, 0, 0]
    assert found["withheld"].tolist() == [False, True, True, False, False]
    assert found["amount"].tolist() == pytest.approx([45_000, nan, nan, 0, 0], nan_ok=True)


def test_no_open_case_makes_empty_bands() -> None:
    found = ageing(table(), quarter("2026Q2"), BANDS, below=5)
    assert found["cases"].tolist() == [0] * 5
    assert found["amount"].tolist() == [0] * 5
    assert not found["withheld"].any()


# What they amount to


def test_open_and_resolved_cases_are_summed() -> None:
    records = EIGHT.assign(workers=[1, 2, 4, 8, 16, 32, 64, 128], amount=[100.0] * 7 + [nan])
    found = sums(records, quarter("2026Q1"), below=2)
    assert found.loc["open", ["cases", "workers", "amount"]].tolist() == [3, 2 + 16 + 32, 300]
    assert found.loc["resolved", ["cases", "workers", "amount"]].tolist() == [2, 1 + 8, 200]


@pytest.mark.parametrize(("below", "withheld"), [(3, False), (4, True)])
def test_a_total_of_few_cases_is_withheld(below: int, withheld: bool) -> None:
    found = sums(EIGHT, quarter("2026Q1"), below).loc["open"]
    assert (found["cases"], found["withheld"]) == (3, withheld)
    assert np.isnan(found["amount"]) == withheld


def test_a_total_that_few_cases_are_known_of_is_withheld() -> None:
    records = open_for(1, 2, 3, 4, 5, 6).assign(amount=[nan] * 5 + [900])
    found = sums(records, quarter("2026Q2"), 5).loc["open"]
    assert (found["amount_known"], found["workers_known"], found["withheld"]) == (1, 6, True)
    assert np.isnan(found["amount"])
    assert ageing(records, quarter("2026Q2"), BANDS, 5)["withheld"].tolist() == [True] + [False] * 4


def test_unknown_sums_stay_unknown_and_those_of_no_case_are_nought() -> None:
    records = open_for(1, 2, 3, 4, 5, 6).assign(amount=nan, workers=nan)
    found = sums(records, quarter("2026Q2"), 5)
    assert np.isnan(found.loc["open", ["workers", "amount"]].astype(float)).all()
    assert found.loc["resolved", ["cases", "workers", "amount"]].tolist() == [0, 0, 0]
    bands = ageing(records, quarter("2026Q2"), BANDS, 5)
    assert bands["amount"].tolist() == pytest.approx([nan, 0, 0, 0, 0], nan_ok=True)


# Why the rate can rise while the backlog grows


def test_the_rate_rises_while_the_backlog_grows() -> None:
    found = quarter_change(90, 100, 185, 200)  # 95 resolved of 100 more
    assert (found.rate_before, found.rate) == (0.9, 0.925)
    assert (found.unresolved_before, found.unresolved) == (10, 15)
    assert (found.resolved, found.due, found.keeps_rate, found.keeps_backlog) == (95, 100, 90, 100)
    assert (found.by_resolved, found.by_due) == (0.475, pytest.approx(-0.45))
    assert found.rises_while_backlog_grows


@pytest.mark.parametrize(
    ("resolved", "both"), [(90, False), (91, True), (99, True), (100, False), (101, False)]
)
def test_both_happen_between_two_counts_alone(resolved: int, both: bool) -> None:
    found = quarter_change(90, 100, 90 + resolved, 200)
    assert found.rises_while_backlog_grows == both
    assert found.rises_while_backlog_grows == (found.rate > 0.9 and found.unresolved > 10)


@given(st.integers(1, 500), st.integers(0, 500), st.integers(-20, 500), st.integers(0, 500))
def test_the_parts_sum_to_the_change_in_the_rate(start: int, done: int, due: int, resolved: int) -> None:
    done, end = min(done, start), start + due
    if end <= 0:
        return
    found = quarter_change(done, start, done + resolved, end)
    assert found.by_resolved + found.by_due == pytest.approx(found.rate - found.rate_before, abs=1e-9)
    assert found.unresolved - found.unresolved_before == due - resolved


def test_on_the_first_of_january_nothing_is_resolved_yet() -> None:
    found = quarter_change(0, 14, 73, 82)
    assert (found.rate_before, found.keeps_rate, found.keeps_backlog) == (0, 0, 68)
    assert found.by_due == 0


def test_where_nothing_was_due_there_is_no_rate_to_change() -> None:
    first = quarter_change(0, 0, 3, 5)
    assert np.isnan([first.rate_before, first.keeps_rate, first.by_due]).all()
    assert (first.rate, first.unresolved, first.rises_while_backlog_grows) == (0.6, 2, False)
    none = quarter_change(0, 0, 0, 0)
    assert np.isnan([none.rate, none.by_resolved]).all()


def test_more_due_can_outweigh_a_better_rate() -> None:
    found = year_change(180, 200, 279, 300)  # 90 % of 200, then 93 % of 300
    assert found.unresolved_change == 1
    assert found.rate_change == pytest.approx(0.03)
    assert found.by_volume == pytest.approx(0.085 * 100)
    assert found.by_rate == pytest.approx(-250 * 0.03)


@given(st.integers(1, 400), st.integers(0, 400), st.integers(1, 400), st.integers(0, 400))
def test_the_parts_sum_to_the_change_in_the_unresolved(d0: int, n0: int, d1: int, n1: int) -> None:
    found = year_change(min(n0, d0), d0, min(n1, d1), d1)
    assert found.by_volume + found.by_rate == pytest.approx(found.unresolved_change, abs=1e-9)


@pytest.mark.parametrize("counts", [(0, 0, 3, 5), (3, 5, 0, 0), (0, 0, 0, 0)])
def test_a_year_without_a_case_due_explains_nothing(counts: tuple[int, int, int, int]) -> None:
    found = year_change(*counts)
    assert np.isnan([found.rate_change, found.by_volume, found.by_rate]).all()
