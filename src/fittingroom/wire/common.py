"""The common parameters of a request, wherever its signature method puts them: headers (TC3) or parameters (v1).

Invariant: text that clients send for "nothing" (`""`, `null`, `undefined`) is None here, once for all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fittingroom.errors import ApiError, Language

V1_NAMES = frozenset(
    {
        "Action",
        "Language",
        "Nonce",
        "Region",
        "RequestClient",
        "SecretId",
        "Signature",
        "SignatureMethod",
        "Timestamp",
        "Token",
        "Version",
    }
)
"""Parameters of a v1 request that are not the action's own."""

_NOTHING = frozenset({"", "null", "undefined"})
_INTEGER = re.compile(r"-?[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class CommonParameters:
    """What every request says besides its action's own parameters; None where it says nothing."""

    action: str | None
    version: str | None
    timestamp: str | None
    region: str | None
    token: str | None
    language: Language
    client: str | None


def from_headers(headers: Mapping[str, str]) -> CommonParameters:
    """Of a TC3 request, whose headers are called like the parameters of v1. headers: lower-case name -> value."""
    return from_pairs({name: headers[header] for name in V1_NAMES if (header := f"x-tc-{name.lower()}") in headers})


def from_pairs(pairs: Mapping[str, str]) -> CommonParameters:
    """Of a v1 request."""
    return CommonParameters(
        action=present(pairs.get("Action")),
        version=present(pairs.get("Version")),
        timestamp=present(pairs.get("Timestamp")),
        region=present(pairs.get("Region")),
        token=present(pairs.get("Token")),
        language=language(pairs.get("Language")),
        client=present(pairs.get("RequestClient")),
    )


def language(tag: str | None) -> Language:
    """The language of messages: Chinese when asked for, else English."""
    return "zh-CN" if tag is not None and tag.strip().lower() == "zh-cn" else "en-US"


def require(value: str | None, name: str) -> str:
    """`value`, or `ApiError("missing_parameter")`."""
    if value is None:
        raise ApiError("missing_parameter", parameter=name)
    return value


def require_integer(value: str | None, name: str) -> str:
    """`value` as it was sent, which must be a decimal integer."""
    if not _INTEGER.fullmatch(require(value, name)):
        raise ApiError("common_parameter_type", parameter=name)
    return require(value, name)


def present(value: str | None) -> str | None:
    """A common parameter's value, or None where it says nothing."""
    return None if value is None or value.strip() in _NOTHING else value.strip()
