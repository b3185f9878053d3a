"""Works on worker processes of this machine.

Each worker is a lane: it takes a tile and dresses it through, so that a photo comes back to the worker that has just
seen it; when no tile is left it takes from the end of the longest lane. While one picture is made, the photos of the
next are read. Invariant: every work is handed to `keep` exactly once, unless the batch is stopped before it begins.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from fittingroom import pipeline
from fittingroom.catalogue.pictures import PhotoError, Pictures, job_id
from fittingroom.catalogue.plan import Making, Work
from fittingroom.catalogue.rows import CatalogueError
from fittingroom.dispatch.answers import picture
from fittingroom.dispatch.slot import Slot
from fittingroom.dispatch.worker import Failure, Outcome, WorkerPlan
from fittingroom.errors import ApiError
from fittingroom.pipeline import RenderedImage, RenderJob
from fittingroom.settings import Settings

LONGEST: Final = 300.0
"""Seconds that a picture may take where dispatch.job_timeout says nothing: nobody waits, but nothing may hang."""

Made = RenderedImage | ApiError | PhotoError
Keep = Callable[[Work, Made, float], Awaitable[None]]
"""Gets each work, what came of it, and the seconds it took."""


def compose(work: Work, making: Making, person: bytes, garment: bytes) -> RenderJob:
    """The worker's job."""
    return RenderJob(
        person=person,
        garment=garment,
        clothes_type=work.row.clothes_type,
        job_id=job_id(work),
        add_mark=making.mark,
        language=making.language,
        image_format=making.image_format,
        options=work.row.options,
    )


def as_made(outcome: Outcome, seconds: float) -> Made:
    """What a worker answered, its failures as errors. seconds: that it had."""
    try:
        return picture(outcome, seconds)
    except ApiError as error:
        return error


class LocalCrew:
    """`dispatch.workers` processes, started by `run` and ended with it. stop: set it, and no further work begins."""

    def __init__(self, settings: Settings, making: Making, pictures: Pictures, stop: asyncio.Event) -> None:
        self._making = making
        self._pictures = pictures
        self._stop = stop
        self._seconds = settings.dispatch.job_timeout or LONGEST
        dispatch = settings.dispatch
        plan = WorkerPlan.of(settings, pipeline.render, dispatch.worker_threads)
        self._slots = [
            Slot(number, plan, grace=dispatch.grace, setup_timeout=dispatch.setup_timeout)
            for number in range(dispatch.workers)
        ]
        self._lanes: list[deque[Work]] = [deque() for _ in self._slots]
        self._tiles: deque[Sequence[Work]] = deque()

    async def run(self, tiles: Sequence[Sequence[Work]], keep: Keep) -> None:
        """Dress all works. Raises `CatalogueError` where the engine cannot be loaded, and what `keep` raises."""
        self._tiles.extend(tiles)
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(len(self._slots)):
                    group.create_task(self._lane(number, keep))
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        finally:
            await asyncio.gather(*(slot.stop() for slot in self._slots))

    async def _lane(self, number: int, keep: Keep) -> None:
        slot = self._slots[number]
        await _warm(slot)
        following = self._take(number)
        try:
            while following is not None and not self._stop.is_set():
                work, reading = following
                try:
                    made: RenderJob | Made = await reading
                except (ApiError, PhotoError) as error:
                    made = error
                following = self._take(number)
                started = time.monotonic()
                if isinstance(made, RenderJob):
                    made = await self._dress(slot, made)
                await keep(work, made, time.monotonic() - started)
        finally:
            if following is not None:
                following[1].cancel()

    def _take(self, number: int) -> tuple[Work, asyncio.Task[RenderJob]] | None:
        """The lane's next work, with its photos on their way; None at the end."""
        lane = self._lanes[number]
        if self._stop.is_set():
            return None
        if not lane and self._tiles:
            lane.extend(self._tiles.popleft())
        longest = max(self._lanes, key=len)
        if not lane and not longest:
            return None
        work = lane.popleft() if lane else longest.pop()
        return work, asyncio.create_task(self._job(work))

    async def _job(self, work: Work) -> RenderJob:
        return compose(work, self._making, *await self._pictures.of(work))

    async def _dress(self, slot: Slot, job: RenderJob) -> Made:
        """One picture. A worker that died is replaced and asked once more: its death need not be the photos' fault."""
        outcome = await self._run(slot, job)
        if _crashed(outcome):
            await _warm(slot)
            outcome = await self._run(slot, job)
            if _crashed(outcome) or not slot.alive:
                await _warm(slot)
        return as_made(outcome, self._seconds)

    async def _run(self, slot: Slot, job: RenderJob) -> Outcome:
        if not slot.alive:
            await _warm(slot)
        late = asyncio.Event()
        timer = asyncio.get_running_loop().call_later(self._seconds, late.set)
        try:
            return await slot.run(job, time.monotonic() + self._seconds, late)
        finally:
            timer.cancel()


def _crashed(outcome: Outcome) -> bool:
    return isinstance(outcome, Failure) and outcome.reason == "worker_crashed"


async def _warm(slot: Slot) -> None:
    failure = await slot.warm()
    if failure is not None:
        raise CatalogueError(f"the engine cannot be started: {failure.detail}")
