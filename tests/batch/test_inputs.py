"""Fingerprints of what a report is made from, and reports that rest on one state."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from intakes import COMMAND, REPORTED, command, jobs, ledger_rows, put
from workspaces import ROOT, append_rows, copy_workspace, row, tree, write_notebook

import laoyou
from laoyou.batch import publish
from laoyou.batch.inputs import read_state
from laoyou.batch.publish import RUN, job_key, versions
from laoyou.errors import IntakeError
from laoyou.workspace import Workspace

PARAMETERS = {"region": "330305", "quarter": "2026Q3", "as_of": "", "data": "data", "lang": "zh"}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    copy = copy_workspace(tmp_path)
    write_notebook(copy, "small", "quarter")
    return copy


def made_of(workspace: Workspace, as_of: str = "2026-10-31") -> dict[str, str]:
    """Return the fingerprints of a copy of the shipped workspace on a day."""
    with contextlib.chdir(workspace.root):
        return dict(read_state({**PARAMETERS, "as_of": as_of}).made_from)


def key(workspace: Workspace) -> str:
    return job_key(workspace.notebooks / "small.ipynb", PARAMETERS, made_of(workspace))


Change = Callable[[Workspace], object]


def append(name: str, line: str = "# 又一行") -> Change:
    """Return a change that adds a line to a file of the workspace."""

    def change(workspace: Workspace) -> None:
        with (workspace.root / name).open("a", encoding="utf-8") as stream:
            stream.write(f"{line}\n")

    return change


def add_row(file: str, **cells: str) -> Change:
    """Return a change that adds a sound row to a file of the ledger, which there need not be yet."""
    return lambda workspace: append_rows(workspace, row(**cells), file=file)


CORRECTION = """\
corrections:
- indicator: new_urban_jobs
  region: "330305"
  period: 2026Q1
  action: replace
  found: {value: 360}
  value: 361
  reason: 核对后改
  declared_on: {declared_on}
  status: open
"""


def correct(declared_on: str) -> Change:
    """Return a change that declares a correction on a day."""
    text = CORRECTION.replace("{declared_on}", declared_on)
    return lambda workspace: (workspace.data / "corrections.yml").write_text(text, encoding="utf-8")


CASES = "data/records/zhihui-zhongcai.csv"
CASES_HEADER = (
    "case,opened,closed,outcome,region,industry,group,procedure,workers,amount,placed,public_service,model_since,"
    "reported_on"
)
LOG, LOG_HEADER = "data/records/exports.csv", "mapping,taken_in,records,sha256"


def keep(line: str, file: str = CASES, header: str = CASES_HEADER) -> Change:
    """Return a change that adds a line to a file of kept records, which is begun where it is not there yet."""

    def change(workspace: Workspace) -> None:
        path = workspace.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as stream:
            stream.write(f"{'' if path.stat().st_size else header + chr(10)}{line}\n")

    return change


def case_on(day: str) -> str:
    """Return a line of kept records: an open arbitration case of March, known on a day."""
    return f"{1:020x},2026-03-02,,open,330305001,,,arbitration,,,,,,{day}"


def log_on(day: str) -> str:
    return f"zhihui-zhongcai,{day},1,{'0' * 64}"


@pytest.mark.parametrize(
    "change",
    [
        append("data/plans/dongtou-2023-2027.yml"),
        append("data/regions.csv", "330399,某区,Some District,district,330300"),
        add_row("observations/published.csv"),
        add_row("observations/published.csv", region="330300", reported_on="2026-10-31"),
        add_row("sample/observations.csv", status="sample", region="330300"),
        append("params/rules.yml"),
        lambda workspace: write_notebook(workspace, "small", "region"),
        add_row("observations/more.csv"),
        lambda workspace: (workspace.data / "sample" / "observations.csv").unlink(),
        correct("2026-10-31"),
        keep(case_on("2026-10-31")),
        keep(case_on("2026-10-31"), file=CASES.replace("records", "sample/records")),
        keep(log_on("2026-10-31"), LOG, LOG_HEADER),
        append("data/mappings/zhihui-zhongcai.yml"),
        lambda workspace: (workspace.data / "mappings/zheli-qian.yml").unlink(),
        append("data/sample/exports/zhihui-zhongcai.csv"),
    ],
    ids=[
        "plan",
        "regions",
        "ledger",
        "ledger on the day",
        "sample",
        "rules",
        "notebook",
        "ledger file more",
        "ledger file less",
        "correction",
        "case",
        "sample case",
        "export taken in",
        "mapping",
        "mapping less",
        "sample export",
    ],
)
def test_a_page_is_made_anew_when_something_it_is_made_from_changes(
    workspace: Workspace, change: Change
) -> None:
    before = key(workspace)
    change(workspace)
    assert key(workspace) != before


def test_a_page_is_made_anew_when_its_parameters_change(workspace: Workspace) -> None:
    notebook, made_from = workspace.notebooks / "small.ipynb", made_of(workspace)
    other = {**PARAMETERS, "as_of": "2026-10-31"}
    assert job_key(notebook, PARAMETERS, made_from) != job_key(notebook, other, made_from)


def test_a_page_is_made_anew_when_the_library_or_a_package_changes(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key(workspace)
    with monkeypatch.context() as patch:
        patch.setattr(publish, "versions", lambda: {**versions(), "papermill": "2.0.0"})
        assert key(workspace) != before
    assert key(workspace) == before
    for name in ("pages/charts.py", "templates/laoyou/style.css", "templates/laoyou/index.html.j2"):
        package = tmp_path / name.replace("/", "-") / "laoyou"
        shutil.copytree(ROOT / "laoyou", package, ignore=shutil.ignore_patterns("__pycache__"))
        with monkeypatch.context() as patch:
            patch.setattr(laoyou, "__file__", str(package / "__init__.py"))
            assert key(workspace) == before
            (package / name).write_text("", encoding="utf-8")
            assert key(workspace) != before


@pytest.mark.parametrize(
    "change",
    [
        append("params/2026Q2.yml"),
        append("data/README.md"),
        lambda workspace: write_notebook(workspace, "other"),
        add_row("observations/published.csv", reported_on="2026-11-01"),
        add_row("observations/more.csv", reported_on="2026-11-01", series_break="新口径"),
        add_row("sample/intake.csv", reported_on="2026-11-01", status="sample"),
        correct("2026-11-01"),
        lambda workspace: (workspace.data / "corrections.yml").unlink(),
        keep(case_on("2026-11-01")),
        keep(log_on("2026-11-01"), LOG, LOG_HEADER),
        lambda workspace: (workspace.data / "sample/exports/~$zhihui-zhongcai.csv").touch(),
        append("data/sample/exports/zheli-hexie.csv"),
    ],
    ids=[
        "another quarter's parameters",
        "a file that nothing reads",
        "another notebook",
        "a row reported later",
        "a file of the ledger all reported later",
        "a sample reported later",
        "a correction declared later",
        "a list of no corrections",
        "a case known later",
        "an export taken in later",
        "what Excel leaves beside an open export",
        "a sample export of figures, which intake alone reads",
    ],
)
def test_a_page_is_not_made_anew_for_what_it_is_not_made_from(workspace: Workspace, change: Change) -> None:
    before = key(workspace)
    change(workspace)
    assert key(workspace) == before


def test_another_checkout_of_the_same_files_gives_the_same_key(workspace: Workspace, tmp_path: Path) -> None:
    other = Workspace(tmp_path / "other")
    for name in ("data", "params", "notebooks"):
        shutil.copytree(workspace.root / name, other.root / name)
    for file in other.root.rglob("*.*"):
        if file.suffix in {".yml", ".csv", ".ipynb"} and "exports" not in file.parts:  # see .gitattributes
            file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert key(other) == key(workspace)


def test_records_that_are_damaged_are_refused_before_anything_runs(workspace: Workspace) -> None:
    keep("not-a-hash,2026-03-02")(workspace)
    with pytest.raises(IntakeError, match=CASES):
        made_of(workspace)
    checked = command(workspace, "check")
    assert checked.returncode == 2
    assert CASES in checked.stderr
    assert "Traceback" not in checked.stderr


# One report rests on one state, whatever comes in while it is made

FIGURE = """\
import laoyou as ly
known = ly.load_observations(as_of=as_of).set_index(["region", "indicator", "period"])
known.loc[(region, "new_urban_jobs", quarter), "value"]"""
WAITS = """\
import pathlib, time
pathlib.Path("reached").touch()
while not pathlib.Path("landed").exists():
    time.sleep(0.05)"""
LONG = """\
import time
time.sleep(2)"""  # the longest is made first: "early" must have taken plainly longer than "late"
BEFORE, AFTER = 1000, 1100


@pytest.fixture
def desk(tmp_path: Path) -> Workspace:
    """Return a workspace with a published quarter: one page reads the figure at once, one only after a while."""
    desk = copy_workspace(tmp_path)
    append_rows(desk, row(period="2026Q3", value=str(BEFORE), reported_on="2026-10-12"))
    write_notebook(desk, "early", FIGURE, LONG)
    write_notebook(desk, "late", WAITS, FIGURE)
    (desk.root / "landed").touch()
    done = command(desk, "run", "2026Q3", timeout=300)
    assert done.returncode == 0, done.stderr
    (desk.root / "landed").unlink()
    (desk.root / "reached").unlink()
    return desk


def pages(workspace: Workspace) -> list[str]:
    """Return the figure that each page of the quarter shows."""
    folder = workspace.outputs / "330305" / "2026Q3"
    shown = [(folder / f"{name}.html").read_text(encoding="utf-8") for name in ("early", "late")]
    return [next((str(n) for n in (BEFORE, AFTER) if f"{n}.0" in text), "none") for text in shown]


def published(workspace: Workspace) -> dict[str, bytes]:
    return {name: content for name, content in tree(workspace.outputs).items() if not name.endswith(RUN)}


def run_with_an_intake_in_between(desk: Workspace, as_of: str) -> tuple[int, str, str]:
    """Make the quarter anew; take figures in when one page has been made and the other is about to read them."""
    parameters = (desk.params / "2026Q3.yml").read_text(encoding="utf-8")
    (desk.params / "now.yml").write_text(parameters.replace('"2026-10-31"', f'"{as_of}"'), encoding="utf-8")
    export = put(desk, "jobs.csv", jobs({"2026年1—9月": AFTER}))
    with subprocess.Popen(
        [COMMAND, "run", "params/now.yml", "--force", "--jobs", "1"], cwd=desk.root, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"},
    ) as running:  # fmt: skip
        until = time.monotonic() + 120
        while not (desk.root / "reached").exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        taken = command(desk, "intake", str(export), "--yes", "--reported-on", "2026-11-02")
        (desk.root / "landed").touch()
        said, errors = running.communicate(timeout=300)
    assert taken.returncode == 0, taken.stderr
    assert [line["value"] for line in ledger_rows(desk, REPORTED)] == [str(BEFORE), str(AFTER)]
    return running.returncode, said, errors


def test_an_intake_in_the_middle_of_a_run_has_every_page_made_once_more(desk: Workspace) -> None:
    assert pages(desk) == ["1000", "1000"]
    status, said, errors = run_with_an_intake_in_between(desk, "")
    assert (status, pages(desk)) == (0, ["1100", "1100"])
    assert said.startswith("运行期间数据或设置有变，各页已按变化以后的重做一遍。\n2 页：")
    assert [line.split()[1] for line in errors.splitlines()] == ["early", "late", "early", "late"]
    assert "Traceback" not in errors


def test_an_intake_after_the_day_of_a_report_changes_nothing_about_its_run(desk: Workspace) -> None:
    before = published(desk)
    status, said, errors = run_with_an_intake_in_between(desk, "2026-10-31")
    assert (status, pages(desk)) == (0, ["1000", "1000"])
    assert said.startswith("2 页：")
    assert len(errors.splitlines()) == 2
    assert published(desk) == before


CHANGES = {
    "ledger": ("data/observations/reported.csv", "台账"),
    "rules": ("params/rules.yml", "规则"),
    "plan": ("data/plans/dongtou-2023-2027.yml", "data/plans/dongtou-2023-2027.yml"),
    "mapping": ("data/mappings/zheli-hexie.yml", "映射"),
    "cases": (CASES, "个案"),
    "notebook": ("notebooks/early.ipynb", "笔记本"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_changes_during_the_run_and_again_is_refused_and_named(desk: Workspace, what: str) -> None:
    file, word = CHANGES[what]
    keep(case_on("2026-10-08"))(desk)
    line = {
        "ledger": "330305,new_urban_jobs,2026Q3,{n},,,,,reported,2026-10-12,330305,x,第 {n} 次更正",
        "cases": case_on("2026-10-08").replace("000001,", "{n:06x},"),
        "notebook": " " * 3,
    }.get(what, "# {n}")
    harm = f"""
import time
n = int(time.time() * 1000) % 1_000_000
with open({str(desk.root / file)!r}, "a", encoding="utf-8") as stream:
    stream.write({line!r}.replace("{{n}}", str(n)).replace("{{n:06x}}", format(n, "06x")) + "\\n")"""
    (desk.root / "landed").touch()
    write_notebook(desk, "late", harm)
    before = tree(desk.outputs)
    done = command(desk, "run", "2026Q3", "--jobs", "1", timeout=300)
    assert done.returncode == 2, done.stderr
    assert f"运行期间：{word}被改动" in done.stderr
    assert "等录入和修改都结束，再运行；已发布的报告没有改动" in done.stderr
    assert tree(desk.outputs) == before
    assert "Traceback" not in done.stderr


BREAKS = {"is removed": "file.unlink()", "is cut off": "file.write_bytes(file.read_bytes()[:200])"}


@pytest.mark.parametrize("breaks", BREAKS)
@pytest.mark.parametrize(("maker", "broken"), [("late", "early"), ("early", "late")], ids=["done", "waiting"])
def test_a_notebook_that_breaks_while_pages_are_made_is_named_and_what_is_published_stays(
    desk: Workspace, maker: str, broken: str, breaks: str
) -> None:
    file = desk.notebooks / f"{broken}.ipynb"
    (desk.root / "landed").touch()
    write_notebook(desk, maker, f"import pathlib; file = pathlib.Path({str(file)!r})\n{BREAKS[breaks]}")
    before = tree(desk.outputs)
    done = command(desk, "run", "2026Q3", "--jobs", "1", "--force", timeout=300)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert f"notebooks/{broken}.ipynb" in done.stderr
    assert "不是可读的笔记本" in done.stderr
    assert tree(desk.outputs) == before
