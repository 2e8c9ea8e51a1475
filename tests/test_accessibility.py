"""The reports for readers who hear them, tell colours otherwise, or use no mouse: axe-core, figures, focus, traps."""

import csv
import io
import re
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from axe_playwright_python.base import AXE_SCRIPT
from browsers import FILES, NAMES, PLACES, SCHEMES, WIDTHS, make_reports, opened, unfold
from bs4 import BeautifulSoup
from matplotlib.image import imread
from playwright.sync_api import Browser, Page

LAST = "330305/2026Q3"
DRAWN = [
    f"{place}{LAST}/{name}.html"
    for place in PLACES.values()
    for name in NAMES
    if name not in ("index", "overview", "methods")
]
RUN = "options => axe.run(document, options).then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html.slice(0, 200)))"
EVERY_RULE: dict[str, Any] = {"resultTypes": ["violations"]}
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}


# --- What axe-core finds -----------------------------------------------------------------------------------------


def test_axe_finds_what_is_wrong(browser: Browser, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.html"
    wrong.write_text(
        '<html><body><p style="color:#aaa;background:#fff">faint words</p></body></html>', encoding="utf-8"
    )
    with opened(browser, wrong) as (page, _):
        page.evaluate(AXE_SCRIPT)
        found = {line.split(":")[0] for line in page.evaluate(RUN, EVERY_RULE)}
    assert {"html-has-lang", "document-title", "color-contrast"} <= found


@pytest.mark.parametrize("file", FILES)
def test_axe_reports_no_violation(browser: Browser, outputs: Path, file: str) -> None:
    """Every rule at three widths; in the dark, where nothing but colours differs, those on colours."""
    with opened(browser, outputs / file) as (page, _):
        page.evaluate(AXE_SCRIPT)
        unfold(page)
        found = {}
        for name, width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": 800})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                found[name, scheme] = page.evaluate(RUN, EVERY_RULE if scheme == "light" else COLOURS)
    assert {place: lines for place, lines in found.items() if lines} == {}


# --- How a page is built -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_a_page_has_one_title_ordered_headings_and_ids_of_its_own(outputs: Path, file: str) -> None:
    soup = BeautifulSoup((outputs / file).read_text(encoding="utf-8"), "html.parser")
    levels = [int(tag.name[1]) for tag in soup.find_all(re.compile("^h[1-6]$"))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(tag.has_attr("id") for tag in soup.find_all("h2"))
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert soup.html is not None
    assert soup.html["lang"] == ("en" if file.startswith("en/") else "zh-CN")
    assert len(soup.find_all("main")) == 1
    for table in soup.find_all("table"):
        assert table.caption is not None
        assert table.caption.get_text().strip()
        assert all(head.get("scope") in ("col", "row") for head in table.find_all("th"))
    for drawing in soup.select("figure svg"):
        assert drawing.find("title").get_text().strip()  # type: ignore[union-attr]
        assert len(drawing.find("desc").get_text()) >= len(drawing.find("title").get_text())  # type: ignore[union-attr]
        assert drawing.find_parent("figure").select("details table")  # type: ignore[union-attr]


def test_the_keyboard_comes_to_the_text_first_and_is_seen_wherever_it_goes(
    browser: Browser, outputs: Path
) -> None:
    with opened(browser, outputs / LAST / "arrears.html") as (page, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
        for _ in range(30):
            outline = page.evaluate(
                "(s => [s.outlineStyle, parseFloat(s.outlineWidth)])(getComputedStyle(document.activeElement))"
            )
            assert outline == ["solid", 3]
            page.keyboard.press("Tab")


# --- Figures -----------------------------------------------------------------------------------------------------

BOXES = """() => [...document.querySelectorAll('figure > svg')].map(d => [...d.querySelectorAll('text:not(.mark)')]
    .map(t => { const b = t.getBoundingClientRect(), f = d.getBoundingClientRect(), s = getComputedStyle(t);
    return {text: t.textContent, x0: b.left - f.left, x1: b.right - f.left, y0: b.top - f.top, y1: b.bottom - f.top,
    width: f.width, height: f.height, fill: s.fill}; }))"""


@pytest.mark.parametrize("file", [f for f in FILES if f.rpartition("/")[2].removesuffix(".html") in
                                  {d.rpartition("/")[2].removesuffix(".html") for d in DRAWN}])  # fmt: skip
def test_no_words_of_a_figure_overlap_or_leave_it(browser: Browser, outputs: Path, file: str) -> None:
    with opened(browser, outputs / file) as (page, _):
        figures = page.evaluate(BOXES)
    assert figures
    wrong = []
    for words in figures:
        for one, other in combinations(words, 2):
            across = min(one["x1"], other["x1"]) - max(one["x0"], other["x0"])
            down = min(one["y1"], other["y1"]) - max(one["y0"], other["y0"])
            # A line's box is almost half as tall again as its letters, which stand in its middle.
            if across > 1 and down > 0.35 * min(one["y1"] - one["y0"], other["y1"] - other["y0"]):
                wrong.append((one["text"], other["text"]))
        wrong += [w["text"] for w in words if w["x0"] < -1 or w["x1"] > w["width"] + 1]
        wrong += [w["text"] for w in words if w["y0"] < -6 or w["y1"] > w["height"] + 6]
    assert wrong == []


def linear(rgb: np.ndarray) -> np.ndarray:
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


def pictures(page: Page) -> list[np.ndarray]:
    """Return every figure as it is seen without its words."""
    page.add_style_tag(content="figure text{visibility:hidden}")
    shots = [one.screenshot(scale="css") for one in page.locator("figure > svg").all()]
    return [np.asarray(imread(io.BytesIO(shot)))[..., :3] for shot in shots]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("file", DRAWN)
def test_words_of_a_figure_stand_out_from_what_is_behind_them(
    browser: Browser, outputs: Path, file: str, scheme: str
) -> None:
    """4.5:1 against at least three quarters of the dots behind a word: a line may cross it, a band may not hide it."""
    with opened(browser, outputs / file) as (page, _):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        figures = page.evaluate(BOXES)
        # A policy of the page's own forbids no style of the browser's.
        behind = pictures(page)
    faint = []
    for words, picture in zip(figures, behind, strict=True):
        for word in words:
            ink = float(linear(np.array([int(n) for n in re.findall(r"\d+", word["fill"])[:3]]) / 255))
            rows, columns = (
                slice(int(word["y0"]) + 2, int(word["y1"]) - 2),
                slice(int(word["x0"]), int(word["x1"])),
            )
            paper = linear(picture[rows, columns])
            contrast = (np.maximum(paper, ink) + 0.05) / (np.minimum(paper, ink) + 0.05)
            if (contrast < 4.5).mean() > 0.25:
                faint.append((word["text"], round(float(np.median(contrast)), 2)))
    assert faint == []


def test_the_dark_scheme_darkens_paper_and_figures_alike(browser: Browser, outputs: Path) -> None:
    with opened(browser, outputs / LAST / "wages.html") as (page, _):
        seen = {}
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            seen[scheme] = (
                page.evaluate("getComputedStyle(document.body).backgroundColor"),
                page.locator("figure svg text").first.evaluate("t => getComputedStyle(t).fill"),
            )
        page.emulate_media(color_scheme="dark", media="print")
        on_paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert seen["light"][0] == on_paper == "rgb(255, 255, 255)"
    assert max(map(int, re.findall(r"\d+", seen["dark"][0]))) < 40
    assert min(map(int, re.findall(r"\d+", seen["dark"][1]))) > 150


def test_every_colour_of_a_figure_follows_the_scheme(outputs: Path) -> None:
    for file in DRAWN:
        soup = BeautifulSoup((outputs / file).read_text(encoding="utf-8"), "html.parser")
        for drawing in soup.select("figure svg"):
            assert not re.findall(r"(?<!,)#[0-9a-f]{6}\b", str(drawing.find("style")))
            assert not drawing.select("[fill],[stroke],[style]")


# --- Traps in every field that a user fills ----------------------------------------------------------------------

TRAP = "<script>document.title='x'</script><img src=x onerror=\"document.title='x'\">'\"&amp;</style></title>{{7*7}}"
UNIT = "人<b>\"'&"


def lay_traps(root: Path) -> None:
    """Put a trap into names, definitions, units, sources, notes and problem texts of a workspace."""
    [file] = (root / "data/plans").glob("*.yml")
    plan = yaml.safe_load(file.read_text(encoding="utf-8"))
    for language in PLACES:
        plan["title"][language] += TRAP
        for entry in (*plan["indicators"], *plan["series"], *plan["commitments"]):
            entry["name"][language] += TRAP
        for entry in plan["indicators"]:
            entry["definition"][language] += TRAP
    for entry in plan["units"]:
        entry["en"] += TRAP
    for entry in plan["indicators"]:
        entry["reference"] += TRAP
        entry["unit"] = UNIT if entry["unit"] == "人" else entry["unit"]
    for entry in plan["series"]:
        entry["unit"] = UNIT if entry["unit"] == "人" else entry["unit"]
    for entry in plan["tasks"]:
        entry["section"] += TRAP
    file.write_text(yaml.safe_dump(plan, allow_unicode=True), encoding="utf-8")
    for name, columns in {
        "data/regions.csv": ("name_zh", "name_en"),
        "data/sample/observations.csv": ("source", "note"),
        "data/observations/published.csv": ("source", "note"),
        "data/sample/supervision/events.csv": ("cause", "measures", "responsible", "text", "by"),
    }.items():
        with (root / name).open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            for column in columns:
                row[column] += TRAP if row[column] else ""
        with (root / name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    for notebook in (root / "notebooks").glob("*.ipynb"):
        if notebook.stem not in ("overview", "employment", "supervision"):
            notebook.unlink()


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_reports(tmp_path_factory.mktemp("traps"), ("2026Q3",), lay_traps)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize(
    "name", ["index", "overview", "employment", "supervision", "../index", "../../index"]
)
def test_a_hostile_text_stays_text(browser: Browser, trapped: Path, name: str, place: str) -> None:
    file = (trapped / place / LAST / f"{name}.html").resolve()
    with opened(browser, file) as (page, noise):
        unfold(page)
        assert noise == []
        assert page.title() != "x"
        assert page.locator("script, img, iframe, object, main b").count() == 0
        events = "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => n.startsWith('on'))"
        assert page.evaluate(events) == []
        shown = page.locator("body").inner_text()
        assert "49" not in re.sub(r"\d{3,}|[\d.,]+", " ", shown)
        assert "<script>" in shown
        assert "{{7*7}}" in shown
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0
