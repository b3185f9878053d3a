"""One worker process behind a pool of its own, with its whole life: start, jobs, crash, kill, start again.

Each slot owns a pebble pool of one process: a crash, a kill or a poisoned pipe then harms this slot only, and a pool
that broke is replaced. Invariant: `run` returns only when the worker has stopped working on the job, so the next job
never meets the previous one.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any

import structlog
from pebble import ProcessPool
from structlog.contextvars import bound_contextvars

from fittingroom.dispatch import worker
from fittingroom.dispatch.answers import checked
from fittingroom.dispatch.control import Control
from fittingroom.dispatch.together import Seat, Together
from fittingroom.dispatch.worker import Failure, NoRoom, Outcome, Ready, Stopped, WorkerPlan
from fittingroom.pipeline import RenderJob

SETUP_ATTEMPTS = 3
"""For workers that die while they set up; one that says what is wrong, or is too slow, is not asked again at once."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SetupFailure:
    """Why a worker has no engine.

    final: it said so itself, so that asking again is idle. slow: it took too long, so that asking again at once is.
    misfit: there is not enough memory free for it, so that asking again at once is idle as well.
    """

    detail: str
    final: bool
    slow: bool = False
    misfit: bool = False


class Slot:
    """A place for one worker. number: for the log. grace: seconds between asking a job to stop and killing it."""

    def __init__(self, number: int, plan: WorkerPlan, *, grace: float, setup_timeout: float) -> None:
        self._plan = plan
        self._grace = grace
        self._setup_timeout = setup_timeout
        self._log = log.bind(slot=number, engine=plan.engine)
        self._context = multiprocessing.get_context("spawn")
        self._control = Control(self._context, plan.neural.batch)
        self._pool: Any = None
        self.batch = 1
        """Jobs that the worker can run at once; known when it is warm."""

    @property
    def alive(self) -> bool:
        """Whether the pool can take a job; false also after an idle worker died."""
        return self._pool is not None and bool(self._pool.active)

    @property
    def pid(self) -> int:
        """The worker's process id, 0 before its first set-up."""
        return self._control.pid

    async def warm(self) -> SetupFailure | None:
        """Start the worker if need be and wait until its engine is loaded; what went wrong, or None."""
        failure: SetupFailure | None = None
        for attempt in range(SETUP_ATTEMPTS):
            if not self.alive:
                await self._renew()
            answer = await self._ask_ready()
            if isinstance(answer, Ready):
                self._log.info("worker_ready", pid=answer.pid, seconds=round(answer.seconds, 2))
                self.batch = answer.batch
                return None
            failure = answer
            self._log.error("worker_setup_failed", attempt=attempt + 1, detail=failure.detail)
            if failure.final or failure.slow or failure.misfit:
                break
        return failure

    async def run(self, job: RenderJob, deadline: float, abandoned: asyncio.Event) -> Outcome:
        """One job. deadline: `time.monotonic()` seconds, seen by the engine. abandoned: set when nobody waits.

        A worker that has not stopped `grace` seconds after `abandoned` was set is killed.
        """
        with bound_contextvars(request_id=job.job_id):
            return await self._run(job, deadline, abandoned)

    async def _run(self, job: RenderJob, deadline: float, abandoned: asyncio.Event) -> Outcome:
        self._control.begin(deadline)
        future = self._schedule(worker.run, job)
        if isinstance(future, Failure):
            return future
        done = _heard(future)
        waiting = asyncio.create_task(abandoned.wait())
        try:
            await asyncio.wait({done, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not done.done():
                self._control.stop()
                await asyncio.wait({done}, timeout=self._grace)
            if not done.done():
                return await self._kill(future)
            return self._outcome(done)
        finally:
            waiting.cancel()

    async def run_together(self, seats: Sequence[Seat]) -> bool:
        """Several jobs at once, at most `batch`; each seat is told its outcome. False where the worker was lost.

        A worker in which one has not stopped `grace` seconds after its seat was abandoned is killed.
        """
        kept = await Together(seats, self._control, self._grace, self._ask).run()
        if not kept:
            await self.stop()  # nobody knows what it still does
        return kept

    async def _ask(self, give_up: asyncio.Event, function: Callable[..., Any], *args: object) -> object:
        """What `function` returns in the worker, or a `Failure`; the worker is killed when `give_up` is set before."""
        future = self._schedule(function, *args)
        if isinstance(future, Failure):
            return future
        done, waiting = _heard(future), asyncio.create_task(give_up.wait())
        try:
            await asyncio.wait({done, waiting}, return_when=asyncio.FIRST_COMPLETED)
            return self._answer(done) if done.done() else await self._kill(future)
        finally:
            waiting.cancel()

    async def stop(self) -> None:
        """End the worker, whatever it does."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()
            self.kill()
            await asyncio.to_thread(pool.join)

    def kill(self) -> None:
        """Kill the worker process at once and tidy nothing up; for the end of this process, and for `stop`."""
        for child in multiprocessing.active_children():
            if child.pid == self.pid:
                child.kill()

    async def _renew(self) -> None:
        await self.stop()
        self._pool = ProcessPool(
            max_workers=1, context=self._context, initializer=worker.set_up, initargs=(self._plan, self._control)
        )

    async def _ask_ready(self) -> Ready | SetupFailure:
        future = await asyncio.to_thread(self._schedule, worker.ready)
        if isinstance(future, Failure):
            return SetupFailure(future.cause, final=False)
        try:
            answer: Ready | Failure = await asyncio.wait_for(asyncio.wrap_future(future), self._setup_timeout)
        except TimeoutError:
            await self.stop()
            detail = f"the engine was not loaded within {self._setup_timeout:g} seconds"
            return SetupFailure(detail, final=False, slow=True)
        except (OSError, RuntimeError) as error:
            await self.stop()
            return SetupFailure(f"the worker died while it loaded the engine: {error}", final=False)
        if isinstance(answer, NoRoom):
            await self.stop()  # what it holds may be what another lacks, and only a new one looks again
            return SetupFailure(answer.cause, final=False, misfit=True)
        return answer if isinstance(answer, Ready) else SetupFailure(answer.cause, final=True)

    def _schedule(self, function: Callable[..., Any], *args: object) -> Any:
        try:
            return self._pool.schedule(function, args=args)
        except RuntimeError as error:
            return Failure("worker_crashed", f"the pool is broken: {error}", {})

    async def _kill(self, future: Any) -> Outcome:
        self._log.warning("worker_killed", pid=self.pid, after=self._grace)
        future.cancel()
        await self.stop()
        return Stopped()

    def _answer(self, done: asyncio.Future[Any]) -> object:
        try:
            return done.result()
        except (OSError, RuntimeError, CancelledError, asyncio.CancelledError) as error:
            cause = f"{type(error).__name__}: {error}, exit code {getattr(error, 'exitcode', 'unknown')}"
            self._log.error("worker_crashed", pid=self.pid, detail=cause)
            return Failure("worker_crashed", cause, {})
        except Exception as error:
            # A job's own exceptions come as a Failure: this one is of an answer that could not travel.
            self._log.error("internal_error", pid=self.pid, exc_info=error)
            return Failure("unreadable_answer", f"{type(error).__name__}: {error}", {})

    def _outcome(self, done: asyncio.Future[Any]) -> Outcome:
        outcome = self._answer(done)
        answer = checked(outcome)
        if answer is not outcome:
            self._log.error("unreadable_answer", pid=self.pid, kind=type(outcome).__name__)
        return answer


def _heard(future: Any) -> asyncio.Future[Any]:
    """The worker's answer for this loop. Where the caller was cancelled, a lost worker is nobody's news any more."""
    done = asyncio.wrap_future(future)
    done.add_done_callback(lambda answered: answered.cancelled() or answered.exception())
    return done
