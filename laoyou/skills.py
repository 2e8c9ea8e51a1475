"""What the plan's targets for skilled workers ask for as employment falls, stands or rises, and whether rows agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, isnan, nan

import pandas as pd

from laoyou.attainment import rounded
from laoyou.plan import Indicator, Plan
from laoyou.rules import Skills

NEEDS = ("scenario", "indicator", "growth", "base", "target", "level", "now", "more")


@dataclass(frozen=True)
class Chain:
    """The four rows that hang together: a share of the employed, and within it a share of the skilled.

    Parameters
    ----------
    skilled, highly : the two stocks [persons]
    share : the skilled as a share of the ``employed`` [%], a series that is no row
    inner : the highly skilled as a share of the skilled [%]
    """

    skilled: Indicator
    highly: Indicator
    share: Indicator
    inner: Indicator
    employed: str


def chain_of(plan: Plan) -> Chain | None:
    """Return the plan's rows of skilled workers, found by what their ratios are made of; None if it has none."""
    rows = plan.indicators
    made = [(row, row.ratio) for row in rows.values() if row.ratio and row.ratio.numerator in rows]
    for share, of in made:
        for inner, within in made:
            if of.denominator not in rows and within.denominator == of.numerator:
                return Chain(
                    rows[of.numerator], rows[within.numerator], share, inner, of.denominator
                )  # fmt: skip
    return None


def implied_employed(plan: Plan, chain: Chain) -> dict[int, float]:
    """Return how many employed the plan's own rows imply by year: skilled ÷ their share [persons]."""
    implied = {
        year: 100 * chain.skilled.numeric_target(year) / (chain.share.numeric_target(year) or nan)
        for year in plan.years
    }
    return {year: number for year, number in implied.items() if not isnan(number)}


def implied_growth(plan: Plan, chain: Chain) -> float:
    """Return how the employed that the plan implies grow a year, from first to last [1]; NaN from a single year."""
    implied = implied_employed(plan, chain)
    if len(implied) < 2:
        return nan
    first, last = min(implied), max(implied)
    return float((implied[last] / implied[first]) ** (1 / (last - first)) - 1)


def growths(plan: Plan, chain: Chain, rules: Skills) -> dict[str, float]:
    """Return how employment grows in each scenario [1 per year]; none falls where the plan implies no fall."""
    falling = implied_growth(plan, chain) if rules.falling == "plan" else rules.falling
    return {**({"falling": falling} if falling < 0 else {}), "flat": 0.0, "rising": rules.rising}


def needs(
    plan: Plan,
    chain: Chain,
    rules: Skills,
    quarter: pd.Period,
    figures: Mapping[str, float],
    year: int | None = None,
) -> pd.DataFrame:
    """Return how many more workers each target of a year asks for in each scenario of employment.

    Parameters
    ----------
    plan, chain, rules : the targets, the rows concerned, and the scenarios
    quarter : whose figures are known
    year : whose targets, this year or a later one of the plan; the plan's last if not given
    figures : skilled, highly skilled and employed persons at its end, by id; NaN or absent where not known [persons]

    Returns
    -------
    One row a scenario and indicator: ``scenario``; ``indicator``; ``growth`` of the employed [1 per year]; ``base``, the
    employed or the skilled that a share is of at the end of the year [persons], NaN for a stock;
    ``target`` [the row's unit]; ``level`` that it asks for, ``now`` and ``more``, negative where there are more already
    [persons]. NaN where a figure or target is missing.

    Notes
    -----
    Employed at the end: ``E·(1 + g)^t``, t years from the quarter's end to the year's. A share asks for
    ``T·E`` skilled workers. The share of highly skilled is asked of as many skilled workers as the other two targets
    ask for, or as there are now, if that is more; so one number of skilled workers meets all.
    """
    year = plan.last_year if year is None else year
    years = year - quarter.year + (4 - quarter.quarter) / 4
    employed, skilled, highly = (
        figures.get(id, nan) for id in (chain.employed, chain.skilled.id, chain.highly.id)
    )
    rows = []
    for scenario, growth in growths(plan, chain, rules).items():
        base = employed * (1 + growth) ** years
        stock, own = (chain.skilled, chain.highly)
        asked = {stock.id: stock.numeric_target(year), chain.share.id: _share(chain.share, year, base)}
        most = max([*asked.values(), skilled], key=lambda level: -1 if isnan(level) else level)
        whole = most if not any(isnan(level) for level in asked.values()) else nan
        asked |= {own.id: own.numeric_target(year), chain.inner.id: _share(chain.inner, year, whole)}
        bases = {chain.share.id: base, chain.inner.id: whole}
        for id, level in asked.items():
            now = skilled if id in (stock.id, chain.share.id) else highly
            target = plan.indicators[id].numeric_target(year)
            rows.append((scenario, id, growth, bases.get(id, nan), target, level, now, level - now))
    return pd.DataFrame(rows, columns=list(NEEDS))


def _share(row: Indicator, year: int, base: float) -> float:
    """Return how many make up the year's target share of a number [persons], no part of a person left over."""
    level = row.numeric_target(year) / 100 * base
    return nan if isnan(level) else float(ceil(float(rounded(level))))


def consistency(
    plan: Plan, chain: Chain, quarter: pd.Period, figures: Mapping[str, float], tolerance: float
) -> pd.DataFrame:
    """Hold the two shares against the stocks they are made of: in the quarter's figures, and in the plan's targets.

    Parameters
    ----------
    plan, chain : the targets and the rows concerned
    quarter : the quarter; the plan's targets are those of its year
    figures : by id, the stocks and the employed [persons] and the shares [%]; NaN or absent where not known
    tolerance : how far a share may stand from its parts [percentage points]

    Returns
    -------
    By indicator of a share: ``reported`` [%]; ``computed`` from its parts [%]; ``difference`` [percentage points]; ``agrees``,
    None where it cannot be told; ``implied``, what it is a share of by the stock and the share [persons]; and of the
    plan ``target`` [%], ``target_computed`` [%] and ``target_implied`` [persons], NaN where it has no such row.
    """
    rows = {}
    for row, top, bottom in (
        (chain.share, chain.skilled, chain.employed),
        (chain.inner, chain.highly, chain.skilled.id),
    ):
        reported, above = figures.get(row.id, nan), figures.get(top.id, nan)
        computed = 100 * above / (figures.get(bottom, nan) or nan)
        target, planned = row.numeric_target(quarter.year), top.numeric_target(quarter.year)
        under = plan.indicators.get(bottom)
        difference = float(rounded(reported - computed))
        rows[row.id] = {
            "reported": reported,
            "computed": computed,
            "difference": difference,
            "agrees": None if isnan(difference) else abs(difference) <= tolerance,
            "implied": 100 * above / (reported or nan),
            "target": target,
            "target_computed": 100 * planned / (under.numeric_target(quarter.year) or nan) if under else nan,
            "target_implied": 100 * planned / (target or nan),
        }
    return pd.DataFrame.from_dict(rows, orient="index")
