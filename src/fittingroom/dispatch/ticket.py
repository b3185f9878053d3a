"""A job that somebody waits for, and its turn at a worker.

Invariant: a turn ends by the request's deadline or by `dispatch.job_timeout`, whichever is first, and the answer says
which of them it was.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TypeGuard

from fittingroom.dispatch.handover import Photos
from fittingroom.dispatch.worker import Failure, Outcome, Stopped
from fittingroom.pipeline import RenderJob

AGAIN = frozenset({"worker_crashed", "out_of_memory"})
"""Reasons why a job in company may have failed by another's fault."""


@dataclass(eq=False, slots=True)
class Ticket:
    """A job that somebody waits for. put, taken: `time.monotonic()` when it joined the queue and left it. abandoned:
    nobody waits any more. ended: no work is done on it (any more). photos: as `Warmth` knows them. alone: it failed in
    company, which may not be its fault."""

    job: RenderJob
    deadline: float
    answer: asyncio.Future[Outcome]
    photos: Photos
    put: float = field(default_factory=time.monotonic)
    taken: float | None = None
    abandoned: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    alone: bool = False

    def may_try_again(self, outcome: Outcome) -> TypeGuard[Failure]:
        """Whether what it met in company deserves a try alone."""
        return isinstance(outcome, Failure) and outcome.reason in AGAIN and not self.abandoned.is_set()


class Turn:
    """A ticket's time at a worker, from now on. seconds: that a job may keep its worker. told: its outcome is known."""

    def __init__(self, ticket: Ticket, seconds: float) -> None:
        end = time.monotonic() + seconds
        self.ticket = ticket
        self.told = False
        self.deadline = min(end, ticket.deadline)
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None
        if end < ticket.deadline:
            self._timer = asyncio.get_running_loop().call_later(seconds, ticket.abandoned.set)

    def judged(self, outcome: Outcome) -> Outcome:
        """The outcome, with the reason why the job was stopped where that was its own time limit."""
        if isinstance(outcome, Stopped) and self.deadline < self.ticket.deadline and time.monotonic() >= self.deadline:
            return Failure("timeout", "dispatch.job_timeout", {"seconds": f"{self._seconds:g}"})
        return outcome

    def close(self) -> None:
        """The worker is free again."""
        if self._timer is not None:
            self._timer.cancel()


def is_crash(outcome: Outcome) -> bool:
    """Whether the worker was lost with the job."""
    return isinstance(outcome, Failure) and outcome.reason == "worker_crashed"
