"""Is this text a URL that may be fetched? Syntax only; where it leads is judged when the connection is opened.

The URL is taken apart once and put together again from the checked parts, so that no later parser can read it
differently. Path and query are kept byte for byte (a signed URL stays valid), apart from percent-encoding what is
not ASCII. Invariant: a returned URL is absolute, http or https, without user name and fragment, all ASCII.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final
from urllib.parse import quote, urlsplit

import idna
from yarl import URL

from fittingroom.errors import ApiError

MAX_URL: Final = 4096
"""Characters. Signed URLs of object stores with a session token stay below half of it."""

_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\\]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_NETLOC: Final = re.compile(r"(?:\[(?P<v6>[^\[\]]*)\]|(?P<name>[^:\[\]]*))(?::(?P<port>[^:]*))?")
_KEEP: Final = "".join(chr(code) for code in range(0x21, 0x7F))

# Where a caller could make this server speak HTTP to something that is not HTTP.
_OTHER_SERVICES: Final = frozenset(
    {1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109}
    | {110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 445, 465, 512, 513, 514, 515, 526}
    | {530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3306, 3659}
    | {4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 11211, 27017}
)


def check_url(text: str, *, parameter: str) -> URL:
    """The URL to fetch. Raises `ApiError` (`url_...`, all UrlIllegal) that names `parameter` and what is wrong."""
    if len(text) > MAX_URL:
        raise ApiError("url_too_long", parameter=parameter, limit=MAX_URL)
    if _FORBIDDEN.search(text) or _SURROGATE.search(text):
        raise ApiError("url_characters", parameter=parameter)
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise ApiError("url_host", cause=error, parameter=parameter) from error
    if parts.scheme not in ("http", "https"):
        raise ApiError("url_scheme", parameter=parameter)
    if "@" in parts.netloc:
        raise ApiError("url_userinfo", parameter=parameter)
    found = _NETLOC.fullmatch(parts.netloc)
    if found is None:
        raise ApiError("url_host", cause="not host or host:port", parameter=parameter)
    host = _host(found["v6"], found["name"], parameter)
    port = _port(found["port"] or "", parameter)
    path = quote(parts.path or "/", safe=_KEEP)
    query = "?" + quote(parts.query, safe=_KEEP) if parts.query else ""
    return URL(f"{parts.scheme}://{host}{port}{path}{query}", encoded=True)


def _host(v6: str | None, name: str, parameter: str) -> str:
    """The host as it goes into the URL: an IPv4 address, an IPv6 address in brackets, or an ASCII domain name."""
    try:
        if v6 is not None:
            return f"[{_v6(v6)}]"
        ascii_name = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
        ascii_name = ascii_name.removesuffix(".")
        labels = ascii_name.split(".")
        if _NUMBER.fullmatch(labels[-1]):
            return str(IPv4Address(ascii_name))
    except (AddressValueError, idna.IDNAError) as error:
        raise ApiError("url_host", cause=error, parameter=parameter) from error
    if len(ascii_name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ApiError("url_host", cause=f"not a domain name: {ascii_name[:80]!r}", parameter=parameter)
    return ascii_name


def _v6(text: str) -> IPv6Address:
    if "%" in text:
        raise AddressValueError("a zone id means nothing to another machine")
    return IPv6Address(text)


def _port(digits: str, parameter: str) -> str:
    """`:port` as it goes into the URL, or nothing."""
    if not digits:
        return ""
    if not (digits.isascii() and digits.isdigit()) or not 0 < int(digits[:6]) < 65536 or int(digits) in _OTHER_SERVICES:
        raise ApiError("url_port", parameter=parameter)
    return f":{int(digits)}"
