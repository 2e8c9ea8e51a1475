"""Figures as they were known on a date: the latest revision of each, real ones before sample ones."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress

import pandas as pd

from laoyou.errors import LedgerError, NotAllowedError, Problem
from laoyou.ledger.file import CELL, SERIES
from laoyou.ledger.withheld import unsaid


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
    day = cut_off_day(as_of)
    known = table if day is None else table[table["reported_on"] <= pd.Timestamp(day)]
    real = known["status"] != "sample"
    keys = pd.MultiIndex.from_frame(known[SERIES])
    known = known[real | ~keys.isin(keys[real])]
    known = known.sort_values([*CELL, "reported_on"], kind="stable")
    cells = known.groupby(CELL, sort=False)
    figures = known.assign(figure=known["value"].notna()).groupby(CELL, sort=False)["figure"].cumsum()
    known = known.assign(
        revision=figures - known["value"].notna(),
        first_value=cells["value"].transform("first"),
        corrected=False,
    )
    return unsaid(known.drop_duplicates(CELL, keep="last").reset_index(drop=True))


def cut_off_day(as_of: str | dt.date | None) -> dt.date | None:
    """Return the last day of knowledge; None, which is everything, if none is given or it is empty.

    Parameters
    ----------
    as_of : a date, or one written like 2026-10-31 and in no other of the ways of ISO 8601: a report that names its
        day names it in one way

    Raises
    ------
    LedgerError
        If it is no such day.
    """
    if not as_of or isinstance(as_of, dt.date):
        return as_of or None
    try:
        return read_day(as_of)
    except NotAllowedError as cause:
        raise LedgerError("参数 as_of", Problem("as_of", cause.found, cause.allowed)) from None


def read_day(text: str) -> dt.date:
    """Read a date written like 2026-10-31.

    Raises
    ------
    NotAllowedError
        If it is none, or written otherwise.
    """
    with suppress(TypeError, ValueError):
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return dt.date.fromisoformat(text)
    raise NotAllowedError(f"「{text}」不是日期", "2026-10-31 这样的写法")
