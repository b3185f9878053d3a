"""A bound on what one job may take of a worker's memory, and that no crash writes memory to the disk.

RLIMIT_AS would count the large address ranges that neural runtimes reserve and never use, so private writable memory
(RLIMIT_DATA) is bounded instead, counted from what the loaded engine already takes: that depends on the machine's
cores, a job's need does not. Invariant: a job over the bound ends in a failed allocation inside its own worker.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

MIB = 1024 * 1024


def bound_memory(extra_mb: int) -> int | None:
    """Let this process take at most `extra_mb` MiB more than now. Linux only.

    Returns the bound in bytes, or None where there is none: `extra_mb` is 0, or the system cannot do it.
    """
    if extra_mb == 0 or sys.platform != "linux":
        return None
    import resource  # noqa: PLC0415 - exists on Unix only

    bound = private_bytes() + extra_mb * MIB
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if hard != resource.RLIM_INFINITY:
        bound = min(bound, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (bound, bound))
    return bound


def forbid_core_dumps() -> None:
    """Write no memory of this process, or of those it starts, to the disk when one crashes: it may hold photos.

    Does nothing on systems without such limits.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - exists on Unix only

    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    # Of all limits, Linux takes 1 alone as a no also where dumps go to a program instead of a file.
    limit = 0 if hard == 0 else 1
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))


def private_bytes() -> int:
    """Private writable memory of this process, used or not, as RLIMIT_DATA counts it. Linux only."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status has no VmData line")


def resident_bytes(pid: int) -> int:
    """Memory of a process that lies in RAM; 0 when it has ended, or where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
