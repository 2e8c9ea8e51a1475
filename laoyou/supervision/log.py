"""The log of events: a file only ever added to, read as known on a day, every line held against the states."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from laoyou.errors import IntakeError, LedgerError, NotAllowedError, Problem, did_you_mean, one_of
from laoyou.ledger.append import appended
from laoyou.ledger.file import escaped, unescaped
from laoyou.ledger.links import led_to
from laoyou.ledger.vintage import cut_off_day, read_day
from laoyou.personal import personal_numbers
from laoyou.supervision.matters import FIELDS, Event, Matter, take
from laoyou.supervision.states import Step
from laoyou.workspace import Workspace

DAYS = ("on", "recorded_on", "due")
TEXTS = ("by", "unit", "cause", "measures", "responsible", "text", "source")


def log_file(workspace: Workspace, *, sample: bool) -> Path:
    """Return the log of events; sample events have one of their own."""
    return workspace.data / ("sample/supervision/events.csv" if sample else "supervision/events.csv")


def read_log(
    file: Path,
    shown: str,
    *,
    regions: Collection[str],
    subjects: Collection[str],
    today: dt.date | None = None,
) -> list[Event]:
    """Read and check a log.

    Parameters
    ----------
    file : the log; no event where there is none
    shown : its name in messages
    regions, subjects : the codes and the ids that events can be of
    today : an event of a later day is refused; not checked if not given

    Returns
    -------
    The events in the order of the file.

    Raises
    ------
    LedgerError
        With every problem found.
    """
    led_to(file, shown)
    if not file.exists():
        return []
    problems: list[Problem] = []
    known = _Known(regions, subjects, today)
    for line, row in _rows(file, shown):
        try:
            known.take(_event(row))
        except NotAllowedError as cause:
            remedy = "这份文件由 laoyou 写；手改过的，从版本库或备份取回"
            problems.append(Problem(f"第 {line} 行（{row['matter']}）", cause.found, cause.allowed, remedy))
    if problems:
        raise LedgerError(shown, problems)
    return known.events


@dataclass
class _Known:
    """The events of a log so far, each held against those before it."""

    regions: Collection[str]
    subjects: Collection[str]
    today: dt.date | None = None
    events: list[Event] = field(default_factory=list)
    matters: dict[str, dict[str, Matter]] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """Add one more event, or refuse it."""
        words = {"region": self.regions} | ({"subject": self.subjects} if event.subject else {})
        for name, allowed in words.items():
            given = getattr(event, name)
            if given not in allowed:
                raise NotAllowedError(f"{name}「{given}」{did_you_mean(given, allowed)}", one_of(allowed))
        for name in TEXTS:
            if personal_numbers(getattr(event, name)):
                raise NotAllowedError(f"{name} 里有像身份证号或电话号码的数字", "不含个人号码的文字")
        latest = self.events[-1].recorded_on if self.events else dt.date.min
        if event.recorded_on < latest:
            raise NotAllowedError(f"记录日 {event.recorded_on} 早于上一条的 {latest}", f"不早于 {latest}")
        if self.today is not None and event.recorded_on > self.today:
            raise NotAllowedError(f"记录日 {event.recorded_on} 在今天之后", f"不晚于 {self.today}")
        matters = self.matters.setdefault(event.region, {})
        matters[event.matter] = take(matters, event)
        self.events.append(event)


def _rows(file: Path, shown: str) -> Iterable[tuple[int, dict[str, str]]]:
    """Yield each row with the line that it begins on."""
    line = 1
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, [])
            if header != list(FIELDS):
                problem = Problem(
                    "第 1 行（表头）", "不是 laoyou 写的", "、".join(FIELDS), "从版本库或备份取回"
                )
                raise LedgerError(shown, problem)
            line = reader.line_num + 1
            for cells in reader:
                if cells and len(cells) != len(FIELDS):
                    found = f"有 {len(cells)} 格"
                    problem = Problem(f"第 {line} 行", found, f"{len(FIELDS)} 格", "从版本库或备份取回")
                    raise LedgerError(shown, problem)
                if cells:
                    yield line, {n: unescaped(c) for n, c in zip(FIELDS, cells, strict=True)}
                line = reader.line_num + 1
    except (OSError, ValueError, csv.Error) as cause:
        problem = Problem(f"第 {line} 行起", f"读不出来（{cause}）", "laoyou 写的 CSV", "从版本库或备份取回")
        raise LedgerError(shown, problem) from None


def _event(row: dict[str, str]) -> Event:
    """Return a row as an event."""
    if row["step"] not in list(Step):
        raise NotAllowedError(f"step「{row['step']}」{did_you_mean(row['step'], Step)}", one_of(Step))
    days = {name: read_day(row[name]) if row[name] or name != "due" else None for name in DAYS}
    fields = {name: text for name, text in row.items() if name not in (*DAYS, "step")}
    return Event(step=Step(row["step"]), **days, **fields)  # type: ignore[arg-type]  # the days needed are there


def with_events(
    file: Path, shown: str, events: Sequence[Event], *, regions: Collection[str], subjects: Collection[str]
) -> bytes:
    """Return what a log will hold with some events added; every byte it holds now stays.

    Parameters
    ----------
    file, shown, regions, subjects : as for ``read_log``
    events : to be added

    Raises
    ------
    LedgerError
        If the log cannot be accepted as it is.
    IntakeError
        If an event cannot follow on what it holds: what is written can be read again.
    """
    known = _Known(regions, subjects)
    for event in read_log(file, shown, regions=regions, subjects=subjects):
        known.take(event)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for event in events:
        try:
            known.take(event)
        except NotAllowedError as cause:
            raise IntakeError(shown, Problem(event.matter, cause.found, cause.allowed)) from None
        cells = ((getattr(event, name) if getattr(event, name) is not None else "") for name in FIELDS)
        writer.writerow([escaped(str(cell)) for cell in cells])
    return appended(file, text.getvalue(), ",".join(FIELDS) + "\n")


def log_folders(workspace: Workspace) -> list[Path]:
    """Return the folders of the real and of the sample log, wherever links lead to."""
    files = [log_file(workspace, sample=sample) for sample in (False, True)]
    return [led_to(file, workspace.relative(file)).parent for file in files]


def known_events(
    workspace: Workspace,
    region: str,
    *,
    regions: Collection[str],
    subjects: Collection[str],
    as_of: str | dt.date | None = None,
) -> tuple[list[Event], bool]:
    """Return a region's events as known on a day, and whether they are sample events.

    Parameters
    ----------
    workspace, region : whose
    regions, subjects : as for ``read_log``
    as_of : the last day of knowledge; everything if None or empty

    Notes
    -----
    One real event known on the day retires the sample events of the region.
    """
    day = cut_off_day(as_of)
    for sample in (False, True):
        file = log_file(workspace, sample=sample)
        events = read_log(file, workspace.relative(file), regions=regions, subjects=subjects)
        ours = [e for e in events if e.region == region and (day is None or e.recorded_on <= day)]
        if ours:
            return ours, sample
    return [], False
