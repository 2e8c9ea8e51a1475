"""Declared corrections: a wrong figure in the ledger is mended on reading, with its reason, and its row left as it is.

A correction names the wrong figure as the ledger gives it. Once the source has mended it, the correction no longer
fits and says so, instead of spoiling the figure that is now right.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from laoyou.errors import LedgerError, Problem
from laoyou.ledger.file import CELL, NUMBERS
from laoyou.ledger.vintage import as_known, cut_off_day
from laoyou.ledger.withheld import is_withheld

_MOST_DECIMALS = 9


@dataclass(frozen=True)
class Correction:
    """One declared correction.

    Parameters
    ----------
    region, indicator, period : the cell
    action : ``replace`` or ``drop``
    found : the wrong figure as the ledger gives it, by column; only what the entry names
    figure : the right one, by column; NaN where there is none
    reason : why
    declared_on, mended_on : from and before which day of knowledge it holds; the latter None while it is open
    line : where it stands in the file
    small : whether the wrong figure is so small a count of a part that it must not be repeated
    """

    region: str
    indicator: str
    period: str
    action: str
    found: Mapping[str, float]
    figure: Mapping[str, float]
    reason: str
    declared_on: dt.date
    mended_on: dt.date | None
    line: int
    small: bool = False

    @property
    def cell(self) -> tuple[str, str, str]:
        """The cell, in the order of ``CELL``."""
        return self.region, self.indicator, self.period

    def holds(self, day: dt.date | None) -> bool:
        """Return whether it holds for what was known on a day; on the last of all days if None."""
        begun = day is None or day >= self.declared_on
        return begun and (self.mended_on is None or (day is not None and day < self.mended_on))

    def fits(self, row: Any) -> bool:
        """Return whether a row of the ledger gives the wrong figure."""
        return all(round(row[column] - value, _MOST_DECIMALS) == 0 for column, value in self.found.items())

    @property
    def note(self) -> str:
        """What the corrected row says of itself."""
        done = "不采用" if self.action == "drop" else "改用订正的数"
        return f"{self.declared_on} 订正：台账原为 {self.found_words}，{done}。原因：{self.reason}"

    @property
    def found_words(self) -> str:
        """The wrong figure, as far as it may be repeated."""
        return "一个很小的数（不照录）" if self.small else figure_words(self.found)


@dataclass(frozen=True)
class Corrections:
    """The corrections of a data folder, and the file's name in messages."""

    shown: str
    entries: tuple[Correction, ...]

    @property
    def open(self) -> tuple[Correction, ...]:
        """Those whose source is not mended."""
        return tuple(c for c in self.entries if c.mended_on is None)

    def in_force(self, as_of: str | dt.date | None = None) -> tuple[Correction, ...]:
        """Return those that hold for what was known on a day; the open ones if no day is given."""
        day = cut_off_day(as_of)
        return tuple(c for c in self.entries if c.holds(day))


def as_corrected(
    ledger: pd.DataFrame, corrections: Corrections, as_of: str | dt.date | None = None
) -> pd.DataFrame:
    """Return the figures as known on a date, with the corrections that hold on it.

    Parameters
    ----------
    ledger : checked rows, every revision
    corrections : as ``load_corrections`` returns them
    as_of : the last day of knowledge; everything if None or empty

    Returns
    -------
    As ``as_known``; a corrected figure counts as one more revision, is known since the day it was declared (or its
    row reported, if later) and says in ``note`` what it was and why. A dropped one is missing, ``not_reported``.

    Raises
    ------
    LedgerError
        For every correction whose wrong figure the ledger no longer gives, and every one called mended while it does.
    """
    day = cut_off_day(as_of)
    known, misfits = corrected(as_known(ledger, day), corrections.in_force(day))
    problems = [
        _misfit(one, row) for one, row in misfits if row is not None or not _to_come(ledger, one, day)
    ]
    for ended in corrections.entries:
        if ended.mended_on is not None and not ended.holds(day) and (day is None or day >= ended.mended_on):
            row = _row(as_known(ledger, ended.mended_on), ended)
            problems += [_not_mended(ended, row)] if row is not None and ended.fits(row) else []
    if problems:
        raise LedgerError(corrections.shown, problems)
    return known


def corrected(
    known: pd.DataFrame, corrections: Sequence[Correction]
) -> tuple[pd.DataFrame, list[tuple[Correction, Any]]]:
    """Apply corrections to the figures known.

    Parameters
    ----------
    known : as ``as_known`` returns them
    corrections : those in force

    Returns
    -------
    The figures, and each correction that does not fit, with the row that stands in its cell or None.
    """
    known, misfits = known.copy(), []
    for one in corrections:
        row = _row(known, one)
        if row is None or not one.fits(row):
            misfits.append((one, row))
            continue
        for column, value in one.figure.items():
            known.loc[row.name, column] = value
        if one.small:
            known.loc[row.name, "first_value"] = math.nan
        if one.action == "drop":
            known.loc[row.name, "missing"] = "not_reported"
        known.loc[row.name, "revision"] += 1
        known.loc[row.name, "reported_on"] = max(row["reported_on"], pd.Timestamp(one.declared_on))
        known.loc[row.name, "note"] = "；".join(filter(None, [row["note"], one.note]))
        known.loc[row.name, "corrected"] = True
    return known, misfits


def _row(known: pd.DataFrame, one: Correction) -> Any:
    """Return the row of a correction's cell, or None."""
    rows = known[(known[CELL] == list(one.cell)).all(axis=1)]
    return None if rows.empty else rows.iloc[0]


def _to_come(ledger: pd.DataFrame, one: Correction, day: dt.date | None) -> bool:
    """Return whether the cell gets its first figure after the day of knowledge: there is nothing to correct yet."""
    rows = ledger[(ledger[CELL] == list(one.cell)).all(axis=1)]
    return day is not None and bool((rows["reported_on"] > pd.Timestamp(day)).any())


def _misfit(one: Correction, row: Any) -> Problem:
    """Return what to say of a correction whose wrong figure the ledger does not give."""
    place, cell = f"第 {one.line} 行 found", " ".join(one.cell)
    if row is None:
        return Problem(
            place,
            f"台账里没有 {cell}",
            "台账现行的一个数",
            "核对指标、地区和期间；演示数据可能已被真实数据取代",
        )
    since = f"{row['reported_on']:%Y-%m-%d}"
    mended = (
        f"改为 status: mended、mended_on: {since}，旧报告仍可原样重做（没有用它出过报告的也可删去这一条）"
    )
    if is_withheld(row):
        allowed = "不订正没有公布的数；有变的个案重新录入平台导出"
        remedy = mended if since >= str(one.declared_on) else "删去这一条"
        return Problem(place, f"{cell} 在台账里为保护隐私不公布", allowed, remedy)
    found = (
        f"{cell} 在台账里是 {figure_words(row)}（{since} 起，来源：{row['source']}，{row['file']} 第 {row['line']} 行），"
        f"不是 {one.found_words}"
    )
    remedy = f"源头已经更正的，{mended}；没有更正的，核对 found"
    return Problem(place, found, "found 与台账现行的数相同", remedy)


def _not_mended(one: Correction, row: Any) -> Problem:
    """Return what to say of a correction called mended while the ledger still gives the wrong figure."""
    found = f"{' '.join(one.cell)} 在 {one.mended_on} 仍是 {figure_words(row)}（{row['file']} 第 {row['line']} 行）"
    remedy = "核对 mended_on；源头还没有更正的，改回 status: open 并删去 mended_on"
    return Problem(f"第 {one.line} 行 mended_on", found, "更正那一行的 reported_on，或以后的日子", remedy)


def figure_words(figure: Mapping[str, Any] | pd.Series[Any]) -> str:
    """Return a figure as the ledger gives it: 1200, 93.5（187/200）， 187/200, or 没有数."""
    value, top, bottom = (float(figure.get(column, math.nan)) for column in NUMBERS)
    parts = "" if math.isnan(top) else f"{top:.12g}/{bottom:.12g}"
    if math.isnan(value):
        return parts or "没有数"
    return f"{value:.12g}（{parts}）" if parts else f"{value:.12g}"


def fingerprint_text(corrections: Sequence[Correction]) -> str:
    """Return what pages rest on of some corrections, as text that does not depend on their order or later fate."""
    texts = [
        json.dumps(
            [*c.cell, c.action, c.found, c.note, {k: repr(v) for k, v in c.figure.items()}], sort_keys=True
        )
        for c in corrections
    ]
    return "\n".join(sorted(texts))
