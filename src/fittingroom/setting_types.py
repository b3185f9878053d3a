"""What settings are made of: the base of a room's settings, and the types of values that several rooms share.

Invariant: a value that is not allowed is refused with a message that does not quote it where it may be a secret.
"""

from __future__ import annotations

import json
from base64 import b64decode
from ipaddress import ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

MIB = 1024 * 1024

Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


def _split(value: object) -> object:
    """Lists may be given in the environment as JSON or as words between commas."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [word.strip() for word in value.split(",") if word.strip()]


def _network(value: str) -> str:
    return str(ip_network(value, strict=False))


def web_address(value: str) -> str:
    """An http or https URL with a host, without user name and fragment. Raises ValueError."""
    parts = urlsplit(value)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or "@" in parts.netloc
        or parts.fragment
        or parts.port == 0
    ):
        raise ValueError("must be an http or https URL with a host, without user name and fragment")
    return value


def webhook_secret(value: SecretStr) -> SecretStr:
    """A secret as Standard Webhooks write it. Raises ValueError."""
    prefix, encoded = value.get_secret_value()[:6], value.get_secret_value()[6:]
    try:
        size = len(b64decode(encoded, validate=True))
    except ValueError:
        size = 0
    if prefix != "whsec_" or not 24 <= size <= 64:
        raise ValueError("must be `whsec_` and the Base64 of 24 to 64 bytes")
    return value


Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], BeforeValidator(_split)]


class Section(BaseModel):
    """Base of a room's settings: frozen, and a name that does not exist is an error rather than ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
