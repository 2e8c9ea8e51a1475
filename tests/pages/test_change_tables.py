"""What has changed, as it is told; lights and figures are those of the shipped ledger's rows, looked up by hand."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from workspaces import Desk, append_rows, row, shipped_desk

from laoyou.language import speaking
from laoyou.markup import Html
from laoyou.pages.change_tables import BETTER, FOUND, LOST, WORSE, changes, direction
from laoyou.view import View, open_view

JOBS, PLACED = "new_urban_jobs", "hard_to_employ_placements"


@pytest.fixture(scope="module")
def view() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a workspace of one's own, in which the test stands."""
    desk = shipped_desk(tmp_path)
    monkeypatch.chdir(desk.workspace.root)
    return desk


@pytest.fixture(scope="module")
def one_row(
    view: View, one_row_plan: Callable[..., Any], observe: Callable[..., pd.DataFrame]
) -> Callable[..., View]:
    """Return a function that makes a view of one indicator, ``row`` （某）， from its figures by period."""

    def make(figures: dict[str, Any], kind: str, *targets: str, quarter: str = "2026Q3") -> View:
        observations = observe(figures)
        known = replace(view.known, rows=observations)
        at = pd.Period(quarter, "Q-DEC")
        return replace(
            view, plan=one_row_plan(kind, *targets), observations=observations, known=known, quarter=at
        )

    return make


def opened(quarter: str, as_of: str = "", lang: str = "zh") -> View:
    return open_view(region="330305", quarter=quarter, as_of=as_of, lang=lang)


def tables(part: Html) -> dict[str, list[list[str]]]:
    """Return the bodies of the tables by caption, the parts of a cell set apart."""
    soup = BeautifulSoup(part.html, "html.parser")
    return {
        str(t.caption.get_text()) if t.caption else "": [
            [cell.get_text("·") for cell in r.find_all(["th", "td"])] for r in t.select("tbody tr")
        ]
        for t in soup.find_all("table")
    }


def paragraphs(part: Html) -> list[str]:
    soup = BeautifulSoup(part.html, "html.parser")
    return [p.get_text() for p in soup.find_all("p")]


@pytest.mark.parametrize(
    ("was", "now", "word"),
    [
        ("green", "green", ""),
        ("green", "watch", WORSE),
        ("watch", "red", WORSE),
        ("red", "yellow", BETTER),
        ("yellow", "green", BETTER),
        ("green", "no_data", LOST),
        ("red", "annual_only", LOST),
        ("no_data", "red", FOUND),
        ("annual_only", "green", FOUND),
        ("annual_only", "no_data", ""),
    ],
)
def test_a_light_moves_one_way_or_the_other_or_comes_and_goes(was, now, word):
    assert direction(was, now) == word


def test_lights_are_compared_with_last_quarter_and_with_last_year(view):
    part = changes(view)
    assert paragraphs(part)[0] == (
        "与上季（2026年二季度）相比，好转 4 项、没有了灯色 1 项；与上年同期（2025年三季度）相比，变差 2 项、没有了灯色 1 项。"
    )
    rows = tables(part)["灯色有变化的指标，变差的在前"]
    assert rows == [
        ["为企业提供劳动用工体检家次数", "◆·关注·18 家次", "●·达进度·14 家次", "□·无数据·没有数", "比上季没有了灯色·比上年同期没有了灯色"],
        ["每万人高价值发明专利拥有量", "◆·关注·8.9 件", "▲·欠进度·9.6 件", "▲·欠进度·9.9 件", "比上年同期变差"],
        ["高技能人才总量", "▲·欠进度·7,004 人", "■·严重滞后·7,326 人", "■·严重滞后·7,457 人", "比上年同期变差"],
        ["重点群体帮扶率", "▲·欠进度·99.7%", "■·严重滞后·98.6%", "▲·欠进度·99.1%", "比上季好转"],  # 217 / 220, 327 / 330
        ["开展职业技能培训累计数", "●·达进度·7,056 人次", "◆·关注·8,121 人次", "●·达进度·8,778 人次", "比上季好转"],
        ["培训劳动关系协调员人次数", "●·达进度·88 人次", "◆·关注·47 人次", "●·达进度·86 人次", "比上季好转"],
        ["欠薪线索动态化解率", "▲·欠进度·93.9%", "■·严重滞后·90.8%", "▲·欠进度·93.7%", "比上季好转"],  # 129 / 142, 193 / 206
    ]  # fmt: skip
    lights = [r.find_all(class_="light") for r in BeautifulSoup(part.html, "html.parser").select("tbody tr")]
    assert lights[0][1]["class"] == ["light", "green"]


def test_what_was_revised_before_the_last_report_is_no_news(view):
    # 360 instead of 374 became known on 15 July; the report of the second quarter knew it.
    assert (
        "上次报告（2026年二季度，数据截至 2026-07-31）以来，以前各期的数没有修订、补报或撤回。"
        in paragraphs(changes(view))
    )


def test_a_revision_since_the_last_report_is_told_with_the_light_that_it_moves():
    part = changes(opened("2026Q2", "2026-07-31"))  # the report of the first quarter: as of 1 May
    rows = tables(part)["上次报告（2026年一季度，数据截至 2026-05-01）以来变了的以前各期的数"]
    assert rows == [
        ["城镇新增就业人数·2026年一季度", "374 人", "360 人", "修订·2026-07-15起·演示：核实后更正"]
    ]
    assert "因此改判的上季灯色：" in paragraphs(part)
    assert "城镇新增就业人数：达进度 → 关注" in part.html


def test_a_revision_that_moves_no_light_says_so():
    part = changes(opened("2026Q1", "2026-04-30"))
    rows = tables(part)["上次报告（2025年四季度，数据截至 2026-01-31）以来变了的以前各期的数"]
    # 243 / 258 and 244 / 258
    assert rows == [
        ["欠薪线索动态化解率·2025年四季度", "94.2%", "94.6%", "修订·2026-04-20起·演示：核实后更正"]
    ]
    assert "上次报告给出的灯色不因此改变。" in paragraphs(part)


def test_real_figures_in_place_of_sample_ones_are_one_row(desk):
    append_rows(desk.workspace, row(period="2026Q2", value="770", reported_on="2026-10-20"))
    part = changes(opened("2026Q3", "2026-10-31"))
    [found] = tables(part)["上次报告（2026年二季度，数据截至 2026-07-31）以来变了的以前各期的数"]
    # four years and two quarters of sample figures up to the second quarter of 2026
    assert found == ["城镇新增就业人数", "18 个演示的数", "1 个真实的数", "改为真实数据·2026-10-20起"]


def test_the_plans_first_quarter_has_nothing_to_be_compared_with():
    part = changes(opened("2023Q1", "2023-04-30"))
    assert paragraphs(part) == ["2023年一季度是规划期的头一季，没有可比的。", "规划期内没有口径调整。"]
    assert tables(part) == {}


def test_the_first_year_has_no_year_before_it():
    part = changes(opened("2023Q2", "2023-07-31"))
    assert "上年同期" not in paragraphs(part)[0]
    assert paragraphs(part)[0].startswith("与上季（2023年一季度）相比，")


def test_where_nothing_moved_one_sentence_says_so(view):
    part = changes(replace(view, quarter=pd.Period("2027Q4", "Q-DEC")))
    assert paragraphs(part)[0] == (
        "与上季（2027年三季度）相比，灯色没有变化；与上年同期（2026年四季度）相比，灯色没有变化。"
    )
    assert tables(part) == {}


@pytest.mark.parametrize(
    ("start", "effect"),
    [
        ("2026Q3", "与上季、上年同期不可比"),
        ("2026Q2", "与上年同期不可比"),
        ("2025Q4", "与上年同期不可比"),
        ("2025Q3", "不影响上面的比较"),
        ("2025Q1", "不影响上面的比较"),
    ],
)
def test_a_break_spoils_the_comparisons_that_cross_it(one_row, start, effect):
    quarters = pd.period_range("2024Q4", "2026Q3", freq="Q-DEC")
    figures = {
        str(q): {"value": 100 + n, "series_break": "某文件" if str(q) == start else ""}
        for n, q in enumerate(quarters)
    }
    label = f"{start[:4]}年{'一二三四'[int(start[-1]) - 1]}季度"
    text = changes(one_row(figures, "stock", "200")).html
    assert f"某自{label}起：某文件。{effect}；势头、进度份额和展望只用其后的数。" in text


def test_a_light_that_moved_across_a_break_is_not_called_comparable(one_row):
    figures = {"2026Q2": 60, "2026Q3": {"value": 40, "series_break": "某文件"}}
    [found] = tables(changes(one_row(figures, "annual_count", "100")))["灯色有变化的指标，变差的在前"]
    assert found[-1] == "比上季变差（其间口径有调整，不可比）·比上年同期有了灯色（其间口径有调整，不可比）"


def test_the_shipped_break_lies_before_both_comparisons(view):
    assert (
        "就业困难人员实现就业数自2025年一季度起：浙人社发〔2025〕59号 调整认定口径。不影响上面的比较"
        in changes(view).html
    )


def test_the_definitions_say_which_report_is_meant(view):
    def said(part: Html) -> list[str]:
        fold = BeautifulSoup(part.html, "html.parser").find("details")
        assert fold is not None
        return [li.get_text() for li in fold.find_all("li")]

    filed = [text for text in said(changes(view)) if text.startswith("上次报告")]
    assert filed == [
        "上次报告：2026年二季度的那一份，截止日取自 params/2026Q2.yml（2026-07-31）。把那一天已知的数与现在已知的逐个对照。"
    ]
    [guessed] = [t for t in said(changes(opened("2026Q2", "2026-07-31"))) if t.startswith("上次报告")]
    assert "没有它的参数文件，按与本报告同样的时限取截止日，且不晚于本季末（2026-05-01）" in guessed


def test_texts_from_outside_are_escaped(one_row):
    hostile = "<script>alert(1)</script>"
    figures = {"2026Q2": 60, "2026Q3": {"value": 40, "series_break": hostile, "note": hostile}}
    part = changes(one_row(figures, "annual_count", "100"))
    assert "<script>" not in part.html
    assert "&lt;script&gt;" in part.html


# --- In English -------------------------------------------------------------------------------------------------


def test_what_has_changed_is_told_in_english(view):
    with speaking("en"):
        part = changes(view)
    assert paragraphs(part)[0] == (
        "Since last quarter (Q2 2026): 4 better, 1 without a light now; "
        "since the same quarter of last year (Q3 2025): 2 worse, 1 without a light now."
    )
    rows = tables(part)["Indicators whose light changed, those that got worse first"]
    assert rows[0] == [
        "Employment check-ups for firms", "◆·Watch·18 check-ups", "●·On pace·14 check-ups", "□·No data·No figure",
        "Since last quarter: no light now·Since a year ago: no light now",
    ]  # fmt: skip


def test_one_figure_and_several_are_counted_in_english(desk):
    append_rows(desk.workspace, row(period="2026Q2", value="770", reported_on="2026-10-20"))
    with speaking("en"):
        part = changes(opened("2026Q3", "2026-10-31", "en"))
        caption = (
            "Figures of earlier periods that changed since the last report (Q2 2026, data as of 2026-07-31)"
        )
        assert tables(part)[caption] == [
            ["New urban jobs", "18 sample figures", "1 real figure", "Real figures instead·From 2026-10-20"]
        ]
