"""Expected limits are worked out by hand from binomial probabilities; the tails are those of the distribution itself."""

from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from laoyou.cases.funnel import CODES, funnel, funnel_limits

nan = np.nan
LEVELS = [0.95, 0.998]


def parts(*counts: tuple[float, float], suppressed: tuple[int, ...] = ()) -> pd.DataFrame:
    table = pd.DataFrame(counts, columns=["numerator", "denominator"])
    return table.assign(suppressed=table.index.isin(suppressed))


def code(numerator: float, denominator: float, centre: float) -> str:
    return str(funnel(parts((numerator, denominator)), centre, LEVELS)["within_chance"].iloc[0])


# The limits


def test_limits_of_ten_tosses_are_those_by_hand() -> None:
    # F(1) = 11/1024 and F(2) = 56/1024 enclose 0.025, so the count is 2 less the share of the step.
    share = (56 / 1024 - 0.025) / (45 / 1024)
    low, high = funnel_limits(10, 0.5, 0.95)
    assert low == pytest.approx((2 - share) / 10)
    assert high == pytest.approx(1 - (2 - share) / 10)


def test_limits_of_a_rate_near_one_are_those_by_hand() -> None:
    # Of 4 at 0.9: F(1) = 0.0037, F(2) = 0.0523; the upper tail has 0.6561 at 4 of 4.
    first = 0.1**4 + 4 * 0.9 * 0.1**3
    low, high = funnel_limits(4, 0.9, 0.95)
    assert low == pytest.approx((2 - (first + 6 * 0.81 * 0.01 - 0.025) / (6 * 0.81 * 0.01)) / 4)
    assert high == 1


def test_a_single_case_is_never_beyond_unless_its_rate_is_rare() -> None:
    assert funnel_limits(1, 0.5, 0.95) == (0, 1)
    assert code(0, 1, 0.97) == "within"
    assert code(0, 1, 0.976) == "low"
    assert code(0, 1, 0.9991) == "very_low"


def test_limits_close_in_as_cases_grow_and_the_outer_ones_enclose_the_inner() -> None:
    n = np.array([5, 20, 80, 320, 1280])
    inner, outer = (np.array(funnel_limits(n, 0.8, level)) for level in LEVELS)
    assert (np.diff(inner[1] - inner[0]) < 0).all()
    assert (outer[0] <= inner[0]).all()
    assert (outer[1] >= inner[1]).all()
    spread = 1.959964 * np.sqrt(0.8 * 0.2 / 1280)
    assert inner[:, -1] == pytest.approx([0.8 - spread, 0.8 + spread], abs=0.001)  # nearly normal by then


@given(st.integers(1, 60), st.floats(0.001, 0.999), st.sampled_from(LEVELS))
def test_limits_of_a_rate_mirror_those_of_its_complement(n: int, centre: float, level: float) -> None:
    low, high = funnel_limits(n, centre, level)
    mirrored_low, mirrored_high = funnel_limits(n, 1 - centre, level)
    assert (low, high) == pytest.approx((1 - mirrored_high, 1 - mirrored_low), abs=1e-9)
    assert 0 <= low <= centre <= high <= 1


@pytest.mark.parametrize(
    ("n", "centre"), [(10, 0.5), (10, 0.937), (37, 0.9), (80, 0.937), (12, 0.65), (7, 0.05)]
)
def test_a_count_is_beyond_a_limit_as_its_exact_tail_is_below_it(n: int, centre: float) -> None:
    chances = [comb(n, x) * centre**x * (1 - centre) ** (n - x) for x in range(n + 1)]
    for x in range(n + 1):
        at_most, at_least = sum(chances[: x + 1]), sum(chances[x:])
        expected = (
            "very_low" if at_most < 0.001
            else "very_high" if at_least < 0.001
            else "low" if at_most < 0.025
            else "high" if at_least < 0.025
            else "within"
        )  # fmt: skip
        assert code(x, n, centre) == expected, x
        assert (expected in ("low", "very_low")) == (binomtest(x, n, centre, "less").pvalue < 0.025)


def test_all_resolved_of_a_few_is_nothing_beyond_chance() -> None:
    assert code(10, 10, 0.937) == "within"
    assert code(56, 56, 0.937) == "within"  # has a chance of 0.0261
    assert code(57, 57, 0.937) == "high"  # has one of 0.0245


def test_no_case_and_no_centre_give_no_limits() -> None:
    assert np.isnan(funnel_limits([0, nan, -3], 0.9, 0.95)).all()
    for centre in (nan, -0.1, 1.1):
        assert np.isnan(funnel_limits([5, 10], centre, 0.95)).all()
    assert np.array(funnel_limits([], 0.9, 0.95)).shape == (2, 0)


@pytest.mark.parametrize(("centre", "met"), [(1.0, 10), (0.0, 0)])
def test_where_the_whole_is_all_or_nothing_one_other_case_stands_out(centre: float, met: int) -> None:
    other = 9 if met else 1
    assert code(met, 10, centre) == "within"
    assert code(other, 10, centre) in ("very_low", "very_high")


# The parts


def test_parts_are_told_apart_from_chance_and_not_ranked() -> None:
    found = funnel(
        parts((95, 100), (80, 100), (70, 100), (8, 10), (0, 0), (nan, nan), suppressed=(5,)), 0.9, LEVELS
    )
    assert found["within_chance"].tolist() == [
        "within",
        "low",  # P(X ≤ 80) is 0.002
        "very_low",
        "within",
        "no_case",
        "suppressed",
    ]
    assert found.index.tolist() == [0, 1, 2, 3, 4, 5]
    assert found["rate"].tolist() == pytest.approx([0.95, 0.8, 0.7, 0.8, nan, nan], nan_ok=True)
    assert set(found["within_chance"]) <= set(CODES)


def test_a_suppressed_part_stays_suppressed_whatever_it_holds() -> None:
    found = funnel(parts((1, 3), (90, 100), suppressed=(0,)), 0.9, LEVELS).iloc[0]
    numbers = found.drop("within_chance").astype(float)
    assert numbers.isna().all()
    assert found["within_chance"] == "suppressed"


def test_a_rate_on_its_limit_is_within() -> None:
    # 0.975 of all single cases are none at a centre of 0.025, so that P(X ≥ 1) is 0.025 and not below it.
    assert code(1, 1, 0.025) == "within"
    assert code(1, 1, 0.0249) == "high"


def test_nothing_is_said_of_no_part() -> None:
    found = funnel(parts(), 0.9, LEVELS)
    assert found.empty
    assert "within_chance" in found
