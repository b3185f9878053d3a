"""Who is to be told of an ended job, and by which secrets that is signed.

A callback is taken by pushing its time ahead, so a gateway that dies while it tells somebody leaves it due again: it is
told at least once. Invariant: a secret is stored sealed, and opens for its own account alone.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from typing import Final

from sqlalchemy import insert, select, update

from fittingroom.accounts import schema
from fittingroom.accounts.jobs import statements as sql
from fittingroom.accounts.jobs.records import Callback, Due
from fittingroom.accounts.jobs.table import JobTable
from fittingroom.accounts.store.base import Store, find_account
from fittingroom.accounts.vault import Vault

PREFIX: Final = "whsec_"
OVERLAP: Final = 86_400.0
"""Seconds after a rotation in which the secret before signs too."""


class CallbackTable:
    """Callbacks that are due. Every method blocks and raises `AccountError`."""

    def __init__(self, jobs: JobTable, vault: Vault) -> None:
        self._jobs = jobs
        self._vault = vault

    def due(self, limit: int = 20, each: int = 20) -> list[Due]:
        """At most `limit` jobs whose callback is due, of each account at most `each`, longest due first."""
        with self._jobs.till.reading() as teller:
            return [Due(*row) for row in teller.rows(sql.DUE, limit=limit, each=each)]

    def take(self, job_id: str, hold: float) -> Callback | None:
        """A due callback, for `hold` seconds nobody else's; None where another was first."""
        with self._jobs.till.transaction() as teller:
            rows = teller.rows(sql.TAKE_CALLBACK, id=job_id, hold=hold)
        if not rows:
            return None
        *found, account_id, action, language, base_url, url, tries = rows[0]
        opened = self._jobs.unseal(job_id, "callback", url)
        return Callback(self._jobs.found(tuple(found)), account_id, action, language, base_url, opened, tries)

    def told(self, job_id: str) -> None:
        """It has arrived, or nobody will try again."""
        with self._jobs.till.transaction() as teller:
            teller.count(sql.TOLD, id=job_id)

    def tell_later(self, job_id: str, pause: float) -> None:
        """Try again in `pause` seconds."""
        with self._jobs.till.transaction() as teller:
            teller.count(sql.TELL_LATER, id=job_id, pause=pause)

    def not_now(self, job_id: str, pause: float) -> None:
        """Put a taken callback back untried, for `pause` seconds."""
        with self._jobs.till.transaction() as teller:
            teller.count(sql.NOT_NOW, id=job_id, pause=pause)

    def secrets(self, account_id: str) -> list[str]:
        """What an account's callbacks are signed by, newest first; empty where it has no secret."""
        with self._jobs.till.reading() as teller:
            rows = teller.rows(sql.SECRETS, account_id=account_id)
        sealed = [one for one in rows[0] if one is not None] if rows else []
        return [self._vault.open_sealed(_sealed_for(account_id), bytes(one)) for one in sealed]


def show(store: Store, account_name: str) -> str | None:
    """The secret of an account; None where it has none. Raises `AccountError`, `VaultError`."""
    w = schema.webhooks.c
    with store.reading() as connection:
        account = find_account(connection, account_name)
        sealed = connection.scalar(select(w.sealed).where(w.account_id == account.id))
    return None if sealed is None else store.vault.open_sealed(_sealed_for(account.id), sealed)


def rotate(store: Store, account_name: str) -> str:
    """Give an account a new secret; the one before signs too for a day. The new one. Raises `AccountError`."""
    w = schema.webhooks.c
    secret = PREFIX + b64encode(secrets.token_bytes(32)).decode("ascii")
    with store.changing() as change:
        account = find_account(change.connection, account_name)
        values = {"sealed": store.vault.seal(_sealed_for(account.id), secret), "created_at": change.now}
        before = change.connection.scalar(select(w.sealed).where(w.account_id == account.id))
        if before is None:
            change.connection.execute(insert(schema.webhooks).values(account_id=account.id, **values))
        else:
            values |= {"previous": before, "previous_until": change.now + OVERLAP}
            change.connection.execute(update(schema.webhooks).where(w.account_id == account.id).values(**values))
        change.note("accounts.webhook", account.id, account_name)
    return secret


def _sealed_for(account_id: str) -> str:
    return f"webhook-{account_id}"
