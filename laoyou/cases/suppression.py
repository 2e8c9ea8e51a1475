"""Small counts kept from readers: no part shows one, and no total gives one back."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

OTHER = "other"


def suppressed(
    counts: pd.DataFrame, below: int, withheld: Collection[str] = frozenset()
) -> NDArray[np.bool_]:
    """Return which parts of a total must be withheld.

    Parameters
    ----------
    counts : one row a part; each column a count whose total over all parts is published [count]
    below : a part with any count smaller than this is withheld [count]
    withheld : parts to withhold whatever their size, because they are so elsewhere

    Returns
    -------
    True for each part to withhold, all of its counts together.

    Notes
    -----
    Primary suppression withholds small parts. The total less the parts shown is then the sum of those withheld;
    so the smallest parts still shown are withheld, too, until at least two are and the sum of what is withheld
    reaches ``below`` in every column (complementary suppression; Hundepool et al., Statistical Disclosure
    Control, 2012, ch. 4).
    """
    values = counts.to_numpy(float)
    hidden = np.asarray((values < below).any(axis=1)) | counts.index.isin(list(withheld))
    smallest_first = np.argsort(values.sum(axis=1), kind="stable")
    for part in smallest_first:
        if not hidden.any() or (hidden.sum() > 1 and (values[hidden].sum(axis=0) >= below).all()):
            break
        hidden[part] = True
    return hidden


def merged(counts: pd.DataFrame, below: int, withheld: Collection[str] = frozenset()) -> dict[str, str]:
    """Return under which word each group is shown: its own, or ``other`` together with other small ones.

    Parameters
    ----------
    counts : one row a group, by its word; each column a count that must not be shown where it is small [count]
    below, withheld : as for ``suppressed``

    Notes
    -----
    The groups that ``suppressed`` withholds are merged; so is a group that calls itself ``other``, as two of the
    name could not be told apart.
    """
    hidden = pd.Series(suppressed(counts, below, withheld), index=counts.index)
    if hidden.any() and OTHER in hidden.index:
        hidden[OTHER] = True
    return {str(group): OTHER if small else str(group) for group, small in hidden.items()}


def withhold(table: pd.DataFrame, columns: Sequence[str], below: int, whole: str) -> pd.DataFrame:
    """Withhold small parts of one table of regions.

    Parameters
    ----------
    table : one row a region, with ``region`` and the counts; the whole region is among them
    columns : the columns of counts
    below : as for ``suppressed``
    whole : the code of the whole region, which is always shown

    Returns
    -------
    The table with ``suppressed``: True where all counts of the row are to be left empty.
    """
    parts = table["region"] != whole
    flags = pd.Series(False, index=table.index)
    if parts.any():
        flags[parts] = suppressed(table.loc[parts, list(columns)], below)
    return table.assign(suppressed=flags)
