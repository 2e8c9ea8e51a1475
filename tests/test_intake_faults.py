"""An intake that is killed, meets another or finds the disk full: the ledger is the old one or the new one."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from disks import limit_files, small_disk
from intakes import COMMAND, REPORTED, case, cases, command, filled, jobs, ledger_rows, put, small_workspace
from workspaces import append_rows, row, tree

from laoyou.console import OK, REFUSED
from laoyou.intake import take as module
from laoyou.intake.take import intake
from laoyou.ledger.append import LOCK
from laoyou.workspace import Workspace

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals, limits and forks of POSIX")
DAY = "2026-10-20"
FILES = (
    "jobs.csv",
    "form.xlsx",
    "cases.csv",
)  # a figure, a form, and case records with their key and their list
RANDOM_KILLS = 20

# A process that has read everything once and takes in with fork after fork, each in a copy of the workspace. It is
# told what to do by name and prints one line of JSON for each fork: how it ended.
DRIVER = textwrap.dedent(
    """
    import datetime as dt, json, multiprocessing, os, random, secrets, shutil, signal, sys, time
    from dataclasses import replace
    from pathlib import Path

    from laoyou import cli
    from laoyou.intake import take as module
    from laoyou.workspace import find_workspace

    base, what, *words = sys.argv[1:]
    os.chdir(base)
    ground = module._ground(dt.date(2026, 10, 20), [])
    module._ground = lambda day, quarters: replace(ground, workspace=find_workspace())
    secrets.token_hex = lambda size: "5a" * size  # the key of the case ids, the same in every copy
    WORDS = ["intake", *words, "--yes", "--reported-on", "2026-10-20"]
    FILES = [Path(word) for word in words]

    CHANGING = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.truncate", "os.utime",
                "fcntl.flock", "fsync"}
    LOOKING = {"open", "os.listdir", "os.scandir"}
    WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

    def killer(at):
        # at the at-th operation that changes a file or is the first after one; every other finds what that one found
        seen, changed = 0, True

        def hook(event, arguments):
            nonlocal seen, changed
            changes = event in CHANGING or (event == "open" and arguments[2] & WRITE)
            if not changes and event not in LOOKING:
                return
            if changes or changed:
                seen += 1
                if seen == at:
                    os.kill(os.getpid(), signal.SIGKILL)
            changed = changes

        def begin(proposal, notices):
            sync = os.fsync
            os.fsync = lambda handle: hook("fsync", ()) or sync(handle)
            sys.addaudithook(hook)
            return True

        return begin

    def forked(folder, work):
        shutil.copytree(base, folder, dirs_exist_ok=True)
        return fork(folder, work)

    def fork(folder, work):
        sys.stdout.flush()
        child = os.fork()
        if not child:
            os.chdir(folder)
            status = 99
            try:
                status = work() or 0
            finally:
                os._exit(status)
        return child

    def ended(child):
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def tell(folder, status):
        print(json.dumps({"folder": str(folder), "status": status}), flush=True)

    def taken(confirm=lambda proposal, notices: True):
        return 0 if module.intake(FILES, day=dt.date(2026, 10, 20), confirm=confirm, asks=True).written else 3

    if what == "every operation":
        work, driver = Path(f"{base}.work"), os.getpid()
        shutil.copytree(base, work)
        os.chdir(work)

        def killed_again_and_again(proposal, notices):
            for at in range(1, 1000):
                sys.stdout.flush()
                child = os.fork()
                if not child:
                    return killer(at)(proposal, notices)
                status, folder = ended(child), Path(f"{base}.at{at}")
                tell(folder, status)
                shutil.copytree(work, folder)
                shutil.rmtree(work / "data")
                shutil.copytree(Path(base, "data"), work / "data")
                if status != -signal.SIGKILL:
                    return False

        status = 99
        try:
            status = taken(killed_again_and_again)
        finally:
            if os.getpid() != driver:
                os._exit(status)
    elif what == "any moment":
        start = time.monotonic()
        ended(forked(Path(f"{base}.timed"), lambda: cli.main(WORDS)))
        whole = time.monotonic() - start
        chance = random.Random(20260930)
        for number in range(int(os.environ["KILLS"])):
            folder = Path(f"{base}.moment{number}")
            child = forked(folder, lambda: cli.main(WORDS))
            time.sleep(chance.uniform(0, whole))
            os.kill(child, signal.SIGKILL)
            tell(folder, ended(child))
    else:  # so many at once, which all have their yes before the first writes
        number = int(what)
        together = multiprocessing.get_context("fork").Barrier(number)
        folder = Path(f"{base}.together{os.getpid()}")
        shutil.copytree(base, folder)

        def one(files):
            FILES[:] = files
            try:
                return taken(lambda proposal, notices: together.wait(60) >= 0)
            except module.LaoyouError as refusal:
                print(refusal, file=sys.stderr)
                return 2

        groups = [FILES] * number if os.environ["SAME"] == "1" else [[file] for file in FILES]
        children = [fork(folder, lambda files=files: one(list(files))) for files in groups]
        for child in children:
            tell(folder, ended(child))
    """
)


@dataclass(frozen=True)
class Forked:
    """A copy of the workspace after an intake in it ended."""

    workspace: Workspace
    status: int


def driven(base: Path, what: str, *words: str, **environment: str) -> tuple[list[Forked], str]:
    """Run the driver; return how each intake ended, and what was said on stderr."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DRIVER, str(base), what, *words],
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", "KILLS": str(RANDOM_KILLS), **environment},
        cwd=base, capture_output=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [Forked(Workspace(Path(line["folder"])), line["status"]) for line in lines], done.stderr


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with a ledger and three files to take in."""
    workspace = small_workspace(tmp_path_factory.mktemp("faults") / "base")
    shutil.rmtree(workspace.data / "sample")  # it would be copied for every kill, and nothing reads it
    append_rows(
        workspace, row(reported_on="2026-04-12"), row(period="2026Q2", value="740", reported_on="2026-07-12")
    )
    put(workspace, "jobs.csv", jobs({"2026年1—6月": 745, "2026年1—9月": 1095}))
    put(workspace, "form.xlsx", filled({"employment_checkups": {"数值": 20}}))
    put(workspace, "cases.csv", cases(*(case(n) for n in range(6))))
    return workspace.root


def words() -> list[str]:
    return [f"incoming/{name}" for name in FILES]


def kept(workspace: Workspace) -> dict[str, bytes]:
    """Return every file of the data folder but the lock, which stays."""
    return {name: content for name, content in tree(workspace.data).items() if name != LOCK}


@pytest.fixture(scope="module")
def old(base: Path) -> dict[str, bytes]:
    return kept(Workspace(base))


@pytest.fixture(scope="module")
def new(base: Path, old: dict[str, bytes]) -> dict[str, bytes]:
    """Return the data folder after an undisturbed intake."""
    found, said = driven(base, "1", *words(), SAME="1")
    [done] = found
    assert (done.status, said) == (0, "")
    after = kept(done.workspace)
    added = {"records/zhihui-zhongcai.csv", "records/exports.csv", "records/key-mark.txt", ".case-key"}
    assert after.keys() - old.keys() == added
    assert {name for name in old if after[name] != old[name]} == {REPORTED}
    assert (
        len(ledger_rows(done.workspace)) == 2 + 2 + 1 + 2 * 9
    )  # old, jobs, check-ups; two rates in nine regions
    return after


@pytest.fixture
def again(base: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a function that takes the files in once more, in this process."""
    with monkeypatch.context() as patch:
        patch.chdir(base)
        ground = module._ground(module.dt.date(2026, 10, 20), [])
        patch.setattr("laoyou.personal.secrets.token_hex", lambda size: "5a" * size)

        def take(workspace: Workspace) -> bool:
            patch.chdir(workspace.root)
            patch.setattr(module, "_ground", lambda day, quarters: replace(ground, workspace=workspace))
            return intake([Path(word) for word in words()], day=ground.day).written

        yield take


def check(forked: Forked, old: dict[str, bytes], new: dict[str, bytes], again: Any) -> bool:
    """Check that a workspace holds the old ledger or the new one and that an intake then completes.

    Returns
    -------
    Whether it was the new one.
    """
    left = kept(forked.workspace)
    whole = {name: content for name, content in left.items() if not name.endswith(".partial")}
    assert whole[REPORTED] in (old[REPORTED], new[REPORTED])
    assert all(content in (old.get(name), new[name]) for name, content in whole.items())
    finished = whole[REPORTED] == new[REPORTED]
    assert not finished or left == new  # the ledger comes last
    assert again(forked.workspace) is not finished
    assert kept(forked.workspace) == new
    return finished


def test_an_intake_killed_at_any_file_operation_leaves_the_old_ledger_or_the_new(
    base: Path, old: dict[str, bytes], new: dict[str, bytes], again: Any
) -> None:
    ends, said = driven(base, "every operation", *words())
    assert "Traceback" not in said
    assert [end.status for end in ends] == [-signal.SIGKILL] * (len(ends) - 1) + [0]
    states = {tuple(sorted(tree(end.workspace.data).items())): end for end in ends}
    assert len(states) > 10  # so many different things were left
    assert any(name.endswith(".partial") for state in states for name, _ in state)
    finished = [check(end, old, new, again) for end in states.values()]
    assert not finished[0]
    assert finished[-1]
    assert finished == sorted(finished)


def test_an_intake_killed_at_any_moment_leaves_the_old_ledger_or_the_new(
    base: Path, old: dict[str, bytes], new: dict[str, bytes], again: Any
) -> None:
    ends, said = driven(base, "any moment", *words())
    assert len(ends) == RANDOM_KILLS
    assert "Traceback" not in said
    for end in ends:
        check(end, old, new, again)


@pytest.mark.parametrize("share", [0.7, 0.85, 0.95])
def test_the_command_killed_leaves_the_old_ledger_or_the_new(tmp_path: Path, share: float) -> None:
    workspace = small_workspace(tmp_path / "checkout")
    old = (append_rows(workspace, row())).read_bytes()
    file = str(put(workspace, "jobs.csv", jobs({"2026年1—9月": 1095})))
    start = time.monotonic()
    assert command(workspace, "intake", file, "--yes", "--reported-on", DAY).returncode == OK
    whole = time.monotonic() - start
    new = (workspace.data / REPORTED).read_bytes()
    assert new.startswith(old)
    assert new != old
    (workspace.data / REPORTED).write_bytes(old)
    with subprocess.Popen(
        [COMMAND, "intake", file, "--yes", "--reported-on", DAY], cwd=workspace.root, encoding="utf-8",
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    ) as running:  # fmt: skip
        time.sleep(share * whole)
        os.killpg(running.pid, signal.SIGKILL)
        assert running.stderr is not None
        assert "Traceback" not in running.stderr.read()
    assert (workspace.data / REPORTED).read_bytes() in (old, new)
    assert command(workspace, "intake", file, "--yes", "--reported-on", DAY).returncode == OK
    assert (workspace.data / REPORTED).read_bytes() == new
    assert list(workspace.data.rglob("*.partial")) == []


# Several at once


@pytest.mark.parametrize("number", [2, 4])
def test_of_several_intakes_of_the_same_files_at_once_one_is_written(
    base: Path, old: dict[str, bytes], new: dict[str, bytes], again: Any, number: int
) -> None:
    ends, said = driven(base, str(number), *words(), SAME="1")
    assert sorted(end.status for end in ends) == [0] + [REFUSED] * (number - 1)
    assert said.count("在确认期间被另一次录入改动") == number - 1
    assert "Traceback" not in said
    assert kept(ends[0].workspace) == new
    assert not again(ends[0].workspace)


def test_several_intakes_of_different_files_at_once_are_all_written(
    base: Path, new: dict[str, bytes]
) -> None:
    ends, said = driven(base, "3", *words(), SAME="0")
    assert ([end.status for end in ends], said) == ([0, 0, 0], "")
    workspace = ends[0].workspace
    assert sorted((workspace.data / REPORTED).read_bytes().splitlines()) == sorted(new[REPORTED].splitlines())
    others = {name: content for name, content in new.items() if name != REPORTED}
    assert {name: content for name, content in kept(workspace).items() if name != REPORTED} == others


@pytest.mark.parametrize("number", [2, 4])
def test_several_commands_at_once_on_the_same_file_write_it_once(tmp_path: Path, number: int) -> None:
    workspace = small_workspace(tmp_path / "checkout")
    file = str(put(workspace, "jobs.csv", jobs({"2026年1—9月": 1095})))
    start = partial(
        subprocess.Popen, [COMMAND, "intake", file, "--yes", "--reported-on", DAY], cwd=workspace.root,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    running = [start() for _ in range(number)]
    said = [process.communicate(timeout=120) for process in running]
    assert {process.returncode for process in running} <= {OK, REFUSED}
    assert sum("已录入 1 个数" in out for out, _ in said) == 1
    assert not any("Traceback" in err for _, err in said)
    for process, (_, err) in zip(running, said, strict=True):
        assert (process.returncode == REFUSED) == ("在确认期间被另一次录入改动" in err)
    assert [r["value"] for r in ledger_rows(workspace)] == ["1095"]
    assert list(workspace.data.rglob("*.partial")) == []


# No room, no right to write


def refused_for_want_of_room(done: "subprocess.CompletedProcess[str]") -> None:
    assert done.returncode == REFUSED, done.stderr
    assert "写不进去" in done.stderr
    assert "台账没有改动" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_limit_on_the_size_of_files_leaves_the_ledger_as_it_is(
    base: Path, old: dict[str, bytes], tmp_path: Path
) -> None:
    workspace = small_workspace(tmp_path / "checkout")
    append_rows(workspace, *(row(period=f"{year}Q1", reported_on="2026-04-12") for year in range(2023, 2027)))
    file = append_rows(workspace, *(row(region=f"33030500{n}", value="30") for n in range(1, 7)))
    assert file.stat().st_size < 1024  # so that the header and the old rows alone would fit
    put(
        workspace,
        "jobs.csv",
        jobs({f"{year}年1—{3 * q}月": 300 * q for year in (2024, 2025) for q in (2, 3, 4)}),
    )
    before = kept(workspace)
    limited = f"ulimit -f 1 && exec '{COMMAND}' intake incoming/jobs.csv --yes --reported-on {DAY}"
    done = subprocess.run(
        ["bash", "-c", limited], cwd=workspace.root, capture_output=True, encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}, timeout=120, check=False,
    )  # fmt: skip
    refused_for_want_of_room(done)
    assert kept(workspace) == before
    assert command(workspace, "intake", "incoming/jobs.csv", "--yes", "--reported-on", DAY).returncode == OK
    assert len(ledger_rows(workspace)) == 4 + 6 + 6


def test_intakes_that_need_no_yes_wait_for_each_other(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path / "checkout")
    append_rows(workspace, row())
    file = str(put(workspace, "jobs.csv", jobs({"2026年1—9月": 1095})))
    together = [
        subprocess.Popen(
            [COMMAND, "intake", file, "--yes", "--reported-on", DAY],
            cwd=workspace.root, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]  # fmt: skip
    said = [one.communicate(timeout=120) for one in together]
    assert [one.returncode for one in together] == [OK] * 3, said
    assert sum("已录入 1 个数" in out for out, _ in said) == 1
    assert sum("没有要录入的" in out for out, _ in said) == 2
    assert len(ledger_rows(workspace)) == 2


def fill(place: Path) -> None:
    """Fill a file system to its last byte."""
    with (place / "ballast").open("wb", buffering=0) as stream:
        for size in (4096, 1):
            try:
                while True:
                    stream.write(b"x" * size)
            except OSError:
                continue


def test_a_full_disk_leaves_the_ledger_as_it_is(tmp_path: Path) -> None:
    place = tmp_path / "small"
    place.mkdir()
    with small_disk(place, 4 << 20) as enlarge:
        workspace = small_workspace(place / "checkout")
        append_rows(workspace, row())
        for name, content in {
            "jobs.csv": jobs({"2026年1—9月": 1095}),
            "cases.csv": cases(*map(case, range(6))),
        }.items():
            put(workspace, name, content)
        files = [f"incoming/{name}" for name in ("jobs.csv", "cases.csv")]
        if enlarge:
            fill(place)
        before = kept(workspace)
        for file in files:
            full = partial(limit_files, 0) if enlarge is None else None  # no room either for a single byte
            done = command(workspace, "intake", file, "--yes", "--reported-on", DAY, preexec_fn=full)
            assert done.returncode == REFUSED, done.stderr
            assert "Traceback" not in done.stderr
            assert kept(workspace) == before
        if enlarge:
            enlarge()
        done = command(workspace, "intake", *files, "--yes", "--reported-on", DAY)
        assert done.returncode == OK, done.stderr
        assert len(ledger_rows(workspace)) == 1 + 1 + 2 * 9
        assert list(workspace.data.rglob("*.partial")) == []


def read_only(place: Path) -> Callable[[], object]:
    """Make a folder one that nobody can write, root neither, and return what undoes it."""
    if os.geteuid() != 0:
        place.chmod(0o555)
        return lambda: place.chmod(0o755)
    subprocess.run(["mount", "--bind", str(place), str(place)], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)
    return lambda: subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("folder", ["data", "data/observations"])
def test_a_folder_that_cannot_be_written_is_told_of(tmp_path: Path, folder: str) -> None:
    workspace = small_workspace(tmp_path / "checkout")
    put(workspace, "jobs.csv", jobs({"2026年1—9月": 1095}))
    before = kept(workspace)
    undo = read_only(workspace.root / folder)
    try:
        refused_for_want_of_room(
            command(workspace, "intake", "incoming/jobs.csv", "--yes", "--reported-on", DAY)
        )
    finally:
        undo()
    assert kept(workspace) == before
