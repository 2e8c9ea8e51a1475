"""The words of the supervision loop on the command line: the list, its workbooks, and what the office decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from laoyou.batch.attached import DOCUMENTS
from laoyou.batch.parameter_files import parameters_file
from laoyou.batch.parameters import choose_notebooks, read_parameters
from laoyou.documents.problem_sheets import write_problem_sheets
from laoyou.errors import IntakeError, ParametersError, Problem, did_you_mean, one_of
from laoyou.forms.write import write_workbook
from laoyou.ledger.append import only_writer, write_together
from laoyou.ledger.links import folders_of
from laoyou.markup import printable
from laoyou.pages.problem_words import description, key_points, state, subject_name
from laoyou.pages.state_words import state_words
from laoyou.plan import Plan, load_plan
from laoyou.regions import load_regions
from laoyou.supervision.docket import Docket, assignments, open_docket
from laoyou.supervision.log import known_events, log_file, log_folders, with_events
from laoyou.supervision.matters import Event, rebuild
from laoyou.supervision.states import STEPS, Step
from laoyou.view import View, open_view
from laoyou.workspace import Workspace, find_workspace

NARROW, WIDE = 100, 200  # columns of a terminal; a pipe is wide
WHERE = "laoyou problems"


def _view(quarter: str, as_of: str | None) -> View:
    workspace = find_workspace()
    file, notebooks = parameters_file(workspace, quarter), choose_notebooks(workspace, [])
    return open_view(**{**read_parameters(workspace, file, notebooks, as_of=as_of), "lang": "zh"})


def print_problems(quarter: str, as_of: str | None, *, terminal: bool) -> list[str]:
    """Print a quarter's problem list.

    Parameters
    ----------
    quarter : a quarter that params/ has a file for, or the path of such a file
    as_of : the last day of knowledge instead of the file's, if given
    terminal : whether lines are folded to the terminal's width

    Returns
    -------
    What to say below it.
    """
    docket = open_docket(_view(quarter, as_of))
    view = docket.view
    console = Console(highlight=False, width=None if terminal else WIDE)
    wide = console.width >= NARROW
    sample = "，演示数据" if docket.sample else ""
    table = Table(
        title=f"{view.region.zh} {view.label}督查核查问题清单（截至 {docket.day}{sample}）",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for head in ("编号", "指标", "牵头单位", "整改时限", "状态", *(("问题描述",) if wide else ())):
        table.add_column(head, overflow="fold", no_wrap=head == "编号")
    for entry in docket.entries:
        texts = [
            entry.number,
            subject_name(view, entry.subject),
            entry.unit,
            str(entry.matter.due) if entry.matter else "—",
            state(docket, entry),
            *([description(view, entry.subject)] if wide else []),
        ]
        table.add_row(*(Text(printable(text)) for text in texts))
    if docket.entries:
        console.print(table)
    return [f"- {point}" for point in key_points(docket)]


def assign_new(
    quarter: str, *, by: str, on: dt.date, today: dt.date, sample: bool, confirm: bool
) -> list[str]:
    """Give every problem that the rules propose to its lead unit.

    Parameters
    ----------
    quarter : as for ``print_problems``
    by, on : who assigns, and on which day
    today : the day from which it is known
    sample : whether it is a rehearsal, kept with the sample events
    confirm : whether it is to be written; else only said

    Returns
    -------
    What to say: each assignment, and what became of it.
    """
    view = _view(quarter, str(today))
    with _only_writer(view.workspace):
        docket = _docket_for_writing(view, sample)
        events = assignments(docket, on=on, recorded_on=today, by=by, source=WHERE)
        lines = [f"{e.matter} {subject_name(view, e.subject)} → {e.unit}，{e.due} 前整改" for e in events]
        if not events:
            return ["没有要交办的：该列的都已列入。"]
        if not confirm:
            return [*lines, f"以上 {len(events)} 个还没有交办；核对后加 --yes 再运行。"]
        file = _write(view.workspace, view.plan, view.regions, events, sample=sample)
    return [*lines, f"已交办 {len(events)} 个：{view.workspace.relative(file)}。"]


def _docket_for_writing(view: View, sample: bool) -> Docket:
    """Return the docket that new events go on from: the real one, or the sample's in a rehearsal."""
    events, are_sample = known_events(
        view.workspace, view.region.code, regions=view.regions, subjects=_subjects(view.plan)
    )
    if sample and not are_sample and events:
        problem = Problem("--sample", "已有真实的办理记录，演示的不再写入", "不写 --sample")
        raise IntakeError(WHERE, problem)
    return Docket(view, tuple(events) if are_sample == sample else (), sample)


def _subjects(plan: Plan) -> tuple[str, ...]:
    return (*plan.indicators, *plan.commitments)


@contextmanager
def _only_writer(workspace: Workspace) -> Iterator[None]:
    """Keep every other writer of the data out, also those that come by another link."""
    folders = folders_of(workspace.data, log_folders(workspace))
    with only_writer(folders, workspace.relative(workspace.data)):
        yield


def _write(
    workspace: Workspace, plan: Plan, regions: Collection[str], events: Sequence[Event], *, sample: bool
) -> Path:
    """Add events to a log and return it; the lock is held."""
    file = log_file(workspace, sample=sample)
    shown = workspace.relative(file)
    write_together(
        [(file, with_events(file, shown, events, regions=regions, subjects=_subjects(plan)))], shown
    )
    return file


def write_lists(quarter: str, as_of: str | None, to: Path | None, *, today: dt.date) -> list[Path]:
    """Write the workbooks of the units that have open problems, one each.

    Parameters
    ----------
    quarter : as for ``print_problems``
    as_of : the last day of knowledge; ``today`` if not given, for what is sent out goes on from where matters stand
    to : the folder; ``outputs/<region>/problems/<quarter>`` if not given
    """
    view = _view(quarter, as_of or str(today))
    docket = open_docket(view)
    folder = to or view.workspace.outputs / view.region.code / "problems" / str(view.quarter)
    return write_problem_sheets(docket, folder)


def write_document(quarter: str, as_of: str | None, file: str, to: Path | None) -> Path:
    """Write one of the quarter's documents.

    Parameters
    ----------
    quarter, as_of : as for ``print_problems``
    file : a key of ``laoyou.batch.attached.DOCUMENTS``
    to : the folder; the quarter's own in outputs/ if not given

    Returns
    -------
    The file.

    Raises
    ------
    LaoyouError
        If something that it rests on cannot be accepted, or it cannot be written.
    """
    view = _view(quarter, as_of)
    folder = to or view.workspace.outputs / view.region.code / str(view.quarter)
    write_workbook(folder / file, DOCUMENTS[file][2](view))
    return folder / file


def decide(
    number: str,
    step: str,
    *,
    by: str,
    text: str,
    on: dt.date,
    today: dt.date,
    due: dt.date | None = None,
    region: str | None = None,
) -> list[str]:
    """Take a step of the supervising office: return, close, escalate or extend a matter.

    Parameters
    ----------
    number : the matter's
    step : ``return``, ``close``, ``escalate`` or ``extend``
    by, text : who decides, and why: the evidence, the reason
    on, today : the day of the decision, and the day from which it is known
    due : of an extension, the new day
    region : whose matter; the plan's own region if not given

    Returns
    -------
    What to say.

    Raises
    ------
    LaoyouError
        If there is no such matter, or its state does not allow the step; the log is then as it was.
    """
    workspace, plan = find_workspace(), load_plan()
    regions = load_regions(workspace)
    code = region or plan.region
    if code not in regions:
        raise ParametersError(
            "--region",
            Problem("地区", f"「{code}」不在地区表里", one_of(regions), did_you_mean(code, regions)),
        )
    with _only_writer(workspace):
        events, sample = known_events(workspace, code, regions=regions, subjects=_subjects(plan))
        matters = rebuild(events).get(code, {})
        if number not in matters:
            near = did_you_mean(number, matters)
            allowed = one_of(n for n, matter in matters.items() if matter.open) or "还没有交办过问题"
            raise IntakeError(
                f"laoyou decide {number}", Problem("编号", f"「{number}」不在清单里", allowed, near)
            )
        event = Event(
            region=code, matter=number, step=Step(step), on=on, recorded_on=today, by=by, text=text, due=due,
            source="laoyou decide",
        )  # fmt: skip
        file = _write(workspace, plan, regions, [event], sample=sample)
        after = rebuild([*events, event])[code][number]
    name = (plan.indicators.get(after.subject) or plan.commitments[after.subject]).name.zh
    marked = "（演示数据）" if sample else ""
    told = f"{number} {name}：{STEPS[event.step]}，现在是{state_words(after, today)}{marked}。"
    return [told, f"已记下：{workspace.relative(file)}。"]
