"""Synthetic exports of the platforms, in the shapes real ones come in, each marked 演示数据 above its heading."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import openpyxl
import pandas as pd
from openpyxl.styles import Alignment, Font

from laoyou.intake.exports import SAMPLE_MARK
from laoyou.periods import period_label, since_january_label
from laoyou.sample.cases import Case
from laoyou.sheets.excel_text import write_text
from laoyou.sheets.packing import settled

Line = Sequence[object]
TITLE = f"{{platform}}导出（{SAMPLE_MARK}，非真实记录；导出日期 {{day}}）"
OUTCOMES_ZH = {
    "open": "办理中",
    "done": "已化解",
    "duplicate": "重复",
    "unfounded": "不属实",
    "transferred": "移送",
}
INDUSTRIES_ZH = {
    "construction": "建筑业", "manufacturing": "制造业", "hospitality": "住宿餐饮业", "transport": "交通运输业",
    "other": "其他",
}  # fmt: skip
GROUPS_ZH = {
    "hard_to_employ": "就业困难人员", "registered_unemployed": "登记失业人员", "graduate": "离校未就业高校毕业生",
    "low_income": "低保", "near_low_income": "低边",
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """One export: its platform, the headings, and the lines below them."""

    platform: str
    headings: Sequence[Line]
    lines: Iterable[Line]


def as_text(sheet: Sheet, day: dt.date, encoding: str, separator: str = ",") -> bytes:
    """Return an export as a text file in an encoding."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow([TITLE.format(platform=sheet.platform, day=day)])
    writer.writerows(sheet.headings)
    writer.writerows(sheet.lines)
    return text.getvalue().encode(encoding)


def as_workbook(sheet: Sheet, day: dt.date, name: str, merged: Sequence[str] = ()) -> bytes:
    """Return an export as an .xlsx workbook, the same to the byte whenever it is made."""
    book = openpyxl.Workbook()
    table = book.active
    assert table is not None
    table.title = name
    write_text(table.cell(1, 1), TITLE.format(platform=sheet.platform, day=day))
    for row, line in enumerate([*sheet.headings, *sheet.lines], 2):
        for column, value in enumerate(line, 1):
            cell = table.cell(row, column)
            if isinstance(value, str):
                write_text(cell, value)
            elif isinstance(value, (int, float, dt.date)):
                cell.value = value
    for row in range(1, 2 + len(sheet.headings)):
        for cell in table[row]:
            cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center", vertical="center")
    for area in merged:
        table.merge_cells(area)
    content = io.BytesIO()
    book.save(content)
    return settled(content.getvalue())


def arrears(
    platform: str, number: str, prefix: str, cases: Iterable[Case], townships: Mapping[str, str]
) -> Sheet:
    """Return leads of unpaid wages as a platform lists them."""
    headings = [
        number,
        "受理日期",
        "办结日期",
        "办理状态",
        "所属街道",
        "行业",
        "涉及人数",
        "涉及金额（元）",
        "联系人",
        "联系电话",
    ]
    lines = [
        [
            f"{prefix}{c.number:05d}", c.opened, c.closed or "", OUTCOMES_ZH[c.outcome], townships[c.region],
            INDUSTRIES_ZH[c.industry], c.workers, f"{c.amount:,}", "演示略", "演示略",
        ]
        for c in cases
    ]  # fmt: skip
    return Sheet(platform, [headings], lines)


def people(
    platform: str, number: str, prefix: str, cases: Iterable[Case], townships: Mapping[str, str]
) -> Sheet:
    """Return people who are helped to find work."""
    headings = [
        number,
        "姓名",
        "身份证号",
        "人员类别",
        "登记日期",
        "首次帮扶日期",
        "帮扶状态",
        "实现就业日期",
        "街道（乡镇）",
    ]
    words = {"open": "待帮扶", "done": "已帮扶", "duplicate": "重复登记"}
    lines = [
        [
            f"{prefix}{c.number:05d}", "演示略", "演示略", GROUPS_ZH[c.group], f"{c.opened:%Y/%m/%d}",
            f"{c.closed:%Y/%m/%d}" if c.closed else "", words[c.outcome], f"{c.placed:%Y/%m/%d}" if c.placed else "",
            townships[c.region],
        ]
        for c in cases
    ]  # fmt: skip
    return Sheet(platform, [headings], lines)


def disputes(
    platform: str, mediation: Iterable[Case], arbitration: Iterable[Case], townships: Mapping[str, str]
) -> Sheet:
    """Return disputes, mediated and arbitrated, as one list."""
    headings = ["案号", "程序", "收案日期", "结案日期", "处理结果", "所属街道", "申请人", "被申请人"]
    words = {
        "调解": {"done": "调解成功", "failed": "调解不成", "open": "调解中", "transferred": "移送"},
        "仲裁": {"done": "结案", "open": "审理中", "transferred": "移送", "duplicate": "重复"},
    }
    lines = [
        [
            f"浙温洞演示{mark}字{c.number:05d}号", word, f"{c.opened:%Y年%m月%d日}", f"{c.closed:%Y年%m月%d日}" if c.closed else "",
            words[word][c.outcome], townships[c.region], "演示略", "演示略",
        ]
        for word, mark, cases in (("调解", "调", mediation), ("仲裁", "裁", arbitration))
        for c in cases
    ]  # fmt: skip
    return Sheet(platform, [headings], lines)


def since_january(quarter: pd.Period) -> str:
    """Return a span since January as platforms print it: 2026年1—9月."""
    return f"{quarter.year}年1—12月" if quarter.quarter == 4 else since_january_label(quarter)


def at_end(quarter: pd.Period) -> str:
    """Return the end of a quarter: 2026年三季度末."""
    return f"{period_label(quarter)}末"
