"""The de-identified case records that a page looks at: whose they are, what they tell, or why there are none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from laoyou.cases.records import RECORD_COLUMNS
from laoyou.cases.store import FIELDS, as_counted, read_log, read_states, typed_records
from laoyou.intake.case_figures import Giver, givers_of, joined
from laoyou.intake.mappings import load_mappings
from laoyou.intake.record_intake import LOG
from laoyou.intake.sample_records import SAMPLE_ENDS, States, as_stood, sample_states
from laoyou.ledger.vintage import cut_off_day

if TYPE_CHECKING:
    from laoyou.view import View


@dataclass(frozen=True)
class CaseRecords:
    """The cases behind an indicator, as known on a page's day.

    Parameters
    ----------
    table : one row a case: the columns of ``RECORD_COLUMNS``, days as dates (NaT where empty), numbers as floats
        (NaN where empty), words and regions as text
    sample : whether they are sample records
    told : the columns that every platform concerned gives; by another one the cases cannot be told apart
    platforms : the platforms concerned
    reason : empty where there are records, else why there are none: ``not_counted`` (no platform gives the
        indicator by cases), ``other_region``, ``no_region`` (not every platform says where its cases belong),
        ``quarter_not_over`` (on the page's day), ``no_records``, ``not_exported`` (of some platforms nothing
        since the quarter's end)
    absent : the platforms of ``not_exported``
    """

    table: pd.DataFrame
    sample: bool
    told: frozenset[str]
    platforms: tuple[str, ...]
    reason: str = ""
    absent: tuple[str, ...] = ()


def case_records(view: View, indicator: str) -> CaseRecords:
    """Return the cases behind an indicator for a page's region, as known on its day.

    Parameters
    ----------
    view : the page
    indicator : the id of a rate or count that platforms give by cases

    Notes
    -----
    Records of real cases come first. Sample records stand in only where the ledger has no real figure of the
    indicator either: those taken in, or else the sample exports. Records are used when every platform
    concerned has been exported after the quarter's end, as for the figures counted from them.

    Raises
    ------
    IntakeError
        If a mapping, an export or the kept records cannot be read.
    """
    givers = givers_of(indicator, load_mappings(view.workspace, view.plan, view.regions, view.rules))
    told = (
        frozenset.intersection(*(frozenset(g.named.mapping.columns) for g in givers))
        if givers
        else frozenset()
    )
    platforms = tuple(g.named.mapping.platform for g in givers)

    def none(reason: str, absent: Sequence[str] = ()) -> CaseRecords:
        empty = _typed(pd.DataFrame(columns=list(FIELDS), dtype="str"))
        return CaseRecords(empty, False, told, platforms, reason, tuple(absent))

    region, whole = view.region.code, view.plan.region
    if not givers:
        return none("not_counted")
    if region != whole and view.region.parent != whole:
        return none("other_region")
    if region != whole and "region" not in told:
        return none("no_region")
    day, over = cut_off_day(view.as_of), view.quarter.end_time.date()
    if day is not None and day <= over:
        return none("quarter_not_over")
    states, absent = _taken_in(view, givers, sample=False)
    sample = not any(len(table) for table in states.values()) and _sample_allowed(view, indicator)
    if sample:
        states, absent = _taken_in(view, givers, sample=True)
        if absent:
            states, absent = _exported(view, givers)
    if not any(len(table) for table in states.values()):
        return none("no_records")
    if absent:
        return none("not_exported", absent)
    table = _typed(joined(givers, states))
    parts = [code for code, place in view.regions.items() if place.parent == whole]
    ours = [region] if region != whole else ["", whole, *parts]
    table = table[table["region"].isin(ours)].reset_index(drop=True)
    return CaseRecords(table, sample, told, platforms)


def _typed(states: pd.DataFrame) -> pd.DataFrame:
    return typed_records(states)[list(RECORD_COLUMNS)].reset_index(drop=True)


def _sample_allowed(view: View, indicator: str) -> bool:
    """Return whether nothing real is known of an indicator: real figures beside sample cases would mislead."""
    rows = view.observations
    ours = rows[(rows["region"] == view.plan.region) & (rows["indicator"] == indicator)]
    return bool((ours["status"] == "sample").all())


def _taken_in(view: View, givers: Sequence[Giver], *, sample: bool) -> tuple[States, list[str]]:
    """Return the latest known state of the cases kept, and the platforms without an export since the quarter."""
    folder = view.workspace.data / ("sample/records" if sample else "records")
    day = cut_off_day(view.as_of)
    log = read_log(folder / LOG, view.workspace.relative(folder / LOG))
    known = log if day is None else log[log["taken_in"] <= str(day)]
    taken = known.groupby("mapping")["taken_in"].max()
    states, absent = {}, []
    for named in (giver.named for giver in givers):
        file = folder / f"{named.name}.csv"
        exported = list(log.loc[log["mapping"] == named.name, "taken_in"])
        states[named.name] = as_counted(read_states(file, view.workspace.relative(file)), exported, day)
        if taken.get(named.name, "") <= str(view.quarter.end_time.date()):
            absent.append(named.mapping.platform)
    return states, absent


def _exported(view: View, givers: Sequence[Giver]) -> tuple[States, list[str]]:
    """Return the cases of the sample exports as each stood on the page's day, and the platforms without one that is new enough."""
    wanted = {giver.named.name: giver.named for giver in givers}
    files = [file for file in (view.workspace.data / "sample/exports").glob("*") if file.stem in wanted]
    states = sample_states(files, wanted, view.regions, view.rules, dt.date.max)
    day = cut_off_day(view.as_of)
    if day is not None:
        states = {name: as_stood(table, day) for name, table in states.items()}
    absent = [
        n.mapping.platform for name, n in wanted.items() if name not in states or view.quarter > SAMPLE_ENDS
    ]
    return {
        name: states.get(name, pd.DataFrame(columns=list(FIELDS), dtype="str")) for name in wanted
    }, absent
