"""What is doubtful about incoming figures; the figures and the expected doubts are worked out by hand."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import ledger

from laoyou.intake.plausibility import Doubt, doubt_words, doubts
from laoyou.ledger.observations import load_observations
from laoyou.plan import Plan
from laoyou.regions import Region
from laoyou.rules import Rules, load_rules

JOBS, TRAINED, ARREARS = "new_urban_jobs", "training_enrolments_cumulative", "arrears_resolution_rate"
SKILLED, SHARE, HIGH, HIGH_SHARE = (
    "skilled_workers",
    "skilled_share_of_employed",
    "highly_skilled_workers",
    "highly_skilled_share_of_skilled",
)
REGIONS = {"330305": Region("330305", "洞头区", "Dongtou", "district", "330300")}
Figure = float | Mapping[str, Any]


def rows(indicator: str, figures: Mapping[str, Figure], **more: Any) -> list[dict[str, Any]]:
    """Return rows of one series, each figure a value or the columns that differ."""
    return [
        {"region": "330305", "indicator": indicator, "period": period, **more}
        | (dict(figure) if isinstance(figure, Mapping) else {"value": figure})
        for period, figure in figures.items()
    ]


def parts(numerator: float, denominator: float) -> dict[str, float]:
    return {"numerator": numerator, "denominator": denominator}


@pytest.fixture
def rules() -> Rules:
    """Return the shipped rules, but for the size of the plan's targets: most figures here are small round ones."""
    shipped = load_rules()
    return shipped.model_copy(update={"plausibility": shipped.plausibility.model_copy(update={"scale": 1e9})})


@pytest.fixture
def doubted(plan: Plan, rules: Rules):
    """Return a function that says what is doubtful about rows beside those known."""

    def say(known: list[dict[str, Any]], incoming: list[dict[str, Any]]) -> list[Doubt]:
        return doubts(plan, rules, ledger(known), ledger(incoming))

    return say


def codes(found: list[Doubt]) -> list[str]:
    return [doubt.code for doubt in found]


# --- A jump beyond what the series ever did -----------------------------------------------------------------------

# year on year: +10, +20, -30, +25
STEADY = {
    "2024Q1": 300, "2024Q2": 600, "2024Q3": 900, "2024Q4": 1200,
    "2025Q1": 310, "2025Q2": 620, "2025Q3": 870, "2025Q4": 1225,
}  # fmt: skip


@pytest.mark.parametrize(("value", "doubt"), [(340, False), (341, True), (280, False), (279, True)])
def test_a_change_beyond_the_largest_of_four_is_doubted(doubted, value, doubt):
    found = doubted(rows(JOBS, STEADY), rows(JOBS, {"2026Q1": value}))
    assert codes(found) == (["jump"] if doubt else [])


def test_a_jump_tells_the_figures_that_led_to_it(doubted, plan):
    [doubt] = doubted(rows(JOBS, STEADY), rows(JOBS, {"2026Q1": 3100}))
    assert (doubt.region, doubt.indicator, doubt.period, doubt.other) == ("330305", JOBS, "2026Q1", "2025Q1")
    assert doubt.values["value"] == 3100
    assert doubt.values["largest"] == 30
    assert doubt_words(doubt, plan, REGIONS) == (
        "洞头区城镇新增就业人数 2026年一季度为 3,100 人，比2025年一季度的 310 人多 2,790 人；"
        "此前 4 次同比变化最大的是 30 人（2025年三季度）；请核对单位和位数"
    )


def test_three_earlier_changes_say_nothing_of_what_is_usual(doubted):
    known = {period: value for period, value in STEADY.items() if period != "2024Q4"}
    assert doubted(rows(JOBS, known), rows(JOBS, {"2026Q1": 3100})) == []


def test_a_stock_is_compared_with_the_quarter_before(doubted, plan):
    known = {"2025Q1": 100, "2025Q2": 110, "2025Q3": 100, "2025Q4": 110, "2026Q1": 120}
    assert doubted(rows(SKILLED, known), rows(SKILLED, {"2026Q2": 130})) == []
    [doubt] = doubted(rows(SKILLED, known), rows(SKILLED, {"2026Q2": 109}))
    assert (doubt.code, doubt.other) == ("jump", "2026Q1")
    assert "少 11 人；此前 4 次环比变化最大的是 10 人（2026年一季度）" in doubt_words(doubt, plan, REGIONS)


def test_a_change_across_a_marked_break_is_neither_doubted_nor_held_against(doubted):
    broken = {"2026Q1": {"value": 3100, "series_break": "新口径"}}
    assert doubted(rows(JOBS, STEADY), rows(JOBS, broken)) == []
    known = STEADY | {"2025Q3": {"value": 870, "series_break": "新口径"}}  # leaves two changes
    assert doubted(rows(JOBS, known), rows(JOBS, {"2026Q1": 3100})) == []
    levels = {"2024Q1": 900, "2024Q2": {"value": 100, "series_break": "新口径"}, "2024Q3": 110, "2024Q4": 120,
              "2025Q1": 130, "2025Q2": 140}  # fmt: skip
    assert codes(doubted(rows(SKILLED, levels), rows(SKILLED, {"2025Q3": 151}))) == ["jump"]
    assert codes(doubted(rows(SKILLED, levels), rows(SKILLED, {"2025Q3": 150}))) == []


def test_a_gap_is_no_change(doubted):
    known = STEADY | {"2025Q1": {"missing": "not_reported"}}
    assert doubted(rows(JOBS, known), rows(JOBS, {"2026Q1": 3100})) == []


def test_a_row_confirmed_once_a_year_compares_its_year_ends(doubted, plan):
    known = {
        str(year): value for year, value in zip(range(2020, 2026), [20, 25, 30, 35, 40, 45], strict=True)
    }
    name = "wage_bargaining_coverage"
    assert doubted(rows(name, known), rows(name, {"2026": 50})) == []
    [doubt] = doubted(rows(name, known), rows(name, {"2026": 55.1}))
    assert (doubt.code, doubt.period, doubt.other) == ("jump", "2026", "2025")
    assert "比2025年的 45.0%高 10.1 个百分点" in doubt_words(doubt, plan, REGIONS)


def test_what_the_plan_only_counts_with_is_compared_year_by_year(doubted):
    known = {str(year): 160000.0 + 100 * (year - 2020) for year in range(2020, 2026)}
    assert codes(
        doubted(rows("resident_population", known), rows("resident_population", {"2026": 16060}))
    ) == ["jump"]


def test_the_bound_is_the_one_in_the_rules(doubted, plan, rules):
    wider = rules.model_copy(update={"plausibility": rules.plausibility.model_copy(update={"jump": 2.0})})
    known = ledger(rows(JOBS, STEADY))
    assert doubts(plan, wider, known, ledger(rows(JOBS, {"2026Q1": 370}))) == []
    assert codes(doubts(plan, wider, known, ledger(rows(JOBS, {"2026Q1": 371})))) == ["jump"]


# --- A count that was rolled over ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "doubt"), [(360, False), (359, True)])
def test_a_count_since_january_does_not_fall_within_its_year(doubted, value, doubt):
    found = doubted(rows(JOBS, {"2026Q1": 360}), rows(JOBS, {"2026Q2": value}))
    assert codes(found) == (["restarted"] if doubt else [])


def test_a_rolled_over_count_is_said_with_both_figures(doubted, plan):
    [doubt] = doubted(rows(JOBS, {"2026Q1": 360, "2026Q2": 820}), rows(JOBS, {"2026Q3": 410}))
    assert doubt_words(doubt, plan, REGIONS) == (
        "洞头区城镇新增就业人数 2026年三季度为 410 人，少于2026年二季度的 820 人；"
        "1 月 1 日以来的数在一年之内不减少，请核对是否只报了当季的数"
    )


def test_a_count_since_january_starts_anew_with_the_year(doubted):
    assert doubted(rows(JOBS, {"2025Q4": 1300}), rows(JOBS, {"2026Q1": 360})) == []


def test_a_quarter_that_is_missing_does_not_hide_a_fall(doubted):
    known = {"2026Q1": 360, "2026Q2": {"missing": "not_reported"}}
    assert codes(doubted(rows(JOBS, known), rows(JOBS, {"2026Q3": 300}))) == ["restarted"]


def test_a_years_figure_is_that_of_its_last_quarter(doubted):
    assert codes(doubted(rows(JOBS, {"2025Q3": 1100}), rows(JOBS, {"2025": 900}))) == ["restarted"]


def test_an_earlier_quarter_above_the_known_later_one_is_doubted(doubted, plan):
    [doubt] = doubted(rows(JOBS, {"2026Q2": 700}), rows(JOBS, {"2026Q1": 710}))
    assert (doubt.period, doubt.other) == ("2026Q1", "2026Q2")
    assert "2026年一季度为 710 人，多于2026年二季度的 700 人" in doubt_words(doubt, plan, REGIONS)


def test_of_two_incoming_quarters_the_later_is_doubted_once(doubted):
    [doubt] = doubted([], rows(JOBS, {"2026Q1": 710, "2026Q2": 700}))
    assert doubt.period == "2026Q2"


def test_a_cumulative_count_falls_in_no_quarter(doubted, plan):
    [doubt] = doubted(rows(TRAINED, {"2025Q4": 7300}), rows(TRAINED, {"2026Q1": 450}))
    assert doubt.code == "restarted"
    assert "少于2025年四季度的 7,300 人次；累计数不减少" in doubt_words(doubt, plan, REGIONS)
    assert doubted(rows(TRAINED, {"2025Q4": 7300}), rows(TRAINED, {"2026Q1": 7300})) == []


def test_a_new_basis_may_begin_lower(doubted):
    lower = {"2026Q2": {"value": 300, "series_break": "新口径"}}
    assert doubted(rows(JOBS, {"2026Q1": 360}), rows(JOBS, lower)) == []


def test_a_running_rates_numerator_runs_on_too(doubted, plan):
    [doubt] = doubted(rows(ARREARS, {"2026Q1": parts(186, 200)}), rows(ARREARS, {"2026Q2": parts(90, 95)}))
    assert doubt.code == "restarted"
    assert "2026年二季度的分子是 90，少于2026年一季度的 186" in doubt_words(doubt, plan, REGIONS)


# --- A rate that moved while its numerator did not ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("incoming", "doubt"),
    [
        (parts(186, 210), True),
        (parts(187, 210), False),
        (parts(186, 200), False),  # nothing moved at all
    ],
)
def test_a_case_rate_that_moves_by_its_denominator_alone_is_doubted(doubted, incoming, doubt):
    found = doubted(rows(ARREARS, {"2026Q1": parts(186, 200)}), rows(ARREARS, {"2026Q2": incoming}))
    assert codes(found) == (["numerator_unmoved"] if doubt else [])


def test_an_unmoved_numerator_is_said_with_both_fractions(doubted, plan):
    [doubt] = doubted(rows(ARREARS, {"2026Q1": parts(186, 200)}), rows(ARREARS, {"2026Q2": parts(186, 210)}))
    assert doubt_words(doubt, plan, REGIONS) == (
        "洞头区欠薪线索动态化解率 2026年二季度为 88.6%（186/210），2026年一季度为 93.0%（186/200），"
        "分母变了，分子没有变；请核对分子是否沿用了另一期的数"
    )


def test_a_case_rate_of_another_year_may_have_the_same_numerator(doubted):
    known = rows(ARREARS, {"2025Q4": parts(186, 200)})
    assert doubted(known, rows(ARREARS, {"2026Q1": parts(186, 210)})) == []


def test_a_ratio_of_stocks_is_held_against_its_last_point_across_the_year(doubted):
    known = rows(SHARE, {"2025Q4": parts(22000, 70000)})
    assert codes(doubted(known, rows(SHARE, {"2026Q1": parts(22000, 69000)}))) == ["numerator_unmoved"]
    assert doubted(known, rows(SHARE, {"2026Q1": parts(22001, 69000)})) == []


def test_a_rate_of_nobody_has_not_moved(doubted):
    assert doubted(rows(ARREARS, {"2026Q1": parts(0, 5)}), rows(ARREARS, {"2026Q2": parts(0, 9)})) == []


# --- Parts that disagree ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("workers", "doubt"), [(23100, False), (23150, True)])
@pytest.mark.parametrize("first", ["share", "workers", "together"])
def test_a_numerator_is_the_figure_of_its_series(doubted, plan, workers, doubt, first):
    share, stock = rows(SHARE, {"2026Q3": parts(23100, 70000)}), rows(SKILLED, {"2026Q3": workers})
    known, incoming = {
        "share": (share, stock),
        "workers": (stock, share),
        "together": ([], stock + share),
    }[first]
    found = doubted(known, incoming)
    assert codes(found) == (["parts_differ"] if doubt else [])
    if doubt:
        assert doubt_words(found[0], plan, REGIONS) == (
            "洞头区技能人才总量 2026年三季度是 23,150，技能人才占从业人员比例的分子是 23,100，相差 50；"
            "请核对是否同一时点、同一口径"
            if first == "share"
            else "洞头区技能人才占从业人员比例 2026年三季度的分子是 23,100，技能人才总量是 23,150，相差 50；"
            "请核对是否同一时点、同一口径"
        )


def test_a_denominator_is_the_figure_of_its_series_too(doubted, plan):
    [doubt] = doubted(rows(SKILLED, {"2026Q3": 23000}), rows(HIGH_SHARE, {"2026Q3": parts(7500, 23100)}))
    assert "的分母是 23,100，技能人才总量是 23,000，相差 100" in doubt_words(doubt, plan, REGIONS)


def test_a_years_ratio_is_held_against_the_last_quarters_stock(doubted):
    assert codes(doubted(rows(SKILLED, {"2025Q4": 22000}), rows(SHARE, {"2025": parts(22001, 70000)}))) == [
        "parts_differ"
    ]


def test_parts_of_another_quarter_or_not_given_are_not_compared(doubted):
    stock = rows(SKILLED, {"2026Q2": 23000})
    assert doubted(stock, rows(SHARE, {"2026Q3": parts(23100, 70000)})) == []
    assert doubted(rows(SKILLED, {"2026Q3": 23000}), rows(SHARE, {"2026Q3": 33.0})) == []


# --- Which figures are held against which -------------------------------------------------------------------------


def test_a_real_figure_is_not_held_against_the_sample(doubted):
    sample = rows(JOBS, STEADY, status="sample")
    assert doubted(sample, rows(JOBS, {"2026Q1": 3100})) == []
    assert codes(doubted(sample, rows(JOBS, {"2026Q1": 3100}, status="sample"))) == ["jump"]


def test_a_revision_is_judged_in_the_place_of_the_figure_it_replaces(doubted):
    known = rows(JOBS, {"2026Q1": 360, "2026Q2": 300})
    assert doubted(known, rows(JOBS, {"2026Q2": 700})) == []


def test_a_row_without_a_day_of_report_counts_as_the_latest(doubted, plan, rules):
    incoming = ledger(rows(JOBS, {"2026Q2": 300})).assign(reported_on=pd.NaT)
    incoming = incoming.astype({"reported_on": "datetime64[us]"})
    assert codes(doubts(plan, rules, ledger(rows(JOBS, {"2026Q1": 360, "2026Q2": 700})), incoming)) == [
        "restarted"
    ]


def test_a_month_a_survey_mean_and_a_gap_raise_no_doubt(doubted):
    survey = "urban_unemployment_rate"
    assert doubted(rows(survey, {"2025Q4": 4.7}), rows(survey, {"2025": 9.9, "2026-01": 9.9})) == []
    assert doubted(rows(JOBS, {"2026Q1": 360}), rows(JOBS, {"2026Q2": {"missing": "not_reported"}})) == []


def test_nothing_incoming_is_nothing_doubtful(doubted):
    assert doubted(rows(JOBS, STEADY), []) == []


def test_the_shipped_figures_raise_no_doubt_when_they_come_in_again(plan, rules):
    known = load_observations(plan)
    latest = known[known["period"] == "2026Q3"]
    before = known[known["period"] != "2026Q3"]
    found = doubts(plan, rules, before, latest)
    assert set(codes(found)) <= {"jump"}
    assert all(np.isfinite(list(d.values.values())).all() for d in found)


# --- Another order of magnitude than the year's target -------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "period", "value", "doubt"),
    [
        (JOBS, "2026Q3", 6500, False),  # five times 1300
        (JOBS, "2026Q3", 6501, True),
        (JOBS, "2026Q1", 3, False),  # little of a year's count, early in the year
        (TRAINED, "2026Q3", 1800, False),  # a fifth of 9000
        (TRAINED, "2026Q3", 1799, True),
        (SKILLED, "2026Q3", 2.38, True),  # 万人 where 人 are due
    ],
)
def test_a_first_figure_is_held_against_the_size_of_the_years_target(plan, id, period, value, doubt):
    found = doubts(plan, load_rules(), ledger([]), ledger(rows(id, {period: value})))
    assert codes(found) == (["scale"] if doubt else [])


def test_another_order_of_magnitude_is_told_with_the_target(plan):
    [doubt] = doubts(plan, load_rules(), ledger([]), ledger(rows(JOBS, {"2026Q3": 12000})))
    assert doubt_words(doubt, plan, REGIONS) == (
        "洞头区城镇新增就业人数 2026年三季度为 12,000 人，与当年目标 1,300 人不是一个量级；请核对单位和位数"
    )
