"""Measure the outlook on real series: coverage, Brier score and CRPS, beside a plain random walk and AutoETS.

Run by ``make bench-outlook``, which writes laoyou/outlooks/measured.json and README.md's tables and fails where a stated limit is not
kept.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import yaml
from measured_tables import broken, figures_of, table, write
from numpy.typing import NDArray
from scipy.special import ndtri
from series import counts, levels, rates
from statsforecast.models import AutoETS

from laoyou.outlooks.backtest import brier, covered, normal_crps, quantile_crps, random_walk
from laoyou.outlooks.forecasts import Forecast
from laoyou.outlooks.histories import History, forecast
from laoyou.outlooks.predictive import Mixture, mixture_crps
from laoyou.outlooks.scales import Scale, level_scale
from laoyou.rules import Outlook, load_rules
from laoyou.seasonal import own_profile

Floats = NDArray[np.float64]

HERE = Path(__file__).resolve().parent
LENGTHS = (8, 12, 20)  # points known, or quarters of complete years
HORIZONS = (1, 2, 4)
FEW = (4, 5, 6, 7)
COVERAGE = (0.75, 0.85)  # what a nominal 80 % interval must cover
WORSE_BY = 0.005  # how much worse than the random walk's the Brier score may be
MOST_STARTS = 60  # windows of one series and length: nearly every one, save of the longest series
MOST_OF_FEW = 8  # the same of few points, which no limit is stated for
PATHS = 400
EVEN = np.array([0.25, 0.5, 0.75, 1.0])
METHODS = ("outlook", "random walk", "AutoETS")


class Case(NamedTuple):
    """One forecast held against what came about."""

    part: str
    n: int
    ahead: int
    series: str
    method: str
    coverage: float
    brier: float
    crps: float


def starts(length: int, window: int, most: int = MOST_STARTS) -> NDArray[np.int64]:
    """Return where the windows of a series begin, spread over it evenly."""
    last = length - window
    return (
        np.unique(np.linspace(0, last, min(most, last + 1)).astype(int)) if last >= 0 else np.array([], int)
    )


def history(kind: str, quarter: int, rules: Outlook, **given: Floats) -> History:
    """Return a history of bare figures, of as many decimals as make rounding nothing."""
    value = next(iter(given.values()))
    unknown = np.full(value.shape, np.nan)
    since = given.get("since_january", unknown)
    whole = since[: len(since) // 4 * 4].reshape(-1, 4)
    profile = own_profile(whole, EVEN, rules.seasonal_years)
    fields = {
        name: given.get(name, unknown) for name in ("value", "since_january", "numerator", "denominator")
    }
    return History(kind=kind, yearly=False, decimals=6, quarter=quarter, profile=profile, **fields)


def of_normal(mean: float, deviation: float, scale: Scale) -> Forecast:
    """Return a normal forecast on a scale."""
    return Forecast("normal", 0, Mixture.of([mean], [deviation], [np.inf]), scale)


def score(found: Forecast, scale: Scale, bounds: Floats, value: float) -> tuple[float, float, float]:
    """Return the coverage of the 80 % interval, the mean Brier score over some floors, and the CRPS on a scale."""
    low, high = found.quantiles([0.1, 0.9])
    chances = [found.chance("ge", float(bound)) for bound in bounds]
    if not isinstance(found.shape, Mixture):
        crps = quantile_crps(found, scale, value)
    elif np.isinf(found.shape.freedom).all():
        mean, deviation = float(found.shape.location[0]), float(found.shape.scale[0])
        crps = float(normal_crps(mean, deviation, scale.forward(value)))
    else:
        crps = float(mixture_crps(found.shape, scale.forward(value)))
    return float(covered(low, high, value)), float(brier(chances, value >= bounds).mean()), crps


def normal_of(model: AutoETS, ahead: int) -> list[tuple[float, float]]:
    """Return AutoETS's mean and standard deviation at each step."""
    told = model.predict(h=ahead, level=[80])
    width = (told["hi-80"] - told["lo-80"]) / 2 / ndtri(0.9)
    return [(float(m), max(float(w), 1e-9)) for m, w in zip(told["mean"], width, strict=True)]


def of_levels(rules: Outlook) -> Iterator[Case]:
    """Yield levels: n points known, 1, 2 and 4 steps ahead.

    The floors asked for lie −1, 0, 1 and 2 times 0.7 of what the walk moves at the horizon from the last point.
    """
    for name, series in levels().items():
        for n in (*FEW, *LENGTHS):
            for start in starts(len(series), n + max(HORIZONS), MOST_OF_FEW if n in FEW else MOST_STARTS):
                known = series[start : start + n]
                if np.ptp(known) == 0:
                    continue
                z = np.log(known)
                scale = level_scale(6)
                ets = AutoETS(season_length=1, model="AZN").fit(z) if n in LENGTHS else None
                normal = normal_of(ets, max(HORIZONS)) if ets else []
                for ahead in HORIZONS:
                    value = float(series[start + n + ahead - 1])
                    last, deviation = random_walk(z, ahead)
                    bounds = np.exp(last + 0.7 * deviation * np.array([-1.0, 0.0, 1.0, 2.0]))
                    walk = of_normal(last, deviation, scale)
                    found = {
                        "outlook": forecast(history("stock", 4, rules, value=known), ahead, rules),
                        "random walk": walk,
                    }
                    if n in FEW:
                        lower = rules.model_copy(update={"drift_from": 4})
                        found["with drift"] = forecast(history("stock", 4, rules, value=known), ahead, lower)
                    if ets:
                        found["AutoETS"] = of_normal(*normal[ahead - 1], scale)
                    for method, each in found.items():
                        assert each is not None
                        yield Case("levels", n, ahead, name, method, *score(each, scale, bounds, value))


def of_counts(rules: Outlook) -> Iterator[Case]:
    """Yield counts: n quarters of complete years and 1 to 3 of this one known, the year's total asked for.

    The floors lie where the rest of the year would be 0.9, 0.97, 1.03 and 1.1 times last year's.
    """
    for name, flow in counts().items():
        since = flow.cumsum(axis=1)
        for n in LENGTHS:
            years = n // 4
            for start in starts(len(flow), years + 1):
                whole, this = flow[start : start + years], flow[start + years]
                for quarter in (1, 2, 3):
                    known = np.append(since[start : start + years], since[start + years, :quarter])
                    so_far, total = float(this[:quarter].sum()), float(this.sum())
                    rests = whole[:, quarter:].sum(axis=1)
                    scale = level_scale(0, so_far)
                    bounds = np.ceil(so_far + rests[-1] * np.array([0.9, 0.97, 1.03, 1.1]))
                    past = history("annual_count", quarter, rules, since_january=known, value=known)
                    ours = forecast(past, 4 - quarter, rules)
                    mean, deviation = random_walk(np.log(rests + 0.5), 1)
                    points = np.log(np.append(whole.ravel(), this[:quarter]) + 0.5)
                    model = AutoETS(season_length=4, model="AZZ").fit(points)
                    paths = np.exp(np.asarray(model.simulate(h=4 - quarter, n_paths=PATHS, seed=1))) - 0.5
                    ets = drawn(so_far + np.maximum(paths, 0.0).sum(axis=1), scale)
                    found = {
                        "outlook": ours,
                        "random walk": of_normal(mean, max(deviation, 1e-3), scale),
                        "AutoETS": ets,
                    }
                    for method, each in found.items():
                        assert each is not None
                        yield Case("counts", n, 4 - quarter, name, method, *score(each, scale, bounds, total))


class Drawn(NamedTuple):
    """A forecast given by draws, with the methods of ``Forecast`` that a score asks for."""

    draws: Floats
    scale: Scale
    shape: None = None

    def quantiles(self, shares: list[float]) -> Floats:
        """Return quantiles of the draws."""
        return np.quantile(self.draws, shares)

    def chance(self, operator: str, bound: float) -> float:
        """Return the share of draws at or above a bound."""
        assert operator == "ge"
        return float((self.draws >= bound).mean())


def drawn(draws: Floats, scale: Scale) -> Drawn:
    """Return the forecast that some draws make."""
    return Drawn(np.sort(draws), scale)


def of_rates(rules: Outlook) -> Iterator[Case]:
    """Yield rates since January: complete years and 1 to 3 quarters known, the year's end asked for.

    The floors lie −1, −⅓, ⅓ and 1 times half of what the ends of years move from the last of them.
    """
    for name, (numerator, denominator) in rates().items():
        for n in LENGTHS:
            years = n // 4
            for start in starts(len(numerator), years + 1):
                ends = np.log((numerator + 0.5) / (denominator - numerator + 0.5))[start : start + years, 3]
                for quarter in (1, 2, 3):
                    upto = 4 * years + quarter
                    top, whole = (x[start:].ravel()[:upto] for x in (numerator, denominator))
                    past = history(
                        "case_rate",
                        quarter,
                        rules,
                        value=100 * top / whole,
                        numerator=np.round(top),
                        denominator=np.round(whole),
                    )
                    ours = forecast(past, 4 - quarter, rules)
                    assert ours is not None
                    value = float(100 * numerator[start + years, 3] / denominator[start + years, 3])
                    last, deviation = random_walk(ends, 1)
                    floors = last + 0.5 * deviation * np.array([-1.0, -1 / 3, 1 / 3, 1.0])
                    bounds = 100 / (1 + np.exp(-floors))
                    model = AutoETS(season_length=4, model="AZZ").fit(
                        np.log((top + 0.5) / (whole - top + 0.5))
                    )
                    normal = normal_of(model, 4 - quarter)[-1]
                    found = {
                        "outlook": ours,
                        "random walk": of_normal(last, deviation, ours.scale),
                        "AutoETS": of_normal(*normal, ours.scale),
                    }
                    for method, each in found.items():
                        yield Case(
                            "rates", n, 4 - quarter, name, method, *score(each, ours.scale, bounds, value)
                        )


def main() -> int:
    """Measure, print, and write the figures and README.md's tables if asked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="write measured.json and README.md's tables")
    arguments.add_argument("--part", choices=("levels", "counts", "rates"), help="measure this part alone")
    arguments.add_argument(
        "--rule", action="append", default=[], metavar="NAME=NUMBER", help="try another rule"
    )
    asked = arguments.parse_args()
    if asked.write and (asked.part or asked.rule):
        arguments.error("--write goes with the whole measurement under the rules in force")
    changed = {name: yaml.safe_load(number) for name, number in (rule.split("=") for rule in asked.rule)}
    rules = load_rules(HERE.parent / "params" / "rules.yml").outlook
    rules = type(rules).model_validate(rules.model_dump() | changed)
    warnings.simplefilter("ignore")
    parts = {"levels": of_levels, "counts": of_counts, "rates": of_rates}
    parts = {name: part for name, part in parts.items() if asked.part in (None, name)}
    cases = pd.concat([pd.DataFrame(part(rules)) for part in parts.values()], ignore_index=True)
    few = cases[cases["n"].isin(FEW)]
    cases = cases[cases["n"].isin(LENGTHS)]
    found = [figures_of(part, own, METHODS) for part, own in cases.groupby("part", sort=False)]
    found += [figures_of("few", few, ("outlook", "with drift", "random walk"))] if len(few) else []
    content = {
        "rules": rules.model_dump(),
        "limits": {"coverage": list(COVERAGE), "worse_by": WORSE_BY},
        "cells": [cell for cells in found for cell in cells],
    }
    for cells in found:
        print(f"{cells[0]['part']}\n{table(cells)}\n")
    if asked.write:
        write(content)
    said = broken(content)
    print("\n".join(said) or "Every stated limit is kept.")
    return bool(said)


if __name__ == "__main__":
    sys.exit(main())
