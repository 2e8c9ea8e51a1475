"""Whether what the text alone promises is kept: both sides of each boundary, and what is not known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from laoyou.commitments import is_due, standing
from laoyou.view import View, open_view

MARKETS, TOTAL, TRAINED = "gig_markets_built", "new_urban_jobs_total", "training_enrolments_total"


@pytest.fixture(scope="module")
def at(observe: Callable[..., pd.DataFrame]) -> Callable[..., View]:
    shipped = open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")

    def make(quarter: str, id: str, figures: Any) -> View:
        rows = observe(figures, id) if figures else shipped.observations.iloc[:0]
        return replace(shipped, observations=rows, quarter=pd.Period(quarter, "Q-DEC"))

    return make


# Two markets by the end of 2023
@pytest.mark.parametrize(
    ("quarter", "value", "state"),
    [
        ("2023Q3", 1, "pending"),
        ("2023Q4", 1, "missed"),
        ("2023Q3", 2, "kept"),
        ("2023Q4", 2, "kept"),
        ("2024Q1", 3, "kept"),
    ],
)
def test_a_number_is_kept_pending_or_missed(at: Any, quarter: str, value: float, state: str) -> None:
    found = standing(at(quarter, MARKETS, {quarter: value}), MARKETS)
    assert (found.state, found.value, found.basis) == (state, value, "quarter")


def test_its_year_is_over_with_its_fourth_quarter(at: Any) -> None:
    assert not is_due(at("2023Q3", MARKETS, {}), MARKETS)
    assert is_due(at("2023Q4", MARKETS, {}), MARKETS)
    assert is_due(at("2024Q1", MARKETS, {}), MARKETS)


def test_what_nobody_reported_is_unknown_and_not_zero(at: Any) -> None:
    found = standing(at("2023Q4", MARKETS, {}), MARKETS)
    assert (found.state, found.basis) == ("unknown", "no_row")
    assert found.value != found.value
    assert standing(at("2023Q4", TRAINED, {}), TRAINED).basis == "no_figure"


def test_a_years_figure_counts_once_its_year_is_over(at: Any) -> None:
    found = standing(at("2023Q4", MARKETS, {"2023": 2}), MARKETS)
    assert (found.state, found.basis, str(found.period)) == ("kept", "year", "2023Q4")
    assert standing(at("2023Q3", MARKETS, {"2023": 2}), MARKETS).basis == "no_row"


def test_a_sum_of_years_needs_every_year(at: Any) -> None:
    jobs = "new_urban_jobs"
    years = {f"{year}Q4": 1300 for year in (2023, 2024, 2025)}
    found = standing(at("2026Q1", jobs, years | {"2026Q1": 400}), TOTAL)
    assert (found.value, found.state, found.basis) == (3 * 1300 + 400, "pending", "sum")
    gone = {period: value for period, value in years.items() if period != "2024Q4"}
    found = standing(at("2026Q1", jobs, gone | {"2024Q3": 900, "2026Q1": 400}), TOTAL)
    assert (found.state, found.lacking) == ("unknown", (2024,))
    whole = years | {"2026Q4": 1300, "2027Q4": 1300}
    assert standing(at("2027Q4", jobs, whole), TOTAL).state == "kept"  # 6,500 in five years
    assert standing(at("2027Q4", jobs, whole | {"2027Q4": 1299}), TOTAL).state == "missed"


def test_a_target_of_some_groups_cannot_be_read_from_all(at: Any) -> None:
    found = standing(at("2027Q4", "key_group_assistance_rate", {"2027Q4": 100}), "hard_to_employ_assistance")
    assert (found.state, found.basis) == ("unknown", "other_scope")
