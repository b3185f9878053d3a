"""Several jobs in one worker, as the gateway sees them: begun as one, ended one by one.

Each keeps its own deadline and its own stop. Where one does not stop in time, or the worker dies, all that have not
ended are lost with it; which of them is to blame is not known, so those that somebody still waits for are told
`worker_crashed`, and the dispatcher tries each once more, alone. Invariant: every seat is told exactly once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fittingroom.dispatch import worker
from fittingroom.dispatch.answers import checked
from fittingroom.dispatch.control import Control
from fittingroom.dispatch.worker import Failure, Outcome, Stopped
from fittingroom.pipeline import RenderJob

Ask = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, eq=False, slots=True)
class Seat:
    """One job. deadline: `time.monotonic()` seconds. abandoned: set when nobody waits. tell: gets the outcome."""

    job: RenderJob
    deadline: float
    abandoned: asyncio.Event
    tell: Callable[[Outcome], None]


class Together:
    """grace: seconds between asking a job to stop and giving the worker up. ask: calls a function in the worker; its
    first argument is the event at which the worker is killed instead."""

    def __init__(self, seats: Sequence[Seat], control: Control, grace: float, ask: Ask) -> None:
        self._left = dict(enumerate(seats))
        self._control = control
        self._grace = grace
        self._ask = ask
        self._overdue = asyncio.Event()

    async def run(self) -> bool:
        """Returns when no work is done on any of them any more; False where the worker was lost."""
        jobs = [seat.job for seat in self._left.values()]
        for lane, seat in self._left.items():
            self._control.begin(seat.deadline, lane)
        watching = [asyncio.create_task(self._watch(lane, seat)) for lane, seat in self._left.items()]
        try:
            answer = await self._ask(self._overdue, worker.begin, jobs)
            while answer is None and self._left:
                ended = await self._ask(self._overdue, worker.next_ended)
                if isinstance(ended, (Failure, Stopped)):
                    answer = ended
                else:
                    lane, outcome = ended
                    self._left.pop(lane).tell(checked(outcome))
        finally:
            for watch in watching:
                watch.cancel()
        return answer is None or self._lose(answer)

    async def _watch(self, lane: int, seat: Seat) -> None:
        await seat.abandoned.wait()
        self._control.stop(lane)
        await asyncio.sleep(self._grace)
        if lane in self._left:
            self._overdue.set()

    def _lose(self, answer: Outcome) -> bool:
        """All that are left end as the worker did."""
        cause = answer.cause if isinstance(answer, Failure) else "killed for another job of its pass"
        for lane in list(self._left):
            seat = self._left.pop(lane)
            seat.tell(Stopped() if seat.abandoned.is_set() else Failure("worker_crashed", cause, {}))
        return False
