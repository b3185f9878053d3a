"""The way to an operator's own reviewer: each picture is posted to one URL, which answers whether it may pass.

The request follows Standard Webhooks (JSON, `webhook-id`, `webhook-timestamp`, `webhook-signature`), so that ready-made
libraries verify it; docs/review.md is its contract. Only the URL of the settings is connected to, whatever its address:
redirects are failures, and the environment's proxies are used only where the operator has said so. Invariant: a picture
passes when the reviewer has said so in a valid answer, or when it could not be asked and the operator chose that.
"""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import aiohttp
import structlog
from yarl import URL

from fittingroom.errors import ApiError
from fittingroom.images.fetch import proxy_for
from fittingroom.images.resolve import ThreadResolver
from fittingroom.moderation.message import Answer, BadAnswer, compose, read_answer
from fittingroom.moderation.protocol import Role, refusal
from fittingroom.settings import ModerationSettings
from fittingroom.webhooks import signed_headers

MAX_ANSWER_BYTES: Final = 16 * 1024
NAME: Final = "hook"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Submission:
    """A picture to judge. data: the file as it is. parameter: where an input came from, "" for the result."""

    role: Role
    data: bytes
    parameter: str = ""


class ReviewHook:
    """Asks the operator's reviewer; without a URL in the settings it allows everything at once and opens nothing.

    `start` before the first review, `close` after the last. use_proxy_env: go through HTTP(S)_PROXY.
    """

    def __init__(self, settings: ModerationSettings, *, use_proxy_env: bool = False) -> None:
        self._settings = settings
        self._url = URL(settings.hook_url, encoded=True) if settings.hook_url else None
        self._use_proxy_env = use_proxy_env
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the session. Must run in the event loop that will review."""
        if self._url is None:
            return
        connector = aiohttp.TCPConnector(
            # A kept connection that the other side has just closed would fail a picture for nothing.
            resolver=ThreadResolver(),
            limit=self._settings.hook_concurrency,
            force_close=True,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
        )

    async def close(self) -> None:
        """Close the session and every connection; harmless when it was never started."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def review(self, submissions: Sequence[Submission], *, request_id: str, deadline: float) -> None:
        """Have all pictures judged at the same time; the first that does not pass ends the others and is the error.

        deadline: `time.monotonic()` seconds; the set timeout ends each question earlier. Raises `ApiError`.
        """
        if self._url is None:
            return
        try:
            async with asyncio.TaskGroup() as group:
                for submission in submissions:
                    group.create_task(self._review(submission, self._url, request_id, deadline))
        except BaseExceptionGroup as failures:
            ours = (error for error in failures.exceptions if not isinstance(error, ApiError))
            raise next(ours, failures.exceptions[0]) from failures

    async def _review(self, submission: Submission, url: URL, request_id: str, deadline: float) -> None:
        fields = {"request_id": request_id, "role": submission.role.value, "reviewer": NAME}
        try:
            async with asyncio.timeout(min(self._settings.hook_timeout, max(0.0, deadline - time.monotonic()))):
                answer = await self._ask(submission, url, request_id)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError, BadAnswer) as error:
            self._failed(submission, _told(error), fields)
            return
        log.info("reviewed", **fields, score=answer.score, allowed=answer.allowed, reason=answer.reason)
        if not answer.allowed:
            raise refusal(submission.role, submission.parameter, cause=f"{NAME}: {answer.reason or 'no reason given'}")

    def _failed(self, submission: Submission, cause: str, fields: dict[str, str]) -> None:
        is_open = self._settings.hook_fail_open
        log.error("review_hook_failed", **fields, detail=cause, allowed=is_open)
        if is_open:
            return
        if submission.role is Role.RESULT:
            raise ApiError("result_review_unavailable", cause=cause)
        raise ApiError("review_unavailable", cause=cause, parameter=submission.parameter)

    async def _ask(self, submission: Submission, url: URL, request_id: str) -> Answer:
        if self._session is None:
            raise RuntimeError("ReviewHook.start() has not run")
        secret = self._settings.hook_secret.get_secret_value() if self._settings.hook_secret else None
        # Base64, JSON and HMAC of megabytes would hold up everybody else's requests.
        body, headers = await asyncio.to_thread(_prepared, submission, request_id, secret)
        proxy = proxy_for(url) if self._use_proxy_env else None
        sent = BytesIO(body)  # as plain bytes aiohttp would write a large body in one piece, holding up the loop
        async with self._session.post(url, data=sent, headers=headers, allow_redirects=False, proxy=proxy) as response:
            if response.status != 200:
                raise BadAnswer(f"HTTP status {response.status}")
            content = await response.content.read(MAX_ANSWER_BYTES + 1)
            while len(content) <= MAX_ANSWER_BYTES and (more := await response.content.read(MAX_ANSWER_BYTES)):
                content += more
        return read_answer(content, MAX_ANSWER_BYTES)


def _told(error: Exception) -> str:
    """For the log. Other errors of aiohttp repeat the URL, whose query may be a secret."""
    text = str(error) if isinstance(error, (BadAnswer, OSError)) else ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _prepared(submission: Submission, request_id: str, secret: str | None) -> tuple[bytes, dict[str, str]]:
    body = compose(submission.role, b64encode(submission.data).decode("ascii"), request_id)
    return body, signed_headers(
        f"{request_id}_{submission.role.value}", int(time.time()), body, [secret] if secret else []
    )
