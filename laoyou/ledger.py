"""The ledger: observations that are only ever added to, read as they were known on a date.

A revision is a new row with a later ``reported_on``, or further down in the file with its reason in ``note``.
Reading ``as_of`` a date gives what was known then.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from laoyou.errors import LedgerError, Problem
from laoyou.ledger_checks import doubles, falls, row_problems
from laoyou.ledger_file import read_rows, typed
from laoyou.plan import Plan, load_plan
from laoyou.regions import load_regions
from laoyou.rules import Rules, load_rules
from laoyou.vintage import as_known
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
    - ``revision`` : how many earlier figures of this cell were known [count]
    - ``first_value`` : the first figure of this cell, in the row's unit

    A series never mixes sample with real figures: one real figure retires the sample for it.

    Raises
    ------
    LedgerError
        With every problem of the first file found wanting.
    """
    workspace = find_workspace(data)
    plan = plan or load_plan(data=data)
    table = read_ledger(workspace, plan, rules or load_rules())
    return as_known(table, as_of)


def ledger_files(workspace: Workspace) -> list[Path]:
    """Return the files of the ledger: observations/*.csv, then sample/*.csv, which hold sample figures alone."""
    return [*sorted((workspace.data / "observations").glob("*.csv")), *_sample(workspace)]


def _sample(workspace: Workspace) -> list[Path]:
    return sorted((workspace.data / "sample").glob("*.csv"))


def read_ledger(
    workspace: Workspace, plan: Plan, rules: Rules, *, today: dt.date | None = None
) -> pd.DataFrame:
    """Read and check every row of the ledger, all revisions included.

    Parameters
    ----------
    workspace, plan, rules : what the rows are checked against
    today : a row reported later than this day is refused; not checked if not given

    Returns
    -------
    The rows of all files with typed columns, and ``file`` and ``line`` where each stands.

    Raises
    ------
    LedgerError
        With every problem of the first file found wanting.
    """
    regions = load_regions(workspace)
    units = {id: entry.unit for id, entry in plan.measurable.items()}
    sample = set(_sample(workspace))
    problems: dict[str, list[Problem]] = {}
    tables = []
    for file in ledger_files(workspace):
        shown = workspace.relative(file)
        raw, problems[shown] = read_rows(file, shown)
        table = typed(raw, units)
        problems[shown] += row_problems(raw, table, plan, regions, rules, sample=file in sample, today=today)
        tables.append(table.assign(file=shown))
    if not tables:
        raise LedgerError(
            workspace.relative(workspace.data), Problem("台账", "一个 CSV 也没有", "observations/*.csv")
        )
    ledger = pd.concat(tables, ignore_index=True)
    readable = ledger[(ledger["year"] > 0) & ledger["reported_on"].notna()]
    for shown, problem in (*doubles(readable), *falls(readable, plan)):
        problems[shown].append(problem)
    for shown, found in problems.items():
        if found:
            raise LedgerError(shown, found)
    return ledger
