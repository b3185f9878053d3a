"""Recomputes what the ledger keeps as sums from its rows, and tells every difference.

All of it is read at one moment, beside running servers. Invariant: an empty answer means that every transaction adds up
to nothing, every balance is the sum of its postings, and everything reserved has its reservation.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from fittingroom.accounts import schema
from fittingroom.accounts.ledger.money import show_unit
from fittingroom.accounts.store.base import Store

BUCKETS = ("funding", "available", "reserved", "spent")

Sums = dict[tuple[str, str, str], int]
"""(account's id, unit, bucket) -> amount."""


def differences(store: Store) -> list[str]:
    """What is wrong, a sentence each. Raises `AccountError`."""
    with store.reading() as connection:
        names = {row.id: row.name for row in connection.execute(select(schema.accounts))}
        found = [
            *_unbalanced(connection),
            *_wrong_balances(connection, names),
            *_wrong_reservations(connection, names),
            *_unnamed(connection),
        ]
    return found


def _unbalanced(connection: Connection) -> Iterator[str]:
    p = schema.ledger_postings.c
    query = select(p.transaction_id, p.unit, func.sum(p.amount)).group_by(p.transaction_id, p.unit)
    for number, unit, total in connection.execute(query.having(func.sum(p.amount) != 0)):
        yield f"transaction {number} adds up to {show_unit(unit, int(total))} of {unit}, not to nothing"
    t = schema.ledger_transactions.c
    empty = select(t.id).where(~select(p.id).where(p.transaction_id == t.id).exists())
    for (number,) in connection.execute(empty):
        yield f"transaction {number} has no postings"


def _wrong_balances(connection: Connection, names: dict[str, str]) -> Iterator[str]:
    counted, kept = _posted(connection), _kept(connection)
    for account, unit, bucket in sorted(counted.keys() | kept.keys()):
        here, there = kept.get((account, unit, bucket), 0), counted.get((account, unit, bucket), 0)
        if here != there:
            shown = f"{show_unit(unit, here)}, its postings add up to {show_unit(unit, there)}"
            yield f"{names[account]}: {bucket} of {unit} is {shown}"


def _wrong_reservations(connection: Connection, names: dict[str, str]) -> Iterator[str]:
    r = schema.reservations.c
    held = {
        (account, unit): int(total)
        for account, unit, total in connection.execute(
            select(r.account_id, r.unit, func.sum(r.amount)).group_by(r.account_id, r.unit)
        )
    }
    reserved = {key[:2]: amount for key, amount in _kept(connection).items() if key[2] == "reserved"}
    for account, unit in sorted(held.keys() | reserved.keys()):
        here, there = reserved.get((account, unit), 0), held.get((account, unit), 0)
        if here != there:
            shown = f"{show_unit(unit, here)}, its reservations add up to {show_unit(unit, there)}"
            yield f"{names[account]}: reserved of {unit} is {shown}"


def _unnamed(connection: Connection) -> Iterator[str]:
    t = schema.ledger_transactions.c
    query = select(t.id, t.kind).where(t.kind.in_(("reserve", "charge", "release", "refund")), t.request_id.is_(None))
    for number, kind in connection.execute(query):
        yield f"transaction {number} is a {kind} without a RequestId"


def _posted(connection: Connection) -> Sums:
    t, p = schema.ledger_transactions.c, schema.ledger_postings.c
    query = select(t.account_id, p.unit, p.bucket, func.sum(p.amount)).join_from(
        schema.ledger_transactions, schema.ledger_postings, p.transaction_id == t.id
    )
    rows = connection.execute(query.group_by(t.account_id, p.unit, p.bucket))
    return {(account, unit, bucket): int(total) for account, unit, bucket, total in rows}


def _kept(connection: Connection) -> Sums:
    rows = connection.execute(select(schema.balances)).mappings().all()
    return {(row["account_id"], row["unit"], bucket): row[bucket] for row in rows for bucket in BUCKETS}
