"""The HTTP application: the API at `/`, results by URL, and what operators' probes ask.

Everything it needs is handed in, so a test builds it from in-memory parts. Invariant: only `/` and `/results/` are
for callers; the probes say nothing about accounts or requests.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Lifespan, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from fittingroom.actions.services import Services
from fittingroom.errors import ApiError, ResultForbidden, ResultGone
from fittingroom.settings import Settings
from fittingroom.tracing import Tracing, Untraced
from fittingroom.wire import envelope
from fittingroom.wire.api import Api
from fittingroom.wire.common import language
from fittingroom.wire.metrics import Metrics, MetricsPage
from fittingroom.wire.trail import Trail

SERVING = frozenset({"READY", "BUSY"})


def build_app(
    services: Services,
    settings: Settings,
    clock: Callable[[], float] = time.time,
    lifespan: Lifespan[Starlette] | None = None,
    metrics: Metrics | None = None,
    tracing: Tracing | None = None,
    engine_reason: str = "",
) -> Starlette:
    """The application. clock: Unix seconds, for signatures. lifespan: starts and stops the services, if given.
    metrics: those that other parts count in, too. tracing: begins a trace for each request to `/`. engine_reason: why
    this engine runs, for `/readyz`."""
    counted = metrics or Metrics()
    counted.watch(services.dispatcher.status)
    probes = Probes(services, engine_reason)
    files = ResultFiles(services)
    app = Starlette(
        routes=[
            Route("/", Api(services, settings, clock, counted, tracing or Untraced())),
            Route("/results/{name}", files.answer, methods=["GET"]),
            Route("/livez", probes.live, methods=["GET"]),
            Route("/readyz", probes.ready, methods=["GET"]),
        ],
        lifespan=lifespan,
    )
    if settings.server.metrics:
        app.router.routes.append(Route("/metrics", MetricsPage(counted, settings.server, nothing_here)))
    app.router.redirect_slashes = False
    app.router.default = nothing_here
    return app


class Probes:
    """`/livez`: the process answers. `/readyz`: it can take work."""

    def __init__(self, services: Services, engine_reason: str) -> None:
        self._services = services
        self._told = {"engine_reason": engine_reason}

    async def live(self, _request: Request) -> Response:
        """Always 200."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _request: Request) -> Response:
        """The dispatcher's status; 503 unless it takes work. Trouble with results by URL is only told."""
        status = self._services.dispatcher.status()
        told = asdict(status) | self._told | {"results": self._services.results.trouble or "ok"}
        return JSONResponse(told, status_code=200 if status.state in SERVING else 503)


class ResultFiles:
    """`/results/<name>?...`: a finished picture, to whoever holds its signed URL."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def answer(self, request: Request) -> Response:
        """The file, 403 for a signature that does not fit, 410 for one that has expired."""
        try:
            stored = await self._services.results.open(request.path_params["name"], request.query_params)
        except ResultForbidden:
            return _plain("The signature of this URL is not valid.", 403)
        except ResultGone:
            return _plain("This URL has expired.", 410)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}
        return Response(stored.data, media_type=stored.media_type, headers=headers)


async def nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    """Any other path: HTTP 404, still in the API's envelope, as a client with a path in its endpoint gets here."""
    if scope["type"] == "websocket":
        await WebSocketClose()(scope, receive, send)
        return
    request = Request(scope)
    trail = Trail(scope["method"], language(request.headers.get("x-tc-language")))
    response = envelope.failure(ApiError("path_not_found"), trail.request_id, trail.language, status=404)
    await response(scope, receive, send)


def _plain(text: str, status: int) -> Response:
    return Response(text, status_code=status, media_type="text/plain", headers={"X-Content-Type-Options": "nosniff"})
