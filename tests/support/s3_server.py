"""A real S3 server of its own on a free loopback port: OpenStack Swift, with its files in a folder that the test names.

It checks signatures and expiry as S3 does; `swift_s3.py` says what it is made of. A restart forgets every object.
Invariant: leaving the context ends the process, and so does the end of the tests.
"""

from __future__ import annotations

import contextlib
import importlib.util
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest
from obstore.store import S3Store

from fittingroom.settings import ObjectSettings

BUCKET = "results"
REGION = "us-east-1"
OWNER = ("shop:gateway", "gateway-secret")
STRANGER = ("shop:stranger", "stranger-secret")
_PROGRAM = Path(__file__).with_name("swift_s3.py")


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(url: str) -> tuple[int, bytes, Message]:
    """What a plain HTTP client that knows nothing of S3 is answered."""
    try:
        with _OPENER.open(url, timeout=10) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read(), refused.headers


class S3Server:
    """A server with one bucket, that can be killed, frozen and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.process: subprocess.Popen[str] | None = None
        self._starts = 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        """Settings of a `fittingroom` that keeps its results here."""
        return {
            "FITTINGROOM_RESULTS__URL": f"s3://{BUCKET}/kept",
            "FITTINGROOM_OBJECTS__ENDPOINT": self.endpoint,
            "FITTINGROOM_OBJECTS__REGION": REGION,
            "FITTINGROOM_OBJECTS__ACCESS_KEY_ID": OWNER[0],
            "FITTINGROOM_OBJECTS__SECRET_ACCESS_KEY": OWNER[1],
        }

    def start(self) -> None:
        self._starts += 1
        folder = self.folder / str(self._starts)
        folder.mkdir(parents=True)
        command = [sys.executable, "-W", "ignore", str(_PROGRAM), str(folder), BUCKET, str(self.port)]
        with (self.folder / "swift.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.process.stdout is not None
        word, _, port = self.process.stdout.readline().partition(" ")
        assert word == "ready", (self.folder / "swift.log").read_text(errors="replace")
        self.port = int(port)

    def stop(self) -> None:
        """Kill it; a frozen one too."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def settings(self, key: tuple[str, str] = OWNER, **changes: object) -> ObjectSettings:
        given = {"endpoint": self.endpoint, "region": REGION, "access_key_id": key[0], "secret_access_key": key[1]}
        return ObjectSettings.model_validate({**given, **changes})

    def client(self, key: tuple[str, str] = OWNER) -> S3Store:
        """A plain client of the whole bucket, to look inside."""
        return S3Store(
            BUCKET,
            region=REGION,
            endpoint=self.endpoint,
            access_key_id=key[0],
            secret_access_key=key[1],
            client_options={"allow_http": True},
        )

    def names(self) -> list[str]:
        """What lies in the bucket."""
        return sorted(entry["path"] for batch in self.client().list() for entry in batch)


@contextlib.contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """A running server; skips the test where Swift is not installed."""
    if importlib.util.find_spec("swift") is None:
        pytest.skip("needs OpenStack Swift (pip install swift; part of the extra `dev`)")
    server = S3Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
