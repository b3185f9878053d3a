"""`AssumeRole` of `sts`: a temporary credential that may do what a role may, for callers whom the role trusts.

Two must agree, as in the cloud: a policy of the caller that allows `sts:AssumeRole` on the role, and the role's own
trust policy. Permanent and temporary keys may call. Invariant: the credential can do nothing that the role's policies
do not allow, and a `Policy` only narrows them.
"""

from __future__ import annotations

import re
from typing import Any, Final

from fittingroom.accounts.access import check_resource
from fittingroom.accounts.cam import Resource
from fittingroom.accounts.issuing import Wanted
from fittingroom.accounts.records import Principal, PrincipalKind
from fittingroom.actions.context import RequestContext
from fittingroom.actions.fields import Int64, WireModel
from fittingroom.actions.services import Services
from fittingroom.actions.temporary import (
    NAME,
    TemporaryResult,
    answer,
    check_seconds,
    check_text,
    read_policy,
)
from fittingroom.errors import ApiError

DEFAULT_SECONDS: Final = 7200
LONGEST_SECONDS: Final = 43_200

_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,128}")
_ARN = re.compile(r"qcs::cam::uin/[0-9]{1,18}:(roleName|role)/[\x21-\x7e]{1,128}")
_ARN_FORM = "qcs::cam::uin/<account>:roleName/<name>"
_NAME_FORM = "2 to 128 letters, digits or any of =,.@_+-"


class AssumeRoleRequest(WireModel):
    """The parameters as published. Tags, the caller's own word for its identity and second factors are not served."""

    role_arn: str
    role_session_name: str
    duration_seconds: Int64 | None = None
    policy: str | None = None
    external_id: str | None = None
    tags: Any = None
    source_identity: str | None = None
    serial_number: str | None = None
    token_code: str | None = None


async def handle(request: AssumeRoleRequest, context: RequestContext, services: Services) -> TemporaryResult:
    """Take the role of `RoleArn`."""
    _refuse_unserved(request)
    check_text(request.role_arn, "RoleArn", _ARN, _ARN_FORM)
    check_text(request.role_session_name, "RoleSessionName", NAME, _NAME_FORM)
    if request.external_id:
        check_text(request.external_id, "ExternalId", _EXTERNAL_ID, "2 to 128 letters, digits or any of =,.@:/_+-")
    if request.duration_seconds is not None:
        check_seconds(request.duration_seconds, LONGEST_SECONDS)
    policy = read_policy(request.policy) if request.policy else None
    role = _find(request, context, services)
    wanted = Wanted("AssumeRole", request.role_session_name, _seconds(request, role), policy)
    return answer(await services.tokens.issue(context.caller, role, wanted))


def _refuse_unserved(request: AssumeRoleRequest) -> None:
    """What is asked for and not served must not be passed over: whoever asks relies on it."""
    unserved = {
        "Tags": request.tags,
        "SourceIdentity": request.source_identity,
        "SerialNumber": request.serial_number,
        "TokenCode": request.token_code,
    }
    for parameter, value in unserved.items():
        if value not in (None, "", []):
            raise ApiError("sts_unserved", parameter=parameter)


def _find(request: AssumeRoleRequest, context: RequestContext, services: Services) -> Principal:
    """The role, when the caller may take it.

    The caller's own permission comes first, by the name that was asked for, so that those without it learn nothing of
    roles; neither do strangers to whom a role does not open.
    """
    role = services.tokens.role(request.role_arn)
    account, kind, name = _parts(request.role_arn)
    resource = Resource("cam", "", account, f"roleName/{role.name}" if role else f"{kind}/{name}")
    caller = context.caller.caller()
    check_resource(caller, "sts:AssumeRole", resource, address=context.address, request_id=context.request_id)
    if role is None or role.trust is None:
        raise ApiError("sts_role_not_found")
    principal = context.caller.principal
    user = None if principal.kind is PrincipalKind.ROLE else str(principal.uin)
    decision = role.trust.decide(str(principal.account.uin), user, context.address, request.external_id or None)
    if decision.allowed:
        return role
    if role.account.id != principal.account.id:
        raise ApiError("sts_role_not_found", cause=str(decision))
    raise ApiError(
        "unauthorized_operation",
        cause=str(decision),
        request_id=context.request_id,
        action="sts:AssumeRole",
        resource=str(resource),
    )


def _parts(arn: str) -> tuple[str, str, str]:
    """`uin/<account>`, `roleName` or `role`, and the rest."""
    account, _, role = arn.removeprefix("qcs::cam::").partition(":")
    kind, _, name = role.partition("/")
    return account, kind, name


def _seconds(request: AssumeRoleRequest, role: Principal) -> int:
    if request.duration_seconds is None:
        return min(DEFAULT_SECONDS, role.max_seconds)
    return check_seconds(request.duration_seconds, min(LONGEST_SECONDS, role.max_seconds))
