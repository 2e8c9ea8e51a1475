"""The reports of two quarters in a real browser, shared by the tests that look at pages."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from workspaces import ROOT

from laoyou.batch import report
from laoyou.batch.printing import BROWSERS

ARTEFACTS = ROOT / "test-artefacts"
QUARTERS = ("2026Q2", "2026Q3")
NAMES = (
    "index", "overview", "employment", "skills", "wages", "relations", "arrears", "disputes", "supervision", "methods",
    "plan_check",
)  # fmt: skip
PLACES = {"zh": "", "en": "en/"}  # of each language below the folder of reports
_OF_EACH = ("index.html", "330305/index.html", *(f"330305/{q}/{n}.html" for q in QUARTERS for n in NAMES))
FILES = tuple(place + file for place in PLACES.values() for file in _OF_EACH)
WIDTHS = {"phone": 320, "tablet": 768, "desktop": 1280}
SCHEMES = ("light", "dark")
QUIET = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
# Screen dots of 96 to the inch across A4 less its margins: 210 - 2 x 14 mm.
SHEET = 688


def make_reports(
    root: Path,
    quarters: tuple[str, ...] = QUARTERS,
    change: Callable[[Path], None] | None = None,
    languages: tuple[str, ...] = tuple(PLACES),
) -> Path:
    """Make reports from the shipped data by the command's own function and return the folder of outputs.

    Parameters
    ----------
    root : where the workspace goes
    quarters : which
    change : what to do to the copied workspace first
    languages : in which
    """
    for name in ("data", "params", "notebooks"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    if change is not None:
        change(root)
    before = Path.cwd()
    os.chdir(root)
    try:
        for quarter in quarters:
            text = (root / f"params/{quarter}.yml").read_text(encoding="utf-8")
            for language in languages:
                file = Path(f"params/{quarter}.{language}.yml")
                file.write_text(text.replace("lang: zh", f"lang: {language}"), encoding="utf-8")
                assert not report.run(str(file)).failed
    finally:
        os.chdir(before)
    return root / "outputs"


def installed_browser() -> str:
    """Return the browser that is there. Without one a run of CI fails and any other skips."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        message = "no Chromium on this machine: install it (Debian: apt-get install chromium)"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    return found


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """Open Chromium."""
    found = installed_browser()
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*QUIET, *root])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, file: Path, width: int = WIDTHS["desktop"]) -> Iterator[tuple[Page, list[str]]]:
    """Open a page from disk; give it and everything that it asks for or complains of."""
    page = browser.new_page(viewport={"width": width, "height": 800}, offline=True)
    noise: list[str] = []
    page.on(
        "request",
        lambda r: None if r.url == file.as_uri() or r.url.startswith("data:") else noise.append(r.url),
    )
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.goto(file.as_uri())
    page.evaluate("document.fonts.ready")
    yield page, noise
    page.close()


def unfold(page: Page) -> None:
    """Fold every part of a page open."""
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
