"""Sealing anew, by the newest master key, what the vault keeps besides keys: jobs and the secrets of callbacks.

Invariant: after it nothing in the database needs an older master key, so that key can be taken away.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, select, update

from fittingroom.accounts import schema
from fittingroom.accounts.vault import Vault


def reseal(connection: Connection, vault: Vault) -> int:
    """How many rows were changed. connection: in a write transaction. Raises `VaultError`."""
    return _rows(connection, vault, schema.jobs, ("parameters", "outcome", "callback")) + _rows(
        connection, vault, schema.webhooks, ("sealed", "previous")
    )


def _rows(connection: Connection, vault: Vault, table: Table, columns: tuple[str, ...]) -> int:
    (key,) = table.primary_key
    rows = connection.execute(select(key, *(table.c[name] for name in columns))).all()
    for row_key, *sealed in rows:
        values = {name: _renewed(vault, one) for name, one in zip(columns, sealed, strict=True) if one is not None}
        if values:
            connection.execute(update(table).where(key == row_key).values(**values))
    return len(rows)


def _renewed(vault: Vault, sealed: bytes | str) -> bytes | str:
    if isinstance(sealed, str):
        return vault.renew(sealed.encode("ascii")).decode("ascii")
    return vault.renew(bytes(sealed))
