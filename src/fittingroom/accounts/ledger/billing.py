"""Billing as a request sees it: a reservation around the work, and the charge when the picture is finished.

The database's work is done by a thread of its own, so the event loop never waits for it, and goes on when the task that
asked is cancelled: what was reserved for a client that has gone comes back. Invariant: a block that is left without a
charge, or by an exception after it, has cost the account nothing once its give-back has run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

import structlog

from fittingroom.accounts.database import AccountError, Database
from fittingroom.accounts.ledger.book import Claim
from fittingroom.accounts.ledger.clerk import Clerk
from fittingroom.accounts.ledger.counter import Counter, Part
from fittingroom.accounts.ledger.till import Teller
from fittingroom.accounts.records import AccountRecord
from fittingroom.settings import BillingSettings

BEATS = 5
"""Heartbeats within one lease."""

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class Reservation:
    """What is set aside for the pictures of one request. charged: whether it was settled."""

    def __init__(self, billing: Billing, account: AccountRecord) -> None:
        self._billing = billing
        self._account = account
        self._claims: dict[str, Claim | None] = {}
        self._doubtful: list[str] = []
        self._tried = False
        self.charged = False

    async def add(self, request_id: str) -> None:
        """Set the price of one more picture aside. Raises `ApiError`."""
        counter = self._billing.counter
        try:
            self._claims[request_id] = await self._billing.run(partial(counter.reserve, self._account, request_id))
        except asyncio.CancelledError:
            self._doubtful.append(request_id)  # whether it was made is not known here
            raise

    async def charge(self) -> None:
        """Settle all of it at once: the pictures are finished. Raises `ApiError`: reservation_lost,
        billing_unavailable; then nothing was charged, or giving back undoes it."""
        await self.settle(list(self._claims))
        self._billing.unanswered.update(self._claims)

    async def settle(self, booked: Sequence[str], write: Callable[[Teller], None] | None = None) -> None:
        """Charge it in one transaction, with what `write` writes, for pictures that no answer waits for.

        booked: what each picture is booked for, in their order. Afterwards nothing undoes the charge. Raises
        `ApiError`, and what `write` raises.
        """
        claims = zip(self._claims.items(), booked, strict=True)
        parts = [Part(request_id, claim, settles) for (request_id, claim), settles in claims]
        self._tried = True
        await self._billing.run(partial(self._billing.counter.charge, self._account, parts, write))
        self.charged = True

    def undoable(self) -> list[str]:
        """What would have to come back now."""
        return [*(name for name, claim in self._claims.items() if claim or self._tried), *self._doubtful]


class Billing:
    """The ledger of a running server. clock: Unix seconds."""

    def __init__(self, database: Database, settings: BillingSettings, clock: Callable[[], float] = time.time) -> None:
        self.counter = Counter(database, settings, clock)
        self.unanswered: set[str] = set()
        self._interval = settings.lease / BEATS
        self._clerk = Clerk()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Give back what dead servers left, and keep the lease. Raises `AccountError`."""
        await self.run(self.counter.open)
        self._task = asyncio.create_task(self._live(), name="ledger")

    async def stop(self) -> None:
        """Give back what is still reserved, end the lease and the thread."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        try:
            await self.run(self.counter.close)
        finally:
            self._clerk.stop()

    @asynccontextmanager
    async def answering(self, *request_ids: str) -> AsyncIterator[None]:
        """Undo the charge of all pictures of a request when an exception leaves the block: its caller gets none.

        It goes around everything, since whatever is given back after the charge may fail or be cancelled, too.
        """
        try:
            yield
        except BaseException:
            if charged := sorted(self.unanswered.intersection(request_ids)):
                await self.run(partial(self.counter.give_back, *charged))
            raise
        finally:
            self.unanswered.difference_update(request_ids)

    @asynccontextmanager
    async def reserve(self, account: AccountRecord, *request_ids: str) -> AsyncIterator[Reservation]:
        """Hold the price of a request's pictures inside the block, each under a name of its own.

        All of it is charged, or all of it comes back. Raises `ApiError` when the account may or can not pay.
        """
        reservation = Reservation(self, account)
        answered = False
        try:
            for request_id in request_ids:
                await reservation.add(request_id)
            yield reservation
            answered = reservation.charged
        finally:
            if not answered and (back := reservation.undoable()):
                await self.run(partial(self.counter.give_back, *back))

    async def run(self, work: Callable[[], Result]) -> Result:
        """What `work` returns or raises. It is done by the ledger's thread even when this task is cancelled."""
        return await self._clerk.run(work)

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.run(self.counter.beat)
            except AccountError as error:
                log.error("ledger_unreachable", detail=str(error))
            except Exception as error:
                # Nobody waits for this task: it would end unseen, and with it the server's lease.
                log.exception("ledger_unreachable", detail=f"{type(error).__name__}: {error}")
