"""Every tolerance that unmodified clients of other languages need, and the borders of each."""

from __future__ import annotations

import base64

import pytest


@pytest.mark.parametrize("service", ["aiart", "127", "localhost:8000", "localhost", "anything"])
def test_service_is_taken_from_the_credential(kit, world, service):
    assert world.send(kit.sign_json(kit.GOOD, service=service)).code == "OK"


@pytest.mark.parametrize(
    ("service", "host", "code"),
    [
        ("aiart", "127.0.0.1:8000", "OK"),
        ("127", "127.0.0.1:8000", "OK"),
        ("localhost:8000", "localhost:8000", "OK"),
        ("localhost", "localhost:8000", "OK"),
        ("cvm", "localhost:8000", "NoSuchProduct"),
    ],
)
def test_strict_service(kit, service, host, code):
    world = kit.World(settings=kit.Settings(wire={"strict_service": True}))
    assert world.send(kit.sign_json(kit.GOOD, service=service, host=host)).code == code


def test_node_signs_the_host_without_port(kit, world):
    assert (
        world.send(kit.sign_json(kit.GOOD, host="127.0.0.1:8000", signed_host="127.0.0.1", service="127")).code == "OK"
    )


@pytest.mark.parametrize("public", ["aiart.intl.tencentcloudapi.com", "aiart.tencentcloudapi.com"])
def test_public_names_may_be_signed(kit, world, public):
    sent = kit.sign_json(kit.GOOD, host="127.0.0.1:8000", signed_host=public)
    assert world.send(sent).code == "OK"
    strict = kit.World(settings=kit.Settings(wire={"public_hosts": ["only.example"]}))
    assert strict.send(sent).code == "AuthFailure.SignatureFailure"


def test_forwarded_host_only_when_trusted(kit, world):
    sent = kit.sign_json(kit.GOOD, host="inner:8000", signed_host="shop.example")
    sent.headers["X-Forwarded-Host"] = "shop.example, proxy.example"
    assert world.send(sent).code == "AuthFailure.SignatureFailure"
    assert kit.World(settings=kit.Settings(wire={"trust_forwarded_host": True})).send(sent).code == "OK"


def test_action_signed_in_lower_case(kit, world):
    assert world.send(kit.sign_json(kit.GOOD, lower_action=True)).code == "OK"
    sent = kit.sign_json(kit.GOOD, lower_action=True)
    sent.headers["X-TC-Action"] = "changeClothes"
    assert world.send(sent).code == "InvalidAction"


def test_multipart_boundary_like_content_types_are_signed_as_sent(kit, world):
    assert world.send(kit.sign_json(kit.GOOD, content_type="application/json; charset=utf-8")).code == "OK"
    assert world.send(kit.sign_json(kit.GOOD, content_type="Application/JSON;charset=UTF-8")).code == "OK"


def test_header_names_in_any_case(kit, world):
    sent = kit.sign_json(kit.GOOD)
    sent.headers = {
        name.title() if i % 2 else name.upper(): value for i, (name, value) in enumerate(sent.headers.items())
    }
    assert world.send(sent).code == "OK"


@pytest.mark.parametrize("separator", [",", ", ", " , ", ",  "])
def test_blanks_in_authorization(kit, world, separator):
    sent = kit.sign_json(kit.GOOD)
    sent.headers["Authorization"] = sent.headers["Authorization"].replace(", ", separator)
    assert world.send(sent).code == "OK"


@pytest.mark.parametrize("region", ["", "null", "undefined", "ap-singapore", "ap-guangzhou", "na-siliconvalley"])
def test_regions_accepted(kit, world, region):
    assert world.send(kit.sign_json(kit.GOOD, extra={"X-TC-Region": region})).code == "OK"


@pytest.mark.parametrize("region", ["singapore", "ap_singapore", "AP-SINGAPORE", "ap-" + "x" * 50, "a b"])
def test_regions_malformed(kit, world, region):
    answer = world.send(kit.sign_json(kit.GOOD, extra={"X-TC-Region": region}))
    assert answer.code == "InvalidParameterValue"
    assert answer.message == "A value specified in `X-TC-Region` is not valid, is unsupported, or cannot be used."


def test_regions_of_the_operator(kit):
    world = kit.World(settings=kit.Settings(wire={"regions": ["ap-singapore"], "strict_region": True}))
    assert world.send(kit.sign_json(kit.GOOD, extra={"X-TC-Region": "ap-singapore"})).code == "OK"
    other = world.send(kit.sign_json(kit.GOOD, extra={"X-TC-Region": "ap-guangzhou"}))
    assert (other.code, other.message) == ("UnsupportedRegion", "The action not support this region.")
    missing = world.send(kit.sign_json(kit.GOOD, extra={"X-TC-Region": "null"}))
    assert missing.code == "MissingParameter"
    assert "`Region`" in missing.message


def test_ruby_newline_after_the_v1_signature(kit, world):
    sent = kit.sign_v1(kit.GOOD)
    assert b"&Signature=" in sent.body
    sent.body += b"%0A"
    assert world.send(sent).code == "OK"


def test_v1_without_method_is_sha1(kit, world):
    assert world.send(kit.sign_v1(kit.GOOD, digest="HmacSHA1", without=["SignatureMethod"])).code == "OK"


@pytest.mark.parametrize("nonce", ["0", "65535", str(2**63 - 1), "-5"])
def test_any_integer_nonce(kit, world, nonce):
    assert world.send(kit.sign_v1(kit.GOOD, Nonce=nonce)).code == "OK"


def test_v1_null_region_is_none(kit, world):
    assert world.send(kit.sign_v1(kit.GOOD, Region="null")).code == "OK"


def test_java_form_content_type(kit, world):
    sent = kit.sign_v1(kit.GOOD)
    sent.headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
    assert world.send(sent).code == "OK"


def test_a_post_ignores_its_query_and_a_get_its_body(kit, world):
    post = kit.sign_json(kit.GOOD)
    post.query = "ModelUrl=https://evil.example/x&Action=Other"
    assert world.send(post).code == "OK"
    get = kit.sdk_request(kit.GOOD, method="GET")
    get.body = b'{"ClothesType": "Dress"}'
    assert world.send(get).code == "OK"
    assert [job.clothes_type for job in world.services.dispatcher.jobs] == ["Upper-body", "Upper-body"]


def test_uppercase_or_truncated_signature_is_refused(kit, world):
    sent = kit.sign_json(kit.GOOD)
    head, _, signature = sent.headers["Authorization"].rpartition("=")
    for bad in (signature.upper(), signature[:-1], signature + "0", base64.b64encode(signature.encode()).decode()):
        sent.headers["Authorization"] = f"{head}={bad}"
        assert world.send(sent).code in {"AuthFailure.SignatureFailure", "AuthFailure.InvalidAuthorization"}


def test_credential_of_another_day_is_refused(kit, world):
    sent = kit.sign_json(kit.GOOD)
    sent.headers["Authorization"] = sent.headers["Authorization"].replace("2023-11-14", "2023-11-15")
    assert world.send(sent).code == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize("date", ["2023-11-15", "2023-11-13", "20231114", "2023-11-14 "])
def test_a_key_of_another_day_is_refused_although_it_signed(kit, world, date):
    assert world.send(kit.sign_json(kit.GOOD)).code == "OK"
    assert world.send(kit.sign_json(kit.GOOD, date=date)).code == "AuthFailure.SignatureFailure"
