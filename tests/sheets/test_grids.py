"""Files of every shape and breakage: read as grids, or refused with what is wrong."""

import datetime as dt
import os
import random
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from shapes import (
    CANARIES,
    SHEET,
    STRINGS,
    old_workbook,
    protected,
    protected_old,
    repacked,
    text_file,
    with_result,
    workbook,
)

from laoyou.errors import IntakeError, LaoyouError, Problem
from laoyou.rules import Intake
from laoyou.sheets.cells import Cell, read_date, read_number
from laoyou.sheets.grids import Area, Grid, Sheet, open_grids, open_reader

LIMITS = Intake(max_megabytes=100, max_unpacked_megabytes=200, max_rows=200_000)
SMALL = Intake(max_megabytes=1, max_unpacked_megabytes=1, max_rows=5)
ROWS = [["编号", "街道", "数"], ["甲1", "北岙街道", "12"], ["甲2", "大门镇", "3"]]
Put = Callable[[bytes], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Return a function that writes a file; its name says nothing about what it is."""

    def put(content: bytes) -> Path:
        (tmp_path / "交来的文件").write_bytes(content)
        return tmp_path / "交来的文件"

    return put


@pytest.fixture
def grid(put: Put) -> Callable[..., Grid]:
    """Return a function that reads the first sheet of a file's bytes."""
    return lambda content, limits=LIMITS: open_grids(put(content), "表", limits)[0]


@pytest.fixture
def refused(put: Put) -> Callable[..., Problem]:
    """Return a function that has a file's bytes refused, for one reason."""

    def refused(content: bytes, limits: Intake = LIMITS) -> Problem:
        with pytest.raises(IntakeError) as refusal:
            open_grids(put(content), "交来/表.xlsx", limits)
        assert refusal.value.where == "交来/表.xlsx"
        (problem,) = refusal.value.problems
        return problem

    return refused


def texts(grid: Grid) -> list[list[str]]:
    """Return a grid as rows of text."""
    return [
        [grid.text(row, column) for column in range(1, grid.columns + 1)] for row in range(1, grid.rows + 1)
    ]


def told(file: Path) -> int:
    """Return how many problems a file is refused for: none if it is read; anything but a refusal fails the test."""
    try:
        open_grids(file, "表", LIMITS)
    except LaoyouError as refusal:
        return len(refusal.problems)
    return 0


# Text


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_text_is_read_in_every_encoding_with_every_line_end(
    encoding: str, end: str, grid: Callable[..., Grid]
) -> None:
    assert texts(grid(text_file(ROWS, encoding, end=end))) == ROWS


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_utf_16_is_read_by_its_mark_either_way_round(mark: bytes, grid: Callable[..., Grid]) -> None:
    encoding = "utf-16-le" if mark == b"\xff\xfe" else "utf-16-be"
    assert texts(grid(mark + text_file(ROWS, encoding, separator="\t"))) == ROWS


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_the_separator_is_found_even_below_a_title_with_commas(
    separator: str, grid: Callable[..., Grid]
) -> None:
    found = grid(text_file([["标题", "2026"]], end="") + text_file([[], *ROWS], separator=separator))
    assert [found.text(2, column) for column in (1, 2, 3)] == ROWS[0]


def test_characters_beyond_gbk_are_read_in_gb18030(grid: Callable[..., Grid]) -> None:
    assert grid(text_file([["䶮", "𠮷", "€"]], "gb18030")).text(1, 2) == "𠮷"


def test_a_quoted_field_keeps_its_line_breaks_and_separators_and_rows_are_numbered_by_line(
    grid: Callable[..., Grid],
) -> None:
    found = grid(text_file([["a", "两\r\n行"], ["1,234", '他说"好"'], ["b", "c"]]))
    assert found.cell(1, 2).value == "两\r\n行"
    assert (found.cell(3, 1).value, found.cell(3, 2).value) == ("1,234", '他说"好"')
    assert found.text(4, 1) == "b"
    assert found.place(4, 2) == "第 4 行第 2 列"


def test_text_is_kept_untouched_and_a_text_file_has_one_nameless_visible_sheet(
    grid: Callable[..., Grid],
) -> None:
    found = grid(text_file([[" ００1２ ", "=1+1"]]))
    assert found.cell(1, 1) == Cell(" ００1２ ")
    assert found.cell(1, 2) == Cell("=1+1")
    assert found.sheet == Sheet("")
    assert not found.hidden


def test_blank_lines_are_empty_rows(grid: Callable[..., Grid]) -> None:
    assert texts(grid(b"a,b\r\n\r\n,\r\nc,d\r\n")) == [["a", "b"], ["", ""], ["", ""], ["c", "d"]]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"a,b\r\n1,\x00\r\n" + 40 * b"2,3\r\n", id="one NUL byte"),
        pytest.param("甲，乙\r\n".encode("gb18030") + b"\x00" + 30 * b"1,2\r\n", id="NUL in GB18030"),
        pytest.param(b"\x00" * 1000, id="nothing but NUL bytes"),
        pytest.param(b"a,b\r\n1,\x07\r\n", id="a control character"),
        pytest.param(",".join("甲乙").encode()[:-1], id="UTF-8 that breaks off within a character"),
        pytest.param(b"a,\xff\xff\xff", id="no encoding"),
        pytest.param(b"\xef\xbb\xbf\xff\xfe", id="a mark of UTF-8 before other bytes"),
        pytest.param(b"\xff\xfea", id="half a character of UTF-16"),
    ],
)
def test_what_is_not_text_is_refused(content: bytes, refused: Callable[..., Problem]) -> None:
    problem = refused(content)
    assert (problem.place, problem.found) == ("文件", "不是能读的文字或表格")
    assert "GB18030" in problem.allowed


def test_a_quote_that_is_never_closed_is_named_with_its_line(refused: Callable[..., Problem]) -> None:
    assert refused(b'a,b\r\n1,"2\r\n3,4\r\n').place == "第 2 行"


@pytest.mark.parametrize(
    "content",
    [
        "<html><body><table><tr><td>编号</td></tr></table></body></html>".encode(),
        "\ufeff\r\n  <!DOCTYPE html><table></table>".encode(),
        "<table><tr><td>编号</td></tr></table>".encode("gb18030"),
        "<?xml version='1.0'?><Workbook/>".encode("utf-16"),
    ],
)
def test_a_web_page_under_the_name_of_a_workbook_is_refused(
    content: bytes, refused: Callable[..., Problem]
) -> None:
    problem = refused(content)
    assert problem.found == "其实是网页（HTML 或 XML），不是表格"
    assert "另存为 .xlsx" in problem.remedy


def test_a_line_longer_than_a_table_has_is_refused_and_one_as_long_is_read(
    refused: Callable[..., Problem], grid: Callable[..., Grid]
) -> None:
    assert grid(b"a\r\n" + 1_000_000 * b",").columns == 1_000_001
    assert refused(b"a\r\n" + 1_000_001 * b",").place == "第 2 行"
    assert refused(b"a," + b"b" * 140_000 + b"\r\n").place == "第 1 行"  # one field longer than csv reads


def test_widths_and_a_cut_last_row_of_a_text_file_are_told(grid: Callable[..., Grid]) -> None:
    assert dict(grid(b"a,b,c\r\n1,2,\r\n1,2,3,4\r\n").widths) == {1: 3, 2: 2, 3: 4}
    assert grid(b"a,b,c\r\n1,2,3\r\n1,2").cut_row == 3
    assert grid(b"a,b,c\r\n1,2,3\r\n1,2,").cut_row == 0
    assert grid(b"a,b,c\r\n1,2,3\r\n1,2\r\n").cut_row == 0
    assert grid("a,b,c\r\n1,2,3\r\n1,2\r\n".encode("utf-16")).cut_row == 0
    assert grid("a,b,c\r\n1,2,3\r\n1,2".encode("utf-16")).cut_row == 3


# Files as a whole


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "是空的"),
        (b"%PDF-1.7", "是 PDF"),
        (b"\x89PNG\r\n\x1a\n", "是图片"),
        (b"\xff\xd8\xff\xe0", "是图片"),
        (b"Rar!\x1a\x07", "是压缩包"),
        (b"7z\xbc\xaf\x27\x1c", "是压缩包"),
        (b"\x1f\x8b\x08", "是压缩包"),
        (b"{\\rtf1", "是 RTF 文档"),
        (b"PK\x03\x04", "压缩包损坏或不完整（BadZipFile）"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "内部结构损坏"),
    ],
)
def test_a_file_of_another_kind_is_named(content: bytes, found: str, refused: Callable[..., Problem]) -> None:
    problem = refused(content)
    assert problem.found.startswith(found)
    assert problem.remedy


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("xl/workbook.bin", "是二进制工作簿（.xlsb）"),
        ("word/document.xml", "是 Word 文档"),
        ("content.xml", "是 OpenDocument 表格（.ods）"),
        ("导出.csv", "是压缩包，不是表格"),
    ],
)
def test_other_zipped_files_are_named(part: str, found: str, refused: Callable[..., Problem]) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(part, "x")
    assert refused(out.getvalue()).found == found


def test_a_password_is_told_in_both_formats(refused: Callable[..., Problem]) -> None:
    for content in (protected(workbook(ROWS)), protected_old(old_workbook(ROWS))):
        problem = refused(content)
        assert (problem.found, problem.allowed) == ("有打开密码", "没有密码的文件")


def test_an_encrypted_zip_is_told(refused: Callable[..., Problem]) -> None:
    content = bytearray(workbook(ROWS))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1  # the bit that says a part is encrypted
    assert refused(bytes(content)).found == "有密码"


def test_a_word_document_of_old_is_no_workbook(refused: Callable[..., Problem]) -> None:
    content = old_workbook(ROWS).replace("Workbook".encode("utf-16-le"), "WordDocu".encode("utf-16-le"))
    assert refused(content).found == "不是 Excel 工作簿"


def test_a_file_that_is_not_there_or_is_a_folder_is_told(tmp_path: Path) -> None:
    for file, found in ((tmp_path / "没有.csv", "不存在"), (tmp_path, "是一个目录")):
        with pytest.raises(IntakeError) as refusal:
            open_reader(file, "表", LIMITS)
        assert refusal.value.problems[0].found == found


@pytest.mark.parametrize("content", [workbook(ROWS), text_file(ROWS)], ids=["workbook", "text"])
def test_a_file_taken_away_between_opening_and_reading_is_told(content: bytes, put: Put) -> None:
    reader = open_reader(file := put(content), "表", LIMITS)
    file.unlink()
    with pytest.raises(IntakeError):
        reader.grid(reader.sheets[0])


# Too large


def test_a_file_over_100_mb_is_refused_without_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "大.csv"
    file.touch()
    os.truncate(file, 200_000_000)

    def read(*anything: object, **more: object) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(Path, "open", read)
    monkeypatch.setattr(Path, "read_bytes", read)
    with pytest.raises(IntakeError) as refusal:
        open_reader(file, "大.csv", LIMITS)
    (problem,) = refusal.value.problems
    assert problem.found == "有 200 MB"
    assert "100 MB" in problem.allowed


def test_the_largest_file_is_read_and_one_byte_more_refused(
    grid: Callable[..., Grid], refused: Callable[..., Problem]
) -> None:
    line = b"a" * 49 + b"\n"
    assert grid(20_000 * line, SMALL.model_copy(update={"max_rows": 20_000})).rows == 20_000
    assert refused(20_000 * line + b"a", SMALL).found == "有 1 MB"


def test_a_zip_bomb_is_refused_by_what_it_would_unpack_to(refused: Callable[..., Problem]) -> None:
    out = BytesIO()
    zeros = b"\0" * 1_000_000
    with (
        zipfile.ZipFile(BytesIO(workbook(ROWS))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            if part != SHEET:
                new.writestr(part, old.read(part))
        with new.open(SHEET, "w") as stream:
            for _ in range(201):
                stream.write(zeros)
    assert len(out.getvalue()) < 1_000_000
    problem = refused(out.getvalue())
    assert problem.found.startswith("解开后有 201 MB")
    assert "200 MB" in problem.allowed


def test_a_zip_that_lies_about_its_size_is_refused(refused: Callable[..., Problem]) -> None:
    content = bytearray(repacked(workbook(ROWS), {SHEET: b"<worksheet>" + b" " * 5_000_000}))
    at = content.index(SHEET.encode(), content.index(b"PK\x01\x02")) - 46
    content[at + 24 : at + 28] = struct.pack("<I", 100)
    assert "损坏" in refused(bytes(content), SMALL).found


def test_a_zip_of_too_many_parts_is_refused(refused: Callable[..., Problem]) -> None:
    problem = refused(repacked(workbook(ROWS), {f"x/{n}": b"" for n in range(5_000)}))
    assert "个部件" in problem.found


@pytest.mark.parametrize("make", [workbook, old_workbook, text_file])
def test_the_last_row_allowed_is_read_and_one_more_refused(
    make: Callable[..., bytes], grid: Callable[..., Grid], refused: Callable[..., Problem]
) -> None:
    assert grid(make([["a"]] * 5), SMALL).rows == 5
    problem = refused(make([["a"]] * 6), SMALL)
    assert problem.found == "超过 5 行"
    assert problem.place == ("文件" if make is text_file else "工作表「明细」")


def test_a_cell_in_the_last_corner_of_a_sheet_is_refused_where_asked_for_and_costs_nothing_where_not(
    put: Put,
) -> None:
    reader = open_reader(
        put(workbook(ROWS, change=lambda book, sheet: sheet.cell(1_048_576, 16_384, "x"))), "表", LIMITS
    )
    (sheet,) = reader.sheets
    with pytest.raises(IntakeError, match="超过 200000 行"):
        reader.grid(sheet)
    found = reader.grid(sheet, columns={1, 2, 3})
    assert (found.rows, found.columns) == (3, 3)
    assert reader.grid(sheet, last_row=3).rows == 3


def test_a_hundred_thousand_formatted_empty_rows_are_passed_over(grid: Callable[..., Grid]) -> None:
    empty = "".join(f'<row r="{n}" ht="20"/>' for n in range(4, 100_000))
    content = repacked(
        workbook(ROWS), {SHEET: lambda text: text.replace("</sheetData>", f"{empty}</sheetData>")}
    )
    assert texts(grid(content)) == ROWS


def test_a_cell_in_the_last_corner_of_an_old_sheet_is_read_without_filling_the_rest(put: Put) -> None:
    content = old_workbook(ROWS, change=lambda book, sheet: sheet.write(65_535, 255, "x"))
    reader = open_reader(put(content), "表", LIMITS)
    found = reader.grid(reader.sheets[0])
    assert (found.rows, found.columns, len(found.cells)) == (65_536, 256, 10)


# Broken


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{10 * f"&{a};"}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    "part", [SHEET, STRINGS, "xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"]
)
@pytest.mark.parametrize("entity", ["&i;", '<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]>'])
def test_entities_are_never_expanded(part: str, entity: str, refused: Callable[..., Problem]) -> None:
    bomb = BOMB if entity == "&i;" else entity

    def change(text: str) -> str:
        body = text.partition("?>")[2] if text.startswith("<?xml") else text
        end = body.rindex("</")
        return f"{bomb}{body[:end]}<t>&i;</t>{body[end:]}"

    problem = refused(repacked(workbook(ROWS), {part: change}))
    assert problem.found == "内部结构损坏（EntitiesForbidden）"


def test_elements_in_elements_two_hundred_thousand_deep_are_no_crash(put: Put) -> None:
    deep = b"<worksheet><sheetData>" + b"<a>" * 200_000
    with pytest.raises(LaoyouError):
        open_grids(put(repacked(workbook(ROWS), {SHEET: deep})), "表", LIMITS)


@pytest.mark.parametrize(
    "parts",
    [
        {SHEET: None},
        {STRINGS: None},
        {"xl/_rels/workbook.xml.rels": None},
        {SHEET: b""},
        {SHEET: b"no XML"},
        {SHEET: lambda text: text.replace("<v>", "<v>9")},
        {SHEET: lambda text: text.replace("<v>", "<v>x")},
        {SHEET: lambda text: text.replace('r="A2"', 'r="2A"')},
        {SHEET: lambda text: text.replace('<row r="3"', '<row r="2"')},
        {SHEET: lambda text: text.replace('<row r="3"', '<row r="-3"')},
        {SHEET: lambda text: text.replace("</sheetData>", "</sheetData><mergeCells><mergeCell ref='?'/></mergeCells>")},
        {"xl/workbook.xml": lambda text: text.replace("r:id=", "r:other=").replace(" id=", " other=")},
    ],
)  # fmt: skip
def test_a_workbook_that_contradicts_itself_is_refused(
    parts: dict[str, object], refused: Callable[..., Problem]
) -> None:
    problem = refused(repacked(workbook(ROWS), parts))
    assert "内部结构损坏" in problem.found
    assert "重新导出" in problem.remedy


CONTENTS = {
    "xlsx": workbook(ROWS),
    "xls": old_workbook([*ROWS, *[["甲", "乙", 1]] * 50]),
    "utf-8": text_file(ROWS),
    "utf-16": text_file(ROWS, "utf-16"),
    "gb18030": text_file(ROWS, "gb18030"),
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_a_file_that_breaks_off_anywhere_is_read_or_refused(kind: str, put: Put) -> None:
    content = CONTENTS[kind]
    read = 0
    for length in sorted({*range(0, len(content), max(1, len(content) // 100)), len(content) - 1}):
        read += told(put(content[:length])) == 0
    assert read == 0 or kind != "xlsx"


@pytest.mark.parametrize("kind", CONTENTS)
def test_a_file_with_bytes_changed_anywhere_is_read_or_refused(kind: str, put: Put) -> None:
    chance = random.Random(20261012)
    for _ in range(100):
        content = bytearray(CONTENTS[kind])
        for _ in range(chance.randint(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        assert told(put(bytes(content))) <= 1


def test_xml_changed_anywhere_is_read_or_refused(put: Put) -> None:
    chance = random.Random(20261012)
    content = workbook(
        [*ROWS, [dt.date(2026, 9, 30), 0.5, "=1+1"]], change=lambda b, s: s.merge_cells("A5:B6")
    )
    for part in (SHEET, STRINGS, "xl/workbook.xml", "xl/styles.xml"):
        for _ in range(30):
            with zipfile.ZipFile(BytesIO(content)) as archive:
                text = bytearray(archive.read(part))
            text[chance.randrange(len(text))] = chance.choice(b'0123456789<>"/ABZabz-. &')
            assert told(put(repacked(content, {part: bytes(text)}))) <= 1


# Workbooks


@pytest.mark.parametrize("make", [workbook, old_workbook])
def test_cells_of_every_type_are_read_in_both_formats(
    make: Callable[..., bytes], grid: Callable[..., Grid]
) -> None:
    day = dt.date(2026, 9, 30)
    found = grid(make([["文", 12, 1.5, True, day, None, -3]]))
    assert [found.cell(1, n).value for n in range(1, 8)] == [
        "文", 12, 1.5, True, dt.datetime(2026, 9, 30), None, -3,
    ]  # fmt: skip
    assert found.place(12, 6) == "明细!F12"
    assert isinstance(found.cell(1, 2).value, int)


def test_a_macro_workbook_is_read_and_its_macros_never_looked_at(grid: Callable[..., Grid]) -> None:
    content = repacked(workbook(ROWS), {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 no real macro"})
    assert texts(grid(content)) == ROWS


def test_a_formula_without_a_result_is_trouble_and_one_with_a_result_is_read(
    grid: Callable[..., Grid],
) -> None:
    content = workbook([["=1+1", "=A1&B1", "=1/0", "=IF(1,,)", "=TRUE()"]])
    found = grid(content)
    assert [found.cell(1, n) for n in range(1, 6)] == [Cell(trouble="formula")] * 5
    content = with_result(content, "A1", "2")
    content = with_result(content, "B1", "甲", "str")
    content = with_result(content, "C1", "#DIV/0!", "e")
    content = with_result(content, "D1", "", "str")
    content = with_result(content, "E1", "1", "b")
    found = grid(content)
    assert [found.cell(1, n) for n in range(1, 6)] == [
        Cell(2), Cell("甲"), Cell(trouble="#DIV/0!"), Cell(""), Cell(True),
    ]  # fmt: skip


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#NAME?", "#VALUE!", "#NUM!", "#NULL!"])
def test_an_error_value_is_trouble_by_its_name(error: str, grid: Callable[..., Grid]) -> None:
    assert grid(with_result(workbook([["=A2"]]), "A1", error, "e")).cell(1, 1) == Cell(trouble=error)


def test_an_error_value_that_is_none_is_not_repeated(grid: Callable[..., Grid]) -> None:
    content = with_result(workbook([["=A2"]]), "A1", CANARIES[1], "e")
    assert grid(content).cell(1, 1) == Cell(trouble="#?")


def test_results_and_errors_of_old_formulas_are_read(grid: Callable[..., Grid]) -> None:
    def change(book: xlwt.Workbook, sheet: xlwt.Worksheet) -> None:
        sheet.write(0, 0, xlwt.Formula("1+1"))
        sheet.row(0).set_cell_error(1, "#REF!")
        sheet.row(0).set_cell_boolean(2, False)

    found = grid(old_workbook([], change=change))
    assert found.cell(1, 2) == Cell(trouble="#REF!")
    assert found.cell(1, 3) == Cell(False)


def test_hidden_sheets_rows_and_columns_are_told_apart(put: Put) -> None:
    def change(book: object, sheet: object) -> None:
        for name, state in (("隐藏", "hidden"), ("深藏", "veryHidden")):
            book.create_sheet(name).sheet_state = state  # type: ignore[attr-defined]
        sheet.row_dimensions[2].hidden = True  # type: ignore[attr-defined]
        sheet.column_dimensions["B"].hidden = True  # type: ignore[attr-defined]

    first, *others = open_grids(put(workbook(ROWS, change=change)), "表", LIMITS)
    assert first.hidden_rows == {2}
    assert not first.hidden
    assert first.cell(3, 2) == Cell("大门镇")  # a hidden column is read as any other
    assert [(g.name, g.hidden) for g in others] == [("隐藏", True), ("深藏", True)]


def test_hidden_sheets_and_rows_of_old_workbooks_are_told(put: Put) -> None:
    def change(book: xlwt.Workbook, sheet: xlwt.Worksheet) -> None:
        sheet.row(1).hidden = True
        book.add_sheet("隐藏").visibility = 1

    first, second = open_grids(put(old_workbook(ROWS, change=change)), "表", LIMITS)
    assert (first.hidden, first.hidden_rows, second.hidden) == (False, {2}, True)


def test_a_sheet_of_charts_is_passed_over(put: Put) -> None:
    content = workbook(ROWS, change=lambda book, sheet: book.create_chartsheet("图"))
    assert [sheet.name for sheet in open_reader(put(content), "表", LIMITS).sheets] == ["明细"]


def test_any_cell_of_a_merged_area_answers_with_what_it_shows(grid: Callable[..., Grid]) -> None:
    new = workbook([["上", None, "右"]], change=lambda book, sheet: sheet.merge_cells("A1:B3"))

    def overwrite(book: xlwt.Workbook, sheet: xlwt.Worksheet) -> None:
        sheet.write_merge(0, 2, 0, 1, "上")
        sheet.write(0, 2, "右")

    for content in (new, old_workbook([], change=overwrite)):
        found = grid(content)
        assert list(found.merged) == [Area(1, 1, 3, 2)]
        assert {found.text(row, column) for row in (1, 2, 3) for column in (1, 2)} == {"上"}
        assert (found.text(1, 3), found.text(4, 1), found.text(2, 3)) == ("右", "", "")


def test_merged_areas_beside_and_below_each_other_are_kept_apart() -> None:
    areas = [Area(1, 1, 2, 1), Area(3, 1, 3, 2), Area(5, 1, 9, 1), Area(1, 2, 2, 3)]
    cells = {(1, 1): Cell("a"), (3, 1): Cell("b"), (5, 1): Cell("c"), (1, 2): Cell("d")}
    found = Grid(Sheet("x"), cells, 9, 3, areas)
    assert [found.text(row, 1) for row in range(1, 11)] == ["a", "a", "b", "", "c", "c", "c", "c", "c", ""]
    assert [found.text(row, 2) for row in range(1, 5)] == ["d", "d", "b", ""]
    assert [found.text(row, 3) for row in range(1, 4)] == ["d", "d", ""]


def test_days_counted_from_1904_are_the_same_days(grid: Callable[..., Grid]) -> None:
    def change(book: object, sheet: object) -> None:
        book.epoch = CALENDAR_MAC_1904  # type: ignore[attr-defined]

    rows = [[dt.date(2026, 9, 30), 44_833]]  # 44,833 days after 1 January 1904
    new = grid(workbook(rows, change=change))
    old = grid(old_workbook([[44_833, 44_833]], change=_old_1904))
    for found in (new, old):
        assert found.cell(1, 1).value == dt.datetime(2026, 9, 30)
        assert read_date(found.cell(1, 2)) == dt.date(2026, 9, 30)


def _old_1904(book: xlwt.Workbook, sheet: xlwt.Worksheet) -> None:
    book.dates_1904 = True
    sheet._cell_overwrite_ok = True
    sheet.write(0, 0, 44_833, xlwt.easyxf(num_format_str="yyyy-mm-dd"))


@pytest.mark.parametrize(
    "form", ["yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "[$-804]yyyy/m/d;@", "m/d/yy h:mm", "[DBNum1]yyyy年m月d日"]
)
def test_a_number_shown_as_a_date_is_a_date(form: str, grid: Callable[..., Grid]) -> None:
    def change(book: object, sheet: object) -> None:
        sheet["A1"].number_format = form  # type: ignore[index]

    assert grid(workbook([[46_295]], change=change)).cell(1, 1).value == dt.datetime(2026, 9, 30)


@pytest.mark.parametrize("number", [14, 22, 27, 31, 36, 50, 57, 58])
def test_built_in_date_forms_of_a_chinese_excel_are_dates(number: int, grid: Callable[..., Grid]) -> None:
    styles = {"xl/styles.xml": lambda text: text.replace('<xf numFmtId="0"', f'<xf numFmtId="{number}"')}
    assert grid(repacked(workbook([[46_295]]), styles)).cell(1, 1).value == dt.datetime(2026, 9, 30)


@pytest.mark.parametrize("number", [0, 1, 4, 10, 11, 26, 37, 49])
def test_other_built_in_forms_are_no_dates(number: int, grid: Callable[..., Grid]) -> None:
    styles = {"xl/styles.xml": lambda text: text.replace('<xf numFmtId="0"', f'<xf numFmtId="{number}"')}
    assert grid(repacked(workbook([[46_295]]), styles)).cell(1, 1) == Cell(46_295, percent=number == 10)


def test_a_day_typed_as_20260930_into_a_date_cell_is_that_day(grid: Callable[..., Grid]) -> None:
    def change(book: object, sheet: object) -> None:
        sheet["A1"].number_format = "yyyy-mm-dd"  # type: ignore[index]

    style = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    old = old_workbook([], change=lambda book, sheet: sheet.write(0, 0, 20_260_930, style))
    for content in (workbook([[20_260_930]], change=change), old):
        assert read_date(grid(content).cell(1, 1)) == dt.date(2026, 9, 30)


@pytest.mark.parametrize(
    ("form", "percent"),
    [
        ("0.0%", True),
        ("0%", True),
        ("[红色]0.0%;-0.0%", True),
        ('0.0"%"', False),
        ("0.0\\%", False),
        ("0.0", False),
    ],
)
def test_a_percentage_is_known_by_its_form(form: str, percent: bool, grid: Callable[..., Grid]) -> None:
    def change(book: object, sheet: object) -> None:
        sheet["A1"].number_format = form  # type: ignore[index]

    old = old_workbook(
        [], change=lambda book, sheet: sheet.write(0, 0, 0.945, xlwt.easyxf(num_format_str=form))
    )
    found = grid(workbook([[0.945]], change=change)).cell(1, 1)
    assert found == Cell(0.945, percent=percent)
    if form != "[红色]0.0%;-0.0%":
        assert grid(old).cell(1, 1) == found
    if percent:
        assert str(read_number(found, percent=True)) == "94.5"


def test_rich_text_inline_text_and_reading_aids_are_plain_text(grid: Callable[..., Grid]) -> None:
    rich = CellRichText("北", TextBlock(InlineFont(b=True), "岙"), "街道")
    assert grid(workbook([[rich]])).cell(1, 1) == Cell("北岙街道")
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><r><t>北</t></r>'
        '<r><rPr><b/></rPr><t>岙</t></r><rPh sb="0" eb="1"><t>ao</t></rPh><phoneticPr fontId="1"/></si></sst>'
    )
    assert grid(repacked(workbook([["x"]]), {STRINGS: strings.encode()})).cell(1, 1) == Cell("北岙")
    inline = '<c r="A1" t="inlineStr"><is><t>甲</t><rPh sb="0" eb="1"><t>jia</t></rPh></is></c>'
    bare = '<c t="inlineStr"><is><r><t>乙_x000D_</t></r></is></c>'
    sheet = f'<worksheet><sheetData><row r="1">{inline}{bare}</row></sheetData></worksheet>'
    found = grid(repacked(workbook(ROWS), {SHEET: sheet.encode()}))
    assert (found.cell(1, 1), found.cell(1, 2)) == (Cell("甲"), Cell("乙\r"))


def test_rows_and_cells_without_addresses_and_the_strict_form_are_read(grid: Callable[..., Grid]) -> None:
    sheet = (
        b'<worksheet xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"><sheetData>'
        b'<row><c><v>1</v></c><c t="d"><v>2026-09-30</v></c></row><row><c/><c><v>4</v></c></row>'
        b"</sheetData></worksheet>"
    )
    found = grid(repacked(workbook(ROWS), {SHEET: sheet}))
    assert found.cell(1, 1) == Cell(1)
    assert found.cell(1, 2) == Cell(dt.datetime(2026, 9, 30))
    assert (found.cell(2, 1), found.cell(2, 2)) == (Cell(), Cell(4))


def test_an_empty_sheet_is_an_empty_grid(grid: Callable[..., Grid]) -> None:
    for content in (workbook([]), old_workbook([]), b"\r\n"):
        assert not grid(content).cells


@pytest.mark.parametrize("make", [workbook, old_workbook, text_file])
def test_only_the_columns_asked_for_are_kept(make: Callable[..., bytes], put: Put) -> None:
    rows = [
        ["编号", "姓名", "身份证号", "电话", "数"],
        *[["甲", CANARIES[3], CANARIES[0], CANARIES[1], "1"]] * 3,
    ]
    reader = open_reader(put(make(rows)), "表", LIMITS)
    found = reader.grid(reader.sheets[0], columns={1, 5})
    assert set(found.cells) == {(row, column) for row in range(1, 5) for column in (1, 5)}
    assert not any(canary in repr(found) for canary in CANARIES)
    assert "姓名" not in repr(found)
    head = reader.grid(reader.sheets[0], last_row=1)
    assert set(head.cells) == {(1, column) for column in range(1, 6)}


def test_refusals_repeat_nothing_of_the_content(put: Put) -> None:
    rows = [["姓名"], *[[canary] for canary in CANARIES]] * 3
    contents = [
        workbook(rows)[:-30],
        repacked(workbook(rows), {STRINGS: None}),
        repacked(workbook(rows), {SHEET: lambda text: text.replace('t="s"', "")}),
        repacked(workbook(rows), {SHEET: lambda text: text.replace("<v>", f"<v>{CANARIES[1]}x")}),
        text_file(rows) + f'"{CANARIES[3]}'.encode(),
        text_file(rows) + b"\x00" + CANARIES[1].encode(),
        old_workbook(rows)[:3000],
    ]
    for content in contents:
        try:
            open_grids(put(content), "表", SMALL)
        except IntakeError as refusal:
            message = f"{refusal} {refusal.__cause__!r} {refusal.problems!r}"
            assert not any(canary in message for canary in CANARIES)
        else:
            raise AssertionError("read")
