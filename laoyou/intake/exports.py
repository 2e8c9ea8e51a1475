"""A platform's export, read after its mapping: records or figures, and nothing but the mapped columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from laoyou.errors import IntakeError, Problem, one_of
from laoyou.intake.export_cells import Hash
from laoyou.intake.export_rows import ROW, Reading, rows_of_columns, rows_of_grid
from laoyou.intake.headings import all_headings, head_of
from laoyou.intake.mappings import DATED, Named
from laoyou.regions import Region
from laoyou.sheets.cells import same_word
from laoyou.sheets.grids import Reader, Sheet
from laoyou.sheets.text import TextReader

SAMPLE_MARK = "演示数据"
MOST_PROBLEMS = 200
MOST_SPANS = 40
HashOf = Callable[[bool], Hash]


@dataclass(frozen=True)
class Export:
    """An export as read.

    Parameters
    ----------
    named : its mapping
    sample : whether a line above the heading marks it as 演示数据
    table : one row a record or line of figures; the mapping's columns, None where a cell is empty, and ``ROW``, the
        file's row that it stands in
    totals : how many rows of totals were passed over
    sheet, columns : which sheet they stand in, and in which of its columns
    shown : the file's name in messages
    """

    named: Named
    sample: bool
    table: pd.DataFrame
    totals: int
    sheet: Sheet
    columns: Map[str, int]
    shown: str = ""

    def place(self, row: Any, name: str) -> str:
        """Return where a column's cell in one of the file's rows stands, as a reader would look for it."""
        return self.sheet.place(int(row), self.columns[name])


def read_export(
    reader: Reader,
    named: Named,
    sheet: Sheet,
    shown: str,
    regions: Map[str, Region],
    *,
    day: dt.date,
    hash_of: HashOf,
) -> Export:
    """Read an export's rows.

    Parameters
    ----------
    reader, sheet : the file, and which sheet of it
    named : the mapping that it answers to
    shown : the file's name in messages
    regions : the regions that rows may belong to
    day : nothing in the export can have happened later
    hash_of : given whether the export is a sample, returns what makes of case ids what stands for them; ids are not kept

    Raises
    ------
    IntakeError
        With every problem found. Text that could be about a person is not repeated in it.
    """
    mapping = named.mapping
    if sheet.hidden:
        problem = Problem(f"工作表「{sheet.shown}」", "是隐藏的", "可见的工作表", "取消隐藏、核对内容后再交")
        raise IntakeError(shown, problem)
    head = head_of(reader, sheet, mapping)
    sample = any(SAMPLE_MARK in head.text(*place) for place in head.cells if place[0] < mapping.header[0])
    headings = all_headings(head, mapping)
    twice = [
        Problem(
            head.place(mapping.header[-1], headings[same_word(column.header)][1]),
            f"又有一列「{column.header}」",
            "一列",
            "删去或改名其中一列，不知读哪一列",
        )
        for column in mapping.columns.values()
        if len(headings[same_word(column.header)]) > 1
    ]
    if twice:
        raise IntakeError(shown, twice)
    columns = {name: headings[same_word(column.header)][0] for name, column in mapping.columns.items()}
    width = max(c for each in headings.values() for c in each)
    if isinstance(reader, TextReader) and mapping.rows == "records":
        wanted = {columns[name]: column.holds != "id" for name, column in mapping.columns.items()}
        found = rows_of_columns(
            reader.columns(sheet, wanted, mapping.header[-1], width),
            mapping,
            columns,
            regions,
            hash_of(sample),
        )
    else:
        grid = reader.grid(sheet, columns=frozenset(columns.values()))
        found = rows_of_grid(grid, mapping, columns, regions, hash_of(sample))
    export = Export(named, sample, found.table, found.totals, sheet, columns, shown)
    problems = list(_uneven(found, width))
    problems += [
        Problem(
            _places(sheet, rows, columns[name], mapping.columns[name].header),
            what,
            allowed,
            _way_out(named, name),
        )
        for (name, what, allowed), rows in found.wrong.items()
    ]
    if found.hidden:
        rows = one_of(str(row) for row in found.hidden)
        problems.insert(
            0,
            Problem(f"{sheet.shown} 第 {rows} 行", "是隐藏的行", "看得见的行", "取消隐藏或筛选，确认后再交"),
        )
    if mapping.rows == "records":
        problems += _inconsistent(export, day)
    if problems:
        raise IntakeError(shown, _at_most(problems))
    return export


def _way_out(named: Named, name: str) -> str:
    """Return what to do where a cell of a column cannot be accepted; empty where that is plain."""
    place = {"word": f"words › {name}", "region": "regions"}.get(named.mapping.columns[name].holds)
    return f"改正原文件；确是平台的新写法，就加进 {named.shown} 的 {place}" if place else ""


def _places(sheet: Sheet, rows: Sequence[int], column: int, header: str) -> str:
    """Return where the same thing is wrong: the one cell, or the rows of a column as spans."""
    if len(rows) == 1:
        return f"{sheet.place(rows[0], column)}（{header}）"
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    told = one_of((f"{a}—{b}" if a < b else str(a) for a, b in spans), most=MOST_SPANS)
    return f"{sheet.place(rows[0], column)} 起（{header}），第 {told} 行，共 {len(rows)} 格"


def _at_most(problems: list[Problem]) -> list[Problem]:
    rest = len(problems) - MOST_PROBLEMS
    more = [Problem("其余", f"还有 {rest} 处", remedy="先改以上各处")] if rest > 0 else []
    return problems[:MOST_PROBLEMS] + more


def _uneven(found: Reading, width: int) -> Iterable[Problem]:
    """Yield the lines of a text file that do not fit its heading: a stray separator moves every cell after it."""
    rows = found.table[ROW].to_numpy()
    for row in rows[np.isin(rows, [found.cut_row, *(r for r, w in found.widths.items() if w > width)])]:
        if found.widths.get(row, 0) > width:
            told = f"有 {found.widths[row]} 格，表头只有 {width} 格"
            remedy = "内容里的逗号（如 1,234）要加引号；重新导出，或另存为 .xlsx"
            yield Problem(f"第 {row} 行", told, f"{width} 格", remedy)
        if row == found.cut_row:
            yield Problem(f"第 {row} 行", "没有写完，文件到这里断了", "完整的一行", "重新导出")


def _inconsistent(export: Export, day: dt.date) -> Iterable[Problem]:
    """Yield what contradicts itself among records: an id twice, an end before the beginning, a day to come.

    A cell that could not be read is no part of it.
    """
    table = export.table
    heads = {name: column.header for name, column in export.named.mapping.columns.items()}
    cases = table.loc[table["case"].notna(), [ROW, "case"]]
    twice = cases[cases["case"].duplicated()]
    first = cases[cases["case"].isin(twice["case"])].drop_duplicates("case").set_index("case")[ROW]
    for row, case in twice.itertuples(index=False):
        same = f"{heads['case']}与 {export.place(first[case], 'case')} 相同"
        yield Problem(export.place(row, "case"), same, "一个编号一行", "删去重复的一行，或核对导出条件")
    for record in table[_suspect(table, day)].to_dict("records"):
        row = record[ROW]
        outcome = record.get("outcome")
        days = {name: record[name] for name in DATED if isinstance(record.get(name), dt.date)}
        for name, value in days.items():
            place = export.place(row, name)
            if value > day:
                yield Problem(place, f"{heads[name]} {value} 在 {day} 之后", f"不晚于 {day}")
            if value < days.get("opened", value):
                told = f"{heads[name]} {value} 早于{heads['opened']} {days['opened']}"
                yield Problem(place, told, f"不早于{heads['opened']}")
        if "closed" in record and record["closed"] is None and outcome in ("done", "failed"):
            told = f"{heads['outcome']}是办结，{heads['closed']}却空着"
            yield Problem(export.place(row, "closed"), told, heads["closed"])
        if "closed" in days and outcome == "open":
            told = f"有{heads['closed']}，{heads['outcome']}却是未办结"
            yield Problem(export.place(row, "outcome"), told, "二者一致")


def _suspect(table: pd.DataFrame, day: dt.date) -> NDArray[np.bool_]:
    """Return which records to look at one by one: those with a day to come or before the first, or an end that does not fit."""
    days = {name: _ordinals(table[name]) for name in DATED if name in table}
    opened = days["opened"]
    found = np.zeros(len(table), bool)
    for number in days.values():
        found |= (number > day.toordinal()) | (number < opened)
    if "closed" in days and "outcome" in table:
        outcome, over = table["outcome"].to_numpy(object), ~np.isnan(days["closed"])
        found |= ~over & np.isin(outcome, ["done", "failed"]) | over & (outcome == "open")
    return found


def _ordinals(column: pd.Series[Any]) -> NDArray[np.float64]:
    """Return days as numbers, NaN where there is none."""
    codes, values = pd.factorize(column.to_numpy(object))
    numbers = [value.toordinal() if isinstance(value, dt.date) else np.nan for value in values]
    return np.array([*numbers, np.nan], float)[codes]
