"""Taking files in: what becomes new, changed, the same or kept; all of it or nothing."""

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from intakes import (
    BUREAU,
    REPORTED,
    SAMPLE,
    UNION,
    case,
    cases,
    command,
    csv_text,
    filled,
    jobs,
    ledger_rows,
    put,
    small_workspace,
)  # fmt: skip
from workspaces import ROOT, append_rows, row, tree

import laoyou
from laoyou.console import OK, REFUSED
from laoyou.errors import IntakeError, LaoyouError
from laoyou.intake.take import Taken, intake
from laoyou.ledger.file import COLUMNS
from laoyou.workspace import Workspace

DAY, LATER = dt.date(2026, 10, 20), dt.date(2026, 10, 21)
BAD_CSV = jobs({"2026年1—9月": "约一千"})


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    workspace = small_workspace(tmp_path / "checkout")
    monkeypatch.chdir(workspace.root)
    return workspace


@pytest.fixture
def take(workspace: Workspace) -> Callable[..., Taken]:
    """Return a function that writes files and takes them in."""

    def take(*contents: bytes, day: dt.date = DAY, **more: Any) -> Taken:
        files = []
        for number, content in enumerate(contents):
            ending = "xlsx" if content.startswith(b"PK") else "csv"
            files.append(put(workspace, f"{number}.{ending}", content))
        return intake(files, day=day, **more)

    return take


def counts(taken: Taken) -> tuple[int, ...]:
    """Return how many figures are new, changed, the same and kept."""
    return tuple(taken.proposal.count(kind) for kind in ("new", "changed", "same", "kept"))


def figures(workspace: Workspace, file: str = REPORTED) -> list[tuple[str, str, str, str]]:
    return [
        (r["indicator"], r["value"] or f"{r['numerator']}/{r['denominator']}", r["reported_on"], r["note"])
        for r in ledger_rows(workspace, file)
    ]


def known(indicator: str, as_of: dt.date | None = None) -> dict[Any, Any]:
    """Return the figure of the district in 2026Q3 as known on a day."""
    table = laoyou.load_observations(as_of=as_of)
    [found] = table[(table["indicator"] == indicator) & (table["period"] == "2026Q3")].to_dict("records")
    return found


# What becomes of figures


def test_a_form_goes_in_with_its_source_and_its_day(workspace: Workspace, take: Callable[..., Taken]) -> None:
    form = filled(
        {
            "new_urban_jobs": {"数值": 1095, "来源": "这里就业创业", "备注": "含返乡"},
            "mediation_success_rate": {"分子": 90, "分母": 120},
        }
    )
    taken = take(form)
    assert (taken.written, counts(taken)) == (True, (2, 0, 0, 0))
    common = {"region": "330305", "period": "2026Q3", "missing": "", "series_break": "", "status": "reported",
              "reported_on": "2026-10-20", "measured_at": "330305"}  # fmt: skip
    assert ledger_rows(workspace) == [
        common | {"indicator": "new_urban_jobs", "value": "1095", "numerator": "", "denominator": "",
                  "source": "这里就业创业，区人力社保局 2026Q3 填报表", "note": "含返乡"},
        common | {"indicator": "mediation_success_rate", "value": "", "numerator": "90", "denominator": "120",
                  "source": "区人力社保局 2026Q3 填报表", "note": ""},
    ]  # fmt: skip
    assert (
        (workspace.data / REPORTED)
        .read_bytes()
        .startswith(b"\xef\xbb\xbf" + ",".join(COLUMNS).encode() + b"\n")
    )
    assert known("new_urban_jobs")["value"] == 1095
    assert known("mediation_success_rate")["value"] == 75
    assert "2026Q3" not in set(laoyou.load_observations(as_of=DAY - dt.timedelta(1))["period"])


def test_the_same_file_twice_adds_nothing(workspace: Workspace, take: Callable[..., Taken]) -> None:
    form = filled({"new_urban_jobs": {"数值": 1095}, "employment_checkups": {"缺数原因": "未统计"}})
    export, records = jobs({"2026年1—6月": 740}), cases(*(case(n) for n in range(6)))
    take(form, export, records)
    before = tree(workspace.data)
    for day in (DAY, LATER):
        again = take(form, export, records, day=day)
        assert (again.written, again.proposal.count("new"), again.proposal.count("changed")) == (False, 0, 0)
        assert again.proposal.count("same") == len(again.proposal.rows) > 3
        assert tree(workspace.data) == before


@pytest.mark.parametrize("day", [DAY, LATER], ids=["on the same day", "a day later"])
def test_a_correction_is_a_new_row_below_the_old(
    workspace: Workspace, take: Callable[..., Taken], day: dt.date
) -> None:
    take(jobs({"2026年1—9月": "1,095"}))
    old = (workspace.data / REPORTED).read_bytes()
    assert counts(take(jobs({"2026年1—9月": "1,059"}), day=day)) == (0, 1, 0, 0)
    assert (workspace.data / REPORTED).read_bytes().startswith(old)
    assert figures(workspace) == [
        ("new_urban_jobs", "1095", "2026-10-20", ""),
        ("new_urban_jobs", "1059", str(day), "更正：原 1095"),
    ]
    now = known("new_urban_jobs", as_of=day)
    assert (now["value"], now["first_value"], now["revision"]) == (1059, 1095, 1)
    third = take(jobs({"2026年1—9月": "1,095"}), day=day)  # and back again
    assert counts(third) == (0, 1, 0, 0)
    assert figures(workspace)[-1] == ("new_urban_jobs", "1095", str(day), "更正：原 1059")


def test_an_empty_cell_takes_no_figure_back(workspace: Workspace, take: Callable[..., Taken]) -> None:
    take(filled({"new_urban_jobs": {"数值": 1095}}))
    before = tree(workspace.data)
    assert counts(take(filled({"new_urban_jobs": {"缺数原因": "未报"}}), day=LATER)) == (0, 0, 0, 1)
    assert tree(workspace.data) == before
    assert counts(take(filled({"new_urban_jobs": {"缺数原因": "不适用"}}), day=LATER)) == (0, 1, 0, 0)
    assert ledger_rows(workspace)[-1]["note"] == "更正：原 1095"


def test_a_form_of_sample_figures_goes_beside_the_sample(
    workspace: Workspace, take: Callable[..., Taken]
) -> None:
    published = tree(workspace.data / "observations")
    take(filled({"new_urban_jobs": {"数值": 1095, "数据性质": "演示数据"}}))
    assert tree(workspace.data / "observations") == published
    assert [r["status"] for r in ledger_rows(workspace, SAMPLE)] == ["sample"]


@pytest.mark.parametrize("together", ["in one form", "in two files"])
def test_sample_and_real_figures_are_never_taken_in_by_one_call(
    workspace: Workspace, take: Callable[..., Taken], together: str
) -> None:
    before = tree(workspace.data)
    sample = {"new_urban_jobs": {"数值": 1095, "数据性质": "演示数据"}}
    real = {"employment_checkups": {"数值": 20}}
    contents = [filled(sample | real)] if together == "in one form" else [filled(sample), filled(real)]
    with pytest.raises(IntakeError, match="分两次录入"):
        take(*contents)
    assert tree(workspace.data) == before


# All files or none


def test_one_bad_file_of_several_and_none_is_taken_and_every_problem_is_told(
    workspace: Workspace, take: Callable[..., Taken]
) -> None:
    before = tree(workspace.data)
    good = jobs({"2026年1—9月": 1095})
    bad = filled({"employment_checkups": {"数值": -1}, "new_urban_jobs": {"数值": "许多"}})
    with pytest.raises(IntakeError) as refused:
        take(good, bad, BAD_CSV, b"\x00\x01\x02")
    told = [p.place for p in refused.value.problems]
    assert told == [
        "incoming/1.xlsx 填报表!H7",
        "incoming/1.xlsx 填报表!H18",
        "incoming/2.csv 第 3 行第 2 列（城镇新增就业净增（人））",
        "incoming/3.csv 文件",
    ]
    assert tree(workspace.data) == before
    with pytest.raises(IntakeError) as refused:
        take(good, bad)
    assert refused.value.where == "incoming/1.xlsx"
    assert tree(workspace.data) == before
    take(good)  # by itself it is
    assert figures(workspace) == [("new_urban_jobs", "1095", "2026-10-20", "")]


def test_a_figure_that_two_files_give_is_refused(workspace: Workspace, take: Callable[..., Taken]) -> None:
    before = tree(workspace.data)
    with pytest.raises(IntakeError) as refused:
        take(jobs({"2026年1—9月": 1095}), filled({"new_urban_jobs": {"数值": 1095}}))
    [problem] = refused.value.problems
    assert problem.place == "incoming/1.xlsx 填报表!H7"
    assert "与 incoming/0.csv 第 3 行第 2 列 是同一个数" in problem.found
    assert tree(workspace.data) == before


def test_two_exports_of_one_platform_are_refused(workspace: Workspace, take: Callable[..., Taken]) -> None:
    before = tree(workspace.data)
    with pytest.raises(IntakeError, match="同一平台有两份导出"):
        take(cases(case(1)), cases(case(2)))
    assert tree(workspace.data) == before


def test_a_no_writes_nothing_at_all(workspace: Workspace, take: Callable[..., Taken]) -> None:
    before, asked = tree(workspace.data), []

    def no(proposal: object, notices: object) -> bool:
        asked.append(proposal)
        return False

    for content in (jobs({"2026年1—9月": 1095}), cases(*(case(n) for n in range(6)))):
        assert not take(content, confirm=no, asks=True).written
        assert tree(workspace.data) == before
    assert len(asked) == 2


def test_what_another_intake_added_while_a_yes_was_awaited_is_not_overlooked(
    workspace: Workspace, take: Callable[..., Taken]
) -> None:
    def yes_but_late(proposal: object, notices: object) -> bool:
        append_rows(workspace, row(period="2026Q3", value="1000", reported_on=str(DAY)))
        return True

    with pytest.raises(IntakeError, match="重新运行，核对新的差异"):
        take(jobs({"2026年1—9月": 1095}), confirm=yes_but_late, asks=True)
    assert [r["value"] for r in ledger_rows(workspace)] == ["1000"]


def test_a_file_that_changed_while_a_yes_was_awaited_is_not_taken(
    workspace: Workspace, take: Callable[..., Taken]
) -> None:
    before = tree(workspace.data)

    def yes_but_changed(proposal: object, notices: object) -> bool:
        put(workspace, "0.csv", jobs({"2026年1—9月": 9999}))
        return True

    with pytest.raises(IntakeError):
        take(jobs({"2026年1—9月": 1095}), confirm=yes_but_changed, asks=True)
    assert {n: c for n, c in tree(workspace.data).items() if n != ".laoyou.lock"} == before


# The file of the ledger


def test_a_ledger_with_the_line_ends_of_windows_keeps_them(
    workspace: Workspace, take: Callable[..., Taken]
) -> None:
    file = append_rows(workspace, row())
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    old = file.read_bytes()
    take(jobs({"2026年1—9月": 1095}))
    new = file.read_bytes()
    assert new.startswith(old)
    assert new.count(b"\r\n") == new.count(b"\n") == 3


def test_a_ledger_without_a_line_end_at_its_end_gets_one(
    workspace: Workspace, take: Callable[..., Taken]
) -> None:
    file = append_rows(workspace, row())
    old = file.read_bytes().removesuffix(b"\n")
    file.write_bytes(old)
    take(jobs({"2026年1—9月": 1095}))
    assert file.read_bytes().startswith(old + b"\n330305,new_urban_jobs,2026Q3,1095,")
    assert [r["value"] for r in ledger_rows(workspace)] == ["360", "1095"]


def test_rows_follow_the_order_of_columns_that_the_file_has(
    workspace: Workspace, take: Callable[..., Taken]
) -> None:
    turned = COLUMNS[::-1]
    rows = csv_text(turned, [row()[name] for name in turned])
    (workspace.data / REPORTED).write_bytes(rows.encode("utf-8-sig"))
    take(jobs({"2026年1—9月": 1095}))
    assert figures(workspace) == [
        ("new_urban_jobs", "360", "2026-04-12", ""),
        ("new_urban_jobs", "1095", "2026-10-20", ""),
    ]
    assert counts(take(jobs({"2026年1—9月": 1095}))) == (0, 0, 1, 0)


LIVE = ["=1+1", "+8", "-2", "@SUM(A1)", "＝1+1", "＋8", "－2", "＠SUM(A1)", '=HYPERLINK("http://x","y")']


@pytest.mark.parametrize("text", LIVE)
def test_text_that_excel_would_run_is_never_live_in_the_ledger_and_reads_back_unchanged(
    workspace: Workspace, take: Callable[..., Taken], text: str
) -> None:
    take(filled({"new_urban_jobs": {"数值": 1095, "来源": text, "备注": text, "口径变化": text}}))
    [raw] = ledger_rows(workspace)
    for name, cell in raw.items():
        assert not cell.startswith(tuple("=+-@＝＋－＠\t\r")), name
    now = known("new_urban_jobs")
    assert (now["note"], now["series_break"]) == (text, text)
    assert now["source"] == f"{text}，{BUREAU} 2026Q3 填报表"


def test_a_note_with_quotes_commas_and_an_apostrophe_reads_back_unchanged(
    workspace: Workspace, take: Callable[..., Taken]
) -> None:
    note = "'甲，\"乙\"'，丙；\\n"
    form = filled({"new_urban_jobs": {"数值": 1095, "备注": note}})
    take(form)
    assert known("new_urban_jobs")["note"] == note
    assert counts(take(form)) == (0, 0, 1, 0)


# Days


def test_figures_become_known_on_the_day_that_is_given(workspace: Workspace) -> None:
    file = put(workspace, "jobs.csv", jobs({"2026年1—9月": 1095}))
    done = command(workspace, "intake", str(file), "--yes", "--reported-on", "2026-10-15")
    assert done.returncode == OK, done.stderr
    assert [r["reported_on"] for r in ledger_rows(workspace)] == ["2026-10-15"]


@pytest.mark.parametrize("day", ["2999-01-01", "20261332", "昨天", "2026-9-1"])
def test_a_day_that_is_none_or_to_come_is_refused(workspace: Workspace, day: str) -> None:
    file = put(workspace, "jobs.csv", jobs({"2026年1—9月": 1095}))
    before = tree(workspace.root)
    done = command(workspace, "intake", str(file), "--yes", "--reported-on", day)
    assert (done.returncode, done.stdout) == (REFUSED, "")
    assert f"--reported-on：「{day}」" in done.stderr
    assert tree(workspace.root) == before


def test_a_figure_of_a_period_not_over_on_that_day_is_refused(
    workspace: Workspace, take: Callable[..., Taken]
) -> None:
    with pytest.raises(IntakeError, match="2026Q3 在上报日还没有结束"):
        take(jobs({"2026年1—9月": 1095}), day=dt.date(2026, 9, 29))
    assert take(jobs({"2026年1—9月": 1095}), day=dt.date(2026, 9, 30)).written


def test_an_older_file_known_on_its_own_day_adds_nothing_again(
    workspace: Workspace, take: Callable[..., Taken]
) -> None:
    first = cases(*(case(n, 结案日期="", 处理结果="审理中") for n in range(6)))
    second = cases(*(case(n) for n in range(6)))
    take(first)
    take(second, day=LATER)
    take(jobs({"2026年1—9月": 1095}))
    take(jobs({"2026年1—9月": 1100}), day=LATER)
    before = tree(workspace.data)
    assert not take(first).written
    assert not take(jobs({"2026年1—9月": 1095})).written
    assert tree(workspace.data) == before


# The command


def test_the_command_shows_the_differences_and_says_what_it_wrote(workspace: Workspace) -> None:
    file = put(workspace, "jobs.csv", jobs({"2026年1—6月": 740, "2026年1—9月": "1,095", "合计": ""}))
    done = command(workspace, "intake", str(file), "--yes", "--reported-on", str(DAY))
    assert (done.returncode, done.stderr) == (OK, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "incoming/jobs.csv：略过合计行 1 行。"
    assert f"注意：上报日写成了过去的 {DAY}，2026Q3 的报告" in done.stdout
    first = next(n for n, line in enumerate(lines) if line.split()[:2] == ["地区", "指标"]) + 1
    assert [lines[n].split() for n in (first, first + 1)] == [
        ["新增", "洞头区", "城镇新增就业人数", "2026Q2", "—", "740", "部门上报", "incoming/jobs.csv", "第", "3", "行第", "2", "列"],
        ["新增", "洞头区", "城镇新增就业人数", "2026Q3", "—", "1095", "部门上报", "incoming/jobs.csv", "第", "4", "行第", "2", "列"],
    ]  # fmt: skip
    assert "共 2 个数：新增 2、更改 0、相同 0、保留原数 0。" in lines
    assert "已录入 2 个数：data/observations/reported.csv。" in lines
    again = command(workspace, "intake", str(file), "--yes", "--reported-on", str(DAY))
    assert (again.returncode, again.stderr) == (OK, "")
    assert again.stdout.splitlines()[-2:] == [
        "共 2 个数：新增 0、更改 0、相同 2、保留原数 0。",
        "没有要录入的，台账没有改动。",
    ]


def test_without_a_terminal_and_without_yes_nothing_is_written(workspace: Workspace) -> None:
    figures, records = jobs({"2026年1—9月": 1095}), cases(*(case(n) for n in range(6)))
    files = [put(workspace, "jobs.csv", figures), put(workspace, "cases.csv", records)]
    before = tree(workspace.root)
    for file in files:
        done = command(workspace, "intake", str(file), "--reported-on", str(DAY))
        assert done.returncode == REFUSED
        assert "没有终端可以询问" in done.stderr
        assert "加 --yes 再运行" in done.stderr
        assert "个数：新增" in done.stdout  # the differences are shown all the same
        assert tree(workspace.root) == before


@pytest.mark.parametrize("name", ["missing.csv", "incoming", "empty.csv"])
def test_what_is_no_file_is_refused(workspace: Workspace, name: str) -> None:
    put(workspace, "jobs.csv", b"x")
    (workspace.root / "empty.csv").touch()
    before = tree(workspace.root)
    done = command(workspace, "intake", name, "--yes")
    assert done.returncode == REFUSED
    assert done.stderr.startswith(f"{name}：1 处不符合要求\n")
    assert tree(workspace.root) == before


def test_an_export_is_read_by_the_mapping_that_is_named(workspace: Workspace) -> None:
    file = str(put(workspace, "jobs.csv", jobs({"2026年1—9月": 1095})))
    good = command(workspace, "intake", file, "--yes", "--mapping", "zheli-jiuye", "--reported-on", str(DAY))
    assert good.returncode == OK
    for name, said in {
        "zheli-jiuy": "是不是「zheli-jiuye」？",
        "zheli-hexie": "没有「劳动用工体检（家次）」",
    }.items():
        bad = command(workspace, "intake", file, "--yes", "--mapping", name)
        assert bad.returncode == REFUSED
        assert said in bad.stderr


@pytest.mark.parametrize(("quarter", "status"), [("2026Q3", OK), ("2026Q4", REFUSED), ("2026", REFUSED)])
def test_case_records_are_counted_for_the_quarter_that_is_named(
    workspace: Workspace, quarter: str, status: int
) -> None:
    file = str(put(workspace, "cases.csv", cases(*(case(n) for n in range(6)))))
    done = command(workspace, "intake", file, "--yes", "--quarter", quarter, "--reported-on", str(DAY))
    assert done.returncode == status, done.stderr
    periods = {r["period"] for r in ledger_rows(workspace)}
    assert periods == ({quarter} if status == OK else set())


# What stands in a note is no part of a page


def test_html_in_a_note_stands_escaped_on_a_page(workspace: Workspace, take: Callable[..., Taken]) -> None:
    live = "<script>alert(1)</script><img src=x onerror=alert(2)>&amp;"
    form = filled({"employment_checkups": {"数值": 20, "来源": live, "备注": live, "口径变化": live}})
    take(form)
    shutil.copy(ROOT / "notebooks" / "relations.ipynb", workspace.notebooks)
    report = laoyou.run("2026Q3", as_of="2026-11-01")
    assert report.failed == ()
    page = (workspace.outputs / "330305" / "2026Q3" / "relations.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&amp;amp;" in page


def test_an_unfit_ledger_is_refused_before_anything_is_asked(
    workspace: Workspace, take: Callable[..., Taken]
) -> None:
    append_rows(workspace, row(period="2026Q5"))
    with pytest.raises(LaoyouError, match=r"reported\.csv"):
        take(filled({"bargaining_pilot_firms": {"数值": 3}}, UNION), confirm=lambda *_: pytest.fail("asked"))
