"""Accounts with money, and a look at all that the ledger holds, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import callers
import pytest
from paying import gateway
from sqlalchemy import func, insert, select

from fittingroom.accounts import AccountRecord, Database, schema
from fittingroom.accounts.ledger import Billing, book
from fittingroom.accounts.ledger.book import Balance, Entry
from fittingroom.accounts.ledger.till import Till

NOVEMBER = 1_795_300_000.0
"""2026-11-21."""


@dataclass
class Vaultroom:
    """A database with its accounts and a till. Amounts are in millionths."""

    database: Database
    till: Till
    now: float = NOVEMBER
    made: int = field(default=0)

    def clock(self) -> float:
        return self.now

    def account(self, name: str = "shop", money: int = 0, **values: object) -> AccountRecord:
        """An account in the database, as a gateway has it in memory."""
        self.made += 1
        record = callers.account(f"id-{name}", name, **values)
        row = {"id": record.id, "uin": 10**11 + self.made, "name": name, "created_at": 0.0}
        terms = {"status": record.status, "plan": record.plan, "price": record.price, "quota": record.quota}
        with self.database.changing() as connection:
            connection.execute(insert(schema.accounts).values(**row, **terms))
        if money:
            self.fund(record, money)
        return record

    def fund(self, account: AccountRecord, amount: int) -> None:
        with self.till.transaction() as teller:
            book.fund(teller, Entry("topup", account.id, self.now), "money", amount)

    def balance(self, account: AccountRecord, unit: str = "money") -> Balance:
        with self.till.transaction() as teller:
            return book.balance(teller, account.id, unit)

    def kinds(self, request_id: str | None = None) -> list[str]:
        """What the ledger has written, in order."""
        t = schema.ledger_transactions.c
        query = select(t.kind).order_by(t.id)
        with self.database.reading() as connection:
            return list(connection.scalars(query if request_id is None else query.where(t.request_id == request_id)))

    def reserved(self) -> list[str]:
        """RequestIds of reservations that are not settled."""
        with self.database.reading() as connection:
            return list(connection.scalars(select(schema.reservations.c.request_id)))

    def status(self, account: AccountRecord) -> str:
        a = schema.accounts.c
        with self.database.reading() as connection:
            return str(connection.scalar(select(a.status).where(a.id == account.id)))

    def assert_sound(self) -> None:
        """Postings of each transaction add up to nothing; balances and reservations are what they add up to."""
        p, t, b, r = (
            getattr(schema, name).c for name in ("ledger_postings", "ledger_transactions", "balances", "reservations")
        )
        with self.database.reading() as connection:
            sums = select(p.transaction_id, func.sum(p.amount)).group_by(p.transaction_id, p.unit)
            assert all(total == 0 for _, total in connection.execute(sums))
            joined = select(t.account_id, p.unit, p.bucket, func.sum(p.amount)).join_from(
                schema.ledger_transactions, schema.ledger_postings, p.transaction_id == t.id
            )
            grouped = joined.group_by(t.account_id, p.unit, p.bucket)
            totals = {tuple(row[:3]): int(row[3]) for row in connection.execute(grouped)}
            held = select(r.account_id, r.unit, func.sum(r.amount)).group_by(r.account_id, r.unit)
            holding = {tuple(row[:2]): int(row[2]) for row in connection.execute(held)}
            for row in connection.execute(select(*b)):
                kept = {
                    "funding": row.funding,
                    "available": row.available,
                    "reserved": row.reserved,
                    "spent": row.spent,
                }
                assert kept == {name: totals.get((row.account_id, row.unit, name), 0) for name in kept}
                assert row.reserved == holding.get((row.account_id, row.unit), 0)


@pytest.fixture
def room(database: Database) -> Iterator[Vaultroom]:
    till = Till(database)
    yield Vaultroom(database, till)
    till.close()


@pytest.fixture
def sqlite_room(tmp_path: Path) -> Iterator[Vaultroom]:
    """For what does not depend on the database."""
    database = Database.open(tmp_path)
    till = Till(database)
    yield Vaultroom(database, till)
    till.close()
    database.close()


@pytest.fixture
async def billing(room) -> AsyncIterator[Billing]:
    async with gateway(room) as one:
        yield one
