"""The few numbers that a gateway and one worker share: each running job's deadline and stop flag, the worker's pid.

They lie in shared memory, so that an engine can look at them between stages at no cost and stop by itself; killing a
worker would cost a reload of its models. A worker that makes several pictures in one pass has a lane for each job.
Invariant: the gateway resets a lane before each job, and a lane has one job at a time, so no flag reaches the next.
"""

from __future__ import annotations

import ctypes
import os
import time
from multiprocessing.context import SpawnContext
from typing import Any

from fittingroom.engines.protocol import Cancelled

_PID, _DEADLINE, _STOP, _LANE = 0, 1, 2, 2


class Control:
    """Shared between two processes; picklable only while a process is being spawned.

    Deadlines are `time.monotonic()` seconds, which all processes of one machine share.
    """

    def __init__(self, context: SpawnContext, lanes: int = 1) -> None:
        self._cells: Any = context.RawArray(ctypes.c_double, 1 + _LANE * lanes)
        self._gateway: int | None = None

    def begin(self, deadline: float, lane: int = 0) -> None:
        """Gateway: a job starts that must end by `deadline`."""
        self._cells[_STOP + _LANE * lane] = 0.0
        self._cells[_DEADLINE + _LANE * lane] = deadline

    def stop(self, lane: int = 0) -> None:
        """Gateway: nobody waits for the running job any more."""
        self._cells[_STOP + _LANE * lane] = 1.0

    @property
    def pid(self) -> int:
        """The worker's process id, 0 before it has set itself up."""
        return int(self._cells[_PID])

    def announce(self) -> None:
        """Worker: this process is it."""
        self._cells[_PID] = float(os.getpid())
        self._gateway = os.getppid()

    def checkpoint(self, lane: int = 0) -> None:
        """Worker: raises `Cancelled` when the running job must stop."""
        # A gateway that was killed cannot set the flag, and its permit will soon be given to another job.
        if self._gateway is not None and os.getppid() != self._gateway:
            raise Cancelled("the gateway has died")
        if self._cells[_STOP + _LANE * lane]:
            raise Cancelled("nobody waits for this picture any more")
        if time.monotonic() > self._cells[_DEADLINE + _LANE * lane]:
            raise Cancelled("the deadline has passed")
