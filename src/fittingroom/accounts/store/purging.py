"""Taking an account out of the database: all that lets somebody in, and all names.

Rows of the ledger and of the audit are only ever added, so they stay and need their account's row; this keeps its id,
its number and its money, and loses its name. Invariant: afterwards no key, session or role of the account works, and
purging again changes nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select, update

from fittingroom.accounts import schema
from fittingroom.accounts.store.base import Store, find_account


@dataclass(frozen=True, slots=True)
class Purged:
    """What was taken out. name: by which the account is listed from now on. The rest: how many rows."""

    account_id: str
    name: str
    users: int
    keys: int
    roles: int
    policies: int
    jobs: int
    networks: int


def purge(store: Store, account_name: str) -> Purged:
    """Delete an account's keys, sub-users, roles, policies, address lists, jobs, sessions and name.

    The root user stays, disabled, since the account's row needs it. Raises `AccountError` for an unknown account.
    """
    u, r, p, a = schema.users.c, schema.roles.c, schema.policies.c, schema.attachments.c
    with store.changing() as change:
        connection = change.connection
        account = find_account(connection, account_name)
        name = f"purged-{account.uin}"
        users = select(u.id).where(u.account_id == account.id)
        policies = select(p.id).where(p.account_id == account.id)
        connection.execute(delete(schema.attachments).where(a.policy_id.in_(policies)))
        counts = {
            "keys": connection.execute(delete(schema.keys).where(schema.keys.c.user_id.in_(users))).rowcount,
            "users": connection.execute(delete(schema.users).where(u.account_id == account.id, ~u.root)).rowcount,
            "roles": connection.execute(delete(schema.roles).where(r.account_id == account.id)).rowcount,
            "policies": connection.execute(delete(schema.policies).where(p.account_id == account.id)).rowcount,
            "jobs": connection.execute(delete(schema.jobs).where(schema.jobs.c.account_id == account.id)).rowcount,
            "networks": connection.execute(
                delete(schema.networks).where(schema.networks.c.account_id == account.id)
            ).rowcount,
        }
        connection.execute(delete(schema.webhooks).where(schema.webhooks.c.account_id == account.id))
        root = update(schema.users).where(u.account_id == account.id)
        connection.execute(root.values(enabled=False, sessions_after=change.now))
        connection.execute(update(schema.accounts).where(schema.accounts.c.id == account.id).values(name=name))
        change.note("accounts.purge", account.id, name, **counts)
    return Purged(account.id, name, **counts)
