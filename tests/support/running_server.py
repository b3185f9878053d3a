"""A real `fittingroom serve` in a process of its own, on a free port, with a data directory of its own.

Nothing is patched: accounts and keys come from the command line too, so what the tests call is what an operator
runs. Invariant: leaving the context ends the process by SIGTERM and fails the test if it does not end.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from fittingroom.cli.main import app
from fittingroom.client import Credential

SUPPORT = Path(__file__).resolve().parent
COMMAND = Path(sys.executable).with_name("fittingroom")
FLAT = ("--engine", "flat_engine:FlatEngine")
LOOPBACK = ("--allow-net", "127.0.0.1/32")
RATES = {f"FITTINGROOM_LIMITS__{name}": "1000000" for name in ("RATE", "ACCOUNT_RATE", "ADDRESS_RATE")}
"""Counted but never reached: tests and benches are quicker than callers may be."""
SPARING: dict[str, str] = {}
"""Settings by which the servers of a test run share the cores; empty for benches."""
START_SECONDS = 90
STOP_SECONDS = 20
_ADDRESS = re.compile(r"(?:listening|running) on https?://[0-9A-Za-z.\[\]:-]+?:(\d+)")


@dataclass(frozen=True)
class RunningServer:
    """endpoint: `127.0.0.1:PORT`. output: the file that holds what the server wrote."""

    port: int
    data_dir: Path
    output: Path
    process: subprocess.Popen[bytes]

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.endpoint}"


def fittingroom(*words: str | Path) -> str:
    """What the command prints; fails loudly.

    It runs in this process, since most of such a command's time goes into starting Python.
    """
    told, errors = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, environment(), clear=True),
        contextlib.redirect_stdout(told),
        contextlib.redirect_stderr(errors),
    ):
        code = _exit_code(tuple(map(str, words)))
    assert code == 0, f"fittingroom {words[0]}: {told.getvalue()}\n{errors.getvalue()}"
    return told.getvalue()


def _exit_code(words: tuple[str, ...]) -> object:
    try:
        app(words)
    except SystemExit as ended:
        return ended.code or 0
    return 0


def make_key(data_dir: Path, account: str, *flags: str) -> Credential:
    """A new key of an account that exists."""
    made = json.loads(fittingroom("keys", "create", account, "--data-dir", data_dir, *flags))
    return Credential(made["SecretId"], made["SecretKey"], made.get("Token"))


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment with the test engine importable, and of our settings only where the weights lie
    and `SPARING`."""
    ours, weights = "FITTINGROOM_", "FITTINGROOM_MODELS__"
    kept = {name: value for name, value in os.environ.items() if name.startswith(weights) or not name.startswith(ours)}
    path = os.pathsep.join([str(SUPPORT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**kept, "PYTHONPATH": path, **SPARING, **(extra or {})}


@contextlib.contextmanager
def running(
    data_dir: Path, *flags: str | Path, variables: Mapping[str, str] | None = None, ready: bool = True
) -> Iterator[RunningServer]:
    """A server with these flags, ready to take work unless told not to wait; but for `RATES` all else at default."""
    output = data_dir.parent / f"{data_dir.name}-serve.log"
    command = [str(COMMAND), "serve", "--port", "0", "--data-dir", str(data_dir), *map(str, flags)]
    with output.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=environment({**RATES, **(variables or {})}))
    try:
        server = RunningServer(address(process, output), data_dir, output, process)
        if ready:
            _await_ready(server, secure="--tls-cert" in flags)
        yield server
    finally:
        stop(process, output)


def address(process: subprocess.Popen[bytes], output: Path) -> int:
    """The port that a server says it listens on, as soon as it does."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        found = _ADDRESS.search(output.read_text(encoding="utf-8", errors="replace"))
        if found:
            return int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"no address from `serve` (exit {process.poll()}):\n{output.read_text(errors='replace')}")


def assert_quiet(server: RunningServer, *keys: Credential) -> None:
    """The log so far holds no fault of the server's own, and neither half of a secret nor the query of a URL."""
    told = server.output.read_text(encoding="utf-8", errors="replace")
    for word in ("internal_error", "Traceback", "q=secret", *(key.secret_key for key in keys)):
        assert word not in told, f"{word} in the log:\n{told[max(0, told.index(word) - 1000) :][:3000]}"
    for key in keys:
        assert key.token is None or key.token not in told


def _await_ready(server: RunningServer, *, secure: bool) -> None:
    import ssl

    scheme = "https" if secure else "http"
    context = ssl._create_unverified_context() if secure else None
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), *([urllib.request.HTTPSHandler(context=context)] if context else [])
    )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with opener.open(f"{scheme}://{server.endpoint}/readyz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError(f"the server was not ready:\n{server.output.read_text(errors='replace')}")


def stop(process: subprocess.Popen[bytes], output: Path) -> None:
    """End a server by SIGTERM; fails when it does not end, or ends with an error. One that a test killed is gone."""
    if process.poll() == -signal.SIGKILL:
        return
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        code = process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError(f"SIGTERM did not end the server:\n{output.read_text(errors='replace')[-4000:]}") from None
    assert code in {0, -signal.SIGTERM}, f"the server ended with {code}:\n{output.read_text(errors='replace')[-4000:]}"
