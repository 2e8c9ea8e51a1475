"""Problem lists of units: written as the office would send them, filled in as units would, with Excel's own ways."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from intakes import small_workspace
from openpyxl.worksheet.worksheet import Worksheet
from workspaces import write_notebook

from laoyou.supervise import write_lists
from laoyou.supervision.sheet import (
    BY_COLUMN,
    COLUMN,
    DAY_COLUMN,
    FIRST_ROW,
    HEAD_ROW,
    KEY,
    MARKS,
    SHEET,
    Column,
)
from laoyou.workspace import Workspace

BUREAU, MARKET, UNION = "区人力社保局", "区市场监管局", "区总工会"
QUARTER, DAY = "2026Q3", "2026-11-10"
LOG = "sample/supervision/events.csv"


def list_workspace(root: Path) -> Workspace:
    """Copy the shipped workspace with its sample events, without the sample figures, which are long."""
    workspace = small_workspace(root)
    write_notebook(workspace, "small", "quarter")
    return workspace


@cache
def blank_lists() -> Mapping[str, bytes]:
    """Return the shipped workspace's lists, by unit."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = list_workspace(Path(folder) / "checkout")
        with contextlib.chdir(workspace.root):
            files = write_lists(QUARTER, DAY, Path(folder) / "lists", today=dt.date.fromisoformat(DAY))
            return {file.stem: file.read_bytes() for file in files}


def edited(content: bytes, edit: Callable[[openpyxl.Workbook, Worksheet], object]) -> bytes:
    """Return a workbook after an edit of the book and its list."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    edit(book, book[SHEET])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def line_of(sheet: Worksheet, number: str) -> int:
    """Return the line of a matter."""
    keys = {sheet.cell(row, COLUMN[KEY]).value: row for row in range(FIRST_ROW, sheet.max_row + 1)}
    return keys[number]


def filled_list(
    lines: Mapping[str, Mapping[Column, Any]],
    unit: str = UNION,
    *,
    by: str = "",
    on: Any = None,
    blank: bytes = b"",
) -> bytes:
    """Return a unit's list with some cells filled in, by number and column."""

    def fill(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        for number, cells in lines.items():
            for column, value in cells.items():
                cell = sheet.cell(line_of(sheet, number), COLUMN[column])
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
        for column, value in ((BY_COLUMN, by), (DAY_COLUMN, on)):
            if value:
                sheet.cell(HEAD_ROW, column).value = value

    return edited(blank or blank_lists()[unit], fill)


def marks_of(book: openpyxl.Workbook) -> Worksheet:
    """Return the hidden sheet of a list."""
    return book[MARKS]


OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def needs_office() -> str:
    """Return LibreOffice's command; skip the test where it is absent, but not where all must be tested."""
    if OFFICE is None:
        if os.environ.get("CI") == "true":
            pytest.fail("LibreOffice is absent: install libreoffice-writer-nogui and libreoffice-calc-nogui")
        pytest.skip("LibreOffice is absent")
    return OFFICE


def converted(content: bytes, name: str, to: str, folder: Path) -> bytes:
    """Return a file as LibreOffice opens it and saves it again."""
    command = needs_office()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    out = folder / "out"
    subprocess.run(
        [command, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", to,
         "--outdir", str(out), str(folder / name)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    [made] = out.iterdir()
    return made.read_bytes()
