"""Roles of an account: create, change, delete, list; whom they trust, and which policies are attached to them.

`sts:AssumeRole` gives temporary credentials of a role to callers whom its trust policy names. Invariant: a trust policy
is checked when it comes in, so a running server never meets one that it cannot read.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from fittingroom.accounts import cam, schema
from fittingroom.accounts.database import AccountError
from fittingroom.accounts.store.base import Change, Store, check_name, find_account

LONGEST: Final = 43_200
"""Seconds; the longest life of a role's credentials that is published."""


@dataclass(frozen=True, slots=True)
class StoredRole:
    """A role. arn: as `RoleArn` wants it. trust: JSON text. max_seconds: the longest life of its credentials.

    policies: names of those attached to it. sessions_after: credentials issued before are refused. Times are Unix
    seconds.
    """

    id: str
    name: str
    arn: str
    trust: str
    max_seconds: int
    policies: tuple[str, ...]
    sessions_after: float
    created_at: float


def create(store: Store, account_name: str, name: str, trust: str | None = None, max_seconds: int = LONGEST) -> str:
    """Make a role that may do nothing until a policy is attached. Its ARN.

    trust: None for all users and roles of the account itself. Raises `AccountError`.
    """
    check_name("a role", name)
    _check_seconds(max_seconds)
    try:
        with store.changing() as change:
            account = find_account(change.connection, account_name)
            document = _own_account(account.uin) if trust is None else check_trust(trust)
            change.connection.execute(
                insert(schema.roles).values(
                    id=str(uuid.uuid4()),
                    account_id=account.id,
                    name=name,
                    trust=document,
                    max_seconds=max_seconds,
                    sessions_after=0.0,
                    created_at=change.now,
                )
            )
            change.note("roles.create", account.id, name, trust=document, max_seconds=max_seconds)
    except IntegrityError as error:
        raise AccountError(f"the account {account_name} has a role named {name} already") from error
    return _arn(account.uin, name)


def update_role(
    store: Store, account_name: str, name: str, *, trust: str | None = None, max_seconds: int | None = None
) -> None:
    """Change whom a role trusts, or how long its credentials live; None leaves it. Raises `AccountError`."""
    values: dict[str, Any] = {}
    if trust is not None:
        values["trust"] = check_trust(trust)
    if max_seconds is not None:
        _check_seconds(max_seconds)
        values["max_seconds"] = max_seconds
    if not values:
        raise AccountError("nothing to change: give a trust policy or a longest life")
    with store.changing() as change:
        role = _role(change.connection, account_name, name)
        change.connection.execute(update(schema.roles).where(schema.roles.c.id == role.id).values(values))
        change.note("roles.update", role.account_id, name, **values)


def remove(store: Store, account_name: str, name: str) -> None:
    """Delete a role; its credentials are refused from now on. Raises `AccountError`."""
    with store.changing() as change:
        role = _role(change.connection, account_name, name)
        change.connection.execute(delete(schema.attachments).where(schema.attachments.c.principal_id == role.id))
        change.connection.execute(delete(schema.roles).where(schema.roles.c.id == role.id))
        change.note("roles.delete", role.account_id, name)


def end_sessions(store: Store, account_name: str, name: str) -> None:
    """Refuse the temporary credentials that a role has given out until now. Raises `AccountError`."""
    with store.changing() as change:
        role = _role(change.connection, account_name, name)
        change.connection.execute(
            update(schema.roles).where(schema.roles.c.id == role.id).values(sessions_after=change.now)
        )
        change.note("roles.end-sessions", role.account_id, name)


def attach(store: Store, account_name: str, name: str, policy_name: str) -> None:
    """Let a policy of the account hold for a role. Raises `AccountError` when it does already."""
    try:
        with store.changing() as change:
            role, policy = _pair(change, account_name, name, policy_name)
            change.connection.execute(insert(schema.attachments).values(policy_id=policy.id, principal_id=role.id))
            change.note("roles.attach", role.account_id, name, policy=policy_name)
    except IntegrityError as error:
        raise AccountError(f"the policy {policy_name} is attached to the role {name} already") from error


def detach(store: Store, account_name: str, name: str, policy_name: str) -> None:
    """Let a policy no longer hold for a role. Raises `AccountError` when it does not."""
    attachments = schema.attachments.c
    with store.changing() as change:
        role, policy = _pair(change, account_name, name, policy_name)
        where = (attachments.policy_id == policy.id) & (attachments.principal_id == role.id)
        if change.connection.execute(delete(schema.attachments).where(where)).rowcount != 1:
            raise AccountError(f"the policy {policy_name} is not attached to the role {name}")
        change.note("roles.detach", role.account_id, name, policy=policy_name)


def find(store: Store, account_name: str, name: str) -> StoredRole:
    """One role. Raises `AccountError`."""
    with store.reading() as connection:
        return _stored(connection, find_account(connection, account_name), _role(connection, account_name, name))


def listing(store: Store, account_name: str) -> list[StoredRole]:
    """The roles of an account, by name. Raises `AccountError`."""
    roles = schema.roles.c
    with store.reading() as connection:
        account = find_account(connection, account_name)
        query = select(schema.roles).where(roles.account_id == account.id).order_by(roles.name)
        return [_stored(connection, account, row) for row in connection.execute(query).all()]


def check_trust(document: str) -> str:
    """The document, if it is a trust policy. Raises `AccountError` that points at the wrong place."""
    try:
        cam.parse_trust(document)
    except cam.PolicyError as error:
        raise AccountError(f"this is no trust policy: {error}") from error
    return document


def _check_seconds(seconds: int) -> None:
    if not 1 <= seconds <= LONGEST:
        raise AccountError(f"the credentials of a role live from 1 to {LONGEST} seconds")


def _own_account(uin: int) -> str:
    named = {"qcs": [f"qcs::cam::uin/{uin}:root"]}
    rule = {"effect": "allow", "action": "name/sts:AssumeRole", "principal": named}
    return json.dumps({"version": "2.0", "statement": [rule]}, indent=2)


def _arn(uin: int, name: str) -> str:
    return f"qcs::cam::uin/{uin}:roleName/{name}"


def _role(connection: Connection, account_name: str, name: str) -> Row[Any]:
    roles = schema.roles.c
    account = find_account(connection, account_name)
    where = (roles.account_id == account.id) & (roles.name == name)
    found = connection.execute(select(schema.roles).where(where)).one_or_none()
    if found is None:
        raise AccountError(
            f"the account {account_name} has no role named {name}; "
            f"make it with `fittingroom roles create {account_name} {name}`"
        )
    return found


def _pair(change: Change, account_name: str, name: str, policy_name: str) -> tuple[Row[Any], Row[Any]]:
    policies = schema.policies.c
    role = _role(change.connection, account_name, name)
    where = (policies.account_id == role.account_id) & (policies.name == policy_name)
    policy = change.connection.execute(select(schema.policies).where(where)).one_or_none()
    if policy is None:
        raise AccountError(f"the account {account_name} has no policy named {policy_name}")
    return role, policy


def _stored(connection: Connection, account: Row[Any], role: Row[Any]) -> StoredRole:
    policies, attachments = schema.policies.c, schema.attachments.c
    query = (
        select(policies.name)
        .join_from(schema.attachments, schema.policies, attachments.policy_id == policies.id)
        .where(attachments.principal_id == role.id)
        .order_by(policies.name)
    )
    return StoredRole(
        id=role.id,
        name=role.name,
        arn=_arn(account.uin, role.name),
        trust=role.trust,
        max_seconds=role.max_seconds,
        policies=tuple(connection.execute(query).scalars()),
        sessions_after=role.sessions_after,
        created_at=role.created_at,
    )
