"""Expected texts are written by hand: rounding half up, thousands, a true minus sign, a dash for what is missing."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laoyou import formats
from laoyou.language import speaking

nan = float("nan")
hundredths = st.integers(-10_000_000, 10_000_000)


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        (0.124, 2, "0.12"),
        (0.125, 2, "0.13"),  # half up, where Python's own round() gives 0.12
        (2.4, 0, "2"),
        (2.5, 0, "3"),  # not to even
        (3.5, 0, "4"),
        (-2.5, 0, "−3"),  # away from zero on either side
        (0.285, 2, "0.29"),  # 0.28499999999999998 in binary
        (2.675, 2, "2.68"),  # 2.67499999999999982 in binary
        (93.7499999999, 1, "93.8"),  # nine decimals are as far as a figure goes
        (999, 0, "999"),
        (999.5, 0, "1,000"),
        (1095, 0, "1,095"),
        (1163000, 0, "1,163,000"),
        (1234.5, 2, "1,234.50"),
        (-205, 0, "−205"),
        (-1205.5, 1, "−1,205.5"),
        (1e7, 0, "10,000,000"),  # no exponent
        (0.00001, 2, "0.00"),
        (7, 0, "7"),
        (np.float64(8.5), 0, "9"),
        (np.int64(8), 0, "8"),
    ],
)
def test_a_number_is_rounded_half_up_and_grouped_by_thousands(value, decimals, printed):
    assert formats.number(value, decimals) == printed


@pytest.mark.parametrize("value", [0, 0.0, -0.0, -0.04, 0.04, -1e-12])
def test_there_is_no_negative_zero(value):
    assert formats.number(value, 1) == "0.0"


@pytest.mark.parametrize("value", [None, nan, np.nan])
def test_a_missing_number_is_a_dash_whatever_surrounds_it(value):
    assert formats.number(value) == "—"
    assert formats.measured(value, "人") == "—"
    assert formats.measured(value, "%", 1) == "—"
    assert formats.beside(value, 5, "%", 1) == "—"
    assert formats.percent(value) == "—"
    assert formats.signed(value, "人") == "—"


@given(hundredths)
def test_a_printed_number_read_again_is_the_number(n):
    text = formats.number(n / 100, 2)
    assert Decimal(text.replace(",", "").replace("−", "-")) == Decimal(n) / 100


@given(hundredths)
def test_tenths_are_rounded_as_on_paper(n):
    tenths = (abs(n) + 5) // 10  # in whole numbers: add half, cut off
    text = formats.number(n / 100, 1).replace(",", "").replace("−", "-")
    assert Decimal(text) == (Decimal(tenths) / 10).copy_sign(1 if n >= 0 else -1)
    assert not (tenths == 0 and text.startswith("-"))


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "printed"),
    [
        (93.7, "%", 1, "93.7%"),  # no space before the sign
        (1095, "人", 0, "1,095 人"),
        (2490, "元/月", 0, "2,490 元/月"),
        (-3, "人", 0, "−3 人"),
    ],
)
def test_a_measured_value_carries_its_unit(value, unit, decimals, printed):
    assert formats.measured(value, unit, decimals) == printed


@pytest.mark.parametrize(
    ("value", "target", "unit", "decimals", "printed"),
    [
        (4.94, 5, "%", 1, "4.9%"),  # already told apart
        (4.97, 5, "%", 1, "4.97%"),  # 5.0% would be on the other side of <5
        (5.03, 5, "%", 1, "5.03%"),
        (4.996, 5, "%", 1, "4.996%"),
        (4.99999, 5, "%", 1, "4.99999%"),
        (5, 5, "%", 1, "5.0%"),
        (0.1 + 0.2, 0.3, "%", 1, "0.3%"),  # equal but for binary rounding
        (1299.6, 1300, "人", 0, "1,299.6 人"),
        (1299, 1300, "人", 0, "1,299 人"),
        (4.97, nan, "%", 1, "5.0%"),  # nothing to be confused with
        (4.97, None, "%", 1, "5.0%"),
    ],
)
def test_a_value_beside_its_target_never_looks_like_it(value, target, unit, decimals, printed):
    assert formats.beside(value, target, unit, decimals) == printed


@given(hundredths, hundredths)
def test_two_different_figures_never_print_alike_beside_each_other(a, b):
    alike = formats.beside(a / 100, b / 100, "人") == formats.beside(b / 100, a / 100, "人")
    assert alike == (a == b)


@pytest.mark.parametrize(
    ("value", "other", "decimals", "places"),
    [(7.3, 7.25, 1, 2), (7.3, 7.2, 1, 1), (5, 5, 1, 1), (4.97, 5, 1, 2), (nan, 5, 1, 1), (5, None, 1, 1)],
)
def test_only_as_many_decimals_as_it_takes_to_tell_two_numbers_apart(value, other, decimals, places):
    assert formats.apart_at(value, other, decimals) == places


@pytest.mark.parametrize(
    ("fraction", "decimals", "printed"),
    [
        (0.842, 1, "84.2%"),
        (1095 / 1300, 1, "84.2%"),  # 84.2307…
        (0.75, 0, "75%"),
        (1.486, 1, "148.6%"),  # not capped
        (0.0005, 1, "0.1%"),
        (0, 1, "0.0%"),
    ],
)
def test_a_fraction_becomes_per_cent_only_when_printed(fraction, decimals, printed):
    assert formats.percent(fraction, decimals) == printed


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "printed"),
    [
        (1.8, "%", 1, "1.8 个百分点"),  # rates differ by points, not by per cent
        (-1.8, "%", 1, "1.8 个百分点"),  # the words around it say which way
        (-205, "人", 0, "205 人"),
        (12000, "人", 0, "12,000 人"),
        (0.03, "%", 1, "0.03 个百分点"),  # not 0.0: there is a difference
        (-0.004, "件", 1, "0.004 件"),
        (0, "%", 1, "0.0 个百分点"),
        (1e-12, "%", 1, "0.0 个百分点"),  # binary rounding is no difference
    ],
)
def test_a_difference_has_a_size_and_between_rates_it_is_in_points(value, unit, decimals, printed):
    assert formats.difference(value, unit, decimals) == printed


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        (1.8, 1, "+1.8"),
        (-205, 0, "−205"),
        (100, 0, "+100"),  # ends in zeros and is none
        (1000, 0, "+1,000"),
        (0, 0, "0"),
        (0, 1, "0.0"),
        (-0.0, 1, "0.0"),
        (0.04, 1, "+0.04"),
        (-0.04, 1, "−0.04"),
        (1e-12, 1, "0.0"),
        (-1e-12, 1, "0.0"),
    ],
)
def test_a_signed_difference_shows_its_side_and_zero_has_none(value, decimals, printed):
    assert formats.signed(value, "人", decimals) == printed


@pytest.mark.parametrize(
    ("cell", "shown"),
    [("1300", "1,300"), ("2580左右", "2,580左右"), ("25000以上", "25,000以上"), ("999", "999"), ("94.5", "94.5"),
     ("0.12345", "0.12345"), ("<5", "<5"), ("——", "——"), ("10800", "10,800")],
)  # fmt: skip
def test_a_printed_cell_has_its_thousands_apart(cell, shown):
    assert formats.grouped(cell) == shown


@pytest.mark.parametrize(
    ("value", "away"),
    [
        (4.675, -0.32),  # printed 4.68, and 5 − 4.68 = 0.32, not 0.325 rounded up
        (4.674, -0.33),
        (4.9996, -0.0004),  # printed 4.9996, so as not to look like 5
        (5.0, 0.0),
    ],
)
def test_a_distance_is_what_a_reader_gets_by_subtracting(value, away):
    assert formats.away_as_printed(value, 5.0, 2) == away
    assert np.isnan(formats.away_as_printed(nan, 5.0, 2))


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "printed"),
    [
        (1, "人", 0, "1 person"),
        (-1, "人", 0, "−1 person"),
        (0, "人", 0, "0 people"),
        (2, "人", 0, "2 people"),
        (1, "件", 1, "1.0 items"),
        (1, "家次", 0, "1 check-up"),
        (1095, "家次", 0, "1,095 check-ups"),
        (2490, "元/月", 0, "2,490 yuan a month"),
        (93.7, "%", 1, "93.7%"),
        (3, "艘", 0, "3 艘"),  # a unit that no catalogue has
    ],
)
def test_in_english_a_unit_is_in_the_number_of_its_figure(value, unit, decimals, printed):
    with speaking("en"):
        assert formats.measured(value, unit, decimals) == printed


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [(1, 0, "1 percentage point"), (1.0, 1, "1.0 percentage points"), (-1.8, 1, "1.8 percentage points")],
)
def test_in_english_a_difference_of_one_is_one_percentage_point(value, decimals, printed):
    with speaking("en"):
        assert formats.difference(value, "%", decimals) == printed
