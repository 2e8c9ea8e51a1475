"""The quarter's tables in Excel: a sheet of contents, one table a sheet, real numbers, units and notes."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from laoyou.commitments import standing
from laoyou.formats import percent
from laoyou.ledger.file import MISSING, STATUSES
from laoyou.pages import outlook_words, reason_words
from laoyou.pages.problem_words import HEADS, QUARTER_HEADS, cells, light_word, quarter_rows
from laoyou.periods import period_label
from laoyou.sheets.a4 import FONT, lay_on_a4
from laoyou.sheets.excel_text import write_text
from laoyou.sheets.packing import settled
from laoyou.supervision.docket import open_docket
from laoyou.view import View
from laoyou.words import COMPLIANCE, KINDS, LIGHTS, MOMENTUM

FILE = "workbook.xlsx"
CONTENTS = "目录"
NOTE_ROWS = 4
HEAD_ROW = 3 + NOTE_ROWS  # title, notes, an empty row, then the table's heads
_WIDEST, _NARROWEST = 34, 9  # of a column [digits]
_PAPER = 230  # what one A4 sheet holds so that it can be read [digits]
_YEARS = ("年份", "期限（年）")  # the heads of columns whose numbers have no thousands
Value = float | str | dt.date | None


@dataclass(frozen=True)
class Sheet:
    """One table: the sheet's name, what the table is, its notes, its columns and rows; NaN and None are empty cells."""

    name: str
    title: str
    notes: Sequence[str]
    heads: Sequence[str]
    rows: Sequence[Sequence[Value]]


def workbook(view: View) -> bytes:
    """Return a quarter's tables as an .xlsx file.

    Parameters
    ----------
    view : the page
    """
    sheets = list(tables_of(view))
    book = Workbook()
    _contents(book.worksheets[0], view, sheets)
    for number, sheet in enumerate(sheets, 1):
        _fill(book.create_sheet(sheet.name), sheet, number, view)
    book.properties.title = f"{view.region.zh}{view.label}进展数据"
    book.properties.language = "zh-CN"
    content = io.BytesIO()
    book.save(content)
    return settled(content.getvalue())


def tables_of(view: View) -> Iterator[Sheet]:
    """Yield the tables, in the order in which the pages tell them."""
    yield _scores(view)
    yield _outlooks(view)
    yield _series(view)
    yield _commitments(view)
    docket = open_docket(view)
    listed = "演示数据，由程序生成。" if docket.sample else ""
    yield Sheet(
        "督查清单",
        f"{view.label}督查核查问题清单",
        (f"截至 {docket.day}。{listed}", "日期为年-月-日；没有的空着。"),
        HEADS,
        [cells(docket, entry) for entry in docket.entries],
    )
    yield Sheet(
        "督查历季",
        "各季报告之间的办理",
        ("单位：个；一个问题一季退回几次算一个。", *filter(None, [listed])),
        QUARTER_HEADS,
        [(quarter, *map(float, counts)) for quarter, counts in quarter_rows(docket)],
    )
    yield _notes(view)


def _scores(view: View) -> Sheet:
    heads = (
        "行号", "指标", "单位", "性质", "牵头单位", "本年目标（照原文）", "本年目标", "实际", "分子", "分母", "完成率", "与目标之差",
        "进度差（百分点或%）", "进度", "全年", "势头", "每期平均变化", "区间下限", "区间上限", "数据", "依据",
    )  # fmt: skip
    rows = []
    for id, indicator in view.plan.indicators.items():
        row = view.score(id)
        status = "sample" if id in view.sample_indicators else str(row.status)
        rows.append(
            (
                indicator.row, indicator.name.zh, indicator.unit, KINDS[indicator.kind], view.plan.lead_unit(id),
                str(row.target_text), row.target, row.judged, row.numerator, row.denominator, row.attainment, row.margin,
                row.gap, LIGHTS[row.light], COMPLIANCE[row.compliance], MOMENTUM[row.momentum], row.change,
                row.interval_low, row.interval_high, STATUSES.get(status, ""), reason_words.reason(view, row),
            )
        )  # fmt: skip
    notes = (
        "单位随行，见“单位”列；率为百分数，率与率之差为百分点；完成率为份额（1 即 100%）。",
        "与目标之差为正即优于目标。没有数的空着，不等于 0；原因见“依据”。",
    )
    return Sheet("指标进展", f"{view.label}各项指标的进展", notes, heads, rows)


def _outlooks(view: View) -> Sheet:
    """Return how likely this year's and the plan's last target of each indicator are to be met, or why nobody can say."""
    rows: list[Sequence[Value]] = []
    for id, indicator in view.plan.indicators.items():
        row: Any = view.outlooks.loc[id]
        for year in outlook_words.years_asked(view):
            here = year == view.year
            p, reason = outlook_words.chance_in(view, row, year)
            shape = (
                (row.year_low, row.year_median, row.year_high)
                if here
                else (row.last_low, row.last_median, row.last_high)
            )
            n = (row.year_n if here else row.last_n) if reason == "computed" else math.nan
            rows.append(
                (
                    indicator.name.zh, indicator.unit, float(year), outlook_words.target(view, id, year), p, *shape,
                    outlook_words.method(view, row, year), float(n), outlook_words.why_not(view, row, year),
                )
            )  # fmt: skip
    level = percent(view.rules.outlook.coverage, 0)
    heads = (
        "指标", "单位", "年份", "目标", "达到的可能", f"{level} 区间下限", "中位数", f"{level} 区间上限", "方法", "依据的点数",
        "说不出的原因",
    )  # fmt: skip
    notes = (
        f"达到的可能为份额（1 即 100%）；{level} 区间是到年底大约会到的范围，单位随行。",
        "说不出的空着，原因另列；怎么估的见网页“展望”。",
    )
    return Sheet("展望", f"{view.label}看各项目标达到的可能", notes, heads, rows)


def _series(view: View) -> Sheet:
    """Return every quarter's figure of every indicator up to the quarter."""
    rows = []
    for id, indicator in view.plan.indicators.items():
        for point in view.points(id):
            rows.append(
                (
                    indicator.name.zh, id, period_label(point.quarter), str(point.quarter), indicator.unit, point.value,
                    point.numerator, point.denominator, MISSING.get(point.missing, ""), STATUSES[point.status],
                    float(point.revision), point.first_value, point.series_break, point.source, point.note,
                )
            )  # fmt: skip
    heads = (
        "指标", "代号", "期间", "期间代码", "单位", "数值", "分子", "分母", "缺数原因", "数据", "修订次数", "初报", "口径变化", "来源",
        "备注",
    )  # fmt: skip
    notes = (
        f"{view.region.zh}（由上级制定的为上级）各期的数，截至 {view.cut_off or '——'} 已知的最新一版。",
        "没有数的空着，原因另列。",
    )
    return Sheet("历季数值", "各项指标历季的数", notes, heads, rows)


def _commitments(view: View) -> Sheet:
    rows = []
    for id, commitment in view.plan.commitments.items():
        found = standing(view, id)
        target = commitment.target.value
        rows.append(
            (
                commitment.name.zh, view.plan.lead_unit(id), float(commitment.year), commitment.unit, commitment.text,
                math.nan if target is None else target, found.value, light_word(found.state),
            )
        )  # fmt: skip
    heads = ("承诺", "牵头单位", "期限（年）", "单位", "目标（照原文）", "目标", "至今", "状态")
    return Sheet("正文承诺", "只写在正文里的承诺", ("没有数的空着，不等于没有做到。",), heads, rows)


def _notes(view: View) -> Sheet:
    """Return the definition of each indicator, and where the workbook comes from."""
    rows = [
        (i.name.zh, i.unit, i.definition.zh, i.reference, "、".join(i.sources))
        for i in view.plan.indicators.values()
    ]
    notes = (f"目标出自《{view.plan.title.zh}》，{view.plan.source}。", "怎么判定见报告各页页脚。")
    return Sheet("口径", "各项指标的口径和出处", notes, ("指标", "单位", "口径", "出处", "数据来自"), rows)


def _contents(page: Worksheet, view: View, sheets: Sequence[Sheet]) -> None:
    page.title = CONTENTS
    _text(page, 1, 1, f"{view.region.zh}{view.label}：进展数据", bold=True, size=14)
    sample = len(view.sample_indicators & set(view.plan.indicators))
    warning = (
        f"{len(view.plan.indicators)} 项指标中 {sample} 项是演示数据，由程序生成，不得引用。"
        if sample
        else ""
    )
    prints = "、".join(f"{name} {digest}" for name, digest in view.fingerprints().items())
    about = (
        f"数据截至 {view.cut_off or '——'}。每张工作表一个表：第 1 行是表名，以下是说明，第 {HEAD_ROW} 行是表头。",
        warning,
        f"指纹：{prints}。",
    )
    for row, text in enumerate(filter(None, about), 2):
        _text(page, row, 1, text)
    for column, head in enumerate(("工作表", "内容", "行数"), 1):
        _text(page, HEAD_ROW, column, head, bold=True)
    for row, sheet in enumerate(sheets, HEAD_ROW + 1):
        _text(page, row, 1, sheet.name)
        page.cell(row, 1).hyperlink = f"#'{sheet.name}'!A1"
        page.cell(row, 1).font = Font(FONT, 10, underline="single", color="00558C")
        _text(page, row, 2, sheet.title)
        page.cell(row, 3).value = len(sheet.rows)
    _lay_out(page, (14, 44, 9), view)


def _fill(page: Worksheet, sheet: Sheet, number: int, view: View) -> None:
    """Write a table: its title, its notes, an empty row, heads and rows."""
    _text(page, 1, 1, sheet.title, bold=True, size=13)
    for row, note in enumerate(sheet.notes, 2):
        _text(page, row, 1, note)
    for column, head in enumerate(sheet.heads, 1):
        _text(page, HEAD_ROW, column, head, bold=True)
        page.cell(HEAD_ROW, column).alignment = Alignment("left", "center", wrap_text=True)
    for row, values in enumerate(sheet.rows, HEAD_ROW + 1):
        for column, value in enumerate(values, 1):
            _value(page, row, column, value, year=sheet.heads[column - 1] in _YEARS)
    last = f"{get_column_letter(len(sheet.heads))}{HEAD_ROW + max(len(sheet.rows), 1)}"
    table = Table(displayName=f"table_{number}", ref=f"A{HEAD_ROW}:{last}")
    table.tableStyleInfo = TableStyleInfo("TableStyleLight1", showRowStripes=True)
    page.add_table(table)
    page.freeze_panes = f"B{HEAD_ROW + 1}"
    widths = [
        max(_NARROWEST, min(_WIDEST, max((_wide(v) for v in (head, *(r[n] for r in sheet.rows))), default=0)))
        for n, head in enumerate(sheet.heads)
    ]
    _lay_out(page, widths, view)
    page.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    papers = math.ceil(sum(widths) / _PAPER)
    if papers > 1:  # side by side, the first columns on each: on one the figures would be too small to read
        page.page_setup.fitToWidth, page.page_setup.pageOrder = papers, "overThenDown"
        page.print_title_cols = "A:B"


def _lay_out(page: Worksheet, widths: Sequence[float], view: View) -> None:
    header = (view.region.zh, str(page.title), view.label)
    lay_on_a4(page, widths, header=header, footer=view.plan.title.zh)


def _wide(value: Value) -> int:
    """Return how wide a value is shown [digits]."""
    text = str(value) if isinstance(value, str) else "-12,345.6"
    return 2 + sum(2 if ord(c) > 0x2E80 else 1 for c in text)


def _value(page: Worksheet, row: int, column: int, value: Any, *, year: bool) -> None:
    """Write a cell: a number as a number, a text as text, what is missing as nothing."""
    cell = page.cell(row, column)
    if isinstance(value, str):
        if value:
            write_text(cell, value)
    elif value is not None and not math.isnan(value):
        number = float(value)
        cell.value = int(number) if number.is_integer() else round(number, 9)
        cell.number_format = "0" if year else "#,##0" if number.is_integer() else "#,##0.0##"
    cell.font = Font(FONT, 10)
    text = isinstance(value, str)
    wraps = isinstance(value, str) and _wide(value) > _WIDEST
    cell.alignment = Alignment(
        "left" if text else None, "top", wrap_text=wraps, indent=int(text and column > 1)
    )


def _text(page: Worksheet, row: int, column: int, text: str, *, bold: bool = False, size: int = 10) -> None:
    write_text(page.cell(row, column), text)
    page.cell(row, column).font = Font(FONT, size, bold=bold)
