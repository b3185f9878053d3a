"""Routes of the developers' page: the page, its files, and the OpenAPI document with this server's own address.

Invariant: the document's address is the one that the browser came by, or the operator's `results.public_url`; a Host
header that is no host name never reaches a program that somebody copies.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from fittingroom.pages.address import endpoint_of
from fittingroom.pages.developer.openapi import document
from fittingroom.pages.static import SECURITY, StaticFolder
from fittingroom.settings import Settings

STATIC = Path(__file__).parent / "static"


def routes(settings: Settings) -> list[BaseRoute]:
    """`/docs`, `/docs/openapi.json` and the page's files."""
    folder = StaticFolder(STATIC)

    async def page(request: Request) -> Response:
        return folder.answer(request, "docs.html")

    async def openapi(request: Request) -> Response:
        return _sent(request, endpoint_of(request, settings))

    return [
        Route("/docs", page, methods=["GET"]),
        Route("/docs/openapi.json", openapi, methods=["GET"]),
        Route("/docs/static/{name}", folder.named, methods=["GET"]),
    ]


def _sent(request: Request, endpoint: str) -> Response:
    data, small, etag = _made(endpoint)
    headers = SECURITY | {"ETag": f'"{etag}"', "Cache-Control": "no-cache", "Vary": "Accept-Encoding, Host"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(small, 200, headers | {"Content-Encoding": "gzip"}, "application/json")
    return Response(data, 200, headers, "application/json")


@lru_cache(maxsize=8)
def _made(endpoint: str) -> tuple[bytes, bytes, str]:
    """The document as bytes, the same compressed, and its ETag."""
    data = json.dumps(document(endpoint), ensure_ascii=False, separators=(",", ":")).encode()
    return data, gzip.compress(data, mtime=0), hashlib.sha256(data).hexdigest()[:32]
