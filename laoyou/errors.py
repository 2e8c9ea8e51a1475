"""What a user can cause, said so that the user can mend it.

Every refusal names the file, the place in it, the value found, what is allowed and the next step.
All problems of a file are gathered before it is refused, so one reading is enough to mend it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LONGEST = 500  # characters of a value that a message repeats
_BREAKS = re.compile(r"[ \t]*[\r\n\u2028\u2029]+[ \t]*")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def one_line(text: str) -> str:
    """Return text as a terminal may show it: in one line, � for what could steer the terminal, no longer than needed."""
    plain = _CONTROLS.sub("\ufffd", _BREAKS.sub(" ", text))
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}……"


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one place.

    Parameters
    ----------
    place : where, as a reader would look for it: 「第 12 行 value 列」，「indicators › x › targets › 2024」
    found : the value found, or what is absent
    allowed : what would have been accepted
    remedy : the next step, where it is not plain from ``allowed``
    """

    place: str
    found: str
    allowed: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        """Return the problem as indented Chinese lines."""
        lines = [f"{one_line(self.place)}：{one_line(self.found)}"]
        lines += [f"允许：{one_line(self.allowed)}"] if self.allowed else []
        lines += [f"处理：{one_line(self.remedy)}"] if self.remedy else []
        return "\n    ".join(lines)


class LaoyouError(Exception):
    """Base of every error that the user can cause and mend.

    Parameters
    ----------
    where : the file or the command concerned
    problems : one or more problems found there
    """

    def __init__(self, where: object, problems: Problem | Iterable[Problem]) -> None:
        self.where = str(where)
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(self.where, self.problems)

    def __str__(self) -> str:
        """Return all problems, numbered, under the name of the file."""
        head = f"{one_line(self.where)}：{len(self.problems)} 处不符合要求"
        return "\n".join([head, *(f"  {n}. {problem}" for n, problem in enumerate(self.problems, 1))])


class WorkspaceError(LaoyouError):
    """No workspace here, or a part of it is absent."""


class PlanError(LaoyouError):
    """A plan file that cannot be accepted."""


class LedgerError(LaoyouError):
    """A ledger or region file that cannot be accepted."""


class IntakeError(LaoyouError):
    """A form, an export or a mapping that cannot be taken in; the ledger is then as it was."""


class ParametersError(LaoyouError):
    """Parameters, a rules file or command words that cannot be accepted."""


class RunError(LaoyouError):
    """A run that could not be carried out or published."""


class NotAllowedError(ValueError):
    """A single value that a reader of text cannot accept; whoever knows the place makes a problem of it.

    Parameters
    ----------
    found : the value, in words
    allowed : what would have been accepted
    """

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(found, allowed)
        self.found, self.allowed = found, allowed

    def __str__(self) -> str:
        """Return both parts as one sentence."""
        return f"{self.found}；允许：{self.allowed}"


def why(cause: Exception) -> str:
    """Return why a file could not be read, without its place on this machine."""
    if isinstance(cause, UnicodeError):
        return "不是 UTF-8 编码"
    return str(getattr(cause, "strerror", None) or cause)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return 「是不是 …？」 for the nearest known word, or an empty string."""
    near = difflib.get_close_matches(str(word), [str(k) for k in known], n=1, cutoff=0.6)
    return f"是不是「{near[0]}」？" if near else ""


def one_of(words: Sequence[str] | Iterable[str], most: int = 20) -> str:
    """Return the allowed words as a Chinese list, cut after ``most``."""
    every = [str(w) for w in words]
    shown = "、".join(every[:most])
    return shown if len(every) <= most else f"{shown} 等 {len(every)} 个"
