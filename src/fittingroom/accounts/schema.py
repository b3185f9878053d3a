"""The tables of accounts: who may call, what they may do, what they pay, and who changed what.

`meta.revision` counts changes of what a running server keeps in memory (everything but money, use and the audit), so
that it sees from one small row whether its copy is still right. Times are Unix seconds, money is in millionths of the
currency's unit, documents are JSON text. Invariant: rows of `ledger_transactions`, `ledger_postings` and `audit` are
only ever added; triggers of the migrations refuse anything else.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

# SQLite gives a row its number by itself only where the key is an INTEGER.
_SERIAL = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("revision", BigInteger, nullable=False),
)
"""One row. revision: see above."""

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("uin", BigInteger, nullable=False, unique=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("status", String(16), nullable=False),
    Column("plan", String(16), nullable=False),
    Column("price", BigInteger, nullable=True),
    Column("quota", BigInteger, nullable=True),
    Column("concurrency", Integer, nullable=True),
    Column("rate", Integer, nullable=True),
    Column("created_at", Float, nullable=False),
)
"""uin: the number by which policies name the account. price (per picture), quota (pictures a month), concurrency and
rate (requests a second): null leaves it to the settings."""

users = Table(
    "users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", String(36), ForeignKey("accounts.id"), nullable=False),
    Column("uin", BigInteger, nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("root", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("sessions_after", Float, nullable=False),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("account_id", "name"),
)
"""root: the user that an account begins with, allowed everything; its uin is the account's. sessions_after: temporary
credentials issued before this are refused."""

keys = Table(
    "keys",
    metadata,
    Column("secret_id", String(64), primary_key=True),
    Column("user_id", String(36), ForeignKey("users.id"), nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("revoked_at", Float, nullable=True),
    Column("expires_at", Float, nullable=True),
    Column("used_at", Float, nullable=True),
    Column("created_at", Float, nullable=False),
)
"""Permanent keys; temporary credentials have no row (see `sessions`). A disabled key can be enabled again, a revoked
one cannot."""

roles = Table(
    "roles",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", String(36), ForeignKey("accounts.id"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("trust", Text, nullable=False),
    Column("max_seconds", Integer, nullable=False),
    Column("sessions_after", Float, nullable=False),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("account_id", "name"),
)
"""What `sts:AssumeRole` gives out. trust: the policy that says who may."""

policies = Table(
    "policies",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", String(36), ForeignKey("accounts.id"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("document", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("account_id", "name"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("policy_id", String(36), ForeignKey("policies.id"), primary_key=True),
    Column("principal_id", String(36), primary_key=True),
)
"""principal_id: of a user or a role."""

networks = Table(
    "networks",
    metadata,
    Column("account_id", String(36), ForeignKey("accounts.id"), primary_key=True),
    Column("effect", String(8), primary_key=True),
    Column("network", String(64), primary_key=True),
    Column("created_at", Float, nullable=False),
)
"""Addresses from which an account may (`allow`) or may not (`deny`) be used. Where there is an `allow`, all else is
refused."""

audit = Table(
    "audit",
    metadata,
    Column("id", _SERIAL, primary_key=True),
    Column("at", Float, nullable=False),
    Column("actor", String(128), nullable=False),
    Column("action", String(64), nullable=False),
    Column("account_id", String(36), nullable=True, index=True),
    Column("target", String(256), nullable=False),
    Column("detail", Text, nullable=False),
)
"""Who changed what. detail: JSON, never a secret."""

ledger_transactions = Table(
    "ledger_transactions",
    metadata,
    Column("id", _SERIAL, primary_key=True),
    Column("account_id", String(36), ForeignKey("accounts.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("once", String(96), nullable=True, unique=True),
    Column("request_id", String(36), nullable=True),
    Column("note", String(256), nullable=False),
    Column("at", Float, nullable=False, index=True),
)
"""kind: topup, grant, adjust, reserve, charge, release, refund. once: what must not happen twice, such as
`settle:<RequestId>`, by which a request is found, too: each further index would cost every picture two writes."""

ledger_postings = Table(
    "ledger_postings",
    metadata,
    Column("id", _SERIAL, primary_key=True),
    Column("transaction_id", _SERIAL, ForeignKey("ledger_transactions.id"), nullable=False, index=True),
    Column("unit", String(32), nullable=False),
    Column("bucket", String(16), nullable=False),
    Column("amount", BigInteger, nullable=False),
)
"""The two or more sides of a transaction; of each unit they add up to nothing. unit: `money`, pictures of a month
(`pictures:2026-11`), or pictures that are only counted (`pictures`). bucket: funding, available, reserved, spent."""

balances = Table(
    "balances",
    metadata,
    Column("account_id", String(36), ForeignKey("accounts.id"), primary_key=True),
    Column("unit", String(32), primary_key=True),
    Column("funding", BigInteger, nullable=False),
    Column("available", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
)
"""The sums of the postings by bucket, kept in the same transaction, so that a reservation need not add up a year, and
in one row, so that it is one conditional change. funding is what was paid in, below zero."""

reservations = Table(
    "reservations",
    metadata,
    Column("request_id", String(36), primary_key=True),
    Column("account_id", String(36), ForeignKey("accounts.id"), nullable=False),
    Column("unit", String(32), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("gateway_id", String(36), nullable=False),
    Column("at", Float, nullable=False),
)
"""What is reserved now and not settled. A row of a gateway that is gone is given back."""

gateways = Table(
    "gateways",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("seen_at", Float, nullable=False),
)
"""The servers that hold reservations, and when each last said that it lives."""

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", String(36), ForeignKey("accounts.id"), nullable=False, index=True),
    Column("action", String(64), nullable=False),
    Column("request_id", String(36), nullable=False),
    Column("language", String(8), nullable=False),
    Column("base_url", String(512), nullable=False),
    Column("parameters", Text, nullable=True),
    Column("state", String(8), nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("gateway_id", String(36), nullable=True),
    Column("claim", String(36), nullable=True),
    Column("lease_until", Float, nullable=True),
    Column("due_at", Float, nullable=False),
    Column("outcome", Text, nullable=True),
    Column("callback", Text, nullable=True),
    Column("callback_tries", Integer, nullable=False),
    Column("callback_at", Float, nullable=True, index=True),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=True, index=True),
)
"""Pictures that are made after their request was answered. Times are of the database's clock.
parameters (until the job has ended), outcome (once it has) and callback (a URL, until it was told): sealed. state:
waiting, running, failed, done. gateway_id, claim, lease_until: who runs it, by which
claim, and until when that is believed. due_at: not to be
tried before. callback_at: when the callback is due; null where there is none to send."""

webhooks = Table(
    "webhooks",
    metadata,
    Column("account_id", String(36), ForeignKey("accounts.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("previous", LargeBinary, nullable=True),
    Column("previous_until", Float, nullable=True),
    Column("created_at", Float, nullable=False),
)
"""The secret by which an account's callbacks are signed; for a day after a rotation, the one before signs too."""
