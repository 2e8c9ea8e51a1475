"""What is shown of an intake and asked, and what becomes of the answer."""

import contextlib
import datetime as dt
import errno
import os
import select
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from intakes import COMMAND, SAMPLE, case, cases, filled, jobs, ledger_rows, put, small_workspace
from rich.console import Console
from workspaces import append_rows, row, shipped_plan, tree

from laoyou.console import OK
from laoyou.errors import IntakeError
from laoyou.intake.proposal import Proposal
from laoyou.intake.take import intake
from laoyou.intake.words import confirmed, differences, figure, summary, take_in, warnings
from laoyou.regions import load_regions
from laoyou.workspace import Workspace

DAY = dt.date(2026, 10, 20)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    workspace = small_workspace(tmp_path / "checkout")
    monkeypatch.chdir(workspace.root)
    return workspace


def proposed(workspace: Workspace, *contents: bytes) -> Proposal:
    """Return what some files would add."""
    files = [put(workspace, f"{n}.{'xlsx' if c[:2] == b'PK' else 'csv'}", c) for n, c in enumerate(contents)]
    return intake(files, day=DAY, confirm=lambda proposal, notices: False).proposal


def told(workspace: Workspace, proposal: Proposal) -> list[list[str]]:
    """Return the table of differences as lists of words."""
    console = Console(width=200, highlight=False, markup=False)
    with console.capture() as captured:
        console.print(differences(proposal, shipped_plan(), load_regions(workspace)))
    return [line.split() for line in captured.get().splitlines()]


# What is shown


def test_what_would_be_added_is_shown_and_what_would_not_is_counted(workspace: Workspace) -> None:
    append_rows(
        workspace, row(value="374"), row(period="2026Q2", value="740", reported_on="2026-07-12"),
        row(indicator="employment_checkups", period="2026Q3", value="20", reported_on="2026-10-12"),
    )  # fmt: skip
    form = filled(
        {
            "employment_checkups": {"缺数原因": "未报"},
            "mediation_success_rate": {"分子": 90, "分母": 120},
            "gig_markets_built": {"缺数原因": "未统计"},
        }
    )
    proposal = proposed(
        workspace, jobs({"2026年1—3月": 374, "2026年1—6月": "７４5", "2026年1—9月": 1095}), form
    )
    assert told(workspace, proposal) == [
        ["地区", "指标", "期间", "台账现有", "这次", "性质", "出处"],
        ["更改", "洞头区", "城镇新增就业人数", "2026Q2", "740", "745", "部门上报", "incoming/0.csv", "第", "4", "行第", "2", "列"],
        ["新增", "洞头区", "城镇新增就业人数", "2026Q3", "—", "1095", "部门上报", "incoming/0.csv", "第", "5", "行第", "2", "列"],
        ["新增", "洞头区", "劳动人事争议调解成功率", "2026Q3", "—", "90/120", "部门上报", "incoming/1.xlsx", "填报表!I20"],
        ["新增", "洞头区", "建成零工市场", "2026Q3", "—", "未统计", "部门上报", "incoming/1.xlsx", "填报表!K22"],
    ]  # fmt: skip
    assert summary(proposal) == "共 6 个数：新增 3、更改 1、相同 1、保留原数 1。"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"value": "94.5", "numerator": "", "denominator": "", "missing": ""}, "94.5"),
        ({"value": "", "numerator": "213", "denominator": "226", "missing": ""}, "213/226"),
        ({"value": "", "numerator": "", "denominator": "", "missing": "suppressed"}, "为保护隐私不公布"),
    ],
)
def test_a_figure_is_shown_as_it_came_in(cells: dict[str, str], words: str) -> None:
    assert figure(cells) == words


def test_what_is_doubtful_is_said_in_sentences(workspace: Workspace) -> None:
    append_rows(workspace, row(period="2026Q2", value="740", reported_on="2026-07-12"))
    append_rows(workspace, row(period="2026Q3", value="1095", reported_on="2026-10-12"))
    restarted = proposed(workspace, jobs({"2026年1—9月": "355"}))
    [said] = warnings(restarted, shipped_plan(), load_regions(workspace))
    assert said.startswith("存疑：洞头区城镇新增就业人数 2026年三季度为 355 人，少于2026年二季度的 740 人")
    gone = proposed(workspace, filled({"new_urban_jobs": {"缺数原因": "不适用"}}))
    [said] = warnings(gone, shipped_plan(), load_regions(workspace))
    assert said == "存疑：洞头区城镇新增就业人数 2026Q3 原有 1095，这次成了不适用。"
    sound = proposed(workspace, jobs({"2026年1—9月": "1100"}))
    assert list(warnings(sound, shipped_plan(), load_regions(workspace))) == []


@pytest.mark.parametrize("answer", ["y", "Y", "yes", "ＹＥＳ", " y ", "是", "好", "确认", "录入"])
def test_a_yes_is_a_yes(answer: str) -> None:
    assert confirmed(answer)


@pytest.mark.parametrize("answer", ["", "n", "no", "yy", "否", "不", "yes please", "1", "\x1b[A"])
def test_anything_else_is_none(answer: str) -> None:
    assert not confirmed(answer)


# What becomes of it


def said_by(workspace: Workspace, content: bytes, **more: Any) -> list[str]:
    ending = "xlsx" if content[:2] == b"PK" else "csv"
    words = {"day": DAY, "today": DAY, "mapping": None, "quarters": [], "yes": True, "terminal": False} | more
    return take_in([put(workspace, f"file.{ending}", content)], **words)


def test_it_is_said_what_was_written_and_which_report_does_not_see_it(workspace: Workspace) -> None:
    assert said_by(workspace, jobs({"2026年1—9月": 1095})) == [
        "已录入 1 个数：data/observations/reported.csv。"
    ]
    unseen = "2026Q3 的报告数据截至 2026-10-31，看不到这些数；要看到它们：laoyou run 2026Q3 --as-of 2026-11-01，或改 params/2026Q3.yml 的 as_of。"
    assert said_by(workspace, jobs({"2026年1—9月": 1096}), day=dt.date(2026, 11, 1))[1:] == [unseen]
    assert len(said_by(workspace, jobs({"2026年1—9月": 1097}), day=dt.date(2026, 10, 31))) == 1
    assert len(said_by(workspace, jobs({"2025年1—9月": 1097}), day=dt.date(2026, 11, 1))) == 1


def test_a_parameters_file_that_cannot_be_read_makes_no_refusal_of_what_was_written(
    workspace: Workspace,
) -> None:
    (workspace.params / "2026Q4.yml").write_text("quarter: [", encoding="utf-8")
    assert said_by(workspace, jobs({"2026年1—9月": 1095})) == [
        "已录入 1 个数：data/observations/reported.csv。"
    ]


def test_records_that_give_no_new_figure_are_kept_all_the_same(workspace: Workspace) -> None:
    said_by(workspace, cases(*map(case, range(6))))
    later = cases(*map(case, range(6)), case(7, 收案日期="2026-10-11", 结案日期="", 处理结果="审理中"))
    assert said_by(workspace, later) == ["台账没有新数；个案有更新，已存下。"]
    assert said_by(workspace, later) == ["没有要录入的，台账没有改动。"]


@pytest.mark.parametrize("quarter", ["2026", "三季度", "2026Q5"])
def test_a_quarter_that_is_none_is_refused(workspace: Workspace, quarter: str) -> None:
    with pytest.raises(IntakeError) as refused:
        said_by(workspace, jobs({"2026年1—9月": 1095}), quarters=[quarter])
    assert refused.value.problems[0].place == "--quarter"


# Somebody at a terminal


def at_terminal(workspace: Workspace, answer: bytes | None, *words: str) -> tuple[int, str]:
    """Run the command at a terminal, answer its question; return its status and all that stood on the screen.

    Without an answer it is interrupted as by Ctrl-C.
    """
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [COMMAND, "intake", *words, "--reported-on", str(DAY)], cwd=workspace.root, stdin=theirs, stdout=theirs,
        stderr=theirs, env={**os.environ, "PYTHONUTF8": "1", "COLUMNS": "150", "LINES": "40", "TERM": "xterm"}, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    screen, asked, again, until = b"", False, 0.0, time.monotonic() + 120
    while time.monotonic() < until:
        ready, _, _ = select.select([ours], [], [], 1)
        if ready:
            try:
                piece = os.read(ours, 4096)
            except OSError as end:
                assert end.errno == errno.EIO  # noqa: PT017
                break
            if not piece:
                break
            screen += piece
        if asked and answer is None and not ready and time.monotonic() > again:
            again = (
                time.monotonic() + 10
            )  # C's reading does not hear a signal that comes just before it begins
            os.killpg(running.pid, signal.SIGINT)
        if not asked and b"[y/N]" in screen:
            asked, again = True, time.monotonic() + 10
            if answer is None:
                os.killpg(running.pid, signal.SIGINT)
            else:
                os.write(ours, answer)
    os.close(ours)
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(10)
    running.kill()
    return running.wait(), screen.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("answer", "written"),
    [
        (b"y\n", True),
        ("是\n".encode(), True),
        (b"n\n", False),
        (b"\n", False),
        (b"\x04", False),
        (b"\xff\xfe\n", False),
    ],
    ids=["y", "yes in Chinese", "n", "nothing", "Ctrl-D", "bytes that are no text"],
)
def test_somebody_at_a_terminal_is_asked(workspace: Workspace, answer: bytes, written: bool) -> None:
    file = put(workspace, "jobs.csv", jobs({"2026年1—9月": 1095}, title="演示数据"))
    before = tree(workspace.root)
    status, screen = at_terminal(workspace, answer, str(file))
    assert "城镇新增就业人数" in screen
    assert "共 1 个数：新增 1、更改 0、相同 0、保留原数 0。" in screen
    assert "Traceback" not in screen
    assert status == OK
    assert [r["value"] for r in ledger_rows(workspace, SAMPLE)] == (["1095"] if written else [])
    assert ("已录入 1 个数：data/sample/intake.csv。" in screen) == written
    assert ("没有录入，台账没有改动。" in screen) != written
    assert written or tree(workspace.root) == before


def test_ctrl_c_at_the_question_writes_nothing(workspace: Workspace) -> None:
    file = put(workspace, "jobs.csv", jobs({"2026年1—9月": 1095}))
    before = tree(workspace.root)
    status, screen = at_terminal(workspace, None, str(file))
    assert status == 130
    assert "已中断；已发布的报告和台账没有改动。" in screen
    assert "Traceback" not in screen
    assert tree(workspace.root) == before


def test_with_a_yes_beforehand_nobody_is_asked(workspace: Workspace) -> None:
    file = put(workspace, "jobs.csv", jobs({"2026年1—9月": 1095}))
    status, screen = at_terminal(workspace, b"", str(file), "--yes")
    assert (status, "[y/N]" in screen) == (OK, False)
    assert len(ledger_rows(workspace)) == 1


def test_where_there_is_nothing_to_add_nobody_is_asked(workspace: Workspace) -> None:
    file = put(workspace, "jobs.csv", jobs({"2026年1—9月": 1095}))
    intake([file], day=DAY)
    status, screen = at_terminal(workspace, b"", str(file))
    assert (status, "[y/N]" in screen) == (OK, False)
    assert "没有要录入的，台账没有改动。" in screen
