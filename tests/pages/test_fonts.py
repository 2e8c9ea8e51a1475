"""The face that pages carry with them: what it holds, and that it holds every character of the shipped quarter."""

import ast
import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from workspaces import ROOT

from laoyou.batch import portal
from laoyou.batch.jobs import Outcome
from laoyou.markup import Html, plain
from laoyou.pages import fonts
from laoyou.pages.page import heading, notebook_page, template_page
from laoyou.view import open_view

LARGEST = 400_000  # bytes; a page is one file and travels by mail


def held(address: str) -> frozenset[str]:
    """Return the characters of a face embedded in a stylesheet."""
    kind, _, content = address.partition(",")
    assert kind == "data:font/woff2;base64"
    with TTFont(io.BytesIO(base64.b64decode(content, validate=True))) as font:
        return frozenset(map(chr, font.getBestCmap()))


def run(file: Path) -> nbformat.NotebookNode:
    """Run a notebook's cells in this process and return it with what they show."""
    notebook = nbformat.read(file, as_version=4)
    names: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        *body, last = ast.parse(cell.source).body
        if not isinstance(last, ast.Expr):
            body, last = [*body, last], None  # type: ignore[assignment]
        exec(compile(ast.Module(body, []), str(file), "exec"), names)
        shown = eval(compile(ast.Expression(last.value), str(file), "eval"), names) if last else None
        if isinstance(shown, Html):
            cell.outputs = [
                nbformat.v4.new_output("execute_result", shown._repr_mimebundle_(), execution_count=1)
            ]
    return notebook


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """The pages of the shipped quarter by name."""

    def made() -> Iterator[tuple[str, str]]:
        files = sorted((ROOT / "notebooks").glob("*.ipynb"))
        titles = [heading(nbformat.read(file, as_version=4), "zh") for file in files]
        listed = [
            {"file": f"{file.stem}.html", "title": title, "short": title.split("：")[0], "question": title}
            for file, title in zip(files, titles, strict=True)
        ]
        for file in files:
            yield file.stem, notebook_page(run(file), listed)
        view = open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")
        outcomes = [
            Outcome(Path(page["file"]).stem, page["title"], page["question"], "", 0.0) for page in listed
        ]
        yield "index", portal.quarter_page(view, outcomes, [], [])
        yield "portal", template_page("portal.html.j2", regions={}, twins="")

    return dict(made())


NAMES = (
    "arrears", "disputes", "employment", "methods", "overview", "plan_check", "relations", "skills", "supervision", "wages",
    "index", "portal",
)  # fmt: skip


def test_every_page_of_the_quarter_is_looked_at(pages):
    assert set(pages) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_character_of_a_page_is_in_the_face_that_it_carries(pages, name):
    body = pages[name].partition("<body>")[2]
    shown = {c for c in plain(body) if not c.isspace()}
    shown |= {c for label in re.findall(r'data-label="([^"]*)"', body) for c in label}
    address = re.search(r"url\((data:[^)]+)\)", pages[name])
    assert address is not None
    assert shown <= held(address[1])
    assert {ord(c) for c in shown} <= fonts.covered()


@pytest.mark.parametrize("name", NAMES)
def test_the_face_of_a_page_is_small(pages, name):
    address = re.search(r"url\((data:[^)]+)\)", pages[name])
    assert address is not None
    assert len(address[1]) < LARGEST


def test_the_same_characters_are_the_same_bytes_in_any_order():
    first = fonts.embedded("洞头区目标进展")
    fonts._embedded.cache_clear()
    assert fonts.embedded("展进标目区头洞洞洞") == first


def test_a_face_holds_what_was_asked_for_what_always_may_show_and_no_more():
    characters = held(fonts.embedded("洞头■▲◆●○—−±％“”"))
    assert set("洞头■▲◆●○—−±％“”") <= characters
    assert set("09azAZ ~") <= characters
    assert "温" not in characters


def test_more_characters_make_a_larger_face():
    assert len(fonts.embedded("洞")) < len(fonts.embedded("洞头区目标进展报告城镇新增就业人数"))


def test_the_face_covers_the_marks_and_signs_that_pages_use():
    assert {ord(c) for c in "■▲◆●○—−±×·→“”《》〔〕、。，；：？！（）"} <= fonts.covered()


def test_matplotlib_draws_with_the_packaged_face_and_not_with_one_of_the_machine():
    assert fonts.register() == fonts.FAMILY
    found = font_manager.findfont(fonts.FAMILY, fallback_to_default=False)
    assert Path(str(found)) == fonts._file()


def test_the_face_states_no_names_of_its_own():
    content = base64.b64decode(fonts.embedded("洞").partition(",")[2])
    with TTFont(io.BytesIO(content)) as font:
        assert not {"GSUB", "GPOS", "vmtx"} & set(font.keys())
        assert len(font["name"].names) == 0
