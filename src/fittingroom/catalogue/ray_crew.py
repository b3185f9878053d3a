"""Works on a Ray cluster, by Ray Data: a tile is a row, an actor has the engine loaded and dresses tile after tile.

The process that runs the command remains the only one that reads photos, knows secrets, writes pictures and keeps the
journal: its `Clerk`, an actor, passes on jobs and what was made of them, so nodes need no common folder and no way to
the shop's pictures. As for servers on Ray, photos travel inside calls and are never in the object store. Invariant: as
of `crew`; a work whose actor died is given out twice at most, and what has been handed in is not taken again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import ray
import ray.data
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from fittingroom import pipeline
from fittingroom.catalogue.batch import Batch
from fittingroom.catalogue.crew import LONGEST, Keep, as_made, compose
from fittingroom.catalogue.pictures import PhotoError, Pictures
from fittingroom.catalogue.plan import Work
from fittingroom.catalogue.ray_actors import SKIP, Asked, Clerk, Dresser, GaveUp, HandedIn
from fittingroom.catalogue.rows import CatalogueError
from fittingroom.dispatch.ray.library import VARIABLES, join
from fittingroom.dispatch.worker import WorkerPlan
from fittingroom.errors import ApiError


class RayCrew:
    """At most `dispatch.workers` actors. address: None starts a Ray of our own."""

    def __init__(self, address: str | None, job: Batch, pictures: Pictures) -> None:
        self._address = address
        self._job = job
        self._pictures = pictures
        self._seconds = job.settings.dispatch.job_timeout or LONGEST

    async def run(self, tiles: Sequence[Sequence[Work]], keep: Keep) -> None:
        """As `LocalCrew.run`."""
        works = {work.key: work for tile in tiles for work in tile}
        await asyncio.to_thread(self._join)
        try:
            clerk = self._clerk()
            stopping = asyncio.create_task(self._stop_when_told(clerk))
            serving = asyncio.create_task(self._serve(clerk, works, keep))
            try:
                await self._dress_and_serve(clerk, tiles, serving)
            finally:
                stopping.cancel()
                serving.cancel()
                await asyncio.gather(stopping, serving, return_exceptions=True)
        except ray.exceptions.RayError as error:
            raise CatalogueError(f"Ray gave up: {type(error).__name__}: {_first_line(error)}") from error
        finally:
            await asyncio.to_thread(ray.shutdown)

    async def _dress_and_serve(self, clerk: Any, tiles: Sequence[Sequence[Work]], serving: asyncio.Task[None]) -> None:
        """Ends when no dresser works any more, also where `serving` has failed; then raises its error."""
        dressing = asyncio.create_task(asyncio.to_thread(self._dress, clerk, tiles))
        await asyncio.wait({dressing, serving}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await clerk.abandon.remote()
        await dressing
        await clerk.close.remote()
        await serving

    def _join(self) -> None:
        try:
            join(self._address)
        except (ConnectionError, OSError, RuntimeError, ValueError) as error:
            where = self._address or "this machine"
            raise CatalogueError(f"Ray cannot be used at {where}: {_first_line(error)}") from error
        for name in ("ray", "ray.data"):
            logging.getLogger(name).setLevel(logging.ERROR)
        ray.data.DataContext.get_current().enable_progress_bars = False

    def _clerk(self) -> Any:
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        lanes = self._job.settings.dispatch.workers
        options: dict[str, Any] = {
            "num_cpus": 0,
            "scheduling_strategy": here,
            "max_concurrency": 4 * lanes + 8,
            "runtime_env": {"env_vars": VARIABLES},
        }
        return ray.remote(Clerk).options(**options).remote(lanes)

    def _dress(self, clerk: Any, tiles: Sequence[Sequence[Work]]) -> None:
        settings = self._job.settings
        plan = WorkerPlan.of(settings, pipeline.render, settings.dispatch.threads or max(1, int(settings.ray.cpus)))
        rows = [{"tile": [work.key for work in tile]} for tile in tiles]
        wanted = {"plan": plan, "version": self._job.making.version, "clerk": clerk, "seconds": self._seconds}
        ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
            Dresser,
            batch_size=1,
            fn_constructor_kwargs=wanted,
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=min(settings.dispatch.workers, len(rows))),
            num_cpus=settings.ray.cpus,
            num_gpus=settings.ray.gpus,
            runtime_env={"env_vars": VARIABLES},
        ).materialize()

    async def _serve(self, clerk: Any, works: dict[str, Work], keep: Keep) -> None:
        """Answer the clerk until it has closed."""
        try:
            async with asyncio.TaskGroup() as reading:
                while (said := await clerk.next.remote()) is not None:
                    match said:
                        case Asked(key):
                            reading.create_task(self._supply(clerk, works[key], keep))
                        case HandedIn(key, outcome, seconds):
                            await keep(works[key], as_made(outcome, self._seconds), seconds)
                        case GaveUp(message):
                            raise CatalogueError(message)
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from failures

    async def _supply(self, clerk: Any, work: Work, keep: Keep) -> None:
        """Give the clerk a work's job; what is wrong with its photos is the end of it."""
        try:
            job: Any = compose(work, self._job.making, *await self._pictures.of(work))
        except (ApiError, PhotoError) as error:
            await keep(work, error, 0.0)
            job = SKIP
        await clerk.supply.remote(work.key, job)

    async def _stop_when_told(self, clerk: Any) -> None:
        await self._job.stop.wait()
        await clerk.stop.remote()


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")
