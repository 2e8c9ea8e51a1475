"""The tables that readers see; cells are the plan's, the ledger's, or worked out beside them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from conftest import ledger

from laoyou.markup import Html
from laoyou.pages import notes, tables
from laoyou.view import View, open_view
from laoyou.words import LIGHTS

JOBS, RATE, CHECKUPS = "new_urban_jobs", "arrears_resolution_rate", "employment_checkups"
Rows = dict[str, list[str]]


@pytest.fixture(scope="module")
def view() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


def at(view: View, quarter: str) -> View:
    return replace(view, quarter=pd.Period(quarter, "Q-DEC"))


def seen(view: View, *rows: Mapping[str, Any], quarter: str = "2026Q3") -> View:
    """Return a view whose ledger holds only some rows of this region."""
    return replace(at(view, quarter), observations=ledger({"region": "330305", **row} for row in rows))


def cells(table: Html | str) -> list[list[str]]:
    """Return the texts of a table's body, the parts of a cell set apart."""
    html = table if isinstance(table, str) else table.html
    rows = BeautifulSoup(html, "html.parser").select("tbody tr")
    return [[cell.get_text("·") for cell in row.find_all(["th", "td"])] for row in rows]


def by_name(table: Html) -> Rows:
    return {row[0].split("·")[0]: row[1:] for row in cells(table)}


# --- Lights -----------------------------------------------------------------------------------------------------


def test_a_light_is_a_mark_a_colour_and_always_a_word():
    for code, word in LIGHTS.items():
        light = BeautifulSoup(tables.light(code), "html.parser").span
        assert light is not None
        assert light["class"] == ["light", code]
        assert light.get_text() == f"{tables.MARKS[code]}{word}"
        assert light.span is not None
        assert light.span["aria-hidden"] == "true"  # the word alone is spoken


def test_no_two_judgements_share_a_mark():
    marks = [tables.MARKS[code] for code in ("red", "yellow", "watch", "green")]
    assert len(set(marks)) == 4


# --- The scorecard ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scorecard(view: View) -> Html:
    return tables.scorecard(view)


def test_the_scorecard_has_a_row_for_each_indicator_worst_first(scorecard):
    rows = cells(scorecard)
    assert len(rows) == 17
    words = [row[5].split("·")[1] for row in rows]
    assert words == sorted(words, key=list(LIGHTS.values()).index)
    assert words[0] == "严重滞后"
    assert words[-1] == "无数据"


@pytest.mark.parametrize(
    ("name", "target", "actual", "attainment", "margin", "light", "verdict"),
    [
        # 1095 / 1300 = 84.23 %; 1095 - 1300
        ("城镇新增就业人数", "1,300 人", "1,095 人·2022 年 1,932", "84.2%", "−205·人", "●·达进度", "年内未定·本年尚未结束"),
        # (4.9 + 4.8 + 4.6) / 3 = 4.77; a ceiling has a margin and no attainment
        ("城镇调查失业率", "<5%", "4.8%·2022 年 4.7", "—", "+0.2·个百分点", "●·达进度", "年内未定·本年尚未结束"),
        # 193 / 206 = 93.69 %; 93.69 / 95.5 = 98.1 %
        ("欠薪线索动态化解率", "95.5%", "93.7%·2022 年 93", "98.1%", "−1.8·个百分点", "▲·欠进度", "年内未定·本年尚未结束"),
        # 148 / 189 = 78.31 %; 78.31 / 65 = 120.5 %, not capped
        ("劳动人事争议调解成功率", "65%", "78.3%·2022 年 82.2", "120.5%", "+13.3·个百分点", "●·达进度", "年内未定·本年尚未结束"),
        ("最低工资标准最高档", "3,000 元/月左右", "2,490 元/月·2022 年 2,280", "83.0%", "−510·元/月", "■·严重滞后", "年内未定·本年尚未结束"),
        ("能级工资集体协商规模以上企业覆盖率", ">80%", "没有数·2022 年 开展试点", "—", "—", "○·年度指标", "年内未定·本年尚未结束"),
        ("为企业提供劳动用工体检家次数", "29 家次", "没有数·2022 年 80", "—", "—", "□·无数据", "年内未定·本年尚未结束"),
    ],
)  # fmt: skip
def test_a_row_of_the_scorecard(scorecard, name, target, actual, attainment, margin, light, verdict):
    assert by_name(scorecard)[name][:6] == [target, actual, attainment, margin, light, verdict]


def test_a_row_names_its_place_in_the_plan_its_lead_unit_and_what_its_figures_are(scorecard):
    names = {row[0].split("·")[0]: row[0].split("·")[1:] for row in cells(scorecard)}
    assert names["城镇新增就业人数"] == ["演示", "第 2 行 ", " 区人力社保局牵头"]
    assert names["最低工资标准最高档"] == ["第 10 行 ", " 区人力社保局牵头"]  # published, not sample
    assert names["每万人高价值发明专利拥有量"][-2:] == [
        " 区市场监管局牵头",
        "督查 2025Q4-01 整改中（已报专班）",
    ]


def test_a_row_gives_its_momentum_with_the_german_symbol_and_its_reason(scorecard):
    row = by_name(scorecard)["城镇新增就业人数"]
    assert row[6] == "走弱·平均每期同比减少 111.8 人（德国天气法：多云）"
    assert row[8].startswith("2026年1—9月累计 1,095 人")
    assert row[8].endswith("。")
    assert by_name(scorecard)["为企业提供劳动用工体检家次数"][6] == "看不出·本季没有数"  # and no symbol


def test_a_row_shows_its_course_as_a_small_drawing(scorecard):
    rows = BeautifulSoup(scorecard.html, "html.parser").select("tbody tr")
    assert all(row.select_one("svg") for row in rows)


def test_a_row_without_any_figure_has_a_dash_for_its_course(view):
    nothing = replace(view, observations=view.observations.iloc[:0])
    assert by_name(tables.scorecard(nothing, JOBS))["城镇新增就业人数"][7] == "—"


def test_numbers_stand_flush_right_and_every_cell_knows_its_column(scorecard):
    soup = BeautifulSoup(scorecard.html, "html.parser")
    heads = [th.get_text() for th in soup.select("thead th")]
    row = soup.select("tbody tr")[0].find_all(["th", "td"])
    assert [cell.get("data-label") for cell in row[1:]] == heads[1:]
    assert [n for n, cell in enumerate(row) if cell.get("class") == ["n"]] == [1, 2, 3, 4]


def test_a_corrected_figure_is_marked_in_the_quarter_it_belongs_to(view):
    # The rate of the fourth quarter of 2025 was reported again in April 2026.
    assert "已修订" in cells(tables.scorecard(at(view, "2025Q4"), RATE))[0][0]
    assert "已修订" not in cells(tables.scorecard(view, RATE))[0][0]


def test_a_figure_just_under_its_ceiling_does_not_look_like_it(view):
    row = {"indicator": "urban_unemployment_rate", "period": "2026Q1", "value": 4.97}
    assert cells(tables.scorecard(seen(view, row, quarter="2026Q1"), "urban_unemployment_rate"))[0][1:5] == [
        "<5%", "4.97%·2022 年 4.7", "—", "+0.03·个百分点",
    ]  # fmt: skip


def test_a_scorecard_of_some_indicators_has_no_other(view):
    assert [row[0].split("·")[0] for row in cells(tables.scorecard(view, JOBS, RATE))] == [
        "欠薪线索动态化解率",
        "城镇新增就业人数",
    ]


# --- By unit ----------------------------------------------------------------------------------------------------


def test_each_lead_unit_has_its_indicators_by_light(view):
    table = tables.by_unit(view)
    rows = cells(table)
    assert [row[0] for row in rows] == ["区人力社保局·共 15 项", "区市场监管局·共 1 项", "区总工会·共 1 项"]
    assert rows[1][1:] == ["—", "每万人高价值发明专利拥有量", "—", "—", "—", "—"]
    listed = [name for row in rows for cell in row[1:] if cell != "—" for name in cell.split("·")]
    assert sorted(listed) == sorted(i.name.zh for i in view.plan.indicators.values())


def test_a_light_that_nobody_has_takes_no_column(view):
    heads = BeautifulSoup(tables.by_unit(at(view, "2025Q4")).html, "html.parser").select("thead th")
    assert [h.get_text() for h in heads] == ["牵头单位", "■ 严重滞后", "▲ 欠进度", "◆ 关注", "● 达进度"]


# --- Commitments ------------------------------------------------------------------------------------------------


def test_every_commitment_of_the_text_has_its_row(view):
    rows = by_name(tables.commitments(view))
    assert len(rows) == len(view.plan.commitments) == 13
    # 1513 + 1394 + 1387 + 1095
    assert rows["五年累计城镇新增就业"] == [
        "2027 年", "6,500 人", "5,389 人", "未到期", "2023年起城镇新增就业人数之和，至2026年三季度，演示数据",
    ]  # fmt: skip
    assert rows["就业困难人员帮扶率"][2:] == [
        "—",
        "没有数",
        "正文只指有意愿且有能力就业的就业困难人员，台账没有这一口径",
    ]
    assert rows["建成零工市场"] == ["2023 年", "2 家", "—", "没有数", "台账里还没有这一项"]
    assert rows["技能人才总量下限"][:4] == ["2027 年", "25,000 人以上", "23,383 人", "未到期"]
    assert rows["涉薪线索动态化解率"][1:3] == ["96%", "93.7%"]


@pytest.mark.parametrize(
    ("quarter", "figures", "verdict"),
    [
        ("2023Q3", {"2023Q3": 1}, "未到期"),
        ("2023Q4", {"2023Q4": 1}, "未做到"),  # the year that it is due in is over
        ("2024Q1", {"2023Q4": 1}, "未做到"),
        ("2023Q2", {"2023Q2": 2}, "已做到"),
        ("2026Q3", {"2023Q4": 2}, "已做到"),
        ("2026Q3", {"2023": 2}, "已做到"),
        ("2023Q2", {"2023": 2}, "没有数"),  # of a year that is not over yet
        ("2026Q3", {"2023Q4": {"missing": "not_reported"}}, "没有数"),
    ],
)
def test_a_commitment_of_its_own_is_due_at_the_end_of_its_year(view, quarter, figures, verdict, observe):
    view = replace(at(view, quarter), observations=observe(figures, indicator="gig_markets_built"))
    assert by_name(tables.commitments(view))["建成零工市场"][3] == verdict


@pytest.mark.parametrize(
    ("last", "total", "verdict"),
    [(1300, "6,500 人", "已做到"), (1299, "6,499 人", "未做到")],
)
def test_a_sum_of_years_is_reached_or_missed_when_the_last_year_is_over(view, last, total, verdict, observe):
    figures = {f"{year}Q4": 1300 for year in range(2023, 2027)} | {"2022Q4": 1932, "2027Q4": last}
    view = replace(at(view, "2027Q4"), observations=observe(figures, indicator=JOBS))
    row = by_name(tables.commitments(view))["五年累计城镇新增就业"]
    assert row[2:4] == [total, verdict]  # the baseline's 1932 do not count
    assert row[4] == "2023年起城镇新增就业人数之和，至2027年四季度"


def test_a_sum_with_a_year_missing_is_no_sum(view, observe):
    figures = {"2023Q4": 1300, "2024Q3": 1000, "2025Q4": 1300, "2026Q3": 1000}
    view = replace(view, observations=observe(figures, indicator=JOBS))
    row = by_name(tables.commitments(view))["五年累计城镇新增就业"]
    assert row[2:] == ["—", "没有数", "缺 2024 年全年数，不能求和"]


def test_a_commitment_carried_by_an_indicator_without_figures_has_none(view, observe):
    view = replace(view, observations=observe({"2026Q3": 1}, indicator=JOBS))
    assert by_name(tables.commitments(view))["技能人才总量下限"][2:] == ["—", "没有数", "没有数"]


# --- The plan ---------------------------------------------------------------------------------------------------


def test_the_target_table_is_the_printed_one(view):
    rows = cells(tables.plan_table(view))
    assert [row[0].split("·")[0] for row in rows] == [i.name.zh for i in view.plan.indicators.values()]
    by = by_name(tables.plan_table(view))
    assert by["城镇调查失业率"] == ["4.7", "<5", "<5", "<5", "<5", "<5"]
    assert by["技能人才总量"] == ["1900 （存疑）", "20200", "21400", "22600", "23800", "25000"]
    assert by["能级工资集体协商规模以上企业覆盖率"] == ["开展试点", ">30", ">50", ">60", ">80", "全覆盖"]
    assert by["培训劳动关系协调员人次数"] == ["500", "76", "106", "106", "106", "规上企业全覆盖"]
    assert by["高技能人才总量"][0] == "——"


def test_findings_stand_with_contradictions_first_and_agreements_last(view):
    rows = cells(tables.findings(view))
    assert len(rows) == 21
    assert [row[1] for row in rows] == ["不相符"] * 4 + ["须留意"] * 9 + ["相符"] * 8
    assert rows[0][0] == "第 6 行、第 8 行"
    # Two indicators of one printed row are named once.
    assert [row[0] for row in rows if "7 项在 2022 年" in row[2]] == [
        "第 1 行、第 2 行、第 3 行、第 13 行、第 15 行、第 16 行"
    ]


def test_a_definition_gives_numerator_denominator_and_what_is_doubtful(view):
    soup = BeautifulSoup(
        notes.definitions(view, ["skilled_share_of_employed", "skilled_workers"]), "html.parser"
    )
    share, workers = ([p.get_text() for p in part.find_all("p")] for part in soup.find_all("details"))
    assert "分子：期末技能人才总量。分母：期末从业人员数。" in share
    assert workers[-1].startswith("疑少印一个 0")
    assert not [fact for fact in workers if fact.startswith("分子")]


def test_each_rule_printed_is_a_list_item(view):
    soup = BeautifulSoup(notes.rules_in_force(view), "html.parser")
    # nine of verdicts, four of rates of cases, one of small counts, one of supervision
    assert len(soup.find_all("li")) == 15


def test_the_rules_say_how_the_cases_of_each_rate_are_counted(view):
    said = [li.get_text() for li in BeautifulSoup(notes.rules_in_force(view), "html.parser").find_all("li")]
    assert "欠薪线索动态化解率由个案算出时，分母是上年结转加本年新增的，剔除重复、不属实、移送的。" in said
    assert "劳动人事争议调解成功率由个案算出时，分母是本年办结的，剔除重复、移送的。" in said
    assert [text for text in said if text.startswith("街道（乡镇）的分子或分母小于 5 不记数")]
