"""Figures withheld to protect persons: which they are, and that nothing repeats what once stood in their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from laoyou.ledger.file import CELL, MISSING

WITHHELD = "suppressed"
NO_LONGER = "原有数，不再公布"
Cell = tuple[str, ...]


def ever_withheld(ledger: pd.DataFrame, *, sample: bool) -> frozenset[Cell]:
    """Return every cell that any row of the ledger withholds, whenever it was reported.

    Parameters
    ----------
    ledger : checked rows, every revision
    sample : whether to look at sample figures or at real ones
    """
    rows = ledger[(ledger["missing"] == WITHHELD) & ((ledger["status"] == "sample") == sample)]
    return frozenset(rows[CELL].itertuples(index=False, name=None))


def parts_withheld(cells: frozenset[Cell], indicator: str, period: str) -> list[str]:
    """Return the regions among cells that are of one indicator and period."""
    return sorted(region for region, id, when in cells if (id, when) == (indicator, period))


def is_withheld(row: Mapping[Any, Any]) -> bool:
    """Return whether a row of the ledger, or one to be added, withholds its figure."""
    return bool(row["missing"] == WITHHELD)


def unsaid(known: pd.DataFrame) -> pd.DataFrame:
    """Return figures as known, the withheld ones without a word of what their cells said before.

    Parameters
    ----------
    known : one row a cell, with ``revision, first_value`` and ``note``
    """
    hidden = known["missing"] == WITHHELD
    return known.assign(
        revision=known["revision"].mask(hidden, 0),
        first_value=known["first_value"].mask(hidden),
        note=known["note"].mask(hidden, ""),
    )


def explanation(row: Mapping[Any, Any], before: str) -> str:
    """Return the note of a row that replaces another without saying why: the figure before, unless it is withheld now.

    Parameters
    ----------
    row : the row to be added
    before : the figure, or the kind of missing, that it replaces, in words
    """
    if is_withheld(row):
        return f"更正：{MISSING[WITHHELD]}"
    return f"补报：此前{before}" if before in MISSING.values() else f"更正：原 {before}"
