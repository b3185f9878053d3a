"""Results in a bucket that several gateways share, read by its own presigned URLs.

The key of an object is `<minute>/<account>/<random>.jpg`: the UTC minute in which it may go, so that a sweep
looks at none that has not; a hash of the account's id, so that its results can be purged although no name tells whose
they are; and 128 random bits. No gateway serves or remembers anything, so any of them may sweep and purge what another
has stored. Invariant: nothing is deleted before its URL has expired, except by a purge, and nothing but results ever.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from fittingroom.errors import ApiError, ResultForbidden
from fittingroom.objects import ObjectsError, asking, open_bucket
from fittingroom.results.local import StoredResult
from fittingroom.setting_stores import ObjectSettings

if TYPE_CHECKING:
    from obstore.store import S3Store

log = structlog.get_logger(__name__)

_SUFFIXES: Final = {"image/jpeg": "jpg", "image/png": "png"}
_MINUTE: Final = re.compile(r"\d{8}T\d{4}Z")
_KEY: Final = re.compile(r"\d{8}T\d{4}Z/[0-9a-f]{32}/[0-9a-f]{32}\.(?:jpg|png)")
_BATCH: Final = 1000
"""Keys that S3 lists and deletes at once."""


def owner(account_id: str) -> str:
    """32 hex digits for an account. Its id is random, so they tell nothing to whoever does not know it."""
    return hashlib.sha256(b"fittingroom result owner 1\n" + account_id.encode()).hexdigest()[:32]


def minute(moment: float) -> str:
    """The UTC minute of a moment (Unix seconds): `20261122T2359Z`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y%m%dT%H%MZ")


class ObjectResults:
    """Keeps results in the bucket of `url` (`s3://bucket/prefix`).

    lifetime: seconds that a URL is valid, at most a week. clock: Unix seconds; gateways must agree on it to the minute.
    Raises `ObjectsError` where the bucket cannot even be tried.
    """

    def __init__(
        self,
        url: str,
        settings: ObjectSettings,
        *,
        lifetime: int = 3600,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.url = url
        self._bucket = open_bucket(url, settings)
        self._public = open_bucket(url, settings, public=True)
        self._timeout = settings.timeout
        self._lifetime = lifetime
        self._clock = clock
        self._trouble: str | None = None

    @property
    def trouble(self) -> str | None:
        """Why the last question to the bucket failed; None while all is well."""
        return self._trouble

    def check(self) -> None:
        """Write an object, list it and delete it, blocking, before anything runs. Raises `ObjectsError`."""
        name = f"check/{secrets.token_hex(16)}"
        with asking(f"trying to write, list and delete in {self.url}"):
            self._bucket.put(name, b"ok", use_multipart=False)
            try:
                self._bucket.list_with_delimiter()
            finally:
                self._bucket.delete(name)

    async def start(self) -> None:
        """Sweep what expired while no gateway ran. A store that fails meanwhile is logged, and tried again later."""
        try:
            await self.sweep()
        except ObjectsError as error:
            log.error("results_sweep_failed", error=str(error))

    async def put(self, data: bytes, media_type: str, account_id: str) -> str:
        """Keep a result of an account; its presigned URL, which is absolute.

        media_type: image/jpeg or image/png. Raises `ApiError("results_unreachable")` where the store does not take it.
        """
        gone = (
            self._clock() + self._lifetime + self._timeout + 60
        )  # signed within the timeout, and the next full minute
        key = f"{minute(gone)}/{owner(account_id)}/{secrets.token_hex(16)}.{_SUFFIXES[media_type]}"
        headers = {"Content-Type": media_type, "Cache-Control": "private, no-store"}
        try:
            with asking("storing a result"):
                async with asyncio.timeout(self._timeout):
                    await self._bucket.put_async(key, data, attributes=headers, use_multipart=False)
                    signed = await _signed(self._public, key, self._lifetime)
        except ObjectsError as error:
            self._trouble = str(error)
            raise ApiError("results_unreachable", cause=error) from error
        self._trouble = None
        return signed

    async def open(self, name: str, query: Mapping[str, str]) -> StoredResult:
        """Always raises `ResultForbidden`: the store itself serves what it keeps."""
        raise ResultForbidden("results are served by the object store")

    async def sweep(self) -> int:
        """Delete what has expired, whichever gateway stored it; how many objects that were. Raises `ObjectsError`."""
        limit = minute(self._clock())
        with asking("sweeping expired results"):
            swept = await self._delete([name for name in await self._minutes() if name <= limit])
        if swept:
            log.info("results_swept", files=swept)
        return swept

    def purge(self, account_id: str) -> int:
        """Delete all results of an account, whoever stored them; how many. Blocking. Raises `ObjectsError`."""
        return asyncio.run(self._purge(account_id))

    async def _purge(self, account_id: str) -> int:
        with asking("purging results"):
            return await self._delete([f"{name}/{owner(account_id)}" for name in await self._minutes()])

    async def _minutes(self) -> list[str]:
        """The folders of results that there are."""
        listed = await self._bucket.list_with_delimiter_async()
        names = (prefix.strip("/") for prefix in listed["common_prefixes"])
        return sorted(name for name in names if _MINUTE.fullmatch(name))

    async def _delete(self, folders: Sequence[str]) -> int:
        """Delete the results in these folders. One that another gateway has just deleted counts for both."""
        count = 0
        for folder in folders:
            async for batch in self._bucket.list(folder, chunk_size=_BATCH):
                keys = [entry["path"] for entry in batch if _KEY.fullmatch(entry["path"])]
                if keys:
                    await self._bucket.delete_async(keys)
                    count += len(keys)
        return count


async def _signed(bucket: S3Store, key: str, lifetime: int) -> str:
    import obstore  # noqa: PLC0415

    return await obstore.sign_async(bucket, "GET", key, timedelta(seconds=lifetime))
