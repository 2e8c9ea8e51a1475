"""A Word document laid out after GB/T 9704-2012, without a red head: paper, fonts by name, fixed lines, page numbers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Literal

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from laoyou.markup import printable
from laoyou.sheets.packing import settled

BODY, HEADING, SECOND, TITLE, PAGE = "仿宋", "黑体", "楷体", "方正小标宋简体", "宋体"
SIZE_2, SIZE_3, SIZE_4, SIZE_5 = Pt(22), Pt(16), Pt(14), Pt(10.5)  # 二号, 三号, 四号, 五号
LINE = Pt(28)
_MARGINS = {"top_margin": 37, "bottom_margin": 35, "left_margin": 28, "right_margin": 26}  # [mm]
Align = Literal["left", "center", "right", "both"]
_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
}


class Official:
    """A document being written.

    Sizes and margins follow GB/T 9704-2012: A4; margins of 37, 35, 28 and 26 mm; the body in
    仿宋 of size 三号 on lines of 28 pt, headings of the first level in 黑体, of the second in 楷体; page numbers in 四号.
    Fonts are named, not embedded.
    """

    def __init__(self, title: str) -> None:
        """Begin a document with its title."""
        self._document = Document()
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        for name, size in _MARGINS.items():
            setattr(section, name, Mm(size))
        section.footer_distance = Mm(28)
        self._document.settings.odd_and_even_pages_header_footer = True
        self._page_numbers(section.footer.paragraphs[0], "right")
        self._page_numbers(section.even_page_footer.paragraphs[0], "left")
        for line in list(self._document.styles.element.iter(qn("w:pBdr"))):
            line.getparent().remove(line)  # Word draws one below a title; an official document has none
        normal = self._document.styles["Normal"]
        _name_fonts(normal.element.get_or_add_rPr(), BODY)
        normal.font.size = SIZE_3
        self._document.core_properties.title = printable(title)
        self._document.core_properties.author = ""
        self._document.core_properties.language = "zh-CN"
        for part in title.split("\n"):
            self.paragraph(part, font=TITLE, size=SIZE_2, align="center", indent=False, style="Title")
        self.paragraph("", indent=False)

    def heading(self, text: str, level: int = 1) -> None:
        """Write a heading of the first or second level, which Word's outline shows, too."""
        self.paragraph(text, font=HEADING if level == 1 else SECOND, style=f"Heading {level}")

    def paragraph(
        self,
        text: str,
        *,
        font: str = BODY,
        size: Any = SIZE_3,
        align: Align = "both",
        indent: bool = True,
        style: str | None = None,
    ) -> None:
        """Write a paragraph, its first line indented by two characters."""
        self._set(self._document.add_paragraph(style=style), text, font, size, align, indent)

    def table(
        self, caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]
    ) -> None:
        """Write a table with a caption above it and a heading row that is repeated on every page.

        Parameters
        ----------
        caption, heads, rows : its words
        widths : of the columns [mm]
        """
        self.paragraph(caption, font=HEADING, size=SIZE_4, align="center", indent=False)
        table = self._document.add_table(rows=1, cols=len(heads), style="Table Grid")
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        for row_number, texts in enumerate([heads, *rows]):
            row = table.rows[0] if row_number == 0 else table.add_row()
            properties = row._tr.get_or_add_trPr()
            properties.append(OxmlElement("w:cantSplit"))
            if row_number == 0:
                properties.append(OxmlElement("w:tblHeader"))
            for cell, text, width in zip(row.cells, texts, widths, strict=True):
                cell.width = Mm(width)
                font = HEADING if row_number == 0 else BODY
                self._set(cell.paragraphs[0], text, font, SIZE_5, "left", False, spacing=Pt(16))
        self.paragraph("", indent=False, size=SIZE_5)

    def content(self) -> bytes:
        """Return the document as a file."""
        out = io.BytesIO()
        self._document.save(out)
        return settled(out.getvalue())

    def _set(
        self,
        paragraph: Paragraph,
        text: str,
        font: str,
        size: Any,
        align: Align,
        indent: bool,
        spacing: Any = LINE,
    ) -> None:
        form = paragraph.paragraph_format
        form.alignment = _ALIGN[align]
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, spacing
        form.space_before = form.space_after = Pt(0)
        form.first_line_indent = size * 2 if indent else Pt(0)
        run = paragraph.add_run(printable(text))
        run.font.size = size
        run.font.bold = run.font.italic = False
        _name_fonts(run._element.get_or_add_rPr(), font)
        _black(run._element.get_or_add_rPr())

    def _page_numbers(self, paragraph: Paragraph, side: Align) -> None:
        """Write — 1 — at the outer side of a footer."""
        paragraph.alignment = _ALIGN[side]
        for part in ("— ", "PAGE", " —"):
            run = paragraph.add_run("" if part == "PAGE" else part)
            run.font.size = SIZE_4
            _name_fonts(run._element.get_or_add_rPr(), PAGE)
            if part == "PAGE":
                field = OxmlElement("w:fldSimple")
                field.set(qn("w:instr"), "PAGE")
                paragraph._p.append(field)
                inner = OxmlElement("w:r")
                inner.append(run._element.get_or_add_rPr())
                paragraph._p.remove(run._element)
                text = OxmlElement("w:t")
                text.text = "1"
                inner.append(text)
                field.append(inner)


def _name_fonts(properties: Any, font: str) -> None:
    """Name a font for Chinese and one for the rest."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    fonts.set(qn("w:eastAsia"), font)
    for name in ("w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(name), "Times New Roman")


def _black(properties: Any) -> None:
    """Print a heading as black as the rest: Word's own styles are blue."""
    colour = OxmlElement("w:color")
    colour.set(qn("w:val"), "000000")
    properties.append(colour)
