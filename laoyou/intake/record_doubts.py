"""Exports of case records that are not what they seem: refused where they cannot be right, else asked about."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from laoyou.cases.records import OUTCOMES
from laoyou.cases.store import DAYS, UNDATED
from laoyou.errors import IntakeError, Problem, one_of
from laoyou.intake.export_rows import ROW
from laoyou.intake.exports import Export
from laoyou.rules import Plausibility

LASTING = ["opened", "region", "industry", "group", "procedure"]  # what a case keeps whatever becomes of it
DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Meeting:
    """An export's cases beside those known before.

    Parameters
    ----------
    known : the latest state of each, as text, as ``laoyou.cases.store.as_counted`` returns it
    incoming : the export's cases as text, in its order, each once
    at : for each of these, which of the known ones it is; -1 for a new one
    seen : which known ones are among these
    due : which known ones an export of a year's figures must still hold
    """

    known: pd.DataFrame
    incoming: pd.DataFrame
    at: NDArray[np.intp]
    seen: NDArray[np.bool_]
    due: NDArray[np.bool_]

    @property
    def gone(self) -> NDArray[np.bool_]:
        """Which known cases the export should hold and does not."""
        return self.due & ~self.seen


def met(known: pd.DataFrame, incoming: pd.DataFrame, since: dt.date) -> Meeting:
    """Hold an export's cases against those known; due are those not over, and those to which something happened in the year.

    Parameters
    ----------
    known, incoming : as in ``Meeting``: also those that ended without a day are over
    since : 1 January of the year
    """
    at = pd.Index(known["case"]).get_indexer(pd.Index(incoming["case"]))
    seen = np.zeros(len(known), bool)
    seen[at[at >= 0]] = True
    happened = [known[name] >= str(since) for name in DAYS]
    due = np.logical_or.reduce([known["closed"] == "", *happened])
    return Meeting(known, incoming, at, seen, due)


def refuse_renumbered(export: Export, cases: Meeting, rules: Plausibility) -> None:
    """Refuse an export whose cases are those known, under other ids: each would be counted twice.

    Parameters
    ----------
    export : as read
    cases : as ``met`` returns them
    rules : from how many cases on, and from what share of those due

    Raises
    ------
    IntakeError
        If so many of the cases due are absent, each with a new one opened on the same day in the same place.
    """
    alike, due = _twins(cases), cases.due.sum()
    if alike < max(rules.renumbered_from, rules.renumbered * due):
        return
    header = export.named.mapping.columns["case"].header
    found = (
        f"以前录入的 {due} 条个案里有 {alike} 条不见了，"
        f"却各有一条受理日期、街道等都相同而编号不同的新个案；照录就会重复计数"
    )
    remedy = (
        f"核对{header}是否被 Excel 改过（007 成了 7）、前缀有没有变，重新导出；平台确已换号的，"
        f"把 data/records/{export.named.name}.csv 移走，再录入换号后的全部个案"
    )
    place = f"{export.place(export.table[ROW].iloc[0], 'case')} 起（{header}）"
    raise IntakeError(export.shown, Problem(place, found, "与以前的导出相同的编号", remedy))


def _twins(cases: Meeting) -> int:
    """Return how many cases that are gone have a new one, or one no longer due, that is like them in all but its id."""
    gone = cases.known.loc[cases.gone, LASTING]
    if gone.empty:
        return 0
    new = cases.incoming.loc[(cases.at < 0) | ~cases.due[cases.at], LASTING]
    return (
        Counter(gone.itertuples(index=False, name=None)) & Counter(new.itertuples(index=False, name=None))
    ).total()


def record_doubts(export: Export, cases: Meeting, rules: Plausibility) -> Iterator[str]:
    """Yield what is doubtful about an export of case records, each as a Chinese sentence without its full stop.

    Parameters
    ----------
    export : as read
    cases : as ``met`` returns them
    rules : how much is too much
    """
    platform = export.named.mapping.platform
    incoming, due, gone = cases.incoming, cases.due.sum(), cases.gone.sum()
    if gone > rules.gone * due:
        opened = incoming["opened"]
        span = f"受理日期从 {opened.min()} 到 {opened.max()}" if len(opened) else "一条也没有"
        alike = _twins(cases)
        renumbered = (
            f"其中 {alike} 条各有一条受理日期、街道等都相同、编号不同的新个案，像是编号变了；"
            if alike
            else ""
        )
        yield (
            f"{platform}：以前录入、这一年要数的 {due} 条个案，有 {gone} 条这次的导出里没有"
            f"（其中未办结 {(cases.known.loc[cases.gone, 'closed'] == '').sum()} 条），仍照以前的样子计；{renumbered}"
            f"这次的个案{span}，请核对是不是只导出了一段时间的，应导出上年结转和 1 月 1 日以来的全部"
        )
    yield from _far_back(export, cases, rules)
    undated = (incoming["outcome"].isin(UNDATED) & (incoming["closed"] == "")).to_numpy(bool)
    turned = incoming[undated]
    before = pd.Series([*cases.known["outcome"], None], dtype="object").to_numpy()[
        cases.at[undated]
    ]  # None of a new one
    turned = turned[(before != turned["outcome"].to_numpy(object)) & (cases.at[undated] >= 0)]
    if len(turned):
        words = one_of(OUTCOMES[word] for word in dict.fromkeys(turned["outcome"]))
        yield (
            f"{platform}：{len(turned)} 条个案成了{words}，却没有日期，按上一次导出的次日算；"
            "以前各季已经算过的数不变，要按真实的日子算，请在平台补上"
        )


def _far_back(export: Export, cases: Meeting, rules: Plausibility) -> Iterator[str]:
    """Yield the new cases opened long before all others, as from a mistyped year."""
    incoming = cases.incoming
    every = pd.concat([cases.known.loc[~cases.seen, "opened"], incoming["opened"]])
    number = every.value_counts()
    number = number.set_axis(pd.to_datetime(number.index)).sort_index()  # of cases by day
    wide = np.flatnonzero(number.index.diff() > pd.Timedelta(days=rules.years_apart * DAYS_A_YEAR))
    early = int(number.iloc[: wide[-1]].sum()) if len(wide) else 0  # how many lie before the last wide gap
    if not 0 < early < len(every) - early:
        return
    first = number.index[wide[-1]]
    rows = export.table[ROW]
    odd = np.flatnonzero(
        (cases.at < 0) & (incoming["opened"] < f"{first:%Y-%m-%d}") & (incoming["opened"] != "")
    ).tolist()
    if odd:
        header = export.named.mapping.columns["opened"].header
        told = one_of(
            (f"{export.place(rows.iloc[at], 'opened')} {incoming['opened'].iloc[at]}" for at in odd), most=5
        )
        yield (
            f"{export.named.mapping.platform}：{header}早得多的新个案 {len(odd)} 条（{told}），"
            f"其余的从 {first:%Y-%m-%d} 开始；请核对年份"
        )
