"""Jobs on worker processes of this machine, each with the engine loaded.

Jobs wait in one bounded queue; a full queue is refused at once, since an honest refusal can be retried and a long
wait only ends in the caller's time-out. Invariant: every ticket is answered exactly once: a waiting one by its deadline
at the latest, a running one when its work has really stopped (at a shutdown: when its worker is about to be ended), and
only then the slot takes the next ticket.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import structlog

from fittingroom.dispatch.answers import picture
from fittingroom.dispatch.handover import Handover, Photos, Warmth
from fittingroom.dispatch.memory import resident_bytes
from fittingroom.dispatch.protocol import DispatchStatus, State
from fittingroom.dispatch.slot import Slot
from fittingroom.dispatch.worker import Failure, Outcome, Render, Stopped, WorkerPlan
from fittingroom.errors import ApiError
from fittingroom.pipeline import RenderedImage, RenderJob
from fittingroom.settings import Settings
from fittingroom.tracing import worked

HEALTH_SECONDS = 1.0
"""How often an idle slot looks whether its worker still lives."""

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
"""Seconds before a worker that did not come up is started again; each pause is twice the one before."""

Rendered = Callable[[RenderedImage, float], None]

log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class _Ticket:
    """A job that somebody waits for. put, taken: `time.monotonic()` when it joined the queue and left it. abandoned:
    nobody waits any more. ended: no work is done on it (any more). photos: as `Warmth` knows them."""

    job: RenderJob
    deadline: float
    answer: asyncio.Future[Outcome]
    photos: Photos
    put: float = field(default_factory=time.monotonic)
    taken: float | None = None
    abandoned: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class LocalDispatcher:
    """Runs jobs on this machine. render: does one job inside a worker; a module's function. rendered: gets each
    finished picture and the seconds that its job waited for a worker.

    Start and stop it inside one event loop: `start`, then `render` any number of times, then `drain`.
    """

    def __init__(self, settings: Settings, render: Render, rendered: Rendered | None = None) -> None:
        self._settings = settings
        self._rendered = rendered
        self._unfit: Callable[[str], None] | None = None
        dispatch = settings.dispatch
        plan = WorkerPlan.of(settings, render, dispatch.worker_threads)
        self._slots = [
            Slot(number, plan, grace=dispatch.grace, setup_timeout=dispatch.setup_timeout)
            for number in range(dispatch.workers)
        ]
        self._states: list[State] = ["STARTING"] * dispatch.workers
        self._failures: dict[int, str] = {}
        self._fitted: set[int] = set()
        self._warmth = Warmth(dispatch.workers, dispatch.cache_seconds if dispatch.cache_mb else 0.0)
        self._queue: Handover[_Ticket] = Handover(lambda ticket, idle: self._warmth.prefer(ticket.photos, idle))
        self._tickets: set[_Ticket] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._restarts = 0
        self._draining = False
        self._job_seconds = dispatch.job_timeout or math.inf

    def on_misfit(self, tell: Callable[[str], None]) -> None:
        """Have `tell` called, with one line, when a worker that never had its engine finds too little memory for it.

        One that had it before only tries again: what was killed gives its memory back in a moment.
        """
        self._unfit = tell

    async def start(self) -> None:
        """Start all workers and return; readiness shows in `status()`."""
        self._tasks = [asyncio.create_task(self._serve(n), name=f"slot-{n}") for n in range(len(self._slots))]

    async def render(self, job: RenderJob, *, deadline: float) -> RenderedImage:
        """Run one job. deadline: `time.monotonic()` seconds; when it passes, the work is stopped.

        Raises `ApiError`. Returns only when no work is done on the job any more, also when the awaiting task is
        cancelled: what the caller holds for the job (a permit) is then given back neither early nor by chance.
        """
        self._admit()
        loop = asyncio.get_running_loop()
        ticket = _Ticket(job, deadline, loop.create_future(), self._warmth.photos(job))
        self._tickets.add(ticket)
        self._queue.put(ticket)
        timer = loop.call_later(max(0.0, deadline - time.monotonic()), self._abandon, ticket)
        try:
            outcome = await asyncio.shield(ticket.answer)
        except asyncio.CancelledError:
            self._abandon(ticket)
            await ticket.ended.wait()
            raise
        finally:
            timer.cancel()
        image = picture(outcome, self._settings.limits.deadline)
        taken = ticket.taken or ticket.put
        worked(ticket.put, taken, image.stages)
        if self._rendered is not None:
            self._rendered(image, taken - ticket.put)
        return image

    async def drain(self, grace: float) -> None:
        """Take no new job, wait up to `grace` seconds for all present ones, then stop the workers."""
        self._draining = True
        waits = [asyncio.create_task(ticket.ended.wait()) for ticket in self._tickets]
        if waits:
            _, late = await asyncio.wait(waits, timeout=grace)
            for wait in late:
                wait.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for ticket in list(self._tickets):
            self._finish(ticket, Failure("shutting_down", "drained", {}))
        await asyncio.gather(*(slot.stop() for slot in self._slots))

    def kill(self) -> None:
        """End the workers at once, without waiting for anything; harmless after `drain`."""
        for slot in self._slots:
            slot.kill()

    def memory(self) -> float:
        """Bytes of all workers' resident memory; 0 where the system does not tell."""
        return sum(resident_bytes(slot.pid) for slot in self._slots if slot.pid)

    def status(self) -> DispatchStatus:
        """The present state, without blocking."""
        return DispatchStatus(
            state=self._state(),
            engine=self._settings.engine.name,
            workers=len(self._slots),
            running=self._states.count("BUSY"),
            waiting=self._waiting(),
            restarts=self._restarts,
            detail="; ".join(f"worker {number}: {detail}" for number, detail in sorted(self._failures.items())),
        )

    def _state(self) -> State:
        if self._draining:
            return "DRAINING"
        order: tuple[State, ...] = ("READY", "BUSY", "STARTING", "SETUP_FAILED")
        return next(state for state in order if state in self._states)

    def _admit(self) -> None:
        if self._draining:
            raise ApiError("shutting_down")
        if self._state() == "SETUP_FAILED":
            raise ApiError("engine_unavailable", cause=self.status().detail)
        if self._waiting() >= self._settings.dispatch.queue + self._states.count("READY"):
            raise ApiError("queue_full", waiting=self._settings.dispatch.queue)

    def _waiting(self) -> int:
        return sum(ticket.taken is None for ticket in self._tickets)

    async def _serve(self, number: int) -> None:
        try:
            while await self._warm(number):
                await self._work(number)
                self._restarts += 1
        except Exception as error:
            log.exception("slot_failed", slot=number)
            self._fail(number, f"{type(error).__name__}: {error}")

    async def _warm(self, number: int) -> bool:
        """Wait until the worker has its engine. False where the engine itself says that it cannot be loaded.

        A busy disk or a machine short of memory may be better in a moment, so anything else is tried again; callers
        are refused meanwhile rather than kept waiting for it.
        """
        self._states[number] = "STARTING"
        waits = pauses()
        while (failure := await self._slots[number].warm()) is not None:
            self._fail(number, failure.detail)
            if failure.misfit and self._unfit is not None and number not in self._fitted:
                self._unfit(failure.detail)
            if failure.final:
                return False
            await asyncio.sleep(next(waits))
        self._failures.pop(number, None)
        self._fitted.add(number)
        return True

    async def _work(self, number: int) -> None:
        """Jobs one after the other, until the worker is lost."""
        slot, outcome = self._slots[number], None
        self._warmth.forget(number)
        while slot.alive and not _is_crash(outcome):
            self._states[number] = "READY"
            ticket = await self._next(number)
            if ticket is not None:
                self._states[number] = "BUSY"
                outcome = await self._run(slot, ticket)
                self._warmth.saw(number, ticket.photos)

    async def _next(self, number: int) -> _Ticket | None:
        ticket = await self._queue.get(number, HEALTH_SECONDS)
        self._warmth.expire()
        if ticket is None or ticket.ended.is_set():
            return None
        ticket.taken = time.monotonic()
        return ticket

    async def _run(self, slot: Slot, ticket: _Ticket) -> Outcome:
        outcome: Outcome | None = None
        deadline, timer = self._limit(ticket)
        try:
            outcome = await slot.run(ticket.job, deadline, ticket.abandoned)
            if isinstance(outcome, Stopped) and deadline < ticket.deadline and time.monotonic() >= deadline:
                outcome = Failure("timeout", "dispatch.job_timeout", {"seconds": f"{self._job_seconds:g}"})
            return outcome
        finally:
            if timer is not None:
                timer.cancel()
            reason = "shutting_down" if self._draining else "internal"
            self._finish(ticket, outcome or Failure(reason, "the slot was stopped", {}))

    def _limit(self, ticket: _Ticket) -> tuple[float, asyncio.TimerHandle | None]:
        """When the job must end, and the timer that ends it where that is before the request's deadline."""
        deadline = time.monotonic() + self._job_seconds
        if deadline >= ticket.deadline:
            return ticket.deadline, None
        return deadline, asyncio.get_running_loop().call_later(self._job_seconds, self._abandon, ticket)

    def _finish(self, ticket: _Ticket, outcome: Outcome) -> None:
        if not ticket.answer.done():
            ticket.answer.set_result(outcome)
        ticket.ended.set()
        self._tickets.discard(ticket)

    def _abandon(self, ticket: _Ticket) -> None:
        ticket.abandoned.set()
        if ticket.taken is None:
            self._finish(ticket, Stopped())

    def _fail(self, number: int, detail: str) -> None:
        self._states[number] = "SETUP_FAILED"
        self._failures[number] = detail
        if self._state() == "SETUP_FAILED":
            for ticket in list(self._tickets):
                self._finish(ticket, Failure("engine_unavailable", detail, {}))


def pauses() -> Iterator[float]:
    """FIRST_PAUSE, twice that, and so on; LONGEST_PAUSE for ever at last."""
    pause = FIRST_PAUSE
    while True:
        yield min(pause, LONGEST_PAUSE)
        pause *= 2


def _is_crash(outcome: Outcome | None) -> bool:
    return isinstance(outcome, Failure) and outcome.reason == "worker_crashed"
