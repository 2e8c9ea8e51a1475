"""Numbers as pages print them: one way everywhere."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal

from laoyou.language import tr, trn
from laoyou.words import UNITS

DASH = "—"
MINUS = "−"
MOST_DECIMALS = 9  # as far as verdicts look


def number(value: float | None, decimals: int = 0) -> str:
    """Return a number with thousands separators, halves rounded up; a dash where it is missing.

    Parameters
    ----------
    value : the number, or None or NaN
    decimals : places after the point
    """
    if value is None or math.isnan(value):
        return DASH
    exact = _rounded(value, decimals)
    return f"{abs(exact) if exact == 0 else exact:,}".replace("-", MINUS)


def _rounded(value: float, decimals: int) -> Decimal:
    exact = Decimal(repr(round(float(value), MOST_DECIMALS)))
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def measured(value: float | None, unit: str, decimals: int = 0) -> str:
    """Return a number with its unit: 93.7%, 1,095 人."""
    text = number(value, decimals)
    return text if text == DASH else f"{text}%" if unit == "%" else f"{text} {unit_words(unit, text)}"


def unit_words(unit: str, size: str = "") -> str:
    """Return a unit in the language being spoken, beside a number as printed or alone; as the plan spells it where no catalogue has it."""
    return trn(unit, _grammatical(size)) if unit in UNITS else unit


def _grammatical(size: str) -> int:
    """Return which number a printed number is to a language: only 1 is one, 1.0 is not."""
    return int(size.lstrip(f"{MINUS}+") == "1") or 2


def beside(value: float | None, target: float | None, unit: str, decimals: int = 0) -> str:
    """Return a measured value with as many decimals as keep it from looking equal to its target."""
    return measured(value, unit, apart_at(value, target, decimals))


def apart_at(value: float | None, other: float | None, decimals: int = 0) -> int:
    """Return how many decimals it takes to print two numbers as two unless they are equal; at least ``decimals``."""
    if value is None or other is None or math.isnan(value) or math.isnan(other):
        return decimals
    same = round(value - other, MOST_DECIMALS) == 0
    while decimals < MOST_DECIMALS and not same and number(value, decimals) == number(other, decimals):
        decimals += 1
    return decimals


def grouped(text: str) -> str:
    """Return a printed cell with thousands separators in its whole numbers: 2580左右 → 2,580左右."""
    return re.sub(r"(?<![.\d])\d{4,}", lambda digits: f"{int(digits[0]):,}", text)


def away_as_printed(value: float, target: float, decimals: int = 0) -> float:
    """Return the distance of a number, as ``beside`` prints it, to its target, so that a reader's subtraction agrees.

    Parameters
    ----------
    value, target : the number and its target [the row's unit]; NaN gives NaN
    decimals : places after the point, more where the two would look equal
    """
    if math.isnan(value - target):
        return math.nan
    return round(float(_rounded(value, apart_at(value, target, decimals))) - target, MOST_DECIMALS)


def percent(fraction: float | None, decimals: int = 1) -> str:
    """Return a fraction [1] as per cent: 0.842 → 84.2%."""
    return measured(None if fraction is None else 100 * fraction, "%", decimals)


def difference(value: float, unit: str, decimals: int = 0) -> str:
    """Return the size of a difference: 1.8 个百分点 between rates, 205 人 between counts; 0 only where there is none."""
    size = number(abs(value), apart_at(value, 0.0, decimals))
    return (
        trn("{size} 个百分点", _grammatical(size), size=size)
        if unit == "%"
        else f"{size} {unit_words(unit, size)}"
    )


def difference_unit(unit: str) -> str:
    """Return what differences are counted in: 个百分点 between rates, else the unit itself."""
    return tr("个百分点") if unit == "%" else unit_words(unit)


def signed(value: float | None, unit: str, decimals: int = 0) -> str:
    """Return a difference with its sign: +1.8, −205; the unit is the column's."""
    text = number(value, apart_at(value, 0.0, decimals))
    return (
        f"+{text}"
        if text != DASH and not text.startswith(MINUS) and (value or 0) > 0 and text.strip("0.")
        else text
    )
