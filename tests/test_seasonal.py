"""Profiles by hand: two like years of 100, 200, 300 and 400 are the running example."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laoyou.assessment import assess
from laoyou.seasonal import complete_years, dispersion, own_profile

nan = np.nan
EVEN = [0.25, 0.5, 0.75, 1.0]
RISING = [100, 300, 600, 1000]  # since January: 100, 200, 300 and 400 a quarter
# Quarters of both years 200, 400, 600, 800, 500 due each: (300² + 100² + 100² + 300²) / 500 / 3 = 133.3; nothing
# strays from the years' own shares, so phi is 1 and the weight 1 - 3 / 400.
WEIGHT = 1 - 3 / 400


def two_years(of="annual_count"):
    before = 0 if of == "annual_count" else 1000
    return {
        f"{year}Q{n}": before * (year - 2024) + x for year in (2024, 2025) for n, x in enumerate(RISING, 1)
    }


# --- The profile ------------------------------------------------------------------------------------------------


def test_two_like_years_are_believed_almost_wholly():
    profile = own_profile([RISING, RISING], EVEN, 2)
    assert (profile.years, profile.weight) == (2, pytest.approx(WEIGHT, abs=1e-15))
    # 0.25 - 0.15 W, 0.5 - 0.2 W, 0.75 - 0.15 W, 1.
    assert profile.shares == pytest.approx(
        [0.25 - 0.15 * WEIGHT, 0.5 - 0.2 * WEIGHT, 0.75 - 0.15 * WEIGHT, 1], abs=1e-15
    )


def test_one_year_is_not_enough():
    profile = own_profile([[nan] * 4, RISING], EVEN, 2)
    assert (profile.years, profile.weight, profile.shares.tolist()) == (1, 0, EVEN)
    assert own_profile([RISING, RISING], EVEN, 3).weight == 0


def test_small_counts_are_believed_less_than_great_ones_of_the_same_shares():
    # A tenth of the counts: F is 13.33.
    small = own_profile([[10, 30, 60, 100], [10, 30, 60, 100]], EVEN, 2)
    assert small.weight == pytest.approx(1 - 3 / 40)


def test_shares_that_come_and_go_are_not_believed():
    # Quarters 100, 200, 300, 400 and then 400, 300, 200, 100: together exactly even.
    profile = own_profile([RISING, [400, 700, 900, 1000]], EVEN, 2)
    assert (profile.weight, profile.shares.tolist()) == (0, EVEN)


def test_years_that_differ_weaken_the_weight_by_how_far_they_do():
    # Quarters 10, 20, 30, 40 and 20, 20, 30, 30: own 0.15, 0.2, 0.3, 0.35.
    # phi = (25 / 15 + 0 + 0 + 25 / 35) x 2 / 3 = 100 / 63; F = (30 - 50)² + (40 - 50)² + (60 - 50)² + (70 - 50)² over 50
    # and 3 = 1000 / 150.
    profile = own_profile([[10, 30, 60, 100], [20, 40, 70, 100]], EVEN, 2)
    assert profile.weight == pytest.approx(1 - (100 / 63) / (1000 / 150))


def test_an_even_year_has_no_profile_of_its_own():
    profile = own_profile([[10, 20, 30, 40]] * 3, EVEN, 2)
    assert (profile.weight, profile.shares.tolist()) == (0, EVEN)


def test_every_year_counts_alike_however_much_was_counted():
    own = own_profile([RISING, [4000, 7000, 9000, 10000]], EVEN, 2)
    mean = np.array([0.1 + 0.4, 0.3 + 0.7, 0.6 + 0.9, 2]) / 2  # 0.25, 0.5, 0.75, 1
    assert own.shares == pytest.approx(EVEN + own.weight * (mean - EVEN))


def test_it_is_shrunk_towards_the_base_that_is_given():
    base = [0.1, 0.3, 0.6, 1.0]
    assert own_profile([RISING, RISING], base, 2).weight == 0  # it is the base
    assert own_profile([RISING, RISING], [0.4, 0.6, 0.8, 1.0], 2).shares[0] < 0.11


@pytest.mark.parametrize(
    ("year", "whole"),
    [
        (RISING, True),
        ([0, 0, 0, 5], True),
        ([100, 300, nan, 1000], False),
        ([100, 300, 299, 1000], False),  # a count that fell
        ([0, 0, 0, 0], False),
        ([-1, 0, 1, 2], False),
    ],
)
def test_a_year_is_complete_with_four_figures_that_never_fall(year, whole):
    assert (not np.isnan(complete_years([year])).all()) == whole


@given(st.lists(st.lists(st.integers(0, 500), min_size=4, max_size=4), min_size=0, max_size=6))
def test_shares_rise_from_no_less_than_nothing_to_one(quarters):
    profile = own_profile(np.cumsum(np.array(quarters).reshape(-1, 4), axis=1), EVEN, 2)
    assert 0 <= profile.weight <= 1
    assert (np.diff(np.concatenate([[0], profile.shares])) >= -1e-12).all()
    assert profile.shares[-1] == pytest.approx(1)


def test_many_rows_are_answered_at_once():
    found = own_profile([[RISING, RISING], [[10, 20, 30, 40], [nan] * 4]], EVEN, 2)
    assert found.weight.tolist() == [pytest.approx(WEIGHT), 0]
    assert found.years.tolist() == [2, 1]


# --- How far years stray ----------------------------------------------------------------------------------------


def test_years_on_their_profile_stray_no_more_than_a_poisson_count():
    assert dispersion([RISING, RISING], own_profile([RISING, RISING], [0.1, 0.3, 0.6, 1], 2)) == 1


def test_one_year_against_an_even_profile():
    # (100 - 250)² / (250 x 0.75) = 120, (300 - 500)² / 250 = 160, (600 - 750)² / (750 x 0.25) = 120; over 3.
    assert dispersion([RISING], own_profile([RISING], EVEN, 2)) == pytest.approx(400 / 3)


def test_a_year_fitted_is_a_degree_of_freedom_less():
    years = [[10, 30, 60, 100], [20, 40, 70, 100]]
    profile = own_profile(years, EVEN, 2)
    one, two, three = profile.shares[:3]
    scatter = sum(
        (x - 100 * w) ** 2 / (100 * w * (1 - w))
        for year in years
        for x, w in zip(year[:3], (one, two, three), strict=True)
    )
    assert scatter > 6
    assert dispersion(years, profile) == pytest.approx(scatter / (3 * (2 - profile.weight)))


def test_without_a_complete_year_nothing_is_known():
    assert np.isnan(dispersion([[1, 2, nan, 4]], own_profile([[1, 2, nan, 4]], EVEN, 2)))


# --- Pace -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def judge(rules):
    """Return a function that judges the one row of a plan of one row."""
    return lambda plan, figures, quarter: assess(plan, figures, quarter, rules=rules).iloc[0]


def test_a_count_is_paced_by_its_own_profile_from_the_third_year_on(one_row_plan, observe, judge):
    plan, figures = one_row_plan("annual_count", "1000"), two_years()
    now = judge(plan, observe(figures | {"2026Q1": 110}), "2026Q1")
    share = 0.25 - 0.15 * WEIGHT  # 0.101125
    assert now.expected_share == pytest.approx(share)
    assert (now.profile, now.profile_years, now.profile_weight) == ("own", 2, pytest.approx(WEIGHT))
    assert (now.gap, now.expected, now.light) == (
        pytest.approx(100 * (0.11 - share)),
        pytest.approx(1000 * share),
        "green",
    )
    then = judge(plan, observe(figures), "2025Q1")
    assert (then.expected_share, then.profile, then.light) == (0.25, "even", "yellow")  # 15 points behind


def test_a_cumulative_count_is_paced_by_its_years_own_increments(one_row_plan, observe, judge):
    plan = one_row_plan("cumulative_count", "1000", "2000", "3000", "4000", "5000", cumulative_since=2024)
    row = judge(plan, observe(two_years("cumulative_count") | {"2026Q2": 2310}), "2026Q2")
    share = 0.5 - 0.2 * WEIGHT
    assert row.expected == pytest.approx(3000 + 1000 * share)
    assert (row.profile, row.expected_share) == ("own", pytest.approx(share))


def test_the_fourth_quarter_is_due_in_full_whatever_the_profile(one_row_plan, observe, judge):
    row = judge(one_row_plan("annual_count", "1000"), observe(two_years() | {"2026Q4": 1000}), "2026Q4")
    assert (row.expected_share, row.gap) == (pytest.approx(1), 0)


def test_a_profile_that_the_plan_gives_stands(one_row_plan, observe, judge):
    profile = {"shares": [0.4, 0.7, 0.9, 1.0], "source": "某通知"}
    row = judge(
        one_row_plan("annual_count", "1000", profile=profile),
        observe(two_years() | {"2026Q1": 400}),
        "2026Q1",
    )
    assert (row.expected_share, row.profile, row.profile_weight) == (0.4, "plan", 0)


@pytest.mark.parametrize("kind", ["stock", "stock_ratio"])
def test_a_level_has_no_profile_of_its_own(kind, one_row_plan, observe, judge):
    levels = {period: x / 100 for period, x in two_years().items()}
    row = judge(one_row_plan(kind, "5", "6", "7", "8", "9"), observe(levels | {"2026Q1": 8}), "2026Q1")
    assert (row.expected_share, row.profile) == (0.25, "even")


def test_years_before_a_break_are_no_profile(one_row_plan, observe, judge):
    figures = two_years() | {"2025Q1": {"value": 100, "series_break": "口径调整"}, "2026Q1": 110}
    row = judge(one_row_plan("annual_count", "1000"), observe(figures), "2026Q1")
    assert (row.expected_share, row.profile, row.profile_years) == (0.25, "even", 1)


def test_a_year_with_a_gap_is_no_profile(one_row_plan, observe, judge):
    figures = two_years() | {"2026Q1": 110}
    del figures["2024Q3"]
    assert judge(one_row_plan("annual_count", "1000"), observe(figures), "2026Q1").profile == "even"


def test_what_comes_later_changes_no_earlier_profile(one_row_plan, observe, judge):
    plan, figures = one_row_plan("annual_count", "1000"), two_years() | {"2026Q1": 110}
    later = {"2026Q2": 900, "2026Q3": 950, "2026Q4": {"value": 960, "series_break": "口径调整"}, "2027Q1": 5}
    for quarter in ("2025Q4", "2026Q1"):
        alone, full = (judge(plan, observe(rows), quarter) for rows in (figures, figures | later))
        assert alone.expected_share == full.expected_share


def test_regions_have_each_their_own_profile(one_row_plan, observe, rules):
    import pandas as pd

    figures = two_years() | {"2026Q1": 110}
    both = pd.concat(
        [observe(figures), observe({"2025Q4": 900, "2026Q1": 300}, region="330302")], ignore_index=True
    )
    rows = assess(
        one_row_plan("annual_count", "1000"), both, "2026Q1", regions=["330305", "330302"], rules=rules
    )
    assert rows["profile"].tolist() == ["own", "even"]
    assert rows["expected_share"].tolist() == [pytest.approx(0.25 - 0.15 * WEIGHT), 0.25]
