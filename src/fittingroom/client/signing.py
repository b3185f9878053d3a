"""TC3-HMAC-SHA256 as a caller computes it: the headers of one signed POST.

Only `content-type` and `host` are signed, as the official SDKs do; the body is covered by its hash. Invariant: the
same inputs give the same headers (the time is an argument), which is how the published test vectors check it.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime

ALGORITHM = "TC3-HMAC-SHA256"
SIGNED_HEADERS = "content-type;host"
CONTENT_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Credential:
    """A key as `fittingroom keys create` prints it; `token` only with a temporary one."""

    secret_id: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def signed_headers(
    credential: Credential, *, host: str, body: bytes, timestamp: int, service: str = "aiart"
) -> dict[str, str]:
    """The headers Host, Content-Type, X-TC-Timestamp and Authorization of a POST to `/`.

    host: exactly what the request will carry, with the port where it is not the scheme's own.
    timestamp: Unix seconds; the server refuses one that is more than five minutes off.
    """
    date = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
    scope = f"{date}/{service}/tc3_request"
    canonical = "\n".join(
        ("POST", "/", "", f"content-type:{CONTENT_TYPE}", f"host:{host}", "", SIGNED_HEADERS, _sha256(body))
    )
    to_sign = "\n".join((ALGORITHM, str(timestamp), scope, _sha256(canonical.encode())))
    key = ("TC3" + credential.secret_key).encode()
    for part in (date, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return {
        "Host": host,
        "Content-Type": CONTENT_TYPE,
        "X-TC-Timestamp": str(timestamp),
        "Authorization": f"{ALGORITHM} Credential={credential.secret_id}/{scope}, "
        f"SignedHeaders={SIGNED_HEADERS}, Signature={signature}",
    }


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
