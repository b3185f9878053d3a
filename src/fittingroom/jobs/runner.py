"""Takes jobs whose turn it is, as many at once as the server can use, and keeps their leases.

A job needs one of its account's permits, like a direct call; where there is none it waits, and other accounts' jobs go
on. Invariant: a job is claimed only by a task that holds a permit for it, and every task's end is seen.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

import structlog

from fittingroom.accounts.jobs import PAGE, JobDesk, Waiting
from fittingroom.accounts.ledger import Billing
from fittingroom.accounts.records import AccountRecord
from fittingroom.actions.context import concurrency_of
from fittingroom.actions.services import Services
from fittingroom.errors import ApiError
from fittingroom.jobs.attempt import Attempts
from fittingroom.jobs.looping import for_ever
from fittingroom.settings import Settings
from fittingroom.tracing import Tracing, Untraced

BEATS: Final = 5
"""Heartbeats within one lease."""

BLOCKED: Final = 0.5
"""Seconds before an account whose permits are taken is asked again."""

READY: Final = frozenset({"READY", "BUSY"})

log = structlog.get_logger(__name__)


class Runner:
    """account: finds an account by its id, None for one that is gone. `start` after all services, `stop` before."""

    def __init__(
        self,
        services: Services,
        billing: Billing,
        jobs: JobDesk,
        settings: Settings,
        account: Callable[[str], AccountRecord | None],
        tracing: Tracing | None = None,
    ) -> None:
        self._services = services
        self._jobs = jobs
        self._settings = settings
        self._account = account
        self._attempts = Attempts(services, billing, jobs, settings, tracing or Untraced())
        self._tasks: dict[asyncio.Task[None], Waiting] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._starting: set[str] = set()
        self._blocked: dict[str, float] = {}
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take what dead servers left, and begin."""
        beat = min(self._settings.jobs.lease / BEATS, 5.0)
        self._loops = [
            asyncio.create_task(for_ever(self._beat, partial(asyncio.sleep, beat)), name="jobs-lease"),
            asyncio.create_task(for_ever(self._turn, self._pause), name="jobs"),
        ]

    async def stop(self) -> None:
        """Take no more jobs; those that run are cancelled and wait for another server, or for this one's return."""
        for group in (self._loops, list(self._tasks)):
            for task in group:
                task.cancel()
            await asyncio.gather(*group, return_exceptions=True)

    async def _beat(self) -> None:
        running = set(self._running)
        held = await self._jobs.renew(running)
        for job_id in running - held:
            # Another server has it by now, or it was purged. A job that has ended meanwhile has no task to cancel.
            if job_id in self._running:
                self._running[job_id].cancel()
        if taken := await self._jobs.take_from_dead():
            log.warning("jobs_taken_from_dead", jobs=taken)
            self._jobs.news.set()
        await self._jobs.count()
        if swept := await self._jobs.sweep():
            log.info("jobs_swept", jobs=swept)
        for waiting in await self._jobs.late():
            job = await self._jobs.claim(waiting.id)
            if job is not None:
                await self._attempts.attempt(job, AccountRecord(id=job.account_id, uin=0, name=""))

    async def _turn(self) -> None:
        """Start as many jobs as there is room for."""
        self._jobs.news.clear()
        status = self._services.dispatcher.status()
        limit = self._settings.jobs.running or status.workers + 1
        if len(self._tasks) >= limit or status.state not in READY:
            return
        now = time.monotonic()
        self._blocked = {account_id: until for account_id, until in self._blocked.items() if until > now}
        page = await self._jobs.oldest()
        while True:
            for waiting in page:
                if len(self._tasks) >= limit:
                    return
                self._begin(waiting)
            if len(page) < PAGE:
                return
            # All of them may be unable to go on; then it is the turn of those behind them.
            page = await self._jobs.oldest(page[-1])

    def _begin(self, waiting: Waiting) -> None:
        account = self._account(waiting.account_id)
        if account is None or account.id in self._blocked or account.id in self._starting:
            return
        self._starting.add(account.id)
        task = asyncio.create_task(self._run(waiting, account), name=f"job-{waiting.id}")
        self._tasks[task] = waiting
        task.add_done_callback(self._ended)

    async def _run(self, waiting: Waiting, account: AccountRecord) -> None:
        try:
            async with self._services.permits.hold(account.id, concurrency_of(account, self._settings)):
                await self._claimed(waiting, account)
        except ApiError as error:
            # No permit now, or one that was lost; in either case the job waits again.
            self._blocked[account.id] = time.monotonic() + BLOCKED
            log.debug("job_without_permit", job_id=waiting.id, reason=error.reason)
        finally:
            self._starting.discard(account.id)

    async def _claimed(self, waiting: Waiting, account: AccountRecord) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running[waiting.id] = task
        try:
            job = await self._jobs.claim(waiting.id)
            self._starting.discard(account.id)
            self._jobs.news.set()  # the account's next job has its turn
            if job is not None:
                await self._attempts.attempt(job, account)
        finally:
            del self._running[waiting.id]
            self._blocked.pop(account.id, None)

    async def _pause(self) -> None:
        poll = self._settings.jobs.poll
        with suppress(TimeoutError):
            async with asyncio.timeout(min(poll, BLOCKED) if self._blocked else poll):
                await self._jobs.news.wait()

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        self._jobs.news.set()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("job_task_failed", exc_info=error)
