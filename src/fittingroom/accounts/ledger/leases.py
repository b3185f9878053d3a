"""Which servers are alive, and the giving back of what dead ones reserved.

On SQLite a lock tells (see `presence`). On PostgreSQL each server writes now and then that it lives, by the database's
clock, so that no two machines' clocks are compared; one that has not for a whole lease is taken for dead. Any other
gives its reservations back. A server that was only frozen then finds its reservation gone when it wants to charge, and
does not. Invariant: a reservation is taken from the
table in the same transaction as it is settled, so two servers never settle it both.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from fittingroom.accounts.ledger import book
from fittingroom.accounts.ledger import statements as sql
from fittingroom.accounts.ledger.presence import Presence
from fittingroom.accounts.ledger.till import Till

log = structlog.get_logger(__name__)


class Lease:
    """One server's. gateway_id: its name in reservations. seconds: how long it counts as alive without a word.

    presence: of servers on SQLite, in place of that. clock: Unix seconds, for the ledger's rows. Every method blocks
    and raises `AccountError`.
    """

    def __init__(
        self, till: Till, gateway_id: str, seconds: float, presence: Presence | None, clock: Callable[[], float]
    ) -> None:
        self._till = till
        self._seconds = seconds
        self._presence = presence
        self._clock = clock
        self.gateway_id = gateway_id

    def beat(self) -> None:
        """Say that this server lives."""
        if self._presence is not None:
            self._presence.take()
        with self._till.transaction() as teller:
            teller.count(sql.BEAT, gateway_id=self.gateway_id)

    def end(self) -> None:
        """Say that this server has ended."""
        with self._till.transaction() as teller:
            teller.count(sql.FORGET, gateway_id=self.gateway_id)
        if self._presence is not None:
            self._presence.drop()

    def sweep(self) -> int:
        """Give back what servers reserved that are dead; how many reservations."""
        with self._till.transaction() as teller:
            if self._presence is None:
                found = teller.rows(sql.ABANDONED, gateway_id=self.gateway_id, lease=self._seconds)
            else:
                found = teller.rows(sql.HELD_BY_OTHERS, gateway_id=self.gateway_id)
            teller.count(sql.FORGET_LATE, gateway_id=self.gateway_id, lease=self._seconds)
        if self._presence is not None:
            dead = {owner for owner in {owner for _, owner in found} if not self._presence.alive(owner)}
            found = [one for one in found if one[1] in dead]
        return self._give_back(found)

    def release_own(self) -> int:
        """Give back what this server still holds: for its end; how many reservations."""
        with self._till.transaction() as teller:
            found = teller.rows(sql.HELD_BY, gateway_id=self.gateway_id)
        return self._give_back(found)

    def _give_back(self, found: list[tuple[str, str]]) -> int:
        """One transaction each, so that two servers at the same work only take turns."""
        given = 0
        for request_id, owner in found:
            with self._till.transaction() as teller:
                done = book.give_back(teller, request_id, owner, self._clock(), charged=False)
            if done:
                given += 1
                log.warning("reservation_given_back", request_id=request_id)
        return given
