"""How far a run has come: a live line on a terminal, one line a notebook elsewhere."""

from __future__ import annotations

import sys
from contextlib import suppress
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from laoyou.batch.jobs import Outcome


class Progress:
    """Counts notebooks on standard error while the block runs."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
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
        if self._bar.disable:
            result = "失败" if outcome.problem else "完成"
            line = f"[{done}/{total}] {outcome.name} {result}，{outcome.seconds:.1f} 秒"
            with suppress(OSError):  # a log that is full is no reason to stop
                print(line, file=sys.stderr, flush=True)
