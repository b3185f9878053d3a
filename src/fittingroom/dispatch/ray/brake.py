"""How a job inside a replica learns that it must stop: its time is up, nobody waits, or its gateway is silent.

The gateway calls `hear`, `go` and `stop` straight at the replica's process, past Serve's queue, where they only set a
value. Work begins when the gateway says `go`, so that a job given up in the moment of its hand-over never begins.
Invariant: a brake belongs to one call, so no stop reaches the next job.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Final

from fittingroom.engines.protocol import Cancelled

BEAT: Final = 2.0
"""Seconds between two words from the gateway that it still lives."""

SILENCE: Final = 10.0
"""Seconds without one after which the gateway counts as dead, and its job stops."""


class Brake:
    """Of one job, made in the event loop that runs it. seconds: until its deadline, from now, since clocks of two
    machines differ."""

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._stopped = False
        self._heard = time.monotonic()
        self._loop = asyncio.get_running_loop()
        self._released = asyncio.Event()

    async def released(self) -> None:
        """Returns when the work may begin; the next checkpoint says whether it still should."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SILENCE):
                await self._released.wait()

    def release(self) -> None:
        """The gateway knows that the job is here."""
        self.hear()
        self._loop.call_soon_threadsafe(self._released.set)

    def stop(self) -> None:
        """Nobody waits for the job any more."""
        self._stopped = True

    def hear(self) -> None:
        """The gateway lives."""
        self._heard = time.monotonic()

    def checkpoint(self) -> None:
        """Raises `Cancelled` when the job must stop."""
        now = time.monotonic()
        if self._stopped:
            raise Cancelled("nobody waits for this picture any more")
        if now > self._deadline:
            raise Cancelled("the deadline has passed")
        if now - self._heard > SILENCE:
            raise Cancelled("the gateway is silent")


_BRAKES: Final[dict[str, Brake]] = {}


def open_brake(call: str, seconds: float) -> Brake:
    """The brake of a call that begins in this process."""
    brake = _BRAKES[call] = Brake(seconds)
    return brake


def close_brake(call: str) -> None:
    """The call has ended."""
    del _BRAKES[call]


def go(_replica: object, call: str) -> None:
    """In the replica's process: let a call begin."""
    brake = _BRAKES.get(call)
    if brake is not None:
        brake.release()


def stop(_replica: object, call: str) -> None:
    """In the replica's process: stop a call, unless it has ended."""
    brake = _BRAKES.get(call)
    if brake is not None:
        brake.stop()


def hear(_replica: object, call: str) -> None:
    """In the replica's process: the gateway of a call lives."""
    brake = _BRAKES.get(call)
    if brake is not None:
        brake.hear()
