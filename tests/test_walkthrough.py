"""The newcomer's story of README, "A quarter's figures", with the real commands."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from intakes import BUREAU, SAMPLE, command, ledger_rows
from workspaces import ROOT, copy_workspace, tree

from laoyou.batch.publish import RUN
from laoyou.console import OK
from laoyou.workspace import Workspace

NOTEBOOKS = ("overview", "relations")
FIRST, SECOND, THIRD = "2026-11-02", "2026-11-03", "2026-11-04"
EXPORT = "data/sample/exports/zheli-hexie.csv"
FORM = f"outputs/330305/forms/2026Q3/{BUREAU}.xlsx"


@dataclass(frozen=True)
class Step:
    """What a step said, and how everything published and the data stood after it."""

    said: str
    pages: dict[str, bytes]
    data: dict[str, bytes]

    def page(self, name: str) -> str:
        """Return a page of the quarter as text."""
        return self.pages[f"330305/2026Q3/{name}.html"].decode("utf-8")


def step(workspace: Workspace, *words: str) -> Step:
    done = command(workspace, *words, timeout=300, env={**os.environ, "PYTHONUTF8": "1", "COLUMNS": "200"})
    assert done.returncode == OK, done.stderr
    assert "Traceback" not in done.stderr
    published = {
        name: content
        for name, content in tree(workspace.outputs).items()
        if not name.startswith("330305/forms/") and not name.endswith(RUN)
    }
    return Step(done.stdout, published, tree(workspace.data))


def fill_in(file: Path, jobs: int) -> None:
    """Fill in the bureau's form as its reader does: one figure, and that it is for trying out only."""
    book = openpyxl.load_workbook(file)
    sheet = book["填报表"]
    rows = range(1, sheet.max_row + 1)
    [head] = [row for row in rows if sheet.cell(row, 2).value == "指标"]
    column = {sheet.cell(head, n).value: n for n in range(1, sheet.max_column + 1)}
    [row] = [row for row in rows if sheet.cell(row, 2).value == "城镇新增就业人数"]
    sheet.cell(row, column["数值"]).value = jobs
    sheet.cell(row, column["数据性质"]).value = "演示数据"
    book.save(file)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = copy_workspace(tmp_path_factory.mktemp("story") / "checkout")
    for name in NOTEBOOKS:
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", workspace.notebooks)
    return workspace


@pytest.fixture(scope="module")
def story(workspace: Workspace) -> dict[str, Step]:
    """Return the steps of the story, one after another."""
    steps = {"published": step(workspace, "run", "2026Q3")}
    steps["form"] = step(workspace, "form", "2026Q3")
    fill_in(workspace.root / FORM, 1100)
    steps["form taken in"] = step(workspace, "intake", FORM, "--yes", "--reported-on", FIRST)
    steps["export taken in"] = step(workspace, "intake", EXPORT, "--yes", "--reported-on", FIRST)
    steps["export again"] = step(workspace, "intake", EXPORT, FORM, "--yes", "--reported-on", SECOND)
    steps["run later"] = step(workspace, "run", "2026Q3", "--as-of", SECOND)
    export = workspace.root / EXPORT
    text = export.read_bytes().decode("gb18030")
    assert text.count("2026年1—9月,86,20,,") == 1
    export.write_bytes(text.replace("2026年1—9月,86,20,,", "2026年1—9月,86,25,,").encode("gb18030"))
    steps["corrected"] = step(workspace, "intake", EXPORT, "--yes", "--reported-on", THIRD)
    steps["history"] = step(workspace, "history", "employment_checkups", "--period", "2026Q3")
    steps["status corrected"] = step(workspace, "status", "2026Q3", "--as-of", THIRD)
    steps["status before"] = step(workspace, "status", "2026Q3", "--as-of", SECOND)
    steps["run as on its day"] = step(workspace, "run", "2026Q3")
    return steps


def words_of(page: str) -> str:
    """Return the words of a page without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def light(page: str, name: str) -> str:
    """Return the row of the scorecard of an indicator as words."""
    [row] = [row for row in re.findall(r"<tr\b.*?</tr>", page, re.S) if f">{name}<" in row and "家次" in row][
        :1
    ]
    return words_of(row)


CHECKUPS = "为企业提供劳动用工体检家次数"


def test_the_platform_export_of_the_story_is_in_gb18030() -> None:
    content = (ROOT / EXPORT).read_bytes()
    assert "浙里和谐劳动关系" in content.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")


def test_the_steps_are_those_of_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"^(laoyou .+?)\s+# \d", text, re.M)
    assert told[:3] == ["laoyou form 2026Q3", f"laoyou intake {FORM}", f"laoyou intake {EXPORT}"]
    assert [re.sub(r"\d{4}-\d\d-\d\d", "DAY", words) for words in told[3:6]] == [
        "laoyou run 2026Q3 --as-of DAY",
        "laoyou history employment_checkups --period 2026Q3",
        "laoyou run 2026Q3",
    ]


def test_before_the_export_there_is_no_figure(story: dict[str, Step]) -> None:
    row = light(story["published"].page("overview"), CHECKUPS)
    assert "无数据" in row


def test_a_form_for_each_unit_is_made(workspace: Workspace, story: dict[str, Step]) -> None:
    files = sorted((workspace.outputs / "330305" / "forms" / "2026Q3").glob("*.xlsx"))
    assert len(files) == 3
    assert all(file.name in story["form"].said for file in files)
    assert story["form"].pages == story["published"].pages


def test_the_form_and_the_export_are_taken_in_as_sample_figures(
    workspace: Workspace, story: dict[str, Step]
) -> None:
    assert "已录入 1 个数：data/sample/intake.csv。" in story["form taken in"].said
    assert "共 42 个数：新增 0、更改 1、相同 41、保留原数 0。" in story["export taken in"].said
    assert f"laoyou run 2026Q3 --as-of {FIRST}" in story["export taken in"].said
    rows = [
        (
            r["indicator"],
            r["period"],
            r["value"],
            r["status"],
            r["reported_on"],
            r["note"],
        )
        for r in ledger_rows(workspace, SAMPLE)
    ]
    assert rows == [
        ("new_urban_jobs", "2026Q3", "1100", "sample", FIRST, "更正：原 1095"),
        ("employment_checkups", "2026Q3", "20", "sample", FIRST, "补报：此前未报"),
        ("employment_checkups", "2026Q3", "25", "sample", THIRD, "更正：原 20"),
    ]


def test_what_was_taken_in_before_adds_nothing(story: dict[str, Step]) -> None:
    assert "没有要录入的，台账没有改动。" in story["export again"].said
    assert story["export again"].data == story["export taken in"].data


def test_the_report_changes_and_the_light_leaves_no_data(story: dict[str, Step]) -> None:
    later = light(story["run later"].page("overview"), CHECKUPS)
    assert "无数据" not in later
    assert re.search(r"\b20 家次", later)
    assert "1,095 人" in words_of(story["published"].page("overview"))
    assert "1,100 人" in words_of(story["run later"].page("overview"))
    assert all(story["published"].page(name) != story["run later"].page(name) for name in NOTEBOOKS)


def test_the_correction_is_known_from_its_day_on(story: dict[str, Step]) -> None:
    for at, figure in {"status before": "20 家次", "status corrected": "25 家次"}.items():
        [line] = [line for line in story[at].said.splitlines() if CHECKUPS in line and "29 家次" in line]
        assert figure in line


def test_history_shows_the_figure_and_its_correction(story: dict[str, Step]) -> None:
    said = story["history"].said
    assert all(
        word in said for word in (FIRST, THIRD, "20 家次", "25 家次", "更正：原 20", "data/sample/intake.csv")
    )
    assert said.index("20 家次") < said.index("25 家次")


def test_last_quarters_report_is_made_again_to_the_byte_as_it_was_known_then(story: dict[str, Step]) -> None:
    assert story["run as on its day"].pages == story["published"].pages
    assert story["run later"].pages != story["published"].pages
    assert story["run as on its day"].data == story["corrected"].data
