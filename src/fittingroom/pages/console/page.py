"""The routes of `/console`: the page, signing in and out, and the JSON that its script asks for every few seconds.

The page's files hold nothing of the server's and are open to whoever reaches the address; every `/console/data/` needs
a session. Invariant: GET answers change nothing, and the two POSTs change only the console's own sessions and come from
the console's own page.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from fittingroom.accounts import AccountError
from fittingroom.errors import ApiError
from fittingroom.pages.address import is_secure
from fittingroom.pages.console import facts, refusals
from fittingroom.pages.console.asking import Asked
from fittingroom.pages.console.recent import Recent
from fittingroom.pages.console.sessions import LIFETIME, Door, Sessions
from fittingroom.pages.console.watching import Watched
from fittingroom.pages.guard import Guard
from fittingroom.pages.room.refusals import PRIVATE, Refused, language_of, refused
from fittingroom.pages.static import StaticFolder
from fittingroom.wire.address import Addresses, counted_as
from fittingroom.wire.body import BodyBudget, ClientGone, TooLarge, read_body

log = structlog.get_logger(__name__)

COOKIE: Final = "fitting_console"
MAX_JSON: Final = 4096
BODY_SECONDS: Final = 5.0
ACCOUNTS_SECONDS, USAGE_SECONDS, HEALTH_SECONDS = 4.0, 30.0, 4.0
"""How old an answer from the database may be."""

Handler = Callable[[Request], Awaitable[Response]]


class Console:
    """The page on the server's side. token: signs in. recent: hears of the requests."""

    def __init__(self, watched: Watched, token: str, recent: Recent) -> None:
        self._watched = watched
        self._recent = recent
        self._started = time.time()
        self._guard = Guard(watched.settings)
        self._addresses = Addresses(watched.settings.server.trusted_proxies)
        self._door = Door(token)
        self._sessions = Sessions()
        self._bodies = BodyBudget(MAX_JSON * 64)
        self._static = StaticFolder(Path(str(files(__package__) / "static")))
        self._accounts = Asked(partial(facts.accounts, watched), ACCOUNTS_SECONDS)
        self._pictures = Asked(partial(facts.pictures, watched), USAGE_SECONDS)
        self._health = Asked(partial(facts.health, watched, self._started), HEALTH_SECONDS)

    def routes(self) -> list[BaseRoute]:
        """All of them."""
        signed_in = {
            "work": self._work,
            "requests": self._requests,
            "accounts": self._asked(self._accounts),
            "usage": self._usage,
            "health": self._asked(self._health),
        }
        return [
            Route("/console", self._guarded(self._index), methods=["GET"]),
            Route("/console/static/{name}", self._guarded(self._static.named), methods=["GET"]),
            Route("/console/session", self._guarded(self._session), methods=["GET"]),
            Route("/console/session", self._guarded(self._sign_in), methods=["POST"]),
            Route("/console/leave", self._guarded(self._sign_out), methods=["POST"]),
            *(
                Route(f"/console/data/{name}.json", self._guarded(self._signed_in(handler)), methods=["GET"])
                for name, handler in signed_in.items()
            ),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            language = language_of(request)
            # A browser sends Origin with every POST; what comes without one is no page of ours.
            posted = request.method == "POST"
            if not self._guard.allows(request) or (posted and "origin" not in request.headers):
                return refused(refusals.FOREIGN, language)
            try:
                return await handler(request)
            except Refused as error:
                return refused(error.refusal, language)
            except AccountError as error:
                log.error("console_unreadable", detail=str(error))
                return refused(refusals.UNREADABLE, language)
            except ClientGone:
                return Response(status_code=400)

        return answer

    def _signed_in(self, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            if not self._is_in(request):
                raise Refused(refusals.SIGNED_OUT)
            return await handler(request)

        return answer

    def _asked(self, asked: Asked[dict[str, Any]]) -> Handler:
        async def answer(_request: Request) -> Response:
            return JSONResponse(await asked.now(), headers=PRIVATE)

        return answer

    async def _index(self, request: Request) -> Response:
        return self._static.answer(request, "console.html")

    async def _work(self, _request: Request) -> Response:
        return JSONResponse(facts.work(self._watched), headers=PRIVATE)

    async def _requests(self, _request: Request) -> Response:
        return JSONResponse({"since": self._recent.since, "requests": self._recent.latest()}, headers=PRIVATE)

    async def _usage(self, _request: Request) -> Response:
        codes = {"since": self._recent.since, "codes": self._recent.by_day()}
        return JSONResponse(await self._pictures.now() | codes, headers=PRIVATE)

    async def _session(self, request: Request) -> Response:
        return JSONResponse({"signed_in": self._is_in(request)}, headers=PRIVATE)

    async def _sign_in(self, request: Request) -> Response:
        address = counted_as(self._addresses.of(request.scope))
        given = await self._token(request)
        if self._door.wait(address) > 0:  # asked after the body, which many senders could hold back together
            raise Refused(refusals.WAIT)
        if not self._door.fits(address, given):
            log.warning("console_refused", address=address)
            raise Refused(refusals.WAIT if self._door.wait(address) > 0 else refusals.WRONG)
        log.info("console_signed_in", address=address)
        response = JSONResponse({"ttl": LIFETIME}, headers=PRIVATE)
        self._set_cookie(request, response, self._sessions.begin(), LIFETIME)
        return response

    async def _sign_out(self, request: Request) -> Response:
        self._sessions.end(request.cookies.get(COOKIE, ""))
        response = Response(status_code=204, headers=PRIVATE)
        self._set_cookie(request, response, "", 0)
        return response

    def _is_in(self, request: Request) -> bool:
        return self._sessions.holds(request.cookies.get(COOKIE, ""))

    def _set_cookie(self, request: Request, response: Response, value: str, seconds: int) -> None:
        secure = is_secure(request, self._watched.settings)
        response.set_cookie(
            COOKIE, value, max_age=seconds, path="/console", httponly=True, samesite="strict", secure=secure
        )

    async def _token(self, request: Request) -> str:
        try:
            with self._bodies.share() as share:
                body = await read_body(request.receive, share, limit=MAX_JSON, timeout=BODY_SECONDS)
            given = json.loads(body)["token"]
        except (ApiError, TooLarge, ValueError, TypeError, KeyError, RecursionError) as error:
            raise Refused(refusals.MALFORMED) from error
        if not isinstance(given, str) or not given.isprintable():
            raise Refused(refusals.MALFORMED)
        return given.strip()
