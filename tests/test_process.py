"""A row quarter by quarter, each by itself; expected figures by subtraction."""

from collections.abc import Callable
from math import nan
from typing import Any

import numpy as np
import pandas as pd
import pytest
from views import Make, maker, quarterly

from laoyou.plan import Plan
from laoyou.process import process, process_target
from laoyou.view import View, open_view


@pytest.fixture(scope="module")
def make(one_row_plan: Callable[..., Plan], observe: Callable[..., pd.DataFrame]) -> Make:
    shipped = open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")
    return maker(shipped, one_row_plan, observe)


def figures(view: View) -> list[float]:
    values, reason = process(view, view.plan.indicators["row"])
    assert reason == ""
    return [float(value) for value in values]


def same(found: list[float], expected: list[float]) -> bool:
    return bool(np.array_equal(found, expected, equal_nan=True))


def test_a_count_since_january_is_what_each_quarter_added(make: Make) -> None:
    view = make("2024Q2", quarterly("2023Q1", 10, 25, 27, 40, 8, 20), "annual_count", "40")
    assert same(figures(view), [10, 15, 2, 13, 8, 12])


def test_a_count_that_never_resets_is_what_each_quarter_added(make: Make) -> None:
    counts = quarterly("2022Q4", 100, 110, 125)
    view = make(
        "2023Q2", counts, "cumulative_count", "200", "300", "400", "500", "600", cumulative_since=2022
    )
    assert same(figures(view), [10, 15])
    began = make(
        "2023Q2",
        quarterly("2023Q1", 9, 21),
        "cumulative_count",
        "200",
        "300",
        "400",
        "500",
        "600",
        cumulative_since=2023,
    )
    assert same(figures(began), [9, 12])
    unknown = make(
        "2023Q2",
        quarterly("2023Q1", 9, 21),
        "cumulative_count",
        "200",
        "300",
        "400",
        "500",
        "600",
        cumulative_since=2022,
    )
    assert same(figures(unknown), [nan, 12])


def test_a_gap_leaves_two_quarters_unknown(make: Make) -> None:
    view = make("2023Q4", quarterly("2023Q1", 10, None, 27, 40), "annual_count", "40")
    assert same(figures(view), [10, nan, nan, 13])


def test_only_years_with_this_years_task_are_one_process(make: Make) -> None:
    counts = quarterly("2023Q1", 21, 42, 63, 84, 7, 14, 21, 29, 8)
    view = make("2025Q1", counts, "annual_count", "84", "29", "29", "29", "29")
    assert same(figures(view), [7, 7, 7, 8, 8])
    back = make("2025Q1", counts, "annual_count", "29", "84", "29", "29", "29")
    assert same(figures(back), [8])  # 2023 had the same task, but another year lies between


def test_nothing_before_a_break_is_used_and_no_count_is_taken_across_it(make: Make) -> None:
    counts: dict[str, Any] = quarterly("2023Q1", 10, 20, 30, 40, 11, 21, 30, 40)
    counts["2024Q1"] = {"value": 11, "series_break": "口径"}
    assert same(figures(make("2024Q4", counts, "annual_count", "40")), [11, 10, 9, 10])
    counts = quarterly("2023Q1", 10, 20, 30, 40)
    counts["2023Q3"] = {"value": 30, "series_break": "口径"}
    assert same(figures(make("2023Q4", counts, "annual_count", "40")), [nan, 10])


def test_a_survey_rate_is_as_it_is_and_the_baseline_year_is_no_part_of_the_plan(make: Make) -> None:
    view = make("2023Q3", quarterly("2022Q4", 4.6, 4.8, 4.6, 4.5), "survey_rate", "<5", better="lower")
    assert same(figures(view), [4.8, 4.6, 4.5])


@pytest.mark.parametrize(
    ("kind", "targets", "more", "year", "expected"),
    [
        ("annual_count", ("1300",), {}, 2024, 325),
        ("cumulative_count", ("3600", "5400", "7200", "9000", "10800"), {"baseline": "1800"}, 2023, 450),
        ("cumulative_count", ("3600", "5400", "7300", "9000", "10800"), {"baseline": "1800"}, 2025, 475),
        ("cumulative_count", ("3600",), {"baseline": "1800", "baseline_suspect": True}, 2023, nan),
        ("cumulative_count", ("3600",), {"baseline": "——"}, 2023, nan),
        ("survey_rate", ("<5",), {"better": "lower"}, 2024, 5),
        ("annual_count", ("规上企业全覆盖",), {}, 2024, nan),
    ],
)
def test_a_quarter_is_held_against_a_quarter_of_a_counts_task(
    one_row_plan: Callable[..., Plan],
    kind: str,
    targets: tuple[str, ...],
    more: dict[str, Any],
    year: int,
    expected: float,
) -> None:
    indicator = one_row_plan(kind, *targets, **more).indicators["row"]
    assert process_target(indicator, year) == pytest.approx(expected, nan_ok=True)
