"""Results on this machine's disk.

A name is 128 random bits, a file appears under it whole or not at all, only the server's own user can read it, and
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
from fittingroom.results.signing import check, sign

log = structlog.get_logger(__name__)

_SUFFIXES: Final = {"image/jpeg": "jpg", "image/png": "png"}
_MEDIA_TYPES: Final = {suffix: media_type for media_type, suffix in _SUFFIXES.items()}
_NAME: Final = re.compile(r"[0-9a-f]{32}\.(jpg|png)")
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
        self._total_bytes = 0

    async def start(self) -> None:
        """Make the directory, count what an earlier server left there and sweep it.

        Raises OSError where the directory cannot be written to.
        """
        self._total_bytes = await asyncio.to_thread(self._prepare)
        await self.sweep()

    async def put(self, data: bytes, media_type: str) -> str:
        """Keep a result; its relative, signed URL `/results/<name>?expires=...&signature=...`.

        media_type: image/jpeg or image/png. Raises `ApiError("results_full")` where there is no room left.
        """
        name = f"{secrets.token_hex(16)}.{_SUFFIXES[media_type]}"
        if self._total_bytes + len(data) > self._max_total_bytes:
            raise ApiError("results_full", cause=f"{self._total_bytes} bytes are kept")
        self._total_bytes += len(data)
        expires = int(self._clock()) + self._lifetime
        try:
            await asyncio.to_thread(self._write, name, data, expires)
        except OSError as error:
            self._total_bytes -= len(data)
            raise ApiError("results_full", cause=error) from error
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
        swept, freed = await asyncio.to_thread(self._sweep)
        self._total_bytes = max(0, self._total_bytes - freed)
        if swept:
            log.info("results_swept", files=swept, bytes_left=self._total_bytes)
        return swept

    async def sweep_forever(self, interval: float) -> None:
        """Sweep every `interval` seconds until cancelled; whatever fails is logged and tried again."""
        while True:
            await asyncio.sleep(interval)
            try:
                await self.sweep()
            except OSError as error:
                log.error("results_sweep_failed", error=str(error))
            except Exception as error:
                # Nobody waits for this task: it would end unseen, and results would outlive their expiry.
                log.exception("results_sweep_failed", error=f"{type(error).__name__}: {error}")

    def _prepare(self) -> int:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory.chmod(0o700)
        return sum(path.stat().st_size for path in self._files())

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

    def _sweep(self) -> tuple[int, int]:
        """Files deleted and bytes freed. A part file is a write in progress, or one that a crash cut off."""
        now, swept, freed = self._clock(), 0, 0
        for path in self._files():
            try:
                status = path.stat()
                if status.st_mtime + (self._lifetime if path.suffix == _PART else 0) <= now:
                    path.unlink()
                    swept, freed = swept + 1, freed + status.st_size
            except FileNotFoundError:
                continue  # a part file that got its name meanwhile
        return swept, freed
