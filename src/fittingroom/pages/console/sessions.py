"""Who is signed in to the console, and how often somebody may guess its token.

Sessions live in memory and end with the server. Invariant: tokens are compared in constant time and kept as hashes
alone; neither sessions nor remembered failures grow beyond a bound, whoever asks.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

LIFETIME: Final = 12 * 3600
"""Seconds after which one signs in again."""

MOST_SESSIONS: Final = 16
"""One more ends the oldest."""

FAILURES: Final = 5
"""Wrong tokens of one address within `WINDOW` seconds, after which it has to wait."""

ALL_FAILURES: Final = 100
"""The same of all addresses together."""

WINDOW: Final = 60.0
MOST_ADDRESSES: Final = 1024


class Sessions:
    """Those who are signed in. clock: seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends: OrderedDict[bytes, float] = OrderedDict()

    def begin(self) -> str:
        """A new session's secret, for its cookie."""
        secret = secrets.token_urlsafe(32)
        while len(self._ends) >= MOST_SESSIONS:
            self._ends.popitem(last=False)
        self._ends[_hash(secret)] = self._clock() + LIFETIME
        return secret

    def holds(self, secret: str) -> bool:
        """Whether the session is there and has not ended."""
        end = self._ends.get(_hash(secret))
        return end is not None and self._clock() < end

    def end(self, secret: str) -> None:
        """Sign out."""
        self._ends.pop(_hash(secret), None)


class Door:
    """Compares tokens, and makes whoever guesses wait. token: the right one. clock: seconds."""

    def __init__(self, token: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._token = _hash(token)
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque(maxlen=ALL_FAILURES)

    def wait(self, address: str) -> float:
        """Seconds that this address has to wait before it may try; 0 when it may."""
        now = self._clock()
        own = self._failures.get(address, deque())
        lasts = [kept[0] for kept in (own, self._all) if kept and len(kept) == kept.maxlen]
        return max([0.0, *(first + WINDOW - now for first in lasts)])

    def fits(self, address: str, token: str) -> bool:
        """Whether this is the token; a wrong one counts. Ask `wait` before."""
        # Hashes are compared, since the time of comparing texts of unequal length would tell the length.
        if hmac.compare_digest(_hash(token), self._token):
            self._failures.pop(address, None)
            return True
        now = self._clock()
        own = self._failures.setdefault(address, deque(maxlen=FAILURES))
        self._failures.move_to_end(address)
        own.append(now)
        self._all.append(now)
        while len(self._failures) > MOST_ADDRESSES:
            self._failures.popitem(last=False)
        return False


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
