"""Posting to a caller's URL: the same guard as fetching, and no redirect is followed."""

from __future__ import annotations

import asyncio

import pytest

from fittingroom.errors import ApiError
from fittingroom.images.fetch import Fetcher
from fittingroom.settings import FetchSettings

pytestmark = pytest.mark.anyio

HERE = "127.0.0.1/32"
PARAMETER = "CallbackUrl"


async def post(url: str, *allowed: str, resolver=None, seconds: float = 5.0) -> int:
    fetcher = Fetcher(FetchSettings.model_validate({"allow_net": allowed}), resolver)
    await fetcher.start()
    try:
        return await fetcher.post(url, b'{"a": 1}', {"webhook-id": "x"}, parameter=PARAMETER, seconds=seconds)
    finally:
        await fetcher.close()


async def refusal(url: str, *allowed: str, **more) -> ApiError:
    with pytest.raises(ApiError) as caught:
        await post(url, *allowed, **more)
    return caught.value


async def test_body_and_headers_arrive(origin):
    arrived = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.append(await reader.readexactly(8))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    origin.talk["/told"] = talk
    assert await post(origin.url("/told?q=1"), HERE) == 204
    assert arrived == [b'{"a": 1}']
    head = origin.seen[0]
    assert head.startswith("POST /told?q=1 HTTP/1.1\r\n")
    assert "webhook-id: x\r\n" in head
    assert "Content-Length: 8\r\n" in head


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_a_private_address_is_not_reached(origin, host):
    origin.serve("/told", b"")
    error = await refusal(origin.url("/told", host))
    assert error.reason == "download_forbidden"
    assert PARAMETER in error.message()
    assert origin.connections == 0


async def test_a_name_that_leads_to_a_private_address_is_not_reached(origin, names):
    error = await refusal("http://hook.example/told", resolver=names(hook_example=[["10.1.2.3"]]))
    assert error.reason == "download_forbidden"
    assert "10.1.2.3" not in error.message()


async def test_a_redirect_is_an_answer_and_is_not_followed(origin):
    assert await post(origin.redirect("/told", origin.url("/elsewhere")), HERE) == 302
    assert len(origin.seen) == 1


async def test_a_receiver_that_does_not_answer_in_time(origin):
    async def talk(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    origin.talk["/told"] = talk
    error = await refusal(origin.url("/told"), HERE, seconds=0.2)
    assert error.reason == "download_timeout"


async def test_an_endless_answer_is_not_read(origin):
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"8\r\nxxxxxxxx\r\n")
            await writer.drain()
            await asyncio.sleep(0.001)

    origin.talk["/told"] = talk
    assert await post(origin.url("/told"), HERE) == 200


async def test_what_is_no_web_address(origin):
    assert (await refusal("file:///etc/passwd")).code == "InvalidParameterValue.UrlIllegal"
