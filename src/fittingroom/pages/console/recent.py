"""The latest requests and the counts of their codes, as the metrics hear of them, in a bounded memory.

A line holds what the request's line in the log holds of codes and times, and nothing else: no parameter, no URL, no
cause (which may name a host), no picture. Stage times come from the work, which ends just before its request, or long
after it where a job was submitted; they find their request by its RequestId. Invariant: `KEPT` requests, `DAYS` days
and `MOST_CODES` codes, however long the server runs.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from structlog.contextvars import get_contextvars

from fittingroom.pipeline import RenderedImage
from fittingroom.wire.trail import Trail

KEPT: Final = 200
UNCLAIMED: Final = 64
"""Stage times that wait for the end of their request."""

DAYS: Final = 30
MOST_CODES: Final = 200
OTHER: Final = "other"
DAY: Final = 86_400


@dataclass(slots=True)
class Seen:
    """One request. at: Unix seconds of its end. waited: seconds in the queue; None without a picture. stages: seconds
    by name."""

    id: str
    at: float
    action: str | None
    account: str | None
    code: str
    reason: str | None
    seconds: float
    bytes_in: int
    waited: float | None = None
    stages: dict[str, float] = field(default_factory=dict)


class Recent:
    """Hears of requests. clock: Unix seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._seen: OrderedDict[str, Seen] = OrderedDict()
        self._unclaimed: OrderedDict[str, tuple[float, dict[str, float]]] = OrderedDict()
        self._codes: dict[int, Counter[str]] = {}
        self._known: set[str] = set()
        self.since = clock()

    def answered(self, trail: Trail) -> None:
        """A request has ended."""
        now = self._clock()
        waited, stages = self._unclaimed.pop(trail.request_id, (None, {}))
        self._seen[trail.request_id] = Seen(
            id=trail.request_id,
            at=now,
            action=trail.action,
            account=trail.account,
            code=trail.code,
            reason=trail.reason,
            seconds=round(time.monotonic() - trail.started, 3),
            bytes_in=trail.bytes_in,
            waited=waited,
            stages=stages,
        )
        while len(self._seen) > KEPT:
            self._seen.popitem(last=False)
        self._count(int(now // DAY), trail.code)

    def rendered(self, picture: RenderedImage, waited: float) -> None:
        """A picture is finished, within the context of its request or job."""
        request_id = get_contextvars().get("request_id")
        if not isinstance(request_id, str):
            return
        times = round(waited, 3), {name: round(seconds, 3) for name, seconds in picture.stages.items()}
        if (seen := self._seen.get(request_id)) is not None:
            seen.waited, seen.stages = times
            return
        self._unclaimed[request_id] = times
        while len(self._unclaimed) > UNCLAIMED:
            self._unclaimed.popitem(last=False)

    def latest(self) -> list[dict[str, Any]]:
        """The requests that are kept, newest first."""
        return [asdict(seen) for seen in reversed(self._seen.values())]

    def by_day(self) -> list[dict[str, Any]]:
        """`{"day", "code", "requests"}` of the last `DAYS` days; day: days since 1970, UTC."""
        return [
            {"day": day, "code": code, "requests": count}
            for day, counted in sorted(self._codes.items())
            for code, count in counted.most_common()
        ]

    def _count(self, day: int, code: str) -> None:
        if code not in self._known and len(self._known) >= MOST_CODES:
            code = OTHER
        self._known.add(code)
        self._codes.setdefault(day, Counter())[code] += 1
        for old in [one for one in self._codes if one <= day - DAYS]:
            del self._codes[old]
