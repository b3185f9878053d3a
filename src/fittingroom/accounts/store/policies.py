"""Policies of an account, and to which users they are attached.

A document is kept as it was written and checked when it comes in, so a running server never meets one that it cannot
read. Invariant: a policy that is attached is not deleted.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from fittingroom.accounts import cam, schema
from fittingroom.accounts.database import AccountError
from fittingroom.accounts.store.base import Change, Store, check_name, find_account, find_user


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A policy. attached: names of users, and of roles as `role/<name>`. created_at: Unix seconds."""

    name: str
    document: str
    created_at: float
    attached: tuple[str, ...]


def check_document(document: str) -> None:
    """Raises `AccountError` that points at the wrong place."""
    try:
        cam.parse(document)
    except cam.PolicyError as error:
        raise AccountError(f"this is no policy: {error}") from error


def create(store: Store, account_name: str, name: str, document: str) -> None:
    """Keep a policy; it does nothing until it is attached. Raises `AccountError`."""
    check_name("a policy", name)
    check_document(document)
    try:
        with store.changing() as change:
            account = find_account(change.connection, account_name)
            change.connection.execute(
                insert(schema.policies).values(
                    id=str(uuid.uuid4()),
                    account_id=account.id,
                    name=name,
                    document=document,
                    created_at=change.now,
                )
            )
            change.note("policies.create", account.id, name, document=document)
    except IntegrityError as error:
        raise AccountError(f"the account {account_name} has a policy named {name} already") from error


def replace(store: Store, account_name: str, name: str, document: str) -> None:
    """Put another document in a policy's place; it stays attached. Raises `AccountError`."""
    check_document(document)
    with store.changing() as change:
        policy = _policy(change.connection, account_name, name)
        change.connection.execute(
            update(schema.policies).where(schema.policies.c.id == policy.id).values(document=document)
        )
        change.note("policies.update", policy.account_id, name, document=document)


def remove(store: Store, account_name: str, name: str) -> None:
    """Delete a policy. Raises `AccountError` while it is attached."""
    with store.changing() as change:
        policy = _policy(change.connection, account_name, name)
        names = _attached(change.connection, policy.account_id)[policy.id]
        if names:
            raise AccountError(f"the policy {name} is attached to {', '.join(names)}; detach it first")
        change.connection.execute(delete(schema.policies).where(schema.policies.c.id == policy.id))
        change.note("policies.delete", policy.account_id, name)


def attach(store: Store, account_name: str, name: str, user_name: str) -> None:
    """Let a policy hold for a user. Raises `AccountError` when it does already."""
    try:
        with store.changing() as change:
            policy, user = _pair(change, account_name, name, user_name)
            change.connection.execute(insert(schema.attachments).values(policy_id=policy.id, principal_id=user.id))
            change.note("policies.attach", policy.account_id, name, user=user_name)
    except IntegrityError as error:
        raise AccountError(f"the policy {name} is attached to {user_name} already") from error


def detach(store: Store, account_name: str, name: str, user_name: str) -> None:
    """Let a policy no longer hold for a user. Raises `AccountError` when it does not."""
    attachments = schema.attachments.c
    with store.changing() as change:
        policy, user = _pair(change, account_name, name, user_name)
        where = (attachments.policy_id == policy.id) & (attachments.principal_id == user.id)
        if change.connection.execute(delete(schema.attachments).where(where)).rowcount != 1:
            raise AccountError(f"the policy {name} is not attached to {user_name}")
        change.note("policies.detach", policy.account_id, name, user=user_name)


def find(store: Store, account_name: str, name: str) -> StoredPolicy:
    """One policy. Raises `AccountError`."""
    with store.reading() as connection:
        policy = _policy(connection, account_name, name)
        return _stored(policy, _attached(connection, policy.account_id)[policy.id])


def listing(store: Store, account_name: str) -> list[StoredPolicy]:
    """The policies of an account, by name. Raises `AccountError`."""
    policies = schema.policies.c
    with store.reading() as connection:
        account = find_account(connection, account_name)
        attached = _attached(connection, account.id)
        query = select(schema.policies).where(policies.account_id == account.id).order_by(policies.name)
        return [_stored(row, attached[row.id]) for row in connection.execute(query)]


def _pair(change: Change, account_name: str, name: str, user_name: str) -> tuple[Row[Any], Row[Any]]:
    policy = _policy(change.connection, account_name, name)
    return policy, find_user(change.connection, find_account(change.connection, account_name), user_name)


def _policy(connection: Connection, account_name: str, name: str) -> Row[Any]:
    policies = schema.policies.c
    account = find_account(connection, account_name)
    where = (policies.account_id == account.id) & (policies.name == name)
    found = connection.execute(select(schema.policies).where(where)).one_or_none()
    if found is None:
        raise AccountError(f"the account {account_name} has no policy named {name}")
    return found


def _attached(connection: Connection, account_id: str) -> dict[str, list[str]]:
    """Names of users and roles by the id of the policy that is attached to them."""
    names: dict[str, list[str]] = defaultdict(list)
    for table, form in ((schema.users, "{}"), (schema.roles, "role/{}")):
        query = (
            select(schema.attachments.c.policy_id, table.c.name)
            .join_from(schema.attachments, table, schema.attachments.c.principal_id == table.c.id)
            .where(table.c.account_id == account_id)
            .order_by(table.c.name)
        )
        for policy_id, name in connection.execute(query):
            names[policy_id].append(form.format(name))
    return names


def _stored(row: Row[Any], attached: list[str]) -> StoredPolicy:
    return StoredPolicy(row.name, row.document, row.created_at, tuple(attached))
