"""Sizes and slowness: what is refused, with which code, and that nothing is read without bound."""

from __future__ import annotations

import asyncio
import time

import pytest

from fittingroom.errors import ApiError
from fittingroom.wire.body import BodyBudget, BodyShare, ClientGone, TooLarge, read_body

pytestmark = pytest.mark.anyio


@pytest.fixture
def small(kit):
    wire = {"max_json_bytes": 1000, "max_form_bytes": 700, "max_query_bytes": 800, "body_timeout": 0.15}
    return kit.World(settings=kit.Settings(wire=wire))


def padded(kit, size):
    body = b'{"ModelUrl": "https://example.com/m", "ClothesUrl": "https://example.com/c", "ClothesType": "Dress"}'
    return kit.sign_tc3(body + b" " * (size - len(body)))


@pytest.mark.parametrize(("size", "code"), [(1000, "OK"), (1001, "RequestSizeLimitExceeded")])
async def test_json_limit(kit, small, size, code):
    assert (await small.drive(padded(kit, size))).code == code


async def test_json_limit_is_stated(kit, small):
    assert (await small.drive(padded(kit, 1500))).message == "The request size exceeds the upper limit of 1000 bytes."


async def test_form_limit_has_its_own_real_text(kit, small):
    answer = await small.drive(kit.sign_v1({**kit.GOOD, "ModelUrl": "https://example.com/" + "x" * 700}))
    assert answer.code == "AuthFailure.SignatureFailure"
    assert answer.message == (
        "The provided credentials could not be validated because of exceeding request size limit, "
        "please use new signature method `TC3-HMAC-SHA256`."
    )


@pytest.mark.parametrize("sign", ["TC3-HMAC-SHA256", "HmacSHA256"])
async def test_query_limit(kit, small, sign):
    sent = kit.sdk_request({**kit.GOOD, "ModelUrl": "https://example.com/" + "x" * 800}, sign_method=sign, method="GET")
    assert (await small.drive(sent)).code == "RequestSizeLimitExceeded"


@pytest.mark.parametrize(
    ("name", "value"), [("max_json_bytes", 10 << 20), ("max_form_bytes", 1 << 20), ("max_query_bytes", 32 << 10)]
)
async def test_published_limits_are_the_defaults(kit, name, value):
    assert getattr(kit.Settings().wire, name) == value


async def test_surplus_is_drained_so_that_the_answer_can_be_read(kit, small):
    sent = padded(kit, 10)
    answer = await small.drive(sent, kit.client_side([b"x" * 900, b"x" * 900]))
    assert answer.code == "RequestSizeLimitExceeded"
    assert "connection" not in answer.headers


async def test_an_endless_body_is_not_read_on(kit, small):
    given_out = 0

    async def receive():
        nonlocal given_out
        given_out += 500
        assert given_out <= 3000, "read on without bound"
        return {"type": "http.request", "body": b"x" * 500, "more_body": True}

    answer = await small.drive(padded(kit, 10), receive)
    assert answer.code == "RequestSizeLimitExceeded"
    assert answer.headers["connection"] == "close"


async def test_a_drip_is_cut_off(kit, small):
    async def receive():
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    start = time.monotonic()
    answer = await small.drive(padded(kit, 10), receive)
    assert time.monotonic() - start < 1
    assert (answer.code, answer.headers["connection"]) == ("InvalidRequest", "close")
    assert answer.message == "The request body did not arrive within 0.15 seconds."


async def test_a_client_that_goes_while_sending_gets_no_answer(kit, small):
    async def receive():
        return {"type": "http.disconnect"}

    answer = await small.drive(padded(kit, 10), receive)
    assert answer.status == 0


async def test_read_body(kit):
    share = BodyShare(BodyBudget(1))
    assert await read_body(kit.client_side([b"a", b"", b"bc"]), share, limit=3, timeout=1) == b"abc"
    with pytest.raises(TooLarge) as caught:
        await read_body(kit.client_side([b"a", b"bcd"]), share, limit=3, timeout=1)
    assert caught.value.complete
    gone = asyncio.Event()
    gone.set()
    with pytest.raises(ClientGone):
        await read_body(kit.client_side([], then_gone=gone), share, limit=3, timeout=1)
    with pytest.raises(ApiError, match="body_too_slow"):
        await read_body(kit.client_side([]), share, limit=3, timeout=0.01)
