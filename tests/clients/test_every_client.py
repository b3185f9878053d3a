"""What every official client can do: each signature and method, both ways of return, errors, languages."""

from __future__ import annotations

import urllib.request

import pytest
from answers import MAGENTA, decoded, near, picture, refused, succeeded

SIGNATURES = ["TC3-HMAC-SHA256", "HmacSHA1", "HmacSHA256"]


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("sign", SIGNATURES)
def test_a_picture_with_the_callers_own_mark(ask, world, sign, method):
    mark = {"LogoUrl": world.pictures["logo"], "LogoRect": {"X": 0, "Y": 0, "Width": 80, "Height": 40}}
    parameters = world.parameters(LogoAdd=1, LogoParam=mark, RspImgType="base64")
    image = decoded(ask(sign=sign, method=method, params=parameters))
    assert near(image, (20, 20), MAGENTA)
    assert near(image, (60, 20), (205, 208, 212))


@pytest.mark.parametrize(("sign", "method"), [("TC3-HMAC-SHA256", "POST"), ("HmacSHA256", "GET")])
def test_a_picture_by_url(ask, world, sign, method):
    url = succeeded(ask(sign=sign, method=method, params=world.parameters(RspImgType="url")))
    assert url.startswith(f"{world.server.url}/results/")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as response:
        assert response.headers["Content-Type"] == "image/jpeg"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        picture(response.read())


@pytest.mark.parametrize("sign", ["TC3-HMAC-SHA256", "HmacSHA256"])
def test_a_temporary_key_needs_its_token(ask, world, sign):
    key = world.temporary
    used = {"id": key.secret_id, "key": key.secret_key, "sign": sign}
    decoded(ask(**used, token=key.token))
    assert "Token" in refused(ask(**used, token="x" * len(key.token)), "AuthFailure.TokenFailure")
    refused(ask(**used, token=None), "AuthFailure.TokenFailure")


def test_a_region_is_not_needed(ask):
    decoded(ask(region=""))


@pytest.mark.parametrize("sign", SIGNATURES)
def test_a_wrong_key_is_that_sdks_exception(ask, sign):
    message = refused(ask(key="x" * 32, sign=sign), "AuthFailure.SignatureFailure")
    assert message == "The provided credentials could not be validated. Please check your signature is correct."


def test_an_unknown_key_is_that_sdks_exception(ask):
    message = refused(ask(id="AKID" + "x" * 32), "AuthFailure.SecretIdNotFound")
    assert message == "The SecretId is not found, please ensure that your SecretId is correct."


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"ModelUrl": None}, "MissingParameter", "`ModelUrl`"),
        ({"ClothesType": "Hat"}, "InvalidParameterValue.ParameterValueError", "Upper-body, Lower-body, Dress"),
        ({"RspImgType": "png"}, "InvalidParameterValue.ParameterValueError", "RspImgType"),
        ({"ModelUrl": "ftp://h/p.jpg"}, "InvalidParameterValue.UrlIllegal", "ModelUrl"),
        ({"ModelUrl": ""}, "InvalidParameterValue.ImageEmpty", "ModelUrl"),
    ],
)
@pytest.mark.parametrize(("sign", "method"), [("TC3-HMAC-SHA256", "POST"), ("HmacSHA1", "GET")])
def test_bad_parameters_are_that_sdks_exception(ask, world, changes, code, text, sign, method):
    assert text in refused(ask(params=world.parameters(**changes), sign=sign, method=method), code)


def test_a_wrong_type_is_that_sdks_exception(ask, world):
    message = refused(ask(params=world.parameters(LogoAdd="one")), "InvalidParameter")
    assert message.startswith("The value type of parameter `LogoAdd` is not valid")


@pytest.mark.parametrize(
    ("parameter", "picture", "code"),
    [
        ("ModelUrl", "absent", "FailedOperation.ImageDownloadError"),
        ("ClothesUrl", "text", "FailedOperation.ImageDecodeFailed"),
        ("ModelUrl", "small", "InvalidParameterValue.ParameterValueError"),
        ("ClothesUrl", "no-garment", "InvalidParameterValue.ParameterValueError"),
        ("ClothesUrl", "no-person", "InvalidParameterValue.ParameterValueError"),
    ],
)
def test_bad_pictures_are_that_sdks_exception(ask, world, parameter, picture, code):
    refused(ask(params=world.parameters(**{parameter: world.pictures[picture]})), code)


@pytest.mark.parametrize("sign", ["TC3-HMAC-SHA256", "HmacSHA1"])
def test_chinese_when_asked(client, ask, sign):
    message = refused(ask(language="zh-CN", key="x" * 32, sign=sign), "AuthFailure.SignatureFailure")
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in message)
    assert chinese == client.languages
