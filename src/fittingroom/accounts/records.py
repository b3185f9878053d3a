"""What a running server knows of its callers, as read from the database and kept in memory.

Plain frozen values: a request's checks need nothing else, and tests make them by hand. Invariant: no record is ever
changed; a change in the database makes new records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from fittingroom.accounts.access import AddressLists, Caller
from fittingroom.accounts.cam import Policy, TrustPolicy
from fittingroom.accounts.sessions import Origin


class ServiceStatus(StrEnum):
    """Whether an account may use the service. All but `ACTIVE` are refused, each with a code of its own."""

    NOT_ACTIVATED = "not-activated"
    DELIVERING = "delivering"
    ACTIVE = "active"
    LOW_BALANCE = "low-balance"
    IN_ARREARS = "in-arrears"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


class Plan(StrEnum):
    """How an account pays: not at all, from a balance paid in before, or by a number of pictures a month."""

    FREE = "free"
    PREPAID = "prepaid"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account. uin: its number in policies. price (millionths of the currency's unit per picture), quota (pictures
    a month), concurrency and rate (requests a second): None leaves it to the settings."""

    id: str
    uin: int
    name: str
    status: ServiceStatus = ServiceStatus.ACTIVE
    plan: Plan = Plan.FREE
    price: int | None = None
    quota: int | None = None
    concurrency: int | None = None
    rate: int | None = None
    lists: AddressLists = field(default_factory=AddressLists)


class PrincipalKind(StrEnum):
    """The root user of an account is allowed everything; users and roles what their policies allow."""

    ROOT = "root"
    USER = "user"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts. uin: of a role its account's. sessions_after: Unix seconds; temporary credentials issued before are
    refused. trust and max_seconds: of roles only."""

    kind: PrincipalKind
    id: str
    uin: int
    name: str
    account: AccountRecord
    enabled: bool = True
    policies: tuple[Policy, ...] = ()
    sessions_after: float = 0.0
    trust: TrustPolicy | None = None
    max_seconds: int = 0


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as the checks of a request need it.

    token, expires_at (Unix seconds) and policy (which narrows what the principal may do): of temporary credentials;
    a permanent key may have an expires_at too. enabled: false when the key or its user is disabled. origin: of a
    temporary credential; None says that the key is permanent.
    """

    secret_id: str
    secret_key: str = field(repr=False)
    principal: Principal
    token: str | None = field(default=None, repr=False)
    expires_at: float | None = None
    enabled: bool = True
    policy: Policy | None = None
    origin: Origin | None = None

    def caller(self) -> Caller:
        """As `access.check` wants to know who asks."""
        principal = self.principal
        return Caller(
            uin=str(principal.account.uin),
            root=principal.kind is PrincipalKind.ROOT,
            policies=principal.policies,
            session=self.policy,
            lists=principal.account.lists,
        )
