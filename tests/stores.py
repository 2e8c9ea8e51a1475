"""The same workspace with its ledger in each place that can keep one."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from workspaces import Desk

from laoyou.ledger.file import COLUMNS
from laoyou.ledger.observations import Known, read_known
from laoyou.ledger.stores.store import Store, open_store

KINDS = ("csv", "parquet", "postgres")


def addressed(kind: str, desk: Desk, database: str) -> str:
    """Return an address of a place that holds nothing yet; empty for CSV files."""
    if kind == "postgres":
        schema = "t" + os.urandom(6).hex()
        return f"{database}&options=-csearch_path%3D{schema}"
    return str(desk.workspace.root / "ledger") if kind == "parquet" else ""


@dataclass(frozen=True)
class Kept:
    """A workspace whose ledger is kept in a place of some kind, which the environment names."""

    kind: str
    desk: Desk
    address: str

    @property
    def store(self) -> Store:
        return open_store(self.desk.workspace)

    def add(self, *rows: Mapping[str, str], sample: bool = False) -> None:
        """Add rows in one transaction."""
        table = pd.DataFrame(list(rows), columns=list(COLUMNS), dtype="str")
        store = self.store
        with store.alone():
            store.append(table, sample=sample, files=[], shown="data")

    def known(self, as_of: str | None = None) -> Known:
        """Read what is known on a day."""
        return read_known(self.desk.workspace, self.desk.plan, self.desk.rules, as_of)

    def figure(self, as_of: str | None = None) -> dict[str, object]:
        """Return the one figure known on a day."""
        [found] = self.known(as_of).observations.to_dict("records")
        return {str(name): value for name, value in found.items()}

    def rows(self) -> dict[str, list[tuple[str, ...]]]:
        """Return what stands in each part that is there, in its order."""
        return {
            part.shown: list(part.rows[[*COLUMNS, "line"]].itertuples(index=False, name=None))
            for part in self.store.read()
            if len(part.rows)
        }
