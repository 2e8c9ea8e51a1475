"""Collection forms that came back: which form it is, and its rows as the ledger takes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from laoyou.errors import IntakeError, NotAllowedError, Problem
from laoyou.forms.filled_marks import find_sheet, is_form, other_sheets, read_marks, row_keys, row_places
from laoyou.forms.filled_rows import NOT_HERE, Filled, Sheet, as_shown, read_row
from laoyou.forms.rows import FIGURES, INPUTS, LATEST_AFTER, WHOLE_DAY, Column, Mode, form_rows, levels
from laoyou.ledger.file import COLUMNS
from laoyou.periods import parse_quarter
from laoyou.plan import Plan
from laoyou.regions import Region
from laoyou.rules import Rules
from laoyou.sheets.grids import Grid

__all__ = ["FilledForm", "is_form", "read_form"]


@dataclass(frozen=True)
class FilledForm:
    """A form that came back.

    Parameters
    ----------
    unit, quarter : whose form it is, and of which quarter
    rows : text in the ledger's columns, ``reported_on`` empty, and ``place`` where each stands
    blank : the rows that were left empty, by name
    """

    unit: str
    quarter: str
    rows: pd.DataFrame
    blank: list[str]


def read_form(
    grids: Sequence[Grid], shown: str, plan: Plan, regions: Mapping[str, Region], rules: Rules
) -> FilledForm:
    """Read a filled form.

    Parameters
    ----------
    grids : every sheet of the file
    shown : its name in messages
    plan, regions, rules : what it is read by

    Returns
    -------
    Its rows. A ratio that is worked out from other rows of the form has a row of its own once both are filled
    in; a row with nothing but a date or a source counts as empty.

    Raises
    ------
    IntakeError
        With every problem of the file.
    """
    marks = read_marks(grids, shown, plan, regions)
    quarter, unit, region = marks["quarter"], marks["unit"], marks["region"]
    expected = {row.key: row for row in form_rows(plan, parse_quarter(quarter), unit, region)}
    end = parse_quarter(quarter).end_time.date()
    grid, head = find_sheet(grids, shown)
    columns: dict[str, int] = {name: head.columns[name] for name in INPUTS}
    sheet = Sheet(grid, columns, levels(region, regions), (end, end + LATEST_AFTER), rules)
    problems = list(other_sheets(grids, grid))
    keys = row_keys(sheet, head, problems)
    places = row_places(sheet, keys, expected, marks["rows"].split("\n"), problems)

    day = None
    for number in (number for number, key in keys.items() if key == WHOLE_DAY):
        try:
            day = sheet.day(number)
        except NotAllowedError as cause:
            problems.append(Problem(sheet.place(number, Column.DAY), cause.found, cause.allowed))
    filled = {key: read_row(sheet, number, expected[key]) for key, number in places.items()}
    for key, row in filled.items():
        if row.row.mode == Mode.COMPUTED:
            _compute(sheet, places[key], row, filled)
        problems += row.problems
    if problems:
        raise IntakeError(shown, problems)
    own = f"{unit} {quarter} 填报表"
    rows = [_incoming(row, shown, own, row.day or day) for row in filled.values() if not row.blank]
    table = pd.DataFrame(rows, columns=[*COLUMNS, "place"], dtype="str")
    blank = [row.row.name for row in filled.values() if row.blank and row.row.mode != Mode.COMPUTED]
    return FilledForm(unit, quarter, table, blank)


def _compute(sheet: Sheet, number: int, row: Filled, filled: Mapping[str, Filled]) -> None:
    """Work a ratio out from the rows of its parts, and hold what its cells show against it."""
    parts = [filled[key] for key in row.row.parts if key in filled]
    if len(parts) < 2 or any(part.problems for part in parts):
        return
    names = [part.row.name for part in parts]
    known = [part.figures.get(Column.VALUE) for part in parts]
    figures: dict[str, Decimal] = {
        name: figure
        for name, figure in zip((Column.NUMERATOR, Column.DENOMINATOR), known, strict=True)
        if figure is not None
    }
    places = "、".join(part.place for part in parts)
    top, bottom = known
    if top is not None and bottom is not None:
        if not bottom:
            row.problems.append(Problem(places, f"{names[1]}是 0，算不出{row.row.name}", "大于 0 的数"))
        elif top > bottom:
            found = f"{names[0]} {top:f} 大于{names[1]} {bottom:f}"
            row.problems.append(Problem(places, found, "不大于它的数"))
        row.figures = dict(figures)
        row.words[Column.NOTE] = f"由{names[0]}÷{names[1]}算出"
    else:
        row.missing = next((part.missing for part in parts if part.missing), "")
    _check_shown(sheet, number, row, figures, names)
    row.place = places
    row.day = max((part.day for part in parts if part.day), default=None)
    statuses = {part.status for part in parts}
    row.status = statuses.pop() if len(statuses) == 1 else "sample" if "sample" in statuses else "reported"
    for name in (Column.SOURCE, Column.BREAK):
        texts = dict.fromkeys(part.words[name] for part in parts if name in part.words)
        if texts:
            row.words[name] = "；".join(texts)


def _check_shown(
    sheet: Sheet, number: int, row: Filled, figures: Mapping[str, Decimal], names: Sequence[str]
) -> None:
    """Refuse what was typed over a computed ratio; the form's own formulas show what they were worked out from."""
    due = dict(figures) | ({Column.VALUE: row.rate} if row.rate is not None else {})
    tolerance = Decimal(repr(sheet.rules.ledger.rate_rounding))
    for name in FIGURES:
        cell = sheet.cell(number, name)
        if cell.trouble or sheet.blank(number, name):
            continue
        shown = as_shown(cell)
        if (
            shown is None
            or name not in due
            or abs(shown - due[name]) > (tolerance if name == Column.VALUE else 0)
        ):
            remedy = "清空这一格；它由本表的" + "、".join(names) + "算出"
            row.problems.append(Problem(sheet.place(number, name), NOT_HERE, remedy=remedy))


def _incoming(row: Filled, shown: str, own: str, day: dt.date | None) -> dict[str, str]:
    """Return a row as the ledger takes it."""
    form = own + (f"（填报 {day}）" if day else "")
    given = row.words.get(Column.SOURCE, "")
    fields = {name: f"{figure:f}" for name, figure in row.figures.items()}
    return {
        **dict.fromkeys(COLUMNS, ""),
        "region": row.row.region,
        "indicator": row.row.id,
        "period": row.row.period,
        "value": fields.get(Column.VALUE, ""),
        "numerator": fields.get(Column.NUMERATOR, ""),
        "denominator": fields.get(Column.DENOMINATOR, ""),
        "missing": row.missing,
        "series_break": row.words.get(Column.BREAK, ""),
        "status": row.status,
        "measured_at": row.level or row.row.region,
        "source": f"{given}，{form}" if given else form,
        "note": row.words.get(Column.NOTE, ""),
        "place": f"{shown} {row.place}",
    }
