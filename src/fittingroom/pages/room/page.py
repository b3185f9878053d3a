"""The routes of `/room`: the page itself, and what its script calls.

Every call but the page's files needs the session's cookie, and the token that the page got when it opened the session:
a cookie alone proves nothing, since any site can make a browser send it. Invariant: a visitor reaches only what is
theirs, and every refusal is JSON with a message in the visitor's language.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Final

import structlog
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from fittingroom.accounts import Store
from fittingroom.actions.services import Services
from fittingroom.errors import ApiError
from fittingroom.images.headers import HeaderError, header_size, sniff
from fittingroom.images.hosted import HostingFetcher
from fittingroom.images.limits import megabytes
from fittingroom.pages.address import endpoint_of, is_secure
from fittingroom.pages.examples import example_code
from fittingroom.pages.guard import Guard
from fittingroom.pages.room.advice import advice
from fittingroom.pages.room.calls import InnerCaller, RoomKey
from fittingroom.pages.room.looks import TYPES, Looks, wish_of
from fittingroom.pages.room.refusals import (
    BUSY,
    FOREIGN,
    MALFORMED,
    PRIVATE,
    Refused,
    language_of,
    refused,
    refused_by_api,
)
from fittingroom.pages.room.sessions import Kept, Visit, Visits, picked
from fittingroom.pages.static import StaticFolder
from fittingroom.samples import Sample, all_samples
from fittingroom.settings import Settings
from fittingroom.wire.body import BodyBudget, ClientGone, TooLarge, read_body

log = structlog.get_logger(__name__)

COOKIE: Final = "fitting_room"
TOKEN: Final = "x-room-token"  # noqa: S105 - a header's name
MAX_JSON: Final = 16 * 1024
SWEEP_EVERY: Final = 30.0
"""Seconds between looks for visitors who have not been seen for too long."""

PARAMETERS: Final = {"person": "ModelUrl", "garment": "ClothesUrl"}
MEDIA: Final = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WebP": "image/webp",
    "BMP": "image/bmp",
    "AVIF": "image/avif",
    "HEIC": "image/heic",
}

Handler = Callable[[Request], Awaitable[Response]]


class Room:
    """The page on the server's side. app: the application whose API it calls. store: makes its temporary key.
    made: called when the room's own account was made, so that the API knows it at once."""

    def __init__(
        self,
        app: ASGIApp,
        services: Services,
        fetcher: HostingFetcher,
        store: Store,
        made: Callable[[], None],
        settings: Settings,
    ) -> None:
        self._settings = settings
        self._services = services
        self._guard = Guard(settings)
        self._page = StaticFolder(Path(str(files(__package__) / "static")))
        self._visits = Visits(settings.pages)
        self._sweeping: asyncio.TimerHandle | None = None
        self._bodies = BodyBudget(settings.wire.max_buffered_bytes)
        caller = InnerCaller(app, RoomKey(store, settings.pages.room_account, made))
        self._looks = Looks(
            self._visits, caller, fetcher, _sample_at, lambda: self._services.dispatcher.status().waiting
        )

    def routes(self) -> list[BaseRoute]:
        """All of them."""
        return [
            Route("/room", self._guarded(self._index), methods=["GET"]),
            Route("/room/static/{name}", self._guarded(self._page.named), methods=["GET"]),
            Route("/room/samples/{id}", self._guarded(self._sample), methods=["GET"]),
            Route("/room/samples/{id}/thumb", self._guarded(self._sample), methods=["GET"]),
            Route("/room/session", self._guarded(self._open), methods=["POST"]),
            Route("/room/photos", self._guarded(self._take), methods=["PUT"]),
            Route("/room/photos/{id}", self._guarded(self._photo), methods=["GET", "DELETE"]),
            Route("/room/looks", self._guarded(self._look), methods=["POST"]),
            Route("/room/looks/{id}/picture", self._guarded(self._picture), methods=["GET"]),
            Route("/room/code", self._guarded(self._code), methods=["POST"]),
            Route("/room/leave", self._guarded(self._leave), methods=["POST"]),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            language = language_of(request)
            if not self._guard.allows(request):
                return refused(FOREIGN, language)
            try:
                return await handler(request)
            except Refused as error:
                return refused(error.refusal, language)
            except ApiError as error:
                log.info("room_refused", code=error.code, reason=error.reason)
                return refused_by_api(error, language)
            except ClientGone:
                return Response(status_code=400)

        return answer

    async def _index(self, request: Request) -> Response:
        return self._page.answer(request, "room.html")

    async def _sample(self, request: Request) -> Response:
        path = request.url.path
        found = _sample_of(path.removesuffix("/thumb"))
        if found is None:
            return Response("Nothing here.", 404, PRIVATE, "text/plain")
        data = (found.thumb if path.endswith("/thumb") else found.path).read_bytes()
        return Response(data, 200, PRIVATE | {"Cache-Control": "max-age=86400"}, "image/jpeg")

    async def _open(self, request: Request) -> Response:
        visit = self._visits.open(request.cookies.get(COOKIE, ""), request.headers.get(TOKEN, ""))
        if self._sweeping is None:
            self._sweep_later()
        images, status = self._settings.images, self._services.dispatcher.status()
        told = {
            "token": visit.token,
            "engine": status.engine,
            "types": list(TYPES),
            "limits": {
                "bytes": images.max_bytes,
                "min_px": images.min_side + 1,
                "max_px": images.max_side - 1,
                "formats": ["JPEG", "PNG", "WebP", "BMP", "AVIF"],
            },
            "endpoint": endpoint_of(request, self._settings),
            "ttl": self._settings.pages.room_ttl,
            "samples": [_told(one) for one in all_samples()],
        }
        answer = JSONResponse(told, 200, PRIVATE)
        secure = is_secure(request, self._settings)
        answer.set_cookie(COOKIE, visit.id, path="/room", httponly=True, samesite="strict", secure=secure)
        return answer

    def _sweep_later(self) -> None:
        """Sweep in time even if nobody asks for anything any more, until nobody is left."""
        self._visits.sweep()
        interval = min(SWEEP_EVERY, self._settings.pages.room_ttl / 2)
        loop = asyncio.get_running_loop()
        self._sweeping = loop.call_later(interval, self._sweep_later) if len(self._visits) else None

    def _visit(self, request: Request) -> Visit:
        return self._visits.find(request.cookies.get(COOKIE, ""), request.headers.get(TOKEN, ""))

    async def _take(self, request: Request) -> Response:
        visit, kind = self._visit(request), request.query_params.get("kind", "")
        if kind not in PARAMETERS:
            raise Refused(MALFORMED)
        data = await self._body(request, self._settings.images.max_bytes, PARAMETERS[kind])
        await to_thread.run_sync(partial(self._services.probe, data, parameter=PARAMETERS[kind]))
        size = _size(data)
        id_ = self._visits.keep_photo(visit, Kept(data, MEDIA[sniff(data) or "JPEG"]))
        told = {
            "id": id_,
            "url": f"/room/photos/{id_}",
            "width": size[0] if size else None,
            "height": size[1] if size else None,
            "clothes_type": None,
            "confidence": None,
            "warnings": advice(kind, size, language_of(request)),
        }
        return JSONResponse(told, 201, PRIVATE)

    async def _photo(self, request: Request) -> Response:
        visit = self._visit(request)
        if request.method == "DELETE":
            visit.photos.pop(request.path_params["id"], None)
            return Response(status_code=204, headers=PRIVATE)
        return _sent(picked(visit.photos, request.path_params["id"]))

    async def _look(self, request: Request) -> Response:
        visit = self._visit(request)
        if visit.busy:
            raise Refused(BUSY)
        wish = wish_of(await self._json(request))
        events = self._looks.events(visit, wish, language_of(request), request.scope)
        return StreamingResponse(events, 200, PRIVATE | {"X-Accel-Buffering": "no"}, "text/event-stream")

    async def _picture(self, request: Request) -> Response:
        return _sent(picked(self._visit(request).looks, request.path_params["id"]))

    async def _code(self, request: Request) -> Response:
        self._visit(request)
        wish = wish_of(await self._json(request))
        parameters = {
            "ModelUrl": _public(wish.model, "https://example.com/person.jpg"),
            "ClothesUrl": _public(wish.garment, "https://example.com/garment.jpg"),
            "ClothesType": TYPES[1] if wish.clothes_type == TYPES[0] else wish.clothes_type,
        }
        return JSONResponse(
            example_code("ChangeClothes", parameters, endpoint_of(request, self._settings)), 200, PRIVATE
        )

    async def _leave(self, request: Request) -> Response:
        """The token is the body: what a browser sends while a tab closes can have no header of its own."""
        token = (await self._body(request, 256, "token")).decode("utf-8", "replace")
        self._visits.leave(token)
        return Response(status_code=204, headers=PRIVATE)

    async def _json(self, request: Request) -> object:
        try:
            return json.loads(await self._body(request, MAX_JSON, "body"))
        except (ValueError, RecursionError) as error:
            raise Refused(MALFORMED) from error

    async def _body(self, request: Request, limit: int, parameter: str) -> bytes:
        with self._bodies.share() as share:
            try:
                return await read_body(request.receive, share, limit=limit, timeout=self._settings.wire.body_timeout)
            except TooLarge as error:
                raise ApiError("image_size_exceed", parameter=parameter, limit=megabytes(limit * 4 // 3)) from error


def _sent(kept: Kept) -> Response:
    return Response(kept.data, 200, PRIVATE, kept.media_type)


def _size(data: bytes) -> tuple[int, int] | None:
    """Width and height by the header; `probe` has seen the same bytes before."""
    kind = sniff(data)
    try:
        return None if kind is None else header_size(data, kind)
    except HeaderError:
        return None


def _sample_of(address: str) -> Sample | None:
    return next((one for one in all_samples() if address == f"/room/samples/{one.id}"), None)


def _sample_at(address: str) -> bytes | None:
    found = _sample_of(address)
    return None if found is None else found.path.read_bytes()


def _told(one: Sample) -> dict[str, object]:
    url = f"/room/samples/{one.id}"
    told = {"id": one.id, "kind": one.kind, "url": url, "thumb": f"{url}/thumb", "name": one.name, "width": one.width}
    return told | {"height": one.height, "clothes_type": one.clothes_type}


def _public(address: str, stand_in: str) -> str:
    """A photo's URL as somebody else can use it: photos of the room are nobody else's."""
    return stand_in if address.startswith("/room/") else address
