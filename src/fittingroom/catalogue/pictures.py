"""A batch's photos: read or fetched, looked at, reviewed by the operator's own reviewer, and kept while a tile lasts.

Files are read here and URLs go through the guarded fetcher, so whoever renders gets bytes and opens nothing. Photos are
in memory only, at most as many as the tiles at work need. Invariant: no photo leaves here unless the operator's
reviewer allowed it and, for a file, unless it is the very content that the plan was made from.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
import uuid
from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import Final

from fittingroom.catalogue.plan import TILE_GARMENTS, TILE_PERSONS, Work
from fittingroom.catalogue.rows import is_url
from fittingroom.errors import ApiError
from fittingroom.images.decode import probe
from fittingroom.images.fetch import Fetcher
from fittingroom.images.limits import PictureLimits, megabytes
from fittingroom.moderation.hook import ReviewHook, Submission
from fittingroom.moderation.protocol import Role
from fittingroom.settings import Settings

PAUSE: Final = 2.0
"""Seconds before a photo that could not be fetched is tried once more."""

_PARAMETERS: Final = {Role.PERSON: "ModelUrl", Role.GARMENT: "ClothesUrl"}


class PhotoError(Exception):
    """A photo's file is not what it was when the batch began; the message is for the results table."""


class Pictures:
    """Photos for `lanes` workers; `start` in the event loop that will read, `close` at the end. reviewing: False for
    photos that have been reviewed for the same end already."""

    def __init__(self, settings: Settings, lanes: int, *, reviewing: bool = True) -> None:
        self._settings = settings
        self._reviewing = reviewing
        self._fetcher = Fetcher(settings.fetch)
        self._hook = ReviewHook(settings.moderation, use_proxy_env=settings.fetch.use_proxy_env)
        self._kept: OrderedDict[tuple[str, Role], asyncio.Task[bytes]] = OrderedDict()
        self._room = (TILE_PERSONS + TILE_GARMENTS) * lanes

    async def start(self) -> None:
        """Open sessions."""
        await self._fetcher.start()
        await self._hook.start()

    async def close(self) -> None:
        """Close them and forget every photo."""
        for task in self._kept.values():
            task.cancel()
        await asyncio.gather(*self._kept.values(), return_exceptions=True)
        self._kept.clear()
        await self._hook.close()
        await self._fetcher.close()

    async def of(self, work: Work) -> tuple[bytes, bytes]:
        """Both photos of a work, encoded as they came. Raises `ApiError` or `PhotoError`."""
        person = self._task(work.row.person, work.person_hash, Role.PERSON)
        garment = self._task(work.row.garment, work.garment_hash, Role.GARMENT)
        return await asyncio.shield(person), await asyncio.shield(garment)

    async def review_result(self, work: Work, data: bytes) -> None:
        """Have a finished picture judged by the operator's own reviewer. Raises `ApiError`."""
        deadline = time.monotonic() + self._settings.moderation.hook_timeout
        await self._hook.review([Submission(Role.RESULT, data)], request_id=job_id(work), deadline=deadline)

    def _task(self, place: str, content: str, role: Role) -> asyncio.Task[bytes]:
        """The one reading of a photo that all works share, its failure included."""
        task = self._kept.get((place, role))
        if task is None:
            task = asyncio.create_task(self._read(place, content, role))
            task.add_done_callback(_look_at)
            self._kept[place, role] = task
        self._kept.move_to_end((place, role))
        while len(self._kept) > self._room:
            self._kept.popitem(last=False)
        return task

    async def _read(self, place: str, content: str, role: Role) -> bytes:
        parameter, limit = _PARAMETERS[role], self._settings.images.max_bytes
        if is_url(place):
            data = await self._fetch(place, parameter, limit)
        else:
            data = await asyncio.to_thread(_read_file, place, content, role, limit)
        limits = PictureLimits.of_photos(self._settings.images)
        await asyncio.to_thread(partial(probe, data, parameter=parameter, limits=limits))
        if self._reviewing:
            deadline = time.monotonic() + self._settings.moderation.hook_timeout
            request_id = str(uuid.uuid4())  # of this reading, which serves many pictures
            await self._hook.review([Submission(role, data, parameter)], request_id=request_id, deadline=deadline)
        return data

    async def _fetch(self, url: str, parameter: str, limit: int) -> bytes:
        fetch = partial(self._fetcher.fetch, url, parameter=parameter, max_bytes=limit)
        seconds = self._settings.fetch.timeout
        try:
            return await fetch(deadline=time.monotonic() + seconds)
        except ApiError as error:
            if not error.reason.startswith("download_"):
                raise
        await asyncio.sleep(PAUSE)
        return await fetch(deadline=time.monotonic() + seconds)


def job_id(work: Work) -> str:
    """The RequestId of a work: the same in every run."""
    return str(uuid.UUID(work.key[:32]))


def _read_file(place: str, content: str, role: Role, limit: int) -> bytes:
    try:
        data = Path(place).read_bytes()
    except OSError as error:
        raise PhotoError(f"the file of {role.value} cannot be read any more: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != content:
        raise PhotoError(f"the file of {role.value} was changed while the batch ran; run it again")
    if len(data) > limit:
        raise ApiError("image_size_exceed", parameter=_PARAMETERS[role], limit=megabytes((limit // 3 + 1) * 4))
    return data


def _look_at(task: asyncio.Task[bytes]) -> None:
    """A reading that nobody waits for any more may fail unseen: the work that asked has gone too."""
    if not task.cancelled():
        task.exception()
