"""What a user can cause by a strange file or word is refused in words: no traceback, nothing that steers a terminal."""

import json
from pathlib import Path

import pytest
from intakes import jobs, put
from workspaces import copy_workspace, row, write_notebook

from laoyou.cli import main
from laoyou.console import REFUSED
from laoyou.errors import LONGEST, Problem, one_line
from laoyou.ledger.file import COLUMNS
from laoyou.workspace import Workspace

PLAN = "data/plans/dongtou-2023-2027.yml"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    workspace = copy_workspace(tmp_path)
    write_notebook(workspace, "small", "quarter")
    monkeypatch.chdir(tmp_path)
    return workspace


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return what a refused command says, all of it."""
    assert main(words) == REFUSED
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    assert "\x1b" not in told.out + told.err
    return told.err


YAML = {
    "deep": (b"a: " + b"[" * 20_000 + b"]" * 20_000, "层次太深"),
    "long integer": (b"region: 0x" + b"f" * 5_000, ""),
    "longer integer": (b"region: " + b"9" * 6_000, "读不成值"),
    "GB18030": ("region: 洞头".encode("gb18030"), "不是 UTF-8 编码"),
    "UTF-16": ("region: 洞头".encode("utf-16"), "不是 UTF-8 编码"),
    "escape": (b'"\\e[31m": 1', "不认识的"),
    "anchors": (b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "不认识的"),
    "in itself": (b"region: &a [*a]\n", ""),
    "twice": (b"region: '1'\nregion: '2'\n", "写了两次"),
    "code": (b"!!python/object/apply:os.system ['ls']", "写法有误"),
    "empty": (b"", "空"),
}


@pytest.mark.parametrize("file", ["params/2026Q3.yml", "params/rules.yml", "data/corrections.yml", PLAN])
@pytest.mark.parametrize("name", YAML)
def test_a_strange_yaml_file_is_refused_by_its_name(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], file: str, name: str
) -> None:
    content, why = YAML[name]
    (workspace.root / file).write_bytes(content)
    told = said(capsys, "check")
    assert told.startswith(f"{file}：")
    assert why in told
    assert len(told) < 5_000


@pytest.mark.parametrize("name", ["deep", "null", "folder"])
def test_a_strange_notebook_is_refused_by_its_name(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    file = workspace.notebooks / "small.ipynb"
    file.unlink()
    if name == "folder":
        file.mkdir()
    else:
        file.write_text("[" * 100_000 if name == "deep" else json.dumps(None), encoding="utf-8")
    for words in (["run", "2026Q3"], ["status", "2026Q3"], ["check"]):
        told = said(capsys, *words)
        assert told.startswith("notebooks/small.ipynb：")
        assert str(workspace.root) not in told


@pytest.mark.parametrize(
    ("value", "allowed"), [("999999999999999", True), ("1000000000000000", False), ("1e308", False)]
)
def test_a_figure_beyond_what_a_number_can_hold_is_refused_by_its_line(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], value: str, allowed: bool
) -> None:
    lines = [",".join(COLUMNS), ",".join(row(value=value).values())]
    (workspace.data / "observations/reported.csv").write_text("\n".join(lines), encoding="utf-8")
    if allowed:
        assert main(["check"]) == 0
        return
    for words in (["check"], ["history", "new_urban_jobs"], ["form", "2026Q3", "--to", "forms"]):
        told = said(capsys, *words)
        assert told.startswith("data/observations/reported.csv：")
        assert f"第 2 行 value 列：「{value}」太大\n    允许：小于 1e+15 的数" in told


def test_the_name_of_a_file_cannot_steer_the_terminal(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "a\x1b[31m\nlaoyou：没有问题.csv"
    put(workspace, name, jobs({"2026年1—9月": "很多"}))
    assert said(capsys, "intake", f"incoming/{name}").startswith("incoming/a�[31m laoyou：没有问题.csv：1 处")
    put(workspace, name, jobs({"2026年1—9月": 1095, "合计": 1}))
    assert main(["intake", f"incoming/{name}", "--reported-on", "2026-11-02", "--yes"]) == 0
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("day", ["20261012", "2026-W42-1", "2026-10-12T00:00", "9999-01-01", "\x1b"])
def test_a_day_is_written_in_one_way(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], day: str
) -> None:
    export = put(workspace, "jobs.csv", jobs({"2026年1—9月": 1095}))
    assert "2026-10-12 这样的写法" in said(capsys, "intake", str(export), "--reported-on", day)


def test_a_message_repeats_a_long_value_in_part_and_in_one_line() -> None:
    assert one_line("甲\r\n  乙\x1b丙\u202e丁") == "甲 乙�丙�丁"
    assert str(Problem("x", "长" * (LONGEST + 1))) == f"x：{'长' * LONGEST}……"
    assert str(Problem("x", "长" * LONGEST)) == f"x：{'长' * LONGEST}"
