"""Predictive distributions in closed form: mixtures of Student's t, and what is left of a count.

Pure functions. No draws, so the same figures give the same answer to the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, nbdtrik, stdtr, stdtrit

from laoyou.targets import Operator

Floats = NDArray[np.float64]

_AT_LEAST = (Operator.GE, Operator.GT)
_HALVINGS = 200  # more than separate two neighbouring floating-point numbers
_PANELS, _NODES_EACH = 50, 16  # of the quadrature of a score
_MOST_TERMS = 20_000  # of the sum over counts; a wider distribution is summed in equal strides


@dataclass(frozen=True)
class Mixture:
    """A mixture of location–scale Student t distributions, its components along the last axis.

    Parameters
    ----------
    location, scale : of each component [the working scale]; a scale of 0 is a point
    freedom : degrees of freedom, > 0
    weight : [1], adding up to 1 along the last axis
    """

    location: Floats
    scale: Floats
    freedom: Floats
    weight: Floats

    @classmethod
    def of(cls, location: ArrayLike, scale: ArrayLike, freedom: ArrayLike) -> Mixture:
        """Return the mixture with equal weights."""
        loc, wide, df = np.broadcast_arrays(*(np.asarray(part, float) for part in (location, scale, freedom)))
        return cls(loc, wide, df, np.full(loc.shape, 1 / loc.shape[-1]))


def mixture_cdf(mixture: Mixture, x: ArrayLike, *, strictly: bool = False) -> Floats:
    """Return the probability of a value up to ``x`` [1].

    Parameters
    ----------
    mixture : its components along the last axis, any number of distributions before it
    x : one value for each distribution [the working scale]
    strictly : ``P(X < x)`` instead of ``P(X ≤ x)``; they differ only where a component is a point

    Notes
    -----
    ``F(x) = Σ wᵢ·T((x − locᵢ) ÷ scaleᵢ; dfᵢ)``, T being Student's t.
    """
    away = np.asarray(x, float)[..., None] - mixture.location
    point = mixture.scale == 0
    with np.errstate(invalid="ignore"):
        spread = stdtr(mixture.freedom, away / np.where(point, 1.0, mixture.scale))
    step = (away > 0) if strictly else (away >= 0)
    return np.asarray((mixture.weight * np.where(point, step, spread)).sum(axis=-1), float)


def mixture_quantile(mixture: Mixture, probability: ArrayLike) -> Floats:
    """Return the value below which the mixture lies with a probability [the working scale].

    Parameters
    ----------
    mixture : as in ``mixture_cdf``
    probability : one for each distribution, between 0 and 1 [1]

    Notes
    -----
    Bisection between the least and the greatest of the components' own quantiles, to the last digit.
    """
    share = np.asarray(probability, float)
    own = mixture.location + mixture.scale * stdtrit(mixture.freedom, share[..., None])
    used = mixture.weight > 0
    low = np.min(np.where(used, own, np.inf), axis=-1)
    high = np.max(np.where(used, own, -np.inf), axis=-1)
    for _ in range(_HALVINGS):
        middle = low + (high - low) / 2
        below = mixture_cdf(mixture, middle) < share
        low, high = np.where(below, middle, low), np.where(below, high, middle)
        if np.all(np.nextafter(low, high) >= high):
            break
    return np.asarray(high, float)


def reaching(mixture: Mixture, operator: str, bound: ArrayLike) -> Floats:
    """Return the probability of a value on the good side of a bound [1].

    Parameters
    ----------
    mixture : as in ``mixture_cdf``
    operator : ``ge``, ``gt``, ``le`` or ``lt``
    bound : [the working scale]
    """
    above = operator in _AT_LEAST
    strictly = operator in (Operator.GE, Operator.LT)
    below = mixture_cdf(mixture, bound, strictly=strictly)
    return np.asarray(1 - below if above else below, float)


def mixture_crps(mixture: Mixture, value: ArrayLike) -> Floats:
    """Return the continuous ranked probability score of a forecast [the working scale]; less is better.

    Parameters
    ----------
    mixture : the forecast, no component a point
    value : what came about [the working scale]

    Notes
    -----
    ``CRPS = ∫ (F(x) − 1{x ≥ y})² dx`` (Gneiting and Raftery 2007, J. Am. Stat. Assoc. 102, 359–378), each side of
    ``y`` by Gauss–Legendre in equal panels of u after ``x = y ± c·(u ÷ (1 − u))²``, c being the greatest scale and distance.
    """
    y = np.asarray(value, float)
    reach = np.abs(mixture.location - y[..., None]).max(axis=-1) + mixture.scale.max(axis=-1)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES_EACH)
    share = ((np.arange(_PANELS)[:, None] + (nodes + 1) / 2) / _PANELS).ravel()
    stretched = (share / (1 - share)) ** 2
    slope = 2 * share / (1 - share) ** 3 * np.tile(weights, _PANELS) / (2 * _PANELS)
    wide = Mixture(*(part[..., None, :] for part in vars(mixture).values()))
    below = mixture_cdf(wide, y[..., None] - reach[..., None] * stretched) ** 2
    above = (1 - mixture_cdf(wide, y[..., None] + reach[..., None] * stretched)) ** 2
    return np.asarray((reach[..., None] * slope * (below + above)).sum(axis=-1), float)


@dataclass(frozen=True)
class Rest:
    """What is still to come of a count: negative binomial with a mean and a variance [count].

    Parameters
    ----------
    mean : [count], ≥ 0
    spread : variance ÷ mean [1], > 1
    """

    mean: float
    spread: float

    @property
    def size(self) -> float:
        """Return the size r of ``NB(r, p)``, ``r = mean·p ÷ (1 − p)``."""
        return self.mean * self.success / (1 - self.success)

    @property
    def success(self) -> float:
        """Return the probability p of ``NB(r, p)``, ``p = 1 ÷ spread``."""
        return 1 / self.spread


def rest_of_count(
    so_far: float,
    share_so_far: float,
    share_to_come: float,
    *,
    prior_total: float,
    prior_years: float,
    dispersion: float,
) -> Rest:
    """Return the gamma–Poisson predictive distribution of a count still to come.

    Parameters
    ----------
    so_far : count since January [count]
    share_so_far, share_to_come : shares of a year before and in the span asked for [1]
    prior_total : a year's count expected before this year began [count]
    prior_years : how much year that expectation is worth [years of counting, dispersion included]
    dispersion : variance ÷ mean of the counts about their shares, ≥ 1 [1]

    Notes
    -----
    A year's count has the gamma distribution of shape ``a = prior_total·prior_years ÷ φ + x ÷ φ`` and rate
    ``b = prior_years + w``, in units of the dispersion φ (quasi-Poisson scaling). The rest, of exposure v, then has the
    mean ``φ·v·a ÷ b`` and the variance ``φ·(1 + v ÷ b)`` times it: negative binomial, exactly so for φ = 1.
    Gelman et al., Bayesian Data Analysis, 3rd edition, section 2.6.
    """
    exposure = prior_years + share_so_far
    mean = share_to_come * (prior_total * prior_years + so_far) / exposure
    return Rest(mean, dispersion * (1 + share_to_come / exposure))


def rest_cdf(rest: Rest, count: ArrayLike) -> Floats:
    """Return the probability of at most ``count`` still to come [1]."""
    whole = np.floor(np.asarray(count, float))
    if rest.mean == 0:
        return np.where(whole >= 0, 1.0, 0.0)
    inside = betainc(rest.size, np.maximum(whole, 0.0) + 1, rest.success)
    return np.where(np.isnan(whole), np.nan, np.where(whole < 0, 0.0, inside))


def rest_reaching(rest: Rest, operator: str, count: ArrayLike) -> Floats:
    """Return the probability of a count on the good side of a bound [1].

    Parameters
    ----------
    rest : what is still to come
    operator : ``ge``, ``gt``, ``le`` or ``lt``
    count : the bound [count], which need not be whole
    """
    bound = np.asarray(count, float)
    edge = np.ceil(bound) - 1 if operator in (Operator.GE, Operator.LT) else np.floor(bound)
    below = rest_cdf(rest, edge)
    return np.asarray(1 - below if operator in _AT_LEAST else below, float)


def rest_quantile(rest: Rest, probability: ArrayLike) -> Floats:
    """Return the least count that the rest does not exceed with a probability [count]."""
    share = np.asarray(probability, float)
    if rest.mean == 0:
        return np.zeros(share.shape)
    near = np.ceil(
        nbdtrik(share, rest.size, rest.success)
    )  # the inverse may end a hair beside a whole number
    below = np.maximum(near - 1, 0.0)
    found = np.where(rest_cdf(rest, near) >= share, near, near + 1)
    return np.where(rest_cdf(rest, below) >= share, below, found)


def rest_crps(rest: Rest, count: float) -> float:
    """Return the continuous ranked probability score of a forecast of a count [count]; less is better.

    Notes
    -----
    ``Σ (F(k) − 1{k ≥ y})²`` over the whole numbers from the count and the distribution's 1e-12 quantile, whichever is
    less, to the other end alike; a range too wide is summed in equal strides.
    """
    low, high = rest_quantile(rest, np.array([1e-12, 1 - 1e-12]))
    first, last = min(low, count), max(high, count)
    stride = max(int((last - first) // _MOST_TERMS), 1)
    k = np.arange(first, last + 1, stride)
    return float(stride * ((rest_cdf(rest, k) - (k >= count)) ** 2).sum())
