"""How long cases take to be resolved: Kaplan–Meier's estimate with the open ones censored, and the log-rank test.

Survival here is the share of cases not resolved yet so many days after they were opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import chi2, norm

from laoyou.attainment import Floats, rounded


class Estimate(NamedTuple):
    """A number of days with the ends of its interval; NaN where the data do not reach [day]."""

    value: float
    low: float
    high: float


class Mean(NamedTuple):
    """A mean number of days and its standard error; NaN where the data do not tell [day]."""

    value: float
    error: float

    def margin(self, level: float) -> float:
        """Return by how much the normal interval of a confidence level [1] reaches to either side [day]."""
        return float(norm.ppf((1 + level) / 2)) * self.error


@dataclass(frozen=True)
class Curve:
    """Kaplan–Meier's estimate, on each day since the opening on which cases were resolved.

    Parameters
    ----------
    days : those days, ascending [day]
    at_risk, resolved : cases not resolved and still followed just before the day; resolved on it [count]
    survival : share not resolved by the end of the day [1]
    error : its standard error after Greenwood [1]; NaN once nothing is left
    low, high : its pointwise band [1]; NaN once nothing is left
    cases : cases followed [count]
    followed : the longest time that one was followed [day]; NaN without a case
    """

    days: Floats
    at_risk: Floats
    resolved: Floats
    survival: Floats
    error: Floats
    low: Floats
    high: Floats
    cases: int
    followed: float

    def unresolved(self, day: float) -> float:
        """Return the share not resolved by the end of a day [1]; NaN beyond what was followed."""
        if not self.reaches(day):
            return np.nan
        return float(np.r_[1.0, self.survival][np.searchsorted(self.days, day, side="right")])

    def reaches(self, day: float) -> bool:
        """Return whether the curve is known up to a day: a case was followed so long, or none is left."""
        return bool(day <= self.followed or (len(self.survival) and self.survival[-1] == 0))


def kaplan_meier(days: ArrayLike, event: ArrayLike, level: float) -> Curve:
    """Return Kaplan–Meier's estimate of the share of cases not resolved yet.

    Parameters
    ----------
    days : time until the case was resolved, or until which it was followed [day]
    event : whether it was resolved
    level : confidence level of the band [1]

    Notes
    -----
    ``S(t) = Π (1 − dᵢ/nᵢ)`` over the days ``tᵢ ≤ t``, a case followed until ``tᵢ`` being among the ``nᵢ``.
    Greenwood: ``σ² = Σ dᵢ ÷ (nᵢ·(nᵢ − dᵢ))``, standard error ``S·σ``. Band on the scale ``log(−log S)``:
    ``S^exp(±z·σ ÷ log S)``, which stays within 0 and 1 and serves from small samples on.
    Kaplan and Meier (1958), J. Am. Stat. Assoc. 53, 457–481; Borgan and Liestøl (1990), Scand. J. Stat. 17, 35–41.
    """
    time, happened = np.asarray(days, float), np.asarray(event, bool)
    followed = float(time.max()) if len(time) else np.nan
    if not happened.any():
        none = np.empty(0)
        return Curve(none, none, none, none, none, none, none, len(time), followed)

    from statsmodels.duration.survfunc import SurvfuncRight

    fit = SurvfuncRight(time, happened.astype(float))
    survival, error = np.asarray(fit.surv_prob, float), np.asarray(fit.surv_prob_se, float)
    known = np.where(survival > 0, survival, np.nan)
    spread = norm.ppf((1 + level) / 2) * (error / known) / np.log(known)
    low, high = known ** np.exp(-spread), known ** np.exp(spread)
    return Curve(
        np.asarray(fit.surv_times, float),
        np.asarray(fit.n_risk, float),
        np.asarray(fit.n_events, float),
        survival,
        np.where(survival > 0, error, np.nan),
        low,
        high,
        len(time),
        followed,
    )


def median(curve: Curve) -> Estimate:
    """Return the median time to resolution with its interval.

    Notes
    -----
    The first day by which at least half is resolved. The interval holds the days at which a half lies within the
    curve's band: from the first day whose lower limit is at most ½ to the first whose upper limit is below it.
    Brookmeyer and Crowley (1982), Biometrics 38, 29–41. NaN where the curve or its band does not come down so far.
    """

    def first_day(reached: np.ndarray) -> float:
        return float(curve.days[np.argmax(reached)]) if reached.any() else np.nan

    survival, low, high = rounded(curve.survival), rounded(curve.low), rounded(curve.high)
    return Estimate(first_day(survival <= 0.5), first_day(low <= 0.5), first_day(high < 0.5))


def restricted_mean(curve: Curve, horizon: float) -> Mean:
    """Return how many of the first days a case is under way on average.

    Parameters
    ----------
    curve : Kaplan–Meier's estimate
    horizon : the days looked at; a case longer under way counts so many [day]

    Returns
    -------
    The mean and its standard error [day]; NaN where no case was followed so long while some were unresolved. The
    error also is NaN where nothing varies.

    Notes
    -----
    ``μ = ∫ S(t) dt`` from 0 to the horizon, ``Var = Σ Aᵢ²·dᵢ ÷ (nᵢ·(nᵢ − dᵢ))`` with ``Aᵢ`` the integral from ``tᵢ`` on.
    Klein and Moeschberger (2003), Survival Analysis, section 4.5.
    """
    if not curve.reaches(horizon):
        return Mean(np.nan, np.nan)
    within = curve.days < horizon
    edges = np.r_[0.0, curve.days[within], horizon]
    areas = np.r_[1.0, curve.survival[within]] * np.diff(edges)
    after = np.cumsum(areas[::-1])[::-1][1:]
    n, d = curve.at_risk[within], curve.resolved[within]
    variance = float(np.sum(after**2 * d / (n * np.where(n > d, n - d, np.inf))))
    return Mean(float(areas.sum()), variance**0.5 if variance > 0 else np.nan)


def days_to_show(curve: Curve, grid: Sequence[int], below: int) -> list[int]:
    """Return on which days a small group's curve may be read without giving single cases away.

    Parameters
    ----------
    curve : of the group
    grid : the days to choose from, ascending [day]
    below : fewer cases resolved between two of the days, or after the last, are not to be told apart [count]

    Notes
    -----
    Every step of the estimate is a case or two, whose days could be read off the drawing. Between two days of those
    chosen, and after the last, none or at least ``below`` cases were resolved; a line through the estimates on
    these days leaves the estimate itself untouched there.
    """
    by = np.r_[0.0, np.cumsum(curve.resolved)][np.searchsorted(curve.days, np.asarray(grid), side="right")]
    chosen: list[int] = []
    before, total = 0.0, float(curve.resolved.sum())
    for day, count in zip(grid, by.tolist(), strict=True):
        if count - before >= below and (count == total or total - count >= below) and curve.reaches(day):
            chosen.append(day)
            before = count
    return chosen


@dataclass(frozen=True)
class LogRank:
    """The log-rank test.

    Parameters
    ----------
    groups : by group ``cases``, ``resolved`` and how many would be, ``expected``, if all groups were alike [count]
    chi2, df, p : the statistic, its degrees of freedom, the probability of one as large by chance [1]; NaN, 0, NaN
        where nothing can be compared
    """

    groups: pd.DataFrame
    chi2: float
    df: int
    p: float


def log_rank(days: ArrayLike, event: ArrayLike, group: ArrayLike) -> LogRank:
    """Test whether groups take equally long.

    Parameters
    ----------
    days, event : as for ``kaplan_meier``
    group : the word of each case's group

    Notes
    -----
    On each day ``j`` the ``dⱼ`` resolved fall to groups as drawn from those at risk: ``Eg = Σ dⱼ·n(gj)/nⱼ``,
    ``V(gh) = Σ dⱼ·(nⱼ − dⱼ)/(nⱼ − 1) · n(gj)/nⱼ · (δ(gh) − n(hj)/nⱼ)``; ``χ² = (O − E)ᵀ V⁻ (O − E)`` with as many degrees of
    freedom as V has rank, one fewer than groups at risk together. Good where the expected counts are not
    very small, say 5; blind to curves that cross. Mantel (1966), Cancer Chemother. Rep. 50, 163–170; Peto and Peto
    (1972), J. R. Stat. Soc. A 135, 185–207.
    """
    time, happened = np.asarray(days, float), np.asarray(event, bool)
    words, member = np.unique(np.asarray(group, dtype=str), return_inverse=True)
    belongs = member[:, None] == np.arange(len(words))
    times = np.unique(time[happened])
    at_risk = (time >= times[:, None]).astype(float) @ belongs
    n, d = at_risk.sum(axis=1), (times[:, None] == time[happened]).sum(axis=1).astype(float)
    share = at_risk / n[:, None]
    expected = d @ share
    factor = d * (n - d) / np.where(n > 1, n - 1, 1)
    variance = np.diag(factor @ share) - share.T @ (factor[:, None] * share)
    resolved = happened.astype(float) @ belongs
    df = int(np.linalg.matrix_rank(variance, hermitian=True)) if len(words) else 0
    table = pd.DataFrame(
        {"cases": belongs.sum(axis=0), "resolved": resolved.astype(int), "expected": expected},
        index=pd.Index(words.astype(object), name="group"),
    )
    if df == 0:
        return LogRank(table, np.nan, 0, np.nan)
    away = resolved - expected
    statistic = float(away @ np.linalg.pinv(variance, hermitian=True) @ away)
    return LogRank(table, statistic, df, float(chi2.sf(statistic, df)))
