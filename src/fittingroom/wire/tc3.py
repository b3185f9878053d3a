"""The signature TC3-HMAC-SHA256: reading the Authorization header and computing what it should say.

Everything is bytes as received: the body is never parsed and written again, the query never re-encoded. The service
is taken from the credential, because most SDKs put the first label of their endpoint there. Invariant: `matches` is a
pure function of request, key and host names, and compares in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fittingroom.errors import ApiError

ALGORITHM = "TC3-HMAC-SHA256"
UNSIGNED = b"UNSIGNED-PAYLOAD"
MAX_SIGNED_HEADERS = 64


@dataclass(frozen=True, slots=True)
class Authorization:
    """The header's parts. date: `YYYY-MM-DD` as sent; service: as sent; signed_headers: names in their order."""

    secret_id: str
    date: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str


@dataclass(frozen=True, slots=True)
class Tc3Request:
    """A request signed with TC3. headers: lower-case name -> raw value, without Host. query: as sent, empty for a POST.
    payload: the body, empty for a GET, or `UNSIGNED`."""

    authorization: Authorization
    timestamp: str
    method: str
    query: bytes
    headers: dict[str, bytes]
    payload: bytes

    @property
    def secret_id(self) -> str:
        """Whose key is claimed."""
        return self.authorization.secret_id

    def matches(self, secret_key: str, hosts: Sequence[str]) -> bool:
        """Whether `secret_key` made this signature with any of `hosts` as Host."""
        signing_key = derive_key(secret_key, self.authorization.date, self.authorization.service)
        given = self.authorization.signature.encode()
        found = self.authorization.date == utc_date(self.timestamp)
        fits = False
        for canonical in self._canonical_requests(hosts):
            expected = _hmac(signing_key, self._string_to_sign(canonical)).hex().encode()
            fits |= hmac.compare_digest(expected, given)
        return fits and found

    def _string_to_sign(self, canonical: bytes) -> bytes:
        scope = f"{self.authorization.date}/{self.authorization.service}/tc3_request"
        return f"{ALGORITHM}\n{self.timestamp}\n{scope}\n{hashlib.sha256(canonical).hexdigest()}".encode()

    def _canonical_requests(self, hosts: Sequence[str]) -> Iterator[bytes]:
        """Per host the canonical request with header values as sent, then, if that differs, in lower case."""
        payload_hash = hashlib.sha256(self.payload).hexdigest().encode()
        signed = ";".join(self.authorization.signed_headers).encode()
        for host in hosts:
            values = {**self.headers, "host": host.encode("latin-1", "replace")}
            lines = [(name.encode(), values.get(name, b"").strip()) for name in self.authorization.signed_headers]
            plain = b"".join(b"%s:%s\n" % line for line in lines)
            for canonical_headers in dict.fromkeys((plain, plain.lower())):
                yield b"\n".join((self.method.encode(), b"/", self.query, canonical_headers, signed, payload_hash))


def derive_key(secret_key: str, date: str, service: str) -> bytes:
    """The key that signs all requests of one day to one service."""
    day = _hmac(f"TC3{secret_key}".encode(), date.encode())
    return _hmac(_hmac(day, service.encode()), b"tc3_request")


def utc_date(timestamp: str) -> str:
    """`YYYY-MM-DD` in UTC of a timestamp in decimal seconds; empty when no calendar has that day."""
    try:
        return time.strftime("%Y-%m-%d", time.gmtime(int(timestamp)))
    except (OverflowError, OSError, ValueError):
        return ""


def parse_authorization(header: str) -> Authorization:
    """Read the header; `ApiError("authorization_invalid")` where it is not of the documented form."""
    scheme, _, rest = header.strip().partition(" ")
    fields = dict(_field(part) for part in rest.split(","))
    credential = fields.get("Credential", "").split("/")
    names = tuple(fields.get("SignedHeaders", "").split(";"))
    signature = fields.get("Signature", "")
    well_formed = (
        scheme == ALGORITHM
        and len(fields) == 3
        and len(credential) == 4
        and all(credential)
        and credential[3] == "tc3_request"
        and {"content-type", "host"} <= set(names)
        and len(names) <= MAX_SIGNED_HEADERS
        and signature != ""
        and header.isascii()
    )
    if not well_formed:
        raise ApiError("authorization_invalid")
    secret_id, date, service, _ = credential
    return Authorization(secret_id, date, service, names, signature)


def _field(part: str) -> tuple[str, str]:
    name, _, value = part.strip().partition("=")
    return name, value


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
