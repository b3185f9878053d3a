"""The guarded fetcher, and beside it pictures that this process itself holds for a moment.

A page of the server's own has a photo in memory and calls the same API as everybody, which takes photos by URL. Such a
photo gets an address under `.invalid`, a name that by RFC 6761 no resolver knows, with a random part that nobody can
guess; the address never leaves the process. Invariant: a photo can be fetched only while its block runs.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp.abc import AbstractResolver

from fittingroom.errors import ApiError
from fittingroom.images.fetch import Fetcher
from fittingroom.images.limits import megabytes
from fittingroom.settings import FetchSettings

DOMAIN: Final = "photos.fitting-room.invalid"


class HostingFetcher(Fetcher):
    """Fetches what is held here from memory, all else as `Fetcher` does."""

    def __init__(self, settings: FetchSettings, resolver: AbstractResolver | None = None) -> None:
        super().__init__(settings, resolver)
        self._held: dict[str, bytes] = {}

    @contextmanager
    def holding(self, data: bytes) -> Iterator[str]:
        """The URL under which `fetch` finds `data` inside the block."""
        url = f"https://{DOMAIN}/{secrets.token_urlsafe(24)}"
        self._held[url] = data
        try:
            yield url
        finally:
            del self._held[url]

    async def fetch(self, url: str, *, parameter: str, max_bytes: int, deadline: float) -> bytes:
        """As `Fetcher.fetch`. Raises `ApiError`."""
        data = self._held.get(url)
        if data is None:
            return await super().fetch(url, parameter=parameter, max_bytes=max_bytes, deadline=deadline)
        if len(data) > max_bytes:
            raise ApiError("image_size_exceed", parameter=parameter, limit=megabytes((max_bytes // 3 + 1) * 4))
        return data
