"""Problem lists that come back through intake: what is written, what is said of it, and what is refused."""

import contextlib
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from intakes import BUREAU
from workspaces import ROOT, copy_workspace, tree

from laoyou.errors import IntakeError
from laoyou.intake.take import Taken, intake
from laoyou.intake.words import take_in
from laoyou.supervise import write_lists
from laoyou.supervision.sheet import COLUMN, FIRST_ROW, MARKS, SHEET, Column
from laoyou.workspace import Workspace

DAY = dt.date(2026, 11, 20)
LOG = "sample/supervision/events.csv"
Fill = Callable[..., Path]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    root = tmp_path / "workspace"
    root.mkdir()
    monkeypatch.chdir(root)
    return copy_workspace(root)


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bureau's list as it goes out."""
    with contextlib.chdir(ROOT):
        lists = write_lists("2026Q3", None, tmp_path_factory.mktemp("lists"), today=DAY)
    return next(file for file in lists if file.stem == BUREAU)


@pytest.fixture
def fill(workspace: Workspace, blank: Path, tmp_path: Path) -> Fill:
    """Return what fills in the first problem of the bureau's list."""

    def filled(name: str = "list.xlsx", progress: str = "", seen: str = "") -> Path:
        book = openpyxl.load_workbook(blank)
        if progress:
            book[SHEET].cell(FIRST_ROW, COLUMN[Column.PROGRESS]).value = progress
        if seen:
            line = next(row for row in book[MARKS].iter_rows() if row[0].value == "row")
            line[2].value = seen
        book.save(tmp_path / name)
        return tmp_path / name

    return filled


def commanded(file: Path, *, yes: bool, answers: bool = False) -> list[str]:
    return take_in([file], day=DAY, today=DAY, mapping=None, quarters=[], yes=yes, terminal=answers)


def test_a_step_is_written_once_and_said_to_be(
    workspace: Workspace, fill: Fill, capsys: pytest.CaptureFixture[str]
) -> None:
    log = workspace.data / LOG
    before = log.read_bytes()
    file = fill(progress="已开会研究")
    assert commanded(file, yes=True) == ["已记下 1 步问题办理。"]
    assert "报告进展" in capsys.readouterr().out
    written = log.read_bytes()
    assert written.startswith(before)
    assert written[len(before) :].decode().count("已开会研究") == 1
    assert commanded(file, yes=True) == ["没有要录入的，台账没有改动。"]
    assert log.read_bytes() == written


def test_a_no_is_told_from_nothing_to_take_in(
    workspace: Workspace, fill: Fill, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, before = fill(progress="已开会研究"), tree(workspace.root)
    monkeypatch.setattr("builtins.input", lambda prompt: "n")
    assert commanded(file, yes=False, answers=True) == ["没有录入，台账没有改动。"]
    assert capsys.readouterr().out.count("报告进展") == 1
    assert tree(workspace.root) == before


def test_a_list_that_changed_while_a_yes_was_awaited_is_not_taken(workspace: Workspace, fill: Fill) -> None:
    file = fill(progress="已开会研究")
    log = (workspace.data / LOG).read_bytes()

    def confirm(*_: object) -> bool:
        fill(progress="另一句话")
        return True

    with pytest.raises(IntakeError, match="在确认期间"):
        intake([file], day=DAY, confirm=confirm, asks=True)
    assert (workspace.data / LOG).read_bytes() == log


@pytest.mark.parametrize("seen", ["²", "9" * 5000, "-1", "1.0", "x"])
def test_a_mark_that_was_tampered_with_is_refused(workspace: Workspace, fill: Fill, seen: str) -> None:
    file, before = fill(progress="已开会研究", seen=seen), tree(workspace.root)
    with pytest.raises(IntakeError) as refusal:
        intake([file], day=DAY)
    assert "标记" in refusal.value.problems[0].found
    assert tree(workspace.root) == before


def test_another_copy_that_says_otherwise_overrides_nothing(workspace: Workspace, fill: Fill) -> None:
    first, second = fill("一.xlsx", progress="已开会研究"), fill("二.xlsx", progress="还没有开会")
    taken: Taken = intake([first], day=DAY)
    assert taken.written
    log = (workspace.data / LOG).read_bytes()
    with pytest.raises(IntakeError, match="没有覆盖"):
        intake([second], day=DAY)
    assert (workspace.data / LOG).read_bytes() == log
