"""The ledger as CSV files of the data folder: what analysts open in Excel and see the differences of in git."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from laoyou.errors import LedgerError, Problem
from laoyou.ledger.append import appended, write_together
from laoyou.ledger.file import column_order, guarded, read_rows
from laoyou.ledger.links import led_to
from laoyou.ledger.stores.store import Part
from laoyou.ledger.withheld import Cell
from laoyou.workspace import Workspace


@dataclass(frozen=True)
class CsvStore:
    """observations/*.csv, then sample/*.csv, which hold sample figures alone; people may write in any of them."""

    workspace: Workspace
    checks_on_append: bool = False

    @property
    def shown(self) -> str:
        """The data folder."""
        return self.workspace.relative(self.workspace.data)

    def files(self, *, sample: bool) -> list[Path]:
        """Return the files of real figures, or those of sample figures."""
        return sorted((self.workspace.data / ("sample" if sample else "observations")).glob("*.csv"))

    def read(self, until: dt.date | None = None, besides: Collection[Cell] = ()) -> list[Part]:
        """Read every file, whatever the day: a row of any day may have been written by hand."""
        for folder in ("observations", "sample"):
            led_to(self.workspace.data / folder, f"{self.shown}/{folder}")
        parts = [self._part(file, sample) for sample in (False, True) for file in self.files(sample=sample)]
        if not parts:
            raise LedgerError(self.shown, Problem("台账", "一个 CSV 也没有", "observations/*.csv"))
        return parts

    def _part(self, file: Path, sample: bool) -> Part:
        shown = self.workspace.relative(file)
        led_to(file, shown)
        rows, problems = read_rows(file, shown)
        return Part(shown, sample, rows, problems)

    def _target(self, *, sample: bool) -> Path:
        return self.workspace.data / ("sample/intake.csv" if sample else "observations/reported.csv")

    def target(self, *, sample: bool) -> str:
        """Return the file that intake writes: real figures and sample figures never share one."""
        return self.workspace.relative(self._target(sample=sample))

    def folders(self) -> list[Path]:
        """Return where the files that intake writes really are."""
        targets = [self._target(sample=sample) for sample in (False, True)]
        return [led_to(file, self.workspace.relative(file)).parent for file in targets]

    def alone(self) -> AbstractContextManager[None]:
        """Do nothing: the locks of the folders say it all."""
        return nullcontext()

    def append(
        self, rows: pd.DataFrame, *, sample: bool, files: Sequence[tuple[Path, bytes]], shown: str
    ) -> None:
        """Write the files, and the ledger's, with the rows behind all that it holds, last."""
        writes = list(files)
        if len(rows):
            file = self._target(sample=sample)
            order = column_order(file)
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(
                guarded(rows)[order].itertuples(index=False, name=None)
            )
            writes.append((file, appended(file, text.getvalue(), ",".join(order) + "\n")))
        write_together(writes, shown)
