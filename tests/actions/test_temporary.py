"""Policies as they come in a parameter: encoded once, encoded never, and all that is neither."""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus

import pytest

from fittingroom.actions.temporary import read_policy
from fittingroom.errors import ApiError

PLAIN = '{"version": "2.0", "statement": [{"effect": "allow", "action": ["aiart:*"], "resource": "*"}]}'


def rule(**changes: object) -> str:
    statement = {"effect": "allow", "action": "aiart:*", "resource": "*", **changes}
    return json.dumps({"version": "2.0", "statement": [statement]})


@pytest.mark.parametrize(
    "encode", [str, quote, quote_plus, lambda text: quote(text, safe=""), lambda text: f" {text}\n"]
)
def test_encoded_once_or_not_at_all(encode):
    assert json.loads(read_policy(encode(PLAIN))) == json.loads(PLAIN)


def test_an_escape_inside_a_plain_policy_stays_as_it_is():
    """`%2A` is no star there: what is plain is not decoded."""
    with pytest.raises(ApiError) as caught:
        read_policy(rule(action="aiart:%2A"))
    assert caught.value.code == "InvalidParameter.StrategyFormatError"


def test_a_plus_is_a_blank_and_an_encoded_plus_is_a_plus():
    assert read_policy(quote_plus(PLAIN)) == PLAIN
    with pytest.raises(ApiError) as caught:
        read_policy(quote_plus(rule(action="aiart:a+b")))
    assert "aiart:a+b" in caught.value.message()


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("", "no JSON"),
        ("{}", "empty object"),
        ("[]", "where an object"),
        ("allow everything", "no JSON"),
        (quote(quote(PLAIN)), "URL-encoded"),
        (quote(PLAIN)[:-6], "no JSON"),
        (quote(PLAIN) + "%", "two hexadecimal digits"),
        ("%7B%2", "two hexadecimal digits"),
        ("%7B%FF%7D", "no UTF-8"),
        (quote(rule(principal={"qcs": ["qcs::cam::uin/1:root"]})), "trust policy"),
        (rule(effect="Allow"), "statement[0].effect"),
        (rule(action="aiart:ChangeShoes"), "statement[0].action"),
        (rule(condition={"string_equal": {"a": "b"}}), "string_equal"),
        (PLAIN.replace('"resource"', '"effect"'), "written twice"),
    ],
)
def test_what_is_no_policy(policy, words):
    with pytest.raises(ApiError) as caught:
        read_policy(policy)
    assert caught.value.code == "InvalidParameter.StrategyFormatError"
    for language in ("en-US", "zh-CN"):
        assert words in caught.value.message(language)


@pytest.mark.parametrize(
    ("resource", "where"),
    [
        ("everything", "statement[0].resource"),
        (["*", "qcs::aiart"], "statement[0].resource[1]"),
        ("qcs::aiart:::picture/1", "statement[0].resource"),
    ],
)
def test_resources_that_cannot_be(resource, where):
    with pytest.raises(ApiError) as caught:
        read_policy(quote(rule(resource=resource)))
    assert caught.value.code == "InvalidParameter.ResouceError"
    assert where in caught.value.message()


def test_too_long():
    networks = [f"10.0.{number}.0/24" for number in range(200)]
    long = json.loads(rule(condition={"ip_equal": {"qcs:ip": networks}}))
    long["statement"] *= 3
    for policy in (json.dumps(long), quote(json.dumps(long))):
        with pytest.raises(ApiError) as caught:
            read_policy(policy)
        assert caught.value.code == "InvalidParameter.PolicyTooLong"


def test_blanks_do_not_count():
    assert read_policy(PLAIN.replace(" ", " " * 500))


@pytest.mark.parametrize("policy", ["{" * 20_000, "[" * 6000, '{"version":' + "9" * 6000 + "}", "%7B" * 20_000])
def test_hostile_texts_are_refused(policy):
    with pytest.raises(ApiError) as caught:
        read_policy(policy)
    assert caught.value.code.startswith("InvalidParameter.")
