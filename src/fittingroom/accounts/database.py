"""Opening the database of accounts: SQLite in WAL mode by default, any SQLAlchemy URL by setting.

WAL lets the command line write while a server reads. Invariant: every write runs in one immediate transaction, so two
processes never both think they created the same row, and the tables are of exactly the revision this code knows.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from fittingroom.accounts import migrations, schema
from fittingroom.private import make_private_directory

BUSY_MILLISECONDS = 5000


class AccountError(Exception):
    """What was asked of accounts or keys cannot be done; the message is for the operator."""


class Database:
    """An open database. Construct by `open`; `close` when done."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(immediate=True)

    @classmethod
    def open(cls, data_dir: Path, url: str | None = None) -> Database:
        """Open or create. url: an SQLAlchemy URL, default `accounts.db` in `data_dir`. Raises `AccountError`."""
        try:
            if url is None:
                make_private_directory(data_dir)
                (data_dir / "accounts.db").touch(mode=0o600)
                url = f"sqlite:///{data_dir / 'accounts.db'}"
            engine = create_engine(url)
            if engine.dialect.name == "sqlite":
                _tune_sqlite(engine)
            database = cls(engine)
            database._prepare()
        except (SQLAlchemyError, OSError) as error:
            raise AccountError(f"the database of accounts cannot be opened: {_reason(error)}") from error
        return database

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection with a consistent view. Raises `AccountError` when the database fails."""
        with _translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """A write transaction that tells running servers to read again. Raises `AccountError`."""
        with self.writing() as connection:
            yield connection
            connection.execute(update(schema.meta).values(revision=schema.meta.c.revision + 1))

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A write transaction of what no server keeps in memory (money, use). Raises `AccountError`."""
        with _translated(), self._writer.begin() as connection:
            yield connection

    def revision(self) -> int:
        """The number of changes made so far, by any process."""
        with self.reading() as connection:
            return int(connection.execute(select(schema.meta.c.revision)).scalar_one())

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _prepare(self) -> None:
        try:
            with self._writer.begin() as connection:
                migrations.upgrade(connection)
        except migrations.UnknownRevision as error:
            raise AccountError(
                f"the database of accounts is of revision {error}, this program knows {migrations.HEAD} and older: "
                "use the program that made it, or a newer one"
            ) from error


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise  # says that a row exists, which whoever wrote it must explain
    except SQLAlchemyError as error:
        raise AccountError(f"the database of accounts failed: {_reason(error)}") from error


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(dbapi: Any, _record: object) -> None:
        # The driver's own BEGIN comes too late for an immediate transaction: take it over.
        dbapi.isolation_level = None
        dbapi.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        _write_ahead(dbapi)
        # NORMAL loses nothing when a process is killed; only a loss of power may take the last moments.
        for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _write_ahead(dbapi: Any) -> None:
    """Into WAL mode. SQLite does not wait for others here, whatever the busy timeout says."""
    deadline = time.monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            dbapi.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _reason(error: SQLAlchemyError | OSError) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
