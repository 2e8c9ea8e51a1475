"""How a collection form looks: one A4 sheet to fill in, everything but its input cells locked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from laoyou.forms.rows import (
    COLUMN,
    FIRST_ROW,
    GROUP_ROW,
    GUIDE_ROW,
    HEAD_ROW,
    HEADER_ROW,
    INPUTS,
    KEY,
    KNOWN,
    LATEST_AFTER,
    MARKS,
    NO_ROW,
    SHEET,
    TITLE_ROW,
    VERSION,
    WHOLE_DAY,
    Column,
    FormRow,
)
from laoyou.forms.rules import add_formulas, add_validations, add_warnings
from laoyou.ledger.file import STATUSES
from laoyou.periods import period_label
from laoyou.regions import Region
from laoyou.sheets.a4 import HEAD, INPUT, LINE_HEIGHT, PADDING, SHUT, lay_on_a4, lock, put, row_height, unlock
from laoyou.sheets.excel_text import write_text

WIDTHS = (5, 14, 6, 9, 14, 13, 43, 10, 9, 9, 10, 9, 9, 12, 12, 12, 10)  # of a column [digits]
LAST_COLUMN = COLUMN[Column.BREAK]
GUIDE = (
    "1. 只填黄色格，其余已锁定；没有设密码，只为防止误改。每行填哪一天、哪一段的数，看“本季填什么”一列。",
    "2. 率填百分数：94.5 或 94.5%，不要填 0.945。要分子、分母的只填这两格，率会自动算出。同一个数全表只填一次。",
    "3. 暂时没有的空着；确定没有的选“缺数原因”，不要填 0。口径变了，在“口径变化”里写明依据。演练用的数，数据性质选“演示数据”。",
    "4. 来源空着即记作本表；各行的填报日期空着即用右上角的全表日期。来源和备注里不要写身份证号、电话号码。",
    "5. 不要增删行、列和工作表，不要隐藏行；填好存为 .xlsx 交回。",
)


@dataclass(frozen=True)
class Line:
    """A row of the form with what stands beside its input cells.

    Parameters
    ----------
    row : which row
    target : the year's target as printed
    last, year_ago : the figure before, and that of the same quarter a year before, in words
    text : what to fill in this quarter, and the definition
    level : the region that the figure was last measured in, by name; empty if it is this region's own
    """

    row: FormRow
    target: str
    last: str
    year_ago: str
    text: str
    level: str = ""


@dataclass(frozen=True)
class Form:
    """A form to be written: whose it is, and its lines; ``levels`` are the regions that may be measured in."""

    plan_id: str
    plan_title: str
    region: Region
    quarter: pd.Period
    unit: str
    lines: Sequence[Line]
    levels: Sequence[str]

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """The first and the last day that it may be filled in on."""
        end = self.quarter.end_time.date()
        return end, end + LATEST_AFTER


def build(form: Form) -> Workbook:
    """Return a form as a workbook: the sheet to fill in and, out of sight, the marks it is known by."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    _head(sheet, form)
    for number, line in enumerate(form.lines, FIRST_ROW):
        _line(sheet, number, line)
    last = FIRST_ROW + len(form.lines)
    rows = [line.row for line in form.lines]
    add_formulas(sheet, rows)
    _signatures(sheet, last)
    add_validations(sheet, rows, form.levels, form.days)
    add_warnings(sheet, last - 1)
    _page(sheet, form, last)
    _marks(book.create_sheet(MARKS), form)
    lock(book)
    return book


def _head(sheet: Worksheet, form: Form) -> None:
    """Write what stands above the rows: title, whose form, date of the whole form, guide, heads."""
    day = COLUMN[Column.DAY]
    title = f"{form.region.zh}{form.plan_title.removeprefix(form.region.zh)}"
    put(
        sheet,
        TITLE_ROW,
        1,
        f"{title}{period_label(form.quarter)}填报表",
        bold=True,
        size=15,
        across="center",
        grid=False,
    )
    put(
        sheet,
        HEAD_ROW,
        1,
        f"填报单位：{form.unit}　　填报期间：{period_label(form.quarter)}",
        size=11,
        grid=False,
    )
    put(sheet, HEAD_ROW, day - 3, "全表填报日期：", across="right", grid=False)
    put(sheet, HEAD_ROW, day, fill=INPUT, across="center")
    _unlock(sheet, HEAD_ROW, day)
    put(sheet, GUIDE_ROW, 1, "\n".join(GUIDE), grid=False)
    merges = (
        (TITLE_ROW, 1, LAST_COLUMN), (HEAD_ROW, 1, len(KNOWN)), (HEAD_ROW, day - 3, day - 1),
        (GUIDE_ROW, 1, LAST_COLUMN), (GROUP_ROW, 1, len(KNOWN)), (GROUP_ROW, len(KNOWN) + 1, LAST_COLUMN),
    )  # fmt: skip
    for column in range(1, LAST_COLUMN + 1):
        own = column <= len(KNOWN)
        words = {1: "已有的情况（不用填）", len(KNOWN) + 1: "请填写"}.get(column, "")
        put(sheet, GROUP_ROW, column, words, bold=True, fill=HEAD if own else INPUT, across="center")
        name = (*KNOWN, *INPUTS)[column - 1]
        put(sheet, HEADER_ROW, column, name, bold=True, fill=HEAD, across="center")
    for row, first, last in merges:
        sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)
    for row, key in (
        (TITLE_ROW, NO_ROW), (HEAD_ROW, WHOLE_DAY), (GUIDE_ROW, NO_ROW), (GROUP_ROW, NO_ROW), (HEADER_ROW, KEY),
    ):  # fmt: skip
        write_text(sheet.cell(row, COLUMN[KEY]), key)
    heights = (26.0, 20.0, len(GUIDE) * LINE_HEIGHT + PADDING, 17.0, 31.0)
    for row, height in zip(range(TITLE_ROW, FIRST_ROW), heights, strict=True):
        sheet.row_dimensions[row].height = height


def _line(sheet: Worksheet, number: int, line: Line) -> None:
    """Write one row: what is known, the cells to fill in, and the key."""
    row = line.row
    printed = getattr(row.entry, "row", "")
    shown = (
        int(printed) if printed.isdigit() else printed or "—",
        row.name, row.entry.unit, line.target, line.last, line.year_ago, line.text,
    )  # fmt: skip
    for column, text in enumerate(shown, 1):
        name = KNOWN[column - 1]
        across = "left" if name in (KNOWN[1], KNOWN[-1]) else "center"
        put(sheet, number, column, text, across=across, bold=column == 2)
    for name in INPUTS:
        given = (
            {Column.STATUS: STATUSES["reported"], Column.LEVEL: line.level}.get(name, "")
            if name in row.open
            else ""
        )
        wide = name in (Column.SOURCE, Column.NOTE, Column.BREAK)
        fill = INPUT if name in row.open else SHUT
        put(sheet, number, COLUMN[name], given, fill=fill, across="left" if wide else "center")
        if name in row.open:
            _unlock(sheet, number, COLUMN[name])
    _number_formats(sheet, number, row)
    write_text(sheet.cell(number, COLUMN[KEY]), row.key)
    sheet.row_dimensions[number].height = row_height(shown, WIDTHS[: len(KNOWN)])


def _number_formats(sheet: Worksheet, number: int, row: FormRow) -> None:
    """Show figures as they are due.

    An open cell for per cent stays General: then Excel makes a typed 94.5% a percentage that the reader sees.
    """
    decimals = 0 if row.whole else getattr(row.entry, "decimals", 2)
    places = "." + "0" * decimals if decimals else ""
    if not row.percent:
        sheet.cell(number, COLUMN[Column.VALUE]).number_format = "#,##0" if row.whole else "General"
    elif Column.VALUE not in row.open:
        sheet.cell(number, COLUMN[Column.VALUE]).number_format = f"0{places}"
    for name in (Column.NUMERATOR, Column.DENOMINATOR):
        sheet.cell(number, COLUMN[name]).number_format = "#,##0"


def _unlock(sheet: Worksheet, row: int, column: int) -> None:
    unlock(sheet, row, column)
    if column == COLUMN[Column.DAY]:
        sheet.cell(row, column).number_format = "yyyy-mm-dd"


def _signatures(sheet: Worksheet, row: int) -> None:
    """Write the line that is signed on paper."""
    gap = "　" * 9
    words = f"填表人（签字）：{gap}审核人（签字）：{gap}单位负责人（签字）：{gap}（单位盖章）　　　　年　　月　　日"
    put(sheet, row, 1, words, size=11, across="center", grid=False)
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=LAST_COLUMN)
    sheet.row_dimensions[row].height = 36
    write_text(sheet.cell(row, COLUMN[KEY]), NO_ROW)


def _page(sheet: Worksheet, form: Form, last: int) -> None:
    """Set up the paper and the window."""
    header = (form.region.zh, form.unit, period_label(form.quarter))
    lay_on_a4(sheet, WIDTHS, header=header, footer=form.plan_title)
    sheet.column_dimensions[get_column_letter(COLUMN[KEY])].hidden = True
    if not any(line.row.surveyed for line in form.lines):
        sheet.column_dimensions[get_column_letter(COLUMN[Column.LEVEL])].hidden = True
    sheet.freeze_panes = f"C{FIRST_ROW}"
    sheet.sheet_view.showGridLines = False
    sheet.sheet_view.zoomScale = 90
    sheet.print_area = f"A1:{get_column_letter(LAST_COLUMN)}{last}"
    sheet.print_title_rows = f"{GROUP_ROW}:{HEADER_ROW}"


def _marks(sheet: Worksheet, form: Form) -> None:
    """Write what the reader knows a form by, and every key it must find again."""
    sheet.sheet_state = "veryHidden"
    marks = {
        "version": VERSION, "plan": form.plan_id, "region": form.region.code, "quarter": str(form.quarter),
        "unit": form.unit,
    }  # fmt: skip
    for number, (name, text) in enumerate(marks.items(), 1):
        write_text(sheet.cell(number, 1), name)
        write_text(sheet.cell(number, 2), text)
    for number, line in enumerate(form.lines, len(marks) + 1):
        write_text(sheet.cell(number, 1), "row")
        write_text(sheet.cell(number, 2), line.row.key)
