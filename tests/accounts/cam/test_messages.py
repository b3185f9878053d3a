"""What the writer of a wrong document reads: the place, what was found, what is allowed."""

import json
import pickle

import pytest

from fittingroom.accounts.cam import PolicyError, parse

RULE = {"effect": "allow", "action": "aiart:ChangeClothes", "resource": "*"}


def rule(**changes: object) -> str:
    """A document with one statement, changed; None takes an element away."""
    statement = {key: value for key, value in {**RULE, **changes}.items() if value is not None}
    return json.dumps({"version": "2.0", "statement": [statement]})


def refused(document: object) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        parse(document)  # type: ignore[arg-type]
    return caught.value


MISTAKES = [
    # (document, where, words of the problem)
    (rule(effect="Allow"), "statement[0].effect", ['found "Allow"', 'Did you mean "allow"?', "lower case"]),
    (rule(effect="permit"), "statement[0].effect", ['found "permit"', '"allow" or "deny"']),
    (rule(effect=True), "statement[0].effect", ["found true where a string belongs"]),
    (rule(effect=None), "statement[0]", ['"effect" is missing']),
    (rule(effect=None, Effect="allow"), "statement[0].Effect", ['Did you mean "effect"?', "action, condition, effect"]),
    (rule(action=None, actions="*"), "statement[0].actions", ['Did you mean "action"?']),
    (rule(action=["aiart:ChangeClothes", 7]), "statement[0].action[1]", ["found the number 7 where a string belongs"]),
    (rule(action=[]), "statement[0].action", ["empty list"]),
    (rule(action=""), "statement[0].action", ["empty string"]),
    (rule(action="ChangeClothes"), "statement[0].action", ['Did you mean "aiart:ChangeClothes"?', "service:Name"]),
    (rule(action="aiart:ChangeClothe"), "statement[0].action", ["no action", 'Did you mean "aiart:ChangeClothes"?']),
    (rule(action="aiart:changeclothes"), "statement[0].action", ["case matter", 'Did you mean "aiart:ChangeClothes"?']),
    (rule(action="aiart:Changed*"), "statement[0].action", ['no action "aiart:Changed*"']),
    (rule(action="AIArt:ChangeClothes"), "statement[0].action", ["no service", 'Did you mean "aiart"?']),
    (rule(action="aitar:ChangeClothes"), "statement[0].action", ["no service", 'Did you mean "aiart"?']),
    (rule(action="aiart:Change?lothes"), "statement[0].action", ["no other wildcard"]),
    (rule(action="aiart: ChangeClothes"), "statement[0].action", ["no action"]),
    (rule(action="permid/280649"), "statement[0].action", ["set of actions", "name the actions"]),
    (rule(resource="aiart"), "statement[0].resource", ["six parts", "qcs::aiart:<region>:uin/<account>:*"]),
    (rule(resource="qcs::aiart:*"), "statement[0].resource", ["six parts"]),
    (rule(resource="arn::aiart:::*"), "statement[0].resource", ["six parts"]),
    (rule(resource=["*", "qcs::aiart:::"]), "statement[0].resource[1]", ["the last of the six parts is empty"]),
    (rule(resource="qcs::aiart:::image/1"), "statement[0].resource", ["no single resources", '"image/1"']),
    (rule(resource="qcs::aiart::uid/1250000000:*"), "statement[0].resource", ["no APPID", "uin/<number>"]),
    (rule(resource="qcs::aiart::100:*"), "statement[0].resource", ['the account "100"', "uin/<number>"]),
    (rule(resource="qcs:id/0:aiart:::*"), "statement[0].resource", ['the project "id/0"', "leave it empty"]),
    (rule(resource="qcs::aiart:ap guangzhou::*"), "statement[0].resource", ['the region "ap guangzhou"']),
    (rule(resource="qcs::AIART:::*"), "statement[0].resource", ["no service", 'Did you mean "aiart"?']),
    (rule(resource="qcs::cos:::*"), "statement[0].resource", ["actions of aiart", "none of these"]),
    (rule(resource=["qcs::*:::bucket/*", "qcs::sts:::*"]), "statement[0].resource", ["none of these"]),
    (rule(resource=None), "statement[0]", ['"resource" is missing']),
    (rule(condition={}), "statement[0].condition", ["empty object"]),
    (rule(condition=[]), "statement[0].condition", ["found a list where an object"]),
    (rule(condition={"ip_equals": {"qcs:ip": "10.0.0.1"}}), "statement[0].condition.ip_equals", ['"ip_equal"?']),
    (
        rule(condition={"string_equal": {"qcs:resource_tag": ["a&b"]}}),
        "statement[0].condition.string_equal",
        ['"string_equal" is not supported here', "ip_equal or ip_not_equal"],
    ),
    (
        rule(condition={"for_any_value:string_equal": {"qcs:resource_tag": ["a&b"]}}),
        'statement[0].condition["for_any_value:string_equal"]',
        ["is not supported here"],
    ),
    (
        rule(condition={"ip_equal_if_exist": {"qcs:ip": "10.0.0.1"}}),
        "statement[0].condition.ip_equal_if_exist",
        ["is not supported here"],
    ),
    (rule(condition={"ip_equal": "10.0.0.1"}), "statement[0].condition.ip_equal", ['the string "10.0.0.1"', "object"]),
    (rule(condition={"ip_equal": {}}), "statement[0].condition.ip_equal", ["empty object"]),
    (
        rule(condition={"ip_equal": {"qcs:ip ": "10.0.0.1"}}),
        'statement[0].condition.ip_equal["qcs:ip "]',
        ['Did you mean "qcs:ip"?'],
    ),
    (
        rule(condition={"ip_equal": {"QCS:IP": "10.0.0.1"}}),
        'statement[0].condition.ip_equal["QCS:IP"]',
        ['Did you mean "qcs:ip"?'],
    ),
    (
        rule(condition={"ip_equal": {"qcs:ip": "10.0.0.1", "qcs:current_time": "2026-01-01T00:00:00Z"}}),
        'statement[0].condition.ip_equal["qcs:current_time"]',
        ["not supported here", "use qcs:ip"],
    ),
    (
        rule(condition={"ip_equal": {"qcs:ip": ["10.0.0.0/8", "10.121.2.*"]}}),
        'statement[0].condition.ip_equal["qcs:ip"][1]',
        ['"10.121.2.*"', "such as 10.121.2.0/24"],
    ),
    (
        rule(condition={"ip_equal": {"qcs:ip": "*"}}),
        'statement[0].condition.ip_equal["qcs:ip"]',
        ["leave the condition out"],
    ),
    (rule(condition={"ip_equal": {"qcs:ip": []}}), 'statement[0].condition.ip_equal["qcs:ip"]', ["empty list"]),
    (rule(principal={"qcs": ["*"]}), "statement[0].principal", ["trust policy of a role", "attached to its user"]),
    (rule(notAction="*"), "statement[0].notAction", ["not supported here; list the actions"]),
    ('{"version":"2.0","statement":[]}', "statement", ["empty list"]),
    ('{"version":"2.0","statement":{}}', "statement", ["found an object where a list"]),
    ('{"version":"2.0","statement":["allow"]}', "statement[0]", ['found the string "allow" where an object']),
    ('{"statement":[]}', "the document", ['"version" is missing']),
    ('{"version":"1.0","statement":[]}', "version", ['found the string "1.0"', '"2.0"']),
    ('{"version":2.0,"statement":[]}', "version", ["found the number 2.0", 'the string "2.0"']),
    ('{"version":"2.0","Statement":[]}', "Statement", ['Did you mean "statement"?']),
    ('{"version":"2.0","statement":[],"principal":{"qcs":[]}}', "principal", ["trust policy"]),
    (
        '{"version":"2.0","statement":[{"effect":"deny","effect":"allow"}]}',
        "statement[0]",
        ['"effect" is written twice'],
    ),
    ("[]", "the document", ["found a list where an object"]),
    ("null", "the document", ["found null where an object"]),
    ("", "line 1, column 1", ["no JSON"]),
    ('{"version": "2.0",\n  "statement": [{"effect" "allow"}]}', "line 2, column 27", ["no JSON", "':'"]),
    ("%7B%22version%22%3A%222.0%22%7D", "line 1, column 1", ["URL-encoded"]),
    ('{"version": NaN}', "the document", ["NaN is no JSON"]),
]


@pytest.mark.parametrize(("document", "where", "words"), MISTAKES)
def test_a_mistake_is_pointed_at(document: str, where: str, words: list[str]) -> None:
    error = refused(document)
    assert error.where == where
    for word in words:
        assert word in error.problem
    assert str(error) == f"{where}: {error.problem}"
    assert "\n" not in str(error)


def test_the_path_names_the_right_one_of_several_statements() -> None:
    document = {"version": "2.0", "statement": [RULE, RULE, {**RULE, "action": ["*", "*", "nothing"]}]}
    assert refused(document).where == "statement[2].action[2]"


def test_every_mistake_is_refused_as_an_object_too() -> None:
    for document, where, _ in MISTAKES:
        if document.startswith("{") and "NaN" not in document and "twice" not in str(refused(document)):
            try:
                decoded = json.loads(document)
            except json.JSONDecodeError:
                continue
            assert refused(decoded).where == where


def test_what_is_quoted_is_short_and_plain() -> None:
    error = refused(rule(action="\x1b[31m\u202e\ud800衣" + "x" * 3000))
    assert len(str(error)) < 400
    assert str(error).isascii()
    assert str(error).isprintable()
    long_key = refused(json.dumps({"version": "2.0", "statement": [{"x" * 5000: 1}]}))
    assert len(long_key.where) < 100
    assert refused(json.dumps({"version": "2.0", "\x1b" * 500: 1})).where.isprintable()


def test_it_survives_a_process_boundary() -> None:
    error = refused(rule(effect="Deny"))
    again = pickle.loads(pickle.dumps(error))
    assert (again.where, again.problem, str(again)) == (error.where, error.problem, str(error))
