"""Permanent keys of users, and temporary ones from the command line.

A user has at most `MOST_KEYS` that work or could be enabled again (the cloud allows two), so that a lost list of keys
does not grow for ever; revoked and expired ones do not count. A rotation may go one above while the old key still
works. Invariant: a revoked key never works again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, insert, or_, select, update

from fittingroom.accounts import schema, sessions
from fittingroom.accounts.database import AccountError
from fittingroom.accounts.store import resealing
from fittingroom.accounts.store.base import Change, Store, find_account, find_user

MOST_KEYS: Final = 5
LONGEST_TEMPORARY: Final = 129_600
"""Seconds; the longest that the published token service grants."""
LONGEST_GRACE: Final = 720
"""Hours."""
LONGEST_LIFE: Final = 3650
"""Days."""


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its secrets, as handed to the operator once. token: of temporary keys only.

    expires_at: Unix seconds, None for a key without an end.
    """

    secret_id: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class KeySummary:
    """A key without its secret. Times are Unix seconds. used_at: to the minute."""

    secret_id: str
    account_name: str
    user_name: str
    user_enabled: bool
    enabled: bool
    revoked_at: float | None
    expires_at: float | None
    used_at: float | None
    created_at: float

    def state(self, now: float) -> str:
        """`enabled`, or why a server refuses it: revoked, expired, disabled, user disabled."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and now >= self.expires_at:
            return "expired"
        if not self.enabled:
            return "disabled"
        return "enabled" if self.user_enabled else "user disabled"


def create(store: Store, account_name: str, user_name: str | None = None, days: int | None = None) -> IssuedKey:
    """Make a key of a user. user_name: None for the root user. days: of its life, None for one without an end.

    Raises `AccountError`.
    """
    if days is not None and not 1 <= days <= LONGEST_LIFE:
        raise AccountError(f"a key with an end lives from 1 to {LONGEST_LIFE} days")
    with store.changing() as change:
        user = find_user(change.connection, find_account(change.connection, account_name), user_name)
        expires_at = None if days is None else change.now + days * 86400
        issued = _insert(store, change, user, MOST_KEYS, expires_at)
        change.note("keys.create", user.account_id, issued.secret_id, user=user.name, expires_at=expires_at)
    return issued


def create_temporary(store: Store, account_name: str, user_name: str | None, seconds: int) -> IssuedKey:
    """Make a temporary key of a user, which has a token and no row. Raises `AccountError`."""
    if not 1 <= seconds <= LONGEST_TEMPORARY:
        raise AccountError(f"a temporary key lives from 1 to {LONGEST_TEMPORARY} seconds")
    with store.database.writing() as connection:
        change = Change(connection, store.clock(), store.actor)
        user = find_user(connection, find_account(connection, account_name), user_name)
        made = sessions.issue(store.vault, user.id, now=change.now, seconds=seconds)
        change.note(
            "keys.create-temporary", user.account_id, made.secret_id, user=user.name, expires_at=made.expires_at
        )
    return IssuedKey(made.secret_id, made.secret_key, made.token, made.expires_at)


def rotate(store: Store, secret_id: str, grace: int) -> IssuedKey:
    """Make a new key of the same user; the old one works for `grace` more hours.

    In place of a key with an end comes one that lives as long, from now on. Raises `AccountError`.
    """
    if not 0 <= grace <= LONGEST_GRACE:
        raise AccountError(f"the old key may work for 0 to {LONGEST_GRACE} hours more")
    with store.changing() as change:
        old = _living(change, secret_id)
        user = change.connection.execute(select(schema.users).where(schema.users.c.id == old.user_id)).one()
        life = None if old.expires_at is None else old.expires_at - old.created_at
        issued = _insert(store, change, user, MOST_KEYS + 1, None if life is None else change.now + life)
        ends = min(change.now + grace * 3600, old.expires_at or float("inf"))
        _update(change, secret_id, expires_at=ends)
        change.note(
            "keys.rotate",
            user.account_id,
            secret_id,
            user=user.name,
            new=issued.secret_id,
            old_expires_at=ends,
            expires_at=issued.expires_at,
        )
    return issued


def enable(store: Store, secret_id: str) -> None:
    """Let a disabled key work again. Raises `AccountError` for a revoked one."""
    with store.changing() as change:
        key = _living(change, secret_id)
        _update(change, secret_id, enabled=True)
        change.note("keys.enable", key.account_id, secret_id, user=key.user_name)


def disable(store: Store, secret_id: str) -> None:
    """Refuse a key until it is enabled again. Raises `AccountError` for a revoked one."""
    with store.changing() as change:
        key = _living(change, secret_id)
        _update(change, secret_id, enabled=False)
        change.note("keys.disable", key.account_id, secret_id, user=key.user_name)


def revoke(store: Store, secret_id: str) -> None:
    """Refuse a key from now on, for good. Raises `AccountError` when there is none, or it is revoked already."""
    with store.changing() as change:
        key = _living(change, secret_id)
        _update(change, secret_id, revoked_at=change.now)
        change.note("keys.revoke", key.account_id, secret_id, user=key.user_name)


def reseal(store: Store) -> int:
    """Seal every secret anew by the newest master key. How many. Raises `AccountError`, `VaultError`."""
    keys = schema.keys.c
    with store.changing() as change:
        rows = change.connection.execute(select(keys.secret_id, keys.sealed)).all()
        renewed = [{"id": row.secret_id, "renewed": store.vault.renew(row.sealed)} for row in rows]
        if renewed:
            one = update(schema.keys).where(keys.secret_id == bindparam("id")).values(sealed=bindparam("renewed"))
            change.connection.execute(one, renewed)
        others = resealing.reseal(change.connection, store.vault)
        change.note("keys.reseal", None, "all keys", keys=len(rows), jobs_and_webhooks=others)
    return len(rows)


def listing(store: Store, account_name: str | None = None, user_name: str | None = None) -> list[KeySummary]:
    """All keys, or those of one account or user, oldest first. Raises `AccountError` for an unknown name."""
    a, u, k = schema.accounts.c, schema.users.c, schema.keys.c
    query = (
        select(schema.keys, a.name.label("account_name"), u.name.label("user_name"), u.enabled.label("user_enabled"))
        .join_from(schema.keys, schema.users, k.user_id == u.id)
        .join(schema.accounts, u.account_id == a.id)
        .order_by(k.created_at, k.secret_id)
    )
    with store.reading() as connection:
        if account_name is not None:
            account = find_account(connection, account_name)
            query = query.where(a.id == account.id)
            if user_name is not None:
                query = query.where(u.id == find_user(connection, account, user_name).id)
        return [_summary(row) for row in connection.execute(query)]


def _insert(store: Store, change: Change, user: Row[Any], most: int, expires_at: float | None) -> IssuedKey:
    keys = schema.keys.c
    unended = or_(keys.expires_at.is_(None), keys.expires_at > change.now)
    counted = select(func.count()).where(keys.user_id == user.id, keys.revoked_at.is_(None), unended)
    if change.connection.execute(counted).scalar_one() >= most:
        raise AccountError(f"the user {user.name} has {most} keys, which is the most; revoke one first")
    issued = IssuedKey(sessions.PREFIX + sessions.random_text(32), sessions.random_text(32), expires_at=expires_at)
    change.connection.execute(
        insert(schema.keys).values(
            secret_id=issued.secret_id,
            user_id=user.id,
            sealed=store.vault.seal(issued.secret_id, issued.secret_key),
            enabled=True,
            expires_at=expires_at,
            created_at=change.now,
        )
    )
    return issued


def _living(change: Change, secret_id: str) -> Row[Any]:
    """The key's row with its user's name and account. Raises `AccountError` when there is none that is not revoked."""
    keys, users = schema.keys.c, schema.users.c
    query = (
        select(schema.keys, users.name.label("user_name"), users.account_id)
        .join_from(schema.keys, schema.users, keys.user_id == users.id)
        .where(keys.secret_id == secret_id)
    )
    found = change.connection.execute(query).one_or_none()
    if found is None:
        raise AccountError(f"there is no key {secret_id}")
    if found.revoked_at is not None:
        raise AccountError(f"the key {secret_id} is revoked, which is for good; make a new one")
    return found


def _update(change: Change, secret_id: str, **values: object) -> None:
    change.connection.execute(update(schema.keys).where(schema.keys.c.secret_id == secret_id).values(values))


def _summary(row: Row[Any]) -> KeySummary:
    return KeySummary(
        secret_id=row.secret_id,
        account_name=row.account_name,
        user_name=row.user_name,
        user_enabled=row.user_enabled,
        enabled=row.enabled,
        revoked_at=row.revoked_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        created_at=row.created_at,
    )
