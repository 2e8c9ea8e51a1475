"""The shipped quarter's pages in a real browser: opened from disk, on a telephone and on a desk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from laoyou.batch import report

ROOT = Path(__file__).parents[1]
ARTEFACTS = ROOT / "test-artefacts"
PAGES = (
    "index", "overview", "employment", "skills", "wages", "relations", "arrears", "disputes", "supervision", "methods",
    "plan_check",
)  # fmt: skip
SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desktop": (1280, 800)}
QUIET = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of 2026Q3, made from the shipped data by the command's own function."""
    workspace = tmp_path_factory.mktemp("workspace")
    for name in ("data", "params", "notebooks"):
        shutil.copytree(ROOT / name, workspace / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    before = Path.cwd()
    os.chdir(workspace)
    try:
        made = report.run("2026Q3")
    finally:
        os.chdir(before)
    assert not made.failed
    return made.folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        message = "no Chromium on this machine: install it (Debian: apt-get install chromium)"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*QUIET, *root])
        yield browser
        browser.close()


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def opened(browser: Browser, file: Path, size: str) -> tuple[Page, list[str]]:
    """Open a page from disk; return it and everything that it asked for or complained of."""
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, offline=True)
    noise: list[str] = []
    page.on(
        "request",
        lambda r: None if r.url == file.as_uri() or r.url.startswith("data:") else noise.append(r.url),
    )
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.goto(file.as_uri())
    page.evaluate("document.fonts.ready")
    return page, noise


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_from_disk_and_asks_nothing_of_the_network(
    browser: Browser, folder: Path, name: str, size: str
) -> None:
    page, noise = opened(browser, folder / f"{name}.html", size)
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}-{size}.png", full_page=True)
    assert noise == []
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{wider} px wider than the screen"
    page.close()


@pytest.mark.parametrize("name", [p for p in PAGES if p not in ("index", "plan_check")])
def test_the_first_screen_on_a_desk_says_where_the_quarter_stands(
    browser: Browser, folder: Path, name: str
) -> None:
    page, _ = opened(browser, folder / f"{name}.html", "desktop")
    last_point = page.locator(".key li").last.bounding_box()
    assert last_point is not None
    assert last_point["y"] + last_point["height"] <= SIZES["desktop"][1]
    about = page.locator(".about").inner_text()
    assert "洞头区" in about
    assert "2026年三季度" in about
    assert "数据截至 2026-10-" in about
    page.close()


@pytest.mark.parametrize(
    "name", ["employment", "skills", "wages", "relations", "arrears", "disputes", "supervision", "plan_check"]
)
def test_every_figure_shows_its_chinese_in_the_face_that_the_page_carries(
    browser: Browser, folder: Path, name: str
) -> None:
    page, _ = opened(browser, folder / f"{name}.html", "desktop")
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
    words = "drawings => drawings.map(d => [...d.querySelectorAll('text')].map(t => t.textContent).join(''))"
    shown = page.locator("figure svg").evaluate_all(words)
    assert len(shown) == len(figures)
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in shown)
    page.close()


def test_every_link_between_the_pages_leads_somewhere(browser: Browser, folder: Path) -> None:
    for file in [folder.parents[1] / "index.html", *folder.glob("*.html")]:
        page, _ = opened(browser, file, "desktop")
        for link in page.locator("a[href]").evaluate_all("links => links.map(a => a.href)"):
            address, _, fragment = str(link).partition("#")
            assert address.startswith("file:")
            target = Path(address.removeprefix("file://"))
            assert target.is_file(), f"{file.name} links to {link}"
            if fragment and target == file:
                assert page.locator(f'[id="{fragment}"]').count() == 1
        page.close()


def test_a_table_prints_on_a4_without_running_off_the_sheet(browser: Browser, folder: Path) -> None:
    page, _ = opened(browser, folder / "overview.html", "desktop")
    page.set_viewport_size({"width": 688, "height": 1000})  # 182 mm at 96 dots an inch: A4 less its margins
    page.emulate_media(media="print")
    widest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('table')].map(t => t.getBoundingClientRect().right))"
    )
    assert widest <= 688 + 1
    page.close()
