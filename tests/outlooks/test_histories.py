"""A rate's year-on-year changes, on figures small enough to subtract by hand."""

import numpy as np
import pytest

from laoyou.outlooks.histories import _year_on_year
from laoyou.rules import load_rules

RULES = load_rules().outlook
nan = np.nan


def test_a_year_begun_is_held_against_the_same_quarter_of_the_year_before():
    # Each year rises by 1 after its first quarter; ends 1.0, 1.1, 1.3, 1.6 and first quarters 0.6, 1.0.
    began = np.array([0.0, 0.1, 0.3, 0.6, 1.0])
    z = began[:, None] + np.array([0.0, 1.0, 1.0, 1.0])
    z[-1, 1:] = nan
    found = _year_on_year(z, 1, RULES, 0.0)
    # 0.1, 0.2, 0.3, 0.4: the first quarter is not held against the fourth, 0.6 lower
    assert found.number == 4
    assert found.mean == pytest.approx(0.25)
    assert found.deviation == pytest.approx((0.05 / 3) ** 0.5)


def test_a_year_that_is_over_is_held_against_the_end_of_the_year_before():
    z = np.array([0.0, 0.1, 0.3, 0.6])[:, None] + np.array([0.0, 1.0, 2.0, 3.0])
    z[-1, :3] = 9.0  # nothing but ends counts
    found = _year_on_year(z, 4, RULES, 0.0)
    assert (found.number, found.mean) == (3, pytest.approx(0.2))
