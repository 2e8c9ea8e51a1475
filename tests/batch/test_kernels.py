"""Warm kernels: the same as any other, only sooner."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path

import nbformat
import psutil
import pytest
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from traitlets.config import Config
from workspaces import ROOT, copy_workspace, tree, write_notebook

from laoyou.batch.execute import build
from laoyou.batch.jobs import Job, Outcome
from laoyou.batch.kernels import NAME, WarmProvisioner
from laoyou.batch.nursery import Child, Nursery
from laoyou.workspace import Workspace

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no fork: kernels are started anew")
PARAMETERS = {"region": "330305", "quarter": "2026Q3", "as_of": "2026-10-31", "data": "data", "lang": "zh"}
PAGES = [{"file": "small.html", "title": "small：标题", "short": "small"}]

Build = Callable[..., tuple[Outcome, Path]]


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Return a nursery of kernels."""
    made = Nursery(tmp_path_factory.mktemp("n") / "kernels", ["laoyou.batch.kernels:warm_up"])
    made.start()
    yield made
    made.stop()


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    copy = copy_workspace(tmp_path / "checkout")
    monkeypatch.chdir(copy.root)
    return copy


@pytest.fixture
def built(workspace: Workspace, tmp_path: Path) -> Build:
    """Return a function that runs a notebook of some code cells; it returns the outcome and the folder."""

    def run(
        *cells: str, address: str, notebook: Path | None = None, megabytes: int = 0
    ) -> tuple[Outcome, Path]:
        file = notebook or write_notebook(workspace, "small", *cells)
        out = tmp_path / f"built-{len(list(tmp_path.iterdir()))}"
        out.mkdir()
        return build(Job("small", file, PARAMETERS, out, PAGES, 60, 60, megabytes), address), out

    return run


def shown(folder: Path) -> list[str]:
    """Return what each code cell after the parameters has printed."""
    cells = nbformat.read(folder / "notebooks" / "small.ipynb", as_version=4).cells
    return ["".join(o.get("text", "") for o in c.outputs) for c in cells if c.cell_type == "code"][2:]


def gone(pid: int, seconds: float = 10) -> bool:
    """Whether a process ends within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_jupyter_knows_the_provisioner_by_its_entry_point() -> None:
    [found] = [e for e in entry_points(group=KernelProvisionerFactory.GROUP_NAME) if e.name == NAME]
    assert found.load() is WarmProvisioner


# The same page


EVERYTHING = (
    "import matplotlib, matplotlib.pyplot as plt, numpy as np, pandas as pd, seaborn as sns, os, signal, sys",
    "pd.DataFrame({'甲': [1, 2.5], '乙': ['x', None]})",
    "fig, ax = plt.subplots(figsize=(2, 1)); ax.plot([1, 3, 2]); plt.show()",
    "sns.lineplot(x=[1, 2], y=[2, 1])",
    "np.random.seed(3); print(np.random.rand(3), np.arange(9).reshape(3, 3) @ np.full((3, 3), 0.1))",
    "print(os.getcwd() == os.environ['HERE'], __name__, sys.argv[0].endswith('ipykernel_launcher.py'))",
    "print([p for p in sys.path if 'checkout' in p], sys.path[:1], matplotlib.get_backend(), sys.flags)",
    "print([signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGCHLD)], os.environ['OMP_NUM_THREADS'])",
    "print('错误流', file=sys.stderr); os.system('echo 子进程')",
    "get_ipython().run_line_magic('precision', '3'); 3.14159",
)


@pytest.mark.parametrize("cells", [EVERYTHING, ()], ids=["what a notebook can see", "the page of arrears"])
def test_a_warm_kernel_and_one_started_anew_give_the_same_page_to_the_byte(
    built: Build,
    nursery: Nursery,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    cells: tuple[str, ...],
) -> None:
    monkeypatch.setenv("HERE", str(workspace.root))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    notebook = None if cells else ROOT / "notebooks" / "arrears.ipynb"
    warm, anew = (built(*cells, address=a, notebook=notebook) for a in (str(nursery.address), ""))
    assert (warm[0].problem, anew[0].problem) == ("", "")
    assert tree(warm[1]) == tree(anew[1])
    if cells:
        assert "True __main__ True" in shown(warm[1])[5]


def test_nothing_of_one_notebook_reaches_the_next(built: Build, nursery: Nursery) -> None:
    look = (
        "import pandas as pd, os, laoyou; print(pd.get_option('display.max_rows'), hasattr(laoyou, 'left'))"
    )
    leave = "pd.set_option('display.max_rows', 7); laoyou.left = 1; os.environ['LEFT'] = '1'; os.chdir('/')"
    seen = [
        shown(built(look, leave, "print(os.environ.get('LEFT'))", address=str(nursery.address))[1])
        for _ in "12"
    ]
    assert seen[0] == seen[1] == ["60 False\n", "", "1\n"]


def test_siblings_do_not_draw_the_same_random_numbers(built: Build, nursery: Nursery) -> None:
    draw = "import numpy as np, random, uuid; print(np.random.rand(), random.random(), uuid.uuid4())"
    drawn = [shown(built(draw, address=str(nursery.address))[1])[0].split() for _ in "12"]
    assert not set(drawn[0]) & set(drawn[1])


def test_a_forked_process_has_all_that_a_kernel_imports_at_its_start(
    tmp_path: Path, nursery: Nursery
) -> None:
    needed = {
        "IPython",
        "ipykernel.ipkernel",
        "ipykernel.kernelapp",
        "matplotlib.pyplot",
        "pandas",
        "seaborn",
    }
    look = tmp_path / "look.py"
    look.write_text(f"import sys; sys.exit(0 if set(sys.modules) >= {needed} else 1)", encoding="utf-8")
    assert Child(str(nursery.address), "runpy:run_path", {"path_name": str(look)}).wait(60) == 0


def test_a_nursery_has_one_thread_when_it_forks(built: Build, nursery: Nursery) -> None:
    built("1", address=str(nursery.address))
    assert nursery._process is not None
    assert psutil.Process(nursery._process.pid).num_threads() == 1


# Interrupted, killed, restarted


@pytest.fixture
def kernel(nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KernelManager]:
    """Return a started warm kernel as jupyter_client manages it."""
    monkeypatch.setattr(KernelProvisionerFactory.instance(), "default_provisioner_name", NAME)
    settings = {"WarmProvisioner": {"nursery": str(nursery.address)}}
    manager = KernelManager(
        transport="ipc", ip=str(tmp_path / "k"), config=Config(settings), kernel_name="python3"
    )
    manager.start_kernel()
    assert isinstance(manager.provisioner.process, Child)
    yield manager
    with contextlib.suppress(RuntimeError):
        manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def answer(kernel: KernelManager, code: str, then: Callable[[], object] = lambda: None) -> str:
    """Return how a cell ended."""
    client = kernel.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        asked = client.execute(code)
        then()
        while True:
            reply = client.get_shell_msg(timeout=60)
            if reply["parent_header"].get("msg_id") == asked:
                return str(reply["content"].get("ename", reply["content"]["status"]))
    finally:
        client.stop_channels()


def test_an_interrupt_stops_the_cell_and_not_the_kernel(kernel: KernelManager) -> None:
    def interrupt() -> None:
        time.sleep(1)
        kernel.interrupt_kernel()

    assert answer(kernel, "import time; time.sleep(50)", interrupt) == "KeyboardInterrupt"
    assert answer(kernel, "1") == "ok"


def test_a_kernel_that_is_shut_down_killed_or_restarted_is_gone(kernel: KernelManager) -> None:
    pids = [kernel.provisioner.pid]
    kernel.restart_kernel(now=True)
    pids.append(kernel.provisioner.pid)
    assert answer(kernel, "1") == "ok"
    kernel.shutdown_kernel()
    assert not kernel.is_alive()
    assert len(set(pids)) == 2
    assert all(gone(pid) for pid in pids)


def test_a_kernel_that_is_killed_is_seen_to_be_dead_and_takes_its_children_along(
    kernel: KernelManager,
) -> None:
    assert answer(kernel, "import subprocess; subprocess.Popen(['sleep', '600'])") == "ok"
    [child] = psutil.Process(kernel.provisioner.pid).children()
    os.kill(kernel.provisioner.pid, signal.SIGKILL)
    assert gone(kernel.provisioner.pid)
    assert gone(child.pid)
    until = time.monotonic() + 10
    while kernel.is_alive() and time.monotonic() < until:
        time.sleep(0.05)
    assert not kernel.is_alive()


def test_what_was_asked_for_ends_with_the_one_who_asked(nursery: Nursery) -> None:
    waits = f"""
import time
from laoyou.batch.nursery import Child
child = Child({str(nursery.address)!r}, "signal:sigwait", {{"sigset": [10]}})
print(child.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", waits], stdout=subprocess.PIPE, encoding="utf-8") as asker:
        assert asker.stdout is not None
        pid = int(asker.stdout.readline())
        assert psutil.pid_exists(pid)
        asker.kill()
    assert gone(pid)


def test_without_its_nursery_a_kernel_is_started_anew(built: Build, tmp_path: Path) -> None:
    outcome, folder = built("6 * 7", address=str(tmp_path / "nobody"))
    assert outcome.problem == ""
    assert "<pre>42</pre>" in (folder / "small.html").read_text(encoding="utf-8")


def test_what_a_nursery_started_is_gone_with_it_however_it_ends(tmp_path: Path) -> None:
    for end in (Nursery.stop, lambda nursery: nursery._process.kill()):
        made = Nursery(tmp_path / "n", [])
        made.start()
        child = Child(str(made.address), "signal:sigwait", {"sigset": [10]}, cwd=str(tmp_path))
        assert child.poll() is None
        end(made)
        assert gone(child.pid)
        assert child.wait(10) == -signal.SIGKILL
        made.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are adopted on Linux")
def test_what_has_left_its_group_and_outlived_its_parent_ends_with_the_nursery(tmp_path: Path) -> None:
    made = Nursery(tmp_path / "n", [])
    made.start()
    told = tmp_path / "pid"
    leaves = f"setsid sleep 600 & echo $! > {told}"
    assert Child(str(made.address), "os:system", {"command": leaves}).wait(10) == 0
    left = int(told.read_text(encoding="ascii"))
    assert psutil.pid_exists(left)
    made.stop()
    assert gone(left)


def test_a_nursery_that_hangs_is_not_waited_for_longer_than_it_may_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("laoyou.batch.nursery._READY", 0.5)
    made = Nursery(tmp_path / "n", [])
    made.start()
    made._process.send_signal(signal.SIGSTOP)
    with pytest.raises(OSError, match="timed out"):
        Child(str(made.address), "builtins:len", {})
    made.stop()


def test_the_exit_status_of_a_child_is_told(tmp_path: Path) -> None:
    made = Nursery(tmp_path / "n", [])
    made.start()
    assert Child(str(made.address), "builtins:len", {}).wait(10) == 1  # what it raises goes nowhere
    assert Child(str(made.address), "sys:exit", {}).wait(10) == 0
    assert Child(str(made.address), "os:getpid", {}).wait(10) == 0
    killed = Child(str(made.address), "signal:sigwait", {"sigset": [10]})
    killed.kill()
    assert killed.wait(10) == -signal.SIGKILL
    made.stop()


# Memory


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of another process")
@pytest.mark.parametrize("warm", [True, False], ids=["warm", "started anew"])
def test_a_cell_that_eats_memory_is_refused_it(built: Build, nursery: Nursery, warm: bool) -> None:
    address = str(nursery.address) if warm else ""
    eat = "len(bytearray(3_000_000_000))"
    outcome, _ = built("1", eat, address=address, megabytes=2500)
    assert outcome.problem.startswith("第 4 格出错：MemoryError")
    outcome, _ = built("1", eat, address=address, megabytes=6000)
    assert outcome.problem == ""
