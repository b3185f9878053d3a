"""Who changed what, and when: one row per change, written in the change's own transaction.

So a change without its row, or a row of a change that never happened, cannot be. The row names people, things and new
values, as the list of an operator's questions needs them. Invariant: no row holds a secret, a token or a picture;
whoever records a change gives names and numbers alone. Triggers of the database refuse to change or delete a row.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from fittingroom.accounts import schema
from fittingroom.accounts.database import AccountError

LONGEST_ACTOR = 128
LONGEST_TARGET = 256


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One change. at: Unix seconds. account_name: None where the change is of no account, or of one that is gone."""

    id: int
    at: float
    actor: str
    action: str
    account_id: str | None
    account_name: str | None
    target: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows to list; None asks for all. account: a name. action: whole (`keys.revoke`) or its noun (`keys`).

    since and until: Unix seconds, until not included. limit: rows at most, the newest.
    """

    account: str | None = None
    actor: str | None = None
    action: str | None = None
    since: float | None = None
    until: float | None = None
    limit: int = 100


def record(
    connection: Connection,
    actor: str,
    action: str,
    account_id: str | None,
    target: str,
    detail: Mapping[str, object],
    *,
    at: float | None = None,
) -> None:
    """Write the row of a change. connection: of the change's own transaction.

    actor: who, such as `cli:alice`, a user's number, `gateway`. action: `noun.verb`. target: the name of what was
    changed, cut at 256 characters. detail: what JSON holds; no secrets. at: Unix seconds, now by default.
    """
    row = {
        "at": time.time() if at is None else at,
        "actor": actor[:LONGEST_ACTOR],
        "action": action,
        "account_id": account_id,
        "target": target[:LONGEST_TARGET],
        "detail": json.dumps(dict(detail), ensure_ascii=False, sort_keys=True),
    }
    connection.execute(insert(schema.audit).values(row))


def listing(connection: Connection, wanted: Wanted) -> list[AuditRow]:
    """The newest rows that are wanted, oldest first. Raises `AccountError` for an account that does not exist."""
    audit, accounts = schema.audit.c, schema.accounts.c
    query = (
        select(schema.audit, accounts.name.label("account_name"))
        .join_from(schema.audit, schema.accounts, audit.account_id == accounts.id, isouter=True)
        .order_by(audit.id.desc())
        .limit(wanted.limit)
    )
    if wanted.account is not None:
        found = connection.execute(select(accounts.id).where(accounts.name == wanted.account)).scalar_one_or_none()
        if found is None:
            raise AccountError(f"there is no account named {wanted.account}")
        query = query.where(audit.account_id == found)
    if wanted.actor is not None:
        query = query.where(audit.actor == wanted.actor)
    if wanted.action is not None:
        exact, under = audit.action == wanted.action, audit.action.startswith(f"{wanted.action}.", autoescape=True)
        query = query.where(exact | under)
    if wanted.since is not None:
        query = query.where(audit.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(audit.at < wanted.until)
    rows = connection.execute(query).all()
    return [_row(row) for row in reversed(rows)]


def actions(connection: Connection) -> list[str]:
    """All actions that have a row, by name."""
    return sorted(connection.scalars(select(schema.audit.c.action).distinct()))


def _row(row: Row[Any]) -> AuditRow:
    return AuditRow(
        id=row.id,
        at=row.at,
        actor=row.actor,
        action=row.action,
        account_id=row.account_id,
        account_name=row.account_name,
        target=row.target,
        detail=json.loads(row.detail),
    )
