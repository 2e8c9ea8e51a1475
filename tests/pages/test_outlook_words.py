"""What is likely, in words; probabilities of both sides of every boundary, reasons for grey from small ledgers."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from laoyou.language import speaking
from laoyou.outlooks.measured import FILE, Cell, Measured, load_measured, read_measured
from laoyou.pages import outlook_trust as trust
from laoyou.pages import outlook_words as words
from laoyou.view import View, open_view

nan = math.nan
JOBS, RATE, WAGE, COVERAGE = (
    "new_urban_jobs", "arrears_resolution_rate", "minimum_wage_top_tier", "wage_bargaining_coverage",
)  # fmt: skip


@pytest.fixture(scope="module")
def view() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


def at(view: View, quarter: str) -> View:
    return replace(view, quarter=pd.Period(quarter, "Q-DEC"))


@pytest.fixture(scope="module")
def one_row(
    view: View, one_row_plan: Callable[..., Any], observe: Callable[..., pd.DataFrame]
) -> Callable[..., View]:
    """Return a function that makes a view of one indicator, ``row`` （某）， from its figures by period."""

    def make(figures: dict[str, Any], kind: str, *targets: str, quarter: str = "2026Q3", **more: Any) -> View:
        plan = one_row_plan(kind, *targets, **more)
        return replace(view, plan=plan, observations=observe(figures), quarter=pd.Period(quarter, "Q-DEC"))

    return make


def quarters(first: str, *figures: float) -> dict[str, float]:
    start = pd.Period(first, "Q-DEC")
    return {str(start + n): figure for n, figure in enumerate(figures)}


# --- Probabilities ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (0.0, "<1%"),  # not known, however small
        (1e-9, "<1%"),
        (0.0049999, "<1%"),
        (0.005, "1%"),
        (0.0149, "1%"),
        (0.015, "2%"),
        (0.145, "15%"),
        (0.5, "50%"),
        (0.9849, "98%"),
        (0.985, "99%"),
        (0.9949999, "99%"),
        (0.995, ">99%"),
        (1 - 1e-9, ">99%"),
        (1.0, ">99%"),
    ],
)
def test_a_probability_is_a_whole_per_cent_and_never_certain(p, shown):
    assert words.chance(p, "computed") == shown


def test_only_what_is_known_is_settled():
    assert words.chance(1.0, "known") == "已定：达到"
    assert words.chance(0.0, "known") == "已定：达不到"
    assert words.chance(nan, "no_figure") == "给不出"


def test_an_interval_has_the_rows_unit_and_decimals(view):
    rate, jobs = (view.plan.indicators[id] for id in (RATE, JOBS))
    assert words.interval(94.46, 95.2, rate) == "94.5—95.2%"
    assert words.interval(1303, 1402, jobs) == "1,303—1,402 人"
    assert words.interval(94.61, 94.63, rate) == "94.6%"
    assert words.interval(nan, nan, rate) == "—"


def test_a_target_stands_with_its_unit(view):
    assert words.target(view, JOBS, 2026) == "1,300 人"
    assert words.target(view, WAGE, 2026) == "3,000 元/月左右"
    assert words.target(view, "coordinators_trained", 2027) == "规上企业全覆盖"


# --- Why there is none ------------------------------------------------------------------------------------------


def why(view: View, id: str, year: int) -> str:
    return words.why_not(view, view.outlooks.loc[id], year)


def test_each_grey_of_the_shipped_plan_has_its_reason(view):
    assert why(view, WAGE, 2026) == "由浙江省制定，不随本区走势"
    assert why(view, COVERAGE, 2026) == "年末的数不到 4 个"
    assert why(view, "coordinators_trained", 2027) == "目标改为“规上企业全覆盖”，与人次不是同一个量"
    assert why(view, "hard_to_employ_placements", 2027) == "口径调整后的点太少"
    assert why(view, "employment_checkups", 2026) == "本季没有数（未报）"
    assert why(view, JOBS, 2026) == ""
    assert why(at(view, "2023Q1"), COVERAGE, 2023) == "没有上年末的数"
    assert why(at(view, "2023Q1"), RATE, 2023) == "往年可比的季度太少"


@pytest.mark.parametrize(
    ("figures", "kind", "targets", "more", "said"),
    [
        ({"2026Q3": 9}, "stock", ["9"], {}, "可比的点不到 4 个"),
        ({"2026Q3": 9}, "annual_count", ["10"], {}, "还没有完整的往年"),
        ({"2026Q3": 9}, "case_rate", ["9"], {}, "往年可比的季度太少"),
        ({"2026Q2": 9, "2026Q3": {"missing": "suppressed"}}, "stock", ["9"], {}, "本季没有数（为保护隐私不公布）"),
        ({"2026Q2": 9}, "stock", ["9"], {}, "本季没有数"),
        ({"2026Q2": 5, "2026Q3": 5}, "survey_rate", ["<5"], {"better": "lower"}, "本年缺季，算不出全年平均"),
        ({"2026Q3": 9}, "stock_ratio", ["开展试点"], {}, "目标是开展试点，没有数可比"),
        ({"2026Q3": 9}, "stock", ["——"], {}, "目标栏没有可用的数"),
        ({"2026Q3": 9}, "stock", ["9"], {"holds_until_changed": True}, "执行到下次调整，不随走势变"),
        ({"2025Q4": 9}, "stock_ratio", ["9"], {"frequency": "year"}, "年末的数不到 4 个"),
    ],
)  # fmt: skip
def test_each_reason_has_its_words(one_row, figures, kind, targets, more, said):
    page = one_row(figures, kind, *targets, **more)
    row = page.outlooks.loc["row"]
    assert math.isnan(row.p_year)
    assert words.why_not(page, row, 2026) == said
    assert not trust.parts_used(page, ["row"])


def test_a_later_year_needs_four_complete_ones(one_row):
    figures = {f"{y}Q{n}": 100 * n for y in (2024, 2025) for n in (1, 2, 3, 4)} | quarters(
        "2026Q1", 100, 200, 300
    )
    page = one_row(figures, "annual_count", "400")
    row = page.outlooks.loc["row"]
    assert words.why_not(page, row, 2026) == ""
    assert words.why_not(page, row, 2027) == "完整的年份不到 4 个"


def test_the_plans_last_quarter_asks_for_one_year_and_knows_it(one_row):
    page = one_row(quarters("2025Q1", *range(90, 102)), "stock", "101", quarter="2027Q4")
    row = page.outlooks.loc["row"]
    assert words.years_asked(page) == (2027,)
    assert words.chance(*words.chance_in(page, row, 2027)) == "已定：达到"
    assert words.methods(page, row) == ["2027 年：年末已知"]
    assert words.finding(page, ["row"]) == "2027 年目标：已定达到的是某。"


# --- Methods and findings ---------------------------------------------------------------------------------------


def test_methods_name_what_they_rest_on_and_the_profile_that_pace_uses(view):
    def told(id: str) -> list[str]:
        return words.methods(view, view.outlooks.loc[id])

    assert told(JOBS) == [
        "2026 年：余下的按前 4 年各季占比（19 个季度的数）",
        "2027 年：照各年总数的变化（4 个完整年份）",
    ]
    assert view.score(JOBS).profile == "own"
    assert told("hard_to_employ_placements") == ["2026 年：余下的按时间均分（7 个季度的数）"]
    assert view.score("hard_to_employ_placements").profile == "even"
    assert told(RATE) == [
        "2026 年：照往年年内各季的走法（19 个季度的数）",
        "2027 年：照年末到年末的变化（5 个年份）",
    ]
    assert told("skilled_workers") == ["2026、2027 年：一半照原样起伏、一半照平均变化（13 个季度的数）"]
    assert told(WAGE) == []


def test_a_profile_given_by_the_plan_is_named_by_its_source(one_row):
    figures = {f"{y}Q{n}": 100 * n for y in (2024, 2025) for n in (1, 2, 3, 4)} | quarters(
        "2026Q1", 100, 200, 300
    )
    profile = {"shares": [0.1, 0.3, 0.6, 1], "source": "某通知"}
    page = one_row(figures, "annual_count", "400", profile=profile)
    assert words.methods(page, page.outlooks.loc["row"]) == ["2026 年：余下的按某通知（11 个季度的数）"]


def test_few_points_walk_and_a_yearly_row_counts_its_year_ends(one_row):
    page = one_row(quarters("2025Q1", 100, 104, 103, 108, 110, 109, 115), "stock", "118")
    assert words.methods(page, page.outlooks.loc["row"]) == ["2026、2027 年：照近来的起伏（7 个季度的数）"]
    ends = {f"{y}Q4": x for y, x in zip(range(2022, 2026), (40.0, 46.0, 50.0, 57.0), strict=True)}
    page = one_row(ends, "stock_ratio", "70", frequency="year")
    assert words.methods(page, page.outlooks.loc["row"]) == ["2026、2027 年：照近来的起伏（4 个年末的数）"]
    assert trust.parts_used(page, ["row"]) == ["levels"]


def test_a_count_past_its_target_is_settled_before_the_year_is_over(one_row):
    figures = {f"{y}Q{n}": 100 * n for y in (2024, 2025) for n in (1, 2, 3, 4)} | quarters(
        "2026Q1", 100, 200, 300
    )
    page = one_row(figures, "annual_count", "299")
    row = page.outlooks.loc["row"]
    assert words.chance(*words.chance_in(page, row, 2026)) == "已定：达到"
    assert words.methods(page, row) == ["2026 年：计数已过目标"]
    assert words.finding(page, ["row"]) == "2026 年目标：已定达到的是某；2027 年目标：给不出的是某。"


def test_a_finding_names_a_few_and_counts_many(view):
    assert words.finding(view, ["coordinators_trained", "employment_checkups"]) == (
        "2026 年目标：达到的可能过半的是培训劳动关系协调员人次数（83%），给不出的是为企业提供劳动用工体检家次数；"
        "2027 年目标：给不出的是培训劳动关系协调员人次数、为企业提供劳动用工体检家次数。"
    )
    many = words.finding(view, list(view.plan.indicators))
    assert many == (
        "2026 年目标：达到的可能过半的 6 项、达到的可能不过半的 8 项、给不出的 3 项；"
        "2027 年目标：达到的可能过半的 5 项、达到的可能不过半的 7 项、给不出的 5 项。"
    )


@pytest.mark.parametrize(
    ("p", "word", "said"),
    [
        (0.5, "达到的可能不过半", "50%"),
        (0.504, "达到的可能不过半", "50%"),  # what reads 50% is not called more than a half
        (0.505, "达到的可能过半", "51%"),
    ],
)
def test_half_is_not_more_than_half(view, p, word, said):
    page = replace(view)
    page.__dict__["outlooks"] = view.outlooks.assign(p_year=p, year_reason="computed")
    assert words.finding(page, [JOBS]).startswith(f"2026 年目标：{word}的是城镇新增就业人数（{said}）")


# --- How far it can be trusted ----------------------------------------------------------------------------------


def own_words(view: View, ids: Sequence[str] = (JOBS,)) -> str:
    return trust.own_words(view, view.records(ids))


def reliable(view: View, ids: list[str], found: Measured | None = None) -> str:
    return trust.reliability(view, view.records(ids), found or load_measured())


def test_the_parts_that_speak_for_a_page_are_those_of_its_rows(view):
    assert trust.parts_used(view, [JOBS]) == ["counts"]
    assert trust.parts_used(view, [RATE, "skilled_workers"]) == ["levels", "rates"]
    assert trust.parts_used(view, [WAGE, COVERAGE]) == []
    assert reliable(view, [WAGE, COVERAGE]) == "这里各行都没有展望，谈不上准不准。"


def test_how_reliable_the_method_was_is_told_from_the_measured_figures(view):
    # README's tables: counts cover 0.790 to 0.849; rates 0.773 to 0.817; levels 0.810 to 0.833.
    said = reliable(view, [JOBS])
    assert said.startswith("同样的做法在 61 条真实序列上量过：名义 80% 的区间盖住了结果的 79—85%，")
    assert "概率的得分（Brier）每种情形都好于随机游走。" in said
    assert "盖住 1 步 84—87%、2 步 76—81%、4 步 66—73%，走得远时偏窄。" in said  # four complete years alone
    everything = reliable(view, list(view.plan.indicators))
    assert "在 250 条真实序列上量过：名义 80% 的区间盖住了结果的 77—85%" in everything
    assert "只有 4—7 个点" not in reliable(view, ["skilled_workers"])
    # Its four years would speak for 2027 alone, which asks for something else.
    assert "只有 4—7 个点" not in reliable(view, ["coordinators_trained"])


def measured_as(**changed: Any) -> Measured:
    content = json.loads(FILE.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        if (cell["part"], cell["n"], cell["ahead"]) == ("counts", 8, 1):
            cell["methods"]["outlook"] |= changed
    return read_measured(content)


def test_a_limit_that_is_not_kept_is_told(view):
    said = reliable(view, [JOBS], measured_as(coverage=0.744))
    assert "盖住了结果的 74—83%；9 种情形中有 1 种没有守住界限，见下表。" in said
    said = reliable(view, [JOBS], measured_as(brier=0.18))  # the walk's: 0.178
    assert "都不比随机游走差 0.005 以上。" in said


def test_what_was_measured_under_other_rules_is_not_claimed(view):
    other = view.rules.model_copy(update={"outlook": view.rules.outlook.model_copy(update={"window": 8})})
    said = reliable(replace(view, rules=other), [JOBS])
    assert said.startswith("展望的取值与实测时不同，实测的结果不能用在这里。")
    assert "真实序列" not in said


def test_a_record_of_a_few_cases_is_said_to_tell_nothing(view):
    record = pd.Series({"cases": 3.0, "coverage": 2 / 3})
    assert trust.hits(record) == 2
    assert trust.record_words(record) == "往次：3 次中 2 次落在区间内"
    assert trust.record_words(pd.Series({"cases": 0.0, "coverage": np.nan})) == ""
    assert own_words(view) == (
        "这里各行自己的往次 6 次中 6 次落在区间内，但只来自 3 个年末，又是演示数据，单凭它说明不了什么。"
    )
    assert own_words(at(view, "2023Q3")) == "这里各行自己还没有可对照的往次。"


@pytest.mark.parametrize(
    ("quarter", "ends"), [("2023Q1", 0), ("2023Q3", 0), ("2023Q4", 1), ("2026Q3", 3), ("2027Q4", 5)]
)
def test_years_that_are_over_are_counted(view, quarter, ends):
    assert trust.ends_over(at(view, quarter)) == ends


def test_every_part_has_its_word_and_the_shipped_figures_keep_their_limits():
    found = load_measured()
    assert {cell.part for cell in found.cells} == set(trust.PART_WORDS)
    assert all(found.kept(cell) for cell in found.cells if cell.part != "few")
    assert all(isinstance(cell, Cell) for cell in found.whole)


def test_in_english_a_chance_is_told_with_what_it_rests_on(view):
    ids = ["coordinators_trained", "employment_checkups"]
    with speaking("en"):
        assert words.finding(view, ids) == (
            "Chances of meeting the targets of 2026: better than even for Labour-relations coordinators trained (83%),"
            " not given for Employment check-ups for firms; chances of meeting the targets of 2027: not given for"
            " Labour-relations coordinators trained, Employment check-ups for firms."
        )
        assert words.methods(view, view.outlooks.loc["coordinators_trained"]) == [
            "2026: the rest by the quarterly shares of the 4 years before (19 quarterly figures)"
        ]
        assert words.target(view, "coordinators_trained", 2027) == "full coverage of above-scale firms"
        assert words.target(view, WAGE, 2026) == "about 3,000 yuan a month"
        assert words.interval(1303, 1402, view.plan.indicators[JOBS]) == "1,303–1,402 people"


def test_in_english_one_year_end_is_not_many(view):
    with speaking("en"):
        assert own_words(at(view, "2023Q3")) == (
            "The rows here have no earlier outlooks of their own to check yet."
        )
        assert "they come from only 1 year-end and" in own_words(
            at(view, "2023Q4"), ["skilled_share_of_employed"]
        )
        assert "they come from only 2 year-ends and" in own_words(at(view, "2024Q4"))
