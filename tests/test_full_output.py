"""Output that nobody can take: a full device, a closed pipe, no console. One line says so, and what was done."""

import os
import subprocess
from pathlib import Path

import pytest
from intakes import COMMAND, SAMPLE, ledger_rows
from workspaces import copy_workspace, tree, write_notebook

from laoyou.console import INCOMPLETE, OK, REFUSED
from laoyou.ledger.append import LOCK
from laoyou.workspace import Workspace

FULL = Path("/dev/full")
pytestmark = pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
EXPORT = "data/sample/exports/zheli-hexie.csv"
UNSAID = "输出写不出去（No space left on device）；换一个能写的地方再运行。\n"
DONE = "以上都已完成，只是输出写不出去（No space left on device）。\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = copy_workspace(tmp_path)
    (workspace.data / LOCK).unlink(missing_ok=True)
    write_notebook(workspace, "small", "quarter")
    return workspace


def to_full(workspace: Workspace, *words: str, redirect: str = ">/dev/full") -> tuple[int, str]:
    """Run the command in a shell that sends its output somewhere; return its status and what it complained of."""
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" "$@" {redirect}', COMMAND, *words], cwd=workspace.root, stdin=subprocess.DEVNULL,
        capture_output=True, encoding="utf-8", timeout=300, check=False,
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "words",
    ["--help", "intake --help", "status 2026Q3", "history new_urban_jobs", "check"],
)
def test_what_only_tells_says_in_one_line_that_it_could_not(workspace: Workspace, words: str) -> None:
    before = tree(workspace.root)
    assert to_full(workspace, *words.split()) == (REFUSED, UNSAID)
    assert to_full(workspace, *words.split(), redirect=">/dev/full 2>/dev/full")[0] == REFUSED
    assert to_full(workspace, *words.split(), redirect=">&-") == (OK, "")
    assert tree(workspace.root) == before


def test_forms_that_were_made_are_named(workspace: Workspace) -> None:
    status, said = to_full(workspace, "form", "2026Q3", "--to", "forms")
    assert (status, said.splitlines()[-1] + "\n") == (INCOMPLETE, DONE)
    made = [f"forms/{p.name}" for p in (workspace.root / "forms").iterdir()]
    assert sorted(said.splitlines()[:-1]) == sorted(made)


def test_a_report_that_was_published_is_named(workspace: Workspace) -> None:
    status, said = to_full(workspace, "run", "2026Q3")
    page = workspace.outputs / "330305/2026Q3/index.html"
    assert status == INCOMPLETE
    assert said.endswith(f"1 页：{page}\n{DONE}")
    assert page.is_file()
    status, said = to_full(workspace, "run", "2026Q3", "--force", redirect="2>/dev/full")
    assert status == OK


def test_an_intake_that_cannot_show_what_it_would_write_writes_nothing(workspace: Workspace) -> None:
    before = tree(workspace.root)
    assert to_full(workspace, "intake", EXPORT, "--yes") == (REFUSED, "没有录入，台账没有改动。\n" + UNSAID)
    assert {k: v for k, v in tree(workspace.root).items() if not k.endswith(LOCK)} == before


def test_an_intake_that_was_written_says_so_although_its_output_filled_up(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from laoyou import cli, console

    real = print

    def full(*words: object, **more: object) -> None:
        """Print, but find the device full once the intake is told of."""
        if words and str(words[0]).startswith("已录入") and "file" not in more:
            raise OSError(28, os.strerror(28))
        real(*words, **more)  # type: ignore[call-overload]

    monkeypatch.chdir(workspace.root)
    monkeypatch.setattr(console, "print", full, raising=False)
    monkeypatch.setattr(console, "drop_output", lambda: None)
    assert cli.main(["intake", EXPORT, "--yes"]) == INCOMPLETE
    said = capsys.readouterr().err
    assert said.startswith("已录入 1 个数：data/sample/intake.csv。\n")
    assert said.endswith(DONE)
    assert len(ledger_rows(workspace, SAMPLE)) == 1
