"""Workbooks of Excel 97–2003 (.xls), as old platforms still export them."""

from __future__ import annotations

import contextlib
import os
from bisect import bisect_left
from collections.abc import Collection
from pathlib import Path

import xlrd

from laoyou.errors import IntakeError, Problem
from laoyou.rules import Intake
from laoyou.sheets.cells import Cell
from laoyou.sheets.grids import SAVE_AS, Area, Grid, Sheet, damaged, shows_percent, too_many_rows


class XlsReader:
    """An .xls workbook. Its format keeps every formula's result, so none is ever without one.

    Parameters
    ----------
    content : the file
    shown : its name in messages
    limits : the largest number of rows accepted

    Raises
    ------
    IntakeError
        If it is no such workbook, damaged, or protected by a password.
    """

    def __init__(self, content: bytes, shown: str, limits: Intake) -> None:
        self._shown, self._limits = shown, limits
        try:
            with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
                self._book = xlrd.open_workbook(
                    file_contents=content,
                    formatting_info=True,
                    ragged_rows=True,
                    on_demand=True,
                    logfile=nowhere,
                )
            self.sheets = [
                Sheet(name, self._book.sheet_by_index(number).visibility != 0)
                for number, name in enumerate(self._book.sheet_names())
            ]
        except Exception as cause:  # xlrd meets a damaged file with whatever its own code runs into
            if "encrypted" in str(cause).lower():
                problem = Problem("文件", "有打开密码", "没有密码的文件", "在 Excel 里去掉密码另存后再交")
                raise IntakeError(shown, problem) from None
            if isinstance(cause, xlrd.XLRDError) and "Can't find workbook" in str(cause):
                problem = Problem("文件", "不是 Excel 工作簿", ".xlsx、.xlsm、.xls 或 CSV", SAVE_AS)
                raise IntakeError(shown, problem) from None
            raise damaged(shown, cause) from None

    def grid(self, sheet: Sheet, columns: Collection[int] | None = None, last_row: int | None = None) -> Grid:
        """Read a sheet, as ``laoyou.sheets.grids.Reader`` says.

        Raises
        ------
        IntakeError
            If it is damaged or has too many rows.
        """
        try:
            table = self._book.sheet_by_name(sheet.name)
            if table.nrows > self._limits.max_rows:
                raise too_many_rows(self._shown, sheet, self._limits)
            chosen = (
                range(table.ncols) if columns is None else sorted(c - 1 for c in columns if c <= table.ncols)
            )
            cells = {}
            for row in range(min(table.nrows, last_row or table.nrows)):
                for column in chosen[: bisect_left(chosen, table.row_len(row))]:
                    cell = self._cell(table.cell(row, column))
                    if cell is not None:
                        cells[row + 1, column + 1] = cell
            merged = [
                Area(top + 1, left + 1, bottom, right) for top, bottom, left, right in table.merged_cells
            ]
            hidden = frozenset(row + 1 for row, info in table.rowinfo_map.items() if info.hidden)
            return Grid(sheet, cells, table.nrows, table.ncols, merged, hidden)
        except IntakeError:
            raise
        except Exception as cause:  # as above
            raise damaged(self._shown, cause) from None

    def _cell(self, cell: xlrd.sheet.Cell) -> Cell | None:
        """Return one cell, or None where it is empty."""
        if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
            return None
        if cell.ctype == xlrd.XL_CELL_ERROR:
            return Cell(trouble=xlrd.error_text_from_code.get(cell.value, "#?"))
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return Cell(bool(cell.value))
        if cell.ctype == xlrd.XL_CELL_DATE:
            with contextlib.suppress(xlrd.xldate.XLDateError, OverflowError, ValueError):
                return Cell(xlrd.xldate.xldate_as_datetime(cell.value, self._book.datemode))
        if cell.ctype in (
            xlrd.XL_CELL_NUMBER,
            xlrd.XL_CELL_DATE,
        ):  # 20260930 in a date cell, shown as ########
            style = self._book.xf_list[cell.xf_index] if cell.xf_index is not None else None
            form = self._book.format_map[style.format_key].format_str if style else ""
            number = float(cell.value)
            shown = int(number) if number.is_integer() else number
            return Cell(shown, percent=shows_percent(form), from_1904=self._book.datemode == 1)
        return Cell(str(cell.value))
