"""How a job reaches an engine and comes back, whatever carries it (local processes today).

Invariant: `render` either returns a picture or raises `ApiError`, and ends only when no work is done on the job any
more; work that nobody waits for any more, or whose deadline has passed, is stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from fittingroom.pipeline import RenderedImage, RenderJob

State = Literal["STARTING", "READY", "BUSY", "SETUP_FAILED", "DRAINING"]


@dataclass(frozen=True, slots=True)
class DispatchStatus:
    """What `/readyz` shows. waiting: jobs without a worker yet. restarts: of workers that were lost, since the start.
    detail: one English sentence for the operator."""

    state: State
    engine: str
    workers: int
    running: int
    detail: str = ""
    waiting: int = 0
    restarts: int = 0


class Dispatcher(Protocol):
    """Runs jobs on workers that have the engine loaded."""

    async def start(self) -> None:
        """Start the workers and return; readiness shows in `status()`."""

    async def render(self, job: RenderJob, *, deadline: float) -> RenderedImage:
        """Run one job. deadline: `time.monotonic()` seconds, when the work is told to stop; whoever must answer by
        then keeps the time itself. Raises `ApiError`; cancelling the awaiting task stops the work too."""

    async def drain(self, grace: float) -> None:
        """Take no new job, wait up to `grace` seconds for running ones, then stop the workers."""

    def status(self) -> DispatchStatus:
        """The present state, without blocking."""
