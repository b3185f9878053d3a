"""A connection that cannot be held open for nothing.

uvicorn waits for ever for the rest of half-sent headers, and for a peer that does not read its answer. Each phase gets
a timer here: headers must be complete in time, between requests a connection may idle, an answer must be taken.
(How fast a body must come is the wire's business.) Invariant: at any moment a request runs, or a timer does.
"""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from fittingroom.settings import ServerSettings


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP connection with limits. settings: header and write times, header bytes, connections at once."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        settings: ServerSettings,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = settings
        self._awaiting_headers = True
        self._header_bytes = 0
        self._named_bytes = 0
        self._header_timer: TimerHandle | None = None
        self._write_timer: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Refuse one connection too many; else start the clock for the first request's headers."""
        super().connection_made(transport)
        if len(self.connections) > self._limits.max_connections:
            self.logger.warning("one connection too many was closed")
            transport.abort()
            return
        self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all clocks."""
        self._stop_header_timer()
        self._stop_write_timer()
        # uvicorn stops its own keep-alive clock only where the connection ended without an error.
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; while headers are incomplete, count them and keep the clock running."""
        if self._awaiting_headers:
            self._expect_headers()
            self._header_bytes += len(data)
        super().data_received(data)
        if self._awaiting_headers and self._header_bytes > self._limits.max_header_bytes:
            self._refuse_headers()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._named_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Part of the request's target."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The headers came in time."""
        self._awaiting_headers = False
        self._header_bytes = 0
        self._stop_header_timer()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """The answer is written; the next request's headers are awaited once they begin."""
        self._awaiting_headers = not self.pipeline
        super().on_response_complete()

    def pause_writing(self) -> None:
        """The peer does not take the answer as fast as it is written: start the clock."""
        super().pause_writing()
        self._write_timer = self.loop.call_later(self._limits.write_timeout, self._too_slow, "answer not taken")

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self._stop_write_timer()
        super().resume_writing()

    def _expect_headers(self) -> None:
        if self._header_timer is None:
            seconds = self._limits.header_timeout
            self._header_timer = self.loop.call_later(seconds, self._too_slow, "headers not complete")

    def _count(self, size: int) -> None:
        # A single chunk may hold the whole of too long headers; raising makes the parser refuse the request.
        self._named_bytes += size
        if self._named_bytes > self._limits.max_header_bytes:
            raise ValueError("headers too long")

    def _refuse_headers(self) -> None:
        if not self.transport.is_closing():
            self.send_400_response("Request headers are too long.")

    def _too_slow(self, what: str) -> None:
        self.logger.debug("connection closed: %s in time", what)
        self.transport.abort()

    def _stop_header_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _stop_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None
