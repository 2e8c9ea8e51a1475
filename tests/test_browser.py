"""The reports of two quarters in a real browser: opened from disk, on a telephone, on a desk and on paper."""

import re
from pathlib import Path

import pytest
from browsers import ARTEFACTS, FILES, NAMES, SCHEMES, SHEET, WIDTHS, opened, unfold
from playwright.sync_api import Browser

LARGEST = 400_000  # bytes of a page
ZOOMED = 640  # what is left of 1280 dots at 200 %
MAIN = tuple(file for file in FILES if "2026Q2" not in file)
PICTURES = {("phone", "light"), ("desktop", "light"), ("phone", "dark")}  # for people to look at
LAST = "330305/2026Q3"


def test_every_page_of_the_reports_is_looked_at(outputs: Path) -> None:
    assert {file.relative_to(outputs).as_posix() for file in outputs.rglob("*.html")} == set(FILES)


@pytest.mark.parametrize("file", FILES)
def test_a_page_is_one_file_and_no_large_one(outputs: Path, file: str) -> None:
    assert (outputs / file).stat().st_size < LARGEST


@pytest.mark.parametrize("file", FILES)
def test_a_page_opens_from_disk_asks_for_nothing_and_is_no_wider_than_the_screen(
    browser: Browser, outputs: Path, file: str
) -> None:
    wider = {}
    with opened(browser, outputs / file) as (page, noise):
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            for name, width in {**WIDTHS, "zoomed": ZOOMED}.items():
                page.set_viewport_size({"width": width, "height": 800})
                if file in MAIN and (name, scheme) in PICTURES:
                    ARTEFACTS.mkdir(exist_ok=True)
                    shot = f"{file.removesuffix('.html').replace('/', '-')}-{name}-{scheme}.png"
                    page.screenshot(path=ARTEFACTS / shot, full_page=True)
                over = page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                if over > 0:
                    wider[scheme, name] = over
        unfold(page)
        page.set_viewport_size({"width": WIDTHS["phone"], "height": 800})
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0
        assert noise == []
    assert wider == {}


@pytest.mark.parametrize("file", FILES)
def test_no_text_must_be_scrolled_sideways_on_a_telephone(browser: Browser, outputs: Path, file: str) -> None:
    """Tables of numbers may scroll in their own frame, as WCAG 2.2, 1.4.10, allows; words may not."""
    with opened(browser, outputs / file, WIDTHS["phone"]) as (page, _):
        cut = page.evaluate(
            """width => [...document.querySelectorAll('p,li,h1,h2,h3,figcaption,summary,dt,dd,a')].filter(e =>
            !e.closest('.scroll,.skip,.unseen') && e.getClientRects().length && e.getBoundingClientRect().right > width + 1)
            .map(e => e.textContent.slice(0, 60))""",
            WIDTHS["phone"],
        )
        assert cut == []


@pytest.mark.parametrize("name", [p for p in NAMES if p not in ("index", "plan_check")])
def test_the_first_screen_on_a_desk_says_where_the_quarter_stands(
    browser: Browser, outputs: Path, name: str
) -> None:
    with opened(browser, outputs / LAST / f"{name}.html") as (page, _):
        last_point = page.locator(".key li").last.bounding_box()
        assert last_point is not None
        assert last_point["y"] + last_point["height"] <= 800
        about = page.locator(".about").inner_text()
        assert "洞头区" in about
        assert "2026年三季度" in about
        assert "数据截至 2026-10-" in about


@pytest.mark.parametrize(
    "name", ["employment", "skills", "wages", "relations", "arrears", "disputes", "supervision", "plan_check"]
)
def test_every_figure_shows_its_chinese_in_the_face_that_the_page_carries(
    browser: Browser, outputs: Path, name: str
) -> None:
    with opened(browser, outputs / LAST / f"{name}.html") as (page, _):
        session = page.context.new_cdp_session(page)
        session.send("DOM.enable")
        session.send("CSS.enable")
        root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
        figures = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": "figure svg"})["nodeIds"]
        assert figures
        for figure in figures:
            texts = session.send("DOM.querySelectorAll", {"nodeId": figure, "selector": "text"})["nodeIds"]
            used = [session.send("CSS.getPlatformFontsForNode", {"nodeId": text})["fonts"] for text in texts]
            assert all(fonts and all(font["isCustomFont"] for font in fonts) for fonts in used)
        words = (
            "drawings => drawings.map(d => [...d.querySelectorAll('text')].map(t => t.textContent).join(''))"
        )
        shown = page.locator("figure svg").evaluate_all(words)
        assert len(shown) == len(figures)
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in shown)


# --- The way in --------------------------------------------------------------------------------------------------


def test_every_link_is_relative_and_leads_somewhere(outputs: Path) -> None:
    for file in outputs.rglob("*.html"):
        for link in re.findall(r'href="([^"]*)"', file.read_text(encoding="utf-8")):
            assert not re.match(r"[a-z]+:|/", link), (file, link)
            path, _, fragment = link.partition("#")
            target = (file.parent / path).resolve() if path else file
            assert target.is_file(), (file, link)
            if fragment:
                assert f'id="{fragment}"' in target.read_text(encoding="utf-8"), (file, link)


def test_a_reader_walks_from_the_portal_to_a_quarter_and_on_to_the_one_before(
    browser: Browser, outputs: Path
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800}, offline=True)
    page.goto((outputs / "index.html").as_uri())
    page.get_by_role("link", name="洞头区").click()
    assert page.url == (outputs / "330305/index.html").as_uri()
    page.get_by_role("link", name="2026年三季度").click()
    assert page.url == (outputs / "330305/2026Q3/index.html").as_uri()
    page.get_by_role("link", name="上一季").click()
    assert page.url == (outputs / "330305/2026Q2/index.html").as_uri()
    page.get_by_role("link", name="下一季").click()
    page.get_by_role("link", name="问题清单和办理的全文").click()
    assert page.url == (outputs / "330305/2026Q3/supervision.html").as_uri()
    page.close()


# --- On paper ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", [f for f in FILES if "2026Q2" not in f])
def test_nothing_is_cut_off_on_a_sheet_of_a4(browser: Browser, outputs: Path, file: str) -> None:
    with opened(browser, outputs / file, SHEET) as (page, _):
        page.emulate_media(media="print")
        right = """tag => Math.max(0, ...[...document.querySelectorAll(tag)].filter(e => e.getClientRects().length)
            .map(e => e.getBoundingClientRect().right))"""
        tall = """tag => Math.max(0, ...[...document.querySelectorAll(tag)].map(e => e.getBoundingClientRect().height))"""
        for tag in ("table", "svg", "p", "li", "h1", "h2"):
            assert page.evaluate(right, tag) <= SHEET + 1, tag
        for tag in ("figure", "tr"):  # what may not be split must fit: 297 - 2 x 18 mm
            assert page.evaluate(tall, tag) <= 986, tag


@pytest.mark.parametrize("name", ["overview", "arrears"])
def test_on_paper_definitions_and_rules_are_open_and_the_figures_data_left_out(
    browser: Browser, outputs: Path, name: str
) -> None:
    with opened(browser, outputs / LAST / f"{name}.html", SHEET) as (page, _):
        page.emulate_media(media="print")
        seen = "e => e.checkVisibility({contentVisibilityAuto: true})"
        assert page.locator(".closing details p").first.evaluate(seen)
        assert page.locator(".closing details li").last.evaluate(seen)
        assert not any(page.locator("figure details table").evaluate_all(f"all => all.map({seen})"))
        assert not page.locator("header.site").evaluate(seen)


def test_a_link_is_written_out_on_paper(browser: Browser, outputs: Path) -> None:
    with opened(browser, outputs / LAST / "index.html", SHEET) as (page, _):
        page.emulate_media(media="print")
        link = page.locator('main a[href="overview.html"]').first
        assert "attr(href)" in str(
            link.evaluate("a => getComputedStyle(a, '::after').content")
        ) or "overview.html" in str(link.evaluate("a => getComputedStyle(a, '::after').content"))
