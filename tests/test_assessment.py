"""Expected values come from the plan, from published figures, or from arithmetic written beside them."""

from copy import deepcopy
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from conftest import ledger
from hypothesis import given, settings
from hypothesis import strategies as st

from laoyou.assessment import assess
from laoyou.attainment import LIGHTS

nan = np.nan
GREY = {"annual_only", "no_data"}
NUMBERS = ("attainment", "margin", "progress", "gap", "increment", "interval_low", "interval_high")


@pytest.fixture(scope="session")
def judge(rules):
    """Return a function that judges the one row of a plan of one row."""

    def make(plan, observations, quarter, **changed):
        return assess(plan, observations, quarter, rules=changed.get("rules", rules)).iloc[0]

    return make


def year(*figures, of=2026):
    """Return figures by quarter; a missing one is left out."""
    return {f"{of}Q{n}": figure for n, figure in enumerate(figures, 1) if figure is not None}


# --- Compliance -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "printed", "better", "value", "compliance", "light"),
    [
        ("survey_rate", "<5", "lower", 4.99, "met", "green"),
        ("survey_rate", "<5", "lower", 5.0, "not_met", "yellow"),
        ("survey_rate", "<5", "lower", 6.0, "not_met", "yellow"),  # a miss of exactly one point
        ("survey_rate", "<5", "lower", 6.01, "not_met", "red"),
        ("stock_ratio", ">30", "higher", 30.0, "not_met", "yellow"),  # strict, and 0 % short
        ("stock_ratio", ">30", "higher", 30.01, "met", "green"),
        ("stock_ratio", ">30", "higher", 28.5, "not_met", "yellow"),  # 1.5 / 30 = 5 %
        ("stock_ratio", ">30", "higher", 28.49, "not_met", "red"),
        ("stock", "2580左右", "higher", 2451, "met", "green"),  # 2580 x 0.95
        ("stock", "2580左右", "higher", 2450.99, "not_met", "red"),
        ("stock", "2580左右", "higher", 2709.01, "met", "green"),  # above the band
        ("annual_count", "1300", "higher", 1300, "met", "green"),
        ("annual_count", "1300", "higher", 1299, "not_met", "watch"),  # 0.08 points
        ("annual_count", "1300", "higher", 1170, "not_met", "yellow"),  # exactly 10 points
        ("annual_count", "1300", "higher", 909, "not_met", "red"),  # 30.08 points
        ("annual_count", ">1300", "higher", 1300, "not_met", "watch"),
        ("annual_count", "20", "lower", 12, "met", "green"),  # a ceiling on a count
        ("annual_count", "20", "lower", 21, "not_met", "watch"),  # 5 points over
    ],
)
def test_a_closed_year_is_judged_on_each_side_of_its_boundary(
    kind, printed, better, value, compliance, light, one_row_plan, observe, judge
):
    plan = one_row_plan(kind, printed, better=better)
    row = judge(plan, observe(year(value, value, value, value)), "2026Q4")
    assert (row.compliance, row.light) == (compliance, light)
    assert row.compliance_reason == ("meets_target" if compliance == "met" else "misses_target")


@pytest.mark.parametrize(
    ("kind", "value", "compliance", "reason"),
    [
        ("annual_count", 100, "met", "passed_early"),
        ("annual_count", 99, "pending", "year_not_over"),
        ("cumulative_count", 100, "met", "passed_early"),
        ("stock", 100, "pending", "year_not_over"),  # may fall again
        ("stock_ratio", 100, "pending", "year_not_over"),
        ("case_rate", 100, "pending", "year_not_over"),
        ("survey_rate", 100, "pending", "year_not_over"),
    ],
)
def test_only_a_count_settles_its_year_early(kind, value, compliance, reason, one_row_plan, observe, judge):
    row = judge(one_row_plan(kind, "100", baseline="80"), observe({"2026Q3": value}), "2026Q3")
    assert (row.compliance, row.compliance_reason) == (compliance, reason)


def test_a_count_still_below_its_ceiling_has_not_settled_its_year(one_row_plan, observe, judge):
    row = judge(one_row_plan("annual_count", "20", better="lower"), observe({"2026Q1": 2}), "2026Q1")
    assert row.compliance == "pending"
    # 2 / 20 = 10 %, with 25 % allowed by now: 15 points to the good.
    assert (row.gap, row.light) == (15, "green")


@pytest.mark.parametrize(
    ("kind", "printed", "unit", "reason"),
    [
        ("annual_count", "规上企业全覆盖", "人次", "unit_differs"),
        ("stock_ratio", "开展试点", "%", "milestone"),
        ("stock", "——", "件", "no_numeric_target"),
    ],
)
@pytest.mark.parametrize("quarter", ["2026Q2", "2026Q4"])
def test_a_target_without_a_usable_number_is_not_assessable(
    kind, printed, unit, reason, quarter, one_row_plan, observe, judge
):
    row = judge(one_row_plan(kind, printed, unit=unit), observe({quarter: 100}), quarter)
    assert row.compliance == "not_assessable"
    assert row.light == "no_data"
    assert {row.compliance_reason, row.light_reason, row.attainment_reason, row.progress_reason} == {reason}
    assert row[list(NUMBERS)].isna().all()


def test_about_a_ceiling_has_its_tolerance_above(one_row_plan, observe, judge):
    plan = one_row_plan("stock", "20左右", better="lower")
    # 20 x 1.05 = 21
    lights = {x: judge(plan, observe({"2026Q4": x}), "2026Q4").light for x in (10, 21, 21.01)}
    assert lights == {10: "green", 21: "green", 21.01: "red"}


def test_full_coverage_of_a_rate_asks_for_every_one(one_row_plan, observe, judge):
    plan = one_row_plan("stock_ratio", "全覆盖")
    assert judge(plan, observe({"2026Q4": 99.9}), "2026Q4").compliance == "not_met"
    assert judge(plan, observe({"2026Q4": 100}), "2026Q4").compliance == "met"


@pytest.mark.parametrize(
    ("quarter", "compliance", "reason"),
    [("2026Q3", "pending", "year_not_over"), ("2026Q4", "not_assessable", "no_figure")],
)
def test_a_missing_figure_is_no_failure(quarter, compliance, reason, one_row_plan, observe, judge):
    absent = {quarter: {"missing": "not_reported"}}
    row = judge(one_row_plan("annual_count", "100"), observe(absent), quarter)
    assert (row.compliance, row.compliance_reason) == (compliance, reason)
    assert (row.light, row.light_reason, row.missing) == ("no_data", "no_figure", "not_reported")


# --- Attainment, progress, margin, increment --------------------------------------------------------------------


def test_attainment_of_a_floor_is_not_capped(one_row_plan, observe, judge):
    row = judge(one_row_plan("annual_count", "80"), observe({"2026Q4": 100}), "2026Q4")
    assert (row.attainment, row.attainment_reason) == (1.25, "computed")  # 100 / 80


def test_a_ceiling_has_a_margin_and_no_attainment(one_row_plan, observe, judge):
    plan = one_row_plan("survey_rate", "<5", better="lower", baseline="4.7")
    row = judge(plan, observe(year(4.6, 4.6, 4.6, 4.6)), "2026Q4")
    assert np.isnan(row.attainment)
    assert row.attainment_reason == "lower_is_better"
    assert row.margin == 0.4  # 5 - 4.6


def test_a_target_of_zero_has_a_verdict_but_nothing_to_divide_by(one_row_plan, observe, judge):
    for kind in ("annual_count", "stock"):
        row = judge(one_row_plan(kind, "0"), observe({"2026Q4": 3}), "2026Q4")
        assert (row.compliance, row.margin) == ("met", 3)
        assert np.isnan([row.attainment, row.gap]).all()
        assert (row.attainment_reason, row.light, row.light_reason) == (
            "target_zero",
            "no_data",
            "target_zero",
        )


@pytest.mark.parametrize(
    ("changed", "progress", "reason"),
    [
        ({"baseline": "80"}, 0.75, "computed"),  # (95 - 80) / (100 - 80)
        ({"baseline": "100"}, nan, "target_not_better"),
        ({"baseline": "120"}, nan, "target_not_better"),
        ({"baseline": "——"}, nan, "baseline_missing"),
        ({"baseline": "开展试点"}, nan, "baseline_missing"),
        ({"baseline": "80", "baseline_suspect": True}, nan, "baseline_suspect"),
    ],
)
def test_progress_needs_a_known_and_trusted_baseline_below_the_target(
    changed, progress, reason, one_row_plan, observe, judge
):
    row = judge(one_row_plan("stock", "100", **changed), observe({"2026Q4": 95}), "2026Q4")
    assert row.progress == pytest.approx(progress, nan_ok=True)
    assert row.progress_reason == reason


def test_a_count_since_january_is_not_held_against_a_whole_year_of_baseline(one_row_plan, observe, judge):
    plan = one_row_plan("annual_count", "100", baseline="80")
    row = judge(plan, observe({"2026Q3": 90}), "2026Q3")
    assert (np.isnan(row.progress), row.progress_reason) == (True, "year_not_over")
    assert judge(plan, observe({"2026Q4": 90}), "2026Q4").progress == 0.5  # (90 - 80) / (100 - 80)


CUMULATIVE = ("3600", "5400", "7200", "9000", "10800")


def test_a_cumulative_count_shows_its_own_year(one_row_plan, observe, judge):
    plan = one_row_plan("cumulative_count", *CUMULATIVE, baseline="1800")
    row = judge(plan, observe({"2025Q4": 7428, "2026Q2": 8178}), "2026Q2")
    assert (row.increment, row.increment_target) == (750, 1800)  # 8178 - 7428; 9000 - 7200
    assert row.expected == 8100  # 7200 + 1800 / 2
    assert row.gap == pytest.approx(100 * 78 / 1800)


def test_an_unknown_year_end_is_not_zero(one_row_plan, observe, judge):
    plan = one_row_plan("cumulative_count", *CUMULATIVE, cumulative_since=2022)
    assert np.isnan(judge(plan, observe({"2026Q2": 8178}), "2026Q2").increment)
    assert np.isnan(judge(plan, observe({"2025Q3": 7000, "2026Q2": 8178}), "2026Q2").increment)


def test_a_count_that_began_this_year_began_at_zero(one_row_plan, observe, judge):
    plan = one_row_plan("cumulative_count", *CUMULATIVE, cumulative_since=2023)
    assert judge(plan, observe({"2023Q2": 900}), "2023Q2").increment == 900


def test_no_increment_is_taken_across_a_break(one_row_plan, observe, judge):
    plan = one_row_plan("cumulative_count", *CUMULATIVE)
    broken = {"2025Q4": 7428, "2026Q1": {"value": 8000, "series_break": "口径调整"}, "2026Q2": 8178}
    assert np.isnan(judge(plan, observe(broken), "2026Q2").increment)


# --- Pace and light ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "gap", "light"),
    [
        (500, 0, "green"),
        (499, -0.1, "watch"),
        (401, -9.9, "watch"),
        (400, -10, "yellow"),  # the published Chinese practice: 10 points behind
        (200, -30, "yellow"),  # 30
        (199, -30.1, "red"),  # 30.1
    ],
)
@pytest.mark.parametrize(
    ("kind", "targets", "before"),
    [
        ("annual_count", ("1000",), 0),
        ("cumulative_count", ("1000", "2000", "3000", "4000", "5000"), 3000),
        ("stock", ("1000", "2000", "3000", "4000", "5000"), 3000),
    ],
)
def test_halfway_through_a_task_of_a_thousand(
    kind, targets, before, value, gap, light, one_row_plan, observe, judge
):
    row = judge(one_row_plan(kind, *targets), observe({"2026Q2": before + value}), "2026Q2")
    assert (row.gap, row.light, row.expected) == (gap, light, before + 500)


def test_a_falling_level_is_ahead_when_it_is_below_its_path(one_row_plan, observe, judge):
    plan = one_row_plan("stock", "12", "10", "8", "6", "4", better="lower")
    # Path halfway through 2026: 8 - 2 / 2 = 7; half a unit is a quarter of the year's step.
    assert judge(plan, observe({"2026Q2": 6.5}), "2026Q2")[["gap", "light"]].tolist() == [25, "green"]
    assert judge(plan, observe({"2026Q2": 7.5}), "2026Q2")[["gap", "light"]].tolist() == [-25, "yellow"]


def test_a_row_follows_its_own_profile(one_row_plan, observe, judge):
    profile = {"shares": [0.4, 0.7, 0.9, 1.0], "source": "近三年各季占比"}
    row = judge(one_row_plan("annual_count", "1000", profile=profile), observe({"2026Q1": 390}), "2026Q1")
    assert (row.expected_share, row.expected, row.gap, row.light) == (0.4, 400, -1, "watch")


def test_without_a_profile_the_rules_shares_apply(one_row_plan, observe, judge, rules):
    slow = rules.model_copy(update={"expected_shares": [0.1, 0.2, 0.3, 1.0]})
    row = judge(one_row_plan("annual_count", "1000"), observe({"2026Q1": 90}), "2026Q1", rules=slow)
    assert (row.expected, row.gap) == (100, -1)


def test_a_cumulative_target_that_stands_still_is_judged_as_a_level(one_row_plan, observe, judge):
    plan = one_row_plan("cumulative_count", "9000")
    assert judge(plan, observe({"2026Q2": 9000}), "2026Q2")[["rule", "light"]].tolist() == ["level", "green"]
    assert judge(plan, observe({"2026Q2": 8550}), "2026Q2").light == "yellow"  # 5 % short
    assert judge(plan, observe({"2026Q2": 8549}), "2026Q2").light == "red"


@pytest.mark.parametrize("before", ["——", "开展试点", "全覆盖"])
def test_without_last_years_target_there_is_no_path_before_the_year_ends(
    before, one_row_plan, observe, judge
):
    plan = one_row_plan("stock", "50", "60", before, "100", "110")
    assert judge(plan, observe({"2026Q2": 99}), "2026Q2")[["light", "light_reason"]].tolist() == [
        "no_data",
        "previous_target_unknown",
    ]
    assert judge(plan, observe({"2026Q2": 100}), "2026Q2")[["light", "light_reason"]].tolist() == [
        "green",
        "meets_target_already",
    ]
    assert [judge(plan, observe({"2026Q4": x}), "2026Q4").light for x in (100, 95, 94.9)] == [
        "green",
        "yellow",
        "red",
    ]


def test_the_first_years_path_starts_at_the_baseline_unless_it_is_in_doubt(one_row_plan, observe, judge):
    targets = ("200", "300", "400", "500", "600")
    half = observe({"2023Q2": 150})
    trusted = judge(one_row_plan("stock", *targets, baseline="100"), half, "2023Q2")
    assert (trusted.previous_target, trusted.expected, trusted.gap) == (100, 150, 0)
    doubted = judge(one_row_plan("stock", *targets, baseline="100", baseline_suspect=True), half, "2023Q2")
    assert np.isnan([doubted.previous_target, doubted.baseline, doubted.expected, doubted.gap]).all()
    assert (doubted.light, doubted.light_reason) == ("no_data", "previous_target_unknown")


@pytest.mark.parametrize(
    ("numerator", "denominator", "light"),
    [
        # Target 95.5; 80 % Wilson limits with z = 1.281552, z² = 1.642374.
        (990, 1000, "green"),  # low (0.99 + 0.000821)/1.001642 - 0.004108 = 0.98509
        (96, 100, "watch"),  # low (0.96 + 0.008212)/1.016424 - 0.025995 = 0.92657
        (94, 100, "yellow"),  # 1.5 points short, high 0.932890 + 0.031015 = 0.96391
        (9450, 10000, "yellow"),  # exactly one point short; high 0.9479 does not reach
        (9449, 10000, "red"),  # 1.01 points short; high 0.9478
    ],
)
@pytest.mark.parametrize("quarter", ["2026Q1", "2026Q4"])
def test_a_case_rates_light_reads_its_wilson_interval(
    numerator, denominator, light, quarter, one_row_plan, observe, judge
):
    counts = {quarter: {"numerator": numerator, "denominator": denominator}}
    row = judge(one_row_plan("case_rate", "95.5"), observe(counts), quarter)
    assert (row.light, row.light_reason) == (light, f"rate_with_interval_{light}")
    assert row.interval_low <= row.value <= row.interval_high


def test_a_falling_case_rate_reads_the_other_end_of_its_interval(one_row_plan, observe, judge):
    plan = one_row_plan("case_rate", "4.5", better="lower")
    # The complements of the cases above.
    lights = [
        judge(plan, observe({"2026Q1": {"numerator": n, "denominator": d}}), "2026Q1").light
        for n, d in [(10, 1000), (4, 100), (6, 100), (551, 10000)]
    ]
    assert lights == ["green", "watch", "yellow", "red"]


def test_without_counts_a_rate_is_read_by_itself(one_row_plan, observe, judge):
    plan = one_row_plan("case_rate", "95.5")
    lights = [judge(plan, observe({"2026Q1": x}), "2026Q1").light for x in (95.5, 94.5, 94.49)]
    assert lights == ["green", "yellow", "red"]
    assert judge(plan, observe({"2026Q1": 96}), "2026Q1").light_reason == "rate_green"


@pytest.mark.parametrize(
    ("numerator", "denominator", "light"),
    [
        (200, 200, "green"),  # no interval lies wholly at the end of the scale
        (99, 100, "yellow"),  # one point
        (98, 100, "red"),  # two, and the interval ends at (0.98 + 0.008212)/1.016424 + 0.019413 = 0.99166
    ],
)
def test_every_one_of_a_hundred_percent_is_green(numerator, denominator, light, one_row_plan, observe, judge):
    counts = {"2026Q2": {"numerator": numerator, "denominator": denominator}}
    assert judge(one_row_plan("case_rate", "100"), observe(counts), "2026Q2").light == light


def test_counts_beside_a_figure_that_is_no_rate_do_not_disturb(one_row_plan, observe, judge):
    counts = {"2026Q2": {"value": 9.3, "numerator": 1500, "denominator": 16.17}}
    row = judge(one_row_plan("stock", "9.3"), observe(counts), "2026Q2")
    assert row.light == "green"
    assert np.isnan(row.interval_low)


def test_a_share_of_a_full_register_has_no_sampling_interval(one_row_plan, observe, judge):
    counts = {"2026Q4": {"numerator": 73, "denominator": 124}}
    row = judge(one_row_plan("stock_ratio", ">60"), observe(counts), "2026Q4")
    assert np.isnan([row.interval_low, row.interval_high]).all()


def test_a_small_count_shows_how_far_chance_alone_moves_it(one_row_plan, observe, judge):
    # 20 a year, a quarter of it due: mean 5, the band worked out in test_intervals.
    row = judge(one_row_plan("annual_count", "20"), observe({"2026Q1": 4}), "2026Q1")
    assert (row.band_low, row.band_high) == (2, 8)
    assert not np.isnan(judge(one_row_plan("annual_count", "99"), observe({"2026Q1": 4}), "2026Q1").band_low)
    assert np.isnan(judge(one_row_plan("annual_count", "100"), observe({"2026Q1": 4}), "2026Q1").band_low)


@pytest.mark.parametrize(
    ("target", "quarter", "count", "light"),
    [
        ("20", "2026Q1", 2, "watch"),  # 15 points behind; due 5, of which 80 % lie in 2—8
        ("20", "2026Q1", 1, "yellow"),  # 20 points behind, outside the band
        ("10", "2026Q3", 4, "watch"),  # 35 points behind; due 7.5: P(X ≤ 3) = 0.06, P(X ≤ 4) = 0.13
        ("10", "2026Q3", 3, "red"),
        ("20", "2026Q4", 16, "yellow"),  # the year's own count, though 20 ± chance would hold it
        ("100", "2026Q1", 12, "yellow"),  # 13 points behind, and no small count
        ("20", "2026Q1", 5, "green"),
        ("20", "2026Q1", 4, "watch"),  # 5 points behind, as it is without a band
    ],
)
def test_a_small_count_is_no_worse_than_watch_while_chance_may_be_behind_it(
    one_row_plan, observe, judge, target, quarter, count, light
):
    row = judge(one_row_plan("annual_count", target), observe({quarter: count}), quarter)
    assert (row.light, row.light_reason) == (light, f"schedule_{light}")


def test_an_annual_row_is_grey_until_the_year_ends(one_row_plan, observe, judge):
    plan = one_row_plan("stock_ratio", "60", frequency="year")
    figures = observe(year(70, 70, 70, 70))
    for quarter in ("2026Q1", "2026Q2", "2026Q3"):
        row = judge(plan, figures, quarter)
        assert (row.light, row.light_reason, row.compliance) == ("annual_only", "annual_only", "pending")
    assert judge(plan, figures, "2026Q4").light == "green"
    assert judge(plan, figures.iloc[:0], "2026Q4").light == "no_data"


# --- Which figure the year is judged on -------------------------------------------------------------------------


def test_a_survey_rate_is_judged_on_the_mean_of_the_year_so_far(one_row_plan, observe, judge):
    plan = one_row_plan("survey_rate", "<5", better="lower")
    figures = observe(year(4.8, None, 5.0))
    row = judge(plan, figures, "2026Q3")
    assert (row.value, row.judged, row.quarters_known) == (5.0, 4.9, 2)  # (4.8 + 5.0) / 2
    assert row.light == "green"


def test_an_open_year_without_this_quarters_figure_is_not_judged_on_the_last_ones(
    one_row_plan, observe, judge
):
    row = judge(one_row_plan("survey_rate", "<5", better="lower"), observe(year(4.8, 4.9)), "2026Q3")
    assert np.isnan(row.judged)
    assert (row.light, row.light_reason) == ("no_data", "no_figure")


def test_a_closed_year_needs_all_four_quarters_of_a_survey(one_row_plan, observe, judge):
    plan = one_row_plan("survey_rate", "<5", better="lower")
    row = judge(plan, observe(year(4.8, None, 5.0, 4.9)), "2026Q4")
    assert (row.compliance, row.compliance_reason, row.light) == (
        "not_assessable",
        "incomplete_year",
        "no_data",
    )
    assert row.quarters_known == 3
    whole = judge(plan, observe(year(5.2, 5.0, 4.8, 4.9)), "2026Q4")
    assert (whole.judged, whole.compliance) == (pytest.approx(4.975), "met")  # 19.9 / 4


def test_last_years_quarters_do_not_count_towards_this_years_mean(one_row_plan, observe, judge):
    figures = observe(year(9, 9, 9, 9, of=2025) | year(4.0))
    assert judge(one_row_plan("survey_rate", "<5", better="lower"), figures, "2026Q1").judged == 4.0


def test_a_mean_of_a_year_that_begins_late_takes_in_all_its_quarters(one_row_plan, observe, judge):
    figures = observe(year(None, 4.0, 5.0))
    assert judge(one_row_plan("survey_rate", "<5", better="lower"), figures, "2026Q3").judged == 4.5


def test_a_published_yearly_mean_settles_only_its_own_year(one_row_plan, observe, judge):
    plan = one_row_plan("survey_rate", "<5", better="lower")
    assert judge(plan, observe({"2025": 4.6}), "2026Q4").compliance == "not_assessable"


def test_a_published_yearly_mean_settles_a_survey_rate(one_row_plan, observe, judge):
    plan = one_row_plan("survey_rate", "<5", better="lower")
    figures = observe(year(5.2, None, None, 5.4) | {"2026": 4.6})
    row = judge(plan, figures, "2026Q4")
    assert (row.judged, row.compliance, row.light) == (4.6, "met", "green")
    assert judge(plan, figures, "2026Q3").compliance == "pending"  # not known before the year is over
    assert judge(plan, observe({"2026": 4.6}), "2026Q4")[["judged", "compliance"]].tolist() == [4.6, "met"]


@pytest.mark.parametrize("kind", ["annual_count", "stock", "stock_ratio", "case_rate", "cumulative_count"])
def test_a_yearly_figure_stands_at_the_years_end(kind, one_row_plan, observe, judge):
    plan = one_row_plan(kind, "90", baseline="80")
    only = judge(plan, observe({"2026": 95}), "2026Q4")
    assert (only.value, only.compliance, only.value_quarter) == (95, "met", "2026")
    gap = judge(plan, observe({"2026Q4": {"missing": "not_reported"}, "2026": 95}), "2026Q4")
    assert (gap.value, gap.missing) == (95, "")
    both = judge(plan, observe({"2026Q4": 85, "2026": 95}), "2026Q4")
    assert (both.value, both.value_quarter) == (85, "2026Q4")
    assert np.isnan(judge(plan, observe({"2026": 95}), "2026Q3").value)


def test_yearly_figures_make_the_increments_and_the_momentum_of_yearly_rows(one_row_plan, observe, judge):
    ends = {"2023": 40, "2024": 50, "2025": 62, "2026": 70}
    row = judge(one_row_plan("stock_ratio", "60", frequency="year"), observe(ends), "2026Q4")
    assert (row.change, row.momentum) == (10, "improving")  # (70 - 40) / 3
    count = judge(one_row_plan("cumulative_count", "60"), observe(ends), "2026Q4")
    assert count.increment == 8  # 70 - 62


def test_a_figure_set_elsewhere_holds_in_every_region(one_row_plan, observe, rules):
    plan = one_row_plan("stock", "2580左右", set_by="330000")
    there = observe({"2026Q2": 2490}, region="330000")
    own = observe({"2026Q2": 9999}, region="330305")
    both = pd.concat([there, own], ignore_index=True)
    for regions in (["330305"], ["330000", "330305"], ["330305", "330300"]):
        assert assess(plan, both, "2026Q2", regions=regions, rules=rules)["value"].eq(2490).all()
    assert assess(plan, own, "2026Q2", rules=rules)["value"].isna().all()


def test_a_figure_in_force_holds_until_it_is_changed(one_row_plan, observe, judge):
    plan = one_row_plan("stock", "2580左右", holds_until_changed=True)
    figures = observe({"2021Q3": 2280, "2024Q1": 2490})
    for quarter, value, since in [
        ("2023Q1", 2280, "2021Q3"),
        ("2023Q4", 2280, "2021Q3"),
        ("2024Q1", 2490, "2024Q1"),
        ("2026Q3", 2490, "2024Q1"),
    ]:
        assert judge(plan, figures, quarter)[["value", "value_quarter"]].tolist() == [value, since]


def test_a_figure_never_known_keeps_its_own_reason(one_row_plan, observe, judge):
    plan = one_row_plan("stock", "2580左右", holds_until_changed=True)
    row = judge(plan, observe({"2026Q2": {"missing": "not_collected"}}), "2026Q2")
    assert (np.isnan(row.value), row.missing, row.value_quarter) == (True, "not_collected", "2026Q2")


# --- Momentum ---------------------------------------------------------------------------------------------------


def test_stocks_compare_quarter_by_quarter_over_the_last_six(one_row_plan, observe, judge):
    quarters = [str(q) for q in pd.period_range("2025Q1", "2026Q3", freq="Q")]
    values = [0, 100, 103, 99, 104, 110, 120]
    row = judge(one_row_plan("stock", "1000"), observe(dict(zip(quarters, values, strict=True))), "2026Q3")
    assert (row.change, row.momentum) == (4, "steady")  # (120 - 100) / 5; half a percent of 1000 is 5


@pytest.mark.parametrize("kind", ["annual_count", "case_rate"])
def test_seasonal_kinds_compare_with_the_same_quarter_of_earlier_years(kind, one_row_plan, observe, judge):
    figures = {}
    for n, y in enumerate(range(2022, 2027)):
        figures |= year(20 + 2 * n, 40, 60, 80, of=y)
    plan = one_row_plan(kind, "90")
    assert judge(plan, observe(figures), "2026Q1").change == 2  # 20, 22, 24, 26, 28
    assert judge(plan, observe(figures), "2026Q2")[["change", "momentum"]].tolist() == [0, "steady"]


def test_three_earlier_years_are_the_least_for_a_seasonal_row(one_row_plan, observe, judge):
    plan = one_row_plan("annual_count", "90")
    figures = {f"{y}Q1": 20 + y - 2023 for y in range(2023, 2027)}
    assert judge(plan, observe(figures), "2026Q1").change == 1
    short = {q: x for q, x in figures.items() if q != "2023Q1"}
    assert judge(plan, observe(short), "2026Q1")[["momentum", "momentum_reason"]].tolist() == [
        "unknown",
        "too_few_points",
    ]


def test_cumulative_counts_compare_what_each_year_added(one_row_plan, observe, judge):
    # Added by the end of the second quarter: 40, 50, 60, 70.
    ends = {"2022Q4": 100, "2023Q4": 200, "2024Q4": 300, "2025Q4": 400}
    halves = {"2023Q2": 140, "2024Q2": 250, "2025Q2": 360, "2026Q2": 470}
    row = judge(one_row_plan("cumulative_count", *CUMULATIVE), observe(ends | halves), "2026Q2")
    assert row.change == 10


def test_a_cumulative_counts_first_year_counts_from_zero(one_row_plan, observe, judge):
    # 2023: 60; then 200 - 130, 310 - 230, 430 - 340: 60, 70, 80, 90.
    halves = {"2023Q2": 60, "2024Q2": 200, "2025Q2": 310, "2026Q2": 430}
    ends = {"2023Q4": 130, "2024Q4": 230, "2025Q4": 340}
    began = one_row_plan("cumulative_count", *CUMULATIVE, cumulative_since=2023)
    assert judge(began, observe(halves | ends), "2026Q2").change == 10
    unknown = one_row_plan("cumulative_count", *CUMULATIVE)
    assert judge(unknown, observe(halves | ends), "2026Q2").momentum == "unknown"


def test_yearly_rows_compare_their_year_ends_also_during_a_year(one_row_plan, observe, judge):
    figures = observe({f"{y}Q4": 30 + 10 * (y - 2022) for y in range(2022, 2026)})
    row = judge(one_row_plan("stock_ratio", "60", frequency="year"), figures, "2026Q2")
    assert (row.change, row.momentum) == (10, "improving")


@pytest.mark.parametrize(("kind", "of"), [("stock", "2026Q1"), ("cumulative_count", "2026Q1")])
def test_nothing_is_compared_across_a_break(kind, of, one_row_plan, observe, judge):
    figures = {str(q): 100 + n for n, q in enumerate(pd.period_range("2021Q4", "2026Q2", freq="Q"))}
    unbroken = judge(one_row_plan(kind, "9000"), observe(figures), "2026Q2")
    assert unbroken.momentum_reason == "computed"
    figures[of] = {"value": 500, "series_break": "口径调整"}
    row = judge(one_row_plan(kind, "9000"), observe(figures), "2026Q2")
    assert (np.isnan(row.change), row.momentum, row.momentum_reason) == (True, "unknown", "series_break")


def test_a_change_without_a_target_to_measure_it_on_says_why_it_is_unknown(one_row_plan, observe, judge):
    figures = observe({str(q): 100 for q in pd.period_range("2025Q3", "2026Q2", freq="Q")})
    row = judge(one_row_plan("stock", "——"), figures, "2026Q2")
    assert (row.change, row.momentum, row.momentum_reason) == (0, "unknown", "no_numeric_target")


# --- The shipped plan and figures -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quarter", "value", "attainment", "compliance", "light"),
    [
        # Zhejiang's top tier: 2280 yuan from 1 August 2021, 2490 from 1 January 2024, no newer one published.
        ("2023Q4", 2280, 0.884, "not_met", "red"),  # 2280 / 2580
        ("2024Q4", 2490, 0.965, "met", "green"),  # 2490 / 2580; at least 2451 is 左右
        ("2025Q4", 2490, 0.830, "not_met", "red"),  # 2490 / 3000
    ],
)
def test_the_minimum_wage_as_published_against_the_plan_as_printed(
    quarter, value, attainment, compliance, light, plan, shipped
):
    row = assess(plan, shipped, quarter).set_index("indicator").loc["minimum_wage_top_tier"]
    assert (row.value, row.compliance, row.light) == (value, compliance, light)
    assert row.attainment == pytest.approx(attainment, abs=5e-4)
    assert (row.status, row.measured_at) == ("published", "330000")


def test_every_light_is_on_show_in_the_third_quarter_of_2026(plan, shipped):
    assert set(assess(plan, shipped, "2026Q3")["light"]) == set(LIGHTS)


def test_the_2027_coordinators_row_counts_in_another_unit(plan, shipped):
    row = assess(plan, shipped, "2027Q4").set_index("indicator").loc["coordinators_trained"]
    assert (row.compliance, row.compliance_reason) == ("not_assessable", "unit_differs")


def test_the_doubtful_baseline_of_skilled_workers_is_used_nowhere(plan, shipped):
    row = assess(plan, shipped, "2023Q2").set_index("indicator").loc["skilled_workers"]
    assert np.isnan([row.baseline, row.previous_target, row.progress, row.expected]).all()
    assert (row.progress_reason, row.light_reason) == ("baseline_suspect", "previous_target_unknown")


def test_the_plans_own_region_is_judged_in_the_plans_order(plan, shipped):
    rows = assess(plan, shipped, "2026Q3")
    assert rows["indicator"].tolist() == list(plan.indicators)
    assert set(rows["region"]) == {plan.region}


@pytest.mark.parametrize("quarter", ["2022Q4", "2028Q1"])
def test_a_quarter_outside_the_plan_is_refused(quarter, plan, shipped):
    with pytest.raises(ValueError, match=quarter):
        assess(plan, shipped, quarter)


@pytest.mark.parametrize("quarter", ["2026", "2026-09", "2026Q5"])
def test_what_is_no_quarter_is_refused(quarter, plan, shipped):
    with pytest.raises(ValueError, match=quarter):
        assess(plan, shipped, quarter)


# --- Whatever the figures ---------------------------------------------------------------------------------------

REGIONS = ("330305", "330304", "330000")
seeds = st.integers(0, 59)
quarters = st.builds("{}Q{}".format, st.integers(2023, 2027), st.integers(1, 4))
often = settings(max_examples=30)


@pytest.fixture(scope="session")
def made_up(plan):
    """Return a function that makes the observations of a seed."""
    return lru_cache(lambda seed: random_ledger(plan, seed))


@pytest.fixture(scope="session")
def judge_all(plan, rules):
    """Return a function that judges the real plan, by default in every made-up region."""

    def make(observations, quarter, regions=REGIONS):
        return assess(plan, observations, quarter, regions=regions, rules=rules)

    return make


def random_ledger(plan, seed):
    """Return made-up figures near the plan's targets, with gaps, breaks, yearly figures and late starts."""
    rng = np.random.default_rng(seed)
    rows = []
    for region in REGIONS:
        start, gaps = rng.integers(2021, 2027), rng.choice([0.0, 0.1, 0.5])
        for id, indicator in plan.indicators.items():
            for period in _periods(rng, start):
                row = {"region": region, "indicator": id, "period": period}
                if rng.random() < gaps:
                    row["missing"] = "not_reported"
                else:
                    row |= _figure(rng, indicator, period)
                row["series_break"] = "口径调整" if rng.random() < 0.03 else ""
                rows.append(row)
    return ledger(rows)


def _periods(rng, start):
    every = [f"{y}Q{q}" for y in range(start, 2028) for q in range(1, 5)]
    return [*every, *(str(y) for y in range(start, 2028) if rng.random() < 0.2)]


def _figure(rng, indicator, period):
    target = indicator.numeric_target(min(max(int(period[:4]), 2023), 2027))
    target = 50 if np.isnan(target) else target
    near = target * rng.choice([0.3, 0.72, 0.9, 0.95, 1, 1, 1.05, 1.4]) + rng.integers(-2, 3) / 10
    value = round(min(near, 100) if indicator.unit == "%" else near, indicator.decimals)
    if indicator.kind != "case_rate" or rng.random() < 0.3:
        return {"value": value}
    denominator = int(rng.integers(1, 300))
    return {"numerator": round(denominator * value / 100), "denominator": denominator}


@often
@given(seed=seeds, in_year=st.integers(2023, 2027))
def test_in_a_closed_year_light_and_verdict_agree(seed, in_year, made_up, judge_all):
    rows = judge_all(made_up(seed), f"{in_year}Q4")
    met, missed = rows["compliance"] == "met", rows["compliance"] == "not_met"
    green, watch = rows["light"] == "green", rows["light"] == "watch"
    behind, rate = rows["light"].isin(["yellow", "red"]), rows["rule"] == "rate"
    on_path = rows["rule"].isin(["schedule", "path"])
    assert rows["compliance"].isin(["met", "not_met", "not_assessable"]).all()
    assert ((rows["compliance"] == "not_assessable") == (rows["light"] == "no_data")).all()
    assert (met | ~green).all()  # green is met,
    assert (missed | ~behind).all()  # yellow and red are not;
    assert (met == green)[~rate].all()  # what has no interval is met only where it is green,
    assert (met == (green | watch))[rate].all()  # a rate also where its interval leaves a doubt;
    assert (missed == (behind | watch))[on_path].all()  # a count or a path may be missed by a hair
    assert (missed == behind)[~on_path].all()


@often
@given(seed=seeds, quarter=st.builds("{}Q{}".format, st.integers(2023, 2027), st.integers(1, 3)))
def test_in_an_open_year_only_a_count_is_settled_and_then_it_is_green(seed, quarter, made_up, judge_all):
    rows = judge_all(made_up(seed), quarter)
    met = rows["compliance"] == "met"
    assert rows["compliance"].isin(["met", "pending", "not_assessable"]).all()
    assert rows["kind"][met].isin(["annual_count", "cumulative_count"]).all()
    assert (rows["light"][met] == "green").all()
    assert (rows["compliance"] == "not_assessable").eq(rows["target"].isna()).all()


@often
@given(seed=seeds, quarter=quarters)
def test_what_is_missing_is_never_scored(seed, quarter, made_up, judge_all):
    rows = judge_all(made_up(seed), quarter)
    without_figure, without_target = rows[rows["judged"].isna()], rows[rows["target"].isna()]
    assert without_figure["compliance"].isin(["pending", "not_assessable"]).all()
    assert without_target["compliance"].eq("not_assessable").all()
    for unscored in (without_figure, without_target):
        assert unscored["light"].isin(GREY).all()
        assert unscored[["attainment", "margin", "progress", "gap"]].isna().all(axis=None)
    assert without_figure[list(NUMBERS)].isna().all(axis=None)
    assert rows["momentum"].eq("unknown").eq(rows["change"].isna() | rows["target"].isna()).all()
    for answer in ("attainment", "progress"):
        assert rows[answer].notna().eq(rows[f"{answer}_reason"] == "computed").all()


@often
@given(seed=seeds, quarter=quarters)
def test_a_gap_that_is_recorded_is_judged_like_one_that_is_not(seed, quarter, made_up, judge_all):
    figures = made_up(seed).assign(series_break="")
    known = figures[figures["value"].notna()]
    answers = [*NUMBERS, "compliance", "light", "light_reason", "momentum", "judged"]
    pd.testing.assert_frame_equal(judge_all(figures, quarter)[answers], judge_all(known, quarter)[answers])


@often
@given(seed=seeds, quarter=quarters)
def test_many_regions_at_once_are_judged_like_each_alone(seed, quarter, made_up, judge_all):
    figures = made_up(seed)
    alone = [
        judge_all(figures[figures["region"].isin([region, "330000"])], quarter, region) for region in REGIONS
    ]
    pd.testing.assert_frame_equal(judge_all(figures, quarter), pd.concat(alone, ignore_index=True))


@often
@given(seed=seeds, quarter=quarters)
def test_the_order_of_the_observations_does_not_matter(seed, quarter, made_up, judge_all):
    shuffled = made_up(seed).sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(judge_all(shuffled, quarter), judge_all(made_up(seed), quarter))


def test_neither_the_plan_nor_the_observations_are_changed(plan, rules):
    figures = random_ledger(plan, 0)
    before = figures.copy(), deepcopy(plan), rules.model_copy(deep=True)
    for quarter in ("2023Q1", "2025Q4", "2027Q4"):
        assess(plan, figures, quarter, regions=REGIONS, rules=rules)
    pd.testing.assert_frame_equal(figures, before[0])
    assert (plan, rules) == before[1:]


WORDS = ["compliance", "compliance_reason", "light", "light_reason", "momentum", "momentum_reason", "weather"]


@often
@given(
    kind=st.sampled_from(["annual_count", "cumulative_count", "stock"]),
    better=st.sampled_from(["higher", "lower"]),
    targets=st.lists(st.integers(1, 9_000), min_size=5, max_size=5),
    form=st.sampled_from(["{}", "<{}", ">{}", "≤{}", "{}左右"]),
    values=st.lists(st.integers(0, 9_000), min_size=20, max_size=20),
    scale=st.sampled_from([0.01, 0.1, 7, 1_000]),
    quarter=st.builds("{}Q{}".format, st.integers(2023, 2026), st.integers(1, 4)),
)
def test_verdicts_do_not_depend_on_the_unit_of_account(
    kind, better, targets, form, values, scale, quarter, one_row_plan, observe, judge
):
    periods = [str(q) for q in pd.period_range("2022Q1", "2026Q4", freq="Q")]
    form = form.translate(str.maketrans("<≤", ">≥") if better == "higher" else str.maketrans(">", "<"))

    def judged(k):
        printed = [form.format(f"{round(t * k, 2):g}" if k < 1 else t * k) for t in targets]
        plan = one_row_plan(kind, *printed, better=better, baseline=str(round(targets[0] * k / 2, 3)))
        figures = {period: round(v * k, 2) for period, v in zip(periods, values, strict=True)}
        return judge(plan, observe(figures), quarter)

    plain, scaled = judged(1), judged(scale)
    assert scaled[WORDS].fillna("").tolist() == plain[WORDS].fillna("").tolist()
    for share in ("attainment", "progress", "gap"):
        assert scaled[share] == pytest.approx(plain[share], abs=1e-6, nan_ok=True)
    for amount in ("margin", "increment", "change", "expected"):
        assert scaled[amount] == pytest.approx(scale * plain[amount], abs=1e-6, nan_ok=True)
