"""What a user sees of an intake: the differences from the ledger, what is doubtful, and what became of it."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table

from laoyou.errors import IntakeError, NotAllowedError, ParametersError, Problem
from laoyou.intake.plausibility import doubt_words
from laoyou.intake.proposal import CHANGED, KEPT, KINDS, NEW, SAME, Proposal
from laoyou.intake.take import Taken, intake
from laoyou.ledger.file import MISSING, SERIES, STATUSES
from laoyou.ledger.observations import read_ledger
from laoyou.ledger.vintage import as_known
from laoyou.ledger.withheld import is_withheld
from laoyou.periods import parse_quarter
from laoyou.plan import Plan, load_plan
from laoyou.regions import Region, load_regions
from laoyou.rules import load_rules
from laoyou.sheets.cells import same_word
from laoyou.workspace import Workspace, find_workspace
from laoyou.yamlfile import read_yaml


class NotAnsweredError(KeyboardInterrupt):
    """Ctrl-C where a yes was asked for: nothing has been written."""


WIDE = 200  # [columns]; where the output is no terminal, lines are not folded


def differences(proposal: Proposal, plan: Plan, regions: Mapping[str, Region]) -> Table:
    """Return what would be added as a table: which figure, what the ledger holds, what comes in, from where."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("", "地区", "指标", "期间", "台账现有", "这次", "性质", "出处"):
        table.add_column(heading, overflow="fold")
    rows: list[dict[Any, Any]] = proposal.rows.to_dict("records")
    for row in (row for row in rows if row["kind"] in (NEW, CHANGED)):
        name = plan.measurable[row["indicator"]].name.zh
        was = row["before"] or "—"
        table.add_row(
            KINDS[row["kind"]], regions[row["region"]].zh, name, row["period"], was, figure(row),
            STATUSES[row["status"]], row["place"],
        )  # fmt: skip
    return table


def figure(row: Mapping[str, str]) -> str:
    """Return an incoming row's figure in words: 213/226, 94.5, or the kind of missing."""
    if row["missing"]:
        return MISSING[row["missing"]]
    return f"{row['numerator']}/{row['denominator']}" if row["numerator"] else row["value"]


def summary(proposal: Proposal) -> str:
    """Return how many rows are new, changed, the same and kept."""
    told = "、".join(f"{KINDS[kind]} {proposal.count(kind)}" for kind in (NEW, CHANGED, SAME, KEPT))
    return f"共 {len(proposal.rows)} 个数：{told}。"


def warnings(proposal: Proposal, plan: Plan, regions: Mapping[str, Region]) -> Iterator[str]:
    """Yield what is doubtful about the incoming figures, each as a sentence."""
    yield from (f"存疑：{sentence}" for sentence in proposal.told)
    for doubt in proposal.doubts:
        yield f"存疑：{doubt_words(doubt, plan, regions)}。"
    for row in proposal.rows.to_dict("records"):
        if row["kind"] == CHANGED and row["missing"] and row["before"] not in MISSING.values():
            name = plan.measurable[row["indicator"]].name.zh
            was = "原有的数" if is_withheld(row) else f"原有 {row['before']}"
            yield f"存疑：{regions[row['region']].zh}{name} {row['period']} {was}，这次成了{MISSING[row['missing']]}。"


def retiring(proposal: Proposal, known: pd.DataFrame, plan: Plan) -> str:
    """Return which sample series the incoming real figures retire, as a sentence; empty where none.

    Parameters
    ----------
    proposal : the intake
    known : the ledger's figures as ``as_known`` returns them
    """
    if proposal.sample:
        return ""
    samples = set(known.loc[known["status"] == "sample", SERIES].itertuples(index=False, name=None))
    added = proposal.added
    given = added[added["missing"] == ""]
    retired = dict.fromkeys(s for s in given[SERIES].itertuples(index=False, name=None) if s in samples)
    names = dict.fromkeys(plan.measurable[id].name.zh for _, id in retired)
    if not names:
        return ""
    return (
        f"注意：{'、'.join(names)}有了真实数据，演示数据从此停用，没有补录的以前各季成为没有数；"
        "用 laoyou form 生成以前各季的表补录。"
    )


def backdated(workspace: Workspace, day: dt.date, today: dt.date) -> Iterator[str]:
    """Yield which reports change because figures are entered as known on a day that is past."""
    if day >= today:
        return
    for quarter, as_of, _ in _reports(workspace):
        if not as_of or as_of >= str(day):
            yield f"注意：上报日写成了过去的 {day}，{quarter} 的报告（数据截至 {as_of or '最新'}）会因此改变，不再与当时一致。"


def show(
    proposal: Proposal, notices: Sequence[str], plan: Plan, regions: Mapping[str, Region], *, terminal: bool
) -> None:
    """Print an intake before it is confirmed."""
    console = Console(highlight=False, markup=False, width=None if terminal else WIDE, soft_wrap=not terminal)
    for notice in notices:
        console.print(notice)
    if len(proposal.added):
        console.print(differences(proposal, plan, regions))
    for warning in warnings(proposal, plan, regions):
        console.print(warning)
    if len(proposal.rows):
        console.print(summary(proposal))


def confirmed(answer: str) -> bool:
    """Return whether an answer is a yes."""
    return same_word(answer).lower() in {"y", "yes", "是", "好", "录入", "确认"}


def take_in(
    files: Sequence[Path],
    *,
    day: dt.date,
    today: dt.date,
    mapping: str | None,
    quarters: Sequence[str],
    yes: bool,
    terminal: bool,
) -> list[str]:
    """Take files in, showing the differences and asking for a yes.

    Parameters
    ----------
    files, day, mapping : as for ``laoyou.intake.take.intake``
    today : the day of the machine; figures of an earlier ``day`` change old reports, which is said
    quarters : such as ``2026Q3``
    yes : whether the yes is given beforehand
    terminal : whether somebody is there to be asked

    Returns
    -------
    What to say at the end.

    Raises
    ------
    LaoyouError
        As ``intake``; also if a yes is needed and nobody can be asked.
    """
    workspace = find_workspace()
    plan, rules, regions = load_plan(), load_rules(), load_regions(workspace)
    known = as_known(read_ledger(workspace, plan, rules))

    def confirm(proposal: Proposal, notices: Sequence[str]) -> bool:
        more = [retiring(proposal, known, plan), *backdated(workspace, day, today)]
        show(proposal, [*notices, *filter(None, more)], plan, regions, terminal=terminal)
        sys.stdout.flush()  # what cannot be shown is not written either
        if yes:
            return True
        if not terminal:
            problem = Problem("确认", "没有终端可以询问", "--yes", "核对以上差异，加 --yes 再运行")
            raise IntakeError("laoyou intake", problem)
        try:
            answer = input("录入以上各项？[y/N] ")
        except KeyboardInterrupt:
            raise NotAnsweredError from None
        except (EOFError, UnicodeError):  # Ctrl-D, or bytes that are no text: not a yes
            print()
            answer = ""
        return confirmed(answer)

    periods = [_quarter(word) for word in quarters]
    taken = intake(files, day=day, mapping=mapping, quarters=periods, confirm=confirm, asks=not yes)
    if taken.written:
        retired = _retired(taken.proposal, known)
        return [
            *_written(workspace, taken),
            *_unseen(workspace, taken.proposal.added, day, retired=retired),
            *_unseen_steps(workspace, taken, day),
        ]
    if taken.anything:
        return ["没有录入，台账没有改动。"]
    show(taken.proposal, taken.notices, plan, regions, terminal=terminal)
    return ["没有要录入的，台账没有改动。"]


def _written(workspace: Workspace, taken: Taken) -> Iterator[str]:
    """Yield what was written, and where."""
    added = taken.proposal.added
    if len(added):
        yield f"已录入 {len(added)} 个数：{taken.proposal.target}。"
    elif taken.cases:
        yield "台账没有新数；个案有更新，已存下。"
    if taken.log:
        yield f"已记下 {len(taken.steps)} 步办理：{workspace.relative(taken.log)}。"


def _unseen_steps(workspace: Workspace, taken: Taken, day: dt.date) -> Iterator[str]:
    """Yield that the last report does not show what units did, because its data end before its day."""
    last = max(_reports(workspace), default=None)
    if taken.log and last and last[1] and last[1] < str(day):
        yield f"{last[0]} 的报告数据截至 {last[1]}，看不到这些办理；要看到它们：laoyou run {last[0]} --as-of {day}。"


def _quarter(word: str) -> pd.Period:
    try:
        return parse_quarter(word)
    except NotAllowedError as cause:
        raise IntakeError("laoyou intake", Problem("--quarter", cause.found, cause.allowed)) from None


def _reports(workspace: Workspace) -> Iterator[tuple[str, str, Path]]:
    """Yield the quarter and the cut-off of each parameters file that can be read, and the file; once for all languages."""
    told = set()
    for file in sorted(workspace.params.glob("*.yml"), key=lambda file: file.stem):
        try:
            content, _ = read_yaml(file, workspace.relative(file), ParametersError)
        except ParametersError:  # which laoyou check says
            continue
        if isinstance(content, dict) and content.get("quarter"):
            report = str(content["quarter"]), str(content.get("as_of") or "")
            if report not in told:
                told.add(report)
                yield *report, file


def _retired(proposal: Proposal, known: pd.DataFrame) -> bool:
    """Return whether all that was added are sample figures of series that have real ones."""
    real = set(known.loc[known["status"] != "sample", SERIES].itertuples(index=False, name=None))
    return proposal.sample and all(
        s in real for s in proposal.added[SERIES].itertuples(index=False, name=None)
    )


def _unseen(workspace: Workspace, added: pd.DataFrame, day: dt.date, *, retired: bool) -> Iterator[str]:
    """Yield which reports do not show what was added, because their data end before its day."""
    if retired and len(added):
        yield "这些指标已有真实数据，演示数据停用，报告里看不到。"
        return
    for quarter, as_of, file in _reports(workspace):
        if quarter in set(added["period"]) and as_of and as_of < str(day):
            yield (
                f"{quarter} 的报告数据截至 {as_of}，看不到这些数；要看到它们："
                f"laoyou run {quarter} --as-of {day}，或改 {workspace.relative(file)} 的 as_of。"
            )
