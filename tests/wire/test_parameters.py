"""Parameters: parsing, nesting, strict types, and what each misfit is answered with."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fittingroom.errors import ApiError
from fittingroom.wire.parameters import nest, parse_json, parse_pairs

RECT = "LogoParam.LogoRect"


def rect(**values):
    return {"LogoParam": {"LogoUrl": "https://example.com/logo.png", "LogoRect": values}}


MISFITS = [
    ({"ModelUrl": None}, "MissingParameter", "ModelUrl", None),
    ({"ClothesType": None}, "MissingParameter", "ClothesType", None),
    ({"ModelUrl": 5}, "InvalidParameter", "ModelUrl", "string"),
    ({"ModelUrl": ["https://a"]}, "InvalidParameter", "ModelUrl", "string"),
    ({"ModelUrl": {"Url": "https://a"}}, "InvalidParameter", "ModelUrl", "string"),
    ({"ModelUrl": True}, "InvalidParameter", "ModelUrl", "string"),
    ({"LogoAdd": "1"}, "InvalidParameter", "LogoAdd", "integer"),
    ({"LogoAdd": True}, "InvalidParameter", "LogoAdd", "integer"),
    ({"LogoAdd": 1.0}, "InvalidParameter", "LogoAdd", "integer"),
    ({"LogoAdd": 1.5}, "InvalidParameter", "LogoAdd", "integer"),
    ({"LogoAdd": 2**63}, "InvalidParameter", "LogoAdd", "integer"),
    ({"LogoAdd": 10**30}, "InvalidParameter", "LogoAdd", "integer"),
    ({"LogoAdd": [1]}, "InvalidParameter", "LogoAdd", "integer"),
    ({"LogoParam": "logo"}, "InvalidParameter", "LogoParam", "object"),
    ({"LogoParam": []}, "InvalidParameter", "LogoParam", "object"),
    ({"LogoParam": {"LogoRect": 3}}, "InvalidParameter", RECT, "object"),
    ({"LogoParam": {"LogoUrl": 3}}, "InvalidParameter", "LogoParam.LogoUrl", "string"),
    (rect(X="1"), "InvalidParameter", f"{RECT}.X", "integer"),
    (rect(Height=False), "InvalidParameter", f"{RECT}.Height", "integer"),
    ({"RspImgType": 1}, "InvalidParameter", "RspImgType", "string"),
    ({"Scale": 1}, "UnknownParameter", "Scale", None),
    ({"modelUrl": "x"}, "UnknownParameter", "modelUrl", None),
    ({"model_url": "x"}, "UnknownParameter", "model_url", None),
    ({"$schema": None}, "UnknownParameter", "$schema", None),
    ({"LogoParam": {"Url": "x"}}, "UnknownParameter", "LogoParam.Url", None),
    (rect(Depth=1), "UnknownParameter", f"{RECT}.Depth", None),
    (rect(x=1), "UnknownParameter", f"{RECT}.x", None),
    ({"Region": "ap-singapore"}, "UnknownParameter", "Region", None),
]


@pytest.mark.parametrize(("change", "code", "path", "type_"), MISFITS, ids=lambda value: str(value)[:40])
def test_json_misfits(kit, world, change, code, path, type_):
    answer = world.send(kit.sign_json({**kit.GOOD, **change}))
    text = {
        "MissingParameter": f"The request is missing a required parameter `{path}`.",
        "UnknownParameter": f"The parameter `{path}` is not recognized.",
        "InvalidParameter": f"The value type of parameter `{path}` is not valid, input type should be `{type_}`.",
    }[code]
    assert (answer.code, answer.message) == (code, text)


def test_chinese_type_text(kit, world):
    answer = world.send(kit.sign_json({**kit.GOOD, "ModelUrl": 5}, extra={"X-TC-Language": "zh-CN"}))
    assert answer.message == "参数 `ModelUrl` 取值类型错误。参数类型应为 `string`。"


@pytest.mark.parametrize("name", ["ModelUrl", "ClothesUrl", "ClothesType"])
def test_each_required_parameter(kit, world, name):
    parameters = {key: value for key, value in kit.GOOD.items() if key != name}
    for sent in (kit.sign_json(parameters), kit.sign_v1(parameters), kit.sign_v1(parameters, method="GET")):
        answer = world.send(sent)
        assert (answer.code, f"`{name}`" in answer.message) == ("MissingParameter", True)


def test_missing_are_named_in_their_published_order(kit, world):
    assert "`ModelUrl`" in world.send(kit.sign_json({})).message


def test_unknown_before_missing_before_type(kit, world):
    parameters = {"ModelUrl": 1, "LogoParam": {"Nope": 1}}
    assert world.send(kit.sign_json(parameters)).code == "UnknownParameter"
    del parameters["LogoParam"]
    assert world.send(kit.sign_json(parameters)).code == "MissingParameter"


@pytest.mark.parametrize("name", ["LogoAdd", "LogoParam", "RspImgType"])
def test_null_of_an_optional_parameter_is_absence(kit, world, name):
    assert world.send(kit.sign_json({**kit.GOOD, name: None})).code == "OK"


def test_null_inside_the_logo_is_absence(kit, world):
    logo = {"LogoUrl": "https://example.com/logo.png", "LogoImage": None, "LogoRect": {"X": None, "Width": 4}}
    assert world.send(kit.sign_json({**kit.GOOD, "LogoParam": logo})).code == "OK"
    assert world.services.dispatcher.jobs[0].logo.rect == (None, None, 4, None)


FLAT = {
    **{"ModelUrl": "https://example.com/m", "ClothesUrl": "https://example.com/c", "ClothesType": "Dress"},
    "LogoParam.LogoUrl": "https://example.com/l",
    f"{RECT}.X": "-10",
    f"{RECT}.Width": "030",
}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_flattened_text_becomes_typed(kit, world, method):
    assert world.send(kit.sign_v1({**FLAT, "LogoAdd": "1"}, method=method)).code == "OK"
    assert world.services.dispatcher.jobs[0].logo.rect == (-10, None, 30, None)


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"LogoAdd": "True"}, "InvalidParameter", "LogoAdd"),
        ({"LogoAdd": "1.0"}, "InvalidParameter", "LogoAdd"),
        ({"LogoAdd": ""}, "InvalidParameter", "LogoAdd"),
        ({"LogoAdd": "١"}, "InvalidParameter", "LogoAdd"),
        ({"LogoAdd": "9" * 19}, "InvalidParameter", "LogoAdd"),
        ({"LogoParam": "{}"}, "InvalidParameter", "LogoParam"),
        ({f"{RECT}.X.Y": "1"}, "InvalidParameter", f"{RECT}.X"),
        ({"ModelUrl.0": "https://a"}, "InvalidParameter", "ModelUrl"),
        ({f"{RECT}.Z": "1"}, "UnknownParameter", f"{RECT}.Z"),
        ({"LogoParam.": "1"}, "UnknownParameter", "LogoParam."),
        ({"Styles.0": "1"}, "UnknownParameter", "Styles"),
        ({"." * 40: "1"}, "UnknownParameter", ""),
    ],
)
def test_flattened_misfits(kit, world, change, code, path):
    answer = world.send(kit.sign_v1({**FLAT, **change}))
    assert (answer.code, f"`{path}`" in answer.message) == (code, True), answer.message


def test_numbers_are_not_read_from_text_in_json(kit, world):
    assert world.send(kit.sign_json({**kit.GOOD, "LogoAdd": "0"})).code == "InvalidParameter"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{", "not valid JSON"),
        (b'{"a": NaN}', "not valid JSON"),
        (b'{"a": Infinity}', "not valid JSON"),
        (b"{'a': 1}", "not valid JSON"),
        (b'{"a": 1} x', "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not valid JSON"),
        (b"[]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"a": "\xff"}', "not valid UTF-8"),
        ("{}".encode("utf-16"), "not valid UTF-8"),
        (b'{"a": "\\ud800"}', "not valid UTF-8"),
        (b'{"\\uDFFF": 1}', "not valid UTF-8"),
    ],
    ids=range(14),
)
def test_malformed_json(kit, world, body, detail):
    answer = world.send(kit.sign_tc3(body))
    assert answer.code == "InvalidParameter"
    assert answer.message == f"The request parameters could not be parsed: {detail}. Send JSON in UTF-8."


@pytest.mark.parametrize("body", [b"", b" \n"])
def test_an_empty_body_misses_the_first_parameter(kit, world, body):
    answer = world.send(kit.sign_tc3(body))
    assert (answer.code, "`ModelUrl`" in answer.message) == ("MissingParameter", True)


def test_escaped_pairs_of_surrogates_are_characters():
    assert parse_json(b'{"a": "\\ud83d\\ude00"}') == {"a": "😀"}


@pytest.mark.parametrize("encoded", [b"a=%FF", b"\xff=1", b"&".join(b"k%d=1" % i for i in range(1001))])
def test_malformed_pairs(encoded):
    with pytest.raises(ApiError) as caught:
        parse_pairs(encoded)
    assert caught.value.reason == "malformed_body"


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "multipart/form-data; boundary=x", "application/octet-stream"]
)
def test_other_content_types(kit, world, content_type):
    sent = kit.sign_json(kit.GOOD, content_type=content_type)
    assert world.send(sent).code == "InvalidRequest"


def test_post_without_content_type(kit, world):
    assert world.send(kit.Sent("POST", {}, b"{}")).code == "InvalidRequest"


def test_a_json_body_needs_tc3(kit, world):
    body = json.dumps({**kit.GOOD, "Action": "ChangeClothes", "Version": "2022-12-29"}).encode()
    answer = world.send(kit.Sent("POST", {"Content-Type": "application/json"}, body))
    assert (answer.code, "`Action`" in answer.message) == ("MissingParameter", True)


names = st.text("abXY", min_size=1, max_size=3)
trees = st.recursive(
    st.text(max_size=5), lambda inner: st.dictionaries(names, inner, min_size=1, max_size=3), max_leaves=12
).filter(lambda tree: isinstance(tree, dict))


def flatten(tree, prefix=""):
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


@given(trees)
def test_nesting_undoes_flattening(tree):
    assert nest(dict(flatten(tree))) == tree


@given(st.binary(max_size=200))
def test_parsers_never_fall_over(data):
    """What they accept can be written as UTF-8 again; all else is one reason."""
    for parse in (parse_json, parse_pairs):
        reason = None
        try:
            json.dumps(parse(data), ensure_ascii=False).encode()
        except ApiError as error:
            reason = error.reason
        assert reason in (None, "malformed_body")


def test_nesting_refuses_a_name_that_is_value_and_parent_in_either_order():
    for pairs in ({"a": "1", "a.b": "2"}, {"a.b": "2", "a": "1"}):
        with pytest.raises(ApiError) as caught:
            nest(pairs)
        assert caught.value.values == {"parameter": "a", "type": "object"}
