"""Who wins, layer by layer, and what the decision says of itself."""

from ipaddress import ip_address
from typing import Any

import pytest

from fittingroom.accounts.cam import Decision, Policy, Request, Resource, allow_all, evaluate, parse

ALLOW, DENY = "allow", "deny"


def policy(*rules: tuple[str, str] | tuple[str, str, dict[str, Any]], name: str = "p", resource: str = "*") -> Policy:
    statements = []
    for effect, action, *condition in rules:
        statement: dict[str, Any] = {"effect": effect, "action": action, "resource": resource}
        if condition:
            statement["condition"] = condition[0]
        statements.append(statement)
    return parse({"version": "2.0", "statement": statements}, name)


def request(
    action: str = "aiart:ChangeClothes", address: str | None = "10.1.2.3", region: str = "ap-guangzhou"
) -> Request:
    where = None if address is None else ip_address(address)
    return Request(action, Resource(action.partition(":")[0], region, "uin/100"), where)


def from_ip(*networks: str, operator: str = "ip_equal") -> dict[str, Any]:
    return {operator: {"qcs:ip": list(networks)}}


EVERYTHING = parse(allow_all(), "everything")


def test_no_policy_is_a_no() -> None:
    decision = evaluate([], request())
    assert decision == Decision(None, "identity")
    assert not decision.allowed
    assert str(decision) == "not allowed: no identity policy allows it"


def test_an_allow_names_its_statement() -> None:
    policies = [policy((ALLOW, "cos:*"), name="storage"), policy((ALLOW, "cos:*"), (ALLOW, "aiart:*"), name="art")]
    decision = evaluate(policies, request())
    assert decision == Decision("allow", "identity", "art", 1)
    assert str(decision) == "allowed by statement[1] of the identity policy 'art'"


@pytest.mark.parametrize("rules", [((ALLOW, "*"), (DENY, "aiart:*")), ((DENY, "aiart:*"), (ALLOW, "*"))])
def test_a_deny_wins_in_any_order(rules: tuple[tuple[str, str], ...]) -> None:
    decision = evaluate([policy(*rules)], request())
    assert not decision.allowed
    assert decision.statement == rules.index((DENY, "aiart:*"))
    assert str(decision).startswith("denied by statement[")


def test_a_deny_of_another_policy_wins() -> None:
    stop = policy((DENY, "aiart:ChangeClothes"), name="stop")
    for policies in ([EVERYTHING, stop], [stop, EVERYTHING]):
        assert evaluate(policies, request()) == Decision("deny", "identity", "stop", 0)


def test_a_deny_of_something_else_does_nothing() -> None:
    assert evaluate([EVERYTHING, policy((DENY, "aiart:ReplaceBackground"))], request()).allowed


NO, YES, NEVER = (
    policy((ALLOW, "cos:*"), name="no"),
    policy((ALLOW, "aiart:*"), name="yes"),
    policy((DENY, "*"), name="never"),
)


@pytest.mark.parametrize(
    ("identity", "session", "expected"),
    [
        (YES, YES, Decision("allow", "identity", "yes", 0)),
        (YES, NO, Decision(None, "session")),
        (NO, YES, Decision(None, "identity")),
        (NO, NO, Decision(None, "identity")),
        (YES, NEVER, Decision("deny", "session", "never", 0)),
        (NO, NEVER, Decision("deny", "session", "never", 0)),
        (NEVER, YES, Decision("deny", "identity", "never", 0)),
        (NEVER, NEVER, Decision("deny", "identity", "never", 0)),
    ],
)
def test_both_layers_must_allow_and_a_deny_in_either_ends_it(
    identity: Policy, session: Policy, expected: Decision
) -> None:
    assert evaluate([identity], request(), session) == expected


@pytest.mark.parametrize(
    ("condition", "address", "applies"),
    [
        (from_ip("10.0.0.0/8"), "10.1.2.3", True),
        (from_ip("10.0.0.0/8"), "11.1.2.3", False),
        (from_ip("10.0.0.0/8"), "::ffff:10.1.2.3", True),
        (from_ip("::ffff:10.0.0.0/104"), "10.1.2.3", True),
        (from_ip("10.121.2.10/24"), "10.121.2.200", True),  # bits behind the length, as the cloud's own examples have
        (from_ip("192.0.2.1", "10.1.2.3"), "10.1.2.3", True),
        (from_ip("2001:db8::/32"), "2001:db8:1::5", True),
        (from_ip("2001:db8::/32"), "10.1.2.3", False),
        (from_ip("0.0.0.0/0"), "203.0.113.9", True),
        (from_ip("0.0.0.0/0"), "2001:db8::1", False),
        (from_ip("10.0.0.0/8", operator="ip_not_equal"), "10.1.2.3", False),
        (from_ip("10.0.0.0/8", operator="ip_not_equal"), "11.1.2.3", True),
        (from_ip("10.0.0.0/8", "11.0.0.0/8", operator="ip_not_equal"), "11.1.2.3", False),
        ({**from_ip("10.0.0.0/8"), **from_ip("10.1.0.0/16", operator="ip_not_equal")}, "10.2.0.1", True),
        ({**from_ip("10.0.0.0/8"), **from_ip("10.1.0.0/16", operator="ip_not_equal")}, "10.1.0.1", False),
        ({**from_ip("10.0.0.0/8"), **from_ip("10.1.0.0/16", operator="ip_not_equal")}, "11.0.0.1", False),
    ],
)
def test_conditions_on_the_address(condition: dict[str, Any], address: str, applies: bool) -> None:
    assert evaluate([policy((ALLOW, "*", condition))], request(address=address)).allowed is applies
    denied = evaluate([EVERYTHING, policy((DENY, "*", condition))], request(address=address))
    assert denied.allowed is not applies


@pytest.mark.parametrize("operator", ["ip_equal", "ip_not_equal"])
def test_a_caller_without_an_address_gains_nothing_by_it(operator: str) -> None:
    condition = from_ip("10.0.0.0/8", operator=operator)
    assert not evaluate([policy((ALLOW, "*", condition))], request(address=None)).allowed
    assert not evaluate([EVERYTHING, policy((DENY, "*", condition))], request(address=None)).allowed
    assert evaluate([EVERYTHING], request(address=None)).allowed


@pytest.mark.parametrize(
    ("resource", "region", "matches"),
    [
        ("*", "ap-guangzhou", True),
        ("qcs::aiart:::*", "ap-guangzhou", True),
        ("qcs:*:*:*:*:*", "ap-guangzhou", True),
        ("qcs::::uin/100:*", "ap-guangzhou", True),
        ("qcs::aiart:ap-guangzhou:uin/100:*", "ap-guangzhou", True),
        ("qcs::aiart:ap-*:uin/*:*", "ap-guangzhou", True),
        ("qcs::aiart:ap-shanghai:uin/100:*", "ap-guangzhou", False),
        ("qcs::aiart::uin/101:*", "ap-guangzhou", False),
        ("qcs::aiart::uin/10:*", "ap-guangzhou", False),
        ("qcs::cos:::*", "ap-guangzhou", False),
        ("qcs::ai*:::*", "", True),
    ],
)
def test_resources(resource: str, region: str, matches: bool) -> None:
    assert evaluate([policy((ALLOW, "*"), resource=resource)], request(region=region)).allowed is matches
    stop = policy((DENY, "*"), resource=resource)
    assert evaluate([EVERYTHING, stop], request(region=region)).allowed is not matches


def test_leaving_the_region_out_is_no_way_round_a_deny() -> None:
    one_region = "qcs::aiart:ap-guangzhou::*"
    assert not evaluate([policy((ALLOW, "*"), resource=one_region)], request(region="")).allowed
    assert not evaluate([EVERYTHING, policy((DENY, "*"), resource=one_region)], request(region="")).allowed


@pytest.mark.parametrize(
    ("pattern", "action", "matches"),
    [
        ("*", "aiart:ChangeClothes", True),
        ("*:*", "aiart:ChangeClothes", True),
        ("name/*:*", "aiart:ChangeClothes", True),
        ("aiart:*", "aiart:ChangeClothes", True),
        ("name/aiart:*", "aiart:ChangeClothes", True),
        ("name/aiart:ChangeClothes", "aiart:ChangeClothes", True),
        ("aiart:Change*", "aiart:ChangeClothes", True),
        ("aiart:*Clothes", "aiart:ChangeClothes", True),
        ("aiart:*e*oth*", "aiart:ChangeClothes", True),
        ("*:ChangeClothes", "aiart:ChangeClothes", True),
        ("aiart:ChangeClothes", "aiart:ReplaceBackground", False),
        ("aiart:*", "sts:AssumeRole", False),
        ("cos:ChangeClothes", "aiart:ChangeClothes", False),
        ("*:Describe*", "aiart:ChangeClothes", False),
        ("sts:AssumeRole", "sts:AssumeRole", True),
        ("name/sts:Assume*", "sts:AssumeRole", True),
    ],
)
def test_actions(pattern: str, action: str, matches: bool) -> None:
    assert evaluate([policy((ALLOW, pattern))], request(action)).allowed is matches


def test_a_role_is_a_resource() -> None:
    granted = policy(("allow", "sts:AssumeRole"), resource="qcs::cam::uin/100:roleName/try-on")
    for name, allowed in (("try-on", True), ("try-off", False)):
        role = Resource("cam", "", "uin/100", f"roleName/{name}")
        assert str(role) == f"qcs::cam::uin/100:roleName/{name}"
        assert evaluate([granted], Request("sts:AssumeRole", role, None)).allowed is allowed
