"""What happens in folders while something runs, as the kernel tells it (inotify), and what processes write and hold.

For tests that must show that something was never written. Linux only. Invariant: an event between `watching` and its
end is told, or the test fails because the kernel's queue ran over.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import struct
from collections.abc import Iterator
from pathlib import Path

_CREATE, _MODIFY, _MOVED_TO, _OVERFLOW = 0x100, 0x2, 0x80, 0x4000
_EVENT = struct.Struct("iIII")
_WRITABLE = os.O_WRONLY | os.O_RDWR


@contextlib.contextmanager
def watching(*folders: Path) -> Iterator[set[Path]]:
    """Afterwards the set holds every path in these folders (not below) that was made, written or moved there."""
    libc = ctypes.CDLL(None, use_errno=True)
    queue = libc.inotify_init1(os.O_NONBLOCK)
    assert queue >= 0, os.strerror(ctypes.get_errno())
    touched: set[Path] = set()
    try:
        watches = {}
        for folder in folders:
            watch = libc.inotify_add_watch(queue, os.fsencode(folder), _CREATE | _MODIFY | _MOVED_TO)
            assert watch >= 0, f"{folder}: {os.strerror(ctypes.get_errno())}"
            watches[watch] = folder
        yield touched
        with contextlib.suppress(BlockingIOError):
            while data := os.read(queue, 1 << 16):
                for watch, mask, name in _events(data):
                    assert not mask & _OVERFLOW, "the kernel lost events"
                    touched.add(watches[watch] / name)
    finally:
        os.close(queue)


def _events(data: bytes) -> Iterator[tuple[int, int, str]]:
    at = 0
    while at < len(data):
        watch, mask, _, length = _EVENT.unpack_from(data, at)
        at += _EVENT.size
        yield watch, mask, os.fsdecode(data[at : at + length].rstrip(b"\0"))
        at += length


def stored_bytes(pid: int) -> int:
    """Bytes that a process has had written to disks so far, as the kernel counts them."""
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["write_bytes"])


def writable_files(pid: int) -> dict[str, int]:
    """Regular files that a process has open for writing, deleted ones included: path -> bytes."""
    found: dict[str, int] = {}
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            status = descriptor.stat()
            lines = Path(f"/proc/{pid}/fdinfo/{descriptor.name}").read_text().splitlines()
            flags = next(int(line.split()[1], 8) for line in lines if line.startswith("flags:"))
            if stat.S_ISREG(status.st_mode) and flags & _WRITABLE:
                found[str(descriptor.readlink())] = status.st_size
    return found
