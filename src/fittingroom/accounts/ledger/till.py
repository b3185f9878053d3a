"""A connection of the driver's own, on which the ledger's few statements run without detours.

A picture is paid for in two small transactions, and what a general toolkit does around each statement would take most
of their time. Invariant: a till belongs to one thread; after an error its connection is thrown away and the next
transaction opens another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection

from fittingroom.accounts.database import AccountError, Database

_VALUE = re.compile(r"(?<!:):([a-z_]+)")
_CLOCKS: Final = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "extract(epoch FROM clock_timestamp())",
}


class Repeated(Exception):
    """What the ledger was to write is there already: its `once` is taken."""


class Teller:
    """Runs statements inside one transaction. connection: of the driver. dialect: `sqlite` or `postgresql`."""

    def __init__(self, connection: Any, dialect: str, error: type[Exception], repeated: type[Exception]) -> None:
        self._connection = connection
        self._dialect = dialect
        self._error = error
        self._repeated = repeated

    def rows(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        """Run a statement that answers rows. Raises `Repeated`, `AccountError`."""
        return list(self._run(statement, values).fetchall())

    def count(self, statement: str, **values: object) -> int:
        """Run a statement; how many rows it changed. Raises `Repeated`, `AccountError`."""
        return int(self._run(statement, values).rowcount)

    def _run(self, statement: str, values: dict[str, object]) -> Any:
        try:
            return self._connection.execute(_adapted(statement, self._dialect), values)
        except self._repeated as error:
            raise Repeated(str(error)) from error
        except self._error as error:
            raise failed(error) from error


class Till:
    """Opens transactions on one connection, which it keeps."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._driver = database.driver
        self._raw: Any = None

    def transaction(self) -> AbstractContextManager[Teller]:
        """Commit at the end, or roll back. Raises `Repeated`, `AccountError`."""
        # SQLite's driver would begin too late to keep two writers apart.
        return self._begun("BEGIN IMMEDIATE")

    def reading(self) -> AbstractContextManager[Teller]:
        """For statements that only read: waits for no writer. Raises `AccountError`."""
        return self._begun("BEGIN")

    @contextmanager
    def _begun(self, begin: str) -> Iterator[Teller]:
        try:
            connection = self._connection()
            if self._database.dialect == "sqlite":
                connection.execute(begin)  # psycopg begins by itself
            try:
                yield self._teller(connection)
            except BaseException:
                connection.rollback()
                raise
            connection.commit()
        except self._driver.Error as error:
            self._drop()
            raise failed(error) from error
        except AccountError:
            self._drop()
            raise

    def close(self) -> None:
        """Give the connection back."""
        raw, self._raw = self._raw, None
        if raw is not None:
            raw.close()

    def _drop(self) -> None:
        raw, self._raw = self._raw, None
        if raw is not None:
            raw.invalidate()

    def _connection(self) -> Any:
        if self._raw is None:
            self._raw = self._database.raw()
        return self._raw.dbapi_connection

    def _teller(self, connection: Any) -> Teller:
        return Teller(connection, self._database.dialect, self._driver.Error, self._driver.IntegrityError)


def teller_of(database: Database, connection: Connection) -> Teller:
    """A teller in a transaction that SQLAlchemy began: for changes that write other tables too."""
    driver = database.driver
    return Teller(connection.connection.dbapi_connection, database.dialect, driver.Error, driver.IntegrityError)


def failed(error: Exception) -> AccountError:
    """What the ledger says of an error of the driver's."""
    first = next(iter(str(error).splitlines()), type(error).__name__)
    return AccountError(f"the database of accounts failed: {first}")


@cache
def _adapted(statement: str, dialect: str) -> str:
    clocked = statement.replace("NOW()", _CLOCKS[dialect]).strip()
    return clocked if dialect == "sqlite" else _VALUE.sub(r"%(\1)s", clocked)
