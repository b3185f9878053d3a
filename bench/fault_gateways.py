"""Gateways as a service manager would run them: on a fixed port, started again when they were killed.

Invariant: leaving `room` ends all that it started, whatever a fault did to it meanwhile.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import postgres_server
import redis_server
from cryptography.fernet import Fernet
from postgres_server import PostgresServer
from redis_server import RedisServer
from running_server import COMMAND, FLAT, LOOPBACK, RATES, RunningServer, address, environment

READY_SECONDS = 120


@dataclass
class Gateway:
    """`fittingroom serve` on one port. variables: its settings, from the environment."""

    folder: Path
    variables: Mapping[str, str]
    flags: tuple[str, ...] = ()
    port: int = 0
    starts: int = 0
    server: RunningServer | None = None

    def start(self) -> None:
        """Run it, and wait until it listens."""
        self.port = self.port or _free_port()
        self.starts += 1
        data, output = self.folder / "data", self.folder / f"serve-{self.starts}.log"
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        command = [str(COMMAND), "serve", "--port", str(self.port), "--data-dir", str(data), *FLAT, *LOOPBACK]
        with output.open("wb") as file:
            process = subprocess.Popen(
                [*command, *self.flags], stdout=file, stderr=file, env=environment({**RATES, **self.variables})
            )
        self.server = RunningServer(address(process, output), data, output, process)

    @property
    def pid(self) -> int:
        assert self.server is not None
        return self.server.process.pid

    def kill(self) -> None:
        """kill -9."""
        assert self.server is not None
        self.server.process.kill()
        self.server.process.wait()

    def stop(self) -> None:
        """SIGTERM; kill -9 for one that does not heed it."""
        if self.server is None or self.server.process.poll() is not None:
            return
        self.server.process.send_signal(signal.SIGTERM)
        try:
            self.server.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass
class Room:
    """Two gateways on one database and one Redis."""

    postgres: PostgresServer
    redis: RedisServer
    variables: dict[str, str]
    gateways: list[Gateway] = field(default_factory=list)


@contextlib.contextmanager
def room(settings: Mapping[str, str], flags: tuple[str, ...] = ()) -> Iterator[Room]:
    """All running. settings: further ones of both gateways."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        postgres = stack.enter_context(postgres_server.running())
        redis = stack.enter_context(redis_server.redis_server(folder / "redis"))
        variables = {
            "FITTINGROOM_ACCOUNTS__DATABASE": postgres.url(postgres.new_database()),
            "FITTINGROOM_ACCOUNTS__MASTER_KEY": Fernet.generate_key().decode(),
            "FITTINGROOM_LIMITS__URL": redis.url,
            **settings,
        }
        made = Room(postgres, redis, variables)
        for number in range(2):
            gateway = Gateway(folder / f"gateway-{number}", variables, flags)
            made.gateways.append(gateway)
            stack.callback(gateway.stop)
            gateway.start()
        yield made


def restart_at_once(postgres: PostgresServer) -> None:
    """An immediate shutdown, which rolls nothing back in order, and a start that recovers from the log."""
    process = postgres._process
    assert process is not None
    process.send_signal(signal.SIGQUIT)
    process.wait(30)
    postgres.stop()
    postgres.start()


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def until(condition: object, seconds: float = READY_SECONDS) -> None:
    """Wait for something that must come. condition: asked ten times a second."""
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > end:
            raise AssertionError(f"it did not happen in {seconds} seconds")
        time.sleep(0.1)
