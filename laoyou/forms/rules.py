"""What the cells of a collection form accept, what they work out, and when they turn red."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from openpyxl.formatting.rule import Rule
from openpyxl.styles import PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from laoyou.forms.rows import COLUMN, FIGURES, FIRST_ROW, HEAD_ROW, INPUTS, Column, FormRow, Mode
from laoyou.ledger.file import MISSING, STATUSES

WRONG = PatternFill("solid", start_color="F8B9B2", end_color="F8B9B2")
COUNT, AMOUNT, RATE = "count", "amount", "rate"


def at(name: str, row: int) -> str:
    """Return the address of a column's cell."""
    return f"{get_column_letter(COLUMN[name])}{row}"


def add_formulas(sheet: Worksheet, rows: Sequence[FormRow]) -> None:
    """Let the sheet show rates, and the parts of computed ratios. The reader works them out itself."""
    numbers = {row.key: number for number, row in enumerate(rows, FIRST_ROW)}
    for number, row in enumerate(rows, FIRST_ROW):
        if row.mode in (Mode.PARTS, Mode.COMPUTED):
            top, bottom = at(Column.NUMERATOR, number), at(Column.DENOMINATOR, number)
            given = f"AND(ISNUMBER({top}),ISNUMBER({bottom}),N({bottom})>0)"
            sheet[at(Column.VALUE, number)] = f'=IF({given},100*{top}/{bottom},"")'
        for name, key in zip((Column.NUMERATOR, Column.DENOMINATOR), row.parts, strict=False):
            part = at(Column.VALUE, numbers[key])
            sheet[at(name, number)] = f'=IF(ISNUMBER({part}),{part},"")'


def add_validations(
    sheet: Worksheet, rows: Sequence[FormRow], levels: Iterable[str], days: tuple[dt.date, dt.date]
) -> None:
    """Say what each input cell accepts, with the words that refuse anything else.

    Parameters
    ----------
    sheet : the sheet to fill in
    rows : its rows
    levels : the names of the regions that a survey may have measured in
    days : the first and the last day that the form may be filled in on
    """
    kinds = {
        COUNT: _at_least_0("whole", "要整数", "请填 0 或正整数，不带单位。没有数请空着，或选缺数原因。"),
        AMOUNT: _at_least_0("decimal", "要数字", "请填 0 或正数，不带单位。没有数请空着，或选缺数原因。"),
        RATE: DataValidation(
            "decimal",
            operator="between",
            formula1="0",
            formula2="100",
            errorTitle="要百分数",
            error="请填 0 到 100 之间的百分数：94.5 或 94.5%，不要填 0.945。",
        ),
        Column.REASON: _choice(MISSING.values(), "请选缺数原因", "请从下拉列表里选；有数时空着。"),
        Column.STATUS: _choice(STATUSES.values(), "请选数据性质", "请从下拉列表里选一项。"),
        Column.LEVEL: _choice(levels, "请选测得地区", "请从下拉列表里选：这个数是在哪一级测得的。"),
        Column.DAY: DataValidation(
            "date",
            operator="between",
            formula1=_date(days[0]),
            formula2=_date(days[1]),
            errorTitle="日期不对",
            error=f"请填 {days[0]} 到 {days[1]} 之间的日期，写法如 {days[0]}。",
        ),
    }
    kinds[Column.DAY].add(at(Column.DAY, HEAD_ROW))
    for name, address in _inputs(rows):
        if name in kinds:
            kinds[name].add(address)
    for validation in kinds.values():
        if validation.sqref:
            validation.allow_blank = validation.showErrorMessage = True
            validation.errorStyle = "stop"
            sheet.add_data_validation(validation)


def _inputs(rows: Sequence[FormRow]) -> Iterator[tuple[str, str]]:
    """Yield every input cell's kind, or its column where it has none, and its address."""
    for number, row in enumerate(rows, FIRST_ROW):
        for name in INPUTS:
            if name in row.open:
                yield _kind(row, name) if name in FIGURES else name, at(name, number)


def _kind(row: FormRow, name: str) -> str:
    if name != Column.VALUE or row.whole:
        return COUNT
    return RATE if row.percent else AMOUNT


def _at_least_0(kind: Literal["whole", "decimal"], title: str, words: str) -> DataValidation:
    return DataValidation(kind, operator="greaterThanOrEqual", formula1="0", errorTitle=title, error=words)


def _choice(words: Iterable[str], title: str, refusal: str) -> DataValidation:
    return DataValidation("list", formula1='"' + ",".join(words) + '"', errorTitle=title, error=refusal)


def _date(day: dt.date) -> str:
    return f"DATE({day.year},{day.month},{day.day})"


def add_warnings(sheet: Worksheet, last: int) -> None:
    """Turn cells red that contradict each other, down to row ``last``."""
    value, top, bottom, reason = (
        at(name, FIRST_ROW) for name in (Column.VALUE, Column.NUMERATOR, Column.DENOMINATOR, Column.REASON)
    )
    wrong = {
        f"{top}:{at(Column.DENOMINATOR, last)}": f"AND(ISNUMBER(${top}),ISNUMBER(${bottom}),${top}>${bottom})",
        f"{reason}:{at(Column.REASON, last)}": f'AND(${reason}<>"",COUNT(${value}:${bottom})>0)',
    }
    for cells, formula in wrong.items():
        rule = Rule("expression", dxf=DifferentialStyle(fill=WRONG), formula=[formula])
        sheet.conditional_formatting.add(cells, rule)
