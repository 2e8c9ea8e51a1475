"""The ledger copied from where it is kept to a database or a folder of Parquet files, and the copy held against it."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pandas as pd

from laoyou.errors import LedgerError, Problem
from laoyou.ledger.append import only_writer
from laoyou.ledger.file import COLUMNS
from laoyou.ledger.links import folders_of
from laoyou.ledger.observations import read_ledger
from laoyou.ledger.stores.store import VARIABLE, NewStore, Store, open_store, store_at
from laoyou.ledger.stores.table import as_values
from laoyou.plan import load_plan
from laoyou.rules import load_rules
from laoyou.workspace import find_workspace

WHERE = "laoyou copy"


@dataclass(frozen=True)
class Copied:
    """A copy: its name in messages, and how many rows of real and of sample figures it has."""

    shown: str
    real: int
    sample: int


def copy_ledger(address: str) -> Copied:
    """Copy every row of the ledger, all revisions included, to a place that holds none yet.

    Parameters
    ----------
    address : ``postgresql+psycopg://…``, or a folder for Parquet files; made where it is not there

    Raises
    ------
    LaoyouError
        If the ledger cannot be accepted, the place cannot be written or holds rows, or what is read from it
        afterwards is not what was read here.
    """
    workspace, plan, rules = find_workspace(), load_plan(), load_rules()
    source, target = open_store(workspace), store_at(address, workspace, WHERE)
    if address.strip() == os.environ.get(VARIABLE, "").strip():
        problem = Problem(
            f"环境变量 {VARIABLE}", "已经指向这个地址，会从它复制到它", "现有台账的地址；CSV 文件则不设",
            f"先取消（unset {VARIABLE}）再运行，复制完再设",
        )  # fmt: skip
        raise LedgerError(WHERE, problem)
    with only_writer(folders_of(workspace.data, source.folders()), source.shown), source.alone():
        read_ledger(workspace, plan, rules)  # what cannot be accepted is not copied
        ours = _rows(source)
    target.create()
    with only_writer(target.folders(), target.shown), target.alone():
        if any(len(rows) for rows in _held(target).values()):
            problem = Problem(
                "台账", f"{target.shown} 里已有台账", "空的库或目录", "换一个地址；是没有复制完的就清空它再试"
            )
            raise LedgerError(WHERE, problem)
        for sample, rows in ours.items():
            target.append(rows, sample=sample, files=[], shown=target.shown)
        theirs = _rows(target)
    for sample, rows in ours.items():
        if not _same(rows, theirs[sample]):
            problem = Problem(
                "核对", f"{target.target(sample=sample)} 与原台账不同", remedy="不要用它，报告此事"
            )
            raise LedgerError(WHERE, problem)
    return Copied(target.shown, len(ours[False]), len(ours[True]))


def _rows(store: Store) -> dict[bool, pd.DataFrame]:
    """Return the rows of real figures and of sample ones, in the order in which they stand."""
    parts = store.read()
    return {
        sample: pd.concat(
            [
                pd.DataFrame(columns=list(COLUMNS), dtype="str"),
                *(p.rows[list(COLUMNS)] for p in parts if p.sample == sample),
            ],
            ignore_index=True,
        )
        for sample in (False, True)
    }


def _held(store: NewStore) -> dict[bool, pd.DataFrame]:
    """Return what a place holds already; nothing where it is no ledger yet."""
    try:
        return _rows(store)
    except LedgerError:
        return {}


def _same(ours: pd.DataFrame, theirs: pd.DataFrame) -> bool:
    """Return whether two lists of rows say the same, periods and numbers in whatever spelling."""
    return as_values(ours, WHERE).equals(as_values(theirs, WHERE))
