"""Expected values are published worked examples, or probabilities summed by hand."""

from math import exp, factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laoyou.intervals import newcombe_interval, poisson_band, wilson_interval

nan = np.nan


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [
        # Newcombe, R. G. (1998), Statistics in Medicine 17, 857-872, table I, method 3 (score, no correction), 95 %.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_reproduces_newcombes_table(numerator, denominator, low, high):
    assert wilson_interval(numerator, denominator, 0.95) == pytest.approx((low, high), abs=5e-5)


def test_an_80_percent_interval_is_worked_out_with_its_own_quantile():
    # z = 1.281552, z² = 1.642374; p = 0.94, n = 100.
    # Centre (0.94 + 1.642374 / 200) / 1.01642374 = 0.932890
    # Half   1.281552 x √(0.94 x 0.06 / 100 + 1.642374 / 40000) / 1.01642374 = 0.031015
    assert wilson_interval(94, 100, 0.80) == pytest.approx((0.901875, 0.963905), abs=2e-6)


@pytest.mark.parametrize(
    ("numerator", "denominator"),
    [(0, 0), (3, 0), (nan, 10), (3, nan), (nan, nan), (11, 10), (-1, 10), (3, -10)],
)
def test_a_fraction_that_is_no_proportion_has_no_interval(numerator, denominator):
    assert np.isnan(wilson_interval(numerator, denominator, 0.80)).all()


def test_an_impossible_fraction_does_not_spoil_its_neighbours():
    low, high = wilson_interval([1, 81, nan], [0, 263, 5], 0.95)
    assert np.isnan(low).tolist() == [True, False, True]
    assert (low[1], high[1]) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@given(trials=st.integers(1, 5_000), share=st.floats(0, 1), level=st.sampled_from([0.5, 0.8, 0.95]))
def test_the_interval_encloses_the_rate_and_mirrors_its_complement(trials, share, level):
    successes = round(share * trials)
    low, high = wilson_interval(successes, trials, level)
    assert 0 <= low <= successes / trials + 1e-12
    assert successes / trials - 1e-12 <= high <= 1
    assert wilson_interval(trials - successes, trials, level) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@pytest.mark.parametrize(
    ("mean", "low", "high"),
    [
        # Mean 2: e⁻² = 0.135335. P(0) = 0.1353 is more than 0.1, so nothing is cut off below.
        # P(≤3) = 0.135335 x (1 + 2 + 2 + 4/3) = 0.8571; P(≤4) = 0.8571 + 0.135335 x 2/3 = 0.9473: beyond 4 lies 0.0527.
        (2, 0, 4),
        # Mean 5: e⁻⁵ = 0.006738. P(≤1) = 0.006738 x 6 = 0.0404, P(≤2) = 0.006738 x 18.5 = 0.1247.
        # P(≤7) = 0.006738 x 128.6190 = 0.8666; P(≤8) adds 0.006738 x 9.6881 to make 0.9319.
        (5, 2, 8),
        (0, 0, 0),
    ],
)
def test_the_poisson_band_cuts_off_at_most_a_tenth_on_either_side(mean, low, high):
    assert poisson_band(mean, 0.80) == (low, high)


@given(tenths=st.integers(0, 600), level=st.sampled_from([0.5, 0.8, 0.95]))
def test_the_poisson_band_is_the_narrowest_with_such_tails(tenths, level):
    mean, tail = tenths / 10, (1 - level) / 2
    low, high = (int(end) for end in poisson_band(mean, level))

    def at_most(count):
        return exp(-mean) * sum(mean**k / factorial(k) for k in range(count + 1))

    assert at_most(low - 1) <= tail + 1e-9 <= at_most(low) + 2e-9
    assert 1 - at_most(high) <= tail + 1e-9
    assert high == 0 or 1 - at_most(high - 1) >= tail - 1e-9


def test_an_unknown_mean_has_no_band():
    low, high = poisson_band([nan, -1, 5], 0.80)
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("now", "before", "low", "high"),
    [
        # Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890, table II, method 10, 95 %.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
    ],
)
def test_the_interval_of_a_difference_reproduces_newcombes_table(now, before, low, high):
    assert newcombe_interval(*before, *now, 0.95) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_a_difference_is_that_of_statsmodels():
    from statsmodels.stats.proportion import confint_proportions_2indep

    expected = confint_proportions_2indep(193, 206, 184, 196, method="newcomb", compare="diff", alpha=0.05)
    assert newcombe_interval(184, 196, 193, 206, 0.95) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("counts", [(0, 0, 5, 9), (5, 9, 0, 0), (nan, 9, 5, 9), (10, 9, 5, 9)])
def test_a_difference_with_what_is_no_proportion_has_no_interval(counts):
    assert np.isnan(newcombe_interval(*counts, 0.95)).all()
