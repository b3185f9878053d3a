"""Signing what this server posts to others, by Standard Webhooks, so that ready-made libraries verify it.

Invariant: a body is signed by the message's id and time too, so neither can be put to another body.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook


def signed_headers(message_id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The headers of a POST of JSON. timestamp: Unix seconds. body: UTF-8.

    secrets: `whsec_...`, each of which signs; none: unsigned.
    """
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "fittingroom",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
    }
    if secrets:
        text, at = body.decode(), datetime.fromtimestamp(timestamp, UTC)
        headers["webhook-signature"] = " ".join(Webhook(secret).sign(message_id, at, text) for secret in secrets)
    return headers
