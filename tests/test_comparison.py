"""Four published methods beside ours: small plans whose verdicts are worked out by hand, and the shipped ones."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from views import Make, cases, maker, quarterly

from laoyou.comparison import METHODS, STANCES, Judgement, compare
from laoyou.plan import Plan
from laoyou.view import View, open_view

STAIRS = ("110", "120", "130", "140", "150")


@pytest.fixture(scope="module")
def shipped() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


@pytest.fixture(scope="module")
def make(shipped: View, one_row_plan: Callable[..., Plan], observe: Callable[..., pd.DataFrame]) -> Make:
    return maker(shipped, one_row_plan, observe)


def judged(view: View, method: str) -> Judgement:
    return compare(view)["row"][method]


# --- Open SDG ---------------------------------------------------------------------------------------------------
# From 100 in 2022 to 150 in 2027 needs 1.5 ** 0.2 - 1 = 8.4472 % a year; 2024Q1 is due 112.5.


@pytest.mark.parametrize(
    ("full_year", "now", "status", "reason", "growth"),
    [
        (110, 108, "substantial_progress", "moved_fast_enough", 0.10),  # red
        (110, 113, "substantial_progress", "", 0.10),  # green
        (103, 112.5, "limited_progress", "moved_too_slowly", 0.03),  # green, on the path
        (107, 112.5, "moderate_progress", "moved_too_slowly", 0.07),
        (107, 108, "moderate_progress", "moved_fast_enough", 0.07),  # better than red
        (103, 108, "limited_progress", "", 0.03),
        (95, 112.5, "deterioration", "moved_the_wrong_way", -0.05),
        (150, 108, "target_achieved", "last_target_reached", 0.50),
    ],
)
def test_growth_since_the_baseline_is_held_against_our_light(
    make: Make, full_year: float, now: float, status: str, reason: str, growth: float
) -> None:
    view = make("2024Q1", {"2023Q4": full_year, "2024Q1": now}, "stock", *STAIRS)
    found = judged(view, "open_sdg")
    assert (found.status, found.reason) == (status, reason)
    assert found.numbers["share"] == pytest.approx(growth / (1.5**0.2 - 1))
    assert (found.numbers["year"], found.numbers["value"]) == (2023, full_year)


def test_growth_is_measured_over_whole_years_alone(make: Make) -> None:
    figures = {"2023Q4": 110, "2024Q4": 121}
    before = judged(make("2024Q3", figures, "stock", *STAIRS), "open_sdg")
    after = judged(make("2024Q4", figures, "stock", *STAIRS), "open_sdg")
    assert (before.numbers["year"], after.numbers["year"]) == (2023, 2024)
    assert before.numbers["share"] == pytest.approx(after.numbers["share"])  # 10 % a year both times


@pytest.mark.parametrize(
    ("more", "targets", "reason"),
    [
        ({"baseline": "1900", "baseline_suspect": True}, STAIRS, "baseline_suspect"),
        ({"baseline": "——"}, STAIRS, "baseline_missing"),
        ({"baseline": "开展试点"}, STAIRS, "baseline_missing"),
        ({"baseline": "全覆盖"}, STAIRS, "baseline_missing"),  # of a count: another quantity
        ({}, (*STAIRS[:4], "规上企业全覆盖"), "unit_differs"),
        ({}, (*STAIRS[:4], "开展试点"), "milestone"),
        ({}, (*STAIRS[:4], "——"), "no_numeric_target"),
    ],
)
def test_growth_needs_a_sound_baseline_and_a_last_target_in_its_unit(
    make: Make, more: dict[str, Any], targets: tuple[str, ...], reason: str
) -> None:
    found = judged(make("2024Q1", {"2023Q4": 110, "2024Q1": 113}, "stock", *targets, **more), "open_sdg")
    assert (found.status, found.reason, found.differs) == ("", reason, False)


def test_growth_needs_a_year_that_is_over_with_a_figure(make: Make) -> None:
    figures = {"2023Q1": 101, "2024Q1": 113}
    assert judged(make("2023Q3", figures, "stock", *STAIRS), "open_sdg").reason == "no_full_year"
    assert judged(make("2024Q1", figures, "stock", *STAIRS), "open_sdg").reason == "no_figure"


@pytest.mark.parametrize(
    ("broken", "reason"),
    [("2022Q4", ""), ("2023Q2", "series_break"), ("2023Q4", "series_break"), ("2024Q1", "")],
)
def test_growth_across_a_break_is_none(make: Make, broken: str, reason: str) -> None:
    figures: dict[str, Any] = {"2022Q4": 100, "2023Q2": 105, "2023Q4": 110, "2024Q1": 113}
    figures[broken] = {"value": figures[broken], "series_break": "口径"}
    assert judged(make("2024Q1", figures, "stock", *STAIRS), "open_sdg").reason == reason


# --- The German symbol ------------------------------------------------------------------------------------------


def steps(last: float, step: float) -> dict[str, Any]:
    """Return six quarters up to 2024Q4 that change evenly."""
    return quarterly("2023Q3", *(last + step * n for n in range(-5, 1)))


@pytest.mark.parametrize(
    ("last", "step", "status", "reason"),
    [
        (120, 1, "cloud", "carried_on_falls_short"),  # on the path; 120 + 3 · 4 misses 150 by 18 of 30
        (120, -1, "thunderstorm", "carried_on_wrong_way"),
        (120, 2.5, "sun", ""),  # 120 + 3 · 10 = 150
        (115, 3, "sun", "carried_on_reaches"),  # half a step behind, but 115 + 3 · 12 = 151
        (115, -1, "thunderstorm", ""),
    ],
)
def test_the_last_changes_carried_on_are_held_against_our_light(
    make: Make, last: float, step: float, status: str, reason: str
) -> None:
    found = judged(make("2024Q4", steps(last, step), "stock", *STAIRS), "dns")
    assert (found.status, found.reason) == (status, reason)
    assert found.numbers["change"] == pytest.approx(step)


def test_a_rate_met_by_few_cases_shines_for_the_symbol_but_not_for_us(make: Make) -> None:
    figures = {
        f"{year}Q4": cases(n, 100) for year, n in zip(range(2022, 2026), (90, 91, 92, 92), strict=True)
    }
    view = make("2025Q4", figures, "case_rate", "90")
    assert view.score("row").light == "watch"  # the interval of 92 of 100 begins at 87.9 %
    assert judged(view, "dns")[:2] == ("sun", "few_cases")


def test_a_target_met_while_worsening_loses_a_step(make: Make) -> None:
    figures = {
        f"{year}Q4": cases(n, 100) for year, n in zip(range(2022, 2026), (95, 94, 93, 92), strict=True)
    }
    view = make("2025Q4", figures, "case_rate", "80")
    assert view.score("row").light == "green"
    assert judged(view, "dns")[:2] == ("partly_cloudy", "reached_but_worsening")


def test_a_count_short_of_its_share_but_better_than_before_is_a_cloud(make: Make) -> None:
    figures = {f"{year}Q2": n for year, n in zip(range(2023, 2027), (30, 35, 40, 45), strict=True)}
    view = make("2026Q2", figures, "annual_count", "100")
    assert view.score("row").light == "watch"  # 5 points behind half a year
    found = judged(view, "dns")
    assert found[:2] == ("cloud", "missed_but_improving")
    assert (found.numbers["value"], found.numbers["target"]) == (45, 50)


def test_a_cumulative_count_is_judged_by_its_own_year_alone(make: Make) -> None:
    totals = (100, 190, 285, 380, 490)
    figures = {f"{year}Q4": n for year, n in zip(range(2022, 2027), totals, strict=True)}
    view = make(
        "2026Q4", figures, "cumulative_count", "200", "300", "400", "500", "600", cumulative_since=2022
    )
    assert view.score("row").light == "yellow"  # 10 of the year's 100 behind
    found = judged(view, "dns")
    assert found[:2] == ("sun", "own_year_alone")
    assert (found.numbers["value"], found.numbers["target"]) == (110, 100)


@pytest.mark.parametrize(
    ("figures", "targets", "more", "reason"),
    [
        (quarterly("2024Q2", 118, 119, 120), STAIRS, {}, "too_few_points"),
        (quarterly("2023Q4", 116, 117, 118, 119), STAIRS, {}, "no_figure"),  # not this quarter's
        (steps(120, 1), ("开展试点",), {}, "milestone"),
        (
            steps(120, 1),
            (*STAIRS[:4], "规上企业全覆盖"),
            {},
            "unit_differs",
        ),  # what it would be carried on to
    ],
)
def test_without_points_or_a_target_there_is_no_symbol(
    make: Make, figures: dict[str, Any], targets: tuple[str, ...], more: dict[str, Any], reason: str
) -> None:
    found = judged(make("2024Q4", figures, "stock", *targets, **more), "dns")
    assert (found.status, found.reason) == ("", reason)


def test_a_row_confirmed_once_a_year_has_too_few_year_ends(make: Make) -> None:
    figures = {"2023Q4": 111, "2024Q4": 121}
    view = make("2025Q2", figures, "stock", *STAIRS, frequency="year")
    assert judged(view, "dns").reason == "too_few_points"
    without = make("2025Q2", {"2023Q4": 111}, "stock", *STAIRS, frequency="year")
    assert judged(without, "dns").reason == "no_figure"


# --- InfoBase ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("quarter", "status"), [("2024Q3", "future"), ("2024Q4", "met")])
def test_a_range_is_asked_for_at_the_end_of_the_year(make: Make, quarter: str, status: str) -> None:
    found = judged(make(quarter, {"2024Q3": 120, "2024Q4": 120}, "stock", *STAIRS), "infobase")
    assert (found.status, found.reason) == (status, "")


def test_a_count_past_its_target_is_met_for_us_before_it_is_due(make: Make) -> None:
    view = make("2024Q2", {"2024Q2": 101}, "annual_count", "100")
    assert view.score("row").compliance == "met"
    assert judged(view, "infobase")[:2] == ("future", "not_due")


@pytest.mark.parametrize(
    ("rate", "status", "reason"),
    [(4.9, "met", ""), (5.0, "met", "bound_counts_as_met"), (5.1, "not_met", "")],
)
def test_a_range_includes_its_end_and_our_strict_target_does_not(
    make: Make, rate: float, status: str, reason: str
) -> None:
    view = make("2024Q4", quarterly("2024Q1", rate, rate, rate, rate), "survey_rate", "<5", better="lower")
    assert judged(view, "infobase")[:2] == (status, reason)


@pytest.mark.parametrize(("wage", "status"), [(2451, "met"), (2450.99, "not_met")])
def test_about_begins_at_our_own_tolerance(make: Make, wage: float, status: str) -> None:
    view = make("2024Q4", {"2024Q4": wage}, "stock", "2580左右")  # 95 % of 2580 is 2451
    assert judged(view, "infobase")[:2] == (status, "")


@pytest.mark.parametrize(
    ("target", "reason"),
    [("开展试点", "milestone"), ("——", "no_numeric_target"), ("规上企业全覆盖", "unit_differs")],
)
@pytest.mark.parametrize("quarter", ["2024Q3", "2024Q4"])
def test_without_a_number_there_is_no_range(make: Make, target: str, reason: str, quarter: str) -> None:
    found = judged(make(quarter, {quarter: 120}, "stock", target), "infobase")
    assert (found.status, found.reason) == ("", reason)


def test_a_year_that_lacks_a_quarter_cannot_be_judged(make: Make) -> None:
    view = make("2024Q4", quarterly("2024Q2", 4.5, 4.5, 4.5), "survey_rate", "<5", better="lower")
    assert judged(view, "infobase").reason == "incomplete_year"
    none = make("2024Q4", {"2024Q3": 4.5}, "stock", *STAIRS)
    assert judged(none, "infobase").reason == "no_figure"


# --- The NHS chart ----------------------------------------------------------------------------------------------

UP_AND_DOWN = quarterly("2023Q1", *(4.4, 4.6) * 6)  # mean 4.5, range 0.2: limits 3.968 and 5.032


@pytest.mark.parametrize(
    ("target", "status", "reason"),
    [
        ("<5", "inconsistent", "within_limits"),  # green, but a target within the limits
        ("<5.04", "consistent_pass", ""),
        ("<3.96", "consistent_fail", ""),
        ("<3.97", "inconsistent", "within_limits"),
    ],
)
def test_a_target_within_the_limits_is_met_by_chance(
    make: Make, target: str, status: str, reason: str
) -> None:
    found = judged(make("2025Q4", UP_AND_DOWN, "survey_rate", target, better="lower"), "nhs")
    assert (found.status, found.reason) == (status, reason)
    assert found.numbers["lower"] == pytest.approx(3.968)
    assert found.numbers["upper"] == pytest.approx(5.032)


def test_a_chart_needs_twelve_figures(make: Make) -> None:
    eleven = {period: value for period, value in UP_AND_DOWN.items() if period != "2023Q1"}
    found = judged(make("2025Q4", eleven, "survey_rate", "<5", better="lower"), "nhs")
    assert (found.status, found.reason, found.numbers["points"]) == ("", "few_points", 11)


def since_january(*quarters: float) -> dict[str, Any]:
    """Return counts since January from what each quarter from 2023Q1 on added."""
    total, counts = 0.0, []
    for n, added in enumerate(quarters):
        total = added if n % 4 == 0 else total + added
        counts.append(total)
    return quarterly("2023Q1", *counts)


@pytest.mark.parametrize(
    ("last", "target", "light", "status", "reason"),
    [
        (
            7,
            "32",
            "watch",
            "consistent_pass",
            "always_beyond",
        ),  # limits 9.10 to 10.43, a quarter of the task is 8
        (
            13,
            "52",
            "green",
            "consistent_fail",
            "never_reached",
        ),  # limits 9.57 to 10.90, a quarter of the task is 13
        (10, "36", "green", "consistent_pass", ""),
    ],
)
def test_a_count_is_charted_by_what_each_quarter_added(
    make: Make, last: float, target: str, light: str, status: str, reason: str
) -> None:
    view = make("2026Q1", since_january(*(10,) * 12, last), "annual_count", target)
    assert view.score("row").light == light
    assert judged(view, "nhs")[:2] == (status, reason)


@pytest.mark.parametrize(
    ("kind", "targets", "more", "reason"),
    [
        ("stock", STAIRS, {}, "drifts"),
        ("stock_ratio", ("10", "20", "30", "40", "50"), {}, "drifts"),
        ("stock", ("100",), {"frequency": "year"}, "yearly"),
        ("stock", ("100",), {"holds_until_changed": True}, "holds_until_changed"),
        ("stock", ("100",), {}, "few_points"),
        ("stock", ("开展试点",), {}, "milestone"),
        ("annual_count", ("规上企业全覆盖",), {}, "unit_differs"),
    ],
)
def test_what_is_no_process_around_a_mean_is_not_charted(
    make: Make, kind: str, targets: tuple[str, ...], more: dict[str, Any], reason: str
) -> None:
    found = judged(make("2024Q4", {"2024Q4": 20}, kind, *targets, **more), "nhs")
    assert (found.status, found.reason) == ("", reason)


def test_a_rate_since_january_is_not_charted(make: Make) -> None:
    view = make("2024Q4", {"2024Q4": cases(9, 10)}, "case_rate", "90")
    assert judged(view, "nhs").reason == "shares_cases"


# --- All four ---------------------------------------------------------------------------------------------------


def test_where_we_say_nothing_no_method_differs_from_our_light(make: Make) -> None:
    view = make(
        "2025Q4",
        {period: v for period, v in UP_AND_DOWN.items() if period != "2025Q4"},
        "survey_rate",
        "<5",
        better="lower",
    )
    assert view.score("row").light == "no_data"
    assert not any(found.differs for found in compare(view)["row"].values())


@pytest.mark.parametrize("quarter", ["2023Q1", "2023Q4", "2024Q2", "2025Q4", "2026Q3", "2027Q4"])
def test_every_shipped_row_has_a_status_or_a_reason_from_each_method(shipped: View, quarter: str) -> None:
    found = compare(replace(shipped, quarter=pd.Period(quarter, "Q-DEC")))
    assert list(found) == list(shipped.plan.indicators)
    for judgements in found.values():
        assert tuple(judgements) == METHODS
        for method, one in judgements.items():
            assert one.status in STANCES[method] if one.status else one.reason


def test_the_doubtful_baseline_and_the_changed_unit_are_no_base(shipped: View) -> None:
    found = compare(shipped)
    assert found["skilled_workers"]["open_sdg"].reason == "baseline_suspect"
    assert found["highly_skilled_workers"]["open_sdg"].reason == "baseline_missing"
    assert found["coordinators_trained"]["open_sdg"].reason == "unit_differs"  # 2027 counts firms
    last = compare(replace(shipped, quarter=pd.Period("2027Q1", "Q-DEC")))["coordinators_trained"]
    assert {method: one.reason for method, one in last.items()} == dict.fromkeys(METHODS, "unit_differs")


def test_the_minimum_wage_of_2025_has_grown_too_slowly_whoever_looks(shipped: View) -> None:
    found = compare(shipped)["minimum_wage_top_tier"]
    # (2490 ÷ 2280) ** (1 ÷ 3) − 1 = 2.980 % a year; (3200 ÷ 2280) ** 0.2 − 1 = 7.015 %
    assert found["open_sdg"].numbers["share"] == pytest.approx(0.4249, abs=5e-4)
    assert [one.status for one in found.values()] == ["limited_progress", "thunderstorm", "future", ""]
    assert not any(one.differs for one in found.values())
