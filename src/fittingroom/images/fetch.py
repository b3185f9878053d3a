"""The one way to a caller's URL: every picture that is not in the request comes through here.

Whether an address may be reached is decided in the socket factory, on the address that is really connected to, so
neither a redirect nor a name that resolves differently a second time gets round it. Time, bytes and redirects are
bounded while they are used up, whatever the other side announces. Invariant: no socket exists whose address
`netguard` has not allowed, and no message to the caller names an address.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import urljoin
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from fittingroom.errors import ApiError
from fittingroom.images.limits import megabytes
from fittingroom.images.netguard import is_allowed, parse_networks
from fittingroom.images.resolve import ThreadResolver
from fittingroom.images.url import check_url
from fittingroom.settings import FetchSettings

_HEADERS: Final = {
    "Accept": "image/avif,image/webp,image/png,image/jpeg,image/*;q=0.8,*/*;q=0.5",
    "Accept-Encoding": "identity",
    "User-Agent": "fittingroom",
}
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CHUNK: Final = 64 * 1024

# The addresses that the guard refused during the fetch that runs in this context.
_refused: ContextVar[list[str]] = ContextVar("_refused")


class ForbiddenAddress(OSError):
    """Raised instead of a socket. An OSError, so that the connector treats it as an address that cannot be reached."""


class Fetcher:
    """Fetches pictures; `start` before the first fetch, `close` after the last.

    resolver: injected by tests; default: the system's.
    """

    def __init__(self, settings: FetchSettings, resolver: AbstractResolver | None = None) -> None:
        self._settings = settings
        self._allow = parse_networks(settings.allow_net)
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the session. Must run in the event loop that will fetch."""
        connector = aiohttp.TCPConnector(
            socket_factory=self._guarded_socket,
            resolver=self._resolver or ThreadResolver(),
            limit=self._settings.concurrency,
            use_dns_cache=False,
            force_close=True,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._settings.connect_timeout),
        )

    async def close(self) -> None:
        """Close the session and every connection; harmless when it was never started."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def fetch(self, url: str, *, parameter: str, max_bytes: int, deadline: float) -> bytes:
        """The body behind `url`: 1 to `max_bytes` bytes.

        parameter: the request parameter to name in messages. deadline: `time.monotonic()` seconds; the set timeout
        ends it earlier. Raises `ApiError` (UrlIllegal, ImageDownloadError, ImageSizeExceed, ImageEmpty).
        """
        target = check_url(url, parameter=parameter)
        seconds = min(self._settings.timeout, max(0.0, deadline - time.monotonic()))
        async with self._told(parameter, seconds):
            return await self._follow(target, parameter, max_bytes)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, parameter: str, seconds: float) -> int:
        """Post to a caller's URL under the same guard, without following redirects; the HTTP status.

        parameter: the request parameter that the URL came in. seconds: for all of it. The answer's body is not read.
        Raises `ApiError` (UrlIllegal, ImageDownloadError).
        """
        target = check_url(url, parameter=parameter)
        proxy = self._proxy(target)
        async with (
            self._told(parameter, seconds),
            self._opened.post(target, data=body, headers=headers, allow_redirects=False, proxy=proxy) as response,
        ):
            return response.status

    @asynccontextmanager
    async def _told(self, parameter: str, seconds: float) -> AsyncIterator[None]:
        """Bound the block's time; what fails in it comes out as `ApiError`."""
        refused: list[str] = []
        token = _refused.set(refused)
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError as error:
            if isinstance(error, aiohttp.ServerTimeoutError):  # one connection's own, shorter limit
                seconds = self._settings.connect_timeout
            raise ApiError("download_timeout", cause=error, parameter=parameter, seconds=f"{seconds:.3g}") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _as_api_error(error, refused, parameter) from error
        finally:
            _refused.reset(token)

    async def _follow(self, url: URL, parameter: str, max_bytes: int) -> bytes:
        """Follow redirects by hand: each target passes the same checks as the first URL."""
        for _ in range(self._settings.max_redirects + 1):
            proxy = self._proxy(url)
            async with self._opened.get(url, headers=_HEADERS, allow_redirects=False, proxy=proxy) as response:
                location = response.headers.get("Location")
                if response.status not in _REDIRECTS or location is None:
                    return await _read(response, parameter, max_bytes)
            url = _next_url(url, location, parameter)
        raise ApiError("download_redirects", parameter=parameter, limit=self._settings.max_redirects)

    @property
    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("Fetcher.start() has not run")
        return self._session

    def _proxy(self, url: URL) -> str | None:
        return proxy_for(url) if self._settings.use_proxy_env else None

    def _guarded_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """A socket for one resolved address, or `ForbiddenAddress`: the guard itself."""
        family, kind, proto, _, where = info
        if not is_allowed(str(where[0]), self._allow):
            _refused.get().append(str(where[0]))
            raise ForbiddenAddress(f"not allowed: {where[0]}")
        return socket.socket(family=family, type=kind, proto=proto)


def proxy_for(url: URL) -> str | None:
    """The environment's proxy for this URL. Not `trust_env`: that would also send the operator's netrc passwords."""
    if proxy_bypass(url.host or ""):
        return None
    return getproxies().get(url.scheme)


def _next_url(url: URL, location: str, parameter: str) -> URL:
    try:
        return check_url(urljoin(str(url), location), parameter=parameter)
    except (ApiError, ValueError) as error:
        raise ApiError("download_redirect_illegal", cause=error, parameter=parameter) from error


async def _read(response: aiohttp.ClientResponse, parameter: str, max_bytes: int) -> bytes:
    """The body, never holding more than `max_bytes` and one chunk."""
    if response.status != 200:
        raise ApiError("download_status", parameter=parameter, status=response.status)
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise ApiError("download_encoded", cause=encoding[:80], parameter=parameter)
    too_large = ApiError("image_size_exceed", parameter=parameter, limit=megabytes((max_bytes // 3 + 1) * 4))
    if (response.content_length or 0) > max_bytes:
        raise too_large
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > max_bytes:
            raise too_large
    if not body:
        raise ApiError("image_empty", parameter=parameter)
    return bytes(body)


def _as_api_error(error: Exception, refused: list[str], parameter: str) -> ApiError:
    """What the caller may know of a failed connection. The cause, with addresses, goes to the log only."""
    cause = f"{type(error).__name__}: {error}" + (f"; refused {', '.join(refused)}" if refused else "")
    reason = "download_failed"
    if refused:
        reason = "download_forbidden"
    elif isinstance(error, aiohttp.ClientConnectorDNSError):
        reason = "download_unresolved"
    elif isinstance(error, (aiohttp.ClientConnectorCertificateError, ssl.CertificateError)):
        reason = "download_certificate"
    return ApiError(reason, cause=cause, parameter=parameter)
