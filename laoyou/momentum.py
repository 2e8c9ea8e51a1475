"""Which way a series is moving: the average change over its last comparable points."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from laoyou.attainment import Floats, Words, first_case, rounded

Flags = NDArray[np.bool_]


def before_break_removed(values: Floats, breaks: Flags) -> Floats:
    """Return the points with everything before the last marked break set to NaN.

    Parameters
    ----------
    values : points, oldest first, along the last axis [the row's unit]
    breaks : True where a point is the first on a new basis
    """
    comparable: Flags = np.flip(np.cumsum(np.flip(breaks, -1), -1), -1) - breaks == 0
    return np.where(comparable, values, np.nan)


def average_change(points: ArrayLike, at_least: int) -> Floats:
    """Return the average change per period over the points given.

    Parameters
    ----------
    points : equally spaced comparable points, oldest first, along the last axis [the row's unit]
    at_least : how many must be known

    Returns
    -------
    ``(last known − first known) ÷ periods between`` [the row's unit per period]; NaN where the last point
    itself or too many others are missing.
    """
    values = np.asarray(points, float)
    known = ~np.isnan(values)
    enough = (known.sum(axis=-1) >= max(at_least, 2)) & known[..., -1]
    first = known.argmax(axis=-1)
    start = np.take_along_axis(values, first[..., None], axis=-1)[..., 0]
    periods = values.shape[-1] - 1 - first
    return np.where(enough, (values[..., -1] - start) / np.where(periods > 0, periods, 1), np.nan)


def momentum(change: ArrayLike, target: ArrayLike, direction: ArrayLike, steady_share: float) -> Words:
    """Return ``improving``, ``steady``, ``worsening`` or ``unknown``.

    Parameters
    ----------
    change : average change per period [the row's unit per period]
    target : the year's target [the row's unit], the scale that a change is measured on
    direction : +1 where higher is better, −1 where lower is
    steady_share : the change that counts as none [share of the target]
    """
    good = rounded(np.asarray(direction, float) * np.asarray(change, float))
    none = rounded(np.abs(np.asarray(target, float)) * steady_share)
    with np.errstate(invalid="ignore"):
        return first_case(
            [
                (np.isnan(good) | np.isnan(none), "unknown"),
                (good > none, "improving"),
                (good < -none, "worsening"),
            ],
            "steady",
        )
