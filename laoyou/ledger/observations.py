"""The ledger: observations that are only ever added to, read as they were known on a date, wherever they are kept.

A revision is a new row with a later ``reported_on``, or further down in the file with its reason in ``note``.
Reading ``as_of`` a date gives what was known then.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from laoyou.errors import LedgerError, Problem
from laoyou.ledger.checks import doubles, falls, row_problems
from laoyou.ledger.correction_file import load_corrections
from laoyou.ledger.corrections import Correction, as_corrected, fingerprint_text
from laoyou.ledger.disclosure import given_back
from laoyou.ledger.file import CELL, COLUMNS, typed
from laoyou.ledger.stores.store import open_store
from laoyou.ledger.vintage import cut_off_day
from laoyou.ledger.withheld import Cell
from laoyou.plan import Plan, load_plan
from laoyou.regions import load_regions, parts_of
from laoyou.rules import Rules, load_rules
from laoyou.workspace import Workspace, find_workspace


def load_observations(
    plan: Plan | None = None,
    *,
    as_of: str | dt.date | None = None,
    data: str = "data",
    rules: Rules | None = None,
) -> pd.DataFrame:
    """Load the observations as they were known on a date.

    Parameters
    ----------
    plan : the plan whose indicators they belong to; the workspace's own if not given
    as_of : the last day of knowledge (ISO date); everything if not given or empty
    data : the data folder, relative to the workspace
    rules : the rules in force; the workspace's own if not given

    Returns
    -------
    One row per region, indicator and period with the ledger's columns and besides:

    - ``value`` : in the row's own unit, of a rate from numerator and denominator where only those are given;
      NaN where missing
    - ``period`` : in one spelling, whatever the file's
    - ``year``, ``quarter`` : of the period; quarter 0 for a year or a month
    - ``frequency`` : quarter, year or month
    - ``revision`` : how many earlier figures of this cell were known [count]; 0 where the figure is withheld now
    - ``first_value`` : the first figure of this cell, in the row's unit; NaN where the figure is withheld now
    - ``corrected`` : whether a declared correction replaced or dropped the ledger's figure; ``note`` says why

    A series never mixes sample with real figures: one real figure retires the sample for it.

    Raises
    ------
    LedgerError
        With every problem of the first file found wanting.
    """
    workspace = find_workspace(data)
    plan = plan or load_plan(data=data)
    return read_known(workspace, plan, rules or load_rules(), as_of).observations


@dataclass(frozen=True)
class Known:
    """What is known on a day.

    Parameters
    ----------
    rows : the ledger's rows known on it, every revision, as they stand in the files
    observations : the figures, as ``load_observations`` returns them
    corrections : the declared corrections that are in force
    """

    rows: pd.DataFrame
    observations: pd.DataFrame
    corrections: tuple[Correction, ...]

    @property
    def digest(self) -> str:
        """The SHA-256 of all that figures rest on; rows reported and corrections declared later do not change it."""
        rows = self.rows.sort_values([*CELL, "reported_on", "status"], kind="stable")
        text = rows[list(COLUMNS)].to_csv(index=False, lineterminator="\n")
        whole = (text + fingerprint_text(self.corrections)).replace("\r\n", "\n")
        return hashlib.sha256(whole.encode("utf-8")).hexdigest()


def read_known(
    workspace: Workspace,
    plan: Plan,
    rules: Rules,
    as_of: str | dt.date | None = None,
    *,
    today: dt.date | None = None,
) -> Known:
    """Read the ledger and the declared corrections as known on a date.

    Parameters
    ----------
    workspace, plan, rules, today : as for ``read_ledger``
    as_of : as for ``load_observations``

    Raises
    ------
    LedgerError
        With every problem of the first file found wanting, data/corrections.yml among them.
    """
    day = cut_off_day(as_of)
    corrections = load_corrections(workspace, plan, rules, today=today)
    cells = [one.cell for one in corrections.entries]
    ledger = read_ledger(workspace, plan, rules, today=today, until=day, besides=cells)
    rows = ledger if day is None else ledger[ledger["reported_on"] <= pd.Timestamp(day)]
    figures, in_force = as_corrected(ledger, corrections, day), corrections.in_force(day)
    parts, below = parts_of(load_regions(workspace), plan.region), rules.suppression.below
    if problems := list(given_back(figures, in_force, plan, parts, below)):
        raise LedgerError(corrections.shown, problems)
    return Known(rows, figures, in_force)


def read_ledger(
    workspace: Workspace,
    plan: Plan,
    rules: Rules,
    *,
    today: dt.date | None = None,
    until: dt.date | None = None,
    besides: Collection[Cell] = (),
) -> pd.DataFrame:
    """Read and check the rows of the ledger, all revisions included.

    Parameters
    ----------
    workspace, plan, rules : what the rows are checked against
    today : a row reported later than this day is refused; not checked if not given
    until : a day of knowledge after which nothing is needed, save of the cells ``besides``; a store that checks rows when they are
        added need not read them then

    Returns
    -------
    The rows with typed columns, and ``file`` and ``line`` where each stands.

    Raises
    ------
    LedgerError
        With every problem of the first file found wanting.
    """
    regions = load_regions(workspace)
    units = {id: entry.unit for id, entry in plan.measurable.items()}
    store = open_store(workspace)
    problems: dict[str, list[Problem]] = {}
    tables = []
    for part in store.read(until, besides):
        table = typed(part.rows, units)
        found = row_problems(part.rows, table, plan, regions, rules, sample=part.sample, today=today)
        problems[part.shown] = [*part.problems, *found]
        tables.append(table.assign(file=part.shown))
    ledger = pd.concat(tables, ignore_index=True)
    if (
        until is None or not store.checks_on_append
    ):  # of some rows alone it cannot be said how they go together
        readable = ledger[(ledger["year"] > 0) & ledger["reported_on"].notna()]
        corrections = load_corrections(workspace, plan, rules)
        for shown, problem in (*doubles(readable), *falls(readable, plan, corrections)):
            problems[shown].append(problem)
    for shown, wrong in problems.items():
        if wrong:
            raise LedgerError(shown, wrong)
    return ledger
