"""A loopback server of pictures for a server under test to fetch.

`publish` puts bytes under a path; a callable instead of bytes gets the raw socket and may behave as badly as it
likes. Invariant: it answers only what was published, and records every path asked for.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Behaviour = Callable[[socket.socket], None]


class PictureServer(ThreadingHTTPServer):
    """Use as a context manager. `asked` lists the paths requested so far."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.published: dict[str, bytes | Behaviour] = {}
        self.asked: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> PictureServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def publish(self, path: str, content: bytes | Behaviour) -> str:
        """Serve `content` at `path` from now on; its URL."""
        self.published[path] = content
        return self.url(path)

    def url(self, path: str) -> str:
        """The URL of a path, published or not."""
        return f"http://127.0.0.1:{self.server_port}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A fetcher that hangs up early is right to do so; anything else is told as usual."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: PictureServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        content = self.server.published.get(self.path)
        if callable(content):
            self.close_connection = True
            content(self.connection)
            return
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""
