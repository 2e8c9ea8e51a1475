"""Whether townships differ by more than chance: funnel limits around the district's rate, and no ranking."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import binom

from laoyou.attainment import Floats, first_case, rounded

CODES = ("within", "low", "high", "very_low", "very_high", "suppressed", "no_case")


def funnel_limits(denominator: ArrayLike, centre: float, level: float) -> tuple[Floats, Floats]:
    """Return between which rates chance alone keeps a part of so many cases.

    Parameters
    ----------
    denominator : cases of the part [count]
    centre : the rate that all parts are held against [1]
    level : probability of lying between the limits [1]

    Returns
    -------
    Lower and upper limit [1]; NaN without a case, or where the centre is no rate.

    Notes
    -----
    Exact, not normal, limits: with the tail ``p = (1 − level)/2``, F the binomial distribution of ``n`` cases at the
    centre and ``r`` the least count with ``F(r) ≥ p``, the lower limit is ``(r − α)/n``, ``α = (F(r) − p) ÷ (F(r) − F(r − 1))``,
    and 0 where that is negative; the interpolation makes a smooth funnel of the steps. Spiegelhalter (2005), Stat.
    Med. 24, 1185–1202, appendix A.1. The upper limit is found in the same way from the cases that are not counted.
    So a count lies below if ``P(X ≤ x) < p`` and above if ``P(X ≥ x) < p``: by chance each happens with at most
    the probability p (the first of the three ways in Manktelow and Seaton 2012, PLoS ONE 7, e45723). The formula of
    2005 put to the upper tail as it stands would call 10 of 10 at a centre of 94 % too many, which more than half
    of such parts have.
    """
    n = np.asarray(denominator, float)
    if not 0 <= centre <= 1:
        return np.full(n.shape, np.nan), np.full(n.shape, np.nan)
    tail = (1 - level) / 2
    return _lower_limit(n, centre, tail), 1 - _lower_limit(n, 1 - centre, tail)


def _lower_limit(denominator: Floats, centre: float, tail: float) -> Floats:
    known = denominator > 0
    n = np.where(known, denominator, 1.0)
    r = binom.ppf(tail, n, centre)
    share = (binom.cdf(r, n, centre) - tail) / binom.pmf(r, n, centre)
    return np.where(known, np.maximum((r - share) / n, 0.0), np.nan)


def funnel(parts: pd.DataFrame, centre: float, levels: Sequence[float]) -> pd.DataFrame:
    """Say of each part whether its rate lies within chance.

    Parameters
    ----------
    parts : ``numerator, denominator`` [count] and ``suppressed``, by region; a suppressed part has no counts
    centre : the whole's rate, the parts that are suppressed among it [1]
    levels : coverage of the inner and of the outer limits [1]

    Returns
    -------
    By region: ``numerator, denominator`` [count], NaN where suppressed; ``rate`` [1]; ``low, high`` and ``very_low, very_high``,
    the inner and the outer limits [1]; ``within_chance``, one of ``CODES``. A rate on a limit is within it.

    Notes
    -----
    Of eight parts that do not differ at all, some lie beyond the inner limits in up to a third of the comparisons,
    beyond the outer ones in up to one of sixty: the inner ask for a second look, the outer for a cause. A part is in
    the whole that it is held against, which makes the limits of the largest a little wide, never narrow. They are not
    widened for over-dispersion, on purpose: eight parts cannot tell its size, and an estimate would count
    the very differences asked about as chance. So beyond a limit means more than chance, not a fault: the mix of
    cases differs, too.
    """
    hidden = parts["suppressed"].to_numpy(bool)
    numerator, denominator = (
        np.where(hidden, np.nan, parts[name].to_numpy(float)) for name in ("numerator", "denominator")
    )
    rate = numerator / np.where(denominator > 0, denominator, np.nan)
    low, high = funnel_limits(denominator, centre, levels[0])
    very_low, very_high = funnel_limits(denominator, centre, levels[1])
    shown = rounded(rate)
    with np.errstate(invalid="ignore"):
        code = first_case(
            [
                (hidden, "suppressed"),
                (np.isnan(rate + low), "no_case"),
                (shown < rounded(very_low), "very_low"),
                (shown > rounded(very_high), "very_high"),
                (shown < rounded(low), "low"),
                (shown > rounded(high), "high"),
            ],
            "within",
        )
    return pd.DataFrame(
        {
            "numerator": numerator, "denominator": denominator, "rate": rate, "low": low, "high": high,
            "very_low": very_low, "very_high": very_high, "within_chance": code,
        },
        index=parts.index,
    )  # fmt: skip
