"""Figures as they were known on a date: the latest revision of each, real ones before sample ones."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from laoyou.errors import LedgerError, Problem
from laoyou.ledger_file import CELL, SERIES


def as_known(table: pd.DataFrame, as_of: str | dt.date | None = None) -> pd.DataFrame:
    """Return the latest figure of each cell as known on a date, sample figures retired by real ones.

    Parameters
    ----------
    table : checked rows of the ledger, every revision
    as_of : the last day of knowledge; everything if None or empty

    Returns
    -------
    As described at ``load_observations``.
    """
    known = table if not as_of else table[table["reported_on"] <= pd.Timestamp(_date(as_of))]
    real = known["status"] != "sample"
    keys = pd.MultiIndex.from_frame(known[SERIES])
    known = known[real | ~keys.isin(keys[real])]
    known = known.sort_values([*CELL, "reported_on"], kind="stable")
    cells = known.groupby(CELL, sort=False)
    figures = known.assign(figure=known["value"].notna()).groupby(CELL, sort=False)["figure"].cumsum()
    known = known.assign(
        revision=figures - known["value"].notna(), first_value=cells["value"].transform("first")
    )
    return known.drop_duplicates(CELL, keep="last").reset_index(drop=True)


def _date(as_of: str | dt.date) -> dt.date:
    """Read a cut-off date."""
    if isinstance(as_of, dt.date):
        return as_of
    try:
        return dt.date.fromisoformat(as_of)
    except (TypeError, ValueError):
        raise LedgerError(
            "参数 as_of", Problem("as_of", f"「{as_of}」不是日期", "2026-10-31 这样的写法")
        ) from None
