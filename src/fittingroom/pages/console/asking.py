"""Answers that are asked for every few seconds by every open tab, made once for all of them.

Invariant: a question runs once at a time and not again before `seconds` have passed, so that open consoles cannot
load the database more than one does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Asked(Generic[Value]):
    """A blocking question with its latest answer. A question that fails is not remembered."""

    def __init__(self, ask: Callable[[], Value], seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._seconds = seconds
        self._clock = clock
        self._lock = asyncio.Lock()
        self._kept: tuple[float, Value] | None = None

    async def now(self) -> Value:
        """The answer, at most `seconds` old. Raises what the question raises."""
        async with self._lock:
            if self._kept is None or self._clock() - self._kept[0] >= self._seconds:
                self._kept = (self._clock(), await asyncio.to_thread(self._ask))
            return self._kept[1]
