"""What the report before this one knew, and what has been revised since."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import pandas as pd

from laoyou.errors import LaoyouError, NotAllowedError
from laoyou.ledger.correction_file import load_corrections
from laoyou.ledger.corrections import as_corrected
from laoyou.ledger.vintage import cut_off_day, read_day
from laoyou.view import View
from laoyou.yamlfile import read_yaml

_DECIMALS = 9  # as far as verdicts look


class LastReport(NamedTuple):
    """The report of the quarter before.

    Parameters
    ----------
    quarter : the quarter it is about
    day : its last day of knowledge
    filed : whether a parameters file says so
    """

    quarter: pd.Period
    day: dt.date
    filed: bool


def last_report(view: View) -> LastReport | None:
    """Return the report before a page's own; None before the plan's first quarter.

    Parameters
    ----------
    view : the page

    Notes
    -----
    Its day is ``as_of`` in the parameters file of the quarter before, for the same region and data. Where there is none, it
    is taken to have had as many days after its quarter as this report has after its own, and to have come before this
    quarter ended. It never knew more than this report does.
    """
    before = view.quarter - 1
    if before.year not in view.plan.years:
        return None
    over, own = view.quarter.end_time.date(), cut_off_day(view.as_of or view.cut_off)
    day = _filed(view, before)
    if day is None:
        waited = max((own or over) - over, dt.timedelta(0))
        return LastReport(before, min(before.end_time.date() + waited, over), filed=False)
    return LastReport(before, min(day, own or day), filed=True)


def _filed(view: View, quarter: pd.Period) -> dt.date | None:
    """Return the last day of knowledge in a quarter's parameters file; None without a file that gives one for this page.

    A file that cannot be read is another report's trouble, and told when that is made.
    """
    file = view.workspace.params / f"{quarter}.yml"
    with suppress(LaoyouError, NotAllowedError):
        content: Any = read_yaml(file, file.name, LaoyouError)[0] if file.is_file() else {}
        own = {"region": view.region.code, "quarter": str(quarter), "data": view.workspace.data_name}
        if isinstance(content, Mapping) and {name: content.get(name) for name in own} == own:
            return read_day(str(content.get("as_of", "")))
    return None


def fingerprint(view: View) -> str:
    """Return what a page takes from the last report's parameters, as text: equal texts, equal pages."""
    report = last_report(view)
    return f"{report.day}{' filed' if report.filed else ''}" if report else ""


def known_to(view: View, report: LastReport) -> pd.DataFrame:
    """Return the observations as a report knew them, corrections declared by then included."""
    corrections = load_corrections(view.workspace, view.plan, view.rules)
    return as_corrected(view.known.rows, corrections, report.day)


class Revision(NamedTuple):
    """What became of a figure since the last report.

    Parameters
    ----------
    indicator, period : which figure; of ``real`` the last one's period
    kind : ``revised`` another number, ``corrected`` the same by a declared correction, ``late`` known only now, ``withdrawn``
        no longer there, ``real`` the sample figures of the indicator have given way to real ones
    before, now : the figure then and now [the row's unit], NaN where there was or is none; of ``real`` how many [count]
    reported_on : since when it is known as it is now (ISO date)
    note : the ledger's reason
    """

    indicator: str
    period: str
    kind: str
    before: float
    now: float
    reported_on: str
    note: str


def revisions(
    then: pd.DataFrame, now: pd.DataFrame, places: Mapping[str, str], upto: pd.Period
) -> list[Revision]:
    """Return what became of the figures that a report could have known.

    Parameters
    ----------
    then, now : the observations as known to the last report and as known now
    places : the region whose figures are looked at, for each indicator
    upto : the last quarter of the figures looked at; a year's belong to its fourth quarter

    Returns
    -------
    In the order of ``places``, oldest period first.
    """
    found: list[Revision] = []
    for id, place in places.items():
        old, new = ({row.period: row for row in _series(table, id, place, upto)} for table in (then, now))
        if old and new and _sample(old.values()) and not _sample(new.values()):
            last = max(new.values(), key=_order)
            found.append(_revision(id, "real", last, float(len(old)), float(len(new))))
            continue
        for row in sorted(new.values(), key=_order):
            value = float(old[row.period].value) if row.period in old else math.nan
            if kind := _kind(value, float(row.value)):
                kind = "corrected" if row.corrected and kind == "revised" else kind
                found.append(_revision(id, kind, row, value, float(row.value)))
    return found


def _series(table: pd.DataFrame, id: str, place: str, upto: pd.Period) -> list[Any]:
    rows = table[(table["indicator"] == id) & (table["region"] == place)]
    ordinal = rows["year"] * 4 + rows["quarter"].replace(0, 4)
    return list(rows[ordinal <= upto.year * 4 + upto.quarter].itertuples(index=False))


def _sample(rows: Iterable[Any]) -> bool:
    return any(row.status == "sample" for row in rows)


def _order(row: Any) -> tuple[int, int]:
    return int(row.year), int(row.quarter) or 4


def _kind(before: float, now: float) -> str:
    """Return what became of a figure; empty where nothing did."""
    if math.isnan(before) or math.isnan(now):
        return "" if math.isnan(before) and math.isnan(now) else "late" if math.isnan(before) else "withdrawn"
    return "" if round(before - now, _DECIMALS) == 0 else "revised"


def _revision(id: str, kind: str, row: Any, before: float, now: float) -> Revision:
    day = "" if pd.isna(row.reported_on) else str(row.reported_on.date())
    return Revision(id, str(row.period), kind, before, now, day, str(row.note or ""))
