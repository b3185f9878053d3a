"""The older signature, HmacSHA1 or HmacSHA256 over all parameters, which Node's intl SDK still uses by default.

The signed text holds the decoded values as they came, so the pairs are kept as text for it and typed only later.
Invariant: `matches` is a pure function of request, key and host names, and compares in constant time.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

METHODS = {"HmacSHA1": "sha1", "HmacSHA256": "sha256"}
DEFAULT_METHOD = "HmacSHA1"


@dataclass(frozen=True, slots=True)
class V1Request:
    """A request signed with v1. pairs: every parameter as decoded text, the signature included."""

    method: str
    pairs: Mapping[str, str]

    @property
    def secret_id(self) -> str:
        """Whose key is claimed."""
        return self.pairs["SecretId"]

    @property
    def timestamp(self) -> str:
        """Decimal seconds, as sent."""
        return self.pairs["Timestamp"]

    def matches(self, secret_key: str, hosts: Sequence[str]) -> bool:
        """Whether `secret_key` made this signature with any of `hosts`."""
        digest = METHODS[self.pairs.get("SignatureMethod") or DEFAULT_METHOD]
        given = self.pairs["Signature"].strip().encode()  # Ruby's carries a trailing newline
        joined = "&".join(f"{name}={value}" for name, value in sorted(self.pairs.items()) if name != "Signature")
        fits = False
        for host in hosts:
            signed = f"{self.method}{host}/?{joined}".encode()
            expected = base64.b64encode(hmac.digest(secret_key.encode(), signed, digest))
            fits |= hmac.compare_digest(expected, given)
        return fits
