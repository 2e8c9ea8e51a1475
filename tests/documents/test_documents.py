"""The page, the circular and the workbook of a quarter say the same: one run, its files read as anyone would."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from bs4 import BeautifulSoup
from docx.document import Document
from lists import needs_office
from workspaces import ROOT, copy_workspace

from laoyou.batch.report import run
from laoyou.documents.workbook import CONTENTS, HEAD_ROW
from laoyou.supervise import write_document
from laoyou.view import View, open_view

PAGES = ("overview", "supervision", "employment", "skills", "wages", "relations", "arrears", "disputes")


@dataclass(frozen=True)
class Quarter:
    """A published quarter, as files."""

    folder: Path
    view: View

    def page(self, name: str) -> BeautifulSoup:
        return BeautifulSoup((self.folder / f"{name}.html").read_text(encoding="utf-8"), "html.parser")

    @property
    def circular(self) -> Document:
        return docx.Document(str(self.folder / "circular.docx"))

    def sheet(self, name: str) -> list[dict[str, Any]]:
        page = openpyxl.load_workbook(self.folder / "workbook.xlsx")[name]
        heads, *rows = page.iter_rows(min_row=HEAD_ROW, values_only=True)
        return [dict(zip(heads, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quarter]:
    workspace = copy_workspace(tmp_path_factory.mktemp("documents") / "checkout")
    for name in PAGES:
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", workspace.notebooks)
    with contextlib.chdir(workspace.root):
        report = run("2026Q3")
        assert not report.failed
        yield Quarter(report.folder, open_view(region="330305", quarter="2026Q3", as_of="2026-10-31"))


def cells_of(table: Any) -> list[list[str]]:
    """Return the rows of a table of a page as texts."""
    return [[" ".join(c.get_text(" ").split()) for c in row(["th", "td"])] for row in table.tbody("tr")]


def close(text: str) -> str:
    return re.sub(r"\s+", "", text)


def table_under(page: BeautifulSoup, words: str) -> list[list[str]]:
    [found] = [t for t in page("table") if t.caption and words in t.caption.get_text()]
    return cells_of(found)


def numbers(text: str) -> list[str]:
    return re.findall(r"\d[\d,]*(?:\.\d+)?", text)


def test_both_stand_beside_the_pages_and_are_linked_from_the_index(quarter: Quarter) -> None:
    links = {a["href"]: a.get_text() for a in quarter.page("index")("a")}
    assert links["circular.docx"] == "通报（Word）"
    assert links["workbook.xlsx"] == "数据（Excel）"


def test_the_summary_in_word_is_the_scorecard_of_the_page(quarter: Quarter) -> None:
    table = quarter.circular.tables[0]
    shown = {close(row[0]): row for row in table_under(quarter.page("overview"), "目标进展，按进度由差到好")}
    lines = [[cell.text for cell in row.cells] for row in table.rows[1:]]
    assert len(lines) == len(quarter.view.plan.indicators) == 17
    for name, target, actual, light, verdict, unit in lines:
        [row] = [row for key, row in shown.items() if key.startswith(close(name.removesuffix("（演示）")))]
        text = close(" ".join(row))
        assert close(target) in text, name
        assert close(actual) in text or actual == "没有数", name
        assert light in text, name
        assert verdict in text, name
        assert (name.endswith("（演示）")) == ("演示" in row[0] or "演示" in text), name
        assert unit in {"区人力社保局", "区总工会", "区市场监管局"}


def test_the_figures_in_excel_are_those_in_word(quarter: Quarter) -> None:
    rows = {row["指标"]: row for row in quarter.sheet("指标进展")}
    for cells in quarter.circular.tables[0].rows[1:]:
        name, _, actual, light, verdict, unit = (c.text.removesuffix("（演示）") for c in cells.cells)
        row = rows[name]
        assert (row["进度"], row["全年"], row["牵头单位"]) == (light, verdict, unit)
        indicator = next(i for i in quarter.view.plan.indicators.values() if i.name.zh == name)
        if actual == "没有数":
            assert row["实际"] is None
        else:
            [told] = numbers(actual)
            places = len(told.partition(".")[2])
            assert abs(float(told.replace(",", "")) - row["实际"]) <= 0.5000001 * 10**-places
        assert row["单位"] == indicator.unit
        assert row["本年目标（照原文）"] == indicator.targets[2026].text
        if row["分母"]:
            assert row["实际"] == pytest.approx(100 * row["分子"] / row["分母"])


def test_the_lights_counted_in_word_are_those_of_the_page(quarter: Quarter) -> None:
    [told] = [p.text for p in quarter.circular.paragraphs if "项指标中" in p.text]
    rows = [row["进度"] for row in quarter.sheet("指标进展")]
    for word in set(rows):
        assert f"{word} {rows.count(word)} 项" in told


def test_the_list_in_excel_is_the_list_of_the_page(quarter: Quarter) -> None:
    page = quarter.page("supervision")
    shown: dict[str, str] = {}
    for table in page("table"):
        heads = [th.get_text() for th in table.thead("th")]
        if heads[:3] == ["编号", "指标", "问题"]:
            shown |= {row[0].split()[0]: close(" ".join(row)) for row in cells_of(table)}
    rows = quarter.sheet("督查清单")
    assert [row["编号"] for row in rows] == sorted(shown)
    assert len(rows) == 10
    for row in rows:
        for name in (
            "问题描述",
            "原因",
            "整改措施",
            "责任人",
            "配合单位",
            "交办日期",
            "整改时限",
            "状态",
            "进展",
        ):
            assert close(row[name] or "") in shown[row["编号"]], (row["编号"], name)


def test_the_problems_in_word_are_those_of_the_list(quarter: Quarter) -> None:
    rows = {row["编号"]: row for row in quarter.sheet("督查清单")}
    lines = [[cell.text for cell in row.cells] for row in quarter.circular.tables[1].rows[1:]]
    late = {n for n, row in rows.items() if "逾期" in row["状态"] or "已报专班" in row["状态"]}
    assert {line[0] for line in lines} == late
    for number, name, unit, due, state in lines:
        row = rows[number]
        assert (row["指标"], row["牵头单位"], row["整改时限"], row["状态"]) == (name, unit, due, state)
    whole = "\n".join(p.text for p in quarter.circular.paragraphs)
    for number, row in rows.items():
        if "逾期" in row["状态"]:
            assert f"{number} {row['指标']}（{row['来源']}）：{row['问题描述']}办理：{row['进展']}。" in whole


def test_the_quarters_in_excel_are_those_of_the_page(quarter: Quarter) -> None:
    shown = table_under(quarter.page("supervision"), "各季报告之间的办理")
    rows = [[str(value) for value in row.values()] for row in quarter.sheet("督查历季")]
    assert rows == shown
    flow = table_under(quarter.page("supervision"), "在办由")
    counts = {name.replace("其中：", ""): value for name, value in flow}
    last = quarter.sheet("督查历季")[-1]
    assert str(last["报告时在办"]) == counts["现在在办"]
    for name in ("新交办", "销号", "退回", "新逾期", "报专班"):
        assert str(last[name]) == counts[name]
    told = next(p.text for p in quarter.circular.paragraphs if p.text.startswith("在办 "))
    assert f"新交办 {last['新交办']} 个、退回 {last['退回']} 个、销号 {last['销号']} 个" in told


def test_every_number_in_word_stands_on_a_page(quarter: Quarter) -> None:
    pages = "".join(quarter.page(name).get_text(" ") for name in (*PAGES, "index"))
    known = set(numbers(pages))
    texts = [p.text for p in quarter.circular.paragraphs[3:-2]]
    texts += [c.text for t in quarter.circular.tables for row in t.rows for c in row.cells]
    day = r"\d+年\d+月\d+日"
    absent = {n for text in texts for n in numbers(re.sub(day, "", text)) if n not in known}
    assert absent == set()


def test_the_chances_in_excel_are_those_of_the_page(quarter: Quarter) -> None:
    shown = {
        close(r[0]).split("演示")[0].split("第")[0]: r
        for r in table_under(quarter.page("overview"), "的展望")
    }
    for row in quarter.sheet("展望"):
        cell = close(shown[row["指标"]][1 if row["年份"] == 2026 else 3])
        if row["达到的可能"] is None:
            assert close(row["说不出的原因"]) in cell
        else:
            assert 0 <= row["达到的可能"] <= 1
            [told] = numbers(cell) or ["0"]
            assert abs(float(told) - 100 * row["达到的可能"]) <= 1, (row["指标"], cell)


def test_the_same_quarter_gives_the_same_bytes(quarter: Quarter, tmp_path: Path) -> None:
    for name in ("circular.docx", "workbook.xlsx"):
        again = write_document("2026Q3", None, name, tmp_path)
        assert again.read_bytes() == (quarter.folder / name).read_bytes()


def test_pages_stay_small_and_without_script(quarter: Quarter) -> None:
    page = quarter.folder / "supervision.html"
    assert page.stat().st_size < 400_000
    assert "<script" not in page.read_text(encoding="utf-8")


# The workbook as such


def test_the_workbook_can_be_read_by_anyone(quarter: Quarter) -> None:
    book = openpyxl.load_workbook(quarter.folder / "workbook.xlsx")
    first = book.worksheets[0]
    assert first.title == CONTENTS
    listed = {
        first.cell(row, 1).value: (first.cell(row, 1).hyperlink, first.cell(row, 3).value)
        for row in range(HEAD_ROW + 1, first.max_row + 1)
    }
    assert list(listed) == book.sheetnames[1:]
    assert book.sheetnames[1:3] == ["指标进展", "展望"]
    for page in book.worksheets:
        assert not page.merged_cells.ranges
        assert page.sheet_state == "visible"
        assert page["A1"].value
        assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)
        for row in range(1, HEAD_ROW):
            assert [c.value for c in page[row][1:] if c.value is not None] == []
        assert page.cell(HEAD_ROW - 1, 1).value is None
    for page in book.worksheets[1:]:
        link, count = listed[page.title]
        assert link.location == f"'{page.title}'!A1" or link.target == f"#'{page.title}'!A1"
        [table] = page.tables.values()
        assert table.ref.startswith(f"A{HEAD_ROW}:")
        assert page.max_row == HEAD_ROW + count
        heads = [cell.value for cell in page[HEAD_ROW]]
        assert all(heads)
        assert len(heads) == len(set(heads))
        assert page.freeze_panes


def test_numbers_are_numbers(quarter: Quarter) -> None:
    for row in quarter.sheet("指标进展"):
        for name in ("本年目标", "实际", "分子", "分母", "完成率", "与目标之差", "区间下限"):
            assert row[name] is None or isinstance(row[name], (int, float))
    for row in quarter.sheet("历季数值"):
        assert row["数值"] is None or isinstance(row["数值"], (int, float))
        assert (row["数值"] is None) == bool(row["缺数原因"])
        assert row["单位"]
        assert row["数据"] in {"公开发布", "部门上报", "演示数据"}


# In LibreOffice


@pytest.mark.parametrize(
    ("name", "words"), [("circular.docx", "进展情况的通报"), ("workbook.xlsx", "进展数据")]
)
def test_libreoffice_opens_it_and_prints_it_on_a4(
    quarter: Quarter, tmp_path: Path, name: str, words: str
) -> None:
    office = needs_office()
    command = [
        office,
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "pdf",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(quarter.folder / name)],
        check=True,
        capture_output=True,
        timeout=180,
    )
    printed = (tmp_path / name).with_suffix(".pdf")
    assert printed.read_bytes().startswith(b"%PDF")
    assert printed.stat().st_size > 20_000
    sizes = set(re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", printed.read_bytes()))
    assert {tuple(sorted(round(float(x)) for x in size)) for size in sizes} == {(595, 842)}
    if shutil.which("pdftotext"):
        told = subprocess.run(
            ["pdftotext", str(printed), "-"], check=True, capture_output=True, encoding="utf-8"
        ).stdout
        assert words in told


def test_libreoffice_keeps_every_figure(quarter: Quarter, tmp_path: Path) -> None:
    from lists import converted

    ours = openpyxl.load_workbook(quarter.folder / "workbook.xlsx")
    theirs = openpyxl.load_workbook(
        io.BytesIO(converted((quarter.folder / "workbook.xlsx").read_bytes(), "w.xlsx", "xlsx", tmp_path))
    )
    assert theirs.sheetnames == ours.sheetnames
    for name in ours.sheetnames[1:]:
        cells = [[c.value for c in row] for row in ours[name].iter_rows(min_row=HEAD_ROW)]
        again = [[c.value for c in row][: len(cells[0])] for row in theirs[name].iter_rows(min_row=HEAD_ROW)]
        assert again[: len(cells)] == cells
