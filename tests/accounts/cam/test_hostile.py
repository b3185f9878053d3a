"""Documents made to hurt: too deep, too long, too many, and patterns that break backtracking matchers."""

import json
import time
from ipaddress import ip_address
from typing import Any

import pytest

from fittingroom.accounts.cam import Networks, PolicyError, Request, Resource, evaluate, parse, parse_trust
from fittingroom.accounts.cam.document import MAX_CHARACTERS, MAX_ITEMS
from fittingroom.accounts.cam.globs import Glob

RULE = {"effect": "allow", "action": "aiart:ChangeClothes", "resource": "*"}


def deep(levels: int) -> Any:
    value: Any = {}
    for _ in range(levels):
        value = {"a": value}
    return value


def loop() -> dict[str, Any]:
    value: dict[str, Any] = {"version": "2.0"}
    value["statement"] = [value]
    return value


HOSTILE = {
    "deep lists": "[" * 6000,
    "deep lists, closed": "[" * 3000 + "]" * 3000,
    "deep objects": '{"a":' * 1200 + "1" + "}" * 1200,
    "deep object, decoded": deep(20_000),
    "an object in itself": loop(),
    "a megabyte of text": "x" * 1_000_000,
    "a megabyte of blanks": " " * 1_000_000 + "{}",
    "a megabyte in one string": json.dumps({"version": "2.0", "statement": [{**RULE, "action": "a" * 1_000_000}]}),
    "a megabyte in one string, decoded": {"version": "2.0", "statement": [{**RULE, "action": "a" * 1_000_000}]},
    "a number of many digits": '{"version": ' + "9" * 6000 + "}",
    "a number beyond floats": '{"version": 1e999}',
    "a hundred thousand statements": {"version": "2.0", "statement": [RULE] * 100_000},
    "many actions": {"version": "2.0", "statement": [{**RULE, "action": ["*"] * (MAX_ITEMS + 1)}]},
    "many keys": {"version": "2.0", **{str(n): 1 for n in range(500)}},
    "things that are no JSON": {"version": "2.0", "statement": {1, 2}},
    "not a number": {"version": float("nan"), "statement": []},
    "lone surrogates": '{"version": "2.0", "statement": ["\\ud800"]}',
    "a null character": '{"version": "2.0\\u0000", "statement": []}',
    "a byte order mark": "\ufeff{}",
}


@pytest.mark.parametrize("read", [parse, parse_trust])
@pytest.mark.parametrize("name", HOSTILE)
def test_refused_quickly_and_in_few_words(name: str, read: Any) -> None:
    started = time.process_time()
    with pytest.raises(PolicyError) as caught:
        read(HOSTILE[name])
    assert time.process_time() - started < 1.0
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


def document_of(length: int) -> str:
    """A good document of so many characters besides blanks, its names as long as it takes."""
    statement = {**RULE, "action": ["cos:"]}
    room = length - len(json.dumps({"version": "2.0", "statement": [statement]}, separators=(",", ":")))
    statement["action"] = ["cos:" + "x" * room]
    return json.dumps({"version": "2.0", "statement": [statement]}, indent=4)


def test_the_bound_counts_all_but_blanks() -> None:
    assert len(document_of(MAX_CHARACTERS)) > MAX_CHARACTERS
    parse(document_of(MAX_CHARACTERS))
    with pytest.raises(PolicyError, match="6144"):
        parse(document_of(MAX_CHARACTERS + 1))


def test_blanks_are_free_within_reason() -> None:
    good = json.dumps({"version": "2.0", "statement": [RULE]})
    parse(good + " " * MAX_CHARACTERS)
    with pytest.raises(PolicyError, match="too large"):
        parse(good + " " * 4 * MAX_CHARACTERS)


def test_the_longest_list_is_taken() -> None:
    policy = parse({"version": "2.0", "statement": [{**RULE, "action": ["aiart:*"] * MAX_ITEMS}]})
    assert len(policy.statements[0].actions.globs) == 1


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("a*" * 3000 + "b", "a" * 100_000),
        ("*" * 6000, "x" * 1_000_000),
        ("*a" * 3000, "ab" * 50_000),
        ("*" + "a" * 3000 + "*b", "a" * 100_000),
        ("*aab" * 1500 + "*c", "a" * 100_000),
    ],
)
def test_patterns_cost_no_more_than_they_are_long(pattern: str, name: str) -> None:
    glob = Glob(pattern)
    started = time.process_time()
    assert glob.matches(name) is (set(pattern) == {"*"})
    assert time.process_time() - started < 0.5


def test_a_full_policy_is_asked_in_microseconds() -> None:
    """About the largest document there can be, forty patterns and two hundred networks, on each request."""
    names = [f"aiart:Change*Clothes{'*' * n}" for n in range(40)]
    networks = [f"10.{n}.0.0/16" for n in range(MAX_ITEMS)]
    rule = {**RULE, "action": names, "condition": {"ip_equal": {"qcs:ip": networks}}}
    policy = parse({"version": "2.0", "statement": [rule]})
    address = ip_address("10.199.1.1")
    request = Request("aiart:ChangeClothes", Resource("aiart", "ap-guangzhou", "uin/100"), address)
    assert evaluate([policy], request).allowed
    best = min(_timed(policy, request) for _ in range(20))
    assert best < 200e-6
    assert address in Networks.parse(networks)


def _timed(policy: Any, request: Request) -> float:
    started = time.perf_counter()
    evaluate([policy], request)
    return time.perf_counter() - started
