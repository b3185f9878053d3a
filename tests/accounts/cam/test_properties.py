"""Laws of every policy: no order matters, a deny and a session policy never widen, stars mean what they say."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fittingroom.accounts.cam import Address, Networks, Policy, Request, Resource, evaluate, parse
from fittingroom.accounts.cam.globs import Glob

ACTIONS = ["*", "aiart:*", "name/aiart:ChangeClothes", "aiart:Change*", "aiart:ReplaceBackground", "cos:*", "sts:*"]
RESOURCES = ["*", "qcs::aiart:::*", "qcs::aiart:ap-guangzhou::*", "qcs::aiart::uin/100:*", "qcs::cos:::*"]
NETWORKS = ["10.0.0.0/8", "10.1.2.3", "192.0.2.0/24", "2001:db8::/32", "::ffff:10.1.0.0/112", "0.0.0.0/0", "::/0"]
ADDRESSES = [IPv4Address("10.1.2.3"), IPv4Address("192.0.2.9"), IPv6Address("2001:db8::7"), IPv6Address("::1"), None]


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3)


CONDITIONS = st.dictionaries(
    st.sampled_from(["ip_equal", "ip_not_equal"]), some(NETWORKS).map(lambda ips: {"qcs:ip": ips}), min_size=1
)


@st.composite
def statements(draw: Any, effects: tuple[str, ...] = ("allow", "deny")) -> dict[str, Any]:
    statement = {
        "effect": draw(st.sampled_from(effects)),
        "action": draw(some(ACTIONS)),
        "resource": draw(some(RESOURCES)),
    }
    if set(statement["resource"]) == {"qcs::cos:::*"}:
        statement["action"] = ["cos:*", "*"]  # a statement about aiart with no resource of it is refused
    if draw(st.booleans()):
        statement["condition"] = draw(CONDITIONS)
    return statement


def policies(effects: tuple[str, ...] = ("allow", "deny")) -> st.SearchStrategy[Policy]:
    return st.lists(statements(effects), min_size=1, max_size=3).map(
        lambda s: parse({"version": "2.0", "statement": s})
    )


REQUESTS = st.builds(
    lambda action, region, uin, address: Request(action, Resource("aiart", region, f"uin/{uin}"), address),
    st.sampled_from(["aiart:ChangeClothes", "aiart:ReplaceBackground", "sts:AssumeRole"]),
    st.sampled_from(["", "ap-guangzhou", "ap-shanghai"]),
    st.sampled_from(["100", "200"]),
    st.sampled_from(ADDRESSES),
)
SEVERAL = st.lists(policies(), max_size=3)
LAW = settings(max_examples=60, deadline=None)


@LAW
@given(SEVERAL, REQUESTS, st.randoms(use_true_random=False))
def test_no_order_matters(held: list[Policy], request: Request, random: Any) -> None:
    shuffled = [Policy(p.name, tuple(random.sample(p.statements, len(p.statements)))) for p in held]
    random.shuffle(shuffled)
    assert evaluate(shuffled, request).effect == evaluate(held, request).effect


@LAW
@given(SEVERAL, REQUESTS)
def test_a_deny_that_applies_always_wins(held: list[Policy], request: Request) -> None:
    applying = {s.effect for p in held for s in p.statements if s.applies(request)}
    expected = "deny" if "deny" in applying else "allow" if "allow" in applying else None
    assert evaluate(held, request).effect == expected


@LAW
@given(SEVERAL, policies(("deny",)), REQUESTS)
def test_a_further_deny_never_widens(held: list[Policy], deny: Policy, request: Request) -> None:
    assert evaluate([*held, deny], request).allowed <= evaluate(held, request).allowed


@LAW
@given(SEVERAL, policies(("allow",)), REQUESTS)
def test_a_further_allow_never_narrows(held: list[Policy], allow: Policy, request: Request) -> None:
    assert evaluate([*held, allow], request).allowed >= evaluate(held, request).allowed


@LAW
@given(SEVERAL, policies(), REQUESTS)
def test_a_session_policy_never_widens(held: list[Policy], session: Policy, request: Request) -> None:
    both = evaluate(held, request).allowed and evaluate([session], request).allowed
    assert evaluate(held, request, session).allowed is both


@LAW
@given(SEVERAL, policies(), REQUESTS)
def test_a_decision_names_a_statement_that_applies(held: list[Policy], session: Policy, request: Request) -> None:
    named = [Policy(str(index), policy.statements) for index, policy in enumerate(held)]
    decision = evaluate(named, request, session)
    assert (decision.policy is None) is (decision.statement is None) is (decision.effect is None)
    if decision.statement is not None and decision.policy is not None:
        source = session if decision.layer == "session" else named[int(decision.policy)]
        statement = source.statements[decision.statement]
        assert statement.effect == decision.effect
        assert statement.applies(request)


@LAW
@given(SEVERAL, REQUESTS, st.sampled_from(["address", "region"]))
def test_what_a_caller_leaves_out_gains_it_nothing(held: list[Policy], request: Request, what: str) -> None:
    """Whoever hides gets in only where everybody gets in, whatever address or region they have."""
    resource = request.resource
    if what == "address":
        hidden = Request(request.action, resource, None)
        shown = [Request(request.action, resource, address) for address in ADDRESSES if address is not None]
    else:
        hidden = Request(request.action, Resource(resource.service, "", resource.account), request.address)
        regions = ("ap-guangzhou", "ap-shanghai", "eu-frankfurt")
        shown = [
            Request(request.action, Resource(resource.service, region, resource.account), request.address)
            for region in regions
        ]
    if evaluate(held, hidden).allowed:
        assert all(evaluate(held, seen).allowed for seen in shown)


def slow_match(pattern: str, name: str) -> bool:
    """The reference: a table over both, no cleverness."""
    row = [True] + [False] * len(name)
    for sign in pattern:
        if sign == "*":
            nxt = [row[0]]
            for index in range(len(name)):
                nxt.append(row[index + 1] or nxt[index])
        else:
            nxt = [False] + [row[index] and name[index] == sign for index in range(len(name))]
        row = nxt
    return row[-1]


@settings(max_examples=500, deadline=None)
@given(st.text("ab*", max_size=12), st.text("ab*", max_size=14))
def test_stars_mean_what_they_say(pattern: str, name: str) -> None:
    expected = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL) is not None
    assert slow_match(pattern, name) is expected
    assert Glob(pattern).matches(name) is expected


@given(
    st.text("ab*", max_size=12), st.lists(st.sampled_from(["", "a", "ab", "*"]), min_size=12, max_size=12), st.data()
)
def test_names_made_for_a_pattern(pattern: str, fills: list[str], data: Any) -> None:
    """Its stars filled in, it matches; a piece cut out of the name, it agrees with the reference."""
    name = "".join(fill if sign == "*" else sign for sign, fill in zip(pattern, fills, strict=False))
    assert Glob(pattern).matches(name)
    cut = data.draw(st.integers(0, len(name)))
    for shorter in (name[:cut], name[cut:], name[:cut] + name[cut + 1 :]):
        assert Glob(pattern).matches(shorter) is slow_match(pattern, shorter)


@pytest.mark.parametrize(("pattern", "name"), [("a*a", "a"), ("ab*ba", "aba"), ("*ab*ab*", "ab"), ("a*b*b", "ab")])
def test_a_character_serves_one_piece_only(pattern: str, name: str) -> None:
    assert not Glob(pattern).matches(name)


V4 = st.builds(lambda n, length: ip_network((n, length), strict=False), st.integers(0, 2**32 - 1), st.integers(0, 32))
V6 = st.builds(
    lambda n, length: ip_network((n, length), strict=False), st.integers(2**48, 2**128 - 1), st.integers(0, 128)
)
ANY = st.integers(0, 2**32 - 1).map(IPv4Address) | st.integers(2**48, 2**128 - 1).map(IPv6Address)


@settings(deadline=None)
@given(st.lists(V4 | V6, max_size=8), ANY, st.data())
def test_lists_of_networks_agree_with_ipaddress(networks: list[Any], address: Address, data: Any) -> None:
    if networks:
        inside = data.draw(st.sampled_from(networks))
        address = data.draw(st.sampled_from([address, inside[0], inside[-1]]))
    table = Networks.of(networks)
    assert (address in table) is any(address in network for network in networks)
    assert bool(table) is bool(networks)
    if isinstance(address, IPv4Address):
        assert (IPv6Address(f"::ffff:{address}") in table) is (address in table)
