"""Whatever a request holds, the answer is an envelope with a published code: never a 500, never silence."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fittingroom.errors.catalogue import CATALOGUE

quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

latin = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=40)
NAMES = [
    *("Authorization", "Content-Type", "Host", "X-TC-Action", "X-TC-Version", "X-TC-Timestamp", "X-TC-Region"),
    *("X-TC-Token", "X-TC-Language", "X-TC-TraceId", "X-TC-RequestClient", "X-TC-Content-SHA256", "X-Forwarded-Host"),
    "Content-Length",
]
LIKELY = [
    *("", "null", "ChangeClothes", "2022-12-29", "1700000000", "99999999999999999999", "-1", "0", "zh-CN", "SKIP"),
    *("application/json", "application/x-www-form-urlencoded", "multipart/form-data", "UNSIGNED-PAYLOAD"),
    "TC3-HMAC-SHA256 Credential=a/2023-11-14/aiart/tc3_request, SignedHeaders=content-type;host, Signature=00",
]
values = st.sampled_from(LIKELY) | latin
headers = st.dictionaries(st.sampled_from(NAMES), values, max_size=8)
KEYS = ["ModelUrl", "ClothesUrl", "ClothesType", "LogoAdd", "LogoParam", "RspImgType", "LogoUrl", "LogoImage",
        "LogoRect", "X", "Y", "Width", "Height", "Action", ""]  # fmt: skip
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["Dress", "url", "https://example.com/a", "http://[", "data:image/png;base64,AAAA", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=5),
    max_leaves=15,
)  # fmt: skip


def check(answer):
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.response["RequestId"])
    assert answer.code == "OK" or answer.code in CATALOGUE
    assert answer.code != "InternalError", answer.json


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "get", ""]),
    headers=headers,
    body=st.binary(max_size=100) | st.just(b"{}"),
    query=latin,
)
@quick
def test_any_headers_and_body(kit, method, headers, body, query):
    check(kit.World().send(kit.Sent(method, headers, body, query)))


@given(headers=headers, language=st.sampled_from(["en-US", "zh-CN"]))
@quick
def test_any_header_beside_a_good_signature(kit, headers, language):
    sent = kit.sign_json(kit.GOOD, extra={"X-TC-Language": language})
    sent.headers.update(headers)
    check(kit.World().send(sent))


@given(
    parameters=st.dictionaries(st.sampled_from(KEYS), anything, max_size=8),
    language=st.sampled_from(["en-US", "zh-CN"]),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_signed_parameters(kit, parameters, language):
    check(kit.World().send(kit.sign_json(parameters, extra={"X-TC-Language": language})))


@given(
    change=st.dictionaries(st.sampled_from(KEYS[:6]), anything, max_size=2),
    logo=st.dictionaries(st.sampled_from(KEYS[6:9]), anything, max_size=3),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_change_to_good_parameters(kit, change, logo):
    parameters = {**kit.GOOD, "LogoParam": logo, **change}
    check(kit.World().send(kit.sign_json(parameters)))


@given(
    pairs=st.dictionaries(
        st.sampled_from([*KEYS, "LogoParam.LogoRect.X", "LogoParam.LogoUrl", "a.b", "a"]),
        st.text(st.characters(codec="utf-8"), max_size=20),
        max_size=8,
    ),
    common=st.dictionaries(
        st.sampled_from(
            ["Timestamp", "Nonce", "SecretId", "SignatureMethod", "Token", "Region", "Language", "Version"]
        ),
        st.sampled_from(LIKELY) | st.text(st.characters(codec="utf-8"), max_size=20),
        max_size=2,
    ),
    method=st.sampled_from(["GET", "POST"]),
)
@quick
def test_any_v1_pairs(kit, pairs, common, method):
    check(kit.World().send(kit.sign_v1({**kit.GOOD, **pairs}, method=method, **common)))


@pytest.mark.parametrize("name", ["x" * 3000, "衣" * 3000, "{}" * 1000, "a.b." * 1000])
def test_long_names_and_values_are_not_repeated_at_length(kit, world, name):
    for parameters in ({**kit.GOOD, name: 1}, {**kit.GOOD, "ClothesType": name}):
        answer = world.send(kit.sign_json(parameters))
        check(answer)
        assert len(answer.message) < 500


def test_deep_objects(kit, world):
    body = b'{"LogoParam": ' * 500 + b"1" + b"}" * 500
    assert world.send(kit.sign_tc3(body)).code == "UnknownParameter"
    name = ".".join(["LogoParam"] * 5000)
    assert world.send(kit.sign_v1({**kit.GOOD, name: "1"})).code == "UnknownParameter"


@pytest.mark.parametrize("filler", [b'"k%d":0', b'"k%d":"v"'])
def test_many_parameters_are_refused_before_they_are_parsed(kit, world, filler):
    body = b"{" + b",".join(filler % number for number in range(300_000)) + b"}"
    start = time.monotonic()
    answer = world.send(kit.Sent("POST", {"Content-Type": "application/json"}, body))
    assert (answer.code, "too many values" in answer.message) == ("InvalidParameter", True)
    assert time.monotonic() - start < 1


def test_a_few_hundred_parameters_are_named_as_unknown(kit, world):
    assert world.send(kit.sign_json({**kit.GOOD, **{f"P{i}": i for i in range(500)}})).code == "UnknownParameter"
