"""The outlook's tables: every indicator's row, its marks, and what is folded below."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag

from laoyou.outlooks.measured import FILE, read_measured
from laoyou.pages import outlook_tables
from laoyou.pages.outlook_tables import chances
from laoyou.view import View, open_view

JOBS, RATE, WAGE, CHECKUPS = (
    "new_urban_jobs", "arrears_resolution_rate", "minimum_wage_top_tier", "employment_checkups",
)  # fmt: skip


@pytest.fixture(scope="module")
def view() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


@pytest.fixture(scope="module")
def overview(view: View) -> BeautifulSoup:
    return BeautifulSoup(chances(view).html, "html.parser")


def body(table: Tag | None) -> list[list[str]]:
    assert table is not None
    return [[c.get_text("·") for c in r.find_all(["th", "td"])] for r in table.select("tbody tr")]


def folds(soup: BeautifulSoup) -> dict[str, Tag]:
    return {d.summary.get_text(): d for d in soup.find_all("details") if d.summary}


def test_every_indicator_has_its_row_the_least_likely_first(overview, view):
    rows = body(overview.table)
    assert sorted(r[0].split("·")[0] for r in rows) == sorted(
        i.name.zh for i in view.plan.indicators.values()
    )
    assert [r[1].split("·")[0] for r in rows] == [
        "<1%", "<1%", "<1%", "2%", "8%", "14%", "15%", "29%", "64%", "83%", "92%", ">99%", ">99%", ">99%",
        "给不出", "给不出", "给不出",
    ]  # fmt: skip
    assert overview.table is not None
    assert [th.get_text() for th in overview.table.select("thead th")] == [
        "指标", "2026 年达到的可能", "2026 年会到", "2027 年达到的可能", "2027 年会到", "怎么估的",
    ]  # fmt: skip


def test_a_row_says_probability_interval_method_n_and_its_own_record(view):
    [row] = body(BeautifulSoup(chances(view, JOBS).html, "html.parser").table)
    assert row == [
        "城镇新增就业人数·演示·第 2 行", "92%", "1,303—1,402 人·目标 1,300 人", "59%", "1,017—1,796 人·目标 1,300 人",
        "2026 年：余下的按前 4 年各季占比（19 个季度的数）·2027 年：照各年总数的变化（4 个完整年份）·往次：6 次中 6 次落在区间内",
    ]  # fmt: skip


def test_where_there_is_no_outlook_stands_why_and_no_number(view):
    rows = {r[0].split("·")[0]: r[1:] for r in body(BeautifulSoup(chances(view).html, "html.parser").table)}
    assert rows["最低工资标准最高档"] == [
        "给不出·由浙江省制定，不随本区走势", "—·目标 3,000 元/月左右",
        "给不出·由浙江省制定，不随本区走势", "—·目标 3,200 元/月左右", "—",
    ]  # fmt: skip
    assert rows["培训劳动关系协调员人次数"][2:] == [
        "给不出·目标改为“规上企业全覆盖”，与人次不是同一个量", "—·目标 规上企业全覆盖",
        "2026 年：余下的按前 4 年各季占比（19 个季度的数）·往次：6 次中 6 次落在区间内",
    ]  # fmt: skip
    grey = BeautifulSoup(chances(view, CHECKUPS).html, "html.parser").select(".no_data")
    assert [tag.get_text() for tag in grey] == ["给不出", "给不出"]


def test_sample_rows_are_marked_and_real_ones_are_not(overview, view):
    assert overview.table is not None
    marked = {
        r.th.get_text("·").split("·")[0]
        for r in overview.table.select("tbody tr")
        if r.th and r.th.select(".sample")
    }
    assert marked == {i.name.zh for id, i in view.plan.indicators.items() if id in view.sample_indicators}
    assert "最低工资标准最高档" not in marked


def test_the_last_year_is_asked_for_once(view):
    last = replace(view, quarter=pd.Period("2027Q4", "Q-DEC"))
    table = BeautifulSoup(chances(last).html, "html.parser").table
    assert table is not None
    assert len(table.select("thead th")) == 4
    assert all(row[1].startswith("给不出·") for row in body(table))


def test_the_own_record_stands_beside_the_random_walks(view, overview):
    table = folds(overview)["各行自己的往次"].table
    assert table is not None
    rows = {row[0]: row[1:] for row in body(table)}
    assert (
        len(rows) == 15
    )  # all but the wage, which is set elsewhere, and the yearly row with three year's ends
    record = view.records([RATE])[RATE]
    assert rows["欠薪线索动态化解率"][:2] == ["6 次中 5 次", "6 次中 6 次"]
    assert [float(x) for x in rows["欠薪线索动态化解率"][2:]] == pytest.approx(
        [record.brier, record.walk_brier, record.crps, record.walk_crps], abs=0.0005
    )
    caption = table.caption.get_text() if table.caption else ""
    hits = sum(int(cells[0].split("次中 ")[1].split(" ")[0]) for cells in rows.values())
    cases = sum(int(cells[0].split(" ")[0]) for cells in rows.values())
    assert caption.startswith(f"往次 {cases} 次中 {hits} 次落在 80% 区间内，")
    assert "只来自 3 个年末，太少，说明不了方法好坏" in caption


def test_before_a_year_is_over_there_is_no_record_to_print(view):
    first = replace(view, quarter=pd.Period("2023Q1", "Q-DEC"))
    soup = BeautifulSoup(chances(first).html, "html.parser")
    assert "各行自己的往次" not in folds(soup)
    assert "这里各行自己还没有可对照的往次。" in soup.get_text()
    # Of what began in the fourth quarter of 2022 there are two figures.
    rows = {r[0].split("·")[0]: r for r in body(soup.table)}
    assert rows["技能人才总量"][1] == "给不出·可比的点不到 4 个"
    assert "往次" not in rows["城镇新增就业人数"][-1]


def test_the_measurement_on_real_series_is_the_file_of_figures(overview):
    table = folds(overview)["在真实序列上量过的结果"].table
    content = json.loads(FILE.read_text(encoding="utf-8"))
    expected = [
        [f"{cell['methods']['outlook']['coverage']:.1%}", f"{cell['methods']['outlook']['brier']:.3f}"]
        for cell in content["cells"]
        if cell["n"] and cell["part"] != "few"
    ]
    rows = body(table)
    assert [[row[3], row[4]] for row in rows] == expected
    assert len(rows) == 27
    assert {row[-1] for row in rows} == {"守住"}
    assert rows[0][0] == "水平，8 个点，1 步"
    assert rows[-1][0] == "个案率，20 个点，3 季未到"


def test_a_page_of_counts_shows_the_measurement_of_counts_alone(view):
    soup = BeautifulSoup(chances(view, JOBS).html, "html.parser")
    assert {row[0][:2] for row in body(folds(soup)["在真实序列上量过的结果"].table)} == {"计数"}
    assert "在真实序列上量过的结果" not in folds(BeautifulSoup(chances(view, WAGE).html, "html.parser"))


def test_a_cell_beyond_its_limit_is_shown_as_such(view, monkeypatch):
    content = json.loads(FILE.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        cell["methods"]["outlook"]["coverage"] = 0.86
    monkeypatch.setattr(outlook_tables, "load_measured", lambda: read_measured(content))
    soup = BeautifulSoup(chances(view, JOBS).html, "html.parser")
    assert {row[-1] for row in body(folds(soup)["在真实序列上量过的结果"].table)} == {"没有守住"}


def test_every_number_has_its_definition_one_click_away(overview):
    text = folds(overview)["展望的这些数是什么意思、怎么算的"].get_text()
    for word in ("达到的可能", "80% 区间", "覆盖", "Brier", "CRPS", "随机游走", "往次", "个案率", "计数"):
        assert word in text


def test_an_indicator_that_is_not_in_the_plan_is_said_to_be_missing(view):
    assert chances(view, "no_such_row").text == "本规划没有这一页的指标。"


def test_names_and_cells_from_outside_are_escaped(
    view: View, one_row_plan: Callable[..., Any], observe: Callable[..., pd.DataFrame]
) -> None:
    hostile = {"zh": "<img src=x>某", "en": "<img>"}
    plan = one_row_plan("stock", "9", name=hostile)
    page = replace(view, plan=plan, observations=observe({"2026Q3": 9}))
    html = chances(page).html
    assert "<img" not in html
    assert "&lt;img src=x&gt;某" in html


def test_a_suppressed_figure_leaves_no_trace_of_a_forecast(
    view: View, one_row_plan: Callable[..., Any], observe: Callable[..., pd.DataFrame]
) -> None:
    start = pd.Period("2024Q1", "Q-DEC")
    figures: dict[str, Any] = {str(start + n): 100 + n for n in range(10)}
    page = replace(
        view, plan=one_row_plan("stock", "120"),
        observations=observe(figures | {"2026Q3": {"missing": "suppressed"}}),
    )  # fmt: skip
    [row] = body(BeautifulSoup(chances(page).html, "html.parser").table)
    assert row[1:3] == ["给不出·本季没有数（为保护隐私不公布）", "—·目标 120 件"]
    assert row[-1] == "—"
    assert all(math.isnan(x) for x in page.outlooks.loc["row", ["p_year", "p_last", "year_low", "last_low"]])
