"""A unit's problem list as a workbook: which columns it has, and what it is known by when it comes back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from laoyou.errors import IntakeError, NotAllowedError, Problem
from laoyou.personal import personal_numbers
from laoyou.sheets.cells import plain_text, read_date
from laoyou.sheets.grids import Grid

MARKS = "_laoyou_problems"  # the hidden sheet that says what a list is
SHEET = "问题清单"
KEY = "laoyou:key"  # head of the hidden column of numbers
HEAD = "laoyou:head"  # key of the row of who filled it in and when
VERSION = "1"
SEEN = "[0-9]{1,6}"  # a count of steps
LONGEST = 1000  # characters of a text: what a cell on paper still shows
REMAKE = "用 laoyou problems 重新生成清单，把内容填进新表，存为 .xlsx"


class Column(StrEnum):
    """The columns to fill in, by the words at their head."""

    CAUSE = "原因"
    MEASURES = "整改措施"
    RESPONSIBLE = "责任人"
    PROGRESS = "本次进展"
    APPLY = "申请销号"
    EVIDENCE = "销号依据"


KNOWN = ("编号", "指标", "问题描述", "来源", "配合单位", "交办日期", "整改时限", "状态", "此前进展和督查意见")
OFFICE = ("验收人", "销号日期", "是否报专班")
INPUTS = tuple(Column)
HEADS = (*KNOWN, *INPUTS, *OFFICE)
COLUMN: Mapping[str, int] = {name: number for number, name in enumerate((*HEADS, KEY), 1)}
TITLE_ROW, HEAD_ROW, GUIDE_ROW, HEADER_ROW, FIRST_ROW = range(1, 6)
BY_COLUMN, DAY_COLUMN = (
    COLUMN[Column.PROGRESS],
    COLUMN[Column.EVIDENCE],
)  # of the cells in the head to fill in
YES = "是"


@dataclass(frozen=True)
class Row:
    """What one line of a returned list says.

    Parameters
    ----------
    number : the matter's
    seen : how many of its events were known when the list was written [count]
    texts : what stands in each input column; absent where nothing does
    places : where each input cell is
    """

    number: str
    seen: int
    texts: Mapping[Column, str]
    places: Mapping[Column, str]


@dataclass(frozen=True)
class Returned:
    """A list that came back: whose, and its lines; ``on`` is None where no day was filled in."""

    shown: str
    region: str
    unit: str
    by: str
    on: dt.date | None
    rows: Sequence[Row]


def read_returned(grids: Sequence[Grid], shown: str) -> Returned:
    """Read a problem list that came back.

    Parameters
    ----------
    grids : every sheet of the file
    shown : its name in messages

    Raises
    ------
    IntakeError
        With every problem of the file.
    """
    marks = next(grid for grid in grids if grid.name == MARKS)
    said = {
        _text(marks, row, 1): _text(marks, row, 2)
        for row in range(1, marks.rows + 1)
        if _text(marks, row, 1) != "row"
    }
    seen = {
        _text(marks, row, 2): _text(marks, row, 3)
        for row in range(1, marks.rows + 1)
        if _text(marks, row, 1) == "row"
    }
    found = [grid for grid in grids if grid.name == SHEET]
    sound = said.get("version") == VERSION and all(said.get(n) for n in ("region", "unit"))
    if not found or not sound or not all(re.fullmatch(SEEN, count) for count in seen.values()):
        raise IntakeError(
            shown, Problem("文件", "问题清单的标记或工作表不全", "laoyou problems 生成的工作簿", REMAKE)
        )
    [grid] = found
    problems = [
        Problem(f"工作表「{other.sheet.shown}」", "不是清单里原有的，里面有内容", remedy="删去这一张")
        for other in grids
        if other not in (marks, grid) and any(c.trouble or plain_text(c.value) for c in other.cells.values())
    ]
    if grid.hidden:
        problems.append(Problem(f"工作表「{SHEET}」", "隐藏着", remedy="取消隐藏，核对后再交"))
    heads = {name: _text(grid, HEADER_ROW, COLUMN[name]) for name in HEADS}
    moved = [name for name, head in heads.items() if head != name]
    if moved:
        raise IntakeError(
            shown, Problem(f"第 {HEADER_ROW} 行", f"表头少了或挪了「{moved[0]}」", "、".join(HEADS), REMAKE)
        )
    by, on = _head(grid, problems)
    rows: list[Row] = []
    keys: dict[str, int] = {}
    for number in range(FIRST_ROW, grid.rows + 1):
        key = _text(grid, number, COLUMN[KEY])
        row = _row(grid, number, key, int(seen.get(key, "0")), problems)
        if not key and row.texts:
            problems.append(
                Problem(next(iter(row.places.values())), "这一行填了东西，却没有编号", "清单原有的行", REMAKE)
            )
        elif key in keys:
            problems.append(
                Problem(f"{SHEET} 第 {number} 行", f"{key} 有两行，另一行在第 {keys[key]} 行", "一个问题一行")
            )
        elif key and key not in seen:
            problems.append(
                Problem(f"{SHEET} 第 {number} 行", f"{key} 不是这份清单里的", "清单原有的行", REMAKE)
            )
        elif key:
            keys[key] = number
            rows.append(row)
    problems += [
        Problem(SHEET, f"少了 {key} 一行", "清单原有的行", REMAKE) for key in seen if key not in keys
    ]
    if problems:
        raise IntakeError(shown, problems)
    return Returned(shown, said["region"], said["unit"], by, on, rows)


def _text(grid: Grid, row: int, column: int) -> str:
    value = grid.cell(row, column).value
    return "" if value is None else " ".join(str(value).split())


def _head(grid: Grid, problems: list[Problem]) -> tuple[str, dt.date | None]:
    """Return who filled a list in and when, as far as it says."""
    by, cell = _text(grid, HEAD_ROW, BY_COLUMN), grid.cell(HEAD_ROW, DAY_COLUMN)
    if personal_numbers(by):
        problems.append(
            Problem(grid.place(HEAD_ROW, BY_COLUMN), "填表人里有像身份证号或电话号码的数字", "姓名")
        )
        by = ""
    if not plain_text(cell.value) and not cell.trouble:
        return by, None
    try:
        return by, read_date(cell)
    except NotAllowedError as cause:
        problems.append(Problem(grid.place(HEAD_ROW, DAY_COLUMN), cause.found, cause.allowed))
        return by, None


def _row(grid: Grid, number: int, key: str, seen: int, problems: list[Problem]) -> Row:
    """Return one line; note what in it cannot be accepted."""
    texts: dict[Column, str] = {}
    places = {name: grid.place(number, COLUMN[name]) for name in INPUTS}
    for name in INPUTS:
        cell, text = grid.cell(number, COLUMN[name]), _text(grid, number, COLUMN[name])
        wrong = ""
        if cell.trouble:
            wrong, allowed = f"{name}读不出来（{cell.trouble}）", "文字"
        elif personal_numbers(text):
            wrong, allowed = f"{name}里有像身份证号或电话号码的数字", "不含个人号码的文字"
        elif len(text) > LONGEST:
            wrong, allowed = f"{name}有 {len(text)} 个字", f"不超过 {LONGEST} 个字"
        elif name == Column.APPLY and text not in ("", YES, "否"):
            wrong, allowed = f"「{text[:20]}」", f"{YES}，或空着"
        if wrong:
            problems.append(Problem(places[name], wrong, allowed))
        elif text:
            texts[name] = text
    if number in grid.hidden_rows and key:
        problems.append(
            Problem(f"{SHEET} 第 {number} 行", "是隐藏的行", "看得见的行", "取消隐藏，核对后再交")
        )
    return Row(key, seen, texts, places)
