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
