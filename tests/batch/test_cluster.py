"""A run on a real Dask scheduler and real worker processes, on loopback."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from intakes import COMMAND, command, small_workspace
from workspaces import append_rows, row, tree, write_notebook

from laoyou.batch import cluster as module
from laoyou.batch import errand
from laoyou.batch.cluster import Cluster
from laoyou.batch.errand import Errand, carry_out
from laoyou.batch.inputs import read_state
from laoyou.batch.jobs import Basis, Job
from laoyou.batch.publish import versions
from laoyou.console import INCOMPLETE, OK, REFUSED
from laoyou.errors import RunError
from laoyou.ledger.copies import copy_ledger
from laoyou.workspace import Workspace

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
DASK = Path(sys.executable).with_name("dask")
LONG = 240  # [s] that anything may take to start or to end
SETTINGS = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "30s", "PYTHONDONTWRITEBYTECODE": "1"}


def until(condition: Any, what: str) -> None:
    """Wait for something to come about."""
    for _ in range(LONG * 10):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail(f"{what} did not come about in {LONG} s")


@contextmanager
def dask(*words: str, folder: Path, env: Mapping[str, str] = {}) -> Iterator["subprocess.Popen[bytes]"]:
    """Start one of Dask's programs, and end it and all that it started."""
    log = (folder / f"{words[0]}-{time.monotonic_ns()}.log").open("wb")
    running = subprocess.Popen(
        [str(DASK), *words], cwd=folder, env={**os.environ, **SETTINGS, **env}, stdin=subprocess.DEVNULL,
        stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        yield running
    finally:
        started = family(running.pid)
        running.kill()
        running.wait()
        for process in started:  # in case a test failed before they could end by themselves
            with suppress(psutil.NoSuchProcess):
                process.kill()
        log.close()


def family(pid: int) -> list[psutil.Process]:
    """Return every process that one started, and those that these started."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dask")


@contextmanager
def scheduling(place: Path, name: str) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """Start a scheduler and return it with its address once it has one."""
    told = place / f"{name}.json"
    words = (
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--no-show",
        "--scheduler-file",
        str(told),
    )
    with dask("scheduler", *words, folder=place) as running:
        until(lambda: told.exists() and told.read_text(encoding="utf-8").strip(), "the scheduler")
        yield running, str(json.loads(told.read_text(encoding="utf-8"))["address"])


@pytest.fixture(scope="module")
def scheduler(place: Path) -> Iterator[str]:
    """Return the address of a scheduler."""
    with scheduling(place, "scheduler") as (_, address):
        yield address


def node(scheduler: str, place: Path) -> tuple[str, ...]:
    """Return the words that start one worker of one thread."""
    return (
        "worker",
        scheduler,
        "--nthreads",
        "1",
        "--no-dashboard",
        "--no-nanny",
        "--local-directory",
        str(place),
    )


@contextmanager
def worker(scheduler: str, place: Path, **env: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Start one worker; the scheduler knows of it when the block begins."""
    before = workers(scheduler)
    with dask(*node(scheduler, place), folder=place, env=env) as running:
        until(lambda: workers(scheduler) > before, "the worker")
        yield running
    until(lambda: workers(scheduler) <= before, "the end of the worker")


def workers(scheduler: str) -> int:
    from distributed import Client

    with Client(scheduler, set_as_default=False, timeout=LONG) as client:
        return len(client.scheduler_info(n_workers=-1)["workers"])


SLOW = """\
import pathlib, time, os
mark = pathlib.Path({folder!r}, {name!r})
first = not mark.exists()
mark.touch()
time.sleep(4 if first else 0)
print("四季")
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    found = small_workspace(tmp_path / "checkout")
    append_rows(found, row())
    return found


def published(workspace: Workspace) -> dict[str, bytes]:
    """Return the published quarter without how its run went."""
    files = tree(workspace.outputs / "330305" / "2026Q3")
    return {name: content for name, content in files.items() if name != "run.json"}


def test_a_worker_killed_in_mid_run_costs_nothing_and_the_bytes_are_those_of_a_run_here(
    workspace: Workspace, scheduler: str, place: Path, tmp_path: Path
) -> None:
    names = ["a", "b", "c", "d"]
    marks = tmp_path / "marks"
    marks.mkdir()
    for name in names:
        write_notebook(
            workspace, name, SLOW.format(folder=str(marks), name=name), "import laoyou as ly\nly.__version__"
        )
    for name in names:  # so that the run here has nothing to wait for
        (marks / name).touch()
    here = command(workspace, "run", "2026Q3", "--jobs", "2")
    assert (here.returncode, here.stdout.splitlines()[-1]) == (
        OK,
        f"4 页：{workspace.outputs / '330305/2026Q3/index.html'}",
    )
    expected = published(workspace)
    assert set(expected) > {f"{name}.html" for name in names}
    for name in names:
        (marks / name).unlink()

    with worker(scheduler, place) as doomed, worker(scheduler, place):
        words = ["run", "2026Q3", "--force", "--cluster", scheduler]
        running = subprocess.Popen(
            [COMMAND, *words], cwd=workspace.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip
        until(lambda: len(list(marks.iterdir())) >= 2, "a notebook on each worker")
        started = family(doomed.pid)
        assert len(started) >= 2  # the process that runs notebooks, and a kernel
        doomed.kill()
        said, complained = running.communicate(timeout=3 * LONG)
        assert (running.returncode, "没有生成" in complained) == (OK, False), complained
        assert "4 页" in said
        until(
            lambda: not any(process.is_running() for process in started),
            "the end of what the worker had started",
        )
    assert sorted(p.name for p in marks.iterdir()) == names
    assert published(workspace) == expected
    assert not list(workspace.outputs.rglob("*.partial"))


def test_a_batch_of_regions_and_quarters_is_spread_over_the_workers_and_gives_the_bytes_of_one_here(
    workspace: Workspace, scheduler: str, place: Path
) -> None:
    write_notebook(workspace, "seen", "import laoyou as ly", "(region, quarter, ly.__version__)")
    write_notebook(workspace, "second", "quarter")
    batch = ["run", "--regions", "330305,330305001", "--quarters", "2026Q2..2026Q3"]
    with worker(scheduler, place), worker(scheduler, place):
        there = command(workspace, *batch, "--cluster", scheduler)
    assert (there.returncode, there.stderr.count("2 页，其中沿用 0 页")) == (OK, 4), there.stderr
    files = {name: c for name, c in tree(workspace.outputs).items() if not name.endswith("run.json")}
    assert {name for name in files if name.endswith("seen.html")} == {
        f"{region}/{quarter}/seen.html"
        for region in ("330305", "330305001")
        for quarter in ("2026Q2", "2026Q3")
    }
    here = command(workspace, *batch, "--force")
    assert here.returncode == OK, here.stderr
    assert {n: c for n, c in tree(workspace.outputs).items() if not n.endswith("run.json")} == files


def test_a_notebook_that_fails_there_fails_as_here_and_the_others_are_published(
    workspace: Workspace, scheduler: str, place: Path
) -> None:
    write_notebook(workspace, "good", "1 + 1")
    write_notebook(workspace, "bad", "1 / 0")
    with worker(scheduler, place):
        there = command(workspace, "run", "2026Q3", "--cluster", scheduler)
    assert (there.returncode, "Traceback" in there.stderr) == (INCOMPLETE, False)
    assert "没有生成 bad：第 3 格出错：ZeroDivisionError" in there.stderr
    from_there = published(workspace)
    assert "good.html" in from_there
    assert "bad.html" not in from_there
    here = command(workspace, "run", "2026Q3", "--force")
    assert here.returncode == INCOMPLETE
    assert published(workspace) == from_there


def test_a_node_forks_its_kernels_from_what_has_been_imported(
    workspace: Workspace, scheduler: str, place: Path
) -> None:
    write_notebook(workspace, "look", "import sys\n'seaborn' in sys.modules")
    with worker(scheduler, place):
        done = command(workspace, "run", "2026Q3", "--cluster", scheduler)
    assert done.returncode == OK, done.stderr
    assert "True" in (workspace.outputs / "330305" / "2026Q3" / "look.html").read_text(encoding="utf-8")


def test_a_node_with_another_ledger_runs_nothing_and_what_is_published_stays(
    workspace: Workspace, scheduler: str, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notebook(workspace, "one", "1 + 1")
    assert command(workspace, "run", "2026Q3").returncode == OK
    before = tree(workspace.outputs)
    monkeypatch.chdir(workspace.root)
    copy_ledger(str(tmp_path / "ledger"))
    append_rows(
        workspace, row(period="2026Q2", value="741", reported_on="2026-07-12")
    )  # which the copy lacks
    with worker(scheduler, place, LAOYOU_DATA=str(tmp_path / "ledger")):
        refused = command(workspace, "run", "2026Q3", "--cluster", scheduler)
    assert (refused.returncode, "Traceback" in refused.stderr) == (REFUSED, False)
    assert "与本机不同：台账" in refused.stderr
    assert "LAOYOU_DATA" in refused.stderr
    assert tree(workspace.outputs) == before


def test_a_process_of_a_node_that_hangs_is_ended_once_its_errand_can_take_no_longer(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace.root)
    (tmp_path / "t").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    stops = """
import os, pathlib
if not pathlib.Path("stopped").exists():
    pathlib.Path("stopped").touch()
    os.kill(int(os.environ["JPY_PARENT_PID"]), 19)"""  # SIGSTOP
    parameters = {
        "region": "330305",
        "quarter": "2026Q3",
        "as_of": "2026-10-31",
        "data": "data",
        "lang": "zh",
    }
    basis = Basis(parameters, read_state(parameters).made_from)
    notebook = write_notebook(workspace, "one", stops)
    job = Job(
        "one",
        notebook,
        parameters,
        workspace.root,
        [{"file": "one.html", "title": "", "short": ""}],
        2,
        10,
        basis=basis,
    )
    try:
        done = carry_out(Errand("run", job, workspace.root, versions()))
    finally:
        errand._dismiss()
    assert done.outcome is not None
    assert (done.differs, done.outcome.problem) == ("", "")
    assert (workspace.root / "stopped").exists()
    assert list((tmp_path / "t").iterdir()) == []


def test_a_process_whose_node_is_gone_leaves_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    (folder / "notebooks").mkdir(parents=True)
    words = [sys.executable, "-m", "laoyou.batch.errand", str(folder)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin is not None
        running.stdin.close()
        assert running.wait(LONG) == 1
    assert not folder.exists()


def test_a_scheduler_without_workers_is_told_of(workspace: Workspace, scheduler: str) -> None:
    write_notebook(workspace, "one", "1 + 1")
    refused = command(workspace, "run", "2026Q3", "--cluster", scheduler)
    assert (refused.returncode, "Traceback" in refused.stderr) == (REFUSED, False)
    assert "没有一个工作节点" in refused.stderr
    assert not (workspace.outputs / "330305").exists() or not list((workspace.outputs / "330305").iterdir())


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_scheduler_that_is_gone_or_hangs_in_mid_run_ends_it(
    workspace: Workspace, place: Path, monkeypatch: pytest.MonkeyPatch, signal_number: signal.Signals
) -> None:
    monkeypatch.setattr(module, "ALONE", 3)
    notebook = write_notebook(workspace, "one", "import time; time.sleep(100)")
    job = Job("one", notebook, {}, workspace.root, [], 120, 60)
    with (
        scheduling(place, f"gone-{signal_number}") as (scheduler, address),
        dask(*node(address, place), folder=place),
    ):
        until(lambda: workers(address), "the worker")
        with Cluster(address, workspace.root) as cluster:
            cluster.submit(job, 1)
            scheduler.send_signal(signal_number)
            with pytest.raises(RunError) as refused:
                list(cluster.outcomes())
        told = str(refused.value)
    assert "断开了，或 3 秒没有回答" in told
    assert "处理：核对 dask scheduler" in told


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "http://127.0.0.1:1"])
def test_an_address_where_no_scheduler_answers_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(module, "CONNECT", 1)
    with pytest.raises(RunError, match="连不上"), Cluster(address, tmp_path):
        pass


def test_without_dask_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RunError) as refused, Cluster("tcp://127.0.0.1:1", tmp_path):
        pass
    assert 'pip install "laoyou[cluster]"' in str(refused.value)
