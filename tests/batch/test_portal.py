"""The way in: cards, arrows and the lights of every quarter, made from what is published."""

import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from workspaces import copy_workspace

from laoyou.batch import portal
from laoyou.batch.jobs import Outcome
from laoyou.batch.publish import write_json
from laoyou.batch.standing import published_digests
from laoyou.language import speaking
from laoyou.periods import parse_quarter
from laoyou.view import View, open_view
from laoyou.words import LIGHTS
from laoyou.workspace import Workspace


@pytest.fixture(scope="module")
def view() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


@pytest.fixture
def workspace(tmp_path: Path, view: View) -> Workspace:
    """A workspace with the third quarter of 2026 published, of two pages one of which failed."""
    workspace = copy_workspace(tmp_path)
    publish(workspace, view, "2026Q3")
    return workspace


def publish(
    workspace: Workspace,
    view: View,
    quarter: str,
    region: str = "330305",
    language: str = "zh",
    **changes: object,
) -> None:
    folder = workspace.reports(language) / region / quarter
    folder.mkdir(parents=True)
    outcomes = [Outcome("supervision", "督查", "哪些？", "", 0.0), Outcome("x", "乙", "乙？", "坏了", 0.0)]
    with speaking(language):
        page = portal.quarter_page(view, outcomes, [], [outcomes[1]])
    (folder / "index.html").write_text(page, encoding="utf-8")
    (folder / "supervision.html").write_text("<p>", encoding="utf-8")
    (folder / "circular.docx").write_bytes(b"")
    manifest = {
        "region": region, "region_name": "洞头区", "quarter": quarter, "cut_off": "2026-10-12",
        "lights": {"red": 4, "green": 13}, "sample": ["x"], "years": list(view.plan.years),
        "course": portal.course(view), "problems": {"open": 10, "overdue": 6, "escalated": 3},
        "notebooks": {"supervision": {"problem": ""}, "x": {"problem": "坏了"}},
        "documents": {"files": {"circular.docx": {"problem": ""}, "workbook.xlsx": {"problem": "没有写成"}}},
    }  # fmt: skip
    write_json(folder / "manifest.json", manifest | changes)


def soup(file: Path) -> BeautifulSoup:
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def links(file: Path) -> list[str]:
    return re.findall(r'href="([^"#]+)"', file.read_text(encoding="utf-8"))


# --- Cards -------------------------------------------------------------------------------------------------------


def test_regions_and_quarters_are_listed_with_the_latest_first(workspace: Workspace, view: View) -> None:
    publish(workspace, view, "2026Q2")
    publish(workspace, view, "2025Q4")
    publish(workspace, view, "2026Q1", region="330300", region_name="温州市")
    (workspace.outputs / "330305" / "2026Q1").mkdir()  # nothing published in it
    shutil.copytree(workspace.outputs / "330305/2026Q3", workspace.outputs / "330305/.2026Q4.abc.partial")
    portal.publish_portal(workspace)
    page = workspace.outputs / "index.html"
    assert [(a["href"], a.get_text()) for a in soup(page).select("h2 a, a.main")] == [
        ("330305/index.html", "洞头区"),
        ("330305/2026Q3/index.html", "2026年三季度"),
        ("330305/2026Q2/index.html", "2026年二季度"),
        ("330305/2025Q4/index.html", "2025年四季度"),
        ("330300/index.html", "温州市"),
        ("330300/2026Q1/index.html", "2026年一季度"),
    ]


def test_a_card_counts_lights_and_problems_and_names_the_documents_there_are(workspace: Workspace) -> None:
    portal.publish_portal(workspace)
    for file, folder in (("index.html", "330305/2026Q3"), ("330305/index.html", "2026Q3")):
        card = soup(workspace.outputs / file).select_one("li.card")
        assert card is not None
        told = card.get_text("|", strip=True)
        assert "严重滞后|4 项" in told
        assert "达进度|13 项" in told
        assert "数据截至 2026-10-12（含演示数据）" in told
        assert "：在办 10 个，逾期 6 个，已报专班 3 个" in told
        assert "有 1 项没有生成" in told
        assert "Excel" not in told  # it was not written
        assert [a["href"] for a in card.find_all("a")] == [
            f"{folder}/index.html", f"{folder}/supervision.html", f"{folder}/circular.docx",
        ]  # fmt: skip


def test_every_link_leads_somewhere(workspace: Workspace, view: View) -> None:
    publish(workspace, view, "2026Q2")
    portal.publish_portal(workspace)
    for file in workspace.outputs.rglob("*.html"):
        assert [link for link in links(file) if not (file.parent / link).is_file()] == [], file


def test_a_workspace_without_a_report_lists_none(tmp_path: Path) -> None:
    workspace = copy_workspace(tmp_path)
    workspace.outputs.mkdir()
    portal.publish_portal(workspace)
    assert "还没有报告" in (workspace.outputs / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["{", '{"quarter": 3}', '{"notebooks": {}}'])
def test_a_quarter_whose_manifest_cannot_be_read_is_left_out(
    workspace: Workspace, view: View, content: str
) -> None:
    publish(workspace, view, "2026Q2")
    (workspace.outputs / "330305/2026Q2/manifest.json").write_text(content, encoding="utf-8")
    portal.publish_portal(workspace)
    assert "2026Q2" not in (workspace.outputs / "index.html").read_text(encoding="utf-8")


def test_a_quarter_published_before_there_were_courses_is_listed_all_the_same(workspace: Workspace) -> None:
    file = workspace.outputs / "330305/2026Q3/manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    write_json(
        file, {k: v for k, v in manifest.items() if k not in ("course", "problems", "years", "documents")}
    )
    portal.publish_portal(workspace)
    page = soup(workspace.outputs / "330305/index.html")
    assert page.select("li.card")
    assert not page.select("table")


# --- Arrows ------------------------------------------------------------------------------------------------------


def arrows(workspace: Workspace, quarter: str) -> list[tuple[str, str]]:
    page = soup(workspace.outputs / "330305" / quarter / "index.html")
    return [(str(tag.get("href", "")), tag.get_text()) for tag in page.select("nav.quarters > *")]


def test_arrows_lead_to_the_quarters_published_before_and_after(workspace: Workspace, view: View) -> None:
    portal.publish_portal(workspace)
    assert arrows(workspace, "2026Q3") == [("", "没有上一季的报告"), ("", "没有下一季的报告")]
    publish(workspace, view, "2026Q2")
    publish(workspace, view, "2026Q4")
    portal.publish_portal(workspace)
    assert arrows(workspace, "2026Q2")[1] == ("../2026Q3/index.html", "下一季：2026年三季度 →")
    assert arrows(workspace, "2026Q3") == [
        ("../2026Q2/index.html", "← 上一季：2026年二季度"),
        ("../2026Q4/index.html", "下一季：2026年四季度 →"),
    ]
    before = (workspace.outputs / "330305/2026Q3/index.html").stat().st_mtime_ns
    portal.publish_portal(workspace)
    assert (workspace.outputs / "330305/2026Q3/index.html").stat().st_mtime_ns == before  # nothing to change


# --- Twins in the other language ---------------------------------------------------------------------------------

FIRST_PAGES = ("index.html", "330305/index.html", "330305/2026Q3/index.html")


def ways_across(reports: Path, file: str) -> list[tuple[str, ...]]:
    """Return the links of a page to its twin: text, language of the text and of the page, address."""
    found = soup(reports / file).select("a[hreflang]")
    return [(a.get_text(), str(a["lang"]), str(a["hreflang"]), str(a["href"])) for a in found]


def test_first_pages_lead_to_their_twins_in_the_other_language_and_back(
    workspace: Workspace, view: View
) -> None:
    publish(workspace, view, "2026Q2")
    publish(workspace, view, "2026Q3", language="en")
    portal.publish_portal(workspace)
    chinese, english = workspace.outputs, workspace.outputs / "en"
    for file, there, back in zip(
        FIRST_PAGES,
        ("en/index.html", "../en/330305/index.html", "../../en/330305/2026Q3/index.html"),
        ("../index.html", "../../330305/index.html", "../../../330305/2026Q3/index.html"),
        strict=True,
    ):
        assert ways_across(chinese, file) == [("English", "en", "en", there)]
        assert ways_across(english, file) == [("中文", "zh-CN", "zh-CN", back)]
    assert ways_across(chinese, "330305/2026Q2/index.html") == []  # it has no twin
    for page in chinese.rglob("index.html"):
        assert [link for link in links(page) if not (page.parent / link).is_file()] == [], page


@pytest.mark.parametrize("gone", ["zh", "en"])
def test_a_twin_that_is_removed_is_led_to_no_more(workspace: Workspace, view: View, gone: str) -> None:
    publish(workspace, view, "2026Q3", language="en")
    left = workspace.reports("en" if gone == "zh" else "zh")
    portal.publish_portal(workspace)
    quarter = left / "330305/2026Q3"
    before = published_digests(quarter)
    shutil.rmtree(workspace.reports(gone) / "330305" / "2026Q3")
    portal.publish_portal(workspace)
    for file in FIRST_PAGES:
        assert ways_across(left, file) == []
    assert published_digests(quarter) == before  # the way across is part of the arrows


def test_without_another_language_nothing_is_said_of_languages(workspace: Workspace) -> None:
    portal.publish_portal(workspace)
    for file in FIRST_PAGES:
        page = (workspace.outputs / file).read_text(encoding="utf-8")
        assert "hreflang" not in page
        assert "语言" not in page


def test_an_english_card_counts_in_english(workspace: Workspace, view: View) -> None:
    publish(workspace, view, "2026Q3", language="en")
    portal.publish_portal(workspace)
    card = soup(workspace.outputs / "en/index.html").select_one("li.card")
    assert card is not None
    told = card.get_text("|", strip=True)
    assert told.startswith("Q3 2026|1 page could not be made|■|Far behind|4|●|On pace|13|")
    assert "Data as of 2026-10-12 (with sample figures)" in told
    assert "Problem list|: 10 open, 6 overdue, 3 with the task force" in told


# --- The lights of every quarter ---------------------------------------------------------------------------------


def test_the_course_is_what_each_quarter_would_say_with_todays_knowledge(view: View) -> None:
    found = portal.course(view)
    assert list(found) == list(view.plan.indicators)
    quarters = list(next(iter(found.values()))["lights"])
    assert quarters[0] == "2023Q1"
    assert quarters[-1] == "2026Q3"
    assert len(quarters) == 15
    last_year = replace(view, quarter=parse_quarter("2025Q3"))
    assert {id: row["lights"]["2025Q3"] for id, row in found.items()} == dict(last_year.scores["light"])


def test_a_correction_reported_later_is_not_in_the_course_of_an_earlier_day() -> None:
    """The correction of new urban jobs in 2026Q1 became known on 2026-07-15."""
    before = portal.course(open_view(region="330305", quarter="2026Q2", as_of="2026-07-14"))
    after = portal.course(open_view(region="330305", quarter="2026Q2", as_of="2026-07-31"))
    changed = {
        (id, quarter)
        for id, row in after.items()
        for quarter, light in row["lights"].items()
        if before[id]["lights"][quarter] != light and quarter < "2026Q2"
    }
    assert changed <= {("new_urban_jobs", "2026Q1")}


def test_the_table_has_a_mark_a_quarter_and_says_each_in_words(workspace: Workspace, view: View) -> None:
    portal.publish_portal(workspace)
    for file in ("330305/index.html", "330305/2026Q3/index.html"):
        table = soup(workspace.outputs / file).select_one("table.matrix")
        assert table is not None
        rows = table.select("tbody tr")
        assert len(rows) == 17
        for row in rows:
            assert [len(cell.select(".light, .not-yet")) for cell in row.find_all("td")] == [4] * 5
            assert len(row.select(".not-yet")) == 5  # 2026Q4 and 2027
        row = next(r for r in rows if r.th and r.th.get_text() == "城镇调查失业率")
        first = row.find("td")
        assert first is not None
        assert "一季度达进度，" in first.get_text()
        counted = Counter(str(tag["class"][1]) for tag in table.select("tbody .light"))
        assert set(counted) <= set(LIGHTS)
        assert sum(counted.values()) == 17 * 15


def test_marks_alone_tell_every_light_apart() -> None:
    assert len(set(portal.tables.MARKS.values())) == len(LIGHTS)


def test_the_first_page_of_a_quarter_lists_its_open_problems(workspace: Workspace, view: View) -> None:
    page = soup(workspace.outputs / "330305/2026Q3/index.html")
    rows = page.select("#problems ~ .scroll table.cards tbody tr")
    assert len(rows) == portal.problems(view)["open"] > 0
    assert page.select_one('a[href="supervision.html"]') is not None
