"""When each key was last used, collected in memory and written from time to time.

A request only notes a number in memory; a background task writes what has gathered in one transaction, which raises no
revision, since servers do not need it to serve. So a key's row is written once a minute at most, however busy it is.
Invariant: what is written never goes back in time, whichever server writes last.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

import structlog
from sqlalchemy import bindparam, or_, update

from fittingroom.accounts import schema
from fittingroom.accounts.database import AccountError, Database

SECONDS = 60.0

log = structlog.get_logger(__name__)


class LastUsed:
    """Use `note` for each accepted request. seconds: between writings. clock: Unix seconds."""

    def __init__(self, database: Database, seconds: float = SECONDS, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._seconds = seconds
        self._clock = clock
        self._gathered: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None

    def note(self, secret_id: str) -> None:
        """This permanent key was just used."""
        self._gathered[secret_id] = self._clock()

    async def start(self) -> None:
        """Begin to write now and then."""
        self._task = asyncio.create_task(self._write_forever(), name="last-used")

    async def stop(self) -> None:
        """End, and write what is left."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._flush()

    async def _write_forever(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            await self._flush()

    async def _flush(self) -> None:
        """Write what has gathered; what cannot be written now is kept for the next time."""
        gathered, self._gathered = self._gathered, {}
        if not gathered:
            return
        try:
            await asyncio.to_thread(self._write, gathered)
        except AccountError as error:
            self._gathered = gathered | self._gathered
            log.warning("last_used_unwritten", detail=str(error))
        except Exception as error:
            # Nobody waits for this task: it would end unseen.
            log.exception("last_used_unwritten", detail=f"{type(error).__name__}: {error}")

    def _write(self, gathered: Mapping[str, float]) -> None:
        keys = schema.keys.c
        later = or_(keys.used_at.is_(None), keys.used_at < bindparam("at"))
        change = update(schema.keys).where(keys.secret_id == bindparam("id"), later).values(used_at=bindparam("at"))
        # In one order everywhere: two servers that lock the same rows in different orders would wait for each other.
        rows = [{"id": secret_id, "at": gathered[secret_id]} for secret_id in sorted(gathered)]
        with self._database.writing() as connection:
            connection.execute(change, rows)
