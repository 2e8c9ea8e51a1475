"""Figures of townships over several intakes: what is withheld stays so, and nothing repeats what stood in its place."""

import csv
import datetime as dt
import io
import shutil
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from intakes import JOBS_HEAD, csv_text, filled, ledger_rows, put
from workspaces import copy_workspace, shipped_plan

from laoyou.errors import IntakeError
from laoyou.history import print_history
from laoyou.intake.take import Taken, intake
from laoyou.intake.words import differences, show
from laoyou.regions import load_regions
from laoyou.workspace import Workspace

RATE = "arbitration_closure_rate"
HEAD = ["案号", "程序", "收案日期", "结案日期", "处理结果", "所属街道"]
TOWNS = {"北岙街道": "330305001", "灵昆街道": "330305002", "东屏街道": "330305003", "元觉街道": "330305004"}
OTHERS = ("霓屿街道", "昆鹏街道", "大门镇", "鹿西乡")
DAYS = [dt.date(2026, 10, 12), dt.date(2026, 10, 20), dt.date(2026, 11, 2)]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    root = tmp_path / "workspace"
    root.mkdir()
    monkeypatch.chdir(root)
    copied = copy_workspace(root)
    shutil.rmtree(copied.data / "sample")
    return copied


def taken(folder: Path, day: dt.date, *closed: int) -> Taken:
    """Take in arbitration cases of four townships, so many of each closed and as many again open; ten of the others."""
    sizes = dict(zip((*TOWNS, *OTHERS), (*closed, *[10] * len(OTHERS)), strict=True))
    lines = [["智慧仲裁导出"], HEAD]
    for town, count in sizes.items():
        lines += [[f"{town}{n}", "仲裁", "2026-02-02", "2026-05-05", "结案", town] for n in range(count)]
        lines += [[f"{town}{n}", "仲裁", "2026-02-02", "", "审理中", town] for n in range(count, 40)]
    file = folder / "仲裁.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(lines)
    return intake([file], day=day)


def shown(found: Taken) -> list[str]:
    """Return the four townships' closed cases, or the kind of missing."""
    rows = found.proposal.rows.query("indicator == @RATE").set_index("region")
    return [rows.loc[code, "missing"] or rows.loc[code, "numerator"] for code in TOWNS.values()]


def said(found: Taken, workspace: Workspace) -> str:
    """Return everything that the command prints of an intake."""
    out = io.StringIO()
    with redirect_stdout(out):
        show(found.proposal, found.notices, shipped_plan(), load_regions(workspace), terminal=False)
    return out.getvalue()


def test_the_complement_stays_where_it_was(workspace: Workspace, tmp_path: Path) -> None:
    # By itself the second version would withhold the first and third township, and show the second.
    assert shown(taken(tmp_path, DAYS[0], 3, 6, 7, 30)) == ["suppressed", "suppressed", "7", "30"]
    assert shown(taken(tmp_path, DAYS[1], 3, 8, 7, 30)) == ["suppressed", "suppressed", "7", "30"]
    assert shown(taken(tmp_path, DAYS[2], 13, 12, 7, 30)) == ["suppressed", "suppressed", "7", "30"]


def test_figures_known_on_a_day_past_are_withheld_as_the_later_ones_are(
    workspace: Workspace, tmp_path: Path
) -> None:
    assert shown(taken(tmp_path, DAYS[1], 3, 6, 7, 30))[:2] == ["suppressed"] * 2
    assert shown(taken(tmp_path, DAYS[0], 13, 16, 7, 30)) == ["suppressed", "suppressed", "7", "30"]


def test_a_figure_withheld_from_now_on_is_said_nowhere_again(workspace: Workspace, tmp_path: Path) -> None:
    assert shown(taken(tmp_path, DAYS[0], 17, 18, 19, 30)) == ["17", "18", "19", "30"]
    second = taken(tmp_path, DAYS[1], 4, 18, 19, 30)
    # Another goes with the first: by itself it would be what the total lost. Those of ten are the smallest.
    assert shown(second) == ["suppressed", "18", "19", "30"]
    text = said(second, workspace)
    line = next(line for line in text.splitlines() if "北岙街道" in line and "更改" in line)
    assert "原有数，不再公布" in line
    assert "17/40" not in text
    assert "4/40" not in text
    assert "北岙街道劳动人事争议仲裁结案率 2026Q3 原有的数，这次成了为保护隐私不公布" in text
    [row] = [
        r
        for r in ledger_rows(workspace)
        if (r["region"], r["indicator"]) == (TOWNS["北岙街道"], RATE) and r["missing"]
    ]
    assert (row["value"], row["numerator"], row["note"]) == ("", "", "更正：为保护隐私不公布")
    out = io.StringIO()
    with redirect_stdout(out):
        print_history(RATE, region="北岙街道")
    assert "17" not in out.getvalue().replace("2026", "")
    assert out.getvalue().count("为保护隐私不公布") == 2


def test_a_figure_shown_again_says_what_it_was(workspace: Workspace, tmp_path: Path) -> None:
    taken(tmp_path, DAYS[0], 17, 18, 19, 30)
    second = taken(tmp_path, DAYS[1], 16, 18, 19, 30)
    rows = [r for r in ledger_rows(workspace) if (r["region"], r["indicator"]) == (TOWNS["北岙街道"], RATE)]
    assert [r["note"] for r in rows] == ["", "更正：原 17/40"]
    assert differences(second.proposal, shipped_plan(), load_regions(workspace)).row_count == 2


# Figures that come without their townships, or with some of them


EACH = {"北岙街道": 60, "灵昆街道": 40, "东屏街道": 50, "元觉街道": 70, **dict.fromkeys(OTHERS, 80)}


def jobs(workspace: Workspace, day: dt.date, **figures: int) -> Taken:
    """Take in new jobs by region from a platform whose export tells the regions apart."""
    mapping = workspace.data / "mappings/zheli-jiuye.yml"
    text = mapping.read_text(encoding="utf-8")
    if "holds: region" not in text:
        text = text.replace("columns:\n", "columns:\n  area: {header: 地区, holds: region}\n")
        mapping.write_text(text, encoding="utf-8")
    lines = [("2026年1—9月", region, count) for region, count in figures.items()]
    table = csv_text(("这里就业创业导出",), ("统计期", "地区", JOBS_HEAD[1]), *lines)
    return intake([put(workspace, "就业.csv", table.encode())], day=day)


def test_an_export_of_some_townships_cannot_withhold_any_of_them(workspace: Workspace) -> None:
    jobs(workspace, DAYS[0], 洞头区=540, **EACH)
    before = ledger_rows(workspace)
    with pytest.raises(IntakeError) as refusal:  # 483 less the 480 shown are the 3 that it would withhold
        jobs(workspace, DAYS[1], 洞头区=483, 北岙街道=3)
    [problem] = refusal.value.problems
    assert "就业.csv 第 4 行第 3 列" in problem.place
    assert "略去了北岙街道" in problem.found
    assert "灵昆街道、东屏街道、元觉街道" in problem.found
    with pytest.raises(IntakeError):  # of all eight alone can it be said which have to go
        jobs(workspace, DAYS[1], 洞头区=453, 北岙街道=3, 灵昆街道=10)
    assert ledger_rows(workspace) == before
    jobs(workspace, DAYS[1], 洞头区=545, 北岙街道=65)
    jobs(workspace, DAYS[2], **{"洞头区": 483, **EACH, "北岙街道": 3})


@pytest.mark.parametrize(("total", "good"), [(484, False), (485, True)])
def test_a_total_from_a_form_must_not_give_the_withheld_back(
    workspace: Workspace, total: int, good: bool
) -> None:
    jobs(
        workspace,
        DAYS[0],
        **{
            "洞头区": 487,
            **EACH,
            "北岙街道": 3,
            "灵昆街道": 4,
            "大门镇": 120,
            "鹿西乡": 110,
            "霓屿街道": 50,
            "昆鹏街道": 80,
        },
    )
    form = put(workspace, "表.xlsx", filled({"new_urban_jobs": {"数值": total}}))
    if good:
        assert len(intake([form], day=DAYS[1]).proposal.added) == 1
        return
    with pytest.raises(IntakeError) as refusal:
        intake([form], day=DAYS[1])
    [problem] = refusal.value.problems
    assert problem.place.endswith("表.xlsx 填报表!H7")
    assert "从总数可以减出" in problem.found
