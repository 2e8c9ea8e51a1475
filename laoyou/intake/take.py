"""Taking files in: what they hold is shown against the ledger, and added to it when that is confirmed."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from laoyou.errors import IntakeError, LaoyouError, Problem, one_line, one_of
from laoyou.forms.filled import is_form, read_form
from laoyou.forms.rows import MARKS
from laoyou.intake.exports import Export, read_export
from laoyou.intake.headings import find_mapping
from laoyou.intake.incoming import INCOMING, figure_rows
from laoyou.intake.mappings import load_mappings
from laoyou.intake.problem_steps import add_returned, add_steps
from laoyou.intake.proposal import Proposal, propose
from laoyou.intake.record_intake import Batch, Ground, count_records, has_key, hasher
from laoyou.ledger.append import only_writer
from laoyou.ledger.links import folders_of, led_to
from laoyou.ledger.observations import read_ledger
from laoyou.ledger.stores.store import Store, open_store
from laoyou.ledger.withheld import ever_withheld
from laoyou.plan import load_plan
from laoyou.regions import load_regions
from laoyou.rules import load_rules
from laoyou.sheets.grids import Grid, Reader, open_reader
from laoyou.sheets.xls import XlsReader
from laoyou.supervision.log import log_folders
from laoyou.supervision.matters import Event
from laoyou.supervision.sheet import MARKS as LIST_MARKS
from laoyou.supervision.sheet import is_list, read_returned
from laoyou.workspace import find_workspace

SHOWN = "laoyou intake"
FORM_HEAD = 12  # rows above which a form's heading stands


@dataclass(frozen=True)
class Taken:
    """An intake.

    Parameters
    ----------
    proposal : the figures proposed
    notices : what was noticed
    written : whether it was written
    steps : what units did about problems
    log : the log that those stand in; None where there are none
    cases : whether case records are new or have changed
    """

    proposal: Proposal
    notices: Sequence[str]
    written: bool
    steps: Sequence[Event] = ()
    log: Path | None = None
    cases: bool = False

    @property
    def anything(self) -> bool:
        """Whether there was anything to write."""
        return bool(len(self.proposal.added) or self.steps or self.cases)


Confirm = Callable[[Proposal, Sequence[str]], bool]


def intake(
    files: Sequence[Path],
    *,
    day: dt.date,
    mapping: str | None = None,
    quarters: Sequence[pd.Period] = (),
    confirm: Confirm = lambda proposal, notices: True,
    asks: bool = False,
) -> Taken:
    """Take in filled forms and platform exports.

    Parameters
    ----------
    files : the files; all of them are taken in, or none
    day : the day on which their figures become known
    mapping : the mapping that exports answer to; found by their headings if not given
    quarters : the quarters that case records are counted for; the last one over before ``day`` if none
    confirm : called, once, with what would be added; whether to add it
    asks : whether ``confirm`` waits for a person. Others can then write meanwhile, and the intake is refused if
        that changes what was shown; else nobody can from the first look on

    Returns
    -------
    What was proposed, and whether it was written. Files taken in before add nothing.

    Raises
    ------
    LaoyouError
        With every problem of every file. The ledger is then as it was, to the byte.
    """
    ground = _ground(day, quarters)
    shown = ground.workspace.relative(ground.workspace.data)
    store, first = open_store(ground.workspace), None
    if asks:
        first, _ = _proposed(files, ground, mapping)
        if not first.anything or not confirm(first.proposal, first.notices):
            return first
    with only_writer(_written_folders(ground, store), shown), store.alone():
        found, batch = _proposed(files, ground, mapping)
        if first is not None and not _same(first, found):
            found_words = "在确认期间被另一次录入改动，或录入的文件被改过"
            problem = Problem("台账", found_words, remedy="重新运行，核对新的差异")
            raise IntakeError(SHOWN, problem)
        if not found.anything or (not asks and not confirm(found.proposal, found.notices)):
            return found
        if not has_key(ground):  # it is made now that all is accepted; until here a trial one did
            found, batch = _proposed(files, replace(ground, writing=True), mapping)
        added = found.proposal.added
        store.append(added, sample=found.proposal.sample, files=batch.writes, shown=shown)
    return replace(found, written=True)


def _same(first: Taken, now: Taken) -> bool:
    """Return whether what would be written is what was shown."""
    told = (first.notices, first.steps) == (now.notices, now.steps)
    return told and now.proposal.rows.equals(first.proposal.rows)


def _written_folders(ground: Ground, store: Store) -> list[Path]:
    """Return the data folder, and those outside of it that an intake may write: the ledger's, and where links lead to."""
    workspace = ground.workspace
    records = [ground.records_folder(sample=sample) for sample in (False, True)]
    places = [*log_folders(workspace), *store.folders()]
    places += [led_to(folder, workspace.relative(folder)) for folder in records]
    return folders_of(workspace.data, places)


def _ground(day: dt.date, quarters: Sequence[pd.Period]) -> Ground:
    workspace = find_workspace()
    plan, rules, regions = load_plan(), load_rules(), load_regions(workspace)
    over = pd.Period(day, freq="Q-DEC") - 1
    unfinished = [q for q in quarters if q.end_time.date() >= day]
    if unfinished:
        found = f"{unfinished[0]} 到 {day} 还没有结束"
        raise IntakeError(SHOWN, Problem("--quarter", found, f"{over} 或更早"))
    mappings = load_mappings(workspace, plan, regions, rules)
    return Ground(workspace, plan, rules, regions, mappings, day, quarters or [over])


def _proposed(files: Sequence[Path], ground: Ground, mapping: str | None) -> tuple[Taken, Batch]:
    """Read the files and hold what they give against the ledger and the log."""
    ledger = read_ledger(ground.workspace, ground.plan, ground.rules)
    withheld = {sample: ever_withheld(ledger, sample=sample) for sample in (False, True)}
    batch = _read_all(files, replace(ground, withheld=withheld), mapping)
    incoming = pd.DataFrame(batch.rows, columns=list(INCOMING), dtype="str")
    proposal = propose(incoming, ground.workspace, ground.plan, ground.rules, ground.regions, day=ground.day)
    cases = bool(batch.writes)
    log = add_steps(ground, batch)
    told = replace(proposal, told=batch.told)
    return Taken(told, batch.notices, False, tuple(batch.steps), log, cases), batch


def _read_all(files: Sequence[Path], ground: Ground, mapping: str | None) -> Batch:
    """Read every file; refuse all with the problems of each that cannot be accepted."""
    batch = Batch()
    exports: list[tuple[Export, str]] = []
    refused: list[LaoyouError] = []
    for file in files:
        try:
            _read_file(file, ground, mapping, batch, exports)
        except LaoyouError as refusal:
            refused.append(refusal)
    if len(refused) == 1:
        raise refused[0]
    if refused:
        problems = [
            Problem(f"{refusal.where} {p.place}", p.found, p.allowed, p.remedy)
            for refusal in refused
            for p in refusal.problems
        ]
        raise IntakeError(SHOWN, problems)
    count_records(exports, ground, batch)
    return batch


def _read_file(
    file: Path, ground: Ground, mapping: str | None, batch: Batch, exports: list[tuple[Export, str]]
) -> None:
    shown = one_line(file.as_posix())
    reader = open_reader(file, shown, ground.rules.intake)
    if any(sheet.name == LIST_MARKS for sheet in reader.sheets) or is_list(_heads(reader)):
        add_returned(read_returned([reader.grid(sheet) for sheet in reader.sheets], shown), ground, batch)
        return
    found = None
    if not any(sheet.name == MARKS for sheet in reader.sheets):
        try:
            found = find_mapping(reader, ground.mappings, shown, mapping)
        except IntakeError:
            if mapping is not None or not is_form(_heads(reader)):
                raise
    if found is None:
        if isinstance(reader, XlsReader):
            problem = Problem("文件", "是 .xls；填报表存成它，空的公式会变成 0", ".xlsx", "另存为 .xlsx 再交")
            raise IntakeError(shown, problem)
        grids = [reader.grid(sheet) for sheet in reader.sheets]
        form = read_form(grids, shown, ground.plan, ground.regions, ground.rules)
        end = pd.Period(form.quarter, freq="Q-DEC").end_time.date()
        if end >= ground.day:
            found_quarter = f"是 {form.quarter} 的填报表，这一季到 {end} 才结束"
            remedy = f"填 {pd.Period(ground.day, freq='Q-DEC') - 1} 的表，或等这一季结束再交"
            raise IntakeError(shown, Problem("填报期间", found_quarter, remedy=remedy))
        batch.rows += [{str(k): str(v) for k, v in row.items()} for row in form.rows.to_dict("records")]
        if form.blank:
            batch.notices.append(
                f"{shown}：{len(form.blank)} 行没有填，没有录入（{one_of(form.blank, most=3)}）。"
            )
        return
    named, sheet = found
    export = read_export(
        reader,
        named,
        sheet,
        shown,
        ground.regions,
        day=ground.day,
        hash_of=lambda sample: hasher(ground, sample),
    )
    if export.totals:
        batch.notices.append(f"{shown}：略过合计行 {export.totals} 行。")
    if not named.mapping.yields:
        batch.notices.append(
            f"{shown}：{named.mapping.platform}的记录没有指标用到，没有录入。{named.mapping.note}"
        )
    elif named.mapping.rows == "records":
        exports.append((export, hashlib.sha256(file.read_bytes()).hexdigest()))
    else:
        rows, problems = figure_rows(
            export, ground.plan, ground.rules, ground.parts, ground.withheld[export.sample]
        )
        if problems:
            raise IntakeError(shown, problems)
        batch.rows += [row | {"place": f"{shown} {row['place']}"} for row in rows]


def _heads(reader: Reader) -> list[Grid]:
    """Return the first rows of each sheet, which show a form or a list that has lost its marks."""
    return [reader.grid(sheet, last_row=FORM_HEAD) for sheet in reader.sheets]
