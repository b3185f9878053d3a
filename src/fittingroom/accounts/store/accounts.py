"""Accounts: create, rename, limit, list.

An account is never deleted, since the ledger's rows name it for good: it is stopped instead. Invariant: an account has
one root user from its first moment, whose number is the account's.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from fittingroom.accounts import schema
from fittingroom.accounts.database import AccountError
from fittingroom.accounts.records import Plan, ServiceStatus
from fittingroom.accounts.store.base import ROOT, Store, check_name, find_account

HIGHEST_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Account:
    """An account. uin: its number in policies. users: all of them, the root user too. keys: those not revoked.

    price, quota, concurrency and rate: None leaves it to the settings.
    """

    id: str
    uin: int
    name: str
    status: ServiceStatus
    plan: Plan
    price: int | None
    quota: int | None
    concurrency: int | None
    rate: int | None
    created_at: float
    users: int
    keys: int


def create(store: Store, name: str) -> Account:
    """Make an account with its root user. Raises `AccountError` when the name is taken or not allowed."""
    check_name("an account", name)
    id_, uin = str(uuid.uuid4()), new_uin()
    try:
        with store.changing() as change:
            begun = {"status": ServiceStatus.ACTIVE, "plan": Plan.FREE, "created_at": change.now}
            change.connection.execute(insert(schema.accounts).values(id=id_, uin=uin, name=name, **begun))
            change.connection.execute(
                insert(schema.users).values(
                    id=str(uuid.uuid4()),
                    account_id=id_,
                    uin=uin,
                    name=ROOT,
                    root=True,
                    enabled=True,
                    sessions_after=0.0,
                    created_at=change.now,
                )
            )
            change.note("accounts.create", id_, name, uin=uin)
    except IntegrityError as error:
        raise AccountError(f"there is an account named {name} already") from error
    return find(store, name)


def rename(store: Store, name: str, new_name: str) -> None:
    """Give an account another name; its number stays. Raises `AccountError`."""
    check_name("an account", new_name)
    try:
        with store.changing() as change:
            account = find_account(change.connection, name)
            change.connection.execute(
                update(schema.accounts).where(schema.accounts.c.id == account.id).values(name=new_name)
            )
            change.note("accounts.rename", account.id, new_name, before=name)
    except IntegrityError as error:
        raise AccountError(f"there is an account named {new_name} already") from error


def limit(store: Store, name: str, limits: Mapping[str, int | None]) -> None:
    """Set limits of one account. limits: `concurrency` and `rate` (requests a second); None leaves it to the settings.

    A concurrency of 0 lets it run nothing, a rate of 0 is no limit, as `limits` counts them. Raises `AccountError`.
    """
    for noun, value in limits.items():
        if value is not None and not 0 <= value <= HIGHEST_LIMIT:
            raise AccountError(f"{noun} goes from 0 to {HIGHEST_LIMIT}")
    with store.changing() as change:
        account = find_account(change.connection, name)
        change.connection.execute(
            update(schema.accounts).where(schema.accounts.c.id == account.id).values(dict(limits))
        )
        change.note("accounts.limit", account.id, name, **limits)


def find(store: Store, name: str) -> Account:
    """One account. Raises `AccountError`."""
    with store.reading() as connection:
        found = find_account(connection, name)
        return _account(connection.execute(_all().where(schema.accounts.c.id == found.id)).one())


def listing(store: Store) -> list[Account]:
    """All accounts, by name."""
    with store.reading() as connection:
        return [_account(row) for row in connection.execute(_all().order_by(schema.accounts.c.name))]


def role_names(store: Store, name: str) -> list[str]:
    """Names of an account's roles. Raises `AccountError`."""
    r = schema.roles.c
    with store.reading() as connection:
        query = select(r.name).where(r.account_id == find_account(connection, name).id).order_by(r.name)
        return list(connection.execute(query).scalars())


def new_uin() -> int:
    """A number such as the cloud gives accounts and users: twelve digits. Taken ones are refused by the database."""
    return 100 * 10**9 + secrets.randbelow(10**9)


def _all() -> Select[Any]:
    a, u, k = schema.accounts.c, schema.users.c, schema.keys.c
    users = select(func.count()).where(u.account_id == a.id).scalar_subquery()
    keys = (
        select(func.count())
        .select_from(schema.keys)
        .join(schema.users, k.user_id == u.id)
        .where(u.account_id == a.id, k.revoked_at.is_(None))
        .correlate(schema.accounts)
        .scalar_subquery()
    )
    return select(schema.accounts, users.label("users"), keys.label("keys"))


def _account(row: Row[Any]) -> Account:
    values = dict(row._mapping)
    return Account(**values | {"status": ServiceStatus(row.status), "plan": Plan(row.plan)})
