"""The tables of accounts and keys, and the one row that says which version of them this is.

`meta.revision` counts changes, so that a running server sees from one small row whether its copy of the keys is still
right. Invariant: whoever changes a key raises the revision in the same transaction.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, LargeBinary, MetaData, String, Table

VERSION: Final = 1
"""Raised with every change of the tables; a database of another version is refused, never guessed at."""

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("created_at", Float, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("secret_id", String(64), primary_key=True),
    Column("account_id", String(36), ForeignKey("accounts.id"), nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("temporary", Boolean, nullable=False),
    Column("expires_at", Float, nullable=True),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", Float, nullable=False),
)
