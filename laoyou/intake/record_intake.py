"""Case records taken in: what is new of them is kept without anything personal, and the figures are counted anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd

from laoyou.cases.store import FIELDS, LOG_FIELDS, as_csv, as_states, changed, latest, read_log, read_states
from laoyou.errors import IntakeError, Problem
from laoyou.intake.case_figures import case_rows, givers_of
from laoyou.intake.exports import Export
from laoyou.intake.incoming import Row
from laoyou.intake.mappings import Named
from laoyou.ledger.append import appended
from laoyou.personal import case_hash, case_key
from laoyou.plan import Plan
from laoyou.regions import Region
from laoyou.rules import Rules
from laoyou.supervision.matters import Event
from laoyou.workspace import Workspace

KEY = ".case-key"
LOG = "exports.csv"
SAMPLE_KEY = b"laoyou sample"  # sample cases are nobody's, and their hashes the same everywhere
TRIAL_KEY = b"laoyou trial"  # before a yes no key is written either; what it hashes is compared and dropped


@dataclass(frozen=True)
class Ground:
    """What files are taken in against: the workspace, its plan, rules, regions and mappings, and the day.

    ``writing`` says whether what is read will be written: only then is a key for case ids made.
    """

    workspace: Workspace
    plan: Plan
    rules: Rules
    regions: dict[str, Region]
    mappings: dict[str, Named]
    day: dt.date
    quarters: Sequence[pd.Period]
    writing: bool = False

    @property
    def parts(self) -> list[str]:
        """The codes of the parts of the plan's region."""
        return [code for code, region in self.regions.items() if region.parent == self.plan.region]

    def records_folder(self, *, sample: bool) -> Path:
        """Return where case records are kept."""
        return self.workspace.data / ("sample/records" if sample else "records")


@dataclass
class Batch:
    """What files gave: rows for the ledger, what to tell the user, what to write besides, and what units said of problems."""

    rows: list[Row] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    writes: list[tuple[Path, bytes]] = field(default_factory=list)
    steps: list[Event] = field(default_factory=list)


def hasher(ground: Ground, sample: bool) -> Callable[[str], str]:
    """Return what turns a case id into its hash; the key is read, or made, when the first id is met."""
    file = ground.workspace.data / KEY

    @cache
    def key() -> bytes:
        if sample:
            return SAMPLE_KEY
        kept = any(ground.records_folder(sample=False).glob("*.csv"))
        if not (ground.writing or kept or file.exists()):
            return TRIAL_KEY
        return case_key(file, ground.workspace.relative(file), needed=kept)

    return lambda case: case_hash(key(), case)


def count_records(exports: Sequence[tuple[Export, str]], ground: Ground, batch: Batch) -> None:
    """Add new states of cases to what is kept, and the figures that all of them yield."""
    for sample in (False, True):
        chosen_exports = {e.named.name: (e, digest) for e, digest in exports if e.sample == sample}
        if len(chosen_exports) < sum(e.sample == sample for e, _ in exports):
            problem = Problem("文件", "同一平台有两份导出", "一个平台一份", "只留最新的一份，或分几次录入")
            raise IntakeError("laoyou intake", problem)
        if chosen_exports:
            _count_kind(chosen_exports, ground, batch, sample=sample)


def _count_kind(
    exports: Mapping[str, tuple[Export, str]], ground: Ground, batch: Batch, *, sample: bool
) -> None:
    folder = ground.records_folder(sample=sample)
    log_file = folder / LOG
    log = read_log(log_file, ground.workspace.relative(log_file))
    lines = []
    states: dict[str, pd.DataFrame] = {}
    for name, (export, digest) in exports.items():
        file = folder / f"{name}.csv"
        old = read_states(file, ground.workspace.relative(file))
        incoming = as_states(export.table, ground.day)
        new = changed(old, incoming)
        states[name] = pd.concat([old, new], ignore_index=True)
        if len(new):
            header = ",".join(FIELDS) + "\n"
            batch.writes.append((file, appended(file, as_csv(new, header=False), header)))
        batch.notices.append(
            f"{export.named.mapping.platform}：{len(export.table)} 条个案，其中新增或有变化 {len(new)} 条。"
        )
        gone = len(set(old["case"]) - set(incoming["case"]))
        if gone:
            batch.notices.append(
                f"{export.named.mapping.platform}：以前录入的 {gone} 条个案这次的导出里没有，仍照旧计；确已删除的请在平台改为重复或移送再导出。"
            )
        if not ((log["mapping"] == name) & (log["sha256"] == digest)).any():
            lines.append((name, str(ground.day), str(len(export.table)), digest))
    if lines:
        rows = pd.DataFrame(lines, columns=list(LOG_FIELDS), dtype="str")
        log = pd.concat([log, rows], ignore_index=True)
        header = ",".join(LOG_FIELDS) + "\n"
        batch.writes.append((log_file, appended(log_file, as_csv(rows, header=False), header)))
    wanted = dict.fromkeys(y.indicator for e, _ in exports.values() for y in e.named.mapping.yields)
    for indicator in wanted:
        _count_indicator(indicator, states, log, ground, batch, sample=sample)


def _count_indicator(
    indicator: str,
    states: dict[str, pd.DataFrame],
    log: pd.DataFrame,
    ground: Ground,
    batch: Batch,
    *,
    sample: bool,
) -> None:
    """Add the figures of one indicator, counted over the cases of every platform that holds some."""
    givers = givers_of(indicator, ground.mappings)
    taken = log[log["taken_in"] <= str(ground.day)].groupby("mapping")["taken_in"].max()
    quarters = []
    for quarter in ground.quarters:
        over = str(quarter.end_time.date())
        absent = [g.named.mapping.platform for g in givers if taken.get(g.named.name, "") <= over]
        if absent:
            title = ground.plan.measurable[indicator].name.zh
            batch.notices.append(f"{title} {quarter} 没有算：还缺季末以后导出的{'、'.join(absent)}。")
        else:
            quarters.append(quarter)
    if not quarters:
        return
    for name in (g.named.name for g in givers if g.named.name not in states):
        file = ground.records_folder(sample=sample) / f"{name}.csv"
        states[name] = read_states(file, ground.workspace.relative(file))
    records = {g.named.name: latest(states[g.named.name], ground.day) for g in givers}
    batch.rows += case_rows(
        indicator, givers, records, quarters, ground.plan, ground.rules, ground.parts, sample=sample
    )
