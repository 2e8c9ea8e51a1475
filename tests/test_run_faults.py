"""A run that is killed, hung, starved or raced: what is published is whole, nothing is left, and the next run completes."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from disks import limit_files, small_disk
from intakes import small_workspace
from workspaces import tree, write_notebook

from laoyou.batch.publish import RUN
from laoyou.workspace import Workspace

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
COMMAND = shutil.which("laoyou", path=str(Path(sys.executable).parent)) or "laoyou"
KILLED_RUNS, KILLED_WORKERS, KILLED_KERNELS = 16, 17, 17  # 50 in all
NOTEBOOKS = 20  # short ones, for workers and kernels to be killed at
LARGEST = 16_384  # bytes of a file where no small disk may be mounted: less than a quarter's workbook has
QUARTERS = "2026Q1..2026Q3"
Files = Mapping[str, bytes]


@dataclass
class Desk:
    """A workspace whose processes and temporary files can be told from all others."""

    workspace: Workspace
    temporary: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    notebooks: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def start(self, *words: str, most_bytes: int = 0) -> "subprocess.Popen[str]":
        """Start a run; it can write no file of more than some bytes, if so many are given."""
        settings = {"PYTHONUTF8": "1", "TMPDIR": str(self.temporary), "LAOYOU_TEST": self.mark}
        return subprocess.Popen(
            [COMMAND, "run", *words], cwd=self.workspace.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            encoding="utf-8", env={**os.environ, **settings}, start_new_session=True,
            preexec_fn=(lambda: limit_files(most_bytes)) if most_bytes else None,
        )  # fmt: skip

    def run(self, *words: str) -> "subprocess.Popen[str]":
        """Run to the end; say what was said if that went wrong."""
        with self.start(*words) as running:
            said, complained = running.communicate(timeout=300)
        assert "Traceback" not in complained
        assert running.returncode == 0, said + complained
        return running

    def processes(self) -> list[psutil.Process]:
        """Return the processes that runs of this workspace have started, and those by them."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                own = process.environ().get("LAOYOU_TEST") == self.mark
                if own and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def published(self) -> dict[str, bytes]:
        """Return everything published but how its run went."""
        files = tree(self.workspace.outputs).items()
        return {name: content for name, content in files if not name.endswith(RUN)}

    def litter(self) -> list[str]:
        """Return what is left of unfinished work."""
        hidden = [p.name for p in self.workspace.outputs.rglob("*") if p.name.startswith(".")]
        return hidden + [p.name for p in self.temporary.iterdir()]

    def settled(self, seconds: float = 20) -> tuple[list[psutil.Process], list[str]]:
        """Return the processes and the litter that are left once some seconds have passed, or nothing is."""
        until = time.monotonic() + seconds
        while (left := (self.processes(), self.litter())) != ([], []) and time.monotonic() < until:
            time.sleep(0.05)
        return left

    def say(self, word: str) -> None:
        """Have the notebooks say a word, so that their pages differ from those that say another."""
        for name in ("a", "b", "c"):
            if (word, name) not in self.notebooks:
                file = write_notebook(self.workspace, name, f"'{word} {name}'", "quarter")
                self.notebooks[word, name] = file.read_bytes()
            (self.workspace.notebooks / f"{name}.ipynb").write_bytes(self.notebooks[word, name])


def temporary() -> Path:
    """Return a folder for temporary files, its path short enough for sockets in it."""
    return Path(tempfile.mkdtemp(prefix="laoyou-t-"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return a workspace with a published quarter of three small notebooks."""
    place = tmp_path_factory.mktemp("published")
    made = Desk(small_workspace(place / "checkout"), temporary())
    made.say("甲")
    made.run("2026Q3")
    yield made
    shutil.rmtree(made.temporary)


@pytest.fixture
def desk(published: Desk, tmp_path: Path) -> Iterator[Desk]:
    """Return a copy of it to do harm in; no page says where it was made."""
    shutil.copytree(published.workspace.root, tmp_path / "checkout")
    made = Desk(Workspace(tmp_path / "checkout"), temporary(), notebooks=dict(published.notebooks))
    yield made
    for process in made.processes():
        process.kill()
    shutil.rmtree(made.temporary)


def quarter_of(files: Files) -> dict[str, bytes]:
    """Return the files of the quarter alone: the list of quarters is another publication."""
    return {name: content for name, content in files.items() if name != "index.html"}


def test_a_run_killed_at_any_moment_leaves_a_whole_quarter_and_nothing_else(desk: Desk) -> None:
    chance = random.Random(1)
    words = ("甲", "乙")
    states = [desk.published()]
    began = time.monotonic()
    desk.say("乙")
    desk.run("2026Q3")
    takes = time.monotonic() - began
    states.append(desk.published())
    assert quarter_of(states[0]) != quarter_of(states[1])
    for round in range(KILLED_RUNS):
        new = round % 2
        desk.say(words[new])
        with desk.start("2026Q3") as running:
            time.sleep(chance.uniform(0, takes))
            running.kill()
            running.wait()
        assert desk.settled() == ([], [])
        assert quarter_of(desk.published()) in [quarter_of(state) for state in states]
        began = time.monotonic()
        desk.run("2026Q3")
        takes = max(takes, time.monotonic() - began)
        assert desk.published() == states[new]
    assert desk.settled() == ([], [])


def test_workers_and_kernels_killed_at_any_moment_cost_a_retry_or_their_page(desk: Desk) -> None:
    chance = random.Random(2)
    for n in range(NOTEBOOKS):
        write_notebook(desk.workspace, f"n{n}", "import time; time.sleep(0.2)", f"'{n}'")
    desk.run("2026Q3")
    before = desk.published()
    for kind, kills in (("worker", KILLED_WORKERS), ("kernel", KILLED_KERNELS)):
        while kills:
            with desk.start("2026Q3", "--force") as running:
                while kills and running.poll() is None:
                    time.sleep(chance.uniform(0, 0.4))
                    chosen = [p for p in desk.processes() if kind_of(p, running.pid) == kind]
                    if chosen:
                        with contextlib.suppress(psutil.Error):
                            chance.choice(chosen).kill()
                            kills -= 1
                said, complained = running.communicate(timeout=300)
            assert "Traceback" not in complained
            assert running.returncode in (0, 1), said + complained
            lost = [line for line in complained.splitlines() if line.startswith("没有生成")]
            assert bool(lost) == (running.returncode == 1)
            assert [line for line in lost if "被系统终止" not in line] == []
            assert desk.settled() == ([], [])
            assert desk.published().keys() <= before.keys()
        desk.run("2026Q3")
        assert desk.published() == before
    assert desk.settled() == ([], [])


def kind_of(process: psutil.Process, run: int) -> str:
    """Return what a process of a run is: a nursery is its child, a worker or a kernel a nursery's."""
    with contextlib.suppress(psutil.Error):
        parent = process.parent()
        if parent is not None and parent.ppid() == run:
            first = min(p.pid for p in psutil.Process(run).children())
            return "kernel" if parent.pid == first else "worker"
    return ""


def test_ctrl_c_in_the_middle_of_a_batch_keeps_what_is_published(desk: Desk) -> None:
    shutil.rmtree(desk.workspace.outputs / "330305")
    with desk.start("--regions", "330305", "--quarters", QUARTERS) as running:
        until = time.monotonic() + 120
        while not list(desk.workspace.outputs.glob("330305/2026*/index.html")):
            assert time.monotonic() < until
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGINT)
        said, complained = running.communicate(timeout=60)
    assert running.returncode == 130, said + complained
    assert "Traceback" not in complained
    assert desk.settled() == ([], [])
    for folder in desk.workspace.outputs.glob("330305/2026*"):
        assert {"a.html", "b.html", "c.html", "index.html", "manifest.json"} <= {
            p.name for p in folder.iterdir()
        }
    desk.run("--regions", "330305", "--quarters", QUARTERS)


def test_two_runs_of_a_quarter_at_once_publish_the_same(desk: Desk) -> None:
    desk.say("乙")
    with desk.start("2026Q3") as one, desk.start("2026Q3") as other:
        for running in (one, other):
            said, complained = running.communicate(timeout=300)
            assert running.returncode == 0, said + complained
    both = desk.published()
    assert desk.settled() == ([], [])
    desk.run("2026Q3", "--force")
    assert desk.published() == both


def limit(desk: Desk, **limits: int) -> None:
    """Set limits of the run."""
    text = desk.workspace.rules_file.read_text(encoding="utf-8")
    lines = [
        next((f"  {name}: {value}" for name, value in limits.items() if line.startswith(f"  {name}:")), line)
        for line in text.splitlines()
    ]
    desk.workspace.rules_file.write_text("\n".join(lines) + "\n", encoding="utf-8")


HARM = {
    "sleeps": ("import time; time.sleep(600)", "有一格运行超过 4 秒"),
    "is stopped": ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", "有一格运行超过 4 秒"),
    "hears no interrupt": (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass", "有一格运行超过 4 秒",
    ),
    "eats memory": ("len(bytearray(3_000_000_000))", "第 3 格出错：MemoryError"),
}  # fmt: skip


def test_a_hung_or_greedy_cell_costs_its_page_alone(desk: Desk) -> None:
    limit(desk, cell_seconds=4, kernel_megabytes=2500)
    files = {name: desk.workspace.notebooks / f"harm{n}.ipynb" for n, name in enumerate(HARM)}
    for name, (cell, _) in HARM.items():
        write_notebook(desk.workspace, files[name].stem, cell)
    with desk.start("2026Q3", "--jobs", "2") as running:
        _, complained = running.communicate(timeout=300)
    assert running.returncode == 1
    for name, (_, said) in HARM.items():
        assert f"没有生成 {files[name].stem}：{said}" in complained
    assert complained.count("没有生成") == len(HARM)
    assert desk.settled() == ([], [])
    for file in files.values():
        file.unlink()
    desk.run("2026Q3")
    assert "c.html" in {p.name for p in (desk.workspace.outputs / "330305/2026Q3").iterdir()}


def test_a_full_disk_leaves_the_published_quarter(desk: Desk) -> None:
    before = desk.published()
    quarter = sum(len(content) for content in quarter_of(before).values())
    outputs, aside = desk.workspace.outputs, desk.workspace.root / "aside"
    outputs.rename(aside)
    outputs.mkdir()
    with small_disk(outputs, quarter * 3 // 2) as enlarge:
        shutil.copytree(aside, outputs, dirs_exist_ok=True)
        desk.say("乙")
        with desk.start("2026Q3", most_bytes=0 if enlarge else LARGEST) as running:
            _, complained = running.communicate(timeout=300)
        assert running.returncode == 2
        assert "写不进去" in complained
        assert "Traceback" not in complained
        assert desk.published() == before
        assert desk.settled() == ([], [])
        if enlarge:
            enlarge()
        desk.run("2026Q3")
        full = desk.published()
        assert quarter_of(full) != quarter_of(before)
    desk.run("2026Q3")
    assert desk.published() == full
