"""Text files of separated values, in whichever encoding a platform or a Chinese Excel wrote them."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import numpy as np

from laoyou.errors import IntakeError, Problem
from laoyou.rules import Intake
from laoyou.sheets.cells import Cell
from laoyou.sheets.columns import Columns, Gathering, chunks, uncollected
from laoyou.sheets.grids import SAVE_AS, Grid, Sheet, damaged, too_many_rows

MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
SEPARATORS = ",\t;|"
LONGEST_LINE = 1_000_000  # bytes
LOOKED_AT = 20  # lines that show which separator a file uses
_LINE_END = re.compile(rb"[\r\n]")
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f]"
)  # no text has them; tab, line ends and Ctrl-Z it has


class TextReader:
    """A text file. It has one sheet, without a name.

    Parameters
    ----------
    file : the file, in UTF-8 with or without mark, UTF-16 or GB18030, separated by comma, tab, semicolon or bar
    shown : its name in messages
    limits : the largest number of rows accepted

    Raises
    ------
    IntakeError
        If it is not text, or a web page under another name.
    """

    def __init__(self, file: Path, shown: str, limits: Intake) -> None:
        self._file, self._shown, self._limits = file, shown, limits
        content = file.read_bytes()
        _refuse_long_lines(content, shown)
        self._encoding = _encoding(content, shown)
        self._ended = content.rstrip(b"\x00\x1a").endswith((b"\n", b"\r"))
        with self._open() as stream:
            start = [line for line, _ in zip(stream, range(LOOKED_AT), strict=False)]
        if "".join(start).lstrip("\ufeff \r\n\t").startswith("<"):
            problem = Problem(
                "文件", "其实是网页（HTML 或 XML），不是表格", ".xlsx、.xlsm、.xls 或 CSV", SAVE_AS
            )
            raise IntakeError(shown, problem)
        self._separator = _separator(start)
        self.sheets = [Sheet("")]

    def _open(self) -> io.TextIOWrapper:
        return self._file.open(encoding=self._encoding, newline="")

    def grid(self, sheet: Sheet, columns: Collection[int] | None = None, last_row: int | None = None) -> Grid:
        """Read the file, as ``laoyou.sheets.grids.Reader`` says; rows are numbered by the line they begin on.

        Raises
        ------
        IntakeError
            If its quotes do not pair or it has too many rows.
        """
        cells: dict[tuple[int, int], Cell] = {}
        widths: dict[int, int] = {}
        row = width = last_width = 0
        for row, values in itertools.takewhile(lambda r: r[0] <= (last_row or r[0]), self._rows(sheet)):
            last_width = len(values)
            width = max(width, last_width)
            widths[row] = max((n for n, value in enumerate(values, 1) if value.strip()), default=0)
            for column, value in enumerate(values, 1):
                if value and (columns is None or column in columns):
                    cells[row, column] = Cell(value)
        cut_row = row if last_width < width and last_row is None and not self._ended else 0
        return Grid(sheet, cells, row, width, widths=widths, cut_row=cut_row)

    def columns(self, sheet: Sheet, wanted: Mapping[int, bool], heading: int, width: int) -> Columns:
        """Read some columns below a heading: what ``grid`` gives, for files of a million rows.

        Parameters
        ----------
        sheet : the one there is
        wanted : the columns, from 1, and whether texts in them recur: ids do not, and are not looked up
        heading, width : its last line, and how many columns it has

        Raises
        ------
        IntakeError
            As ``grid``.
        """
        found, simple = Gathering(wanted, width), True
        try:
            with uncollected(), self._open() as stream:
                reader = csv.reader(stream, strict=True, delimiter=self._separator)
                for rows in chunks(reader):
                    found.add(rows)
                    if found.count > self._limits.max_rows:
                        raise too_many_rows(self._shown, sheet, self._limits)
                simple = reader.line_num == found.count
        except csv.Error:
            for _ in self._rows(sheet):  # comes to the same line, and says which
                pass
            raise
        except (OSError, UnicodeError) as cause:  # it was taken away or changed meanwhile
            raise damaged(self._shown, cause) from None
        lines = np.arange(1, found.count + 1)
        if not simple:  # a cell of several lines: each row's own is counted
            lines = np.fromiter((line for line, _ in self._rows(sheet)), np.int64)
        return found.below(heading, lines, ended=self._ended)

    def _rows(self, sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
        line = 1
        try:
            with self._open() as stream:
                reader = csv.reader(stream, strict=True, delimiter=self._separator)
                for number, values in enumerate(reader, 1):
                    if number > self._limits.max_rows:
                        raise too_many_rows(self._shown, sheet, self._limits)
                    yield line, values
                    line = reader.line_num + 1
        except csv.Error:
            problem = Problem(f"第 {line} 行", "读不成一行", "引号成对、逗号或制表符分隔", "重新导出")
            raise IntakeError(self._shown, problem) from None
        except (OSError, UnicodeError) as cause:  # it was taken away or changed meanwhile
            raise damaged(self._shown, cause) from None


def _refuse_long_lines(content: bytes, shown: str) -> None:
    """Refuse a line that no table has, before its fields fill the memory."""
    half = LONGEST_LINE // 2  # a longer line fills one of these from end to end
    if all(_LINE_END.search(content, at, at + half) for at in range(0, len(content) - half, half)):
        return
    for number, line in enumerate(content.splitlines(), 1):
        if len(line) > LONGEST_LINE:
            found = f"有 {len(line):,} 字节"
            problem = Problem(f"第 {number} 行", found, f"一行不超过 {LONGEST_LINE:,} 字节", "重新导出")
            raise IntakeError(shown, problem)


def _encoding(content: bytes, shown: str) -> str:
    """Return the encoding of a text, found by its mark or by trying.

    UTF-8 has a form of its own that other text hardly ever has by chance; UTF-16 without a mark shows in zero
    bytes; GB18030 comes last because it reads almost anything.
    """
    marked = next((name for mark, name in MARKS.items() if content.startswith(mark)), "")
    zeros = content[:4096].count(0)
    if marked:
        candidates = [marked]
    elif zeros > len(content[:4096]) / 8:
        even = content[:4096:2].count(0)
        candidates = ["utf-16-be" if even > zeros / 2 else "utf-16-le"]
    else:
        candidates = ["utf-8", "gb18030"]
    for name in candidates:
        try:
            text = content.decode(name)
        except UnicodeError:
            continue
        if not _CONTROLS.search(text):
            return name
    problem = Problem("文件", "不是能读的文字或表格", "UTF-8、UTF-16 或 GB18030 编码的 CSV", SAVE_AS)
    raise IntakeError(shown, problem)


def _separator(lines: list[str]) -> str:
    """Return the separator that splits some line into the most fields."""

    def most(separator: str) -> int:
        try:
            return max((len(row) for row in csv.reader(lines, delimiter=separator)), default=0)
        except csv.Error:
            return 0

    return max(SEPARATORS, key=most)
