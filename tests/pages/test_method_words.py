"""What the page on methods says: one sentence for each reason, made from a table, and words beside every mark."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from views import Make, cases, maker, quarterly

from laoyou.comparison import METHODS, STANCES, Judgement, compare
from laoyou.language import HAN, speaking
from laoyou.pages import method_words
from laoyou.pages.method_reasons import DIFFERENCES, NOT_APPLICABLE, limits_shown, share_shown
from laoyou.plan import Plan, Text
from laoyou.view import View, open_view

QUARTERS = pd.period_range("2023Q1", "2026Q3", freq="Q-DEC")


@pytest.fixture(scope="module")
def shipped() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


@pytest.fixture(scope="module")
def make(shipped: View, one_row_plan: Callable[..., Plan], observe: Callable[..., pd.DataFrame]) -> Make:
    return maker(shipped, one_row_plan, observe)


def table_rows(view: View) -> dict[str, list[str]]:
    soup = BeautifulSoup(method_words.side_by_side(view).html, "html.parser")
    rows = soup.select("table")[0].select("tbody tr")
    cells = [[cell.get_text("·") for cell in row.find_all(["th", "td"])] for row in rows]
    return {row[0].split("·")[0]: row[1:] for row in cells}


def why(view: View) -> str:
    return method_words.difference_sentence(view, "row", compare(view)["row"])


# --- The words of codes -----------------------------------------------------------------------------------------


def test_every_status_has_a_word_and_every_method_a_name():
    assert set(method_words.NAMES) == set(METHODS) == set(STANCES)
    for method in METHODS:
        assert set(method_words.STATUS_WORDS[method]) == set(STANCES[method])
    assert set(method_words.STANCE_MARKS) == {1, 0, -1}
    assert len({mark for mark, _ in method_words.STANCE_MARKS.values()}) == 3


def test_every_reason_that_comes_up_has_words(shipped):
    seen = set()
    for quarter in QUARTERS:
        for judgements in compare(replace(shipped, quarter=quarter)).values():
            for found in judgements.values():
                if found.differs:
                    assert found.reason in DIFFERENCES
                elif not found.status:
                    assert found.reason == "few_points" or found.reason in NOT_APPLICABLE
                seen.add(found.reason)
    assert {
        "moved_fast_enough",
        "last_target_reached",
        "reached_but_worsening",
        "within_limits",
        "drifts",
    } <= seen


@pytest.mark.parametrize("quarter", QUARTERS, ids=str)
def test_the_page_of_every_quarter_holds(shipped, quarter):
    view = replace(shipped, quarter=quarter)
    made = [method_words.opening(view), method_words.side_by_side(view), method_words.methods_explained(view)]
    for part in made:
        assert "nan" not in part.html
        assert "None" not in part.text
    points = BeautifulSoup(made[0].html, "html.parser").select(".key li")
    assert 3 <= len(points) <= 5


# --- Sentences --------------------------------------------------------------------------------------------------

STAIRS = ("110", "120", "130", "140", "150")


@pytest.mark.parametrize(
    ("full_year", "now", "sentence"),
    [
        # 1.10 − 1 a year ÷ (1.5 ** 0.2 − 1) = 118.4 %; the light is red
        (
            110,
            108,
            "Open SDG：只看 2022 年基期到 2023 年的年均变化率，是到 2027 年目标所需的 118%，不看本年应到的位置。",
        ),
        (
            103,
            112.5,
            "Open SDG：只看 2022 年基期到 2023 年的年均变化率，是到 2027 年目标所需的 36%，不看本年应到的位置。",
        ),
        (95, 112.5, "Open SDG：只看基期以来的方向：2023 年 95.00 件，不如基期的 100.00 件。"),
        (150, 108, "Open SDG：用 2023 年全年的 150.00 件，已到 2027 年目标就算达到，不看本年进度。"),
        (110, 113, ""),
    ],
)
def test_growth_is_explained_by_its_own_figures(make, full_year, now, sentence):
    assert why(make("2024Q1", {"2023Q4": full_year, "2024Q1": now}, "stock", *STAIRS)) == sentence


@pytest.mark.parametrize(
    ("share", "shown"), [(0.996, "99.6%"), (1.0, "100%"), (1.184, "118%"), (0.355, "36%")]
)
def test_a_share_is_100_per_cent_only_where_it_is(share, shown):
    assert share_shown({"share": share}) == shown
    assert share_shown({}) == "—"


def test_several_methods_are_told_in_one_sentence(make):
    # The last six quarters go from 4.4 to 4.6, 0.04 a quarter; the limits are 4.5 ± 2.66 · 0.2
    swings = quarterly("2023Q1", *(4.4, 4.6) * 6)
    view = make("2025Q4", swings, "survey_rate", "<5", better="lower", decimals=1)
    assert why(view) == (
        "德国天气法：虽已达到，但最近的平均变化在变差（每期升 0.04 个百分点），扣一档；"
        "NHS 控制图：问目标在不在单季起伏的界限之外：目标 5.0%，单季在 3.97—5.03 之间都属平常，哪一季高于或低于目标说不准。"
    )


def test_the_limits_of_a_count_begin_at_nothing(one_row_plan):
    count = one_row_plan("annual_count", "40", decimals=0).indicators["row"]
    rate = one_row_plan("survey_rate", "40", decimals=1).indicators["row"]
    limits = {"lower": -117.3, "upper": 1047.7}
    assert limits_shown(count, limits) == "0—1,048"
    assert limits_shown(rate, limits) == "−117.30—1,047.70"


def test_a_method_that_agrees_is_not_told(make):
    figures = {
        f"{year}Q4": cases(n, 100) for year, n in zip(range(2022, 2026), (95, 94, 93, 92), strict=True)
    }
    # 92 of 100 meets 80, so Open SDG agrees with our green; the symbol loses a step
    told = why(make("2025Q4", figures, "case_rate", "80", baseline="95"))
    assert told == "德国天气法：虽已达到，但最近的平均变化在变差（每期降 1.00 个百分点），扣一档。"


# --- The table --------------------------------------------------------------------------------------------------


def test_every_mark_stands_beside_its_word(shipped):
    soup = BeautifulSoup(method_words.side_by_side(shipped).html, "html.parser")
    lights = soup.select("table")[0].select("tbody .light")
    assert len(lights) == 17 * 5  # ours and four methods
    for light in lights:
        assert light.span["aria-hidden"] == "true"
        assert len(light.get_text()) > len(light.span.get_text())


def test_every_row_is_there_and_those_that_differ_come_first(shipped):
    rows = table_rows(shipped)
    assert len(rows) == 17
    differs = ["：" in row[-1] for row in rows.values()]
    assert differs == sorted(differs, reverse=True)


def test_what_does_not_apply_says_why(shipped):
    rows = table_rows(shipped)
    assert rows["技能人才总量"][2] == "○·不适用·基期的数存疑，不作起点"
    assert rows["高技能人才总量"][2] == "○·不适用·基期没有数"
    assert rows["培训劳动关系协调员人次数"][2] == "○·不适用·目标换了单位"
    assert rows["培训劳动关系协调员人次数"][5] == "○·不适用·只有 11 个点，要 12 个"
    assert rows["欠薪线索动态化解率"][5] == "○·不适用·年初以来累计的率，各季共用个案"
    assert rows["能级工资集体协商规模以上企业覆盖率"][-1] == "本系统是“年度指标”，没有可比的进度。"
    assert rows["就业困难人员实现就业数"][-1] == "没有可比进度的方法。"
    assert rows["最低工资标准最高档"][-1] == "能用的方法说法一致。"


def test_our_light_and_verdict_stand_beside_the_methods(shipped):
    row = table_rows(shipped)["城镇新增就业人数"]
    assert row[:6] == [
        "●·达进度", "年内未定·本年尚未结束", "●·目标已达到", "◆·多云", "◆·未到期", "◆·时达时不达",
    ]  # fmt: skip


def test_sample_rows_are_marked_and_the_published_one_is_not(shipped):
    soup = BeautifulSoup(method_words.side_by_side(shipped).html, "html.parser")
    heads = [row.th.get_text("·") for row in soup.select("table")[0].select("tbody tr")]
    assert [head for head in heads if "演示" not in head] == ["最低工资标准最高档·第 10 行"]
    assert "17 项指标中 16 项是演示数据" in method_words.opening(shipped).html


def test_the_figures_behind_a_verdict_are_one_click_away(shipped):
    soup = BeautifulSoup(method_words.side_by_side(shipped).html, "html.parser")
    fold = soup.select_one("details")
    assert fold.summary.get_text() == "各方法用的数"
    cells = {row.th.get_text(): [c.get_text() for c in row.find_all("td")] for row in fold.select("tbody tr")}
    # (2490 ÷ 2280) ** (1 ÷ 3) − 1 is 42 % of (3200 ÷ 2280) ** 0.2 − 1
    assert cells["最低工资标准最高档"] == [
        "2,280 元/月 → 2,490 元/月（2025 年）",
        "3,200 元/月",
        "42%",
        "不适用",
        "——",
    ]
    assert cells["城镇新增就业人数"][-1] == "325 人"  # a quarter of 1,300
    assert "技能人才总量" not in cells  # no base, and no chart


def test_the_key_points_count_what_the_table_shows(shipped):
    rows = table_rows(shipped)
    moved = sum("：" in row[-1] for row in rows.values())
    same = sum(row[-1] == "能用的方法说法一致。" for row in rows.values())
    first = BeautifulSoup(method_words.opening(shipped).html, "html.parser").select(".key li")[0].get_text()
    assert first == (
        f"17 项中，{moved} 项至少有一种公开方法与本系统说法不同，{same} 项能用的方法都一致，{17 - moved - same} 项没有可比的进度。"
    )
    assert (moved, same) == (10, 4)


def test_before_a_years_end_one_sentence_speaks_for_every_range(shipped):
    assert "InfoBase 对 17 项说“未到期”" in method_words.opening(shipped).text
    closed = replace(shipped, quarter=pd.Period("2025Q4", "Q-DEC"))
    assert "未到期" not in method_words.opening(closed).text


def test_the_methods_name_their_sources(shipped):
    text = method_words.methods_explained(shipped).text
    for source in (
        "Progress measurement methodology",
        "德国联邦统计局",
        "GC InfoBase",
        "Making data count",
        "Wheeler",
        "2.66",
    ):
        assert source in text


def test_hostile_names_are_words(shipped):
    hostile: dict[str, Any] = {"name": Text(zh="<script>x</script>", en="x")}
    rows = {id: i.model_copy(update=hostile) for id, i in shipped.plan.indicators.items()}
    view = replace(shipped, plan=shipped.plan.model_copy(update={"indicators": rows}))
    for part in (method_words.opening(view), method_words.side_by_side(view)):
        assert "<script>" not in part.html
        assert "&lt;script&gt;" in part.html


# --- In English -------------------------------------------------------------------------------------------------


def test_differences_are_told_in_english(make):
    swings = quarterly("2023Q1", *(4.4, 4.6) * 6)
    view = make("2025Q4", swings, "survey_rate", "<5", better="lower", decimals=1)
    with speaking("en"):
        assert why(view) == (
            "German weather symbols: the target is reached, but the recent average change is for the worse "
            "(up 0.04 percentage points per period), which costs one grade; NHS control chart: it asks whether the "
            "target lies outside the usual range of single quarters: the target is 5.0%, and any quarter within "
            "3.97–5.03 is ordinary, so it may end on either side."
        )


@pytest.mark.parametrize(
    ("points", "told"), [(1, "only 1 point; 12 are needed"), (11, "only 11 points; 12 are needed")]
)
def test_too_few_points_are_counted_in_english(shipped, points, told):
    with speaking("en"):
        assert method_words._not_applicable(Judgement("", "few_points", {"points": points}), shipped) == told


def test_the_page_is_english_but_for_names_of_the_plan(shipped):
    with speaking("en"):
        parts = (
            method_words.methods_explained(shipped).text,
            *method_words._points(shipped, compare(shipped)),
        )
    assert [HAN.findall(part) for part in parts] == [[]] * len(parts)
