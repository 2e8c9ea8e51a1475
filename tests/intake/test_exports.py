"""Platform exports in every broken shape: read provably right, or refused with the cell named."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from intakes import put, small_workspace
from shapes import CANARIES, SHEET, old_workbook, protected, repacked, text_file, with_result, workbook
from workspaces import ROOT, shipped_plan, shipped_rules, tree

from laoyou.errors import IntakeError, Problem
from laoyou.intake.export_rows import ROW
from laoyou.intake.exports import Export, read_export
from laoyou.intake.headings import find_mapping
from laoyou.intake.incoming import INCOMING, figure_rows
from laoyou.intake.mappings import Mapping as Described
from laoyou.intake.mappings import Named, load_mappings
from laoyou.intake.take import intake
from laoyou.regions import Region, load_regions
from laoyou.sheets.grids import open_reader
from laoyou.workspace import Workspace

DAY = dt.date(2026, 10, 20)
SHOWN = "交来/导出"
TITLE = ["某平台导出"]
JOBS = ["统计期", "城镇新增就业净增（人）"]
CASES = ["案号", "程序", "收案日期", "结案日期", "处理结果", "所属街道", "申请人", "电话"]
RATE = ["统计期", "街道", "率", "备注"]
SAMPLES = {
    "anxin-zaixian.csv": 795, "dishouru-bangfu.csv": 376, "linggong-shichang.xlsx": 3, "mashang-weiquan.csv": 226,
    "ouyue-gongjiang.txt": 19, "xiaowei-zengxin.csv": 30, "zheli-hexie.csv": 19, "zheli-jiuye.csv": 19,
    "zheli-qian.csv": 30, "zhepai-gongjiang.xlsx": 19, "zhihui-jiancha.xlsx": 113, "zhihui-zhongcai.csv": 1947,
    "zhongdian-qunti.csv": 1670,
}  # fmt: skip
Rows = Sequence[Sequence[Any]]


@cache
def regions() -> dict[str, Region]:
    return load_regions(Workspace(ROOT))


@cache
def mappings() -> dict[str, Named]:
    return load_mappings(Workspace(ROOT), shipped_plan(), regions(), shipped_rules())


def rate_mapping(holds: str = "percent", **more: Any) -> dict[str, Named]:
    """Return a mapping of a rate by quarter and township, of a platform that gives nothing else."""
    content: dict[str, Any] = {
        "platform": "某平台", "rows": "figures", "header": [2],
        "columns": {
            "period": {"header": RATE[0], "holds": "period"},
            "town": {"header": RATE[1], "holds": "region", "blank": True},
            "rate": {"header": RATE[2], "holds": holds},
        },
        "yields": [], "totals": ["合计", "小计"],
    }  # fmt: skip
    return {"某": Named("某", "data/mappings/某.yml", Described.model_validate(content | more))}


Read = Callable[..., Export]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that reads an export's bytes after the mapping found for it; ids stay as the platform has them."""

    def read(
        content: bytes,
        known: Mapping[str, Named] | None = None,
        wanted: str | None = None,
        day: dt.date = DAY,
    ) -> Export:
        file = tmp_path / "导出"
        file.write_bytes(content)
        reader = open_reader(file, SHOWN, shipped_rules().intake)
        named, sheet = find_mapping(reader, known or mappings(), SHOWN, wanted)
        return read_export(
            reader,
            named,
            sheet,
            SHOWN,
            regions(),
            day=day,
            hash_of=lambda sample: lambda cases: [case.partition("|")[2] for case in cases],
        )

    return read


@pytest.fixture
def refused(read: Read) -> Callable[..., tuple[Problem, ...]]:
    """Return a function that has an export refused; nothing personal may be repeated in why."""

    def refused(content: bytes, *known: Any, **more: Any) -> tuple[Problem, ...]:
        with pytest.raises(IntakeError) as refusal:
            read(content, *known, **more)
        assert refusal.value.where == SHOWN
        assert not any(canary in str(refusal.value) for canary in CANARIES)
        return refusal.value.problems

    return refused


def told(problems: Sequence[Problem]) -> list[tuple[str, str]]:
    return [(p.place, p.found) for p in problems]


def jobs(*lines: Sequence[Any]) -> Rows:
    return [TITLE, JOBS, *lines]


def rates(*lines: Sequence[Any]) -> Rows:
    return [["某平台导出"], RATE, *lines]


def case(number: int, **cells: Any) -> list[Any]:
    """Return a sound arbitration case, closed unless said otherwise, with canaries in the columns not mapped."""
    sound = dict(zip(CASES, (f"案{number}", "仲裁", "2026-03-02", "2026-05-06", "结案", "北岙街道", CANARIES[3], CANARIES[1]), strict=True))  # fmt: skip
    return list({**sound, **cells}.values())


def cases(*lines: Sequence[Any]) -> Rows:
    return [["智慧仲裁导出"], CASES, *lines]


def rows_of(export: Export) -> tuple[list[dict[str, str]], list[Problem]]:
    """Return what of an export's figures goes to the ledger."""
    parts = [code for code, region in regions().items() if region.parent == "330305"]
    return figure_rows(export, shipped_plan(), shipped_rules(), parts)


# Which mapping


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_export_is_read_by_exactly_one_mapping(name: str, read: Read) -> None:
    content = (ROOT / "data/sample/exports" / name).read_bytes()
    export = read(content)
    assert export.named.name == name.partition(".")[0]
    assert export.sample
    assert (len(export.table), export.totals) == (SAMPLES[name], 0)
    for other in set(mappings()) - {export.named.name}:
        with pytest.raises(IntakeError):
            read(content, {other: mappings()[other]})


def test_every_mapping_has_a_sample_export() -> None:
    assert {name.partition(".")[0] for name in SAMPLES} == set(mappings())


@pytest.mark.parametrize("make", [text_file, workbook, old_workbook])
def test_an_export_is_read_the_same_in_every_format(make: Callable[..., bytes], read: Read) -> None:
    table = read(make(cases(case(1), case(2, 结案日期=None, 处理结果="审理中")))).table
    assert table["case"].tolist() == ["案1", "案2"]
    assert table["opened"].tolist() == [dt.date(2026, 3, 2)] * 2
    assert table["closed"].tolist() == [dt.date(2026, 5, 6), None]
    assert table["outcome"].tolist() == ["done", "open"]
    assert table["procedure"].tolist() == ["arbitration"] * 2
    assert table["region"].tolist() == ["330305001"] * 2


@pytest.mark.parametrize("make", [text_file, workbook, old_workbook])
def test_nothing_of_a_column_that_is_not_mapped_is_kept(make: Callable[..., bytes], read: Read) -> None:
    export = read(make(cases(case(1), case(2))))
    kept = export.table.to_csv() + repr(export)
    assert not any(canary in kept for canary in CANARIES)
    names = ["case", "procedure", "opened", "closed", "outcome", "region"]
    assert list(export.table.columns) == [*names, ROW]


def test_columns_may_come_in_any_order_with_others_between(read: Read) -> None:
    order = [7, 5, 3, 1, 6, 4, 2, 0]
    rows = [[line[i] if len(line) > 1 else "" for i in order] for line in cases(case(1))]
    assert read(text_file(rows)).table["case"].tolist() == ["案1"]


@pytest.mark.parametrize(
    "heading", ["城镇新增就业净增(人)", " 城镇新增 就业净增（人）", "城镇新增就业净增（人）\u3000"]
)
def test_a_heading_is_found_however_wide_its_characters_and_spaces(heading: str, read: Read) -> None:
    assert read(text_file([TITLE, [JOBS[0], heading], ["2026年1—9月", 360]])).named.name == "zheli-jiuye"


def test_a_heading_that_no_mapping_has_is_told_with_the_nearest_mapping(
    refused: Callable[..., tuple[Problem, ...]],
) -> None:
    rows = [line[:-1] if len(line) > 1 else line for line in cases(case(1))]
    rows[1] = ["案号", "程序", "收案日期", "结案时间", "处理结果", "街道", "申请人"]
    (problem,) = refused(text_file(rows))
    assert problem.place == "表头"
    assert problem.found.endswith("最接近 zhihui-zhongcai，缺少「结案日期」「所属街道」")
    assert "zheli-qian" in problem.allowed
    assert "--mapping" in problem.remedy


def test_a_heading_that_is_not_in_the_row_named_is_told_where_the_mapping_is_given(
    refused: Callable[..., tuple[Problem, ...]],
) -> None:
    problems = refused(text_file([TITLE, *jobs(["2026年1—9月", 360])]), wanted="zheli-jiuye")
    assert told(problems) == [
        ("第 2 行第 1 列", "没有「统计期」这一列"),
        ("第 2 行第 1 列", "没有「城镇新增就业净增（人）」这一列"),
    ]
    assert all("header" in p.remedy and "zheli-jiuye.yml" in p.remedy for p in problems)


def test_a_mapping_that_does_not_exist_is_told_with_those_that_do(read: Read) -> None:
    with pytest.raises(IntakeError) as refusal:
        read(text_file(jobs()), wanted="zheli-juye")
    (problem,) = refusal.value.problems
    assert (problem.place, problem.remedy) == ("--mapping", "是不是「zheli-jiuye」？")


def test_a_file_that_fits_two_mappings_is_refused_and_read_by_the_one_given(
    read: Read, refused: Callable[..., tuple[Problem, ...]]
) -> None:
    jiuye = mappings()["zheli-jiuye"]
    both = {"甲": Named("甲", "甲.yml", jiuye.mapping), "乙": Named("乙", "乙.yml", jiuye.mapping)}
    content = text_file(jobs(["2026年1—9月", 360]))
    (problem,) = refused(content, both)
    assert problem.found == "合乎几份映射：乙、甲"
    assert read(content, both, wanted="甲").named.name == "甲"


def test_two_sheets_that_fit_are_refused_with_their_names_even_where_the_mapping_is_given(
    refused: Callable[..., tuple[Problem, ...]],
) -> None:
    def change(book: Any, sheet: Any) -> None:
        book.copy_worksheet(sheet).title = "续表"

    content = workbook(jobs(["2026年1—9月", 360]), change=change)
    for wanted in (None, "zheli-jiuye"):
        (problem,) = refused(content, wanted=wanted)
        assert (problem.place, problem.found) == ("工作表", "2 张表都合乎 zheli-jiuye：明细、续表")


def test_other_sheets_beside_the_one_that_fits_do_no_harm(read: Read) -> None:
    content = workbook(jobs(["2026年1—9月", 360]), change=lambda book, sheet: book.create_sheet("说明", 0))
    assert len(read(content).table) == 1


def test_a_hidden_sheet_is_refused_where_it_is_the_one_meant_and_passed_over_elsewhere(
    read: Read, refused: Callable[..., tuple[Problem, ...]]
) -> None:
    def change(book: Any, sheet: Any) -> None:
        book.copy_worksheet(sheet).title = "旧表"
        book["旧表"].sheet_state = "hidden"

    assert len(read(workbook(jobs(["2026年1—9月", 360]), change=change)).table) == 1
    market = [
        ["导出"],
        ["市场编号", "启用日期", "公益性服务", "省级示范认定日期"],
        ["1", "2026-01-05", "有", None],
    ]

    def hide(book: Any, sheet: Any) -> None:
        book.create_sheet("封面")
        sheet.sheet_state = "hidden"

    assert len(read(workbook(market, "市场名录")).table) == 1
    assert told(refused(workbook(market, "市场名录", hide))) == [("工作表「市场名录」", "是隐藏的")]
    (problem,) = refused(workbook(market, "名录"), wanted="linggong-shichang")
    assert problem.found == "没有名为「市场名录」的工作表"


@pytest.mark.parametrize("make", [text_file, workbook, old_workbook])
def test_a_heading_twice_is_refused_with_the_second_cell(
    make: Callable[..., bytes], refused: Callable[..., tuple[Problem, ...]]
) -> None:
    rows = [[*line, *(line[1:2] if len(line) > 1 else [])] for line in jobs(["2026年1—9月", 360])]
    (problem,) = refused(make(rows))
    assert problem.found == "又有一列「城镇新增就业净增（人）」"
    assert problem.place == ("第 2 行第 3 列" if make is text_file else "明细!C2")


def test_a_heading_merged_over_two_columns_is_one(read: Read) -> None:
    rows = [TITLE, ["统计期", None, JOBS[1]], ["2026年1—9月", None, 360]]
    export = read(workbook(rows, change=lambda book, sheet: sheet.merge_cells("A2:B2")))
    assert export.table["jobs"].tolist() == [360]


SKILLS = [
    TITLE,
    ["统计时点", "技能人才（人）", None, "备注"],
    [None, "总量", "高技能人才", None],
    ["2026年三季度末", "1.2万", "4,000", "x"],
]


def skills(merge: bool) -> bytes:
    def change(book: Any, sheet: Any) -> None:
        for area in ("A1:D1", "A2:A3", "B2:C2", "D2:D3") if merge else ():
            sheet.merge_cells(area)

    return workbook(SKILLS, "技能人才", change)


@pytest.mark.parametrize(
    "content",
    [skills(True), skills(False), text_file(SKILLS, "gb18030", "\t")],
    ids=["merged", "not merged", "text"],
)  # fmt: skip
def test_a_heading_in_two_rows_is_read_merged_or_not(content: bytes, read: Read) -> None:
    export = read(content)
    assert export.named.name == "zhepai-gongjiang"
    assert export.table["skilled"].tolist() == [12_000]
    assert export.table["highly_skilled"].tolist() == [4_000]


def test_a_merged_cell_holds_for_every_row_that_it_covers(read: Read) -> None:
    rows = rates(["2026年三季度", "北岙街道", 94.5], [None, "大门镇", 95])
    content = workbook(rows, change=lambda book, sheet: sheet.merge_cells("A3:A4"))
    assert [span for _, span in read(content, rate_mapping()).table["period"]] == ["quarter", "quarter"]


@pytest.mark.parametrize(
    ("area", "where"),
    [
        ("C3:C4", ["明细!C3 起（率），第 3—4 行，共 2 格"]),  # over two rows
        ("C3:C5", ["明细!C3 起（率），第 3—5 行，共 3 格"]),
        ("B4:C4", ["明细!C4（率）"]),  # over two columns that are read
    ],
)
def test_a_number_merged_over_what_is_read_is_nobodys(
    area: str, where: list[str], refused: Callable[..., tuple[Problem, ...]]
) -> None:
    lines = [
        ["2026年三季度", "北岙街道", 94.5],
        ["2026年三季度", "大门镇", 95],
        ["2026年三季度", "灵昆街道", 96],
    ]
    if area == "B4:C4":
        lines[1][1] = 95  # what stands first in the area shows in all of it

    def change(book: Any, sheet: Any) -> None:
        sheet.merge_cells(area)

    problems = [
        p for p in refused(workbook(rates(*lines), change=change), rate_mapping()) if "（率）" in p.place
    ]
    assert [(p.place, p.found) for p in problems] == [
        (place, "是合并单元格里的数，不知是其中每一格的，还是合计") for place in where
    ]


def test_a_number_merged_with_a_column_that_is_not_read_is_read(read: Read) -> None:
    content = workbook(
        rates(["2026年三季度", "北岙街道", 94.5]), change=lambda book, sheet: sheet.merge_cells("C3:D3")
    )
    assert read(content, rate_mapping()).table["rate"].tolist() == [Decimal("94.5")]


def test_an_empty_area_says_nothing(read: Read) -> None:
    lines = [["2026年三季度", "北岙街道", None], ["2026年三季度", "大门镇", None]]
    content = workbook(rates(*lines), change=lambda book, sheet: sheet.merge_cells("C3:C4"))
    assert read(content, rate_mapping()).table["rate"].tolist() == ["not_reported"] * 2


def test_the_numbers_of_an_old_workbook_are_as_strict(refused: Callable[..., tuple[Problem, ...]]) -> None:
    lines = [["2026年三季度", "北岙街道", 94.5], ["2026年三季度", "大门镇", None]]
    content = old_workbook(rates(*lines), change=lambda book, sheet: sheet.merge(2, 3, 2, 2))
    [problem] = refused(content, rate_mapping())
    assert problem.found.startswith("是合并单元格里的数")


@pytest.mark.parametrize("year", ["1926", "2062"])
def test_a_year_that_cannot_be_is_refused(year: str, refused: Callable[..., tuple[Problem, ...]]) -> None:
    [problem] = refused(
        text_file(cases(case(1), case(2, 收案日期=f"{year}-03-02", 结案日期="", 处理结果="审理中")))
    )
    assert problem.place == "第 4 行第 3 列（收案日期）" if year == "1926" else "第 4 行第 3 列"
    assert year in problem.found


def test_a_mark_above_the_heading_makes_a_sample_and_one_below_does_not(read: Read) -> None:
    assert read(text_file([["演示数据，非真实记录"], JOBS, ["2026年1—9月", 1]])).sample
    assert not read(text_file(jobs(["2026年1—9月", 1]))).sample
    assert not read(text_file([TITLE, [*JOBS, "演示数据"], ["2026年1—9月", 1, "演示数据"]])).sample


# Numbers


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("360", "360"), ("1,360", "1360"), ("１，３６０", "1360"), ("1.2万", "12000"), (" 360 ", "360"), ("﹣5", "-5"), ("5﹒2", "5.2"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_number_is_read_however_it_is_written_in_every_encoding(
    written: str, number: str, encoding: str, read: Read
) -> None:
    assert read(text_file(jobs(["2026年1—9月", written]), encoding)).table["jobs"].tolist() == [
        Decimal(number)
    ]


@pytest.mark.parametrize("make", [text_file, workbook, old_workbook])
def test_shares_and_percentages_in_one_column_are_refused_where_they_could_be_either(
    make: Callable[..., bytes], refused: Callable[..., tuple[Problem, ...]], read: Read
) -> None:
    written = {"北岙街道": "94.5%", "大门镇": 0.945, "鹿西乡": 94.5, "霓屿街道": "５﹒２％"}
    lines = [["2026年三季度", town, rate] for town, rate in written.items()]
    (problem,) = refused(make(rates(*lines)), rate_mapping())
    cell = "第 4 行第 3 列" if make is text_file else "明细!C4"
    assert problem.place == f"{cell}（率）"
    assert problem.found == "「0.945」有两种读法：0.945% 或 94.5%"
    del lines[1]
    assert read(make(rates(*lines)), rate_mapping()).table["rate"].tolist() == [
        Decimal("94.5"),
        Decimal("94.5"),
        Decimal("5.2"),
    ]


def shown_as_percent(book: Any, sheet: Any) -> None:
    sheet["C3"].number_format = "0.0%"


def test_a_share_shown_as_a_percentage_is_one_in_either_kind_of_column(read: Read) -> None:
    content = workbook(rates(["2026年三季度", "北岙街道", 0.945]), change=shown_as_percent)
    for holds in ("percent", "fraction"):
        assert read(content, rate_mapping(holds)).table["rate"].tolist() == [Decimal("94.5")]


@pytest.mark.parametrize(
    ("written", "rate"), [(0.945, "94.5"), ("1", "100"), ("0", "0"), ("94.5%", "94.5"), ("0.5%", "0.5")]
)
def test_a_column_of_shares_is_read_as_such(written: object, rate: str, read: Read) -> None:
    content = workbook(rates(["2026年三季度", "北岙街道", written]))
    assert read(content, rate_mapping("fraction")).table["rate"].tolist() == [Decimal(rate)]


@pytest.mark.parametrize("written", [94.5, "1.01", "-0.1"])
def test_what_is_no_share_is_refused_in_a_column_of_shares(
    written: object, refused: Callable[..., tuple[Problem, ...]]
) -> None:
    (problem,) = refused(workbook(rates(["2026年三季度", "北岙街道", written])), rate_mapping("fraction"))
    assert problem.place == "明细!C3（率）"
    assert "不是份额" in problem.found


def test_a_percentage_is_no_count_of_people(refused: Callable[..., tuple[Problem, ...]]) -> None:
    (problem,) = refused(text_file(jobs(["2026年1—9月", "94.5%"])))
    assert "不是百分数" in problem.allowed


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("", "not_reported"), (None, "not_reported"), ("——", "not_collected"), ("-", "not_applicable"),
        ("－", "not_applicable"), ("…", "below_unit"), ("……", "below_unit"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("make", [text_file, workbook, old_workbook])
def test_kinds_of_missing_are_told_apart(
    make: Callable[..., bytes], written: str | None, kind: str, read: Read
) -> None:
    export = read(make(jobs(["2026年1—9月", written])))
    assert export.table["jobs"].tolist() == [kind]
    (row,), problems = rows_of(export)
    assert (row["missing"], row["value"], problems) == (kind, "", [])


def test_an_unquoted_thousands_separator_is_refused_for_it_moves_the_cells_after_it(
    refused: Callable[..., tuple[Problem, ...]], read: Read
) -> None:
    content = "标题\r\n统计期,城镇新增就业净增（人）\r\n2026年1—6月,980\r\n2026年1—9月,1,360\r\n".encode()
    assert told(refused(content)) == [("第 4 行", "有 3 格，表头只有 2 格")]
    assert read(content.replace(b"1,360", b'"1,360"')).table["jobs"].tolist() == [980, 1360]
    assert len(read(content.replace(b"1,360", b"1360,,,")).table) == 2  # empty fields at the end move nothing


def test_a_name_with_a_comma_in_it_is_refused_and_not_repeated(
    refused: Callable[..., tuple[Problem, ...]],
) -> None:
    lines = text_file(cases(case(1))).decode().replace(CANARIES[3], "甲公司,乙")
    (problem,) = refused(lines.encode())
    assert "甲公司" not in str(problem)
    assert problem.found == "有 9 格，表头只有 8 格"


def test_a_text_file_that_breaks_off_within_a_row_is_told(
    refused: Callable[..., tuple[Problem, ...]], read: Read
) -> None:
    hexie = ["统计期", "培训劳动关系协调员（人次）", "劳动用工体检（家次）", "已签能级工资集体合同企业（家）", "规模以上企业（家）"]  # fmt: skip
    content = text_file([TITLE, hexie, ["2026年1—6月", 1, 2, 3, 4], ["2026年1—9月", 10, 20, 30, 40]])
    assert len(read(content).table) == 2
    assert len(read(content.rstrip()).table) == 2
    assert ("第 4 行", "没有写完，文件到这里断了") in told(refused(content[:-6]))


def test_what_is_no_number_is_refused_with_its_cell_and_not_repeated(
    refused: Callable[..., tuple[Problem, ...]],
) -> None:
    lines = [["2026年1—3月", "约360"], ["2026年1—6月", CANARIES[3]], ["2026年1—9月", CANARIES[1]], ["2026年1—9月", CANARIES[0]]]  # fmt: skip
    assert told(refused(text_file(jobs(*lines)))) == [
        ("第 3 行第 2 列（城镇新增就业净增（人））", "「约360」，不是数"),
        ("第 4 行第 2 列（城镇新增就业净增（人））", "有 4 个字（不照录，请看原文件），不是数"),
        ("第 5 行第 2 列（城镇新增就业净增（人））", "像是证件号、电话号码或别的编号（不照录，请看原文件）"),
        ("第 6 行第 2 列（城镇新增就业净增（人））", "有 18 个字（不照录，请看原文件），不是数"),
    ]


# Formulas


def test_a_formula_with_its_result_is_read_and_one_without_is_refused(
    read: Read, refused: Callable[..., tuple[Problem, ...]]
) -> None:
    content = workbook(jobs(["2026年1—9月", "=300+60"]))
    assert told(refused(content)) == [("明细!B3（城镇新增就业净增（人））", "是没有保存计算结果的公式")]
    assert read(with_result(content, "B3", "360")).table["jobs"].tolist() == [360]
    assert read(with_result(content, "B3", "1,360", "str")).table["jobs"].tolist() == [1360]


@pytest.mark.parametrize("error", ["#REF!", "#DIV/0!", "#N/A", "#NAME?"])
def test_a_broken_formula_is_refused_in_any_column_with_its_cell(
    error: str, refused: Callable[..., tuple[Problem, ...]]
) -> None:
    content = workbook(jobs(["2026年1—9月", "=A9"]))
    assert told(refused(with_result(content, "B3", error, "e"))) == [
        ("明细!B3（城镇新增就业净增（人））", f"公式出错：{error}")
    ]
    content = workbook(cases(case(1, 案号="=A9", 结案日期="=A9", 所属街道="=A9")))
    for address in ("A3", "D3", "F3"):
        content = with_result(content, address, error, "e")
    assert {p.place for p in refused(content)} == {
        "明细!A3（案号）",
        "明细!D3（结案日期）",
        "明细!F3（所属街道）",
    }


def test_a_formula_without_result_is_told_as_such_in_a_column_of_words(
    refused: Callable[..., tuple[Problem, ...]],
) -> None:
    content = workbook(cases(case(1, 案号="=A9", 程序="=A9")))
    assert {p.found for p in refused(content)} == {"是没有保存计算结果的公式"}


# Rows


@pytest.mark.parametrize("word", ["合计", "合 计", "小计", "总计"])
@pytest.mark.parametrize("make", [text_file, workbook])
def test_rows_of_totals_are_passed_over_and_counted(
    make: Callable[..., bytes], word: str, read: Read
) -> None:
    lines = [
        case(1),
        [word, *[None] * 4, None, None, None],
        case(2),
        [None, None, None, None, None, word, None, None],
    ]
    export = read(make(cases(*lines)))
    assert export.table["case"].tolist() == ["案1", "案2"]
    assert export.totals == 2


def test_a_total_of_another_word_is_refused_and_not_taken_for_a_case(
    refused: Callable[..., tuple[Problem, ...]],
) -> None:
    problems = refused(text_file(cases(case(1), ["全区", *[""] * 4, "", "", ""])))
    assert {p.place for p in problems} == {f"第 4 行第 {n} 列（{CASES[n - 1]}）" for n in (2, 3, 5)}
    assert {p.found for p in problems} == {"空着"}


def test_empty_rows_between_are_passed_over(read: Read) -> None:
    assert len(read(text_file(cases(case(1), [], [""] * 8, case(2)))).table) == 2
    rows = cases(
        case(1), [*[None] * 6, CANARIES[3], CANARIES[1]], case(2)
    )  # nothing in a column that is read
    assert len(read(workbook(rows)).table) == 2


@pytest.mark.parametrize("make", [workbook, old_workbook])
def test_hidden_rows_are_refused_and_named_all_at_once(
    make: Callable[..., bytes], refused: Callable[..., tuple[Problem, ...]], read: Read
) -> None:
    def hide(book: Any, sheet: Any) -> None:
        for number in (1, 4, 6, 7):
            if make is workbook:
                sheet.row_dimensions[number].hidden = True
            else:
                sheet.row(number - 1).hidden = True

    rows = cases(case(1), case(2), case(3), case(4))
    (problem,) = refused(make(rows, change=hide))
    assert problem.place == "明细 第 4、6 行"  # neither the title nor an empty row
    assert problem.found == "是隐藏的行"
    assert len(read(make(rows)).table) == 4


def test_quoted_line_breaks_leave_every_cell_in_its_place(
    read: Read, refused: Callable[..., tuple[Problem, ...]]
) -> None:
    lines = cases(case(1, 申请人="甲\r\n乙\n丙"), case(2), case(3, 结案日期="2026-99-99"))
    assert len(read(text_file(lines[:-1])).table) == 2
    assert [p.place for p in refused(text_file(lines))] == ["第 7 行第 4 列（结案日期）"]


def test_windows_and_tab_separated_exports_are_read(read: Read) -> None:
    for end in ("\r\n", "\n"):
        assert len(read(text_file(cases(case(1)), "gb18030", "\t", end)).table) == 1


# Days


@pytest.mark.parametrize(
    "written", ["2026-03-02", "2026/3/2", "2026年3月2日", "20260302", "2026-03-02 08:30:00", "46083", "２０２６－０３－０２", 46_083, dt.date(2026, 3, 2)],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(written: object, read: Read) -> None:
    for make in (workbook, old_workbook) if not isinstance(written, str) else (text_file, workbook):
        assert read(make(cases(case(1, 收案日期=written)))).table["opened"].tolist() == [dt.date(2026, 3, 2)]


def test_days_that_contradict_each_other_are_refused_with_their_cells(
    refused: Callable[..., tuple[Problem, ...]], read: Read
) -> None:
    lines = [
        case(1, 结案日期="2026-03-01"),
        case(2, 结案日期="2026-10-21"),
        case(3, 结案日期=""),
        case(4, 处理结果="审理中"),
        case(5, 结案日期="2026-13-01"),
        case(1),
    ]
    assert set(told(refused(text_file(cases(*lines))))) == {
        ("第 3 行第 4 列", "结案日期 2026-03-01 早于收案日期 2026-03-02"),
        ("第 4 行第 4 列", "结案日期 2026-10-21 在 2026-10-20 之后"),
        ("第 5 行第 4 列", "处理结果是办结，结案日期却空着"),
        ("第 6 行第 5 列", "有结案日期，处理结果却是未办结"),
        ("第 7 行第 4 列（结案日期）", "「2026-13-01」，不是日期"),  # and not besides that the day is absent
        ("第 8 行第 1 列", "案号与 第 3 行第 1 列 相同"),
    }
    sound = [
        case(1, 结案日期="2026-03-02"),
        case(2, 结案日期="2026-10-20"),
        case(3, 结案日期="", 处理结果="审理中"),
    ]
    assert len(read(text_file(cases(*sound))).table) == 3


# Words, regions and ids


def test_words_that_the_mapping_does_not_have_are_refused_with_those_it_has_and_not_repeated(
    refused: Callable[..., tuple[Problem, ...]],
) -> None:
    problems = refused(text_file(cases(case(1, 程序=CANARIES[3], 处理结果="已结案", 所属街道="北岙"))))
    assert told(problems) == [
        ("第 3 行第 2 列（程序）", "有 4 个字（不照录，请看原文件），不是映射的 words › procedure 里的词"),
        ("第 3 行第 5 列（处理结果）", "有 3 个字（不照录，请看原文件），不是映射的 words › outcome 里的词"),
        ("第 3 行第 6 列（所属街道）", "有 2 个字（不照录，请看原文件），不是地区表和映射的 regions 里的词"),
    ]
    assert problems[0].allowed == "调解、仲裁"
    assert "北岙街道" in problems[2].allowed


def test_a_region_is_known_by_name_or_code_and_may_be_empty(read: Read) -> None:
    lines = [
        case(1, 所属街道="北 岙街道"),
        case(2, 所属街道="330305001"),
        case(3, 所属街道=330305001),
        case(4, 所属街道=None),
    ]
    assert read(workbook(cases(*lines))).table["region"].fillna("").tolist() == ["330305001"] * 3 + [""]


@pytest.mark.parametrize("id", [1.23456789012346e17, 123_456_789_012_345_680, 10**15])
def test_an_id_that_a_spreadsheet_rounded_is_refused(
    id: float, refused: Callable[..., tuple[Problem, ...]]
) -> None:
    for content in (workbook(cases(case(1, 案号=id))), text_file(cases(case(1, 案号="1.23457E+17")))):
        (problem,) = refused(content)
        assert problem.found == "编号被当成数存过，末几位已丢失"


def test_an_id_of_digits_that_was_not_rounded_is_read(read: Read) -> None:
    lines = [case(1, 案号=999_999_999_999_999), case(2, 案号="123456789012345678")]
    assert read(workbook(cases(*lines))).table["case"].tolist() == ["999999999999999", "123456789012345678"]


def test_what_is_wrong_in_many_rows_of_a_column_is_told_once_with_the_rows(
    refused: Callable[..., tuple[Problem, ...]],
) -> None:
    lines = [case(n, 处理结果="结" if n in (2, 3, 4, 7) else "结案") for n in range(1, 9)]
    (problem,) = refused(workbook(cases(*lines)))
    assert problem.place == "明细!E4 起（处理结果），第 4—6、9 行，共 4 格"


def test_of_very_many_problems_the_rest_is_counted(refused: Callable[..., tuple[Problem, ...]]) -> None:
    problems = refused(text_file(cases(*[case(n, 结案日期="2026-03-01") for n in range(250)])))
    assert len(problems) == 201
    assert told(problems)[-1] == ("其余", "还有 50 处")


# Periods


@pytest.mark.parametrize(
    ("written", "quarter"),
    [
        ("2026年1—9月", "2026Q3"), ("2026年前三季度", "2026Q3"), ("2026年上半年", "2026Q2"), ("2025年", "2025Q4"),
        ("2026年一季度", "2026Q1"), ("２０２６年１－９月", "2026Q3"),
    ],
)  # fmt: skip
def test_a_figure_since_january_is_read_from_what_says_so(written: str, quarter: str, read: Read) -> None:
    (row,), problems = rows_of(read(text_file(jobs([written, 360]))))
    assert (row["period"], row["value"], problems) == (quarter, "360", [])
    assert set(row) == set(INCOMING)
    assert (row["status"], row["source"], row["place"]) == ("reported", "这里就业创业导出", "第 3 行第 2 列")


@pytest.mark.parametrize(
    "written", ["2026年三季度", "2026Q3", "2026年第3季度", "2026年二季度", "2026年四季度"]
)
def test_a_quarter_alone_never_becomes_a_figure_since_january(written: str, read: Read) -> None:
    rows, (problem,) = rows_of(read(text_file(jobs([written, 360]))))
    assert not rows
    assert problem.place == "第 3 行第 1 列"
    assert problem.found == "是当季的数，城镇新增就业人数要的是1 月以来累计"


def test_the_end_of_a_quarter_is_no_figure_since_january_and_the_other_way_round(read: Read) -> None:
    _, (problem,) = rows_of(read(text_file(jobs(["2026年9月末", 360]))))
    assert problem.found.startswith("是期末水平的数")
    head = ["统计时点", "2022年以来累计培训（人次）"]
    _, (problem,) = rows_of(read(text_file([TITLE, head, ["2026年1—9月", 360]])))
    assert problem.found.startswith("是1 月以来累计的数")
    (row,), problems = rows_of(read(text_file([TITLE, head, ["2026年9月30日", 360]])))
    assert (row["period"], problems) == ("2026Q3", [])


@pytest.mark.parametrize(
    "written",
    ["2026年4—9月", "2026年9月", "2026年1—8月", "2026", "2026-09", "三季度", CANARIES[3], "2026年三季度累计"],
)
def test_what_is_no_period_is_refused_with_its_cell(
    written: str, refused: Callable[..., tuple[Problem, ...]]
) -> None:
    (problem,) = refused(text_file(jobs([written, 360])))
    assert problem.place == "第 3 行第 1 列（统计期）"
    assert "不是到季末为止的期间" in problem.found
    assert written in problem.found or "不照录" in problem.found
    assert "前三季度" in problem.allowed


def test_a_day_in_a_column_of_periods_is_the_level_at_its_end(read: Read) -> None:
    (period,) = read(workbook(rates([dt.date(2026, 9, 30), "北岙街道", 94.5])), rate_mapping()).table[
        "period"
    ]
    assert period == (pd.Period("2026Q3", "Q-DEC"), "level")


def test_a_region_and_period_twice_is_refused(read: Read) -> None:
    _, problems = rows_of(read(text_file(jobs(["2026年1—9月", 360], ["2026年前三季度", 361]))))
    assert told(problems) == [("第 4 行第 1 列", "与 第 3 行第 1 列 是同一地区、同一期间")]


@pytest.mark.parametrize("name", ["place", "region_code", "地区"])
def test_columns_of_figures_are_named_as_the_user_likes(name: str, read: Read) -> None:
    columns = {k: v for k, v in PARTS["columns"].items() if k != "town"}  # type: ignore[attr-defined]
    mapping = {**PARTS, "columns": {**columns, name: {"header": "地", "holds": "region"}}}
    content = text_file([["期", "地", "数"], ["2026年1—9月", "大门镇", 360]])
    [row], problems = rows_of(read(content, rate_mapping(**mapping)))
    assert not problems
    assert (row["region"], row["value"], row["place"]) == ("330305101", "360", "第 2 行第 3 列")


# Figures of parts

PARTS = {
    "platform": "这里就业创业", "header": [1],
    "columns": {"period": {"header": "期", "holds": "period"}, "town": {"header": "地", "holds": "region", "blank": True},
                "jobs": {"header": "数", "holds": "number"}},
    "yields": [{"indicator": "new_urban_jobs", "value": "jobs"}],
}  # fmt: skip
TOWNS = ["北岙街道", "灵昆街道", "东屏街道", "元觉街道", "霓屿街道", "昆鹏街道", "大门镇", "鹿西乡"]


def test_small_parts_are_withheld_with_another_so_that_the_total_gives_none_back(read: Read) -> None:
    counts = [50, 40, 30, 20, 10, 8, 6, 4]
    lines = [["2026年1—9月", town, n] for town, n in zip(TOWNS, counts, strict=True)]
    rows = [["期", "地", "数"], ["2026年1—9月", "", sum(counts)], *lines]
    found, problems = rows_of(read(text_file(rows), rate_mapping(**PARTS)))
    assert not problems
    assert [(r["region"][-3:], r["value"], r["missing"]) for r in found] == [
        ("305", "168", ""), ("001", "50", ""), ("002", "40", ""), ("003", "30", ""), ("004", "20", ""),
        ("005", "10", ""), ("006", "8", ""), ("101", "", "suppressed"), ("202", "", "suppressed"),
    ]  # fmt: skip


def test_parts_that_do_not_add_up_to_their_total_are_refused_with_the_totals_cell(read: Read) -> None:
    lines = [["2026年1—9月", town, 10] for town in TOWNS]
    rows = [["期", "地", "数"], ["2026年1—9月", "洞头区", 81], *lines]
    _, problems = rows_of(read(text_file(rows), rate_mapping(**PARTS)))
    assert told(problems) == [("第 2 行第 3 列", "jobs 的合计 81 不等于各街道（乡镇）之和 80")]
    rows[1][2] = 80
    assert not rows_of(read(text_file(rows), rate_mapping(**PARTS)))[1]


# Whole refusals


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    workspace = small_workspace(tmp_path / "checkout")
    monkeypatch.chdir(workspace.root)
    return workspace


BAD: dict[str, bytes] = {
    "quarter alone": text_file(jobs(["2026年三季度", 360])),
    "two readings": text_file(jobs(["2026年1—9月", "94.5%"])),
    "formula": workbook(jobs(["2026年1—9月", "=1+1"])),
    "error": with_result(workbook(jobs(["2026年1—9月", "=A9"])), "B3", "#REF!", "e"),
    "hidden row": workbook(jobs(["2026年1—9月", 360]), change=lambda b, s: setattr(s.row_dimensions[3], "hidden", True)),
    "password": protected(workbook(jobs(["2026年1—9月", 360]))),
    "truncated workbook": workbook(jobs(["2026年1—9月", 360]))[:3000],
    "truncated text": text_file(cases(case(1)))[:-20],
    "web page": b"<html><table>",
    "moved cells": text_file(jobs(["2026年1—9月", 360]))[:-2] + b",5\r\n",
    "shared strings gone": repacked(workbook(jobs(["2026年1—9月", 360])), {"xl/sharedStrings.xml": None}),
    "sheet gone": repacked(workbook(jobs(["2026年1—9月", 360])), {SHEET: None}),
    "a name in a column of words": text_file(cases(case(1, 所属街道=CANARIES[3]))),
    "a number in a column of days": text_file(cases(case(1, 收案日期=CANARIES[1]))),
}  # fmt: skip


@pytest.mark.parametrize("why", BAD)
def test_a_refusal_leaves_every_byte_and_refuses_the_good_file_beside_it(
    why: str, workspace: Workspace
) -> None:
    good = put(workspace, "好.csv", text_file(jobs(["2026年1—6月", 360])))
    bad = put(workspace, "坏", BAD[why])
    before = tree(workspace.root)
    with pytest.raises(IntakeError) as refusal:
        intake([good, bad], day=DAY)
    assert "incoming/坏" in str(refusal.value)
    assert not any(canary in str(refusal.value) for canary in CANARIES)
    assert tree(workspace.root) == before


def test_problems_of_several_files_are_told_at_once_each_with_its_file_and_cell(workspace: Workspace) -> None:
    first = put(workspace, "甲.csv", text_file(jobs(["2026年1—9月", "约360"], ["2026年9月", 1])))
    second = put(workspace, "乙.xlsx", workbook(cases(case(1, 收案日期="昨天"))))
    with pytest.raises(IntakeError) as refusal:
        intake([first, second], day=DAY)
    assert [p.place for p in refusal.value.problems] == [
        "incoming/甲.csv 第 3 行第 2 列（城镇新增就业净增（人））",
        "incoming/甲.csv 第 4 行第 1 列（统计期）",
        "incoming/乙.xlsx 明细!C3（收案日期）",
    ]


def test_a_good_export_is_taken_in_and_nothing_personal_is_written(workspace: Workspace) -> None:
    before = tree(workspace.data)
    taken = intake([put(workspace, "好", text_file(cases(*[case(n) for n in range(9)]), "gb18030"))], day=DAY)
    assert taken.written
    (workspace.root / "incoming" / "好").unlink()
    new = {name: content for name, content in tree(workspace.data).items() if before.get(name) != content}
    assert any("records" in name for name in new)
    for content in new.values():
        for canary in (*CANARIES, "案1"):
            for encoding in ("utf-8", "gb18030", "utf-16-le"):
                assert canary.encode(encoding) not in content
