"""What is asked for, made out before anything runs."""

from __future__ import annotations

from collections.abc import Sequence

from laoyou.batch.inputs import Order
from laoyou.batch.parameters import choose_notebooks, parameters_file, read_parameters
from laoyou.workspace import Workspace


def order_of(
    workspace: Workspace, word: str, *, notebooks: Sequence[str], force: bool, as_of: str | None
) -> Order:
    """Return the order of one quarter.

    Parameters
    ----------
    workspace : where the notebooks are
    word : a quarter that params/ has a file for, or the path of such a file
    notebooks : names of notebooks to run even if nothing has changed
    force : whether that goes for all of them
    as_of : the last day of knowledge (ISO date) instead of the file's, if given

    Raises
    ------
    ParametersError
        If a name, the file or what stands in it cannot be accepted.
    """
    file = parameters_file(workspace, word)
    again = choose_notebooks(workspace, list(notebooks)) if notebooks else {}
    chosen = choose_notebooks(workspace, [])
    parameters = read_parameters(workspace, file, chosen, as_of=as_of)
    return Order(workspace, parameters, chosen, frozenset(again), force)
