"""Ledger files that are links, as to a share: what they lead to is written, and a link that leads nowhere is told of."""

import os
from pathlib import Path

import pytest
from filelock import FileLock
from intakes import REPORTED, SAMPLE, case, cases, command, jobs, ledger_rows, put, small_workspace
from workspaces import row, tree, write_notebook

from laoyou.errors import IntakeError, LedgerError
from laoyou.intake import take
from laoyou.ledger import append
from laoyou.ledger.append import LOCK, appended, write_together
from laoyou.ledger.file import COLUMNS
from laoyou.ledger.links import led_to
from laoyou.workspace import Workspace

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links there need a privilege")
DAY = "2026-11-02"


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "share"
    folder.mkdir()
    header = ",".join(COLUMNS) + "\n"
    (folder / "figures.csv").write_text(header + ",".join(row().values()) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return small_workspace(tmp_path / "checkout")


def link(workspace: Workspace, to: Path, name: str = REPORTED) -> Path:
    file = workspace.data / name
    file.symlink_to(to)
    return file


def test_an_intake_writes_what_a_link_leads_to_and_keeps_the_link(share: Path, workspace: Workspace) -> None:
    file = link(workspace, share / "figures.csv")
    old = (share / "figures.csv").read_bytes()
    export = put(workspace, "jobs.csv", jobs({"2026年1—9月": 1100}))
    done = command(workspace, "intake", str(export), "--yes", "--reported-on", DAY)
    assert done.returncode == 0, done.stderr
    assert "data/observations/reported.csv" in done.stdout
    assert file.is_symlink()
    new = (share / "figures.csv").read_bytes()
    assert new.startswith(old)
    assert [line["value"] for line in ledger_rows(workspace)] == ["360", "1100"]
    assert sorted(tree(share)) == ["figures.csv"]
    shown = command(workspace, "history", "new_urban_jobs", "--period", "2026Q3")
    assert "data/observations/reported.csv:3" in shown.stdout
    assert str(share) not in shown.stdout


def test_a_folder_may_be_a_link(share: Path, workspace: Workspace) -> None:
    kept = (workspace.data / "observations").rename(share / "kept")
    link(workspace, kept, "observations")
    export = put(workspace, "jobs.csv", jobs({"2026年1—9月": 1100}))
    done = command(workspace, "intake", str(export), "--yes", "--reported-on", DAY)
    assert done.returncode == 0, done.stderr
    assert sorted(tree(kept)) == ["published.csv", "reported.csv"]


@pytest.mark.parametrize("name", [REPORTED, SAMPLE, "observations", "records"])
def test_a_link_that_leads_nowhere_is_refused_and_nothing_is_begun_anew(
    share: Path, workspace: Workspace, name: str
) -> None:
    if name == "observations":
        (workspace.data / name).rename(share / "kept")
    link(workspace, share / "gone" / "x.csv", name)
    export = put(workspace, "cases.csv", cases(case(1)))
    before = tree(workspace.root)
    done = command(workspace, "intake", str(export), "--yes", "--reported-on", DAY, "--quarter", "2026Q3")
    assert done.returncode == 2
    assert f"指向 {share}/gone/x.csv，那里没有东西" in done.stderr
    assert "连上共享目录" in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(workspace.root) == before
    assert not (share / "gone").exists()


@pytest.mark.parametrize("word", ["check", "history", "status"])
def test_a_ledger_behind_a_link_that_leads_nowhere_is_not_taken_for_an_empty_one(
    share: Path, workspace: Workspace, word: str
) -> None:
    link(workspace, share / "gone.csv")
    write_notebook(workspace, "small", "quarter")
    more = {"history": ["new_urban_jobs"], "status": ["2026Q3"]}.get(word, [])
    done = command(workspace, word, *more)
    assert done.returncode == 2
    assert "data/observations/reported.csv" in done.stderr
    assert "那里没有东西" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_link_in_a_ring_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(LedgerError):
        led_to(tmp_path / "a", "a")


def test_two_checkouts_that_lead_to_one_file_write_it_one_after_the_other(
    share: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    link(workspace, share / "figures.csv")
    export = put(workspace, "jobs.csv", jobs({"2026年1—9月": 1100}))
    monkeypatch.chdir(workspace.root)
    monkeypatch.setattr(append, "WAIT", 0.1)
    before = (share / "figures.csv").read_bytes()
    with FileLock(share / LOCK), pytest.raises(IntakeError, match="另一次录入"):
        take.intake([export], day=take.dt.date(2026, 11, 2))
    assert (share / "figures.csv").read_bytes() == before
    assert take.intake([export], day=take.dt.date(2026, 11, 2)).written


def test_a_lost_key_behind_a_link_is_not_replaced(share: Path, workspace: Workspace) -> None:
    key = link(workspace, share / "gone-key", ".case-key")
    export = put(workspace, "cases.csv", cases(case(1)))
    done = command(workspace, "intake", str(export), "--yes", "--reported-on", DAY, "--quarter", "2026Q3")
    assert done.returncode == 2
    assert "密钥文件" in done.stderr
    assert key.is_symlink()
    assert ledger_rows(workspace) == []


def test_the_temporary_file_stands_beside_what_is_replaced(
    share: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.csv").symlink_to(share / "figures.csv")
    seen: list[Path] = []
    replace = Path.replace

    def told(self: Path, target: Path) -> Path:
        seen.extend([self.parent, target.parent])
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", told)
    write_together([(tmp_path / "x.csv", appended(tmp_path / "x.csv", "a\n", "b\n"))], "data")
    assert seen == [share, share]
