"""Reports on order: a quarter, or many quarters of many regions. Light to import, for what is heavy is not always needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from laoyou.batch.jobs import Outcome as Outcome
from laoyou.batch.jobs import Report as Report
from laoyou.batch.pool import Pool
from laoyou.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from laoyou.batch.many import Refusal

Watch = Callable[[Outcome, int, int], None]


def run(
    quarter: str,
    *,
    notebooks: Sequence[str] = (),
    jobs: int | None = None,
    force: bool = False,
    as_of: str | None = None,
    watch: Watch = lambda outcome, done, total: None,
) -> Report:
    """Make a quarter's report.

    Parameters
    ----------
    quarter : a quarter that params/ has a file for, or the path of such a file
    notebooks : names of notebooks to run even if nothing has changed; the others run where something has
    jobs : how many to run side by side; as many as there are processors if not given
    force : run a notebook even if nothing that it is made from has changed
    as_of : the last day of knowledge (ISO date) instead of that in the parameters file, if given: the report is
        remade byte for byte as it was with that day, whatever has been reported or corrected since
    watch : called after each notebook with its outcome, how many are done and how many there are

    Returns
    -------
    The published report. A notebook that fails, dies or overruns its time has no page; the others have.

    Raises
    ------
    LaoyouError
        If parameters, plan, ledger or rules cannot be accepted: nothing is then run. If the report cannot be
        written, or figures change during the run and again while the pages are made once more: what was published
        before is then untouched.
    """
    workspace = find_workspace()
    made: list[Report] = []

    def ended(result: Report | Refusal) -> None:
        if not isinstance(result, Report):
            raise result.error
        made.append(result)

    with _pool(workspace, jobs) as pool:
        from laoyou.batch.many import Making
        from laoyou.batch.orders import order_of
        from laoyou.batch.portal import publish_portal

        order = order_of(workspace, quarter, notebooks=notebooks, force=force, as_of=as_of)
        Making([order], pool, watch).carry_out(ended)
        publish_portal(workspace)
    return made[0]


def _pool(workspace: Workspace, jobs: int | None) -> Pool:
    return Pool(jobs or os.cpu_count() or 1, mend=("laoyou.batch.publish:mend", str(workspace.outputs)))
