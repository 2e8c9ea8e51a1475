"""Small counts kept from readers: no part shows one, and no total gives one back."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

OTHER = "other"


def suppressed(counts: pd.DataFrame, below: int, before: Collection[Hashable] = ()) -> NDArray[np.bool_]:
    """Return which parts of a total must be withheld.

    Parameters
    ----------
    counts : one row a part; each column a count whose total over all parts is published [count]. NaN where a part
        withheld before is not counted this time
    below : a part with any count smaller than this is withheld [count]
    before : the labels of the parts that are withheld whatever their size: an earlier version of the same table, or
        another table of the same cases, withheld them

    Returns
    -------
    True for each part to withhold, all of its counts together.

    Notes
    -----
    Primary suppression withholds small parts. The total less the parts shown is then the sum of those withheld;
    so the smallest parts still shown are withheld, too, until at least two are and the sum of what is withheld
    reaches ``below`` in every column (complementary suppression; Hundepool et al., Statistical Disclosure
    Control, 2012, ch. 4).

    Over several versions a part once withheld stays withheld: else the complement moves from one part to another,
    and the figure that the one had before, taken from the new total, gives the small part back. What is withheld
    for the first time must be enough by itself, as if the parts withheld before were known: their sum is, to
    whoever takes it from the version before.
    """
    values = counts.to_numpy(float)
    kept = np.asarray(counts.index.isin(list(before)), bool)
    fresh = _enough(values, (values < below).any(axis=1) & ~kept, ~kept, below)
    return _enough(values, kept | fresh, np.ones(len(values), bool), below)


def _enough(
    values: NDArray[np.float64], hidden: NDArray[np.bool_], among: NDArray[np.bool_], below: int
) -> NDArray[np.bool_]:
    """Return parts withheld with as many of the smallest others as keep a total from giving one back."""
    hidden, sizes = hidden.copy(), np.nan_to_num(values)
    for part in np.argsort(sizes.sum(axis=1), kind="stable"):
        if not hidden.any() or (hidden.sum() > 1 and (sizes[hidden].sum(axis=0) >= below).all()):
            break
        hidden[part] |= among[part]
    return hidden


def merged(counts: pd.DataFrame, below: int, before: Collection[str] = ()) -> dict[str, str]:
    """Return under which word each group is shown: its own, or ``other`` together with other small ones.

    Parameters
    ----------
    counts : one row a group, by its word; each column a count that must not be shown where it is small [count]
    below, before : as for ``suppressed``

    Notes
    -----
    The groups that ``suppressed`` withholds are merged; so is a group that calls itself ``other``, as two of the
    name could not be told apart.
    """
    hidden = pd.Series(suppressed(counts, below, before), index=counts.index)
    if hidden.any() and OTHER in hidden.index:
        hidden[OTHER] = True
    return {str(group): OTHER if small else str(group) for group, small in hidden.items()}


def withhold(
    table: pd.DataFrame, columns: Sequence[str], below: int, whole: str, before: Collection[str] = ()
) -> pd.DataFrame:
    """Withhold small parts of one table of regions.

    Parameters
    ----------
    table : one row a region, with ``region`` and the counts; the whole region is among them
    columns : the columns of counts
    below : as for ``suppressed``
    whole : the code of the whole region, which is always shown
    before : the codes of the parts that an earlier version of the table withheld; they need not be in it

    Returns
    -------
    The table with ``suppressed``: True where all counts of the row are to be left empty.
    """
    counts = table[table["region"] != whole].set_index("region")[list(columns)]
    every = counts.reindex([*counts.index, *(c for c in before if c != whole and c not in counts.index)])
    hidden = every.index[suppressed(every, below, before)]
    return table.assign(suppressed=table["region"].isin(hidden))
