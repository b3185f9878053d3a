"""The image's health check says yes to a server that takes work, and no to anything else."""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from deploy_tools import DEPLOY


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A server that answers everything with this status; its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 204)
            self.end_headers()
            self.wfile.write(b'{"state": "WHATEVER"}')

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asked(port: int) -> tuple[int, str]:
    environment = {**os.environ, "FITTINGROOM_SERVER__PORT": str(port)}
    done = subprocess.run(
        [sys.executable, str(DEPLOY / "health.py")],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_only_200_is_healthy(status: int, code: int) -> None:
    with answering(status) as port:
        assert asked(port) == (code, f'{status} {{"state": "WHATEVER"}}\n')


def test_a_port_at_which_nobody_listens_is_not_healthy() -> None:
    with answering(200) as port:
        pass
    code, said = asked(port)
    assert code == 1
    assert said.startswith("no answer: ")
