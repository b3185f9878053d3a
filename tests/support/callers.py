"""Callers made by hand, with the defaults of a new account."""

from __future__ import annotations

import dataclasses
from typing import Any

from fittingroom.accounts.records import AccountRecord, KeyRecord, Principal, PrincipalKind

UIN = 100_000_000_001


def account(id: str = "account-1", name: str = "shop", **values: Any) -> AccountRecord:
    return AccountRecord(id=id, uin=UIN, name=name, **values)


def root(of: AccountRecord | None = None, **values: Any) -> Principal:
    """The root user of an account."""
    owner = of or account()
    return Principal(PrincipalKind.ROOT, f"root-{owner.id}", owner.uin, "root", owner, **values)


def user(of: AccountRecord | None = None, **values: Any) -> Principal:
    """A sub-user."""
    owner = of or account()
    return Principal(PrincipalKind.USER, f"user-{owner.id}", owner.uin + 1, "alice", owner, **values)


def key(secret_id: str, secret_key: str, principal: Principal | None = None, **values: Any) -> KeyRecord:
    return KeyRecord(secret_id, secret_key, principal or root(), **values)


def of_account(record: KeyRecord, **values: Any) -> KeyRecord:
    """The same key where its account differs."""
    changed = dataclasses.replace(record.principal.account, **values)
    return dataclasses.replace(record, principal=dataclasses.replace(record.principal, account=changed))
