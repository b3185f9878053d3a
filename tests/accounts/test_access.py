"""Root and sub-users, address lists, and the words that a refused caller reads."""

from ipaddress import ip_address

import pytest

from fittingroom.accounts.access import AddressLists, Caller, check, check_resource
from fittingroom.accounts.cam import (
    Address,
    Decision,
    Networks,
    Policy,
    Resource,
    allow_all,
    allow_change_clothes,
    parse,
)
from fittingroom.errors import ApiError

ACTION = "aiart:ChangeClothes"
REQUEST_ID = "7bdd8c92-ab41-4e10-80e5-6b928a207420"
HERE = ip_address("10.1.2.3")
ALL, CLOTHES = parse(allow_all(), "all"), parse(allow_change_clothes(), "clothes")


def deny(action: str) -> Policy:
    return parse({"version": "2.0", "statement": [{"effect": "deny", "action": action, "resource": "*"}]}, "deny")


def ask(caller: Caller, action: str = ACTION, address: Address | None = HERE, region: str = "ap-guangzhou") -> Decision:
    return check(caller, action, region=region, address=address, request_id=REQUEST_ID)


def refusal(caller: Caller, address: Address | None = HERE, action: str = ACTION) -> ApiError:
    with pytest.raises(ApiError) as caught:
        ask(caller, action, address)
    return caught.value


def lists(admitted: tuple[str, ...] = (), refused: tuple[str, ...] = ()) -> Caller:
    return Caller("100", True, lists=AddressLists(Networks.parse(admitted), Networks.parse(refused)))


def test_the_root_user_of_a_new_account_may() -> None:
    decision = ask(Caller("100", root=True))
    assert decision.allowed
    assert decision.policy == "root user"


def test_a_policy_on_the_root_user_denies_but_never_narrows() -> None:
    assert refusal(Caller("100", True, [deny("aiart:*")])).reason == "unauthorized_operation"
    assert ask(Caller("100", True, [parse(allow_change_clothes(), "clothes")]), "aiart:ReplaceBackground").allowed


def test_a_sub_user_without_a_policy_may_nothing() -> None:
    assert refusal(Caller("100", root=False)).code == "AuthFailure.UnauthorizedOperation"


def test_a_sub_user_may_what_its_policies_allow() -> None:
    assert ask(Caller("100", False, [CLOTHES])) == Decision("allow", "identity", "clothes", 0)
    refusal(Caller("100", False, [CLOTHES]), action="aiart:ReplaceBackground")
    refusal(Caller("100", False, [CLOTHES, deny(ACTION)]))


@pytest.mark.parametrize("root", [True, False])
def test_a_session_policy_narrows_everybody(root: bool) -> None:
    assert ask(Caller("100", root, [ALL], session=CLOTHES)).allowed
    error = refusal(Caller("100", root, [ALL], session=CLOTHES), action="aiart:ReplaceBackground")
    assert error.cause == "not allowed: no session policy allows it"
    assert refusal(Caller("100", root, [ALL], session=deny("*"))).cause.startswith(
        "denied by statement[0] of the session"
    )
    refusal(Caller("100", False, session=ALL))


def test_the_published_wording() -> None:
    error = refusal(Caller("100", root=False))
    assert error.message() == (
        f"[request id:{REQUEST_ID}]you are not authorized to perform operation (aiart:ChangeClothes)\n"
        "resource (qcs::aiart:ap-guangzhou:uin/100:*) has no permission\n"
    )
    assert f"[request id:{REQUEST_ID}]" in error.message("zh-CN")
    assert "(qcs::aiart:ap-guangzhou:uin/100:*)" in error.message("zh-CN")
    assert error.cause == "not allowed: no identity policy allows it"


def test_the_wording_for_a_role_and_without_a_region() -> None:
    role = Resource("cam", "", "uin/100", "roleName/try-on")
    with pytest.raises(ApiError) as caught:
        check_resource(Caller("100", False), "sts:AssumeRole", role, address=HERE, request_id=REQUEST_ID)
    assert "(sts:AssumeRole)\nresource (qcs::cam::uin/100:roleName/try-on) has" in caught.value.message()
    with pytest.raises(ApiError) as caught:
        ask(Caller("100", False), region="")
    assert "(qcs::aiart::uin/100:*)" in caught.value.message()


@pytest.mark.parametrize(
    ("admitted", "refused", "address", "reason"),
    [
        ((), (), "203.0.113.9", None),
        (("10.0.0.0/8",), (), "10.1.2.3", None),
        (("10.0.0.0/8",), (), "::ffff:10.1.2.3", None),
        (("10.0.0.0/8", "2001:db8::/32"), (), "2001:db8::1", None),
        (("10.0.0.0/8",), (), "11.1.2.3", "ip_not_in_whitelist"),
        (("10.0.0.0/8",), (), "2001:db8::1", "ip_not_in_whitelist"),
        ((), ("10.0.0.0/8",), "10.1.2.3", "ip_in_blacklist"),
        ((), ("10.0.0.0/8",), "::ffff:10.1.2.3", "ip_in_blacklist"),
        ((), ("10.0.0.0/8",), "11.1.2.3", None),
        (("10.0.0.0/8",), ("10.1.0.0/16",), "10.1.2.3", "ip_in_blacklist"),
        (("10.0.0.0/8",), ("10.1.0.0/16",), "10.2.2.3", None),
        (("10.0.0.0/8",), ("11.0.0.0/8",), "11.2.2.3", "ip_in_blacklist"),
        ((), (), None, None),
        (("0.0.0.0/0", "::/0"), (), None, "ip_not_in_whitelist"),
        ((), ("192.0.2.1",), None, "ip_in_blacklist"),
    ],
)
def test_address_lists(
    admitted: tuple[str, ...], refused: tuple[str, ...], address: str | None, reason: str | None
) -> None:
    where = None if address is None else ip_address(address)
    if reason is None:
        assert ask(lists(admitted, refused), address=where).allowed
    else:
        assert refusal(lists(admitted, refused), where).reason == reason


def test_address_lists_come_before_policies_and_say_what_to_do() -> None:
    stranger = Caller("100", False, lists=AddressLists(admitted=Networks.parse(["192.0.2.1"])))
    error = refusal(stranger)
    assert error.code == "IpNotInWhitelist"
    assert "10.1.2.3" not in error.message() + error.message("zh-CN")
    assert "ask the account's administrator" in error.message()
    blocked = refusal(Caller("100", True, lists=AddressLists(refused=Networks.parse(["10.1.2.3"]))))
    assert blocked.code == "IpInBlacklist"
    assert "ask the account's administrator" in blocked.message()
    assert "10.1.2.3" in str(blocked.cause)
