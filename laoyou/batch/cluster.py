"""Notebooks run on a Dask cluster that is there already; what comes back is what a run here would make."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from laoyou.batch.errand import Done, Errand, carry_out
from laoyou.batch.inputs import DiffersError
from laoyou.batch.jobs import Job, Outcome
from laoyou.batch.pool import Died
from laoyou.batch.publish import versions
from laoyou.errors import Problem, RunError

WHERE = "laoyou run --cluster"
CONNECT = 15  # [s] for the scheduler to answer
ALONE = 60  # [s] without a single worker, or a word from the scheduler, before a run is given up
LOOK = 2  # [s] between two looks at whether there are workers
LONGEST = 1e6  # [s] that a job which has never run counts as


class Cluster:
    """The workers of a cluster that is there already, in the place of a pool of this machine.

    Parameters
    ----------
    address : of the scheduler, such as ``tcp://scheduler:8786``
    root : the workspace, the same path on every node

    Raises
    ------
    RunError
        When the block begins, if the scheduler cannot be reached or has no workers.

    Notes
    -----
    A worker that dies costs its jobs nothing but time: the scheduler gives them to others. A job that several workers died of
    fails alone.
    """

    def __init__(self, address: str, root: Path) -> None:
        self._address, self._root = address, root
        self._run = secrets.token_hex(8)
        self._futures: dict[Any, Job] = {}
        self._numbers = count()
        self._held = ExitStack()

    def __enter__(self) -> Cluster:
        with ExitStack() as held:
            self._client = held.enter_context(_connected(self._address))
            self._refuse_empty()
            self._held = held.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        with self._held, suppress(OSError, CancelledError):  # a scheduler that is gone has none left
            self._client.cancel(list(self._futures), force=True)

    @property
    def size(self) -> int:
        """How many jobs the workers can do at a time."""
        return max(1, sum(self._threads()))

    @property
    def waiting(self) -> int:
        """How many jobs are more than that."""
        return max(0, len(self._futures) - self.size)

    def submit(self, job: Job, seconds: float) -> None:
        """Give a job to the scheduler, which has the longest of those that wait begun first.

        Parameters
        ----------
        job : what to do
        seconds : how long it is thought to take [s]
        """
        future = self._client.submit(
            carry_out,
            Errand(self._run, job, self._root, versions()),
            key=f"laoyou-{self._run}-{next(self._numbers)}-{job.name}",
            priority=min(seconds, LONGEST),
        )
        self._futures[future] = job

    def begin(self) -> bool:
        """Say whether any job is being done; the scheduler has them begun."""
        return bool(self._futures)

    def outcomes(self) -> Iterator[tuple[Job, Outcome | Exception]]:
        """Yield what came of each job as it ends, its files written to its folder, until none is left.

        An exception says that a node differs (``DiffersError``) or what was met outside the notebook.

        Raises
        ------
        RunError
            If there has been no worker for a while, or the scheduler is gone.
        """
        from distributed import wait

        seen = time.monotonic()
        while self._futures:
            try:
                over = wait(list(self._futures), timeout=LOOK, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                seen = time.monotonic() if self._threads() else seen
                if time.monotonic() - seen > ALONE:
                    self._refuse_empty()
                continue
            except (OSError, CancelledError):
                raise self._lost() from None
            for future in sorted(over, key=lambda future: str(future.key)):
                job = self._futures.pop(future)
                yield job, _settled(future, job)

    def _threads(self) -> list[int]:
        """Return how many threads each worker has."""
        asked = self._client.scheduler.ncores
        try:
            return list(self._client.sync(asked, workers=None, callback_timeout=ALONE).values())
        except (OSError, CancelledError):
            raise self._lost() from None

    def _lost(self) -> RunError:
        problem = Problem(
            "调度器", f"{self._address} 断开了，或 {ALONE} 秒没有回答",
            remedy="核对 dask scheduler 是否在运行，再运行一次；已发布的报告没有改动",
        )  # fmt: skip
        return RunError(WHERE, problem)

    def _refuse_empty(self) -> None:
        if not self._threads():
            problem = Problem(
                "节点", f"{self._address} 没有一个工作节点", remedy="先用 dask worker 把节点连上调度器"
            )
            raise RunError(WHERE, problem)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ModuleNotFoundError as cause:
        problem = Problem("程序包", f"没有安装 {cause.name}", remedy='pip install "laoyou[cluster]"')
        raise RunError(WHERE, problem) from None
    for logger in ("distributed", "distributed.client"):  # what it meets is told in words
        logging.getLogger(logger).setLevel(logging.CRITICAL + 1)
    try:
        client = Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as cause:
        problem = Problem(
            "调度器", f"{address} 连不上（{type(cause).__name__}）", "tcp://主机:端口",
            "核对地址和 dask scheduler 是否在运行；已发布的报告没有改动",
        )  # fmt: skip
        raise RunError(WHERE, problem) from None
    try:
        with client.as_current():
            yield client
    finally:
        with suppress(OSError, CancelledError):
            client.close(timeout=CONNECT)


def _settled(future: Any, job: Job) -> Outcome | Exception:
    """Return what came of an errand, its files written to the job's folder if that is still wanted."""
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        done: Done = future.result()
        if done.files and job.folder.is_dir():
            _write(done.files, job.folder)
    except (KilledWorker, FutureCancelledError):
        return Died("执行它的节点接连失去联系")
    except Exception as cause:  # whatever one notebook meets, the others are published
        return cause
    if done.differs:
        problem = Problem(
            f"节点 {done.node}", f"与本机不同：{done.differs}", "同一份程序、设置和台账",
            f"核对节点上的工作区、程序包的版本和环境变量 LAOYOU_DATA（{done.node}）；已发布的报告没有改动",
        )  # fmt: skip
        return DiffersError(WHERE, problem)
    assert done.outcome is not None
    return done.outcome if done.outcome.title else Died(done.outcome.problem)


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
