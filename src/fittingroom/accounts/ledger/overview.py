"""All accounts at a glance, for whoever watches a server: how each stands, its keys, and its pictures day by day.

A few queries whatever the number of accounts, each bounded, since a page asks them again and again. Invariant: only
reads, and neither a sealed secret nor a whole SecretId leaves this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, literal, select

from fittingroom.accounts import schema
from fittingroom.accounts.database import Database
from fittingroom.accounts.ledger.money import MONEY, month_of, pictures_of
from fittingroom.accounts.store.keys import KeySummary

MOST = 500
"""Accounts, and keys, that are told; the page says when there are more."""

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Standing:
    """An account. available, reserved: millionths, of prepaid money. left: pictures of this month's quota, None before
    the first one of the month."""

    name: str
    uin: int
    status: str
    plan: str
    available: int
    reserved: int
    left: int | None
    created_at: float


@dataclass(frozen=True, slots=True)
class Day:
    """Pictures of one account on one day (UTC). day: days since 1970. pictures: charged less given back."""

    account: str
    day: int
    pictures: int


def standings(database: Database, now: float) -> list[Standing]:
    """The first `MOST` accounts by name, and one more where there are more. Raises `AccountError`."""
    a, b, c = schema.accounts.c, schema.balances.alias("money"), schema.balances.alias("quota")
    joined = schema.accounts.outerjoin(b, and_(b.c.account_id == a.id, b.c.unit == MONEY)).outerjoin(
        c, and_(c.c.account_id == a.id, c.c.unit == pictures_of(month_of(now)))
    )
    columns = (a.name, a.uin, a.status, a.plan, b.c.available, b.c.reserved, c.c.available, a.created_at)
    with database.reading() as connection:
        rows = connection.execute(select(*columns).select_from(joined).order_by(a.name).limit(MOST + 1))
        return [
            Standing(name, uin, status, plan, available or 0, reserved or 0, left, created)
            for name, uin, status, plan, available, reserved, left, created in rows
        ]


def keys(database: Database) -> list[KeySummary]:
    """The newest `MOST` keys, and one more where there are more, each with its SecretId cut short.

    Raises `AccountError`.
    """
    a, u, k = schema.accounts.c, schema.users.c, schema.keys.c
    told = (k.secret_id, k.enabled, k.revoked_at, k.expires_at, k.used_at, k.created_at)
    query = (
        select(*told, a.name.label("account_name"), u.name.label("user_name"), u.enabled.label("user_enabled"))
        .join_from(schema.keys, schema.users, k.user_id == u.id)
        .join(schema.accounts, u.account_id == a.id)
        .order_by(k.created_at.desc(), k.secret_id)
        .limit(MOST + 1)
    )
    with database.reading() as connection:
        return [_key(row) for row in connection.execute(query)]


def pictures_by_day(database: Database, today: int, days: int) -> list[Day]:
    """What was charged on each of the last `days` days, today's included. today: days since 1970, UTC.

    Raises `AccountError`.
    """
    a, t, p = schema.accounts.c, schema.ledger_transactions.c, schema.ledger_postings.c
    first = today - days + 1
    # Bounds written out, since databases do not agree on how a float becomes a whole number.
    bounds = [(t.at < (day + 1) * DAY, literal(day)) for day in range(first, today)]
    day = case(*bounds, else_=literal(today)).label("day") if bounds else literal(today).label("day")
    signed = case((t.kind == "charge", 1), (t.kind == "refund", -1), else_=0).label("signed")
    lines = (
        select(a.name, day, signed)
        .select_from(schema.ledger_transactions.join(schema.ledger_postings, p.transaction_id == t.id))
        .join(schema.accounts, a.id == t.account_id)
        .where(t.at >= first * DAY, t.at < (today + 1) * DAY, p.bucket == "spent")
        .subquery()
    )
    query = select(lines.c.name, lines.c.day, func.sum(lines.c.signed)).group_by(lines.c.name, lines.c.day)
    with database.reading() as connection:
        return [Day(name, int(one), int(count)) for name, one, count in connection.execute(query.order_by(lines.c.day))]


def shortened(secret_id: str) -> str:
    """Enough of a SecretId to know it again: its first eight and last four characters."""
    return f"{secret_id[:8]}…{secret_id[-4:]}"


def _key(row: Any) -> KeySummary:
    return KeySummary(
        secret_id=shortened(row.secret_id),
        account_name=row.account_name,
        user_name=row.user_name,
        user_enabled=row.user_enabled,
        enabled=row.enabled,
        revoked_at=row.revoked_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        created_at=row.created_at,
    )
