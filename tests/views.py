"""Views of a plan of one indicator, ``row``, for tests of what pages say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from laoyou.plan import Plan
from laoyou.view import View

Make = Callable[..., View]


def maker(shipped: View, one_row_plan: Callable[..., Plan], observe: Callable[..., pd.DataFrame]) -> Make:
    """Return a function that makes a view of one indicator from its figures by period."""

    def make(quarter: str, figures: Mapping[str, Any], kind: str, *targets: str, **more: Any) -> View:
        plan = one_row_plan(kind, *targets, **more)
        return replace(shipped, plan=plan, observations=observe(figures), quarter=pd.Period(quarter, "Q-DEC"))

    return make


def quarterly(first: str, *values: Any) -> dict[str, Any]:
    """Return figures of quarters in a row, by period; None leaves one out."""
    start = pd.Period(first, "Q-DEC")
    return {str(start + n): value for n, value in enumerate(values) if value is not None}


def cases(numerator: float, denominator: float) -> dict[str, float]:
    """Return a rate's figure by its two parts."""
    return {"numerator": numerator, "denominator": denominator}
