"""Under which address a browser came to this server, for the programs that a page shows and the cookies that it sets.

Invariant: what a proxy says counts only where the operator trusts it, and a Host header that is no host name never
reaches a program that somebody copies.
"""

from __future__ import annotations

from starlette.requests import Request

from fittingroom.settings import Settings
from fittingroom.wire.hosts import base_url


def host_of(request: Request, settings: Settings) -> str:
    """The host with its port as the browser knows it, "" where nobody told one."""
    host = request.headers.get("host", "")
    return request.headers.get("x-forwarded-host", host) if settings.wire.trust_forwarded_host else host


def endpoint_of(request: Request, settings: Settings) -> str:
    """`scheme://host[:port]` for a caller of the API: the operator's `results.public_url`, or what the browser used."""
    host, public = host_of(request, settings), settings.results.public_url
    return base_url(request.scope, host=host, proto=_proto(request, settings), public_url=public)


def is_secure(request: Request, settings: Settings) -> bool:
    """Whether the browser speaks https, to us or to a proxy that is trusted."""
    return (_proto(request, settings) or request.url.scheme) == "https"


def _proto(request: Request, settings: Settings) -> str | None:
    return request.headers.get("x-forwarded-proto") if settings.wire.trust_forwarded_host else None
