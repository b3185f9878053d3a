"""A server's jobs without its network: the table, the ledger and the runner are real, the rooms around them are not.

`Rooms` fetches, reviews, renders and keeps at once, or does what a test's script says. Invariant: every step that a
test may look at is in `events`.
"""

from __future__ import annotations

import asyncio
import json
import uuid
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert, select

from fittingroom.accounts import AccountRecord, Database, Plan, Vault, schema
from fittingroom.accounts.jobs import JobDesk, NewJob
from fittingroom.accounts.ledger import Billing, book
from fittingroom.accounts.ledger.book import Entry
from fittingroom.accounts.ledger.till import Till
from fittingroom.accounts.limits.permits import MemoryPermits
from fittingroom.jobs.runner import Runner
from fittingroom.pipeline import RenderedImage
from fittingroom.settings import Settings

PARAMETERS = json.dumps(
    {"ModelUrl": "https://example.com/p", "ClothesUrl": "https://example.com/g", "ClothesType": "Upper-body"}
)
PRICE = 7


class Rooms:
    """The services of one gateway around its jobs."""

    def __init__(self, billing: Billing) -> None:
        self.billing = billing
        self.events: list[str] = []
        self.script: Callable[[], Awaitable[None]] | None = None
        self.permits: Any = MemoryPermits()
        self.workers = 2
        self.fetcher = self.dispatcher = self.results = self.hook = self
        self.state = "READY"

    def status(self) -> SimpleNamespace:
        return SimpleNamespace(state=self.state, workers=self.workers)

    def probe(self, data: bytes, *, parameter: str) -> None: ...

    async def fetch(self, url: str, *, parameter: str, max_bytes: int, deadline: float) -> bytes:
        self.events.append(f"fetched {parameter}")
        return parameter.encode()

    async def review(self, submissions: object, *, request_id: str, deadline: float) -> None: ...

    async def render(self, job: Any, *, deadline: float) -> RenderedImage:
        self.events.append(f"render {job.job_id}")
        if self.script is not None:
            await self.script()
        return RenderedImage(b"picture", "image/jpeg", 768, 1024, "fake", {}, 0.8, ())

    async def put(self, data: bytes, media_type: str, account_id: str) -> str:
        self.events.append("put")
        return "/results/x.jpg?s=1"


class Gateway:
    """One server's jobs. accounts: those that its directory knows."""

    def __init__(
        self, database: Database, vault: Vault, settings: Settings, accounts: dict[str, AccountRecord]
    ) -> None:
        self.billing = Billing(database, settings.billing)
        self.desk = JobDesk(database, vault, settings.jobs, self.billing.counter.gateway_id)
        self.rooms = Rooms(self.billing)
        self.accounts = accounts
        rooms: Any = self.rooms
        self.runner = Runner(rooms, self.billing, self.desk, settings, accounts.get)

    async def round(self, *, beat: bool = True) -> None:
        """One heartbeat and one turn, and what that starts."""
        if beat:
            await self.runner._beat()
        await self.runner._turn()
        await asyncio.gather(*self.runner._tasks)

    async def submit(self, account_id: str = "shop", **more: Any) -> NewJob:
        values = {"action": "ChangeClothes", "language": "en-US", "base_url": "", "parameters": PARAMETERS}
        job = NewJob(account_id=account_id, request_id=str(uuid.uuid4()), **values | more)
        await self.desk.submit(job)
        return job

    async def state(self, job: NewJob) -> str:
        return (await self.desk.find(job.id, job.account_id, job.action)).state


@asynccontextmanager
async def gateway(
    database: Database, vault: Vault, settings: Settings, accounts: dict[str, AccountRecord], *, loops: bool = False
) -> AsyncIterator[Gateway]:
    """Started; with `loops`, the runner works by itself."""
    one = Gateway(database, vault, settings, accounts)
    await one.billing.start()
    try:
        if loops:
            await one.runner.start()
        yield one
    finally:
        await one.runner.stop()
        await one.desk.stop()
        await one.billing.stop()


def make_account(database: Database, name: str = "shop", **values: Any) -> AccountRecord:
    """A prepaid account with money, in the database and as its record."""
    uin = 10**11 + zlib.crc32(name.encode())
    record = AccountRecord(id=name, uin=uin, name=name, plan=Plan.PREPAID, price=PRICE, **values)
    row = {"id": name, "uin": uin, "name": name, "status": "active", "plan": "prepaid", "price": PRICE}
    with database.changing() as connection:
        connection.execute(insert(schema.accounts).values(**row, created_at=0.0))
    till = Till(database)
    with till.transaction() as teller:
        book.fund(teller, Entry("topup", name, 0.0), "money", 10**6)
    till.close()
    return record


def charges(database: Database, request_id: str) -> int:
    """How often a RequestId was charged."""
    t = schema.ledger_transactions.c
    query = select(t.id).where(t.request_id == request_id, t.kind == "charge")
    with database.reading() as connection:
        return len(connection.execute(query).all())


def spent(database: Database) -> tuple[int, int]:
    """What all accounts have spent, and what is reserved, in pictures."""
    b = schema.balances.c
    with database.reading() as connection:
        rows = connection.execute(select(b.spent, b.reserved)).all()
    return sum(row.spent for row in rows) // PRICE, sum(row.reserved for row in rows) // PRICE
