"""A small closed-loop load generator: keep-alive connections that each send the same bytes again and again.

The request is made beforehand, so what is measured is the server and the loopback, not a client library. Invariant:
every answer is checked for its marker, so a fast error of another kind cannot pass for speed.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import cast

import uvloop


@dataclass(frozen=True)
class Figures:
    """seconds: latencies of all answers, sorted. elapsed: wall time of the round."""

    seconds: list[float]
    elapsed: float

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.elapsed

    def quantile(self, q: float) -> float:
        return self.seconds[min(len(self.seconds) - 1, int(q * len(self.seconds)))]


class Connection(asyncio.Protocol):
    """Sends `request` until `end`, timing each answer."""

    def __init__(self, request: bytes, marker: bytes, end: float) -> None:
        self.request, self.marker, self.end = request, marker, end
        self.times: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        now = time.perf_counter()
        self.times.append(now - self._sent)
        if not head.startswith(b"HTTP/1.1 200") or self.marker not in body:
            self.done.set_exception(AssertionError(bytes(self._buffer[:2000])))
            self._transport.close()
        elif now < self.end:
            self._buffer.clear()
            self._send()
        else:
            self.done.set_result(None)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server hung up"))

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self.request)


def _length(head: bytes | bytearray) -> int:
    for line in bytes(head).lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    raise AssertionError(f"no Content-Length in {bytes(head)!r}")


def run(
    port: int, request: bytes, *, marker: bytes, connections: int, seconds: float, patience: float = 30.0
) -> Figures:
    """Load one server for some seconds. patience: seconds that the last answers may take beyond them."""

    async def go() -> Figures:
        loop = asyncio.get_running_loop()
        begin = time.perf_counter()
        made = [
            await loop.create_connection(lambda: Connection(request, marker, begin + seconds), "127.0.0.1", port)
            for _ in range(connections)
        ]
        protocols = [protocol for _, protocol in made]
        await asyncio.wait_for(asyncio.gather(*(protocol.done for protocol in protocols)), seconds + patience)
        elapsed = time.perf_counter() - begin
        return Figures(sorted(t for protocol in protocols for t in protocol.times), elapsed)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(go())
