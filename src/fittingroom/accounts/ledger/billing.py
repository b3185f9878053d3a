"""Billing as a request sees it: a reservation around the work, and the charge when the picture is finished.

The database's work is done by a thread of its own, so the event loop never waits for it, and goes on when the task that
asked is cancelled: what was reserved for a client that has gone comes back. Invariant: a block that is left without a
charge, or by an exception after it, has cost the account nothing once its give-back has run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
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
    """What is set aside for one picture. charged: whether it was settled."""

    def __init__(self, billing: Billing, account: AccountRecord, request_id: str, claim: Claim | None) -> None:
        self._billing = billing
        self._account = account
        self._request_id = request_id
        self.claim = claim
        self.tried = False
        self.charged = False

    async def charge(self) -> None:
        """Settle it: the picture is finished. Raises `ApiError`: reservation_lost, billing_unavailable."""
        self.tried = True
        counter = self._billing.counter
        await self._billing.run(partial(counter.charge, self._account, self._request_id, self.claim))
        self.charged = True
        self._billing.unanswered.add(self._request_id)

    def part(self, settles: str) -> Part:
        """As `Billing.charge_all` charges it, booked for `settles`."""
        return Part(self._request_id, self.claim, settles)


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
    async def answering(self, request_id: str) -> AsyncIterator[None]:
        """Undo the request's charge when an exception leaves the block: its caller gets no picture.

        It goes around everything, since whatever is given back after the charge may fail or be cancelled, too.
        """
        try:
            yield
        except BaseException:
            if request_id in self.unanswered:
                await self.run(partial(self.counter.give_back, request_id))
            raise
        finally:
            self.unanswered.discard(request_id)

    @asynccontextmanager
    async def reserve(self, account: AccountRecord, request_id: str) -> AsyncIterator[Reservation]:
        """Hold the price of one picture inside the block. Raises `ApiError` when the account may or can not pay."""
        give_back = partial(self.counter.give_back, request_id)
        try:
            claim = await self.run(partial(self.counter.reserve, account, request_id))
        except asyncio.CancelledError:
            await self.run(give_back)  # whether it was made is not known here; the thread does this after it
            raise
        reservation = Reservation(self, account, request_id, claim)
        answered = False
        try:
            yield reservation
            answered = reservation.charged
        finally:
            if not answered and (claim is not None or reservation.tried):
                await self.run(give_back)

    async def charge_all(
        self, account: AccountRecord, booked: Mapping[str, Reservation], write: Callable[[Teller], None]
    ) -> None:
        """Settle all reservations and do what `write` writes in one transaction, for pictures that no answer waits for.

        booked: by what each is booked for. Afterwards nothing undoes the charge. Raises `ApiError`, and what `write`
        raises.
        """
        parts = [reservation.part(settles) for settles, reservation in booked.items()]
        for reservation in booked.values():
            reservation.tried = True
        await self.run(partial(self.counter.charge_all, account, parts, write))
        for reservation in booked.values():
            reservation.charged = True

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
