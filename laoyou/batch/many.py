"""Quarters made by some workers: begun one after the other, their jobs side by side, each published when its last is done."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from laoyou.batch.inputs import ChangedMeanwhileError, DiffersError, Order, changed, read_state
from laoyou.batch.jobs import Job, Outcome, Report
from laoyou.batch.publish import read_run
from laoyou.batch.quarter import Quarter
from laoyou.batch.standing import files_digest, standing
from laoyou.errors import LaoyouError

Watch = Callable[[Outcome, int, int], None]
Ended = Callable[["Report | Refusal"], None]


@dataclass(frozen=True)
class Refusal:
    """A quarter that could not be made: what was asked for, and why."""

    order: Order
    error: LaoyouError


class Workers(Protocol):
    """Who does jobs side by side: a pool of this machine, or a cluster. ``Pool`` says what each of these is."""

    @property
    def size(self) -> int: ...  # noqa: D102

    @property
    def waiting(self) -> int: ...  # noqa: D102

    def submit(self, job: Job, seconds: float) -> None: ...  # noqa: D102

    def begin(self) -> bool: ...  # noqa: D102

    def outcomes(self) -> Iterator[tuple[Job, Outcome | Exception]]: ...  # noqa: D102


class Making:
    """The quarters that are being made.

    Parameters
    ----------
    orders : what is asked for
    workers : who does the jobs
    watch : called after each notebook with its outcome, how many are done and how many there are
    """

    def __init__(self, orders: Sequence[Order], workers: Workers, watch: Watch) -> None:
        self._waiting = deque(Quarter(order) for order in orders)
        self._workers, self._watch = workers, watch
        self._open: dict[Path, Quarter] = {}
        self._files: dict[str, str] = {}
        self._done, self._total = 0, sum(len(order.notebooks) for order in orders)

    def carry_out(self, ended: Ended) -> None:
        """Make them all, and tell of each when it is published or refused.

        Raises
        ------
        LaoyouError
            What ``ended`` raises, or that the workers cannot go on: no other quarter is then made.
        """
        with ExitStack() as stack:
            stack.callback(self._close)
            self._admit(ended)
            for job, result in self._workers.outcomes():
                quarter = self._open.get(job.folder)
                if quarter is None:  # it has been given up meanwhile
                    continue
                if isinstance(result, DiffersError):
                    self._differs(quarter, result, ended)
                    self._admit(ended)
                    continue
                outcome = quarter.take(job, result)
                self._done += 1
                self._watch(outcome, self._done, self._total)
                self._admit(ended)
                if not quarter.left:
                    self._finish(quarter, ended)
                    self._admit(ended)

    def _admit(self, ended: Ended) -> None:
        """Begin quarters until the workers have enough to do: as many at a time, however many there are."""
        while self._waiting and self._workers.waiting < self._workers.size:
            quarter = self._waiting.popleft()
            stands = self._standing(quarter)
            if stands:
                self._done += len(stands.unchanged)
                ended(stands)
                continue
            try:
                jobs = quarter.begin()
                self._open[quarter.folder] = quarter
                self._done += len(quarter.unchanged)
                expected = read_run(quarter.final)
                for job in jobs:  # one that has never run may be the longest
                    self._workers.submit(
                        job, expected[job.name].seconds if job.name in expected else float("inf")
                    )
                self._workers.begin()
                quarter.attach()
            except LaoyouError as error:
                self._refuse(quarter, error, ended)
                continue
            if not quarter.left:
                self._finish(quarter, ended)

    def _standing(self, quarter: Quarter) -> Report | None:
        """Return a published quarter of which nothing has changed, as one look at the files of all tells."""
        order = quarter.order
        if order.force or order.again or quarter.again:
            return None
        data = order.parameters["data"]
        if data not in self._files:
            self._files[data] = files_digest(order.workspace, data)
        return standing(order.final, order.parameters, self._files[data])

    def _finish(self, quarter: Quarter, ended: Ended) -> None:
        try:
            report = quarter.publish()
        except ChangedMeanwhileError as error:
            self._once_more(quarter, error, ended)
        except LaoyouError as error:
            self._refuse(quarter, error, ended)
        else:
            self._leave(quarter)
            ended(report)

    def _differs(self, quarter: Quarter, error: DiffersError, ended: Ended) -> None:
        """End with a node that differs, unless what differs has changed here since the quarter was begun."""
        try:
            now = read_state(quarter.order.parameters)
        except LaoyouError as cause:
            self._refuse(quarter, cause, ended)
            return
        if now.made_from == quarter.state.made_from:
            raise error
        self._once_more(quarter, ChangedMeanwhileError(changed(quarter.state, now)), ended)

    def _once_more(self, quarter: Quarter, error: ChangedMeanwhileError, ended: Ended) -> None:
        """Make a quarter from what is there now, or refuse it if it has been made twice."""
        if quarter.again:
            self._refuse(quarter, error, ended)
            return
        self._leave(quarter)
        self._done -= len(quarter.order.notebooks) - quarter.left
        self._waiting.appendleft(Quarter(quarter.order, again=True))

    def _refuse(self, quarter: Quarter, error: LaoyouError, ended: Ended) -> None:
        self._leave(quarter)
        ended(Refusal(quarter.order, error))

    def _close(self) -> None:
        for quarter in self._open.values():
            quarter.close()

    def _leave(self, quarter: Quarter) -> None:
        quarter.close()
        self._open = {folder: other for folder, other in self._open.items() if other is not quarter}
