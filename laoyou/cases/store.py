"""Case records kept without anything personal, so that later quarters and analyses can be counted from them.

One file a platform in data/records/, only ever added to: a case whose state has changed gets a new row. No
name, number or free text is among the columns; a case is known by its keyed hash.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from laoyou.cases.records import RECORD_COLUMNS
from laoyou.errors import IntakeError, Problem
from laoyou.ledger.links import led_to
from laoyou.personal import HASH_DIGITS

CHUNK = 10_000  # rows made text at a time: few enough to stay in a processor's own memory
UNDATED = (
    "duplicate",
    "unfounded",
    "transferred",
    "withdrawn",
)  # how a case ends that platforms may give no day of
DAY = r"\d{4}-\d\d-\d\d"
FIELDS = (*RECORD_COLUMNS, "reported_on")
LOG_FIELDS = ("mapping", "taken_in", "records", "sha256")
DAYS = tuple(name for name, holds in RECORD_COLUMNS.items() if holds == "date")
NUMBERS = tuple(name for name, holds in RECORD_COLUMNS.items() if holds == "number")
NEVER_EMPTY = {
    "case": rf"[0-9a-f]{{{HASH_DIGITS}}}",
    "reported_on": DAY,
    "taken_in": DAY,
    "sha256": r"[0-9a-f]{64}",
}


def read_states(file: Path, shown: str) -> pd.DataFrame:
    """Read every state of a platform's cases as text; no row where there is no file.

    Raises
    ------
    IntakeError
        If the file cannot be read, its columns are others, or a line is not what intake writes.
    """
    return _read(file, shown, FIELDS)


def read_log(file: Path, shown: str) -> pd.DataFrame:
    """Read the list of exports taken in: which, when, how many records, and the SHA-256 of the file."""
    return _read(file, shown, LOG_FIELDS)


def _read(file: Path, shown: str, fields: tuple[str, ...]) -> pd.DataFrame:
    if not file.exists():
        led_to(file, shown)
        return pd.DataFrame({name: pd.Series(dtype="str") for name in fields})
    try:
        table = pd.read_csv(file, dtype="str", na_filter=False, encoding="utf-8-sig")
    except (OSError, ValueError) as cause:
        problem = Problem(
            "文件", f"读不出来（{type(cause).__name__}）", "由 laoyou intake 写的 CSV", "从备份取回"
        )
        raise IntakeError(shown, problem) from None
    if list(table.columns) != list(fields) or not isinstance(table.index, pd.RangeIndex):
        raise IntakeError(shown, Problem("表头", "不是 laoyou intake 写的", "、".join(fields), "从备份取回"))
    if problems := list(_damage(table)):
        raise IntakeError(shown, problems)
    return table


def _damage(table: pd.DataFrame) -> Iterator[Problem]:
    """Yield where a file is not as it was written; what stands there is not repeated."""
    for name in table:
        which: NDArray[np.intp] | slice = slice(None)
        text = table[name]
        if name != "case":  # of the others there are few different ones: each is looked at once
            which, different = pd.factorize(text, use_na_sentinel=False)
            text = pd.Series(different)
        if name in NEVER_EMPTY:
            sound = text.str.fullmatch(NEVER_EMPTY[name])
        elif name in DAYS:
            days = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
            sound = (text == "") | (text.str.fullmatch(DAY) & days.notna())
        elif name in NUMBERS:
            sound = (text == "") | pd.to_numeric(text, errors="coerce").notna()
        else:
            continue
        if not sound.all():
            line = int(np.argmin(sound.to_numpy(bool)[which])) + 2
            yield Problem(f"第 {line} 行 {name} 列", "不是 laoyou intake 写的", remedy="从备份取回")


def latest(states: pd.DataFrame, as_of: dt.date | str | None = None) -> pd.DataFrame:
    """Return the latest state of each case as known on a day; everything if None."""
    known = states[["case", "reported_on"]]
    if as_of is not None:
        known = known[known["reported_on"] <= str(as_of)]
    if not known["reported_on"].is_monotonic_increasing:
        known = known.sort_values("reported_on", kind="stable")
    last = known.index[~known["case"].duplicated(keep="last")]
    return states if last.equals(states.index) else states.loc[last]


def as_counted(states: pd.DataFrame, exported: Sequence[str], as_of: dt.date | None = None) -> pd.DataFrame:
    """Return the latest state of each case as known on a day, ended on a day even where its platform names none.

    Parameters
    ----------
    states : as ``read_states`` returns them
    exported : the days on which exports of the platform were taken in
    as_of : as for ``latest``

    Notes
    -----
    A case that is said to be a duplicate, unfounded, transferred or withdrawn, without a day, was none of it on the
    day of the last export that still had it otherwise: it ended on the day after. What was counted from that
    export stays as it was. One that was never known otherwise ended on the day it was opened.
    """
    cases = latest(states, as_of)
    undated = cases[cases["outcome"].isin(UNDATED) & (cases["closed"] == "")]
    if undated.empty:
        return cases
    ours = states[states["case"].isin(undated["case"])]
    known = ours if as_of is None else ours[ours["reported_on"] <= str(as_of)]
    ordered = known.sort_values("reported_on", kind="stable")
    histories: dict[str, list[tuple[str, ...]]] = {}
    for case, *state in ordered[["case", "opened", "closed", "outcome", "reported_on"]].itertuples(
        index=False
    ):
        histories.setdefault(case, []).append(tuple(state))
    ends = {case: _end(history, exported) for case, history in histories.items()}
    return cases.assign(
        closed=cases["closed"].where(~cases.index.isin(undated.index), cases["case"].map(ends))
    )


def _end(history: Sequence[tuple[str, ...]], exported: Sequence[str]) -> str:
    """Return on which day a case ended whose states (opened, closed, outcome, reported on), the first of them first, name none."""
    opened, _, last, _ = history[-1]
    otherwise = [n for n, (_, closed, outcome, _) in enumerate(history) if outcome != last or closed]
    if not otherwise:
        return opened
    said, since = history[otherwise[-1]][3], history[otherwise[-1] + 1][3]
    still = max([said, *(day for day in exported if said <= day < since)])
    return max(min(str(dt.date.fromisoformat(still) + dt.timedelta(days=1)), since), opened)


def as_states(table: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Return records as read from an export as rows of text, known on a day."""
    absent = pd.Series("", table.index, dtype="object")
    text = {name: as_text(table[name]) if name in table else absent for name in RECORD_COLUMNS}
    return pd.DataFrame({**text, "reported_on": str(day)}, columns=list(FIELDS), dtype="str")


def as_text(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return values as text, each different one made so once; what is missing is empty."""
    if pd.api.types.infer_dtype(column, skipna=False) == "string":
        return column
    codes, values = pd.factorize(column.to_numpy(object))
    texts = np.array([*map(str, values), ""], object)
    return pd.Series(texts[codes], column.index, dtype="object")


def changed(states: pd.DataFrame, incoming: pd.DataFrame) -> pd.DataFrame:
    """Return the incoming rows that say something new of a case, held against what was known on their day."""
    known = latest(states, max(incoming["reported_on"].unique(), default=""))
    at = pd.Index(known["case"]).get_indexer(pd.Index(incoming["case"]))
    new = at < 0
    for name in list(RECORD_COLUMNS)[1:] if len(known) else ():
        new |= known[name].to_numpy(object)[at] != incoming[name].to_numpy(object)
    return incoming.iloc[np.flatnonzero(new)]


def typed_records(states: pd.DataFrame) -> pd.DataFrame:
    """Return records with their days as dates, NaT where empty, and numbers as floats, NaN where empty."""
    table = states.copy()
    for names, read in ((DAYS, _days), (NUMBERS, _numbers)):
        for name in table.columns.intersection(list(names)):  # each different text once: there are few
            codes, texts = pd.factorize(table[name].to_numpy(object))
            table[name] = (
                read(pd.Series(texts, dtype="object").replace("", None)).take(codes).set_axis(table.index)
            )
    return table


def _days(texts: pd.Series[Any]) -> pd.Series[Any]:
    return pd.to_datetime(texts, format="%Y-%m-%d").astype("datetime64[us]")


def _numbers(texts: pd.Series[Any]) -> pd.Series[Any]:
    return pd.to_numeric(texts).astype(float)


def as_csv(rows: pd.DataFrame) -> str:
    """Return rows of text as lines of a CSV file, without a heading."""
    return "".join(_lines(rows.iloc[at : at + CHUNK]) for at in range(0, len(rows), CHUNK))


def _lines(rows: pd.DataFrame) -> str:
    columns = [rows[name].tolist() for name in rows]
    lines = list(map(",".join, zip(*columns, strict=True)))
    text = "\n".join([*lines, ""])
    separators = text.count(","), text.count("\n")
    if separators == (len(lines) * (len(columns) - 1), len(lines)) and '"' not in text and "\r" not in text:
        return text
    quoted = io.StringIO()  # a cell holds what separates cells
    csv.writer(quoted, lineterminator="\n").writerows(zip(*columns, strict=True))
    return quoted.getvalue()
