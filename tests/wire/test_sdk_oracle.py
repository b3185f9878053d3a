"""The official SDK's own code signs; the server must accept what it builds, and nothing that was changed after."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

NESTED = {
    "ModelUrl": "https://example.com/model.jpg?a=1&b=%20",
    "ClothesUrl": "https://example.com/衣.jpg",
    "ClothesType": "Dress",
    "LogoAdd": 1,
    "LogoParam": {"LogoUrl": "https://example.com/logo.png", "LogoRect": {"X": 10, "Y": 0, "Width": 7, "Height": 5}},
    "RspImgType": "url",
}
WAYS = [(sign, method) for sign in ("TC3-HMAC-SHA256", "HmacSHA1", "HmacSHA256") for method in ("POST", "GET")]


@pytest.mark.parametrize(("sign", "method"), WAYS)
@pytest.mark.parametrize(
    "endpoint", ["127.0.0.1:8000", "localhost", "aiart.intl.tencentcloudapi.com", "http://127.0.0.1:8000"]
)
def test_every_way_of_the_sdk(kit, world, sign, method, endpoint):
    answer = world.send(kit.sdk_request(NESTED, sign_method=sign, method=method, endpoint=endpoint))
    assert answer.code == "OK", answer.json
    (job,) = world.services.dispatcher.jobs
    assert job.logo.rect == (10, 0, 7, 5)
    assert job.person == b"bytes of https://example.com/model.jpg?a=1&b=%20"
    assert job.garment == "bytes of https://example.com/衣.jpg".encode()


@pytest.mark.parametrize(("sign", "method"), WAYS)
def test_token_travels_and_is_checked(kit, sign, method):
    sent = kit.sdk_request(kit.GOOD, sign_method=sign, method=method, token="the-token")
    assert kit.World(kit.Key(token="the-token")).send(sent).code == "OK"
    assert kit.World(kit.Key(token="another")).send(sent).code == "AuthFailure.TokenFailure"
    assert kit.World(kit.Key(token=None)).send(sent).code == "AuthFailure.TokenFailure"
    without = kit.sdk_request(kit.GOOD, sign_method=sign, method=method)
    assert kit.World(kit.Key(token="the-token")).send(without).code == "AuthFailure.TokenFailure"


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_unsigned_payload(kit, world, method):
    sent = kit.sdk_request(kit.GOOD, method=method, unsigned=True)
    assert sent.headers["X-TC-Content-SHA256"] == "UNSIGNED-PAYLOAD"
    assert world.send(sent).code == "OK"
    del sent.headers["X-TC-Content-SHA256"]
    assert world.send(sent).code == "AuthFailure.SignatureFailure"


def test_a_signed_payload_cannot_be_called_unsigned(kit, world):
    sent = kit.sdk_request(kit.GOOD)
    sent.headers["X-TC-Content-SHA256"] = "UNSIGNED-PAYLOAD"
    assert world.send(sent).code == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize(("sign", "method"), WAYS)
@pytest.mark.parametrize(("offset", "code"), [(300, "OK"), (-300, "OK"), (301, "x"), (-301, "x")])
def test_window(kit, world, sign, method, offset, code):
    world.now += offset
    expected = "OK" if code == "OK" else "AuthFailure.SignatureExpire"
    assert world.send(kit.sdk_request(kit.GOOD, sign_method=sign, method=method)).code == expected


@pytest.mark.parametrize(("sign", "method"), WAYS)
def test_no_region_and_chinese(kit, world, sign, method):
    parameters = {**kit.GOOD, "ClothesType": "Hat"}
    sent = kit.sdk_request(parameters, sign_method=sign, method=method, region="", language="zh-CN")
    answer = world.send(sent)
    assert answer.code == "InvalidParameterValue.ParameterValueError"
    assert answer.message.startswith("参数 `ClothesType` 的取值 `Hat` 不合法")


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)


@given(
    way=st.sampled_from(WAYS),
    path=texts,
    endpoint=st.sampled_from(["127.0.0.1:8000", "aiart.example.lan", "[::1]:8000"]),
    x=st.integers(-(2**63), 2**63 - 1),
)
@settings(max_examples=80, deadline=None)
def test_whatever_the_values_the_signature_fits(kit, way, path, endpoint, x):
    sign, method = way
    parameters = {
        **NESTED,
        "ModelUrl": f"https://example.com/{path}",
        "LogoParam": {"LogoUrl": path, "LogoRect": {"X": x}},
    }
    answer = kit.World().send(kit.sdk_request(parameters, sign_method=sign, method=method, endpoint=endpoint))
    assert not answer.code.startswith("AuthFailure"), answer.json
    assert answer.code in {"OK", "InvalidParameterValue.UrlIllegal", "InvalidParameter.InvalidParameter",
                           "InvalidParameterValue.ImageEmpty"}  # fmt: skip


@given(way=st.sampled_from(WAYS), name=st.sampled_from(sorted(NESTED)), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_parameter_changed_after_signing_is_refused(kit, way, name, data):
    sign, method = way
    sent = kit.sdk_request(NESTED, sign_method=sign, method=method)
    raw = sent.query.encode() if method == "GET" else sent.body
    at = raw.index(name.encode())
    end = min([raw.find(mark, at) for mark in (b"&", b", ") if raw.find(mark, at) > 0], default=len(raw))
    index = data.draw(st.integers(at + len(name) + 1, end - 1)) if end - 1 > at + len(name) else at
    changed = raw[:index] + (b"Z" if raw[index : index + 1] != b"Z" else b"Y") + raw[index + 1 :]
    if method == "GET":
        sent.query = changed.decode()
    else:
        sent.body = changed
    assert kit.World().send(sent).code in {
        "AuthFailure.SignatureFailure", "InvalidParameter", "MissingParameter", "UnknownParameter"}  # fmt: skip


def test_raw_utf8_and_other_spacing_are_hashed_as_sent(kit, world):
    body = json.dumps(NESTED, ensure_ascii=False, indent=3).encode()
    assert world.send(kit.sign_tc3(body)).code == "OK"
