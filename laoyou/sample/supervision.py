"""Sample events of the supervision loop: what the rules open on the sample figures, and how units might answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from laoyou.intake.sample_records import SAMPLE_ENDS
from laoyou.supervision.docket import ESCALATE, Docket, Entry, assignments
from laoyou.supervision.matters import Event, Matter, rebuild
from laoyou.supervision.states import RULES, State, Step
from laoyou.view import open_view

FIRST = pd.Period("2025Q1", "Q-DEC")
LISTED_AFTER = 30  # days after a quarter's end that its list is made
EXTENDED_BY = 120  # days that what the task force takes up is given besides
SOURCE = "演示数据（程序生成）"
OFFICE = "演示：督查专员"
CAUSES = (
    "经办人手不足，跨部门信息没有及时共享",
    "部分个案涉及企业停产，协调周期长",
    "培训和评价计划前松后紧",
    "基础台账不全，口径没有统一",
)
MEASURES = (
    "建立周调度，逐件销账",
    "牵头与配合单位联合办理，限期答复",
    "增设专场，按月通报进度",
    "补齐台账，统一口径后复核",
)

PROGRESS = ("已按措施推进，办理情况每周汇总", "专场已办两次，余下对象逐户联系", "台账补齐过半，月底前完成")


@dataclass
class _Story:
    """The events told so far."""

    region: str
    events: list[Event] = field(default_factory=list)

    @property
    def open(self) -> list[Matter]:
        """The matters that are not closed, oldest first."""
        return [m for m in rebuild(self.events).get(self.region, {}).values() if m.open]

    def tell(self, matter: Matter, step: Step, on: dt.date, by: str, **said: str | dt.date) -> None:
        """Add what happened to a matter."""
        unit = matter.unit if RULES[step].unit else ""
        self.events.append(
            Event(self.region, matter.number, step, on, on, by, unit=unit, source=SOURCE, **said)  # type: ignore[arg-type]
        )


def sample_events(region: str) -> list[Event]:
    """Return the sample's events, from the figures in the workspace.

    Parameters
    ----------
    region : whose loop is told

    Returns
    -------
    Events in the order in which they were recorded. A quarter's list is made 30 days after its end; units then plan
    within two weeks and report after six; where the figure has recovered they apply and the office closes; of those that
    have not, some apply too early and is sent back.
    """
    story = _Story(region)
    for quarter in pd.period_range(FIRST, SAMPLE_ENDS, freq="Q-DEC"):
        listed = quarter.end_time.date() + dt.timedelta(days=LISTED_AFTER)
        view = open_view(region=region, quarter=str(quarter), as_of=str(listed))
        docket = Docket(view, tuple(story.events), True)
        for entry in docket.entries:
            _decide(story, docket, entry, listed)
        docket = Docket(view, tuple(story.events), True)
        story.events += assignments(docket, on=listed, recorded_on=listed, by=OFFICE, source=SOURCE)
        if quarter < SAMPLE_ENDS:
            for days, act in ((12, _plan), (42, _progress), (55, _too_early), (63, _send_back)):
                for n, matter in enumerate(story.open, quarter.quarter):
                    act(story, matter, n, listed + dt.timedelta(days=days))
    return story.events


def _decide(story: _Story, docket: Docket, entry: Entry, listed: dt.date) -> None:
    """Close what has recovered, and take to the task force what the rules propose for it."""
    matter = entry.matter
    if matter is None or not matter.open:
        return
    if docket.recovered(matter.subject):
        for step, by, said in _closing(matter):
            story.tell(matter, step, listed, by, **said)
    elif ESCALATE in entry.proposals:
        story.tell(matter, Step.ESCALATE, listed, OFFICE, text="演示：连续三张清单没有销号，需要跨部门协调")
        if matter.state != State.APPLIED:
            later = listed + dt.timedelta(days=EXTENDED_BY)
            story.tell(matter, Step.EXTEND, listed, OFFICE, due=later, text="演示：等专班协调，时限顺延")


def _closing(matter: Matter) -> Iterator[tuple[Step, str, dict[str, str]]]:
    if matter.state == State.ASSIGNED:
        yield Step.PLAN, matter.unit, _planned(0)
    if matter.state != State.APPLIED:
        yield Step.APPLY, matter.unit, {"text": "演示：本季指标已回到进度线上，附办理台账"}
    yield Step.CLOSE, OFFICE, {"text": "演示：抽查台账，与系统数据一致"}


def _planned(n: int) -> dict[str, str]:
    return {
        "cause": f"演示：{CAUSES[n % len(CAUSES)]}",
        "measures": f"演示：{MEASURES[n % len(MEASURES)]}",
        "responsible": f"演示：责任人{chr(ord('甲') if n % 2 else ord('乙'))}",
    }


def _plan(story: _Story, matter: Matter, n: int, on: dt.date) -> None:
    if matter.state == State.ASSIGNED:
        story.tell(matter, Step.PLAN, on, matter.unit, **_planned(n))


def _progress(story: _Story, matter: Matter, n: int, on: dt.date) -> None:
    if matter.state == State.MENDING and n % 2 == 0:
        story.tell(matter, Step.PROGRESS, on, matter.unit, text=f"演示：{PROGRESS[n // 2 % len(PROGRESS)]}")


def _too_early(story: _Story, matter: Matter, n: int, on: dt.date) -> None:
    if matter.state == State.MENDING and n % 5 == 0:
        story.tell(matter, Step.APPLY, on, matter.unit, text="演示：主要措施已落实，申请销号")


def _send_back(story: _Story, matter: Matter, n: int, on: dt.date) -> None:
    if matter.state == State.APPLIED:
        story.tell(matter, Step.RETURN, on, OFFICE, text="演示：指标还没有回到进度线上，措施没有见效")
