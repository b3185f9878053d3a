"""Static files of a page: read once at the start, served with a strong ETag, compressed where the browser takes it.

Every file carries the headers that keep a page to itself: nothing from elsewhere is loaded, nobody may frame it.
Invariant: only files that lay in the folder at the start are ever served, so no path of a request reaches the disk.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

SECURITY: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}

MEDIA: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent. gzipped: empty where compressing saves nothing. etag: without quotes."""

    data: bytes
    gzipped: bytes
    media_type: str
    etag: str


class StaticFolder:
    """The files of one folder, by name; folders within it are not served."""

    def __init__(self, folder: Path) -> None:
        self._files = {path.name: _read(path) for path in sorted(folder.iterdir()) if path.suffix in MEDIA}

    def names(self) -> list[str]:
        """What is served."""
        return list(self._files)

    async def named(self, request: Request) -> Response:
        """The file of the path parameter `name`; 404 where there is none."""
        return self.answer(request, request.path_params["name"])

    def answer(self, request: Request, name: str) -> Response:
        """The file, 304 where the browser has it, 404 where there is none."""
        found = self._files.get(name)
        if found is None:
            return Response("Nothing here.", 404, SECURITY, "text/plain")
        headers = SECURITY | {"ETag": f'"{found.etag}"', "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if found.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if found.gzipped and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(found.gzipped, 200, headers | {"Content-Encoding": "gzip"}, found.media_type)
        return Response(found.data, 200, headers, found.media_type)


def _read(path: Path) -> File:
    data = path.read_bytes()
    small = gzip.compress(data, mtime=0) if path.suffix != ".jpg" else b""
    etag = hashlib.sha256(data).hexdigest()[:32]
    return File(data, small if len(small) < len(data) else b"", MEDIA[path.suffix], etag)
