"""Many quarters in one pool, what is left alone, and why the rest was made."""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from workspaces import append_rows, copy_workspace, row, tree, write_notebook

import laoyou
from laoyou.batch.jobs import Report
from laoyou.batch.many import Refusal
from laoyou.batch.pool import Pool
from laoyou.batch.publish import RUN
from laoyou.batch.report import run_many
from laoyou.workspace import Workspace

TODAY = dt.date(2026, 11, 26)
SEEN = """
import laoyou as ly
view = ly.open_view(region=region, quarter=quarter, as_of=as_of, data=data)
assert not (region == "330305001" and quarter == "2026Q1"), "不行"
(view.region.zh, view.label)"""


def read_run(workspace: Workspace, region: str = "330305", quarter: str = "2026Q3") -> dict[str, Any]:
    """Return how the last run of a quarter went, by notebook."""
    file = workspace.outputs / region / quarter / RUN
    notebooks: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["notebooks"]
    return notebooks


def published(workspace: Workspace) -> dict[str, bytes]:
    return {name: content for name, content in tree(workspace.outputs).items() if not name.endswith(RUN)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, list[tuple[str, int, int]]]:
    """Return a workspace after a batch of two regions and two quarters, and what was told of while it went on."""
    import contextlib

    workspace = copy_workspace(tmp_path_factory.mktemp("many"))
    write_notebook(workspace, "seen", SEEN)
    write_notebook(workspace, "small", "quarter")
    told: list[tuple[str, int, int]] = []

    def ended(result: Report | Refusal, done: int, total: int) -> None:
        assert isinstance(result, Report)
        told.append(("/".join(result.folder.parts[-2:]), done, total))

    with contextlib.chdir(workspace.root):
        run_many("330305,330305001", "2026Q1..2026Q2", today=TODAY, ended=ended)
    return workspace, told


@pytest.fixture
def workspace(made: tuple[Workspace, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a small workspace to work in, with one quarter published."""
    copy = copy_workspace(tmp_path)
    write_notebook(copy, "seen", SEEN)
    write_notebook(copy, "small", "quarter")
    monkeypatch.chdir(copy.root)
    assert not laoyou.run("2026Q3").failed
    return copy


def test_every_quarter_of_every_region_is_published_with_its_own_parameters(made: Any) -> None:
    workspace, told = made
    places = {f"{region}/{quarter}" for region in ("330305", "330305001") for quarter in ("2026Q1", "2026Q2")}
    assert {place for place, _, _ in told} == places
    assert [(done, total) for _, done, total in told] == [(n, 4) for n in (1, 2, 3, 4)]
    page = (workspace.outputs / "330305001/2026Q2/seen.html").read_text(encoding="utf-8")
    assert "北岙街道" in page
    assert "2026年二季度" in page
    manifest = json.loads((workspace.outputs / "330305001/2026Q1/manifest.json").read_text(encoding="utf-8"))
    assert manifest["parameters"] == {
        "region": "330305001", "quarter": "2026Q1", "as_of": "2026-04-30", "data": "data", "lang": "zh",
    }  # fmt: skip
    assert [p.name for p in workspace.outputs.rglob(".*")] == []


def test_what_fails_in_one_quarter_is_missing_there_alone(made: Any) -> None:
    workspace, _ = made
    lost = {p.parent for p in workspace.outputs.glob("*/*/small.html")} - {
        p.parent for p in workspace.outputs.glob("*/*/seen.html")
    }
    assert lost == {workspace.outputs / "330305001/2026Q1"}


def test_the_way_in_leads_to_every_quarter_of_a_batch(made: Any) -> None:
    workspace, _ = made
    page = (workspace.outputs / "index.html").read_text(encoding="utf-8")
    for folder in workspace.outputs.glob("*/2026*"):
        assert f"{folder.parent.name}/{folder.name}/index.html" in page


def test_a_quarter_that_cannot_be_made_does_not_keep_the_others_from_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace.outputs / "330305001").write_text("在目录的位置上", encoding="utf-8")
    results = run_many("330305001,330305", "2026Q2", today=TODAY)
    refused = [r for r in results if isinstance(r, Refusal)]
    assert [r.order.parameters["region"] for r in refused] == ["330305001"]
    assert "写不进去" in str(refused[0].error)
    assert [r.folder.parts[-2:] for r in results if isinstance(r, Report)] == [("330305", "2026Q2")]


# What is left alone


@pytest.fixture
def nothing_read(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a run fail that starts a pool, or reads what pages are made from, once the workspace is published."""

    def refuse(*arguments: object, **named: object) -> None:
        pytest.fail("something would be read")

    monkeypatch.setattr(Pool, "__enter__", refuse)


@pytest.mark.usefixtures("nothing_read")
def test_a_quarter_of_which_no_byte_has_changed_is_not_even_read(workspace: Workspace) -> None:
    before = published(workspace)
    again = laoyou.run("2026Q3")
    assert again.unchanged == ("seen", "small")
    assert published(workspace) == before


def test_it_is_left_alone_without_loading_what_reads_figures(workspace: Workspace) -> None:
    code = (
        "import sys; from laoyou.cli import main; assert main(['run', '2026Q3']) == 0; "
        "sys.exit(bool({'pandas', 'matplotlib', 'nbformat'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=workspace.root, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 页，其中 2 页没有变化、沿用上次：")


def later(workspace: Workspace) -> None:
    append_rows(workspace, row(period="2026Q3", reported_on="2026-11-01"))


def spoil(workspace: Workspace) -> None:
    (workspace.outputs / "330305/2026Q3/small.html").write_text("改过的", encoding="utf-8")


def unlist(workspace: Workspace) -> None:
    (workspace.outputs / "index.html").unlink()


@pytest.mark.parametrize(
    ("change", "unchanged"),
    [(later, ("seen", "small")), (spoil, ("seen",)), (unlist, ("seen", "small"))],
    ids=["a row known later", "a page altered", "the list of quarters lost"],
)
def test_a_byte_that_has_changed_makes_a_run_look_closer(
    workspace: Workspace, change: Callable[[Workspace], None], unchanged: tuple[str, ...]
) -> None:
    before = published(workspace)
    change(workspace)
    assert laoyou.run("2026Q3").unchanged == unchanged
    assert published(workspace) == before


def test_a_run_stopped_before_its_quarter_is_listed_is_completed_by_the_next(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(workspace: Workspace) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("laoyou.batch.portal.publish_portal", stop)
        with pytest.raises(KeyboardInterrupt):
            laoyou.run("2026Q2")
    assert "2026Q2" not in (workspace.outputs / "index.html").read_text(encoding="utf-8")
    assert laoyou.run("2026Q2").unchanged == ("seen", "small")
    assert "330305/2026Q2/index.html" in (workspace.outputs / "index.html").read_text(encoding="utf-8")


def test_a_second_batch_takes_every_quarter_over(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_many("330305", "2026Q2..2026Q3", today=TODAY)
    before = published(workspace)
    monkeypatch.setattr(Pool, "submit", lambda pool, job, seconds: pytest.fail("a kernel would be started"))
    again = run_many("330305", "2026Q2..2026Q3", today=TODAY)
    assert [isinstance(r, Report) and r.unchanged for r in again] == 2 * [("seen", "small")]
    assert published(workspace) == before


# Why a page was made


def test_run_json_says_why_each_notebook_was_run(workspace: Workspace) -> None:
    def why(**more: Any) -> dict[str, str]:
        laoyou.run("2026Q3", **more)
        return {name: entry["why"] for name, entry in read_run(workspace).items()}

    assert {entry["why"] for entry in read_run(workspace).values()} == {"new"}
    assert why() == {"seen": "new", "small": "new"}  # taken over: as it was made
    assert why(notebooks=["small"]) == {"seen": "new", "small": "forced"}
    assert why(force=True) == {"seen": "forced", "small": "forced"}
    write_notebook(workspace, "small", "'另外的话'")
    assert why() == {"seen": "forced", "small": "changed: notebook"}
    append_rows(workspace, row(period="2026Q3", reported_on="2026-10-20"))
    assert set(why().values()) == {"changed: ledger"}
    with workspace.rules_file.open("a", encoding="utf-8") as stream:
        stream.write("# 又一行\n")
    assert set(why(as_of="2026-11-02").values()) == {"changed: parameters, rules"}
    spoil(workspace)
    assert why(as_of="2026-11-02")["small"] == "not as published"
    write_notebook(workspace, "third", "raise ValueError")
    assert set(why().values()) >= {"new"}
    good = why()
    assert good["third"] == "failed before"
    assert good["small"] == "another page failed before"
