import ast
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest
import yaml
from workspaces import ROOT

from laoyou.language import LANGUAGES
from laoyou.pages.page import said_in

FILES = sorted((ROOT / "notebooks").glob("*.ipynb"))
PARAMETERS = ("region", "quarter", "as_of", "data", "lang")
QUESTION_MARKS = {"zh": "？", "en": "?"}
IN_EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
NOTEBOOKS = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])


@cache
def read(file: Path) -> nbformat.NotebookNode:
    return nbformat.read(file, as_version=4)


def tagged(cell: nbformat.NotebookNode) -> bool:
    return "parameters" in cell.metadata.get("tags", [])


def page(file: Path, language: str) -> list[nbformat.NotebookNode]:
    """Return the cells that a page in a language is made of."""
    return [cell for cell in read(file).cells if said_in(cell.metadata.get("tags", []), language)]


def code(file: Path) -> list[nbformat.NotebookNode]:
    """Return the code cells after the parameters: the one that loads, and the answers."""
    return [cell for cell in read(file).cells if cell.cell_type == "code" and not tagged(cell)]


def nodes(file: Path) -> list[ast.AST]:
    """Return every node of a notebook's code but the parameters."""
    return [node for cell in code(file) for node in ast.walk(ast.parse(cell.source))]


def test_there_is_a_notebook_for_every_question() -> None:
    assert {file.stem for file in FILES} >= {
        "overview", "employment", "skills", "wages", "relations", "arrears", "disputes", "supervision", "methods",
        "plan_check",
    }  # fmt: skip


@NOTEBOOKS
def test_a_notebook_is_valid_and_committed_without_outputs(file: Path) -> None:
    raw = json.loads(file.read_text(encoding="utf-8"))
    nbformat.validate(raw)
    for cell in raw["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        assert set(cell["metadata"]) <= {"tags"}
    assert raw["metadata"]["kernelspec"]["name"] == "python3"


@NOTEBOOKS
@IN_EACH_LANGUAGE
def test_a_notebook_is_short(file: Path, language: str) -> None:
    assert 4 <= len(page(file, language)) <= 12


@NOTEBOOKS
def test_every_text_stands_in_each_language_side_by_side(file: Path) -> None:
    tags = [cell.metadata.get("tags") for cell in read(file).cells if cell.cell_type == "markdown"]
    assert tags == [[f"lang-{language}"] for _ in tags[:: len(LANGUAGES)] for language in LANGUAGES]


@NOTEBOOKS
@IN_EACH_LANGUAGE
def test_a_notebook_begins_with_its_title_and_what_it_asks(file: Path, language: str) -> None:
    first = page(file, language)[0]
    assert first.cell_type == "markdown"
    assert re.match(r"# \S+", first.source)
    title, *rest = [line for line in first.source.splitlines() if line.strip()]
    assert {"zh": "：", "en": ": "}[language] in title  # the part before it names the page in the menu
    assert len(rest) == 1
    headings = [
        line
        for c in page(file, language)
        if c.cell_type == "markdown"
        for line in c.source.splitlines()
        if re.match(r"#\s", line)
    ]
    assert headings == [title]


@NOTEBOOKS
def test_the_parameters_are_plain_literals_each_with_a_type_and_a_comment(file: Path) -> None:
    [cell] = [cell for cell in read(file).cells if tagged(cell)]
    statements = ast.parse(cell.source).body
    assert all(isinstance(s, ast.AnnAssign) and isinstance(s.value, ast.Constant) for s in statements)
    assert tuple(ast.unparse(s.target) for s in statements if isinstance(s, ast.AnnAssign)) == PARAMETERS
    assert all(re.search(r"  # \S", line) for line in cell.source.splitlines())
    assert page(file, "zh").index(cell) == 1


def test_all_notebooks_declare_the_same_parameters() -> None:
    assert len({next(c.source for c in read(file).cells if tagged(c)) for file in FILES}) == 1


@NOTEBOOKS
def test_a_notebook_defines_nothing_and_imports_the_library_alone(file: Path) -> None:
    forbidden = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.ImportFrom)
    assert [ast.unparse(node) for node in nodes(file) if isinstance(node, forbidden)] == []
    imports = [ast.unparse(node) for node in nodes(file) if isinstance(node, ast.Import)]
    assert imports == ["import laoyou as ly"]


@NOTEBOOKS
def test_no_number_stands_in_a_notebook(file: Path) -> None:
    numbers = [
        ast.unparse(node)
        for node in nodes(file)
        if isinstance(node, ast.Constant) and type(node.value) in (int, float, complex)
    ]
    assert numbers == []


@NOTEBOOKS
def test_the_first_code_cell_loads_and_each_later_one_is_a_single_expression(file: Path) -> None:
    load, *answers = code(file)
    imported, opened, head = ast.parse(load.source).body
    assert ast.unparse(imported) == "import laoyou as ly"
    assert (
        ast.unparse(opened)
        == "view = ly.open_view(region=region, quarter=quarter, as_of=as_of, data=data, lang=lang)"
    )
    assert isinstance(head, ast.Expr)
    assert answers
    for cell in answers:
        [statement] = ast.parse(cell.source).body
        assert isinstance(statement, ast.Expr)
        assert isinstance(statement.value, ast.Call)
    assert ast.unparse(ast.parse(answers[-1].source)).startswith("ly.closing(view")


@NOTEBOOKS
@IN_EACH_LANGUAGE
def test_every_question_is_followed_by_one_answer(file: Path, language: str) -> None:
    cells = page(file, language)
    kinds = "".join("m" if cell.cell_type == "markdown" else "c" for cell in cells)
    assert re.fullmatch(r"mcc(mc)+c", kinds)  # title, parameters, load; question and answer; the foot
    for cell in cells[1:]:
        if cell.cell_type == "markdown":
            assert re.match(rf"## [^\n]+{re.escape(QUESTION_MARKS[language])}(\n|$)", cell.source)


@NOTEBOOKS
def test_cells_are_named_by_their_number(file: Path) -> None:
    assert [cell.id for cell in read(file).cells] == [f"cell-{n}" for n in range(len(read(file).cells))]


def test_every_parameters_file_gives_what_the_notebooks_declare() -> None:
    files = [p for p in sorted((ROOT / "params").glob("*.yml")) if p.name != "rules.yml"]
    assert files
    for file in files:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert tuple(content) == PARAMETERS, file.name
        assert file.stem in (content["quarter"], f"{content['quarter']}-{content['lang']}")


# By hand: without the command of this library


def papermill(notebook: str, out: Path, folder: Path) -> nbformat.NotebookNode:
    """Run a notebook with papermill's own command from a folder; return it as executed."""
    parameters = ROOT / "params" / "2026Q3.yml"
    words = [notebook, str(out), "-f", str(parameters), "--no-progress-bar"]
    done = subprocess.run(
        [sys.executable, "-m", "papermill", *words], cwd=folder, capture_output=True, encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"}, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return nbformat.read(out, as_version=4)


@pytest.mark.parametrize(
    ("notebook", "folder"),
    [("notebooks/arrears.ipynb", "."), ("arrears.ipynb", "notebooks")],
    ids=["from the root", "from its own folder, as JupyterLab does"],
)
def test_a_notebook_runs_under_plain_papermill(tmp_path: Path, notebook: str, folder: str) -> None:
    executed = papermill(notebook, tmp_path / "out.ipynb", ROOT / folder)
    answers = [c for c in executed.cells if c.cell_type == "code" and not c.metadata.get("tags")]
    shown = [output.data.get("text/html", "") for cell in answers for output in cell.outputs]
    assert len(shown) == len(answers)
    assert "2026年三季度" in shown[0]
    assert "<svg" in shown[1]
    assert "<table" in shown[2]
