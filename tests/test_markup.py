"""Whatever a plan, a ledger or a list of regions says stays text: pages are parsed and searched for anything else."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from workspaces import row, shipped_desk

from laoyou import markup
from laoyou.batch import portal
from laoyou.batch.jobs import Outcome
from laoyou.markup import Html, details, element, escape, listing, plain, table
from laoyou.pages import change_tables, charts, keypoints, notes, outlook_tables, tables
from laoyou.pages.page import template_page
from laoyou.view import View, open_view

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "&lt;b&gt; & &amp; &#60;script&#62;",
    "]]><![CDATA[x]]>",
    "<!-- --><!--",
    "javascript:alert(1)",
    "</title></style><svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "/*font*/",
    "👩‍🏫😀",
    "\u202e\u2066right to left",
)
# Everything at once, for fields of a workspace; the control characters are shown as �.
TRAP = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;{{7*7}}]]>javascript:alert(1)😀/*font*/\x00\x1b."
TRAP_SHOWN = TRAP.replace("\x00", "�").replace("\x1b", "�")
REGION = '<b>省"&$\\frac$😀'
UNIT = "人<i>\"&'$n$😀"  # a unit is also drawn; a pair of dollar signs is no formula

JOBS, SHARE, PATENTS = "new_urban_jobs", "skilled_share_of_employed", "high_value_patents_per_10k"


def parsed(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def assert_harmless(html: str) -> None:
    """Nothing in the markup runs, loads or leads anywhere but to a place of the same page or report."""
    for tag in parsed(html).find_all(True):
        assert tag.name not in {"script", "img", "iframe", "object", "embed", "i", "foreignobject"}, tag.name
        for name, value in tag.attrs.items():
            assert not name.lower().startswith("on"), (tag.name, name)
            if name in ("href", "src", "xlink:href"):
                assert re.fullmatch(r"#[\w-]+|[\w./-]+\.html", str(value)), value


# --- Pieces -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_is_read_back_as_itself_and_holds_no_element(text):
    soup = parsed(f"<p>{escape(text)}</p>")
    assert soup.p is not None
    assert soup.p.get_text() == text
    assert len(soup.find_all(True)) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_an_attribute_is_read_back_as_itself_and_adds_no_other(text):
    tag = parsed(element("span", "x", title=text)).span
    assert tag is not None
    assert tag.attrs == {"title": text}
    assert tag.get_text() == "x"


@given(st.text())
def test_any_text_survives_html_and_xml(text):
    shown = markup.printable(text)
    html = element("p", escape(text), title=text)
    soup = parsed(html).p
    assert soup is not None
    # A parser makes one line end of the three.
    assert soup.get_text().replace("\r\n", "\n").replace("\r", "\n") == shown.replace("\r\n", "\n").replace(
        "\r", "\n"
    )
    root = ElementTree.fromstring(html)
    assert root.tag == "p"
    assert len(root) == 0


@pytest.mark.parametrize(
    "code", [0, 1, 8, 0x0B, 0x0C, 0x0E, 0x1B, 0x1F, 0x7F, 0x9F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF]
)
def test_a_control_character_that_no_page_can_hold_is_shown_as_such(code):
    assert escape(f"a{chr(code)}b") == "a�b"


@pytest.mark.parametrize("text", ["a\tb", "a\nb", " ~", "\xa0", "洞头", "\ud7ff", "\ufffd", "😀"])
def test_characters_that_a_page_can_hold_are_left_alone(text):
    assert escape(text) == text


def test_attributes_are_named_as_html_names_them_and_left_out_where_none():
    html = element("th", "x", class_="n", data_label="甲", aria_label="乙", scope=None)
    assert html == '<th class="n" data-label="甲" aria-label="乙">x</th>'


def test_a_table_names_its_region_caption_headers_and_cells():
    soup = parsed(
        table("说明<b>", ["甲", "乙<b>"], [["一", "1"], ["二", "2"]], class_="data cards", numeric=[1])
    )
    region, inner = soup.div, soup.table
    assert region is not None
    assert inner is not None
    assert (region["role"], region["tabindex"], region["aria-label"]) == ("region", "0", "说明<b>")
    assert inner["class"] == ["data", "cards"]
    assert inner.caption is not None
    assert inner.caption.get_text() == "说明<b>"
    heads = inner.select("thead th")
    assert [(h.get_text(), h["scope"], h.get("class")) for h in heads] == [
        ("甲", "col", None),
        ("乙<b>", "col", ["n"]),
    ]
    rows = inner.select("tbody tr")
    assert [r.th.get_text() for r in rows if r.th] == ["一", "二"]
    assert all(r.th is not None and r.th["scope"] == "row" for r in rows)
    assert [(d.get_text(), d["data-label"], d["class"]) for r in rows for d in r.find_all("td")] == [
        ("1", "乙<b>", ["n"]),
        ("2", "乙<b>", ["n"]),
    ]


def test_lists_and_folded_parts_take_text():
    assert listing(["<b>", "&"], "key") == '<ul class="key"><li>&lt;b&gt;</li><li>&amp;</li></ul>'
    assert details("<b>", "<p>x</p>") == "<details><summary>&lt;b&gt;</summary><p>x</p></details>"


def test_plain_text_is_the_markup_without_tags_and_entities():
    assert plain("<p>a &lt;b&gt;</p>").strip() == "a <b>"


def test_html_shows_itself_in_jupyterlab_with_words_for_those_without_a_browser():
    assert Html("<p>x</p>", "x")._repr_mimebundle_() == {"text/html": "<p>x</p>", "text/plain": "x"}
    assert Html("<p>x</p>")._repr_mimebundle_()["text/plain"] == "[HTML]"


# --- A workspace full of traps ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trapped:
    """A view whose every free text is a trap, and the pages made from it."""

    view: View
    pages: dict[str, str]

    def text(self, page: str) -> str:
        return parsed(self.pages[page]).get_text()


def trap(field: str) -> str:
    return f"{field}{TRAP}"


def lay_traps(file: Path) -> None:
    """Put a trap that names its field into every free text of a plan."""
    plan: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    plan["title"]["zh"], plan["source"] = trap("plan.title"), trap("plan.source")
    for entry in plan["indicators"]:
        entry["name"]["zh"] = trap(f"{entry['id']}.name")
        entry["definition"]["zh"] = trap(f"{entry['id']}.definition")
        entry["reference"] = trap(f"{entry['id']}.reference")
        entry["sources"] = [trap("source.name")]
        for part in ("numerator", "denominator"):
            if part in entry:
                entry[part]["zh"] = trap(f"{entry['id']}.{part}")
        if "note" in entry["baseline"]:
            entry["baseline"]["note"] = trap("baseline.note")
        if "covers" in entry:
            entry["covers"][0] = trap("covers")
        if entry["id"] == JOBS:
            entry["unit"] = UNIT
            entry["profile"] = {"shares": [0.25, 0.5, 0.75, 1], "source": trap("profile.source")}
    plan["sources"].append(
        {"name": trap("source.name"), "kind": "platform", "reference": trap("source.reference")}
    )
    for entry in plan["commitments"]:
        entry["name"]["zh"] = trap(f"{entry['id']}.name")
        entry["reference"] = trap(f"{entry['id']}.reference")
        if "covers" in entry:
            entry["covers"] = [trap("commitment.covers")]
        if "wording" in entry:
            entry["wording"] = {"table": trap("wording.table"), "text": trap("wording.text")}
        if entry["id"] == "technical_school_students":
            entry["unit"] = UNIT
    for entry in plan["tasks"]:
        entry["section"] = trap("task.section")
    for entry in plan["units"]:
        entry["name"] = trap(f"unit.{entry['name']}")
    for entry in plan["series"]:
        entry["name"]["zh"] = trap(f"{entry['id']}.name")
    file.write_text(yaml.safe_dump(plan, allow_unicode=True), encoding="utf-8")


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trapped]:
    desk = shipped_desk(tmp_path_factory.mktemp("traps"))
    workspace = desk.workspace
    lay_traps(workspace.plan_file())
    regions = workspace.data / "regions.csv"
    text = regions.read_text(encoding="utf-8-sig")
    for name in ("洞头区", "温州市", "全国"):
        quoted = trap(f"region.{name}").replace('"', '""')
        text = text.replace(f",{name},", f',"{quoted}",')
    regions.write_text(text, encoding="utf-8")
    # Last year is whole, one quarter was corrected, one stands on a new basis.
    figures = {f"{year}Q{n}": 300 * n for year in (2023, 2024, 2025, 2026) for n in (1, 2, 3, 4)}
    ends = {1: "03-31", 2: "06-30", 3: "09-30", 4: "12-31"}
    hostile = {"source": trap("ledger.source"), "note": trap("ledger.note"), "measured_at": "330300"}
    rows = [
        row(period=p, value=str(v), reported_on=f"{p[:4]}-{ends[int(p[-1])]}", **hostile)
        for p, v in figures.items()
        if p <= "2026Q3"
    ]
    rows.append(row(period="2026Q2", value="601", reported_on="2026-08-01", **hostile))
    rows[8]["series_break"] = trap("ledger.series_break")
    desk.write(*rows)
    before = Path.cwd()
    os.chdir(workspace.root)
    try:
        view = open_view(region="330305", quarter="2026Q3")
        yield Trapped(view, dict(made(view)))
    finally:
        os.chdir(before)


def made(view: View) -> Iterator[tuple[str, str]]:
    """Yield the parts of pages, and two whole pages, by name."""
    yield "scorecard", tables.scorecard(view).html
    yield "by_unit", tables.by_unit(view).html
    yield "changes", change_tables.changes(view).html
    yield "chances", outlook_tables.chances(view).html
    yield "commitments", tables.commitments(view).html
    yield "findings", tables.findings(view).html
    yield "plan_table", tables.plan_table(view).html
    yield "definitions", notes.definitions(view, list(view.plan.indicators))
    yield "opening", keypoints.opening(view).html
    yield "subject", keypoints.opening(view, JOBS).html
    yield "plan_opening", keypoints.plan_opening(view).html
    yield "closing", keypoints.closing(view).html
    yield (
        "series",
        charts.series(view, JOBS, references={"330000": REGION}).html,
    )
    yield "implied", charts.implied_employment(view, SHARE).html
    page = Outcome("overview", trap("page.title"), trap("page.question"), "", 0.0)
    failed = Outcome("x", trap("failed.title"), "", trap("failed.problem"), 0.0)
    yield "quarter", portal.quarter_page(view, [page], [], [failed])
    manifest = {
        "quarter": "2026Q3", "cut_off": trap("cut_off"), "sample": ["x"], "lights": {"red": 1},
        "notebooks": {"x": {"problem": "x"}},
    }  # fmt: skip
    card = portal._card(manifest, "330305/2026Q3/") | {"label": trap("label")}
    region = {"name": trap("region"), "quarters": [card]}
    yield "portal", template_page("portal.html.j2", regions={"330305": region}, twins="")
    parts = {"region": trap("region"), "quarters": [card], "matrix": "", "twins": ""}
    yield "region", template_page("region.html.j2", **parts)


PAGES = (
    "scorecard", "by_unit", "changes", "commitments", "findings", "plan_table", "definitions", "opening", "subject",
    "plan_opening", "closing", "series", "implied", "quarter", "region", "portal",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_no_text_of_a_workspace_becomes_anything_but_text(trapped, page):
    assert_harmless(trapped.pages[page])


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("scorecard", [f"{JOBS}.name", "unit.区人力社保局", "region.洞头区", "profile.source"]),
        ("by_unit", [f"{JOBS}.name", "unit.区人力社保局"]),
        ("changes", [f"{JOBS}.name"]),
        (
            "commitments",
            [
                "new_urban_jobs_total.name",
                "task.section",
                "unit.区人力社保局",
                f"{JOBS}.name",
                "commitment.covers",
            ],
        ),
        (
            "findings",
            [
                f"{JOBS}.name",
                "training_enrolments_total.reference",
                "wording.table",
                "wording.text",
                "employed_persons.name",
            ],
        ),
        ("plan_table", [f"{JOBS}.name"]),
        (
            "definitions",
            [f"{JOBS}.definition", f"{JOBS}.reference", "source.name", f"{SHARE}.numerator", "baseline.note"],
        ),
        ("opening", ["region.洞头区", "unit.区人力社保局"]),
        ("subject", [f"{JOBS}.name", "region.温州市", "profile.source"]),
        ("plan_opening", ["skilled_workers.name", "employed_persons.name"]),
        ("closing", ["plan.title", "plan.source", f"{PATENTS}.definition"]),
        ("series", [f"{JOBS}.name", "ledger.source", "ledger.series_break", "region.温州市"]),
        ("implied", ["skilled_workers.name", "employed_persons.name"]),
        (
            "quarter",
            [
                "region.洞头区",
                f"{JOBS}.name",
                "page.title",
                "page.question",
                "failed.title",
                "failed.problem",
            ],
        ),
        ("region", ["region", "label", "cut_off"]),
        ("portal", ["region", "label", "cut_off"]),
    ],
)
def test_every_text_is_read_as_it_was_written(trapped, page, fields):
    # Jinja's own escape leaves control characters to the browser, which shows nothing or �.
    text = trapped.text(page).replace("\x00", "�").replace("\x1b", "�")
    for field in fields:
        assert f"{field}{TRAP_SHOWN}" in text, field


@pytest.mark.parametrize("page", ["scorecard", "changes", "plan_table", "series", "subject"])
def test_a_unit_is_text_too(trapped, page):
    assert UNIT in trapped.text(page)


@pytest.mark.parametrize("page", ["scorecard", "series", "implied"])
def test_attributes_hold_the_same_text_and_nothing_breaks_out_of_them(trapped, page):
    soup = parsed(trapped.pages[page])
    named = [str(tag.get("aria-label", "")) + str(tag.get("data-label", "")) for tag in soup.find_all(True)]
    assert any(TRAP_SHOWN in name or UNIT in name for name in named)


@pytest.mark.parametrize("page", ["scorecard", "series", "implied"])
def test_every_drawing_is_well_formed_xml(trapped, page):
    drawings = re.findall(r"<svg.*?</svg>", trapped.pages[page], re.S)
    assert drawings
    for drawing in drawings:
        assert ElementTree.fromstring(drawing).get("role") == "img"


def test_words_in_a_drawing_stand_there_as_written(trapped):
    svg = re.search(r"<svg.*?</svg>", trapped.pages["series"], re.S)
    assert svg is not None
    texts = [
        "".join(t.itertext()) for t in ElementTree.fromstring(svg[0]).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert f"900 {UNIT}" in texts  # 3 x 300 by the third quarter
    assert REGION in texts


def test_the_font_is_embedded_once_and_not_where_a_title_asks_for_it(trapped):
    page = trapped.pages["quarter"]
    assert page.count("@font-face") == 1
    assert page.index("<style>") < page.index("@font-face") < page.index("</style>")
