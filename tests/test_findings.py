from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from laoyou import findings
from laoyou.findings import CHECKS, Finding, find
from laoyou.plan import Plan, load_plan

FILE = Path(__file__).resolve().parents[1] / "data" / "plans" / "dongtou-2023-2027.yml"
TEXT = FILE.read_text(encoding="utf-8")

Edit = Callable[..., Plan]

MET_AT_BASELINE = (
    "urban_unemployment_rate",
    "new_urban_jobs",
    "key_group_assistance_rate",
    "hard_to_employ_placements",
    "employment_checkups",
    "mediation_success_rate",
    "arbitration_closure_rate",
)
SET_BELOW_BASELINE = (
    "new_urban_jobs",
    "hard_to_employ_placements",
    "coordinators_trained",
    "employment_checkups",
    "mediation_success_rate",
    "arbitration_closure_rate",
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(FILE)


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """Load the real plan with texts replaced: old, new, old, new …"""

    def load(*changes: str) -> Plan:
        text = TEXT
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert old in text
            text = text.replace(old, new)
        file = tmp_path / "plan.yml"
        file.write_text(text, encoding="utf-8")
        return load_plan(file)

    return load


def of(plan: Plan, code: str, about: str = "") -> list[Finding]:
    """Return the findings of a code, about one indicator if it is given."""
    return [f for f in find(plan) if f.code == code and (not about or about in f.indicators)]


def only(plan: Plan, code: str, about: str = "") -> Finding:
    """Return the one finding of a code."""
    [finding] = of(plan, code, about)
    return finding


def figures(finding: Finding, *keys: str) -> tuple[float | str, ...]:
    return tuple(finding.figures[key] for key in keys)


def test_the_plan_gives_these_findings_and_no_others(plan: Plan) -> None:
    assert [(f.code, f.rows, f.holds) for f in find(plan)] == [
        ("baseline_magnitude", ("6", "8"), False),
        ("implied_denominator", ("6", "8"), False),
        ("ratio_of_rows", ("9", "7", "6"), True),
        ("cumulative_before_plan", ("5",), False),
        ("baseline_meets_target", ("1", "2", "3", "3", "13", "15", "16"), False),
        ("targets_below_baseline", ("2", "3", "12", "13", "15", "16"), False),
        ("targets_above_baseline", ("1",), False),
        ("unit_change", ("12",), False),
        ("covers_differ", ("3",), False),
        ("wording_differs", ("14",), False),
        ("set_by_other_level", ("10",), False),
        ("no_official_tolerance", ("10",), False),
        ("commitment_sum", ("2",), True),
        ("commitment_sum", ("13",), True),
        ("commitment_level", ("3",), True),
        ("commitment_level", ("5",), True),
        ("commitment_level", ("6",), True),
        ("commitment_bound", ("6",), False),
        ("commitment_level", ("7",), True),
        ("commitment_bound", ("7",), False),
        ("commitment_level", ("14",), True),
    ]


def test_every_finding_names_its_rows_and_only_numbers_and_texts(plan: Plan) -> None:
    for finding in find(plan):
        assert finding.rows == tuple(plan.indicators[id].row for id in finding.indicators)
        assert all(isinstance(value, (int, float, str)) for value in finding.figures.values())


def test_every_code_is_explained_where_the_module_begins(plan: Plan) -> None:
    explained = {line.split()[0] for line in (findings.__doc__ or "").splitlines() if line[:1].isalpha()}
    assert {f.code for f in find(plan)} | {"baseline_suspect"} <= explained


def test_no_indicator_series_or_commitment_is_named_in_the_module(plan: Plan) -> None:
    source = Path(findings.__file__).read_text(encoding="utf-8")
    assert not [id for id in (*plan.indicators, *plan.series, *plan.commitments) if id in source]


def test_the_checks_follow_the_relations_and_not_the_names(plan: Plan, edited: Edit) -> None:
    renamed = edited("skilled_workers", "craftspeople", "new_urban_jobs", "year", "key_group", "count")
    assert [(f.code, f.rows, f.holds) for f in find(renamed)] == [
        (f.code, f.rows, f.holds) for f in find(plan)
    ]


def test_a_plan_that_declares_no_relation_gives_no_finding_of_it(edited: Edit) -> None:
    bare = edited("  ratio: {", "  # ratio: {", "  cumulative_since: 2022\n", "", '  set_by: "330000"\n', "")
    codes = {f.code for f in find(bare)}
    assert not codes & {"baseline_magnitude", "implied_denominator", "ratio_of_rows"}
    assert not codes & {"cumulative_before_plan", "set_by_other_level"}


def test_there_is_one_function_for_each_check() -> None:
    assert len(set(CHECKS)) == len(CHECKS) == 12
    assert all(check.__doc__ for check in CHECKS)


# A baseline that lost a digit


def test_row_6_of_2022_is_read_both_ways(plan: Plan) -> None:
    found = only(plan, "baseline_magnitude")
    assert found.indicators == ("skilled_workers", "skilled_share_of_employed")
    assert figures(found, "year", "printed", "alternative", "ratio") == (2022, 1900, 19000, 26.44)
    assert found.figures["implied_printed"] == pytest.approx(7_186, abs=0.5)
    assert found.figures["implied_alternative"] == pytest.approx(71_861, abs=0.5)
    assert figures(found, "denominator", "first_year") == ("employed_persons", 2023)
    assert found.figures["implied_first_year"] == pytest.approx(73_455, abs=0.5)


def test_a_digit_too_many_is_found_as_well_as_one_too_few(edited: Edit) -> None:
    found = only(edited('text: "1900"', 'text: "190000"'), "baseline_magnitude")
    assert figures(found, "printed", "alternative") == (190_000, 19_000)


def test_a_lost_digit_is_found_even_where_nobody_marked_it(edited: Edit) -> None:
    assert of(edited("    suspect: true\n", ""), "baseline_magnitude")


def test_a_baseline_of_the_right_magnitude_is_no_finding(edited: Edit) -> None:
    mended = edited('text: "1900"', 'text: "19000"', "    suspect: true\n", "")
    assert not of(mended, "baseline_magnitude")
    assert not of(mended, "baseline_suspect")


def test_a_doubt_that_no_ratio_explains_is_still_shown(edited: Edit) -> None:
    found = only(edited('text: "1900"', 'text: "19000"'), "baseline_suspect")
    assert (found.indicators, found.holds) == (("skilled_workers",), False)
    assert figures(found, "year", "text") == (2022, "19000")


# At a ratio of 27.5 in both years, ten times the baseline should be within a tenth of 20 200.
@pytest.mark.parametrize(
    ("printed", "fits"), [("1817", False), ("1818", True), ("2222", True), ("2223", False)]
)
def test_the_other_reading_must_come_within_a_tenth_of_the_next_year(
    edited: Edit, printed: str, fits: bool
) -> None:
    changed = edited('text: "1900"', f'text: "{printed}"', 'text: "26.44"', 'text: "27.5"')
    assert bool(of(changed, "baseline_magnitude")) is fits
    assert bool(of(changed, "baseline_suspect")) is not fits


@pytest.mark.parametrize("cell", ['text: "——"', 'text: "0"', 'text: "26.44"\n    suspect: true'])
def test_no_magnitude_is_judged_by_a_ratio_that_is_absent_zero_or_doubtful(edited: Edit, cell: str) -> None:
    baseline = 'baseline: {year: 2022, text: "26.44"}'
    changed = edited(baseline, f"baseline:\n    year: 2022\n    {cell}")
    assert not of(changed, "baseline_magnitude")
    assert of(changed, "baseline_suspect", "skilled_workers")


# What a ratio implies


def test_rows_6_and_8_imply_ever_fewer_people_employed(plan: Plan) -> None:
    found = only(plan, "implied_denominator")
    implied = [float(found.figures[str(year)]) for year in plan.years]
    assert implied == pytest.approx([73_455, 72_542, 71_746, 71_045, 70_423], abs=0.5)
    assert figures(found, "falls", "steps", "denominator") == (4, 4, "employed_persons")
    assert not found.holds


def test_one_year_without_a_fall_is_enough_to_fit(edited: Edit) -> None:
    found = only(edited('2027: "35.5"', '2027: "34"'), "implied_denominator")
    assert found.figures["2027"] == pytest.approx(25_000 / 0.34)
    assert figures(found, "falls", "steps") == (3, 4)
    assert found.holds


def test_an_equal_year_is_no_fall(edited: Edit) -> None:
    level = edited('2024: "29.5"', '2024: "27.5"', '2024: "21400"', '2024: "20200"')
    assert only(level, "implied_denominator").holds


def test_a_year_without_a_number_is_left_out_of_what_is_implied(edited: Edit) -> None:
    found = only(edited('2024: "29.5"', '2024: "——"'), "implied_denominator")
    assert "2024" not in found.figures
    assert found.figures["steps"] == 3


def test_row_9_is_row_7_divided_by_row_6_in_every_year(plan: Plan) -> None:
    found = only(plan, "ratio_of_rows")
    assert found.indicators == (
        "highly_skilled_share_of_skilled",
        "highly_skilled_workers",
        "skilled_workers",
    )
    assert [found.figures[str(year)] for year in plan.years] == pytest.approx([30, 31, 32, 33, 35])
    assert figures(found, "largest_gap", "tolerance") == (0, 0.01)
    assert found.holds


# 25 people more or less are 0.1 points of 25 000.
@pytest.mark.parametrize(
    ("people", "gap", "holds"),
    [
        ("8752", 0.008, True),
        ("8752.5", 0.01, True),
        ("8753", 0.012, False),
        ("8747.5", 0.01, True),
        ("8747", 0.012, False),
    ],
)
def test_a_ratio_may_miss_its_parts_by_a_hundredth_of_a_point(
    edited: Edit, people: str, gap: float, holds: bool
) -> None:
    found = only(edited('2027: "8750"', f'2027: "{people}"'), "ratio_of_rows")
    assert found.figures["largest_gap"] == pytest.approx(gap)
    assert found.holds is holds


def test_a_ratio_without_a_year_to_compare_is_no_finding(edited: Edit) -> None:
    cells = '{2023: "30", 2024: "31", 2025: "32", 2026: "33", 2027: "35"}'
    absent = '{2023: "——", 2024: "——", 2025: "——", 2026: "——", 2027: "——"}'
    assert not of(edited(cells, absent), "ratio_of_rows")


# A count that began before the plan


def test_row_5_counts_six_years_of_1800_of_which_one_is_before_the_plan(plan: Plan) -> None:
    found = only(plan, "cumulative_before_plan")
    assert found.indicators == ("training_enrolments_cumulative",)
    assert figures(found, "since", "first_year", "last_year", "years") == (2022, 2023, 2027, 6)
    assert figures(found, "outside", "within", "total") == (1_800, 9_000, 10_800)
    assert figures(found, "smallest_step", "largest_step") == (1_800, 1_800)


def test_a_count_that_begins_with_the_plan_is_no_finding(edited: Edit) -> None:
    assert not of(edited("cumulative_since: 2022", "cumulative_since: 2023"), "cumulative_before_plan")


def test_an_absent_baseline_leaves_open_what_lies_outside(edited: Edit) -> None:
    found = only(edited('text: "1800"', 'text: "——"'), "cumulative_before_plan")
    assert math.isnan(float(found.figures["outside"]))
    assert math.isnan(float(found.figures["within"]))
    assert figures(found, "smallest_step", "largest_step", "total") == (1_800, 1_800, 10_800)


# Targets that the baseline had reached


def test_seven_indicators_had_reached_their_last_target_before_the_plan(plan: Plan) -> None:
    found = only(plan, "baseline_meets_target")
    assert found.indicators == MET_AT_BASELINE
    assert figures(found, "count", "of", "baseline_year", "year") == (7, 17, 2022, 2027)
    assert figures(found, *MET_AT_BASELINE) == pytest.approx((0.3, -632, 0, -41, -51, -17.2, -3.1))


@pytest.mark.parametrize(
    ("id", "old", "new", "met"),
    [
        pytest.param("arrears_resolution_rate", '"93"', '"95.9"', False, id="just under a floor"),
        pytest.param("arrears_resolution_rate", '"93"', '"96"', True, id="on a floor"),
        pytest.param("urban_unemployment_rate", '"4.7"', '"4.9"', True, id="just under a strict ceiling"),
        pytest.param("urban_unemployment_rate", '"4.7"', '"5"', False, id="on a strict ceiling"),
        pytest.param("minimum_wage_top_tier", '"2280"', '"3199"', False, id="just under 左右"),
        pytest.param("minimum_wage_top_tier", '"2280"', '"3200"', True, id="on 左右"),
        pytest.param("wage_bargaining_coverage", "开展试点", "99.9", False, id="just under full coverage"),
        pytest.param("wage_bargaining_coverage", "开展试点", "全覆盖", True, id="full coverage"),
        pytest.param("skilled_workers", '"1900"', '"30000"', False, id="doubtful"),
        pytest.param("coordinators_trained", '"500"', '"5000"', False, id="a target in another unit"),
    ],
)
def test_a_baseline_meets_a_target_by_the_targets_own_operator(
    edited: Edit, id: str, old: str, new: str, met: bool
) -> None:
    start = TEXT.index(f"- id: {id}\n")
    cell = TEXT[start : TEXT.index("targets:", start)]
    changed = edited(cell, cell.replace(old, new))
    assert (id in only(changed, "baseline_meets_target").indicators) is met


def test_six_rows_ask_for_less_than_the_baseline(plan: Plan) -> None:
    found = only(plan, "targets_below_baseline")
    assert found.indicators == SET_BELOW_BASELINE
    assert figures(found, "count", "of", "baseline_year", "year") == (6, 17, 2022, 2027)
    # Row 12 ends in another unit, so its last number is 2026's: 106 − 500.
    assert figures(found, *SET_BELOW_BASELINE) == pytest.approx((-632, -41, -394, -51, -17.2, -3.1))


def test_the_unemployment_ceiling_lies_above_the_baseline(plan: Plan) -> None:
    found = only(plan, "targets_above_baseline")
    assert found.indicators == ("urban_unemployment_rate",)
    assert found.figures["urban_unemployment_rate"] == pytest.approx(0.3)


def test_a_target_equal_to_the_baseline_asks_for_no_less(edited: Edit) -> None:
    level = edited('text: "116"', 'text: "75"', 'text: "4.7"', 'text: "5"')
    assert "hard_to_employ_placements" not in only(level, "targets_below_baseline").indicators
    assert not of(level, "targets_above_baseline")


def test_a_doubtful_or_absent_baseline_is_compared_with_nothing(edited: Edit) -> None:
    changed = edited('text: "1900"', 'text: "30000"')
    compared = {"baseline_meets_target", "targets_below_baseline", "targets_above_baseline"}
    ids = {id for f in find(changed) if f.code in compared for id in f.indicators}
    assert not ids & {"skilled_workers", "highly_skilled_workers", "highly_skilled_share_of_skilled"}


# Cells, words and levels


def test_row_12_changes_its_unit_in_2027(plan: Plan) -> None:
    found = only(plan, "unit_change")
    assert found.indicators == ("coordinators_trained",)
    expected = (2027, "规上企业全覆盖", "人次", "106")
    assert figures(found, "year", "text", "unit", "before") == expected


def test_full_coverage_is_no_other_unit_for_a_rate(plan: Plan) -> None:
    assert plan.indicators["wage_bargaining_coverage"].targets[2027].full_coverage
    assert not of(plan, "unit_change", "wage_bargaining_coverage")


def test_a_row_that_never_had_its_unit_does_not_change_it(edited: Edit) -> None:
    cells = '{2023: "76", 2024: "106", 2025: "106", 2026: "106", '
    assert not of(
        edited(cells, cells.replace('"76"', '"全覆盖"').replace('"106"', '"全覆盖"')), "unit_change"
    )


def test_the_tables_rate_covers_five_groups_and_the_texts_one(plan: Plan) -> None:
    found = only(plan, "covers_differ")
    assert found.indicators == ("key_group_assistance_rate",)
    assert figures(found, "commitment", "table_groups", "text_groups") == ("hard_to_employ_assistance", 5, 1)
    assert found.figures["table"] == "登记失业人员、离校未就业高校毕业生、低保、低边、就业困难人员"
    assert found.figures["text"] == "有意愿且有能力就业的就业困难人员"


def test_the_same_groups_in_another_order_do_not_differ(edited: Edit) -> None:
    five = ["就业困难人员", "低边", "低保", "离校未就业高校毕业生", "登记失业人员"]
    listed = "".join(f"  - {group}\n" for group in five)
    assert not of(edited("  - 有意愿且有能力就业的就业困难人员\n", listed), "covers_differ")


def test_row_14_names_the_leads_in_two_ways(plan: Plan) -> None:
    found = only(plan, "wording_differs")
    assert found.indicators == ("arrears_resolution_rate",)
    expected = ("arrears_resolution_2027", "欠薪线索", "涉薪线索")
    assert figures(found, "commitment", "table", "text") == expected


def test_one_wording_for_both_is_no_finding(edited: Edit) -> None:
    assert not of(edited("text: 涉薪线索", "text: 欠薪线索"), "wording_differs")


def test_row_10_is_set_by_the_province(plan: Plan) -> None:
    found = only(plan, "set_by_other_level")
    assert found.indicators == ("minimum_wage_top_tier",)
    assert figures(found, "set_by", "region") == ("330000", "330305")


def test_a_row_that_the_plans_own_region_sets_is_no_finding(edited: Edit) -> None:
    assert not of(edited('set_by: "330000"', 'set_by: "330305"'), "set_by_other_level")


def test_the_five_cells_of_row_10_have_no_official_tolerance(plan: Plan) -> None:
    found = only(plan, "no_official_tolerance")
    assert found.indicators == ("minimum_wage_top_tier",)
    assert found.figures["cells"] == 5
    expected = ("2580左右", "2580左右", "3000左右", "3000左右", "3200左右")
    assert figures(found, *map(str, plan.years)) == expected


# The text's promises


def test_6500_new_jobs_are_five_times_1300(plan: Plan) -> None:
    found = only(plan, "commitment_sum", "new_urban_jobs")
    assert figures(found, "commitment", "year", "years") == ("new_urban_jobs_total", 2027, 5)
    assert figures(found, "stated", "computed") == (6_500, 6_500)
    assert figures(found, *map(str, plan.years)) == (1_300,) * 5
    assert found.holds


def test_200_check_ups_are_84_and_four_times_29_without_2022(plan: Plan) -> None:
    found = only(plan, "commitment_sum", "employment_checkups")
    assert figures(found, "stated", "computed") == (200, 200)
    assert figures(found, *map(str, plan.years)) == (84, 29, 29, 29, 29)
    assert figures(found, "baseline", "with_baseline") == (80, 280)
    assert found.holds


@pytest.mark.parametrize("stated", ["6499", "6501"])
def test_a_total_that_is_one_off_does_not_add_up(edited: Edit, stated: str) -> None:
    found = only(edited('text: "6500"', f'text: "{stated}"'), "commitment_sum", "new_urban_jobs")
    assert figures(found, "stated", "computed") == (float(stated), 6_500)
    assert not found.holds


def test_a_total_is_summed_up_to_its_own_year(edited: Edit) -> None:
    earlier = edited(
        'year: 2027\n  text: "6500"',
        'year: 2025\n  text: "3900"',
    )
    found = only(earlier, "commitment_sum", "new_urban_jobs")
    assert figures(found, "years", "computed") == (3, 3_900)
    assert "2026" not in found.figures
    assert found.holds


def test_a_total_without_a_usable_baseline_says_nothing_of_it(edited: Edit) -> None:
    found = only(edited('text: "1932"', 'text: "——"'), "commitment_sum", "new_urban_jobs")
    assert not {"baseline", "with_baseline"} & set(found.figures)


def test_a_total_with_a_year_that_is_no_number_is_not_judged(edited: Edit) -> None:
    cells = '2023: "1300", 2024: "1300"'
    changed = edited(cells, '2023: "1300", 2024: "——"')
    assert not of(changed, "commitment_sum", "new_urban_jobs")


@pytest.mark.parametrize(
    ("id", "text", "table"),
    [
        ("key_group_assistance_rate", "100", "100"),
        ("training_enrolments_cumulative", "10800", "10800"),
        ("skilled_workers", "25000以上", "25000"),
        ("highly_skilled_workers", "8750以上", "8750"),
        ("arrears_resolution_rate", "96", "96"),
    ],
)
def test_a_level_in_the_text_equals_the_rows_cell_of_2027(plan: Plan, id: str, text: str, table: str) -> None:
    found = only(plan, "commitment_level", id)
    assert figures(found, "year", "text", "table", "difference") == (2027, text, table, 0)
    assert found.holds


@pytest.mark.parametrize(("text", "difference"), [("25001以上", 1), ("24999以上", -1)])
def test_a_level_that_is_one_off_does_not_add_up(edited: Edit, text: str, difference: int) -> None:
    changed = edited('text: "25000以上"', f'text: "{text}"')
    found = only(changed, "commitment_level", "skilled_workers")
    assert found.figures["difference"] == difference
    assert not found.holds
    assert not of(changed, "commitment_bound", "skilled_workers")


@pytest.mark.parametrize("id", ["skilled_workers", "highly_skilled_workers"])
def test_at_least_is_stricter_than_the_tables_bare_number(plan: Plan, id: str) -> None:
    found = only(plan, "commitment_bound", id)
    assert (found.figures["comparison"], found.holds) == ("stricter", False)


@pytest.mark.parametrize(
    ("text", "table", "comparison"),
    [
        ("25000", "25000", None),
        ("25000以上", "≥25000", None),
        ("25000左右", "25000", "looser"),
        ("25000", "25000以上", "looser"),
        ("25000以上", ">25000", "looser"),
        (">25000", "25000以上", "stricter"),
        ("25000", "25000左右", "stricter"),
    ],
)
def test_wordings_of_one_number_are_ranked_by_how_firmly_they_bind(
    edited: Edit, text: str, table: str, comparison: str | None
) -> None:
    changed = edited('text: "25000以上"', f'text: "{text}"', '2027: "25000"', f'2027: "{table}"')
    found = of(changed, "commitment_bound", "skilled_workers")
    assert [f.figures["comparison"] for f in found] == ([comparison] if comparison else [])
    assert only(changed, "commitment_level", "skilled_workers").holds


def test_a_promise_in_another_unit_than_its_row_is_not_compared(edited: Edit) -> None:
    changed = edited('text: "25000以上"\n  unit: 人', 'text: "2.5"\n  unit: 万人')
    assert not of(changed, "commitment_level", "skilled_workers")


def test_a_finding_cannot_be_altered(plan: Plan) -> None:
    with pytest.raises(AttributeError):
        find(plan)[0].holds = True  # type: ignore[misc]
