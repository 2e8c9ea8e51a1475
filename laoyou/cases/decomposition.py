"""The change of a ratio, taken apart exactly: into its two parts, and into mix and change within groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from laoyou.attainment import Floats

PARTS = ("numerator", "denominator")


class RatioChange(NamedTuple):
    """The change of a ratio and the parts of it; NaN where a figure is missing or a denominator not above 0 [1]."""

    change: Floats
    by_numerator: Floats
    by_denominator: Floats


def ratio_change(
    numerator_before: ArrayLike, denominator_before: ArrayLike, numerator: ArrayLike, denominator: ArrayLike
) -> RatioChange:
    """Split the change of a ratio into what its numerator and what its denominator contributed.

    Parameters
    ----------
    numerator_before, denominator_before : the two parts then [their units]
    numerator, denominator : the same now

    Notes
    -----
    With ``R = N·M``, ``M = 1/D``: ``ΔR = ΔN·M̄ + ΔM·N̄`` exactly, bars being means of then and now. That is Shapley's
    value: the mean of changing the numerator first and the denominator first, so that neither comes first, and
    swapping then and now only swaps the signs. The logarithmic mean (LMDI) also is exact and differs in the third
    order, but has no answer for a numerator of 0 and takes a logarithm to explain. Shapley (1953), A value for
    n-person games; Sun (1998), Energy Econ. 20, 85–100; Ang (2004), Energy Policy 32, 1131–1139.
    """
    n0, d0, n1, d1 = (
        np.asarray(x, float) for x in (numerator_before, denominator_before, numerator, denominator)
    )
    m0, m1 = (1 / np.where(d > 0, d, np.nan) for d in (d0, d1))
    return RatioChange(n1 * m1 - n0 * m0, (n1 - n0) * (m0 + m1) / 2, (m1 - m0) * (n0 + n1) / 2)


@dataclass(frozen=True)
class ShiftShare:
    """The change of a rate as the sum over groups.

    Parameters
    ----------
    rate_before, rate : of all groups together [1]; NaN where nothing was due
    groups : by group ``within``, what the change of its own rate contributed, and ``mix``, what the change of its
        weight did [1]; ``share_before, share``, its weight, and ``rate_before, rate`` [1], NaN where nothing was due
    """

    rate_before: float
    rate: float
    groups: pd.DataFrame

    @property
    def within(self) -> float:
        """The part of the change that would have come with the weights as they were [1]."""
        return float(self.groups["within"].sum(skipna=False, min_count=1))

    @property
    def mix(self) -> float:
        """The part that would have come with every group's rate as it was [1]."""
        return float(self.groups["mix"].sum(skipna=False, min_count=1))


def shift_share(before: pd.DataFrame, now: pd.DataFrame) -> ShiftShare:
    """Split the change of a rate into the change within groups and that of their mix.

    Parameters
    ----------
    before, now : ``numerator`` and ``denominator`` [count] by group; a group absent from one has nothing due there

    Notes
    -----
    With the weight ``w = Dg/D`` and the rate ``r`` of a group: ``ΔR = Σ w̄·Δr + Σ Δw·(r̄ − R̄)`` exactly, bars being means of
    then and now; as ``Σ Δw = 0``, subtracting R̄ changes no sum but makes a group's own mix part say whether weight
    moved to where the rate is better than on average. A group without anything due on one side has no rate
    there; it is given that of the other side, so that all it contributes is mix. Kitagawa (1955), J. Am. Stat.
    Assoc. 50, 1168–1194, for the means; shift-share analysis after Dunn (1960), Pap. Reg. Sci. Assoc. 6, 97–112.
    """
    groups = before.index.union(now.index, sort=False)
    (n0, d0), (n1, d1) = (
        table.reindex(groups, fill_value=0)[list(PARTS)].to_numpy(float).T for table in (before, now)
    )
    r0, r1 = n0 / np.where(d0 > 0, d0, np.nan), n1 / np.where(d1 > 0, d1, np.nan)
    total0, total1 = (d.sum() if d.sum() > 0 else np.nan for d in (d0, d1))
    w0, w1, rate0, rate1 = d0 / total0, d1 / total1, n0.sum() / total0, n1.sum() / total1
    both0, both1 = (np.nan_to_num(np.where(np.isnan(own), other, own)) for own, other in ((r0, r1), (r1, r0)))
    within = (w0 + w1) / 2 * (both1 - both0)
    mix = (w1 - w0) * ((both0 + both1) / 2 - (rate0 + rate1) / 2)
    columns = {
        "within": within, "mix": mix, "share_before": w0, "share": w1, "rate_before": r0, "rate": r1
    }  # fmt: skip
    return ShiftShare(float(rate0), float(rate1), pd.DataFrame(columns, index=groups))


def added_up(table: pd.DataFrame, shown_as: Mapping[str, str]) -> pd.DataFrame:
    """Add up the groups that are shown together.

    Parameters
    ----------
    table : ``numerator`` and ``denominator`` [count] by group
    shown_as : under which word each group is shown, as ``laoyou.cases.suppression.merged`` returns it
    """
    return table.groupby(table.index.map(shown_as)).sum()
