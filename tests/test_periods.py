from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laoyou.errors import NotAllowedError
from laoyou.periods import (
    frequency,
    parse_period,
    parse_quarter,
    parse_span,
    period_code,
    period_label,
    since_january_label,
)

THIRD_QUARTER = pd.Period(year=2026, quarter=3, freq="Q-DEC")
YEAR = pd.Period(year=2025, freq="Y-DEC")
AUGUST = pd.Period("2025-08", freq="M")


@pytest.mark.parametrize(
    "text", ["2026Q3", "2026年三季度", "2026年第三季度", "2026年3季度", "2026年第3季度", "  2026Q3\n"]
)
def test_a_quarter_is_read_from_each_of_its_spellings(text: str) -> None:
    assert parse_period(text) == THIRD_QUARTER
    assert parse_quarter(text) == THIRD_QUARTER


@pytest.mark.parametrize(
    ("text", "number"), [("2026年一季度", 1), ("2026年二季度", 2), ("2026年三季度", 3), ("2026年四季度", 4)]
)
def test_a_chinese_quarter_number_counts_from_one(text: str, number: int) -> None:
    assert parse_quarter(text).quarter == number


@pytest.mark.parametrize("text", ["2025", "2025年", " 2025 "])
def test_a_year_is_read_with_or_without_its_word(text: str) -> None:
    assert parse_period(text) == YEAR
    assert parse_period(text).freqstr == "Y-DEC"


def test_a_month_is_read_with_two_digits() -> None:
    assert parse_period("2025-08") == AUGUST


@pytest.mark.parametrize(("text", "month"), [("2025-01", 1), ("2025-12", 12)])
def test_the_first_and_last_month_of_a_year_are_months(text: str, month: int) -> None:
    assert parse_period(text).month == month


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026Q0", id="before the first quarter"),
        pytest.param("2026Q5", id="after the last quarter"),
        pytest.param("2025-00", id="before the first month"),
        pytest.param("2025-13", id="after the last month"),
        pytest.param("2025-8", id="a month of one digit"),
        pytest.param("2026年3", id="a quarter or a month, nobody knows"),
        pytest.param("2026年五季度", id="a fifth quarter"),
        pytest.param("2026Q三", id="two spellings mixed"),
        pytest.param("2026Q3季度", id="two spellings at once"),
        pytest.param("2026年1—9月", id="a span since January"),
        pytest.param("2026年前三季度", id="the first three quarters"),
        pytest.param("2026年8月", id="a month in words"),
        pytest.param("2026q3", id="a small letter"),
        pytest.param("26Q3", id="a year of two digits"),
        pytest.param("20260", id="a year of five digits"),
        pytest.param("2025-08-01", id="a day"),
        pytest.param("三季度", id="no year"),
        pytest.param("", id="nothing"),
    ],
)
def test_anything_else_is_refused_with_the_spellings_allowed(text: str) -> None:
    with pytest.raises(NotAllowedError) as refusal:
        parse_period(text)
    assert f"「{text}」" in str(refusal.value)
    assert "2026Q3" in refusal.value.allowed


@pytest.mark.parametrize("text", ["2025", "2025-08"])
def test_a_year_or_month_is_no_quarter(text: str) -> None:
    with pytest.raises(NotAllowedError, match="不是季度"):
        parse_quarter(text)


@given(st.text(max_size=12))
def test_any_text_is_a_period_or_is_refused(text: str) -> None:
    try:
        period = parse_period(text)
    except NotAllowedError:
        return
    assert frequency(period) in ("quarter", "year", "month")


@given(st.integers(1900, 2999), st.integers(1, 4))
def test_a_quarter_survives_being_written_and_read(year: int, quarter: int) -> None:
    period = pd.Period(year=year, quarter=quarter, freq="Q-DEC")
    assert parse_quarter(period_code(period)) == period
    assert parse_quarter(period_label(period)) == period


@pytest.mark.parametrize(
    ("period", "code", "label", "name"),
    [
        (THIRD_QUARTER, "2026Q3", "2026年三季度", "quarter"),
        (YEAR, "2025", "2025年", "year"),
        (AUGUST, "2025-08", "2025年8月", "month"),
    ],
)
def test_a_period_has_one_spelling_in_files_and_one_on_pages(
    period: pd.Period, code: str, label: str, name: str
) -> None:
    assert (period_code(period), period_label(period), frequency(period)) == (code, label, name)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2026Q1", "2026年1—3月"),
        ("2026Q2", "2026年1—6月"),
        ("2026Q3", "2026年1—9月"),
        ("2026Q4", "2026年"),
    ],
)
def test_a_quarters_figure_since_january_is_labelled_by_its_months(text: str, label: str) -> None:
    assert since_january_label(parse_quarter(text)) == label


@pytest.mark.parametrize(
    ("text", "quarter"),
    [
        ("2026年三季度", "2026Q3"), ("2026年第三季度", "2026Q3"), ("2026年3季度", "2026Q3"), ("2026年第3季度", "2026Q3"),
        ("2026Q3", "2026Q3"), ("2026q3", "2026Q3"), ("2026年Q3", "2026Q3"), ("2026年四季度数据", "2026Q4"),
        (" 2026 年 一 季度 ", "2026Q1"),
    ],
)  # fmt: skip
def test_a_quarter_alone_is_that_quarter_alone(text: str, quarter: str) -> None:
    assert parse_span(text) == (parse_quarter(quarter), "quarter")


@pytest.mark.parametrize(
    ("text", "quarter"),
    [
        ("2026年1—9月", "2026Q3"), ("2026年1-9月", "2026Q3"), ("2026年1~9月", "2026Q3"), ("2026年1～9月", "2026Q3"),
        ("2026年1月—9月", "2026Q3"), ("2026年1至9月", "2026Q3"), ("2026年1月到9月", "2026Q3"), ("2026年1－9月份", "2026Q3"),
        ("2026年1—9月累计", "2026Q3"), ("2026年1—3月", "2026Q1"), ("2026年1—06月", "2026Q2"), ("2026年1—12月", "2026Q4"),
        ("2026年前三季度", "2026Q3"), ("2026年前3季度", "2026Q3"), ("2026年前三个季度", "2026Q3"), ("2026年前二季度", "2026Q2"),
        ("2026年一至三季度", "2026Q3"), ("2026年第一至第三季度", "2026Q3"), ("2026年1—3季度", "2026Q3"),
        ("2026年一—四季度", "2026Q4"), ("2026年上半年", "2026Q2"), ("2026年上半年累计", "2026Q2"), ("2025年", "2025Q4"),
        ("2025年度", "2025Q4"), ("2025年全年", "2025Q4"), ("2025年累计", "2025Q4"),
    ],
)  # fmt: skip
def test_a_span_since_january_is_one_however_it_is_spelt(text: str, quarter: str) -> None:
    assert parse_span(text) == (parse_quarter(quarter), "since_january")


@pytest.mark.parametrize(
    ("text", "quarter"),
    [
        ("2026年9月末", "2026Q3"), ("2026年9月底", "2026Q3"), ("2026年9月30日", "2026Q3"), ("2026-09-30", "2026Q3"),
        ("2026/9/30", "2026Q3"), ("2026.9.30", "2026Q3"), ("截至2026年9月30日", "2026Q3"), ("截止2026年9月底", "2026Q3"),
        ("至2026年9月末", "2026Q3"), ("2026年三季度末", "2026Q3"), ("2026年第3季度末", "2026Q3"), ("2026年末", "2026Q4"),
        ("2026年年底", "2026Q4"), ("2026年12月31日", "2026Q4"), ("2026-03-31", "2026Q1"), ("2026年06月30日", "2026Q2"),
    ],
)  # fmt: skip
def test_a_day_at_a_quarters_end_is_the_level_then(text: str, quarter: str) -> None:
    assert parse_span(text) == (parse_quarter(quarter), "level")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026年1—8月", id="since January, but to no quarter's end"),
        pytest.param("2026年1—13月", id="a thirteenth month"),
        pytest.param("2026年1—0月", id="no month"),
        pytest.param("2026年1—1月", id="January alone"),
        pytest.param("2026年7—9月", id="a quarter in months"),
        pytest.param("2026年4—9月", id="from another month on"),
        pytest.param("2026年二至三季度", id="from another quarter on"),
        pytest.param("2026年9月", id="a month: alone or to its end, nobody knows"),
        pytest.param("2026-09", id="a month"),
        pytest.param("2026年下半年", id="the second half"),
        pytest.param("2026年三季度累计", id="a quarter, or since January"),
        pytest.param("2026年8月末", id="the end of another month"),
        pytest.param("2026年9月29日", id="the day before the quarter's end"),
        pytest.param("2026年9月31日", id="no such day"),
        pytest.param("2026-13-31", id="no such month"),
        pytest.param("2026", id="a bare number"),
        pytest.param("三季度", id="no year"),
        pytest.param("前三季度", id="no year either"),
        pytest.param("26年三季度", id="a year of two digits"),
        pytest.param("2026年五季度", id="a fifth quarter"),
        pytest.param("2026年前一季度", id="the first one quarter"),
        pytest.param("2025—2026年", id="two years"),
        pytest.param("2026年三季度比2025年三季度", id="a comparison"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_span_to_a_quarters_end_is_refused(text: str) -> None:
    with pytest.raises(NotAllowedError) as refusal:
        parse_span(text)
    assert "前三季度" in refusal.value.allowed


@given(st.text("2026年一三1379至前第上半全度季月日末底—-Q/. ", max_size=14) | st.text(max_size=8))
def test_any_text_is_a_span_or_is_refused(text: str) -> None:
    try:
        quarter, span = parse_span(text)
    except NotAllowedError:
        return
    assert quarter.freqstr == "Q-DEC"
    assert span in ("quarter", "since_january", "level")


@given(st.integers(1990, 2099), st.integers(1, 4))
def test_the_labels_of_pages_are_read_back_as_what_they_say(year: int, number: int) -> None:
    quarter = pd.Period(year=year, quarter=number, freq="Q-DEC")
    assert parse_span(period_label(quarter)) == (quarter, "quarter")
    assert parse_span(since_january_label(quarter)) == (quarter, "since_january")
    assert parse_span(f"{period_label(quarter)}末") == (quarter, "level")
