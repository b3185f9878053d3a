"""Reads a request's body under a byte limit, a time limit and a budget that all requests share.

A client that sends too much, too slowly, or goes away must cost little and end soon; yet an honest SDK that sends too
much should still get to read its answer, so the surplus is read and thrown away up to a bound before the refusal.
Nobody has shown a key while a body arrives, so the budget bounds what strangers can make the server keep. Invariants:
never more than `limit` bytes are kept, reading ends within `timeout` seconds, and each share goes back when it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import Receive

from fittingroom.errors import ApiError

DRAIN_FACTOR = 2
"""Up to this many times the limit is read in all before a too large body is refused."""

FREE_BYTES = 64 * 1024
"""Of each body, not counted: the number of connections bounds them, and large bodies cannot shut out ordinary ones."""


class ClientGone(Exception):
    """The client closed the connection."""


class TooLarge(Exception):
    """The body is longer than the limit. complete: it was read to its end, so the connection can be kept."""

    def __init__(self, *, complete: bool) -> None:
        super().__init__()
        self.complete = complete


class BodyBudget:
    """Bytes of bodies that all requests together may keep. held: those counted now."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.held = 0

    @contextmanager
    def share(self) -> Iterator[BodyShare]:
        """One request's part, given back when the context closes."""
        share = BodyShare(self)
        try:
            yield share
        finally:
            share.give_back()


class BodyShare:
    """What one request keeps of the budget."""

    def __init__(self, budget: BodyBudget) -> None:
        self._budget = budget
        self._held = 0

    def grow(self, size: int) -> None:
        """Count a body of `size` bytes so far. Raises `ApiError("bodies_full")`, and then nothing is counted anew."""
        more = max(0, size - FREE_BYTES) - self._held
        if more > 0 and self._budget.held + more > self._budget.total:
            raise ApiError("bodies_full")
        self._budget.held += more
        self._held += more

    def give_back(self) -> None:
        """The body is no longer kept."""
        self._budget.held -= self._held
        self._held = 0


async def read_body(
    receive: Receive,
    share: BodyShare,
    *,
    limit: int,
    timeout: float,  # noqa: ASYNC109 - a limit of ours
) -> bytes:
    """The whole body, at most `limit` bytes long, counted in `share`.

    Raises `TooLarge`, `ClientGone`, `ApiError("bodies_full")` when the budget has no room for it, or
    `ApiError("body_too_slow")` when it is not complete after `timeout` seconds.
    """
    try:
        async with asyncio.timeout(timeout):
            return await _read(receive, share, limit)
    except TimeoutError as error:
        raise ApiError("body_too_slow", seconds=f"{timeout:g}") from error


async def _read(receive: Receive, share: BodyShare, limit: int) -> bytes:
    kept = bytearray()
    size = 0
    refusal: ApiError | None = None
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(chunk)
        if refusal is None and size <= limit:
            try:
                share.grow(size)
            except ApiError as error:
                refusal = error
            else:
                kept += chunk
                continue
        kept.clear()
        share.give_back()
        if size > limit * DRAIN_FACTOR:
            break
    if size > limit:
        raise TooLarge(complete=not more)
    if refusal is not None:
        raise refusal
    return bytes(kept)
