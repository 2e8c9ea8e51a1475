"""The ledger in a PostgreSQL database: constraints, one transaction an intake, one writer whatever the machine."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg  # the driver that the address names: absent, the store is, too
from sqlalchemy import Connection, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.pool import NullPool

from laoyou.errors import IntakeError, LedgerError, Problem
from laoyou.ledger.append import WAIT, write_together
from laoyou.ledger.file import CELL, COLUMNS
from laoyou.ledger.stores.store import ALLOWED, Part
from laoyou.ledger.stores.table import TABLES, as_text, as_values, broken, definition
from laoyou.ledger.withheld import Cell

_LOCK = 330305  # one of the two numbers that all writers of a ledger lock; the other is its schema's
_CONNECT = 15  # [s] for the database to answer, unless the address says connect_timeout; a cell of a notebook has 120
_LOCKED_OUT = "55P03"  # lock_not_available, PostgreSQL's error codes
_SETTINGS = ("datestyle = 'ISO'", "extra_float_digits = 1", "client_encoding = 'UTF8'")
# The tables are only ever added to; who has to, disables the trigger and knows it.
_ADDED_ONLY = """
CREATE FUNCTION laoyou_added_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME; END $$"""
_NAMES = ", ".join(COLUMNS)
_SAME_DAY = " AND ".join(f"known.{name} = incoming.{name}" for name in (*CELL, "reported_on"))


class SqlStore:
    """Two tables, observations and sample, in the schema that the address leads to.

    Parameters
    ----------
    address : ``postgresql+psycopg://user@host/database``; ``?options=-csearch_path%3Dname`` for a schema of one's own,
        so that several plans share a database

    Raises
    ------
    LedgerError
        If it is no such address.
    """

    checks_on_append = True

    def __init__(self, address: str) -> None:
        try:
            self._url = make_url(address)
        except (ArgumentError, ValueError):
            raise LedgerError("台账", Problem("地址", "读不懂（不照录，里面可能有密码）", ALLOWED)) from None
        patience = {} if "connect_timeout" in self._url.query else {"connect_timeout": _CONNECT}
        # A connection closed is a lock given back.
        self._engine = create_engine(self._url, poolclass=NullPool, connect_args=patience)
        event.listen(self._engine, "connect", _set_up)
        self._writing: Connection | None = None

    @property
    def shown(self) -> str:
        """The host and the database; no user and no password."""
        return f"数据库 {self._url.host or '本机'}/{self._url.database}"

    def target(self, *, sample: bool) -> str:
        """Return the name of the database and the table."""
        return f"{self._url.database}.{TABLES[sample]}"

    def folders(self) -> list[Path]:
        """Return none: nothing of it is in a folder."""
        return []

    def read(self, until: dt.date | None = None, besides: Collection[Cell] = ()) -> list[Part]:
        """Read both tables as they stand at one moment; rows of later days stay in the database."""
        with self._reached(LedgerError), self._engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ")
            if not self._has_tables(connection):
                remedy = "先运行 laoyou copy 这个地址，把现有的台账复制进去；或核对地址里的 search_path"
                raise LedgerError(self.shown, Problem("表", "没有 observations 和 sample", remedy=remedy))
            tables = {
                sample: _copied_out(connection, _query(table, until, besides), until, besides)
                for sample, table in TABLES.items()
            }
        return [Part(self.target(sample=sample), sample, rows) for sample, rows in tables.items()]

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the advisory lock of the schema; the database gives it back when its holder is gone, however."""
        with self._reached(IntakeError), self._engine.connect() as connection:
            connection.execute(text(f"SET lock_timeout = '{WAIT}s'"))
            key = {"lock": _LOCK}
            connection.execute(text("SELECT pg_advisory_lock(:lock, hashtext(current_schema()))"), key)
            connection.commit()
            self._writing = connection
            try:
                yield
            finally:
                self._writing = None

    def append(
        self, rows: pd.DataFrame, *, sample: bool, files: Sequence[tuple[Path, bytes]], shown: str
    ) -> None:
        """Insert the rows, write the files, then commit: what refuses a row comes before the first file."""
        connection = self._writing
        assert connection is not None  # whoever adds is alone
        with self._reached(IntakeError), connection.begin():
            if len(rows):
                table = TABLES[sample]
                columns = f"CREATE TEMPORARY TABLE incoming (LIKE {table}, n integer) ON COMMIT DROP"
                connection.execute(text(columns))
                connection.execute(
                    text("ALTER TABLE incoming ALTER again DROP NOT NULL, ALTER line DROP NOT NULL")
                )
                _copied_in(connection, as_values(rows, self.shown))
                again = f"(SELECT count(*) FROM {table} known WHERE {_SAME_DAY})"
                order = f"row_number() OVER (PARTITION BY {', '.join(CELL)}, reported_on ORDER BY n)"
                chosen = f"SELECT {_NAMES}, {again} + {order} - 1 FROM incoming ORDER BY n"
                connection.execute(text(f"INSERT INTO {table} ({_NAMES}, again) {chosen}"))
            write_together(files, shown)

    def create(self) -> None:
        """Make the tables, and the schema that the address names, where they are not there yet."""
        with self._reached(LedgerError), self._engine.begin() as connection:
            wanted = (
                str(connection.execute(text("SHOW search_path")).scalar()).split(",")[0].strip().strip('"')
            )
            if connection.execute(text("SELECT current_schema()")).scalar() is None and wanted != "$user":
                name = connection.dialect.identifier_preparer.quote(wanted)
                connection.execute(text(f"CREATE SCHEMA {name}"))
            if self._has_tables(connection):
                return
            connection.execute(text(_ADDED_ONLY))
            for sample, table in TABLES.items():
                line = "line bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
                connection.execute(
                    text(f"CREATE TABLE {table} (\n    {line},\n    {definition(sample=sample)})")
                )
                connection.execute(text(f"CREATE INDEX {table}_by_day ON {table} (reported_on)"))
                events = "BEFORE UPDATE OR DELETE OR TRUNCATE"
                action = "FOR EACH STATEMENT EXECUTE FUNCTION laoyou_added_only()"
                connection.execute(text(f"CREATE TRIGGER added_only {events} ON {table} {action}"))

    def _has_tables(self, connection: Connection) -> bool:
        found = "SELECT to_regclass('observations') IS NOT NULL AND to_regclass('sample') IS NOT NULL"
        return bool(connection.execute(text(found)).scalar())

    @contextmanager
    def _reached(self, kind: type[LedgerError] | type[IntakeError]) -> Iterator[None]:
        """Turn what the database refuses into what to do about it."""
        try:
            yield
        except IntegrityError as cause:
            raise broken(self.shown, _told(cause)) from None
        except (DBAPIError, psycopg.Error) as cause:
            origin = cause.orig if isinstance(cause, DBAPIError) else cause
            if getattr(origin, "sqlstate", None) == _LOCKED_OUT:
                problem = Problem("录入锁", f"另一次录入在 {WAIT} 秒内没有结束", remedy="等它结束再试")
            elif getattr(origin, "sqlstate", None) is None:
                remedy = "核对地址、网络和数据库是否在运行；台账没有改动"
                problem = Problem("连接", f"连不上，或中途断开（{_told(cause)}）", remedy=remedy)
            else:
                problem = Problem("数据库", f"不接受（{_told(cause)}）", remedy="核对权限和表；台账没有改动")
            raise kind(self.shown, problem) from None


def _set_up(connection: Any, _: object) -> None:
    """Fix what decides how values are spelt, whatever the server's own settings."""
    with connection.cursor() as cursor:
        for setting in _SETTINGS:
            cursor.execute(f"SET {setting}")
    connection.commit()


def _told(cause: DBAPIError | psycopg.Error) -> str:
    """Return the first line of what the database or its driver said."""
    said = str(cause.orig if isinstance(cause, DBAPIError) else cause).strip()
    return said.splitlines()[0] if said else type(cause).__name__


def _query(table: str, until: dt.date | None, besides: Collection[Cell]) -> str:
    known = "" if until is None else "WHERE reported_on <= %(until)s"
    if known and besides:
        cells = "unnest(%(region)s::text[], %(indicator)s::text[], %(period)s::text[])"
        known += f" OR ({', '.join(CELL)}) IN (SELECT * FROM {cells})"
    return f"SELECT {as_text()}, line FROM {table} {known} ORDER BY line"


def _copied_out(
    connection: Connection, query: str, until: dt.date | None, besides: Collection[Cell]
) -> pd.DataFrame:
    """Return a query's rows as text."""
    values: dict[str, Any] = {"until": until}
    values |= {name: [cell[n] for cell in besides] for n, name in enumerate(CELL)}
    content = io.BytesIO()
    with _cursor(connection) as cursor:
        out = cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)", values if until else None)
        with out as copy:
            for data in copy:
                content.write(data)
    content.seek(0)
    table = pd.read_csv(content, dtype="str", keep_default_na=False, encoding="utf-8")
    return table.astype({"line": "int64"})


def _copied_in(connection: Connection, values: pd.DataFrame) -> None:
    with _cursor(connection) as cursor, cursor.copy(f"COPY incoming ({_NAMES}, n) FROM STDIN") as copy:
        for n, row in enumerate(values.itertuples(index=False, name=None)):
            copy.write_row((*row, n))


def _cursor(connection: Connection) -> psycopg.Cursor[Any]:
    driver = connection.connection.driver_connection
    assert driver is not None
    return driver.cursor()  # type: ignore[no-any-return]
