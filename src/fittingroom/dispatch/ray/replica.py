"""What Ray Serve runs: one worker, with the engine and the reviewer loaded once, one job at a time.

It is the local worker's work (`load`, `perform`) in another shell. A job is a stream of two values: `Started` when the
replica has taken it, then its outcome. Invariant: the second value comes only when no work is done on the job any more.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import structlog

from fittingroom.dispatch.memory import forbid_core_dumps
from fittingroom.dispatch.ray.brake import close_brake, open_brake
from fittingroom.dispatch.worker import Outcome, WorkerPlan, load, perform
from fittingroom.logs import configure_logs
from fittingroom.pipeline import RenderJob

log = structlog.get_logger(__name__)


class SetUpFailed(Exception):
    """The replica has no engine; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Started:
    """A replica has taken the job. actor: its handle, to stop the job or to kill the replica."""

    pid: int
    actor: Any


class Replica:
    """One worker. setup_timeout: seconds in which it must have loaded. grace: see `dispatch.grace`."""

    def __init__(self, plan: WorkerPlan, setup_timeout: float, grace: float) -> None:
        forbid_core_dumps()
        configure_logs(plan.log)
        self._grace = grace
        late = threading.Timer(setup_timeout, _give_up, ["setup_too_slow", setup_timeout])
        late.daemon = True
        late.start()
        try:
            self._loaded = load(plan)
        except (Exception, SystemExit) as error:
            log.error("worker_setup_failed", detail=f"{type(error).__name__}: {error}")
            # Not chained: what Ray shows of a failed constructor ends with the last line of its traceback.
            raise SetUpFailed(" ".join(f"{type(error).__name__}: {error}".split())) from None
        finally:
            late.cancel()
        self._thread = ThreadPoolExecutor(1, "job")
        log.info("worker_ready", pid=os.getpid(), memory_bound=self._loaded.memory_bound)

    async def render(self, job: RenderJob, call: str, seconds: float) -> AsyncIterator[Started | Outcome]:
        """Do one job. call: names this attempt. seconds: until its deadline."""
        import ray  # noqa: PLC0415 - a replica runs in Ray

        loop = asyncio.get_running_loop()
        brake = open_brake(call, seconds)
        # For a gateway that has died as well: a job that hears no checkpoint ends with its process.
        late = loop.call_later(seconds + 2 * self._grace + 1, _give_up, "worker_killed", self._grace)
        try:
            yield Started(os.getpid(), ray.get_runtime_context().current_actor)
            await brake.released()
            working = loop.run_in_executor(self._thread, perform, job, self._loaded, brake.checkpoint)
            try:
                outcome = await asyncio.shield(working)
            except asyncio.CancelledError:
                brake.stop()
                await working
                raise
            yield outcome
        finally:
            late.cancel()
            close_brake(call)


def _give_up(event: str, seconds: float) -> None:
    log.error(event, pid=os.getpid(), after=seconds)
    os._exit(1)
