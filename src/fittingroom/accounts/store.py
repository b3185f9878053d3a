"""What the operator does with accounts and keys: create, list, revoke.

Used by the command line while a server may be running on the same database. Invariant: a SecretKey is handed out
once, when it is made; afterwards nothing lists it.
"""

from __future__ import annotations

import re
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from fittingroom.accounts import schema, sessions
from fittingroom.accounts.database import AccountError, Database
from fittingroom.accounts.records import Plan, ServiceStatus
from fittingroom.accounts.vault import Vault

ROOT = "root"
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
    """A key without its secret. Times are Unix seconds."""

    secret_id: str
    account_name: str
    user_name: str
    enabled: bool
    revoked_at: float | None
    expires_at: float | None
    used_at: float | None
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
        now = self._clock()
        account = {
            "id": str(uuid.uuid4()),
            "uin": _new_uin(),
            "name": name,
            "status": ServiceStatus.ACTIVE,
            "plan": Plan.FREE,
            "created_at": now,
        }
        root = {
            "id": str(uuid.uuid4()),
            "account_id": account["id"],
            "uin": account["uin"],
            "name": ROOT,
            "root": True,
            "enabled": True,
            "sessions_after": 0.0,
            "created_at": now,
        }
        try:
            with self._database.changing() as connection:
                connection.execute(insert(schema.accounts).values(account))
                connection.execute(insert(schema.users).values(root))
        except IntegrityError as error:
            raise AccountError(f"there is an account named {name} already") from error
        return Account(str(account["id"]), name, now, 0)

    def list_accounts(self) -> list[Account]:
        """All accounts, by name."""
        a, u, k = schema.accounts.c, schema.users.c, schema.keys.c
        query = (
            select(a.id, a.name, a.created_at, func.count(k.secret_id))
            .join_from(schema.accounts, schema.users, u.account_id == a.id)
            .join(schema.keys, (k.user_id == u.id) & k.enabled & k.revoked_at.is_(None), isouter=True)
            .group_by(a.id, a.name, a.created_at)
            .order_by(a.name)
        )
        with self._database.reading() as connection:
            return [Account(*row) for row in connection.execute(query)]

    def create_key(self, account_name: str, temporary: int | None = None) -> IssuedKey:
        """Make a key of the root user. temporary: seconds of life of a key with a token. Raises `AccountError`."""
        if temporary is not None:
            return self._create_session(account_name, temporary)
        secret_id, secret_key = sessions.PREFIX + sessions.random_text(32), sessions.random_text(32)
        row = {
            "secret_id": secret_id,
            "sealed": self._vault.seal(secret_id, secret_key),
            "enabled": True,
            "created_at": self._clock(),
        }
        with self._database.changing() as connection:
            row["user_id"] = _root_id(connection, account_name)
            connection.execute(insert(schema.keys).values(row))
        return IssuedKey(secret_id, secret_key, account_name, None, None)

    def _create_session(self, account_name: str, seconds: int) -> IssuedKey:
        if not 1 <= seconds <= LONGEST_TEMPORARY:
            raise AccountError(f"a temporary key lives from 1 to {LONGEST_TEMPORARY} seconds")
        with self._database.reading() as connection:
            principal = _root_id(connection, account_name)
        made = sessions.issue(self._vault, principal, now=self._clock(), seconds=seconds)
        return IssuedKey(made.secret_id, made.secret_key, account_name, made.token, made.expires_at)

    def list_keys(self, account_name: str | None = None) -> list[KeySummary]:
        """All keys, or those of one account, oldest first. Raises `AccountError` for an unknown account."""
        a, u, k = schema.accounts.c, schema.users.c, schema.keys.c
        query = (
            select(k.secret_id, a.name, u.name, k.enabled, k.revoked_at, k.expires_at, k.used_at, k.created_at)
            .join_from(schema.keys, schema.users, k.user_id == u.id)
            .join(schema.accounts, u.account_id == a.id)
            .order_by(k.created_at, k.secret_id)
        )
        with self._database.reading() as connection:
            if account_name is not None:
                query = query.where(a.id == _account_id(connection, account_name))
            return [KeySummary(*row) for row in connection.execute(query)]

    def revoke_key(self, secret_id: str) -> None:
        """Refuse this key from now on, for good. Raises `AccountError` when there is no such key."""
        change = update(schema.keys).where(schema.keys.c.secret_id == secret_id).values(revoked_at=self._clock())
        with self._database.changing() as connection:
            if connection.execute(change).rowcount != 1:
                raise AccountError(f"there is no key {secret_id}")


def _account_id(connection: Connection, name: str) -> str:
    found = connection.execute(select(schema.accounts.c.id).where(schema.accounts.c.name == name)).scalar_one_or_none()
    if found is None:
        raise AccountError(f"there is no account named {name}; make it with `fittingroom accounts create {name}`")
    return str(found)


def _root_id(connection: Connection, account_name: str) -> str:
    of_account = schema.users.c.account_id == _account_id(connection, account_name)
    return str(connection.execute(select(schema.users.c.id).where(of_account, schema.users.c.root)).scalar_one())


def _new_uin() -> int:
    return 100 * 10**9 + secrets.randbelow(10**9)
