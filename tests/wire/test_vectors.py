"""The seven signing vectors on which the official SDK, an independent verifier and OpenSSL agree.

vectors.json is a copy of the contract's file, so that the suite needs nothing outside the repository.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fittingroom.wire.tc3 import derive_key
from fittingroom.wire.v1 import V1Request

CASES = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
TC3 = [case for case in CASES if case["kind"] == "TC3-HMAC-SHA256"]
V1 = [case for case in CASES if case["kind"] != "TC3-HMAC-SHA256"]
ids = {"ids": lambda case: case["name"]}


def as_sent(kit, case):
    if case["kind"] == "TC3-HMAC-SHA256":
        return kit.Sent(case["method"], dict(case["headers"]), case["body"].encode(), case["query"])
    headers = {"Host": case["host"], "Content-Type": "application/x-www-form-urlencoded"}
    if case["method"] == "GET":
        return kit.Sent("GET", headers, b"", case["encoded_params"])
    return kit.Sent("POST", headers, case["encoded_params"].encode())


def world_for(kit, case):
    token = case.get("headers", {}).get("X-TC-Token")
    return kit.World(kit.Key(token=token))


def test_all_seven_are_here():
    assert [case["name"].split()[0] for case in CASES] == ["V1", "V2", "V3", "V4", "V5", "V6", "V7"]


@pytest.mark.parametrize("case", CASES, **ids)
def test_vector_is_accepted(kit, case):
    """Some vectors' ModelUrl holds a blank: their signature is right, and the URL is what is then refused."""
    answer = world_for(kit, case).send(as_sent(kit, case))
    has_blank = "x y" in case.get("body", "") or "x+y" in case.get("query", "") + case.get("encoded_params", "")
    assert answer.code == ("InvalidParameterValue.UrlIllegal" if has_blank else "OK"), answer.json


@pytest.mark.parametrize("case", CASES, **ids)
def test_vector_outside_the_window_is_expired(kit, case):
    world = world_for(kit, case)
    world.now += 301
    assert world.send(as_sent(kit, case)).code == "AuthFailure.SignatureExpire"


@pytest.mark.parametrize("case", TC3, **ids)
def test_intermediate_values(case):
    key = derive_key(case["secret_key"], "2023-11-14", "aiart")
    assert key.hex() == case["derived"]["kSigning"]
    assert hashlib.sha256(case["canonical_request"].encode()).hexdigest() in case["string_to_sign"]


@pytest.mark.parametrize("case", V1, **ids)
def test_v1_source_text_gives_the_signature(kit, case):
    from urllib.parse import parse_qsl

    request = V1Request(case["method"], dict(parse_qsl(case["encoded_params"])))
    assert request.pairs["Signature"] == case["signature"]
    assert request.matches(case["secret_key"], [case["host"]])
    assert not request.matches(case["secret_key"], ["other.example"])
    assert not request.matches(case["secret_key"] + "x", [case["host"]])


def flip(data: bytes, index: int, delta: int) -> bytes:
    index %= len(data)
    return data[:index] + bytes([(data[index] + delta) % 256]) + data[index + 1 :]


REFUSALS = {
    "AuthFailure.SignatureFailure",
    "AuthFailure.SecretIdNotFound",
    "AuthFailure.InvalidAuthorization",
    "AuthFailure.InvalidSecretId",
    "AuthFailure.SignatureExpire",
    "MissingParameter",
    "InvalidParameter",
    "InvalidParameterValue",
    "InvalidRequest",
    "InvalidAction",
    "NoSuchVersion",
}


@pytest.mark.parametrize("case", [case for case in TC3 if "UNSIGNED" not in case["name"] and case["body"]], **ids)
@given(index=st.integers(0, 10**6), delta=st.integers(1, 255))
@settings(max_examples=40, deadline=None)
def test_any_body_byte_changed_is_refused(kit, case, index, delta):
    sent = as_sent(kit, case)
    sent.body = flip(sent.body, index, delta)
    world = world_for(kit, case)
    assert world.send(sent).code in {"AuthFailure.SignatureFailure", "InvalidParameter"}  # or no longer JSON
    assert world.services.dispatcher.jobs == []


@pytest.mark.parametrize("case", [case for case in CASES if case["method"] == "GET"], **ids)
@given(index=st.integers(0, 10**6), character=st.characters(min_codepoint=0x21, max_codepoint=0x7E))
@settings(max_examples=60, deadline=None)
def test_any_query_byte_changed_is_refused(kit, case, index, character):
    sent = as_sent(kit, case)
    index %= len(sent.query)
    changed = sent.query[:index] + character + sent.query[index + 1 :]
    if equivalent(sent.query, changed, case):
        return
    sent.query = changed
    world = world_for(kit, case)
    assert world.send(sent).code in REFUSALS
    assert world.services.dispatcher.jobs == []


@given(index=st.integers(0, 10**6), character=st.characters(min_codepoint=0x21, max_codepoint=0x7E))
@settings(max_examples=60, deadline=None)
def test_any_form_byte_changed_is_refused(kit, index, character):
    (case,) = [case for case in V1 if case["method"] == "POST"]
    sent = as_sent(kit, case)
    index %= len(sent.body)
    changed = sent.body[:index] + character.encode() + sent.body[index + 1 :]
    if equivalent(sent.body.decode(), changed.decode(), case):
        return
    sent.body = changed
    world = world_for(kit, case)
    assert world.send(sent).code in REFUSALS
    assert world.services.dispatcher.jobs == []


def equivalent(one: str, other: str, case) -> bool:
    """v1 signs decoded values, so another spelling of the same values (`%3a` for `%3A`) is the same request."""
    from urllib.parse import parse_qsl

    if case["kind"] == "TC3-HMAC-SHA256":
        return one == other
    try:
        return dict(parse_qsl(one, keep_blank_values=True)) == dict(parse_qsl(other, keep_blank_values=True))
    except ValueError:
        return False


@pytest.mark.parametrize("case", TC3, **ids)
@pytest.mark.parametrize("name", ["Authorization", "Host", "Content-Type", "X-TC-Timestamp"])
@given(index=st.integers(0, 10**6), character=st.characters(min_codepoint=0x21, max_codepoint=0x7E))
@settings(max_examples=25, deadline=None)
def test_any_byte_of_a_signed_header_changed_is_refused(kit, case, name, index, character):
    sent = as_sent(kit, case)
    value = sent.headers[name]
    index %= len(value)
    changed = value[:index] + character + value[index + 1 :]
    if changed == value or (name != "Authorization" and changed.lower() == value.lower()):
        return  # the documentation signs lower-cased values, so case in a signed value is no difference
    sent.headers[name] = changed
    token = case["headers"].get("X-TC-Token")
    world = kit.World(kit.Key(token=token), settings=kit.Settings(wire={"public_hosts": ()}))
    assert world.send(sent).code in REFUSALS
    assert world.services.dispatcher.jobs == []


@pytest.mark.parametrize("case", TC3, **ids)
def test_method_swapped_is_refused(kit, case):
    sent = as_sent(kit, case)
    sent.method = "GET" if sent.method == "POST" else "POST"
    sent.headers["Content-Type"] = "application/json" if sent.method == "POST" else sent.headers["Content-Type"]
    assert world_for(kit, case).send(sent).code == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize("case", V1, **ids)
def test_v1_host_is_signed(kit, case):
    sent = as_sent(kit, case)
    sent.headers["Host"] = "elsewhere.example"
    settings_ = kit.Settings(wire={"public_hosts": ()})
    assert kit.World(kit.Key(), settings=settings_).send(sent).code == "AuthFailure.SignatureFailure"
