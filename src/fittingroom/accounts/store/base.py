"""What every change needs: the database, the vault, who changes, and the time.

Invariant: all that one change does, its row of the audit included, happens in one transaction and at one moment.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from fittingroom.accounts import audit, schema
from fittingroom.accounts.database import AccountError, Database
from fittingroom.accounts.vault import Vault

ROOT: Final = "root"
"""The name of the user that an account begins with."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is being made. connection: in its transaction. now: Unix seconds. actor: as in the audit."""

    connection: Connection
    now: float
    actor: str

    def note(self, action: str, account_id: str | None, target: str, **detail: object) -> None:
        """Write the row of the audit; see `audit.record`."""
        audit.record(self.connection, self.actor, action, account_id, target, detail, at=self.now)


@dataclass(frozen=True, slots=True)
class Store:
    """Where the nouns' modules read and write. actor: who, as in the audit: `cli:alice`. clock: Unix seconds."""

    database: Database
    vault: Vault
    actor: str
    clock: Callable[[], float] = time.time

    @contextmanager
    def changing(self) -> Iterator[Change]:
        """A change that running servers will follow. Raises `AccountError`."""
        with self.database.changing() as connection:
            yield Change(connection, self.clock(), self.actor)

    def reading(self) -> AbstractContextManager[Connection]:
        """A view of one moment. Raises `AccountError`."""
        return self.database.reading()


def check_name(noun: str, name: str) -> None:
    """Refuse a name that would be hard to type or to tell from others. noun: `an account`. Raises `AccountError`."""
    if not _NAME.fullmatch(name):
        raise AccountError(f"{noun}'s name has 1 to 64 letters, digits, '.', '_', '-' or '@', a letter or digit first")


def find_account(connection: Connection, name: str) -> Row[Any]:
    """The account's row. Raises `AccountError`."""
    found = connection.execute(select(schema.accounts).where(schema.accounts.c.name == name)).one_or_none()
    if found is None:
        raise AccountError(
            f"there is no account named {name}; `fittingroom accounts list` names those there are, "
            f"and `fittingroom accounts create {name}` makes it"
        )
    return found


def find_user(connection: Connection, account: Row[Any], name: str | None) -> Row[Any]:
    """The user's row. name: None for the root user. Raises `AccountError`."""
    users = schema.users.c
    which = users.root if name is None else users.name == name
    found = connection.execute(select(schema.users).where(users.account_id == account.id, which)).one_or_none()
    if found is None:
        raise AccountError(
            f"the account {account.name} has no user named {name}; "
            f"make it with `fittingroom users create {account.name} {name}`"
        )
    return found
