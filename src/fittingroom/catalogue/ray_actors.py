"""The two kinds of actors of a batch on Ray: the clerk beside the command, and dressers wherever there is room.

Invariant: neither opens a file or a connection of its own; whatever a dresser needs comes through the clerk and goes
back through it, each work once.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter, deque
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from typing import Any, Final

import ray

from fittingroom.dispatch.memory import forbid_core_dumps
from fittingroom.dispatch.worker import Failure, Loaded, Outcome, WorkerPlan, load, perform
from fittingroom.engines.protocol import Cancelled
from fittingroom.logs import configure_logs
from fittingroom.pipeline import RenderJob

ATTEMPTS: Final = 2
"""How often a work is given out whose actor dies."""

SKIP: Final = "skip"
"""Instead of a job: this work needs none (any more)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A dresser waits for this work's job."""

    key: str


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What came of a work, and the seconds it took."""

    key: str
    outcome: Outcome
    seconds: float


@dataclass(frozen=True, slots=True)
class GaveUp:
    """A dresser cannot work at all; the message is for the operator."""

    message: str


class Clerk:
    """Passes questions and pictures on. lanes: dressers at work at the same time."""

    def __init__(self, lanes: int) -> None:
        self._outbox: deque[Asked | HandedIn | GaveUp | None] = deque()
        self._room = 2 * lanes
        self._changed = asyncio.Condition()
        self._waiting: dict[str, asyncio.Future[RenderJob | str]] = {}
        self._given: Counter[str] = Counter()
        self._ended: set[str] = set()
        self._stopped = False
        self._abandoned = False

    async def job(self, key: str) -> RenderJob | str | None:
        """For a dresser: the job of a work, `SKIP`, or None: stop."""
        if self._stopped:
            return None
        if key in self._ended:
            return SKIP
        if self._given[key] == ATTEMPTS:
            await self.hand_in(key, Failure("worker_crashed", "its Ray actors died", {}), 0.0)
            return SKIP
        self._given[key] += 1
        waiting = self._waiting.setdefault(key, asyncio.get_running_loop().create_future())
        await self._send(Asked(key))
        return await waiting

    async def hand_in(self, key: str, outcome: Outcome, seconds: float) -> None:
        """For a dresser: take in one work; waits while the command is behind."""
        if key not in self._ended:
            self._ended.add(key)
            await self._send(HandedIn(key, outcome, seconds))

    async def give_up(self, message: str) -> None:
        """For a dresser that cannot work at all."""
        self._stopped = True
        await self._send(GaveUp(message))

    async def next(self) -> Asked | HandedIn | GaveUp | None:
        """For the command: the next message, or None after `close`."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._outbox)
            self._changed.notify_all()
            return self._outbox.popleft()

    async def supply(self, key: str, job: RenderJob | str) -> None:
        """For the command: the answer to `Asked`."""
        waiting = self._waiting.pop(key, None)
        if waiting is not None:
            waiting.set_result(job)

    async def stop(self) -> None:
        """Give out nothing more."""
        self._stopped = True

    async def abandon(self) -> None:
        """The command listens no more: nobody is to wait for it."""
        async with self._changed:
            self._stopped = self._abandoned = True
            self._changed.notify_all()
        for key in list(self._waiting):
            await self.supply(key, SKIP)

    async def close(self) -> None:
        """All dressers have ended."""
        await self._send(None)

    async def _send(self, message: Asked | HandedIn | GaveUp | None) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._abandoned or len(self._outbox) < self._room)
            if not self._abandoned:
                self._outbox.append(message)
                self._changed.notify_all()


class Dresser:
    """One engine, loaded once; `map_batches` calls it with one tile after the other. version: that the command has.
    seconds: that a picture may take."""

    def __init__(self, *, plan: WorkerPlan, version: str, clerk: Any, seconds: float) -> None:
        self._clerk = clerk
        self._seconds = seconds
        self._loaded: Loaded | None = None
        forbid_core_dumps()
        configure_logs(plan.log)
        try:
            if installed_version("fittingroom") != version:
                raise RuntimeError(f"fittingroom is {installed_version('fittingroom')} there and {version} here")
            self._loaded = load(plan)
        except (Exception, SystemExit) as error:
            # An exception would have Ray start the actor again and again.
            where = f"the engine cannot be started on the Ray node {os.uname().nodename}"
            ray.get(clerk.give_up.remote(f"{where}: {type(error).__name__}: {error}"))

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Dress a tile; each picture is handed in as soon as it is made."""
        for tile in batch["tile"]:
            for key in tile:
                if self._loaded is None or not self._one(str(key), self._loaded):
                    break
        return {"ended": [True] * len(batch["tile"])}

    def _one(self, key: str, loaded: Loaded) -> bool:
        """False: no more of them."""
        job = ray.get(self._clerk.job.remote(key))
        if isinstance(job, RenderJob):
            started = time.monotonic()
            outcome = perform(job, loaded, self._checkpoint(started + self._seconds))
            ray.get(self._clerk.hand_in.remote(key, outcome, time.monotonic() - started))
        return job is not None

    @staticmethod
    def _checkpoint(end: float) -> Any:
        def checkpoint() -> None:
            if time.monotonic() > end:
                raise Cancelled("the deadline has passed")

        return checkpoint
