"""A unit's problem list as a workbook: which columns it has, and what it is known by when it comes back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from laoyou.errors import IntakeError, NotAllowedError, Problem
from laoyou.markup import printable
from laoyou.personal import personal_numbers
from laoyou.sheets.cells import plain_text, read_date
from laoyou.sheets.grids import Grid

MARKS = "_laoyou_problems"  # the hidden sheet that says what a list is
SHEET = "问题清单"
KEY = "laoyou:key"  # head of the hidden column of numbers
HEAD = "laoyou:head"  # key of the row of who filled it in and when
VERSION = "1"
SAMPLE, REAL = "sample", "real"  # which events a list was written from
LONGEST = 1000  # characters of a text: what a cell on paper still shows
LONGEST_NAME = 50  # characters of who filled a list in
REMAKE = "用 laoyou problems --sheets 重新生成清单，把内容填进新表，存为 .xlsx"


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


NAMED_ROW, NAMED_COLUMN = HEAD_ROW, 3  # the cell that names the unit


def unit_line(unit: str) -> str:
    """Return how the head of a list names its unit."""
    return f"牵头单位：{unit}"


@dataclass(frozen=True)
class Mark:
    """What the hidden sheet says of a line: the subject, and how many events were known when it was written [count]."""

    subject: str
    seen: int


@dataclass(frozen=True)
class Row:
    """What one line of a returned list says.

    Parameters
    ----------
    number : the matter's
    mark : what the line was written with
    texts : what stands in each input column; absent where nothing does
    places : where each input cell is
    """

    number: str
    mark: Mark
    texts: Mapping[Column, str]
    places: Mapping[Column, str]


@dataclass(frozen=True)
class Returned:
    """A list that came back.

    Parameters
    ----------
    shown : the file's name in messages
    region, unit : whose list it is
    sample : whether it was written from sample events
    by, on : who filled it in and when; empty and None where it does not say
    day_place : where the day stands
    rows : its lines
    """

    shown: str
    region: str
    unit: str
    sample: bool
    by: str
    on: dt.date | None
    day_place: str
    rows: Sequence[Row]


def is_list(grids: Sequence[Grid]) -> bool:
    """Return whether a file has the heads of a problem list, whatever became of its marks."""
    return any(all(_text(g, HEADER_ROW, COLUMN[name]) == name for name in INPUTS) for g in grids)


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
    said, marks = _marks(grids)
    lists = [grid for grid in grids if grid.name == SHEET]
    if marks is None or len(lists) != 1:
        found = "问题清单的标记或工作表不全"
        raise IntakeError(shown, Problem("文件", found, "laoyou problems --sheets 生成的工作簿", REMAKE))
    [grid] = lists
    moved = [name for name in (*HEADS, KEY) if _text(grid, HEADER_ROW, COLUMN[name]) != name]
    if moved:
        found = f"表头少了或挪了「{moved[0]}」"
        raise IntakeError(shown, Problem(f"{SHEET} 第 {HEADER_ROW} 行", found, "、".join(HEADS), REMAKE))
    problems = list(_strange(grids, grid))
    if _text(grid, NAMED_ROW, NAMED_COLUMN) != unit_line(said["unit"]):
        place = grid.place(NAMED_ROW, NAMED_COLUMN)
        problems.append(Problem(place, "牵头单位与清单的标记不符", unit_line(said["unit"]), REMAKE))
    by, on = _head(grid, problems)
    rows = _lines(grid, marks, problems)
    if problems:
        raise IntakeError(shown, problems)
    day_place = grid.place(HEAD_ROW, DAY_COLUMN)
    sample = said["data"] == SAMPLE
    return Returned(shown, said["region"], said["unit"], sample, by, on, day_place, rows)


def _marks(grids: Sequence[Grid]) -> tuple[dict[str, str], dict[str, Mark] | None]:
    """Return what the hidden sheet says of the list, and of each line by number; None for the lines if it is not sound."""
    found = [grid for grid in grids if grid.name == MARKS]
    rows = [[_text(grid, row, n) for n in range(1, 5)] for grid in found for row in range(1, grid.rows + 1)]
    said = {name: text for name, text, *_ in rows if name != "row"}
    lines = [(number, seen, subject) for name, number, seen, subject in rows if name == "row"]
    sound = (
        len(found) == 1
        and said.get("version") == VERSION
        and said.get("data") in (SAMPLE, REAL)
        and all(said.get(name) for name in ("region", "unit"))
        and all(re.fullmatch("[1-9][0-9]{0,5}", seen) for _, seen, _ in lines)
    )
    return said, {number: Mark(subject, int(seen)) for number, seen, subject in lines} if sound else None


def _strange(grids: Sequence[Grid], grid: Grid) -> Iterator[Problem]:
    """Yield what is wrong with the sheets: one hidden that was not, one that was not there."""
    if grid.hidden:
        yield Problem(f"工作表「{SHEET}」", "隐藏着", remedy="取消隐藏，核对后再交")
    for other in grids:
        filled = any(c.trouble or plain_text(c.value) for c in other.cells.values())
        if other.name not in (MARKS, SHEET) and filled:
            yield Problem(
                f"工作表「{other.sheet.shown}」", "不是清单里原有的，里面有内容", remedy="删去这一张"
            )


def _lines(grid: Grid, marks: Mapping[str, Mark], problems: list[Problem]) -> list[Row]:
    """Return the lines, in whatever order they stand; note every one that is not the list's own."""
    rows: dict[str, Row] = {}
    for number in range(FIRST_ROW, grid.rows + 1):
        key, place = _text(grid, number, COLUMN[KEY]), f"{SHEET} 第 {number} 行"
        texts, places = _texts(grid, number, problems)
        own = _text(grid, number, 1)
        if not key and (texts or own):
            problems.append(Problem(place, "这一行有内容，却不是清单原有的行", "清单原有的行", REMAKE))
        elif key and key not in marks:
            problems.append(Problem(place, f"{key} 不是这份清单里的", "清单原有的行", REMAKE))
        elif key in rows:
            problems.append(Problem(place, f"{key} 有两行", "一个问题一行"))
        elif key and own != key:
            problems.append(Problem(place, f"编号写着「{own}」，这一行原来是 {key}", "行没有错开", REMAKE))
        elif key:
            rows[key] = Row(key, marks[key], texts, places)
        if number in grid.hidden_rows and key:
            problems.append(Problem(place, "是隐藏的行", "看得见的行", "取消隐藏，核对后再交"))
    absent = [key for key in marks if key not in rows]
    if absent and not problems:
        problems.append(Problem(SHEET, f"少了{'、'.join(absent)}", "清单原有的行", REMAKE))
    return list(rows.values())


def _text(grid: Grid, row: int, column: int) -> str:
    value = grid.cell(row, column).value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else " ".join(printable(str(value)).split())


def _head(grid: Grid, problems: list[Problem]) -> tuple[str, dt.date | None]:
    """Return who filled a list in and when, as far as it says."""
    by, cell = _text(grid, HEAD_ROW, BY_COLUMN), grid.cell(HEAD_ROW, DAY_COLUMN)
    if personal_numbers(by) or len(by) > LONGEST_NAME:
        found = "填表人里有像身份证号或电话号码的数字" if personal_numbers(by) else f"填表人有 {len(by)} 个字"
        problems.append(Problem(grid.place(HEAD_ROW, BY_COLUMN), found, f"姓名，不超过 {LONGEST_NAME} 个字"))
        by = ""
    if not plain_text(cell.value) and not cell.trouble:
        return by, None
    try:
        return by, read_date(cell)
    except NotAllowedError as cause:
        problems.append(Problem(grid.place(HEAD_ROW, DAY_COLUMN), cause.found, cause.allowed))
        return by, None


def _texts(grid: Grid, number: int, problems: list[Problem]) -> tuple[dict[Column, str], dict[Column, str]]:
    """Return what one line says in each column to fill in, and where; note what in it cannot be accepted."""
    texts: dict[Column, str] = {}
    places = {name: grid.place(number, COLUMN[name]) for name in INPUTS}
    for name in INPUTS:
        cell, text = grid.cell(number, COLUMN[name]), _text(grid, number, COLUMN[name])
        wrong = ""
        if cell.trouble:
            wrong, allowed = f"{name}读不出来（{cell.trouble}）", "文字，不是公式"
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
    return texts, places
