"""What was computed from one photo alone, kept in memory for the next job of the account that sent it.

A shopper tries many garments on one photo, and a shop shows one garment on many persons; parsing either again gives
the same answer. An engine that can use such answers has `using` (see `ReusesAnalyses`) and asks its `Analyses` before
it computes. The key holds the account, what the photo is to the job, its pixels, and whatever else the answer depends
on, so nobody is ever served from another account's photo, not even by sending the same one. Entries leave by their age
since the last use, by a timer that needs no further job, or when the bytes do not suffice, the least recently used
first. Invariant: what comes back is what `make` returned for exactly these pixels, its arrays locked against writing,
so that a picture made from it is bit for bit the one made without a cache; nothing is written to a disk.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, Protocol, TypeVar, cast, runtime_checkable

import numpy as np

from fittingroom.engines.protocol import Engine, RgbImage

T = TypeVar("T")
Outcome = Literal["hit", "miss"]
Key = tuple[str, str, bytes, tuple[int, ...], Hashable]


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """hits, misses: questions answered from memory and not, since the start. entries, bytes: kept at the moment."""

    hits: int
    misses: int
    entries: int
    bytes: int


@dataclass(slots=True)
class _Kept:
    value: object
    size: int
    until: float


class AnalysisCache:
    """The memory of one process for all accounts; safe to use from several threads.

    max_bytes: of all that is kept, as its arrays count; 0 keeps nothing. seconds: after its last use an entry is gone.
    """

    def __init__(self, max_bytes: int, seconds: float) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._bytes = self._hits = self._misses = 0

    def of(self, account_id: str) -> Analyses:
        """What `account_id` may see of it, for one job."""
        return Analyses(self, account_id)

    @property
    def counts(self) -> CacheCounts:
        """The present state."""
        with self._lock:
            return CacheCounts(self._hits, self._misses, len(self._kept), self._bytes)

    @property
    def on(self) -> bool:
        """Whether it keeps anything at all."""
        return self._max_bytes > 0

    def find(self, key: Key) -> object | None:
        """What is kept under `key`, which stays `seconds` longer; None where nothing is."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept.until <= time.monotonic():
                self._misses += 1
                return None
            self._hits += 1
            self._kept.move_to_end(key)
            kept.until = time.monotonic() + self._seconds
            # Values that were only worked out on first use, such as cached properties, have come since.
            size = _lock_and_measure(kept.value)
            self._bytes += size - kept.size
            kept.size = size
            self._shrink()
            return kept.value

    def keep(self, key: Key, value: object) -> None:
        """Keep `value`, whose arrays nobody can write into from now on, unless it alone is over the bound."""
        size = _lock_and_measure(value)
        with self._lock:
            if key in self._kept:
                self._drop(key)
            if size > self._max_bytes:
                return
            self._kept[key] = _Kept(value, size, time.monotonic() + self._seconds)
            self._bytes += size
            self._shrink()
            self._wake()

    def _shrink(self) -> None:
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        self._bytes -= self._kept.pop(key).size

    def _wake(self) -> None:
        """Have the oldest entry dropped when its time is over. The order of use is the order of ends."""
        if self._timer is None and self._kept:
            delay = max(0.0, next(iter(self._kept.values())).until - time.monotonic())
            # The timer must not keep alive what nobody else holds any more.
            self._timer = threading.Timer(delay, _sweep, [weakref.ref(self)])
            self._timer.daemon = True
            self._timer.start()

    def _expire(self) -> None:
        with self._lock:
            self._timer = None
            now = time.monotonic()
            while self._kept and next(iter(self._kept.values())).until <= now:
                self._drop(next(iter(self._kept)))
            self._wake()


class Analyses:
    """One account's part of a cache, for one job. used: what was asked for, in order, and whether it was there."""

    def __init__(self, cache: AnalysisCache, account_id: str) -> None:
        self._cache = cache
        self._account_id = account_id
        self.used: list[tuple[str, Outcome]] = []

    def get(self, role: str, photo: RgbImage, about: Hashable, make: Callable[[], T]) -> T:
        """What is kept for uint8 (H, W, 3) `photo`, or what `make` returns, which is then kept. Its errors pass.

        role: what the photo is to the job, such as "person". about: all else that the answer depends on, the engine's
        name first. make: must return a value of its own that holds none of the caller's arrays: they are locked.
        """
        if not self._cache.on:
            return make()
        pixels = np.ascontiguousarray(photo)
        key = (self._account_id, role, hashlib.sha256(pixels.data).digest(), pixels.shape, about)
        found = self._cache.find(key)
        self.used.append((role, "miss" if found is None else "hit"))
        if found is not None:
            return cast("T", found)
        made = make()
        self._cache.keep(key, made)
        return made


NOTHING_KEPT = AnalysisCache(0, 0.0).of("")
"""For engines that were given no cache."""


@runtime_checkable
class ReusesAnalyses(Protocol):
    """An engine that can use answers it had before. Kept apart from `Engine`, so that one without stays as simple."""

    def using(self, analyses: Analyses) -> Engine:
        """The same loaded engine, for one job, asking `analyses` before it computes what one photo alone decides."""


def reusing(engine: Engine, analyses: Analyses) -> Engine:
    """`engine` with `analyses` where it can use them, else as it is."""
    return engine.using(analyses) if isinstance(engine, ReusesAnalyses) else engine


def _sweep(cache: weakref.ref[AnalysisCache]) -> None:
    alive = cache()
    if alive is not None:
        alive._expire()


def _lock_and_measure(value: object) -> int:
    """Bytes of all that `value` holds, each buffer counted once; its arrays are read-only from now on."""
    buffers: dict[int, int] = {}
    _visit(value, buffers)
    return sum(buffers.values())


def _visit(value: Any, buffers: dict[int, int]) -> None:
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
        while isinstance(value.base, np.ndarray):
            value = value.base
        buffers[id(value)] = value.nbytes
    elif is_dataclass(value):
        within = {entry.name: getattr(value, entry.name) for entry in fields(value)}
        for part in (within | getattr(value, "__dict__", {})).values():
            _visit(part, buffers)
    elif isinstance(value, Mapping):
        for part in value.values():
            _visit(part, buffers)
    elif isinstance(value, (tuple, list)):
        for part in value:
            _visit(part, buffers)
    else:
        buffers[id(value)] = sys.getsizeof(value)
