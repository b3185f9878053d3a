"""Networks of a condition or of an account's address lists, put together for quick questions.

An address is looked up by its leading bits, one set per prefix length, so a list of hundreds costs as little as one of
two. Invariant: an IPv4 address written as IPv6 (`::ffff:10.0.0.1`) is the IPv4 address, in lists and in questions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_MAPPED_BITS = 96
_LONGEST = 64


def plain(address: Address) -> Address:
    """The address, as IPv4 where it is one in IPv6's clothes."""
    return getattr(address, "ipv4_mapped", None) or address


def parse_network(text: str) -> Network:
    """An address, or a network as address/length; bits behind the length are dropped, as CAM does.

    Raises `ValueError` with what to write instead.
    """
    if text == "*":
        raise ValueError("for any address leave the condition out")
    _, slash, length = text.partition("/")
    if len(text) > _LONGEST or "%" in text or (slash and not (length.isascii() and length.isdigit())):
        raise ValueError("write an address, or a network as address/length")
    if "*" in text:
        raise ValueError("stars are not for addresses; write a network such as 10.121.2.0/24")
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(
            "write an address such as 10.0.0.1 or a network such as 10.0.0.0/8 or 2001:db8::/32"
        ) from error
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped is not None and network.prefixlen >= _MAPPED_BITS:
        return IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))
    return network


@dataclass(frozen=True, slots=True)
class Networks:
    """A set of networks. Make it by `of` or `parse`; empty, it holds no address."""

    _tables: dict[int, tuple[tuple[int, frozenset[int]], ...]] = field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, networks: Iterable[Network]) -> Networks:
        """From networks of `ipaddress`."""
        tables: dict[int, dict[int, set[int]]] = {}
        for given in networks:
            network = parse_network(str(given))
            shift = network.max_prefixlen - network.prefixlen
            starts = tables.setdefault(network.version, {}).setdefault(shift, set())
            starts.add(int(network.network_address) >> shift)
        return cls({v: tuple((shift, frozenset(starts)) for shift, starts in t.items()) for v, t in tables.items()})

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Networks:
        """From texts. Raises `ValueError` with what to write instead."""
        return cls.of(parse_network(text) for text in texts)

    def __bool__(self) -> bool:
        return bool(self._tables)

    def __contains__(self, address: Address) -> bool:
        address = plain(address)
        number = int(address)
        return any(number >> shift in starts for shift, starts in self._tables.get(address.version, ()))
