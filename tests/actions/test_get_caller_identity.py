"""`GetCallerIdentity`, in the shapes of the published examples."""

from __future__ import annotations

from typing import Any

import callers
import pytest
from callers import UIN
from token_room import TokenRoom, role

from fittingroom.accounts.sessions import OPERATOR, Origin

pytestmark = pytest.mark.anyio

ISSUED = {"token": "t", "origin": Origin("night", ("user-1",), UIN + 1, "AKIDalice")}


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (
            callers.key("AKID", "s"),
            {"Type": "RootAccount", "UserId": str(UIN), "PrincipalId": str(UIN), "Arn": f"qcs::cam:{UIN}:uin/{UIN}"},
        ),
        (
            callers.key("AKID", "s", callers.user()),
            {
                "Type": "CAMUser",
                "UserId": str(UIN + 1),
                "PrincipalId": str(UIN + 1),
                "Arn": f"qcs::cam:{UIN}:uin/{UIN + 1}",
            },
        ),
        (
            callers.key("AKID", "s", role(), **ISSUED),
            {
                "Type": "CAMRole",
                "UserId": "role-1:night",
                "PrincipalId": str(UIN + 1),
                "Arn": f"qcs::sts:{UIN}:assumed-role/role-1",
            },
        ),
        (
            callers.key("AKID", "s", callers.user(), **ISSUED),
            {
                "Type": "CAMUser",
                "UserId": f"{UIN + 1}:night",
                "PrincipalId": str(UIN + 1),
                "Arn": f"qcs::sts:{UIN}:federated-user/{UIN + 1}",
            },
        ),
        (
            callers.key("AKID", "s", token="t", origin=OPERATOR),
            {
                "Type": "RootAccount",
                "UserId": str(UIN),
                "PrincipalId": str(UIN),
                "Arn": f"qcs::sts:{UIN}:federated-user/{UIN}",
            },
        ),
    ],
    ids=["root", "user", "role", "federated", "of the operator"],
)
async def test_who_it_is(caller: Any, expected: dict[str, str]) -> None:
    assert await TokenRoom().call("GetCallerIdentity", {}, caller) == {"AccountId": str(UIN), **expected}
