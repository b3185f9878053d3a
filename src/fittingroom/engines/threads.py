"""How many threads the engines of this process may use.

Several workers share the cores, and numeric libraries each take all of them unless told. A worker says the number
once, before it loads its engine; the engine hands it to its networks. Invariant: 0 means that nobody has said, and
leaves the choice to the libraries.
"""

from __future__ import annotations

import os

_VARIABLE = "OMP_NUM_THREADS"


def limit_threads(count: int) -> None:
    """Allow `count` threads (at least 1) to engines loaded from now on in this process."""
    if count < 1:
        raise ValueError("an engine needs at least one thread")
    os.environ[_VARIABLE] = str(count)


def allowed_threads() -> int:
    """Threads that an engine may use; 0: as many as its libraries like."""
    value = os.environ.get(_VARIABLE, "")
    return int(value) if value.isdecimal() else 0
