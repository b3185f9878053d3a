"""Sub-users of an account: create, enable, disable, end their sessions, delete, list.

A sub-user may do what the policies attached to it allow, and nothing without one. Invariant: every account keeps its
root user.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from fittingroom.accounts import schema
from fittingroom.accounts.database import AccountError
from fittingroom.accounts.store.accounts import new_uin
from fittingroom.accounts.store.base import Change, Store, check_name, find_account, find_user


@dataclass(frozen=True, slots=True)
class User:
    """A user. uin: its number in policies. keys: those not revoked. policies: names of those attached to it.

    sessions_after: temporary credentials issued before are refused. Times are Unix seconds.
    """

    id: str
    uin: int
    name: str
    root: bool
    enabled: bool
    sessions_after: float
    created_at: float
    keys: int
    policies: tuple[str, ...]


def create(store: Store, account_name: str, name: str) -> int:
    """Make a user who may do nothing yet. Its number. Raises `AccountError`."""
    check_name("a user", name)
    uin = new_uin()
    try:
        with store.changing() as change:
            account = find_account(change.connection, account_name)
            change.connection.execute(
                insert(schema.users).values(
                    id=str(uuid.uuid4()),
                    account_id=account.id,
                    uin=uin,
                    name=name,
                    root=False,
                    enabled=True,
                    sessions_after=0.0,
                    created_at=change.now,
                )
            )
            change.note("users.create", account.id, name, uin=uin)
    except IntegrityError as error:
        raise AccountError(f"the account {account_name} has a user named {name} already") from error
    return uin


def enable(store: Store, account_name: str, name: str) -> None:
    """Let a user's keys work again. Raises `AccountError`."""
    _set(store, account_name, name, "users.enable", enabled=True)


def disable(store: Store, account_name: str, name: str) -> None:
    """Refuse all keys and temporary credentials of a user until it is enabled again. Raises `AccountError`."""
    _set(store, account_name, name, "users.disable", enabled=False)


def end_sessions(store: Store, account_name: str, name: str) -> None:
    """Refuse the temporary credentials that a user has now; its keys go on working. Raises `AccountError`."""
    _set(store, account_name, name, "users.end-sessions", sessions_after=store.clock())


def remove(store: Store, account_name: str, name: str) -> None:
    """Delete a user with its keys. Raises `AccountError` for the root user."""
    with store.changing() as change:
        user = _user(change, account_name, name)
        if user.root:
            raise AccountError("the root user cannot be deleted; revoke its keys, or disable it")
        keys = change.connection.execute(delete(schema.keys).where(schema.keys.c.user_id == user.id)).rowcount
        change.connection.execute(delete(schema.attachments).where(schema.attachments.c.principal_id == user.id))
        change.connection.execute(delete(schema.users).where(schema.users.c.id == user.id))
        change.note("users.delete", user.account_id, name, uin=user.uin, keys=keys)


def listing(store: Store, account_name: str) -> list[User]:
    """The users of an account, the root user first, then by name. Raises `AccountError`."""
    users, keys = schema.users.c, schema.keys.c
    with store.reading() as connection:
        account = find_account(connection, account_name)
        living = select(func.count()).where(keys.user_id == users.id, keys.revoked_at.is_(None)).scalar_subquery()
        query = (
            select(schema.users, living.label("keys"))
            .where(users.account_id == account.id)
            .order_by(users.root.desc(), users.name)
        )
        attached = _attached(connection, account.id)
        return [_listed(row, attached[row.id]) for row in connection.execute(query)]


def _set(store: Store, account_name: str, name: str, action: str, **values: object) -> None:
    with store.changing() as change:
        user = _user(change, account_name, name)
        change.connection.execute(update(schema.users).where(schema.users.c.id == user.id).values(values))
        change.note(action, user.account_id, name, uin=user.uin)


def _user(change: Change, account_name: str, name: str) -> Row[Any]:
    return find_user(change.connection, find_account(change.connection, account_name), name)


def _attached(connection: Connection, account_id: str) -> dict[str, list[str]]:
    """Names of policies by the id of the user they are attached to."""
    policies, attachments = schema.policies.c, schema.attachments.c
    query = (
        select(attachments.principal_id, policies.name)
        .join_from(schema.attachments, schema.policies, attachments.policy_id == policies.id)
        .where(policies.account_id == account_id)
        .order_by(policies.name)
    )
    names: dict[str, list[str]] = defaultdict(list)
    for principal_id, name in connection.execute(query):
        names[principal_id].append(name)
    return names


def _listed(row: Row[Any], policies: list[str]) -> User:
    return User(
        id=row.id,
        uin=row.uin,
        name=row.name,
        root=row.root,
        enabled=row.enabled,
        sessions_after=row.sessions_after,
        created_at=row.created_at,
        keys=row.keys,
        policies=tuple(policies),
    )
