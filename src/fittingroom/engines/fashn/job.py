"""One request on its way through `fashn`: what its steps leave for the next, and how it leaves.

Several requests share a pass of the network and nothing else. Invariant: what a request's own checkpoint raises, of
whatever type, and every `EngineError` of a step is that request's answer and nobody else's; once it has an answer no
step is taken and its checkpoint is not asked again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from fittingroom.engines.fashn.finish import Finished, Known
from fittingroom.engines.fashn.frames import Planes, Prepared
from fittingroom.engines.neural.attempts import Trials
from fittingroom.engines.protocol import EngineError, TryOnRequest, TryOnResult


@dataclass(eq=False)
class Job:
    """trials: its seeds so far. made: the network's last picture. answer: what its caller gets, once there."""

    request: TryOnRequest
    trials: Trials[Finished]
    prepared: Prepared | None = None
    known: Known | None = None
    made: Planes | None = None
    answer: TryOnResult | Exception | None = None
    stages: dict[str, float] = field(default_factory=dict)
    _raised: Exception | None = None
    _last: float = field(default_factory=time.perf_counter)

    def checkpoint(self) -> None:
        """The caller's."""
        try:
            self.request.checkpoint()
        except Exception as error:
            self._raised = error
            raise

    def begin(self) -> None:
        """A stage begins now, whatever was waited for before it."""
        self._last = time.perf_counter()

    def end(self, stage: str) -> None:
        """Its seconds are those since the last stage ended or this one began."""
        now = time.perf_counter()
        self.stages[stage] = self.stages.get(stage, 0.0) + now - self._last
        self._last = now

    def done(self, stage: str) -> None:
        """End a stage and ask the caller."""
        self.end(stage)
        self.checkpoint()

    def take(self, step: Callable[[Job], None]) -> None:
        """Take one step, unless there is an answer. A fault of our own is nobody's answer and passes."""
        if self.answer is not None:
            return
        try:
            step(self)
        except Exception as error:
            if error is not self._raised and not isinstance(error, EngineError):
                raise
            self.answer = error

    def ask(self) -> None:
        """Let it leave, where its caller wants that."""
        self.take(Job.checkpoint)
