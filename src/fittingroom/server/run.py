"""The listening socket and the life of the process: bind, announce, serve, drain, end.

The port is bound first, so that a taken port is an error before any model is loaded; clients that connect meanwhile
wait in the backlog. Invariant: SIGTERM and SIGINT let running requests finish, and the process then ends with 0.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial

import structlog
import uvicorn
from starlette.applications import Starlette
from uvicorn.config import STARTUP_FAILURE

from fittingroom.dispatch.local import LocalDispatcher
from fittingroom.dispatch.memory import forbid_core_dumps
from fittingroom.dispatch.ray.library import RayMissing
from fittingroom.engines.registry import RegistryError
from fittingroom.server.pages import page_routes, pages_told, with_token
from fittingroom.server.protocol import GuardedProtocol
from fittingroom.server.services import LocalServices, local_services
from fittingroom.settings import ServerSettings, Settings
from fittingroom.tracing.otlp import TracingError
from fittingroom.wire.app import build_app

log = structlog.get_logger(__name__)

LAST_ANSWERS = 5
"""Seconds after `server.drain_timeout` in which the refusals of what did not finish are written."""


class ServeError(Exception):
    """The server cannot start; the message is for the operator."""


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until a signal. announce: gets what to tell the operator, in lines, once requests are accepted.

    Raises `ServeError`, `AccountError`, `VaultError`, `ObjectsError`.
    """
    forbid_core_dumps()
    listening = bind(settings.server)
    with contextlib.closing(listening):
        services = _parts(settings)
        services.keys.update()  # a master key that does not fit is an error before anything starts
        services.limits.check()
        services.results.check()
        settings, token = with_token(settings)
        config = _uvicorn(settings, services)
        address = address_of(listening, secure=config.is_ssl)
        told = "\n".join([f"listening on {address}", *pages_told(settings, address, token)])
        server = AnnouncingServer(
            config, settings.server, lambda: announce(told), partial(services.dispatcher.drain, 0)
        )
        if isinstance(services.dispatcher, LocalDispatcher):
            services.dispatcher.on_misfit(server.give_up)
        if services.choice.reason:
            log.info("engine_chosen", engine=services.choice.engine, reason=services.choice.reason)
        try:
            server.run([listening])
        except SystemExit as ended:
            # Only a failed start ends uvicorn so; what failed is in the log.
            raise ServeError("the server could not start; the log says why") from ended
        finally:
            services.dispatcher.kill()
        if server.given_up:
            raise ServeError(f"the server cannot start: {server.given_up}")


def _parts(settings: Settings) -> LocalServices:
    try:
        return local_services(settings)
    except OSError as error:
        raise ServeError(f"the data directory cannot be used: {error}") from error
    except (RayMissing, RegistryError, TracingError) as error:
        raise ServeError(str(error)) from error


def bind(settings: ServerSettings) -> socket.socket:
    """The socket, bound. Raises `ServeError`."""
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        bound = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise ServeError(f"cannot listen on {settings.host}: {error.strerror}") from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((settings.host, settings.port))
    except OSError as error:
        bound.close()
        raise ServeError(f"cannot listen on {settings.host} port {settings.port}: {error.strerror}") from error
    return bound


def address_of(bound: socket.socket, *, secure: bool) -> str:
    """The URL of a bound socket: `http://127.0.0.1:8000`."""
    host, port = bound.getsockname()[:2]
    return f"{'https' if secure else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def application(settings: Settings, services: LocalServices) -> Starlette:
    """The application with its parts, which start and stop with it."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with services.running():
            yield

    app = build_app(
        services,
        settings,
        lifespan=lifespan,
        metrics=services.metrics,
        tracing=services.tracing,
        engine_reason=services.choice.reason,
    )
    app.router.routes.extend(page_routes(app, settings, services))
    return app


def _uvicorn(settings: Settings, services: LocalServices) -> uvicorn.Config:
    server = settings.server
    config = uvicorn.Config(
        application(settings, services),
        http=GuardedProtocol,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=server.backlog,
        timeout_keep_alive=math.ceil(server.keepalive_timeout),
        timeout_graceful_shutdown=math.ceil(server.drain_timeout) + LAST_ANSWERS,
        ssl_certfile=server.tls_cert,
        ssl_keyfile=server.tls_key,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise ServeError(f"the TLS certificate or its key cannot be used: {error}") from error
    return config


class AnnouncingServer(uvicorn.Server):
    """uvicorn's server with guarded connections. It says when it listens and ends with 0 after a signal.

    refuse: called when the time of running requests is up, so that they end with an answer.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        settings: ServerSettings,
        listening: Callable[[], None],
        refuse: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(config)
        self._settings = settings
        self._listening = listening
        self._refuse = refuse
        self.given_up = ""

    def give_up(self, why: str) -> None:
        """End as after a signal, but with an error: there is no point in going on."""
        self.given_up = self.given_up or why
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then listen."""
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            raise SystemExit(STARTUP_FAILURE)
        loop, config = asyncio.get_running_loop(), self.config
        make = partial(GuardedProtocol, config, self.server_state, self.lifespan.state, settings=self._settings)
        handshake = self._settings.header_timeout if config.ssl else None
        self.servers = [
            await loop.create_server(
                make, sock=one, ssl=config.ssl, backlog=config.backlog, ssl_handshake_timeout=handshake
            )
            for one in sockets or []
        ]
        self.started = True
        self._listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new connection; let requests finish, and at the end of their time refuse those that have not."""
        late = asyncio.create_task(self._refuse_late())
        try:
            await super().shutdown(sockets)
        finally:
            late.cancel()
            await asyncio.gather(late, return_exceptions=True)

    async def _refuse_late(self) -> None:
        await asyncio.sleep(self._settings.drain_timeout)
        await self._refuse()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Drain at the first signal, stop at the second. uvicorn would afterwards raise the signal again."""
        self._loop = asyncio.get_running_loop()
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: object) -> None:
        """Note the signal; the loop logs it.

        A handler interrupts the main thread anywhere, also in the middle of a line of the log: to write one here would
        wait for ever for the lock that the interrupted thread holds.
        """
        self._loop.call_soon_threadsafe(
            partial(log.info, "stopping", signal=signal.Signals(sig).name, at_once=self.should_exit)
        )
        self.force_exit = self.should_exit
        self.should_exit = True
