"""What a count will come to: what is left of this year, and the totals of later ones."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

from laoyou.outlooks import forecasts as fc
from laoyou.outlooks import predictive as pr
from laoyou.outlooks.forecasts import ROUNDING, Forecast, Steps
from laoyou.outlooks.predictive import Mixture, Rest
from laoyou.outlooks.scales import level_scale
from laoyou.rules import Outlook
from laoyou.seasonal import Profile, complete_years, dispersion

Floats = NDArray[np.float64]

_DOUBLE = 1e-9
_LEAST_TOTAL = 0.5  # of a year of which nothing is expected, so that it has a logarithm [count]


class CountYears(NamedTuple):
    """What earlier years tell of a count: the profile, the dispersion and its inflation, the year's total expected."""

    profile: Profile
    dispersion: float
    inflation: float
    prior_total: float
    prior_years: float


def count_years(earlier: ArrayLike, profile: Profile, rules: Outlook) -> CountYears | None:
    """Return what complete years tell of a count; None where there is none.

    Parameters
    ----------
    earlier : counts since January (year × 4), NaN where unknown [count]
    profile : the shares of a year due by each quarter's end, and how far they are the row's own
    rules : the change of a year's total assumed beforehand, and degrees of freedom

    Notes
    -----
    The year's total is expected at the last complete year's, its coefficient of variation ``c² = (Σ d² + u²) ÷ (k + 1)``
    from the k logarithmic changes d between complete years and one assumed change u; its worth in years is
    ``φ ÷ (c²·total)``, since a year's count varies by ``φ ÷ total`` about its own rate. The dispersion φ is known from
    few years, so that it is multiplied by ``(t₉₀(df) ÷ z₉₀)²``, which gives an 80 % interval Student's width.
    """
    years = complete_years(earlier)
    totals = years[:, -1]
    whole = np.flatnonzero(~np.isnan(totals))
    if not len(whole):
        return None
    counts = Profile(profile.shares, profile.weight, np.array(float(len(whole))))
    phi = float(dispersion(years, counts))
    changes = np.diff(np.log(totals))
    changes = changes[~np.isnan(changes)]
    squared = ((changes**2).sum() + rules.usual_change**2) / (len(changes) + 1)
    squared *= len(totals) - whole[-1]  # years since the last complete one
    prior_total = float(totals[whole[-1]])
    freedom = min(rules.freedom_per_year * (len(whole) - float(profile.weight)), float(rules.most_freedom))
    upper = (1 + rules.coverage) / 2
    inflation = float((stdtrit(freedom, upper) / ndtri(upper)) ** 2)
    return CountYears(counts, phi, inflation, prior_total, phi / (float(squared) * prior_total))


def count_to_come(so_far: float, quarter: int, then: int, years: CountYears) -> Rest:
    """Return what a count still gains between the ends of two quarters of its year.

    Parameters
    ----------
    so_far : since January [count]
    quarter, then : the quarter that it stands in, and a later one
    years : what earlier years tell

    Notes
    -----
    The profile is itself the mean of Y years, weighted W: the spread grows by ``1 + W ÷ Y``.
    """
    shares, weight, number = years.profile.shares, float(years.profile.weight), float(years.profile.years)
    rest = pr.rest_of_count(
        max(so_far, 0.0),
        float(shares[quarter - 1]),
        float(shares[then - 1] - shares[quarter - 1]),
        prior_total=years.prior_total,
        prior_years=years.prior_years,
        dispersion=years.dispersion,
    )
    return Rest(rest.mean, max(rest.spread * years.inflation * (1 + weight / number), 1 + _DOUBLE))


def this_year(
    counts: Floats, value: float, now: int, then: int, *, profile: Profile, rules: Outlook
) -> Forecast | None:
    """Return the predictive distribution of a count later this year; None without a complete year before it.

    Parameters
    ----------
    counts : since January (year × 4), this year last, NaN where unknown or not yet come [count]
    value : the row's figure now, which for a cumulative count is more than its own year's [count]
    now, then : the quarter that it stands in, and a later one
    profile, rules : the shares of a year due by each quarter's end, and the rules of outlooks
    """
    told, so_far = count_years(counts[:-1], profile, rules), float(counts[-1, now - 1])
    if told is None or math.isnan(so_far):
        return None
    points = int((~np.isnan(counts)).sum())
    return Forecast("gamma_poisson", points, count_to_come(so_far, now, then, told), level_scale(0), value)


def later_year(
    counts: Floats,
    value: float,
    now: int,
    then: int,
    *,
    years: int,
    kind: str,
    profile: Profile,
    rules: Outlook,
) -> Forecast | None:
    """Return the predictive distribution of a count in a later year; None with too few complete years.

    Parameters
    ----------
    counts, value, now, profile, rules : as for ``this_year``
    years, then : how many years later, and which quarter of that year
    kind : ``annual_count`` begins anew each January, ``cumulative_count`` goes on

    Notes
    -----
    Year totals walk from this year's: ``T·e^W``. An annual count is ``w·T·e^{Wₐ}``; a cumulative one gains
    ``R + T·(e^{W₁} + … + w·e^{Wₐ})``, R being the rest of this year, with the mean and variance of the delta method, the
    mean of the years ahead having the horizon ``mean_ahead``. Both on the logarithmic scale.
    """
    told, so_far = count_years(counts[:-1], profile, rules), float(counts[-1, now - 1])
    if math.isnan(so_far) or (told is None and now < 4):
        return None
    rest = count_to_come(so_far, now, 4, told) if told is not None and now < 4 else Rest(0.0, 2.0)
    steps = _total_steps(counts if now == 4 else counts[:-1], so_far + rest.mean, rules)
    if not fc.enough(steps, rules):
        return None
    cumulative = kind == "cumulative_count"
    share = float(profile.shares[then - 1])
    total = max(so_far + rest.mean, _LEAST_TOTAL)
    span = (years - 1 if cumulative else 0) + share  # years of counting ahead
    drift, walked = fc.ways(steps, fc.mean_ahead(years) if cumulative else fc.steps_ahead(years), rules)
    gain = (rest.mean if cumulative else 0.0) + total * span * np.exp(drift)
    of_rest = _variance(rest) * (span + cumulative) ** 2
    of_share = (told.dispersion if told else 1.0) * total * share * (1 - share)
    relative = (of_rest + of_share + (total * span) ** 2 * walked) / np.maximum(gain, _LEAST_TOTAL) ** 2
    scale = level_scale(0, value if cumulative else 0.0)
    mixture = Mixture.of(level_scale(0).forward(gain), np.sqrt(np.log1p(relative)), fc.freedom(steps, rules))
    return Forecast("year_totals", steps.number + 1, mixture, scale)


def _total_steps(counts: Floats, total: float, rules: Outlook) -> Steps:
    """Return the logarithmic changes of complete years' totals."""
    totals = complete_years(counts)[:, 3]
    return fc.steps_of(np.diff(np.log(totals)), rules.window, ROUNDING / max(total, 1.0))


def _variance(rest: Rest) -> float:
    return float(rest.mean / rest.success) if rest.mean > 0 else 0.0
