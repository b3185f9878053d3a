"""What the operator does with accounts and keys: create, list, revoke.

Used by the command line while a server may be running on the same database. Invariant: a SecretKey is handed out
once, when it is made; afterwards nothing lists it.
"""

from __future__ import annotations

import re
import secrets
import string
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from fittingroom.accounts import schema
from fittingroom.accounts.database import AccountError, Database
from fittingroom.accounts.vault import Vault

ALPHABET = string.ascii_letters + string.digits
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
LONGEST_TEMPORARY = 129_600
"""Seconds; the longest that the published token service grants."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account. keys: how many enabled keys it has."""

    id: str
    name: str
    created_at: float
    keys: int


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its secrets, as handed to the operator once. token and expires_at: of temporary keys only."""

    secret_id: str
    secret_key: str
    account_name: str
    token: str | None
    expires_at: float | None


@dataclass(frozen=True, slots=True)
class KeySummary:
    """A key without its secrets."""

    secret_id: str
    account_name: str
    temporary: bool
    enabled: bool
    expires_at: float | None
    created_at: float


class AccountStore:
    """Accounts and keys in a database. clock: Unix seconds."""

    def __init__(self, database: Database, vault: Vault, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def create_account(self, name: str) -> Account:
        """Make an account. Raises `AccountError` when the name is taken or not allowed."""
        if not NAME.fullmatch(name):
            raise AccountError(
                "an account's name has 1 to 64 letters, digits, '.', '_', '-' or '@', a letter or digit first"
            )
        account = Account(str(uuid.uuid4()), name, self._clock(), 0)
        values = {"id": account.id, "name": name, "created_at": account.created_at}
        try:
            with self._database.changing() as connection:
                connection.execute(insert(schema.accounts).values(values))
        except IntegrityError as error:
            raise AccountError(f"there is an account named {name} already") from error
        return account

    def list_accounts(self) -> list[Account]:
        """All accounts, by name."""
        a, k = schema.accounts.c, schema.keys.c
        query = (
            select(a.id, a.name, a.created_at, func.count(k.secret_id))
            .join_from(schema.accounts, schema.keys, (k.account_id == a.id) & k.enabled, isouter=True)
            .group_by(a.id, a.name, a.created_at)
            .order_by(a.name)
        )
        with self._database.reading() as connection:
            return [Account(*row) for row in connection.execute(query)]

    def create_key(self, account_name: str, temporary: int | None = None) -> IssuedKey:
        """Make a key. temporary: seconds of life of a key with a token. Raises `AccountError`."""
        if temporary is not None and not 1 <= temporary <= LONGEST_TEMPORARY:
            raise AccountError(f"a temporary key lives from 1 to {LONGEST_TEMPORARY} seconds")
        now = self._clock()
        issued = IssuedKey(
            secret_id="AKID" + _random(32),
            secret_key=_random(32),
            account_name=account_name,
            token=None if temporary is None else _random(128),
            expires_at=None if temporary is None else now + temporary,
        )
        row = {
            "secret_id": issued.secret_id,
            "sealed": self._vault.seal(issued.secret_id, issued.secret_key, issued.token),
            "temporary": temporary is not None,
            "expires_at": issued.expires_at,
            "enabled": True,
            "created_at": now,
        }
        with self._database.changing() as connection:
            account_id = _account_id(connection, account_name)
            connection.execute(insert(schema.keys).values({**row, "account_id": account_id}))
        return issued

    def list_keys(self, account_name: str | None = None) -> list[KeySummary]:
        """All keys, or those of one account, oldest first. Raises `AccountError` for an unknown account."""
        a, k = schema.accounts.c, schema.keys.c
        query = (
            select(k.secret_id, a.name, k.temporary, k.enabled, k.expires_at, k.created_at)
            .join_from(schema.keys, schema.accounts, k.account_id == a.id)
            .order_by(k.created_at, k.secret_id)
        )
        with self._database.reading() as connection:
            if account_name is not None:
                query = query.where(a.id == _account_id(connection, account_name))
            return [KeySummary(*row) for row in connection.execute(query)]

    def revoke_key(self, secret_id: str) -> None:
        """Refuse this key from now on, for good. Raises `AccountError` when there is no such key."""
        change = update(schema.keys).where(schema.keys.c.secret_id == secret_id).values(enabled=False)
        with self._database.changing() as connection:
            if connection.execute(change).rowcount != 1:
                raise AccountError(f"there is no key {secret_id}")


def _account_id(connection: Connection, name: str) -> str:
    found = connection.execute(select(schema.accounts.c.id).where(schema.accounts.c.name == name)).scalar_one_or_none()
    if found is None:
        raise AccountError(f"there is no account named {name}; make it with `fittingroom accounts create {name}`")
    return str(found)


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
