"""Measure how long reports take: against the command lines of papermill and nbconvert, and against the notebooks' own work.

Run by ``make bench-run``, which writes README.md's section on it. Each figure that can be is a ratio of two things measured in
turn in one run of this program, on a copy of the workspace. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil
from sections import processor, write_section

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
QUARTER = "2026Q3"
BATCH = "2024Q2..2026Q3"  # ten quarters
CORES = os.cpu_count() or 1


class Line(NamedTuple):
    """One line of the table: what was measured, what came out, and what was aimed at."""

    what: str
    found: str
    aim: str
    kept: bool


def seconds(*words: str | Path, folder: Path) -> float:
    """Return how long a command takes [s]."""
    began = time.perf_counter()
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - began


def run(folder: Path, *words: str) -> float:
    """Return how long a run takes [s]."""
    return seconds(BIN / "laoyou", "run", *words, folder=folder)


def command_lines(folder: Path, out: Path) -> float:
    """Return how long a loop of the two command lines over all notebooks takes [s]."""
    began = time.perf_counter()
    for notebook in sorted((folder / "notebooks").glob("*.ipynb")):
        executed = out / notebook.name
        parameters = folder / "params" / f"{QUARTER}.yml"
        seconds(BIN / "papermill", notebook, executed, "-f", parameters, "--no-progress-bar", folder=folder)
        seconds(BIN / "jupyter", "nbconvert", "--to", "html", executed, folder=folder)
    return time.perf_counter() - began


CELLS = """
import gc, os, sys, time, nbformat, yaml
from pathlib import Path
from laoyou.batch.kernels import warm_up
warm_up()
gc.collect()
gc.freeze()  # as a nursery does
from IPython.core.interactiveshell import InteractiveShell
parameters = yaml.safe_load(Path("params/QUARTER.yml").read_text(encoding="utf-8"))
whole = 0.0
for file in sorted(Path("notebooks").glob("*.ipynb")):
    cells = [c for c in nbformat.read(file, as_version=4).cells if c.cell_type == "code"]
    ours, theirs = os.pipe()
    if os.fork() == 0:
        shell = InteractiveShell.instance()
        shell.user_ns["__name__"] = "__main__"
        began = time.perf_counter()
        for cell in cells:
            if "parameters" in cell.metadata.get("tags", []):
                shell.push(parameters)
            elif not shell.run_cell(cell.source).success:
                os._exit(1)
        os.write(theirs, str(time.perf_counter() - began).encode())
        os._exit(0)
    assert os.wait()[1] == 0, file
    whole += float(os.read(ours, 100))
print("CELLS", whole)
"""


def cells_alone(folder: Path) -> float:
    """Return how long the cells of all notebooks take, one after the other, each in a fork of a warm process [s]."""
    said = subprocess.run(
        [sys.executable, "-c", CELLS.replace("QUARTER", QUARTER)], cwd=folder, check=True, capture_output=True,
        encoding="utf-8", env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"},
    ).stdout  # fmt: skip
    return float(said.rsplit("CELLS", 1)[1])


def processor_seconds(*words: str | Path, folder: Path) -> float:
    """Return how much processor time a command and all that it starts take [s]."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds(*words, folder=folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def highest(work: Callable[[], float]) -> tuple[float, float]:
    """Return what some work returns, and the most memory that it and its processes had at a time, shared parts once [MB]."""
    most, over = 0.0, threading.Event()

    def look() -> None:
        nonlocal most
        while not over.wait(0.5):
            total = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
            most = max(most, total / 1e6)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        return work(), most
    finally:
        over.set()
        watcher.join()


REPEATED = """
import datetime as dt, sys
from laoyou.batch.pool import Pool, usual_size
from laoyou.workspace import find_workspace
with Pool(usual_size()) as pool:
    from laoyou.batch.many import Making
    from laoyou.batch.orders import orders_of
    orders = orders_of(find_workspace(), "330305", sys.argv[2], today=dt.date.max, force=True)
    made = []
    Making(orders * int(sys.argv[1]), pool, lambda *ignored: None).carry_out(made.append)
assert not any(getattr(one, "failed", True) for one in made), made
"""


def batch(folder: Path, times: int, quarters: str) -> float:
    """Return how long some quarters take in one batch, over and over [s]."""
    return seconds(sys.executable, "-c", REPEATED, str(times), quarters, folder=folder)


def ten_notebooks(folder: Path, out: Path, rounds: int) -> list[Line]:
    """Measure one quarter against the command lines and against the bound."""
    loops, runs, bounds = [], [], []
    for _ in range(rounds):
        loops.append(command_lines(folder, out))
        runs.append(run(folder, QUARTER, "--force"))
        bounds.append(cells_alone(folder) / CORES)
    faster = statistics.median(a / b for a, b in zip(loops, runs, strict=True))
    over = statistics.median(a / b for a, b in zip(runs, bounds, strict=True))
    count = len(list((folder / "notebooks").glob("*.ipynb")))
    loop, one, bound = map(statistics.median, (loops, runs, bounds))
    return [
        Line(
            f"the {count} notebooks of a quarter, all made anew: {one:.1f} s; a loop of `papermill` and `jupyter nbconvert` "
            f"over them: {loop:.1f} s",
            f"{faster:.1f} times faster",
            "≥ 8",
            faster >= 8,
        ),
        Line(
            f"the same against the cells' own time in a warm process, divided by the cores: {bound:.1f} s",
            f"{over:.2f} times it",
            "≤ 1.6",
            over <= 1.6,
        ),
    ]


def many_quarters(folder: Path, hundred: bool, bound: float) -> list[Line]:
    """Measure 1, 10 and 100 quarters of a region in one batch; ``bound`` is that of one quarter [s]."""
    costs, memories = {}, {}
    for count, times, quarters in ((1, 1, QUARTER), (10, 1, BATCH), (100, 10, BATCH))[: 3 if hundred else 2]:
        took, memories[count] = highest(lambda times=times, quarters=quarters: batch(folder, times, quarters))
        costs[count] = took / count
    told = ", ".join(f"{n}: {cost:.2f} s and {memories[n]:.0f} MB" for n, cost in costs.items())
    each = Line(
        "a quarter of a batch of 10 against the bound of 2026Q3's cells",
        f"{costs[10] / bound:.2f} times it",
        "",
        True,
    )
    if not hundred:
        return [Line(f"region-quarters in a batch, each, and the most memory: {told}", "", "", True), each]
    ratio, more = costs[100] / costs[10], memories[100] / memories[10]
    return [
        Line(
            f"region-quarters in a batch, each: {told}",
            f"{ratio:.2f} times that at 10",
            "≤ 1.1",
            ratio <= 1.1,
        ),
        each,
        Line(
            "the most memory at 100, all processes together",
            f"{more:.2f} times that at 10",
            "flat",
            more <= 1.1,
        ),
    ]


def nothing_changed(folder: Path) -> list[Line]:
    """Measure a second run of which nothing has changed."""
    shutil.rmtree(folder / "outputs", ignore_errors=True)
    first = run(folder, QUARTER)
    second = statistics.median(run(folder, QUARTER) for _ in range(5))
    return [
        Line(
            f"nothing has changed: {second:.2f} s after {first:.1f} s",
            f"{first / second:.0f} times faster",
            "≥ 10 and < 1.5 s",
            first / second >= 10 and second < 1.5,
        )
    ]


def small_things(folder: Path) -> list[Line]:
    """Measure the help, and the largest page."""
    help = min(seconds(BIN / "laoyou", "--help", folder=folder) for _ in range(5))
    pages = {
        p.name: p.stat().st_size / 1000 for p in (folder / "outputs" / "330305" / QUARTER).glob("*.html")
    }
    name, size = max(pages.items(), key=lambda item: item[1])
    return [
        Line("`laoyou --help`", f"{help:.2f} s", "≤ 0.4 s", help <= 0.4),
        Line(f"the largest page of {QUARTER}, {name}", f"{size:.0f} KB", "≤ 400 KB", size <= 400),
    ]


STEPS = {
    "imports of what kernels are forked from": "from laoyou.batch.kernels import warm_up; warm_up()",
    "imports of what workers are forked from": "from laoyou.batch.execute import warm_up; warm_up()",
    "imports of the run itself": "import laoyou.batch.many, laoyou.batch.orders, laoyou.batch.portal",
}


def profile(folder: Path) -> list[str]:
    """Return where the processor time of a quarter goes, as a table."""
    whole = processor_seconds(BIN / "laoyou", "run", QUARTER, "--force", folder=folder)
    parts = {"the cells": cells_alone(folder)}
    parts |= {
        name: processor_seconds(sys.executable, "-c", code, folder=folder) for name, code in STEPS.items()
    }
    documents = (
        "import time; from laoyou.view import open_view; from laoyou.documents import circular, workbook; "
        f"v = open_view(region='330305', quarter='{QUARTER}', as_of='2026-10-31'); t = time.process_time(); "
        "circular.circular(v); workbook.workbook(v); print(time.process_time() - t)"
    )
    said = subprocess.run(
        [sys.executable, "-c", documents], cwd=folder, check=True, capture_output=True, encoding="utf-8"
    )
    parts["the circular and the workbook"] = float(said.stdout)
    parts["starting and ending kernels, messages, export, fonts, the first pages"] = whole - sum(
        parts.values()
    )
    rows = [f"| {name} | {spent:.1f} | {spent / whole:.0%} |" for name, spent in parts.items()]
    return [
        "| processor time of one quarter | s | share |",
        "|---|--:|--:|",
        *rows,
        f"| all | {whole:.1f} | 100% |",
    ]


def machine(load: tuple[float, float, float]) -> str:
    """Return what it was measured on."""
    memory = psutil.virtual_memory().total / 1e9
    return (
        f"{dt.date.today()}, {processor()}, {CORES} cores, {memory:.0f} GB, "
        f"{platform.system()}, Python {platform.python_version()}; load before: {load[0]:.2f}"
    )


def main() -> None:
    """Measure, print, and write README.md's section if asked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="write README.md's section")
    arguments.add_argument("--rounds", type=int, default=3, help="how often the notebooks are measured")
    arguments.add_argument("--quick", action="store_true", help="without the hundred quarters")
    asked = arguments.parse_args()
    load = os.getloadavg()
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place) / "workspace", Path(place) / "out"
        out.mkdir()
        for name in ("data", "params", "notebooks"):
            shutil.copytree(ROOT / name, folder / name)
        run(folder, QUARTER)  # so that nothing is read from disk for the first time
        lines = ten_notebooks(folder, out, asked.rounds)
        lines += nothing_changed(folder) + small_things(folder)
        spent = profile(folder)
        lines += many_quarters(folder, not asked.quick, cells_alone(folder) / CORES)
    table = ["| measured | found | aim | |", "|---|--:|--:|---|"]
    table += [
        f"| {line.what} | {line.found} | {line.aim} | {'' if not line.aim else 'kept' if line.kept else 'not reached'} |"
        for line in lines
    ]
    text = "\n".join([machine(load), "", *table, "", *spent])
    print(text)
    if asked.write:
        write_section("run", text)


if __name__ == "__main__":
    main()
