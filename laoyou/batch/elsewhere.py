"""A quarter made on a cluster that is there already: begun and published here, its notebooks run there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from laoyou.batch.cluster import DiffersError, run_on_cluster
from laoyou.batch.inputs import ChangedMeanwhileError, Order, changed, read_state
from laoyou.batch.jobs import Job, Outcome, Report
from laoyou.batch.quarter import Quarter

Watch = Callable[[Outcome, int, int], None]


def make_elsewhere(order: Order, address: str, watch: Watch) -> Report:
    """Make a quarter's report on a cluster.

    Parameters
    ----------
    order : what is asked for
    address : of the scheduler, such as ``tcp://scheduler:8786``
    watch : called after each notebook with its outcome, how many are done and how many there are

    Raises
    ------
    LaoyouError
        As ``laoyou.batch.report.run``; also if the cluster cannot be reached, or a node would make other pages.
    """
    try:
        return _made(Quarter(order), address, watch)
    except ChangedMeanwhileError:  # once more, from what is there now
        return _made(Quarter(order, again=True), address, watch)


def _made(quarter: Quarter, address: str, watch: Watch) -> Report:
    order = quarter.order
    try:
        jobs = {job.name: job for job in quarter.begin()}
        quarter.attach()

        def ended(outcome: Outcome) -> None:
            quarter.take(jobs[outcome.name], outcome)
            watch(outcome, len(order.notebooks) - quarter.left, len(order.notebooks))

        if jobs:
            _run(quarter, list(jobs.values()), address, ended)
        return quarter.publish()
    finally:
        quarter.close()


def _run(quarter: Quarter, jobs: Sequence[Job], address: str, ended: Callable[[Outcome], None]) -> None:
    """Run jobs; a node that differs because what the pages rest on has changed since is no fault of the node's."""
    order, state = quarter.order, quarter.state
    try:
        run_on_cluster(address, jobs, order.workspace.root, order.parameters, state.made_from, ended)
    except DiffersError:
        now = read_state(order.parameters)
        if now.made_from != state.made_from:
            raise ChangedMeanwhileError(changed(state, now)) from None
        raise
