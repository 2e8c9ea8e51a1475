"""Files to take in, made by the tests: forms filled in and exports; and the command that takes them in."""

import contextlib
import csv
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
from workspaces import ROOT, copy_workspace

from laoyou.forms.write import write_forms
from laoyou.workspace import Workspace

COMMAND = shutil.which("laoyou", path=str(Path(sys.executable).parent)) or "laoyou"
BUREAU, MARKET, UNION = "区人力社保局", "区市场监管局", "区总工会"
REPORTED, SAMPLE = "observations/reported.csv", "sample/intake.csv"
JOBS_HEAD = ("统计期", "城镇新增就业净增（人）")
CASES_HEAD = ("案号", "程序", "收案日期", "结案日期", "处理结果", "所属街道", "申请人", "联系电话")
MARK = "演示数据，非真实记录"


def small_workspace(root: Path) -> Workspace:
    """Copy the shipped workspace without its sample ledger, which is long and no test here needs."""
    workspace = copy_workspace(root)
    (workspace.data / "sample" / "observations.csv").unlink()
    return workspace


def command(workspace: Workspace, *words: str, **more: Any) -> "subprocess.CompletedProcess[str]":
    """Run the installed command in a workspace, with nobody at a terminal."""
    settings: dict[str, Any] = {
        "cwd": workspace.root, "capture_output": True, "encoding": "utf-8", "stdin": subprocess.DEVNULL,
        "env": {**os.environ, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}, "timeout": 120, "check": False,
    }  # fmt: skip
    return subprocess.run([COMMAND, *words], **(settings | more))


@cache
def blank_forms(quarter: str) -> Mapping[str, bytes]:
    """Return the shipped workspace's forms of a quarter, by unit."""
    with contextlib.chdir(ROOT), tempfile.TemporaryDirectory() as folder:
        return {file.stem: file.read_bytes() for file in write_forms(quarter, to=Path(folder))}


def filled(
    cells: Mapping[str, Mapping[str, Any]], unit: str = BUREAU, quarter: str = "2026Q3", blank: bytes = b""
) -> bytes:
    """Return a form with some cells filled in, by measurable and by the word at the head of the column."""
    book = openpyxl.load_workbook(io.BytesIO(blank or blank_forms(quarter)[unit]))
    sheet = book["填报表"]
    head = {sheet.cell(5, column).value: column for column in range(1, sheet.max_column + 1)}
    key = head["laoyou:key"]
    lines = {str(sheet.cell(row, key).value).split("|")[1]: row for row in range(6, sheet.max_row + 1)
             if "|" in str(sheet.cell(row, key).value)}  # fmt: skip
    for id, columns in cells.items():
        for word, value in columns.items():
            cell = sheet.cell(lines[id], head[word])
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def csv_text(*rows: Sequence[object]) -> str:
    """Return rows as the text of a CSV file with the line ends of Windows."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def jobs(figures: Mapping[str, object], title: str = "这里就业创业导出", encoding: str = "utf-8") -> bytes:
    """Return an export of figures: new urban jobs by span."""
    return csv_text((title,), JOBS_HEAD, *figures.items()).encode(encoding)


def case(number: int, **cells: str) -> tuple[str, ...]:
    """Return one arbitration case of this year, closed unless said otherwise."""
    sound = {
        "案号": f"浙温洞劳人仲案字{number:05d}号", "程序": "仲裁", "收案日期": "2026-03-02",
        "结案日期": "2026-05-06", "处理结果": "结案", "所属街道": "北岙街道", "申请人": "某", "联系电话": "略",
    }  # fmt: skip
    return tuple({**sound, **cells}.values())


def cases(*rows: Sequence[str], title: str = "智慧仲裁导出", encoding: str = "gb18030") -> bytes:
    """Return an export of arbitration cases."""
    return csv_text((title,), CASES_HEAD, *rows).encode(encoding)


def put(workspace: Workspace, name: str, content: bytes) -> Path:
    """Write a file to take in into the workspace's folder of things that came; return its path from the root."""
    file = workspace.root / "incoming" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    return Path("incoming") / name


def ledger_rows(workspace: Workspace, file: str = REPORTED) -> list[dict[str, str]]:
    """Return the rows of a ledger file as they stand in it; none where there is no such file."""
    path = workspace.data / file
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
