"""The running server's copy of all keys, in memory.

A request never waits for the database, and a known SecretId takes exactly as long as an unknown one, so neither time
nor load tells which exist. A background task looks at the revision a few times a second and reads the keys again when
it has moved. Invariant: a copy that could not be confirmed for `STALE_SECONDS` is not used, since a key in it may
have been revoked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy import select

from fittingroom.accounts import schema
from fittingroom.accounts.database import AccountError, Database
from fittingroom.accounts.vault import Vault, VaultError
from fittingroom.errors import ApiError

STALE_SECONDS = 30.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as a signature check needs it. expires_at: Unix seconds, of temporary keys; these have a token too."""

    secret_id: str
    secret_key: str = field(repr=False)
    account_id: str
    account_name: str
    token: str | None = field(repr=False)
    expires_at: float | None
    enabled: bool


class Keyring:
    """Finds keys in memory and follows the database.

    refresh: seconds between looks at the database. clock: monotonic seconds.
    """

    def __init__(
        self, database: Database, vault: Vault, refresh: float = 0.5, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._vault = vault
        self._refresh = refresh
        self._clock = clock
        self._records: dict[str, KeyRecord] = {}
        self._sealed: dict[str, bytes] = {}
        self._revision = -1
        self._confirmed = float("-inf")
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read all keys, then follow changes. Raises `AccountError`, or `VaultError` when the master key is wrong."""
        await asyncio.to_thread(self.update)
        self._task = asyncio.create_task(self._follow(), name="keyring")

    async def stop(self) -> None:
        """End following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def find(self, secret_id: str) -> KeyRecord | None:
        """The key, enabled or not, or None. Raises `ApiError` when the copy is too old to trust."""
        if self._clock() - self._confirmed > STALE_SECONDS:
            raise ApiError("internal", cause="the database of accounts has not been readable for too long")
        return self._records.get(secret_id)

    def update(self) -> None:
        """Read the keys again if anything changed. Blocking."""
        started = self._clock()
        revision = self._database.revision()
        if revision != self._revision:
            self._read(revision)
        self._confirmed = started

    def _read(self, revision: int) -> None:
        a, k = schema.accounts.c, schema.keys.c
        query = select(k.secret_id, k.sealed, k.account_id, a.name, k.expires_at, k.enabled).join_from(
            schema.keys, schema.accounts, k.account_id == a.id
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        records, sealed_rows = {}, {}
        for secret_id, sealed, account_id, name, expires_at, enabled in rows:
            secret_key, token = self._open(secret_id, sealed)
            records[secret_id] = KeyRecord(secret_id, secret_key, account_id, name, token, expires_at, enabled)
            sealed_rows[secret_id] = sealed
        self._records, self._sealed, self._revision = records, sealed_rows, revision

    def _open(self, secret_id: str, sealed: bytes) -> tuple[str, str | None]:
        # Decrypting is the dear part of a read; an unchanged row was opened before.
        if self._sealed.get(secret_id) == sealed:
            known = self._records[secret_id]
            return known.secret_key, known.token
        return self._vault.open_sealed(secret_id, sealed)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._refresh)
            try:
                await asyncio.to_thread(self.update)
            except (AccountError, VaultError) as error:
                log.error("keys_unreadable", detail=str(error))
            except Exception as error:
                # Nobody waits for this task: it would end unseen, and with it the server's knowledge of revoked keys.
                log.exception("keys_unreadable", detail=f"{type(error).__name__}: {error}")
