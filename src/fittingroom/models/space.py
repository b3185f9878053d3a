"""Whether the disk has room for what is about to be written.

Asked before a download rather than found out in the middle of it. Invariant: a refusal is the error that the disk
itself would give, so that `workplace` puts both into the same words.
"""

from __future__ import annotations

import errno
import shutil
from pathlib import Path


def need(directory: Path, count: int) -> None:
    """Raises OSError (no space) where the disk of `directory` has fewer than `count` bytes free."""
    free = shutil.disk_usage(directory).free
    if free < count:
        raise OSError(errno.ENOSPC, f"{count / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free")
