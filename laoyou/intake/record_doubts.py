"""Exports of case records that are not what they seem: refused where they cannot be right, else asked about."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

import pandas as pd

from laoyou.cases.records import OUTCOMES
from laoyou.cases.store import DAYS, UNDATED
from laoyou.errors import IntakeError, Problem, one_of
from laoyou.intake.export_rows import ROW
from laoyou.intake.exports import Export
from laoyou.rules import Plausibility

LASTING = ["opened", "region", "industry", "group", "procedure"]  # what a case keeps whatever becomes of it
DAYS_A_YEAR = 365.25


def still_due(known: pd.DataFrame, since: dt.date) -> pd.DataFrame:
    """Return the known cases that an export of a year's figures must still hold.

    Parameters
    ----------
    known : as ``laoyou.cases.store.as_counted`` returns them: also those that ended without a day are over
    since : 1 January of the year

    Returns
    -------
    Those not over, and those to which something happened since.
    """
    happened = (known[list(DAYS)] >= str(since)).any(axis=1)
    return known[(known["closed"] == "") | happened]


def refuse_renumbered(export: Export, due: pd.DataFrame, incoming: pd.DataFrame, rules: Plausibility) -> None:
    """Refuse an export whose cases are those known, under other ids: each would be counted twice.

    Parameters
    ----------
    export : as read
    due : as ``still_due`` returns them
    incoming : the export's cases as text
    rules : from how many cases on, and from what share of those due

    Raises
    ------
    IntakeError
        If so many of the cases due are absent, each with a new one opened on the same day in the same place.
    """
    alike = _twins(due, incoming)
    if alike < max(rules.renumbered_from, rules.renumbered * len(due)):
        return
    header = export.named.mapping.columns["case"].header
    found = (
        f"以前录入的 {len(due)} 条个案里有 {alike} 条不见了，"
        f"却各有一条受理日期、街道等都相同而编号不同的新个案；照录就会重复计数"
    )
    remedy = (
        f"核对{header}是否被 Excel 改过（007 成了 7）、前缀有没有变，重新导出；平台确已换号的，"
        f"把 data/records/{export.named.name}.csv 移走，再录入换号后的全部个案"
    )
    place = f"{export.place(export.table[ROW].iloc[0], 'case')} 起（{header}）"
    raise IntakeError(export.shown, Problem(place, found, "与以前的导出相同的编号", remedy))


def _twins(due: pd.DataFrame, incoming: pd.DataFrame) -> int:
    """Return how many cases that are gone have a new one that is like them in all but its id."""
    gone = due.loc[~due["case"].isin(incoming["case"]), LASTING]
    if gone.empty:
        return 0
    new = incoming.loc[~incoming["case"].isin(due["case"]), LASTING]
    return (
        Counter(gone.itertuples(index=False, name=None)) & Counter(new.itertuples(index=False, name=None))
    ).total()


def record_doubts(
    export: Export,
    known: pd.DataFrame,
    due: pd.DataFrame,
    incoming: pd.DataFrame,
    rules: Plausibility,
) -> Iterator[str]:
    """Yield what is doubtful about an export of case records, each as a Chinese sentence without its full stop.

    Parameters
    ----------
    export : as read
    known : the latest state of each case known before, as text
    due : those of them that this export should hold, as ``still_due`` returns them
    incoming : the export's cases as text, in its order
    rules : how much is too much
    """
    platform = export.named.mapping.platform
    gone = due[~due["case"].isin(incoming["case"])]
    if len(gone) > rules.gone * len(due):
        opened = incoming["opened"]
        span = f"受理日期从 {opened.min()} 到 {opened.max()}" if len(opened) else "一条也没有"
        alike = _twins(due, incoming)
        renumbered = (
            f"其中 {alike} 条各有一条受理日期、街道等都相同、编号不同的新个案，像是编号变了；"
            if alike
            else ""
        )
        yield (
            f"{platform}：以前录入、这一年要数的 {len(due)} 条个案，有 {len(gone)} 条这次的导出里没有"
            f"（其中未办结 {(gone['closed'] == '').sum()} 条），仍照以前的样子计；{renumbered}"
            f"这次的个案{span}，请核对是不是只导出了一段时间的，应导出上年结转和 1 月 1 日以来的全部"
        )
    yield from _far_back(export, known, incoming, rules)
    was = dict(zip(known["case"], known["outcome"], strict=True))
    undated = incoming[incoming["outcome"].isin(UNDATED) & (incoming["closed"] == "")]
    turned = undated[
        [was.get(c, word) != word for c, word in zip(undated["case"], undated["outcome"], strict=True)]
    ]
    if len(turned):
        words = one_of(OUTCOMES[word] for word in dict.fromkeys(turned["outcome"]))
        yield (
            f"{platform}：{len(turned)} 条个案成了{words}，却没有日期，按上一次导出的次日算；"
            "以前各季已经算过的数不变，要按真实的日子算，请在平台补上"
        )


def _far_back(
    export: Export, known: pd.DataFrame, incoming: pd.DataFrame, rules: Plausibility
) -> Iterator[str]:
    """Yield the new cases opened long before all others, as from a mistyped year."""
    new = ~incoming["case"].isin(known["case"])
    opened = pd.to_datetime(
        pd.concat([known.loc[~known["case"].isin(incoming["case"]), "opened"], incoming["opened"]])
    )
    days = opened.sort_values(ignore_index=True)
    wide = days.diff() > pd.Timedelta(days=rules.years_apart * DAYS_A_YEAR)
    early = int(wide[::-1].idxmax()) if wide.any() else 0  # how many lie before the last wide gap
    if not 0 < early < len(days) - early:
        return
    first = days[early]
    rows = export.table[ROW]
    odd = [
        at for at, is_new in enumerate(new) if is_new and pd.Timestamp(incoming["opened"].iloc[at]) < first
    ]
    if odd:
        header = export.named.mapping.columns["opened"].header
        told = one_of(
            (f"{export.place(rows.iloc[at], 'opened')} {incoming['opened'].iloc[at]}" for at in odd), most=5
        )
        yield (
            f"{export.named.mapping.platform}：{header}早得多的新个案 {len(odd)} 条（{told}），"
            f"其余的从 {first:%Y-%m-%d} 开始；请核对年份"
        )
