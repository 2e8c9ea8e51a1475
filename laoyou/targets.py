"""The grammar of a target cell: what is printed in the plan, and what it asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from laoyou.errors import NotAllowedError


class Operator(StrEnum):
    """How a value is compared with a target."""

    GE = "ge"
    LE = "le"
    GT = "gt"
    LT = "lt"
    ABOUT = "about"
    MILESTONE = "milestone"
    NONE = "none"

    @property
    def numeric(self) -> bool:
        """Whether a number stands behind it."""
        return self not in (Operator.MILESTONE, Operator.NONE)

    @property
    def strict(self) -> bool:
        """Whether the target itself does not count as reached."""
        return self in (Operator.GT, Operator.LT)


GRAMMAR = "数字（1300、94.5）、<5、>30、≤5、≥95、25000以上、2580左右、全覆盖、某某全覆盖、开展试点、——"

_NUMBER = r"(\d+(?:\.\d+)?)"
_FORMS: tuple[tuple[re.Pattern[str], Operator], ...] = (
    (re.compile(_NUMBER), Operator.GE),
    (re.compile(rf"(?:≥\s*{_NUMBER}|{_NUMBER}以上)"), Operator.GE),
    (re.compile(rf"≤\s*{_NUMBER}"), Operator.LE),
    (re.compile(rf"[<\uff1c]\s*{_NUMBER}"), Operator.LT),
    (re.compile(rf"[>\uff1e]\s*{_NUMBER}"), Operator.GT),
    (re.compile(rf"{_NUMBER}\s*左右"), Operator.ABOUT),
)
# A hedged or denied coverage （基本全覆盖） asks for no certain number and is refused.
_COVERAGE = re.compile(r"([\u4e00-\u9fff\uff08\uff09、]*)(?<![约近未不])(?<!基本)(?<!基本实现)全覆盖")
FULL_COVERAGE = 100.0  # [%]: every eligible one


@dataclass(frozen=True)
class Target:
    """One cell of the target table.

    Parameters
    ----------
    text : the cell exactly as printed
    operator : how a value is compared with ``value``
    value : the number asked for [the row's unit, or % where ``scope`` or full coverage says so]; None
        where the cell holds none
    plain : whether the cell is a bare number, whose sense (floor or ceiling) comes from the row
    scope : whom a full-coverage cell counts, as printed before 全覆盖； empty where nothing is
    suspect : whether the document is doubtful here; nothing is then based on the number
    note : what is doubtful
    """

    text: str
    operator: Operator
    value: float | None = None
    plain: bool = False
    scope: str = ""
    full_coverage: bool = False
    suspect: bool = False
    note: str = ""


def parse_target(text: str) -> Target:
    """Read a target cell as printed.

    Parameters
    ----------
    text : the cell; spaces around are ignored, nothing else is repaired

    Returns
    -------
    The target. A bare number is read as a floor; the row turns it into a ceiling where lower is better.

    Raises
    ------
    ValueError
        If the cell is not of the grammar, for example 约5.
    """
    if not isinstance(text, str):
        raise NotAllowedError(f"「{text}」没有加引号", "加引号的文本，照原文印刷的样子")
    cell = text.strip()
    if cell == "——":
        return Target(text, Operator.NONE)
    if cell == "开展试点":
        return Target(text, Operator.MILESTONE)
    if match := _COVERAGE.fullmatch(cell):
        return Target(text, Operator.GE, FULL_COVERAGE, scope=match[1], full_coverage=True)
    for number, (pattern, operator) in enumerate(_FORMS):
        if match := pattern.fullmatch(cell):
            value = float(next(group for group in match.groups() if group))
            return Target(text, operator, value, plain=number == 0)
    raise NotAllowedError(f"「{text}」不合目标单元格的写法", f"{GRAMMAR}")
