"""A file that somebody sent, whatever its shape, as grids of cells: one for each sheet."""

from __future__ import annotations

import re
import zipfile
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

from openpyxl.utils import get_column_letter

from laoyou.errors import IntakeError, Problem
from laoyou.personal import personal_numbers
from laoyou.rules import Intake
from laoyou.sheets.cells import Cell, plain_text

EMPTY = Cell()
SAVE_AS = "用 Excel 或 WPS 打开，另存为 .xlsx 再交"
MEGABYTE = 1_000_000
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OTHERS: Mapping[bytes, str] = {
    b"%PDF": "是 PDF",
    b"\x89PNG": "是图片",
    b"\xff\xd8\xff": "是图片",
    b"Rar!": "是压缩包",
    b"7z\xbc\xaf": "是压缩包",
    b"\x1f\x8b": "是压缩包",
    b"{\\rtf": "是 RTF 文档",
}


_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


def unquoted(form: str) -> str:
    """Return a number format without the text that it shows as it stands, and without colours and languages."""
    return _QUOTED.sub("", form)


def shows_percent(form: str) -> bool:
    """Return whether a number format shows a hundredfold with a percent sign."""
    return "%" in unquoted(form)


class Area(NamedTuple):
    """A merged area: its first and last row and column, from 1."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Sheet:
    """The name of a sheet, empty for a text file, and whether it is hidden."""

    name: str
    hidden: bool = False

    @property
    def shown(self) -> str:
        """The name as messages say it: not if an identity or telephone number stands in it."""
        return "（表名里有号码，不照录）" if personal_numbers(self.name) else self.name

    def place(self, row: int, column: int) -> str:
        """Return where a cell stands, as a reader would look for it: 「明细！F12」 or 「第 12 行第 6 列」."""
        if not self.name:
            return f"第 {row} 行第 {column} 列"
        return f"{self.shown}!{get_column_letter(column)}{row}"


@dataclass(frozen=True)
class Grid:
    """One sheet, or the columns of it that were asked for.

    Parameters
    ----------
    sheet : which one
    cells : what stands where, by row and column from 1; an empty cell may be absent
    rows, columns : how far it reaches
    merged : the merged areas
    hidden_rows : the rows that whoever opens the file does not see
    widths : of a text file, how many fields each row has up to its last that is not empty
    cut_row : of a text file, the last row if it is shorter than others and no line break ends it; 0 otherwise
    """

    sheet: Sheet
    cells: Mapping[tuple[int, int], Cell]
    rows: int
    columns: int
    merged: Sequence[Area] = ()
    hidden_rows: frozenset[int] = field(default_factory=frozenset)
    widths: Mapping[int, int] = field(default_factory=dict)
    cut_row: int = 0

    @property
    def name(self) -> str:
        """The sheet's name; empty for a text file."""
        return self.sheet.name

    @property
    def hidden(self) -> bool:
        """Whether the sheet is hidden."""
        return self.sheet.hidden

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell; any cell of a merged area answers with what the area shows."""
        found = self.cells.get((row, column))
        if found is not None and found != EMPTY:
            return found
        area = self.area(row, column) if self.merged else None
        return self.cells.get((area.top, area.left), EMPTY) if area else EMPTY

    def area(self, row: int, column: int) -> Area | None:
        """Return the merged area that a cell belongs to, if any."""
        if column not in self._areas:
            areas = {area for area in self.merged if area.left <= column <= area.right}
            self._areas[column] = sorted(areas)
        areas_here = self._areas[column]
        above = bisect_right(areas_here, row, key=lambda area: area.top)
        return areas_here[above - 1] if above and areas_here[above - 1].bottom >= row else None

    @cached_property
    def _areas(self) -> dict[int, list[Area]]:
        """The merged areas of each column asked for so far, from the top."""
        return {}

    def text(self, row: int, column: int) -> str:
        """Return a cell's text in plain characters."""
        return plain_text(self.cell(row, column).value)

    def place(self, row: int, column: int) -> str:
        """Return where a cell stands, as ``Sheet.place`` says it."""
        return self.sheet.place(row, column)


class Reader(Protocol):
    """A file opened: which sheets it has, and any of them as a grid."""

    @property
    def sheets(self) -> Sequence[Sheet]:
        """The sheets in the order of the file."""
        ...

    def grid(self, sheet: Sheet, columns: Collection[int] | None = None, last_row: int | None = None) -> Grid:
        """Read a sheet.

        Parameters
        ----------
        sheet : which one
        columns : the columns to keep, from 1; what stands in others is passed over. All if None
        last_row : where to stop reading; at the end if None
        """
        ...


def open_reader(file: Path, shown: str, limits: Intake) -> Reader:
    """Open a file by what it is, not by what its name says.

    Parameters
    ----------
    file : an .xlsx, .xlsm or .xls workbook, or a text file of comma- or tab-separated values in UTF-8, UTF-16
        or GB18030
    shown : its name in messages
    limits : the largest file, unpacked size and number of rows accepted

    Raises
    ------
    IntakeError
        If it is too large, protected by a password, damaged, or of another kind.
    """
    from laoyou.sheets.text import TextReader
    from laoyou.sheets.xls import XlsReader
    from laoyou.sheets.xlsx import XlsxReader

    def refuse(found: str, allowed: str = "", remedy: str = "") -> IntakeError:
        return IntakeError(shown, Problem("文件", found, allowed, remedy))

    try:
        size = file.stat().st_size
        if file.is_dir():
            raise refuse("是一个目录", "一个文件")
        if size > limits.max_megabytes * MEGABYTE:
            allowed = f"不超过 {limits.max_megabytes} MB（params/rules.yml 的 intake）"
            raise refuse(f"有 {size / MEGABYTE:.0f} MB", allowed, "只导出所需期间的记录，或分几次录入")
        if not size:
            raise refuse("是空的", "表格文件", "重新导出")
        with file.open("rb") as stream:
            start = stream.read(512)
        if start.startswith(_OLE):
            content = file.read_bytes()
            if _ENCRYPTED in content:
                raise refuse("有打开密码", "没有密码的文件", "在 Excel 里去掉密码另存后再交")
            return XlsReader(content, shown, limits)
        if start.startswith(_ZIP):
            return XlsxReader(file, shown, limits)
        for magic, kind in _OTHERS.items():
            if start.startswith(magic):
                raise refuse(kind, ".xlsx、.xlsm、.xls 或 CSV", SAVE_AS)
        return TextReader(file, shown, limits)
    except FileNotFoundError:
        raise refuse("不存在", remedy="核对文件名和目录") from None
    except OSError as cause:
        raise refuse(f"读不出来（{cause.strerror}）", remedy="核对文件权限，关掉正打开它的程序") from None


def open_grids(file: Path, shown: str, limits: Intake) -> list[Grid]:
    """Read every sheet of a file whole, as ``open_reader`` opens it.

    Raises
    ------
    IntakeError
        As ``open_reader``, and if a sheet cannot be read.
    """
    reader = open_reader(file, shown, limits)
    return [reader.grid(sheet) for sheet in reader.sheets]


def too_many_rows(shown: str, sheet: Sheet, limits: Intake) -> IntakeError:
    """Return the refusal of a sheet that reaches too far down."""
    return IntakeError(
        shown,
        Problem(
            f"工作表「{sheet.shown}」" if sheet.name else "文件",
            f"超过 {limits.max_rows} 行",
            f"不超过 {limits.max_rows} 行（params/rules.yml 的 intake）",
            "删去数据以下的空行（Ctrl+End 可看到表尾），或分几次录入",
        ),
    )


def damaged(shown: str, cause: BaseException) -> IntakeError:
    """Return the refusal of a file that breaks off or contradicts itself; nothing of its content is repeated."""
    kind = "压缩包损坏或不完整" if isinstance(cause, (zipfile.BadZipFile, EOFError)) else "内部结构损坏"
    remedy = f"重新导出；仍不行就{SAVE_AS}"
    return IntakeError(shown, Problem("文件", f"{kind}（{type(cause).__name__}）", "完整的表格文件", remedy))
