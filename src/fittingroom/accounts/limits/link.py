"""The connection to the Redis or Valkey in which several gateways count together.

Each question has a short time limit: a gateway that cannot ask refuses work rather than guess, and says so soon.
Invariant: whatever goes wrong with a question comes out as one `ApiError`, with the cause for the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, TypeVar

from fittingroom.accounts.database import AccountError
from fittingroom.errors import ApiError

if TYPE_CHECKING:
    from redis.commands.core import AsyncScript

CONNECTIONS = 32
"""At most, per gateway; a question needs one for well under a millisecond."""

Answer = TypeVar("Answer")


class RedisLink:
    """A pool of connections. url: `redis://`, `rediss://`, `valkey://` or `valkeys://`. timeout: seconds per question.

    Raises `AccountError` when the extra `redis` is not installed or the URL cannot be read.
    """

    def __init__(self, url: str, timeout: float) -> None:
        try:
            import redis.asyncio as client  # noqa: PLC0415
            from redis.asyncio.retry import Retry  # noqa: PLC0415
            from redis.backoff import NoBackoff  # noqa: PLC0415
            from redis.exceptions import RedisError  # noqa: PLC0415
        except ImportError as error:
            raise AccountError(
                "limits.url is set, but the package redis is missing: install fittingroom[redis]"
            ) from error
        # Valkey speaks Redis' protocol; only the name of the scheme differs.
        self._url = url.replace("valkey", "redis", 1) if url.startswith("valkey") else url
        self._timeout = timeout
        self._failures = (RedisError, OSError)
        options: dict[str, Any] = {"socket_timeout": timeout, "socket_connect_timeout": timeout}
        try:
            self.pool = client.BlockingConnectionPool.from_url(
                # A pooled connection may have died with a restarted server: one new try, on a new connection.
                self._url,
                max_connections=CONNECTIONS,
                timeout=timeout,
                retry=Retry(NoBackoff(), 1),
                **options,
            )
        except ValueError:
            # Its own message may quote a piece of the URL, such as half a password that holds a '/'.
            raise AccountError(
                "limits.url cannot be read: it is no URL such as redis://user:password@host:6379/0; write special "
                "characters of the password as %40 for '@', %3A for ':', %2F for '/'"
            ) from None
        self._client = client.Redis(connection_pool=self.pool)

    @property
    def timeout(self) -> float:
        """Seconds that one question may take."""
        return self._timeout

    def check(self) -> None:
        """Ask once, blocking, before anything runs. Raises `AccountError` when there is no answer."""
        import redis  # noqa: PLC0415

        with redis.Redis.from_url(self._url, socket_timeout=self._timeout, socket_connect_timeout=5.0) as probe:
            try:
                probe.ping()
            except self._failures as error:
                raise AccountError(f"the Redis of limits.url does not answer: {error}") from error

    def script(self, text: str) -> AsyncScript:
        """A Lua script, sent by its digest."""
        return self._client.register_script(text)

    async def answer(self, question: Awaitable[Answer]) -> Answer:
        """The answer to a question. Raises `ApiError("limits_unavailable")`."""
        try:
            async with asyncio.timeout(self._timeout):
                return await question
        except (*self._failures, TimeoutError) as error:
            raise ApiError("limits_unavailable", cause=f"Redis: {type(error).__name__}: {error}") from error

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()
        await self.pool.disconnect()
