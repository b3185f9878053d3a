"""Checks of single values that several actions share: what can be refused before any work is done for it.

Invariant: a check names the parameter and what is allowed, and tells nothing of where a URL leads: that is the
fetcher's to judge, when it connects.
"""

from __future__ import annotations

from ipaddress import ip_address

from fittingroom.errors import ApiError
from fittingroom.images.netguard import is_allowed, parse_networks
from fittingroom.images.url import check_url

_SHOWN = 64


def check_picture_url(url: str, parameter: str) -> None:
    """The form of a URL that must be there. Raises `ApiError`: image_empty, url_..."""
    if not url.strip():
        raise ApiError("image_empty", parameter=parameter)
    check_url(url, parameter=parameter)


def check_callback_url(url: str, parameter: str, allow_nets: tuple[str, ...]) -> None:
    """A URL that will be posted to: its form, and no private address that is written out in it.

    allow_nets: networks (CIDR) that may be reached nevertheless. Raises `ApiError`: url_..., download_forbidden.
    """
    host = check_url(url, parameter=parameter).host or ""
    if _is_address(host) and not is_allowed(host, parse_networks(allow_nets)):
        raise ApiError("download_forbidden", parameter=parameter)


def check_choice(value: str, parameter: str, choices: tuple[str, ...]) -> None:
    """One of `choices`, exactly as written. Raises `ApiError("choice_value")`."""
    if value not in choices:
        raise ApiError("choice_value", value=value[:_SHOWN], parameter=parameter, choices=", ".join(choices))


def check_range(value: float, parameter: str, least: float, most: float) -> None:
    """From `least` to `most`. Raises `ApiError("number_range")`."""
    if not least <= value <= most:
        raise ApiError("number_range", value=f"{value:g}"[:_SHOWN], parameter=parameter, least=least, most=most)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
