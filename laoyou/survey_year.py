"""The year of a survey rate: what its mean so far leaves to the quarters to come."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan


def mean_still_allowed(known: Sequence[float], target: float, quarters: int = 4) -> float:
    """Return the mean of the quarters to come that takes the year's mean exactly to a target.

    Parameters
    ----------
    known : the quarters that are over, one figure each [the row's unit]; with one missing nothing can be said
    target : of the mean of the whole year [the row's unit]
    quarters : in a year [count]

    Returns
    -------
    ``(4·T − Σx) ÷ (4 − n)`` [the row's unit]; NaN where a figure or the target is missing, or no quarter is left.
    """
    left = quarters - len(known)
    if left <= 0 or isnan(target):
        return nan
    return (quarters * target - sum(known)) / left
