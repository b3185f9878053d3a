"""Folders and files that belong to this user alone.

Invariant: a secret file appears under its name whole and already closed to others, so two processes that start at
once agree on one secret and neither ever reads half of it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def make_private_directory(path: Path) -> None:
    """Create `path` for this user alone; an existing directory is left as it is. Raises OSError if not writable."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(path, os.W_OK | os.X_OK):
        raise PermissionError(13, "Permission denied", str(path))


def read_or_make_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """The secret in the file, which is made first when there is none. Raises OSError."""
    make_private_directory(path.parent)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        draft.touch(mode=0o600)
        try:
            draft.write_bytes(make())
            with contextlib.suppress(FileExistsError):  # another process was first; its secret counts
                path.hardlink_to(draft)
        finally:
            draft.unlink()
    return path.read_bytes()
