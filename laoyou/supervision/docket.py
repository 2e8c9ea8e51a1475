"""A quarter's docket: the matters under supervision, what is proposed for each, and what the quarter did to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from laoyou.commitments import is_due, standing
from laoyou.last_report import last_report
from laoyou.ledger.vintage import cut_off_day
from laoyou.periods import parse_quarter
from laoyou.supervision.log import known_events
from laoyou.supervision.matters import Event, Matter, next_number, rebuild
from laoyou.supervision.states import Step
from laoyou.view import View

ASSIGN, CLOSE, ESCALATE = "assign", "close", "escalate"  # what the rules propose; people decide
FLOW = ("opened", "closed", "returned", "overdue", "escalated")


@dataclass(frozen=True)
class Entry:
    """One line of a quarter's problem list.

    Parameters
    ----------
    number : its number, the one that it would get where it is only proposed
    subject : an indicator or commitment
    matter : as its events leave it; None where it is only proposed
    light : of the indicator in the quarter; of a commitment ``kept``, ``missed``, ``pending`` or ``unknown``
    lagging : whether the light, or a commitment that is due and not kept, is one that opens a matter
    proposals : what the rules propose: ``assign``, ``close``, ``escalate``
    quarters : how many quarterly lists it has been on, this one among them [count]
    predecessor : the number of the matter that it is a relapse of
    """

    number: str
    subject: str
    matter: Matter | None
    light: str
    lagging: bool
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
    def matters(self) -> dict[str, Matter]:
        """The matters on the lists up to the quarter, by number."""
        found = rebuild(self.events).get(self.view.region.code, {})
        return {n: m for n, m in found.items() if parse_quarter(m.quarter) <= self.view.quarter}

    @property
    def open(self) -> list[Matter]:
        """The matters that are not closed, oldest first."""
        return sorted((m for m in self.matters.values() if m.open), key=lambda m: m.number)

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
        return light in ("missed", "unknown") and is_due(self.view, subject)

    def recovered(self, subject: str) -> bool:
        """Return whether a subject is known to lag no more; where there is no figure it is not."""
        known = ("green", "watch", "yellow", "red", "kept")
        return self.light(subject) in known and not self.lags(subject)

    @cached_property
    def entries(self) -> list[Entry]:
        """The quarter's problem list: open ones, those closed since the last report, and those proposed."""
        shown = [m for m in self.matters.values() if m.open or (m.closed_on and m.closed_on > self.since)]
        entries = [self._entry(matter) for matter in sorted(shown, key=lambda m: m.number)]
        taken = dict(self.matters)
        for subject in self._new_subjects:
            number = next_number(taken, str(self.view.quarter))
            taken[number] = None  # type: ignore[assignment]  # only its number counts here
            before = self.last_of(subject)
            entries.append(
                Entry(
                    number,
                    subject,
                    None,
                    self.light(subject),
                    True,
                    (ASSIGN,),
                    1,
                    before.number if before else "",
                )
            )
        return entries

    def _entry(self, matter: Matter) -> Entry:
        quarters = (self.view.quarter - parse_quarter(matter.quarter)).n + 1
        proposals = []
        if matter.open and self.recovered(matter.subject):
            proposals.append(CLOSE)
        long = quarters > self.view.rules.supervision.escalate_after
        if matter.open and not matter.escalated_on and long and not proposals:
            proposals.append(ESCALATE)
        return Entry(
            matter.number, matter.subject, matter, self.light(matter.subject), self.lags(matter.subject),
            tuple(proposals), quarters, matter.predecessor,
        )  # fmt: skip

    @property
    def _new_subjects(self) -> list[str]:
        """The subjects that lag and have no open matter, in the plan's order."""
        under_way = {matter.subject for matter in self.open}
        plan = self.view.plan
        return [s for s in (*plan.indicators, *plan.commitments) if s not in under_way and self.lags(s)]

    def last_of(self, subject: str) -> Matter | None:
        """Return the last matter of a subject, open or closed."""
        same = [m for m in self.matters.values() if m.subject == subject]
        return max(same, key=lambda m: (m.assigned_on, m.number), default=None)

    @cached_property
    def flow(self) -> dict[str, list[str]]:
        """The numbers of the matters that were opened, closed, returned, escalated or fell due since the last report."""
        steps = {
            "opened": Step.ASSIGN,
            "closed": Step.CLOSE,
            "returned": Step.RETURN,
            "escalated": Step.ESCALATE,
        }
        recent = [e for m in self.matters.values() for e in m.events if self.since < e.on <= self.day]
        found = {name: sorted({e.matter for e in recent if e.step == step}) for name, step in steps.items()}
        late = [m.number for m in self.open if m.overdue(self.day) and m.due >= self.since]
        return {name: sorted(late) if name == "overdue" else found[name] for name in FLOW}

    @property
    def carried_over(self) -> list[str]:
        """The numbers of the matters that were open when the last report was made."""
        return sorted(
            m.number
            for m in self.matters.values()
            if m.assigned_on <= self.since and (m.closed_on is None or m.closed_on > self.since)
        )


def by_quarter(docket: Docket) -> pd.DataFrame:
    """Count what happened from one quarter's report to the next.

    Parameters
    ----------
    docket : the last quarter's

    Returns
    -------
    One row per quarter since the first list, by its code: ``opened``, ``relapsed`` (among those opened), ``returned``,
    ``escalated``, ``closed``, and ``open`` on the report's day [count].
    """
    matters = list(docket.matters.values())
    if not matters:
        return pd.DataFrame(
            columns=["opened", "relapsed", "returned", "escalated", "closed", "open"], dtype="int64"
        )
    lag = docket.day - docket.view.quarter.end_time.date()
    rows = {}
    for quarter in pd.period_range(min(m.quarter for m in matters), docket.view.quarter, freq="Q-DEC"):
        since, day = ((q.end_time.date() + lag) for q in (quarter - 1, quarter))
        steps = [e.step for m in matters for e in m.events if since < e.on <= day]
        rows[str(quarter)] = {
            "opened": steps.count(Step.ASSIGN),
            "relapsed": sum(bool(m.predecessor) and since < m.assigned_on <= day for m in matters),
            "returned": steps.count(Step.RETURN),
            "escalated": steps.count(Step.ESCALATE),
            "closed": steps.count(Step.CLOSE),
            "open": sum(m.assigned_on <= day and (m.closed_on is None or m.closed_on > day) for m in matters),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


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
        "lead_unit": matter.unit if matter else plan.lead_unit(entry.subject),
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
            quarter=str(view.quarter), subject=entry.subject, unit=view.plan.lead_unit(entry.subject),
            predecessor=entry.predecessor, due=due, source=source,
        )
        for entry in docket.entries
        if entry.matter is None
    ]  # fmt: skip
