"""Who may take a role, and what a trust policy may not say."""

import json
from ipaddress import ip_address
from typing import Any

import pytest

from fittingroom.accounts.cam import Decision, PolicyError, TrustPolicy, parse_trust

ACCOUNT, USER = "qcs::cam::uin/100:root", "qcs::cam::uin/100:uin/101"
HERE = ip_address("10.1.2.3")


def rule(principal: Any = ACCOUNT, effect: str = "allow", **more: Any) -> dict[str, Any]:
    named = (
        principal if isinstance(principal, dict | str) and not str(principal).startswith("qcs") else {"qcs": principal}
    )
    return {"effect": effect, "action": "name/sts:AssumeRole", "principal": named, **more}


def trust(*rules: dict[str, Any]) -> TrustPolicy:
    return parse_trust({"version": "2.0", "statement": list(rules)}, "t")


@pytest.mark.parametrize(
    ("principal", "account", "user", "allowed"),
    [
        (ACCOUNT, "100", "100", True),
        (ACCOUNT, "100", "101", True),
        (ACCOUNT, "200", "100", False),
        (USER, "100", "101", True),
        (USER, "100", "100", False),
        (USER, "100", "1011", False),
        (USER, "200", "101", False),
        ("qcs::cam::uin/100:uin/100", "100", "100", True),
        ([USER, "qcs::cam::uin/200:root"], "200", "7", True),
    ],
)
def test_accounts_and_users(principal: Any, account: str, user: str, allowed: bool) -> None:
    assert trust(rule(principal)).decide(account, user, HERE).allowed is allowed


@pytest.mark.parametrize("order", [1, -1])
def test_a_deny_wins_in_any_order(order: int) -> None:
    rules = [rule(ACCOUNT), rule(USER, "deny")][::order]
    denied = trust(*rules).decide("100", "101", HERE)
    assert denied == Decision("deny", "trust", "t", rules.index(rule(USER, "deny")))
    assert str(denied) == f"denied by statement[{denied.statement}] of the trust policy 't'"
    assert trust(*rules).decide("100", "102", HERE).allowed


def test_the_first_allow_is_named_and_nobody_else_gets_in() -> None:
    policy = trust(rule("qcs::cam::uin/200:root"), rule(ACCOUNT), rule(USER))
    assert policy.decide("100", "101", HERE) == Decision("allow", "trust", "t", 1)
    assert policy.decide("300", "1", HERE) == Decision(None, "trust")


def test_conditions_hold_here_too() -> None:
    office = {"ip_equal": {"qcs:ip": "10.0.0.0/8"}}
    policy = trust(rule(condition=office))
    assert policy.decide("100", "100", HERE).allowed
    assert not policy.decide("100", "100", ip_address("192.0.2.1")).allowed
    assert not policy.decide("100", "100", None).allowed
    assert not trust(rule(), rule(effect="deny", condition=office)).decide("100", "100", None).allowed


SECRET_WORD = {"string_equal": {"sts:external_id": "abc/1"}}


@pytest.mark.parametrize(("shown", "allowed"), [("abc/1", True), ("abc", False), ("ABC/1", False), (None, False)])
def test_a_role_may_ask_for_an_external_id(shown: str | None, allowed: bool) -> None:
    assert trust(rule(condition=SECRET_WORD)).decide("100", "101", HERE, shown).allowed is allowed


@pytest.mark.parametrize(("shown", "allowed"), [("abc/1", False), ("abc", True), (None, False)])
def test_a_deny_counts_for_who_shows_no_external_id(shown: str | None, allowed: bool) -> None:
    rules = [rule(), rule(effect="deny", condition=SECRET_WORD)]
    assert trust(*rules).decide("100", "101", HERE, shown).allowed is allowed


def test_an_external_id_and_an_address_must_both_hold() -> None:
    both = trust(
        rule(condition={"ip_equal": {"qcs:ip": "10.0.0.0/8"}, "string_equal": {"sts:external_id": ["a1", "b1"]}})
    )
    assert both.decide("100", "101", HERE, "b1").allowed
    assert not both.decide("100", "101", HERE, "c1").allowed
    assert not both.decide("100", "101", ip_address("192.0.2.1"), "b1").allowed


def test_a_role_nobody_asked_for_an_id_takes_any() -> None:
    assert trust(rule()).decide("100", "101", HERE, "whatever").allowed


def test_a_role_is_trusted_with_its_account_and_by_no_number() -> None:
    assert trust(rule(ACCOUNT)).decide("100", None, HERE).allowed
    assert not trust(rule("qcs::cam::uin/100:uin/100")).decide("100", None, HERE).allowed


@pytest.mark.parametrize("action", ["sts:AssumeRole", "name/sts:AssumeRole", ["name/sts:*"], "*"])
@pytest.mark.parametrize("more", [{}, {"resource": "*"}, {"resource": ["*"]}])
def test_forms_that_are_seen_in_the_wild(action: Any, more: dict[str, Any]) -> None:
    assert trust({**rule(), "action": action, **more}).decide("100", "100", HERE).allowed


@pytest.mark.parametrize(
    ("statement", "where", "words"),
    [
        (rule("*"), "statement[0].principal", "would trust everybody"),
        (rule(["*"]), "statement[0].principal.qcs[0]", "is no principal"),
        (rule("qcs::cam::anyone:anyone"), "statement[0].principal.qcs", "is no principal"),
        (rule("qcs::cam::uin/100:groupid/13"), "statement[0].principal.qcs", "uin/<account>:uin/<user>"),
        (rule("qcs::cam::uin/*:root"), "statement[0].principal.qcs", "is no principal"),
        (rule("qcs::cam::uin/100:roleName/x"), "statement[0].principal.qcs", "is no principal"),
        (rule("qcs::cam::uin/100:root\n"), "statement[0].principal.qcs", "is no principal"),
        (rule({"service": ["cvm.qcloud.com"]}), "statement[0].principal.service", "services of the cloud"),
        (rule({"qcs": ACCOUNT, "service": "x"}), "statement[0].principal.service", "services of the cloud"),
        (rule({"federated": ["x"]}), "statement[0].principal.federated", "identity providers"),
        (rule({"QCS": ACCOUNT}), "statement[0].principal.QCS", 'Did you mean "qcs"?'),
        (rule([]), "statement[0].principal.qcs", "empty list"),
        ({**rule(), "action": "aiart:*"}, "statement[0].action", "about sts:AssumeRole"),
        (
            rule(condition={"string_equal": {"qcs:resource_tag": "a"}}),
            'statement[0].condition.string_equal["qcs:resource_tag"]',
            "Allowed here: sts:external_id",
        ),
        (rule(condition={"string_equal": {}}), "statement[0].condition.string_equal", "empty object"),
        (
            rule(condition={"string_like": {"sts:external_id": "a"}}),
            "statement[0].condition.string_like",
            "not supported",
        ),
        (rule(resource="qcs::aiart:::*"), "statement[0].resource", "its own role"),
        ({"effect": "allow", "action": "*"}, "statement[0]", '"principal" is missing'),
    ],
)
def test_what_a_trust_policy_may_not_say(statement: dict[str, Any], where: str, words: str) -> None:
    with pytest.raises(PolicyError) as caught:
        trust(statement)
    assert caught.value.where == where
    assert words in caught.value.problem


def test_a_principal_at_the_top_is_told_its_place() -> None:
    document = {"version": "2.0", "principal": {"qcs": [ACCOUNT]}, "statement": [rule()]}
    with pytest.raises(PolicyError, match=r"^principal: put the element into each statement"):
        parse_trust(json.dumps(document))
