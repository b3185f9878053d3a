"""May this caller do this, from this address? The account's address lists first, then the policies.

A pure function of plain values, so that the wire can ask it with what the records hold, on each request. The root user
of an account may do everything that no policy attached to it denies, so a new account works at once. A sub-user may do
what its policies allow and nothing without one, as in CAM. Invariant: every way out but the return is an `ApiError`
with a published code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fittingroom.accounts.cam import Address, Decision, Networks, Policy, Request, Resource, allow_all, evaluate, parse
from fittingroom.errors import ApiError

_ROOT: Final = parse(allow_all(), "root user")
_NONE: Final = Networks()


@dataclass(frozen=True, slots=True)
class AddressLists:
    """Of one account. refused: never from these. admitted: where it is not empty, only from these."""

    admitted: Networks = _NONE
    refused: Networks = _NONE

    def check(self, address: Address | None) -> None:
        """Raises `ApiError`. None, a caller without an address, passes no list that has entries."""
        if self.refused and (address is None or address in self.refused):
            raise ApiError("ip_in_blacklist", cause=f"{address} is in the account's deny list")
        if self.admitted and (address is None or address not in self.admitted):
            raise ApiError("ip_not_in_whitelist", cause=f"{address} is not in the account's allow list")


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose key signed. uin: the account's number. root: its root user. policies: all that are attached to the user.

    session: the policy that a temporary credential was made with, if any; it narrows what the policies allow.
    """

    uin: str
    root: bool
    policies: Sequence[Policy] = ()
    session: Policy | None = None
    lists: AddressLists = AddressLists()


def check(caller: Caller, action: str, *, region: str, address: Address | None, request_id: str) -> Decision:
    """Pass, or raise `ApiError`: ip_in_blacklist, ip_not_in_whitelist, unauthorized_operation, in this order.

    action: `aiart:ChangeClothes`. region: as the caller named it, empty for none. The decision names what allowed it.
    """
    resource = Resource(action.partition(":")[0], region, f"uin/{caller.uin}")
    return check_resource(caller, action, resource, address=address, request_id=request_id)


def check_resource(
    caller: Caller, action: str, resource: Resource, *, address: Address | None, request_id: str
) -> Decision:
    """The same for a resource of its own, such as a role: `Resource("cam", "", "uin/<uin>", "roleName/<name>")`."""
    caller.lists.check(address)
    policies = (*caller.policies, _ROOT) if caller.root else caller.policies
    decision = evaluate(policies, Request(action, resource, address), caller.session)
    if not decision.allowed:
        raise ApiError(
            "unauthorized_operation", cause=str(decision), request_id=request_id, action=action, resource=str(resource)
        )
    return decision
