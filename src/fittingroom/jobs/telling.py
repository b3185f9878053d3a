"""Callbacks: a POST to the URL that came with a job, when it has ended.

By Standard Webhooks, signed with the account's secret, through the guarded fetcher: no private networks, no redirects,
bounded time, and a bounded share of what is sent at once. The schedule is in the table, so a restart changes nothing,
and several servers share the work. What arrives is at least one message per job, all with the job's id as `webhook-id`.
Invariant: nothing of a callback's URL but its host is ever logged, and a callback never carries a picture.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Final, Protocol

import structlog
from yarl import URL

from fittingroom.accounts.database import AccountError
from fittingroom.accounts.jobs import Callback, Due, JobDesk
from fittingroom.accounts.vault import VaultError
from fittingroom.actions.jobs import CALLBACK_URL, answer
from fittingroom.errors import ApiError
from fittingroom.jobs.looping import for_ever
from fittingroom.settings import JobSettings
from fittingroom.webhooks import signed_headers

GROWTH: Final = 3
"""How many times longer each pause between two tries is than the one before."""

AT_ONCE: Final = 32
"""Callbacks that are sent at the same time."""

OF_ONE: Final = 4
"""Of these, at most so many of one account, and so many to one receiver whoever's they are."""

FULL: Final = 2.0
"""Seconds before a callback is looked at again whose receiver has `OF_ONE` to answer already."""

GONE: Final = 410
"""By which a receiver says that it wants nothing more."""

log = structlog.get_logger(__name__)


class Poster(Protocol):
    """The guarded way to a caller's URL."""

    async def post(self, url: str, body: bytes, headers: dict[str, str], *, parameter: str, seconds: float) -> int:
        """The HTTP status. Raises `ApiError`."""


class Teller:
    """Sends what is due. poster: started. `start` after it, `stop` before."""

    def __init__(self, jobs: JobDesk, poster: Poster, settings: JobSettings) -> None:
        self._jobs = jobs
        self._poster = poster
        self._settings = settings
        self._loop: asyncio.Task[None] | None = None
        self._telling: dict[asyncio.Task[None], Due] = {}
        self._receivers: Counter[str] = Counter()

    async def start(self) -> None:
        """Begin."""
        pause = partial(asyncio.sleep, self._settings.poll)
        self._loop = asyncio.create_task(for_ever(self._turn, pause), name="callbacks")

    async def stop(self) -> None:
        """End; what was being sent is due again when its time has passed."""
        tasks = [*([] if self._loop is None else [self._loop]), *self._telling]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _turn(self) -> None:
        """Begin with what is due. Nobody is waited for, so a slow receiver keeps no other one waiting."""
        accounts = Counter(due.account_id for due in self._telling.values())
        # Those that are passed over are never more than those that are being sent, so this many are enough.
        for due in await self._jobs.due_callbacks(AT_ONCE, OF_ONE):
            if len(self._telling) >= AT_ONCE:
                return
            if accounts[due.account_id] >= OF_ONE:
                continue
            accounts[due.account_id] += 1
            task = asyncio.create_task(self._told(due.id), name=f"callback-{due.id}")
            self._telling[task] = due
            task.add_done_callback(self._telling.pop)

    async def _told(self, job_id: str) -> None:
        try:
            await self._tell(job_id)
        except AccountError as error:
            log.error("jobs_unreachable", detail=str(error))
        except Exception as error:
            # Nobody waits for this task; the callback is due again when its time has passed.
            log.exception("callback_failed", job_id=job_id, detail=f"{type(error).__name__}: {error}")

    async def _tell(self, job_id: str) -> None:
        callback = await self._jobs.take_callback(job_id, 2 * self._settings.callback_timeout)
        if callback is None:
            return
        receiver = URL(callback.url).host or ""
        if self._receivers[receiver] >= OF_ONE:
            await self._jobs.not_now(job_id, FULL)
            return
        self._receivers[receiver] += 1
        try:
            await self._send(callback, job_id, receiver)
        finally:
            self._receivers[receiver] -= 1
            self._receivers += Counter()  # forgets those with none

    async def _send(self, callback: Callback, job_id: str, receiver: str) -> None:
        fields = {"job_id": job_id, "host": receiver, "tries": callback.tries}
        try:
            secrets = await self._jobs.secrets(callback.account_id)
            if not secrets:
                # Purged meanwhile; what is not signed could be anybody's.
                log.warning("callback_given_up", **fields, detail="the account has no secret any more")
                await self._jobs.told(job_id)
                return
            status = await self._post(callback, secrets)
        except ApiError as error:
            log.warning("callback_failed", **fields, reason=error.reason)
        except VaultError as error:
            log.error("callback_failed", **fields, detail=str(error))
        else:
            if 200 <= status < 300:
                log.info("callback_told", **fields)
                await self._jobs.told(job_id)
                return
            log.warning("callback_failed", **fields, status=status)
            if status == GONE:
                await self._jobs.told(job_id)
                return
        await self._again(callback, job_id)

    async def _post(self, callback: Callback, secrets: Sequence[str]) -> int:
        body = message(callback)
        headers = signed_headers(callback.found.id, int(time.time()), body, secrets)
        seconds = self._settings.callback_timeout
        return await self._poster.post(callback.url, body, headers, parameter=CALLBACK_URL, seconds=seconds)

    async def _again(self, callback: Callback, job_id: str) -> None:
        if callback.tries >= self._settings.callback_tries:
            log.error("callback_given_up", job_id=job_id, tries=callback.tries)
            await self._jobs.told(job_id)
            return
        await self._jobs.tell_later(job_id, self._settings.callback_pause * GROWTH ** (callback.tries - 1))


def message(callback: Callback) -> bytes:
    """The body: what the query would answer, and the JobId."""
    found = callback.found
    told = answer(found, callback.language, callback.base_url).model_dump(by_alias=True)
    response = {"JobId": found.id, **told, "RequestId": found.request_id}
    return json.dumps({"Response": response}, ensure_ascii=False).encode()
