"""What one cell means: a number, a date, or a kind of missing; never a guess between two readings."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from laoyou.errors import NotAllowedError
from laoyou.personal import personal_numbers, quoted

NUMBER_SPELLINGS = "1234、1,234、94.5、94.5%、1.2万 这样的数"
DATE_SPELLINGS = "2026-09-30、2026/9/30、2026年9月30日、20260930，或 Excel 的日期格"
DATE_FORMS = ("excel", "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
MISSING_WORDS: Mapping[str, str] = {
    "": "not_reported",
    "——": "not_collected",
    "-": "not_applicable",
    "…": "below_unit",
}
MOST_DIGITS = 10  # before the point: no count or amount of a district has more, identity numbers have
YEARS = range(1990, 2100)
SERIALS = range(32_874, 73_051)  # 1990-01-01 to 2099-12-31 as Excel counts days
DAYS_TO_1904 = 1_462
_DAY_ZERO = dt.date(1899, 12, 30)  # of Excel's 1900 system, its phantom 29 February 1900 allowed for
_NUMBER = re.compile(r"([+-]?)(\d+|\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+)(\.\d+)?([万亿]?)(%?)")
_MOST_PLACES = 300  # before or after the point: what a binary number can have
_PACKED = re.compile(r"%Y%m|%m%d")
_UNLIKE = re.compile(r"[\s—―─−–﹣－⋯…]|--|\.{3}")  # what words are spelt with that are the same
_SCALE = {"": 1, "万": 10_000, "亿": 100_000_000}
_SIGNS = str.maketrans({"−": "-", "–": "-", "﹣": "-", "－": "-", "，": ",", "。": "."})


@dataclass(frozen=True)
class Cell:
    """One cell as the file holds it.

    Parameters
    ----------
    value : text untouched, number, truth value, date and time, or None where the cell is empty
    percent : whether a number is shown as a percentage, so that 0.945 reads 94.5 %
    trouble : an error value such as ``#REF!``, or ``formula`` for one whose result was not saved
    from_1904 : whether the file's serial numbers of days count from 1904, as an old Excel for Mac has it
    """

    value: str | int | float | bool | dt.datetime | None = None
    percent: bool = False
    trouble: str = ""
    from_1904: bool = False


def plain_text(value: object) -> str:
    """Return a value as text in plain characters: full-width forms made narrow, spaces squeezed.

    What is no digit does not become one: the mark of a footnote in 1095① or 1095² is no part of the number.

    Examples
    --------
    >>> plain_text("５﹒２％ ")
    '5.2%'
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = str(value)
    plain = unicodedata.normalize("NFKC", text)
    if _digits(plain) != _digits(text):
        plain = "".join(
            c if _digits(n := unicodedata.normalize("NFKC", c)) > c.isdecimal() else n for c in text
        )
    return " ".join(plain.split())


def _digits(text: str) -> int:
    return sum(map(str.isdecimal, text))


def same_word(text: object) -> str:
    """Return a word as it is compared: plain characters, without any space, dashes and dots of one kind."""
    if (
        isinstance(text, str)
        and (text.isalnum() or not _UNLIKE.search(text))
        and unicodedata.is_normalized("NFKC", text)
    ):
        return text  # most words are so
    word = plain_text(text).replace(" ", "")
    word = re.sub(r"[—―─]+|--+", "——", word)
    word = re.sub(r"^[−–﹣－]$", "-", word)
    return re.sub(r"\.{3,}|⋯+|…+", "…", word)


def missing_kind(text: object, words: Mapping[str, str] = MISSING_WORDS) -> str | None:
    """Return which kind of missing a cell stands for, or None if it stands for something.

    Parameters
    ----------
    text : the cell's value
    words : what stands for which kind, spelt as ``same_word`` returns it

    Notes
    -----
    An empty cell is not reported; a long dash says that nobody collects the figure, a short one that it does
    not apply, an ellipsis that it is smaller than the unit shown (the yearbooks' sign).
    """
    return words.get(same_word(text))


def read_number(cell: Cell, *, percent: bool = False) -> Decimal:
    """Read a number.

    Parameters
    ----------
    cell : the cell
    percent : whether a rate in per cent is due; 94.5, 94.5% and a cell shown as 94.5 % are then the same

    Returns
    -------
    The number; in per cent where ``percent`` is set.

    Raises
    ------
    NotAllowedError
        If there is none, or it can be read in two ways: a bare 0.945 where per cent is due may be a share or
        less than one per cent; a percentage where none is due.
    """
    refuse_trouble(cell)
    value = cell.value
    if isinstance(value, (bool, dt.datetime)):
        raise NotAllowedError("是日期或真假值，不是数", NUMBER_SPELLINGS)
    text = _closed_up(value) if isinstance(value, str) else repr(value)
    number, explicit = _parse(text)
    if abs(number) >= 10**MOST_DIGITS or ("." not in text and personal_numbers(text)):
        raise NotAllowedError(
            "像是证件号、电话号码或别的编号（不照录，请看原文件）", f"不超过 {MOST_DIGITS} 位的数"
        )
    if cell.percent and not explicit and not isinstance(value, str):
        number, explicit = _tidy(number * 100), True
    if explicit and not percent:
        raise NotAllowedError(f"{quoted(text)}，是百分数", "这里要的是数量，不是百分数")
    if percent and not explicit and 0 < abs(number) <= 1:
        raise NotAllowedError(
            f"「{text}」有两种读法：{text}% 或 {_tidy(number * 100)}%",
            "写明百分号，如 94.5%；或写百分数 94.5",
        )
    return number


def _closed_up(text: str) -> str:
    """Drop the spaces that mean nothing; those between digits stay, and two lines are two numbers."""
    lines = [plain_text(line).translate(_SIGNS) for line in text.splitlines() if line.strip()]
    return ";".join(re.sub(r"(?<!\d) | (?!\d)", "", line) for line in lines)


def _parse(text: str) -> tuple[Decimal, bool]:
    """Return a number, and whether it was written with a percent sign."""
    match = _NUMBER.fullmatch(text)
    if match:
        sign, whole, fraction, scale, mark = match.groups(default="")
        number = Decimal(f"{sign}{re.sub('[, ]', '', whole)}{fraction}")
        if number.adjusted() < _MOST_PLACES:
            return _tidy(number * _SCALE[scale]), bool(mark)
    try:
        number = Decimal(text)  # what a spreadsheet holds in binary may come as 1e-05
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or "_" in text or abs(number.adjusted()) > _MOST_PLACES:
        raise NotAllowedError(f"{quoted(text)}，不是数" if text else "空着", NUMBER_SPELLINGS)
    return _tidy(number), False


def _tidy(number: Decimal) -> Decimal:
    """Drop what binary fractions add (94.50000000000001) and trailing zeros."""
    rounded = number.quantize(Decimal("1e-9")) if abs(number) < 10**15 else number
    whole = rounded.to_integral_value()
    return whole if rounded == whole else rounded.normalize()


def read_date(cell: Cell, forms: Sequence[str] = DATE_FORMS) -> dt.date:
    """Read a day.

    Parameters
    ----------
    cell : the cell
    forms : the ``strptime`` forms allowed; ``excel`` allows date cells and Excel's serial numbers

    Raises
    ------
    NotAllowedError
        If it is none, or before 1990 or after 2099.
    """
    refuse_trouble(cell)
    value = cell.value
    if isinstance(value, dt.datetime) and value.year in YEARS:
        return value.date()
    text = f"{value:%Y-%m-%d}" if isinstance(value, dt.datetime) else plain_text(value)
    serial = int(float(text)) if "excel" in forms and re.fullmatch(r"\d{5}(\.\d+)?", text) else 0
    serial += DAYS_TO_1904 if cell.from_1904 and serial else 0
    if serial in SERIALS:
        return _DAY_ZERO + dt.timedelta(days=serial)
    for form in forms:
        for candidate in (text, re.split("[ T]", text)[0]):  # a time of day after the day changes nothing
            try:
                day = dt.datetime.strptime(candidate, form).date()
            except ValueError:
                continue
            packed = _PACKED.search(form) is not None  # 2026111 would be two days
            if day.year in YEARS and (not packed or candidate == f"{day:{form}}"):
                return day
    raise NotAllowedError(f"{quoted(text)}，不是日期" if text else "空着", DATE_SPELLINGS)


def refuse_trouble(cell: Cell) -> None:
    """Refuse a cell whose formula went wrong, or whose result was not saved."""
    if cell.trouble == "formula":
        raise NotAllowedError("是没有保存计算结果的公式", "在 Excel 里打开、重新计算并保存，或改填数值")
    if cell.trouble:
        raise NotAllowedError(f"公式出错：{cell.trouble}", "修好公式，或改填数值")
