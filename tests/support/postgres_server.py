"""A PostgreSQL server of the tests' own, with a fresh database per test.

Made by `initdb` of Debian's packages in a folder of its own (in memory where there is room, since a database is many
hundreds of small files), on a free loopback port and a unix socket; run by another user where the tests run as root, as
PostgreSQL insists. Databases are copies of one that the program's own migrations made. Invariant: nothing is left
running, also where the tests are killed, and what killed tests left on the disk is removed by later ones.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 20
OWNER = "fitting"
_TEMPLATE = "fittingroom_template"
_FOUND = Path("/usr/lib/postgresql")
_MEMORY = Path("/dev/shm")
_ROOM = 512 * 2**20
_PREFIX = "fr-pg-"
_OLD_SECONDS = 1800
_PR_SET_PDEATHSIG = 1


def programs() -> Path | None:
    """The folder of the newest server's programs, or None."""
    folders = [path.parent for path in _FOUND.glob("*/bin/initdb")]
    return max(folders, key=lambda path: int(path.parent.name), default=None)


def missing() -> str | None:
    """Why no server can be run here, or None."""
    if programs() is None:
        return "PostgreSQL's server programs are not installed (Debian: postgresql)"
    if find_spec("psycopg") is None:
        return "psycopg is not installed (extra `postgres`)"
    return None


class PostgresServer:
    """A server. `start` and `stop` may follow each other; what was written stays."""

    def __init__(self, folder: Path) -> None:
        self.password = secrets.token_hex(12)
        self.port = _free_port()
        self._folder = folder
        self._bin = programs()
        self._user = "postgres" if os.getuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0
        if self._user:
            shutil.chown(folder, self._user)

    @property
    def data(self) -> Path:
        """Where the server keeps its files."""
        return self._folder / "data"

    def make(self) -> None:
        """Lay the server's files out."""
        secret = self._folder / "password"
        secret.write_text(self.password)
        if self._user:
            shutil.chown(secret, self._user)
        words = ["initdb", "-D", self.data, "-U", OWNER, "-E", "UTF8", "--locale=C", "--no-sync"]
        auth = ["--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={secret}"]
        done = subprocess.run(self._command(*words, *auth), check=False, capture_output=True, **self._as_user())
        assert done.returncode == 0, f"initdb: {done.stderr.decode(errors='replace')}"

    def start(self) -> None:
        """Run, and wait until a client is answered."""
        words = ["postgres", "-D", self.data, "-k", self._folder, "-h", "127.0.0.1", "-p", self.port, "-F"]
        log = (self._folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                self._command(*words),
                stdout=log,
                stderr=log,
                preexec_fn=_end_with_parent,  # noqa: PLW1509  # one call of the system, no lock
                **self._as_user(),
            )
        import psycopg

        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self._conninfo("postgres")).close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError((self._folder / "log").read_text(errors="replace")) from None
                time.sleep(0.05)

    def stop(self) -> None:
        """End it as an administrator does who waits for nobody: connections are cut."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        finally:
            process.kill()
            process.wait()

    def new_database(self, *, empty: bool = False) -> str:
        """A fresh database with the program's tables, or with none. The name."""
        self._count += 1
        name = f"test_{self._count}"
        self._do(f"CREATE DATABASE {name}" + ("" if empty else f" TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY"))
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def make_template(self) -> None:
        """Make the database that fresh ones are copied from."""
        from fittingroom.accounts import Database

        self._do(f"CREATE DATABASE {_TEMPLATE}")
        Database.open(self._folder, self.url(_TEMPLATE)).close()

    def url(self, database: str, password: str | None = None) -> str:
        """As an operator writes it into `accounts.database`: over TCP, with a password."""
        return f"postgresql://{OWNER}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def _do(self, statement: str) -> None:
        import psycopg

        with contextlib.closing(psycopg.connect(self._conninfo("postgres"), autocommit=True)) as connection:
            connection.execute(statement)

    def _conninfo(self, database: str) -> str:
        return f"host={self._folder} port={self.port} user={OWNER} dbname={database}"

    def _command(self, program: str, *words: object) -> list[str]:
        assert self._bin is not None
        return [str(self._bin / program), *map(str, words)]

    def _as_user(self) -> dict[str, object]:
        kept = {"cwd": self._folder, "env": {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}}
        return kept | ({"user": self._user, "group": self._user, "extra_groups": []} if self._user else {})


@contextlib.contextmanager
def running() -> Iterator[PostgresServer]:
    """A server for as long as the block runs. Its folder has a short path, as a unix socket's name needs one."""
    in_memory = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    place = _MEMORY if in_memory else Path(tempfile.gettempdir())
    _sweep(place)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    server = PostgresServer(folder)
    try:
        server.make()
        server.start()
        server.make_template()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def _end_with_parent() -> None:
    """In the child: be told to stop when the tests are killed, who could not do it themselves."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _sweep(place: Path) -> None:
    """Remove folders of killed tests: old, and without a living server."""
    for folder in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # another run removes it at the same time, or it is another user's
            pid_file = folder / "data" / "postmaster.pid"
            lives = pid_file.exists() and Path("/proc", pid_file.read_text().split()[0]).exists()
            if not lives and time.time() - folder.stat().st_mtime > _OLD_SECONDS:
                shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
