"""A quarter's docket: the matters under supervision, what is proposed for each, and what the quarter did to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from laoyou.commitments import is_due, standing
from laoyou.last_report import last_report
from laoyou.ledger.vintage import cut_off_day
from laoyou.periods import parse_quarter
from laoyou.supervision.log import known_events
from laoyou.supervision.matters import Event, Matter, last_of, next_number, rebuild
from laoyou.supervision.states import Step
from laoyou.view import View

ASSIGN, CLOSE, ESCALATE = "assign", "close", "escalate"  # what the rules propose; people decide
FLOW = ("opened", "closed", "returned", "overdue", "escalated")
_STEPS = {"opened": Step.ASSIGN, "closed": Step.CLOSE, "returned": Step.RETURN, "escalated": Step.ESCALATE}
_JUDGED = ("green", "watch", "yellow", "red")  # the lights of what has a figure


@dataclass(frozen=True)
class Entry:
    """One line of a quarter's problem list.

    Parameters
    ----------
    number : its number, the one that it would get where it is only proposed
    subject : an indicator or commitment
    matter : as its events leave it; None where it is only proposed
    unit : its lead unit: the one that it was given to, or would be
    light : of the indicator in the quarter; of a commitment ``kept``, ``missed``, ``pending`` or ``unknown``
    proposals : what the rules propose: ``assign``, ``close``, ``escalate``
    quarters : how many quarterly lists it has been on, this one among them [count]
    predecessor : the number of the matter that it is a relapse of
    """

    number: str
    subject: str
    matter: Matter | None
    unit: str
    light: str
    proposals: tuple[str, ...]
    quarters: int
    predecessor: str


@dataclass(frozen=True)
class Docket:
    """What is known of the matters of a page's region on its day.

    Parameters
    ----------
    view : the page
    events : every event known, in the order in which they were recorded
    sample : whether they are sample events
    """

    view: View
    events: tuple[Event, ...]
    sample: bool

    @cached_property
    def day(self) -> dt.date:
        """The day that the page speaks of: its cut-off, or the last one that anything is known of."""
        day = cut_off_day(self.view.as_of)
        known = [event.recorded_on for event in self.events]
        known += [dt.date.fromisoformat(self.view.cut_off)] if self.view.cut_off else []
        return day or max([self.view.quarter.end_time.date(), *known])

    @cached_property
    def since(self) -> dt.date:
        """The day that the report of the quarter before spoke of; before the plan's first, the quarter's beginning."""
        before = last_report(self.view)
        return before.day if before is not None else (self.view.quarter - 1).end_time.date()

    @cached_property
    def every(self) -> dict[str, Matter]:
        """Every matter known, by number, also those of lists after the quarter's."""
        return self._known_by(self.day)

    @cached_property
    def matters(self) -> dict[str, Matter]:
        """The matters on the lists up to the quarter, by number."""
        return self._listed(self.every)

    @cached_property
    def before(self) -> dict[str, Matter]:
        """The matters as the last report knew them, by number."""
        return self._listed(self._known_by(self.since))

    def _known_by(self, day: dt.date) -> dict[str, Matter]:
        known = (event for event in self.events if event.recorded_on <= day)
        return rebuild(known).get(self.view.region.code, {})

    def _listed(self, matters: Mapping[str, Matter]) -> dict[str, Matter]:
        return {n: m for n, m in matters.items() if parse_quarter(m.quarter) <= self.view.quarter}

    @cached_property
    def open(self) -> list[Matter]:
        """The matters that are not closed, oldest first."""
        return sorted((m for m in self.matters.values() if m.open), key=lambda m: m.number)

    @cached_property
    def closed(self) -> list[Matter]:
        """The matters whose closing became known since the last report."""
        gone = [
            m for n, m in self.matters.items() if not m.open and (n not in self.before or self.before[n].open)
        ]
        return sorted(gone, key=lambda m: m.number)

    def light(self, subject: str) -> str:
        """Return how an indicator or a commitment stands in the quarter."""
        if subject in self.view.plan.indicators:
            return str(self.view.score(subject).light)
        return standing(self.view, subject).state

    def lags(self, subject: str) -> bool:
        """Return whether the rules put a subject on the list."""
        light, rules = self.light(subject), self.view.rules.supervision
        indicator = self.view.plan.indicators.get(subject)
        if indicator is not None:
            return light in rules.opens and (rules.set_above or not indicator.set_by)
        return light in rules.opens_commitments and is_due(self.view, subject)

    def recovered(self, subject: str) -> bool:
        """Return whether a subject is known to lag no more; where there is no figure it is not."""
        light, rules = self.light(subject), self.view.rules.supervision
        if subject in self.view.plan.indicators:
            return light in _JUDGED and light not in rules.opens
        return light == "kept"

    @cached_property
    def entries(self) -> list[Entry]:
        """The quarter's problem list: open ones, those closed since the last report, and those proposed."""
        entries = [self._listed_entry(m) for m in sorted([*self.open, *self.closed], key=lambda m: m.number)]
        under_way = {matter.subject for matter in self.every.values() if matter.open}
        plan, number = self.view.plan, next_number(self.every, str(self.view.quarter))
        for subject in (*plan.indicators, *plan.commitments):
            if subject not in under_way and self.lags(subject):
                entries.append(self._proposed_entry(subject, number))
                number = next_number([*self.every, *(e.number for e in entries)], str(self.view.quarter))
        return entries

    def _listed_entry(self, matter: Matter) -> Entry:
        quarters = (self.view.quarter - parse_quarter(matter.quarter)).n + 1
        proposals: tuple[str, ...] = ()
        if matter.open and self.recovered(matter.subject):
            proposals = (CLOSE,)
        elif (
            matter.open and not matter.escalated_on and quarters > self.view.rules.supervision.escalate_after
        ):
            proposals = (ESCALATE,)
        light = self.light(matter.subject)
        return Entry(
            matter.number, matter.subject, matter, matter.unit, light, proposals, quarters, matter.predecessor
        )

    def _proposed_entry(self, subject: str, number: str) -> Entry:
        before, unit = last_of(self.every, subject), self.view.plan.lead_unit(subject)
        return Entry(
            number, subject, None, unit, self.light(subject), (ASSIGN,), 1, before.number if before else ""
        )

    @cached_property
    def flow(self) -> dict[str, list[str]]:
        """The numbers of the matters that were opened, closed, returned, escalated or fell due since the last report.

        What counts is the day from which a step is known: one that a report could not yet know is in the next.
        """
        found = {
            name: sorted({e.matter for e in self._recent if e.step == step}) for name, step in _STEPS.items()
        }
        late = [m.number for m in self.open if m.overdue(self.day) and m.due >= self.since]
        return {name: late if name == "overdue" else found[name] for name in FLOW}

    @property
    def _recent(self) -> Iterator[Event]:
        """The events that became known since the last report."""
        return (e for m in self.matters.values() for e in m.events if e.recorded_on > self.since)

    @property
    def carried_over(self) -> list[str]:
        """The numbers of the matters that were open when the last report was made."""
        return sorted(number for number, matter in self.before.items() if matter.open)


def by_quarter(docket: Docket) -> pd.DataFrame:
    """Count what happened from one quarter's report to the next.

    Parameters
    ----------
    docket : the last quarter's

    Returns
    -------
    One row per quarter since the first list, by its code: ``opened``, ``relapsed`` (among those opened), ``returned``,
    ``escalated``, ``closed`` and ``overdue`` (that fell due, and were open when the report was made), and ``open`` on
    the report's day [count].
    """
    first = min((parse_quarter(m.quarter) for m in docket.matters.values()), default=None)
    rows: dict[str, dict[str, int]] = {}
    while first is not None and docket.view.quarter >= first:
        moved = docket.flow
        rows[str(docket.view.quarter)] = {
            "opened": len(moved["opened"]),
            "relapsed": sum(bool(docket.matters[number].predecessor) for number in moved["opened"]),
            "returned": len(moved["returned"]),
            "overdue": len(moved["overdue"]),
            "escalated": len(moved["escalated"]),
            "closed": len(moved["closed"]),
            "open": len(docket.open),
        }
        before = last_report(docket.view)
        if before is None:
            break
        view = replace(docket.view, quarter=before.quarter, as_of=str(before.day))
        docket = replace(docket, view=view)
    columns = ["opened", "relapsed", "returned", "overdue", "escalated", "closed", "open"]
    return pd.DataFrame(rows.values(), index=list(rows), columns=columns, dtype="int64")[::-1]


def open_docket(view: View) -> Docket:
    """Gather the matters of a page's region as known on its day.

    Parameters
    ----------
    view : the page

    Raises
    ------
    LaoyouError
        If a log of events cannot be accepted.
    """
    subjects = (*view.plan.indicators, *view.plan.commitments)
    events, sample = known_events(
        view.workspace, view.region.code, regions=view.regions, subjects=subjects, as_of=view.as_of
    )
    return Docket(view, tuple(events), sample)


def problem_list(view: View) -> pd.DataFrame:
    """Return a quarter's problem list （督查核查问题清单） as a table.

    Parameters
    ----------
    view : the page

    Returns
    -------
    One row per problem: ``number``, ``quarter`` of the list that it was first on, ``subject``, ``name``, ``light``,
    ``lead_unit``, ``supporting_units``, ``cause``, ``measures``, ``responsible``, ``assigned_on``, ``due``,
    ``progress``, ``state`` (empty where it is only proposed), ``overdue``, ``closed_by``, ``closed_on``,
    ``escalated_on``, ``proposals``, ``predecessor``, ``age`` [day], ``quarters`` [count].
    """
    docket = open_docket(view)
    return pd.DataFrame([_row(docket, entry) for entry in docket.entries], columns=list(_COLUMNS))


_COLUMNS = (
    "number", "quarter", "subject", "name", "light", "lead_unit", "supporting_units", "cause", "measures",
    "responsible", "assigned_on", "due", "progress", "state", "overdue", "closed_by", "closed_on",
    "escalated_on", "proposals", "predecessor", "age", "quarters",
)  # fmt: skip


def _row(docket: Docket, entry: Entry) -> dict[str, object]:
    plan, matter = docket.view.plan, entry.matter
    named = plan.indicators.get(entry.subject) or plan.commitments[entry.subject]
    row: dict[str, object] = dict.fromkeys(_COLUMNS, "")
    row |= {name: getattr(matter, name) for name in _COLUMNS if hasattr(matter, name)}
    return row | {
        "number": entry.number,
        "quarter": matter.quarter if matter else str(docket.view.quarter),
        "subject": entry.subject,
        "name": named.name.zh,
        "light": entry.light,
        "lead_unit": entry.unit,
        "supporting_units": "、".join(plan.supporting_units(entry.subject)),
        "overdue": bool(matter and matter.overdue(docket.day)),
        "age": matter.age(docket.day) if matter else 0,
        "proposals": entry.proposals,
        "quarters": entry.quarters,
        "predecessor": entry.predecessor,
    }


def assignments(
    docket: Docket, *, on: dt.date, recorded_on: dt.date, by: str, source: str
) -> Sequence[Event]:
    """Return the events that give every problem proposed to its lead unit.

    Parameters
    ----------
    docket : the quarter's
    on, recorded_on : the day of the assignment, and the day from which it is known
    by, source : who assigns, and where that was said
    """
    view = docket.view
    due = on + dt.timedelta(days=view.rules.supervision.days_to_mend)
    return [
        Event(
            region=view.region.code, matter=entry.number, step=Step.ASSIGN, on=on, recorded_on=recorded_on, by=by,
            quarter=str(view.quarter), subject=entry.subject, unit=entry.unit,
            predecessor=entry.predecessor, due=due, source=source,
        )
        for entry in docket.entries
        if entry.matter is None
    ]  # fmt: skip
