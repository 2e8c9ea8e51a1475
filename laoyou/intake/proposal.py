"""What an intake would add to the ledger: incoming rows held against it, each new, changed, the same or kept."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from laoyou.errors import IntakeError, Problem
from laoyou.intake.exposure import exposed
from laoyou.intake.plausibility import Doubt, doubts
from laoyou.ledger.checks import doubles, falls, row_problems
from laoyou.ledger.correction_file import load_corrections
from laoyou.ledger.corrections import corrected
from laoyou.ledger.file import CELL, COLUMNS, MISSING, NUMBERS, typed
from laoyou.ledger.observations import read_ledger
from laoyou.ledger.stores.store import open_store
from laoyou.ledger.vintage import as_known
from laoyou.ledger.withheld import NO_LONGER, explanation, is_withheld
from laoyou.plan import Plan
from laoyou.regions import Region
from laoyou.rules import Rules
from laoyou.workspace import Workspace

NEW, CHANGED, SAME, KEPT = "new", "changed", "same", "kept"
KINDS = {NEW: "新增", CHANGED: "更改", SAME: "相同", KEPT: "保留原数"}
CLOSE = 1e-9  # relative; figures that differ by less are the same


@dataclass(frozen=True)
class Proposal:
    """Incoming rows held against the ledger.

    Parameters
    ----------
    rows : as ``laoyou.intake.incoming`` gives them, with ``kind`` (a key of ``KINDS``) and ``before``, the figure known;
        that is not repeated where the row withholds it from now on
    doubts : what is doubtful about those that would be added
    target : the file or table of the ledger they would be added to
    sample : whether they are sample figures
    told : what is doubtful about the records behind them, as sentences
    """

    rows: pd.DataFrame
    doubts: Sequence[Doubt]
    target: str
    sample: bool
    told: Sequence[str] = ()

    @property
    def added(self) -> pd.DataFrame:
        """The rows that would be added, in the ledger's columns."""
        return self.rows.loc[self.rows["kind"].isin([NEW, CHANGED]), list(COLUMNS)]

    def count(self, kind: str) -> int:
        """Return how many rows are of a kind."""
        return int((self.rows["kind"] == kind).sum())


def propose(
    incoming: pd.DataFrame,
    workspace: Workspace,
    plan: Plan,
    rules: Rules,
    regions: dict[str, Region],
    *,
    day: dt.date,
) -> Proposal:
    """Hold incoming rows against the ledger.

    Parameters
    ----------
    incoming : rows of text in the columns ``laoyou.intake.incoming.INCOMING``
    workspace, plan, rules, regions : what they are held against
    day : the day on which they become known; taken where a row names none

    Returns
    -------
    What would be added, held against what was known on the day. A figure that is the ledger's already is the
    same; an empty cell does not take back what the ledger has.

    Raises
    ------
    LaoyouError
        If the ledger itself cannot be accepted, or a row cannot be added to it: every such row is named by the
        cell it comes from.
    """
    ledger = read_ledger(workspace, plan, rules)
    sample = _one_kind(incoming)
    ours = ledger[((ledger["status"] == "sample") == sample) & (ledger["reported_on"] <= pd.Timestamp(day))]
    latest = ours.sort_values("reported_on", kind="stable").drop_duplicates(CELL, keep="last")
    known: dict[tuple[Any, ...], dict[Any, Any]] = dict(
        zip(latest[CELL].itertuples(index=False, name=None), latest.to_dict("records"), strict=True)
    )
    units = {id: entry.unit for id, entry in plan.measurable.items()}
    rows = incoming.reset_index(drop=True)
    rows["reported_on"] = rows["reported_on"].where(rows["reported_on"] != "", str(day))
    table = typed(rows[list(COLUMNS)].assign(line=rows.index), units)
    problems = [
        _placed(p, rows)
        for p in row_problems(rows[list(COLUMNS)], table, plan, regions, rules, sample=sample, today=day)
    ]
    problems += _twice(rows, table)
    if problems:
        raise IntakeError("录入的数", problems)
    kinds, before = [], []
    for row in table.to_dict("records"):
        old = known.get(tuple(row[name] for name in CELL))
        kinds.append(_kind(row, old))
        before.append(_before(row, old))
    rows = rows.assign(kind=kinds, before=before)
    unexplained = (rows["kind"] == CHANGED) & (rows["note"] == "")
    said = [explanation(row, row["before"]) for row in rows.to_dict("records")]
    rows["note"] = rows["note"].mask(unexplained, pd.Series(said, rows.index, dtype="str"))
    target = open_store(workspace).target(sample=sample)
    adding = rows["kind"].isin([NEW, CHANGED])
    fresh = table[adding].assign(note=rows.loc[adding, "note"], file=target)
    fresh["line"] += 1 + int(max(ledger["line"], default=0))
    together = pd.concat([ledger, fresh], ignore_index=True)
    corrections = load_corrections(workspace, plan, rules)
    after, _ = corrected(as_known(pd.concat([ours, fresh], ignore_index=True)), corrections.in_force())
    late = [
        (index, problem)
        for _, problem in (*doubles(together), *falls(together, plan, corrections))
        for index in _index_of(problem, fresh)
    ]
    late += exposed(after, table, adding, plan, regions, rules)
    if late:
        placed = [Problem(rows["place"][n], p.found, p.allowed, p.remedy) for n, p in late]
        raise IntakeError("录入的数", placed)
    return Proposal(rows, doubts(plan, rules, as_known(ours), fresh), target, sample)


def _one_kind(incoming: pd.DataFrame) -> bool:
    """Return whether the rows are sample figures.

    Raises
    ------
    IntakeError
        If some are and some are not.
    """
    sample = incoming["status"] == "sample"
    if sample.any() and not sample.all():
        places = "、".join(dict.fromkeys(incoming.loc[sample, "place"].head(3)))
        problem = Problem(places, "是演示数据，其余是真实数据", "一次录入只有一种", "分两次录入")
        raise IntakeError("录入的数", problem)
    return bool(sample.all()) and len(incoming) > 0


def _placed(problem: Problem, rows: pd.DataFrame) -> Problem:
    """Name the cell that a row comes from instead of its number."""
    match = re.match(r"第 (\d+) 行(.*)", problem.place)
    assert match is not None  # row_problems says so of every problem
    row = rows.loc[int(match[1])]
    place = f"{row['place']}（{row['indicator']}{match[2]}）"
    return Problem(place, problem.found, problem.allowed, problem.remedy)


def _twice(rows: pd.DataFrame, table: pd.DataFrame) -> list[Problem]:
    """Return a problem for each figure that is given twice in one intake."""
    first = rows["place"].groupby([table[name] for name in CELL]).transform("first")
    again = table.duplicated(CELL, keep="first")
    return [
        Problem(
            rows["place"][index],
            f"与 {first[index]} 是同一个数（{table['indicator'][index]} {table['period'][index]}）",
            "一个数只有一处",
            "只留一处",
        )
        for index in table.index[again]
    ]


def _index_of(problem: Problem, fresh: pd.DataFrame) -> list[int]:
    """Return which incoming row a problem of the ledger is about; none where it is about an old one."""
    match = re.match(r"第 (\d+) 行", problem.place)
    return list(fresh.index[fresh["line"] == int(match[1])]) if match else []


def _kind(row: dict[Any, Any], old: dict[Any, Any] | None) -> str:
    """Return how a row stands to what is known of its cell."""
    if old is None:
        return NEW
    if row["missing"] == "not_reported" and old["missing"] != "not_reported":
        return KEPT
    parts_given = pd.notna(row["numerator"]) and pd.notna(old["numerator"])
    names = NUMBERS if parts_given else ("value",)
    same = row["missing"] == old["missing"] and all(_close(row[name], old[name]) for name in names)
    level = (row["measured_at"] or row["region"]) == (old["measured_at"] or old["region"])
    broken = row["series_break"] in ("", old["series_break"])
    return SAME if same and level and broken and row["status"] == old["status"] else CHANGED


def _close(one: object, other: object) -> bool:
    a, b = float(str(one)), float(str(other))
    return (a != a and b != b) or abs(a - b) <= CLOSE * max(abs(a), abs(b), 1.0)


def _before(row: dict[Any, Any], old: dict[Any, Any] | None) -> str:
    """Return what is known of a row's cell, in words; not the figure where the row withholds it."""
    if old is None:
        return ""
    return NO_LONGER if is_withheld(row) and not old["missing"] else _figure(old)


def _figure(row: dict[Any, Any]) -> str:
    """Return a row's figure in words: 213/226, 94.5, or the kind of missing."""
    if row["missing"]:
        return MISSING[str(row["missing"])]
    if pd.notna(row["numerator"]):
        return f"{row['numerator']:.12g}/{row['denominator']:.12g}"
    return f"{row['value']:.12g}"
