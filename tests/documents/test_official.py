"""The circular's layout after GB/T 9704-2012, read from the XML that Word reads."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from laoyou.documents.official import Official

TWIPS_MM = 1440 / 25.4  # twentieths of a point in a millimetre


@pytest.fixture(scope="module")
def content() -> bytes:
    paper = Official("关于某事的通报\n第二行")
    paper.heading("一、总体情况")
    paper.heading("（一）某单位", 2)
    paper.paragraph("正文 100 & <b>\x00=1+1")
    paper.table("某表", ("编号", "指标"), [["2026Q1-01", "某"]] * 60, (40, 116))
    return paper.content()


@pytest.fixture(scope="module")
def document(content: bytes) -> Any:
    return docx.Document(io.BytesIO(content))


def paragraph(document: Any, text: str) -> Any:
    [found] = [p for p in document.paragraphs if p.text.startswith(text)]
    return found


def font(run: Any) -> tuple[str, str, float]:
    fonts = run._element.rPr.rFonts
    return fonts.get(qn("w:eastAsia")), fonts.get(qn("w:ascii")), run.font.size.pt


def test_the_paper_is_a4_with_the_standards_margins(document: Any) -> None:
    [section] = document.sections
    size, margins = section._sectPr.pgSz, section._sectPr.pgMar
    assert [round(int(size.get(qn(f"w:{side}"))) / TWIPS_MM) for side in "wh"] == [210, 297]
    sides = [
        round(int(margins.get(qn(f"w:{side}"))) / TWIPS_MM) for side in ("top", "bottom", "left", "right")
    ]
    assert sides == [37, 35, 28, 26]


def test_the_body_is_fangsong_of_16_points_on_lines_of_exactly_28(document: Any) -> None:
    body = paragraph(document, "正文")
    spacing = body._p.pPr.spacing
    assert (spacing.get(qn("w:line")), spacing.get(qn("w:lineRule"))) == (
        "560",
        "exact",
    )  # 28 pt in twentieths
    assert (spacing.get(qn("w:before")), spacing.get(qn("w:after"))) == ("0", "0")
    assert font(body.runs[0]) == ("仿宋", "Times New Roman", 16)  # 三号
    assert body.paragraph_format.first_line_indent.pt == 32  # two characters
    assert body.alignment is not None


def test_headings_are_heiti_and_kaiti_and_stand_in_the_outline(document: Any) -> None:
    first, second = paragraph(document, "一、"), paragraph(document, "（一）")
    assert (first.style.name, second.style.name) == ("Heading 1", "Heading 2")
    assert font(first.runs[0]) == ("黑体", "Times New Roman", 16)
    assert font(second.runs[0]) == ("楷体", "Times New Roman", 16)
    title = paragraph(document, "关于某事的通报")
    assert font(title.runs[0]) == ("方正小标宋简体", "Times New Roman", 22)  # 二号
    for one in (first, second, title):
        assert one.runs[0].font.bold is False
        assert {c.get(qn("w:val")) for c in one._p.iter(qn("w:color"))} == {
            "000000"
        }  # no red head, no blue headings
        assert not list(one.style.element.iter(qn("w:pBdr")))


def test_pages_are_numbered_at_the_outer_side(document: Any) -> None:
    [section] = document.sections
    assert document.settings.odd_and_even_pages_header_footer
    assert round(int(section._sectPr.pgMar.get(qn("w:footer"))) / TWIPS_MM) == 28  # 7 mm below the type area
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        [line] = footer.paragraphs
        assert [f.get(qn("w:instr")) for f in line._p.iter(qn("w:fldSimple"))] == ["PAGE"]
        assert "".join(t.text for t in line._p.iter(qn("w:t"))) == "— 1 —"
        assert line._p.pPr.jc.get(qn("w:val")) == side
        assert {r.find(qn("w:rPr")).find(qn("w:sz")).get(qn("w:val")) for r in line._p.iter(qn("w:r"))} == {
            "28"
        }  # 四号


def test_fonts_are_named_and_not_embedded(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert not [name for name in parts.namelist() if "font" in name.lower() and not name.endswith(".xml")]
        assert (
            b"embed" not in parts.read("word/fontTable.xml")
            if "word/fontTable.xml" in parts.namelist()
            else True
        )
        text = parts.read("word/document.xml").decode("utf-8")
    assert "FF0000" not in text


def test_a_tables_head_is_repeated_and_no_row_is_divided(document: Any) -> None:
    [table] = document.tables
    first, *rows = table.rows
    assert first._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rows)
    assert sum(column.width.mm for column in table.columns) == pytest.approx(156, abs=0.1)  # 210 − 28 − 26


def test_any_text_stays_text(document: Any) -> None:
    assert paragraph(document, "正文").text == "正文 100 & <b>\ufffd=1+1"


def test_it_says_nothing_of_who_or_when(content: bytes, document: Any) -> None:
    assert document.core_properties.author == ""
    assert document.core_properties.language == "zh-CN"
    assert document.core_properties.title.startswith("关于某事的通报")
    paper = Official("关于某事的通报\n第二行")
    assert paper.content() == Official("关于某事的通报\n第二行").content()
