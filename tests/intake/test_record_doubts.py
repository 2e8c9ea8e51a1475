"""Exports of case records that are not what they seem."""

import csv
import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
import yaml
from workspaces import copy_workspace, tree

from laoyou.errors import IntakeError
from laoyou.intake.take import Taken, intake
from laoyou.workspace import Workspace

JULY, OCTOBER = dt.date(2026, 7, 10), dt.date(2026, 10, 12)
HEAD = ["案号", "程序", "收案日期", "结案日期", "处理结果", "所属街道"]
ARREARS_HEAD = ["受理日期", "办结日期", "办理状态", "所属街道", "行业", "涉及人数", "涉及金额（元）"]
PLATFORMS = {"安薪在线": "线索编号", "码上维权·不再忧薪": "投诉编号", "智慧监察·阳光支付": "预警编号"}
TOWNS = ("北岙街道", "灵昆街道", "东屏街道", "元觉街道", "霓屿街道")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    root = tmp_path / "workspace"
    root.mkdir()
    monkeypatch.chdir(root)
    copied = copy_workspace(root)
    shutil.rmtree(copied.data / "sample")
    return copied


def case(id: str, opened: str, closed: str = "", word: str = "", town: str = TOWNS[0]) -> list[str]:
    """Return an arbitration case, closed if a day says so."""
    return [id, "仲裁", opened, closed, word or ("结案" if closed else "审理中"), town]


def disputes(folder: Path, cases: Sequence[Sequence[str]]) -> Path:
    file = folder / "仲裁.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["智慧仲裁导出"], HEAD, *cases])
    return file


def arrears(folder: Path, platform: str, cases: Sequence[Sequence[str]]) -> Path:
    """Write leads: id, day received, day closed, state."""
    file = folder / f"{platform}.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        lines = [[*case, TOWNS[0], "建筑业", "3", "12,000"] for case in cases]
        csv.writer(stream).writerows([[f"{platform}导出"], [PLATFORMS[platform], *ARREARS_HEAD], *lines])
    return file


def whole(taken: Taken, indicator: str = "arbitration_closure_rate") -> dict[str, str]:
    """Return the district's figure by quarter."""
    rows = taken.proposal.rows.query("region == '330305' and indicator == @indicator").to_dict("records")
    return {row["period"]: row["missing"] or f"{row['numerator']}/{row['denominator']}" for row in rows}


def half_a_year(prefix: str = "A", count: int = 40) -> list[list[str]]:
    """Return cases opened one after another from 2 January on, every second still open, in five townships."""
    days = pd.date_range("2026-01-02", periods=count, freq="4D").strftime("%Y-%m-%d")
    return [
        case(f"{prefix}{n:03d}", day, "" if n % 2 else "2026-06-29", town=TOWNS[n % 5])
        for n, day in enumerate(days)
    ]


# Cases that are gone


def test_an_export_of_one_quarter_alone_is_asked_about_with_numbers(
    workspace: Workspace, tmp_path: Path
) -> None:
    intake([disputes(tmp_path, half_a_year())], day=JULY)
    third = [case(f"C{n}", f"2026-08-{n + 1:02d}") for n in range(10)]
    taken = intake([disputes(tmp_path, third)], day=OCTOBER)
    [doubt] = taken.proposal.told
    assert "以前录入、这一年要数的 40 条个案，有 40 条这次的导出里没有（其中未办结 20 条）" in doubt
    assert "受理日期从 2026-08-01 到 2026-08-10" in doubt
    assert "编号" not in doubt
    assert whole(taken) == {"2026Q3": "20/50"}  # those known are counted as they were


@pytest.mark.parametrize(("gone", "doubted"), [(2, False), (3, True)])
def test_a_few_cases_gone_are_told_and_more_than_one_in_twenty_asked_about(
    workspace: Workspace, tmp_path: Path, gone: int, doubted: bool
) -> None:
    intake([disputes(tmp_path, half_a_year())], day=JULY)
    taken = intake([disputes(tmp_path, half_a_year()[gone:])], day=OCTOBER)
    assert len(taken.proposal.told) == doubted
    assert (
        any(f"以前录入的 {gone} 条个案这次的导出里没有" in notice for notice in taken.notices) is not doubted
    )


def test_cases_over_before_the_year_may_go(workspace: Workspace, tmp_path: Path) -> None:
    old = [case(f"O{n}", "2025-03-03", "2025-05-05") for n in range(20)]
    carried_over, late = case("K", "2025-12-01"), case("L", "2025-12-01", "2026-01-02")
    intake([disputes(tmp_path, [*old, carried_over, late])], day=dt.date(2026, 1, 10))
    taken = intake([disputes(tmp_path, [carried_over, late])], day=JULY)
    assert list(taken.proposal.told) == []
    assert not any("没有" in notice for notice in taken.notices)
    assert "有 1 条" in intake([disputes(tmp_path, [carried_over])], day=OCTOBER).proposal.told[0]


def test_a_duplicate_without_a_day_is_over_and_may_go_once_its_year_is(
    workspace: Workspace, tmp_path: Path
) -> None:
    platform = "安薪在线"
    doubles = [[f"D{n}", "2025-03-03", "", "重复"] for n in range(20)]
    carried_over = [[f"K{n}", "2025-12-01", "", "办理中"] for n in range(20)]
    intake([arrears(tmp_path, platform, [*doubles, *carried_over])], day=dt.date(2026, 1, 12))
    this_year = [["N", "2026-02-02", "", "重复"]]
    taken = intake([arrears(tmp_path, platform, [*carried_over, *this_year])], day=JULY)
    assert list(taken.proposal.told) == []
    # One opened this year is still to be exported, and is not among those that are open.
    [doubt] = intake([arrears(tmp_path, platform, carried_over[2:])], day=OCTOBER).proposal.told
    assert "要数的 21 条个案，有 3 条这次的导出里没有（其中未办结 2 条）" in doubt


# Other ids


def test_ids_that_lost_their_zeros_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    known = half_a_year("0")
    intake([disputes(tmp_path, known)], day=JULY)
    before = tree(workspace.root)
    cut = [[str(int(id)), *rest] for id, *rest in known]
    with pytest.raises(IntakeError) as refusal:
        intake([disputes(tmp_path, [*cut, case("50", "2026-08-08")])], day=OCTOBER)
    [problem] = refusal.value.problems
    assert problem.place == "第 3 行第 1 列 起（案号）"
    assert "以前录入的 40 条个案里有 40 条不见了" in problem.found
    assert "007 成了 7" in problem.remedy
    assert "data/records/zhihui-zhongcai.csv" in problem.remedy
    assert tree(workspace.root) == before


@pytest.mark.parametrize(("renumbered", "refused"), [(19, False), (20, True)])
def test_half_of_the_known_under_other_ids_is_too_much(
    workspace: Workspace, tmp_path: Path, renumbered: int, refused: bool
) -> None:
    known = half_a_year()
    intake([disputes(tmp_path, known)], day=JULY)
    file = disputes(
        tmp_path, [["X" + id if n < renumbered else id, *rest] for n, (id, *rest) in enumerate(known)]
    )
    if refused:
        with pytest.raises(IntakeError, match="重复计数"):
            intake([file], day=OCTOBER)
    else:
        [doubt] = intake([file], day=OCTOBER).proposal.told
        assert "其中 19 条各有一条受理日期、街道等都相同、编号不同的新个案" in doubt


@pytest.mark.parametrize(("count", "refused"), [(4, False), (5, True)])
def test_a_handful_may_be_chance(workspace: Workspace, tmp_path: Path, count: int, refused: bool) -> None:
    intake([disputes(tmp_path, half_a_year("A", count))], day=JULY)
    file = disputes(tmp_path, half_a_year("B", count))
    if refused:
        with pytest.raises(IntakeError, match="重复计数"):
            intake([file], day=OCTOBER)
    else:
        assert f"其中 {count} 条" in intake([file], day=OCTOBER).proposal.told[0]


def test_another_secret_is_refused_before_anything_is_counted(workspace: Workspace, tmp_path: Path) -> None:
    intake([disputes(tmp_path, [case("A", "2026-02-02")])], day=JULY)
    key = workspace.data / ".case-key"
    own = key.read_text(encoding="ascii")
    key.write_text("0f" * 32 + "\n", encoding="ascii")
    before = tree(workspace.root)
    with pytest.raises(IntakeError, match="不是已有的个案所用的那一个") as refusal:
        intake([disputes(tmp_path, [case("A", "2026-02-02"), case("B", "2026-08-02")])], day=OCTOBER)
    assert "data/records/" in str(refusal.value)
    assert "0f0f" not in str(refusal.value)
    assert tree(workspace.root) == before
    key.write_text(own, encoding="ascii")
    assert whole(intake([disputes(tmp_path, [case("A", "2026-02-02")])], day=OCTOBER)) == {"2026Q3": "0/1"}


def test_what_a_secret_is_known_by_is_not_the_secret(workspace: Workspace, tmp_path: Path) -> None:
    intake([disputes(tmp_path, [case("A", "2026-02-02")])], day=JULY)
    own = (workspace.data / ".case-key").read_text(encoding="ascii").strip()
    mark = (workspace.data / "records" / "key-mark.txt").read_text(encoding="ascii").strip()
    assert len(mark) == 20
    assert mark not in own


# One number with two platforms


def test_a_case_12_of_one_platform_is_not_case_12_of_another(workspace: Workspace, tmp_path: Path) -> None:
    files = [arrears(tmp_path, platform, [("12", "2026-02-02", "", "办理中")]) for platform in PLATFORMS]
    taken = intake(files, day=OCTOBER)
    assert whole(taken, "arrears_resolution_rate") == {"2026Q3": "0/3"}


def test_platforms_that_share_their_ids_say_so(workspace: Workspace, tmp_path: Path) -> None:
    for file in (workspace.data / "mappings").glob("*.yml"):
        if yaml.safe_load(file.read_text(encoding="utf-8"))["platform"] in PLATFORMS:
            file.write_text(file.read_text(encoding="utf-8") + "shared_ids: true\n", encoding="utf-8")
    files = [arrears(tmp_path, platform, [("12", "2026-02-02", "", "办理中")]) for platform in PLATFORMS]
    assert whole(intake(files, day=OCTOBER), "arrears_resolution_rate") == {"2026Q3": "0/1"}


# Cases of other regions


def test_cases_of_other_regions_are_left_out_and_counted_aloud(workspace: Workspace, tmp_path: Path) -> None:
    cases = [
        case("A", "2026-02-02"),
        case("B", "2026-02-02", town="温州市"),
        case("C", "2026-02-02", town="浙江省"),
    ]
    cases += [case("D", "2026-02-02", town="洞头区"), case("E", "2026-02-02", town="")]
    taken = intake([disputes(tmp_path, cases)], day=OCTOBER)
    assert "智慧仲裁：别的地区的 2 条个案不计（温州市 1、浙江省 1）。" in taken.notices
    assert whole(taken) == {"2026Q3": "0/3"}
    assert (
        len((workspace.data / "records" / "zhihui-zhongcai.csv").read_text(encoding="utf-8").splitlines())
        == 4
    )


def test_a_case_that_moves_to_another_region_counts_no_more(workspace: Workspace, tmp_path: Path) -> None:
    intake([disputes(tmp_path, [case("A", "2026-02-02"), case("B", "2026-02-02")])], day=JULY)
    taken = intake(
        [disputes(tmp_path, [case("A", "2026-02-02"), case("B", "2026-02-02", town="温州市")])], day=OCTOBER
    )
    assert whole(taken) == {"2026Q3": "0/1"}
    assert list(taken.proposal.told) == []


def test_an_export_of_other_regions_alone_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as refusal:
        intake([disputes(tmp_path, [case("A", "2026-02-02", town="温州市")])], day=OCTOBER)
    [problem] = refusal.value.problems
    assert problem.place == "第 3 行第 6 列 起（所属街道）"
    assert problem.found == "没有一条是洞头区的个案（温州市 1）"


# Years


def test_a_year_long_before_all_others_is_asked_about_with_its_cell(
    workspace: Workspace, tmp_path: Path
) -> None:
    cases = [case("A", "2016-02-02"), *half_a_year("B")]
    [doubt] = intake([disputes(tmp_path, cases)], day=OCTOBER).proposal.told
    assert doubt == (
        "智慧仲裁：收案日期早得多的新个案 1 条（第 3 行第 3 列 2016-02-02），其余的从 2026-01-02 开始；请核对年份"
    )
    assert list(intake([disputes(tmp_path, cases)], day=OCTOBER).proposal.told) == []  # it is known now


@pytest.mark.parametrize(("opened", "doubted"), [("2024-01-03", False), ("2024-01-01", True)])
def test_two_years_apart_are_not_long(
    workspace: Workspace, tmp_path: Path, opened: str, doubted: bool
) -> None:
    cases = [
        case("A", opened),
        *half_a_year("B"),
    ]  # the others begin on 2026-01-02, 731 days after 2024-01-02
    assert len(intake([disputes(tmp_path, cases)], day=OCTOBER).proposal.told) == doubted


def test_the_cases_known_before_count_among_the_others(workspace: Workspace, tmp_path: Path) -> None:
    old = [case("K", "2019-05-05"), case("L", "2021-02-02"), case("M", "2022-12-12"), case("N", "2024-11-11")]
    intake([disputes(tmp_path, [*old, *half_a_year("B")])], day=JULY)
    late = case("O", "2018-02-02")
    taken = intake([disputes(tmp_path, [*old, late, *half_a_year("B")])], day=OCTOBER)
    assert list(taken.proposal.told) == []


# Ends without a day


def withdrawn_left_out(workspace: Workspace) -> None:
    file = workspace.rules_file
    text = file.read_text(encoding="utf-8")
    old = "arbitration_closure_rate:\n    base: carried_over_and_new      # 也有地方只用本年受理数作分母：改为 new\n    leave_out: [duplicate, transferred]"
    assert text.count(old) == 1
    file.write_text(
        text.replace(old, old.replace("transferred]", "transferred, withdrawn]")), encoding="utf-8"
    )


def test_a_case_withdrawn_without_a_day_leaves_what_was_counted_as_it_was(
    workspace: Workspace, tmp_path: Path
) -> None:
    withdrawn_left_out(workspace)
    quarters = [pd.Period(text, freq="Q-DEC") for text in ("2026Q1", "2026Q2", "2026Q3")]
    many = [case("A", "2026-01-05"), case("B", "2026-01-05")]
    assert whole(intake([disputes(tmp_path, many)], day=JULY, quarters=quarters[:2])) == {
        "2026Q1": "0/2", "2026Q2": "0/2",
    }  # fmt: skip
    many[1] = case("B", "2026-01-05", word="撤诉")
    taken = intake([disputes(tmp_path, many)], day=OCTOBER, quarters=quarters)
    assert whole(taken) == {"2026Q1": "0/2", "2026Q2": "0/2", "2026Q3": "0/1"}
    assert taken.proposal.count("changed") == 0
    assert list(taken.proposal.told) == [
        "智慧仲裁：1 条个案成了撤回，却没有日期，按上一次导出的次日算；以前各季已经算过的数不变，"
        "要按真实的日子算，请在平台补上"
    ]


def test_one_that_was_never_known_otherwise_counts_nowhere(workspace: Workspace, tmp_path: Path) -> None:
    withdrawn_left_out(workspace)
    cases = [case("A", "2026-01-05"), case("B", "2026-01-05", word="撤诉")]
    taken = intake([disputes(tmp_path, cases)], day=OCTOBER)
    assert whole(taken) == {"2026Q3": "0/1"}
    assert list(taken.proposal.told) == []


def test_one_whose_outcome_is_not_left_out_is_due_in_its_own_year_and_not_carried_over_for_ever(
    workspace: Workspace, tmp_path: Path
) -> None:
    cases = [case("A", "2025-01-05"), case("B", "2025-01-05", word="撤诉")]
    quarters = [pd.Period(text, freq="Q-DEC") for text in ("2025Q4", "2026Q3")]
    taken = intake([disputes(tmp_path, cases)], day=OCTOBER, quarters=quarters)
    assert whole(taken) == {"2025Q4": "0/2", "2026Q3": "0/1"}
