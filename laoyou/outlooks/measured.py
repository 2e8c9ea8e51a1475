"""How good the outlook was on real series: what ``make bench-outlook`` measured, read where a page or a test asks.

``measured.json`` beside this module is the one place of these figures; benchmarks/README.md prints them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from laoyou.rules import Outlook

FILE = Path(__file__).with_name("measured.json")
PARTS = (
    "levels",
    "counts",
    "rates",
)  # what a limit is stated for; ``few`` holds levels of four to seven points
_DECIMALS = 9  # a limit is not missed by the last binary digit


@dataclass(frozen=True)
class Cell:
    """What was measured at one length and horizon.

    Parameters
    ----------
    part : ``levels``, ``counts``, ``rates`` or ``few``
    n, ahead : points known, and steps ahead or quarters left [count]; 0 where all of the part are taken together
    series, cases : how many were forecast [count]
    coverage : share of outcomes inside the interval [1]
    brier : mean Brier score [1]; ``walk_brier`` : the plain random walk's
    crps : mean CRPS [the working scale]; ``walk_crps`` : the plain random walk's
    """

    part: str
    n: int
    ahead: int
    series: int
    cases: int
    coverage: float
    brier: float
    walk_brier: float
    crps: float
    walk_crps: float


@dataclass(frozen=True)
class Measured:
    """What was measured, the rules it was measured under, and the limits that were to be kept.

    Parameters
    ----------
    cells : each length and horizon of each part; ``whole`` : each part as a whole
    rules : the outlook's rules, by name
    least, most : what a nominal interval must cover [1]
    worse_by : how much worse than the random walk's the Brier score may be [1]
    """

    cells: tuple[Cell, ...]
    whole: tuple[Cell, ...]
    rules: dict[str, float]
    least: float
    most: float
    worse_by: float

    def covers(self, cell: Cell) -> bool:
        """Return whether the interval covers what it must, the limits included."""
        return self.least <= round(cell.coverage, _DECIMALS) <= self.most

    def scores(self, cell: Cell) -> bool:
        """Return whether the Brier score is no worse than the random walk's plus what it may be."""
        return round(cell.brier - cell.walk_brier - self.worse_by, _DECIMALS) <= 0

    def kept(self, cell: Cell) -> bool:
        """Return whether a cell keeps both limits."""
        return self.covers(cell) and self.scores(cell)

    def holds_for(self, rules: Outlook) -> bool:
        """Return whether it was measured under the rules in force."""
        return self.rules == rules.model_dump()


def read_measured(content: dict[str, Any]) -> Measured:
    """Return what a file of measured figures holds.

    Parameters
    ----------
    content : ``rules``; ``limits`` with ``coverage`` and ``worse_by``; ``cells``, each with ``part, n, ahead, series,
        cases`` and ``methods``, where ``outlook`` and ``random walk`` have ``coverage``, ``brier`` and ``crps``
    """
    cells = [
        Cell(
            **{name: cell[name] for name in ("part", "n", "ahead", "series", "cases")},
            coverage=cell["methods"]["outlook"]["coverage"],
            brier=cell["methods"]["outlook"]["brier"],
            walk_brier=cell["methods"]["random walk"]["brier"],
            crps=cell["methods"]["outlook"]["crps"],
            walk_crps=cell["methods"]["random walk"]["crps"],
        )
        for cell in content["cells"]
    ]
    least, most = content["limits"]["coverage"]
    return Measured(
        cells=tuple(cell for cell in cells if cell.n),
        whole=tuple(cell for cell in cells if not cell.n),
        rules=dict(content["rules"]),
        least=least,
        most=most,
        worse_by=content["limits"]["worse_by"],
    )


@cache
def load_measured() -> Measured:
    """Return what was measured last."""
    return read_measured(json.loads(FILE.read_text(encoding="utf-8")))
