"""`GetCallerIdentity` of `sts`: whose key this is.

It needs no permission, as in the cloud: whoever holds a key may ask. Invariant: the answer tells of the caller alone.
"""

from __future__ import annotations

from typing import Final

from fittingroom.accounts.records import PrincipalKind
from fittingroom.actions.context import RequestContext
from fittingroom.actions.fields import WireModel, WireResult
from fittingroom.actions.services import Services

_TYPES: Final = {PrincipalKind.ROOT: "RootAccount", PrincipalKind.USER: "CAMUser", PrincipalKind.ROLE: "CAMRole"}


class GetCallerIdentityRequest(WireModel):
    """No parameters."""


class GetCallerIdentityResult(WireResult):
    """As published. `UserId`: the user's number; of a role `<role id>:<session name>`, of a temporary credential of a
    user `<number>:<name>`. `PrincipalId`: the number of the user who signed, or who asked for the credential."""

    arn: str
    account_id: str
    user_id: str
    principal_id: str
    type: str


async def handle(
    request: GetCallerIdentityRequest, context: RequestContext, services: Services
) -> GetCallerIdentityResult:
    """Who signed this request."""
    caller = context.caller
    principal, origin = caller.principal, caller.origin
    account, issuer = principal.account.uin, principal.uin
    if origin is not None and origin.issuer_uin is not None:
        issuer = origin.issuer_uin
    own = principal.id if principal.kind is PrincipalKind.ROLE else str(principal.uin)
    if principal.kind is PrincipalKind.ROLE:
        arn = f"qcs::sts:{account}:assumed-role/{own}"
    elif origin is not None:
        arn = f"qcs::sts:{account}:federated-user/{own}"
    else:
        arn = f"qcs::cam:{account}:uin/{own}"
    return GetCallerIdentityResult(
        arn=arn,
        account_id=str(account),
        user_id=f"{own}:{origin.name}" if origin is not None and origin.name else own,
        principal_id=str(issuer),
        type=_TYPES[principal.kind],
    )
