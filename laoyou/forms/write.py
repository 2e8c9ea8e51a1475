"""Collection forms: one workbook for each lead unit, with its own rows and what is known of them."""

from __future__ import annotations

import io
import math
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from openpyxl import load_workbook

from laoyou.attainment import meets
from laoyou.errors import Problem, RunError
from laoyou.formats import DASH, measured, number
from laoyou.forms.layout import Form, Line, build
from laoyou.forms.rows import (
    COLUMN,
    FIRST_ROW,
    HEAD_ROW,
    INPUTS,
    SHEET,
    Column,
    FormRow,
    form_rows,
    lead_units,
    levels,
    meaning,
)
from laoyou.ledger.file import MISSING, STATUSES
from laoyou.periods import period_label
from laoyou.plan import Commitment, Indicator, Series, load_plan
from laoyou.view import Point, View, open_view

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|COM\d|LPT\d)(?:\..*)?", re.IGNORECASE)


def write_forms(
    quarter: str, *, to: Path | None = None, region: str | None = None, as_of: str = "", data: str = "data"
) -> list[Path]:
    """Write the forms of a quarter, one workbook for each unit that has something to fill in.

    Parameters
    ----------
    quarter : such as ``2026Q4``
    to : the folder to write into; ``outputs/<region>/forms/<quarter>`` if not given
    region : whose figures are collected; the plan's region if not given
    as_of : past figures are shown as known on this day (ISO date); all of them if empty
    data : the data folder, relative to the workspace

    Returns
    -------
    The files, in the order of the plan's lead units.

    Raises
    ------
    LaoyouError
        If a parameter, the plan, the ledger or the rules cannot be accepted; as ``RunError`` if a form that is
        there already has been filled in, or a file cannot be written. No file is ever half written.
    """
    view = open_view(region=region or load_plan(data=data).region, quarter=quarter, as_of=as_of, data=data)
    folder = to or view.workspace.outputs / view.region.code / "forms" / str(view.quarter)
    made: dict[Path, bytes] = {}
    for unit in lead_units(view.plan):
        lines = [_line(view, row) for row in _asked(view, unit)]
        if lines:
            content = io.BytesIO()
            names = list(levels(view.region.code, view.regions))
            title = view.plan.title.zh
            build(Form(view.plan.id, title, view.region, view.quarter, unit, lines, names)).save(content)
            made[folder / file_name(unit, [file.name for file in made])] = content.getvalue()
    filled = [
        Problem(file.name, "里面已经填了东西", remedy="移走（录入过的也一样），再重新生成")
        for file in made
        if _filled(file)
    ]
    if filled:
        raise RunError(view.workspace.relative(folder), filled)
    for file, workbook in made.items():
        write_workbook(file, workbook)
    return list(made)


def _asked(view: View, unit: str) -> Iterator[FormRow]:
    """Yield a unit's rows but those that are settled.

    Settled is a yearly figure that is no sample, and a commitment whose year is over and that was kept.
    """
    for row in form_rows(view.plan, view.quarter, unit, view.region.code):
        real = [p for p in _points(view, row) if p.known and p.status != "sample"]
        if "Q" not in row.period:
            if str(view.year) == row.period or not any(str(p.quarter.year) == row.period for p in real):
                yield row
        elif isinstance(row.entry, Commitment) and view.year > row.entry.year and real:
            target, tolerance = row.entry.target, view.rules.attainment.about_tolerance
            goal = math.nan if target.value is None else target.value
            if not meets(real[-1].value, target.operator, goal, tolerance):
                yield row
        else:
            yield row


def _points(view: View, row: FormRow) -> list[Point]:
    """Return a row's figures up to the form's quarter, oldest first; a year's stands in its last quarter."""
    points = view.points(row.id, row.region)
    if points or isinstance(row.entry, Indicator):
        return points
    rows = view.observations
    yearly = (rows["region"] == row.region) & (rows["indicator"] == row.id) & (rows["frequency"] == "year")
    rows = rows[yearly].sort_values("year")
    fields = rows[["year", *Point._fields[1:]]].itertuples(index=False)
    points = [Point(pd.Period(year=year, quarter=4, freq="Q-DEC"), *rest) for year, *rest in fields]
    return [point for point in points if point.quarter <= view.quarter]


def _line(view: View, row: FormRow) -> Line:
    """Return a row of the form with what is known of it."""
    points = _points(view, row)
    yearly = "Q" not in row.period
    now = pd.Period(year=int(row.period), quarter=4, freq="Q-DEC") if yearly else view.quarter
    before = [point for point in points if point.known and point.quarter < now]
    held = isinstance(row.entry, Indicator) and row.entry.holds_until_changed
    year_ago = [p for p in points if (p.quarter <= now - 4 and p.known if held else p.quarter == now - 4)]
    reported = [point for point in points if point.known and point.quarter == now]
    last = _shown(row, before[-1], yearly) if before else DASH
    if reported:
        last += f"\n这一期已报：{_figure(row, reported[-1])}"
    return Line(
        row,
        target=_target(view, row),
        last=last,
        year_ago=_figure(row, year_ago[-1]) if year_ago else DASH,
        text="\n".join(_text(view, row)),
        level=_last_level(view, row),
    )


def _shown(row: FormRow, point: Point, yearly: bool) -> str:
    """Return a past figure with its period and where it comes from, a line each."""
    period = f"{point.quarter.year}年" if yearly else period_label(point.quarter)
    return f"{period}\n{_figure(row, point)}\n（{STATUSES.get(point.status, point.status)}）"


def _figure(row: FormRow, point: Point) -> str:
    if not point.known:
        return MISSING.get(point.missing, DASH)
    text = measured(point.value, row.entry.unit, getattr(row.entry, "decimals", 0))
    if row.percent and not math.isnan(point.numerator) and not math.isnan(point.denominator):
        text += f"\n{number(point.numerator)}/{number(point.denominator)}"
    return text


def _target(view: View, row: FormRow) -> str:
    """Return the target as printed."""
    if isinstance(row.entry, Indicator):
        return row.entry.targets[view.year].text
    return f"{row.entry.text}\n（{row.entry.year}年）" if isinstance(row.entry, Commitment) else DASH


def _text(view: View, row: FormRow) -> Iterator[str]:
    """Yield what to fill in, the definition and the sources, a line each."""
    yield meaning(row, view.quarter, view.plan, view.regions)
    if isinstance(row.entry, Indicator):
        yield f"口径：{row.entry.definition.zh}"
        if row.entry.sources:
            yield f"数据在：{'、'.join(row.entry.sources)}"
    elif isinstance(row.entry, Commitment):
        yield f"正文里的承诺，见{row.entry.reference}；目标表里没有这一行。"
    elif isinstance(row.entry, Series):
        users = [
            i.name.zh
            for i in view.plan.indicators.values()
            if (i.ratio and row.id in (i.ratio.numerator, i.ratio.denominator))
            or (i.per and i.per.series == row.id)
        ]
        yield f"没有目标，用来算{'、'.join(users)}。"


def _last_level(view: View, row: FormRow) -> str:
    """Return where a survey's figure was last measured, by name."""
    if not row.surveyed:
        return ""
    rows = view.observations
    rows = rows[(rows["region"] == row.region) & (rows["indicator"] == row.id) & (rows["measured_at"] != "")]
    rows = rows[rows["frequency"] == "quarter"].sort_values(["year", "quarter"])
    names = {code: name for name, code in levels(view.region.code, view.regions).items()}
    return names.get(str(rows["measured_at"].iloc[-1]), "") if len(rows) else ""


def file_name(unit: str, taken: list[str]) -> str:
    """Return a file name that Windows accepts and that no other unit has."""
    name = _FORBIDDEN.sub("", unit).strip(" .") or "单位"
    if _RESERVED.fullmatch(name):
        name += "_"
    folded = {n.casefold() for n in taken}
    names = (name, *(f"{name}（{n}）" for n in range(2, len(taken) + 3)))
    return next(f"{n}.xlsx" for n in names if f"{n}.xlsx".casefold() not in folded)


def _filled(file: Path) -> bool:
    """Return whether a file is there that holds anyone's work; one that cannot be read counts as such."""
    if not file.exists():
        return False
    try:
        sheet = load_workbook(file)[SHEET]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return True
    ours = (COLUMN[Column.STATUS], COLUMN[Column.LEVEL])  # filled in beforehand
    area = sheet.iter_rows(min_row=HEAD_ROW, min_col=COLUMN[INPUTS[0]], max_col=COLUMN[INPUTS[-1]])
    for row, cells in enumerate(area, HEAD_ROW):
        for cell in cells:
            given = cell.value not in (None, "") and not cell.protection.locked
            if given and not (row >= FIRST_ROW and cell.column in ours):
                return True
    return False


def write_workbook(file: Path, content: bytes) -> None:
    """Write a workbook so that there is the old one or the new one, never half of either."""
    partial = ""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix=f".{file.stem}.", suffix=".partial", dir=file.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(partial).chmod(0o644)
        Path(partial).replace(file)
    except OSError as cause:
        remedy = "核对磁盘空间和目录权限，关掉正打开它的程序；原有的文件没有改动"
        raise RunError(
            file.as_posix(), Problem("写文件", f"写不进去（{cause.strerror}）", remedy=remedy)
        ) from None
    finally:
        if partial:
            Path(partial).unlink(missing_ok=True)
