"""What a returned list adds to the matters: a unit's own steps, never over what another copy has said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from laoyou.errors import NotAllowedError, Problem
from laoyou.personal import personal_numbers
from laoyou.supervision.matters import Event, Matter, Matters, take
from laoyou.supervision.sheet import REMAKE, YES, Column, Returned, Row
from laoyou.supervision.states import RULES, STEPS, Step

_PLANNED = {Column.CAUSE: "cause", Column.MEASURES: "measures", Column.RESPONSIBLE: "responsible"}
_SAID = ("step", "cause", "measures", "responsible", "text")


def merged(returned: Returned, matters: Matters, day: dt.date) -> tuple[list[Event], list[Problem]]:
    """Return the events that a returned list adds.

    Parameters
    ----------
    returned : as read
    matters : the region's as they stand now, by number
    day : on which it is taken in

    Returns
    -------
    The events, none where the same list was taken in before; and what is wrong: a matter of another unit, a step that its
    state does not allow, or a conflict with another copy of the list that came back first.
    """
    events: list[Event] = []
    problems: list[Problem] = []
    on = returned.on or day
    if on > day:
        return [], [Problem(returned.day_place, f"填报日期 {on} 在 {day} 之后", f"不晚于 {day}")]
    for row in returned.rows:
        found = list(_row(returned, row, matters, on, day))
        events += [one for one in found if isinstance(one, Event)]
        problems += [one for one in found if isinstance(one, Problem)]
    return events, problems


def _row(
    returned: Returned, row: Row, matters: Matters, on: dt.date, day: dt.date
) -> Iterator[Event | Problem]:
    first = row.places[Column.CAUSE]
    matter = matters.get(row.number)
    if matter is None or matter.unit != returned.unit or matter.subject != row.mark.subject:
        yield Problem(first, f"{row.number} 不是交给{returned.unit}的这个问题", "本单位清单里的问题", REMAKE)
        return
    seen = row.mark.seen
    if seen > len(matter.events):
        found = f"清单写成时 {row.number} 有 {seen} 步办理，台账里只有 {len(matter.events)} 步"
        yield Problem(first, found, "同一份台账", "从备份取回 data/supervision/events.csv")
        return
    wanted, wrong = _wanted(row, planned(matter.events[:seen]))
    yield from wrong
    if wrong:
        return
    others = [event for event in matter.events[seen:] if RULES[event.step].unit]
    told = [_signature(event) for event in others]
    now: dict[str, Matter] = dict(matters)
    for step, said in wanted:
        event = Event(
            region=matter.region, matter=row.number, step=step, on=on, recorded_on=day, unit=returned.unit,
            by=returned.by or returned.unit, source=source_of(returned.shown), **said,
        )  # fmt: skip
        if _signature(event) in told:
            continue
        if others:
            remedy = f"{REMAKE}，合成一份再交"
            yield Problem(first, _clash(others, event), "清单生成以后没有别的一份先交", remedy)
            return
        last = matter.events[-1]
        if on < last.on:
            found = f"填报日期 {on} 早于 {row.number} 在 {last.on} 的{STEPS[last.step]}"
            yield Problem(returned.day_place, found, f"不早于 {last.on}", "核对督查意见后，改填报日期再交")
            return
        try:
            now[row.number] = take(now, event)
        except NotAllowedError as cause:
            yield Problem(first, f"{row.number} {cause.found}", cause.allowed)
            return
        yield event


def source_of(shown: str) -> str:
    """Return how the log names a file: without its folder, and not by a name that holds a personal number."""
    name = PurePath(shown).name
    return "交回的清单（文件名里有号码，不照录）" if personal_numbers(name) else name


def planned(events: Sequence[Event]) -> dict[str, str]:
    """Return the cause, the measures and who is responsible as some events leave them; empty where not yet told."""
    told = [event for event in events if event.step == Step.PLAN]
    return {name: getattr(told[-1], name) if told else "" for name in _PLANNED.values()}


def _wanted(row: Row, before: Mapping[str, str]) -> tuple[list[tuple[Step, dict[str, Any]]], list[Problem]]:
    """Return the steps that a line asks for, and what is wrong with it."""
    steps: list[tuple[Step, dict[str, Any]]] = []
    problems: list[Problem] = []
    plan = {name: row.texts.get(column, "") for column, name in _PLANNED.items()}
    if any(text != before[name] for name, text in plan.items()):
        absent = [column for column, name in _PLANNED.items() if not plan[name]]
        if absent:
            found = f"{'、'.join(absent)}空着"
            problems.append(Problem(row.places[absent[0]], found, "原因、整改措施、责任人三项都写"))
        else:
            steps.append((Step.PLAN, plan))
    if progress := row.texts.get(Column.PROGRESS):
        steps.append((Step.PROGRESS, {"text": progress}))
    applies, evidence = row.texts.get(Column.APPLY) == YES, row.texts.get(Column.EVIDENCE, "")
    if applies != bool(evidence):
        found = "申请销号，却没有写依据" if applies else "写了销号依据，却没有选申请销号"
        problems.append(Problem(row.places[Column.EVIDENCE], found, "申请销号选“是”，并写依据"))
    elif applies:
        steps.append((Step.APPLY, {"text": evidence}))
    return steps, problems


def _signature(event: Event) -> tuple[str, ...]:
    return tuple(str(getattr(event, name)) for name in _SAID)


def _clash(others: Sequence[Event], event: Event) -> str:
    """Return how a line and what another copy said stand against each other."""
    last = others[-1]
    return (
        f"{event.matter} 已由另一份交回的清单改过（{last.on} {STEPS[last.step]}：「{content_of(last)}」），"
        f"这一份是{STEPS[event.step]}：「{content_of(event)}」；没有覆盖"
    )


def content_of(event: Event) -> str:
    """Return what a unit's step says, in words."""
    plan = ((column, getattr(event, name)) for column, name in _PLANNED.items())
    return event.text or "；".join(f"{column}：{text}" for column, text in plan)
