"""Synthetic case records that add up to the sample figures: nobody's cases, the same whenever they are made."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

SEED = 330305
EXPORTED_AFTER = 12  # [days] from the end of the last quarter to the export
# Where people and firms of the district are, roughly; and in which trades wages are owed.
TOWNSHIPS = {
    "330305001": 40, "330305101": 15, "330305003": 12, "330305002": 9, "330305006": 8, "330305005": 7,
    "330305004": 6, "330305202": 3,
}  # fmt: skip
INDUSTRIES = {"construction": 45, "manufacturing": 25, "hospitality": 12, "transport": 8, "other": 10}
GROUPS = {
    "hard_to_employ": 36,
    "registered_unemployed": 30,
    "graduate": 16,
    "low_income": 12,
    "near_low_income": 6,
}
LEFT_OUT = {"duplicate": 2, "unfounded": 2, "transferred": 1}

Totals = Mapping[pd.Period, tuple[int, int]]


@dataclass(frozen=True)
class Case:
    """One synthetic case or person."""

    number: int
    opened: dt.date
    closed: dt.date | None = None
    outcome: str = "open"
    region: str = ""
    industry: str = ""
    group: str = ""
    workers: int = 0
    amount: int = 0
    placed: dt.date | None = None


def _draw(*words: object) -> random.Random:
    return random.Random(" ".join(str(word) for word in (SEED, *words)))


def _pick(weights: Mapping[str, int], chance: random.Random) -> str:
    """Return one word by weight; ``random()`` alone is the same on every version of Python."""
    point = chance.random() * sum(weights.values())
    for word, weight in weights.items():
        point -= weight
        if point < 0:
            return word
    return list(weights)[-1]


def _day(first: dt.date, last: dt.date, chance: random.Random) -> dt.date:
    return first + dt.timedelta(days=int(chance.random() * ((last - first).days + 1)))


def _new(id: str, number: int, first: dt.date, last: dt.date) -> Case:
    """Return a case opened between two days."""
    chance = _draw(id, number)
    workers = 1 + int(chance.random() ** 3 * 24)
    return Case(
        number,
        _day(first, last, chance),
        region=_pick(TOWNSHIPS, chance),
        industry=_pick(INDUSTRIES, chance),
        group=_pick(GROUPS, chance),
        workers=workers,
        amount=workers * (4_000 + 500 * int(chance.random() * 30)),
    )


def running_cases(id: str, totals: Totals, before: int) -> list[Case]:
    """Return cases that are carried over from year to year until they are closed.

    Parameters
    ----------
    id : names the stream of chance
    totals : by quarter, closed since January and due since January [cases]; met exactly unless a year's first
        quarter has fewer due than were carried over
    before : cases open when the first year begins
    """
    year = min(totals).year
    first_day = dt.date(year - 1, 10, 1)
    cases = [_new(id, n, first_day, dt.date(year - 1, 12, 31)) for n in range(before)]
    waiting = list(range(before))
    closed_before = due_before = 0
    for quarter, (done, due) in sorted(totals.items()):
        first, last = quarter.start_time.date(), quarter.end_time.date()
        if quarter.quarter == 1:
            closed_before, due_before = 0, len(waiting)
        fresh = max(due - due_before, 0)
        cases += [_new(id, len(cases) + n, first, last) for n in range(fresh)]
        waiting += range(len(cases) - fresh, len(cases))
        due_before += fresh
        chance = _draw(id, quarter, "closing")
        # Older cases are closed first, but not strictly: some drag on.
        order = sorted(waiting, key=lambda n: (cases[n].opened.toordinal() + 150 * chance.random(), n))
        for n in order[: max(done - closed_before, 0)]:
            day = _day(max(first, cases[n].opened), last, chance)
            cases[n] = replace(cases[n], closed=day, outcome="done")
            waiting.remove(n)
        closed_before = max(done, closed_before)
    return cases


def ended_cases(id: str, totals: Totals) -> list[Case]:
    """Return cases that each end some weeks after they began, well or not.

    Parameters
    ----------
    id : names the stream of chance
    totals : by quarter, ended well since January and ended since January [cases]
    """
    cases: list[Case] = []
    done_before = ended_before = 0
    for quarter, (done, ended) in sorted(totals.items()):
        first, last = quarter.start_time.date(), quarter.end_time.date()
        if quarter.quarter == 1:
            done_before = ended_before = 0
        ending = max(ended - ended_before, 0)
        well = min(max(done - done_before, 0), ending)
        for n in range(ending):
            chance = _draw(id, quarter, n)
            closed = _day(first, last, chance)
            opened = closed - dt.timedelta(days=5 + int(chance.random() * 40))
            case = _new(id, len(cases), opened, opened)
            cases.append(replace(case, closed=closed, outcome="done" if n < well else "failed"))
        done_before, ended_before = done_before + well, ended_before + ending
    return cases


def left_out(id: str, cases: Sequence[Case], share: float, outcomes: Mapping[str, int]) -> list[Case]:
    """Return more cases, that no rate counts: duplicates and the like, closed some days after they came in."""
    more = []
    for n in range(int(share * len(cases))):
        chance = _draw(id, "left out", n)
        model = cases[int(chance.random() * len(cases))]
        day = model.opened + dt.timedelta(days=1 + int(chance.random() * 12))
        more.append(replace(model, number=len(cases) + n, closed=day, outcome=_pick(outcomes, chance)))
    return more


def placed(cases: Sequence[Case], since_january: Mapping[pd.Period, int]) -> list[Case]:
    """Return the same people, as many hard-to-employ ones of them placed in work as counted since January."""
    people = list(cases)
    before = 0
    for quarter, count in sorted(since_january.items()):
        first, last = quarter.start_time.date(), quarter.end_time.date()
        before = 0 if quarter.quarter == 1 else before
        ready = [n for n, p in enumerate(people) if p.placed is None and p.closed and p.closed <= last]
        ready.sort(key=lambda n: (people[n].group != "hard_to_employ", people[n].closed, n))
        for n in ready[: max(count - before, 0)]:
            assisted = people[n].closed or first
            day = _day(max(first, assisted), last, _draw("placed", n))
            people[n] = replace(people[n], placed=day, group="hard_to_employ")
        before = max(before, count)
    return people
