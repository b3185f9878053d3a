"""All accounts, users, keys, roles and policies as read from the database at one moment.

Reading everything at once is simple and, for the thousands of keys that one server may have, quick; what is dear
(decrypting a secret, compiling a policy) is kept from the snapshot before where its row has not changed. Invariant: a
snapshot is consistent: it is read in one transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Row, select

from fittingroom.accounts import schema
from fittingroom.accounts.access import AddressLists
from fittingroom.accounts.cam import Network, Networks, Policy, TrustPolicy, parse, parse_network, parse_trust
from fittingroom.accounts.records import AccountRecord, KeyRecord, Plan, Principal, PrincipalKind, ServiceStatus
from fittingroom.accounts.vault import Vault


@dataclass(frozen=True, slots=True)
class Snapshot:
    """keys: by SecretId, revoked ones left out. principals: users and roles by id. sealed, compiled, trusts: what a
    later reading need not do again."""

    revision: int = -1
    keys: Mapping[str, KeyRecord] = field(default_factory=dict)
    principals: Mapping[str, Principal] = field(default_factory=dict)
    accounts: Mapping[str, AccountRecord] = field(default_factory=dict)
    sealed: Mapping[str, bytes] = field(default_factory=dict)
    compiled: Mapping[tuple[str, str], Policy] = field(default_factory=dict)
    trusts: Mapping[str, TrustPolicy] = field(default_factory=dict)

    def role(self, account_uin: int, name: str) -> Principal | None:
        """The role of this name in the account of this number."""
        roles = (one for one in self.principals.values() if one.kind is PrincipalKind.ROLE)
        return next((one for one in roles if one.account.uin == account_uin and one.name == name), None)


def read_snapshot(connection: Connection, vault: Vault, before: Snapshot) -> Snapshot:
    """Read everything. Raises `VaultError` when the master key does not open a secret."""
    callers = read_callers(connection, before)
    rows = connection.execute(select(schema.keys).where(schema.keys.c.revoked_at.is_(None))).all()
    secret = _opener(vault, before)
    return replace(
        callers,
        keys={row.secret_id: _key(row, callers.principals, secret) for row in rows},
        sealed={row.secret_id: row.sealed for row in rows},
    )


def read_callers(connection: Connection, before: Snapshot) -> Snapshot:
    """Read everything but the keys."""
    revision = connection.execute(select(schema.meta.c.revision)).scalar_one()
    accounts = _accounts(connection)
    named = {row.id: (row.name, row.document) for row in connection.execute(select(schema.policies))}
    compiled = {key: before.compiled.get(key) or parse(key[1], key[0]) for key in set(named.values())}
    attached: dict[str, list[Policy]] = defaultdict(list)
    for policy_id, principal_id in connection.execute(select(schema.attachments).order_by(*schema.attachments.c)):
        attached[principal_id].append(compiled[named[policy_id]])
    roles = connection.execute(select(schema.roles)).all()
    trusts = {row.trust: before.trusts.get(row.trust) or parse_trust(row.trust) for row in roles}
    users = connection.execute(select(schema.users)).all()
    principals = {row.id: _user(row, accounts, attached) for row in users}
    principals |= {row.id: _role(row, accounts, attached, trusts) for row in roles}
    return Snapshot(revision=int(revision), principals=principals, accounts=accounts, compiled=compiled, trusts=trusts)


def _accounts(connection: Connection) -> dict[str, AccountRecord]:
    networks: dict[tuple[str, str], list[Network]] = defaultdict(list)
    for row in connection.execute(select(schema.networks)):
        networks[row.account_id, row.effect].append(parse_network(row.network))
    return {
        row.id: AccountRecord(
            id=row.id,
            uin=row.uin,
            name=row.name,
            status=ServiceStatus(row.status),
            plan=Plan(row.plan),
            price=row.price,
            quota=row.quota,
            concurrency=row.concurrency,
            rate=row.rate,
            lists=AddressLists(
                admitted=Networks.of(networks[row.id, "allow"]), refused=Networks.of(networks[row.id, "deny"])
            ),
        )
        for row in connection.execute(select(schema.accounts))
    }


def _user(row: Row[Any], accounts: Mapping[str, AccountRecord], attached: Mapping[str, list[Policy]]) -> Principal:
    return Principal(
        kind=PrincipalKind.ROOT if row.root else PrincipalKind.USER,
        id=row.id,
        uin=row.uin,
        name=row.name,
        account=accounts[row.account_id],
        enabled=row.enabled,
        policies=tuple(attached.get(row.id, ())),
        sessions_after=row.sessions_after,
    )


def _role(
    row: Row[Any],
    accounts: Mapping[str, AccountRecord],
    attached: Mapping[str, list[Policy]],
    trusts: Mapping[str, TrustPolicy],
) -> Principal:
    account = accounts[row.account_id]
    return Principal(
        kind=PrincipalKind.ROLE,
        id=row.id,
        uin=account.uin,
        name=row.name,
        account=account,
        policies=tuple(attached.get(row.id, ())),
        sessions_after=row.sessions_after,
        trust=trusts[row.trust],
        max_seconds=row.max_seconds,
    )


def _opener(vault: Vault, before: Snapshot) -> Callable[[str, bytes], str]:
    def secret(secret_id: str, sealed: bytes) -> str:
        if before.sealed.get(secret_id) == sealed:
            return before.keys[secret_id].secret_key
        return vault.open_sealed(secret_id, sealed)

    return secret


def _key(row: Row[Any], principals: Mapping[str, Principal], secret: Callable[[str, bytes], str]) -> KeyRecord:
    principal = principals[row.user_id]
    return KeyRecord(
        secret_id=row.secret_id,
        secret_key=secret(row.secret_id, row.sealed),
        principal=principal,
        expires_at=row.expires_at,
        enabled=row.enabled and principal.enabled,
    )
