"""The database of accounts: SQLite in WAL mode by default, PostgreSQL by setting.

Either lets the command line write while servers read, and reads see one moment. Invariant: changes run one at a time,
whatever process makes them, so two never both think they created the same row or took the last place; and the tables
are of exactly the revision this code knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, PoolProxiedConnection, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from fittingroom.accounts import migrations, schema
from fittingroom.accounts.connecting import BadUrl, connect
from fittingroom.private import make_private_directory

FILE: Final = "accounts.db"
"""In the data directory, where no URL names another database."""


class AccountError(Exception):
    """What was asked of accounts or keys cannot be done; the message is for the operator."""


class Database:
    """An open database. Construct by `open`; `close` when done."""

    def __init__(self, engine: Engine) -> None:
        postgres = engine.dialect.name == "postgresql"
        self._engine = engine.execution_options(isolation_level="REPEATABLE READ") if postgres else engine
        self._writer = engine.execution_options(immediate=True)

    @classmethod
    def open(cls, data_dir: Path, url: str | None = None) -> Database:
        """Open or create. url: of SQLite or PostgreSQL, default `FILE` in `data_dir`. Raises `AccountError`."""
        try:
            if url is None:
                make_private_directory(data_dir)
                (data_dir / FILE).touch(mode=0o600)
                url = f"sqlite:///{data_dir / FILE}"
            return cls._prepared(connect(url))
        except BadUrl as error:
            raise AccountError(str(error)) from None
        except (SQLAlchemyError, OSError) as error:
            raise AccountError(f"the database of accounts cannot be opened: {_reason(error)}") from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection with a consistent view. Raises `AccountError` when the database fails."""
        with _translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """A write transaction that tells running servers to read again. Raises `AccountError`."""
        with self.writing() as connection:
            # First, since on PostgreSQL its row's lock is what lets one change in at a time.
            connection.execute(update(schema.meta).values(revision=schema.meta.c.revision + 1))
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A write transaction of what no server keeps in memory (money, use). Raises `AccountError`."""
        with _translated(), self._writer.begin() as connection:
            yield connection

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @property
    def driver(self) -> Any:
        """The module of the driver, for its exceptions."""
        return self._engine.dialect.loaded_dbapi

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database, without links in its path; None of others."""
        name = self._engine.url.database if self.dialect == "sqlite" else None
        return Path(name).resolve() if name else None

    def raw(self) -> PoolProxiedConnection:
        """A connection without a transaction of SQLAlchemy's; whoever takes it closes it. Raises `AccountError`."""
        with _translated():
            return self._writer.raw_connection()

    def revision(self) -> int:
        """The number of changes made so far, by any process."""
        with self.reading() as connection:
            return int(connection.execute(select(schema.meta.c.revision)).scalar_one())

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @classmethod
    def _prepared(cls, engine: Engine) -> Database:
        database = cls(engine)
        try:
            with database._writer.begin() as connection:
                migrations.upgrade(connection)
        except BaseException as error:
            database.close()
            if not isinstance(error, migrations.UnknownRevision):
                raise
            raise AccountError(
                f"the database of accounts is of revision {error}, this program knows {migrations.HEAD} and older: "
                "use the program that made it, or a newer one"
            ) from error
        return database


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise  # says that a row exists, which whoever wrote it must explain
    except SQLAlchemyError as error:
        raise AccountError(f"the database of accounts failed: {_reason(error)}") from error


def _reason(error: SQLAlchemyError | OSError) -> str:
    return next(iter(str(getattr(error, "orig", None) or error).splitlines()), type(error).__name__)
