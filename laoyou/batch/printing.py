"""A published quarter on paper: each page as a PDF, made by a browser that is installed anyway."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from pypdf import PdfWriter

from laoyou.batch.parameter_files import parameters_file
from laoyou.batch.parameters import choose_notebooks, read_parameters
from laoyou.batch.publish import read_manifest, write_atomically
from laoyou.errors import Problem, RunError, WorkspaceError
from laoyou.markup import plain
from laoyou.workspace import find_workspace

BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome", "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)  # fmt: skip
_TITLE = re.compile(r"<title>(.*?)</title>", re.S)
LONGEST = 120  # [s]; a page takes two or three
QUIET = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
)


def print_quarter(quarter: str, *, to: Path | None = None) -> Iterator[Path]:
    """Print a published quarter to PDF, A4, with region, quarter and page numbers on every sheet.

    Each page gives a file; ``<quarter>.pdf`` has all of them, with bookmarks.

    Parameters
    ----------
    quarter : a quarter that params/ has a file for, or the path of such a file
    to : the folder; ``outputs/<region>/print/<quarter>`` if not given

    Yields
    ------
    Each file, as soon as it is there.

    Raises
    ------
    LaoyouError
        If the quarter is not published, no browser is installed, or the browser gives no PDF.
    """
    workspace = find_workspace()
    parameters = read_parameters(
        workspace, parameters_file(workspace, quarter), choose_notebooks(workspace, [])
    )
    region, name = str(parameters["region"]), str(parameters["quarter"])
    reports = workspace.reports(str(parameters["lang"]))
    folder = reports / region / name
    notebooks = read_manifest(folder).get("notebooks", {})
    pages = [file for file in (folder / f"{page}.html" for page in ("index", *notebooks)) if file.is_file()]
    if not notebooks or not pages:
        problem = Problem(name, "这一季还没有发布", remedy=f"先运行 laoyou run {name}")
        raise WorkspaceError(workspace.relative(folder), problem)
    browser = find_browser()
    into = to or reports / region / "print" / name
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise RunError(into, Problem("目录", f"写不进去（{cause}）", remedy="核对目录权限")) from None
    printed = {}
    for page in pages:
        file = into / f"{page.stem}.pdf"
        printed[title_of(page)] = content = pdf(page, browser)
        write_atomically(file, content)
        yield file
    file = into / f"{name}.pdf"
    write_atomically(file, bound(printed))
    yield file


def title_of(page: Path) -> str:
    """Return the title of a published page."""
    return plain(_TITLE.findall(page.read_text(encoding="utf-8"))[0])


def bound(parts: Mapping[str, bytes]) -> bytes:
    """Return some PDFs as one.

    Parameters
    ----------
    parts : each PDF by the title of its bookmark; the first title is that of the whole
    """
    book, content = PdfWriter(), io.BytesIO()
    for title, part in parts.items():
        book.append(io.BytesIO(part), outline_item=title, import_outline=False)
    book.add_metadata({"/Title": next(iter(parts))})
    book.compress_identical_objects()  # each brings the same fonts
    book.write(content)
    return content.getvalue()


def find_browser() -> str:
    """Return the browser that prints.

    Raises
    ------
    WorkspaceError
        If none is installed.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise WorkspaceError(
            "laoyou print",
            Problem(
                "浏览器",
                "这台机器上没有找到",
                "Chromium、Chrome 或 Edge",
                "装一个再运行（Debian：apt-get install chromium）；也可以在别的机器上打开网页，用浏览器自己的打印",
            ),
        )
    return found


def pdf(page: Path, browser: str) -> bytes:
    """Return a page as a PDF.

    Parameters
    ----------
    page : the file
    browser : what prints it

    Raises
    ------
    RunError
        If the browser gives none in time.
    """
    root = (
        ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    )  # root has no sandbox to enter
    with tempfile.TemporaryDirectory(prefix="laoyou-", ignore_cleanup_errors=True) as work:
        made = Path(work) / "page.pdf"
        words = [browser, *QUIET, *root, f"--user-data-dir={work}/profile", "--no-pdf-header-footer",
                 f"--print-to-pdf={made}", page.absolute().as_uri()]  # fmt: skip
        try:
            done = subprocess.run(words, capture_output=True, timeout=LONGEST, check=False)
            content = made.read_bytes() if made.is_file() else b""
        except subprocess.TimeoutExpired:
            raise RunError(page.name, Problem("打印", f"浏览器 {LONGEST} 秒没有打印完")) from None
        except OSError as cause:
            raise RunError(page.name, Problem("打印", f"浏览器没有运行起来（{cause}）")) from None
    if not content.startswith(b"%PDF"):
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        problem = Problem(
            "打印", f"浏览器没有给出 PDF（{said[-1] if said else f'退出码 {done.returncode}'}）"
        )
        raise RunError(page.name, problem)
    return content
