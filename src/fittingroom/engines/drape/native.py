"""Keeps the native libraries' start-up chatter out of the terminal and the log.

mediapipe's C++ side writes information lines to file descriptor 2 when a graph starts, and offers no switch for it.
Invariant: only lines known as chatter are dropped; everything else comes out, a moment later.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

CHATTER = re.compile(rb"^([IW]\d{4} |INFO: |WARNING: (Logging before|All log messages before))")
STDERR = 2


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
