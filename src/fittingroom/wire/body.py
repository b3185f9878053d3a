"""Reads a request's body under a byte limit and a time limit.

A client that sends too much, too slowly, or goes away must cost little and end soon; yet an honest SDK that sends too
much should still get to read its answer, so the surplus is read and thrown away up to a bound before the refusal.
Invariant: never more than `limit` bytes are kept, and reading ends within `timeout` seconds.
"""

from __future__ import annotations

import asyncio

from starlette.types import Receive

from fittingroom.errors import ApiError

DRAIN_FACTOR = 2
"""Up to this many times the limit is read in all before a too large body is refused."""


class ClientGone(Exception):
    """The client closed the connection."""


class TooLarge(Exception):
    """The body is longer than the limit. complete: it was read to its end, so the connection can be kept."""

    def __init__(self, *, complete: bool) -> None:
        super().__init__()
        self.complete = complete


async def read_body(receive: Receive, *, limit: int, timeout: float) -> bytes:  # noqa: ASYNC109 - a limit of ours
    """The whole body, at most `limit` bytes long.

    Raises `TooLarge`, `ClientGone`, or `ApiError("body_too_slow")` when it is not complete after `timeout` seconds.
    """
    try:
        async with asyncio.timeout(timeout):
            return await _read(receive, limit)
    except TimeoutError as error:
        raise ApiError("body_too_slow", seconds=f"{timeout:g}") from error


async def _read(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        else:
            chunks.clear()
            if size > limit * DRAIN_FACTOR:
                break
    if size > limit:
        raise TooLarge(complete=not more)
    return b"".join(chunks)
