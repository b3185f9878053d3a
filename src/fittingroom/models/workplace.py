"""The folder of weights while somebody writes to it: made, locked, cleaned, its refusals put into words.

Two pulls at once (two shells, `make` twice) would write into one `.part`; the second waits for the first and then
finds the files present. Invariant: staging folders of a killed pull are removed by the next one, and a refusal of the
disk arrives as `PullFailed` that says what to do.
"""

from __future__ import annotations

import errno
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from fittingroom.models.errors import PullFailed
from fittingroom.models.report import Reporter
from fittingroom.models.store import MODELS_DIR_VARIABLE

STAGING = ".pull-"
LOCK = ".lock"


@contextmanager
def workplace(directory: Path, report: Reporter) -> Iterator[None]:
    """Hold `directory` for writing. Raises `PullFailed` where the disk refuses, here or in the body."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with (directory / LOCK).open("w") as lock:
            _wait_for(lock, directory, report)
            for left in directory.glob(f"{STAGING}*"):
                shutil.rmtree(left)
            yield
    except OSError as error:
        raise PullFailed(f"Cannot work in {directory}: {error.strerror or error}. {_advice(error)}") from error


def _advice(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"Free some space, or name another folder with {MODELS_DIR_VARIABLE}."
    return f"Check the file's name and your right to write, or name another folder with {MODELS_DIR_VARIABLE}."


if sys.platform == "win32":

    def _wait_for(lock: IO[str], directory: Path, report: Reporter) -> None:
        """Windows refuses a second writer of an open `.part` by itself."""

else:
    import fcntl

    def _wait_for(lock: IO[str], directory: Path, report: Reporter) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report.say(f"Another pull is writing to {directory}; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
