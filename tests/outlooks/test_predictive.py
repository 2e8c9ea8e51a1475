"""Closed forms held against scipy's own distributions, quadrature of their densities, and draws counted by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats
from scipy.special import beta

from laoyou.outlooks.predictive import (
    Mixture,
    Rest,
    mixture_cdf,
    mixture_crps,
    mixture_quantile,
    reaching,
    rest_cdf,
    rest_crps,
    rest_of_count,
    rest_quantile,
    rest_reaching,
)

TWO = Mixture.of([1.0, 2.5], [0.5, 1.2], [3.0, 6.0])


def density(x):
    """Return the density of ``TWO`` from scipy's t."""
    return 0.5 * stats.t.pdf(x, 3, 1.0, 0.5) + 0.5 * stats.t.pdf(x, 6, 2.5, 1.2)


# --- Mixtures ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [-8.0, 0.0, 1.0, 1.7, 2.5, 30.0])
def test_the_probability_up_to_a_value_is_the_area_under_the_density(x):
    area, _ = integrate.quad(density, -np.inf, x, epsabs=1e-12)
    assert mixture_cdf(TWO, x) == pytest.approx(area, abs=1e-9)


def test_at_the_common_centre_of_its_parts_a_mixture_is_one_half():
    assert mixture_cdf(Mixture.of([4.0, 4.0], [1.0, 9.0], [2.0, 5.0]), 4.0) == 0.5


def test_one_degree_of_freedom_is_cauchys_distribution():
    # arctan(1) / pi + 1/2 = 3/4.
    assert mixture_cdf(Mixture.of([0.0], [2.0], [1.0]), 2.0) == pytest.approx(0.75, abs=1e-15)


@pytest.mark.parametrize("share", [1e-6, 0.1, 0.25, 0.5, 0.9, 1 - 1e-6])
def test_the_quantile_is_where_the_probability_is_reached(share):
    x = float(mixture_quantile(TWO, share))
    area, _ = integrate.quad(density, -np.inf, x, epsabs=1e-13)
    assert area == pytest.approx(share, abs=1e-9)
    assert mixture_cdf(TWO, x) >= share > mixture_cdf(TWO, np.nextafter(x, -np.inf)) - 1e-12


def test_the_quantile_of_one_part_is_students():
    one = Mixture.of([10.0], [2.0], [4.0])
    assert mixture_quantile(one, 0.9) == pytest.approx(stats.t.ppf(0.9, 4, 10, 2), abs=1e-12)


def test_a_part_without_weight_counts_for_nothing():
    padded = Mixture(np.array([1.0, 99.0]), np.array([0.5, 3.0]), np.array([3.0, 1.0]), np.array([1.0, 0.0]))
    alone = Mixture.of([1.0], [0.5], [3.0])
    assert mixture_cdf(padded, 1.4) == mixture_cdf(alone, 1.4)
    assert mixture_quantile(padded, 0.8) == pytest.approx(float(mixture_quantile(alone, 0.8)), abs=1e-12)


def test_many_distributions_are_answered_at_once():
    many = Mixture.of([[1.0, 2.5], [0.0, 0.0]], [[0.5, 1.2], [1.0, 1.0]], [[3.0, 6.0], [5.0, 5.0]])
    low, high = mixture_quantile(many, np.array([0.1, 0.9]))
    assert low == mixture_quantile(TWO, 0.1)
    assert high == pytest.approx(stats.t.ppf(0.9, 5), abs=1e-12)


@pytest.mark.parametrize(
    ("operator", "bound", "chance"),
    [
        ("ge", 3.0, 1),
        ("gt", 3.0, 0),
        ("le", 3.0, 1),
        ("lt", 3.0, 0),
        ("ge", 3.01, 0),
        ("lt", 3.01, 1),
        ("gt", 2.99, 1),
    ],
)
def test_a_point_reaches_its_own_value_unless_the_target_is_strict(operator, bound, chance):
    assert reaching(Mixture.of([3.0], [0.0], [1.0]), operator, bound) == chance


@pytest.mark.parametrize("bound", [-np.inf, np.inf])
def test_a_bound_at_infinity_is_always_or_never_reached(bound):
    assert reaching(TWO, "ge", bound) == (bound < 0)
    assert reaching(TWO, "lt", bound) == (bound > 0)


@given(st.floats(-20, 20), st.floats(-20, 20))
def test_a_higher_floor_is_never_likelier_and_the_sides_add_up(a, b):
    low, high = sorted((a, b))
    assert reaching(TWO, "ge", low) >= reaching(TWO, "ge", high)
    assert reaching(TWO, "ge", a) + reaching(TWO, "lt", a) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(("freedom", "z"), [(3, 0.0), (3, 1.3), (6, -2.0), (30, 4.0)])
def test_the_score_of_one_part_is_the_published_closed_form(freedom, z):
    # Jordan, Krüger and Lerch 2019, J. Stat. Softw. 90(12), appendix A: the t distribution.
    cdf, pdf = stats.t.cdf(z, freedom), stats.t.pdf(z, freedom)
    tail = 2 * np.sqrt(freedom) * beta(0.5, freedom - 0.5) / ((freedom - 1) * beta(0.5, freedom / 2) ** 2)
    expected = z * (2 * cdf - 1) + 2 * pdf * (freedom + z**2) / (freedom - 1) - tail
    # Ten times as wide about 7, the score is ten times as great.
    assert mixture_crps(Mixture.of([7.0], [10.0], [freedom]), 7 + 10 * z) == pytest.approx(
        10 * expected, rel=1e-7
    )


@pytest.mark.parametrize("value", [-3.0, 1.5, 12.0])
def test_the_score_of_a_mixture_is_the_area_between_forecast_and_fact(value):
    def cdf(x):
        return 0.5 * stats.t.cdf(x, 3, 1.0, 0.5) + 0.5 * stats.t.cdf(x, 6, 2.5, 1.2)

    # In two pieces: in one, quad steps over the rise far from the end.
    below = sum(integrate.quad(lambda x: cdf(x) ** 2, *part)[0] for part in ((-np.inf, -4), (-4, value)))
    above, _ = integrate.quad(lambda x: (1 - cdf(x)) ** 2, value, np.inf)
    assert mixture_crps(TWO, value) == pytest.approx(below + above, rel=1e-6)


# --- What is left of a count ------------------------------------------------------------------------------------


def test_without_dispersion_the_rest_is_scipys_negative_binomial():
    # Prior: 80 a year, worth half a year; 30 counted in a quarter of the year, three quarters to come:
    # shape 40 + 30 = 70, rate 0.5 + 0.25 = 0.75, so NB(70, 0.75 / (0.75 + 0.75)).
    rest = rest_of_count(30, 0.25, 0.75, prior_total=80, prior_years=0.5, dispersion=1)
    assert (rest.size, rest.success) == (pytest.approx(70), 0.5)
    assert rest_cdf(rest, [40, 70, 100]) == pytest.approx(stats.nbinom.cdf([40, 70, 100], 70, 0.5), abs=1e-12)


def test_the_rest_is_the_poisson_mixed_over_the_gamma():
    rest = rest_of_count(3, 0.5, 0.5, prior_total=10, prior_years=0.2, dispersion=1)
    # Shape 2 + 3 = 5, rate 0.7; the chance of at most 2 more, by quadrature over the year's count.
    mixed, _ = integrate.quad(
        lambda c: stats.gamma.pdf(c, 5, scale=1 / 0.7) * stats.poisson.cdf(2, c / 2), 0, np.inf
    )
    assert rest_cdf(rest, 2) == pytest.approx(mixed, abs=1e-9)


def test_dispersion_widens_the_rest_and_leaves_its_mean():
    plain = rest_of_count(300, 0.5, 0.5, prior_total=600, prior_years=0.1, dispersion=1)
    wide = rest_of_count(300, 0.5, 0.5, prior_total=600, prior_years=0.1, dispersion=4)
    assert (plain.mean, wide.mean) == (300, 300)  # 0.5 x (60 + 300) / 0.6
    # Variance = mean x dispersion x (1 + 0.5 / 0.6).
    assert stats.nbinom.var(wide.size, wide.success) == pytest.approx(300 * 4 * (1 + 0.5 / 0.6))
    assert stats.nbinom.var(wide.size, wide.success) == pytest.approx(
        4 * stats.nbinom.var(plain.size, plain.success)
    )


@pytest.mark.parametrize(
    ("operator", "bound", "counts"),
    [
        ("ge", 3, [3, 4, 5]),
        ("ge", 2.5, [3, 4, 5]),
        ("gt", 3, [4, 5]),
        ("gt", 2.5, [3, 4, 5]),
        ("le", 3, [0, 1, 2, 3]),
        ("lt", 3, [0, 1, 2]),
        ("lt", 2.5, [0, 1, 2]),
        ("ge", 0, [0, 1, 2, 3, 4, 5]),
        ("ge", -2, [0, 1, 2, 3, 4, 5]),
        ("lt", 0, []),
    ],
)
def test_a_bound_counts_the_whole_numbers_on_its_good_side(operator, bound, counts):
    rest = Rest(0.3, 1.05)  # above 5 once in 230,000
    expected = stats.nbinom.pmf(counts, rest.size, rest.success).sum()
    assert rest_reaching(rest, operator, bound) == pytest.approx(expected, abs=5e-6)


def test_where_nothing_is_to_come_nothing_comes():
    rest = rest_of_count(40, 1.0, 0.0, prior_total=40, prior_years=0.1, dispersion=3)
    assert rest.mean == 0
    assert [float(rest_reaching(rest, "ge", bound)) for bound in (0, 1)] == [1, 0]
    assert rest_quantile(rest, [0.1, 0.9]).tolist() == [0, 0]


def test_the_quantile_is_the_least_count_that_suffices():
    rest = Rest(20.0, 3.0)
    for share in (0.1, 0.5, 0.9):
        count = float(rest_quantile(rest, share))
        assert rest_cdf(rest, count) >= share > rest_cdf(rest, count - 1)


def test_the_score_of_a_count_is_the_mean_distance_less_half_the_mean_difference():
    rest = Rest(4.0, 2.0)
    k = np.arange(200)
    p = stats.nbinom.pmf(k, rest.size, rest.success)
    expected = (p * np.abs(k - 9)).sum() - 0.5 * (p[:, None] * p * np.abs(k[:, None] - k)).sum()
    assert rest_crps(rest, 9) == pytest.approx(expected, abs=1e-8)


def test_a_score_summed_in_strides_is_the_normal_ones_for_a_great_count():
    rest = Rest(4e6, 1000.0)  # standard deviation 63,246
    sd = np.sqrt(4e9)
    # Gneiting and Raftery: at its mean the normal's score is sd x (2 pdf(0) - 1 / sqrt(pi)).
    assert rest_crps(rest, 4e6) == pytest.approx(sd * (2 * stats.norm.pdf(0) - 1 / np.sqrt(np.pi)), rel=1e-3)


@given(st.integers(0, 200), st.integers(0, 50))
def test_more_counted_so_far_never_makes_more_to_come_less_likely(so_far, bound):
    def chance(count):
        rest = rest_of_count(count, 0.5, 0.5, prior_total=60, prior_years=0.2, dispersion=1.5)
        return rest_reaching(rest, "ge", bound)

    assert chance(so_far + 1) >= chance(so_far) - 1e-12
