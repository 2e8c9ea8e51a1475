"""The rows of an export: cell by cell from a grid, or text by text from the columns of a long file."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from laoyou.errors import NotAllowedError
from laoyou.intake.export_cells import NUMERIC, Hash, identity, meaning, plain_id, vocabulary
from laoyou.intake.mappings import Column, Mapping
from laoyou.regions import Region
from laoyou.sheets.cells import Cell, same_word
from laoyou.sheets.columns import CHUNK, Columns
from laoyou.sheets.grids import EMPTY, Grid

ROW = "row of the file"  # no mapping names a column so
UNREAD = np.nan  # stands for a cell that could not be read, None for an empty one
Wrong = dict[tuple[str, str, str], list[int]]


@dataclass
class Reading:
    """What one pass over the rows gathers.

    Parameters
    ----------
    table : the mapping's columns and ``ROW``
    wrong : the rows of cells that cannot be accepted, by column, what was found and what is allowed
    hidden : rows that are hidden
    totals : how many rows of totals were passed over
    widths, cut_row : as of ``laoyou.sheets.grids.Grid``
    """

    table: pd.DataFrame
    wrong: Wrong
    hidden: list[int] = field(default_factory=list)
    totals: int = 0
    widths: Map[int, int] = field(default_factory=dict)
    cut_row: int = 0


def rows_of_grid(
    grid: Grid, mapping: Mapping, columns: Map[str, int], regions: Map[str, Region], hashed: Hash
) -> Reading:
    """Read every row below the heading that is not empty and no total.

    Parameters
    ----------
    grid : the sheet
    mapping, columns : what it holds, and in which of its columns
    regions : the regions that rows may belong to
    hashed : returns what stands for each of some case ids
    """
    words = vocabulary(mapping, regions)
    rows: list[dict[str, Any]] = []
    wrong: Wrong = {}
    found = Reading(pd.DataFrame(), wrong, widths=grid.widths, cut_row=grid.cut_row)
    for row in range(mapping.header[-1] + 1, grid.rows + 1):
        cells = {name: grid.cell(row, column) for name, column in columns.items()}
        if all(not same_word(cell.value) and not cell.trouble for cell in cells.values()):
            continue
        if not words.totals.isdisjoint(same_word(cells[name].value) for name in words.labels):
            found.totals += 1
            continue
        if row in grid.hidden_rows:
            found.hidden.append(row)
            continue
        values: dict[str, Any] = {ROW: row}
        for name, column in mapping.columns.items():
            try:
                _refuse_merged(grid, row, columns, name, column)
                values[name] = meaning(cells[name], name, column, mapping, words.known, hashed)
            except NotAllowedError as cause:
                wrong.setdefault((name, cause.found, cause.allowed), []).append(row)
        rows.append(values)
    found.table = pd.DataFrame(
        {
            name: pd.Series(
                [row.get(name, UNREAD) for row in rows], dtype="object" if name != ROW else "int64"
            )
            for name in [*columns, ROW]
        }
    )
    return found


def rows_of_columns(
    given: Columns, mapping: Mapping, columns: Map[str, int], regions: Map[str, Region], hashed: Hash
) -> Reading:
    """Read every row that is not empty and no total, each different text once: what ``rows_of_grid`` gives.

    Parameters
    ----------
    given : the columns below the heading
    mapping, columns, regions, hashed : as for ``rows_of_grid``
    """
    spelt = vocabulary(mapping, regions)
    texts = {name: given.texts[column] for name, column in columns.items()}
    codes = {name: given.codes[column] for name, column in columns.items()}
    words = {name: list(map(same_word, texts[name])) for name in columns}
    empty, total = np.ones(len(given.rows), bool), np.zeros(len(given.rows), bool)
    for name in columns:
        empty &= ~np.array(words[name], object).astype(bool)[codes[name]]
        if name in spelt.labels and not spelt.totals.isdisjoint(words[name]):
            total |= np.array([word in spelt.totals for word in words[name]], bool)[codes[name]]
    kept = ~empty & ~total
    rows = given.rows[kept]
    table: dict[str, pd.Series[Any]] = {}
    wrong: list[
        tuple[int, int, tuple[str, str, str], int]
    ] = []  # in the order in which rows_of_grid comes to them
    for place, (name, column) in enumerate(mapping.columns.items()):
        code = codes[name][kept]
        values, refused = np.full(len(texts[name]), UNREAD, object), {}
        stand = np.flatnonzero(np.bincount(code, minlength=len(values)))
        if column.holds == "id":
            plain = np.array([plain_id(words[name][n], mapping) for n in stand.tolist()], bool)
            for some in np.array_split(stand[plain], 1 + plain.sum() // CHUNK):
                values[some] = hashed([identity(words[name][n], mapping) for n in some.tolist()])
            stand = stand[~plain]
        for n in stand.tolist():
            cell = Cell(texts[name][n]) if texts[name][n] else EMPTY
            try:
                values[n] = meaning(cell, name, column, mapping, spelt.known, hashed)
            except NotAllowedError as cause:
                refused[n] = (name, cause.found, cause.allowed)
        for at in np.flatnonzero(np.isin(code, list(refused))).tolist() if refused else ():
            wrong.append((at, place, refused[int(code[at])], int(rows[at])))
        table[name] = pd.Series(values[code], dtype="object")
    told: Wrong = {}
    for _, _, what, row in sorted(wrong):
        told.setdefault(what, []).append(row)
    return Reading(
        pd.DataFrame({**{name: table[name] for name in columns}, ROW: rows}),
        told,
        totals=int((total & ~empty).sum()),
        widths=given.widths,
        cut_row=given.cut_row,
    )


def _refuse_merged(grid: Grid, row: int, columns: Map[str, int], name: str, column: Column) -> None:
    """Refuse a number merged over several rows or columns that are read: nobody can tell whose it is."""
    area = grid.area(row, columns[name]) if grid.merged and column.holds in NUMERIC else None
    if area is None or not grid.text(row, columns[name]):
        return
    if area.bottom > area.top or sum(area.left <= other <= area.right for other in columns.values()) > 1:
        raise NotAllowedError(
            "是合并单元格里的数，不知是其中每一格的，还是合计", "每格各填自己的数；取消合并再交"
        )
