"""Hands out temporary credentials to callers, for `sts`: each with a row in the audit, written before it is given.

Whether a caller may have one is for the action to decide; here it is made, bound to the caller, so that it ends when
the caller, anybody before them or the permanent key behind them is disabled. Invariant: no credential leaves without
its row, and no row holds a part of the credential but its SecretId.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from fittingroom.accounts import sessions
from fittingroom.accounts.audit import record
from fittingroom.accounts.database import Database
from fittingroom.accounts.directory import Directory
from fittingroom.accounts.records import KeyRecord, Principal, PrincipalKind
from fittingroom.accounts.sessions import Origin, Session
from fittingroom.accounts.vault import Vault
from fittingroom.errors import ApiError

_ROLE = re.compile(r"qcs::cam::uin/([0-9]{1,18}):(roleName|role)/([A-Za-z0-9_.@-]{1,64})")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kind of credential. action: `AssumeRole`, for the audit. name: of the session. seconds: of life. policy:
    text of a valid policy that narrows it."""

    action: str
    name: str
    seconds: int
    policy: str | None


class Issuer:
    """Issues for the callers of `directory`. clock: Unix seconds."""

    def __init__(
        self, directory: Directory, database: Database, vault: Vault, clock: Callable[[], float] = time.time
    ) -> None:
        self._directory = directory
        self._database = database
        self._vault = vault
        self._clock = clock

    def role(self, arn: str) -> Principal | None:
        """The role that `qcs::cam::uin/<account>:roleName/<name>` or `...:role/<id>` names, None where there is none.

        Raises `ApiError` when the copy of the database is too old to trust.
        """
        form = _ROLE.fullmatch(arn)
        if form is None:
            return None
        snapshot, uin = self._directory.snapshot, int(form[1])
        if form[2] == "roleName":
            return snapshot.role(uin, form[3])
        found = snapshot.principals.get(form[3])
        return found if found and found.kind is PrincipalKind.ROLE and found.account.uin == uin else None

    async def issue(self, caller: KeyRecord, principal: Principal, wanted: Wanted) -> Session:
        """A credential that acts for `principal`.

        Raises `ApiError("sts_policy_too_long")` when its token would be longer than published, and `AccountError` when
        its row cannot be written.
        """
        now = self._clock()
        left = float(wanted.seconds) if caller.expires_at is None else max(0.0, caller.expires_at - now)
        session = sessions.issue(
            self._vault,
            principal.id,
            now=now,
            seconds=min(wanted.seconds, left),  # nothing outlives the key that asked for it
            policy=wanted.policy,
            origin=_origin(caller, wanted.name),
        )
        if len(session.token) > sessions.LONGEST_TOKEN:
            raise ApiError("sts_policy_too_long", cause=f"a token of {len(session.token)} characters")
        await asyncio.to_thread(self._record, caller, principal, wanted, session)
        return session

    def _record(self, caller: KeyRecord, principal: Principal, wanted: Wanted, session: Session) -> None:
        detail = {
            "caller": caller.principal.uin,
            "name": wanted.name,
            "expires_at": session.expires_at,
            "narrowed": wanted.policy is not None,
            "with": caller.secret_id,
            "secret_id": session.secret_id,
        }
        target = f"{principal.kind}:{principal.name}"
        with self._database.writing() as connection:
            record(
                connection,
                actor(caller),
                f"sts.{wanted.action}",
                principal.account.id,
                target,
                detail,
                at=session.issued_at,
            )


def actor(caller: KeyRecord) -> str:
    """Whose doing it is, for the audit: a user's number, or a role and the name of its session."""
    principal = caller.principal
    if principal.kind is PrincipalKind.ROLE and caller.origin is not None:
        return f"{principal.uin}:role/{principal.name}:{caller.origin.name}"
    return str(principal.uin)


def _origin(caller: KeyRecord, name: str) -> Origin:
    before, principal = caller.origin, caller.principal
    if before is None:
        return Origin(name, (principal.id,), principal.uin, caller.secret_id)
    return Origin(name, (*before.issuers, principal.id), principal.uin, before.key_id)
