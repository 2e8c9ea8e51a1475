"""The limits of a control chart of single figures: how far a process strays when nothing about it has changed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

# 3 ÷ 1.128 and 3 + 3 · 0.853 ÷ 1.128, from the range of two normal figures: Wheeler and Chambers (1992), table A.
LIMIT_FACTOR, RANGE_FACTOR = 2.66, 3.267


class Limits(NamedTuple):
    """Limits of a control chart of single figures [the figures' unit]; NaN where too little is known.

    ``mean_range`` is the mean size of a change from one figure to the next, ``largest_range`` the greatest
    change that is still nothing remarkable; ``points`` is the number of figures [count].
    """

    lower: float
    mean: float
    upper: float
    mean_range: float
    largest_range: float
    points: int


def xmr_limits(values: ArrayLike) -> Limits:
    """Return the natural limits of a series of single figures, equally spaced.

    Parameters
    ----------
    values : the figures, oldest first; NaN where there is none, and no change is taken across it [any unit]

    Notes
    -----
    ``mean ± 2.66·R``, R being the mean of the moving ranges ``|xᵢ − xᵢ₋₁|``; a single range stays below ``3.267·R``. The
    limits hold for figures that neither drift nor share what they count. A regular season widens them. Shewhart
    (1931); Wheeler and Chambers (1992), Understanding Statistical Process Control; NHS England, Making data count.
    """
    figures = np.asarray(values, float)
    known, ranges = figures[~np.isnan(figures)], np.abs(np.diff(figures))
    ranges = ranges[~np.isnan(ranges)]
    if not len(ranges):
        return Limits(
            np.nan, float(known.mean()) if len(known) else np.nan, np.nan, np.nan, np.nan, len(known)
        )
    mean, usual = float(known.mean()), float(ranges.mean())
    away = LIMIT_FACTOR * usual
    return Limits(mean - away, mean, mean + away, usual, RANGE_FACTOR * usual, len(known))
