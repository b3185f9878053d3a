"""An account in a real database with a root user, the user alice and a role, and the token service on it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from fittingroom.accounts import Database, Directory, KeyRecord, Vault, schema
from fittingroom.accounts.issuing import Issuer
from fittingroom.accounts.sessions import Session
from fittingroom.errors import ApiError

OWNER, OTHER, ALICE = 100_000_000_001, 100_000_000_002, 100_000_000_003
TRUST = {
    "version": "2.0",
    "statement": [
        {"effect": "allow", "action": "sts:AssumeRole", "principal": {"qcs": [f"qcs::cam::uin/{OWNER}:root"]}}
    ],
}
ARN = f"qcs::cam::uin/{OWNER}:roleName/dresser"
POLICY = '{"version": "2.0", "statement": [{"effect": "allow", "action": "aiart:*", "resource": "*"}]}'
ROLE = "11111111-0000-4000-8000-000000000001"


@dataclass
class Place:
    """An account with a root user, a sub-user and a role; the numbers are above."""

    database: Database
    directory: Directory
    issuer: Issuer
    vault: Vault

    def change(self, table: Any, **values: Any) -> None:
        """Set values of a table's only row, or of that of `id` or `secret_id`."""
        key = next((name for name in ("secret_id", "id") if name in values), None)
        change = update(table).values({name: value for name, value in values.items() if name != key})
        with self.database.changing() as connection:
            connection.execute(change if key is None else change.where(table.c[key] == values[key]))
        self.directory.update()

    async def caller(self, name: str = "alice") -> KeyRecord:
        found = await self.directory.find(f"AKID{name}", None)
        assert found is not None
        return found

    async def known(self, session: Session) -> KeyRecord | None:
        """The record behind a session, None where it is refused."""
        try:
            return await self.directory.find(session.secret_id, session.token)
        except ApiError as error:
            if error.code != "AuthFailure.TokenFailure":
                raise
            return None

    def permit(self, principal_id: str, action: str) -> None:
        """Attach a policy that allows `action` on everything."""
        document = json.dumps({"version": "2.0", "statement": [{"effect": "allow", "action": action, "resource": "*"}]})
        id_ = f"{principal_id} {action}"[:36]
        policy = {"id": id_, "account_id": "a1", "name": id_, "document": document, "created_at": 1.0}
        with self.database.changing() as connection:
            connection.execute(insert(schema.policies).values(policy))
            connection.execute(insert(schema.attachments).values(policy_id=id_, principal_id=principal_id))
        self.directory.update()

    def rows(self) -> list[Any]:
        with self.database.reading() as connection:
            return list(connection.execute(select(schema.audit)))


def furnished(database: Database, vault: Vault) -> Place:
    """A fresh database with all of it."""
    begun = {"created_at": 1.0}
    account = {"id": "a1", "uin": OWNER, "name": "shop", "status": "active", "plan": "free", **begun}
    users = [
        {"id": "u-root", "account_id": "a1", "uin": OWNER, "name": "root", "root": True},
        {"id": "u-alice", "account_id": "a1", "uin": ALICE, "name": "alice", "root": False},
    ]
    common = {"enabled": True, "sessions_after": 0.0, **begun}
    role = {"id": ROLE, "account_id": "a1", "name": "dresser", "trust": json.dumps(TRUST), "max_seconds": 43_200}
    with database.changing() as connection:
        connection.execute(insert(schema.accounts).values(account))
        connection.execute(insert(schema.users).values([{**user, **common} for user in users]))
        connection.execute(insert(schema.roles).values(role | {"sessions_after": 0.0, **begun}))
        for user in users:
            id_ = f"AKID{user['name']}"
            key = {
                "secret_id": id_,
                "user_id": user["id"],
                "sealed": vault.seal(id_, f"secret of {user['name']}"),
                "enabled": True,
                **begun,
            }
            connection.execute(insert(schema.keys).values(key))
    directory = Directory(database, vault)
    directory.update()
    return Place(database, directory, Issuer(directory, database, vault), vault)
