"""What accounts have used: sums of a month, and each charge with its RequestId.

Read from the ledger's own rows, so the sums are those that were paid. A refund stands as a line below zero beside its
charge. Invariant: the lines of a month add up to its sums.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from fittingroom.accounts import schema
from fittingroom.accounts.ledger.money import MONEY, span
from fittingroom.accounts.store.base import Store, find_account


@dataclass(frozen=True, slots=True)
class Used:
    """One account's month. pictures: charged ones less refunds, of whichever plan. money: millionths.

    given_back: pictures that were reserved or charged and not delivered.
    """

    account: str
    month: str
    pictures: int
    money: int
    given_back: int


@dataclass(frozen=True, slots=True)
class Line:
    """One charge (or, below zero, refund). at: Unix seconds. amount: of `unit`, money in millionths."""

    account: str
    request_id: str
    at: float
    kind: str
    amount: int
    unit: str


def of_month(store: Store, month: str, name: str | None = None) -> list[Used]:
    """Sums of all accounts that used anything, or of one. month: `2026-11`. Raises `AccountError`."""
    t, p, a = schema.ledger_transactions.c, schema.ledger_postings.c, schema.accounts.c
    kinds: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    money: dict[str, int] = defaultdict(int)
    with store.reading() as connection:
        spent = _within(select(a.name, t.kind, p.unit, func.count(), func.sum(p.amount)), month)
        spent = _of(connection, spent.where(p.bucket == "spent"), name).group_by(a.name, t.kind, p.unit)
        for account, kind, unit, count, amount in connection.execute(spent):
            kinds[account][kind] += count
            money[account] += int(amount) if unit == MONEY else 0
        released = _within(select(a.name, func.count()), month).where(t.kind == "release", p.bucket == "available")
        for account, count in connection.execute(_of(connection, released, name).group_by(a.name)):
            kinds[account]["release"] += count
    return [
        Used(
            account,
            month,
            pictures=seen["charge"] - seen["refund"],
            money=money[account],
            given_back=seen["release"] + seen["refund"],
        )
        for account, seen in sorted(kinds.items())
    ]


def lines(store: Store, month: str, name: str | None = None) -> Iterator[Line]:
    """Each charge and refund of a month, in the order booked. Raises `AccountError`."""
    t, p, a = schema.ledger_transactions.c, schema.ledger_postings.c, schema.accounts.c
    query = _within(select(a.name, t.request_id, t.at, t.kind, p.amount, p.unit), month)
    with store.reading() as connection:
        found = _of(connection, query.where(p.bucket == "spent"), name).order_by(t.id)
        for row in connection.execution_options(yield_per=1000).execute(found):
            yield Line(*row)


def _within(query: Select[Any], month: str) -> Select[Any]:
    """Join the ledger's three tables, for one month."""
    t, p, a = schema.ledger_transactions.c, schema.ledger_postings.c, schema.accounts.c
    begin, end = span(month)
    joined = schema.ledger_transactions.join(schema.ledger_postings, p.transaction_id == t.id)
    return query.select_from(joined.join(schema.accounts, a.id == t.account_id)).where(t.at >= begin, t.at < end)


def _of(connection: Connection, query: Select[Any], name: str | None) -> Select[Any]:
    return query if name is None else query.where(schema.accounts.c.id == find_account(connection, name).id)
