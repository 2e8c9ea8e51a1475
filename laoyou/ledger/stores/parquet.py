"""The ledger as Parquet files: a new file for every addition, so that a file once written never changes."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import duckdb
import pandas as pd

from laoyou.errors import LedgerError, Problem
from laoyou.ledger.append import write_together
from laoyou.ledger.file import CELL, COLUMNS
from laoyou.ledger.links import led_to
from laoyou.ledger.stores.store import Part
from laoyou.ledger.stores.table import KINDS, TABLES, as_text, as_values, broken, checks
from laoyou.ledger.withheld import Cell

_NAMES = ", ".join(COLUMNS)
_DAY = (*CELL, "reported_on")
_SAME_DAY = " AND ".join(f"known.{name} = incoming.{name}" for name in _DAY)


class ParquetStore:
    """A folder with observations/*.parquet and sample/*.parquet, one file for each addition, numbered.

    Parameters
    ----------
    folder : the folder
    """

    checks_on_append = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def shown(self) -> str:
        """The folder."""
        return self._folder.as_posix()

    def target(self, *, sample: bool) -> str:
        """Return the folder of the files."""
        return f"{self.shown}/{TABLES[sample]}"

    def folders(self) -> list[Path]:
        """Return the folder, which is locked while files are added."""
        return [led_to(self._folder, self.shown)]

    def alone(self) -> AbstractContextManager[None]:
        """Do nothing: the lock of the folder says it all."""
        return nullcontext()

    def _files(self, *, sample: bool) -> list[Path]:
        return sorted((self._folder / TABLES[sample]).glob("[0-9]*.parquet"))

    def read(self, until: dt.date | None = None, besides: Collection[Cell] = ()) -> list[Part]:
        """Read every file there is now; of those with later days, the blocks that may hold some of the day."""
        led_to(self._folder, self.shown)
        files = {sample: self._files(sample=sample) for sample in TABLES}
        if not any(files.values()):
            remedy = "先运行 laoyou copy 这个目录，把现有的台账复制进去；或核对目录"
            raise LedgerError(
                self.shown, Problem("台账", "一个 Parquet 文件也没有", "observations/*.parquet", remedy)
            )
        return [
            Part(self.target(sample=sample), sample, self._rows(paths, until, besides))
            for sample, paths in files.items()
        ]

    def _rows(self, files: Sequence[Path], until: dt.date | None, besides: Collection[Cell]) -> pd.DataFrame:
        if not files:
            return pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS}).assign(
                line=pd.Series(dtype="int64")
            )
        known, values = "", list[object]()
        if until is not None:
            known, values = "WHERE reported_on <= ?", [until]
            if besides:
                cells = ", ".join("(?, ?, ?)" for _ in besides)
                known += f" OR ({', '.join(CELL)}) IN ({cells})"
                values += [word for cell in besides for word in cell]
        query = f"SELECT {as_text()}, line FROM read_parquet(?) {known} ORDER BY line"
        try:
            with duckdb.connect() as connection:
                found = connection.execute(query, [[str(p) for p in files], *values]).fetchnumpy()
        except duckdb.Error as cause:
            told = str(cause).splitlines()[0]
            remedy = "从备份取回；不是 laoyou 写的文件移到别处"
            raise LedgerError(
                self.shown, Problem("文件", f"读不出来（{told}）", "laoyou 写的 Parquet", remedy)
            ) from None
        if len(set(found["line"])) < len(found["line"]):
            names = "、".join(path.name for path in files)
            remedy = "把多出来的那一份（如备份的副本）移到别处"
            raise LedgerError(
                self.shown, Problem("文件", f"同一行在几个文件里：{names}", "每次录入一个文件", remedy)
            )
        rows = pd.DataFrame({name: pd.Series(found[name], dtype="str") for name in COLUMNS})
        return rows.assign(line=found["line"].astype("int64"))

    def append(
        self, rows: pd.DataFrame, *, sample: bool, files: Sequence[tuple[Path, bytes]], shown: str
    ) -> None:
        """Write the files, and a new one with the rows last, once they have stood in a table with its conditions."""
        writes = list(files)
        if len(rows):
            there = self._files(sample=sample)
            number = 1 + max((int(re.match(r"\d+", p.name)[0]) for p in there), default=0)  # type: ignore[index]
            file = self._folder / TABLES[sample] / f"{number:06d}.parquet"
            try:
                writes.append((file, self._content(as_values(rows, self.shown), there, sample=sample)))
            except duckdb.Error as cause:
                raise broken(self.shown, str(cause).splitlines()[0]) from None
        write_together(writes, shown)

    def _content(self, values: pd.DataFrame, there: Sequence[Path], *, sample: bool) -> bytes:
        """Return a file of rows.

        Raises
        ------
        IntakeError
            If one of them breaks a condition.
        """
        again = f"(SELECT count(*) FROM known WHERE {_SAME_DAY})"
        order = f"row_number() OVER (PARTITION BY {', '.join(_DAY)} ORDER BY n)"
        with tempfile.TemporaryDirectory(prefix="laoyou-") as folder, duckdb.connect() as connection:
            connection.execute(
                f"CREATE TABLE known ({', '.join(f'{n} text' for n in CELL)}, reported_on date)"
            )
            last = 0
            if there:
                paths = [str(path) for path in there]
                source = f"SELECT {', '.join(_DAY)} FROM read_parquet(?) WHERE reported_on >= CAST(? AS date)"
                connection.execute(f"INSERT INTO known {source}", [paths, values["reported_on"].min()])
                [(last,)] = connection.execute("SELECT max(line) FROM read_parquet(?)", [paths]).fetchall()
            connection.register("given", values.assign(n=range(len(values))))
            typed = ", ".join(f"CAST({name} AS {KINDS.get(name, 'text')}) AS {name}" for name in COLUMNS)
            connection.execute(f"CREATE TABLE incoming AS SELECT {typed}, n FROM given")
            columns = f"{_NAMES}, {again} + {order} - 1 AS again, {last} + 1 + n AS line"
            connection.execute(f"CREATE TABLE added AS SELECT {columns} FROM incoming")
            for name, condition in checks(sample=sample).items():
                if connection.execute(f"SELECT 1 FROM added WHERE ({condition}) IS NOT TRUE").fetchone():
                    raise broken(self.shown, f'"{name}"')
            file = Path(folder, "added.parquet")
            connection.execute(
                f"COPY (FROM added ORDER BY line) TO '{file}' (FORMAT parquet, COMPRESSION zstd)"
            )
            return file.read_bytes()

    def create(self) -> None:
        """Make the folder where it is not there yet."""
        try:
            led_to(self._folder, self.shown).mkdir(parents=True, exist_ok=True)
        except OSError as cause:
            problem = Problem("目录", f"建不了（{cause.strerror}）", remedy="核对地址和目录权限")
            raise LedgerError(self.shown, problem) from None
