"""Jobs on a Ray Serve application, by its handle: no HTTP in between.

This gateway bounds its own queue as the local dispatcher does, and Serve hands each job to a replica that is free.
Invariant: every job is answered once, and `render` ends only when its replica no longer works on it.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import structlog

from fittingroom.dispatch.answers import picture
from fittingroom.dispatch.local import Rendered, pauses
from fittingroom.dispatch.protocol import DispatchStatus, State
from fittingroom.dispatch.ray.application import Application, Seen
from fittingroom.dispatch.ray.call import Call
from fittingroom.dispatch.ray.library import adopt_logs, join, require_ray, restore_signals
from fittingroom.dispatch.worker import Failure, Outcome, Render, Stopped, WorkerPlan
from fittingroom.errors import ApiError
from fittingroom.pipeline import RenderedImage, RenderJob
from fittingroom.settings import Settings
from fittingroom.tracing import worked

LOOK_SECONDS = 1.0
"""Between two looks at the application."""

SILENT_SECONDS = 30.0
"""After which a look without an answer tells that the cluster's head is gone; jobs are refused then."""

SILENT = "the head of the Ray cluster does not answer"

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class RayDispatcher:
    """Runs jobs on Ray. render, rendered: as for the local dispatcher. Raises `RayMissing`."""

    def __init__(self, settings: Settings, render: Render, rendered: Rendered | None = None) -> None:
        require_ray()
        self._settings = settings
        self._rendered = rendered
        threads = settings.dispatch.threads or max(1, int(settings.ray.cpus))
        plan = WorkerPlan.of(settings, render, threads)
        # A replica does one job at a time, so it has the memory of one.
        plan = replace(plan, neural=settings.neural.model_copy(update={"batch": 1}))
        self._application = Application(plan, settings.ray, settings.dispatch)
        self._seen = Seen("STARTING", 0)
        self._handle: asyncio.Future[Any] | None = None
        self._calls: dict[Call, asyncio.Task[Outcome]] = {}
        self._watching: asyncio.Task[None] | None = None
        self._joined = False
        self._draining = False
        self._lost = 0

    async def start(self) -> None:
        """Begin to join Ray and return; readiness shows in `status()`."""
        self._handle = asyncio.get_running_loop().create_future()
        self._watching = asyncio.create_task(self._watch(), name="ray")

    async def render(self, job: RenderJob, *, deadline: float) -> RenderedImage:
        """Run one job; as the protocol says. Raises `ApiError`."""
        self._admit()
        dispatch = self._settings.dispatch
        call = Call(
            job,
            deadline=deadline,
            job_seconds=dispatch.job_timeout or math.inf,
            grace=dispatch.grace,
            lost=self._count_lost,
        )
        task = self._calls[call] = asyncio.create_task(self._run(call, deadline))
        task.add_done_callback(lambda _: self._calls.pop(call))
        try:
            outcome = await asyncio.shield(task)
        except asyncio.CancelledError:
            call.abandon(Stopped())
            await asyncio.wait({task})
            raise
        image = picture(outcome, self._settings.limits.deadline)
        worked(call.put, call.taken, image.stages)
        if self._rendered is not None:
            self._rendered(image, call.taken - call.put)
        return image

    async def drain(self, grace: float) -> None:
        """Take no new job, wait up to `grace` seconds for all present ones, then leave Ray.

        The application stays for other gateways; a Ray that this process started ends with it.
        """
        self._draining = True
        if self._calls:
            await asyncio.wait(self._calls.values(), timeout=grace)
        for call in self._calls:
            call.abandon(Failure("shutting_down", "drained", {}))
        if self._calls:
            await asyncio.wait(self._calls.values())
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await asyncio.to_thread(self.kill)

    def kill(self) -> None:
        """Leave Ray at once; harmless after `drain`."""
        if self._joined:
            import ray  # noqa: PLC0415

            self._joined = False
            ray.shutdown()

    def status(self) -> DispatchStatus:
        """The present state, without blocking. workers: replicas that can take jobs, of all gateways together."""
        return DispatchStatus(
            state=self._state(),
            engine=self._settings.engine.name,
            workers=self._seen.replicas,
            running=self._running(),
            waiting=self._waiting(),
            restarts=self._lost,
            detail=self._seen.detail,
        )

    def _state(self) -> State:
        if self._draining:
            return "DRAINING"
        if self._seen.state == "READY" and self._running() >= max(1, self._seen.replicas):
            return "BUSY"
        return self._seen.state

    def _admit(self) -> None:
        if self._draining:
            raise ApiError("shutting_down")
        if self._seen.state == "SETUP_FAILED":
            raise ApiError("engine_unavailable", cause=self._seen.detail)
        free = max(0, self._seen.replicas - self._running())
        if self._waiting() >= self._settings.dispatch.queue + free:
            raise ApiError("queue_full", waiting=self._settings.dispatch.queue)

    def _running(self) -> int:
        return sum(call.started for call in self._calls)

    def _waiting(self) -> int:
        return len(self._calls) - self._running()

    def _count_lost(self) -> None:
        self._lost += 1

    async def _run(self, call: Call, deadline: float) -> Outcome:
        ready, given_up = self._ready(), asyncio.create_task(call.given_up())
        try:
            left = max(0.0, deadline - time.monotonic())
            await asyncio.wait({ready, given_up}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        finally:
            given_up.cancel()
        if given_up.done() and not given_up.cancelled():
            return given_up.result()
        return await call.run(ready.result()) if ready.done() else Stopped()

    def _ready(self) -> asyncio.Future[Any]:
        assert self._handle is not None
        return self._handle

    async def _watch(self) -> None:
        """Join, then look again and again; start from the beginning when Ray or the application is gone."""
        waits = pauses()
        while True:
            try:
                await self._open()
                waits = pauses()
                while not self._seen.absent:
                    await asyncio.sleep(LOOK_SECONDS)
                    await self._look()
            except Exception as error:
                log.error("ray_unavailable", detail=f"{type(error).__name__}: {error}")
                self._see(Seen("SETUP_FAILED", 0, f"{type(error).__name__}: {error}"))
                await asyncio.sleep(next(waits))

    async def _open(self) -> None:
        joined = await asyncio.to_thread(join, self._settings.ray.address)
        restore_signals()
        self._joined = self._joined or joined
        handle = await asyncio.to_thread(self._application.open)
        adopt_logs()
        if self._ready().done():
            self._handle = asyncio.get_running_loop().create_future()
        self._ready().set_result(handle)
        await self._look()

    async def _look(self) -> None:
        """Bring `_seen` up to date. One look at a time, since Ray lets none that hangs be given up."""
        looking = asyncio.create_task(asyncio.to_thread(_outliving, self._application.look))
        await asyncio.wait({looking}, timeout=SILENT_SECONDS)
        if not looking.done():
            log.error("ray_silent", seconds=SILENT_SECONDS)
            self._see(Seen("SETUP_FAILED", 0, SILENT))
            await self._leave()
        self._see(await looking)

    async def _leave(self) -> None:
        """Leave a cluster whose head is gone, to join the one in its place; what hangs in Ray ends by this."""
        import ray  # noqa: PLC0415

        if self._joined:
            self._joined = False
            await asyncio.to_thread(_outliving, ray.shutdown)

    def _see(self, seen: Seen) -> None:
        self._seen = seen
        if seen.state == "SETUP_FAILED":
            for call in self._calls:
                if not call.started:
                    call.abandon(Failure("engine_unavailable", seen.detail, {}))


def _outliving(work: Callable[[], Result]) -> Result:
    """What `work` returns or raises, but for Ray's order to end this process, which comes as a `ConnectionError`."""
    try:
        return work()
    except SystemExit as error:
        raise ConnectionError(f"Ray broke off: {error}") from error
