"""One cell: the number, the day or the kind of missing that it means, and what it is refused for."""

import contextlib
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laoyou.errors import NotAllowedError
from laoyou.sheets.cells import Cell, missing_kind, plain_text, read_date, read_number, same_word

DAY = dt.date(2026, 9, 30)


def refusal(cell: Cell, *, percent: bool = False) -> NotAllowedError:
    """Return why a cell is no number."""
    with pytest.raises(NotAllowedError) as refused:
        read_number(cell, percent=percent)
    return refused.value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("  甲\u3000 乙\n", "甲 乙"),
        ("５﹒２％ ", "5.2%"),
        ("（全）ＡＢ１２", "(全)AB12"),
        (12.0, "12"),
        (12.5, "12.5"),
        (110105194912310, "110105194912310"),
        (1e300, "1e+300"),
        (True, "True"),
        ("１０９５①", "1095①"),
        ("１０９５²", "1095²"),
        ("1½％", "1½%"),
    ],
)
def test_a_value_as_plain_text(value: object, text: str) -> None:
    assert plain_text(value) == text


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1234", "1234"),
        ("1,234", "1234"),
        ("１，２３４", "1234"),
        ("12,345,678.5", "12345678.5"),
        ("1 234 567", "1234567"),
        ("94.5", "94.5"),
        ("９４．５", "94.5"),
        ("94﹒5", "94.5"),
        ("94。5", "94.5"),
        (" 360 ", "360"),
        ("\u3000360\n", "360"),
        ("-5", "-5"),
        ("－５", "-5"),
        ("−5", "-5"),
        ("–5", "-5"),
        ("﹣5", "-5"),
        ("+5", "5"),
        ("＋５", "5"),
        ("- 5", "-5"),
        ("1.2万", "12000"),
        ("1.2 万", "12000"),
        ("3亿", "300000000"),
        ("0", "0"),
        ("007", "7"),
        ("1e3", "1000"),
        (".5", "0.5"),
        (360, "360"),
        (360.0, "360"),
        (94.50000000000001, "94.5"),
        (1e-05, "0.00001"),
        (0.1 + 0.2, "0.3"),
        (-0.0, "0"),
        (9_999_999_999, "9999999999"),
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_written(written: str | float, number: str) -> None:
    assert read_number(Cell(written)) == Decimal(number)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "  ",
        None,
        "——",
        "-",
        "…",
        "1,23",
        "1,23,456",
        "12,34",
        ",123",
        "1.2.3",
        "12 34",
        "1 23",
        "12\n34",
        "12\r\n345",
        "94,5",
        "5-",
        "(5)",
        "约360",
        "360人",
        "1.2万人",
        "1.2w",
        "1.2千",
        "三百",
        "1_000",
        "0x10",
        "NaN",
        "inf",
        "Infinity",
        "1e400",
        "1e999999999",
        "1e-999999999",
        "=1+1",
        "+",
        "%",
        "万",
        "5‰",
        "1095①",
        "1095²",
        "1095₂",
        "1095⑴",
        "1095⒈",
        "1½",
        "②",
        True,
        False,
        dt.datetime(2026, 9, 30),
        float("nan"),
        float("inf"),
    ],
)
def test_what_is_no_number_is_refused_with_what_is_allowed(written: object) -> None:
    refused = refusal(Cell(written))  # type: ignore[arg-type]
    assert "1.2万" in refused.allowed
    assert refused.found


@pytest.mark.parametrize(
    "number",
    [
        "13800138000", "138 0013 8000", "10000000000", 13_800_138_000, 110_105_194_912_310_021,
        "11010519491231002", "05776338123", "057763381234", "1000亿", "-13800138000", "9" * 40, "9" * 400,
    ],
)  # fmt: skip
def test_a_number_of_more_digits_than_a_count_has_is_refused_and_not_repeated(number: str | int) -> None:
    refused = refusal(Cell(number))
    assert str(number)[:6] not in f"{refused.found}{refused.allowed}"


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (Cell("94.5"), "94.5"),
        (Cell("94.5%"), "94.5"),
        (Cell("94.5％"), "94.5"),
        (Cell("９４．５％"), "94.5"),
        (Cell("5﹒2％"), "5.2"),
        (Cell("94.5 %"), "94.5"),
        (Cell(94.5), "94.5"),
        (Cell(0.945, percent=True), "94.5"),
        (Cell(1, percent=True), "100"),
        (Cell(0.005, percent=True), "0.5"),
        (Cell("94.5%", percent=True), "94.5"),
        (Cell("0.945%"), "0.945"),
        (Cell("1%"), "1"),
        (Cell(0), "0"),
        (Cell("0"), "0"),
        (Cell(1.001), "1.001"),
        (Cell(100), "100"),
        (Cell("-2.5"), "-2.5"),
    ],
)
def test_a_rate_is_read_in_per_cent_where_it_has_one_reading(cell: Cell, number: str) -> None:
    assert read_number(cell, percent=True) == Decimal(number)


@pytest.mark.parametrize(
    ("cell", "readings"),
    [
        (Cell(0.945), "0.945% 或 94.5%"),
        (Cell("0.945"), "0.945% 或 94.5%"),
        (Cell("０．９４５"), "0.945% 或 94.5%"),
        (Cell(1), "1% 或 100%"),
        (Cell("1.0"), "1.0% 或 100%"),
        (Cell(-0.5), "-0.5% 或 -50%"),
        (Cell(0.0001), "0.0001% 或 0.01%"),
        (Cell("0.945", percent=True), "0.945% 或 94.5%"),
    ],
)
def test_a_rate_with_two_readings_is_refused_with_both(cell: Cell, readings: str) -> None:
    refused = refusal(cell, percent=True)
    assert refused.found.endswith(f"有两种读法：{readings}")
    assert refused.allowed == "写明百分号，如 94.5%；或写百分数 94.5"


@pytest.mark.parametrize("cell", [Cell("94.5%"), Cell(0.945, percent=True), Cell("５％")])
def test_a_percentage_is_no_count(cell: Cell) -> None:
    assert refusal(cell).allowed == "这里要的是数量，不是百分数"


@pytest.mark.parametrize("error", ["#REF!", "#DIV/0!", "#N/A"])
def test_an_error_is_neither_number_nor_day(error: str) -> None:
    assert refusal(Cell(trouble=error)).found == f"公式出错：{error}"
    with pytest.raises(NotAllowedError, match=error):
        read_date(Cell(trouble=error))


def test_a_formula_without_its_result_is_neither_number_nor_day() -> None:
    assert refusal(Cell(trouble="formula")).found == "是没有保存计算结果的公式"
    with pytest.raises(NotAllowedError, match="没有保存计算结果"):
        read_date(Cell(trouble="formula"))


@pytest.mark.parametrize(
    "value",
    [
        "2026-09-30",
        "2026-9-30",
        "2026/9/30",
        "2026/09/30",
        "2026.9.30",
        "2026．９．３０",
        "2026年9月30日",
        "２０２６年９月３０日",
        "20260930",
        20260930,
        "2026-09-30 23:59:59",
        "2026/9/30 8:05",
        "2026-09-30T08:05:00",
        dt.datetime(2026, 9, 30, 23, 59),
        46_295,
        46_295.75,
        "46295",
        "46295.75",
    ],
)
def test_a_day_is_read_however_it_is_written(value: object) -> None:
    assert read_date(Cell(value)) == DAY  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        "",
        None,
        "2026-09",
        "2026年9月",
        "2026-09-31",
        "2026-13-01",
        "30/9/2026",
        "9/30/2026",
        "26-9-30",
        "9月30日",
        "2026111",
        "202691",
        "2026 09 30",
        "昨天",
        "1989-12-31",
        "2100-01-01",
        dt.datetime(1905, 1, 1),
        dt.datetime(1, 1, 1),
        dt.datetime(9999, 12, 31),
        True,
        32_873,
        73_051,
        4629,
        462_950,
        -46_295,
        1e300,
        float("nan"),
    ],
)
def test_what_is_no_day_is_refused_with_what_is_allowed(value: object) -> None:
    with pytest.raises(NotAllowedError) as refused:
        read_date(Cell(value))  # type: ignore[arg-type]
    assert "2026-09-30" in refused.value.allowed


def test_the_first_and_last_serial_numbers_are_days_of_1990_and_2099() -> None:
    assert read_date(Cell(32_874)) == dt.date(1990, 1, 1)
    assert read_date(Cell(73_050)) == dt.date(2099, 12, 31)


def test_serial_numbers_of_a_file_of_1904_are_four_years_and_a_day_on() -> None:
    assert read_date(Cell(44_833, from_1904=True)) == DAY
    assert read_date(Cell(44_833)) == dt.date(2022, 9, 29)


def test_only_the_forms_allowed_are_days() -> None:
    assert read_date(Cell("30.09.2026"), ["%d.%m.%Y"]) == DAY
    for value in ("2026-09-30", 46_295, "46295"):
        with pytest.raises(NotAllowedError):
            read_date(Cell(value), ["%d.%m.%Y"])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "not_reported"),
        (None, "not_reported"),
        (" \u3000\n", "not_reported"),
        ("——", "not_collected"),
        ("—", "not_collected"),
        ("―", "not_collected"),
        ("──", "not_collected"),
        ("--", "not_collected"),
        ("— —", "not_collected"),
        ("-", "not_applicable"),
        ("－", "not_applicable"),
        ("–", "not_applicable"),
        ("−", "not_applicable"),
        ("…", "below_unit"),
        ("……", "below_unit"),
        ("...", "below_unit"),
        ("⋯", "below_unit"),
        ("0", None),
        (0, None),
        ("..", None),
        ("无", None),
        ("-5", None),
        ("/", None),
        ("N/A", None),
    ],
)
def test_signs_of_missing_are_told_apart(text: object, kind: str | None) -> None:
    assert missing_kind(text) == kind


def test_other_words_for_missing_replace_the_usual_ones() -> None:
    assert missing_kind("无", {"无": "not_collected"}) == "not_collected"
    assert missing_kind("——", {"无": "not_collected"}) is None


@pytest.mark.parametrize("word", ["合计", " 合 计 ", "合\u3000计", "合\n计"])
def test_words_are_compared_without_spaces(word: str) -> None:
    assert same_word(word) == "合计"


@pytest.mark.parametrize(
    ("word", "same"),
    [
        ("WQ-2026-0001", "WQ-2026-0001"),  # single dashes and dots stay
        ("WQ--1", "WQ——1"),
        ("浙〔2026〕1.2号", "浙〔2026〕1.2号"),
        ("1..2", "1..2"),
        ("1...2", "1…2"),
        ("甲—乙", "甲——乙"),
        ("－", "-"),
        ("–", "-"),
        ("甲 乙", "甲乙"),
        ("甲\x85乙", "甲乙"),
        ("①", "①"),
        ("", ""),
    ],
)
def test_a_word_is_respelt_where_one_like_it_may_be_spelt_otherwise(word: str, same: str) -> None:
    assert same_word(word) == same


@pytest.mark.parametrize("heading", ["涉及金额（元）", "涉及金额(元)", "涉及金额 （元） "])
def test_headings_are_compared_in_plain_characters(heading: str) -> None:
    assert same_word(heading) == "涉及金额(元)"


@given(st.text(max_size=30) | st.floats() | st.integers() | st.booleans() | st.datetimes() | st.none())
def test_anything_is_read_or_refused(value: object) -> None:
    for percent in (False, True):
        try:
            number = read_number(Cell(value), percent=percent)  # type: ignore[arg-type]
        except NotAllowedError:
            continue
        assert number.is_finite()
        assert len(f"{number:f}") < 25
    with contextlib.suppress(NotAllowedError):
        assert 1990 <= read_date(Cell(value)).year <= 2099  # type: ignore[arg-type]


@given(st.decimals(-9_999_999, 9_999_999, places=4))
def test_a_number_survives_being_written_in_every_way(number: Decimal) -> None:
    for text in (
        f"{number:f}",
        f"{number:,f}",
        f"{number:f}".translate(str.maketrans("0123456789.-", "０１２３４５６７８９．－")),
    ):
        assert read_number(Cell(text)) == number
    assert read_number(Cell(f"{number:f}%"), percent=True) == number


@given(st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31)))
def test_a_day_survives_being_written_in_every_way(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    for value in (
        f"{day}",
        f"{day:%Y/%m/%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        serial,
    ):
        assert read_date(Cell(value)) == day
