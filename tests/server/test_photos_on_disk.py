"""Photos of persons are never written to a disk; a result only where its URL was asked for, and not for long.

Shown by what the kernel says while jobs run: which files appear in the server's folders, which it holds open for
writing, and how many bytes its processes send to disks. The photos are noise of some megabytes, so that a copy could
not hide among what the database writes. A real server starts, so a few seconds.
"""

from __future__ import annotations

import contextlib
import io
import resource
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from code_world import FLAT, LOOPBACK, Place, World, busy, readyz, typed, until
from file_watch import stored_bytes, watching, writable_files
from picture_server import PictureServer
from PIL import Image

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")

SMALL = 512 * 1024
"""Bytes: much more than the database writes for a job, much less than a photo."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with PictureServer() as origin, contextlib.ExitStack() as stack:
        made = World(tmp_path_factory.mktemp("photos"), origin, stack)
        made.pictures["person"] = origin.publish("/noise.png", noise())
        yield made


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def place(world: World, temporary: Path) -> Iterator[Place]:
    """A server whose temporary files would lie in `temporary`, and whose results live a second."""
    short = {"RESULTS__LIFETIME": "1", "RESULTS__SWEEP_INTERVAL": "0.2"}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("TMPDIR", "TEMP", "TMP"):
            patch.setenv(name, str(temporary))
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))  # as an operator's shell may have it
        try:
            with world.started("photos", (*FLAT, *LOOPBACK), short) as started:
                yield started
        finally:
            resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


def noise() -> bytes:
    """A PNG of nearly 4 MB."""
    picture = Image.fromarray(np.random.default_rng(7).integers(0, 256, (1400, 900, 3), np.uint8))
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=0)
    assert len(file.getvalue()) > 6 * SMALL
    return file.getvalue()


def processes(place: Place) -> list[int]:
    """The gateway and all below it."""
    found = [place.server.process.pid]
    for pid in found:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def finished(world: World, place: Place, **asked: object) -> None:
    """A job that ends well."""
    with pytest.raises(AssertionError, match="did not refuse"):
        typed(place, "en-US", world.parameters(**asked))


def test_a_job_writes_no_picture_anywhere(world: World, place: Place, temporary: Path) -> None:
    data = place.server.data_dir
    before = {pid: stored_bytes(pid) for pid in processes(place)}
    with watching(data, data / "results", temporary, Path.cwd()) as touched, busy(world, place, place.keys["shop"]):
        held = [writable_files(pid) for pid in processes(place)]
    assert {path.name for path in touched} <= {"accounts.db", "accounts.db-wal", "accounts.db-shm"}
    assert {path.parent for path in touched} <= {data}
    for files in held:
        for path, size in files.items():
            ours = path.startswith(str(data / "accounts.db")) or path == str(place.server.output)
            assert ours or size < 65536, f"{path}: {size} bytes"
    assert sum(stored_bytes(pid) - before[pid] for pid in processes(place)) < SMALL


def test_a_failing_and_a_dying_job_write_no_picture_either(world: World, place: Place, temporary: Path) -> None:
    data = place.server.data_dir
    gateway = place.server.process.pid
    before = stored_bytes(gateway)
    with watching(data, data / "results", temporary, Path.cwd()) as touched:
        for trick in ("fail", "crash"):
            typed(place, "en-US", world.parameters(ClothesUrl=world.pictures[trick]))
            until(lambda: readyz(place)["state"] == "READY")
    assert {path.name for path in touched} <= {"accounts.db", "accounts.db-wal", "accounts.db-shm"}
    assert stored_bytes(gateway) - before < SMALL


def test_a_result_by_url_is_all_that_is_written_and_it_is_swept(world: World, place: Place, temporary: Path) -> None:
    data = place.server.data_dir
    with watching(data / "results", temporary) as touched:
        finished(world, place, RspImgType="url")
    names = {path.name.removesuffix(".part") for path in touched}
    assert len(names) == 1
    assert {path.parent for path in touched} == {data / "results"}
    until(lambda: not any((data / "results").iterdir()), 4)


def test_the_watch_would_have_seen_it(tmp_path: Path) -> None:
    """The same instruments on a process that does keep a photo: this one."""
    pid, before = Path("/proc/self").resolve().name, stored_bytes(int(Path("/proc/self").resolve().name))
    with watching(tmp_path) as touched, (tmp_path / "photo.png").open("wb") as file:
        file.write(noise())
        file.flush()
        assert writable_files(int(pid))[str(tmp_path / "photo.png")] > SMALL
    assert touched == {tmp_path / "photo.png"}
    in_memory = Path("/proc/mounts").read_text().count(f"tmpfs {Path(tempfile.gettempdir())} ")
    assert stored_bytes(int(pid)) - before > SMALL or in_memory


def test_no_crash_writes_memory_to_the_disk(place: Place) -> None:
    for pid in processes(place):
        lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
        (limits,) = [line.split()[4:6] for line in lines if line.startswith("Max core file size")]
        assert set(limits) <= {"0", "1"}
