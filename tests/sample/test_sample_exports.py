import csv
import datetime as dt
import io
import zipfile

import openpyxl
import pandas as pd
import pytest

from laoyou.sample.cases import Case
from laoyou.sample.exports import (
    Sheet,
    arrears,
    as_text,
    as_workbook,
    at_end,
    disputes,
    people,
    since_january,
)

DAY = dt.date(2026, 10, 12)
TOWNS = {"330305001": "北岙街道"}
CASE = Case(
    7, dt.date(2026, 1, 5), dt.date(2026, 3, 31), "done", "330305001", "construction", "graduate", 3, 12_500,
    dt.date(2026, 4, 1),
)  # fmt: skip
OPEN = Case(
    8, dt.date(2026, 9, 30), region="330305001", industry="other", group="low_income", workers=1, amount=800
)
SHEET = Sheet("安薪在线", [["甲", "乙"]], [["=1+1", 5], [dt.date(2026, 1, 5), "a,b"]])
TITLE = "安薪在线导出（演示数据，非真实记录；导出日期 2026-10-12）"


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8-sig", b"\xef\xbb\xbf"), ("gb18030", b""), ("utf-16", b"\xff\xfe")],
)
def test_a_text_file_is_in_its_encoding_with_the_mark_above_the_heading(encoding: str, mark: bytes) -> None:
    content = as_text(SHEET, DAY, encoding)
    assert content.startswith(mark)
    text = content.decode(encoding)
    assert text.endswith("\r\n")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        [TITLE], ["甲", "乙"], ["=1+1", "5"], ["2026-01-05", "a,b"],
    ]  # fmt: skip


def test_a_text_file_may_be_separated_by_tabs() -> None:
    assert "甲\t乙\r\n" in as_text(SHEET, DAY, "utf-8", "\t").decode()


def test_a_workbook_has_the_mark_the_heading_and_typed_cells() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(SHEET, DAY, "明细", ["A1:B1"])))
    assert book.sheetnames == ["明细"]
    table = book["明细"]
    assert [[cell.value for cell in row] for row in table.iter_rows()] == [
        [TITLE, None], ["甲", "乙"], ["=1+1", 5], [dt.datetime(2026, 1, 5), "a,b"],
    ]  # fmt: skip
    assert table["A3"].data_type == "s"  # text, never a live formula
    assert [str(area) for area in table.merged_cells.ranges] == ["A1:B1"]


def test_a_workbook_is_the_same_to_the_byte_whatever_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    first = as_workbook(SHEET, DAY, "明细")
    with zipfile.ZipFile(io.BytesIO(first)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(2026, 10, 12, 0, 0, 0)}
        assert b"2026-10-12T00:00:00Z" in parts.read("docProps/core.xml")
        assert parts.testzip() is None
    monkeypatch.setattr("time.time", lambda: 0.0)
    monkeypatch.setattr("time.localtime", lambda *_: (1999, 1, 1, 0, 0, 0, 4, 1, 0))
    assert as_workbook(SHEET, DAY, "明细") == first


# The platforms


def test_leads_of_unpaid_wages_have_no_person_in_them() -> None:
    sheet = arrears("安薪在线", "线索编号", "AX", [CASE, OPEN], TOWNS)
    [heading] = sheet.headings
    assert [dict(zip(heading, line, strict=True)) for line in sheet.lines] == [
        {
            "线索编号": "AX00007", "受理日期": dt.date(2026, 1, 5), "办结日期": dt.date(2026, 3, 31),
            "办理状态": "已化解", "所属街道": "北岙街道", "行业": "建筑业", "涉及人数": 3, "涉及金额（元）": "12,500",
            "联系人": "演示略", "联系电话": "演示略",
        },
        {
            "线索编号": "AX00008", "受理日期": dt.date(2026, 9, 30), "办结日期": "", "办理状态": "办理中",
            "所属街道": "北岙街道", "行业": "其他", "涉及人数": 1, "涉及金额（元）": "800", "联系人": "演示略",
            "联系电话": "演示略",
        },
    ]  # fmt: skip


def test_people_who_are_helped_have_neither_name_nor_number() -> None:
    sheet = people("重点群体就业帮扶在线", "登记编号", "ZD", [CASE, OPEN], TOWNS)
    [heading] = sheet.headings
    assert [dict(zip(heading, line, strict=True)) for line in sheet.lines] == [
        {
            "登记编号": "ZD00007", "姓名": "演示略", "身份证号": "演示略", "人员类别": "离校未就业高校毕业生",
            "登记日期": "2026/01/05", "首次帮扶日期": "2026/03/31", "帮扶状态": "已帮扶",
            "实现就业日期": "2026/04/01", "街道（乡镇）": "北岙街道",
        },
        {
            "登记编号": "ZD00008", "姓名": "演示略", "身份证号": "演示略", "人员类别": "低保",
            "登记日期": "2026/09/30", "首次帮扶日期": "", "帮扶状态": "待帮扶", "实现就业日期": "",
            "街道（乡镇）": "北岙街道",
        },
    ]  # fmt: skip


def test_disputes_are_mediated_and_arbitrated_in_one_list() -> None:
    sheet = disputes("智慧仲裁", [CASE], [OPEN], TOWNS)
    assert [line[:6] for line in sheet.lines] == [
        ["浙温洞演示调字00007号", "调解", "2026年01月05日", "2026年03月31日", "调解成功", "北岙街道"],
        ["浙温洞演示裁字00008号", "仲裁", "2026年09月30日", "", "审理中", "北岙街道"],
    ]


def test_spans_are_written_as_platforms_write_them() -> None:
    first, third, fourth = (pd.Period(text, freq="Q-DEC") for text in ("2026Q1", "2026Q3", "2026Q4"))
    assert [since_january(q) for q in (first, third, fourth)] == [
        "2026年1—3月",
        "2026年1—9月",
        "2026年1—12月",
    ]
    assert [at_end(q) for q in (first, third)] == ["2026年一季度末", "2026年三季度末"]
