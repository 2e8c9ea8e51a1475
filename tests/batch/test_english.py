"""A report in English: published beside the Chinese one, its texts those tagged for it, nothing of either lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from workspaces import copy_workspace, tree, write_notebook

import laoyou
from laoyou.batch.publish import mend
from laoyou.pages.page import TEMPLATE
from laoyou.workspace import Workspace

QUARTER = "330305/2026Q3"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a small workspace whose quarter is published in Chinese, then in English."""
    made = copy_workspace(tmp_path_factory.mktemp("english"))
    file = write_notebook(
        made, "small",
        "import laoyou as ly\nview = ly.open_view(region=region, quarter=quarter, as_of=as_of, data=data, lang=lang)\nview.label",
    )  # fmt: skip
    notebook = nbformat.read(file, as_version=4)
    notebook.cells[0].metadata["tags"] = ["lang-zh"]
    english = nbformat.v4.new_markdown_cell(
        "# Small: a title\n\nWhat is asked?", metadata={"tags": ["lang-en"]}
    )
    notebook.cells.insert(1, english)
    nbformat.write(notebook, file)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made.root)
        assert not laoyou.run("2026Q3").failed
        chinese = tree(made.outputs / QUARTER)
        assert not laoyou.run("2026Q3-en").failed
    now = tree(made.outputs / QUARTER)
    told = ("index.html", "run.json")  # which lead to the English pages, and say that the way in is listed
    assert {k: v for k, v in now.items() if k not in told} == {
        k: v for k, v in chinese.items() if k not in told
    }
    assert b"English" in now["index.html"]
    return made


def page(file: Path) -> BeautifulSoup:
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def test_each_language_has_its_own_folder_and_texts(workspace: Workspace) -> None:
    chinese = page(workspace.outputs / QUARTER / "small.html")
    english = page(workspace.outputs / "en" / QUARTER / "small.html")
    for found, lang, title, label in (
        (chinese, "zh-CN", "small：标题", "2026年三季度"),
        (english, "en", "Small: a title", "Q3 2026"),
    ):
        assert found.html is not None
        assert found.html["lang"] == lang
        assert [h.get_text() for h in found.find_all("h1")] == [title]
        assert found.title is not None
        assert found.title.get_text() == title
        assert label in found.main.get_text()  # type: ignore[union-attr]
    assert "标题" not in english.get_text()
    assert "Small" not in chinese.get_text()


def test_the_first_pages_of_a_report_in_english_are_in_english(workspace: Workspace) -> None:
    folder = workspace.outputs / "en"
    for file in ("index.html", "330305/index.html", f"{QUARTER}/index.html"):
        found = page(folder / file)
        assert found.html is not None
        assert found.html["lang"] == "en"
        assert "Dongtou District" in found.get_text()
    manifest = json.loads((folder / QUARTER / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["region_name"] == "Dongtou District"
    assert manifest["notebooks"]["small"]["title"] == "Small: a title"
    assert manifest["documents"]["files"] == {}  # the office's own papers are made by the Chinese run


def test_nothing_changed_means_nothing_is_run_again_in_either_language(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace.root)
    for quarter in ("2026Q3", "2026Q3-en"):
        assert laoyou.run(quarter).unchanged == ("small",)


def test_what_a_killed_run_left_in_the_english_folder_is_mended_too(workspace: Workspace) -> None:
    left = workspace.outputs / "en/330305/.2026Q3.abcd.partial"
    left.mkdir()
    mend(workspace.outputs)
    assert not left.exists()


def test_plain_nbconvert_speaks_the_language_that_the_notebook_was_run_in(
    workspace: Workspace, tmp_path: Path
) -> None:
    executed = workspace.outputs / "en" / QUARTER / "notebooks/small.ipynb"
    words = [
        "--to",
        "html",
        "--template",
        TEMPLATE.name,
        f"--TemplateExporter.extra_template_basedirs={TEMPLATE.parent}",
    ]
    subprocess.run(
        [sys.executable, "-m", "nbconvert", *words, "--output-dir", str(tmp_path), str(executed)],
        check=True, capture_output=True,
    )  # fmt: skip
    found = page(tmp_path / "small.html")
    assert found.html is not None
    assert found.html["lang"] == "en"
    assert [h.get_text() for h in found.find_all("h1")] == ["Small: a title"]
