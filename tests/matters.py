"""Events of the supervision loop, made by the tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from laoyou.supervision.matters import Event
from laoyou.supervision.states import RULES, Step

REGION, UNIT, OTHER = "330305", "区人力社保局", "区总工会"
SUBJECTS = ("arrears_resolution_rate", "arbitration_closure_rate", "employment_checkups")
BEGAN = dt.date(2026, 4, 30)
TOLD: dict[str, Any] = {
    "quarter": "2026Q1", "subject": SUBJECTS[0], "unit": UNIT, "due": dt.date(2026, 6, 29), "cause": "人手不足",
    "measures": "每周调度", "responsible": "甲", "text": "台账附后",
}  # fmt: skip


def event(step: Step, days: int = 0, matter: str = "2026Q1-01", **more: Any) -> Event:
    """Return a sound event so many days after the first list; an extension is by a month a time."""
    on = BEGAN + dt.timedelta(days=days)
    said = {name: TOLD[name] for name in RULES[step].needs}
    if step == Step.EXTEND:
        said["due"] = dt.date(2026, 7, 31) + dt.timedelta(days=days)
    by = UNIT if RULES[step].unit else "督查：王某"
    return Event(
        **(
            {"region": REGION, "matter": matter, "step": step, "on": on, "recorded_on": on, "by": by}
            | said
            | more
        )
    )


def story(*steps: Step) -> list[Event]:
    """Return one matter's events, a day after each other."""
    return [event(step, days) for days, step in enumerate(steps)]


def loop(*steps: Sequence[Step]) -> list[Event]:
    """Return the events of one subject's matters, each a relapse of the one before it."""
    events: list[Event] = []
    for number, each in enumerate(steps, 1):
        for step in each:
            before = f"2026Q1-{number - 1:02d}" if step == Step.ASSIGN and number > 1 else ""
            wait = 400 + len(events)
            due = {"due": BEGAN + dt.timedelta(days=wait)} if step in (Step.ASSIGN, Step.EXTEND) else {}
            events.append(event(step, len(events), f"2026Q1-{number:02d}", predecessor=before, **due))
    return events
