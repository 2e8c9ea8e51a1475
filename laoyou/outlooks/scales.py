"""The scales on which figures take alike steps: the logarithm for levels and counts, the logit for rates."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from laoyou.targets import Operator

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """The scale on which a figure's steps are alike, and the way there and back.

    Parameters
    ----------
    forward, back : from the row's unit to the working scale and from there
    edge : where an operator and its bound lie on the working scale
    grain : how far the last place of a figure reaches there
    """

    forward: Callable[[ArrayLike], Floats]
    back: Callable[[ArrayLike], Floats]
    edge: Callable[[str, float], float]
    grain: Callable[[float], float]


def level_scale(decimals: int, already: float = 0.0) -> Scale:
    """Return the logarithm, for levels and counts.

    Parameters
    ----------
    decimals : of the figures as printed; half of their last place is added, so that 0 has a logarithm
    already : what is certain, to which the level is added [the row's unit]
    """
    half = 0.5 * 10.0**-decimals

    def forward(x: ArrayLike) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.maximum(np.asarray(x, float) - already + half, 0.0)), float)

    def back(z: ArrayLike) -> Floats:
        return np.asarray(already + np.maximum(np.exp(np.asarray(z, float)) - half, 0.0), float)

    def edge(operator: str, bound: float) -> float:
        return float(forward(_between(operator, bound, 2 * half)))

    return Scale(forward, back, edge, lambda x: 2 * half / max(x - already + half, half))


def rate_scale(whole: float, *, counted: bool) -> Scale:
    """Return the logit ``log((N + ½) ÷ (D − N + ½))`` of a rate [%], N of D being cases.

    Parameters
    ----------
    whole : cases D that the rate is of [count]; of a rate without cases, its resolution (1000 for one decimal)
    counted : whether there are whole cases only, so that a target's edge lies half a case before it
    """

    def cases(x: ArrayLike) -> Floats:
        return np.asarray(x, float) * whole / 100

    def forward(x: ArrayLike) -> Floats:
        return logit(np.clip(cases(x), 0.0, whole), whole)

    def back(z: ArrayLike) -> Floats:
        n = (whole + 1) / (1 + np.exp(-np.asarray(z, float))) - 0.5
        n = np.round(n) if counted else n
        return np.asarray(100 * np.clip(n / whole, 0.0, 1.0), float)

    def edge(operator: str, bound: float) -> float:
        n = float(_between(operator, float(cases(bound)), 1.0)) if counted else float(cases(bound))
        if not counted:  # the very end of the scale is reached by what rounds to it
            n = min(max(n, 0.5), whole - 0.5) if 0 <= n <= whole else n
        if n <= -0.5 or n >= whole + 0.5:
            return -math.inf if n < 0 else math.inf
        return float(logit(n, whole))

    def grain(x: float) -> float:
        n = float(np.clip(cases(x), 0.0, whole))
        return 1 / (n + 0.5) + 1 / (whole - n + 0.5)

    return Scale(forward, back, edge, grain)


def _between(operator: str, bound: float, step: float) -> float:
    """Return the middle of the step between the last figure that misses a bound and the first that meets it."""
    place = round(bound / step, 6)
    if operator in (Operator.GE, Operator.LT):
        return (math.ceil(place) - 0.5) * step
    return (math.floor(place) + 0.5) * step


def logit(cases: ArrayLike, whole: ArrayLike) -> Floats:
    """Return ``log((N + ½) ÷ (D − N + ½))``, defined for none and for all of them [1].

    Anscombe, F. J. (1956), Biometrika 43, 461–464: the half removes most of the bias of the empirical logit.
    """
    n, d = np.asarray(cases, float), np.asarray(whole, float)
    return np.asarray(np.log((n + 0.5) / (d - n + 0.5)), float)
