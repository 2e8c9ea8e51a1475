"""How far chance alone can move a rate or a count: Wilson's interval, Newcombe's, and the Poisson band."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, pdtr, pdtrik  # scipy.stats would take half a second to import

Floats = NDArray[np.float64]


def wilson_interval(numerator: ArrayLike, denominator: ArrayLike, level: float) -> tuple[Floats, Floats]:
    """Return Wilson's score interval of a proportion.

    Parameters
    ----------
    numerator, denominator : number of successes and of trials [count]
    level : confidence level [1]

    Returns
    -------
    Lower and upper limit [1], NaN where either count is missing or the two make no proportion.

    Notes
    -----
    ``(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)``, p = numerator ÷ denominator, z the normal quantile
    of (1 + level) ÷ 2. Wilson, E. B. (1927), J. Am. Stat. Assoc. 22, 209–212.
    """
    successes, trials = np.asarray(numerator, float), np.asarray(denominator, float)
    n = np.where((trials > 0) & (successes >= 0) & (successes <= trials), trials, np.nan)
    p = successes / n
    z = ndtri((1 + level) / 2)
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return np.clip(centre - half, 0.0, 1.0), np.clip(centre + half, 0.0, 1.0)


def newcombe_interval(
    numerator_before: ArrayLike, denominator_before: ArrayLike, numerator: ArrayLike, denominator: ArrayLike, level: float
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return Newcombe's interval of the difference between two independent proportions, the later less the earlier.

    Parameters
    ----------
    numerator_before, denominator_before : number of successes and of trials then [count]
    numerator, denominator : the same now [count]
    level : confidence level [1]

    Returns
    -------
    Lower and upper limit [1], NaN where either proportion is none.

    Notes
    -----
    ``Δ − √((p₁ − l₁)² + (u₀ − p₀)²)`` to ``Δ + √((u₁ − p₁)² + (p₀ − l₀)²)``, Δ = p₁ − p₀, l and u the limits of Wilson's
    intervals. Newcombe, R. G. (1998), Stat. Med. 17, 873–890, method 10.
    """
    (low0, high0), (low1, high1) = (
        wilson_interval(n, d, level) for n, d in ((numerator_before, denominator_before), (numerator, denominator))
    )  # fmt: skip
    p0, p1 = (
        np.asarray(n, float) / np.where(np.asarray(d, float) > 0, d, np.nan)
        for n, d in ((numerator_before, denominator_before), (numerator, denominator))
    )
    change = p1 - p0
    return change - np.hypot(p1 - low1, high0 - p0), change + np.hypot(high1 - p1, p0 - low0)


def poisson_band(expected: ArrayLike, level: float) -> tuple[Floats, Floats]:
    """Return the central band that a Poisson count with a known mean falls in.

    Parameters
    ----------
    expected : mean [count]
    level : least probability of the band [1]

    Returns
    -------
    Lowest and highest count of the band [count]; each tail outside holds at most (1 − level) ÷ 2.
    NaN where the mean is missing or negative.
    """
    mean = np.asarray(expected, float)
    known = mean >= 0
    tail = (1 - level) / 2
    safe = np.where(known, mean, 0.0)
    low, high = _poisson_quantile(tail, safe), _poisson_quantile(1 - tail, safe)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _poisson_quantile(probability: float, mean: Floats) -> Floats:
    """Return the least count that a Poisson count does not exceed with a probability [count]."""
    above = np.ceil(pdtrik(probability, mean))
    below = np.maximum(above - 1, 0.0)  # the inverse may end a hair above a whole number
    return np.where(pdtr(below, mean) >= probability, below, above)
