"""One attempt at one job: the way of a direct call, but its end is a row instead of an answer.

The result is kept by URL before the charge; the charge and the job's end are one transaction, so a server killed at any
point leaves either a job that waits and costs nothing, or one that is done and was charged. Invariant: when `attempt`
returns, this gateway does not hold the job any more, unless the database failed; then the next heartbeat gives it back.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Final

import structlog
from structlog.contextvars import bound_contextvars

from fittingroom.accounts.database import AccountError
from fittingroom.accounts.jobs import Job, JobDesk, JobLost, Outcome
from fittingroom.accounts.ledger import Billing
from fittingroom.accounts.records import AccountRecord
from fittingroom.actions.context import JobContext
from fittingroom.actions.dressing import deliver, ledger_names, make
from fittingroom.actions.jobs import files
from fittingroom.actions.registry import JOBS
from fittingroom.actions.services import Services
from fittingroom.errors import ApiError
from fittingroom.settings import Settings
from fittingroom.tracing import Tracing, failed, note

NOT_YET: Final = frozenset({"queue_full", "shutting_down", "limits_unavailable", "billing_unavailable"})
"""Reasons for which a job waits on: they do not lie with it, and it has cost nobody anything yet."""

AGAIN: Final = frozenset(
    {"worker_crashed", "reservation_lost", "engine_unavailable", "results_full", "results_unreachable"}
)
"""Reasons for which a job is tried again, as often as the setting allows."""

PAUSE: Final = 2.0
"""Seconds before a job that could not go on is tried again."""

log = structlog.get_logger(__name__)


class Attempts:
    """Makes the pictures of claimed jobs."""

    def __init__(
        self, services: Services, billing: Billing, jobs: JobDesk, settings: Settings, tracing: Tracing
    ) -> None:
        self._services = services
        self._tracing = tracing
        self._billing = billing
        self._jobs = jobs
        self._settings = settings

    async def attempt(self, job: Job, account: AccountRecord) -> None:
        """Bring a claimed job to its end, or let it wait again. For a task that holds the account's permit."""
        with bound_contextvars(request_id=job.request_id), self._tracing.request("job", job.request_id):
            note(action=job.action, attempt=job.attempt)
            try:
                await self._attempt(job, account)
            except JobLost:
                log.warning("job_lost", job_id=job.id, attempt=job.attempt)
            except AccountError as error:
                log.error("job_not_written", job_id=job.id, detail=str(error))

    async def _attempt(self, job: Job, account: AccountRecord) -> None:
        try:
            self._refuse(job)
            await self._dress(job, account)
        except asyncio.CancelledError:
            await self._jobs.give_back(job, 0.0, counted=False)
            raise
        except (JobLost, AccountError):
            raise
        except ApiError as error:
            failed(error.code)
            await self._failed(job, error)
        except Exception:
            log.exception("job_failed", job_id=job.id)
            await self._failed(job, ApiError("internal"))
        else:
            log.info("job_done", job_id=job.id, attempt=job.attempt)

    def _refuse(self, job: Job) -> None:
        limits = self._settings.jobs
        if job.late:
            raise ApiError("job_too_late", seconds=f"{limits.patience:g}")
        if job.attempt > limits.attempts:
            raise ApiError("job_abandoned", attempts=limits.attempts)

    async def _dress(self, job: Job, account: AccountRecord) -> None:
        limits = self._settings.jobs
        deadline = time.monotonic() + limits.deadline
        context = JobContext(job.request_id, account, job.language, deadline, self._settings)
        if job.parameters is None:
            raise ApiError("internal", cause="the job's parameters cannot be read")
        form = JOBS[job.action]
        order = form.read(job.parameters, context)
        booked = ledger_names(job.request_id, order.pictures)
        try:
            names = ledger_names(job.claim, order.pictures)
            async with asyncio.timeout(limits.deadline) as bound, self._billing.reserve(account, *names) as held:
                rendered = await make(order, context, self._services)
                begun = time.monotonic()
                dressed = await deliver(rendered, "url", context, self._services)
                outcome = Outcome(pictures=files(dressed), details=tuple(form.details(dressed)))
                keep = min(limits.keep, self._settings.results.lifetime) - (time.monotonic() - begun)
                end = partial(self._jobs.end, job=job, outcome=outcome, keep=keep)
                await held.settle(booked, end)
        except TimeoutError as error:
            if not bound.expired():
                raise
            raise ApiError("timeout", seconds=f"{limits.deadline:g}") from error

    async def _failed(self, job: Job, error: ApiError) -> None:
        fields = {"job_id": job.id, "attempt": job.attempt, "reason": error.reason, "cause": str(error.cause or "")}
        again = error.reason in AGAIN and job.attempt < self._settings.jobs.attempts
        if error.reason in NOT_YET or again:
            log.warning("job_waits", **fields)
            await self._jobs.give_back(job, PAUSE, counted=error.reason not in NOT_YET)
            return
        log.info("job_refused", **fields)
        await self._jobs.fail(job, Outcome.failure(error))
