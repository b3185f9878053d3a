"""Runs an action's handler under a deadline and for as long as its caller is there.

The answer leaves at the deadline even when the work needs a moment longer to stop; the work then ends in the background
with its permit still held, so a caller cannot pile up jobs by letting them run into the deadline. Invariant: when
`run` returns, the task has ended or has been cancelled and is watched until it ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog
from starlette.types import Receive

from fittingroom.errors import ApiError
from fittingroom.wire.body import ClientGone

log = structlog.get_logger(__name__)

Result = TypeVar("Result")


class Runner:
    """Runs handlers and watches those that outlive their answer."""

    def __init__(self) -> None:
        self._ending: set[asyncio.Task[Any]] = set()

    @property
    def ending(self) -> int:
        """How many cancelled handlers have not ended yet."""
        return len(self._ending)

    async def run(
        self, work: Coroutine[Any, Any, Result], receive: Receive, *, deadline: float, seconds: float
    ) -> Result:
        """What `work` returns or raises.

        deadline: `time.monotonic()` seconds; when it passes, the work is cancelled and `ApiError("timeout")` raised,
        which tells the caller `seconds`. Raises `ClientGone` when the connection closes first.
        """
        task = asyncio.create_task(work)
        gone = asyncio.create_task(_disconnected(receive))
        try:
            await asyncio.wait(
                {task, gone}, timeout=max(0.0, deadline - time.monotonic()), return_when=asyncio.FIRST_COMPLETED
            )
            if task.done():
                return task.result()
            if gone.done():
                gone.result()
                raise ClientGone
            raise ApiError("timeout", seconds=f"{seconds:g}")
        finally:
            gone.cancel()
            if not task.done():
                self._stop(task)

    def _stop(self, task: asyncio.Task[Any]) -> None:
        task.cancel()
        self._ending.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._ending.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, ApiError):
            log.error("stopping_failed", exc_info=error)


async def _disconnected(receive: Receive) -> None:
    """Return when the client has gone; what it still sends is thrown away."""
    while (await receive())["type"] != "http.disconnect":
        pass
