"""From which address a caller comes.

It is the socket's, unless that one belongs to a proxy of the operator's: then it is the rightmost address of
X-Forwarded-For that does not, since each proxy adds on the right what it saw and everything further left is only what
the caller claims. Invariant: who is not behind a trusted proxy cannot choose the address that is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from starlette.types import Scope

from fittingroom.accounts.cam import Address

IPV6_SITE = 64
"""Bits of an IPv6 address that name a site: everybody has 2**64 addresses, so single ones are not worth counting."""

_IPV4_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")
_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+)\](:[0-9]{1,5})?")


class Addresses:
    """Tells callers' addresses. trusted: networks (CIDR) of the operator's proxies."""

    def __init__(self, trusted: Iterable[str]) -> None:
        self._trusted = tuple(ip_network(text) for text in trusted)

    def of(self, scope: Scope) -> Address | None:
        """The caller's address; an IPv4 address mapped into IPv6 is told as IPv4. None: the socket has none."""
        client = scope.get("client")
        peer = _parse(client[0]) if client else None
        if peer is None or not self._is_trusted(peer):
            return peer
        return self._forwarded(_forwarded_for(scope)) or peer

    def _forwarded(self, entries: Sequence[str]) -> Address | None:
        """The rightmost untrusted address, or the leftmost where all are trusted. None: it cannot be read."""
        found: Address | None = None
        for entry in reversed(entries):
            found = _parse(entry)
            if found is None or not self._is_trusted(found):
                break
        return found

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def counted_as(address: Address | None) -> str:
    """The name under which an address's requests are counted: itself, or the site (/64) of an IPv6 address."""
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address) >> IPV6_SITE << IPV6_SITE, IPV6_SITE)))
    return str(address)


def _forwarded_for(scope: Scope) -> list[str]:
    """All entries of all X-Forwarded-For headers: a proxy may add a line of its own below the caller's."""
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"x-forwarded-for"]
    return ",".join(lines).split(",") if lines else []


def _parse(text: str) -> Address | None:
    """An address, also with a port as some proxies write it, without its zone. None: it is none."""
    bare = text.strip()
    if found := _IPV4_WITH_PORT.fullmatch(bare) or _BRACKETED.fullmatch(bare):
        bare = found[1]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
