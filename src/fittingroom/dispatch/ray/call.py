"""One job on its way through Ray Serve, as the gateway sees it: waiting, started, ended.

A replica that dies before it took the job costs nothing, and another is asked; one that dies with it has failed the
request. Invariant: `run` returns when the replica has said that it stopped working on the job, or is dead.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

import structlog

from fittingroom.dispatch.answers import checked
from fittingroom.dispatch.ray.brake import BEAT, go, hear, stop
from fittingroom.dispatch.ray.replica import Started
from fittingroom.dispatch.worker import Failure, Outcome, Stopped
from fittingroom.pipeline import RenderJob

ATTEMPTS: Final = 3
"""Replicas that may die before they take a job, until that is no chance any more."""

DEATH_SECONDS: Final = 10.0
"""Seconds in which Ray tells that a killed replica is dead."""

log = structlog.get_logger(__name__)


class Call:
    """deadline: `time.monotonic()` seconds. job_seconds: that the job may keep a replica. lost: told of a replica that
    died or was killed. put, taken: when it was made and when it started,
    as `time.monotonic()`."""

    def __init__(
        self,
        job: RenderJob,
        *,
        deadline: float,
        job_seconds: float,
        grace: float,
        lost: Callable[[], None],
    ) -> None:
        self.started = False
        self.put = self.taken = time.monotonic()
        self._job = job
        self._deadline = deadline
        self._job_seconds = job_seconds
        self._grace = grace
        self._lost = lost
        self._ended_by: Outcome | None = None
        self._abandoned = asyncio.Event()
        self._log = log.bind(request_id=job.job_id)

    def abandon(self, why: Outcome) -> None:
        """End the work; `why` is then the outcome. The first reason stays."""
        if self._ended_by is None:
            self._ended_by = why
            self._abandoned.set()

    async def given_up(self) -> Outcome:
        """Waits for `abandon`; its reason."""
        await self._abandoned.wait()
        return self._ended_by or Stopped()

    async def run(self, handle: Any) -> Outcome:
        """The outcome. handle: Serve's, of the application's deployment."""
        timer = asyncio.get_running_loop().call_later(self._left(), self.abandon, Stopped())
        waiting = asyncio.create_task(self._abandoned.wait())
        try:
            for attempt in range(ATTEMPTS):
                outcome = await self._attempt(handle, waiting)
                if self.started or not _is_crash(outcome):
                    break
                self._log.warning("replica_died_before_job", attempt=attempt + 1)
            return outcome
        finally:
            timer.cancel()
            waiting.cancel()

    async def _attempt(self, handle: Any, waiting: asyncio.Task[Any]) -> Outcome:
        if self._ended_by is not None:
            return self._ended_by
        name = uuid.uuid4().hex
        stream = handle.options(stream=True).render.remote(self._job, name, self._left())
        first = asyncio.ensure_future(anext(aiter(stream)))
        await asyncio.wait({first, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not first.done():
            stream.cancel()
            await asyncio.wait({first}, timeout=self._grace)
            first.cancel()
            return self._ended_by or Stopped()
        started = self._answer(first)
        if not isinstance(started, Started):
            return checked(started)
        self.started, self.taken = True, time.monotonic()
        return await self._finish(stream, name, started, waiting)

    async def _finish(self, stream: Any, name: str, started: Started, waiting: asyncio.Task[Any]) -> Outcome:
        loop = asyncio.get_running_loop()
        seconds = f"{self._job_seconds:g}"
        slow = Failure("timeout", "dispatch.job_timeout", {"seconds": seconds})
        timer = loop.call_later(min(self._job_seconds, 1e6), self.abandon, slow)
        beating = asyncio.create_task(_beat(started.actor, name))
        started.actor.__ray_call__.remote(go, name)
        done = asyncio.ensure_future(anext(aiter(stream)))
        try:
            await asyncio.wait({done, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not done.done():
                started.actor.__ray_call__.remote(stop, name)
                await asyncio.wait({done}, timeout=self._grace)
            if not done.done():
                await self._kill(started, done)
            return self._outcome(done, started)
        finally:
            timer.cancel()
            beating.cancel()

    async def _kill(self, started: Started, done: asyncio.Future[Any]) -> None:
        import ray  # noqa: PLC0415 - whoever has a call has Ray

        self._log.warning("worker_killed", pid=started.pid, after=self._grace)
        ray.kill(started.actor)
        await asyncio.wait({done}, timeout=DEATH_SECONDS)

    def _outcome(self, done: asyncio.Future[Any], started: Started) -> Outcome:
        undead = Failure("worker_crashed", "killed, and not known to be dead", {})
        outcome = checked(self._answer(done) if done.done() else undead)
        if _is_crash(outcome):
            self._lost()
            if self._ended_by is None:
                self._log.error("worker_crashed", pid=started.pid, detail=getattr(outcome, "cause", ""))
        if self._ended_by is not None and (isinstance(outcome, Stopped) or _is_crash(outcome)):
            return self._ended_by
        return outcome

    def _answer(self, done: asyncio.Future[Any]) -> object:
        from ray.exceptions import RayActorError, RayError  # noqa: PLC0415

        try:
            return done.result()
        except (RayActorError, asyncio.CancelledError) as error:
            return Failure("worker_crashed", _line(error), {})
        except (RayError, StopAsyncIteration) as error:
            # A job's own exceptions come as a Failure: this one is of an answer that could not travel.
            self._log.error("unreadable_answer", detail=_line(error))
            return Failure("unreadable_answer", _line(error), {})

    def _left(self) -> float:
        return max(0.0, self._deadline - time.monotonic())


async def _beat(actor: Any, name: str) -> None:
    while True:
        await asyncio.sleep(BEAT)
        actor.__ray_call__.remote(hear, name)


def _is_crash(outcome: Outcome) -> bool:
    return isinstance(outcome, Failure) and outcome.reason == "worker_crashed"


def _line(error: BaseException) -> str:
    """The last line of what Ray tells, which is a page."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[-1].strip() if lines else ''}"
