"""Some columns of a long text file hold what its grid of cells holds."""

from pathlib import Path

import pytest

from laoyou.errors import IntakeError
from laoyou.rules import load_rules
from laoyou.sheets.columns import CHUNK, Columns
from laoyou.sheets.grids import Sheet
from laoyou.sheets.text import TextReader

SHEET = Sheet("")


def reader(folder: Path, text: str) -> TextReader:
    file = folder / "export.csv"
    file.write_bytes(text.encode("gb18030"))
    return TextReader(file, file.name, load_rules().intake)


def cells(found: Columns, column: int) -> list[str]:
    """Return a column as it stands, row by row."""
    return [found.texts[column][code] for code in found.codes[column]]


@pytest.mark.parametrize(
    "rows", [1, CHUNK - 2, CHUNK - 1, CHUNK, 2 * CHUNK + 1]
)  # the heading takes two rows
@pytest.mark.parametrize("recurring", [True, False])
def test_each_row_below_the_heading_has_its_text_however_it_is_looked_up(
    tmp_path: Path, rows: int, recurring: bool
) -> None:
    ids, words = [f"甲{n}" for n in range(rows)], ["结案", "撤诉", ""] * rows
    lines = [f"{id},略,{word}" for id, word in zip(ids, words, strict=False)]
    text = "\r\n".join(["导出", "案号,姓名,结果", *lines, ""])
    found = reader(tmp_path, text).columns(SHEET, {1: recurring, 3: True}, 2, 3)
    assert cells(found, 1) == ids
    assert cells(found, 3) == words[:rows]
    assert found.rows.tolist() == list(range(3, rows + 3))
    assert sorted(found.texts) == [1, 3]
    assert (found.widths, found.cut_row) == ({}, 0)


@pytest.mark.parametrize("recurring", [True, False])
def test_rows_that_are_uneven_or_of_several_lines_keep_their_places(tmp_path: Path, recurring: bool) -> None:
    text = '案号,结果\n甲,结案\n"乙\n丙",撤诉\n丁\n戊,结案,多\n甲'
    found = reader(tmp_path, text).columns(SHEET, {1: recurring, 2: True}, 1, 2)
    assert cells(found, 1) == ["甲", "乙\n丙", "丁", "戊", "甲"]
    assert cells(found, 2) == ["结案", "撤诉", "", "结案", ""]
    assert found.rows.tolist() == [2, 3, 5, 6, 7]
    assert (dict(found.widths), found.cut_row) == ({6: 3}, 7)


def test_texts_that_recur_are_given_once_and_ids_each(tmp_path: Path) -> None:
    text = "案号,结果\n甲,结案\n甲,结案\n"
    found = reader(tmp_path, text).columns(SHEET, {1: False, 2: True}, 1, 2)
    assert found.texts[1] == ["甲", "甲"]
    assert found.texts[2].count("结案") == 1


@pytest.mark.parametrize("before", [0, 1, 499_999, 500_000, 999_999, 1_000_000])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_line_too_long_is_found_wherever_it_begins(tmp_path: Path, before: int, end: str) -> None:
    longest = "x" * 1_000_000 + end
    first = "a" * before + "\n"
    reader(tmp_path, first + longest)
    with pytest.raises(IntakeError) as refused:
        reader(tmp_path, first + "x" + longest)
    [problem] = refused.value.problems
    assert problem.place == "第 2 行"
