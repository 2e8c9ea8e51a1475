"""One row of a filled form: what stands in its cells, and everything wrong with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from laoyou.errors import NotAllowedError, Problem, did_you_mean, one_of
from laoyou.forms.rows import FIGURES, INPUTS, Column, FormRow, Mode
from laoyou.ledger.file import MISSING, STATUSES
from laoyou.personal import personal_numbers, quoted
from laoyou.rules import Rules
from laoyou.sheets.cells import Cell, missing_kind, plain_text, read_date, read_number
from laoyou.sheets.grids import Grid

PREFILLED = (Column.STATUS, Column.LEVEL)  # say nothing while no figure stands beside them
NOT_HERE = "这一行不用填这一格"
Wrong = Callable[..., None]  # a cell's column, what was found, what is allowed, what to do
_WORDS = (Column.SOURCE, Column.NOTE, Column.BREAK)


@dataclass(frozen=True)
class Sheet:
    """The sheet of a filled form.

    Parameters
    ----------
    grid : its cells
    columns : where each input column stands
    levels : the regions that a figure may have been measured in: code by name
    days : the first and the last day that the form may be filled in on
    rules : the rules in force
    """

    grid: Grid
    columns: Mapping[str, int]
    levels: Mapping[str, str]
    days: tuple[dt.date, dt.date]
    rules: Rules

    def cell(self, row: int, name: str) -> Cell:
        """Return an input cell."""
        return self.grid.cell(row, self.columns[name])

    def place(self, row: int, name: str) -> str:
        """Return where an input cell stands."""
        return self.grid.place(row, self.columns[name])

    def blank(self, row: int, name: str) -> bool:
        """Return whether nothing stands in a cell."""
        cell = self.cell(row, name)
        return not cell.trouble and not plain_text(cell.value)

    def day(self, row: int) -> dt.date | None:
        """Return the day that a row was filled in on; None where it does not say.

        Raises
        ------
        NotAllowedError
            If it is no date, before the quarter's end or long after it.
        """
        if self.blank(row, Column.DAY):
            return None
        day = read_date(self.cell(row, Column.DAY))
        if not self.days[0] <= day <= self.days[1]:
            raise NotAllowedError(f"{day} 不在填报的日子里", f"{self.days[0]} 到 {self.days[1]}")
        return day


@dataclass
class Filled:
    """What one row says, and what is wrong with it.

    Parameters
    ----------
    row : which row of the form
    place : where its figure stands
    figures : the numbers filled in, by column
    missing : the kind of missing; empty where there is none
    status, level : the codes of the figure's nature and of the region measured in
    day : when it was filled in, where the row says so
    words : source, note and change of basis, as written
    problems : everything wrong
    """

    row: FormRow
    place: str
    figures: dict[str, Decimal] = field(default_factory=dict)
    missing: str = ""
    status: str = "reported"
    level: str = ""
    day: dt.date | None = None
    words: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def blank(self) -> bool:
        """Whether the row says nothing and nothing is wrong with it."""
        return not (self.figures or self.missing or self.problems)

    @property
    def rate(self) -> Decimal | None:
        """Numerator over denominator [%]; None where they are not given."""
        top, bottom = self.figures.get(Column.NUMERATOR), self.figures.get(Column.DENOMINATOR)
        return 100 * top / bottom if top is not None and bottom else None


def read_row(sheet: Sheet, number: int, row: FormRow) -> Filled:
    """Read a row of a filled form.

    Parameters
    ----------
    sheet : the sheet
    number : the row of the sheet
    row : what the plan says of it
    """
    there = [name for name in INPUTS if not sheet.blank(number, name)]
    at = next(
        (name for name in (*FIGURES, Column.REASON) if name in there and name in row.open), Column.VALUE
    )
    filled = Filled(row, sheet.place(number, at))

    def wrong(name: str, found: str, allowed: str = "", remedy: str = "") -> None:
        filled.problems.append(Problem(sheet.place(number, name), found, allowed, remedy))

    if number in sheet.grid.hidden_rows and any(name in row.open and name not in PREFILLED for name in there):
        wrong(at, "这一行隐藏着，却填了东西", remedy="取消隐藏，核对后再交")
    for name in there:
        if name not in row.open and name not in FIGURES:
            wrong(name, NOT_HERE, remedy="清空这一格")
    signs = _figures(sheet, number, filled, wrong)
    _reason(sheet, number, filled, signs, wrong)
    _check_parts(filled, wrong)
    _shown(sheet, number, filled, wrong)
    for name in there:
        if name in row.open and name in _WORDS:
            _text(sheet, number, name, filled, wrong)
    if Column.DAY in row.open:
        try:
            filled.day = sheet.day(number)
        except NotAllowedError as cause:
            wrong(Column.DAY, cause.found, cause.allowed)
    filled.status = _word(sheet, number, Column.STATUS, filled, STATUSES, wrong) or "reported"
    codes = {code: name for name, code in sheet.levels.items()}
    filled.level = _word(sheet, number, Column.LEVEL, filled, codes, wrong)
    if filled.figures and row.surveyed and sheet.blank(number, Column.LEVEL):
        wrong(Column.LEVEL, "空着，而调查数在县区一级往往测不出", one_of(sheet.levels))
    if filled.blank:
        for name in (Column.NOTE, Column.BREAK):
            if name in there and name in row.open:
                wrong(name, f"有{name}，却没有数，也没有选缺数原因", "一个数，或一个缺数原因")
    return filled


def _figures(sheet: Sheet, number: int, filled: Filled, wrong: Wrong) -> dict[str, str]:
    """Read the numbers of a row; return which cells hold a sign that there is none."""
    row = filled.row
    signs: dict[str, str] = {}
    for name in FIGURES:
        if name not in row.open or sheet.blank(number, name):
            continue
        cell = sheet.cell(number, name)
        kind = missing_kind(cell.value) if isinstance(cell.value, str) else None
        if kind:
            signs[name] = kind
            continue
        try:
            figure = read_number(cell, percent=row.percent and name == Column.VALUE)
        except NotAllowedError as cause:
            wrong(name, cause.found, cause.allowed)
            continue
        filled.figures[name] = figure
        if figure < 0:
            wrong(name, f"{figure:f} 是负数", "0 或正数")
        elif (row.whole or name != Column.VALUE) and figure != figure.to_integral_value():
            wrong(
                name, f"{figure:f} 不是整数", f"整数（单位：{row.entry.unit if row.whole else '个、件、人'}）"
            )
        elif row.percent and name == Column.VALUE and figure > 100:
            wrong(name, f"{figure:f} %", "0 到 100 之间的百分数")
    return signs


def _reason(sheet: Sheet, number: int, filled: Filled, signs: dict[str, str], wrong: Wrong) -> None:
    """Find why there is no number, from the column for it or a sign in a number's cell."""
    kinds = dict(signs)
    if Column.REASON in filled.row.open and not sheet.blank(number, Column.REASON):
        cell = sheet.cell(number, Column.REASON)
        sign = None if cell.trouble else missing_kind(cell.value)
        kind = sign or _word(sheet, number, Column.REASON, filled, MISSING, wrong)
        kinds |= {Column.REASON: kind} if kind else {}
    for name, kind in kinds.items():
        if filled.figures:
            wrong(name, f"说是“{MISSING[kind]}”，但这一行有数", "有数时空着")
    if len(set(kinds.values())) > 1:
        said = "、".join(MISSING[kind] for kind in dict.fromkeys(kinds.values()))
        wrong(list(kinds)[-1], f"缺数原因不一致：{said}", "一个原因")
    if kinds and not filled.figures:
        filled.missing = next(iter(kinds.values()))


def _word(
    sheet: Sheet, number: int, name: str, filled: Filled, known: Mapping[str, str], wrong: Wrong
) -> str:
    """Return the code of a word chosen from a list; empty where there is none or it is not in the list."""
    if name not in filled.row.open or sheet.blank(number, name):
        return ""
    cell = sheet.cell(number, name)
    word = plain_text(cell.value)
    codes = {plain_text(words): code for code, words in known.items()}
    if word not in codes:
        found = _trouble(cell) or quoted(word)
        wrong(name, found, one_of(known.values()), did_you_mean(word, known.values()))
    return codes.get(word, "")


def _trouble(cell: Cell) -> str:
    """Return what is wrong with a cell's formula; empty where nothing is."""
    if cell.trouble == "formula":
        return "是没有保存计算结果的公式"
    return f"公式出错：{cell.trouble}" if cell.trouble else ""


def _check_parts(filled: Filled, wrong: Wrong) -> None:
    """Hold numerator, denominator and value against each other."""
    figures = filled.figures
    top, bottom = figures.get(Column.NUMERATOR), figures.get(Column.DENOMINATOR)
    if (top is None) != (bottom is None) and not filled.problems:
        absent = Column.NUMERATOR if top is None else Column.DENOMINATOR
        wrong(absent, "空着，而分子、分母只填了一个", "两个都填，或都空着")
    if bottom is not None and bottom == 0:
        wrong(
            Column.DENOMINATOR,
            "0 作不了分母",
            "大于 0 的数",
            f"没有个案就选缺数原因“{MISSING['not_applicable']}”",
        )
    if top is not None and bottom and top > bottom:
        wrong(Column.NUMERATOR, f"分子 {top:f} 大于分母 {bottom:f}", "不大于分母的数")


def _shown(sheet: Sheet, number: int, filled: Filled, wrong: Wrong) -> None:
    """Hold a rate against its parts, whether it was typed or is the form's own formula.

    A figure typed where none is asked for is refused. The form's formulas stand in such cells, too: they are
    passed over without a result, and with one they must agree with what it was worked out from.
    """
    row, rate = filled.row, filled.rate
    for name in FIGURES:
        cell = sheet.cell(number, name)
        if row.mode == Mode.COMPUTED or sheet.blank(number, name) or (cell.trouble and name not in row.open):
            continue
        if name in row.open:
            figure = filled.figures.get(name) if name == Column.VALUE else None
        else:
            figure = as_shown(cell)
            if figure is None or row.mode != Mode.PARTS or (rate is None and not filled.problems):
                remedy = "填分子和分母，率会自动算出" if row.mode == Mode.PARTS else "清空这一格"
                wrong(name, NOT_HERE, remedy=remedy)
                continue
        tolerance = Decimal(repr(sheet.rules.ledger.rate_rounding))
        if figure is not None and rate is not None and abs(figure - rate) > tolerance:
            found = f"{figure:f} 与分子÷分母 {rate:.2f} 不符"
            wrong(name, found, "与分子÷分母一致的率", "核对分子、分母，率由程序计算")


def as_shown(cell: Cell) -> Decimal | None:
    """Return the number in a cell that is not to be filled in, in per cent if it is shown so; None if there is none."""
    if isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool):
        return Decimal(repr(cell.value)) * (100 if cell.percent else 1)
    try:
        return read_number(cell, percent=True)
    except NotAllowedError:
        return None


def _text(sheet: Sheet, number: int, name: str, filled: Filled, wrong: Wrong) -> None:
    """Read a free text, but never one that a person could be found by."""
    cell = sheet.cell(number, name)
    if cell.trouble:
        wrong(name, _trouble(cell), "文字，不是公式")
        return
    text = " ".join(cell.value.split()) if isinstance(cell.value, str) else plain_text(cell.value)
    if personal_numbers(text):
        wrong(name, "像是有身份证号或电话号码（这里不重复）", "不含个人信息的文字", "删去后再交")
    else:
        filled.words[name] = text
