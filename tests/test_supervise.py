"""The commands of the loop: list, assign, sheets, decide, documents; killed, refused or at once, the log stays whole."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import openpyxl
import pytest
from intakes import COMMAND, command, put
from lists import LOG, filled_list, line_of, list_workspace
from matters import REGION, event
from openpyxl.worksheet.worksheet import Worksheet
from workspaces import tree

from laoyou.check import check_workspace
from laoyou.cli import main
from laoyou.console import OK, REFUSED
from laoyou.errors import LaoyouError
from laoyou.plan import Plan
from laoyou.supervise import assign_new, decide, print_problems, write_lists
from laoyou.supervision.log import log_file, with_events
from laoyou.supervision.matters import Event
from laoyou.supervision.sheet import COLUMN, FIRST_ROW, HEADER_ROW, INPUTS, SHEET, YES, Column
from laoyou.supervision.states import Step
from laoyou.workspace import Workspace

TODAY = dt.date(2026, 11, 10)
OLD = "2025Q1-07"
REAL = "supervision/events.csv"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    found = list_workspace(tmp_path / "checkout")
    monkeypatch.chdir(found.root)
    return found


def rows(workspace: Workspace, log: str = LOG) -> list[dict[str, str]]:
    with (workspace.data / log).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def kept(workspace: Workspace) -> dict[str, bytes]:
    """Return every file of the data folder but the lock."""
    return {name: content for name, content in tree(workspace.data).items() if name != ".laoyou.lock"}


def unchanged(workspace: Workspace, *words: str) -> str:
    """Return what the command says that refuses and changes nothing."""
    before = kept(workspace)
    with contextlib.redirect_stderr(io.StringIO()) as said:
        try:
            status = main(list(words))
        except SystemExit as end:
            status = int(end.code or 0)
    assert status == REFUSED
    assert kept(workspace) == before
    return said.getvalue()


# The list


def test_the_list_is_printed_with_its_key_points(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    said = print_problems("2026Q3", None, terminal=False)
    shown = capsys.readouterr().out
    assert "洞头区 2026年三季度督查核查问题清单（截至 2026-10-31，演示数据）" in shown
    assert OLD in shown
    assert said[0].startswith("- 在办 10 个问题")


def test_words_that_do_not_go_together_are_refused(workspace: Workspace) -> None:
    for words in (
        ["--assign"],
        ["--by", "王某"],
        ["--yes"],
        ["--to", "x"],
        ["--assign", "--by", "王某", "--sheets"],
    ):
        assert "一起写" in unchanged(workspace, "problems", "2026Q3", *words) or "--sheets" in words


# Assignment


def test_an_assignment_is_shown_before_it_is_made(workspace: Workspace) -> None:
    before = kept(workspace)
    said = assign_new("2026Q3", by="王某", on=TODAY, today=TODAY, sample=False, confirm=False)
    assert said[-1].endswith("个还没有交办；核对后加 --yes 再运行。")
    assert f"，{TODAY + dt.timedelta(days=60)} 前整改" in said[0]
    assert kept(workspace) == before
    made = assign_new("2026Q3", by="王某", on=TODAY, today=TODAY, sample=False, confirm=True)
    assert made[:-1] == said[:-1]
    assert made[-1] == f"已交办 {len(said) - 1} 个：data/{REAL}。"
    new = rows(workspace, REAL)
    assert {(r["step"], r["by"], r["recorded_on"], r["quarter"]) for r in new} == {
        ("assign", "王某", str(TODAY), "2026Q3")
    }
    assert [r["matter"] for r in new] == [f"2026Q3-{n:02d}" for n in range(1, len(new) + 1)]
    again = assign_new("2026Q3", by="王某", on=TODAY, today=TODAY, sample=False, confirm=True)
    assert again == ["没有要交办的：该列的都已列入。"]
    assert rows(workspace, REAL) == new


def test_a_rehearsal_is_refused_once_there_are_real_events(workspace: Workspace) -> None:
    assign_new("2026Q3", by="王某", on=TODAY, today=TODAY, sample=False, confirm=True)
    with pytest.raises(LaoyouError, match="已有真实的办理记录"):
        assign_new("2026Q3", by="王某", on=TODAY, today=TODAY, sample=True, confirm=True)


def test_what_an_assignment_cannot_be_is_refused(workspace: Workspace) -> None:
    for by, on, told in (
        ("13812345678", TODAY, "身份证号或电话号码"), (" ", TODAY, "没有写经办人"),
        ("王某", dt.date(2026, 9, 30), "2026Q3 到 2026-09-30 才结束"),
    ):  # fmt: skip
        with pytest.raises(LaoyouError, match=told):
            assign_new("2026Q3", by=by, on=on, today=TODAY, sample=False, confirm=True)
    assert not (workspace.data / REAL).exists()


# The workbooks


def test_each_unit_gets_a_workbook_in_which_only_its_columns_are_open(workspace: Workspace) -> None:
    files = write_lists("2026Q3", None, None, today=TODAY)
    assert [f.name for f in files] == ["区人力社保局.xlsx", "区总工会.xlsx", "区市场监管局.xlsx"]
    assert {f.parent for f in files} == {workspace.outputs / REGION / "problems" / "2026Q3"}
    book = openpyxl.load_workbook(files[1])
    sheet = book[SHEET]
    assert book.security.lockStructure
    assert all(page.protection.sheet for page in book.worksheets)
    inputs = {COLUMN[name] for name in INPUTS}
    for row in range(FIRST_ROW, sheet.max_row + 1):
        for column in range(1, sheet.max_column + 1):
            assert sheet.cell(row, column).protection.locked == (column not in inputs)
    assert all(
        cell.data_type != "f" for page in book.worksheets for cells in page.iter_rows() for cell in cells
    )
    lists = {str(v.sqref): v for v in sheet.data_validations.dataValidation}
    letter = openpyxl.utils.get_column_letter(COLUMN[Column.APPLY])
    assert lists[f"{letter}{FIRST_ROW}:{letter}{sheet.max_row}"].formula1 == f'"{YES}"'
    assert sheet.print_title_rows == f"${HEADER_ROW}:${HEADER_ROW}"
    assert sheet.page_setup.paperSize == 9  # A4
    assert "（演示数据）" in str(sheet["C1"].value)


def test_the_same_list_has_the_same_bytes_and_a_filled_one_is_not_overwritten(workspace: Workspace) -> None:
    files = write_lists("2026Q3", None, None, today=TODAY)
    before = {f.name: f.read_bytes() for f in files}
    assert {f.name: f.read_bytes() for f in write_lists("2026Q3", None, None, today=TODAY)} == before
    files[1].write_bytes(filled_list({OLD: {Column.PROGRESS: "已走访"}}, blank=before[files[1].name]))
    kept = tree(files[0].parent)
    with pytest.raises(LaoyouError, match="里面已经填了东西"):
        write_lists("2026Q3", None, None, today=TODAY)
    assert tree(files[0].parent) == kept


# What the office decides


def test_the_office_returns_and_closes_what_a_unit_applied_for(workspace: Workspace) -> None:
    file = put(workspace, "list.xlsx", filled_list({OLD: {Column.APPLY: YES, Column.EVIDENCE: "文本附后"}}))
    assert command(workspace, "intake", str(file), "--yes").returncode == OK
    name = "产改试点企业能级工资协商"
    done = command(workspace, "decide", OLD, "return", "--by", "王某", "--text", "缺两家")
    assert done.stdout.splitlines()[0] == f"{OLD} {name}：退回，现在是整改中（逾期，已报专班）（演示数据）。"
    last = rows(workspace)[-1]
    assert (last["step"], last["by"], last["text"], last["source"]) == (
        "return",
        "王某",
        "缺两家",
        "laoyou decide",
    )
    assert "「整改中」时不能销号" in unchanged(
        workspace, "decide", OLD, "close", "--by", "王某", "--text", "属实"
    )


def test_an_extension_moves_the_due_day_and_needs_one(workspace: Workspace) -> None:
    said = decide(OLD, "extend", by="王某", text="等专班", on=TODAY, today=TODAY, due=dt.date(2027, 1, 31))
    assert said[0].endswith("延期，现在是整改中（已报专班）（演示数据）。")
    assert rows(workspace)[-1]["due"] == "2027-01-31"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([OLD, "extend", "--by", "王某", "--text", "等"], "延期没有写整改时限"),
        ([OLD, "extend", "--by", "王某", "--text", "等", "--due", "2026-01-01"], "不晚于原来的"),
        ([OLD, "extend", "--by", "王某", "--text", "等", "--due", "明年"], "「明年」不是日期"),
        ([OLD, "escalate", "--by", "王某", "--text", "又"], "已报专班"),
        ([OLD, "close", "--by", "王某", "--text", "属实", "--on", "2999-01-01"], "不是今天或以前的日期"),
        (["2025Q1-77", "close", "--by", "王某", "--text", "属实"], "「2025Q1-77」不在清单里"),
        (["2025Q1-01", "return", "--by", "王某", "--text", "迟了"], "不再有下一步"),
        ([OLD, "return", "--by", "王某", "--text", " "], "「整改中」时不能退回"),
        ([OLD, "return", "--by", "王 13812345678", "--text", "缺"], "身份证号或电话号码"),
        ([OLD, "close", "--by", "王某", "--text", "属实", "--region", "33030"], "「33030」不在地区表里"),
        ([OLD, "close", "--by", "王某", "--text", "属实", "--region", "330305001"], "还没有交办过问题"),
    ],
)  # fmt: skip
def test_what_the_office_cannot_do_changes_nothing(workspace: Workspace, words: list[str], told: str) -> None:
    said = unchanged(workspace, "decide", *words)
    assert told in said


# Documents


def test_the_documents_are_written_where_one_wants_them(workspace: Workspace) -> None:
    for word, name in (("circular", "circular.docx"), ("workbook", "workbook.xlsx")):
        done = command(workspace, word, "2026Q3", "--to", "elsewhere")
        assert done.returncode == OK, done.stderr
        assert (workspace.root / "elsewhere" / name).read_bytes().startswith(b"PK")
        assert "还没有到" in unchanged(workspace, word, "2026Q3", "--as-of", "2999-01-01")


# Check


def test_check_reads_both_logs(workspace: Workspace) -> None:
    lines = list(check_workspace(TODAY))
    assert f"data/{REAL} 没有办理记录" in lines
    assert f"data/{LOG} 102 步办理，13 个问题，在办 10 个" in lines
    assert "params/2026Q3.yml 参数可用，问题清单 10 个" in lines
    log = workspace.data / LOG
    log.write_bytes(log.read_bytes().replace(b",close,", b",return,", 1))
    with pytest.raises(LaoyouError, match="时不能"):
        list(check_workspace(TODAY))
    log.write_bytes(log.read_bytes().replace(b"2025-04-30", b"2999-04-30"))
    with pytest.raises(LaoyouError, match="在今天之后"):
        list(check_workspace(TODAY))


def test_check_reads_the_real_log(workspace: Workspace, plan: Plan) -> None:
    file = log_file(workspace, sample=False)
    file.parent.mkdir()
    file.write_bytes(with_events(file, file.name, _some(), regions=[REGION], subjects=list(plan.indicators)))
    assert f"data/{REAL} 2 步办理，1 个问题，在办 1 个" in list(check_workspace(TODAY))
    file.write_bytes(file.read_bytes().replace("每周调度".encode(), b""))
    with pytest.raises(LaoyouError, match="没有写整改措施"):
        list(check_workspace(TODAY))


def _some() -> list[Event]:
    return [event(Step.ASSIGN), event(Step.PLAN, 3)]


# Killed, full, at once

# A process that takes the same step with fork after fork, each killed one operation that changes a file later than the
# one before it; it tells how each ended and what was then in the log, and puts the log back.
DRIVER = textwrap.dedent(
    """
    import json, os, signal, sys
    from pathlib import Path
    from laoyou import check, cli, supervise
    from laoyou.intake import words

    log, *command = sys.argv[1:]
    log = Path(log)
    old = log.read_bytes() if log.exists() else None
    CHANGING = {"os.rename", "os.remove", "os.mkdir", "os.chmod", "os.link", "os.truncate", "fsync"}
    WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

    def killed(at):
        seen = 0

        def hook(name, arguments):
            nonlocal seen
            if name in CHANGING or (name == "open" and arguments[2] & WRITE):
                seen += 1
                if seen == at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sync = os.fsync
        os.fsync = lambda handle: hook("fsync", ()) or sync(handle)
        sys.addaudithook(hook)
        os._exit(cli.main(command))

    for at in range(1, 60):
        sys.stdout.flush()
        child = os.fork()
        if not child:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            killed(at)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        now = log.read_bytes() if log.exists() else None
        print(json.dumps({"status": status, "log": None if now is None else now.decode("utf-8")}), flush=True)
        if status != -signal.SIGKILL:
            break
        if now != old:
            log.unlink() if old is None else log.write_bytes(old)
    """
)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("what", ["decide", "intake", "assign"])
def test_a_step_killed_at_any_change_of_a_file_is_in_the_log_or_is_not(
    workspace: Workspace, what: str
) -> None:
    file = put(workspace, "list.xlsx", filled_list({OLD: {Column.PROGRESS: "已走访"}}))
    words = {
        "decide": ["decide", OLD, "extend", "--by", "王某", "--text", "等", "--due", "2027-03-31"],
        "intake": ["intake", str(file), "--yes"],
        "assign": ["problems", "2026Q3", "--assign", "--by", "王某", "--yes"],
    }[what]
    log = workspace.data / (REAL if what == "assign" else LOG)
    old = log.read_text(encoding="utf-8") if log.exists() else None
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DRIVER, str(log), *words], cwd=workspace.root, capture_output=True,
        encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}, timeout=400, check=True,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    ends = [json.loads(line) for line in done.stdout.splitlines()]
    assert [end["status"] for end in ends] == [-signal.SIGKILL] * (len(ends) - 1) + [OK]
    assert len(ends) > 4
    new = ends[-1]["log"]
    assert new.startswith(old or "\ufeffregion")
    assert [end["log"] for end in ends] == sorted((end["log"] for end in ends), key=lambda text: text == new)
    assert {end["log"] for end in ends} == {old, new}
    list(check_workspace())
    assert not list(workspace.data.rglob("*.partial"))


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
def test_a_limit_on_the_size_of_files_leaves_the_log_as_it_is(workspace: Workspace) -> None:
    before = (workspace.data / LOG).read_bytes()
    limited = f"ulimit -f 8 && exec '{COMMAND}' decide {OLD} extend --by 王某 --text 等 --due 2027-03-31"
    done = subprocess.run(
        ["bash", "-c", limited], cwd=workspace.root, capture_output=True, encoding="utf-8", check=False, timeout=120,
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert len(before) > 8 * 1024
    assert done.returncode == REFUSED, done.stderr
    assert "写不进去" in done.stderr
    assert "Traceback" not in done.stderr
    assert (workspace.data / LOG).read_bytes() == before


def test_two_steps_at_once_are_both_recorded_or_one_is_refused(workspace: Workspace) -> None:
    words = [[OLD, "2027-03-31"], ["2025Q4-02", "2027-03-31"], [OLD, "2027-03-31"]]
    running = [
        subprocess.Popen(
            [COMMAND, "decide", number, "extend", "--by", "王某", "--text", "等", "--due", due], cwd=workspace.root,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"},
        )
        for number, due in words
    ]  # fmt: skip
    said = [process.communicate(timeout=120) for process in running]
    assert sorted(process.returncode for process in running) == [OK, OK, REFUSED], said
    assert sorted(r["matter"] for r in rows(workspace)[-2:]) == [OLD, "2025Q4-02"]
    list(check_workspace())


def test_a_log_that_is_a_link_leading_nowhere_is_not_begun_anew(workspace: Workspace) -> None:
    (workspace.data / "supervision").symlink_to(workspace.root / "share")
    said = unchanged(workspace, "problems", "2026Q3", "--assign", "--by", "王某", "--yes")
    assert "那里没有东西" in said
    (workspace.root / "share").mkdir()
    done = command(workspace, "problems", "2026Q3", "--assign", "--by", "王某", "--yes")
    assert done.returncode == OK, done.stderr
    assert (workspace.root / "share" / "events.csv").exists()
    assert (workspace.root / "share" / ".laoyou.lock").exists()  # others that come by another link wait, too


def test_the_walk_of_the_readme(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """List, assign, sheets, intake, decide, circular, with the words of the README."""
    assert main(["problems", "2026Q3"]) == OK
    assert main(["problems", "2026Q3", "--assign", "--by", "王某"]) == OK
    assert main(["problems", "2026Q3", "--sheets"]) == OK
    file = workspace.outputs / REGION / "problems" / "2026Q3" / "区总工会.xlsx"
    assert str(file) in capsys.readouterr().out

    def fill(sheet: Worksheet) -> None:
        sheet.cell(line_of(sheet, OLD), COLUMN[Column.APPLY]).value = YES
        sheet.cell(line_of(sheet, OLD), COLUMN[Column.EVIDENCE]).value = "协商文本 12 份"

    book = openpyxl.load_workbook(file)
    fill(book[SHEET])
    book.save(file)
    assert main(["intake", str(file), "--yes"]) == OK
    assert main(["decide", OLD, "return", "--by", "王某", "--text", "缺两家的文本"]) == OK
    today = str(dt.date.today())
    assert main(["circular", "2026Q3", "--as-of", today]) == OK
