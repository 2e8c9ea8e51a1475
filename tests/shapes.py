"""Files of every shape, made on the spot: text in any encoding, workbooks old and new, whole, changed and broken."""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import openpyxl
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
Rows = Sequence[Sequence[Any]]

# An identity number whose check digit is right, and telephone numbers, of nobody
CANARIES = ("11010519491231002X", "13800138000", "0577-63381234", "欧阳测试")


def text_file(rows: Rows, encoding: str = "utf-8", separator: str = ",", end: str = "\r\n") -> bytes:
    """Return rows as a text file."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(rows)
    return text.getvalue().encode(encoding)


def workbook(
    rows: Rows = (), name: str = "明细", change: Callable[[Workbook, Worksheet], object] | None = None
) -> bytes:
    """Return rows as an .xlsx workbook, changed before it is saved."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = name
    for number, line in enumerate(rows, 1):
        for column, value in enumerate(line, 1):
            if value is not None:
                sheet.cell(number, column).value = value
    if change:
        change(book, sheet)
    content = io.BytesIO()
    book.save(content)
    return _with_shared_strings(content.getvalue())


def _with_shared_strings(content: bytes) -> bytes:
    """Return a workbook with its text in the table of shared strings, where Excel keeps it and openpyxl does not."""
    items: list[str] = []

    def shared(match: re.Match[str]) -> str:
        items.append(match[2])
        return f'<c{match[1]} t="s"><v>{len(items) - 1}</v></c>'

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(SHEET).decode("utf-8")
    text = re.sub(r'<c([^>]*) t="inlineStr"><is>(.*?)</is></c>', shared, text, flags=re.DOTALL)
    table = "".join(f"<si>{item}</si>" for item in items)
    return repacked(content, {SHEET: text.encode(), STRINGS: f'<sst xmlns="{MAIN}">{table}</sst>'.encode()})


def repacked(content: bytes, parts: Mapping[str, Any]) -> bytes:
    """Return a zip with parts replaced or added: by bytes, by a function of what was there, or removed by None."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *parts]):
            data = old.read(name) if name in old.namelist() else b""
            part = parts.get(name, data)
            if part is not None:
                new.writestr(name, part(data.decode("utf-8")) if callable(part) else part)
    return out.getvalue()


def with_result(content: bytes, address: str, result: str, kind: str = "n") -> bytes:
    """Return a workbook whose formula in a cell has a result saved with it."""

    def change(text: str) -> str:
        cell = re.compile(rf'<c r="{address}"([^>]*)>(<f>.*?</f>)<v ?/?>(</v>)?</c>')
        changed, times = cell.subn(rf'<c r="{address}"\1 t="{kind}">\2<v>{result}</v></c>', text)
        assert times == 1, text
        return changed

    return repacked(content, {SHEET: change})


def old_workbook(
    rows: Rows, name: str = "明细", change: Callable[[xlwt.Workbook, Any], object] | None = None
) -> bytes:
    """Return rows as an .xls workbook; dates are shown as such."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet(name)
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for number, line in enumerate(rows):
        for column, value in enumerate(line):
            if isinstance(value, dt.date):
                sheet.write(number, column, value, day)
            elif value is not None:
                sheet.write(number, column, value)
    if change:
        change(book, sheet)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def protected(content: bytes) -> bytes:
    """Return a workbook protected by a password."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt("密码", out)
    return out.getvalue()


def protected_old(content: bytes) -> bytes:
    """Return an .xls workbook that says it is protected by a password: FILEPASS follows its first record."""
    first = b"\xe1\x00\x02\x00\xb0\x04"  # INTERFACEHDR, which xlwt writes second
    assert content.count(first) == 1
    return content.replace(first, b"\x2f\x00\x02\x00\x00\x00")
