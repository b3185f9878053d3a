"""May a connection be opened to this address? Stand-alone: the standard library and nothing else.

An address may hide another one: an IPv6 form that carries IPv4 is sent on to that IPv4 host by a translator or a
relay, so it is unwrapped before it is judged. What is left must be global unicast.

    RFC 1918, 6598, 3927, 5737, 6890   IPv4 special purpose       RFC 4193, 4291, 3879   IPv6 local scopes
    RFC 6052, 8215                     NAT64 64:ff9b::/96          RFC 3056, 7526         6to4 2002::/16
    RFC 4380                           Teredo 2001::/32            RFC 4291 2.5.5         v4-mapped and v4-compatible
    RFC 5214                           ISATAP interface ids

`ipaddress.is_global` alone is not enough: Python 3.11 calls NAT64, 6to4, `::127.0.0.1`, `fec0::/10` and multicast
global. Invariant: an address that this module cannot place is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64: Final = IPv6Network("64:ff9b::/96")
_V4_COMPATIBLE: Final = IPv6Network("::/96")
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NEVER: Final[tuple[Network, ...]] = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv6Network("2001::/23"),  # protocol assignments: Teredo, ORCHID, benchmarking
    IPv6Network("3fff::/20"),  # documentation
)
_ISATAP_IDS: Final = frozenset({0x0000_5EFE, 0x0200_5EFE})


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """CIDR texts as networks; host bits are ignored. Raises ValueError on a text that is no network."""
    return tuple(ip_network(text, strict=False) for text in texts)


def is_allowed(address: str, allow_nets: Iterable[Network] = ()) -> bool:
    """Whether a connection to `address` may be opened.

    address: IPv4 or IPv6 in text, as the resolver gives it; a text that is no address is refused.
    allow_nets: networks that may be reached although they are not public. Naming the network of a hidden IPv4 address
    allows every IPv6 form of it as well.
    """
    try:
        outer = ip_address(address)
    except ValueError:
        return False
    allowed = tuple(allow_nets)
    if _within(outer, allowed):
        return True
    inner = embedded(outer)
    if inner and not all(_within(one, allowed) or _is_public(one) for one in inner):
        return False
    return bool(inner and _only_a_wrapper(outer)) or _is_public(outer)


def embedded(address: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address carries and that its packets may end at; () for none."""
    if isinstance(address, IPv4Address):
        return ()
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    low = IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in _NAT64 or address in _V4_COMPATIBLE or (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP_IDS:
        return (low,)
    return ()


def _only_a_wrapper(address: Address) -> bool:
    """Forms whose only destination is the IPv4 host inside, so that its verdict is the whole verdict."""
    if isinstance(address, IPv4Address):
        return False
    return address.ipv4_mapped is not None or address in _NAT64 or address.sixtofour is not None


def _is_public(address: Address) -> bool:
    if address.is_multicast or not address.is_global or _within(address, _NEVER):
        return False
    return isinstance(address, IPv4Address) or address in _GLOBAL_UNICAST


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks if network.version == address.version)
