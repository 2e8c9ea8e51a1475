"""From case records to figures: rates and counts of a region in a quarter, by the definitions in rules.yml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from laoyou.plan import Indicator, Plan
from laoyou.rules import CaseRate

OUTCOMES = {
    "open": "未办结",
    "done": "化解、调解成功、结案、得到帮扶",
    "failed": "办结而未成",
    "duplicate": "重复",
    "unfounded": "不属实",
    "transferred": "移送",
    "withdrawn": "撤回",
}
RECORD_COLUMNS: Mapping[str, str] = {
    "case": "id", "opened": "date", "closed": "date", "outcome": "word", "region": "region", "industry": "word",
    "group": "word", "procedure": "word", "workers": "number", "amount": "number", "placed": "date",
    "public_service": "word", "model_since": "date",
}  # fmt: skip
COUNTED = ("numerator", "denominator")


def case_rate(records: pd.DataFrame, definition: CaseRate, quarter: pd.Period) -> pd.DataFrame:
    """Count the numerator and denominator of a rate since 1 January.

    Parameters
    ----------
    records : one row a case with ``opened`` and ``closed`` (NaT while open), ``outcome`` and ``region``
    definition : which cases are due, and which outcomes are left out
    quarter : the quarter at whose end the cases are counted

    Returns
    -------
    ``numerator`` and ``denominator`` [cases], one row a case due, 0 or 1 in each, with its ``region``.

    Notes
    -----
    A case counts as it stood at the quarter's end: what was closed later was then open. Carried over is what
    was opened before 1 January and still open on that day. A case whose outcome is left out counts nowhere
    from the day it was closed, or from the beginning if that day is not known.
    """
    first, last = _span(quarter)
    closed = records["closed"].where(records["closed"] <= last)
    ended = closed >= first
    begun = (records["opened"] <= last) & ~left_out(records, definition, last)
    new = begun & (records["opened"] >= first)
    carried_over = begun & (records["opened"] < first) & (closed.isna() | ended)
    due = {"carried_over_and_new": new | carried_over, "new": new, "ended": begun & ended}[definition.base]
    done = due & ended & (records["outcome"] == "done")
    counted = pd.DataFrame(
        {"region": records["region"], "numerator": done.astype(int), "denominator": due.astype(int)}
    )
    return counted[due]


def left_out(records: pd.DataFrame, definition: CaseRate, last: pd.Timestamp) -> pd.Series[bool]:
    """Return which cases count nowhere by a day: those known by then to have an outcome that is left out.

    Parameters
    ----------
    records, definition : as for ``case_rate``
    last : the day; an outcome without one was so from the beginning
    """
    known = records["closed"].isna() | (records["closed"] <= last)
    return records["outcome"].isin(definition.leave_out) & known


def case_rate_by(
    records: pd.DataFrame, definition: CaseRate, quarter: pd.Period, column: str
) -> pd.DataFrame:
    """Count the numerator and denominator of a rate since 1 January in each group of cases.

    Parameters
    ----------
    records, definition, quarter : as for ``case_rate``
    column : whose words make the groups; a case without one belongs to none

    Returns
    -------
    ``numerator`` and ``denominator`` [cases] by group.
    """
    counted = case_rate(records, definition, quarter)
    group = records.loc[counted.index, column].replace("", pd.NA)
    return counted[list(COUNTED)].groupby(group).sum()


def count_between(
    records: pd.DataFrame, column: str, first: pd.Timestamp | None, last: pd.Timestamp
) -> pd.DataFrame:
    """Count the records whose day in a column lies in a span.

    Parameters
    ----------
    records : one row a case, with the column of days and ``region``
    column : which day counts
    first : the first day of the span; open towards the past if None
    last : its last day

    Returns
    -------
    ``value`` [cases], one row a case counted, with its ``region``.
    """
    within = records[column] <= last
    if first is not None:
        within &= records[column] >= first
    return pd.DataFrame({"region": records.loc[within, "region"], "value": 1})


def by_region(counted: pd.DataFrame, whole: str, parts: Sequence[str]) -> pd.DataFrame:
    """Add up what was counted: the whole region, and each part of it.

    Parameters
    ----------
    counted : as ``case_rate`` or ``count_between`` returns it; a record of no known part counts in the whole only
    whole : the code of the whole region
    parts : the codes of its parts; one without records gets zeros

    Returns
    -------
    One row a region, the whole first.
    """
    columns = [c for c in counted.columns if c != "region"]
    summed = counted.groupby("region")[columns].sum().reindex(list(parts), fill_value=0)
    total = counted[columns].sum().to_frame(whole).T
    return pd.concat([total, summed]).astype("int64").rename_axis("region").reset_index()


def count_span(plan: Plan, indicator: str, quarter: pd.Period) -> tuple[pd.Timestamp | None, pd.Timestamp]:
    """Return the first and last day that a count of an indicator runs over; no first day where it has none."""
    first, last = _span(quarter)
    entry = plan.measurable[indicator]
    if not isinstance(entry, Indicator):
        return None, last
    if entry.kind == "cumulative_count" and entry.cumulative_since is not None:
        return pd.Timestamp(entry.cumulative_since, 1, 1), last
    return (first, last) if entry.kind == "annual_count" else (None, last)


def chosen(records: pd.DataFrame, where: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return the records whose words are among those named."""
    for name, words in where.items():
        records = records[records[name].isin(list(words))]
    return records


def _span(quarter: pd.Period) -> tuple[pd.Timestamp, pd.Timestamp]:
    return pd.Timestamp(quarter.year, 1, 1), quarter.end_time.normalize()
