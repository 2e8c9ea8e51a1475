"""What is said of a survey rate: sentences in full, their figures worked out beside them."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from views import Make, maker, quarterly

from laoyou.language import speaking
from laoyou.markup import plain
from laoyou.pages import unemployment_words as words
from laoyou.plan import Plan, Text
from laoyou.regions import Region
from laoyou.view import View, open_view

RATE = "urban_unemployment_rate"
REFERENCES = ["330000", "100000"]
TREND_WORDS = ("向好", "走弱", "上升趋势", "下降趋势", "持续上升", "持续下降")


@pytest.fixture(scope="module")
def shipped() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


@pytest.fixture(scope="module")
def make(shipped: View, one_row_plan: Callable[..., Plan], observe: Callable[..., pd.DataFrame]) -> Make:
    return maker(shipped, one_row_plan, observe)


@pytest.fixture(scope="module")
def survey(make: Make) -> Make:
    """Return a function that makes a view of a survey rate, lower being better, below 5."""

    def survey(quarter: str, figures: dict[str, Any], target: str = "<5", **more: Any) -> View:
        return make(quarter, figures, "survey_rate", target, **({"better": "lower", "decimals": 1} | more))

    return survey


# --- Level ------------------------------------------------------------------------------------------------------


def measured(value: float, where: str) -> dict[str, Any]:
    return {"value": value, "measured_at": where}


@pytest.mark.parametrize(
    ("rate", "where", "sentence"),
    [
        (
            4.6,
            "330300",
            "2024年一季度 4.6%，在温州市（市级）测得，不是洞头区自己的数；比上限 <5% 低 0.4 个百分点。",
        ),
        (
            5.2,
            "330000",
            "2024年一季度 5.2%，在浙江省（省级）测得，不是洞头区自己的数；比上限 <5% 高 0.2 个百分点。",
        ),
        (5.0, "330305", "2024年一季度 5.0%，在洞头区（区级）测得；与上限 <5% 相等。"),
        (4.99, "330305", "2024年一季度 4.99%，在洞头区（区级）测得；比上限 <5% 低 0.01 个百分点。"),
    ],
)
def test_the_level_names_where_it_was_measured_and_its_distance_to_the_ceiling(
    survey: Make, rate: float, where: str, sentence: str
) -> None:
    assert words.level_sentence(survey("2024Q1", {"2024Q1": measured(rate, where)}), "row") == sentence


def test_a_level_of_nowhere_is_said_so(survey: Make) -> None:
    told = words.level_sentence(survey("2024Q1", {"2024Q1": 4.6}), "row")
    assert told == "2024年一季度 4.6%，没有写明在哪一级测得；比上限 <5% 低 0.4 个百分点。"


def test_a_missing_quarter_has_no_distance(survey: Make) -> None:
    assert (
        words.level_sentence(survey("2024Q1", {"2023Q4": 4.6}), "row")
        == "2024年一季度没有数，离上限多远说不出。"
    )


def test_without_a_number_for_a_target_there_is_only_the_level(survey: Make) -> None:
    view = survey("2024Q1", {"2024Q1": measured(4.6, "330305")}, "——")
    assert words.level_sentence(view, "row") == "2024年一季度 4.6%，在洞头区（区级）测得。"
    assert words.year_sentence(view, "row") == ""


# --- The year ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "quarter", "sentence"),
    [
        (
            (4.9, 4.8, 4.6), "2024Q3",  # mean 4.7667; 20 − 14.3 = 5.7
            "全年的 <5% 看的是四个季度的平均；2024年1—9月 3 个季度平均 4.77%，比上限低 0.23 个百分点。余下 1 个季度只要低于 5.70%，全年就守得住。",
        ),
        (
            (4.8,), "2024Q1",  # 15.2 ÷ 3 = 5.0667, rounded down: at 5.07 the year would come to 5.0025
            "全年的 <5% 看的是四个季度的平均；2024年1—3月 1 个季度平均 4.80%，比上限低 0.20 个百分点。余下 3 个季度平均只要低于 5.06%，全年就守得住。",
        ),
        (
            (5.2, 5.4), "2024Q2",
            "全年的 <5% 看的是四个季度的平均；2024年1—6月 2 个季度平均 5.30%，比上限高 0.30 个百分点。余下 2 个季度平均只要低于 4.70%，全年就守得住。",
        ),
        (
            (6.0, 7.0, 7.0), "2024Q3",  # 20 − 20
            "全年的 <5% 看的是四个季度的平均；2024年1—9月 3 个季度平均 6.67%，比上限高 1.67 个百分点。余下 1 个季度即使为 0 也守不住。",
        ),
        ((4.8, 4.7, 4.6, 4.6), "2024Q4", "2024 年四个季度平均 4.68%，比上限低 0.32 个百分点。"),
        ((5.0, 5.0, 5.0, 5.0), "2024Q4", "2024 年四个季度平均 5.00%，与上限相等。"),
    ],
)  # fmt: skip
def test_the_mean_so_far_is_held_against_the_years_reading(
    survey: Make, figures: tuple[float, ...], quarter: str, sentence: str
) -> None:
    assert words.year_sentence(survey(quarter, quarterly("2024Q1", *figures)), "row") == sentence


def test_a_missing_quarter_leaves_no_room_to_compute(survey: Make) -> None:
    told = words.year_sentence(survey("2024Q3", quarterly("2024Q1", 4.9, None, 4.6)), "row")
    assert "2 个季度平均 4.75%" in told
    assert told.endswith("有 1 个季度没有数，补上之前余下的季度能到多少推算不出。")
    closed = words.year_sentence(survey("2024Q4", quarterly("2024Q1", 4.9, None, 4.6, 4.6)), "row")
    assert closed == "全年的 <5% 看的是四个季度的平均；4 个季度过去，1 个没有数，平均算不出来。"


def test_a_published_year_is_named(survey: Make) -> None:
    view = survey("2024Q4", {**quarterly("2024Q1", 4.8, 4.7, 4.6, 4.6), "2024": 4.8})
    assert words.year_sentence(view, "row") == "2024 年公布的全年数 4.80%，比上限低 0.20 个百分点。"


def test_a_floor_is_reached_not_held(make: Make) -> None:
    view = make(
        "2024Q1", {"2024Q1": 55.0}, "survey_rate", "60", decimals=1
    )  # (240 − 55) ÷ 3 = 61.6667, rounded up
    assert words.year_sentence(view, "row").endswith("余下 3 个季度平均只要不低于 61.67%，全年就达得到。")


# --- Noise ------------------------------------------------------------------------------------------------------


def up_and_down(last: float, count: int = 12) -> dict[str, Any]:
    """Return quarters up to 2025Q4 that swing by 0.2, and then one more."""
    return quarterly("2023Q1", *((4.4, 4.6) * 6)[-count:], last) if count == 12 else quarterly(
        str(pd.Period("2025Q4", "Q-DEC") - count + 1), *((4.4, 4.6) * 6)[-count:], last
    )  # fmt: skip


def test_a_change_within_the_usual_swings_is_no_trend(survey: Make) -> None:
    # Twelve changes of 0.2: the mean is 0.2, and 3.267 times that 0.6534
    told = words.noise_sentence(survey("2026Q1", up_and_down(4.4)), "row")
    assert told == (
        "近 13 个季度，相邻两季平均相差 0.20 个百分点，一次变化不超过 0.65 个百分点都算平常；"
        "本季比上季降 0.2 个百分点，在平常的起伏之内，不当作趋势。"
    )


@pytest.mark.parametrize(("last", "beyond"), [(5.4, False), (5.5, True)])
def test_a_change_beyond_them_is_worth_a_look_and_still_no_trend(
    survey: Make, last: float, beyond: bool
) -> None:
    # 0.8 on eleven of 0.2 makes a mean of 0.25 and a bound of 0.8168; 0.9 one of 0.2583 and 0.8440
    told = words.noise_sentence(survey("2026Q1", up_and_down(last)), "row")
    assert ("超出平常的起伏，宜查原因，但一次变化还不是趋势" in told) == beyond
    assert ("在平常的起伏之内，不当作趋势" in told) != beyond


def test_no_change_is_said_so(survey: Make) -> None:
    assert "本季与上季相同" in words.noise_sentence(survey("2026Q1", up_and_down(4.6)), "row")


@pytest.mark.parametrize(("count", "enough"), [(10, False), (11, True)])
def test_twelve_quarters_make_swings_usual(survey: Make, count: int, enough: bool) -> None:
    told = words.noise_sentence(survey("2026Q1", up_and_down(4.4, count)), "row")
    assert told.startswith(
        f"近 {count + 1} 个季度" if enough else f"可比的季度只有 {count + 1} 个，不到 12 个"
    )


def test_quarters_before_a_break_are_not_comparable(survey: Make) -> None:
    figures = up_and_down(4.4)
    figures["2024Q1"] = {"value": figures["2024Q1"], "series_break": "口径"}
    assert words.noise_sentence(survey("2026Q1", figures), "row").startswith("可比的季度只有 9 个")


def test_a_missing_quarter_leaves_no_change(survey: Make) -> None:
    figures = {p: v for p, v in up_and_down(4.4).items() if p != "2025Q4"}
    told = words.noise_sentence(survey("2026Q1", figures), "row")
    assert told.endswith("本季或上季没有数，没有变化可看。")
    assert words.noise_sentence(survey("2026Q1", {}), "row").startswith("可比的季度只有 0 个")


def test_only_the_rule_of_momentum_names_a_direction(survey: Make, shipped: View) -> None:
    few = survey("2024Q1", quarterly("2023Q3", 4.4, 4.6, 4.8))
    assert words.momentum_sentence(few, "row") == "看不出势头：可比的点不够。"
    assert not any(word in words.level(few, "row", references=[]).text for word in TREND_WORDS)
    # Shipped: 4.7 in 2025Q2 to 4.6 in 2026Q3 is −0.02 a quarter, less than 0.5 % of 5
    assert words.momentum_sentence(shipped, RATE) == "势头按规则看持平：平均每期环比降 0.02 个百分点。"
    assert not any(word in words.level(shipped, RATE, references=REFERENCES).text for word in TREND_WORDS)
    rising = survey("2024Q4", quarterly("2023Q3", 4.0, 4.1, 4.2, 4.3, 4.4, 4.5))
    assert words.momentum_sentence(rising, "row").startswith("势头按规则看走弱：平均每期环比升 0.1")


# --- The whole --------------------------------------------------------------------------------------------------


def test_definitions_are_one_click_away(shipped: View) -> None:
    soup = BeautifulSoup(words.level(shipped, RATE, references=REFERENCES).html, "html.parser")
    assert [s.get_text() for s in soup.select("details > summary")] == ["图中数据", "这些数怎么算"]


def test_nothing_known_is_told_without_a_number(survey: Make) -> None:
    html = words.level(survey("2024Q1", {}), "row", references=REFERENCES).html
    assert "nan" not in html
    assert "没有数" in html


def test_a_region_that_is_not_known_is_not_compared_with(shipped: View) -> None:
    assert (
        words.level(shipped, RATE, references=["999999"]).html
        == words.level(shipped, RATE, references=[]).html
    )


def test_a_plan_without_the_row_says_so(shipped: View) -> None:
    assert words.level(shipped, "no_such_row", references=[]).text == "本规划没有这一项指标。"


def test_hostile_names_are_words(shipped: View) -> None:
    hostile = "<script>x</script>"
    named = shipped.plan.indicators[RATE].model_copy(update={"name": Text(zh=hostile, en="x")})
    plan = shipped.plan.model_copy(update={"indicators": {**shipped.plan.indicators, RATE: named}})
    regions = {**shipped.regions, "330400": Region("330400", hostile, hostile, "city", "330000")}
    html = words.level(replace(shipped, plan=plan, regions=regions), RATE, references=["330400"]).html
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "quarter", [*map(str, pd.period_range("2023Q1", "2026Q3", freq="Q-DEC")), "2027Q1", "2027Q4"]
)
def test_every_quarter_of_the_plan_can_be_told(shipped: View, quarter: str) -> None:
    view = replace(shipped, quarter=pd.Period(quarter, "Q-DEC"))
    made = words.level(view, RATE, references=REFERENCES)
    text = plain(made.html)
    assert not re.search(r"\bnan\b|NaN|None|NaT|inf\b", text)
    assert "；。" not in text
    assert "。。" not in text


# --- In English -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "left"),
    [
        ((4.9, 4.8, 4.6), "if the 1 quarter left is below 5.70%, the year stays within its limit"),
        ((4.8,), "if the mean of the 3 quarters left is below 5.06%, the year stays within its limit"),
        ((6.0, 7.0, 7.0), "even 0 in the 1 quarter left would not keep the year within its limit"),
        ((10.0, 10.0), "even 0 in the 2 quarters left would not keep the year within its limit"),
    ],
)
def test_what_is_left_to_the_year(survey: Make, figures: tuple[float, ...], left: str) -> None:
    with speaking("en"):
        told = words.still_allowed(survey(f"2024Q{len(figures)}", quarterly("2024Q1", *figures)), "row")
    assert told == left


def test_noise_in_english(survey: Make) -> None:
    with speaking("en"):
        told = words.noise_sentence(survey("2026Q1", up_and_down(4.4)), "row")
        few = words.noise_sentence(survey("2026Q1", {"2026Q1": 4.4}), "row")
    assert told == (
        "Over the last 13 quarters, one quarter differs from the next by 0.20 percentage points on average, "
        "and a single change of up to 0.65 percentage points is ordinary; this quarter fell by 0.2 percentage points on the last, "
        "which is within the usual ups and downs and not taken for a trend."
    )
    assert few.startswith("Only 1 quarter can be compared, fewer than 12, ")
