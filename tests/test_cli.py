import argparse
import datetime as dt
import io
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from declarations import ENTRY, declare
from workspaces import (
    REPORTED,
    ROOT,
    Desk,
    copy_workspace,
    rate,
    row,
    shipped_plan,
    shipped_rules,
    tree,
    write_notebook,
)

from laoyou.batch.execute import Outcome
from laoyou.batch.report import Report
from laoyou.cli import main, parser
from laoyou.console import INCOMPLETE, INTERRUPTED, NARROW, OK, REFUSED
from laoyou.errors import Problem, RunError
from laoyou.ledger.file import COLUMNS
from laoyou.workspace import Workspace

COMMAND = shutil.which("laoyou", path=str(Path(sys.executable).parent)) or "laoyou"
PLAN = "data/plans/dongtou-2023-2027.yml"


@pytest.fixture(autouse=True)
def _stopped_as_before() -> Iterator[None]:
    """Take back what a run does to the signal that stops it."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    copy = copy_workspace(tmp_path / "checkout")
    write_notebook(copy, "small", "quarter")
    monkeypatch.chdir(copy.root)
    return copy


def status_of(words: Sequence[str]) -> int:
    """Return the exit status of the command, whichever way it ends."""
    try:
        return main(list(words))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else -1


def command(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the installed command."""
    return subprocess.run(
        [COMMAND, *words], cwd=folder, capture_output=True, encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"}, timeout=120, check=False,
    )  # fmt: skip


# What the command says of itself


def commands() -> dict[str, argparse.ArgumentParser]:
    [words] = [a for a in parser()._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(words.choices)


COMMANDS = sorted(commands())


def options(name: str) -> list[str]:
    return [
        o for action in commands()[name]._actions for o in action.option_strings if o not in ("-h", "--help")
    ]


def examples(name: str) -> list[str]:
    return (commands()[name].epilog or "").removeprefix("例：").split("；")


def test_there_are_thirteen_commands() -> None:
    assert COMMANDS == [
        "check", "circular", "copy", "decide", "form", "history", "intake", "print", "problems", "run", "sample", "status", "workbook",
    ]  # fmt: skip


def test_help_names_every_command_and_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["--help"]) == OK
    shown = capsys.readouterr().out
    for name, about in commands().items():
        assert re.search(rf"^ +{name} +{re.escape(str(about.description))}$", shown, re.M)
    assert "例：laoyou check && laoyou run 2026Q3" in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_has_an_example_that_the_command_accepts(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert status_of([name, "--help"]) == OK
    shown = capsys.readouterr().out
    assert examples(name)
    for example in examples(name):
        assert example in shown
        words = example.split()
        assert words[:2] == ["laoyou", name]
        assert parser().parse_args(words[1:]).command == name


READMES = ("README.md", "README.zh.md")


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(readme: str, name: str) -> None:
    assert f"laoyou {name}" in (ROOT / readme).read_text(encoding="utf-8")


def test_every_option_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [option for name in COMMANDS for option in options(name) if option not in text] == []


def test_every_command_of_the_readme_exists() -> None:
    for readme in READMES:
        text = (ROOT / readme).read_text(encoding="utf-8")
        assert set(re.findall(r"(?:`|^|&& )laoyou ([a-z]+)", text, re.M)) == set(COMMANDS)


# What it does


@pytest.mark.parametrize("columns", ["80", "160"])
def test_status_prints_every_indicator_by_its_whole_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", columns)
    assert status_of(["status", "2026Q3"]) == OK
    shown = capsys.readouterr().out
    assert "2026年三季度" in shown
    words = [line.strip(" │").split() for line in shown.splitlines()]
    first_column = "".join(line[0] for line in words if line)  # a long name goes on in the next line
    names = [i.name.zh for i in shipped_plan().indicators.values()]
    assert len(names) == 17
    assert [name for name in names if name not in first_column] == []


def test_status_shows_what_was_known_on_a_day(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert status_of(["status", "2026Q2", "--as-of", "2026-07-14"]) == OK
    assert "数据截至 2026-07-12" in capsys.readouterr().out
    assert status_of(["status", "2026Q2"]) == OK
    assert "数据截至 2026-07-15" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["run", "status"])
def test_a_day_of_knowledge_before_the_quarter_is_over_or_still_to_come_is_refused(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert status_of([name, "2026Q3", "--as-of", "2026-09-29"]) == REFUSED
    assert "「2026-09-29」，2026Q3 到 2026-09-30 才结束" in capsys.readouterr().err
    tomorrow = str(dt.date.today() + dt.timedelta(days=1))
    assert status_of([name, "2026Q3", "--as-of", tomorrow]) == REFUSED
    assert f"「{tomorrow}」还没有到" in capsys.readouterr().err
    assert status_of([name, "2026Q3", "--as-of", "9999-13-01"]) == REFUSED
    assert "「9999-13-01」不是日期" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["run", "status"])
@pytest.mark.parametrize("day", ["2026-02-30", "20261031", ""])
def test_a_day_of_knowledge_that_is_none_is_refused(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], name: str, day: str
) -> None:
    assert status_of([name, "2026Q3", "--as-of", day]) == REFUSED
    said = capsys.readouterr().err
    assert said.startswith("--as-of：1 处不符合要求\n")
    assert f"「{day}」不是日期" in said
    assert "允许：2026-10-31 这样的写法" in said


def test_history_tells_every_figure_of_an_indicator(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["history", "城镇新增就业人数", "--period", "2026Q1", "--region", "330305"]) == OK
    shown = capsys.readouterr().out
    assert "374 人" in shown
    assert "360 人" in shown
    assert "演示：核实后更正" in shown
    assert status_of(["history", "new_urban_job"]) == REFUSED
    assert "是不是「new_urban_jobs」？" in capsys.readouterr().err


def test_check_counts_the_corrections_that_wait_for_their_source(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["check"]) == OK
    assert "data/corrections.yml 没有未了的订正" in capsys.readouterr().out
    declare(workspace, ENTRY | {"found": {"value": 360}, "value": 361, "declared_on": dt.date(2026, 7, 20)})
    assert status_of(["check"]) == OK
    assert "data/corrections.yml 1 条订正等源头更正" in capsys.readouterr().out
    declare(workspace, ENTRY | {"declared_on": dt.date(2026, 7, 20)})
    assert status_of(["check"]) == REFUSED
    assert "330305 new_urban_jobs 2026Q1 在台账里是 360" in capsys.readouterr().err


def test_check_passes_on_this_checkout(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert status_of(["check"]) == OK
    shown = capsys.readouterr().out
    assert "17 项指标、102 格" in shown
    files = sorted(p.name for p in (ROOT / "params").glob("*.yml"))
    assert [name for name in files if f"params/{name} " not in shown] == []


def test_sample_makes_the_committed_files_again_to_the_byte(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = workspace.data / "sample"
    shutil.rmtree(sample)
    assert status_of(["sample"]) == OK
    assert tree(sample) == tree(ROOT / "data" / "sample")
    told = capsys.readouterr().out.splitlines()
    names = ("observations.csv", "supervision/events.csv")
    assert told[-2:] == [f"data/sample/{name} {(sample / name).stat().st_size:,} 字节" for name in names]
    assert len(told) == 2 + len(list((sample / "exports").iterdir()))


def test_form_writes_a_workbook_for_each_unit_and_names_it(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["form", "2026Q3"]) == OK
    files = sorted((workspace.outputs / "330305" / "forms" / "2026Q3").iterdir())
    assert [file.suffix for file in files] == [".xlsx"] * len(files)
    assert sorted(capsys.readouterr().out.splitlines()) == [str(file) for file in files]
    assert status_of(["form", "2026Q3", "--to", "elsewhere"]) == OK
    assert tree(workspace.root / "elsewhere").keys() == {file.name for file in files}
    assert status_of(["form", "2029Q1"]) == REFUSED
    assert "「2029Q1」不在规划期内" in capsys.readouterr().err


def test_intake_passes_its_words_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    called: list[dict[str, object]] = []

    def take_in(files: list[Path], **named: object) -> list[str]:
        called.append({"files": files, **named})
        return ["说完了。"]

    monkeypatch.setattr("laoyou.intake.words.take_in", take_in)
    words = "a.xlsx b.csv --quarter 2026Q2 --quarter 2026Q3 --mapping anxin-zaixian --reported-on 2026-10-12 --yes"
    assert status_of(["intake", *words.split()]) == OK
    assert capsys.readouterr().out == "说完了。\n"
    [named] = called
    expected = {
        "files": [Path("a.xlsx"), Path("b.csv")],
        "day": dt.date(2026, 10, 12),
        "mapping": "anxin-zaixian",
        "quarters": ["2026Q2", "2026Q3"],
        "yes": True,
        "terminal": False,
    }
    assert {name: named[name] for name in expected} == expected
    assert status_of(["intake", "a.xlsx"]) == OK
    assert (called[1]["day"], called[1]["yes"], called[1]["quarters"]) == (dt.date.today(), False, [])


def run_that(
    monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome, error: BaseException | None = None
) -> list[dict[str, object]]:
    """Put a run with known outcomes, or an end, in place of a real one; return what it is called with."""
    called: list[dict[str, object]] = []

    def run(quarter: str, *, watch: Callable[[Outcome, int, int], None], **named: object) -> Report:
        called.append({"quarter": quarter, **named})
        if error:
            raise error
        for done, outcome in enumerate(outcomes, 1):
            watch(outcome, done, len(outcomes))
        return Report(Path("outputs"), outcomes, ("a",) if outcomes else ())

    monkeypatch.setattr("laoyou.batch.report.run", run)
    return called


def outcome(name: str, problem: str = "") -> Outcome:
    return Outcome(name, f"{name}：标题", "", problem, 1.25)


def test_run_passes_its_words_on(monkeypatch: pytest.MonkeyPatch) -> None:
    called = run_that(monkeypatch)
    words = "run params/2026Q3.yml --notebook arrears --notebook skills --jobs 3 --force --as-of 2026-10-31"
    assert status_of(words.split()) == OK
    assert called == [
        {
            "quarter": "params/2026Q3.yml",
            "notebooks": ["arrears", "skills"],
            "jobs": 3,
            "force": True,
            "as_of": "2026-10-31",
            "cluster": None,
        }
    ]


def test_run_says_how_many_pages_there_are_and_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_that(monkeypatch, outcome("a"), outcome("b"))
    assert status_of(["run", "2026Q3"]) == OK
    said = capsys.readouterr()
    index = Path("outputs") / "index.html"
    assert said.out == f"2 页，其中 1 页没有变化、沿用上次：{index}\n"
    assert said.err == "[1/2] a 完成，1.2 秒\n[2/2] b 完成，1.2 秒\n"


def test_run_with_a_page_missing_ends_with_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_that(monkeypatch, outcome("a"), outcome("b", "第 3 格出错"))
    assert status_of(["run", "2026Q3"]) == INCOMPLETE == 1
    said = capsys.readouterr()
    assert said.out.startswith("1 页")
    assert said.err.endswith("没有生成 b：第 3 格出错\n")


def test_a_run_that_cannot_be_written_ends_with_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_that(monkeypatch, error=RunError("outputs", Problem("写文件", "写不进去（磁盘已满）")))
    assert status_of(["run", "2026Q3"]) == REFUSED == 2
    assert "写不进去（磁盘已满）" in capsys.readouterr().err


def test_an_interrupted_run_ends_with_status_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_that(monkeypatch, error=KeyboardInterrupt())
    assert status_of(["run", "2026Q3"]) == INTERRUPTED == 130
    assert capsys.readouterr().err == "已中断；已发布的报告和台账没有改动。\n"


# What it refuses


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "命令"),
        (["runn", "2026Q3"], "runn"),
        (["run"], "写一个季度"),
        (["run", "2026Q3", "--jobs", "0"], "--jobs 0；允许：1 或更大的整数"),
        (["run", "2026Q3", "--jobs", "-2"], "--jobs -2；允许：1 或更大的整数"),
        (["run", "2026Q3", "--jobs", "两"], "--jobs 两；允许：1 或更大的整数"),
        (["run", "2026Q3", "--jobs", "1.5"], "--jobs 1.5；允许：1 或更大的整数"),
        (["run", "2026Q3", "--fast"], "--fast"),
        (["check", "2026Q3"], "2026Q3"),
        (["intake"], "文件"),
        (["intake", "--yes"], "文件"),
        (["intake", "a.xlsx", "--reported"], "--reported"),
        (["form"], "季度"),
        (["history"], "指标"),
    ],
    ids=lambda value: " ".join(value) or "nothing" if isinstance(value, list) else "",
)
def test_a_command_written_wrongly_is_refused_with_the_way_to_help(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert status_of(words) == REFUSED
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("命令写法有误：")
    assert said in shown.err
    assert "--help" in shown.err


@pytest.mark.parametrize(
    "words",
    [
        "run 2026Q3",
        "status 2026Q3",
        "check",
        "sample",
        "form 2026Q3",
        "intake a.xlsx",
        "history new_urban_jobs",
    ],
)
def test_outside_a_workspace_every_command_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert status_of(words.split()) == REFUSED
    said = capsys.readouterr().err
    assert str(tmp_path) in said
    assert "先进入项目目录再运行" in said
    assert tree(tmp_path) == {}


Break = Callable[[Workspace], object]


def text(file: str, before: str, after: str) -> Break:
    """Return a change of a file's first piece of text that reads so."""

    def change(workspace: Workspace) -> None:
        path = workspace.root / file
        content = path.read_text(encoding="utf-8")
        assert before in content
        path.write_text(content.replace(before, after, 1), encoding="utf-8")

    return change


def ledger(*rows: dict[str, str], without: str = "") -> Break:
    """Return a change that adds a ledger file of these rows, or of these without a column."""
    columns = [c for c in COLUMNS if c != without]

    def change(workspace: Workspace) -> None:
        desk = Desk(workspace, shipped_plan(), shipped_rules())
        desk.write(*({c: r[c] for c in columns} for r in rows), columns=columns)

    return change


def enrolments(period: str, value: str) -> dict[str, str]:
    return row(
        indicator="training_enrolments_cumulative", period=period, value=value, reported_on="2026-07-12"
    )


LEDGER = f"data/{REPORTED}"
QUARTER = "params/2026Q3.yml"
WRONG: dict[str, tuple[Break, str, str]] = {  # what is broken, the file and the value that the refusal must name
    "unknown key of the plan": (text(PLAN, "  better: lower", "  beter: lower"), PLAN, "「beter」"),
    "cell outside the grammar": (text(PLAN, '2023: "<5"', '2023: "约5"'), PLAN, "「约5」"),
    "year outside the plan": (text(PLAN, '2027: "<5"', '2028: "<5"'), PLAN, "年份 2028 不在规划期内"),
    "id twice": (text(PLAN, "id: new_urban_jobs", "id: urban_unemployment_rate"), PLAN, "urban_unemployment_rate"),
    "unknown task": (text(PLAN, "task: 健全就业公共服务体系", "task: 健全就业服务"), PLAN, "「健全就业服务」"),
    "unknown indicator": (ledger(row(indicator="new_urban_job")), LEDGER, "「new_urban_job」"),
    "unknown region": (ledger(row(region="330399")), LEDGER, "「330399」"),
    "a rate of 120 %": (ledger(rate(value="120", numerator="", denominator="")), LEDGER, "120 %"),
    "numerator above denominator": (ledger(rate(numerator="210")), LEDGER, "分子 210 大于分母"),
    "falling cumulative count": (
        ledger(enrolments("2026Q1", "9000"), enrolments("2026Q2", "8000")), LEDGER, "降到 8000",
    ),
    "a cell twice": (ledger(row(), row(value="361")), LEDGER, "330305 new_urban_jobs 2026Q1"),
    "quarter in the future": (ledger(row(period="2030Q1")), LEDGER, "2030Q1"),
    "missing column": (ledger(row(), without="status"), LEDGER, "缺少「status」"),
    "misspelled parameter": (text(QUARTER, "quarter:", "qarter:"), QUARTER, "「qarter」"),
    "fifth quarter": (text(QUARTER, '"2026Q3"', '"2026Q5"'), QUARTER, "「2026Q5」"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_refused_by_file_and_value_and_nothing_is_touched(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    change, file, value = WRONG[name]
    change(workspace)
    before = tree(workspace.root)
    assert status_of(["run", "2026Q3"]) == REFUSED
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"{file}：")
    assert value in said.err
    assert "允许：" in said.err
    assert tree(workspace.root) == before


@pytest.mark.parametrize("name", ["unknown task", "unknown region", "fifth quarter"])
def test_check_refuses_what_a_run_would(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    change, file, value = WRONG[name]
    change(workspace)
    assert status_of(["check"]) == REFUSED
    said = capsys.readouterr()
    assert "params/rules.yml 规则可用" in said.out
    assert said.err.startswith(f"{file}：")
    assert value in said.err


def test_check_refuses_a_figure_reported_after_today(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger(row(reported_on="9999-01-01"))(workspace)
    assert status_of(["check"]) == REFUSED
    assert "9999-01-01 在今天之后" in capsys.readouterr().err


def test_an_unknown_notebook_is_refused_with_the_nearest(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(workspace.root)
    assert status_of(["run", "2026Q3", "--notebook", "smal"]) == REFUSED
    said = capsys.readouterr().err
    assert said.startswith("notebooks/：")
    assert "「smal」不存在" in said
    assert "是不是「small」？" in said
    assert tree(workspace.root) == before


@pytest.mark.parametrize("words", ["run", "status"])
def test_a_quarter_without_a_file_is_refused_with_those_that_have_one(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    assert status_of([words, "2027Q1"]) == REFUSED
    said = capsys.readouterr().err
    assert said.startswith("params/2027Q1.yml：")
    assert "2025Q4、2026Q2、2026Q3" in said


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cell outside the grammar", "check"),
        ("a rate of 120 %", "status 2026Q3"),
        ("misspelled parameter", "run 2026Q3"),
    ],
)
def test_the_installed_command_refuses_without_a_traceback(
    workspace: Workspace, name: str, words: str
) -> None:
    change, file, value = WRONG[name]
    change(workspace)
    before = tree(workspace.root)
    done = command(workspace.root, *words.split())
    assert done.returncode == REFUSED
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith(f"{file}：")
    assert value in done.stderr
    assert tree(workspace.root) == before


def test_a_minus_is_a_minus_on_a_console_of_code_page_936() -> None:
    text = "−0.8 个百分点 › 指标 😀"
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp936", errors=NARROW)
    stream.write(text)
    stream.flush()
    assert stream.buffer.getvalue().decode("cp936") == "-0.8 个百分点 > 指标 ?"  # type: ignore[attr-defined]


@pytest.mark.parametrize("encoding", ["cp936", "ascii", "utf-8"])
def test_the_scorecard_is_shown_on_any_console(encoding: str) -> None:
    done = subprocess.run(
        [COMMAND, "status", "2026Q3"], cwd=ROOT, capture_output=True, check=False,
        env={**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": encoding},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (OK, b"")
    assert "2026" in done.stdout.decode(encoding)
