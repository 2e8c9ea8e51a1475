import csv
import datetime as dt
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from workspaces import ROOT, copy_workspace, shipped_plan, shipped_rules, tree

from laoyou.cli import main
from laoyou.intake.exports import SAMPLE_MARK
from laoyou.intake.headings import find_mapping
from laoyou.intake.mappings import load_mappings
from laoyou.intake.take import Taken, intake
from laoyou.personal import personal_numbers
from laoyou.regions import load_regions
from laoyou.sample.platforms import counted_rows, platform_files
from laoyou.sample.write import SOURCE, sample_figures
from laoyou.sheets.grids import open_reader
from laoyou.workspace import Workspace

SHIPPED = ROOT / "data" / "sample"
EXPORTS = sorted((SHIPPED / "exports").iterdir())
NAMES = [file.name for file in EXPORTS]
ENCODINGS = {
    "zheli-jiuye.csv": "utf-8-sig", "zhongdian-qunti.csv": "gb18030", "dishouru-bangfu.csv": "utf-8",
    "ouyue-gongjiang.txt": "utf-16", "zheli-hexie.csv": "gb18030", "anxin-zaixian.csv": "gb18030",
    "mashang-weiquan.csv": "utf-8-sig", "zhihui-zhongcai.csv": "gb18030", "zheli-qian.csv": "utf-8-sig",
    "xiaowei-zengxin.csv": "utf-8-sig",
}  # fmt: skip
WORKBOOKS = {"zhepai-gongjiang.xlsx", "zhihui-jiancha.xlsx", "linggong-shichang.xlsx"}
PERSONAL = {"姓名", "身份证号", "联系人", "联系电话", "申请人", "被申请人", "企业名称"}
PLAN = shipped_plan()
RULES = shipped_rules()
DAY = dt.date(2026, 10, 20)
QUARTERS = list(pd.period_range("2022Q1", "2026Q3", freq="Q-DEC"))
ADDED = {
    "employment_checkups": ("20", "补报：此前未报"),
    "gig_markets_built": ("3", ""),
    "gig_markets_public_service": ("2", ""),
    "gig_market_model": ("1", ""),
}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a copy of the shipped workspace, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return copy_workspace(tmp_path)


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Taken]]:
    """Return a workspace into which all the sample exports were taken, and what came of it."""
    root = tmp_path_factory.mktemp("taken")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        copied = copy_workspace(root)
        yield copied, intake(sorted((copied.data / "sample" / "exports").iterdir()), day=DAY)


def lines(file: Path) -> list[list[str]]:
    """Return the cells of an export as text, read without the project's own readers."""
    if file.name in WORKBOOKS:
        [table] = openpyxl.load_workbook(file).worksheets
        return [["" if cell is None else str(cell) for cell in row] for row in table.values]
    text = file.read_bytes().decode(ENCODINGS[file.name])
    return list(csv.reader(io.StringIO(text), delimiter="\t" if file.suffix == ".txt" else ","))


def of_each_export(argument: str = "file") -> pytest.MarkDecorator:
    return pytest.mark.parametrize(argument, EXPORTS, ids=NAMES)


# The files


def test_the_sample_is_made_again_to_the_byte(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(workspace.data / "sample")
    assert main(["sample"]) == 0
    assert tree(workspace.data / "sample") == tree(SHIPPED)
    told = capsys.readouterr().out.splitlines()
    sizes = {f"data/sample/exports/{file.name}": file.stat().st_size for file in EXPORTS}
    for name in ("observations.csv", "supervision/events.csv"):
        sizes[f"data/sample/{name}"] = (SHIPPED / name).stat().st_size
    assert sorted(told) == sorted(f"{name} {size:,} 字节" for name, size in sizes.items())


def test_the_sample_is_made_again_over_an_old_one_and_strange_files(workspace: Workspace) -> None:
    sample = workspace.data / "sample"
    (sample / "exports" / "~$zhepai-gongjiang.xlsx").write_bytes(b"\x07Excel")
    (sample / "exports" / "anxin-zaixian.bak").write_text("别的文件", encoding="utf-8")
    (sample / "exports" / "anxin-zaixian.csv").write_bytes(b"old")
    (sample / "observations.csv").write_bytes(b"old")
    before = tree(sample)
    assert main(["sample"]) == 0
    assert tree(sample) == {
        **tree(SHIPPED),
        **{name: content for name, content in before.items() if "~$" in name or name.endswith(".bak")},
    }


def test_there_is_an_export_for_every_mapping() -> None:
    mappings = {file.stem for file in (ROOT / "data" / "mappings").glob("*.yml")}
    assert len(EXPORTS) == 13
    assert {file.stem for file in EXPORTS} == mappings
    assert {file.name for file in EXPORTS} == set(ENCODINGS) | WORKBOOKS


@of_each_export()
def test_an_export_answers_to_the_mapping_of_its_name_alone(file: Path) -> None:
    home = Workspace(ROOT)
    mappings = load_mappings(home, PLAN, load_regions(home), RULES)
    named, _ = find_mapping(open_reader(file, file.name, RULES.intake), mappings, file.name)
    assert named.name == file.stem


def test_the_exports_come_in_the_shapes_that_real_ones_come_in() -> None:
    for file in EXPORTS:
        content = file.read_bytes()
        encoding = ENCODINGS.get(file.name)
        assert content.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
        assert content.startswith(b"\xff\xfe") == (encoding == "utf-16")
        assert content.startswith(b"PK") == (file.name in WORKBOOKS)
        if encoding == "gb18030":
            with pytest.raises(UnicodeDecodeError):
                content.decode("utf-8")
    [skills] = openpyxl.load_workbook(SHIPPED / "exports" / "zhepai-gongjiang.xlsx").worksheets
    assert {str(area) for area in skills.merged_cells.ranges} == {"A1:C1", "A2:A3", "B2:C2"}


@of_each_export()
def test_an_export_says_that_it_is_a_sample_above_its_heading(file: Path) -> None:
    first, second, *rest = lines(file)
    assert SAMPLE_MARK in first[0]
    assert "非真实记录" in first[0]
    assert SAMPLE_MARK not in "".join(second)
    assert len(rest) >= 3


@of_each_export()
def test_an_export_has_no_personal_data(file: Path) -> None:
    _, heading, *rest = lines(file)
    held = {heading[n] for n in range(len(heading))} & PERSONAL
    for row in rest:
        cells = dict(zip(heading, row, strict=True))
        assert {cells[name] for name in held} <= {"演示略"}
        assert not any(personal_numbers(cell) for cell in row)


def test_columns_of_personal_data_are_there_for_the_readers_to_pass_over() -> None:
    assert {name for file in EXPORTS for name in lines(file)[1]} >= PERSONAL


def test_every_case_has_its_own_number() -> None:
    for file in EXPORTS:
        if load_heading(file) in {
            "线索编号",
            "投诉编号",
            "预警编号",
            "案号",
            "登记编号",
            "帮扶编号",
            "市场编号",
        }:
            ids = [row[0] for row in lines(file)[2:]]
            assert len(ids) == len(set(ids))


def load_heading(file: Path) -> str:
    return lines(file)[1][0]


def test_another_scale_gives_other_exports_and_the_same_scale_the_same() -> None:
    figures, regions = sample_figures(PLAN), load_regions(Workspace(ROOT))
    made = platform_files(figures, regions, dt.date(2026, 10, 12))
    assert made == {file.name: file.read_bytes() for file in EXPORTS}
    jobs = {q: {"value": str(2 * int(row["value"]))} for q, row in figures["new_urban_jobs"].items()}
    other = platform_files({**figures, "new_urban_jobs": jobs}, regions, dt.date(2026, 10, 12))
    assert {name for name in made if made[name] != other[name]} == {"zheli-jiuye.csv"}


def test_an_export_without_a_mapping_is_passed_over() -> None:
    home = Workspace(ROOT)
    regions = load_regions(home)
    mappings = load_mappings(home, PLAN, regions, RULES)
    markets = {"linggong-shichang": mappings["linggong-shichang"]}
    counted = counted_rows(EXPORTS, markets, QUARTERS[-1:], PLAN, RULES, regions, DAY)
    assert {id: [row["value"] for row in rows] for id, rows in counted.items()} == {
        "gig_markets_built": ["3"],
        "gig_markets_public_service": ["2"],
        "gig_market_model": ["1"],
    }


# Taken in


def test_taking_in_all_exports_adds_what_was_not_reported_and_the_three_commitments(
    taken: tuple[Workspace, Taken],
) -> None:
    workspace, came = taken
    assert came.written
    assert came.proposal.target == "data/sample/intake.csv"
    rows = came.proposal.rows
    others = rows[~rows["indicator"].isin(ADDED) | (rows["period"] != "2026Q3")]
    assert set(others["kind"]) == {"same"}
    assert len(rows) == len(others) + len(ADDED)
    with (workspace.data / "sample" / "intake.csv").open(encoding="utf-8-sig", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert {row["indicator"]: (row["value"], row["note"]) for row in written} == ADDED
    assert len(written) == len(ADDED)
    for row in written:
        assert (row["region"], row["period"], row["status"]) == ("330305", "2026Q3", "sample")
        assert row["reported_on"] == "2026-10-20"
        assert row["source"].startswith("演示数据")


def test_taking_in_all_exports_leaves_every_other_file_as_it_was(taken: tuple[Workspace, Taken]) -> None:
    workspace, _ = taken
    records = {f"sample/records/{file.stem}.csv" for file in EXPORTS}
    unused = {
        "zheli-jiuye",
        "zhepai-gongjiang",
        "ouyue-gongjiang",
        "zheli-hexie",
        "zheli-qian",
        "xiaowei-zengxin",
    }
    records -= {f"sample/records/{name}.csv" for name in unused}
    now, before = tree(workspace.data), tree(ROOT / "data")
    new = {name for name in now if name not in before} - {".laoyou.lock"}
    assert new == {"sample/intake.csv", "sample/records/exports.csv", *records}
    assert {name: now[name] for name in before if not name.startswith((".", "records/"))} == {
        name: content for name, content in before.items() if not name.startswith((".", "records/"))
    }


def test_a_second_time_the_exports_add_nothing(
    taken: tuple[Workspace, Taken], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, _ = taken
    monkeypatch.chdir(workspace.root)
    before = tree(workspace.root)
    files = sorted((workspace.data / "sample" / "exports").iterdir())
    again = intake(files, day=DAY + dt.timedelta(days=1))
    assert not again.written
    assert set(again.proposal.rows["kind"]) == {"same"}
    assert tree(workspace.root) == before


def test_the_exports_yield_the_sample_ledger_in_every_quarter(workspace: Workspace) -> None:
    asked = []
    came = intake(
        sorted((workspace.data / "sample" / "exports").iterdir()),
        day=DAY,
        quarters=QUARTERS,
        confirm=lambda proposal, notices: bool(asked.append(notices)),
    )
    assert len(asked) == 1
    assert not came.written
    rows = came.proposal.rows
    counted = rows[rows["place"].str.endswith("个案")]
    # five indicators of the plan for the district and eight townships, and three commitments
    assert len(counted) == 19 * (5 * 9 + 3)
    other = counted[counted["kind"] != "same"]
    commitments = other["indicator"].isin(list(ADDED))
    assert set(other.loc[commitments, "kind"]) == {"new"}
    [gap] = other[~commitments].to_dict("records")
    assert (gap["region"], gap["indicator"], gap["period"]) == ("330305", "mediation_success_rate", "2024Q3")
    assert (gap["kind"], gap["before"]) == ("changed", "未报")


def test_the_notices_say_what_no_indicator_needs(taken: tuple[Workspace, Taken]) -> None:
    _, came = taken
    assert [n.split("没有指标用到")[0].rsplit("/", 1)[1] for n in came.notices if "没有指标用到" in n] == [
        "xiaowei-zengxin.csv：浙江小微增信服务平台的记录",
        "zheli-qian.csv：浙里签的记录",
    ]
    assert not any("没有算" in notice for notice in came.notices)


def test_figures_taken_in_are_told_from_those_made_by_their_source(taken: tuple[Workspace, Taken]) -> None:
    _, came = taken
    assert SOURCE not in set(came.proposal.added["source"])
