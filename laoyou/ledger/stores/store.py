"""What every place that keeps the ledger can do, and which one a workspace uses."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pandas as pd

from laoyou.errors import LedgerError, Problem
from laoyou.ledger.withheld import Cell
from laoyou.workspace import Workspace

VARIABLE = "LAOYOU_DATA"
SCHEME = "postgresql+psycopg://"
ALLOWED = f"{SCHEME}用户@主机/库，或放 Parquet 文件的目录；不设就用数据目录里的 CSV"


@dataclass(frozen=True)
class Part:
    """Rows that stand together.

    Parameters
    ----------
    shown : the file or table in messages
    sample : whether it holds sample figures alone; else real ones alone
    rows : as text in the ledger's columns, with the ``line`` that each stands on
    problems : what is wrong with rows that cannot be shown in these columns
    """

    shown: str
    sample: bool
    rows: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)


class Store(Protocol):
    """A place that keeps the ledger. Its rows are only ever added to."""

    @property
    def shown(self) -> str:
        """Its name in messages, without a password."""
        ...

    @property
    def checks_on_append(self) -> bool:
        """Whether nothing comes in but through ``append``, so that rows of a day can be read without the later ones."""
        ...

    def read(self, until: dt.date | None = None, besides: Collection[Cell] = ()) -> list[Part]:
        """Read the ledger as it stands at one moment.

        Parameters
        ----------
        until : the last day of knowledge, of which a store that ``checks_on_append`` reads no more; everything if None
        besides : cells that are read whole nevertheless

        Raises
        ------
        LedgerError
            If it cannot be read, or there is none.
        """
        ...

    def target(self, *, sample: bool) -> str:
        """Return the file or table that rows are added to, as messages and ``file`` name it."""
        ...

    def folders(self) -> list[Path]:
        """Return the folders to lock while adding, as far as they are files."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """Keep every other writer out while the block runs, whichever machine it is on, where that takes more than ``folders``.

        Raises
        ------
        IntakeError
            If another writer does not finish within a minute.
        """
        ...

    def append(
        self, rows: pd.DataFrame, *, sample: bool, files: Sequence[tuple[Path, bytes]], shown: str
    ) -> None:
        """Add rows, all or none, and put some files in place just before that.

        Parameters
        ----------
        rows : text in the ledger's columns; the caller is the only writer
        sample : whether they are sample figures
        files : files to write and what each will hold
        shown : what is named in messages

        Raises
        ------
        IntakeError
            If a row or the disk refuses. The ledger is then as it was, and so are the files.
        """
        ...


class NewStore(Store, Protocol):
    """A place that the ledger can be moved to."""

    def create(self) -> None:
        """Make the place ready to hold a ledger; what it holds already stays.

        Raises
        ------
        LedgerError
            If that is not possible.
        """
        ...


def open_store(workspace: Workspace) -> Store:
    """Return the store that the environment variable ``LAOYOU_DATA`` names; the workspace's CSV files if it is not set.

    Raises
    ------
    LedgerError
        If it names none.
    """
    from laoyou.ledger.stores.csv_files import CsvStore

    address = os.environ.get(VARIABLE, "").strip()
    return store_at(address, workspace, f"环境变量 {VARIABLE}") if address else CsvStore(workspace)


def store_at(address: str, workspace: Workspace, where: str) -> NewStore:
    """Return the database or the folder of Parquet files at an address.

    Parameters
    ----------
    address : ``postgresql+psycopg://…``, or a folder, from the workspace's root
    workspace : gives the root
    where : what is named in messages: where the address was given

    Raises
    ------
    LedgerError
        If it is neither, or what reads it is not installed.
    """
    if address.startswith(SCHEME):
        try:
            from laoyou.ledger.stores.sql import SqlStore
        except ModuleNotFoundError as cause:
            raise _not_installed(where, cause, "postgres") from None
        return SqlStore(address)
    if "://" in address:
        kind = address.partition("://")[0]
        raise LedgerError(where, Problem("地址", f"以「{kind}://」开头", ALLOWED))
    try:
        from laoyou.ledger.stores.parquet import ParquetStore
    except ModuleNotFoundError as cause:
        raise _not_installed(where, cause, "parquet") from None
    return ParquetStore(workspace.root / address)


def _not_installed(where: str, cause: ModuleNotFoundError, extra: str) -> LedgerError:
    remedy = f'pip install "laoyou[{extra}]"'
    return LedgerError(where, Problem("程序包", f"没有安装 {cause.name}", remedy=remedy))
