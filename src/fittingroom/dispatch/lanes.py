"""Several jobs at once inside one worker, each in a thread of its own.

Threads suffice: decoding, review and the network run without the interpreter's lock. Each job's end is told as it
comes, so that none waits for another's last step. Invariant: every job that began is told once.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from fittingroom.engines.gathering import Gatherer


class Lanes:
    """gatherer: where the jobs meet for their passes. count: jobs at once at most."""

    def __init__(self, gatherer: Gatherer, count: int) -> None:
        self.gatherer = gatherer
        self._threads = ThreadPoolExecutor(count, "lane")
        self._ended: queue.SimpleQueue[tuple[int, object]] = queue.SimpleQueue()

    def begin(self, tasks: Sequence[Callable[[], object]]) -> None:
        """Start all; the task's place is its lane's number. tasks: return their outcome, whatever happens."""
        self.gatherer.expect(len(tasks))
        for lane, task in enumerate(tasks):
            self._threads.submit(self._run, lane, task)

    def next_ended(self) -> tuple[int, object]:
        """Waits for the next end: the lane and its outcome."""
        return self._ended.get()

    def _run(self, lane: int, task: Callable[[], object]) -> None:
        outcome: object = None
        try:
            outcome = task()
        finally:
            self.gatherer.leave()
            self._ended.put((lane, outcome))
