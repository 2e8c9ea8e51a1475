"""Reports on order: a quarter, or many quarters of many regions. Light to import, for what is heavy is not always needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from laoyou.batch.jobs import Outcome as Outcome
from laoyou.batch.jobs import Report as Report
from laoyou.batch.parameter_files import parameters_file
from laoyou.batch.pool import Pool, usual_size
from laoyou.batch.standing import standing_quarter
from laoyou.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from laoyou.batch.cluster import Cluster
    from laoyou.batch.many import Refusal

Watch = Callable[[Outcome, int, int], None]


def run(
    quarter: str,
    *,
    notebooks: Sequence[str] = (),
    jobs: int | None = None,
    force: bool = False,
    as_of: str | None = None,
    cluster: str | None = None,
    watch: Watch = lambda outcome, done, total: None,
) -> Report:
    """Make a quarter's report.

    Parameters
    ----------
    quarter : a quarter that params/ has a file for, or the path of such a file
    notebooks : names of notebooks to run even if nothing has changed; the others run where something has
    jobs : how many to run side by side; ``pool.usual_size`` if not given
    force : run a notebook even if nothing that it is made from has changed
    as_of : the last day of knowledge (ISO date) instead of that in the parameters file, if given: the report is
        remade byte for byte as it was with that day, whatever has been reported or corrected since
    cluster : the address of a Dask scheduler whose workers run the notebooks; here if not given
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
    file = parameters_file(workspace, quarter)
    stands = None if force or notebooks else standing_quarter(workspace, file, as_of)
    if stands:
        return stands
    made: list[Report] = []

    def ended(result: Report | Refusal) -> None:
        if not isinstance(result, Report):
            raise result.error
        made.append(result)

    with _workers(workspace, jobs, cluster) as workers:
        from laoyou.batch.many import Making
        from laoyou.batch.orders import order_of
        from laoyou.batch.portal import publish_portal

        order = order_of(workspace, file, notebooks=notebooks, force=force, as_of=as_of)
        Making([order], workers, watch).carry_out(ended)
        publish_portal(workspace)
    return made[0]


def run_many(
    regions: str,
    quarters: str,
    *,
    today: dt.date,
    notebooks: Sequence[str] = (),
    jobs: int | None = None,
    force: bool = False,
    as_of: str | None = None,
    cluster: str | None = None,
    watch: Watch = lambda outcome, done, total: None,
    ended: Callable[[Report | Refusal, int, int], None] = lambda result, done, total: None,
) -> list[Report | Refusal]:
    """Make the reports of many quarters of many regions, side by side.

    Parameters
    ----------
    regions, quarters, today : as for ``orders_of``
    notebooks, jobs, force, as_of, cluster, watch : as for ``run``
    ended : called after each report with it, how many are done and how many there are

    Returns
    -------
    What came of each, in the order in which they ended. One that is refused does not keep the others from being made.

    Raises
    ------
    LaoyouError
        If what is asked for cannot be accepted: nothing is then run. If a cluster cannot go on: what has been
        published by then stays.
    """
    workspace = find_workspace()
    results: list[Report | Refusal] = []
    with _workers(workspace, jobs, cluster) as workers:
        from laoyou.batch.many import Making
        from laoyou.batch.orders import orders_of
        from laoyou.batch.portal import publish_portal

        orders = orders_of(
            workspace, regions, quarters, today=today, notebooks=notebooks, force=force, as_of=as_of
        )

        def one_ended(result: Report | Refusal) -> None:
            results.append(result)
            ended(result, len(results), len(orders))

        try:
            Making(orders, workers, watch).carry_out(one_ended)
        finally:  # what is published is listed, however the rest ends
            if any(isinstance(result, Report) for result in results):
                publish_portal(workspace)
    return results


def _workers(workspace: Workspace, jobs: int | None, cluster: str | None) -> Pool | Cluster:
    if cluster:
        from laoyou.batch.cluster import Cluster

        return Cluster(cluster, workspace.root)
    return Pool(jobs or usual_size(), mend=("laoyou.batch.publish:mend", str(workspace.outputs)))
