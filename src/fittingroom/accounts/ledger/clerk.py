"""The ledger's one thread: work goes in, in order, and comes back to the event loop that asked.

A general executor passes each result through two futures and a condition, which takes longer than the statements that
pay for a picture. Invariant: work that was given is done, one piece after the other, whether or not the task that asked
still waits for it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

Result = TypeVar("Result")

_Piece = tuple[Callable[[], Any], asyncio.AbstractEventLoop, asyncio.Future[Any]]


class Clerk:
    """A thread that begins with its first work and ends by `stop`. name: of the thread, for whoever looks."""

    def __init__(self, name: str = "ledger") -> None:
        self._name = name
        self._pieces: SimpleQueue[_Piece | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stopped = False

    async def run(self, work: Callable[[], Result]) -> Result:
        """What `work` returns or raises. It is done even when this task is cancelled meanwhile.

        Raises RuntimeError after `stop`.
        """
        if self._stopped:
            raise RuntimeError(f"the thread {self._name} has ended")
        if self._thread is None:
            # A daemon, so that a server whose end was cut short does not wait for ever; `stop` waits for it.
            self._thread = threading.Thread(target=self._live, name=self._name, daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()
        self._pieces.put((work, loop, answer))
        return await answer

    def stop(self) -> None:
        """Take no more work and wait until all that was given is done."""
        self._stopped = True
        self._pieces.put(None)
        if self._thread is not None:
            self._thread.join()

    def _live(self) -> None:
        while (piece := self._pieces.get()) is not None:
            work, loop, answer = piece
            try:
                result, error = work(), None
            except BaseException as raised:
                result, error = None, raised
            try:
                loop.call_soon_threadsafe(_settle, answer, result, error)
            except RuntimeError:
                continue  # the loop is closed: nobody waits any more


def _settle(answer: asyncio.Future[Any], result: object, error: BaseException | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)
