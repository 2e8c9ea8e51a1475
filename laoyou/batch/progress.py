"""How far a run has come: a live line with the time left on a terminal, a line for each step elsewhere."""

from __future__ import annotations

import sys
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from laoyou.batch.jobs import Outcome, Report

if TYPE_CHECKING:
    from laoyou.batch.many import Refusal


class Progress:
    """Counts notebooks on standard error while the block runs.

    Parameters
    ----------
    many : whether there are many quarters: elsewhere than on a terminal each of them is then told of, and no notebook
    """

    def __init__(self, *, many: bool = False) -> None:
        self._many = many
        self._console = Console(stderr=True, highlight=False)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("已用"),
            TimeElapsedColumn(),
            TextColumn("还要约"),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=self._console, disable=not sys.stderr.isatty(), transient=True)

    def __enter__(self) -> Progress:
        self._bar.start()
        self._task = self._bar.add_task("笔记本", total=None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, outcome: Outcome, done: int, total: int) -> None:
        """Count a notebook.

        Parameters
        ----------
        outcome : what became of it
        done, total : how many are done, of how many
        """
        self._bar.update(self._task, completed=done, total=total, description=outcome.name)
        if self._bar.disable and not self._many:
            result = "失败" if outcome.problem else "完成"
            _tell(f"[{done}/{total}] {outcome.name} {result}，{outcome.seconds:.1f} 秒")

    def ended(self, result: Report | Refusal, done: int, total: int) -> None:
        """Tell of a quarter of many.

        Parameters
        ----------
        result : what came of it
        done, total : how many are done, of how many
        """
        if not self._bar.disable:
            return
        if isinstance(result, Report):
            region, quarter = result.folder.parts[-2:]
            made, kept = len(result.outcomes) - len(result.failed), len(result.unchanged)
            _tell(f"[{done}/{total}] {region} {quarter}：{made} 页，其中沿用 {kept} 页")
        else:
            parameters = result.order.parameters
            _tell(f"[{done}/{total}] {parameters['region']} {parameters['quarter']}：没有生成")


def _tell(line: str) -> None:
    with suppress(OSError):  # a log that is full is no reason to stop
        print(line, file=sys.stderr, flush=True)
