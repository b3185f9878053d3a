"""The ledger's side of a running server: what its one ledger thread does, one piece of work after the other.

Failures of the database become refusals of the request, so that nothing is made for which nobody could be charged.
What could not be given back at once is owed, and tried again with each heartbeat. Invariant: every method runs on one
thread, in the order asked, so giving back comes after the reserving or charging that it undoes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import select

from fittingroom.accounts import schema
from fittingroom.accounts.database import AccountError, Database
from fittingroom.accounts.ledger import book
from fittingroom.accounts.ledger.book import Balance, Claim, ReservationLost
from fittingroom.accounts.ledger.leases import Lease
from fittingroom.accounts.ledger.money import COUNTED, MONEY
from fittingroom.accounts.ledger.presence import Presence
from fittingroom.accounts.ledger.standing import review
from fittingroom.accounts.ledger.terms import claim_for, too_low
from fittingroom.accounts.ledger.till import Repeated, Teller, Till
from fittingroom.accounts.records import AccountRecord, ServiceStatus
from fittingroom.accounts.status import check_status
from fittingroom.errors import ApiError
from fittingroom.settings import BillingSettings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """One picture of a charge. request_id: of its reservation. claim: None where it costs nothing. settles: what the
    charge is booked for, once and for all."""

    request_id: str
    claim: Claim | None
    settles: str


class Counter:
    """Reserves, charges and gives back. clock: Unix seconds."""

    def __init__(self, database: Database, settings: BillingSettings, clock: Callable[[], float]) -> None:
        self.gateway_id = str(uuid.uuid4())
        self._database = database
        self._settings = settings
        self._clock = clock
        self._till = Till(database)
        file = database.file
        presence = None if file is None else Presence(file.with_name(f"{file.name}.servers"), self.gateway_id)
        self._lease = Lease(self._till, self.gateway_id, settings.lease, presence, clock)
        self._owed: set[tuple[str, ...]] = set()

    def open(self) -> None:
        """Become a server of this database and give back what dead ones left. Raises `AccountError`."""
        self._lease.beat()
        self._lease.sweep()
        self._review_low()

    def close(self) -> None:
        """Give back what nobody will charge any more, pay what is owed, and end. Raises `AccountError`."""
        try:
            self._lease.release_own()
            self._pay_owed()
            self._lease.end()
        finally:
            self._till.close()

    def beat(self) -> None:
        """Say that this server lives, pay what is owed, and give back for dead ones. Raises `AccountError`."""
        self._lease.beat()
        self._pay_owed()
        self._lease.sweep()

    def reserve(self, account: AccountRecord, request_id: str) -> Claim | None:
        """Set the price of a picture aside; None where there is none. Raises `ApiError`."""
        check_status(account.status)
        now = self._clock()
        claim = claim_for(account, self._settings, request_id, now)
        if claim is None:
            return None
        try:
            found = self._reserved(claim, now)
            if found is not None:
                self._review(claim, found.available + found.reserved)
        except AccountError as error:
            self._owed.add((request_id,))  # the commit may have arrived although its answer did not
            raise ApiError("billing_unavailable", cause=error) from error
        if found is not None:
            raise too_low(claim, found)
        return claim

    def charge(
        self, account: AccountRecord, parts: Sequence[Part], write: Callable[[Teller], None] | None = None
    ) -> None:
        """Settle pictures that are finished, and what `write` writes, all or nothing.

        Raises `ApiError`, and what `write` raises; then nothing was charged, or giving back undoes it.
        """
        left: int | None = None
        now = self._clock()
        try:
            with self._till.transaction() as teller:
                for part in parts:
                    if part.claim is None:
                        book.count(teller, account.id, COUNTED, part.settles, now)
                    else:
                        left = book.charge(teller, part.request_id, self.gateway_id, now, settles=part.settles)
                if write is not None:
                    write(teller)
        except ReservationLost as error:
            raise ApiError("reservation_lost", cause="the lease of this server had passed") from error
        except AccountError as error:
            raise ApiError("billing_unavailable", cause=error) from error
        claims = [part.claim for part in parts if part.claim is not None]
        if claims and left is not None:
            self._review_after(claims[-1], left)

    def give_back(self, *request_ids: str) -> None:
        """Undo what the pictures of a request without an answer cost, now or, where the database fails, later."""
        try:
            self._undo(request_ids)
        except AccountError as error:
            self._owed.add(request_ids)
            log.error("not_given_back_yet", request_ids=list(request_ids), detail=str(error))

    def _pay_owed(self) -> None:
        for request_ids in sorted(self._owed):
            self._undo(request_ids)
            self._owed.discard(request_ids)

    def _undo(self, request_ids: tuple[str, ...]) -> None:
        with self._till.transaction() as teller:
            undone = [
                book.give_back(teller, request_id, self.gateway_id, self._clock(), charged=True)
                for request_id in request_ids
            ]
        for account_id in {account_id for account_id in undone if account_id is not None}:
            self._review_back(account_id)

    def _reserved(self, claim: Claim, now: float) -> Balance | None:
        try:
            with self._till.transaction() as teller:
                return book.reserve(teller, claim, self.gateway_id, now)
        except Repeated:
            # Two gateways granted the month's pictures at once; the other was first, so there is no grant to make now.
            with self._till.transaction() as teller:
                return book.reserve(teller, claim, self.gateway_id, now)

    def _review_after(self, claim: Claim, left: int) -> None:
        try:
            self._review(claim, left)
        except AccountError as error:
            # The picture is paid; the next one that is refused brings the status to the balance.
            log.error("status_not_reviewed", account_id=claim.account_id, detail=str(error))

    def _review(self, claim: Claim, left: int) -> None:
        if claim.unit == MONEY and left < claim.amount:
            with self._database.changing() as connection:
                review(self._database, connection, claim.account_id, self._settings)

    def _review_back(self, account_id: str) -> None:
        """What came back may do for an account whose balance a charge had left too low."""
        accounts = schema.accounts.c
        low = select(accounts.id).where(accounts.id == account_id, accounts.status == ServiceStatus.LOW_BALANCE)
        try:
            with self._database.reading() as connection:
                found = connection.scalar(low)
            if found is not None:
                with self._database.changing() as connection:
                    review(self._database, connection, account_id, self._settings)
        except AccountError as error:
            # The money is back; the next start brings the status to the balance.
            log.error("status_not_reviewed", account_id=account_id, detail=str(error))

    def _review_low(self) -> None:
        """A price that is lower since the last start may do for accounts that had too little."""
        accounts = schema.accounts.c
        with self._database.reading() as connection:
            low = connection.scalars(select(accounts.id).where(accounts.status == ServiceStatus.LOW_BALANCE)).all()
        for account_id in low:
            with self._database.changing() as connection:
                review(self._database, connection, account_id, self._settings)
