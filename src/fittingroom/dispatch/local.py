"""Jobs on worker processes of this machine, each with the engine loaded.

A worker does one job at a time; where its engine makes several pictures in one pass (`BatchEngine`, `neural.batch`), it
is given as many of those that wait as fit, and a lone one waits `neural.window_ms` for company. A job whose worker was
lost or short of memory in company is tried once more, alone, so that one bad job does not fail the others.

Jobs wait in one bounded queue; a full queue is refused at once, since an honest refusal can be retried and a long
wait only ends in the caller's time-out. Invariant: every ticket is answered exactly once: a waiting one by its deadline
at the latest, a running one when its work has really stopped (at a shutdown: when its worker is about to be ended), and
only then the slot takes the next ticket.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import structlog

from fittingroom.dispatch.answers import picture
from fittingroom.dispatch.crew import Worker, muster
from fittingroom.dispatch.handover import Handover, Warmth
from fittingroom.dispatch.protocol import DispatchStatus, State
from fittingroom.dispatch.slot import Slot
from fittingroom.dispatch.ticket import Ticket, Turn, is_crash
from fittingroom.dispatch.together import Seat
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
        self._room = [0] * dispatch.workers
        self._failures: dict[int, str] = {}
        self._fitted: set[int] = set()
        self._warmth = Warmth(dispatch.workers, dispatch.cache_seconds if dispatch.cache_mb else 0.0)
        self._queue: Handover[Ticket] = Handover(lambda ticket, idle: self._warmth.prefer(ticket.photos, idle))
        self._tickets: set[Ticket] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._lost = [0] * dispatch.workers
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
        ticket = Ticket(job, deadline, loop.create_future(), self._warmth.photos(job))
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
        return sum(worker.memory for worker in self.crew())

    def crew(self) -> list[Worker]:
        """Each worker as it is now, without blocking."""
        return muster(self._slots, self._states, self._lost, self._failures)

    def status(self) -> DispatchStatus:
        """The present state, without blocking."""
        return DispatchStatus(
            state=self._state(),
            engine=self._settings.engine.name,
            workers=len(self._slots),
            running=sum(ticket.taken is not None for ticket in self._tickets),
            waiting=self._waiting(),
            restarts=sum(self._lost),
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
        if self._waiting() >= self._settings.dispatch.queue + sum(self._room):
            raise ApiError("queue_full", waiting=self._settings.dispatch.queue)

    def _waiting(self) -> int:
        return sum(ticket.taken is None for ticket in self._tickets)

    async def _serve(self, number: int) -> None:
        try:
            while await self._warm(number):
                await self._work(number)
                self._lost[number] += 1
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
        slot, kept = self._slots[number], True
        self._warmth.forget(number)
        while slot.alive and kept:
            self._states[number], self._room[number] = "READY", slot.batch
            ticket = await self._next(number, HEALTH_SECONDS)
            if ticket is not None:
                tickets = await self._company(number, ticket) if slot.batch > 1 else [ticket]
                self._states[number], self._room[number] = "BUSY", 0
                kept = await (self._run_together(slot, tickets) if len(tickets) > 1 else self._run(slot, ticket))
                for done in tickets:
                    self._warmth.saw(number, done.photos)
        self._room[number] = 0

    async def _next(self, number: int, seconds: float) -> Ticket | None:
        ticket = await self._queue.get(number, seconds)
        self._warmth.expire()
        if ticket is None or ticket.ended.is_set():
            return None
        ticket.taken = time.monotonic()
        self._room[number] -= 1
        return ticket

    async def _company(self, number: int, first: Ticket) -> list[Ticket]:
        """`first` and those that go with it into one pass."""
        tickets, end = [first], time.monotonic() + self._settings.neural.window_ms / 1000
        while not first.alone and self._room[number]:
            left = end - time.monotonic()
            another = await self._next(number, max(0.0, left))
            if another is not None and another.alone:
                another.taken = None
                self._queue.put_back(another)
                break
            if another is not None:
                tickets.append(another)
            elif left <= 0:
                break
        return tickets

    async def _run(self, slot: Slot, ticket: Ticket) -> bool:
        """One job. False where the worker was lost."""
        outcome: Outcome | None = None
        turn = Turn(ticket, self._job_seconds)
        try:
            outcome = turn.judged(await slot.run(ticket.job, turn.deadline, ticket.abandoned))
            return not is_crash(outcome)
        finally:
            turn.close()
            self._finish(ticket, outcome or self._stopped())

    async def _run_together(self, slot: Slot, tickets: Sequence[Ticket]) -> bool:
        """Jobs in one pass. False where the worker was lost."""
        turns = [Turn(ticket, self._job_seconds) for ticket in tickets]
        seats = [Seat(one.ticket.job, one.deadline, one.ticket.abandoned, partial(self._told, one)) for one in turns]
        try:
            return await slot.run_together(seats)
        finally:
            for turn in turns:
                turn.close()
                if not turn.told:
                    self._finish(turn.ticket, self._stopped())

    def _told(self, turn: Turn, outcome: Outcome) -> None:
        """The outcome of a job in company."""
        ticket, turn.told = turn.ticket, True
        turn.close()
        if ticket.may_try_again(outcome):
            log.warning("tried_again_alone", request_id=ticket.job.job_id, reason=outcome.reason)
            ticket.alone, ticket.taken = True, None
            self._queue.put_back(ticket)
        else:
            self._finish(ticket, turn.judged(outcome))

    def _stopped(self) -> Failure:
        return Failure("shutting_down" if self._draining else "internal", "the slot was stopped", {})

    def _finish(self, ticket: Ticket, outcome: Outcome) -> None:
        if not ticket.answer.done():
            ticket.answer.set_result(outcome)
        ticket.ended.set()
        self._tickets.discard(ticket)

    def _abandon(self, ticket: Ticket) -> None:
        ticket.abandoned.set()
        if ticket.taken is None:
            self._finish(ticket, Stopped())

    def _fail(self, number: int, detail: str) -> None:
        self._states[number], self._room[number] = "SETUP_FAILED", 0
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
