"""A worksheet laid out for A4: cells and their looks, row heights, paper, and what is locked."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from laoyou.sheets.excel_text import write_text

A4 = 9  # the paper's number in ECMA-376
FONT = "等线"  # every Windows in Chinese has it; where it is absent, any Chinese font will do
INPUT, SHUT, HEAD = (PatternFill("solid", start_color=c) for c in ("FFF8D6", "EDEDED", "DCE6F1"))
LINE_HEIGHT, PADDING = 13.5, 7.0  # of a row [points]
_LINE = Side("thin", color="8C8C8C")
_GRID = Border(_LINE, _LINE, _LINE, _LINE)


def put(
    sheet: Worksheet, row: int, column: int, text: object = "", *, bold: bool = False, size: int = 10,
    fill: PatternFill | None = None, across: str = "left", grid: bool = True,
) -> None:  # fmt: skip
    """Write a text, or leave it out if empty, and give its cell its looks; a whole number stays a number."""
    cell = sheet.cell(row, column)
    if isinstance(text, int):
        cell.value = text
    elif text:
        write_text(cell, text)
    cell.font = Font(FONT, size, bold=bold)
    cell.alignment = Alignment(across, "center", wrap_text=True)
    if fill:
        cell.fill = fill
    if grid:
        cell.border = _GRID


def unlock(sheet: Worksheet, row: int, column: int) -> None:
    """Let a cell be filled in once the sheet is protected."""
    sheet.cell(row, column).protection = Protection(locked=False)


def lines(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of some width [digits]."""
    columns = max(width - 1, 2)
    each = (
        sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in part) for part in text.split("\n")
    )
    return sum(max(1, math.ceil(wide / columns)) for wide in each)


def row_height(texts: Iterable[object], widths: Sequence[float], least: int = 2) -> float:
    """Return the height that a row of texts needs [points], in columns of some widths [digits]."""
    needed = max((lines(str(text), width) for text, width in zip(texts, widths, strict=True)), default=1)
    return max(needed, least) * LINE_HEIGHT + PADDING


def printed(text: str) -> _HeaderFooterPart:
    """Return a part of a header or footer in which no character is a command."""
    return _HeaderFooterPart(text.replace("&", "&&"), size=9)


def lay_on_a4(
    sheet: Worksheet, widths: Sequence[float], *, header: tuple[str, str, str], footer: str
) -> None:
    """Set up a landscape A4 page as wide as its columns, with a header and page numbers.

    Parameters
    ----------
    sheet : the sheet
    widths : of its columns [digits]
    header : left, middle and right of the header
    footer : left of the footer; page numbers stand in its middle
    """
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.header, margins.footer = 0.65, 0.6, 0.3, 0.3
    sheet.oddHeader = HeaderFooterItem(*map(printed, header))
    pages = _HeaderFooterPart("第 &P 页，共 &N 页", size=9)
    sheet.oddFooter = HeaderFooterItem(printed(footer), pages)


def lock(book: Workbook) -> None:
    """Lock every cell that was not unlocked, without a password: against mistakes, not against people."""
    for page in book.worksheets:
        page.protection.sheet = page.protection.objects = page.protection.scenarios = True
        page.protection.formatRows = False  # rows may be made higher for a long note
    book.security = WorkbookProtection(lockStructure=True)
