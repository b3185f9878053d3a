"""Which host names a client may have signed, and under which it reaches this server.

Clients differ: most sign the Host header they send, Node drops the port, tccli sends a whole URL as Host, and behind a
proxy or an API gateway the signed name is a public one. Trying a few names gives an attacker nothing: every one of
them still needs the key. Invariant: the order and number of candidates do not depend on the key.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address

from starlette.types import Scope

_PORT = re.compile(r":\d{1,5}$")
_SCHEME = re.compile(r"^https?://", re.IGNORECASE)
_AUTHORITY = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def candidates(host: str, *, forwarded: str | None, public: Sequence[str]) -> tuple[str, ...]:
    """Names to try, each once: Host verbatim, without port, public names, the trusted X-Forwarded-Host."""
    names = [host, _PORT.sub("", host), *public]
    if forwarded:
        names.append(forwarded)
    return tuple(dict.fromkeys(names))


def services_of(host: str, product: str) -> frozenset[str]:
    """What a credential's service may be in strict mode: the product, or the host's first label with or without port.

    product: the action's, `aiart` or `sts`.
    """
    bare = _SCHEME.sub("", host)
    return frozenset({product, bare.split(".")[0], _PORT.sub("", bare).split(".")[0]})


def _is_authority(text: str) -> bool:
    if not _AUTHORITY.fullmatch(text):
        return False
    try:
        return not text.startswith("[") or ip_address(text[1 : text.index("]")]).version == 6
    except ValueError:
        return False


def base_url(scope: Scope, *, host: str, proto: str | None, public_url: str | None) -> str:
    """The base of absolute URLs to this server, without trailing slash.

    public_url: the operator's word, which wins. host: the Host header, which may itself hold a scheme; one that is no
    host name is replaced by the address of our socket. proto: the trusted X-Forwarded-Proto.
    """
    if public_url:
        return public_url.rstrip("/")
    scheme = proto if proto in {"http", "https"} else scope["scheme"]
    authority = _SCHEME.sub("", host)
    if not _is_authority(authority):
        address, port = scope.get("server") or ("localhost", None)
        authority = f"[{address}]" if ":" in address else address
        authority += f":{port}" if port else ""
    return f"{scheme}://{authority}"
