"""The command ``laoyou``: it parses, calls the library once, and prints."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

OK, REFUSED, INTERRUPTED = 0, 2, 130
INCOMPLETE = 1


class _Parser(argparse.ArgumentParser):
    """argparse, speaking Chinese."""

    def error(self, message: str) -> NoReturn:
        """Say what was wrong with the words of the command, and how to see what is allowed."""
        self.exit(REFUSED, f"命令写法有误：{message}\n用法见：{self.prog} --help\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command and all its words."""
    top = _Parser(
        prog="laoyou",
        description="把规划目标和每季的数变成一份诚实的进展报告。",
        epilog="例：laoyou check && laoyou run 2026Q3",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words = top.add_subparsers(dest="command", required=True, metavar="命令", parser_class=_Parser)

    def word(name: str, help: str, example: str) -> argparse.ArgumentParser:
        return words.add_parser(
            name,
            help=help,
            description=help,
            epilog=f"例：{example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    make = word(
        "run",
        "运行一季的全部笔记本并发布网页",
        "laoyou run 2026Q3；laoyou run params/2026Q3.yml --notebook arrears",
    )
    make.add_argument("quarter", metavar="季度或参数文件", help="2026Q3，或 params/2026Q3.yml")
    make.add_argument(
        "--notebook",
        metavar="名称",
        action="append",
        default=[],
        help="没有变化也重新运行这一个，可重复；其余只在有变化时运行",
    )
    make.add_argument("--jobs", metavar="N", type=int, help="同时运行几个；默认等于处理器数")
    make.add_argument("--force", action="store_true", help="没有变化的也重新运行")
    status = word("status", "在终端里看一季的进展", "laoyou status 2026Q3")
    status.add_argument("quarter", metavar="季度或参数文件", help="2026Q3，或 params/2026Q3.yml")
    word("check", "核对规划、台账、参数和规则", "laoyou check")
    word("sample", "重新生成演示数据 data/sample/observations.csv", "laoyou sample")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : the words after ``laoyou``; those of the process if not given

    Returns
    -------
    The exit status: 0 done, 1 done but some page is missing, 2 refused, 130 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    words = parser().parse_args(arguments)
    from laoyou.errors import LaoyouError

    commands = {"run": _run, "status": _status, "check": _check, "sample": _sample}
    try:
        return commands[words.command](words)
    except LaoyouError as refusal:
        print(refusal, file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("已中断；已发布的报告没有改动。", file=sys.stderr)
        return INTERRUPTED


def _run(words: argparse.Namespace) -> int:
    from laoyou.progress import Progress
    from laoyou.report import run

    if words.jobs is not None and words.jobs < 1:
        parser().error(f"--jobs {words.jobs}；允许：1 或更大的整数")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a scheduler's stop is as clean as Ctrl-C
    with Progress() as progress:
        report = run(
            words.quarter, notebooks=words.notebook, jobs=words.jobs, force=words.force, watch=progress.show
        )
    made = len(report.outcomes) - len(report.failed)
    kept = f"，其中 {len(report.unchanged)} 页没有变化、沿用上次" if report.unchanged else ""
    print(f"{made} 页{kept}：{report.folder / 'index.html'}")
    for outcome in report.failed:
        print(f"没有生成 {outcome.name}：{outcome.problem}", file=sys.stderr)
    return INCOMPLETE if report.failed else OK


def _status(words: argparse.Namespace) -> int:
    from laoyou.status import print_status

    print_status(words.quarter)
    return OK


def _check(words: argparse.Namespace) -> int:
    from laoyou.check import check_workspace

    for line in check_workspace():
        print(line)
    return OK


def _sample(words: argparse.Namespace) -> int:
    from laoyou.sample import write_sample

    file, rows = write_sample()
    print(f"{rows} 行演示数据：{file}")
    return OK
