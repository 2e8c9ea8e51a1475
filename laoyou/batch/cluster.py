"""A quarter's notebooks run on a Dask cluster that is there already; what comes back is what a run here would make."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

from laoyou.batch.errand import Done, Errand, carry_out
from laoyou.batch.jobs import Job, Outcome
from laoyou.batch.publish import versions
from laoyou.errors import Problem, RunError
from laoyou.pages.page import heading, question

WHERE = "laoyou run --cluster"
CONNECT = 15  # [s] for the scheduler to answer
ALONE = 60  # [s] without a single worker before a run is given up
LOOK = 2  # [s] between two looks at whether there are workers


class DiffersError(RunError):
    """A node that would make other pages: of other code, other settings or other figures."""


def run_on_cluster(
    address: str,
    todo: Sequence[Job],
    root: Path,
    parameters: Mapping[str, Any],
    state: Mapping[str, str],
    ended: Callable[[Outcome], None],
) -> None:
    """Run jobs on a cluster and write what came back to their folders.

    Parameters
    ----------
    address : of the scheduler, such as ``tcp://scheduler:8786``
    todo : the jobs, the first of them first
    root : the workspace, the same path on every node
    parameters, state : what the report is made with and from; a node that has anything else runs nothing
    ended : told of each outcome

    Raises
    ------
    DiffersError
        If a node would make other pages.
    RunError
        If the scheduler cannot be reached or has no workers.

    Notes
    -----
    A worker that dies costs its jobs nothing but time: the scheduler gives them to others. A job that several workers died of
    fails alone.
    """
    run = secrets.token_hex(8)
    with _connected(address) as client:
        _refuse_empty(client, address)
        futures = {
            client.submit(
                carry_out,
                Errand(run, job, root, dict(parameters), dict(state), versions()),
                key=f"laoyou-{run}-{job.name}",
                priority=-number,
            ): job
            for number, job in enumerate(todo)
        }
        try:
            for future in _as_they_end(client, address, futures):
                ended(_settled(future, futures[future]))
        finally:
            client.cancel(list(futures), force=True)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ModuleNotFoundError as cause:
        problem = Problem("程序包", f"没有安装 {cause.name}", remedy='pip install "laoyou[cluster]"')
        raise RunError(WHERE, problem) from None
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
        client.close(timeout=CONNECT)


def _workers(client: Any) -> int:
    return len(client.scheduler_info(n_workers=-1)["workers"])


def _refuse_empty(client: Any, address: str) -> None:
    if not _workers(client):
        problem = Problem("节点", f"{address} 没有一个工作节点", remedy="先用 dask worker 把节点连上调度器")
        raise RunError(WHERE, problem)


def _as_they_end(client: Any, address: str, futures: Mapping[Any, Job]) -> Iterator[Any]:
    """Yield futures as they end; give up once there has been no worker for a while."""
    from distributed import wait

    waiting, seen = set(futures), time.monotonic()
    while waiting:
        try:
            over = wait(waiting, timeout=LOOK, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            seen = time.monotonic() if _workers(client) else seen
            if time.monotonic() - seen > ALONE:
                _refuse_empty(client, address)
            continue
        waiting -= over
        yield from sorted(over, key=lambda future: futures[future].name)


def _settled(future: Any, job: Job) -> Outcome:
    """Return the outcome of an errand, its files written to the job's folder."""
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        done: Done = future.result()
    except (KilledWorker, FutureCancelledError):
        return _lost(job, "执行它的节点接连失去联系")
    except Exception as cause:  # whatever one notebook meets, the others are published
        return _lost(job, f"节点没有运行它：{type(cause).__name__}：{cause}")
    if done.differs:
        problem = Problem(
            f"节点 {done.node}", f"与本机不同：{done.differs}", "同一份程序、设置和台账",
            f"核对节点上的工作区、程序包的版本和环境变量 LAOYOU_DATA（{done.node}）；已发布的报告没有改动",
        )  # fmt: skip
        raise DiffersError(WHERE, problem)
    assert done.outcome is not None
    assert done.files is not None
    for name, content in done.files.items():
        file = job.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return done.outcome if done.outcome.title else _lost(job, done.outcome.problem)


def _lost(job: Job, problem: str) -> Outcome:
    source, language = nbformat.read(job.notebook, as_version=4), str(job.parameters.get("lang", "zh"))
    return Outcome(job.name, heading(source, language), question(source, language), problem, 0.0)
