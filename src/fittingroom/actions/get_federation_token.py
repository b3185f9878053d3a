"""`GetFederationToken` of `sts`: a temporary credential of the calling user, narrowed by a policy, to hand on.

Only permanent keys may call, as published; else a credential could renew itself for ever. Invariant: the credential can
do what both the user's policies and `Policy` allow, and nothing more.
"""

from __future__ import annotations

from typing import Final

from fittingroom.accounts.issuing import Wanted
from fittingroom.accounts.records import PrincipalKind
from fittingroom.actions.context import RequestContext
from fittingroom.actions.fields import Int64, WireModel
from fittingroom.actions.services import Services
from fittingroom.actions.temporary import NAME, TemporaryResult, answer, check_seconds, check_text, read_policy
from fittingroom.errors import ApiError

DEFAULT_SECONDS: Final = 1800
LONGEST_OF_ROOT: Final = 7200
LONGEST_OF_USER: Final = 129_600


class GetFederationTokenRequest(WireModel):
    """The parameters as published."""

    name: str
    policy: str
    duration_seconds: Int64 | None = None


async def handle(request: GetFederationTokenRequest, context: RequestContext, services: Services) -> TemporaryResult:
    """Make a credential for `Name`."""
    caller = context.caller
    if caller.origin is not None:
        raise ApiError("sts_temporary_key")
    check_text(request.name, "Name", NAME, "2 to 128 letters, digits or any of =,.@_+-")
    longest = LONGEST_OF_ROOT if caller.principal.kind is PrincipalKind.ROOT else LONGEST_OF_USER
    seconds = DEFAULT_SECONDS if request.duration_seconds is None else check_seconds(request.duration_seconds, longest)
    wanted = Wanted("GetFederationToken", request.name, seconds, read_policy(request.policy))
    return answer(await services.tokens.issue(caller, caller.principal, wanted))
