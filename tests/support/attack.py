"""A server under attack, as the hostile tests see it: its limits, a signed call with anything in it, what is allowed.

Invariant: a refusal counts only as a published code in the API's own form, and InternalError is never one that a
caller may cause.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from picture_server import PictureServer
from raw_http import Answer, exchange, post, signed
from running_server import RunningServer

from fittingroom.client import Credential
from fittingroom.errors.catalogue import CATALOGUE

FETCH_SECONDS, BODY_SECONDS, HEADER_SECONDS = 1.5, 1.5, 1.5
LIMITS = {
    "FITTINGROOM_FETCH__TIMEOUT": str(FETCH_SECONDS),
    "FITTINGROOM_WIRE__BODY_TIMEOUT": str(BODY_SECONDS),
    "FITTINGROOM_SERVER__HEADER_TIMEOUT": str(HEADER_SECONDS),
    "FITTINGROOM_LIMITS__CONCURRENCY": "8",
}


@dataclass(frozen=True)
class Target:
    """The server under attack, a key to it, and the origin that it fetches from."""

    server: RunningServer
    key: Credential
    origin: PictureServer
    person: str
    garment: str

    @property
    def port(self) -> int:
        return self.server.port

    def call(self, **changes: object) -> Answer:
        """A signed call with good parameters, changed."""
        good = {"ModelUrl": self.person, "ClothesUrl": self.garment, "ClothesType": "Upper-body", "LogoAdd": 0}
        return self.send(json.dumps({**good, **changes}).encode())

    def send(self, body: bytes, **extra: str) -> Answer:
        """A signed call with any body."""
        headers = signed(self.key, self.port, body, {name.replace("_", "-"): value for name, value in extra.items()})
        return exchange(self.port, post(headers, body), timeout=20)

    def open_files(self) -> int:
        """How many file descriptors the server holds."""
        return sum(1 for _ in Path(f"/proc/{self.server.process.pid}/fd").iterdir())


def published(answer: Answer) -> str:
    """The code of a refusal in the API's own form; InternalError is not one that a caller may cause."""
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.response["RequestId"]
    assert answer.code in CATALOGUE
    assert answer.code != "InternalError", answer.response
    return answer.code
