"""A file of the ledger as a table: its columns, their types, and where each row stands."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from laoyou.errors import LedgerError, Problem, why
from laoyou.language import Words, mark
from laoyou.periods import frequency, parse_period, period_code

COLUMNS = (
    "region", "indicator", "period", "value", "numerator", "denominator", "missing", "series_break",
    "status", "reported_on", "measured_at", "source", "note",
)  # fmt: skip
STATUSES = Words({"published": mark("公开发布"), "reported": mark("部门上报"), "sample": mark("演示数据")})
MISSING = Words(
    {
        "not_reported": mark("未报"),
        "not_collected": mark("未统计"),
        "not_applicable": mark("不适用"),
        "suppressed": mark("为保护隐私不公布"),
        "below_unit": mark("不足最小单位"),
    }
)
SERIES = ["region", "indicator"]
CELL = [*SERIES, "period"]
NUMBERS = ("value", "numerator", "denominator")
TOO_LARGE = 1e15  # from here on a float no longer keeps the last digits of what is typed in


FREE_TEXT = ("series_break", "source", "note")
LIVE = tuple("=+-@\t\r＝＋－＠")  # what Excel takes for a formula at the beginning of a cell


def guarded(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of text whose free text no spreadsheet takes for a formula: an apostrophe before it.

    ``read_rows`` takes the apostrophe away again.
    """
    safe = rows.copy()
    for name in FREE_TEXT:
        safe[name] = rows[name].map(escaped)
    return safe


def escaped(text: str) -> str:
    """Return a text as a CSV holds it: with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.lstrip("'").startswith(LIVE) else text


def unescaped(text: str) -> str:
    """Return the text that ``escaped`` was given."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(LIVE) else text


def read_rows(file: Path, shown: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Read a ledger file as text.

    Parameters
    ----------
    file : the file
    shown : its name in messages

    Returns
    -------
    Its rows with the ``line`` each begins on, and a problem for each row of another width than the header.

    Raises
    ------
    LedgerError
        If it cannot be read as CSV in UTF-8, or its header is not the ledger's.

    Notes
    -----
    A cell may hold line breaks, so a row's line is counted by the reader, not taken from its number.
    """
    line, lines = 1, []
    ragged = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(filter(None, reader), [])
            _check_header(header, shown, reader.line_num)
            cells: dict[str, list[str]] = {name: [] for name in header}
            line = reader.line_num + 1
            for row in reader:
                if len(row) == len(header):
                    lines.append(line)
                    for column, cell in zip(cells.values(), row, strict=True):
                        column.append(cell.strip())
                elif row:
                    found, allowed = f"有 {len(row)} 格", f"与表头一样 {len(header)} 格"
                    ragged.append(Problem(f"第 {line} 行", found, allowed, "内有逗号的格用英文双引号括起"))
                line = reader.line_num + 1
    except csv.Error as cause:
        problem = Problem(f"第 {line} 行", f"读不出来（{cause}）", "逗号分隔的 CSV，引号成对")
        raise LedgerError(shown, problem) from None
    except (OSError, ValueError) as cause:
        problem = Problem(
            "文件",
            f"读不出来（{why(cause)}）",
            "UTF-8 编码、逗号分隔的 CSV",
            "在 Excel 里另存为“CSV UTF-8（逗号分隔）”",
        )
        raise LedgerError(shown, problem) from None
    table = pd.DataFrame({name: cells[name] for name in COLUMNS}, dtype="str")
    for name in FREE_TEXT:
        table[name] = table[name].map(unescaped)
    return table.assign(line=np.array(lines, np.int64)), ragged


def column_order(file: Path) -> list[str]:
    """Return the columns in the order in which a ledger file has them; the usual order where there is no file.

    Parameters
    ----------
    file : a file that ``read_rows`` accepts
    """
    if not file.exists():
        return list(COLUMNS)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return next(filter(None, csv.reader(stream, strict=True)), list(COLUMNS))


def _check_header(header: list[str], shown: str, line: int) -> None:
    """Refuse a header that lacks a column or has one too many."""
    if not header:
        raise LedgerError(shown, Problem("文件", "是空的", "表头 " + "、".join(COLUMNS)))
    absent = [c for c in COLUMNS if c not in header]
    strange = [c for n, c in enumerate(header) if c not in COLUMNS or c in header[:n]]
    if absent or strange:
        found = "、".join([*(f"缺少「{c}」" for c in absent), *(f"多出「{c}」" for c in strange)])
        raise LedgerError(shown, Problem(f"第 {line} 行（表头）", found, "、".join(COLUMNS)))


def numbers(text: pd.Series) -> pd.Series:
    """Read a column of numbers; NaN where a cell is empty or not a finite number."""
    return pd.to_numeric(text, errors="coerce").astype(float).replace([np.inf, -np.inf], np.nan)


def typed(raw: pd.DataFrame, units: Mapping[str, str]) -> pd.DataFrame:
    """Give text columns their types.

    Parameters
    ----------
    raw : rows as ``read_rows`` returns them
    units : the unit of each measurable id; a rate is worked out from its parts where only those are given

    Returns
    -------
    The rows; what cannot be read is NaN, NaT or year 0, to be reported from ``raw``.
    """
    table = raw.copy()
    for column in NUMBERS:
        table[column] = numbers(raw[column])
    # pandas reads the words "now" and "today" as the moment of reading
    dates = raw["reported_on"].where(raw["reported_on"].str.fullmatch("[0-9]{4}(-[0-9]{1,2}){2}"))
    table["reported_on"] = pd.to_datetime(dates, format="%Y-%m-%d", errors="coerce")
    periods = {text: _period_fields(text) for text in raw["period"].unique()}
    fields = pd.DataFrame(
        [periods[text] for text in raw["period"]], columns=["period", "year", "quarter", "frequency", "end"]
    )
    for column in ("period", "year", "quarter", "frequency"):
        table[column] = fields[column]
    table = table.astype({"period": "str", "year": "int32", "quarter": "int8", "frequency": "str"})
    table["period_end"] = pd.to_datetime(fields["end"])
    percent = table["indicator"].map(units) == "%"
    fraction = 100 * table["numerator"] / table["denominator"].where(percent & (table["denominator"] > 0))
    table["value"] = table["value"].fillna(fraction)
    return table


def _period_fields(text: str) -> tuple[str, int, int, str, pd.Timestamp | None]:
    """Return code, year, quarter (0 if none), frequency and last day of a period; year 0 if it cannot be read."""
    try:
        period = parse_period(text)
    except ValueError:
        return text, 0, 0, "", None
    kind = frequency(period)
    quarter = period.quarter if kind == "quarter" else 0
    return period_code(period), period.year, quarter, kind, period.end_time.normalize()
