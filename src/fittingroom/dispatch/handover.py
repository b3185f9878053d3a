"""How a job meets a worker: in turn where all are busy, by choice where several are idle.

A worker remembers what it computed from a photo, so the next job of the same shopper costs less there than elsewhere.
Where more than one worker is idle, the job goes to the one that saw its photos lately; a job never waits for a
particular worker, and the order of those that wait is never changed. The gateway remembers keyed hashes for it, no
pictures, as long as a worker remembers. Invariant: what was put is got exactly once, in the order it was put where it
had to wait.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Collection
from typing import Generic, TypeVar

from fittingroom.pipeline import RenderJob

T = TypeVar("T")

REMEMBERED = 256
"""Photos per worker; its memory holds fewer."""

SAMPLED = 32_768
"""Bytes from either end of a photo by which it is known again here."""

Photos = tuple[bytes, ...]
"""Keyed hashes of a job's photos, the person's first; empty where there is nothing to choose by."""


class Handover(Generic[T]):
    """Between those who put and workers who get, within one event loop. prefer: of what is put and the idle workers'
    numbers, longest idle first, the number that gets it."""

    def __init__(self, prefer: Callable[[T, Collection[int]], int]) -> None:
        self._prefer = prefer
        self._waiting: deque[T] = deque()
        self._idle: dict[int, asyncio.Future[T]] = {}

    def put(self, item: T) -> None:
        """Give `item` to an idle worker, or let it wait for the first that is."""
        if self._idle:
            self._idle.pop(self._prefer(item, self._idle.keys())).set_result(item)
        else:
            self._waiting.append(item)

    def put_back(self, item: T) -> None:
        """Give `item`, which was got already, to an idle worker, or let it wait before all others."""
        if self._idle:
            self.put(item)
        else:
            self._waiting.appendleft(item)

    async def get(self, number: int, seconds: float) -> T | None:
        """What worker `number` is to do, or None where nothing came within `seconds`."""
        if self._waiting:
            return self._waiting.popleft()
        coming: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._idle[number] = coming
        try:
            await asyncio.wait({coming}, timeout=seconds)
        finally:
            self._idle.pop(number, None)
        return coming.result() if coming.done() else None


class Warmth:
    """Which worker saw which photos lately. seconds: after which one has forgotten; 0: they remember nothing."""

    def __init__(self, workers: int, seconds: float) -> None:
        # With one worker there is nothing to choose, and nothing is worth hashing.
        self._seconds = seconds if workers > 1 else 0.0
        self._seen: list[OrderedDict[bytes, float]] = [OrderedDict() for _ in range(workers)]
        self._key = secrets.token_bytes(32)

    def photos(self, job: RenderJob) -> Photos:
        """The job's photos as this gateway knows them, its account's alone."""
        if self._seconds == 0.0:
            return ()
        images = (job.person, *(garment.image for garment in job.garments))
        return tuple(
            hmac.digest(self._key, job.account_id.encode() + b"\0" + _told(image), "sha256") for image in images
        )

    def prefer(self, photos: Photos, idle: Collection[int]) -> int:
        """Of the workers `idle` the one that saw the person lately, else most of the garments, else the first."""

        def known(number: int) -> tuple[bool, int]:
            seen = self._fresh(number)
            return bool(photos) and photos[0] in seen, sum(photo in seen for photo in photos[1:])

        return max(idle, key=known)

    def saw(self, number: int, photos: Photos) -> None:
        """Worker `number` has finished a job on these."""
        seen = self._fresh(number)
        for photo in photos:
            seen[photo] = time.monotonic()
            seen.move_to_end(photo)
        while len(seen) > REMEMBERED:
            seen.popitem(last=False)

    def forget(self, number: int) -> None:
        """Worker `number` is another process now."""
        self._seen[number].clear()

    def expire(self) -> None:
        """Drop all hashes whose time is over."""
        for number in range(len(self._seen)):
            self._fresh(number)

    def _fresh(self, number: int) -> OrderedDict[bytes, float]:
        seen = self._seen[number]
        while seen and time.monotonic() - next(iter(seen.values())) > self._seconds:
            seen.popitem(last=False)
        return seen


def _told(image: bytes) -> bytes:
    """Length, head and tail: the loop has no time for all of a photo, and a wrong guess only costs a preference."""
    return len(image).to_bytes(8) + image[:SAMPLED] + image[-SAMPLED:]
