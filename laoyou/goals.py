"""What the plan asks of each indicator in a year, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from laoyou.attainment import Flags, Floats, Words, first_case, rounded
from laoyou.plan import Indicator, Plan
from laoyou.rules import Rules
from laoyou.targets import Operator, Target


@dataclass(frozen=True)
class Goals:
    """The year's targets as arrays over the indicators; NaN where a cell holds no usable number.

    ``counted_since`` is the year in which a cumulative count began at 0. ``shares`` (indicator × 4) are due by each quarter's
    end after the plan or the rules; ``share`` is due now and, once ``seasonal`` has added the rows' own years, differs by
    region, as do ``profile_weight``, the weight of those years [1], and ``profile_years``, their number.
    """

    closed: bool
    text: Words
    operator: Words
    target: Floats
    previous_target: Floats
    baseline: Floats
    baseline_suspect: Flags
    unit_differs: Flags
    direction: Floats
    share: Floats
    shares: Floats
    profile_weight: Floats
    profile_years: Floats
    kind: Words
    yearly: Flags
    own_profile: Flags
    counted_since: Floats

    @property
    def numeric(self) -> Flags:
        """Where the year's target is a number in the row's unit."""
        return ~np.isnan(self.target)

    @property
    def strict(self) -> Flags:
        """Where the target itself does not count as reached."""
        return np.isin(self.operator, [Operator.GT, Operator.LT])

    @cached_property
    def rule(self) -> Words:
        """Which comparison gives a row its light.

        ``schedule`` (a count against its share of the year), ``path`` (a level between two years' targets),
        ``path_unknown`` (such a level whose last target is no usable number, before the year's end),
        ``level`` （a target that stands still or is 左右） or ``rate``.
        """
        cumulative, level = self.kind == "cumulative_count", np.isin(self.kind, ["stock", "stock_ratio"])
        moves = rounded(self.target) != rounded(self.previous_target)
        moving = moves & (cumulative | (level & (self.operator != Operator.ABOUT)))
        unknown = moving & np.isnan(self.previous_target)
        return first_case(
            [
                (self.kind == "annual_count", "schedule"),
                (unknown & (not self.closed), "path_unknown"),
                (moving & ~unknown, "path"),
                (level | cumulative, "level"),
            ],
            "rate",
        )

    @property
    def profile(self) -> Words:
        """Whose profile the share due now is from: ``plan``, ``own`` or ``even``."""
        return first_case([(self.own_profile, "plan"), (self.profile_weight > 0, "own")], "even")

    def columns(self) -> dict[str, Words | Floats]:
        """Return the columns of the assessment that repeat the targets."""
        return {
            "target_text": self.text,
            "operator": self.operator,
            "target": self.target,
            "previous_target": self.previous_target,
            "baseline": self.baseline,
            "rule": self.rule,
        }


def read_goals(plan: Plan, now: pd.Period, rules: Rules) -> Goals:
    """Return what the plan asks of each indicator in the year of a quarter.

    Parameters
    ----------
    plan, rules : the plan and the rules in force
    now : the quarter
    """
    rows = list(plan.indicators.values())
    cells = [i.targets[now.year] for i in rows]
    before = [i.baseline.target if now.year == plan.first_year else i.targets[now.year - 1] for i in rows]

    def number(indicator: Indicator, cell: Target) -> float:
        another_unit = cell.full_coverage and indicator.unit != "%"
        return np.nan if cell.suspect or another_unit or cell.value is None else cell.value

    shares = np.array([i.profile.shares if i.profile else rules.expected_shares for i in rows], float)
    return Goals(
        closed=now.quarter == 4,
        text=np.array([c.text for c in cells], object),
        operator=np.array([c.operator for c in cells], object),
        target=np.array([i.numeric_target(now.year) for i in rows]),
        previous_target=np.array([number(i, c) for i, c in zip(rows, before, strict=True)]),
        baseline=np.array([number(i, i.baseline.target) for i in rows]),
        baseline_suspect=np.array([i.baseline.suspect for i in rows]),
        unit_differs=np.array([not i.same_unit(now.year) for i in rows]),
        direction=np.array([float(i.direction) for i in rows]),
        share=shares[:, now.quarter - 1],
        shares=shares,
        profile_weight=np.zeros(len(rows)),
        profile_years=np.zeros(len(rows)),
        kind=np.array([i.kind for i in rows], object),
        own_profile=np.array([i.profile is not None for i in rows]),
        yearly=np.array([i.frequency == "year" for i in rows]),
        counted_since=np.array([i.cumulative_since or np.nan for i in rows]),
    )
