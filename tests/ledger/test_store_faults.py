"""An intake killed while it adds to the ledger, wherever that is kept: nothing of it is in, or all of it."""

import os
import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from intakes import case, cases, jobs, put
from stores import Kept
from workspaces import row

from laoyou.console import OK
from laoyou.ledger.append import LOCK

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and forks of POSIX")
DAY = "2026-10-20"
KILLS = 6  # moments, spread over the time that the addition takes
NAMES = ("jobs.csv", "cases.csv")

# Takes files in and dies at the n-th step of the addition: a file of it opened, put in its place or settled on the disk, a
# statement sent to the database, the commit.
DRIVER = textwrap.dedent(
    """
    import os, signal, sys
    import laoyou.cli, laoyou.intake.take as module
    from laoyou.ledger.stores.csv_files import CsvStore

    at, step, begun = int(sys.argv[1]), 0, False

    def seen(event, arguments):
        global step
        if begun and event in {"os.rename", "open", "os.chmod", "sqlalchemy"}:
            step += 1
            if step == at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(seen)
    if "postgresql" in os.environ.get("LAOYOU_DATA", ""):
        from sqlalchemy import Engine, event

        from laoyou.ledger.stores.sql import SqlStore as kind

        event.listen(Engine, "before_cursor_execute", lambda *_: seen("sqlalchemy", ()))
        event.listen(Engine, "commit", lambda _: seen("sqlalchemy", ()))
    elif os.environ.get("LAOYOU_DATA"):
        from laoyou.ledger.stores.parquet import ParquetStore as kind
    else:
        kind = CsvStore
    append = kind.append

    def told(self, *words, **named):
        global begun
        begun = True
        append(self, *words, **named)
        begun = False

    kind.append = told
    sys.exit(laoyou.cli.main(["intake", *sys.argv[2:], "--yes", "--reported-on", "2026-10-20"]))
    """
)


def take(kept: Kept, at: int) -> "subprocess.CompletedProcess[str]":
    words = [f"incoming/{name}" for name in NAMES]
    return subprocess.run(
        [sys.executable, "-c", DRIVER, str(at), *words], cwd=kept.desk.workspace.root, encoding="utf-8",
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip


def figures(kept: Kept) -> dict[tuple[str, ...], float]:
    known = kept.known().observations
    keys = known[["region", "indicator", "period", "missing"]].itertuples(index=False, name=None)
    return dict(zip(keys, known["value"].fillna(-1), strict=True))


def litter(kept: Kept) -> list[Path]:
    return [p for p in kept.desk.workspace.root.rglob("*.partial") if p.name != LOCK]


def test_an_intake_killed_at_any_step_of_the_addition_is_in_whole_or_not_at_all(
    kept: Kept, tmp_path: Path
) -> None:
    kept.add(row())
    before = figures(kept)
    put(kept.desk.workspace, NAMES[0], jobs({"2026年1—6月": 740, "2026年1—9月": 1095}))
    put(kept.desk.workspace, NAMES[1], cases(*(case(n) for n in range(6))))
    after: dict[tuple[str, ...], float] = {}
    chance, ends = random.Random(20261020), []
    for at in [*sorted(chance.sample(range(1, 26), KILLS)), 10_000]:
        done = take(kept, at)
        ends.append(done.returncode)
        assert done.returncode in (-signal.SIGKILL, OK), done.stderr
        now = figures(kept)
        if done.returncode == OK or len(now) > len(before):
            after = after or now
        assert now in (before, after)
    assert ends[-1] == OK
    assert -signal.SIGKILL in ends
    again = take(kept, 10_000)  # all is in: nothing is added twice
    assert "没有要录入的" in again.stdout
    assert figures(kept) == after
    assert len(after) == 1 + 2 + 2 * 9  # the old one, two of jobs, two rates of nine regions
    assert litter(kept) == []
