"""The few numbers that a gateway and one worker share: the running job's deadline, a stop flag, the worker's pid.

They lie in shared memory, so that an engine can look at them between stages at no cost and stop by itself; killing a
worker would cost a reload of its models. Invariant: the gateway resets them before each job, and a worker runs one job
at a time, so a flag never reaches the next job.
"""

from __future__ import annotations

import ctypes
import os
import time
from multiprocessing.context import SpawnContext
from typing import Any

from fittingroom.engines.protocol import Cancelled

_DEADLINE, _STOP, _PID, _LIMIT = range(4)


class Control:
    """Shared between two processes; picklable only while a process is being spawned.

    Deadlines are `time.monotonic()` seconds, which all processes of one machine share.
    """

    def __init__(self, context: SpawnContext) -> None:
        self._cells: Any = context.RawArray(ctypes.c_double, _LIMIT)
        self._gateway: int | None = None

    def begin(self, deadline: float) -> None:
        """Gateway: a job starts that must end by `deadline`."""
        self._cells[_STOP] = 0.0
        self._cells[_DEADLINE] = deadline

    def stop(self) -> None:
        """Gateway: nobody waits for the running job any more."""
        self._cells[_STOP] = 1.0

    @property
    def pid(self) -> int:
        """The worker's process id, 0 before it has set itself up."""
        return int(self._cells[_PID])

    def announce(self) -> None:
        """Worker: this process is it."""
        self._cells[_PID] = float(os.getpid())
        self._gateway = os.getppid()

    def checkpoint(self) -> None:
        """Worker: raises `Cancelled` when the running job must stop."""
        # A gateway that was killed cannot set the flag, and its permit will soon be given to another job.
        if self._gateway is not None and os.getppid() != self._gateway:
            raise Cancelled("the gateway has died")
        if self._cells[_STOP]:
            raise Cancelled("nobody waits for this picture any more")
        if time.monotonic() > self._cells[_DEADLINE]:
            raise Cancelled("the deadline has passed")
