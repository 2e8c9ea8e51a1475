"""Problem lists as workbooks: one for each unit, everything but its own columns locked."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from laoyou.errors import LaoyouError, Problem, RunError
from laoyou.forms.write import file_name, write_workbook
from laoyou.pages.problem_words import cells
from laoyou.periods import period_label
from laoyou.sheets.a4 import HEAD, INPUT, LINE_HEIGHT, PADDING, SHUT, lay_on_a4, lock, put, row_height, unlock
from laoyou.sheets.excel_text import write_text
from laoyou.sheets.grids import open_reader
from laoyou.sheets.packing import settled
from laoyou.supervision.docket import Docket, Entry
from laoyou.supervision.matters import Matter
from laoyou.supervision.merge import planned
from laoyou.supervision.sheet import (
    BY_COLUMN,
    COLUMN,
    DAY_COLUMN,
    FIRST_ROW,
    GUIDE_ROW,
    HEAD_ROW,
    HEADER_ROW,
    HEADS,
    INPUTS,
    KEY,
    KNOWN,
    LONGEST,
    MARKS,
    NAMED_COLUMN,
    NAMED_ROW,
    REAL,
    SAMPLE,
    SHEET,
    TITLE_ROW,
    VERSION,
    YES,
    Column,
    read_returned,
    unit_line,
)

WIDTHS = (10, 13, 34, 12, 14, 11, 11, 11, 24, 18, 20, 9, 20, 8, 20, 8, 10, 9)  # of a column [digits]
REPEATED = 2  # columns that stand on both papers
SCALE = 70  # of the print [%]
GUIDE = (
    "1. 只填黄色格，其余已锁定；没有设密码，只为防止误改。“原因、整改措施、责任人”三项要写全，以后有变化再改。",
    "2. 每次交回写“本次进展”。整改到位的，“申请销号”选“是”，并在“销号依据”写明凭什么：数据、台账、文件名都可以。",
    "3. 验收、销号、报专班由督查方办理。清单里不要写身份证号、电话号码；不要增删行、列和工作表。",
    "4. 同一份清单只交一份：两份不同的内容交回时，后一份会被退回，不会覆盖前一份。填好存为 .xlsx 交回。",
)


def write_problem_sheets(docket: Docket, folder: Path) -> list[Path]:
    """Write each unit's list of open problems.

    Parameters
    ----------
    docket : the quarter's
    folder : to write into

    Returns
    -------
    The files; none where no problem is open.

    Raises
    ------
    RunError
        If a list that is there already has been filled in, or a file cannot be written; none is ever half written.
    """
    made: dict[Path, bytes] = {}
    for unit in dict.fromkeys(matter.unit for matter in docket.open):
        entries = [e for e in docket.entries if e.matter and e.matter.open and e.unit == unit]
        content = io.BytesIO()
        _build(docket, unit, entries).save(content)
        made[folder / file_name(unit, [file.name for file in made])] = settled(content.getvalue())
    filled = [
        Problem(file.name, "里面已经填了东西", remedy="移走（录入过的也一样），再重新生成")
        for file in made
        if _filled(file, docket)
    ]
    if filled:
        raise RunError(docket.view.workspace.relative(folder), filled)
    for file, workbook in made.items():
        write_workbook(file, workbook)
    return list(made)


def _filled(file: Path, docket: Docket) -> bool:
    """Return whether a file is there that holds anyone's work; one that cannot be read counts as such."""
    if not file.exists():
        return False
    try:
        reader = open_reader(file, file.name, docket.view.rules.intake)
        found = read_returned([reader.grid(sheet) for sheet in reader.sheets], file.name)
    except LaoyouError:
        return True
    if found.by or found.on:
        return True
    for row in found.rows:
        matter = docket.every.get(row.number)
        told = planned(matter.events[: row.mark.seen]) if matter else {}
        if list(row.texts.values()) != [text for text in told.values() if text]:
            return True
    return False


def _build(docket: Docket, unit: str, entries: Sequence[Entry]) -> Workbook:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    view = docket.view
    own = view.plan.title.zh.removeprefix(view.region.zh)
    marked = "（演示数据）" if docket.sample else ""
    _head(sheet, f"{view.region.zh}{own}{period_label(view.quarter)}督查核查问题清单{marked}", unit)
    for number, entry in enumerate(entries, FIRST_ROW):
        assert entry.matter is not None  # only open ones are listed
        _line(sheet, number, docket, entry, entry.matter)
    _validate(sheet, FIRST_ROW + len(entries) - 1)
    header = (view.region.zh, unit, f"{period_label(view.quarter)}问题清单，截至 {docket.day}{marked}")
    lay_on_a4(sheet, WIDTHS, header=header, footer=view.plan.title.zh)
    sheet.column_dimensions[get_column_letter(COLUMN[KEY])].hidden = True
    sheet.freeze_panes = f"C{FIRST_ROW}"
    sheet.sheet_view.showGridLines = False
    sheet.sheet_view.zoomScale = 90
    sheet.print_area = f"A1:{get_column_letter(len(HEADS))}{FIRST_ROW + len(entries) - 1}"
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    # Two sheets of paper side by side, what is known and what to fill in: on one the words would be too small to read.
    sheet.print_title_cols = f"A:{get_column_letter(REPEATED)}"
    sheet.col_breaks.append(Break(id=len(KNOWN)))
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=False)
    sheet.page_setup.scale, sheet.page_setup.pageOrder = SCALE, "overThenDown"
    _marks(book.create_sheet(MARKS), docket, unit, [e.matter for e in entries if e.matter])
    lock(book)
    return book


def _head(sheet: Worksheet, title: str, unit: str) -> None:
    put(sheet, TITLE_ROW, REPEATED + 1, title, bold=True, size=15, across="center", grid=False)
    put(sheet, NAMED_ROW, NAMED_COLUMN, unit_line(unit), size=11, grid=False)
    for column, label in ((BY_COLUMN, "填表人："), (DAY_COLUMN, "填报日期：")):
        put(sheet, HEAD_ROW, column - 1, label, across="right", grid=False)
        put(sheet, HEAD_ROW, column, fill=INPUT, across="center")
        unlock(sheet, HEAD_ROW, column)
    sheet.cell(HEAD_ROW, DAY_COLUMN).number_format = "yyyy-mm-dd"
    put(sheet, GUIDE_ROW, REPEATED + 1, "\n".join(GUIDE), grid=False)
    for row in (TITLE_ROW, HEAD_ROW, GUIDE_ROW):
        sheet.merge_cells(start_row=row, start_column=REPEATED + 1, end_row=row, end_column=len(KNOWN))
    for column, name in enumerate(HEADS, 1):
        put(
            sheet,
            HEADER_ROW,
            column,
            str(name),
            bold=True,
            fill=INPUT if name in INPUTS else HEAD,
            across="center",
        )
    write_text(sheet.cell(HEADER_ROW, COLUMN[KEY]), KEY)
    heights = (26.0, 20.0, len(GUIDE) * LINE_HEIGHT + PADDING, 31.0)
    for row, height in zip(range(TITLE_ROW, FIRST_ROW), heights, strict=True):
        sheet.row_dimensions[row].height = height


def _line(sheet: Worksheet, row: int, docket: Docket, entry: Entry, matter: Matter) -> None:
    """Write one problem: what is known, what is told so far in the cells to fill in, and its number out of sight."""
    (
        number, _, name, what, origin, cause, measures, _, supporting, responsible, assigned, due, progress, state,
        closed_by, closed_on, escalated,
    ) = cells(docket, entry)  # fmt: skip
    known = (number, name, what, origin, supporting, assigned, due, state, progress or "—")
    given = {Column.CAUSE: cause, Column.MEASURES: measures, Column.RESPONSIBLE: responsible}
    texts = [*known, *(given.get(column, "") for column in INPUTS), closed_by, closed_on, escalated]
    for column, text in enumerate(texts, 1):
        head = HEADS[column - 1]
        fill = INPUT if head in INPUTS else SHUT if head not in KNOWN else None
        put(sheet, row, column, text, bold=column == 1, fill=fill, size=9)
        if head in INPUTS:
            unlock(sheet, row, column)
    write_text(sheet.cell(row, COLUMN[KEY]), number)
    sheet.row_dimensions[row].height = row_height(texts, WIDTHS, least=4)


def _validate(sheet: Worksheet, last: int) -> None:
    """Say what each cell accepts."""
    yes = DataValidation(
        "list", formula1=f'"{YES}"', allow_blank=True, errorTitle="申请销号", error="请选“是”，或空着。"
    )
    text = DataValidation(
        "textLength", operator="lessThanOrEqual", formula1=str(LONGEST), allow_blank=True,
        errorTitle="太长", error=f"不超过 {LONGEST} 个字。",
    )  # fmt: skip
    day = DataValidation(
        "date",
        operator="greaterThan",
        formula1="40000",
        errorTitle="要日期",
        error="请填日期，如 2026-11-20。",
    )
    day.add(f"{get_column_letter(DAY_COLUMN)}{HEAD_ROW}")
    for column in INPUTS:
        letter = get_column_letter(COLUMN[column])
        (yes if column == Column.APPLY else text).add(f"{letter}{FIRST_ROW}:{letter}{last}")
    for validation in (yes, text, day):
        validation.showErrorMessage = True
        sheet.add_data_validation(validation)


def _marks(sheet: Worksheet, docket: Docket, unit: str, matters: Sequence[Matter]) -> None:
    """Write what the reader knows a list by, and how many steps of each matter it was written with."""
    sheet.sheet_state = "veryHidden"
    marks = [
        ("version", VERSION), ("region", docket.view.region.code), ("quarter", str(docket.view.quarter)), ("unit", unit),
        ("data", SAMPLE if docket.sample else REAL),
    ]  # fmt: skip
    rows = [*marks, *(("row", m.number, str(len(m.events)), m.subject) for m in matters)]
    for number, texts in enumerate(rows, 1):
        for column, text in enumerate(texts, 1):
            write_text(sheet.cell(number, column), text)
