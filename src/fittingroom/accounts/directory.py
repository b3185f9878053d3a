"""The running server's copy of all callers, in memory.

A request never waits for the database, and a known SecretId takes exactly as long as an unknown one, so neither time
nor load tells which exist. A background task looks at the revision a few times a second and reads again when it has
moved. Invariant: a copy that could not be confirmed for `STALE_SECONDS` is not used, since a key in it may have been
revoked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import lru_cache

import structlog

from fittingroom.accounts import sessions
from fittingroom.accounts.cam import Policy, parse
from fittingroom.accounts.database import AccountError, Database
from fittingroom.accounts.last_used import LastUsed
from fittingroom.accounts.records import AccountRecord, KeyRecord
from fittingroom.accounts.snapshot import Snapshot, read_snapshot
from fittingroom.accounts.vault import Vault, VaultError
from fittingroom.errors import ApiError

STALE_SECONDS = 5.0

log = structlog.get_logger(__name__)


@lru_cache(maxsize=256)
def _session_policy(document: str) -> Policy:
    """Compiled once for the many requests of a session."""
    return parse(document, "session")


class Directory:
    """Finds callers in memory and follows the database.

    refresh: seconds between looks at the database. clock: monotonic seconds.
    """

    def __init__(
        self, database: Database, vault: Vault, refresh: float = 0.5, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._vault = vault
        self._last_used = LastUsed(database)
        self._refresh = refresh
        self._clock = clock
        self._snapshot = Snapshot()
        self._confirmed = float("-inf")
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read everything, then follow changes. Raises `AccountError`, or `VaultError` for a wrong master key."""
        await asyncio.to_thread(self.update)
        self._task = asyncio.create_task(self._follow(), name="directory")
        await self._last_used.start()

    async def stop(self) -> None:
        """End following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._last_used.stop()

    @property
    def snapshot(self) -> Snapshot:
        """The copy. Raises `ApiError` when it is too old to trust."""
        if self._clock() - self._confirmed > STALE_SECONDS:
            raise ApiError("internal", cause="the database of accounts has not been readable for too long")
        return self._snapshot

    async def find(self, secret_id: str, token: str | None) -> KeyRecord | None:
        """The key, enabled or not, or None. token: as the caller sent it.

        Raises `ApiError`: "token_failure" for a temporary SecretId of ours whose token is missing, not ours, or of
        somebody who may not use it any more; "internal" when the copy is too old to trust.
        """
        snapshot = self.snapshot
        found = snapshot.keys.get(secret_id)
        if found is not None or not sessions.is_ours(self._vault, secret_id):
            return found
        record = None if token is None else self._from_token(snapshot, secret_id, token)
        if record is None:
            raise ApiError("token_failure")
        return record

    def account(self, account_id: str) -> AccountRecord | None:
        """The account, or None for one that is gone. Raises `ApiError` when the copy is too old to trust."""
        return self.snapshot.accounts.get(account_id)

    def used(self, record: KeyRecord) -> None:
        """This key just signed a request that was accepted. Of temporary credentials nothing is kept."""
        if record.token is None:
            self._last_used.note(record.secret_id)

    def update(self) -> None:
        """Read again if anything changed. Blocking."""
        started = self._clock()
        if self._database.revision() != self._snapshot.revision:
            with self._database.reading() as connection:
                self._snapshot = read_snapshot(connection, self._vault, self._snapshot)
        self._confirmed = started

    def _from_token(self, snapshot: Snapshot, secret_id: str, token: str) -> KeyRecord | None:
        session = sessions.open_token(self._vault, secret_id, token)
        if session is None or not _still_counts(snapshot, session):
            return None
        return KeyRecord(
            secret_id=secret_id,
            secret_key=session.secret_key,
            principal=snapshot.principals[session.principal_id],
            token=token,
            expires_at=session.expires_at,
            policy=None if session.policy is None else _session_policy(session.policy),
            origin=session.origin,
        )

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


def _still_counts(snapshot: Snapshot, session: sessions.Session) -> bool:
    """Whether all through whose hands the session came are there and enabled, and so is the permanent key behind it."""
    for holder in (session.principal_id, *session.origin.issuers):
        principal = snapshot.principals.get(holder)
        if principal is None or not principal.enabled or session.issued_at < principal.sessions_after:
            return False
    if session.origin.key_id is None:
        return True
    key = snapshot.keys.get(session.origin.key_id)
    return key is not None and key.enabled and (key.expires_at is None or time.time() < key.expires_at)
