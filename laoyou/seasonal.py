"""How a count's year is spread over its quarters: the row's own profile, shrunk towards the plan's or an even one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from laoyou.comparable import this_year_only
from laoyou.goals import Goals
from laoyou.momentum import before_break_removed
from laoyou.panel import Panel
from laoyou.plan import COUNTS
from laoyou.rules import Outlook

Floats = NDArray[np.float64]

_FREE = 3  # quarterly shares that may differ: the fourth is what is left of the year


@dataclass(frozen=True)
class Profile:
    """Shares of the year due by each quarter's end, and how far they are a row's own.

    Parameters
    ----------
    shares : (… × 4) [1]
    weight : of the row's own years in them, 0 to 1 [1]
    years : complete years that they were taken from [count]
    """

    shares: Floats
    weight: Floats
    years: Floats


def complete_years(counts: ArrayLike) -> Floats:
    """Return the years that can be a profile: four figures, never falling, and something counted; else NaN.

    Parameters
    ----------
    counts : since January (… × year × 4) [count]
    """
    since_january = np.asarray(counts, float)
    with np.errstate(invalid="ignore"):
        whole = (np.diff(since_january, axis=-1, prepend=0.0) >= 0).all(axis=-1) & (
            since_january[..., -1] > 0
        )
    return np.where(whole[..., None], since_january, np.nan)


def own_profile(counts: ArrayLike, base: ArrayLike, at_least: int) -> Profile:
    """Return a row's own shares of the year, shrunk towards a profile that is nobody's.

    Parameters
    ----------
    counts : since January (… × year × 4), NaN where unknown [count]
    base : shares due by each quarter's end where nothing is known of the row (… × 4) [1]
    at_least : complete years from which the row's own shares count [years]

    Returns
    -------
    ``base + W·(own − base)``, own being the mean of the complete years' shares; W is 0 with too few of them.

    Notes
    -----
    ``W = max(0, 1 − φ ÷ F)``: F is the chi-square of the quarters' totals against the base per degree of freedom, φ (at
    least 1, as for Poisson counts) that of each year's quarters against the row's own shares. Shares that stay from year
    to year and differ from the base are believed, those that come and go are not. The positive-part rule of Efron and
    Morris (1973), J. Am. Stat. Assoc. 68, 117–130.
    """
    years, even = complete_years(counts), np.asarray(base, float)
    whole = ~np.isnan(years[..., -1])
    number = whole.sum(axis=-1)
    known = np.where(whole[..., None], years, 0.0)
    totals = known[..., -1]
    divisor = np.where(totals > 0, totals, 1.0)[..., None]
    own = (known / divisor).sum(axis=-2) / np.maximum(number, 1)[..., None]
    quarterly, by_quarter = np.diff(known, axis=-1, prepend=0.0), np.diff(own, axis=-1, prepend=0.0)
    from_own = _chi_square(quarterly, totals[..., None] * by_quarter[..., None, :]).sum(axis=(-2, -1))
    phi = np.maximum(from_own / np.maximum(_FREE * (number - 1), 1), 1.0)
    due = np.diff(even, axis=-1, prepend=0.0) * totals.sum(axis=-1)[..., None]
    from_base = _chi_square(quarterly.sum(axis=-2), due).sum(axis=-1) / _FREE
    weight = np.maximum(1 - phi / np.where(from_base > 0, from_base, 1.0), 0.0)
    weight = np.where((number >= at_least) & (from_base > 0), weight, 0.0)
    return Profile(even + weight[..., None] * (own - even), weight, number.astype(float))


def _chi_square(found: Floats, due: Floats) -> Floats:
    """Return ``(found − due)² ÷ due``, a cell in which nothing is due counting as half a case."""
    return (found - due) ** 2 / np.maximum(due, 0.5)


def dispersion(counts: ArrayLike, profile: Profile) -> Floats:
    """Return how far complete years stray from a profile: variance ÷ what a Poisson count would have, at least 1 [1].

    Parameters
    ----------
    counts : since January (… × year × 4), NaN where unknown [count]
    profile : the shares due; those that its weight says are the row's own were fitted to these years

    Returns
    -------
    NaN without a complete year.

    Notes
    -----
    ``φ = Σ (x − T·w)² ÷ (T·w·(1 − w)) ÷ 3(Y − W)`` over the first three quarters of Y years with totals T: counts since
    January, not single quarters, because a year that begins slowly often stays slow.
    """
    years = complete_years(counts)
    totals, shares = years[..., -1:], profile.shares[..., None, :]
    scatter = (years - totals * shares) ** 2 / np.maximum(totals * shares * (1 - shares), 0.5)
    number = profile.years - profile.weight
    stray = np.nansum(scatter[..., :_FREE], axis=(-2, -1)) / (_FREE * np.where(number > 0, number, 1.0))
    return np.where(number > 0, np.maximum(stray, 1.0), np.nan)


def years_before(panel: Panel, goals: Goals, year: int) -> Floats:
    """Return counts since January of the years before one, as far as they are comparable with it.

    Parameters
    ----------
    panel, goals : figures and targets
    year : a later break than this year's is not yet known

    Returns
    -------
    Region × indicator × year × 4, NaN where unknown, before a break, or where the row is no count.
    """
    upto = panel.quarters.year.to_numpy() <= year
    comparable = before_break_removed(this_year_only(panel, goals)[..., upto], panel.breaks[..., upto])
    whole = int((panel.quarters.year.to_numpy() < year).sum()) // 4
    earlier = comparable[..., : 4 * whole].reshape(*comparable.shape[:2], whole, 4)
    counted = np.isin(goals.kind, list(COUNTS)) & ~goals.yearly
    return np.where(counted[:, None, None], earlier, np.nan)


def profiles(panel: Panel, goals: Goals, rules: Outlook, year: int) -> Profile:
    """Return the profile that each row is held against in a year (region × indicator).

    Parameters
    ----------
    panel, goals : figures and targets
    rules : from how many complete years a row has a profile of its own
    year : the years before it are used, it and later ones never

    Notes
    -----
    A profile that the plan gives a row stands as it is given.
    """
    found = own_profile(years_before(panel, goals, year), goals.shares, rules.seasonal_years)
    weight = np.where(goals.own_profile, 0.0, found.weight)
    given = np.broadcast_to(goals.shares, found.shares.shape)
    return Profile(np.where((weight > 0)[..., None], found.shares, given), weight, found.years)


def with_own_profiles(goals: Goals, panel: Panel, rules: Outlook) -> Goals:
    """Return the goals with the share of the year due by now from the rows' own profiles (region × indicator).

    Parameters
    ----------
    goals, panel : targets and figures
    rules : from how many complete years a row has a profile of its own
    """
    now = panel.quarters[-1]
    profile = profiles(panel, goals, rules, int(now.year))
    return replace(
        goals,
        share=profile.shares[..., int(now.quarter) - 1],
        profile_weight=profile.weight,
        profile_years=profile.years,
    )
