import html
import json
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from workspaces import copy_workspace, tree, write_notebook

import laoyou
from laoyou.batch.execute import LONGEST, Job, Outcome, _unfinished, build
from laoyou.workspace import Workspace

PARAMETERS = {"region": "330305", "quarter": "2026Q2", "as_of": "", "data": "data", "lang": "zh"}
PAGES = [{"file": "small.html", "title": "small：标题", "short": "small"}]

Build = Callable[..., tuple[Outcome, Path]]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return copy_workspace(tmp_path / "checkout")


@pytest.fixture
def built(workspace: Workspace, tmp_path: Path) -> Build:
    """Return a function that runs a notebook of some code cells; it returns the outcome and the folder."""

    def run(*cells: str, tags: tuple[str, ...] = (), folder: str = "built") -> tuple[Outcome, Path]:
        file = write_notebook(workspace, "small", *cells)
        notebook = nbformat.read(file, as_version=4)
        notebook.cells[-1].metadata["tags"] = list(tags)
        nbformat.write(notebook, file)
        out = tmp_path / folder
        out.mkdir()
        return build(Job("small", file, PARAMETERS, out, PAGES, cell_seconds=60, start_seconds=60)), out

    return run


def executed(folder: Path) -> nbformat.NotebookNode:
    return nbformat.read(folder / "notebooks" / "small.ipynb", as_version=4)


# A notebook that runs through


def test_a_notebook_that_runs_through_gives_a_page_and_itself(built: Build) -> None:
    outcome, folder = built("6 * 7", "quarter")
    assert outcome == Outcome("small", "small：标题", "small 问什么？", "", outcome.seconds)
    assert 0 < outcome.seconds < 60
    assert sorted(tree(folder)) == ["notebooks/small.ipynb", "small.html"]
    page = (folder / "small.html").read_text(encoding="utf-8")
    assert "<pre>42</pre>" in page
    assert "<pre>'2026Q2'</pre>" in html.unescape(page)  # as given, not as the notebook declares it


def test_an_executed_notebook_says_nothing_of_the_time_or_the_machine(built: Build, tmp_path: Path) -> None:
    _, folder = built("quarter")
    notebook = executed(folder)
    nbformat.validate(notebook)
    assert notebook.metadata["papermill"] == {"parameters": PARAMETERS}
    assert [cell.id for cell in notebook.cells] == [f"cell-{n}" for n in range(len(notebook.cells))]
    assert {key for cell in notebook.cells for key in cell.metadata} == {"tags"}
    text = json.dumps(notebook)
    assert str(tmp_path) not in text
    assert sys.prefix not in text
    assert not re.search(r"\d{4}-\d{2}-\d{2}T|start_time|end_time|duration", text)


def test_braces_in_a_path_are_braces(built: Build) -> None:
    outcome, folder = built("6 * 7", folder="{x} {")
    assert outcome.problem == ""
    assert (folder / "notebooks" / "small.ipynb").is_file()


def test_the_same_notebook_gives_the_same_bytes_again(built: Build) -> None:
    first, second = (built("quarter", folder=name)[1] for name in ("first", "second"))
    assert tree(first) == tree(second)


# A notebook that does not


@pytest.mark.parametrize("leave", ["import sys; sys.exit()", "raise SystemExit(3)"])
def test_a_cell_that_leaves_early_gives_no_page(built: Build, leave: str) -> None:
    outcome, folder = built("1", leave, "2")
    assert outcome.problem.startswith("第 4 格")
    assert sorted(tree(folder)) == ["notebooks/small.ipynb"]


def test_an_error_is_told_with_its_cell_and_without_colours(built: Build) -> None:
    outcome, folder = built("1", r"raise ValueError('\x1b[31m红\x1b[0m\x1b[1;32m <b>绿</b>')", "2")
    assert outcome.problem == "第 4 格出错：ValueError：红 <b>绿</b>"  # title, parameters, 1, the error
    assert outcome.title == "small：标题"
    assert sorted(tree(folder)) == ["notebooks/small.ipynb"]
    errors = [
        o for cell in executed(folder).cells for o in cell.get("outputs", []) if o.output_type == "error"
    ]
    assert [error.ename for error in errors] == ["ValueError"]


def test_a_long_error_is_cut_and_stands_whole_in_the_executed_notebook(built: Build) -> None:
    outcome, folder = built("raise ValueError('x' * 3000)")
    assert outcome.problem == f"第 3 格出错：ValueError：{'x' * LONGEST}……"
    assert "x" * 3000 in json.dumps(executed(folder), ensure_ascii=False)


def test_an_error_that_the_notebook_says_it_expects_gives_no_page_either(built: Build) -> None:
    outcome, folder = built("1 / 0", tags=("raises-exception",))
    assert outcome.problem.startswith("第 3 格")
    assert sorted(tree(folder)) == ["notebooks/small.ipynb"]


# What counts as run to the end

new = nbformat.v4


def code(
    source: str = "1", count: int | None = 1, *, error: bool = False, tag: str = ""
) -> nbformat.NotebookNode:
    outputs = [new.new_output("error", ename="E", evalue="", traceback=[])] if error else []
    metadata = {"tags": [tag]} if tag else {}
    return new.new_code_cell(source, execution_count=count, outputs=outputs, metadata=metadata)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ([], ""),
        ([code(), code(count=2)], ""),
        ([new.new_markdown_cell("# 题"), code()], ""),
        ([code(), code("", None), code("\n  \n", None)], ""),
        ([new.new_raw_cell("x"), code()], ""),
        ([code(), code(count=None)], "第 2 格没有运行完"),
        ([code(), code(count=2, error=True), code(count=None)], "第 2 格没有运行完"),
        ([new.new_markdown_cell("# 题"), code(error=True)], "第 2 格没有运行完"),
    ],
    ids=["empty", "all ran", "words", "empty cells", "raw", "not run", "error", "error after words"],
)
def test_every_code_cell_must_have_run_without_an_error(
    cells: list[nbformat.NotebookNode], problem: str
) -> None:
    assert _unfinished(new.new_notebook(cells=cells)) == problem


def test_cells_are_counted_as_the_notebooks_author_sees_them() -> None:
    marker, injected = "papermill-error-cell-tag", "injected-parameters"
    cells = [code(tag=marker), code(), code(tag=injected), code(tag=marker), code(count=None)]
    assert _unfinished(new.new_notebook(cells=cells)) == "第 2 格没有运行完"


def test_where_temporary_files_lie_deep_a_kernel_is_reached_otherwise(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 100)  # no socket can have so long a path
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    write_notebook(workspace, "small", "6 * 7")
    monkeypatch.chdir(workspace.root)
    assert not laoyou.run("2026Q2", jobs=1).failed
