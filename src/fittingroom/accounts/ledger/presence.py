"""How servers on one SQLite database know of each other whether they are alive: each holds a lock on a file of its own.

The system takes the lock back when a process ends, however it ends, so what a killed server reserved can be given back
at once, while one that is only frozen keeps its lock and what it reserved. SQLite's servers share a machine, so no
clock is needed. Child processes do not inherit the open file: a worker that outlives its server does not hold the lock.
Invariant: a server locks its file before it reserves anything.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from fittingroom.accounts.database import AccountError


class Presence:
    """One server's. folder: beside the database. gateway_id: its name in reservations."""

    def __init__(self, folder: Path, gateway_id: str) -> None:
        self._folder = folder
        self._path = folder / gateway_id
        self._file: int | None = None

    def take(self) -> None:
        """Lock this server's file; again is well. Raises `AccountError` when it cannot be made."""
        if self._file is not None:
            return
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.drop()
            raise AccountError(f"{self._path} cannot be locked: {error.strerror}") from error

    def alive(self, gateway_id: str) -> bool:
        """Whether another server still runs; the file of one that does not is removed. Raises `AccountError`."""
        path = self._folder / gateway_id
        try:
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise AccountError(f"{path} cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
        path.unlink(missing_ok=True)
        return False

    def drop(self) -> None:
        """This server ends."""
        file, self._file = self._file, None
        if file is not None:
            self._path.unlink(missing_ok=True)
            os.close(file)
