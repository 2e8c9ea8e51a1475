"""Case records taken in: what is new of them is kept without anything personal, and the figures are counted anew."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pandas as pd

from laoyou.cases.store import (
    FIELDS,
    LOG_FIELDS,
    as_counted,
    as_csv,
    as_states,
    as_text,
    changed,
    read_log,
    read_states,
)
from laoyou.errors import IntakeError, Problem
from laoyou.intake.case_figures import case_rows, givers_of
from laoyou.intake.export_rows import ROW
from laoyou.intake.exports import Export
from laoyou.intake.incoming import Row
from laoyou.intake.mappings import Named
from laoyou.intake.record_doubts import met, record_doubts, refuse_renumbered
from laoyou.ledger.append import appended
from laoyou.ledger.withheld import Cell
from laoyou.personal import case_hasher, case_key, key_mark
from laoyou.plan import Plan
from laoyou.regions import Region, parts_of
from laoyou.rules import Rules
from laoyou.supervision.matters import Event
from laoyou.workspace import Workspace

KEY = ".case-key"
LOG = "exports.csv"
MARK = "key-mark.txt"  # by which the secret that the cases were hashed with is known again
SAMPLE_KEY = b"laoyou sample"  # sample cases are nobody's, and their hashes the same everywhere
TRIAL_KEY = b"laoyou trial"  # before a yes no key is written either; what it hashes is compared and dropped


@dataclass(frozen=True)
class Ground:
    """What files are taken in against: the workspace, its plan, rules, regions and mappings, and the day.

    ``writing`` says whether what is read will be written: only then is a key for case ids made. ``withheld`` are the
    cells that the ledger ever withheld, of real figures (False) and of sample ones (True).
    """

    workspace: Workspace
    plan: Plan
    rules: Rules
    regions: dict[str, Region]
    mappings: dict[str, Named]
    day: dt.date
    quarters: Sequence[pd.Period]
    writing: bool = False
    withheld: Mapping[bool, frozenset[Cell]] = field(
        default_factory=lambda: {False: frozenset(), True: frozenset()}
    )

    @property
    def quarter_begins(self) -> dt.date:
        """The first day of the quarter in which files are taken in."""
        return pd.Period(self.day, freq="Q-DEC").start_time.date()

    @property
    def parts(self) -> list[str]:
        """The codes of the parts of the plan's region."""
        return parts_of(self.regions, self.plan.region)

    def records_folder(self, *, sample: bool) -> Path:
        """Return where case records are kept."""
        return self.workspace.data / ("sample/records" if sample else "records")


@dataclass
class Batch:
    """What files gave: rows for the ledger, what to tell the user, what is doubtful, what to write, what units said of problems."""

    rows: list[Row] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    writes: list[tuple[Path, bytes]] = field(default_factory=list)
    steps: list[Event] = field(default_factory=list)


def secret(ground: Ground, *, sample: bool) -> bytes:
    """Return the secret that case ids are hashed with; a new one is made only where files are being written.

    Raises
    ------
    IntakeError
        If it cannot be had, or is not the one that the cases kept were hashed with.
    """
    if sample:
        return SAMPLE_KEY
    file, folder = ground.workspace.data / KEY, ground.records_folder(sample=False)
    shown = ground.workspace.relative(file)
    kept = any(folder.glob("*.csv"))
    if not (ground.writing or kept or file.exists()):
        return TRIAL_KEY
    key = case_key(file, shown, needed=kept)
    mark = folder / MARK
    if kept and mark.exists() and mark.read_text(encoding="ascii", errors="replace").strip() != key_mark(key):
        found = "不是已有的个案所用的那一个，所有个案都会成为新的"
        remedy = "从备份取回原来的；确实找不回时，把 data/records/ 移走后重新录入全部导出"
        raise IntakeError(shown, Problem("密钥文件", found, remedy=remedy))
    return key


def has_key(ground: Ground) -> bool:
    """Return whether there is a secret for case ids already."""
    return (ground.workspace.data / KEY).exists()


def hasher(ground: Ground, sample: bool) -> Callable[[Sequence[str]], list[str]]:
    """Return what turns case ids into their hashes; the secret is read, or made, when the first id is met."""
    hashed = cache(lambda: case_hasher(secret(ground, sample=sample)))
    return lambda cases: hashed()(cases) if cases else []


def count_records(exports: Sequence[tuple[Export, str]], ground: Ground, batch: Batch) -> None:
    """Add new states of cases to what is kept, and the figures that all of them yield.

    Raises
    ------
    IntakeError
        If an export cannot be what it seems.
    """
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
    mark = folder / MARK
    if not sample and not mark.exists():  # before the records, which are of no use under another secret
        batch.writes.append((mark, f"{key_mark(secret(ground, sample=sample))}\n".encode("ascii")))
    states: dict[str, pd.DataFrame] = {}
    for name, (export, digest) in exports.items():
        file = folder / f"{name}.csv"
        old = read_states(file, ground.workspace.relative(file))
        export = _ours(export, old["case"], ground, batch)
        incoming = as_states(export.table, ground.day)
        known = as_counted(old, list(log.loc[log["mapping"] == name, "taken_in"]), ground.day)
        _look_over(export, known, incoming, ground, batch)
        new = changed(old, incoming)
        states[name] = pd.concat([old, new], ignore_index=True) if len(old) else new
        if len(new):
            header = ",".join(FIELDS) + "\n"
            batch.writes.append((file, appended(file, as_csv(new), header)))
        batch.notices.append(
            f"{export.named.mapping.platform}：{len(export.table)} 条个案，其中新增或有变化 {len(new)} 条。"
        )
        same = log[
            (log["mapping"] == name) & (log["sha256"] == digest) & (log["taken_in"] <= str(ground.day))
        ]
        before = max(same["taken_in"], default="")
        if before < str(ground.quarter_begins):
            lines.append((name, str(ground.day), str(len(export.table)), digest))
            if before:
                batch.told.append(
                    f"{export.named.mapping.platform}：这份文件与 {before} 录入的逐字节相同，作为这一季的新导出；"
                    "请核对是不是拿错了旧文件"
                )
    if lines:
        rows = pd.DataFrame(lines, columns=list(LOG_FIELDS), dtype="str")
        log = pd.concat([log, rows], ignore_index=True)
        header = ",".join(LOG_FIELDS) + "\n"
        batch.writes.append((log_file, appended(log_file, as_csv(rows), header)))
    wanted = dict.fromkeys(y.indicator for e, _ in exports.values() for y in e.named.mapping.yields)
    counted: dict[str, pd.DataFrame] = {}
    for indicator in wanted:
        _count_indicator(indicator, states, counted, log, ground, batch, sample=sample)


def _ours(export: Export, known: pd.Series[str], ground: Ground, batch: Batch) -> Export:
    """Return an export without the cases of other regions, which is told; one known before stays, to be counted no more.

    Raises
    ------
    IntakeError
        If all of them are of other regions.
    """
    if "region" not in export.table:
        return export
    region = as_text(export.table["region"])
    other = ~region.isin(["", ground.plan.region, *ground.parts])
    if not other.any():
        return export
    platform, ours = export.named.mapping.platform, ground.regions[ground.plan.region].zh
    told = "、".join(f"{ground.regions[code].zh} {n}" for code, n in Counter(region[other]).items())
    if other.all():
        place = f"{export.place(export.table[ROW].iloc[0], 'region')} 起（{export.named.mapping.columns['region'].header}）"
        problem = Problem(place, f"没有一条是{ours}的个案（{told}）", f"{ours}或其街道（乡镇）")
        raise IntakeError(export.shown, problem)
    batch.notices.append(f"{platform}：别的地区的 {other.sum()} 条个案不计（{told}）。")
    return replace(export, table=export.table[~other | export.table["case"].isin(known)])


def _look_over(
    export: Export, known: pd.DataFrame, incoming: pd.DataFrame, ground: Ground, batch: Batch
) -> None:
    """Refuse an export that cannot be what it seems; note what is doubtful, and a few cases that are gone."""
    rules, platform = ground.rules.plausibility, export.named.mapping.platform
    cases = met(known, incoming, dt.date(min(ground.quarters).year, 1, 1))
    refuse_renumbered(export, cases, rules)
    batch.told += record_doubts(export, cases, rules)
    gone = cases.gone.sum()
    if 0 < gone <= rules.gone * cases.due.sum():
        batch.notices.append(
            f"{platform}：以前录入的 {gone} 条个案这次的导出里没有，仍照旧计；确已删除的请在平台改为重复或移送再导出。"
        )


def _count_indicator(
    indicator: str,
    states: Mapping[str, pd.DataFrame],
    counted: dict[str, pd.DataFrame],
    log: pd.DataFrame,
    ground: Ground,
    batch: Batch,
    *,
    sample: bool,
) -> None:
    """Add the figures of one indicator, counted over the cases of every platform that holds some.

    ``states`` are those of the platforms whose exports are taken in; ``counted`` gathers what is counted of each.
    """
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
    for name in (g.named.name for g in givers if g.named.name not in counted):
        file = ground.records_folder(sample=sample) / f"{name}.csv"
        found = states[name] if name in states else read_states(file, ground.workspace.relative(file))
        counted[name] = as_counted(found, list(log.loc[log["mapping"] == name, "taken_in"]), ground.day)
    batch.rows += case_rows(
        indicator, givers, counted, quarters, ground.plan, ground.rules, ground.parts,
        sample=sample, withheld=ground.withheld[sample],
    )  # fmt: skip
