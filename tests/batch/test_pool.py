"""Workers watched over: order, retries, and an end with the block."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from workspaces import copy_workspace, write_notebook

from laoyou.batch.jobs import Job, Outcome
from laoyou.batch.pool import DIED, FRESH, Died, Pool, longest, usual_size
from laoyou.workspace import Workspace

PARAMETERS = {"region": "330305", "quarter": "2026Q3", "as_of": "2026-10-31", "data": "data", "lang": "zh"}
WAYS = pytest.mark.parametrize("way", ["warm", "fresh"])

Make = Callable[..., Job]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    copy = copy_workspace(tmp_path / "checkout")
    monkeypatch.chdir(copy.root)
    return copy


@pytest.fixture
def job(workspace: Workspace, tmp_path: Path) -> Make:
    """Return a function that makes a job of some cells."""

    def make(name: str, *cells: str) -> Job:
        pages = [{"file": f"{name}.html", "title": name, "short": name}]
        file = write_notebook(workspace, name, *cells)
        return Job(name, file, PARAMETERS, tmp_path / "out", pages, 60, 60)

    return make


def results(pool: Pool) -> dict[str, Outcome | Exception]:
    """Return what came of each job, in the order in which they ended."""
    return {done.name: result for done, result in pool.outcomes()}


def problems(found: dict[str, Outcome | Exception]) -> dict[str, str]:
    return {name: r.problem if isinstance(r, Outcome) else f"{type(r).__name__}" for name, r in found.items()}


DIES = 'import os; os.kill(int(os.environ["JPY_PARENT_PID"]), 9)'
DIES_ONCE = f"""
import pathlib
if not pathlib.Path("died").exists():
    pathlib.Path("died").touch()
    {DIES}"""


def test_thelongest_of_those_that_wait_is_begun_first(job: Make) -> None:
    with Pool(1) as pool:
        for name, seconds in (("short", 1.0), ("new", float("inf")), ("long", 9.0)):
            pool.submit(job(name, "1"), seconds)
        assert pool.waiting == 3
        assert list(results(pool)) == ["new", "long", "short"]


@pytest.mark.parametrize(("processors", "workers"), [(None, 2), (1, 2), (2, 4), (3, 5), (16, 25)])
def test_workers_are_half_as_many_again_as_processors_and_one(
    monkeypatch: pytest.MonkeyPatch, processors: int | None, workers: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    assert usual_size() == workers


def test_more_may_be_submitted_while_outcomes_are_taken(job: Make) -> None:
    names = []
    with Pool(1) as pool:
        pool.submit(job("first", "1"), 1)
        for done, _ in pool.outcomes():
            names.append(done.name)
            if len(names) < 3:
                pool.submit(job(f"more{len(names)}", "1"), 1)
    assert names == ["first", "more1", "more2"]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@WAYS
def test_a_worker_that_dies_costs_its_job_one_retry_and_the_others_nothing(
    job: Make, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv(FRESH, way)
    with Pool(2) as pool:
        for name, cells in (("once", DIES_ONCE), ("always", DIES), ("good", "1"), ("better", "2")):
            pool.submit(job(name, cells), 1)
        found = results(pool)
    assert problems(found) == {"once": "", "always": "Died", "good": "", "better": ""}
    assert isinstance(found["always"], Died)
    assert str(found["always"]) == DIED


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@WAYS
def test_a_worker_that_hangs_is_ended_once_its_job_can_take_no_longer(
    job: Make, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv(FRESH, way)
    monkeypatch.setattr("laoyou.batch.pool._LOOK", 0.1)
    stops = DIES_ONCE.replace(", 9)", ", 19)")  # SIGSTOP
    with Pool(2) as pool:
        hangs = replace(job("once", stops), cell_seconds=2, start_seconds=6)
        pool.submit(hangs, 1)
        pool.submit(job("good", "1"), 1)
        assert problems(results(pool)) == {"good": "", "once": ""}


def test_a_job_may_take_as_long_as_its_kernel_every_cell_and_its_page_together(job: Make) -> None:
    made = replace(job("three", "1"), cell_seconds=100, start_seconds=7)
    assert longest(made) == 7 + 100 * (3 + 1 + 1)  # title, parameters and one cell; those put in; the page
    assert longest(replace(made, notebook=made.notebook / "none")) == 7 + 100


@WAYS
def test_what_a_worker_meets_outside_the_notebook_is_told(
    job: Make, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv(FRESH, way)
    lost = job("lost", "1")
    lost.notebook.unlink()
    with Pool(1) as pool:
        pool.submit(lost, 1)
        pool.submit(job("good", "1"), 0)
        assert problems(results(pool)) == {"lost": "FileNotFoundError", "good": ""}


@pytest.mark.skipif(os.name == "nt", reason="there are no nurseries")
def test_a_nursery_that_dies_is_started_again(job: Make) -> None:
    with Pool(1) as pool:
        pool.submit(job("first", "1"), 1)
        assert problems(results(pool)) == {"first": ""}
        for nursery in (pool._makers, pool._kernels):
            assert nursery is not None
            assert nursery._process is not None
            nursery._process.kill()
            nursery._process.wait()
        pool.submit(job("second", "1"), 1)
        assert problems(results(pool)) == {"second": ""}


@WAYS
def test_the_end_of_the_block_is_the_end_of_every_process_and_file(
    job: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: str
) -> None:
    monkeypatch.setenv(FRESH, way)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    before = {p.pid for p in psutil.Process().children(recursive=True)}

    class Stopped(Exception):  # noqa: N818
        pass

    def stop_in_the_middle() -> None:
        with Pool(2) as pool:
            for name, cell in (("sleeps", "import time; time.sleep(600)"), ("good", "1")):
                pool.submit(job(name, cell), 1)
            for _ in pool.outcomes():
                raise Stopped

    with pytest.raises(Stopped):
        stop_in_the_middle()
    left = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
    assert [p for p in left if "resource_tracker" not in " ".join(p.cmdline())] == []
    assert list((tmp_path / "t").iterdir()) == []
