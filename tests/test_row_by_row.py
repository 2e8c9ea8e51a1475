"""The vectorised verdicts against the same rules written row by row: two hands, one method."""

import importlib.util
import math

import numpy as np
import pandas as pd
import pytest
from workspaces import ROOT

import laoyou as ly
from laoyou.plan import Plan
from laoyou.rules import Rules


def loaded(name: str):
    import sys

    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where a dataclass looks for its own
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def by_row():
    return loaded("row_by_row")


def agree(
    plan: Plan, rules: Rules, observations: pd.DataFrame, quarter: str, regions: list[str], by_row
) -> int:
    """Check that both ways give the same, and return how many verdicts there were."""
    year, number = int(quarter[:4]), int(quarter[-1])
    ours = ly.assess(plan, observations, quarter, regions=regions, rules=rules)
    theirs = by_row.judge_all(plan, observations, year, number, regions, rules)
    for row, other in zip(ours.to_dict("records"), theirs, strict=True):
        for name, expected in other.items():
            got = row[name]
            same = got == expected or (
                isinstance(expected, float)
                and ((math.isnan(got) and math.isnan(expected)) or math.isclose(got, expected, abs_tol=1e-9))
            )
            assert same, (quarter, row["region"], row["indicator"], name, got, expected)
    return len(theirs)


@pytest.mark.parametrize("quarter", [f"{y}Q{q}" for y in range(2023, 2028) for q in range(1, 5)])
def test_the_shipped_figures_are_judged_the_same(
    plan: Plan, rules: Rules, shipped: pd.DataFrame, quarter: str, by_row
) -> None:
    regions = sorted(set(shipped["region"]))
    assert agree(plan, rules, shipped, quarter, regions, by_row) == 17 * len(regions)


@pytest.mark.parametrize("seed", range(4))
def test_figures_at_random_with_gaps_and_breaks_are_judged_the_same(
    plan: Plan, rules: Rules, seed: int, by_row
) -> None:
    panel = loaded("scale").panel(plan, regions=12, seed=seed)
    chance = np.random.default_rng(seed)
    gone = chance.random(len(panel)) < 0.15
    panel.loc[gone, ["value", "numerator", "denominator"]] = np.nan
    panel["series_break"] = panel["series_break"].mask(chance.random(len(panel)) < 0.01, "口径调整")
    lost = chance.random(len(panel)) < 0.05
    panel = panel[~lost].reset_index(drop=True)
    regions = sorted(set(panel["region"]))
    for quarter in ("2023Q1", "2024Q2", "2025Q4", "2026Q3", "2027Q4"):
        assert agree(plan, rules, panel, quarter, regions, by_row) == 12 * 17
