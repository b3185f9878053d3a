"""The history of the tables, as alembic's revisions, and the one function that brings a database up to it.

Migrations run when a database is opened, so that an upgrade of the program needs no further step. Invariant: they run
in one transaction that no other process shares, so a database is never seen between two revisions.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, inspect, text

HEAD: Final = "0003"
"""The newest revision. Known without alembic, which need not be imported where there is nothing to do."""

BEFORE_ALEMBIC: Final = "0001"
"""What a database holds that a program made which did not use alembic yet."""

_LOCK: Final = 0x66697474  # of PostgreSQL's advisory locks; "fitt"


class UnknownRevision(Exception):
    """The database is of a revision that this program does not know: a newer program made it."""


def upgrade(connection: Connection) -> None:
    """Bring the database to the newest revision. connection: inside a write transaction. Raises `UnknownRevision`."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    if revision_of(connection) != HEAD:
        _run(connection)


def revision_of(connection: Connection) -> str | None:
    """The database's revision; None where there are no tables yet."""
    inspector = inspect(connection)
    if inspector.has_table("alembic_version"):
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return BEFORE_ALEMBIC if inspector.has_table("meta") else None


def _run(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  # a fifth of a second, once per upgrade
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "fittingroom.accounts:migrations")
    config.attributes["connection"] = connection
    found = revision_of(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise UnknownRevision(found)
    if found == BEFORE_ALEMBIC and not inspect(connection).has_table("alembic_version"):
        command.stamp(config, found)
    command.upgrade(config, "head")
