"""The four published methods give the numbers that were published with them."""

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laoyou.methods import dns_weather, interval_status, open_sdg_progress, spc_assurance, weather_symbol

NAN = float("nan")

RECYCLING = dict(zip(range(2019, 2025), (80.6, 79.2, 79.6, 80.8, 81.1, 81.3), strict=True))
DEBT = dict(zip(range(2014, 2021), (74.5, 71.2, 68.3, 64.0, 60.8, 58.7, 68.0), strict=True))


# Open SDG 2.4 / Statistics Canada


@pytest.mark.parametrize(
    ("base_year", "base_value", "current_year", "current_value", "target", "direction", "expected"),
    [
        pytest.param(
            2015, 14.5, 2023, 10.2, 7.25, "down", (0.952590, 2.51856, "substantial_progress"), id="just-95"
        ),
        pytest.param(
            2018, 91.3, 2022, 94.5, 100, "up", (1.136025, 3.82881, "substantial_progress"), id="ahead"
        ),
        pytest.param(2015, 0.27, 2023, 0.38, 0.7, "up", (0.665605, None, "moderate_progress"), id="too-slow"),
        pytest.param(2018, 10.0, 2022, 10.4, 0.1, "down", (-0.030917, None, "deterioration"), id="wrong-way"),
        pytest.param(
            2015, 7.05, 2024, 12.58, 70, "down", (-0.401892, 5, "target_achieved"), id="below-a-ceiling"
        ),
        pytest.param(2015, 2.5, 2023, 2.5, 2.5, "down", (NAN, 5, "target_achieved"), id="base-is-target"),
    ],
)
def test_open_sdg_reproduces_the_published_examples_with_a_target(
    base_year: int,
    base_value: float,
    current_year: int,
    current_value: float,
    target: float,
    direction: str,
    expected: tuple[float, float | None, str],
) -> None:
    progress = open_sdg_progress(
        base_year=base_year,
        base_value=base_value,
        current_year=current_year,
        current_value=current_value,
        target=target,
        target_year=2030,
        direction=direction,
    )
    value, score, status = expected
    assert progress.value == pytest.approx(value, abs=5e-7, nan_ok=True)  # six decimals were published
    assert score is None or progress.score == pytest.approx(score, abs=5e-6)
    assert progress.status == status


def test_open_sdg_reproduces_the_published_example_without_a_target() -> None:
    unchanged = open_sdg_progress(
        base_year=2015, base_value=8.5, current_year=2020, current_value=8.5, direction="up", limit=100
    )
    assert unchanged == (0, -2.5, "limited_progress")


def one_year_on(current_value: Any, **options: Any) -> Any:
    """Judge a change within one year from 100, where growth is current_value / 100 - 1."""
    return open_sdg_progress(
        **{"base_year": 2022, "base_value": 100, "current_year": 2023, "current_value": current_value}
        | options
    )


# The target 110 in one year needs a growth of 0.10, so R = (y - 100) / 10.
@pytest.mark.parametrize(
    ("current_value", "ratio", "score", "status"),
    [
        (110, 1, 5, "target_achieved"),
        (109.99, 0.999, 2.8500571, "substantial_progress"),  # 7.1429 * 0.999 - 4.2857
        (109.5, 0.95, 2.500055, "substantial_progress"),  # 7.1429 * 0.95 - 4.2857
        (109.49, 0.949, 2.4929121, "moderate_progress"),  # 7.1429 * 0.949 - 4.2857
        (106, 0.6, 0.00004, "moderate_progress"),  # 7.1429 * 0.6 - 4.2857
        (105.99, 0.599, -0.0041467, "limited_progress"),  # 4.1667 * 0.599 - 2.5
        (100, 0, -2.5, "limited_progress"),
        (99.99, -0.001, -2.5041667, "deterioration"),  # 4.1667 * -0.001 - 2.5
        (90, -1, -5, "deterioration"),  # 4.1667 * -1 - 2.5 = -6.6667, clipped
    ],
)
def test_open_sdg_changes_status_at_the_published_shares_of_needed_growth(
    current_value: float, ratio: float, score: float, status: str
) -> None:
    progress = one_year_on(current_value, target=110, target_year=2023)
    assert progress.value == pytest.approx(ratio, abs=1e-9)
    assert progress.score == pytest.approx(score, abs=1e-7)
    assert progress.status == status


def test_open_sdg_score_with_a_target_never_exceeds_five() -> None:
    # 121 in two years needs 0.10 a year; 115 after one is R = 1.5, and 7.1429 * 1.5 - 4.2857 = 6.42865
    assert one_year_on(115, target=121, target_year=2024).score == 5


@pytest.mark.parametrize(
    ("current_value", "score", "status"),
    [
        (103, 5, "substantial_progress"),  # 500 * 0.03 - 5 = 10, clipped
        (101.5, 2.5, "substantial_progress"),  # 500 * 0.015 - 5
        (101.49, 2.475, "moderate_progress"),  # 250 * 0.0149 - 1.25
        (100.5, 0, "moderate_progress"),  # 250 * 0.005 - 1.25
        (100.49, -0.05, "limited_progress"),  # 500 * 0.0049 - 2.5
        (100, -2.5, "limited_progress"),
        (99.99, -2.5125, "deterioration"),  # 125 * -0.0001 - 2.5
        (97, -5, "deterioration"),  # 125 * -0.03 - 2.5 = -6.25, clipped
    ],
)
def test_open_sdg_without_a_target_changes_status_at_the_published_growth_rates(
    current_value: float, score: float, status: str
) -> None:
    progress = one_year_on(current_value)
    assert progress.value == pytest.approx(current_value / 100 - 1, abs=1e-9)
    assert progress.score == pytest.approx(score, abs=1e-7)
    assert progress.status == status


# Half-way to the limit C = 1 - 0.5 ** 4.44 = 1 - 0.0625 * 0.737135 = 0.953929, so 1.5 % becomes 1.430894 %.
@pytest.mark.parametrize(
    ("base_value", "current_value", "direction", "score", "status"),
    [
        pytest.param(50, 50.72, "up", 2.547731, "substantial_progress", id="below-L-1.44%"),  # 7.2 / C - 5
        pytest.param(50, 50.71, "up", 2.471451, "moderate_progress", id="below-L-1.42%"),  # 3.55 / C - 1.25
        pytest.param(150, 147.84, "down", 2.547731, "substantial_progress", id="between-L-and-2L-1.44%"),
        pytest.param(150, 147.87, "down", 2.471451, "moderate_progress", id="between-L-and-2L-1.42%"),
        pytest.param(200, 197.12, "down", 2.35, "moderate_progress", id="at-2L-1.44%"),  # 250 * 0.0144 - 1.25
        pytest.param(-50, -50.72, "down", 2.547731, "substantial_progress", id="negative-counts-by-its-size"),
        pytest.param(250, 246.4, "down", 2.35, "moderate_progress", id="beyond-2L-1.44%"),
    ],
)
def test_open_sdg_asks_for_less_growth_near_a_limit(
    base_value: float, current_value: float, direction: str, score: float, status: str
) -> None:
    progress = one_year_on(current_value, base_value=base_value, direction=direction, limit=100)
    assert progress.score == pytest.approx(score, abs=2e-6)
    assert progress.status == status


@pytest.mark.parametrize(
    ("current_value", "score", "status"),
    [
        (100, 5, "substantial_progress"),
        (100.1, 5, "substantial_progress"),
        (99, -3.75, "deterioration"),  # 125 * -0.01 - 2.5
    ],
)
def test_open_sdg_at_the_limit_asks_only_not_to_fall_back(
    current_value: float, score: float, status: str
) -> None:
    progress = one_year_on(current_value, limit=100)
    assert progress.score == pytest.approx(score)
    assert progress.status == status


def test_open_sdg_ignores_the_limit_where_there_is_a_target() -> None:
    target: dict[str, Any] = {"target": 110, "target_year": 2023}
    assert one_year_on(105, limit=100, **target) == one_year_on(105, **target)


def test_open_sdg_counts_a_base_of_zero_as_a_thousandth() -> None:
    assert one_year_on(0.002, base_value=0).value == pytest.approx(1)  # 0.002 / 0.001 - 1


def test_open_sdg_counts_a_target_of_zero_as_a_thousandth() -> None:
    # From 100 to 0.001 in one year needs -0.99999; 0.002 is a growth of -0.99998.
    almost = one_year_on(0.002, target=0, target_year=2023, direction="down")
    assert almost.value == pytest.approx(0.99998 / 0.99999)
    assert almost.status == "substantial_progress"
    assert one_year_on(0.001, target=0, target_year=2023, direction="down").status == "target_achieved"


def test_open_sdg_accepts_a_current_value_of_zero() -> None:
    assert one_year_on(0).value == pytest.approx(-1)


@pytest.mark.parametrize(
    ("current_value", "direction", "value"),
    [(-80, "up", 0.2), (-80, "down", -0.2), (-120, "up", -0.2), (-120, "down", 0.2)],  # g = -0.2 and 0.2
)
def test_open_sdg_flips_the_direction_where_both_values_are_negative(
    current_value: float, direction: str, value: float
) -> None:
    assert one_year_on(current_value, base_value=-100, direction=direction).value == pytest.approx(value)


def test_open_sdg_does_not_flip_the_comparison_of_a_negative_value_with_its_target() -> None:
    target: dict[str, Any] = {"base_value": -100, "target": -80, "target_year": 2023}
    assert one_year_on(-80, **target).status == "target_achieved"
    assert one_year_on(-90, **target).value == pytest.approx(0.5)  # g = -0.1 of the -0.2 needed
    assert one_year_on(-110, **target).status == "deterioration"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"base_value": -100}, "base negative, value positive"),
        ({"base_value": 0, "current_value": -1}, "base 0 counts as positive"),
        ({"target": -1, "target_year": 2030}, "target negative, even though it is passed"),
        (
            {"base_value": -100, "current_value": -90, "target": 0, "target_year": 2030},
            "target 0 counts as positive",
        ),
        ({"current_year": 2022}, "one year only"),
        ({"current_year": 2021}, "value older than the base"),
        (
            {"current_year": 2022, "target": 90, "target_year": 2030},
            "one year only, even though the target is passed",
        ),
        ({"target": 120, "target_year": 2022}, "no time between base and target"),
    ],
)
def test_open_sdg_is_not_available_without_two_years_and_one_sign(
    options: dict[str, Any], reason: str
) -> None:
    progress = one_year_on(**{"current_value": 105} | options)
    assert progress.status == "not_available", reason
    assert np.isnan([progress.value, progress.score]).all()


@pytest.mark.parametrize(
    "missing", ["base_year", "base_value", "current_year", "current_value", "target", "target_year"]
)
def test_open_sdg_never_scores_a_missing_number(missing: str) -> None:
    progress = one_year_on(**{"current_value": 120, "target": 110, "target_year": 2030} | {missing: NAN})
    assert progress.status == "not_available"
    assert np.isnan([progress.value, progress.score]).all()


@pytest.mark.parametrize("current_value", [105, 95])
def test_open_sdg_never_scores_an_unknown_limit(current_value: float) -> None:
    progress = one_year_on(current_value, limit=NAN)
    assert progress.status == "not_available"
    assert np.isnan([progress.value, progress.score]).all()


def test_open_sdg_calls_losing_a_base_that_met_the_target_deterioration() -> None:
    # No growth is needed, so there is no ratio; any growth the wrong way is below it without bound.
    lost = one_year_on(99, target=100, target_year=2030)
    assert (lost.score, lost.status) == (-5, "deterioration")
    assert np.isnan(lost.value)


@pytest.mark.parametrize(("base_value", "target"), [(0.1 + 0.2, 0.3), (0.3, 0.1 + 0.2)])
def test_open_sdg_boundaries_ignore_binary_noise(base_value: float, target: float) -> None:
    progress = one_year_on(0.3, base_value=base_value, target=target, target_year=2030)
    assert (progress.score, progress.status) == (5, "target_achieved")
    assert np.isnan(one_year_on(0.29, base_value=base_value, target=target, target_year=2023).value)
    assert one_year_on(0.3, base_value=base_value, limit=target).status == "substantial_progress"


def test_open_sdg_on_arrays_equals_open_sdg_on_each_element() -> None:
    current_values = np.array([110, 107, 103, 100, 95, -1, NAN])
    together = one_year_on(current_values, target=110, target_year=[2023] * 7)
    one_by_one = [one_year_on(value, target=110, target_year=2023) for value in current_values]
    np.testing.assert_array_equal(together.value, [progress.value for progress in one_by_one])
    np.testing.assert_array_equal(together.score, [progress.score for progress in one_by_one])
    assert together.status.tolist() == [progress.status for progress in one_by_one]


def test_open_sdg_broadcasts_directions_and_limits() -> None:
    progress = one_year_on([101, 101], direction=["up", "down"], limit=[[np.inf], [100]])
    assert progress.status.tolist() == [
        ["moderate_progress", "deterioration"],
        ["substantial_progress", "deterioration"],
    ]


def test_open_sdg_returns_plain_scalars_for_scalars() -> None:
    assert [type(part) for part in one_year_on(101)] == [float, float, str]
    assert str(one_year_on(100, direction="down").value) == "0.0"  # not -0.0


def test_open_sdg_asks_for_the_year_of_a_target() -> None:
    with pytest.raises(ValueError, match="target_year is missing"):
        one_year_on(105, target=110)


@given(
    base=st.integers(1, 1000),
    current=st.integers(1, 1000),
    target=st.integers(1, 1000),
    scale=st.sampled_from([0.01, 0.1, 3.0, 10_000.0]),
    direction=st.sampled_from(["up", "down"]),
)
def test_open_sdg_with_a_target_does_not_depend_on_the_unit(
    base: int, current: int, target: int, scale: float, direction: str
) -> None:
    values = np.array([base, current, target])
    counted, scaled = (
        one_year_on(now, base_value=then, target=wanted, target_year=2027, direction=direction)
        for then, now, wanted in (values, values * scale)
    )
    assert scaled.value == pytest.approx(counted.value, rel=1e-6, abs=1e-9, nan_ok=True)
    assert scaled.score == pytest.approx(counted.score, abs=1e-6)
    assert scaled.status == counted.status


@given(current=st.floats(0, 1e6), target=st.floats(0.01, 1e6), direction=st.sampled_from(["up", "down"]))
def test_open_sdg_scores_lie_between_minus_five_and_five(
    current: float, target: float, direction: str
) -> None:
    with_target = one_year_on(current, target=target, target_year=2027, direction=direction)
    without = one_year_on(current, direction=direction, limit=target)
    assert -5 <= with_target.score <= 5
    assert -5 <= without.score <= 5


# German sustainability strategy


def by_column(points: pd.DataFrame, **options: Any) -> Any:
    """Symbols of a frame as a dictionary."""
    symbols = dns_weather(points, **options)
    assert isinstance(symbols, pd.Series)
    return symbols.to_dict()


def test_dns_reproduces_the_published_trajectory() -> None:
    assert dns_weather(RECYCLING, year=2024, target=83, target_year=2030) == "cloud"


@pytest.mark.parametrize(("year", "symbol"), [(2019, "sun"), (2020, "cloud")])
def test_dns_reproduces_the_published_constant_target(year: int, symbol: str) -> None:
    assert dns_weather(DEBT, year=year, target=60, direction="down") == symbol


# 80 now, 90 in five years: the miss is (10 - 5 a) / 10.
@pytest.mark.parametrize(
    ("average_change", "symbol"),
    [
        pytest.param(2.1, "sun", id="passes"),
        pytest.param(2.0, "sun", id="reaches"),
        pytest.param(1.901, "sun", id="misses-by-4.95%"),
        pytest.param(1.90, "partly_cloudy", id="misses-by-5%"),
        pytest.param(1.60, "partly_cloudy", id="misses-by-20%"),
        pytest.param(1.599, "cloud", id="misses-by-20.05%"),
        pytest.param(0.01, "cloud", id="hardly-moves"),
        pytest.param(0.0, "thunderstorm", id="stands-still"),
        pytest.param(-0.1, "thunderstorm", id="wrong-way"),
    ],
)
def test_dns_symbol_changes_at_the_published_misses(average_change: float, symbol: str) -> None:
    points = {2024 + step: 80 + average_change * step for step in range(-5, 1)}
    assert dns_weather(points, year=2024, target=90, target_year=2029) == symbol
    assert weather_symbol(80, average_change, NAN, 90, 5, "up") == symbol


def test_dns_boundaries_ignore_binary_noise() -> None:
    # 0.3 to go; five years at 0.048 leave 0.06, which is 20 %, and at 0.057 leave 0.015, which is 5 %.
    assert weather_symbol(0.1, 0.048, 0, 0.4, 5, "up") == "partly_cloudy"
    assert weather_symbol(0.1, 0.057, 0, 0.4, 5, "up") == "partly_cloudy"
    assert weather_symbol(0.1 + 0.2, 0, 0, 0.3, 5, "down") == "sun"
    assert weather_symbol(1, (0.1 + 0.2) - 0.3, 0, 2, 5, "up") == "thunderstorm"


@pytest.mark.parametrize(
    ("current", "average_change", "symbol"),
    [
        (60, 0, "sun"),
        (61, 1, "sun"),
        (60, -0.1, "partly_cloudy"),
        (59.9, 0.1, "cloud"),
        (59.9, 0, "thunderstorm"),
        (59.9, -0.1, "thunderstorm"),
    ],
)
@pytest.mark.parametrize("years_left", [None, 0, -3])
def test_dns_constant_target_combines_the_value_and_its_trend(
    current: float, average_change: float, symbol: str, years_left: float | None
) -> None:
    assert weather_symbol(current, average_change, None, 60, years_left, "up") == symbol


def test_dns_target_reached_early_follows_the_constant_rule() -> None:
    assert weather_symbol(91, 1, None, 90, 5, "up") == "sun"
    assert weather_symbol(91, -1, None, 90, 5, "up") == "partly_cloudy"


def test_dns_target_year_that_is_now_holds_like_a_constant_target() -> None:
    assert dns_weather(RECYCLING, year=2024, target=83, target_year=2024) == "cloud"
    assert dns_weather(RECYCLING, year=2024, target=81, target_year=2024) == "sun"


@pytest.mark.parametrize(
    ("average_change", "last_change", "symbol"),
    [
        (1, 1, "sun"),
        (1, 0, "partly_cloudy"),
        (1, -1, "partly_cloudy"),
        (0, 1, "cloud"),
        (-1, 1, "cloud"),
        (0, 0, "thunderstorm"),
        (-1, -1, "thunderstorm"),
    ],
)
def test_dns_without_a_target_combines_the_average_and_the_last_change(
    average_change: float, last_change: float, symbol: str
) -> None:
    assert weather_symbol(50, average_change, last_change, None, None, "up") == symbol


def test_dns_without_a_target_reads_both_changes_from_the_points() -> None:
    assert dns_weather(RECYCLING, year=2024) == "sun"  # +0.14 a year, last +0.2
    assert dns_weather(RECYCLING, year=2024, direction="down") == "thunderstorm"
    assert dns_weather(DEBT, year=2020, direction="down") == "partly_cloudy"  # -0.64 a year, last +9.3


def test_dns_never_uses_a_point_after_the_year() -> None:
    until_2019 = {year: value for year, value in DEBT.items() if year <= 2019}
    assert dns_weather(DEBT, year=2019, direction="down") == dns_weather(
        until_2019, year=2019, direction="down"
    )
    assert (
        dns_weather(DEBT, year=2019, direction="down") == "sun"
    )  # the jump of 2020 would make it partly_cloudy


def test_dns_never_uses_a_point_before_the_last_six() -> None:
    # 2013 to 2018 fall by 1 a year; the earlier 0 would make them rise.
    points = {2012: 0} | {year: 2028 - year for year in range(2013, 2019)}
    assert dns_weather(points, year=2018, direction="down") == "sun"


@pytest.mark.parametrize(
    ("values", "symbol"),
    [
        pytest.param([1, 2, 3, 4, 5, 6], "sun", id="six-known"),
        pytest.param([NAN, NAN, 3, 4, 5, 6], "sun", id="four-known"),
        pytest.param([1, NAN, 3, NAN, 5, 6], "sun", id="four-known-with-gaps"),
        pytest.param([None, None, 3, 4, 5, 6], "sun", id="four-known-others-None"),
        pytest.param([NAN, NAN, NAN, 4, 5, 6], None, id="three-known"),
        pytest.param([1, 2, 3, 4, 5, NAN], None, id="the-year-itself-missing"),
        pytest.param([4, 5, 6], None, id="three-points"),
        pytest.param([], None, id="no-points"),
    ],
)
def test_dns_needs_the_year_and_four_of_the_last_six_points(values: list[float], symbol: str | None) -> None:
    points = dict(zip(range(2025 - len(values), 2025), values, strict=True))
    assert dns_weather(points, year=2024) == symbol
    assert by_column(pd.DataFrame({"rate": pd.Series(points, dtype=float)}), year=2024) == {"rate": symbol}


def test_dns_with_no_row_for_the_year_gives_no_symbol() -> None:
    assert dns_weather(RECYCLING, year=2025) is None
    assert dns_weather(RECYCLING, year=NAN) is None


def test_dns_average_over_a_gap_divides_by_the_years_passed() -> None:
    # From 2020 to 2024 it rose by 4, so 1 a year: 84 + 6 = 90 in 2030. Three steps would make it 92.
    points = {2019: NAN, 2020: 80, 2021: 81, 2022: NAN, 2023: 83, 2024: 84}
    assert dns_weather(points, year=2024, target=90, target_year=2030) == "sun"
    # (91.5 - 90) / (91.5 - 84) = 20 %, (92 - 90) / (92 - 84) = 25 %
    assert dns_weather(points, year=2024, target=91.5, target_year=2030) == "partly_cloudy"
    assert dns_weather(points, year=2024, target=92, target_year=2030) == "cloud"


def test_dns_last_change_over_a_gap_is_from_the_known_point_before() -> None:
    points = {2019: 1, 2020: 2, 2021: 3, 2022: 9, 2023: NAN, 2024: 8}
    assert dns_weather(points, year=2024) == "partly_cloudy"  # average +1.4, last -1


def test_dns_reads_quarters_as_fractions_of_a_year() -> None:
    # 1 a quarter is 4 a year: 4 + 4 * 1 = 8 in 2027.75, and 9 is missed by 1 / 5 = 20 %.
    points = pd.Series([1.0, 2.0, 3.0, 4.0], index=[2026.0, 2026.25, 2026.5, 2026.75])
    assert dns_weather(points, year=2026.75, target=8, target_year=2027.75) == "sun"
    assert dns_weather(points, year=2026.75, target=9, target_year=2027.75) == "partly_cloudy"


def test_dns_accepts_years_in_any_order_and_leaves_them_as_they_were() -> None:
    points = pd.Series(RECYCLING).iloc[::-1]
    assert dns_weather(points, year=2024, target=83, target_year=2030) == "cloud"
    assert points.index[0] == 2024


def test_dns_judges_every_column_of_a_frame_as_it_judges_it_alone() -> None:
    frame = pd.DataFrame({"recycling": RECYCLING, "debt": DEBT, "empty": NAN, "short": {2018: 1, 2019: 2}})
    together = by_column(frame, year=2019, target=60, direction="down")
    alone = {name: dns_weather(frame[name], year=2019, target=60, direction="down") for name in frame}
    assert together == alone
    assert alone == {"recycling": None, "debt": "sun", "empty": None, "short": None}


def test_dns_takes_one_option_per_column_by_position_or_by_name() -> None:
    frame = pd.DataFrame({"up": RECYCLING, "down": RECYCLING, "no target": RECYCLING})
    by_position = by_column(frame, year=2024, target=[81, 82, NAN], direction=["up", "down", "up"])
    assert by_position == {"up": "sun", "down": "partly_cloudy", "no target": None}
    by_name = by_column(
        frame,
        year=2024,
        target=pd.Series({"no target": NAN, "down": 82, "up": 83}),
        target_year=pd.Series({"down": 2024, "up": 2045, "no target": 2030}),
        direction=pd.Series({"down": "down", "no target": "up", "up": "up"}),
    )
    # 81.3 + 21 * 0.14 = 84.24 passes 83 in 2045; 81.3 is under 82 but rising.
    assert by_name == {"up": "sun", "down": "partly_cloudy", "no target": None}


def test_dns_refuses_a_year_that_stands_twice() -> None:
    with pytest.raises(ValueError, match=r"year twice.*2024"):
        dns_weather(pd.Series([1.0, 2.0], index=[2024, 2024]), year=2024)


@pytest.mark.parametrize(
    "numbers",
    [
        (NAN, 1, 1, 5, 2),
        (1, NAN, 1, 5, 2),
        (1, 1, 1, NAN, 2),
        (1, 1, 1, 5, NAN),
        (1, 1, NAN, None, None),
        (NAN, 1, 1, None, None),
        (1, NAN, 1, None, None),
        (None, 1, 1, 5, 2),
    ],
)
def test_dns_gives_no_symbol_for_a_missing_number(numbers: tuple[Any, Any, Any, Any, Any]) -> None:
    assert weather_symbol(*numbers, "up") is None


def test_dns_symbols_of_arrays_equal_the_symbols_of_each_element() -> None:
    current, average_change = np.array([80, 90, 95, NAN]), np.array([[-1.0], [0.0], [1.7], [3.0]])
    together = weather_symbol(current, average_change, None, 90, 5, "up")
    assert isinstance(together, np.ndarray)
    one_by_one = [[weather_symbol(x, a, None, 90, 5, "up") for x in current] for a in average_change[:, 0]]
    assert together.tolist() == one_by_one


VALUES = st.lists(st.none() | st.integers(-50, 50).map(float), min_size=6, max_size=8)


@given(values=VALUES, target=st.none() | st.integers(-60, 60), years_left=st.integers(0, 6))
def test_dns_symbol_of_a_mirrored_series_is_the_same(
    values: list[float | None], target: int | None, years_left: int
) -> None:
    points = {2020 + step: NAN if value is None else value for step, value in enumerate(values)}
    mirrored = {year: -value for year, value in points.items()}
    options: dict[str, Any] = {"year": 2019 + len(values), "target_year": 2019 + len(values) + years_left}
    upwards = dns_weather(points, target=target, direction="up", **options)
    downwards = dns_weather(mirrored, target=None if target is None else -target, direction="down", **options)
    assert upwards == downwards


@given(values=VALUES, later=st.lists(st.floats(-50, 50), max_size=3))
def test_dns_symbol_does_not_change_when_later_points_arrive(
    values: list[float | None], later: list[float]
) -> None:
    points = dict(enumerate([NAN if value is None else value for value in values], start=2020))
    year = 2019 + len(values)
    assert dns_weather(points | dict(enumerate(later, start=year + 1)), year=year) == dns_weather(
        points, year=year
    )


# Government of Canada InfoBase

DUE, AFTER, BEFORE = "2025-03-31", "2025-11-01", "2025-03-30"


def test_infobase_reproduces_a_missed_range() -> None:
    assert interval_status(85.61, minimum=90, maximum=100, due=DUE, as_of=AFTER) == "not_met"


def test_infobase_reproduces_an_exact_target_due_after_the_report() -> None:
    assert interval_status(93, minimum=100, maximum=100, due="2026-03-31", as_of=AFTER) == "future"


@pytest.mark.parametrize(
    ("actual", "bounds", "status"),
    [
        (89.99, {"minimum": 90}, "not_met"),
        (90, {"minimum": 90}, "met"),
        (1e9, {"minimum": 90}, "met"),
        (10, {"maximum": 10}, "met"),
        (10.01, {"maximum": 10}, "not_met"),
        (-1e9, {"maximum": 10}, "met"),
        (89.99, {"minimum": 90, "maximum": 100}, "not_met"),
        (90, {"minimum": 90, "maximum": 100}, "met"),
        (100, {"minimum": 90, "maximum": 100}, "met"),
        (100.01, {"minimum": 90, "maximum": 100}, "not_met"),
        (99.99, {"minimum": 100, "maximum": 100}, "not_met"),
        (100, {"minimum": 100, "maximum": 100}, "met"),
        (0.1 + 0.2, {"minimum": 0.3, "maximum": 0.3}, "met"),
    ],
)
def test_infobase_counts_the_ends_of_a_range_as_met(
    actual: float, bounds: dict[str, float], status: str
) -> None:
    assert interval_status(actual, due=DUE, as_of=AFTER, **bounds) == status


@pytest.mark.parametrize(("as_of", "status"), [(BEFORE, "future"), (DUE, "met"), (AFTER, "met")])
def test_infobase_judges_from_the_due_date_on_even_if_the_interim_value_passes(
    as_of: str, status: str
) -> None:
    assert interval_status(95, minimum=90, due=DUE, as_of=as_of) == status


@pytest.mark.parametrize("due", [None, pd.NaT, NAN])
def test_infobase_without_a_due_date_is_future(due: Any) -> None:
    assert interval_status(95, minimum=90, due=due, as_of=AFTER) == "future"


@pytest.mark.parametrize(("as_of", "status"), [(BEFORE, "future"), (AFTER, "not_available")])
def test_infobase_misses_an_actual_only_after_the_due_date(as_of: str, status: str) -> None:
    assert interval_status(NAN, minimum=90, due=DUE, as_of=as_of) == status


@pytest.mark.parametrize(
    "unknown", [{}, {"minimum": NAN}, {"minimum": NAN, "maximum": 100}, {"minimum": 90, "maximum": NAN}]
)
@pytest.mark.parametrize("as_of", [BEFORE, AFTER])
def test_infobase_cannot_judge_without_a_known_range(unknown: dict[str, float], as_of: str) -> None:
    assert interval_status(95, due=DUE, as_of=as_of, **unknown) == "not_available"


def test_infobase_cannot_judge_without_its_own_date() -> None:
    assert interval_status(95, minimum=90, due=DUE, as_of=None) == "not_available"


@pytest.mark.parametrize(
    "due",
    [
        datetime.date(2025, 3, 31),
        datetime.datetime(2025, 3, 31, 18),
        pd.Timestamp("2025-03-31"),
        np.datetime64("2025-03-31", "ns"),
        np.array("2025-03-31", dtype="datetime64[ns]"),
    ],
)
def test_infobase_reads_dates_of_every_usual_type_by_the_day(due: Any) -> None:
    assert interval_status(95, minimum=90, due=due, as_of=DUE) == "met"
    assert interval_status(95, minimum=90, due=due, as_of=BEFORE) == "future"


def test_infobase_on_arrays_equals_infobase_on_each_element() -> None:
    actual, minimum = [95, 85, NAN, 95, 95, 200], [90, 90, 90, NAN, 90, -np.inf]
    due = pd.Series([DUE, DUE, DUE, DUE, None, DUE])
    together = interval_status(actual, minimum=minimum, maximum=100, due=due, as_of=AFTER)
    assert isinstance(together, np.ndarray)
    assert together.tolist() == ["met", "not_met", "not_available", "not_available", "future", "not_met"]
    assert together.tolist() == [
        interval_status(value, minimum=low, maximum=100, due=day, as_of=AFTER)
        for value, low, day in zip(actual, minimum, due, strict=True)
    ]


def test_infobase_refuses_a_range_turned_round() -> None:
    with pytest.raises(ValueError, match="minimum is above maximum"):
        interval_status(95, minimum=100, maximum=90, due=DUE, as_of=AFTER)


@pytest.mark.parametrize("due", [2025, [2025, None], 2025.25])
def test_infobase_refuses_a_number_in_place_of_a_date(due: Any) -> None:
    with pytest.raises(TypeError, match="must be dates"):
        interval_status(95, minimum=90, due=due, as_of=AFTER)


# NHS England, Making data count


def test_nhs_reproduces_a_target_under_the_limits_where_higher_is_better() -> None:
    assert spc_assurance(5, 6, 7, target=4, direction="up") == "consistent_pass"


@pytest.mark.parametrize(
    ("target", "upwards", "downwards"),
    [
        (4.99, "consistent_pass", "consistent_fail"),
        (5, "inconsistent", "inconsistent"),
        (6, "inconsistent", "inconsistent"),
        (7, "inconsistent", "inconsistent"),
        (7.01, "consistent_fail", "consistent_pass"),
        (NAN, None, None),
    ],
)
def test_nhs_relies_on_the_process_only_where_the_target_is_beyond_a_limit(
    target: float, upwards: str | None, downwards: str | None
) -> None:
    assert spc_assurance(5, 6, 7, target=target, direction="up") == upwards
    assert spc_assurance(5, 6, 7, target=target, direction="down") == downwards


def test_nhs_boundaries_ignore_binary_noise() -> None:
    assert spc_assurance(0.1, 0.2, 0.3, target=0.1 + 0.2, direction="up") == "inconsistent"
    assert spc_assurance(0.1 + 0.2, 0.4, 0.5, target=0.3, direction="up") == "inconsistent"


@pytest.mark.parametrize("limits", [(NAN, 6, 7), (5, NAN, 7), (5, 6, NAN)])
def test_nhs_gives_no_assurance_from_an_incomplete_chart(limits: tuple[float, float, float]) -> None:
    assert spc_assurance(*limits, target=4, direction="up") is None


def test_nhs_on_arrays_equals_nhs_on_each_element() -> None:
    targets, directions = [4, 6, 8, NAN], ["up", "up", "down", "down"]
    together = spc_assurance(5, 6, 7, target=targets, direction=directions)
    assert isinstance(together, np.ndarray)
    assert together.tolist() == ["consistent_pass", "inconsistent", "consistent_pass", None]
    assert together.tolist() == [
        spc_assurance(5, 6, 7, target=target, direction=direction)
        for target, direction in zip(targets, directions, strict=True)
    ]


# All four


@pytest.mark.parametrize("direction", ["higher", "UP", "", None, 1, ["up", "sideways"]])
def test_an_unknown_direction_is_refused_with_the_allowed_words(direction: Any) -> None:
    allowed = "direction must be 'up' or 'down'"
    with pytest.raises(ValueError, match=allowed):
        one_year_on(105, direction=direction)
    with pytest.raises(ValueError, match=allowed):
        weather_symbol(1, 1, 1, 5, 2, direction)
    with pytest.raises(ValueError, match=allowed):
        spc_assurance(5, 6, 7, target=4, direction=direction)


def test_an_unknown_direction_of_a_weather_series_is_refused() -> None:
    with pytest.raises(ValueError, match="direction must be 'up' or 'down'"):
        dns_weather(RECYCLING, year=2024, direction="sideways")
