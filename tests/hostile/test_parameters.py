"""Random parameters, bodies, headers and queries: always an envelope with a published code, never InternalError."""

from __future__ import annotations

import json
import time

from attack import published
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raw_http import exchange, post, request, signed

EXAMPLES = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

NAMES = ["ModelUrl", "ClothesUrl", "ClothesType", "LogoAdd", "LogoParam", "RspImgType", "LogoRect", "X", "Style"]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(NAMES)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), VALUES, max_size=7)
HEADERS = ["Authorization", "Host", "Content-Type", "Content-Encoding", "X-Forwarded-Host"]
HEADERS += ["X-TC-" + name for name in ("Timestamp", "Action", "Version", "Region", "Language", "Token", "TraceId")]
HEADERS += ["X-TC-Content-SHA256"]
TOKENS = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=120)


@EXAMPLES
@given(parameters=OBJECTS)
def test_any_json_object(target, parameters):
    parameters.pop("ModelUrl", None)  # without it nothing can be a good request
    published(target.send(json.dumps(parameters).encode()))


@EXAMPLES
@given(
    changed=st.sampled_from(["ModelUrl", "ClothesUrl", "ClothesType", "LogoAdd", "LogoParam", "RspImgType"]),
    value=VALUES,
)
def test_any_value_in_one_parameter(target, changed, value):
    ends_early = changed not in {"LogoAdd", "LogoParam"}
    answer = target.call(**({} if ends_early else {"ModelUrl": ""}), **{changed: value})
    if answer.code is not None:
        published(answer)
    else:
        assert value is None, f"{changed}={value!r} was accepted"


@EXAMPLES
@given(body=st.binary(max_size=300))
def test_any_body(target, body):
    published(target.send(body))


def test_json_that_parsers_stumble_over(target):
    deep = b"[" * 100_000
    for body in (deep, b'{"ModelUrl":' * 50_000, b"1e999999", b"NaN", b"\xef\xbb\xbf{}", b'"\\ud800"', b"9" * 5000):
        published(target.send(body))
    published(target.send(b'{"ModelUrl": "a", "ModelUrl": "b", "LogoAdd": ' + b"9" * 4000 + b"}"))
    published(target.send(b'{"ClothesUrl": "\\ud800", "ModelUrl": "\\u0000"}'))


@EXAMPLES
@given(
    name=st.sampled_from(HEADERS),
    value=TOKENS,
)
def test_any_value_in_one_header(target, name, value):
    body = b"{}"
    headers = {**signed(target.key, target.port, body), name: value}
    published(exchange(target.port, post(headers, body)))


@EXAMPLES
@given(text=st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=200))
def test_any_query(target, text):
    head = request("GET", f"/?{text}", {"Host": f"127.0.0.1:{target.port}"})
    published(exchange(target.port, head))


@EXAMPLES
@given(form=st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=8))
def test_any_form(target, form):
    from urllib.parse import urlencode

    known = {"Action": "ChangeClothes", "Version": "2022-12-29", "Timestamp": str(int(time.time())), "Nonce": "1"}
    body = urlencode({**known, "SecretId": target.key.secret_id, "Signature": "x", **form}).encode()
    headers = {
        "Host": f"127.0.0.1:{target.port}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
    }
    published(exchange(target.port, post(headers, body)))
