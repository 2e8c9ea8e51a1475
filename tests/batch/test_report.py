import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from workspaces import ROOT, append_rows, copy_workspace, rate, row, tree, write_notebook

import laoyou
from laoyou.batch.pool import Pool
from laoyou.batch.publish import RUN, read_manifest
from laoyou.batch.quarter import Quarter
from laoyou.errors import LaoyouError, RunError
from laoyou.workspace import Workspace

COMMAND = shutil.which("laoyou", path=str(Path(sys.executable).parent)) or "laoyou"
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and limits of POSIX")


def quarter_folder(workspace: Workspace, quarter: str = "2026Q3") -> Path:
    return workspace.outputs / "330305" / quarter


def manifest_of(workspace: Workspace) -> dict[str, Any]:
    return read_manifest(quarter_folder(workspace))


def published(workspace: Workspace) -> dict[str, bytes]:
    """Return everything published but how its run went, whose durations differ from run to run."""
    return {name: content for name, content in tree(workspace.outputs).items() if not name.endswith(RUN)}


def run_of(workspace: Workspace) -> dict[str, Any]:
    """Return how the last run of the quarter went, by notebook."""
    notebooks: dict[str, Any] = json.loads((quarter_folder(workspace) / RUN).read_text(encoding="utf-8"))[
        "notebooks"
    ]
    return notebooks


def litter(workspace: Workspace) -> list[str]:
    return [p.name for p in workspace.outputs.rglob("*") if p.name.startswith(".")]


def still_running(workspace: Workspace, seconds: float = 0) -> list[str]:
    """Return the command lines of processes at work in a workspace once some seconds have passed, or none is."""
    until = time.monotonic() + seconds
    while True:
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                command = " ".join(process.cmdline())
                here = process.pid != os.getpid() and Path(process.cwd()).is_relative_to(workspace.root)
                if here and "resource_tracker" not in command:  # Python's own, which ends with its process
                    found.append(command)
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.2)


def links(page: Path) -> list[str]:
    return re.findall(r'href="([^"#]+)"', page.read_text(encoding="utf-8"))


def run_command(workspace: Workspace, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, "run", *words], cwd=workspace.root, capture_output=True, encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"}, timeout=300, check=False,
    )  # fmt: skip


# Notebooks that fail, each in its own way, beside one that does not


@dataclass(frozen=True)
class Faults:
    """A workspace after a run that went wrong in many ways, and what the command said."""

    workspace: Workspace
    done: "subprocess.CompletedProcess[str]"

    @property
    def folder(self) -> Path:
        """The published quarter."""
        return quarter_folder(self.workspace)


WHY = {
    "dies": "内核中途死亡（可能内存不足或被系统终止；内存上限见 params/rules.yml 的 run）",
    "endless": "有一格运行超过 4 秒，已中止（时限见 params/rules.yml 的 run）",
    "other_kernel": "没有它要的内核「matlab」（在 JupyterLab 里换成 Python 3 再存）",
    "raises": "第 3 格出错：ValueError：红 <b>字</b>",
    "worker_dies": "执行它的进程被系统终止，或一直没有回应",
}


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Faults:
    workspace = copy_workspace(tmp_path_factory.mktemp("faults"))
    write_notebook(workspace, "good", "6 * 7")
    write_notebook(workspace, "raises", r"raise ValueError('\x1b[31m红\x1b[0m <b>字</b>')", "quarter")
    write_notebook(workspace, "dies", "import os", "os._exit(1)", "quarter")
    write_notebook(workspace, "endless", "import time", "time.sleep(600)", "quarter")
    write_notebook(
        workspace,
        "worker_dies",
        "import os, time",
        'time.sleep(2); os.kill(int(os.environ["JPY_PARENT_PID"]), 9)',
        "quarter",
    )
    other = write_notebook(workspace, "other_kernel", "quarter")
    other.write_text(other.read_text(encoding="utf-8").replace('"python3"', '"matlab"'), encoding="utf-8")
    rules = workspace.rules_file.read_text(encoding="utf-8")
    assert "cell_seconds: 120" in rules
    workspace.rules_file.write_text(rules.replace("cell_seconds: 120", "cell_seconds: 4"), encoding="utf-8")
    return Faults(workspace, run_command(workspace, "2026Q3"))


def test_a_run_with_a_failure_ends_with_status_1_and_says_what_failed(faults: Faults) -> None:
    assert faults.done.returncode == 1
    assert faults.done.stdout.startswith("1 页：")
    for name, why in WHY.items():
        assert f"没有生成 {name}：{why}\n" in faults.done.stderr
    assert "没有生成 good" not in faults.done.stderr
    assert "Traceback" not in faults.done.stderr


def test_each_notebook_is_told_of_once_while_the_run_goes_on(faults: Faults) -> None:
    told = re.findall(r"^\[(\d)/6\] (\w+) (完成|失败)，[\d.]+ 秒$", faults.done.stderr, re.M)
    assert [int(number) for number, _, _ in told] == [1, 2, 3, 4, 5, 6]
    assert {(name, word) for _, name, word in told} == {("good", "完成"), *((name, "失败") for name in WHY)}


def test_only_what_ran_to_its_end_has_a_page(faults: Faults) -> None:
    pages = sorted(p.name for p in faults.folder.glob("*.html"))
    assert pages == ["good.html", "index.html"]
    assert "<pre>42</pre>" in (faults.folder / "good.html").read_text(encoding="utf-8")


def test_the_index_says_which_notebook_failed_and_why(faults: Faults) -> None:
    page = (faults.folder / "index.html").read_text(encoding="utf-8")
    assert "有 5 项没有生成" in page
    for name, why in WHY.items():
        escaped = why.replace("<", "&lt;").replace(">", "&gt;")
        assert f"{name}：标题（{name}）：{escaped}" in page
    assert 'href="good.html"' in page
    assert [link for link in links(faults.folder / "index.html") if "html" in link] == [
        "../../index.html",
        "../index.html",
        "good.html",
    ]


def test_no_page_leads_to_one_that_is_missing(faults: Faults) -> None:
    for page in faults.workspace.outputs.rglob("*.html"):
        assert [link for link in links(page) if not (page.parent / link).is_file()] == []
    good = (faults.folder / "good.html").read_text(encoding="utf-8")
    assert [name for name in WHY if name not in good] == []  # named all the same


def test_the_list_of_quarters_says_how_many_pages_are_missing(faults: Faults) -> None:
    page = (faults.workspace.outputs / "index.html").read_text(encoding="utf-8")
    assert "有 5 项没有生成" in page


def test_the_manifest_records_each_outcome(faults: Faults) -> None:
    notebooks = manifest_of(faults.workspace)["notebooks"]
    assert {name: entry["problem"] for name, entry in notebooks.items()} == {"good": "", **WHY}
    assert {name for name, entry in notebooks.items() if entry["page_sha256"]} == {"good"}
    assert not any(entry["taken_over"] for entry in run_of(faults.workspace).values())


def test_the_executed_notebooks_are_kept_so_that_a_failure_can_be_read(faults: Faults) -> None:
    kept = {p.stem: p.read_text(encoding="utf-8") for p in (faults.folder / "notebooks").iterdir()}
    assert set(kept) >= {"good", "raises", "dies", "endless"}
    assert "ValueError" in kept["raises"]
    assert all(json.loads(text)["cells"] for text in kept.values())


def test_a_failed_run_leaves_no_process_and_no_litter(faults: Faults) -> None:
    assert still_running(faults.workspace, seconds=5) == []
    assert litter(faults.workspace) == []


# Again, with and without a change


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a workspace with one quarter published from a real and a small notebook."""
    workspace = copy_workspace(tmp_path_factory.mktemp("first"))
    shutil.copyfile(ROOT / "notebooks" / "arrears.ipynb", workspace.notebooks / "arrears.ipynb")
    write_notebook(workspace, "small", "quarter")
    with contextlib.chdir(workspace.root):
        made = laoyou.run("2026Q3")
    assert not made.failed
    return workspace


@pytest.fixture
def workspace(first: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a copy of it to work in; its name is not in the pages."""
    shutil.copytree(first.root, tmp_path / "checkout")
    monkeypatch.chdir(tmp_path / "checkout")
    return Workspace(tmp_path / "checkout")


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a run fail that has something for a worker to do, and with it for a kernel."""

    def refuse(*arguments: object, **named: object) -> None:
        pytest.fail("a kernel would be started")

    monkeypatch.setattr(Pool, "submit", refuse)


def test_a_report_has_its_pages_its_executed_notebooks_and_a_manifest(first: Workspace) -> None:
    assert sorted(tree(first.outputs)) == [
        "330305/2026Q3/arrears.html",
        "330305/2026Q3/circular.docx",
        "330305/2026Q3/index.html",
        "330305/2026Q3/manifest.json",
        "330305/2026Q3/notebooks/arrears.ipynb",
        "330305/2026Q3/notebooks/small.ipynb",
        "330305/2026Q3/run.json",
        "330305/2026Q3/small.html",
        "330305/2026Q3/workbook.xlsx",
        "330305/index.html",
        "index.html",
    ]
    assert litter(first) == []
    assert still_running(first) == []


def test_the_manifest_says_what_the_quarter_was_made_from(first: Workspace) -> None:
    manifest = manifest_of(first)
    assert manifest["parameters"] == {
        "region": "330305",
        "quarter": "2026Q3",
        "as_of": "2026-10-31",
        "data": "data",
        "lang": "zh",
    }
    assert set(manifest["inputs"]) == {
        "library",
        "rules",
        "data/plans/dongtou-2023-2027.yml",
        "data/regions.csv",
        "mappings",
        "ledger",
        "cases",
        "last_report",
        "supervision",
    }
    assert manifest["inputs"]["last_report"] == "2026-07-31 filed"
    assert manifest["versions"]["laoyou"] == laoyou.__version__
    assert sum(manifest["lights"].values()) == 17
    assert str(first.root) not in json.dumps(manifest)


def test_nothing_published_names_the_machine_that_made_it(first: Workspace) -> None:
    for content in published(first).values():
        assert str(first.root).encode() not in content
        assert sys.prefix.encode() not in content


def test_every_link_of_a_report_leads_somewhere(first: Workspace) -> None:
    for page in first.outputs.rglob("*.html"):
        for link in links(page):
            assert (page.parent / link).is_file(), (page, link)


@pytest.mark.usefixtures("no_kernel")
def test_a_second_run_takes_every_page_over_unchanged(workspace: Workspace) -> None:
    before, told = published(workspace), []
    again = laoyou.run("2026Q3", watch=lambda outcome, done, total: told.append(outcome.name))
    assert again.unchanged == ("arrears", "small")
    assert not again.failed
    assert told == []
    assert published(workspace) == before
    assert all(entry["taken_over"] for entry in run_of(workspace).values())
    assert all(entry["seconds"] > 0 for entry in run_of(workspace).values())
    assert litter(workspace) == []


def test_a_forced_run_gives_the_same_bytes(workspace: Workspace) -> None:
    before = published(workspace)
    again = laoyou.run("2026Q3", force=True)
    assert again.unchanged == ()
    assert published(workspace) == before
    assert not any(entry["taken_over"] for entry in run_of(workspace).values())


def test_only_a_notebook_that_has_changed_runs_again(workspace: Workspace) -> None:
    before, told = published(workspace), []
    write_notebook(workspace, "small", "'另外的话'")
    again = laoyou.run("2026Q3", watch=lambda outcome, done, total: told.append((outcome.name, done, total)))
    assert again.unchanged == ("arrears",)
    assert told == [("small", 2, 2)]
    after = published(workspace)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {f"330305/2026Q3/{n}" for n in ("notebooks/small.ipynb", "small.html", "manifest.json")}
    assert "另外的话" in after["330305/2026Q3/small.html"].decode()


def test_pages_are_not_replaced_by_none_where_every_notebook_fails(workspace: Workspace) -> None:
    before = tree(workspace.outputs)
    for name in ("arrears", "small"):
        write_notebook(workspace, name, "1 / 0")
    with pytest.raises(RunError) as refused:
        laoyou.run("2026Q3")
    assert [problem.place for problem in refused.value.problems] == ["arrears", "small"]
    for problem in refused.value.problems:
        assert problem.found == "第 3 格出错：ZeroDivisionError：division by zero"
        assert "已发布的报告没有改动" in problem.remedy
    assert tree(workspace.outputs) == before
    write_notebook(workspace, "small", "1 / 1")
    assert [outcome.name for outcome in laoyou.run("2026Q3").failed] == ["arrears"]


@pytest.fixture
def run_again(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Return a function that says which notebooks a run would execute, without executing any."""

    class Told(Exception):  # noqa: N818
        """Ends the run, which then publishes nothing."""

    asked: list[str] = []

    def tell(pool: Pool) -> None:
        raise Told

    def names(*notebooks: str) -> list[str]:
        asked.clear()
        monkeypatch.setattr(Pool, "submit", lambda pool, job, seconds: asked.append(job.name))
        monkeypatch.setattr(Quarter, "attach", tell)
        with pytest.raises(Told):
            laoyou.run("2026Q3", notebooks=notebooks)
        return list(asked)

    return names


def test_a_notebook_that_is_named_runs_again_and_the_others_are_taken_over(
    workspace: Workspace, run_again: Callable[..., list[str]]
) -> None:
    before = tree(workspace.outputs)
    assert run_again() == []
    assert run_again("small") == ["small"]
    assert tree(workspace.outputs) == before


@pytest.mark.parametrize(
    ("harm", "again"),
    [
        ("page", ["small"]),
        ("executed notebook", ["small"]),
        ("manifest", ["arrears", "small"]),
        ("a page that failed", ["arrears", "small"]),
    ],
)
def test_a_page_that_does_not_stand_as_published_is_made_again(
    workspace: Workspace, run_again: Callable[..., list[str]], harm: str, again: list[str]
) -> None:
    folder = quarter_folder(workspace)
    manifest = read_manifest(folder)
    if harm == "page":
        (folder / "small.html").write_text("改过的", encoding="utf-8")
    elif harm == "executed notebook":
        (folder / "notebooks" / "small.ipynb").unlink()
    elif harm == "manifest":
        (folder / "manifest.json").write_text("{", encoding="utf-8")
    else:  # the other pages have no link to it
        manifest["notebooks"]["small"] |= {"problem": "第 3 格没有运行完", "page_sha256": ""}
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert run_again() == again


# A report as known on its day

CORRECTION = """\
corrections:
- indicator: arrears_resolution_rate
  region: "330305"
  period: 2026Q2
  action: drop
  found: {numerator: 253, denominator: 270}
  reason: 分母漏了移送的线索
  declared_on: 2026-11-10
  status: open
"""


@pytest.fixture
def grown(workspace: Workspace) -> Workspace:
    """Return a workspace whose ledger has grown since the quarter was published, in every way that it can."""
    sample = {"status": "sample", "reported_on": "2026-11-05"}
    append_rows(
        workspace,
        rate(period="2026Q3", numerator="300", denominator="420", note="更正", **sample),
        row(period="2026Q4", value="1301", **{**sample, "reported_on": "2027-01-12"}),
        file="sample/observations.csv",
    )
    append_rows(workspace, rate(period="2026Q1", **sample), file="sample/intake.csv")
    append_rows(workspace, row(period="2026Q3", value="990", reported_on="2026-11-01"))
    known = laoyou.load_observations(as_of="2026-10-31").set_index(["region", "indicator", "period"])
    wrong = known.loc[("330305", "arrears_resolution_rate", "2026Q2")]
    found = f"{{numerator: {wrong['numerator']:.0f}, denominator: {wrong['denominator']:.0f}}}"
    text = CORRECTION.replace("{numerator: 253, denominator: 270}", found)
    (workspace.data / "corrections.yml").write_text(text, encoding="utf-8")
    return workspace


@pytest.mark.usefixtures("no_kernel")
def test_what_is_reported_after_its_day_makes_no_page_of_a_quarter_anew(grown: Workspace) -> None:
    before = published(grown)
    assert laoyou.run("2026Q3").unchanged == ("arrears", "small")
    assert published(grown) == before


def test_a_report_is_remade_to_the_byte_as_it_was_known_on_its_day(grown: Workspace) -> None:
    before = published(grown)
    later = laoyou.run("2026Q3", as_of="2026-11-30")
    assert not later.failed
    now = published(grown)
    assert manifest_of(grown)["parameters"]["as_of"] == "2026-11-30"
    page = now["330305/2026Q3/arrears.html"].decode()
    assert "71.4%" in page  # 300 of 420, reported on 5 November
    assert "分母漏了移送的线索" in page
    unchanged = {name for name in before if before[name] == now[name]}
    assert unchanged <= {"330305/2026Q3/small.html"}  # which shows nothing but the quarter
    again = laoyou.run("2026Q3", as_of="2026-10-31")
    assert (again.unchanged, again.failed) == ((), ())
    assert published(grown) == before
    forced = laoyou.run("2026Q3", as_of="2026-10-31", force=True)
    assert (forced.unchanged, forced.failed) == ((), ())
    assert published(grown) == before


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize("as_of", ["", "2026-13-01", "20261031", "昨天", "2026/10/31"])
def test_a_day_that_is_none_is_refused_before_anything_runs(workspace: Workspace, as_of: str) -> None:
    everything = tree(workspace.root)
    with pytest.raises(LaoyouError) as refused:
        laoyou.run("2026Q3", as_of=as_of, force=True)
    assert refused.value.where == "--as-of"
    [problem] = refused.value.problems
    assert (problem.found, problem.allowed) == (f"「{as_of}」不是日期", "2026-10-31 这样的写法")
    assert tree(workspace.root) == everything


# Nothing is run where something is refused

REFUSALS = {
    "parameters": ("params/2026Q3.yml", 'quarter: "2026Q3"', 'quarter: "2026Q5"'),
    "plan": ("data/plans/dongtou-2023-2027.yml", "baseline_year: 2022", "baseline: 2022"),
    "ledger": ("data/observations/published.csv", "330000,minimum_wage", "330001,minimum_wage"),
    "rules": ("params/rules.yml", "cell_seconds: 120", "cell_seconds: 0"),
    "notebook": ("notebooks/small.ipynb", "data: str", "data: text"),
}


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_accepted_starts_no_kernel_and_changes_nothing(
    workspace: Workspace, name: str
) -> None:
    file, before, after = REFUSALS[name]
    text = (workspace.root / file).read_text(encoding="utf-8")
    assert before in text
    (workspace.root / file).write_text(text.replace(before, after), encoding="utf-8")
    everything = tree(workspace.root)
    with pytest.raises(LaoyouError, match=re.escape(file)):
        laoyou.run("2026Q3", force=True)
    assert tree(workspace.root) == everything


@POSIX
def test_a_disk_that_fills_up_during_a_run_leaves_the_published_report_as_it_is(workspace: Workspace) -> None:
    before = tree(workspace.outputs)
    limited = f"ulimit -f 16 && exec '{COMMAND}' run 2026Q3 --force"  # blocks of 512 or 1024 bytes
    done = subprocess.run(
        ["sh", "-c", limited], cwd=workspace.root, capture_output=True, encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "写不进去" in done.stderr
    assert "已发布的报告没有改动" in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(workspace.outputs) == before
    assert litter(workspace) == []
    assert still_running(workspace, seconds=5) == []


# A run that is stopped from outside


@POSIX
@pytest.mark.parametrize(
    ("stop", "to_all", "when"),
    [("SIGINT", True, "here"), ("SIGTERM", False, "outputs/330305/.*.partial"), ("SIGKILL", False, "here")],
    ids=["Ctrl-C in a cell", "a scheduler's stop before the first", "a kill in a cell"],
)
def test_a_stopped_run_leaves_the_published_report_and_no_process(
    workspace: Workspace, stop: str, to_all: bool, when: str
) -> None:
    before = tree(workspace.outputs)
    write_notebook(workspace, "small", "open('here', 'w').close()", "import time; time.sleep(600)")
    with subprocess.Popen(
        [COMMAND, "run", "2026Q3"], cwd=workspace.root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"}, start_new_session=True,
    ) as running:  # fmt: skip
        assert running.stderr is not None
        until = time.monotonic() + 120
        while not list(workspace.root.glob(when)):
            assert time.monotonic() < until
            time.sleep(0.05)
        (os.killpg if to_all else os.kill)(running.pid, getattr(signal, stop))
        said = running.stderr.read()
        status = running.wait(timeout=60)
    assert still_running(workspace, seconds=15) == []
    after = tree(workspace.outputs)
    assert {name: after[name] for name in before} == before
    assert "Traceback" not in said
    if stop == "SIGKILL":
        assert status == -signal.SIGKILL
    else:
        assert status == 130
        assert said.endswith("已中断；已发布的报告和台账没有改动。\n")
        assert litter(workspace) == []


def test_after_a_run_was_killed_the_next_one_publishes_a_new_set_of_pages(workspace: Workspace) -> None:
    folder = quarter_folder(workspace)
    folder.rename(folder.with_name(".2026Q3.old"))  # killed between the two renames
    left = folder.with_name(".2026Q3.abc.partial")
    left.mkdir()
    (left / "arrears.html").write_text("半页", encoding="utf-8")
    os.utime(left, times=(0, 0))
    (workspace.notebooks / "arrears.ipynb").unlink()
    again = laoyou.run("2026Q3")
    assert again.unchanged == ()  # each page leads to the others, so another set is a new one
    assert again.failed == ()
    assert sorted(p.name for p in folder.glob("*.html")) == ["index.html", "small.html"]
    assert litter(workspace) == []
