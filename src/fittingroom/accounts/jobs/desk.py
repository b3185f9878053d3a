"""Jobs as a running server's tasks see them: the table's calls, done by threads of their own.

The event loop never waits for the database, and what was asked is done even when the task that asked is cancelled.
Queries have a second thread, so that none waits behind a change that waits for the database. Invariant: all changes of
the table are made by one thread, in the order asked; the charge alone is the ledger's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from fittingroom.accounts.database import AccountError, Database
from fittingroom.accounts.jobs.callbacks import CallbackTable
from fittingroom.accounts.jobs.records import Callback, Due, Found, Job, NewJob, Outcome, Waiting
from fittingroom.accounts.jobs.table import JobTable
from fittingroom.accounts.ledger.clerk import Clerk
from fittingroom.accounts.ledger.till import Teller
from fittingroom.accounts.vault import Vault
from fittingroom.errors import ApiError
from fittingroom.settings import JobSettings

Result = TypeVar("Result")


class JobDesk:
    """gateway_id: this server's name in claims; the ledger's, whose lock says on SQLite whether it lives."""

    def __init__(self, database: Database, vault: Vault, settings: JobSettings, gateway_id: str) -> None:
        self._settings = settings
        self._table = JobTable(database, vault, gateway_id, settings.lease)
        self._callbacks = CallbackTable(self._table, vault)
        self._clerk = Clerk("jobs")
        self._queried = JobTable(database, vault, gateway_id, settings.lease)
        self._querying = Clerk("jobs-querying")
        self.news = asyncio.Event()
        """Set when there may be something to do."""
        self.unended = {"waiting": 0, "running": 0}
        """Jobs of all gateways, as of the last `count`."""

    async def stop(self) -> None:
        """End the threads."""
        for clerk, table in ((self._clerk, self._table), (self._querying, self._queried)):
            await clerk.run(table.close)
            clerk.stop()

    async def submit(self, job: NewJob) -> None:
        """Keep a job for later. Raises `ApiError`: job_queue_full, jobs_unavailable, callback_no_secret."""
        if job.callback is not None and not await self._asked(partial(self._callbacks.secrets, job.account_id)):
            raise ApiError("callback_no_secret")
        if not await self._asked(partial(self._table.add, job, self._settings.queue)):
            raise ApiError("job_queue_full", limit=self._settings.queue)
        self.news.set()

    async def find(self, job_id: str, account_id: str, action: str) -> Found:
        """A job of this account and action. Raises `ApiError`: job_not_exist, jobs_unavailable."""
        found = await self._asked(partial(self._queried.find, job_id, account_id, action), self._querying)
        if found is None:
            raise ApiError("job_not_exist")
        return found

    def oldest(self, after: Waiting | None = None) -> Awaitable[list[Waiting]]:
        """Of each account with waiting jobs, the one whose turn it is: a page of them, which begins behind `after`.

        Raises `AccountError`, as all that follow.
        """
        return self._clerk.run(partial(self._table.oldest, after))

    def late(self) -> Awaitable[list[Waiting]]:
        """Jobs that have waited for too long."""
        return self._clerk.run(partial(self._table.late, self._settings.patience))

    def claim(self, job_id: str) -> Awaitable[Job | None]:
        """Take a waiting job, or None."""
        return self._clerk.run(partial(self._table.claim, job_id, self._settings.patience))

    def give_back(self, job: Job, pause: float, *, counted: bool) -> Awaitable[None]:
        """Let a claimed job wait again for at least `pause` seconds. counted: whether this was an attempt."""
        return self._clerk.run(partial(self._table.give_back, job, pause, counted=counted))

    def end(self, teller: Teller, job: Job, outcome: Outcome, keep: float) -> None:
        """Write what came of a job, in the transaction of its charge. keep: seconds until it is forgotten.

        For the ledger's thread. Raises `JobLost`.
        """
        self._table.end(teller, job, outcome, keep)

    def fail(self, job: Job, outcome: Outcome) -> Awaitable[None]:
        """End a job that costs nothing. Raises `JobLost`."""
        return self._clerk.run(partial(self._table.fail, job, outcome, self._settings.keep))

    def renew(self, running: set[str]) -> Awaitable[set[str]]:
        """Say that this gateway lives; which of the `running` jobs are still its own."""
        return self._clerk.run(partial(self._table.renew, running))

    def take_from_dead(self) -> Awaitable[int]:
        """Let jobs of gateways that are gone wait again; how many."""
        return self._clerk.run(self._table.take_from_dead)

    async def count(self) -> None:
        """Bring `unended` up to date."""
        self.unended = await self._clerk.run(self._table.unended)

    def sweep(self) -> Awaitable[int]:
        """Forget jobs whose time is over; how many."""
        return self._clerk.run(self._table.sweep)

    def due_callbacks(self, limit: int, each: int) -> Awaitable[list[Due]]:
        """At most `limit` jobs whose callback is due, of each account at most `each`, longest due first."""
        return self._clerk.run(partial(self._callbacks.due, limit, each))

    def take_callback(self, job_id: str, hold: float) -> Awaitable[Callback | None]:
        """A due callback, for `hold` seconds nobody else's, or None."""
        return self._clerk.run(partial(self._callbacks.take, job_id, hold))

    def not_now(self, job_id: str, pause: float) -> Awaitable[None]:
        """Put a taken callback back untried, for `pause` seconds."""
        return self._clerk.run(partial(self._callbacks.not_now, job_id, pause))

    def told(self, job_id: str) -> Awaitable[None]:
        """The callback has arrived, or nobody will try again."""
        return self._clerk.run(partial(self._callbacks.told, job_id))

    def tell_later(self, job_id: str, pause: float) -> Awaitable[None]:
        """Try the callback again in `pause` seconds."""
        return self._clerk.run(partial(self._callbacks.tell_later, job_id, pause))

    def secrets(self, account_id: str) -> Awaitable[list[str]]:
        """What an account's callbacks are signed by, newest first."""
        return self._clerk.run(partial(self._callbacks.secrets, account_id))

    async def _asked(self, work: Callable[[], Result], clerk: Clerk | None = None) -> Result:
        """For a request, which is refused where the database fails."""
        try:
            return await (clerk or self._clerk).run(work)
        except AccountError as error:
            raise ApiError("jobs_unavailable", cause=error) from error
