"""A platform's export, read after its mapping: records or figures, and nothing but the mapped columns."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from laoyou.errors import IntakeError, NotAllowedError, Problem, one_of
from laoyou.intake.headings import all_headings, head_of
from laoyou.intake.mappings import DATED, Column, Mapping, Named
from laoyou.periods import parse_span
from laoyou.personal import quoted
from laoyou.regions import Region
from laoyou.sheets.cells import (
    Cell,
    missing_kind,
    plain_text,
    read_date,
    read_number,
    refuse_trouble,
    same_word,
)
from laoyou.sheets.grids import Grid, Reader, Sheet

SAMPLE_MARK = "演示数据"
MOST_PROBLEMS = 200
MOST_SPANS = 40
NUMERIC = ("number", "percent", "fraction")
MOST_EXACT = 15  # digits of a number that a spreadsheet keeps
Hash = Callable[[str], str]
HashOf = Callable[[bool], Hash]


@dataclass(frozen=True)
class Export:
    """An export as read.

    Parameters
    ----------
    named : its mapping
    sample : whether a line above the heading marks it as 演示数据
    table : one row a record or line of figures; the mapping's columns, and where each of its cells stands, in the
        columns named by ``place_of``
    totals : how many rows of totals were passed over
    shown : the file's name in messages
    """

    named: Named
    sample: bool
    table: pd.DataFrame
    totals: int
    shown: str = ""


def place_of(name: str) -> str:
    """Return the column of an export's table that says where the cells of another stand; no mapping names one so."""
    return f"place of {name}"


@dataclass
class _Reading:
    """What one pass over the rows gathers."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    wrong: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    hidden: list[int] = field(default_factory=list)
    totals: int = 0


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
    hash_of : given whether the export is a sample, returns what stands for a case id; ids are not kept

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
    grid = reader.grid(sheet, columns=frozenset(columns.values()))
    found = _read_rows(grid, mapping, columns, regions, hash_of(sample))
    problems = list(_uneven(grid, found, max(c for each in headings.values() for c in each)))
    problems += [
        Problem(
            _places(grid, rows, columns[name], mapping.columns[name].header),
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
    table = pd.DataFrame(found.rows, columns=[*columns, *map(place_of, columns)])
    if mapping.rows == "records":
        problems += _inconsistent(found, mapping, day)
    if problems:
        raise IntakeError(shown, _at_most(problems))
    return Export(named, sample, table, found.totals, shown)


def _way_out(named: Named, name: str) -> str:
    """Return what to do where a cell of a column cannot be accepted; empty where that is plain."""
    place = {"word": f"words › {name}", "region": "regions"}.get(named.mapping.columns[name].holds)
    return f"改正原文件；确是平台的新写法，就加进 {named.shown} 的 {place}" if place else ""


def _places(grid: Grid, rows: Sequence[int], column: int, header: str) -> str:
    """Return where the same thing is wrong: the one cell, or the rows of a column as spans."""
    if len(rows) == 1:
        return f"{grid.place(rows[0], column)}（{header}）"
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    told = one_of((f"{a}—{b}" if a < b else str(a) for a, b in spans), most=MOST_SPANS)
    return f"{grid.place(rows[0], column)} 起（{header}），第 {told} 行，共 {len(rows)} 格"


def _at_most(problems: list[Problem]) -> list[Problem]:
    rest = len(problems) - MOST_PROBLEMS
    more = [Problem("其余", f"还有 {rest} 处", remedy="先改以上各处")] if rest > 0 else []
    return problems[:MOST_PROBLEMS] + more


def _read_rows(
    grid: Grid, mapping: Mapping, columns: Map[str, int], regions: Map[str, Region], hash_case: Hash
) -> _Reading:
    """Read every row below the heading that is not empty and no total."""
    found = _Reading()
    names = {same_word(region.zh): code for code, region in regions.items()}
    names |= {code: code for code in regions} | {same_word(k): v for k, v in mapping.regions.items()}
    known = {n: {same_word(k): v for k, v in words.items()} for n, words in mapping.words.items()}
    known |= {n: names for n, column in mapping.columns.items() if column.holds == "region"}
    totals = {same_word(word) for word in mapping.totals}
    labels = [name for name, column in mapping.columns.items() if column.holds not in NUMERIC]
    for row in range(mapping.header[-1] + 1, grid.rows + 1):
        cells = {name: grid.cell(row, column) for name, column in columns.items()}
        if all(not same_word(cell.value) and not cell.trouble for cell in cells.values()):
            continue
        if not totals.isdisjoint(same_word(cells[name].value) for name in labels):
            found.totals += 1
            continue
        if row in grid.hidden_rows:
            found.hidden.append(row)
            continue
        values: dict[str, Any] = {place_of(name): grid.place(row, c) for name, c in columns.items()}
        for name, column in mapping.columns.items():
            try:
                _refuse_merged(grid, row, columns, name, column)
                values[name] = _value(cells[name], name, column, mapping, known, hash_case)
            except NotAllowedError as cause:
                found.wrong.setdefault((name, cause.found, cause.allowed), []).append(row)
        found.rows.append(values)
        found.numbers.append(row)
    return found


def _value(
    cell: Cell, name: str, column: Column, mapping: Mapping, known: Map[str, Map[str, str]], hash_case: Hash
) -> Any:
    """Return what a cell means, a kind of missing as text in place of a number, None for an empty cell.

    Of a column of words or regions, ``known`` gives theirs → ours.

    Raises
    ------
    NotAllowedError
        If it is not what its column holds.
    """
    word = same_word(cell.value)
    kind = None if cell.trouble else missing_kind(cell.value, mapping.missing)
    if column.holds in NUMERIC:
        if kind is not None and mapping.rows == "figures":
            return kind
        if kind is not None and column.blank:
            return None
        marked = column.holds == "fraction" and (cell.percent or word.endswith("%"))
        number = read_number(cell, percent=column.holds == "percent" or marked)
        if column.holds == "fraction" and not marked:
            if not 0 <= number <= 1:
                raise NotAllowedError(
                    f"{quoted(word)}，不是份额", "0 到 1 之间的份额（映射写着 holds: fraction）"
                )
            number *= 100
        return number
    if kind is not None:
        if column.blank or (not word and column.holds == "region"):
            return None
        raise NotAllowedError("空着", "有内容")
    if column.holds == "date":
        return read_date(cell, mapping.dates)
    refuse_trouble(cell)
    if column.holds == "id":
        _refuse_rounded(cell, word)
        return hash_case(word if mapping.shared_ids else f"{mapping.platform}|{word}")
    if column.holds == "period":
        text = f"{cell.value:%Y-%m-%d}" if isinstance(cell.value, dt.datetime) else plain_text(cell.value)
        try:
            return parse_span(same_word(text))
        except NotAllowedError as cause:
            raise NotAllowedError(f"{quoted(text)}，不是到季末为止的期间", cause.allowed) from None
    if word not in known[name]:
        where = "地区表和映射的 regions" if column.holds == "region" else f"映射的 words › {name}"
        raise NotAllowedError(f"{quoted(word)}，不是{where} 里的词", one_of(known[name]))
    return known[name][word]


def _refuse_merged(grid: Grid, row: int, columns: Map[str, int], name: str, column: Column) -> None:
    """Refuse a number merged over several rows or columns that are read: nobody can tell whose it is."""
    area = grid.area(row, columns[name]) if grid.merged and column.holds in NUMERIC else None
    if area is None or not grid.text(row, columns[name]):
        return
    if area.bottom > area.top or sum(area.left <= other <= area.right for other in columns.values()) > 1:
        raise NotAllowedError(
            "是合并单元格里的数，不知是其中每一格的，还是合计", "每格各填自己的数；取消合并再交"
        )


def _refuse_rounded(cell: Cell, word: str) -> None:
    """Refuse an id that a spreadsheet took for a number of more digits than it keeps: cases would fall together."""
    number = isinstance(cell.value, (int, float)) and abs(cell.value) >= 10**MOST_EXACT
    if number or re.fullmatch(r"[\d.]+[Ee]\+\d+", word):
        raise NotAllowedError(
            "编号被当成数存过，末几位已丢失", "文本格式的编号；重新导出，不要先用 Excel 打开另存"
        )


def _uneven(grid: Grid, found: _Reading, width: int) -> Iterable[Problem]:
    """Yield the lines of a text file that do not fit its heading: a stray separator moves every cell after it."""
    for row in found.numbers:
        if grid.widths.get(row, 0) > width:
            told = f"有 {grid.widths[row]} 格，表头只有 {width} 格"
            remedy = "内容里的逗号（如 1,234）要加引号；重新导出，或另存为 .xlsx"
            yield Problem(f"第 {row} 行", told, f"{width} 格", remedy)
        if row == grid.cut_row:
            yield Problem(f"第 {row} 行", "没有写完，文件到这里断了", "完整的一行", "重新导出")


def _inconsistent(found: _Reading, mapping: Mapping, day: dt.date) -> Iterable[Problem]:
    """Yield what contradicts itself among records: an id twice, an end before the beginning, a day to come.

    A cell that could not be read is no part of it.
    """
    heads = {name: column.header for name, column in mapping.columns.items()}
    first: dict[str, str] = {}
    for row in found.rows:
        case, place = row.get("case"), row.get(place_of("case"), "")
        if case is not None and case in first:
            same = f"{heads['case']}与 {first[case]} 相同"
            yield Problem(place, same, "一个编号一行", "删去重复的一行，或核对导出条件")
        elif case is not None:
            first[case] = place
    for row in found.rows:
        outcome = row.get("outcome")
        days = {name: row[name] for name in DATED if isinstance(row.get(name), dt.date)}
        for name, value in days.items():
            place = row[place_of(name)]
            if value > day:
                yield Problem(place, f"{heads[name]} {value} 在 {day} 之后", f"不晚于 {day}")
            if value < days.get("opened", value):
                told = f"{heads[name]} {value} 早于{heads['opened']} {days['opened']}"
                yield Problem(place, told, f"不早于{heads['opened']}")
        if "closed" in row and row["closed"] is None and outcome in ("done", "failed"):
            told = f"{heads['outcome']}是办结，{heads['closed']}却空着"
            yield Problem(row[place_of("closed")], told, heads["closed"])
        if "closed" in days and outcome == "open":
            told = f"有{heads['closed']}，{heads['outcome']}却是未办结"
            yield Problem(row[place_of("outcome")], told, "二者一致")
