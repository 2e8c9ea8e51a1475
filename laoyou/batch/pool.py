"""Processes that make pages side by side, watched over: one that dies costs its job one retry, never the others."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from laoyou.batch.jobs import Job, Outcome
from laoyou.batch.nursery import SINGLE, Child, Nursery, addressable

FRESH = "LAOYOU_KERNELS"  # environment variable: ``fresh`` starts every process anew instead of forking it
DIED = "执行它的进程被系统终止，或一直没有回应"
_LOOK = 5.0  # [s] between two looks at whether a worker hangs
_LETTING_GO = 10.0  # [s] that a killed worker may take to be gone, which takes milliseconds


@dataclass(eq=False)
class _Task:
    """A job that waits or runs, how long it is thought to take [s], and how often a process died of it."""

    job: Job
    seconds: float
    deaths: int = 0


@dataclass(eq=False)
class _Worker:
    """A process that is sent a job, answers with its outcome, and is sent the next; one that has not by ``until`` hangs."""

    process: Child | BaseProcess
    connection: Connection
    task: _Task | None = None
    until: float = 0.0


def usual_size() -> int:
    """Return how many workers keep this machine's processors busy [count].

    Notes
    -----
    One more than half as many again as there are processors: while a kernel starts, some 0.3 s of a page's second, its worker
    waits, and so does the processor.
    """
    return 3 * (os.cpu_count() or 1) // 2 + 1


def nursery_of_kernels(folder: Path) -> Nursery | None:
    """Return a nursery that kernels can be forked from, not started yet; None where nothing is to be forked.

    Parameters
    ----------
    folder : where its socket goes, which others cannot reach
    """
    address = folder / "kernels"
    if os.name != "posix" or os.environ.get(FRESH) == "fresh" or not addressable(address):
        return None
    return Nursery(address, ["laoyou.batch.kernels:warm_up"])


class Pool:
    """Workers, and the nurseries that they and their kernels are forked from.

    Within the block, jobs are submitted and their outcomes taken. Whatever ends the block ends every process; if this
    process itself is killed, the nurseries do it, and put things in order.

    Parameters
    ----------
    size : how many workers
    mend : ``module:function`` and a text that it is called with, should this process be killed
    """

    def __init__(self, size: int, mend: tuple[str, str] = ("", "")) -> None:
        self.size = size
        self._mend = mend
        self._workers: list[_Worker] = []
        self._waiting: list[_Task] = []

    def __enter__(self) -> Pool:
        """Have the nurseries make ready, which takes as long as the imports that others do meanwhile."""
        self._folder = Path(tempfile.mkdtemp(prefix="laoyou-"))
        self._kernels, self._makers = nursery_of_kernels(self._folder), None
        if self._kernels is not None:
            self._makers = Nursery(
                self._folder / "makers",
                ["laoyou.batch.execute:warm_up"],
                litter=self._folder,
                mend=self._mend,
            )
            self._kernels.start()
            self._makers.start()
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers:
            self._end(worker)
        for nursery in (self._makers, self._kernels):
            if nursery is not None:
                nursery.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def submit(self, job: Job, seconds: float) -> None:
        """Queue a job.

        Parameters
        ----------
        job : what to do
        seconds : how long it is thought to take [s]; the longest of those that wait is begun first
        """
        self._waiting.append(_Task(job, seconds))
        self._waiting.sort(key=lambda task: task.seconds)

    @property
    def waiting(self) -> int:
        """How many jobs have not been begun."""
        return len(self._waiting)

    def outcomes(self) -> Iterator[tuple[Job, Outcome | Exception]]:
        """Yield what came of each job as it ends, until none is left; more may be submitted meanwhile.

        An exception is one that the worker met outside the notebook, such as a full disk.
        """
        while self.begin():
            busy = {worker.connection: worker for worker in self._workers if worker.task}
            for worker in busy.values():
                if time.monotonic() > worker.until:
                    worker.process.kill()  # and is found dead
            for connection in wait(list(busy), _LOOK):
                assert isinstance(connection, Connection)
                worker = busy[connection]
                task, worker.task = worker.task, None
                assert task is not None
                try:
                    outcome = connection.recv()
                except (EOFError, OSError):
                    self._end(worker)
                    self._workers.remove(worker)
                    task.deaths += 1
                    if task.deaths == 1:
                        self._waiting.append(task)
                        continue
                    outcome = Died()
                self.begin()  # so that nobody waits while the outcome is dealt with
                yield task.job, outcome

    def begin(self) -> bool:
        """Give each worker without a job the longest one that waits; say whether any is being done."""
        while self._waiting:
            idle = next((worker for worker in self._workers if worker.task is None), None)
            if idle is None and len(self._workers) < self.size:
                self._workers.append(idle := self._new_worker())
            if idle is None:
                break
            idle.task = self._waiting.pop()
            idle.until = time.monotonic() + longest(idle.task.job)
            try:
                idle.connection.send(idle.task.job)
            except OSError:  # it died between two jobs, of neither
                self._waiting.append(idle.task)
                self._end(idle)
                self._workers.remove(idle)
        return any(worker.task for worker in self._workers)

    def _new_worker(self) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        with theirs:
            return _Worker(self._forked(theirs) or _spawned(theirs, self._folder), ours)

    def _forked(self, connection: Connection) -> Child | None:
        """Have a worker forked; None where there is nothing to fork from."""
        if self._makers is None or self._kernels is None:
            return None
        arguments = {"folder": str(self._folder), "nursery": str(self._kernels.address)}
        with contextlib.suppress(OSError):  # a nursery that cannot start: then without
            self._kernels.start()  # in case something has ended it
            self._makers.start()
            return Child(str(self._makers.address), f"{__name__}:work_on", arguments, connection.fileno())
        return None

    @staticmethod
    def _end(worker: _Worker) -> None:
        worker.connection.close()
        worker.process.kill()
        if isinstance(worker.process, Child):
            with contextlib.suppress(subprocess.TimeoutExpired):  # its nursery hangs, which is ended next
                worker.process.wait(_LETTING_GO)
        else:
            worker.process.join()


def longest(job: Job) -> float:
    """Return how long a job can take [s]: its kernel's start, each cell and its page, as long as each of them may."""
    from laoyou.batch.notebooks import read_cells

    try:
        cells = len(read_cells(job.notebook)) + 1  # the parameters put in
    except (OSError, ValueError, RecursionError):  # which whoever runs it says
        cells = 0
    return job.start_seconds + (cells + 1) * job.cell_seconds


class Died(Exception):  # noqa: N818
    """Who did a job has died, and so did the one that tried again."""

    def __init__(self, how: str = DIED) -> None:
        super().__init__(how)


def _spawned(connection: Connection, folder: Path) -> BaseProcess:
    """Start a worker anew, deaf to the Ctrl-C that a terminal sends to all."""
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_work_alone, args=(connection, str(folder)))
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if main else None
    try:
        process.start()
    finally:
        if main:
            signal.signal(signal.SIGINT, before)
    return process


# What follows runs in the workers


def work_on(connection: int, folder: str, nursery: str) -> None:
    """Do jobs that come over a socket, in a process forked from a nursery, until it is closed.

    Parameters
    ----------
    connection : the socket [file descriptor]
    folder : where temporary files go; it is removed with all that is in it when the run ends
    nursery : the socket of the nursery that kernels are forked from
    """
    _work(Connection(connection), folder, nursery)


def _work_alone(connection: Connection, folder: str) -> None:
    """Do the same in a process started anew, which ends with the one that started it, whatever ended that.

    It leaves the terminal's group, so that Ctrl-C is heard by the parent alone. What it and its kernels print while
    they die goes nowhere: the outcome says what became of a notebook.
    """
    if hasattr(os, "setsid"):
        os.setsid()
    else:  # Windows sends Ctrl-C to all on the console
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _work(connection, folder, "")


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(connection: Connection, folder: str, nursery: str) -> None:
    from laoyou.batch.execute import build

    logging.disable()
    os.environ["TMPDIR"] = os.environ["TEMP"] = tempfile.tempdir = folder
    for name, value in SINGLE.items():
        os.environ.setdefault(name, value)
    with contextlib.suppress(EOFError, OSError):
        while True:
            job = connection.recv()
            try:
                outcome: Outcome | Exception = build(job, nursery)
            except Exception as cause:  # whatever one notebook meets, the others are published
                outcome = cause
            connection.send(outcome)
