"""One notebook run on a node of a cluster, by a process that the node keeps for it.

The process is a plain child of the node's worker, not one of its threads: it has a working folder of its own, it may start
kernels, which are forked from a nursery as in a run on one machine, and it ends when the worker does, however that ended.
"""

from __future__ import annotations

import os
import pickle
import queue
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from laoyou.batch.execute import build
from laoyou.batch.inputs import State, changed, read_state
from laoyou.batch.jobs import Basis, Job, Outcome
from laoyou.batch.pool import DIED, longest, nursery_of_kernels
from laoyou.batch.publish import versions
from laoyou.errors import LaoyouError

IDLE = 60  # [s] after which a process that has nothing to do ends; the next errand starts another


@dataclass(frozen=True)
class Errand:
    """A job with what the node must agree on before it runs it.

    Parameters
    ----------
    run : what tells one run from another
    job : the notebook; its page goes to a folder of the node's own and comes back as bytes
    root : the workspace, the same path on every node
    versions : of the packages that a page depends on
    """

    run: str
    job: Job
    root: Path
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Done:
    """What came of an errand: the outcome and the files, or in what ``node`` differs from whoever sent it."""

    node: str
    outcome: Outcome | None = None
    files: Mapping[str, bytes] | None = None
    differs: str = ""


@dataclass
class _Helper:
    run: str
    process: subprocess.Popen[bytes]
    folder: str  # where its temporary files go


_own = threading.local()


def carry_out(errand: Errand) -> Done:
    """Run an errand in this thread's process; a process that dies or hangs costs it one retry.

    Parameters
    ----------
    errand : what to run
    """
    for _ in range(2):
        helper = _helper(errand)
        late = threading.Timer(longest(errand.job), helper.process.kill)  # it hangs, and is found dead
        late.daemon = True
        late.start()
        try:
            assert helper.process.stdin
            assert helper.process.stdout
            pickle.dump(errand, helper.process.stdin)
            helper.process.stdin.flush()
            done: Done = pickle.load(helper.process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            _dismiss()
        else:
            return done
        finally:
            late.cancel()
    lost = Outcome(errand.job.name, "", "", DIED, 0.0)
    return Done(socket.gethostname(), lost, {})


def _helper(errand: Errand) -> _Helper:
    """Return the process of this thread; a new one for a new run, whose code may be another."""
    helper: _Helper | None = getattr(_own, "helper", None)
    if helper is not None and (helper.run != errand.run or helper.process.poll() is not None):
        _dismiss()
        helper = None
    if helper is None:
        folder = tempfile.mkdtemp(prefix="laoyou-")
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, folder], cwd=errand.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True, env={**os.environ, "TMPDIR": folder, "TEMP": folder},
        )  # fmt: skip
        helper = _own.helper = _Helper(errand.run, process, folder)
    return helper


def _dismiss() -> None:
    helper: _Helper = _own.helper
    helper.process.kill()
    helper.process.communicate()
    shutil.rmtree(helper.folder, ignore_errors=True)
    del _own.helper


def serve(orders: BinaryIO, results: BinaryIO, folder: str) -> None:
    """Run errands as they come, until there are none for a while or whoever sends them is gone.

    Parameters
    ----------
    orders, results : pickled errands, and what came of each
    folder : where temporary files go; it is removed at the end
    """
    waiting: queue.Queue[Errand] = queue.Queue()
    nursery = nursery_of_kernels(Path(folder))

    def leave() -> None:
        if nursery is not None:
            nursery.stop()  # its kernels, in the midst of a cell or not, write no more
        shutil.rmtree(folder, ignore_errors=True)

    def listen() -> None:
        while True:
            try:
                waiting.put(pickle.load(orders))
            except (EOFError, OSError, pickle.UnpicklingError):
                leave()
                os._exit(1)

    threading.Thread(target=listen, daemon=True).start()
    agreed: list[Basis] = []  # in this run; a process serves one
    while True:
        try:
            errand = waiting.get(timeout=IDLE)
        except queue.Empty:
            leave()
            return
        basis = errand.job.basis
        differs = "" if basis in agreed else _differences(basis, errand.versions)
        agreed += [] if differs or basis in agreed else [basis]
        if nursery is not None and not differs:
            nursery.start()  # before the first, and again should something have ended it
        address = str(nursery.address) if nursery else ""
        done = Done(socket.gethostname(), differs=differs) if differs else _run(errand, address)
        pickle.dump(done, results)
        results.flush()


def _run(errand: Errand, nursery: str) -> Done:
    with tempfile.TemporaryDirectory(prefix="laoyou-") as place:
        folder = Path(place)
        try:
            outcome = build(replace(errand.job, folder=folder), nursery)
        except Exception as cause:  # as in a pool: whatever one notebook meets, the others are published
            outcome = Outcome(errand.job.name, "", "", f"{type(cause).__name__}：{cause}", 0.0)
        files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
        return Done(socket.gethostname(), outcome, {name: p.read_bytes() for name, p in files.items()})


def _differences(basis: Basis, theirs: Mapping[str, str]) -> str:
    """Return in what this node would make another page, in words; empty where it would not."""
    ours = versions()
    apart = [f"{name} {ours.get(name, '')}" for name, text in theirs.items() if ours.get(name) != text]
    if apart:
        return f"程序包的版本（{'、'.join(apart)}）"
    try:
        here = read_state(basis.parameters)
    except LaoyouError as cause:
        return str(cause)
    if here.made_from == basis.made_from:
        return ""
    return changed(State(here.view, basis.made_from), here)


def main() -> None:
    """Serve on standard input and output; what notebooks print goes nowhere."""
    results = os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    serve(sys.stdin.buffer, results, sys.argv[1])


if __name__ == "__main__":
    from laoyou.batch import errand  # under its own name, so that what is pickled here is known there

    errand.main()
