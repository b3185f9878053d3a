"""The signature of a result's URL: who holds the URL may read, nobody else, and only until it expires.

HMAC-SHA256 over name and expiry with a key that never leaves the server, compared in constant time. Invariant: no
look at the disk happens for a URL whose signature does not fit, so guessing names tells nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from fittingroom.errors import ResultForbidden, ResultGone

_PURPOSE: Final = b"fittingroom result url 1\n"
_OWNER: Final = b"fittingroom result owner 1\n"


def sign(secret: bytes, name: str, expires: int) -> str:
    """The signature, 64 hex digits. expires: Unix seconds."""
    return hmac.new(secret, _PURPOSE + f"{name}\n{expires}".encode(), hashlib.sha256).hexdigest()


def owner(secret: bytes, account_id: str) -> str:
    """Sixteen hex digits that tell an account's results to whoever knows the account and the key, and nobody else."""
    return hmac.new(secret, _OWNER + account_id.encode(), hashlib.sha256).hexdigest()[:16]


def check(secret: bytes, name: str, query: Mapping[str, str], now: float) -> None:
    """Raise `ResultForbidden` where `query` does not sign `name`, `ResultGone` where it did until a time now past."""
    expires, signature = query.get("expires", ""), query.get("signature", "")
    if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
        raise ResultForbidden("no expiry")
    if not hmac.compare_digest(sign(secret, name, int(expires)).encode(), signature.encode("utf-8", "replace")):
        raise ResultForbidden("signature does not fit")
    if now >= int(expires):
        raise ResultGone("expired")
