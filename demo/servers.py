"""The two servers of the demo: `fittingroom serve` as a process of its own, and the photos on 127.0.0.1.

The API takes pictures by URL only, so something must serve the local files; Fitting Room refuses private addresses
unless told, hence `--allow-net 127.0.0.1/32`. Invariant: whatever ends the demo, both are gone when the contexts close.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMAND = Path(sys.executable).with_name("fittingroom")
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
SLOW_MACHINE = {"FITTINGROOM_LIMITS__DEADLINE": "170"}
"""A demo may take longer than the 55 seconds after which the SDKs' defaults give up; demo.py raises theirs too."""

START_SECONDS = 180.0
STOP_SECONDS = 20.0


class DemoError(Exception):
    """The demo cannot go on; the message is for its user."""


@contextmanager
def serving_photos(photos: Mapping[str, bytes]) -> Iterator[str]:
    """Serve `photos` (path -> JPEG) on a free port of 127.0.0.1. Gives the base address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            photo = photos.get(self.path)
            self.send_response(404 if photo is None else 200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(photo or b"")))
            self.end_headers()
            self.wfile.write(photo or b"")

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def fitting_room(data_dir: Path) -> Iterator[str]:
    """Run `fittingroom serve` on a free port until the context closes. Gives HOST:PORT. Raises `DemoError`."""
    log = data_dir / "server.log"
    command = [str(COMMAND), "serve", "--host", "127.0.0.1", "--port", "0", "--data-dir", str(data_dir)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--allow-net", "127.0.0.1/32"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | SLOW_MACHINE,
            start_new_session=True,
        )
    try:
        yield _wait_until_ready(process, log)
    finally:
        _stop(process)


def new_key(data_dir: Path) -> tuple[str, str]:
    """Create the account `demo` and a key. Gives SecretId and SecretKey. Raises `DemoError`."""
    _run("accounts", "create", "demo", "--data-dir", str(data_dir))
    key = json.loads(_run("keys", "create", "demo", "--data-dir", str(data_dir)))
    return key["SecretId"], key["SecretKey"]


def _run(*words: str) -> str:
    done = subprocess.run([str(COMMAND), *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DemoError(f"fittingroom {' '.join(words[:2])} failed:\n{done.stderr or done.stdout}")
    return done.stdout


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        said = log.read_text(encoding="utf-8", errors="replace")
        if process.poll() is not None:
            raise DemoError(f"the server ended at its start:\n{said}")
        address = ADDRESS.search(said)
        if address and _answers(f"{address[0]}/readyz"):
            return address[0].removeprefix("http://")
        time.sleep(0.1)
    raise DemoError(f"the server was not ready within {START_SECONDS:.0f} seconds:\n{said}")


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM drains; what is still there after a while is killed, its workers too."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            print("the server did not stop in time and is killed", file=sys.stderr)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
