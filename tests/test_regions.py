from pathlib import Path

import pytest
from workspaces import ROOT, copy_workspace

from laoyou.errors import LedgerError, Problem
from laoyou.regions import COLUMNS, LEVELS, Region, load_regions
from laoyou.workspace import Workspace


def line(*cells: str) -> str:
    """Return a line of the file."""
    return ",".join(cells) + "\n"


HEADER = line(*COLUMNS)
NATION = line("100000", "全国", "China", "nation", "")
PROVINCE = line("330000", "浙江省", "Zhejiang Province", "province", "100000")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return copy_workspace(tmp_path)


def refused(workspace: Workspace, content: bytes) -> tuple[Problem, ...]:
    """Return what is wrong with a file of regions that must be refused."""
    (workspace.data / "regions.csv").write_bytes(content)
    with pytest.raises(LedgerError) as caught:
        load_regions(workspace)
    assert caught.value.where == "data/regions.csv"
    return caught.value.problems


def test_the_shipped_regions_lead_from_the_district_up_to_the_nation() -> None:
    regions = load_regions(Workspace(ROOT))
    code, levels = "330305", []
    while code:
        levels.append(regions[code].level)
        code = regions[code].parent
    assert levels == ["district", "city", "province", "nation"]
    assert regions["330305"] == Region("330305", "洞头区", "Dongtou District", "district", "330300")


@pytest.mark.parametrize(
    ("code", "level"), [("100000", "国家级"), ("330000", "省级"), ("330300", "市级"), ("330305", "区级")]
)
def test_a_region_names_its_level_in_chinese(code: str, level: str) -> None:
    assert load_regions(Workspace(ROOT))[code].level_spoken == level


def test_codes_stay_text(workspace: Workspace) -> None:
    file = workspace.data / "regions.csv"
    file.write_text(HEADER + line("012345", "某区", "Some District", "district", ""), encoding="utf-8")
    assert list(load_regions(workspace)) == ["012345"]


def test_a_township_may_be_added_below_the_district(workspace: Workspace) -> None:
    with (workspace.data / "regions.csv").open("a", encoding="utf-8") as file:
        file.write(line("330305999", "某街道", "Some Subdistrict", "township", "330305"))
    assert load_regions(workspace)["330305999"].level_spoken == "街道（乡镇）级"


def test_the_townships_of_the_district_are_six_subdistricts_a_town_and_a_township() -> None:
    towns = [region for region in load_regions(Workspace(ROOT)).values() if region.parent == "330305"]
    assert {region.zh: region.code for region in towns} == {
        "北岙街道": "330305001", "灵昆街道": "330305002", "东屏街道": "330305003", "元觉街道": "330305004",
        "霓屿街道": "330305005", "昆鹏街道": "330305006", "大门镇": "330305101", "鹿西乡": "330305202",
    }  # fmt: skip
    assert {region.level for region in towns} == {"township"}


def test_a_byte_order_mark_is_no_part_of_the_header(workspace: Workspace) -> None:
    (workspace.data / "regions.csv").write_text(HEADER + NATION, encoding="utf-8-sig")
    assert list(load_regions(workspace)) == ["100000"]


@pytest.mark.parametrize(
    ("cells", "column", "found", "allowed"),
    [
        (("330000", "state", "100000"), "level", "state", "province"),
        (("330000", "province", "100001"), "parent", "100001", "本表已有的代码"),
        (("100000", "nation", ""), "region", "「100000」重复", "每个代码一行"),
        (("", "province", "100000"), "region", "空着", "GB/T 2260"),
    ],
)
def test_a_region_that_cannot_be_is_refused_with_its_line_and_column(
    workspace: Workspace, cells: tuple[str, str, str], column: str, found: str, allowed: str
) -> None:
    code, level, parent = cells
    wrong = line(code, "某地", "Some Place", level, parent)
    [problem] = refused(workspace, (HEADER + NATION + wrong).encode())
    assert problem.place == f"第 3 行 {column} 列"
    assert found in problem.found
    assert allowed in problem.allowed


def test_every_problem_of_the_file_is_listed_at_once(workspace: Workspace) -> None:
    wrong = (
        line("1", "a", "a", "state", ""),
        line("2", "b", "b", "city", "9"),
        line("2", "b", "b", "city", ""),
    )
    problems = refused(workspace, "".join((HEADER, *wrong)).encode())
    assert [p.place for p in problems] == ["第 2 行 level 列", "第 3 行 parent 列", "第 4 行 region 列"]


@pytest.mark.parametrize(
    "header",
    [
        "region,name_zh,name_en,level\n",
        "region,name_zh,name_en,level,parent,note\n",
        "region,name_en,name_zh,level,parent\n",
    ],
)
def test_a_header_with_other_columns_is_refused(workspace: Workspace, header: str) -> None:
    [problem] = refused(workspace, header.encode())
    assert problem.place == "表头"
    assert problem.found == header.strip().replace(",", "、")
    assert problem.allowed == "、".join(COLUMNS)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        (HEADER + NATION).encode("gb18030"),
        (HEADER + NATION + line(PROVINCE.strip(), "")).encode(),
    ],
)
def test_a_file_that_cannot_be_read_as_a_table_is_refused(workspace: Workspace, content: bytes) -> None:
    [problem] = refused(workspace, content)
    assert "读不出来" in problem.found
    assert problem.allowed == "UTF-8 编码的 CSV"


def test_rows_that_are_all_one_cell_too_wide_are_not_read_one_column_off(workspace: Workspace) -> None:
    [problem] = refused(workspace, (HEADER + line(NATION.strip(), "")).encode())
    assert problem.found == "比表头多一格"


def test_an_absent_file_is_refused(workspace: Workspace) -> None:
    (workspace.data / "regions.csv").unlink()
    with pytest.raises(LedgerError, match="不存在") as caught:
        load_regions(workspace)
    assert caught.value.where == "data/regions.csv"


def test_the_levels_descend_from_the_nation_to_the_township() -> None:
    assert list(LEVELS) == ["nation", "province", "city", "district", "township"]
