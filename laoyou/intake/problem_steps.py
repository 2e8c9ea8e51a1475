"""Problem lists that came back: the steps that units report, added to the log of the loop."""

from __future__ import annotations

from pathlib import Path

from laoyou.errors import IntakeError, Problem
from laoyou.intake.record_intake import Batch, Ground
from laoyou.supervision.log import known_events, log_file, with_events
from laoyou.supervision.matters import rebuild
from laoyou.supervision.merge import content_of, merged
from laoyou.supervision.sheet import REMAKE, Returned
from laoyou.supervision.states import STEPS


def _subjects(ground: Ground) -> tuple[str, ...]:
    return (*ground.plan.indicators, *ground.plan.commitments)


def add_returned(returned: Returned, ground: Ground, batch: Batch) -> None:
    """Add what a returned list says to a batch, held against the log and the lists read before it.

    Raises
    ------
    IntakeError
        With every problem of the file.
    """
    if returned.region != ground.plan.region:
        problem = Problem("清单的标记", f"地区「{returned.region}」", ground.plan.region)
        raise IntakeError(returned.shown, problem)
    events, sample = known_events(
        ground.workspace, returned.region, regions=ground.regions, subjects=_subjects(ground)
    )
    if events and returned.sample != sample:
        was, now = ("演示的", "真实的") if returned.sample else ("真实的", "演示的")
        problem = Problem("清单的标记", f"按{was}办理记录生成，现在用的是{now}", remedy=REMAKE)
        raise IntakeError(returned.shown, problem)
    matters = rebuild([*events, *batch.steps])
    steps, problems = merged(returned, matters.get(returned.region, {}), ground.day)
    if problems:
        raise IntakeError(returned.shown, problems)
    batch.steps += steps
    marked = "（演示数据）" if sample else ""
    count = f"新的办理 {len(steps)} 步：" if steps else "没有新的办理。"
    batch.notices.append(f"{returned.shown}：{returned.unit}的问题清单{marked}，{count}")
    named = ground.plan.indicators | ground.plan.commitments
    for step in steps:
        subject = matters[returned.region][step.matter].subject
        told = f"{step.matter} {named[subject].name.zh} {STEPS[step.step]}"
        batch.notices.append(f"  {told}（{step.by}，{step.on}）：{content_of(step)}")


def add_steps(ground: Ground, batch: Batch) -> Path | None:
    """Add the log to what a batch writes.

    Returns
    -------
    The log; None where no unit took a step.
    """
    if not batch.steps:
        return None
    workspace, regions, subjects = ground.workspace, ground.regions, _subjects(ground)
    _, sample = known_events(workspace, ground.plan.region, regions=regions, subjects=subjects)
    file = log_file(workspace, sample=sample)
    content = with_events(file, workspace.relative(file), batch.steps, regions=regions, subjects=subjects)
    batch.writes.append((file, content))
    return file
