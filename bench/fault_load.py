"""Steady callers of two gateways, and what they saw around a fault.

Each caller asks the gateways in turn, as behind a load balancer that checks nothing, waits for its answer and asks
again. Invariant: every request leaves one row, whatever became of it, with the RequestId where an answer told it.
"""

from __future__ import annotations

import base64
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from fault_gateways import Gateway
from picture_server import PictureServer
from running_server import RunningServer
from soak_pictures import BOXES, NUMBERS, complaint
from soak_traffic import Target

from fittingroom.client import Credential

BROKEN = "connection broken"
NOBODY = "nobody listens"
SILENT = "no answer in time"
TIMEOUT = 75.0
"""Seconds that a caller waits: longer than `limits.deadline`, in which the server must answer."""
IN_A_ROW = 5
"""Pictures that each gateway must deliver after its last failure until it counts as whole."""


@dataclass(frozen=True)
class Seen:
    """One request. Times are `time.monotonic()`."""

    gateway: int
    begun: float
    ended: float
    code: str
    request_id: str | None
    wrong: str | None = None


@dataclass
class Load:
    """The callers."""

    gateways: list[Gateway]
    key: Credential
    origin: PictureServer
    seen: list[Seen] = field(default_factory=list)

    @contextmanager
    def running(self, callers: int) -> Iterator[None]:
        """They ask while the block runs."""
        ending = threading.Event()
        threads = [threading.Thread(target=self._go, args=(ending, seed)) for seed in range(callers)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            ending.set()
            for thread in threads:
                thread.join()

    def _go(self, ending: threading.Event, seed: int) -> None:
        dice = random.Random(seed)
        turn = seed
        while not ending.is_set():
            turn += 1
            one = self._ask(turn % len(self.gateways), dice)
            self.seen.append(one)
            time.sleep(0.2 if one.code != "OK" else 0.02)

    def _ask(self, number: int, dice: random.Random) -> Seen:
        wanted = (dice.randrange(NUMBERS), dice.randrange(NUMBERS), dice.choice(list(BOXES)))
        parameters = {
            "ModelUrl": self.origin.url(f"/person/{wanted[0]}.png"),
            "ClothesUrl": self.origin.url(f"/garment/{wanted[1]}.png"),
            "ClothesType": wanted[2],
            "LogoAdd": 0,
        }
        server: RunningServer | None = self.gateways[number].server
        assert server is not None
        begun, request_id, wrong = time.monotonic(), None, None
        try:
            answer = Target(server, self.key, self.origin).call(parameters, timeout=TIMEOUT)
        except ConnectionRefusedError:
            code = NOBODY
        except TimeoutError:
            code = SILENT
        except OSError:
            code = BROKEN
        else:
            code = BROKEN if answer.status == 0 else answer.code or "OK"
            request_id = None if answer.status == 0 else str(answer.response["RequestId"])
            if code == "OK":
                wrong = complaint(base64.b64decode(answer.response["ResultImage"]), wanted)
        return Seen(number, begun, time.monotonic(), code, request_id, wrong)

    def whole(self, since: float) -> float | None:
        """Seconds from `since` until the last gateway delivered again for good; None while one does not yet."""
        return max(times) if None not in (times := [self._whole(n, since) for n in range(len(self.gateways))]) else None

    def _whole(self, number: int, since: float) -> float | None:
        mine = [one for one in list(self.seen) if one.gateway == number and one.ended > since]
        last = max((one.ended for one in mine if one.code != "OK"), default=since)
        good = sorted(one.ended for one in mine if one.code == "OK" and one.begun > max(since, last))
        return good[0] - since if len(good) >= IN_A_ROW else None

    def counts(self, since: float) -> Counter[str]:
        """Codes of what ended after `since`."""
        return Counter(one.code for one in list(self.seen) if one.ended > since)
