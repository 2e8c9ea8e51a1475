"""What a filled form is known by: the marks on its hidden sheet, its head and the key of every row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from laoyou.errors import IntakeError, Problem
from laoyou.forms.filled_rows import Sheet
from laoyou.forms.rows import INPUTS, KEY, MARKS, NO_ROW, VERSION, WHOLE_DAY, Column, FormRow, lead_units
from laoyou.periods import parse_quarter
from laoyou.plan import Plan
from laoyou.regions import Region
from laoyou.sheets.cells import plain_text
from laoyou.sheets.grids import Grid

REMAKE = "用 laoyou form 重新生成表格，把数填进新表，存为 .xlsx"
HEAD_WITHIN = (80, 60)  # rows and columns that the head of a form is looked for in
_HEAD_WORDS = (Column.REASON, Column.STATUS, Column.DAY)


def is_form(grids: Sequence[Grid]) -> bool:
    """Return whether a file is, or once was, a form of this program."""
    if any(grid.name == MARKS or _head(grid) for grid in grids):
        return True
    return any(
        all(word in texts for word in _HEAD_WORDS) for grid in grids for texts in _first_rows(grid).values()
    )


@dataclass(frozen=True)
class Head:
    """The head of a form: its row, and the column of each word in it."""

    row: int
    columns: Mapping[str, int]


def _first_rows(grid: Grid) -> dict[int, dict[str, int]]:
    """Return the texts of the rows that may be a head, each with its column, by row."""
    rows: dict[int, dict[str, int]] = {}
    for (row, column), cell in grid.cells.items():
        if row <= HEAD_WITHIN[0] and column <= HEAD_WITHIN[1] and isinstance(cell.value, str):
            rows.setdefault(row, {}).setdefault(plain_text(cell.value), column)
    return rows


def _head(grid: Grid) -> Head | None:
    """Return a form's head; None where a sheet has none."""
    return next((Head(row, texts) for row, texts in sorted(_first_rows(grid).items()) if KEY in texts), None)


def _word(grid: Grid, row: int, column: int) -> str:
    """Return a mark as it was written, its brackets as wide as they were."""
    value = grid.cell(row, column).value
    return "" if value is None else str(value).strip()


def read_marks(
    grids: Sequence[Grid], shown: str, plan: Plan, regions: Mapping[str, Region]
) -> dict[str, str]:
    """Return what the hidden sheet says of the form, its rows' keys a line each."""
    grid = next((grid for grid in grids if grid.name == MARKS), None)
    if grid is None:
        problem = Problem("文件", "表格的标记没有了，认不出是哪一张", "laoyou form 生成的工作簿", REMAKE)
        raise IntakeError(shown, problem)
    pairs = [(_word(grid, row, 1), _word(grid, row, 2)) for row in range(1, grid.rows + 1)]
    marks = {"rows": "\n".join(key for name, key in pairs if name == "row"), **dict(pairs)}
    problems = []

    def expect(name: str, good: bool, what: str, allowed: str) -> None:
        if not good:
            found = marks.get(name, "")
            problems.append(
                Problem("表格的标记", f"{what}「{found}」" if found else f"没有{what}", allowed, REMAKE)
            )

    expect("version", marks.get("version") == VERSION, "表格版本", VERSION)
    expect("plan", marks.get("plan") == plan.id, "规划", plan.id)
    expect("region", marks.get("region") in regions, "地区", "data/regions.csv 里的代码")
    expect("unit", marks.get("unit") in lead_units(plan), "牵头单位", "、".join(lead_units(plan)))
    try:
        good = parse_quarter(marks.get("quarter", "")).year in plan.years
    except ValueError:
        good = False
    expect("quarter", good, "季度", f"{plan.first_year}Q1—{plan.last_year}Q4")
    if problems:
        raise IntakeError(shown, problems)
    return marks


def find_sheet(grids: Sequence[Grid], shown: str) -> tuple[Grid, Head]:
    """Return the sheet to be read, and its head."""
    heads = [(grid, head) for grid in grids if (head := _head(grid))]
    if len(heads) == 1:
        grid, head = heads[0]
        absent = [name for name in INPUTS if name not in head.columns]
        if not absent and not grid.hidden:
            return grid, head
        place = f"工作表「{grid.sheet.shown}」"
        if grid.hidden:
            problem = Problem(place, "填报的工作表隐藏着", remedy="取消隐藏，核对后再交")
        else:
            found = "表头少了" + "、".join(f"「{name}」" for name in absent)
            problem = Problem(f"{place}第 {head.row} 行", found, "、".join(INPUTS), REMAKE)
    elif heads:
        names = "、".join(f"「{grid.sheet.shown}」" for grid, _ in heads)
        problem = Problem(
            "文件", f"有 {len(heads)} 张填报的工作表：{names}", "一张", "留下要报的一张，删去其余的"
        )
    else:
        problem = Problem(
            "文件", "各行的标记没有了，认不出哪一行是哪个指标", "laoyou form 生成的工作簿", REMAKE
        )
    raise IntakeError(shown, problem)


def other_sheets(grids: Sequence[Grid], form: Grid) -> Iterator[Problem]:
    """Yield every sheet besides that holds something, for nobody would read it."""
    for grid in grids:
        if grid is form or grid.name == MARKS:
            continue
        if any(cell.trouble or plain_text(cell.value) for cell in grid.cells.values()):
            kind = "隐藏的工作表" if grid.hidden else "工作表"
            remedy = f"要报的数填进「{form.sheet.shown}」，删去这一张" + (
                "（先取消隐藏）" if grid.hidden else ""
            )
            yield Problem(
                f"{kind}「{grid.sheet.shown}」", "不是表格里原有的，里面有内容，不会被读取", remedy=remedy
            )


def row_keys(sheet: Sheet, head: Head, problems: list[Problem]) -> dict[int, str]:
    """Return what every row of the sheet is marked as; add a problem for a row filled in without a mark."""
    keys: dict[int, str] = {}
    for row in sorted({row for row, _ in sheet.grid.cells}):
        key = _word(sheet.grid, row, head.columns[KEY])
        if key:
            keys[row] = key
        elif row > head.row:
            there = [name for name in INPUTS if not sheet.blank(row, name)]
            if there:
                found = "这一行填了东西，却没有标记，认不出是哪个指标"
                problems.append(Problem(sheet.place(row, there[0]), found, "表格原有的行", REMAKE))
    return keys


def row_places(
    sheet: Sheet,
    keys: Mapping[int, str],
    expected: Mapping[str, FormRow],
    written: Sequence[str],
    problems: list[Problem],
) -> dict[str, int]:
    """Return where each row of the form stands; add a problem for one that is absent, twice or of another form.

    Parameters
    ----------
    sheet, keys : the sheet and the marks of its rows
    expected : the rows that the plan has for this unit and quarter, by key
    written : the keys of the rows that the form was written with
    problems : what is wrong so far
    """
    places: dict[str, int] = {}
    for number, key in keys.items():
        if key in (KEY, NO_ROW, WHOLE_DAY):
            continue
        place = sheet.place(number, Column.VALUE)
        if key not in expected:
            found = "这一行的标记不属于这份规划里本单位本季的表"
            problems.append(Problem(place, found, remedy=REMAKE))
        elif key in places:
            found = f"「{expected[key].name}」有两行，另一行在第 {places[key]} 行"
            problems.append(Problem(place, found, "一个指标一行", "删去多出的一行"))
        else:
            places[key] = number
    for key in written:
        if key and key not in keys.values():
            name = expected[key].name if key in expected else key
            problems.append(
                Problem(f"工作表「{sheet.grid.sheet.shown}」", f"少了「{name}」一行", "表格原有的行", REMAKE)
            )
    return places
