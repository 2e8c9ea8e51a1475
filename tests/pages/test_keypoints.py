"""The first screen and the foot of a page; names and counts are read off the plan and the ledger's rows."""

import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from conftest import ledger

import laoyou
from laoyou.language import speaking
from laoyou.pages import keypoints
from laoyou.pages.points import overview_points, subject_points
from laoyou.plan import Plan
from laoyou.view import View, open_view

WAGE, JOBS = "minimum_wage_top_tier", "new_urban_jobs"


@pytest.fixture(scope="module")
def view() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


def at(view: View, quarter: str) -> View:
    return replace(view, quarter=pd.Period(quarter, "Q-DEC"))


def part(html: str, selector: str) -> list[str]:
    """Return the texts of the elements that a selector finds."""
    return [tag.get_text() for tag in BeautifulSoup(html, "html.parser").select(selector)]


# --- The overview -----------------------------------------------------------------------------------------------


def test_the_overview_names_who_lags_whose_it_is_what_is_absent_and_what_changed(view):
    assert overview_points(view) == [
        "严重滞后的是高技能人才总量（7,457 人）、高技能人才占技能人才比例（31.89%）、最低工资标准最高档（2,490 元/月）、"
        "劳动人事争议仲裁结案率（85.3%）。",
        "欠进度的是重点群体帮扶率（99.1%）、每万人高价值发明专利拥有量（9.9 件）、欠薪线索动态化解率（93.7%）。",
        "落后的 7 项按牵头单位分：区人力社保局 6 项、区市场监管局 1 项；其中最低工资标准最高档由上级制定，区里不能自行调整。",
        "无数据的有 1 项：为企业提供劳动用工体检家次数。",
        "与上季相比，好转 4 项（重点群体帮扶率、开展职业技能培训累计数、培训劳动关系协调员人次数、欠薪线索动态化解率）；1 项本季没有灯色。",
    ]


def test_what_got_worse_is_told_before_what_got_better(view):
    assert overview_points(at(view, "2025Q4"))[-1] == (
        "与上季相比，变差 3 项（每万人高价值发明专利拥有量、开展职业技能培训累计数、为企业提供劳动用工体检家次数）；"
        "好转 4 项（重点群体帮扶率、就业困难人员实现就业数、技能人才占从业人员比例、劳动人事争议仲裁结案率）；1 项上季没有、本季有灯色。"
    )


def test_in_the_plans_first_quarter_nothing_is_compared_with_the_one_before(view):
    points = overview_points(at(view, "2023Q1"))
    assert 3 <= len(points) <= 5
    assert not [point for point in points if "上季" in point]


def test_a_long_list_of_absent_figures_is_cut_and_counted(view):
    points = overview_points(at(view, "2027Q1"))
    # All but the standard in force and the row confirmed once a year.
    assert (
        "无数据的有 15 项：城镇调查失业率、城镇新增就业人数、重点群体帮扶率、就业困难人员实现就业数、每万人高价值发明专利拥有量等。"
        in points
    )


def full_marks(plan: Plan) -> pd.DataFrame:
    """Return observations of 2026 in which every indicator is as good as the plan asks of any year."""
    rows: list[dict[str, Any]] = []
    for id, indicator in plan.indicators.items():
        best = max(
            indicator.numeric_target(y) for y in (2022 + n for n in range(1, 6)) if indicator.same_unit(y)
        )
        figure: dict[str, Any] = {"value": 4.0 if indicator.better == "lower" else best}
        if indicator.unit == "%" and indicator.better == "higher":
            figure = {"numerator": 400, "denominator": 400}
        rows += [
            {"region": indicator.set_by or "330305", "indicator": id, "period": f"2026Q{n}", **figure}
            for n in (1, 2, 3, 4)
        ]
    return ledger(rows)


def test_a_quarter_in_which_all_is_well_says_so(view):
    view = replace(at(view, "2026Q4"), observations=full_marks(view.plan))
    assert set(view.scores["light"]) == {"green"}
    assert overview_points(view) == [
        "17 项指标全部达进度。",
        "2026 年全年：已达标 17 项。",
        "与上季相比，1 项上季没有、本季有灯色。",  # the row that is confirmed once a year
    ]


def test_even_the_first_quarter_of_a_plan_of_one_green_row_has_three_points(view, one_row_plan, observe):
    plan = one_row_plan("stock", "100")
    view = replace(at(view, "2023Q1"), plan=plan, observations=observe({"2023Q1": 120}))
    assert overview_points(view) == [
        "1 项指标全部达进度。",
        "全年判定全部年内未定。",
        "势头全部看不出。",
    ]


def test_where_few_lag_all_are_counted(view):
    observations = full_marks(view.plan)
    observations.loc[observations["indicator"] == JOBS, "value"] = 1299  # of 1300 a year
    view = replace(at(view, "2026Q4"), observations=observations)
    assert overview_points(view)[0] == "17 项指标中，关注 1 项、达进度 16 项。"


def test_in_english_one_and_many_are_told_apart(view, one_row_plan, observe):
    observations = full_marks(view.plan)
    observations.loc[observations["indicator"] == JOBS, "value"] = 1299  # of 1300 a year
    many = replace(at(view, "2026Q4"), observations=observations)
    one = replace(
        at(view, "2023Q1"), plan=one_row_plan("stock", "100"), observations=observe({"2023Q1": 120})
    )
    with speaking("en"):
        assert overview_points(many)[:2] == [
            "Of 17 indicators: 1 watch, 16 on pace.",
            "2026 as a whole: 16 met, 1 not met; not met: New urban jobs.",
        ]
        assert overview_points(one) == [
            "The 1 indicator: on pace.",
            "Verdict of the year: open until year-end.",
            "Momentum: cannot be told.",
        ]


def test_in_english_those_that_lag_are_told_with_whose_they_are(view):
    with speaking("en"):
        points = overview_points(at(view, "2026Q3"))
        assert points[2] == (
            "The 7 indicators that lag, by lead unit: Human Resources and Social Security Bureau 6, Market Regulation"
            " Bureau 1; of these, Top-tier minimum wage is set at a higher level and cannot be changed by the district."
        )
        assert points[3] == "No data for 1 indicator: Employment check-ups for firms."


# --- Pages on some indicators -----------------------------------------------------------------------------------


def test_the_worst_comes_first_and_five_indicators_have_a_sentence_each(view):
    ids = (JOBS, WAGE, "arrears_resolution_rate", "skilled_workers", "employment_checkups")
    points = subject_points(view, ids)
    assert [re.split("[：。]", point)[:2] for point in points] == [
        ["最低工资标准最高档", "严重滞后"],
        ["欠薪线索动态化解率", "欠进度"],
        ["技能人才总量", "关注"],
        ["城镇新增就业人数", "达进度"],
        ["为企业提供劳动用工体检家次数", "无数据"],
    ]


def test_three_indicators_have_a_sentence_each_and_the_worst_a_second_one(view):
    points = subject_points(view, (JOBS, WAGE, "arrears_resolution_rate"))
    assert [point[:6] for point in points] == [
        "最低工资标准",
        "欠薪线索动态",
        "城镇新增就业",
        "最低工资标准",
        "欠薪线索动态",
    ]


def test_one_indicator_has_its_verdict_its_comparison_and_its_momentum(view):
    points = subject_points(view, (JOBS,))
    assert len(points) == 3
    assert points[0].startswith("城镇新增就业人数：达进度。")
    assert points[1].startswith("城镇新增就业人数比上年同期少 15 人")
    assert points[2].startswith("势头：")


def test_one_indicator_without_a_figure_is_at_least_explained(view):
    points = subject_points(view, ("employment_checkups",))
    assert points[0] == "为企业提供劳动用工体检家次数：无数据。本季没有数（未报）。"
    assert points[1] == "势头：看不出，本季没有数。"
    assert points[2] == "1 月 1 日以来为企业做劳动用工体检的家次，同一家企业两次计两次。"


# --- The head of a page -----------------------------------------------------------------------------------------


def test_a_page_says_where_when_and_up_to_which_day(view):
    html = keypoints.opening(view).html
    assert part(html, ".about") == ["洞头区 · 2026年三季度 · 数据截至 2026-10-12"]
    assert part(html, "h2") == ["要点"]
    assert len(part(html, ".key li")) == 5


def test_lights_are_counted_in_words_worst_first(view):
    tally = part(keypoints.opening(view).html, ".tally > span")
    assert tally == [
        "■严重滞后 4 项",
        "▲欠进度 3 项",
        "◆关注 3 项",
        "●达进度 5 项",
        "○年度指标 1 项",
        "□无数据 1 项",
    ]
    assert sum(int(re.findall(r"\d+", words)[0]) for words in tally) == 17


def test_a_page_on_one_indicator_has_no_tally(view):
    assert part(keypoints.opening(view, JOBS).html, ".tally") == []


def test_sample_figures_are_announced_before_anything_else(view):
    html = keypoints.opening(view).html
    assert part(html, ".banner") == [
        "本页 17 项指标中 16 项是演示数据，由程序生成，不得引用；真实数据只有最低工资标准最高档。"
    ]
    assert html.index("banner") < html.index("key")
    assert part(keypoints.opening(view, JOBS).html, ".banner") == [
        "本页各项指标的数都是演示数据，由程序生成，不是真实统计，不得引用。"
    ]
    assert part(keypoints.opening(view, WAGE).html, ".banner") == []


def test_what_has_no_figures_at_all_is_not_taken_for_real(view):
    gone = view.observations[view.observations["indicator"] != JOBS]
    assert part(
        keypoints.opening(replace(view, observations=gone), JOBS, WAGE, "skilled_workers").html, ".banner"
    ) == [
        "本页 3 项指标中 1 项是演示数据，由程序生成，不得引用；真实数据只有最低工资标准最高档；本季没有数的是城镇新增就业人数。"
    ]


def test_a_page_before_all_data_says_so():
    view = open_view(region="330305", quarter="2026Q3", as_of="2020-12-31")
    html = keypoints.opening(view).html
    assert part(html, ".about") == ["洞头区 · 2026年三季度 · 没有数据"]
    assert "17 项指标中，年度指标 1 项、无数据 16 项。" in part(html, ".key li")
    assert "截至 ——" in keypoints.closing(view).text


# --- The page on the plan ---------------------------------------------------------------------------------------


def test_the_plans_own_page_counts_what_agrees_and_what_does_not(view):
    points = part(keypoints.plan_opening(view).html, ".key li")
    assert points[0] == "逐项核对规划文件 21 处：4 处不相符、9 处须留意、8 处相符；原文一律照录，不代为改正。"
    assert [point[:6] for point in points[1:]] == [
        "技能人才总量",
        "技能人才总量",
        "17 项指标",
        "培训劳动关系",
    ]
    assert part(keypoints.plan_opening(view).html, ".banner") == [
        "目标数字照规划原文；图中的实际值是演示数据，由程序生成，不得引用。"
    ]


def test_a_plan_without_the_usual_findings_still_has_three_points(view):
    ids = (JOBS, "urban_unemployment_rate")
    plan = view.plan.model_copy(
        update={"indicators": {id: view.plan.indicators[id] for id in ids}, "commitments": {}}
    )
    codes = [f.code for f in plan.findings()]
    assert codes == ["baseline_meets_target", "targets_below_baseline", "targets_above_baseline"]
    points = part(keypoints.plan_opening(replace(view, plan=plan)).html, ".key li")
    assert points[0].startswith("逐项核对规划文件 3 处：3 处须留意；")
    assert len(points) == 4


def test_a_plan_in_which_nothing_can_be_checked_is_not_called_sound(view):
    plan = view.plan.model_copy(
        update={"indicators": {"x": view.plan.indicators["mediation_success_rate"]}, "commitments": {}}
    )
    flat = plan.indicators["x"].model_copy(
        update={"baseline": plan.indicators["x"].baseline.model_copy(update={"text": "——"})}
    )
    plan = plan.model_copy(update={"indicators": {"x": flat}})
    assert plan.findings() == []
    points = part(keypoints.plan_opening(replace(view, plan=plan)).html, ".key li")
    assert points == ["逐项核对规划文件 0 处：没有可以互相印证的地方；原文一律照录，不代为改正。"]


# --- The foot of a page -----------------------------------------------------------------------------------------


def test_the_foot_explains_each_indicator_of_the_page_and_no_other(view):
    html = keypoints.closing(view, JOBS, WAGE).html
    assert part(html, "summary") == ["城镇新增就业人数是什么", "最低工资标准最高档是什么", "判定规则"]
    assert len(part(keypoints.closing(view).html, "summary")) == 18
    facts = part(html, "details:first-of-type p")
    assert facts[0].startswith("1 月 1 日以来城镇新就业的人数")
    assert facts[1] == "性质：当年计数，1 月 1 日以来累计，次年清零。"
    assert (
        facts[2]
        == "各年目标：2022 年基期 1,932；2023 年 1,300、2024 年 1,300、2025 年 1,300、2026 年 1,300、2027 年 1,300。"
    )
    assert facts[3] == "出处：表 1 第 2 行。数据来自：这里就业创业。"


def test_the_foot_prints_the_bands_in_force(view):
    text = keypoints.closing(view, JOBS).text
    for words in (
        "落后不到 10 个百分点为“关注”", "10—30 个百分点为“欠进度”", "超过 30 个百分点为“严重滞后”", "差 5% 以内为“欠进度”",
        "80% 区间", "只差 1 个百分点以内", "按 ±5%", "25%、50%、75%、100%", "最近 6 个可比时点的平均变化，至少 4 个",
    ):  # fmt: skip
        assert words in text, words


def test_the_bands_printed_are_those_of_the_rules(view):
    rules = view.rules.model_copy(update={"pace": view.rules.pace.model_copy(update={"yellow_from": -15.0})})
    assert "落后不到 15 个百分点为“关注”；15—30" in keypoints.closing(replace(view, rules=rules), JOBS).text


def test_the_foot_says_what_the_page_rests_on_and_how_to_make_it_again(view):
    lines = part(keypoints.closing(view).html, ".provenance p")
    assert lines[0] == (
        "目标出自《洞头区“劳有所得”专项实施方案（2023—2027 年）》，温州市洞头区人民政府网站，2023-12-13 发布。"
    )
    assert lines[1] == "本季数据：演示数据 14 项、公开发布 1 项；截至 2026-10-12 已知的最新一版。"
    assert re.fullmatch(
        rf"指纹：规划文件 [0-9a-f]{{12}}、判定规则 [0-9a-f]{{12}}、台账 [0-9a-f]{{12}}。laoyou {re.escape(laoyou.__version__)}。",
        lines[2],
    )
    assert (
        lines[3] == "重做本页：laoyou run，参数 region=330305、quarter=2026Q3、as_of=2026-10-31、data=data。"
    )
    assert "as_of=空" in keypoints.closing(replace(view, as_of="")).text


def test_a_quarter_without_figures_says_so_at_its_foot(view):
    view = at(replace(view, observations=view.observations.iloc[:0]), "2026Q3")
    assert "本季数据：本季没有数；截至 ——" in keypoints.closing(view, JOBS).text
