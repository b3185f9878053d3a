"""Users, keys of users, roles, policies, networks, money and the audit.

Each account of the first version gets a root user, to whom its keys belong. Temporary keys, which lived for a day and a
half at most, are left out: they need no rows any more.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

APPEND_ONLY = ("ledger_transactions", "ledger_postings", "audit")


def upgrade() -> None:
    """Take the old rows up, make the new tables, put the rows back."""
    connection = op.get_bind()
    accounts = connection.execute(sa.text("SELECT id, name, created_at FROM accounts")).all()
    keys = connection.execute(
        sa.text("SELECT secret_id, account_id, sealed, enabled, created_at FROM keys WHERE NOT temporary")
    ).all()
    before = connection.execute(sa.text("SELECT revision FROM meta")).scalar()
    for table in ("keys", "accounts", "meta"):
        op.drop_table(table)
    _create_callers()
    _create_rights()
    _create_ledger()
    _create_balances()
    _fill(connection, accounts, keys, 0 if before is None else before + 1)
    for table in APPEND_ONLY:
        _protect(connection, table)


def _create_callers() -> None:
    op.create_table(
        "meta",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meta")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("uin", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("plan", sa.String(length=16), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("quota", sa.BigInteger(), nullable=True),
        sa.Column("concurrency", sa.Integer(), nullable=True),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
        sa.UniqueConstraint("uin", name=op.f("uq_accounts_uin")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("uin", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("root", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("sessions_after", sa.Float(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_users_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_users_account_id")),
        sa.UniqueConstraint("uin", name=op.f("uq_users_uin")),
    )
    op.create_table(
        "keys",
        sa.Column("secret_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("revoked_at", sa.Float(), nullable=True),
        sa.Column("expires_at", sa.Float(), nullable=True),
        sa.Column("used_at", sa.Float(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_keys_user_id")),
        sa.PrimaryKeyConstraint("secret_id", name=op.f("pk_keys")),
    )
    op.create_index(op.f("ix_keys_user_id"), "keys", ["user_id"], unique=False)


def _create_rights() -> None:
    op.create_table(
        "roles",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("trust", sa.Text(), nullable=False),
        sa.Column("max_seconds", sa.Integer(), nullable=False),
        sa.Column("sessions_after", sa.Float(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_roles_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_roles_account_id")),
    )
    op.create_table(
        "policies",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_policies_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_policies_account_id")),
    )
    op.create_table(
        "attachments",
        sa.Column("policy_id", sa.String(length=36), nullable=False),
        sa.Column("principal_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_attachments_policy_id")),
        sa.PrimaryKeyConstraint("policy_id", "principal_id", name=op.f("pk_attachments")),
    )
    op.create_table(
        "networks",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("effect", sa.String(length=8), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_networks_account_id")),
        sa.PrimaryKeyConstraint("account_id", "effect", "network", name=op.f("pk_networks")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("target", sa.String(length=256), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_account_id"), "audit", ["account_id"], unique=False)


def _create_ledger() -> None:
    op.create_table(
        "ledger_transactions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("once", sa.String(length=96), nullable=True),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("note", sa.String(length=256), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_ledger_transactions_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transactions")),
        sa.UniqueConstraint("once", name=op.f("uq_ledger_transactions_once")),
    )
    op.create_index(op.f("ix_ledger_transactions_at"), "ledger_transactions", ["at"], unique=False)
    op.create_table(
        "ledger_postings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("transaction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("bucket", sa.String(length=16), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["ledger_transactions.id"], name=op.f("fk_ledger_postings_transaction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_postings")),
    )
    op.create_index(op.f("ix_ledger_postings_transaction_id"), "ledger_postings", ["transaction_id"], unique=False)


def _create_balances() -> None:
    op.create_table(
        "balances",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("funding", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_balances_account_id")),
        sa.PrimaryKeyConstraint("account_id", "unit", name=op.f("pk_balances")),
    )
    op.create_table(
        "reservations",
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("gateway_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_reservations_account_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_reservations")),
    )
    op.create_table(
        "gateways",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateways")),
    )


def _fill(connection: sa.Connection, accounts: Sequence[Any], keys: Sequence[Any], revision_now: int) -> None:
    connection.execute(sa.text("INSERT INTO meta (id, revision) VALUES (1, :revision)"), {"revision": revision_now})
    users: dict[str, str] = {}
    for account_id, name, created_at in accounts:
        users[account_id] = str(uuid.uuid4())
        row = {"id": account_id, "uin": 100 * 10**9 + secrets.randbelow(10**9), "name": name, "at": created_at}
        connection.execute(
            sa.text(
                "INSERT INTO accounts (id, uin, name, status, plan, created_at) "
                "VALUES (:id, :uin, :name, 'active', 'free', :at)"
            ),
            row,
        )
        connection.execute(
            sa.text(
                "INSERT INTO users (id, account_id, uin, name, root, enabled, sessions_after, created_at) "
                "VALUES (:user, :id, :uin, 'root', :yes, :yes, 0, :at)"
            ),
            {**row, "user": users[account_id], "yes": True},
        )
    for secret_id, account_id, sealed, enabled, created_at in keys:
        connection.execute(
            sa.text(
                "INSERT INTO keys (secret_id, user_id, sealed, enabled, revoked_at, created_at) "
                "VALUES (:id, :user, :sealed, :enabled, :revoked, :at)"
            ),
            {
                "id": secret_id,
                "user": users[account_id],
                "sealed": sealed,
                "enabled": bool(enabled),
                "revoked": None if enabled else time.time(),
                "at": created_at,
            },
        )


def _protect(connection: sa.Connection, table: str) -> None:
    """Refuse to change or delete a row, whoever asks."""
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END"
            )
    elif connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION only_add() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE integrity_constraint_violation "
            "USING MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are only ever added'; END $$"
        )
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_only_add BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION only_add()"
        )
