"""One server per SQLite database, held by a lock that the system itself gives back when the process ends.

Whoever holds it knows that no earlier server can still be at work, killed or not, so what those reserved may be given
back at once. It is a record lock: a child process does not inherit it, so a worker that outlives a killed server does
not hold it. Invariant: while it is held, no other server of this machine starts on the same file.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from fittingroom.accounts.database import AccountError


class ServerLock:
    """path: beside the database. Within one process it keeps nobody out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> None:
        """Raises `AccountError` when another process has it, or the file cannot be made."""
        if self._file is not None:
            return
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise AccountError(f"{self._path} cannot be opened: {error.strerror}") from error
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(file)
            raise AccountError(
                f"another server runs on {self._path.with_suffix('')}: stop it first, or use PostgreSQL "
                "(accounts.database), which several servers may share"
            ) from error
        self._file = file

    def drop(self) -> None:
        """Let others have it."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
