"""Text in a workbook that stays text: nothing that a file or a person gave becomes a formula."""

from __future__ import annotations

import re

from openpyxl.cell.cell import Cell, MergedCell

_LIVE = tuple("=+-@\t\r\n＝＋－＠")  # what a spreadsheet takes for the beginning of a formula
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # what a spreadsheet takes for a character by its code: _x0041_
_LONGEST = 32_767  # characters of a cell


def write_text(cell: Cell | MergedCell, text: object) -> None:
    """Write a text into a cell of a workbook as text, whatever it begins with.

    Parameters
    ----------
    cell : the cell
    text : what to write; control characters that a workbook cannot hold are dropped

    Notes
    -----
    openpyxl takes 「=…」 for a formula and 「#REF!」 for an error; the cell's type is set after the value, so
    both stay text. What a spreadsheet would take for a formula when the cell is edited carries its quote
    mark besides.
    """
    if isinstance(cell, MergedCell):
        raise TypeError("a merged area is written in its first cell")
    plain = _CODED.sub("_x005F_", _UNWRITABLE.sub("", str(text))[:_LONGEST])
    cell.value = plain
    cell.data_type = "s"
    if plain.startswith(_LIVE):
        cell.quotePrefix = True
