"""Whether a request to a page comes from the page itself, and not from another site in the same browser.

A page on this machine can be reached by any site that the person visits: by a form or script (told by `Origin` and
`Sec-Fetch-Site`), or by a name of the site's own that suddenly resolves to 127.0.0.1 (told by `Host`). Invariant: a
server that listens on a loopback address answers pages under loopback names alone, unless the operator names others.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import Request

from fittingroom.pages.address import host_of
from fittingroom.pages.examples import AUTHORITY
from fittingroom.settings import Settings

SAFE = frozenset({"GET", "HEAD"})


def is_loopback(host: str) -> bool:
    """Whether a listening address or host name is this machine alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """Judges requests by the settings' host names."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._any = not is_loopback(settings.server.host) and not settings.pages.hosts
        self._names = frozenset(name.lower() for name in settings.pages.hosts)

    def allows(self, request: Request) -> bool:
        """Whether the request may be answered."""
        host = host_of(request, self._settings)
        return self._known(host) and (request.method in SAFE or _from_itself(request, host))

    def _known(self, host: str) -> bool:
        if not AUTHORITY.fullmatch(host):  # the pages show programs that name it
            return False
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return self._any or name in self._names or is_loopback(name)


def _from_itself(request: Request, host: str) -> bool:
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:  # a bracket without an address in it
        return False
