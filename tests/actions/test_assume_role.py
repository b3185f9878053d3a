"""`AssumeRole`: its parameters, who may, and what is asked of the token service."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import callers
import pytest
from callers import UIN
from token_room import ARN, NOW, REQUEST_ID, TokenRoom, policy, role, rule, trusting

from fittingroom.accounts.access import AddressLists
from fittingroom.accounts.cam import Networks, parse_network
from fittingroom.accounts.records import KeyRecord
from fittingroom.accounts.sessions import OPERATOR, Origin
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio

GOOD = {"RoleArn": ARN, "RoleSessionName": "night-1"}
NARROW = '{"version":"2.0","statement":[{"effect":"allow","action":"aiart:ChangeClothes","resource":"*"}]}'
MAY = policy(rule("sts:AssumeRole"))


def alice(*policies: Any, **values: Any) -> KeyRecord:
    return callers.key("AKIDalice", "secret", callers.user(policies=policies), **values)


async def ask(room: TokenRoom | None = None, caller: KeyRecord | None = None, **changes: Any) -> dict[str, Any]:
    parameters = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    return await (room or TokenRoom()).call("AssumeRole", parameters, caller)


async def refused(room: TokenRoom | None = None, caller: KeyRecord | None = None, **changes: Any) -> ApiError:
    room = room or TokenRoom()
    with pytest.raises(ApiError) as caught:
        await ask(room, caller, **changes)
    assert room.issued == []
    return caught.value


async def test_the_answer_is_as_published() -> None:
    assert await ask() == {
        "Credentials": {"Token": "tmp-token", "TmpSecretId": "AKIDtmp", "TmpSecretKey": "tmp-secret"},
        "ExpiredTime": NOW + 7200,
        "Expiration": "2018-12-04T11:06:16Z",
    }


async def test_what_is_asked_of_the_token_service() -> None:
    room, caller = TokenRoom(), alice(MAY)
    await ask(room, caller, DurationSeconds=900, Policy=quote(NARROW))
    ((by, taken, wanted),) = room.issued
    assert (by, taken) == (caller, room.roles[0])
    assert (wanted.action, wanted.name, wanted.seconds, wanted.policy) == ("AssumeRole", "night-1", 900, NARROW)


@pytest.mark.parametrize(
    ("asked", "most", "given"), [(None, 43_200, 7200), (None, 3600, 3600), (43_200, 43_200, 43_200), (1, 7200, 1)]
)
async def test_how_long(asked: int | None, most: int, given: int) -> None:
    room = TokenRoom(role(max_seconds=most))
    await ask(room, DurationSeconds=asked)
    assert room.issued[0][2].seconds == given


@pytest.mark.parametrize(
    ("seconds", "most", "code", "said"),
    [
        (43_201, 43_200, "InvalidParameter.OverTimeError", "43200"),
        (3601, 3600, "InvalidParameter.OverTimeError", "3600"),
        (2**62, 43_200, "InvalidParameter.OverTimeError", "43200"),
        (0, 43_200, "InvalidParameter.ParamError", "1 to 43200"),
        (-7200, 43_200, "InvalidParameter.ParamError", "`DurationSeconds`"),
    ],
)
async def test_not_how_long(seconds: int, most: int, code: str, said: str) -> None:
    error = await refused(TokenRoom(role(max_seconds=most)), DurationSeconds=seconds)
    assert error.code == code
    assert said in error.message()
    assert said.strip("`") in error.message("zh-CN") or said.startswith("1 to")


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("RoleArn", "dresser"),
        ("RoleArn", ""),
        ("RoleArn", f"qcs::cam::uin/{UIN}:dresser"),
        ("RoleArn", f"qcs::cam::uin/{UIN}:roleName/"),
        ("RoleArn", "qcs::cam::uin/x:roleName/dresser"),
        ("RoleArn", ARN + "\n"),
        ("RoleArn", ARN.replace("qcs", "acs")),
        ("RoleSessionName", ""),
        ("RoleSessionName", "a"),
        ("RoleSessionName", "a b"),
        ("RoleSessionName", "a/b"),
        ("RoleSessionName", "名字"),
        ("RoleSessionName", "ab\n"),
        ("RoleSessionName", "a" * 129),
        ("ExternalId", "a"),
        ("ExternalId", "a b"),
        ("ExternalId", "a" * 129),
    ],
)
async def test_values_out_of_form(parameter: str, value: str) -> None:
    error = await refused(**{parameter: value})
    assert error.code == "InvalidParameter.ParamError"
    assert f"`{parameter}`" in error.message()


@pytest.mark.parametrize("name", ["ab", "a" * 128, "A9=,.@_+-"])
async def test_session_names(name: str) -> None:
    room = TokenRoom()
    await ask(room, RoleSessionName=name)
    assert room.issued[0][2].name == name


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("Tags", [{"Key": "a", "Value": "b"}]),
        ("Tags", {"0": {"Key": "a", "Value": "b"}}),
        ("SourceIdentity", "100000000001"),
        ("SerialNumber", f"qcs::cam:uin/{UIN}::mfa/softToken"),
        ("TokenCode", "123456"),
    ],
)
async def test_what_is_not_served_is_said(parameter: str, value: object) -> None:
    error = await refused(**{parameter: value})
    assert error.code == "UnsupportedOperation"
    assert f"`{parameter}`" in error.message()


async def test_empty_extras_are_none() -> None:
    extras = {"Tags": [], "SourceIdentity": "", "SerialNumber": "", "TokenCode": "", "ExternalId": "", "Policy": ""}
    await ask(**extras)


@pytest.mark.parametrize(
    ("policies", "allowed"),
    [
        ([MAY], True),
        ([], False),
        ([policy(rule("aiart:*"))], False),
        ([policy(rule("sts:GetFederationToken"))], False),
        ([policy(rule("sts:AssumeRole", resource=f"qcs::cam::uin/{UIN}:roleName/dresser"))], True),
        ([policy(rule("sts:AssumeRole", resource=f"qcs::cam::uin/{UIN}:roleName/dress*"))], True),
        ([policy(rule("sts:AssumeRole", resource=f"qcs::cam::uin/{UIN}:roleName/other"))], False),
        ([policy(rule("sts:AssumeRole", resource="qcs::cam::uin/7:roleName/dresser"))], False),
        ([policy(rule("sts:AssumeRole", resource="qcs::sts:::*"))], False),
        ([MAY, policy(rule("sts:*", "deny"))], False),
    ],
)
async def test_a_user_needs_the_permission_on_that_role(policies: list[Any], allowed: bool) -> None:
    if allowed:
        await ask(caller=alice(*policies))
        return
    error = await refused(caller=alice(*policies))
    assert error.code == "AuthFailure.UnauthorizedOperation"
    assert error.message() == (
        f"[request id:{REQUEST_ID}]you are not authorized to perform operation (sts:AssumeRole)\n"
        f"resource ({ARN}) has no permission\n"
    )


async def test_a_temporary_key_is_narrowed_by_its_own_policy() -> None:
    narrowed = alice(MAY, policy=policy(rule("aiart:*")), token="t", origin=OPERATOR)
    assert (await refused(caller=narrowed)).code == "AuthFailure.UnauthorizedOperation"
    await ask(caller=alice(MAY, policy=policy(rule("sts:AssumeRole")), token="t", origin=OPERATOR))


@pytest.mark.parametrize(
    ("trust", "allowed"),
    [
        (trusting(f"uin/{UIN}:root"), True),
        (trusting(f"uin/{UIN}:uin/{UIN + 1}"), True),
        (trusting(f"uin/{UIN}:uin/{UIN}"), False),
        (trusting("uin/7:root"), False),
        (trusting(f"uin/{UIN}:root", condition={"ip_equal": {"qcs:ip": "10.0.0.0/8"}}), True),
        (trusting(f"uin/{UIN}:root", condition={"ip_equal": {"qcs:ip": "192.0.2.0/24"}}), False),
        (None, False),
    ],
)
async def test_the_role_must_trust_the_user(trust: Any, allowed: bool) -> None:
    room = TokenRoom(role(trust=trust))
    if allowed:
        await ask(room, alice(MAY))
        return
    expected = "InternalError.GetRoleError" if trust is None else "AuthFailure.UnauthorizedOperation"
    assert (await refused(room, alice(MAY))).code == expected


async def test_root_may_only_what_the_role_allows_too() -> None:
    assert (await refused(TokenRoom(role(trust=trusting("uin/7:root"))))).code == "AuthFailure.UnauthorizedOperation"


async def test_a_role_is_trusted_with_its_account_but_not_as_its_root_user() -> None:
    session = callers.key("AKIDtmp", "s", role(policies=(MAY,)), token="t", origin=Origin("n", ("u",), UIN, "k"))
    await ask(caller=session)
    room = TokenRoom(role(trust=trusting(f"uin/{UIN}:uin/{UIN}")))
    assert (await refused(room, session)).code == "AuthFailure.UnauthorizedOperation"


async def test_strangers_learn_nothing_of_roles() -> None:
    """Of another account: a role that does not trust them and one that does not exist read the same."""
    stranger = callers.key("AKIDx", "s", callers.root(callers.AccountRecord("a2", UIN + 500, "other")))
    there = await refused(caller=stranger)
    absent = await refused(caller=stranger, RoleArn=ARN.replace("dresser", "nobody"))
    assert there.code == absent.code == "InternalError.GetRoleError"
    assert there.message() == absent.message()
    assert absent.message().startswith("role not exist")


async def test_another_account_that_is_trusted_may() -> None:
    room = TokenRoom(role(trust=trusting(f"uin/{UIN + 500}:root")))
    caller = callers.key("AKIDx", "s", callers.root(callers.AccountRecord("a2", UIN + 500, "other")))
    await ask(room, caller)
    assert room.issued[0][1].account.id == "account-1"


async def test_without_permission_nobody_learns_whether_a_role_exists() -> None:
    error = await refused(caller=alice(), RoleArn=ARN.replace("dresser", "nobody"))
    assert error.code == "AuthFailure.UnauthorizedOperation"


@pytest.mark.parametrize(("shown", "allowed"), [("word/1", True), ("other", False), (None, False)])
async def test_an_external_id_that_the_role_asks_for(shown: str | None, allowed: bool) -> None:
    room = TokenRoom(role(trust=trusting(f"uin/{UIN}:root", condition={"string_equal": {"sts:external_id": "word/1"}})))
    if allowed:
        await ask(room, ExternalId=shown)
    else:
        assert (await refused(room, ExternalId=shown)).code == "AuthFailure.UnauthorizedOperation"


async def test_the_lists_of_the_callers_account_count() -> None:
    lists = AddressLists(refused=Networks.of([parse_network("10.0.0.0/8")]))
    caller = callers.of_account(callers.key("AKIDroot", "s"), lists=lists)
    assert (await refused(caller=caller)).code == "IpInBlacklist"
