"""Which mapping a file answers to: its headings stand where the mapping says, under the names it says."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence

from laoyou.errors import IntakeError, Problem, did_you_mean, one_of
from laoyou.intake.mappings import Column, Mapping, Named
from laoyou.sheets.cells import same_word
from laoyou.sheets.grids import Grid, Reader, Sheet


def find_mapping(
    reader: Reader, mappings: Map[str, Named], shown: str, wanted: str | None = None
) -> tuple[Named, Sheet]:
    """Return the mapping that a file answers to, and the sheet it describes.

    Parameters
    ----------
    reader : the file
    mappings : every mapping there is, by name
    shown : the file's name in messages
    wanted : the name of the mapping, where the user gave one

    Raises
    ------
    IntakeError
        If none fits, or more than one does.
    """
    if wanted is not None:
        if wanted not in mappings:
            problem = Problem(
                "--mapping", f"「{wanted}」不存在", one_of(mappings), did_you_mean(wanted, mappings)
            )
            raise IntakeError("data/mappings/", problem)
        named = mappings[wanted]
        return named, _sheet(reader, named, shown)
    fits, near = [], []
    heads: dict[tuple[str, int], Grid] = {}
    for named in mappings.values():
        for sheet in _candidates(reader, named.mapping):
            place = (sheet.name, named.mapping.header[-1])
            if place not in heads:
                heads[place] = head_of(reader, sheet, named.mapping)
            absent = [c.header for c in _absent(heads[place], named.mapping)]
            if not absent:
                fits.append((named, sheet))
            elif len(absent) < len(named.mapping.columns):
                near.append((len(absent) / len(named.mapping.columns), named.name, absent))
    if len(fits) == 1:
        return fits[0]
    if len({named.name for named, _ in fits}) == 1:
        raise _several_sheets([sheet for _, sheet in fits], fits[0][0], shown)
    if fits:
        names = one_of(sorted({named.name for named, _ in fits}))
        problem = Problem("表头", f"合乎几份映射：{names}", "只合乎一份", "用 --mapping 名称 指明")
        raise IntakeError(shown, problem)
    found = "不是填报表，表头也不合乎任何一份映射"
    elsewhere = _on_another_sheet(reader, mappings)
    if elsewhere:
        found += f"；{elsewhere}"
    elif near:
        _, name, absent = min(near)
        found += f"；最接近 {name}，缺少「{'」「'.join(absent)}」"
    remedy = "核对 data/mappings/ 里的 sheet、header、columns，或用 --mapping 名称 指明"
    raise IntakeError(shown, Problem("表头", found, one_of(mappings), remedy))


def _on_another_sheet(reader: Reader, mappings: Map[str, Named]) -> str:
    """Return which mapping would fit but for the name of the sheet, in words; empty where none."""
    for named in mappings.values():
        for sheet in (s for s in reader.sheets if not s.hidden and named.mapping.sheet and s.name):
            if not _absent(head_of(reader, sheet, named.mapping), named.mapping):
                return f"表头合乎 {named.name}，但工作表名是「{sheet.name}」，映射写的是「{named.mapping.sheet}」"
    return ""


def _candidates(reader: Reader, mapping: Mapping) -> list[Sheet]:
    """Return the sheets that a mapping may mean: the one it names, or every visible one."""
    named = [s for s in reader.sheets if mapping.sheet and same_word(s.name) == same_word(mapping.sheet)]
    return named or [s for s in reader.sheets if not s.hidden and (not mapping.sheet or not s.name)]


def _sheet(reader: Reader, named: Named, shown: str) -> Sheet:
    """Return the sheet that a chosen mapping describes."""
    candidates = _candidates(reader, named.mapping)
    fits = [s for s in candidates if not _absent(head_of(reader, s, named.mapping), named.mapping)]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise _several_sheets(fits, named, shown)
    if not candidates:
        found = f"没有名为「{named.mapping.sheet}」的工作表" if named.mapping.sheet else "没有可见的工作表"
        raise IntakeError(shown, Problem("工作表", found, remedy=f"核对 {named.shown} 的 sheet"))
    head = head_of(reader, candidates[0], named.mapping)
    remedy = f"核对表头在第几行、怎么写，改 {named.shown} 的 header 或 columns"
    raise IntakeError(
        shown,
        [
            Problem(head.place(named.mapping.header[-1], 1), f"没有「{column.header}」这一列", remedy=remedy)
            for column in _absent(head, named.mapping)
        ],
    )


def _several_sheets(sheets: Sequence[Sheet], named: Named, shown: str) -> IntakeError:
    """Return the refusal of a file of which only one sheet would be read."""
    found = f"{len(sheets)} 张表都合乎 {named.name}：{one_of(sheet.shown for sheet in sheets)}"
    remedy = f"合成一张表，删去多余的，或在 {named.shown} 里写 sheet"
    return IntakeError(shown, Problem("工作表", found, "只有一张", remedy))


def head_of(reader: Reader, sheet: Sheet, mapping: Mapping) -> Grid:
    """Return the heading of a sheet and the lines above it; what stands below is not read."""
    return reader.grid(sheet, last_row=mapping.header[-1])


def headings_of(head: Grid, mapping: Mapping) -> dict[str, int]:
    """Return the columns by their heading; the parts of a heading in two rows are joined by a slash."""
    return {heading: columns[0] for heading, columns in all_headings(head, mapping).items()}


def all_headings(head: Grid, mapping: Mapping) -> dict[str, list[int]]:
    """Return every column of each heading; of a heading merged over several columns, the first."""
    found: dict[str, list[int]] = {}
    above = ""
    for column in range(1, head.columns + 1):
        parts = [same_word(head.cell(row, column).value) for row in mapping.header]
        if len(parts) == 2:
            above = parts[0] = parts[0] or above
        heading = "/".join(dict.fromkeys(part for part in parts if part))
        if any((row, column) in head.cells for row in mapping.header):
            found.setdefault(heading, []).append(column)
    return found


def _absent(head: Grid, mapping: Mapping) -> list[Column]:
    headings = headings_of(head, mapping)
    return [column for column in mapping.columns.values() if same_word(column.header) not in headings]
