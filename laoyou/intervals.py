"""How far chance alone can move a rate or a count: Wilson's interval and the Poisson band."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, poisson

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
    z = norm.ppf((1 + level) / 2)
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return np.clip(centre - half, 0.0, 1.0), np.clip(centre + half, 0.0, 1.0)


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
    low, high = poisson.ppf(tail, safe), poisson.ppf(1 - tail, safe)
    return np.where(known, np.maximum(low, 0.0), np.nan), np.where(known, high, np.nan)
