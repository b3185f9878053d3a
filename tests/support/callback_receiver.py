"""A loopback receiver of callbacks: it keeps what arrives, and answers what a test tells it to."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Arrived:
    """One POST."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float


class CallbackReceiver(ThreadingHTTPServer):
    """Use as a context manager. statuses: answered in turn, and 200 after them; a redirect leads to `/elsewhere`."""

    daemon_threads = True

    def __init__(self, *statuses: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses = list(statuses)
        self.arrived: list[Arrived] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> CallbackReceiver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/told?q=secret"

    def wait(self, count: int, seconds: float = 20) -> list[Arrived]:
        """The first `count` that arrive."""
        deadline = time.monotonic() + seconds
        while len(self.arrived) < count:
            assert time.monotonic() < deadline, f"{len(self.arrived)} of {count} callbacks arrived"
            time.sleep(0.02)
        return self.arrived[:count]


class _Handler(BaseHTTPRequestHandler):
    server: CallbackReceiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.arrived.append(Arrived(self.path, headers, body, time.monotonic()))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.server.arrived.append(Arrived(self.path, {}, b"", time.monotonic()))
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Quiet."""
