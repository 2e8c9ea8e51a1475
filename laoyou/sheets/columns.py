"""Some columns of a long text file, each as its different texts and which of them stands in which row.

A million rows have few different days, words and numbers: each is then read once, not a million times.
"""

from __future__ import annotations

import gc
import itertools
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CHUNK = 500  # rows held as lists at a time: few enough to stay in a processor's own memory


@dataclass(frozen=True)
class Columns:
    """The rows of a text file below its heading.

    Parameters
    ----------
    rows : the line that each begins on
    texts : by column from 1, the texts in it, where they recur the different ones; an empty cell is an empty text
    codes : by column, for each row which of them
    widths : of each row with more fields than the heading, how many it has up to its last that is not empty
    cut_row : the last row if it is shorter than others and no line break ends it; 0 otherwise
    """

    rows: NDArray[np.int64]
    texts: Mapping[int, Sequence[str]]
    codes: Mapping[int, NDArray[np.int32]]
    widths: Mapping[int, int]
    cut_row: int = 0


class _Numbers(dict[str, int]):
    """Numbers different texts as they come."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class Gathering:
    """Columns as they are gathered, chunk by chunk.

    Parameters
    ----------
    wanted : the columns to keep, from 1, and whether texts in them recur
    width : of the heading [columns]
    """

    def __init__(self, wanted: Mapping[int, bool], width: int) -> None:
        self._wanted, self._width = wanted, width
        self._numbers = {column: _Numbers() for column, recurring in wanted.items() if recurring}
        self._codes = {column: array("i") for column in self._numbers}
        self._each: dict[int, list[str]] = {column: [] for column in wanted if column not in self._numbers}
        self.wide: dict[int, int] = {}  # by number of the row, from 0
        self.count = self.longest = self.last = 0

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """Take in some rows, the fields of each."""
        lengths = list(map(len, rows))
        for n in (n for n, length in enumerate(lengths) if length > self._width):
            self.wide[self.count + n] = max(
                (k for k, text in enumerate(rows[n], 1) if text.strip()), default=0
            )
        even = min(lengths) == max(lengths)
        fields = list(zip(*rows, strict=True) if even else itertools.zip_longest(*rows, fillvalue=""))
        for column, recurring in self._wanted.items():
            texts = fields[column - 1] if column <= len(fields) else itertools.repeat("", len(rows))
            if recurring:
                self._codes[column].extend(map(self._numbers[column].__getitem__, texts))
            else:
                self._each[column].extend(texts)
        self.count, self.longest, self.last = self.count + len(rows), max(self.longest, *lengths), lengths[-1]

    def below(self, heading: int, lines: NDArray[np.int64], *, ended: bool) -> Columns:
        """Return what stands below a line.

        Parameters
        ----------
        heading : the line
        lines : the line that each row begins on
        ended : whether a line break ends the file
        """
        kept = lines > heading
        different = {column: list(numbers) for column, numbers in self._numbers.items()}
        each = {column: list(itertools.compress(texts, kept)) for column, texts in self._each.items()}
        codes = {column: np.frombuffer(codes, np.int32)[kept] for column, codes in self._codes.items()}
        return Columns(
            lines[kept],
            different | each,
            codes | {column: np.arange(len(texts), dtype=np.int32) for column, texts in each.items()},
            {int(lines[n]): width for n, width in self.wide.items() if kept[n]},
            int(lines[-1]) if self.count and self.last < self.longest and not ended else 0,
        )


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep Python from looking for cycles, which takes a third of the time that a million rows take and finds none."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def chunks(reader: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    """Yield the rows of a CSV reader, so many at a time."""
    while rows := list(itertools.islice(reader, CHUNK)):
        yield rows
