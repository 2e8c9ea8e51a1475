"""The command ``laoyou``: it parses, calls the library once, and prints."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from laoyou.command_words import parser as parser
from laoyou.console import (
    CUT_OFF,
    INCOMPLETE,
    INTERRUPTED,
    NARROW,
    OK,
    REFUSED,
    complain,
    drop_output,
    tell,
    unwritten,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : the words after ``laoyou``; those of the process if not given

    Returns
    -------
    The exit status: 0 done, 1 done but some page is missing or the output could not be written, 2 refused,
    130 interrupted.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the shell, or a window without a console
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=NARROW)
    from laoyou.errors import LaoyouError

    try:
        words = parser().parse_args(arguments)
        status = COMMANDS[words.command](words)
        sys.stdout.flush()
        return status
    except LaoyouError as refusal:
        complain(str(refusal))
        return REFUSED
    except KeyboardInterrupt:
        complain("已中断；已发布的报告和台账没有改动。")
        return INTERRUPTED
    except BrokenPipeError:  # whoever read the output has seen enough
        drop_output()
        return CUT_OFF
    except OSError as cause:
        drop_output()
        complain(unwritten(cause))
        return REFUSED


def _run(words: argparse.Namespace) -> int:
    from laoyou.batch.progress import Progress
    from laoyou.batch.report import run

    if words.jobs is not None and not (words.jobs.isdecimal() and int(words.jobs)):
        parser().error(f"--jobs {words.jobs}；允许：1 或更大的整数")
    words.jobs = None if words.jobs is None else int(words.jobs)
    if words.jobs is not None and words.cluster:
        parser().error("--jobs 是本机同时运行几个，不与 --cluster 一起写：集群上有几个线程就同时运行几个")
    many = bool(words.regions and words.quarters)
    if many == bool(words.quarter) or bool(words.regions) != bool(words.quarters):
        parser().error("写一个季度（laoyou run 2026Q3），或者 --regions 和 --quarters 一起写")
    _not_ahead(words.as_of)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a scheduler's stop is as clean as Ctrl-C
    if many:
        return _run_many(words)
    with Progress() as progress:
        report = run(
            words.quarter,
            notebooks=words.notebook,
            jobs=words.jobs,
            force=words.force,
            as_of=words.as_of,
            cluster=words.cluster,
            watch=progress.show,
        )
    redone = ["运行期间数据或设置有变，各页已按变化以后的重做一遍。"] if report.redone else []
    made = len(report.outcomes) - len(report.failed)
    kept = f"，其中 {len(report.unchanged)} 页没有变化、沿用上次" if report.unchanged else ""
    told = tell([*redone, f"{made} 页{kept}：{report.folder / 'index.html'}"])
    for outcome in report.failed:
        complain(f"没有生成 {outcome.name}：{outcome.problem}")
    return INCOMPLETE if report.failed else told


def _run_many(words: argparse.Namespace) -> int:
    from laoyou.batch.jobs import Report
    from laoyou.batch.progress import Progress
    from laoyou.batch.report import run_many

    with Progress(many=True) as progress:
        results = run_many(
            words.regions,
            words.quarters,
            today=dt.date.today(),
            notebooks=words.notebook,
            jobs=words.jobs,
            force=words.force,
            as_of=words.as_of,
            cluster=words.cluster,
            watch=progress.show,
            ended=progress.ended,
        )
    reports = [result for result in results if isinstance(result, Report)]
    made = sum(len(report.outcomes) - len(report.failed) for report in reports)
    kept = sum(len(report.unchanged) for report in reports)
    told = tell([f"{len(reports)} 份报告、{made} 页，其中 {kept} 页没有变化、沿用上次：outputs/index.html"])
    lost = False
    for result in results:
        if isinstance(result, Report):
            for outcome in result.failed:
                region, quarter = result.folder.parts[-2:]
                complain(f"没有生成 {region} {quarter} {outcome.name}：{outcome.problem}")
                lost = True
        else:
            parameters = result.order.parameters
            complain(f"没有生成 {parameters['region']} {parameters['quarter']}：{result.error}")
            lost = True
    return INCOMPLETE if lost else told


def _status(words: argparse.Namespace) -> int:
    from laoyou.status import print_status

    _not_ahead(words.as_of)
    print_status(words.quarter, words.as_of)
    return OK


def _history(words: argparse.Namespace) -> int:
    from laoyou.history import print_history

    print_history(words.indicator, words.region, words.period)
    return OK


def _check(words: argparse.Namespace) -> int:
    from laoyou.check import check_workspace

    for line in check_workspace():
        print(line)
    return OK


def _copy(words: argparse.Namespace) -> int:
    from laoyou.ledger.copies import copy_ledger

    copied = copy_ledger(words.address)
    print(f"已复制：真实 {copied.real} 行，演示 {copied.sample} 行，与原台账核对一致：{copied.shown}")
    print("要用它：把环境变量 LAOYOU_DATA 设为这个地址；原来的台账没有改动。")
    return OK


def _sample(words: argparse.Namespace) -> int:
    from laoyou.sample.write import write_sample

    return tell([f"{file} {size:,} 字节" for file, size in write_sample()])


def _form(words: argparse.Namespace) -> int:
    from laoyou.forms.write import write_forms

    return tell([str(file) for file in write_forms(words.quarter, to=words.to)])


def _intake(words: argparse.Namespace) -> int:
    from laoyou.intake.words import NotAnsweredError, take_in

    today = dt.date.today()
    try:
        said = take_in(
            words.files,
            day=_past_day(words.reported_on, "--reported-on", today),
            today=today,
            mapping=words.mapping,
            quarters=words.quarter,
            yes=words.yes,
            terminal=sys.stdin is not None and sys.stdin.isatty(),
        )
    except NotAnsweredError:
        raise
    except KeyboardInterrupt:
        complain("已中断；台账没有改动，或者已全部写入。再运行一次便知：录入过的不会再录。")
        return INTERRUPTED
    except OSError as cause:
        if cause.filename is None:  # the output, which comes before the writing
            complain("没有录入，台账没有改动。")
        raise
    return tell(said)


def _problems(words: argparse.Namespace) -> int:
    from laoyou import supervise

    today = dt.date.today()
    _not_ahead(words.as_of)
    if words.assign != (words.by is not None):
        parser().error("--assign 和 --by 一起写：--assign --by 王某")
    if words.sheets and words.assign:
        parser().error("--assign 和 --sheets 分两次：先交办，再生成清单")
    if not words.assign and (words.on or words.sample or words.yes):
        parser().error("--on、--sample、--yes 和 --assign 一起写")
    if words.to and not words.sheets:
        parser().error("--to 和 --sheets 一起写")
    if words.sheets:
        files = supervise.write_lists(words.quarter, words.as_of, words.to, today=today)
        return tell([str(file) for file in files] or ["没有在办的问题，没有清单可写。"])
    if words.assign:
        on = _past_day(words.on, "--on", today)
        said = supervise.assign_new(
            words.quarter, by=words.by, on=on, today=today, sample=words.sample, confirm=words.yes
        )
    else:
        terminal = sys.stdout is not None and sys.stdout.isatty()
        said = supervise.print_problems(words.quarter, words.as_of, terminal=terminal)
    return tell(said)


def _document(words: argparse.Namespace) -> int:
    from laoyou import supervise

    _not_ahead(words.as_of)
    file = {"circular": "circular.docx", "workbook": "workbook.xlsx"}[words.command]
    return tell([str(supervise.write_document(words.quarter, words.as_of, file, words.to))])


def _decide(words: argparse.Namespace) -> int:
    from laoyou import supervise

    today = dt.date.today()
    said = supervise.decide(
        words.number,
        words.step,
        by=words.by,
        text=words.text,
        on=_past_day(words.on, "--on", today),
        today=today,
        due=None if words.due is None else _day(words.due, "--due"),
        region=words.region,
    )
    return tell(said)


def _print(words: argparse.Namespace) -> int:
    from laoyou.batch.printing import print_quarter

    return tell([str(file) for file in print_quarter(words.quarter, to=words.to)])


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "run": _run,
    "status": _status,
    "history": _history,
    "check": _check,
    "copy": _copy,
    "sample": _sample,
    "form": _form,
    "intake": _intake,
    "problems": _problems,
    "decide": _decide,
    "circular": _document,
    "workbook": _document,
    "print": _print,
}


def _not_ahead(as_of: str | None) -> None:
    """Refuse a cut-off that is still to come: what will be known by then is not known now."""
    from laoyou.errors import ParametersError, Problem

    today = dt.date.today()
    if as_of is not None and _is_day(as_of) and as_of > str(today):
        raise ParametersError("--as-of", Problem("数据截止日", f"「{as_of}」还没有到", f"不晚于 {today}"))


def _is_day(text: str) -> bool:
    """Return whether a text is a date; where it is none, whoever reads it says so."""
    from laoyou.errors import NotAllowedError
    from laoyou.ledger.vintage import read_day

    try:
        read_day(text)
    except NotAllowedError:
        return False
    return True


def _past_day(text: str | None, name: str, today: dt.date) -> dt.date:
    """Read the day of a command's word, which can be no later than today; today if there is none."""
    day = today if text is None else _day(text, name, "不是今天或以前的日期")
    if day > today:
        raise _no_day(name, f"「{text}」不是今天或以前的日期")
    return day


def _day(text: str, name: str, wrong: str = "不是日期") -> dt.date:
    """Read the day of a command's word."""
    from laoyou.errors import NotAllowedError
    from laoyou.ledger.vintage import read_day

    try:
        return read_day(text)
    except NotAllowedError:
        raise _no_day(name, f"「{text}」{wrong}") from None


def _no_day(name: str, found: str) -> Exception:
    from laoyou.errors import ParametersError, Problem

    return ParametersError("命令", Problem(name, found, "2026-10-12 这样的写法"))
