"""Two manners of mediapipe's native side, handled before a caller meets them.

It needs system libraries that bare server images lack, and notices only when the first graph is made: they are asked
for at import, with a message that names the packages. And it writes information lines to file descriptor 2 when a graph
starts, with no switch for it. Invariant: only lines known as chatter are dropped; everything else comes out, a moment
later.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

CHATTER = re.compile(rb"^([IW]\d{4} |INFO: |WARNING: (Logging before|All log messages before))")
STDERR = 2
SYSTEM_LIBRARIES = {"libEGL.so.1": "libegl1", "libGLESv2.so.2": "libgles2"}
"""What mediapipe's library links to on Linux, and the Debian packages that hold it."""


def require_system_libraries(needed: dict[str, str] = SYSTEM_LIBRARIES) -> None:
    """Raise ImportError, naming the packages, where a needed library cannot be loaded. Other systems bring theirs."""
    if sys.platform != "linux":
        return
    missing = {}
    for library, package in needed.items():
        try:
            ctypes.CDLL(library)
        except OSError as error:
            missing[package] = str(error)
    if missing:
        raise ImportError(f"{'; '.join(missing.values())}; on Debian and Ubuntu: apt-get install {' '.join(missing)}")


@contextmanager
def filtered_stderr() -> Iterator[None]:
    """Collect what is written to descriptor 2 within the block and pass on all but the chatter."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
        saved = os.dup(STDERR)
        os.dup2(held.fileno(), STDERR)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(saved, STDERR)
            os.close(saved)
            held.seek(0)
            for line in held:
                if not CHATTER.match(line):
                    os.write(STDERR, line)
