"""`GetFederationToken`: its parameters, its limits, and that only permanent keys may."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import callers
import pytest
from token_room import NOW, TokenRoom, role

from fittingroom.accounts.records import KeyRecord
from fittingroom.accounts.sessions import OPERATOR, Origin
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio

NARROW = '{"version":"2.0","statement":[{"effect":"allow","action":"aiart:ChangeClothes","resource":"*"}]}'
GOOD = {"Name": "cos-sts-python", "Policy": quote(NARROW)}
ROOT = callers.key("AKIDroot", "s")
ALICE = callers.key("AKIDalice", "s", callers.user())


async def ask(room: TokenRoom, caller: KeyRecord = ROOT, **changes: Any) -> dict[str, Any]:
    parameters = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    return await room.call("GetFederationToken", parameters, caller)


async def refused(caller: KeyRecord = ROOT, **changes: Any) -> ApiError:
    room = TokenRoom()
    with pytest.raises(ApiError) as caught:
        await ask(room, caller, **changes)
    assert room.issued == []
    return caught.value


async def test_a_credential_of_the_caller_narrowed() -> None:
    room = TokenRoom()
    answer = await ask(room, ALICE)
    ((by, principal, wanted),) = room.issued
    assert (by, principal) == (ALICE, ALICE.principal)
    assert (wanted.action, wanted.name, wanted.policy) == ("GetFederationToken", "cos-sts-python", NARROW)
    assert answer["ExpiredTime"] == NOW + 1800
    assert answer["Expiration"] == "2018-12-04T09:36:16Z"
    assert set(answer["Credentials"]) == {"Token", "TmpSecretId", "TmpSecretKey"}


@pytest.mark.parametrize(("caller", "longest"), [(ROOT, 7200), (ALICE, 129_600)], ids=["root", "user"])
async def test_how_long(caller: KeyRecord, longest: int) -> None:
    room = TokenRoom()
    await ask(room, caller, DurationSeconds=longest)
    assert room.issued[0][2].seconds == longest
    error = await refused(caller, DurationSeconds=longest + 1)
    assert error.code == "InvalidParameter.OverTimeError"
    assert str(longest) in error.message()
    assert (await refused(caller, DurationSeconds=0)).code == "InvalidParameter.ParamError"


@pytest.mark.parametrize(
    "caller",
    [
        callers.key("AKIDtmp", "s", token="t", origin=OPERATOR),
        callers.key("AKIDtmp", "s", callers.user(), token="t", origin=Origin("n", ("u",), 1, "k")),
        callers.key("AKIDtmp", "s", role(), token="t", origin=Origin("n", ("u",), 1, "k")),
    ],
    ids=["of the operator", "of a user", "of a role"],
)
async def test_temporary_keys_may_not(caller: KeyRecord) -> None:
    assert (await refused(caller)).code == "FailedOperation.TempKeyNotAllowed"


@pytest.mark.parametrize("name", ["", "a", "a b", "a" * 129, "a\n"])
async def test_names_out_of_form(name: str) -> None:
    error = await refused(Name=name)
    assert error.code == "InvalidParameter.ParamError"
    assert "`Name`" in error.message()


async def test_a_policy_is_not_optional() -> None:
    assert (await refused(Policy="")).code == "InvalidParameter.StrategyFormatError"
