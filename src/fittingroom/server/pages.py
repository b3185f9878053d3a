"""Which pages this server shows, and their routes.

Invariant: a page that is switched off leaves no route, and its paths answer like any other that is nothing.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import structlog
from pydantic import SecretStr
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from fittingroom.accounts import Store
from fittingroom.dispatch.local import LocalDispatcher
from fittingroom.pages import developer
from fittingroom.pages.console import Console
from fittingroom.pages.console.recent import Recent
from fittingroom.pages.console.watching import Watched, no_crew, nothing_kept
from fittingroom.pages.guard import is_loopback
from fittingroom.pages.room import Room
from fittingroom.pages.room.calls import check_account
from fittingroom.pages.static import StaticFolder
from fittingroom.results import LocalResults
from fittingroom.server.services import LocalServices
from fittingroom.settings import Settings

log = structlog.get_logger(__name__)

SHELL = Path(__file__).parents[1] / "pages" / "shell"


def has_room(settings: Settings) -> bool:
    """Whether `/room` is shown."""
    wanted = settings.pages.room
    return wanted == "on" or (wanted == "auto" and is_loopback(settings.server.host))


def has_console(settings: Settings) -> bool:
    """Whether `/console` is shown."""
    wanted = settings.pages.console
    return wanted == "on" or (wanted == "auto" and is_loopback(settings.server.host))


def with_token(settings: Settings) -> tuple[Settings, str | None]:
    """Settings by which the console can be signed in to, and the token where it was made for this start alone."""
    if not has_console(settings) or settings.pages.console_token is not None:
        return settings, None
    token = secrets.token_urlsafe(24)
    pages = settings.pages.model_copy(update={"console_token": SecretStr(token)})
    return settings.model_copy(update={"pages": pages}), token


def pages_told(settings: Settings, address: str, token: str | None) -> list[str]:
    """Lines that say where somebody may look. token: of the console, where it was made for this start."""
    room = [f"fitting room at {address}/room"] if has_room(settings) else []
    console = [] if token is None else [f"console at {address}/console, token {token}"]
    return room + console


def page_routes(app: ASGIApp, settings: Settings, services: LocalServices) -> list[BaseRoute]:
    """Routes of all pages that are switched on. Raises `AccountError` for a missing account."""
    routes: list[BaseRoute] = []
    if has_room(settings):
        store = Store(services.database, services.vault, "server:room")
        check_account(store, settings.pages.room_account)
        routes += Room(app, services, services.fetcher, store, services.keys.update, settings).routes()
    if has_console(settings):
        routes += _console(settings, services).routes()
    if settings.pages.docs:
        routes += developer.routes(settings)
    if routes:
        routes.append(Route("/shell/{name}", StaticFolder(SHELL).named, methods=["GET"]))
    return routes


def _console(settings: Settings, services: LocalServices) -> Console:
    dispatcher, results = services.dispatcher, services.results
    watched = Watched(
        settings=settings,
        database=services.database,
        status=dispatcher.status,
        trouble=lambda: results.trouble,
        submitted=lambda: services.jobs.unended,
        crew=dispatcher.crew if isinstance(dispatcher, LocalDispatcher) else no_crew,
        kept=(lambda: results.total_bytes) if isinstance(results, LocalResults) else nothing_kept,
        engine_reason=services.choice.reason,
    )
    token, recent = with_token(settings)[0].pages.console_token, Recent()
    assert token is not None
    services.metrics.listen(recent)
    return Console(watched, token.get_secret_value(), recent)
