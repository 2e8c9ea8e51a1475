"""Target cells in words: as the plan prints them, or in another language from what they ask for."""

from __future__ import annotations

import re

from laoyou.formats import DASH, grouped, unit_words
from laoyou.language import spoken, tr
from laoyou.targets import Operator, Target, parse_target
from laoyou.words import SCOPES

_NUMBER = re.compile(r"([^\d]*)(\d+(?:\.\d+)?)(.*)")


def cell_shown(text: str, unit: str = "") -> str:
    """Return a target cell with its unit beside its number: 2,580 元/月左右， 1 家以上， <5%.

    Parameters
    ----------
    text : the cell as printed, which the grammar of targets knows
    unit : what its number counts; without one the number stands alone
    """
    if spoken() != "zh":
        return _asked(parse_target(text), unit)
    match = _NUMBER.fullmatch(text.strip())
    return f"{match[1]}{_with_unit(match[2], unit)}{match[3]}" if match else text.strip()


def quoted(text: str) -> str:
    """Return a target cell as a sentence quotes it: “2580左右” as printed; about 2,580 in another language."""
    return f"“{text}”" if spoken() == "zh" else cell_shown(text)


def _asked(cell: Target, unit: str) -> str:
    """Return what a cell asks for, from its operator."""
    if cell.full_coverage:
        scope = SCOPES.get(cell.scope, cell.scope)
        return tr("{scope}全覆盖", scope=scope) if scope else tr("全覆盖")
    if not cell.operator.numeric:
        return tr("开展试点") if cell.operator is Operator.MILESTONE else DASH
    match = _NUMBER.search(cell.text)
    number = _with_unit(match[2] if match else "", unit)
    if cell.plain:
        return number
    return {
        Operator.ABOUT: tr("{number}左右", number=number),
        Operator.GE: tr("{number}以上", number=number),
        Operator.LE: f"≤{number}",
        Operator.LT: f"<{number}",
        Operator.GT: f">{number}",
    }[cell.operator]


def _with_unit(digits: str, unit: str) -> str:
    size = grouped(digits)
    return f"{size}{unit}" if unit in ("", "%") else f"{size} {unit_words(unit, size)}"
