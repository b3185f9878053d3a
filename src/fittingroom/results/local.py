"""Results on this machine's disk.

A name is 128 random bits and a keyed hash of the account, by which an account's results can be purged although no name
tells whose it is. A file appears under it whole or not at all, only the server's own user can read it, and
its modification time is the moment it expires, so that a restarted server keeps every promise the last one made.
Invariant: no file outlives its expiry by more than one sweep, and together they never take more than the set bytes.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from fittingroom.errors import ApiError, ResultForbidden, ResultGone
from fittingroom.results.signing import check, owner, sign

log = structlog.get_logger(__name__)

_SUFFIXES: Final = {"image/jpeg": "jpg", "image/png": "png"}
_MEDIA_TYPES: Final = {suffix: media_type for media_type, suffix in _SUFFIXES.items()}
_NAME: Final = re.compile(r"[0-9a-f]{32}(?:[0-9a-f]{16})?\.(jpg|png)")
_PART: Final = ".part"


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A kept result: the file's bytes and its Content-Type."""

    data: bytes
    media_type: str


class LocalResults:
    """Keeps results in `directory`, which it makes and keeps to itself (mode 0700).

    secret: signs the URLs; another secret invalidates those given out. lifetime: seconds that a URL is valid.
    max_total_bytes: of all kept files; one more result is refused. clock: Unix seconds.
    """

    def __init__(
        self,
        directory: Path,
        secret: bytes,
        *,
        lifetime: int = 3600,
        max_total_bytes: int = 20 * 1024**3,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if len(secret) < 16:
            raise ValueError("the secret of result URLs needs at least 16 bytes")
        self._directory = directory
        self._secret = secret
        self._lifetime = lifetime
        self._max_total_bytes = max_total_bytes
        self._clock = clock
        self._kept: dict[str, int] = {}
        self._writing = 0

    @property
    def trouble(self) -> None:
        """Nothing that lasts: a disk that is full is tried again for every result."""

    def check(self) -> None:
        """Nothing to ask beforehand: `start` says what is wrong with the directory."""

    async def start(self) -> None:
        """Make the directory, count what an earlier server left there and sweep it.

        Raises OSError where the directory cannot be written to.
        """
        self._kept = await asyncio.to_thread(self._prepare)
        await self.sweep()

    async def put(self, data: bytes, media_type: str, account_id: str) -> str:
        """Keep a result of an account; its relative, signed URL `/results/<name>?expires=...&signature=...`.

        media_type: image/jpeg or image/png. Raises `ApiError("results_full")` where there is no room left.
        """
        name = f"{secrets.token_hex(16)}{owner(self._secret, account_id)}.{_SUFFIXES[media_type]}"
        if self.total_bytes + len(data) > self._max_total_bytes:
            raise ApiError("results_full", cause=f"{self.total_bytes} bytes are kept")
        self._writing += len(data)
        expires = int(self._clock()) + self._lifetime
        try:
            await asyncio.to_thread(self._write, name, data, expires)
        except OSError as error:
            raise ApiError("results_full", cause=error) from error
        finally:
            self._writing -= len(data)
        self._kept[name] = len(data)
        return f"/results/{name}?expires={expires}&signature={sign(self._secret, name, expires)}"

    async def open(self, name: str, query: Mapping[str, str]) -> StoredResult:
        """The result behind `/results/<name>?<query>`.

        Raises `ResultForbidden` where the signature does not fit, `ResultGone` when expired or swept.
        """
        match = _NAME.fullmatch(name)
        if match is None:
            raise ResultForbidden("not a result's name")
        check(self._secret, name, query, self._clock())
        try:
            data = await asyncio.to_thread((self._directory / name).read_bytes)
        except FileNotFoundError as error:
            raise ResultGone("swept") from error
        return StoredResult(data, _MEDIA_TYPES[match[1]])

    async def sweep(self) -> int:
        """Delete what has expired; how many files that were."""
        known = set(self._kept)
        swept, left = await asyncio.to_thread(self._sweep)
        for name in known - left:  # also what another process has purged
            del self._kept[name]
        if swept:
            log.info("results_swept", files=swept, bytes_left=self.total_bytes)
        return swept

    def purge(self, account_id: str) -> int:
        """Delete all results of an account, at once and whatever server keeps them; how many. Blocking."""
        mine = owner(self._secret, account_id)
        if not self._directory.is_dir():
            return 0
        gone = [path for path in self._files() if path.name[32:48] == mine]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    @property
    def total_bytes(self) -> int:
        """Bytes of all results that are kept now."""
        return self._writing + sum(self._kept.values())

    def _prepare(self) -> dict[str, int]:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory.chmod(0o700)
        return {path.name: path.stat().st_size for path in self._files()}

    def _files(self) -> list[Path]:
        """Kept results and part files; whatever else lies in the directory is not ours to count or delete."""
        return [path for path in self._directory.iterdir() if _NAME.fullmatch(path.name.removesuffix(_PART))]

    def _write(self, name: str, data: bytes, expires: int) -> None:
        part = self._directory / (name + _PART)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            os.utime(part, (expires, expires))
            part.replace(self._directory / name)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def _sweep(self) -> tuple[int, set[str]]:
        """How many files were deleted, and the names of those left.

        A part file is a write in progress, or one that a crash cut off.
        """
        now, swept, left = self._clock(), 0, set()
        for path in self._files():
            try:
                status = path.stat()
                if status.st_mtime + (self._lifetime if path.suffix == _PART else 0) <= now:
                    path.unlink()
                    swept += 1
                else:
                    left.add(path.name)
            except FileNotFoundError:
                continue  # a part file that got its name meanwhile
        return swept, left
