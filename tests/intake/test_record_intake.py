import csv
import datetime as dt
import hashlib
import shutil
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from workspaces import copy_workspace, tree

from laoyou.errors import IntakeError
from laoyou.intake.record_intake import SAMPLE_KEY
from laoyou.intake.take import Taken, intake
from laoyou.ledger.append import LOCK
from laoyou.personal import case_hash
from laoyou.workspace import Workspace

OCTOBER = dt.date(2026, 10, 12)
Q3 = pd.Period("2026Q3", freq="Q-DEC")
NUMBERS = {"安薪在线": "线索编号", "码上维权·不再忧薪": "投诉编号", "智慧监察·阳光支付": "预警编号"}
NAMES = {
    "安薪在线": "anxin-zaixian",
    "码上维权·不再忧薪": "mashang-weiquan",
    "智慧监察·阳光支付": "zhihui-jiancha",
}
ANXIN, MASHANG, JIANCHA = NUMBERS
Case = tuple[str, str, str, str]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a copy of the shipped workspace without the sample, which is the current one."""
    root = tmp_path / "workspace"
    root.mkdir()
    monkeypatch.chdir(root)
    copied = copy_workspace(root)
    shutil.rmtree(copied.data / "sample")
    return copied


def arrears(folder: Path, platform: str, *cases: Case, mark: str = "", name: str = "") -> Path:
    """Write an export of leads: id, day received, day closed, state; all in 北岙街道."""
    head = [
        NUMBERS[platform],
        "受理日期",
        "办结日期",
        "办理状态",
        "所属街道",
        "行业",
        "涉及人数",
        "涉及金额（元）",
    ]
    lines = [[f"{platform}导出{mark}"], [*head, "联系人"]]
    lines += [[*case, "北岙街道", "建筑业", "3", "12,000", "演示略"] for case in cases]
    return write(folder / (name or f"{platform}.csv"), lines)


def disputes(folder: Path, *cases: Sequence[str]) -> Path:
    """Write an export of arbitration: id, procedure, day received, day closed, result; all in 北岙街道."""
    head = ["案号", "程序", "收案日期", "结案日期", "处理结果", "所属街道"]
    return write(folder / "仲裁.csv", [["智慧仲裁导出"], head, *([*case, "北岙街道"] for case in cases)])


def write(file: Path, lines: Sequence[Sequence[str]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(lines)
    return file


def done(id: str, closed: str = "2026-08-08", opened: str = "2026-02-02") -> Case:
    return id, opened, closed, "已化解"


def open_case(id: str, opened: str = "2026-02-02") -> Case:
    return id, opened, "", "办理中"


def district(taken: Taken) -> dict[tuple[str, str], str]:
    """Return the district's figures of an intake by indicator and period."""
    rows = taken.proposal.rows
    return {
        (row["indicator"], row["period"]): f"{row['numerator']}/{row['denominator']}"
        for row in rows[rows["region"] == "330305"].to_dict("records")
    }


def table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


ARREARS = ("arrears_resolution_rate", "2026Q3")


# Missing platforms


def test_a_rate_of_three_platforms_is_not_made_from_one_and_that_is_said(
    workspace: Workspace, tmp_path: Path
) -> None:
    taken = intake([arrears(tmp_path, ANXIN, done("A1"))], day=OCTOBER)
    assert taken.proposal.rows.empty
    assert list(taken.notices) == [
        "安薪在线：1 条个案，其中新增或有变化 1 条。",
        "欠薪线索动态化解率 2026Q3 没有算：还缺季末以后导出的码上维权·不再忧薪、智慧监察·阳光支付。",
    ]
    assert taken.written
    assert not (workspace.data / "observations" / "reported.csv").exists()
    assert len(table(workspace.data / "records" / "anxin-zaixian.csv")) == 1


def test_the_rate_is_made_when_the_last_platform_comes_in(workspace: Workspace, tmp_path: Path) -> None:
    intake([arrears(tmp_path, ANXIN, done("A1"), open_case("A2"))], day=OCTOBER)
    second = intake([arrears(tmp_path, MASHANG, done("M1"))], day=OCTOBER)
    assert second.proposal.rows.empty
    assert second.notices[-1].endswith("还缺季末以后导出的智慧监察·阳光支付。")
    third = intake([arrears(tmp_path, JIANCHA, done("J1"), open_case("J2"))], day=OCTOBER)
    assert district(third) == {ARREARS: "3/5"}
    assert not any("没有算" in notice for notice in third.notices)
    [row] = [r for r in table(workspace.data / "observations" / "reported.csv") if r["region"] == "330305"]
    assert (row["numerator"], row["denominator"]) == ("3", "5")
    assert (row["status"], row["reported_on"]) == ("reported", "2026-10-12")
    assert row["source"] == "安薪在线、码上维权·不再忧薪、智慧监察·阳光支付导出"


def test_platforms_taken_in_together_make_the_rate_at_once(workspace: Workspace, tmp_path: Path) -> None:
    files = [arrears(tmp_path, platform, done(platform), open_case("x" + platform)) for platform in NUMBERS]
    assert district(intake(files, day=OCTOBER)) == {ARREARS: "3/6"}


@pytest.mark.parametrize(("day", "made"), [(dt.date(2026, 9, 30), False), (dt.date(2026, 10, 1), True)])
def test_an_export_must_be_of_a_day_after_the_quarter(
    workspace: Workspace, tmp_path: Path, day: dt.date, made: bool
) -> None:
    intake([arrears(tmp_path, ANXIN, done("A1"))], day=day)
    others = [arrears(tmp_path, MASHANG, done("M1")), arrears(tmp_path, JIANCHA, done("J1"))]
    taken = intake(others, day=OCTOBER)
    assert district(taken) == ({ARREARS: "3/3"} if made else {})
    said = "欠薪线索动态化解率 2026Q3 没有算：还缺季末以后导出的安薪在线。"
    assert (said in taken.notices) is not made


def test_an_unchanged_export_of_the_next_quarter_is_a_new_one_and_asked_about(
    workspace: Workspace, tmp_path: Path
) -> None:
    same = arrears(tmp_path, ANXIN, done("A1"))
    intake([same], day=dt.date(2026, 9, 30))
    others = [arrears(tmp_path, MASHANG, done("M1")), arrears(tmp_path, JIANCHA, done("J1"))]
    taken = intake([same, *others], day=OCTOBER)
    assert district(taken) == {ARREARS: "3/3"}
    assert list(taken.proposal.told) == [
        "安薪在线：这份文件与 2026-09-30 录入的逐字节相同，作为这一季的新导出；请核对是不是拿错了旧文件"
    ]
    log = table(workspace.data / "records" / "exports.csv")
    assert [row["taken_in"] for row in log if row["mapping"] == "anxin-zaixian"] == [
        "2026-09-30",
        "2026-10-12",
    ]
    before = tree(workspace.root)
    again = intake([same, *others], day=OCTOBER)
    assert not again.written
    assert list(again.proposal.told) == []
    assert tree(workspace.root) == before


@pytest.mark.parametrize(("day", "logged"), [(dt.date(2026, 12, 31), 1), (dt.date(2027, 1, 1), 2)])
def test_a_quarter_ends_with_its_last_day(
    workspace: Workspace, tmp_path: Path, day: dt.date, logged: int
) -> None:
    same = arrears(tmp_path, ANXIN, done("A1"))
    intake([same], day=OCTOBER)
    intake([same], day=day)
    assert len(table(workspace.data / "records" / "exports.csv")) == logged


def test_each_quarter_is_judged_by_itself(workspace: Workspace, tmp_path: Path) -> None:
    quarters = [pd.Period(text, freq="Q-DEC") for text in ("2026Q1", "2026Q2", "2026Q3")]
    intake([arrears(tmp_path, ANXIN, done("A1", "2026-05-05"))], day=dt.date(2026, 7, 10))
    others = [arrears(tmp_path, MASHANG, open_case("M1")), arrears(tmp_path, JIANCHA, open_case("J1"))]
    taken = intake(others, day=OCTOBER, quarters=quarters)
    indicator = ARREARS[0]
    assert district(taken) == {(indicator, "2026Q1"): "0/3", (indicator, "2026Q2"): "1/3"}
    assert [n for n in taken.notices if "没有算" in n] == [
        "欠薪线索动态化解率 2026Q3 没有算：还缺季末以后导出的安薪在线。"
    ]


# What is kept


def test_the_log_says_which_export_came_when_with_how_many_records(
    workspace: Workspace, tmp_path: Path
) -> None:
    one = arrears(tmp_path, ANXIN, done("A1"), open_case("A2"))
    first = hashlib.sha256(one.read_bytes()).hexdigest()
    intake([one], day=OCTOBER)
    intake([one], day=dt.date(2026, 10, 13))
    two = arrears(tmp_path, ANXIN, done("A1"), done("A2"), open_case("A3"))
    second = hashlib.sha256(two.read_bytes()).hexdigest()
    intake([two], day=dt.date(2026, 10, 14))
    assert table(workspace.data / "records" / "exports.csv") == [
        {"mapping": "anxin-zaixian", "taken_in": "2026-10-12", "records": "2", "sha256": first},
        {"mapping": "anxin-zaixian", "taken_in": "2026-10-14", "records": "3", "sha256": second},
    ]


def test_an_export_that_brings_nothing_new_is_logged_all_the_same(
    workspace: Workspace, tmp_path: Path
) -> None:
    # Only so does the quarter it was made for count as covered.
    intake([arrears(tmp_path, ANXIN, done("A1", "2026-06-30"))], day=dt.date(2026, 7, 1))
    again = arrears(tmp_path, ANXIN, done("A1", "2026-06-30"), mark="（10 月）")
    taken = intake([again], day=OCTOBER)
    assert taken.written
    assert taken.notices[0] == "安薪在线：1 条个案，其中新增或有变化 0 条。"
    records = workspace.data / "records"
    assert len(table(records / "anxin-zaixian.csv")) == 1
    assert [row["taken_in"] for row in table(records / "exports.csv")] == ["2026-07-01", "2026-10-12"]


def test_the_same_files_again_change_no_byte(workspace: Workspace, tmp_path: Path) -> None:
    files = [arrears(tmp_path, platform, done(platform), open_case("x" + platform)) for platform in NUMBERS]
    assert intake(files, day=OCTOBER).written
    before = tree(workspace.root)
    again = intake(files, day=dt.date(2026, 10, 20))
    assert not again.written
    assert set(again.proposal.rows["kind"]) == {"same"}
    assert tree(workspace.root) == before


def test_a_case_is_known_by_its_hash_alone(workspace: Workspace, tmp_path: Path) -> None:
    intake([arrears(tmp_path, ANXIN, done("AX-SECRET-77"))], day=OCTOBER)
    key = bytes.fromhex((workspace.data / ".case-key").read_text(encoding="ascii"))
    [kept] = table(workspace.data / "records" / "anxin-zaixian.csv")
    assert kept["case"] == case_hash(key, "安薪在线|AX-SECRET-77")
    assert (kept["region"], kept["industry"], kept["workers"], kept["amount"]) == (
        "330305001", "construction", "3", "12000",
    )  # fmt: skip
    assert not any(b"SECRET" in content for content in tree(workspace.root).values())


@pytest.mark.skipif(sys.platform == "win32", reason="file modes")
def test_the_key_can_be_read_by_its_owner_alone(workspace: Workspace, tmp_path: Path) -> None:
    intake([arrears(tmp_path, ANXIN, done("A1"))], day=OCTOBER)
    assert stat.S_IMODE((workspace.data / ".case-key").stat().st_mode) == 0o600


def test_sample_records_are_kept_apart_under_a_key_that_is_no_secret(
    workspace: Workspace, tmp_path: Path
) -> None:
    intake([arrears(tmp_path, ANXIN, done("A1"), mark="（演示数据）")], day=OCTOBER)
    [kept] = table(workspace.data / "sample" / "records" / "anxin-zaixian.csv")
    assert kept["case"] == case_hash(SAMPLE_KEY, "安薪在线|A1")
    assert not (workspace.data / "records").exists()
    assert not (workspace.data / ".case-key").exists()


def test_sample_platforms_do_not_make_up_for_real_ones(workspace: Workspace, tmp_path: Path) -> None:
    intake([arrears(tmp_path, ANXIN, done("A1"), mark="（演示数据）")], day=OCTOBER)
    others = [arrears(tmp_path, MASHANG, done("M1")), arrears(tmp_path, JIANCHA, done("J1"))]
    taken = intake(others, day=OCTOBER)
    assert taken.proposal.rows.empty
    assert taken.notices[-1].endswith("还缺季末以后导出的安薪在线。")


# Later exports


def test_a_later_export_changes_the_cases_and_the_figure(workspace: Workspace, tmp_path: Path) -> None:
    one = disputes(
        tmp_path,
        ("Z1", "仲裁", "2026-03-03", "2026-05-05", "结案"),
        ("Z2", "仲裁", "2026-09-01", "", "审理中"),
        ("Z3", "仲裁", "2026-09-30", "", "审理中"),
        ("T1", "调解", "2026-09-01", "2026-09-02", "调解成功"),
    )
    first = intake([one], day=OCTOBER)
    closure, mediation = ("arbitration_closure_rate", "2026Q3"), ("mediation_success_rate", "2026Q3")
    assert district(first) == {closure: "1/3", mediation: "1/1"}
    later = disputes(
        tmp_path,
        ("Z1", "仲裁", "2026-03-03", "2026-05-05", "结案"),
        ("Z2", "仲裁", "2026-09-01", "2026-09-29", "结案"),  # entered late
        ("Z3", "仲裁", "2026-09-30", "2026-10-08", "重复"),  # over after the quarter
        ("T1", "调解", "2026-09-01", "2026-09-02", "调解成功"),
    )
    second = intake([later], day=dt.date(2026, 10, 20))
    assert second.notices[0] == "智慧仲裁：4 条个案，其中新增或有变化 2 条。"
    assert district(second) == {closure: "2/3", mediation: "1/1"}
    kinds = second.proposal.rows.query("region == '330305'").set_index("indicator")["kind"].to_dict()
    assert kinds == {closure[0]: "changed", mediation[0]: "same"}
    rows = [r for r in table(workspace.data / "observations" / "reported.csv") if r["region"] == "330305"]
    assert [(r["numerator"], r["reported_on"], r["note"]) for r in rows if r["indicator"] == closure[0]] == [
        ("1", "2026-10-12", ""),
        ("2", "2026-10-20", "更正：原 1/3"),
    ]


def test_the_quarters_asked_for_are_counted(workspace: Workspace, tmp_path: Path) -> None:
    file = disputes(tmp_path, ("Z1", "仲裁", "2026-03-03", "2026-05-05", "结案"))
    quarters = [pd.Period(text, freq="Q-DEC") for text in ("2026Q1", "2026Q2")]
    taken = intake([file], day=OCTOBER, quarters=quarters)
    found = {period: figure for (id, period), figure in district(taken).items() if id.startswith("arb")}
    assert found == {"2026Q1": "0/1", "2026Q2": "1/1"}


# Refusals


def test_two_exports_of_one_platform_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    before = tree(workspace.root)
    files = [
        arrears(tmp_path, ANXIN, done("A1"), name="1.csv"),
        arrears(tmp_path, ANXIN, done("A2"), name="2.csv"),
    ]
    with pytest.raises(IntakeError, match="同一平台有两份导出"):
        intake(files, day=OCTOBER)
    assert {
        name: content for name, content in tree(workspace.root).items() if not name.endswith(LOCK)
    } == before


def test_without_the_key_old_cases_are_not_mistaken_for_others(workspace: Workspace, tmp_path: Path) -> None:
    intake([arrears(tmp_path, ANXIN, done("A1"))], day=OCTOBER)
    (workspace.data / ".case-key").unlink()
    before = tree(workspace.root)
    with pytest.raises(IntakeError, match="已有的个案对不上号"):
        intake([arrears(tmp_path, ANXIN, done("A1"), done("A2"))], day=OCTOBER)
    assert tree(workspace.root) == before


@pytest.mark.parametrize("name", [*NAMES.values(), "exports"])
def test_damaged_records_are_refused_and_nothing_changes(
    workspace: Workspace, tmp_path: Path, name: str
) -> None:
    files = [arrears(tmp_path, platform, done(platform)) for platform in NUMBERS]
    intake(files, day=OCTOBER)
    kept = workspace.data / "records" / f"{name}.csv"
    kept.write_bytes(kept.read_bytes()[:-12])
    before = tree(workspace.root)
    with pytest.raises(IntakeError) as caught:
        intake([arrears(tmp_path, ANXIN, done("A1"), done("A2"))], day=OCTOBER)
    assert caught.value.where == f"data/records/{name}.csv"
    assert tree(workspace.root) == before


def test_a_quarter_that_is_not_over_is_not_counted(workspace: Workspace, tmp_path: Path) -> None:
    file = arrears(tmp_path, ANXIN, done("A1"))
    with pytest.raises(IntakeError, match="2026Q3 到 2026-09-30 还没有结束"):
        intake([file], day=dt.date(2026, 9, 30), quarters=[Q3])
    assert intake([file], day=dt.date(2026, 10, 1), quarters=[Q3]).written
