"""Workbooks in Office Open XML (.xlsx, .xlsm), read row by row so that only the columns asked for are kept.

openpyxl and calamine read whole sheets, personal columns included, and do not tell a hidden row or a formula
whose result was never saved from others; hence this reader. Part names and elements are those of ECMA-376-1.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import posixpath
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse, parse
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import CALENDAR_MAC_1904, WINDOWS_EPOCH, from_excel
from openpyxl.utils.escape import unescape

from laoyou.errors import IntakeError, Problem
from laoyou.rules import Intake
from laoyou.sheets.cells import Cell
from laoyou.sheets.grids import (
    MEGABYTE,
    SAVE_AS,
    Area,
    Grid,
    Sheet,
    damaged,
    shows_percent,
    too_many_rows,
    unquoted,
)

BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, ParseError, DefusedXmlException, KeyError, ValueError,
    IndexError, TypeError, AttributeError, NotImplementedError, RuntimeError, OverflowError, UnicodeError,
    OSError,
)  # fmt: skip
MOST_PARTS = 5_000
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
_EAST_ASIAN_DATES = {
    *range(27, 37),
    *range(50, 59),
}  # built-in formats of a Chinese Excel (ECMA-376-1, 18.8.30)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


class XlsxReader:
    """An .xlsx or .xlsm workbook. Macros are never looked at.

    Parameters
    ----------
    file : the workbook
    shown : its name in messages
    limits : the largest unpacked size and number of rows accepted

    Raises
    ------
    IntakeError
        If it is no such workbook, damaged, or would unpack to more than the limit.
    """

    def __init__(self, file: Path, shown: str, limits: Intake) -> None:
        self._file, self._shown, self._limits = file, shown, limits
        try:
            with zipfile.ZipFile(file) as archive:
                self._refuse_others(archive)
                self._open(archive)
        except BROKEN as cause:
            raise damaged(shown, cause) from None

    def _refuse_others(self, archive: zipfile.ZipFile) -> None:
        """Refuse what is zipped but no workbook of this kind, and what would fill the memory."""
        parts = archive.infolist()
        names = {part.filename for part in parts}
        unpacked = sum(part.file_size for part in parts) / MEGABYTE
        found, allowed, remedy = "", ".xlsx、.xlsm、.xls 或 CSV", SAVE_AS
        if unpacked > self._limits.max_unpacked_megabytes or len(parts) > MOST_PARTS:
            found = f"解开后有 {unpacked:.0f} MB、{len(parts)} 个部件"
            allowed = f"不超过 {self._limits.max_unpacked_megabytes} MB（params/rules.yml 的 intake）"
            remedy = "只导出所需期间的记录，删去空行空列和图片"
        elif any(part.flag_bits & 1 for part in parts):
            found, allowed, remedy = "有密码", "没有密码的文件", "去掉密码另存后再交"
        elif "xl/workbook.bin" in names:
            found = "是二进制工作簿（.xlsb）"
        elif "xl/workbook.xml" not in names:
            kinds = {"word/document.xml": "是 Word 文档", "content.xml": "是 OpenDocument 表格（.ods）"}
            found = next((kind for part, kind in kinds.items() if part in names), "是压缩包，不是表格")
        if found:
            raise IntakeError(self._shown, Problem("文件", found, allowed, remedy))

    def _open(self, archive: zipfile.ZipFile) -> None:
        """Read which sheets there are, where they stand, and how numbers are shown."""
        with archive.open("xl/workbook.xml") as part:
            book = parse(part).getroot()
        with archive.open("xl/_rels/workbook.xml.rels") as part:
            targets = {r.get("Id"): (r.get("Target") or "") for r in parse(part).getroot()}
        self._epoch = WINDOWS_EPOCH
        self.sheets: list[Sheet] = []
        self._parts: dict[str, str] = {}
        for element in book.iter():
            if _name(element) == "workbookPr" and element.get("date1904") in {"1", "true"}:
                self._epoch = CALENDAR_MAC_1904
            if _name(element) == "sheet":
                target = targets[element.get(_RELATION) or element.get(_STRICT_RELATION)]
                if "chartsheets/" in target or "dialogsheets/" in target:
                    continue
                sheet = Sheet(element.attrib["name"], element.get("state", "visible") != "visible")
                self.sheets.append(sheet)
                self._parts[sheet.name] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
        self._formats = _number_formats(archive)
        self._dates = [is_date_format(unquoted(form)) for form in self._formats]
        self._percents = [shows_percent(form) for form in self._formats]

    def grid(self, sheet: Sheet, columns: Collection[int] | None = None, last_row: int | None = None) -> Grid:
        """Read a sheet, as ``laoyou.sheets.grids.Reader`` says.

        Raises
        ------
        IntakeError
            If it is damaged or has too many rows.
        """
        try:
            with zipfile.ZipFile(self._file) as archive:
                with archive.open(self._parts[sheet.name]) as part:
                    cells, strings, merged, hidden = self._rows(part, sheet, columns, last_row)
                words = _shared_strings(archive, set(strings.values()))
        except BROKEN as cause:
            raise damaged(self._shown, cause) from None
        for place, number in strings.items():
            if number not in words:
                raise damaged(self._shown, KeyError("shared string"))
            cells[place] = Cell(words[number])
        rows = max((row for row, _ in cells), default=0)
        width = max((column for _, column in cells), default=0)
        return Grid(sheet, cells, rows, width, merged, frozenset(hidden))

    def _rows(
        self, part: IO[bytes], sheet: Sheet, columns: Collection[int] | None, last_row: int | None
    ) -> tuple[dict[tuple[int, int], Cell], dict[tuple[int, int], int], list[Area], list[int]]:
        """Read rows one by one: cells kept, numbers of the shared strings among them, merges, hidden rows."""
        cells: dict[tuple[int, int], Cell] = {}
        strings: dict[tuple[int, int], int] = {}
        merged: list[Area] = []
        hidden: list[int] = []
        row = 0
        for _, element in iterparse(part):
            name = _name(element)
            if name == "mergeCell":
                area = _area(element.attrib["ref"])
                if last_row is None or area.top <= last_row:
                    merged.append(area)
            if name != "row":
                continue
            if (number := int(element.get("r") or row + 1)) <= row:
                raise ValueError("row order")
            row = number
            if last_row is None or row <= last_row:
                if element.get("hidden") in {"1", "true"}:
                    hidden.append(row)
                before = len(cells) + len(strings)
                self._cells(element, row, columns, cells, strings)
                if row > self._limits.max_rows and len(cells) + len(strings) > before:
                    raise too_many_rows(self._shown, sheet, self._limits)
            element.clear()
        return cells, strings, merged, hidden

    def _cells(
        self,
        element: Element,
        row: int,
        columns: Collection[int] | None,
        cells: dict[tuple[int, int], Cell],
        strings: dict[tuple[int, int], int],
    ) -> None:
        column = 0
        for child in element:
            if _name(child) != "c":
                continue
            column = _column(child.get("r"), column + 1)
            if columns is not None and column not in columns:
                continue
            parts = {_name(part): part for part in child}
            value = parts["v"].text if "v" in parts else None
            kind = child.get("t", "n")
            if kind == "s" and value is not None:
                strings[row, column] = int(value)
                continue
            cell = self._cell(kind, value, parts, int(child.get("s") or 0))
            if cell is not None:
                cells[row, column] = cell

    def _cell(self, kind: str, value: str | None, parts: dict[str, Element], style: int) -> Cell | None:
        """Return one cell, or None where it is empty."""
        if kind == "inlineStr":
            return Cell(_string(parts["is"])) if "is" in parts else None
        if kind == "str" and "v" in parts:  # a formula whose result is text, perhaps empty
            return Cell(unescape(value or ""))
        if not value:
            return Cell(trouble="formula") if "f" in parts else None
        if kind == "e":
            return Cell(trouble=value if re.fullmatch(r"#[A-Z0-9_/!?]{2,16}", value) else "#?")
        if kind == "b":
            return Cell(value == "1")
        if kind == "d":
            return Cell(dt.datetime.fromisoformat(value))
        number = float(value)
        if self._dates[style] if style < len(self._dates) else False:
            with contextlib.suppress(OverflowError, ValueError):  # 20260930 in a date cell, shown as ########
                moment = from_excel(number, self._epoch)
                if isinstance(moment, dt.datetime):
                    return Cell(moment)
        percent = self._percents[style] if style < len(self._percents) else False
        shown = int(number) if number.is_integer() else number
        return Cell(shown, percent=percent, from_1904=self._epoch == CALENDAR_MAC_1904)


def _column(address: str | None, otherwise: int) -> int:
    """Return the column of an address such as ``F12``; some writers leave the address out."""
    if address is None:
        return otherwise
    match = _ADDRESS.fullmatch(address)
    if not match:
        raise ValueError("address")
    return column_index_from_string(match[1])


def _area(reference: str) -> Area:
    first, _, last = reference.partition(":")
    ends = [_ADDRESS.fullmatch(end) for end in (first, last or first)]
    (left, top), (right, bottom) = (
        (column_index_from_string(end[1]), int(end[2])) for end in ends if end is not None
    )
    return Area(top, left, bottom, right)


def _string(element: Element) -> str:
    """Return the text of a string item; the reading aids of East Asian text (rPh) are not part of it."""
    pieces: list[str] = []
    for child in element:
        if _name(child) == "t":
            pieces.append(child.text or "")
        elif _name(child) == "r":
            pieces += [part.text or "" for part in child if _name(part) == "t"]
    return unescape("".join(pieces))


def _shared_strings(archive: zipfile.ZipFile, wanted: set[int]) -> dict[int, str]:
    """Return the shared strings asked for, by number; the others are passed over."""
    if not wanted:
        return {}
    found: dict[int, str] = {}
    for number, element in enumerate(_items(archive)):
        if number in wanted:
            found[number] = _string(element)
        element.clear()
    return found


def _items(archive: zipfile.ZipFile) -> Iterator[Element]:
    with archive.open("xl/sharedStrings.xml") as part:
        for _, element in iterparse(part):
            if _name(element) == "si":
                yield element


def _number_formats(archive: zipfile.ZipFile) -> list[str]:
    """Return the number format of each cell style, by the style's number."""
    if "xl/styles.xml" not in archive.namelist():
        return []
    with archive.open("xl/styles.xml") as part:
        root: Any = parse(part).getroot()
    own = {e.get("numFmtId"): e.get("formatCode") or "" for e in root.iter() if _name(e) == "numFmt"}
    formats = []
    for group in (e for e in root if _name(e) == "cellXfs"):
        for style in group:
            number = style.get("numFmtId") or "0"
            builtin = "yyyy-mm-dd" if int(number) in _EAST_ASIAN_DATES else BUILTIN_FORMATS.get(int(number))
            formats.append(own.get(number) or builtin or "General")
    return formats
