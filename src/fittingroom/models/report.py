"""How a pull tells its user what it does, without knowing about terminals.

The command line draws bars with it, a test records it, the library's default writes nothing.
Invariant: every source that is tried, fails or serves is said in one line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Advance = Callable[[int], None]
"""Called with the number of further bytes done."""


class Reporter(Protocol):
    """Receives what a pull has to say."""

    def say(self, text: str) -> None:
        """One line for the user."""

    def task(self, label: str, total: int | None, done: int = 0) -> AbstractContextManager[Advance]:
        """A piece of work under way. total, done: bytes; total None where the length cannot be known."""


class Silent:
    """Says nothing. For callers that look at the outcome only."""

    def say(self, text: str) -> None:
        """Drop the line."""

    @contextmanager
    def task(self, label: str, total: int | None, done: int = 0) -> Iterator[Advance]:
        """Count nothing."""
        yield lambda count: None
