"""Which refusal wins when several things are wrong: the published order, step by step.

Each step below breaks one more thing, from the last check to the first; the answer must always be the newest one's.
"""

from __future__ import annotations

import json

import pytest


def chain(kit):
    """(what is broken, expected code), cumulative, from the last check backwards."""
    parameters = {**kit.GOOD}
    options = {}

    def sent():
        return kit.sign_json(parameters, **options)

    parameters["RspImgType"] = "picture"
    yield sent(), "InvalidParameterValue.ParameterValueError"
    parameters["ClothesUrl"] = 7
    yield sent(), "InvalidParameter"
    del parameters["ModelUrl"]
    yield sent(), "MissingParameter"
    parameters["Extra"] = 1
    yield sent(), "UnknownParameter"
    options["extra"] = {"X-TC-Region": "!"}
    yield sent(), "InvalidParameterValue"
    options["extra"]["X-TC-Token"] = "unexpected"
    yield sent(), "AuthFailure.TokenFailure"
    options["secret_key"] = "wrong"
    yield sent(), "AuthFailure.SignatureFailure"
    options["timestamp"] = kit.NOW - 1000
    yield sent(), "AuthFailure.SignatureExpire"
    options["secret_id"] = "AKIDunknown"
    yield sent(), "AuthFailure.SecretIdNotFound"
    options["extra"]["X-TC-Timestamp"] = "soon"
    yield sent(), "InvalidParameter"
    options["extra"]["X-TC-Timestamp"] = ""
    yield sent(), "MissingParameter"
    options["extra"]["X-TC-Action"] = "DressMe"
    yield sent(), "InvalidAction"
    options["extra"]["X-TC-Version"] = "2021-01-01"
    yield sent(), "NoSuchVersion"
    options["extra"]["X-TC-Version"] = ""
    yield sent(), "MissingParameter"
    options["extra"]["X-TC-Action"] = ""
    yield sent(), "MissingParameter"
    broken = sent()
    broken.body = b"{"
    yield broken, "InvalidParameter"
    typed = sent()
    typed.headers["Content-Type"] = "text/xml"
    yield typed, "InvalidRequest"
    large = sent()
    large.headers["Content-Type"] = "text/xml"
    large.body = b"x" * 20_001
    yield large, "RequestSizeLimitExceeded"
    put = sent()
    put.method = "PUT"
    yield put, "UnsupportedProtocol"


def test_tc3_order(kit):
    world = kit.World(settings=kit.Settings(wire={"max_json_bytes": 20_000}))
    steps = list(chain(kit))
    assert [world.send(sent).code for sent, _ in steps] == [code for _, code in steps]
    assert world.services.dispatcher.jobs == []
    assert world.services.fetcher.calls == []


@pytest.mark.parametrize(
    ("headers", "parameter"),
    [
        ({}, "Action"),
        ({"X-TC-Action": "ChangeClothes"}, "Version"),
        ({"X-TC-Action": "ChangeClothes", "X-TC-Version": "2022-12-29"}, "Timestamp"),
        (
            {"X-TC-Action": "ChangeClothes", "X-TC-Version": "2022-12-29", "X-TC-Timestamp": "1700000000"},
            "Authorization",
        ),
    ],
)
def test_missing_headers_are_named_one_by_one(kit, world, headers, parameter):
    answer = world.send(kit.Sent("POST", {"Content-Type": "application/json", **headers}, b"{}"))
    assert answer.code == "MissingParameter"
    assert answer.message == f"The request is missing a required parameter `{parameter}`."


def test_plain_get_misses_the_action(kit, world):
    answer = world.send(kit.Sent("GET"))
    assert (answer.status, answer.code) == (200, "MissingParameter")
    assert answer.message == "The request is missing a required parameter `Action`."


@pytest.mark.parametrize(
    ("name", "value", "code", "message"),
    [
        ("Action", "", "MissingParameter", "The request is missing a required parameter `Action`."),
        ("Version", "", "MissingParameter", "The request is missing a required parameter `Version`."),
        ("Timestamp", "", "MissingParameter", "The request is missing a required parameter `Timestamp`."),
        ("Timestamp", "1.5", "InvalidParameter", "Parameter `Timestamp` type error."),
        ("Nonce", "", "MissingParameter", "The request is missing a required parameter `Nonce`."),
        ("Nonce", "x", "InvalidParameter", "Parameter `Nonce` type error."),
        ("SecretId", "", "MissingParameter", "The request is missing a required parameter `SecretId`."),
        ("Signature", "", "MissingParameter", "The request is missing a required parameter `Signature`."),
        (
            "SignatureMethod",
            "HmacMD5",
            "InvalidParameterValue",
            "The value `HmacMD5` specified in the parameter `SignatureMethod` is not valid.",
        ),
        ("SecretId", "AKIDnobody", "AuthFailure.SecretIdNotFound", None),
        ("SecretId", "AKID with blank", "AuthFailure.InvalidSecretId", None),
        ("SecretId", "A" * 129, "AuthFailure.InvalidSecretId", None),
        ("Signature", "AAAA", "AuthFailure.SignatureFailure", None),
    ],
)
def test_v1_common_parameters(kit, world, name, value, code, message):
    for without in ([], [name] if value == "" else []):
        answer = world.send(kit.sign_v1(kit.GOOD, without=without, **{name: value}))
        assert answer.code == code
        assert message in (None, answer.message)


@pytest.mark.parametrize(
    "authorization",
    [
        "SKIP",
        "Bearer abc",
        "TC3-HMAC-SHA256",
        "TC3-HMAC-SHA256 Credential=a/b/c/tc3_request, SignedHeaders=host, Signature=00",
        "TC3-HMAC-SHA256 Credential=a/b/c/tc3_request, SignedHeaders=content-type;host",
        "TC3-HMAC-SHA256 Credential=a/b/c/tc3_request, SignedHeaders=content-type;host, Signature=",
        "TC3-HMAC-SHA256 Credential=a/b/tc3_request, SignedHeaders=content-type;host, Signature=00",
        "TC3-HMAC-SHA256 Credential=a/b//tc3_request, SignedHeaders=content-type;host, Signature=00",
        "TC3-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=content-type;host, Signature=00",
        "TC3-HMAC-SHA256 Credential=a/b/c/tc3_request, SignedHeaders=content-type;host, Signature=00, More=1",
        "TC3-HMAC-SHA256 Credential=a/b/c/tc3_request, SignedHeaders=content-type;host, Signature=\xe9",
        "TC3-HMAC-SHA256 Credential=a/b/c/tc3_request, SignedHeaders=content-type;host" + ";x" * 100 + ", Signature=00",
    ],
)
def test_malformed_authorization(kit, world, authorization):
    sent = kit.sign_json(kit.GOOD)
    sent.headers["Authorization"] = authorization
    assert world.send(sent).code == "AuthFailure.InvalidAuthorization"


def test_real_texts(kit, world):
    """Messages that the real service was seen to send, letter by letter."""
    texts = {}
    for options in (
        {"secret_key": "wrong"},
        {"secret_id": "AKIDnobody"},
        {"timestamp": kit.NOW - 9999},
        {"extra": {"X-TC-Action": "Dress"}},
        {"extra": {"X-TC-Version": "2019-07-22"}},
    ):
        answer = world.send(kit.sign_json(kit.GOOD, **options))
        texts[answer.code] = answer.message
    assert texts == {
        "AuthFailure.SignatureFailure": "The provided credentials could not be validated. "
        "Please check your signature is correct.",
        "AuthFailure.SecretIdNotFound": "The SecretId is not found, please ensure that your SecretId is correct.",
        "AuthFailure.SignatureExpire": "The signature is expired, please request again.",
        "InvalidAction": "The request action=`Dress` is invalid or not found in service=`aiart` "
        "and version=`2022-12-29`.",
        "NoSuchVersion": "The specified api version=`2019-07-22` does not exist in service=`aiart`.",
    }


def test_chinese_signature_failure(kit, world):
    answer = world.send(kit.sign_json(kit.GOOD, secret_key="wrong", extra={"X-TC-Language": "zh-CN"}))
    assert answer.message == "请求签名验证失败，请检查您的签名计算是否正确。"


def test_values_come_before_the_permit(kit, world):
    world.services.permits.held.add("account-1")
    assert world.send(kit.sign_json({**kit.GOOD, "ClothesType": "x"})).code.endswith("ParameterValueError")
    assert world.send(kit.sign_json(kit.GOOD)).code == "RequestLimitExceeded.JobNumExceed"


def test_json_is_parsed_before_the_action_is_asked(kit, world):
    answer = world.send(kit.Sent("POST", {"Content-Type": "application/json"}, json.dumps([1]).encode()))
    assert answer.code == "InvalidParameter"
