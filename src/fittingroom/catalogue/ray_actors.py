"""The two kinds of actors of a batch on Ray: the clerk beside the driver, and dressers wherever there is room.

Invariant: a dresser opens no file and no connection; whatever it needs comes from the clerk and goes back to it.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import time
from collections import Counter
from importlib.metadata import version
from typing import Any, Final

import ray

from fittingroom.catalogue.crew import LONGEST, Made, compose
from fittingroom.catalogue.pictures import PhotoError, Pictures
from fittingroom.catalogue.plan import Making, Work
from fittingroom.dispatch.worker import WorkerPlan
from fittingroom.engines.protocol import Cancelled, Engine
from fittingroom.engines.registry import Registry
from fittingroom.engines.threads import limit_threads
from fittingroom.errors import ApiError
from fittingroom.logs import configure_logs
from fittingroom.moderation.loading import load_reviewer
from fittingroom.moderation.protocol import Reviewer
from fittingroom.pipeline import RenderJob
from fittingroom.settings import Settings

ATTEMPTS: Final = 2
"""How often a work is given out whose actor dies."""

SKIP: Final = "skip"
"""Instead of a job: this work needs none (any more)."""


class Clerk:
    """Hands out jobs and takes in what was made. lanes: dressers at work at the same time."""

    def __init__(self, settings: Settings, making: Making, lanes: int) -> None:
        configure_logs(settings.log)
        self._pictures = Pictures(settings, lanes)
        self._making = making
        self._inbox: asyncio.Queue[tuple[str, Made, float] | str | None] = asyncio.Queue(2 * lanes)
        self._given: Counter[str] = Counter()
        self._ended: set[str] = set()
        self._stopped = False
        self._started = False

    async def job(self, work: Work) -> RenderJob | str | None:
        """The job of a work, `SKIP`, or None: stop. What is wrong with its photos is taken in here."""
        if self._stopped:
            return None
        if work.key in self._ended:
            return SKIP
        if self._given[work.key] == ATTEMPTS:
            await self.hand_in(work.key, ApiError("worker_crashed"), 0.0)
            return SKIP
        self._given[work.key] += 1
        if not self._started:
            self._started = True
            await self._pictures.start()
        try:
            return compose(work, self._making, *await self._pictures.of(work))
        except (ApiError, PhotoError) as error:
            await self.hand_in(work.key, error, 0.0)
            return SKIP

    async def hand_in(self, key: str, made: Made, seconds: float) -> None:
        """Take in one work; waits while the driver is behind."""
        if key not in self._ended:
            self._ended.add(key)
            await self._inbox.put((key, made, seconds))

    async def take(self) -> tuple[str, Made, float] | str | None:
        """For the driver: the next work, a message that ends the batch, or None after `close`."""
        return await self._inbox.get()

    async def give_up(self, message: str) -> None:
        """A dresser cannot work at all."""
        self._stopped = True
        await self._inbox.put(message)

    async def stop(self) -> None:
        """Give out nothing more."""
        self._stopped = True

    async def close(self) -> None:
        """All dressers have ended."""
        await self._pictures.close()
        await self._inbox.put(None)


class Dresser:
    """One engine, loaded once; `map_batches` calls it with one tile after the other."""

    def __init__(self, *, plan: WorkerPlan, cpus: int, clerk: Any, making: Making) -> None:
        self._plan, self._clerk = plan, clerk
        self._engine: Engine | None = None
        self._reviewer: Reviewer | None = None
        configure_logs(plan.log)
        limit_threads(cpus)
        try:
            if version("fittingroom") != making.version:
                raise RuntimeError(f"it has fittingroom {version('fittingroom')}, the driver {making.version}")
            engine = Registry.installed().create(plan.engine)
            engine.load()
            self._reviewer = load_reviewer(plan.moderation)
        except (Exception, SystemExit) as error:
            where = f"on the Ray node {os.uname().nodename}"
            message = f"the engine cannot be started {where}: {type(error).__name__}: {error}"
            ray.get(clerk.give_up.remote(message))
            return
        self._engine = engine

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Dress a tile; each picture is handed in as soon as it is made."""
        for parcel in batch["tile"]:
            for work in pickle.loads(parcel):  # noqa: S301 - the driver pickled it
                if self._engine is None or not self._one(work, self._engine):
                    break
        return {"ended": [True] * len(batch["tile"])}

    def _one(self, work: Work, engine: Engine) -> bool:
        """False: no more of them."""
        job = ray.get(self._clerk.job.remote(work))
        if isinstance(job, RenderJob):
            started = time.monotonic()
            made = self._dress(job, engine)
            ray.get(self._clerk.hand_in.remote(work.key, made, time.monotonic() - started))
        return job is not None

    def _dress(self, job: RenderJob, engine: Engine) -> Made:
        end = time.monotonic() + LONGEST

        def checkpoint() -> None:
            if time.monotonic() > end:
                raise Cancelled("the deadline has passed")

        try:
            return self._plan.render(job, engine, checkpoint, self._plan.images, self._reviewer)
        except Cancelled:
            return ApiError("timeout", seconds=f"{LONGEST:g}")
        except ApiError as error:
            return ApiError(error.reason, cause=error.cause and str(error.cause), **error.values)
        except MemoryError as error:
            return ApiError("out_of_memory", cause=str(error))
        except (Exception, SystemExit) as error:
            return ApiError("engine_failed", cause=f"{type(error).__name__}: {error}")
