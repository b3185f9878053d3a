"""HTTP by hand over a plain socket, for requests that no library would send.

Invariant: every wait has an end, so a server that hangs fails the test that made it hang.
"""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fittingroom.client import Credential
from fittingroom.client.signing import signed_headers


@dataclass(frozen=True)
class Answer:
    """status 0: the server closed the connection without an answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def response(self) -> dict[str, Any]:
        """The `Response` object of an API answer."""
        parsed: dict[str, Any] = json.loads(self.body)["Response"]
        return parsed

    @property
    def code(self) -> str | None:
        """The code of an API error; None for a success."""
        error = self.response.get("Error")
        return None if error is None else str(error["Code"])


CLOSED = Answer(0, {}, b"")


@contextlib.contextmanager
def connected(port: int, timeout: float = 15.0) -> Iterator[socket.socket]:
    """A connection to the server under test."""
    with socket.create_connection(("127.0.0.1", port), timeout) as made:
        yield made


def exchange(port: int, request: bytes, timeout: float = 15.0) -> Answer:
    """Send these bytes on a connection of their own and read one answer."""
    with connected(port, timeout) as made:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            made.sendall(request)  # the server may answer and hang up before it has read all
        return read_answer(made)


def read_answer(made: socket.socket) -> Answer:
    """One answer, or `CLOSED`. Raises TimeoutError when neither comes."""
    data = bytearray()
    while b"\r\n\r\n" not in data:
        if not (chunk := _receive(made)):
            return CLOSED
        data += chunk
    head, _, body = bytes(data).partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    status = int(lines[0].split()[1])
    wanted = int(headers.get("content-length", 0))
    while len(body) < wanted:
        if not (chunk := _receive(made)):
            return CLOSED
        body += chunk
    return Answer(status, headers, body)


def closed_within(made: socket.socket, seconds: float) -> bool:
    """Whether the server hangs up (whatever it says before) within that time."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        made.settimeout(left)
        try:
            if not _receive(made):
                return True
        except TimeoutError:
            return False
    return False


def signed(key: Credential, port: int, body: bytes, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The headers of a signed ChangeClothes POST with this body."""
    headers = signed_headers(key, host=f"127.0.0.1:{port}", body=body, timestamp=int(time.time()))
    headers |= {"X-TC-Action": "ChangeClothes", "X-TC-Version": "2022-12-29", "Content-Length": str(len(body))}
    return headers | dict(extra or {})


def post(headers: Mapping[str, str], body: bytes, target: str = "/") -> bytes:
    """The bytes of a POST."""
    return request("POST", target, headers) + body


def request(method: str, target: str, headers: Mapping[str, str]) -> bytes:
    """The bytes of a request's head."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode("utf-8", "surrogateescape")


def _receive(made: socket.socket) -> bytes:
    try:
        return made.recv(65536)
    except ConnectionResetError:
        return b""
