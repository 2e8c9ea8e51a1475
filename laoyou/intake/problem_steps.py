"""Problem lists that came back: the steps that units report, added to the log of the loop."""

from __future__ import annotations

from collections.abc import Sequence

from laoyou.errors import IntakeError, Problem, one_of
from laoyou.intake.record_intake import Batch, Ground
from laoyou.supervision.log import known_events, log_file, with_events
from laoyou.supervision.matters import Event, rebuild
from laoyou.supervision.merge import merged
from laoyou.supervision.sheet import Returned
from laoyou.supervision.states import STEPS


def _known(ground: Ground, region: str) -> tuple[Sequence[Event], bool]:
    subjects = (*ground.plan.indicators, *ground.plan.commitments)
    return known_events(ground.workspace, region, regions=ground.regions, subjects=subjects)


def add_returned(returned: Returned, ground: Ground, batch: Batch) -> None:
    """Add what a returned list says to a batch, held against the log and the lists read before it.

    Raises
    ------
    IntakeError
        With every problem of the file.
    """
    if returned.region not in ground.regions:
        problem = Problem("清单的标记", f"地区「{returned.region}」", one_of(ground.regions))
        raise IntakeError(returned.shown, problem)
    events, _ = _known(ground, returned.region)
    matters = rebuild([*events, *(s for s in batch.steps if s.region == returned.region)])
    steps, problems = merged(returned, matters.get(returned.region, {}), ground.day)
    if problems:
        raise IntakeError(returned.shown, problems)
    batch.steps += steps
    told = "；".join(f"{step.matter} {STEPS[step.step]}" for step in steps)
    batch.notices.append(
        f"{returned.shown}：{returned.unit}的问题清单，"
        + (f"新的办理：{told}。" if told else "没有新的办理。")
    )


def add_steps(ground: Ground, batch: Batch) -> None:
    """Add the logs to what a batch writes."""
    for region in dict.fromkeys(step.region for step in batch.steps):
        _, sample = _known(ground, region)
        file = log_file(ground.workspace, sample=sample)
        before = dict(batch.writes).get(file)
        assert before is None, "one plan has one region, so a log is written once"
        batch.writes.append((file, with_events(file, [s for s in batch.steps if s.region == region])))
