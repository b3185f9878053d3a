"""What one request leaves behind: its id, what became known of it on the way, and one line in the log.

Invariant: the line holds no parameter, no query of a URL, no secret, and nothing of a picture.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field

import structlog

from fittingroom.errors import Language
from fittingroom.logs import scrubbed

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Trail:
    """Filled in as the request goes on. code: `OK` or the answered code. body_pending: part of the body was not read,
    so the connection cannot be used again."""

    method: str
    language: Language = "en-US"
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: float = field(default_factory=time.monotonic)
    action: str | None = None
    account: str | None = None
    client: str | None = None
    bytes_in: int = 0
    code: str = "OK"
    reason: str | None = None
    cause: object = None
    body_pending: bool = False

    def write(self) -> None:
        """Write the request's line."""
        log.info(
            "request",
            request_id=self.request_id,
            method=self.method[:16],
            action=self.action,
            account=self.account,
            client=self.client[:64] if self.client else None,
            bytes_in=self.bytes_in,
            code=self.code,
            reason=self.reason,
            cause=None if self.cause is None else scrubbed(str(self.cause))[:500],
            seconds=round(time.monotonic() - self.started, 4),
        )
