"""From the setting `accounts.database` to an SQLAlchemy engine: SQLite or PostgreSQL, each tuned for servers.

A connection that a restart of PostgreSQL broke is noticed and replaced when it is next wanted, and one to a machine
that has gone silent ends after seconds, so a running server goes on by itself. Invariant: no message holds the URL,
because it may hold a password.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

BUSY_MILLISECONDS: Final = 5000
"""How long a write to SQLite waits for another one."""

_SILENT: Final = {
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "application_name": "fittingroom",
}
"""Of libpq, in seconds, the last but one in milliseconds."""


class BadUrl(Exception):
    """The URL cannot be used; the message is for the operator and does not hold it."""


def connect(text: str) -> Engine:
    """An engine for `sqlite://` or `postgresql://`; nothing is opened yet. Raises `BadUrl`."""
    url = _read(text)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url)
        _tune_sqlite(engine)
        return engine
    try:
        return create_engine(url, pool_pre_ping=True)
    except ImportError as error:
        raise BadUrl("PostgreSQL needs the driver psycopg: pip install 'fittingroom[postgres]'") from error


def _read(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # Its own message may quote a piece of the URL, such as half a password that holds an '@'.
        raise BadUrl(
            "accounts.database is no URL such as postgresql://user:password@host:5432/name; "
            "write special characters of the password as %40 for '@', %3A for ':', %2F for '/'"
        ) from None
    if url.drivername == "sqlite":
        return url
    if url.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return url.set(drivername="postgresql+psycopg", query={**_SILENT, **url.query})
    raise BadUrl("accounts.database must begin with sqlite:// or postgresql://")


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
