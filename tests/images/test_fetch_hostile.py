"""The fetcher against origins that send too much, too slowly, or what is not HTTP."""

import asyncio
import gzip
import socket
import ssl
import time

import pytest
import trustme

pytestmark = pytest.mark.anyio

HERE = "127.0.0.1/32"


# --- how much and how long ---------------------------------------------------------------------------------------


async def test_the_byte_limit_is_exact(origin, client):
    made = await client(HERE)
    url = origin.raw("/a", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100)
    assert len(await made.get(url, max_bytes=100)) == 100
    error = await made.refusal(url, max_bytes=99)
    assert (error.reason, error.code) == ("image_size_exceed", "FailedOperation.ImageSizeExceed")


async def test_the_message_states_the_base64_limit(origin, client):
    url = origin.raw("/a", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
    error = await (await client(HERE)).refusal(url, max_bytes=(8 * 1024 * 1024 - 1) // 4 * 3)
    assert "8 MB" in error.message()
    assert "8 MB" in error.message("zh-CN")


async def test_an_endless_body_is_cut_off_at_the_limit(origin, client):
    sent = 0

    async def endless(reader, writer):
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 65536

    origin.talk["/a"] = endless
    error = await (await client(HERE)).refusal(origin.url("/a"), max_bytes=1_000_000)
    assert error.reason == "image_size_exceed"
    assert sent < 20_000_000


async def test_a_drip_feed_ends_with_the_set_time(origin, client):
    async def drip(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    origin.talk["/a"] = drip
    start = time.monotonic()
    error = await (await client(HERE, timeout=0.3)).refusal(origin.url("/a"))
    assert error.reason == "download_timeout"
    assert "0.3 seconds" in error.message()
    assert time.monotonic() - start < 3


async def test_the_requests_deadline_ends_it_earlier(origin, client):
    async def silent(reader, writer):
        await asyncio.sleep(60)

    origin.talk["/a"] = silent
    made = await client(HERE)
    assert (await made.refusal(origin.url("/a"), seconds=0.2)).reason == "download_timeout"
    assert (await made.refusal(origin.url("/a"), seconds=-5)).reason == "download_timeout"


async def test_endless_headers_and_endless_interim_answers_end(origin, client):
    async def headers(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-A: " + b"a" * 1000 + b"\r\n")
            await writer.drain()

    async def interim(reader, writer):
        while True:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await writer.drain()

    origin.talk |= {"/headers": headers, "/interim": interim}
    made = await client(HERE, timeout=1.0)
    assert (await made.refusal(origin.url("/headers"))).reason == "download_failed"
    assert (await made.refusal(origin.url("/interim"))).code == "FailedOperation.ImageDownloadError"


async def test_an_origin_that_takes_no_connection_is_left_after_the_connect_timeout(client, names):
    """A backlog that is full drops the handshake, which is what a filtered port looks like."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        holders = []
        for _ in range(4):
            holder = socket.socket()
            holder.setblocking(False)
            holder.connect_ex(("127.0.0.1", port))
            holders.append(holder)
        start = time.monotonic()
        error = await (await client(HERE, connect_timeout=0.3)).refusal(f"http://127.0.0.1:{port}/a")
        for holder in holders:
            holder.close()
    assert error.reason == "download_timeout"
    assert "0.3 seconds" in error.message()
    assert time.monotonic() - start < 5


# --- what it says ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [6, 1000])
async def test_a_content_length_that_promises_more_than_comes_is_an_error(origin, client, length):
    url = origin.raw("/a", f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nshort".encode())
    assert (await (await client(HERE)).refusal(url)).reason == "download_failed"


async def test_a_content_length_that_promises_less_than_comes_is_an_error(origin, client):
    url = origin.raw("/a", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef")
    assert (await (await client(HERE)).refusal(url)).reason == "download_failed"


async def test_an_encoded_answer_is_refused_unread(origin, client):
    bomb = gzip.compress(b"\0" * 10_000_000)
    for encoding in ("gzip", "br", "deflate", "GZIP", "identity, gzip"):
        url = origin.serve("/a", bomb, f"Content-Encoding: {encoding}")
        error = await (await client(HERE)).refusal(url)
        assert (error.reason, error.code) == ("download_encoded", "FailedOperation.ImageDownloadError")


@pytest.mark.parametrize(
    "status", ["204 No Content", "206 Partial", "304 Not Modified", "403 No", "404 Not Found", "500 Oh"]
)
async def test_other_statuses_are_download_errors_that_name_the_status(origin, client, status):
    url = origin.serve("/a", b"", "Content-Length: 0", status=status)
    error = await (await client(HERE)).refusal(url)
    assert (error.reason, error.code) == ("download_status", "FailedOperation.ImageDownloadError")
    assert status[:3] in error.message()


async def test_a_redirect_without_a_target_is_a_status_too(origin, client):
    url = origin.serve("/a", b"", "Content-Length: 0", status="302 Found")
    assert (await (await client(HERE)).refusal(url)).reason == "download_status"


async def test_an_empty_body_is_no_image(origin, client):
    url = origin.serve("/a", b"", "Content-Length: 0")
    error = await (await client(HERE)).refusal(url)
    assert (error.reason, error.code) == ("image_empty", "InvalidParameterValue.ImageEmpty")


@pytest.mark.parametrize(
    "answer",
    [b"", b"\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"\0" * 1000,
     b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc", b"HTTP/1.1 200 OK\r\nContent-Length: 9e9\r\n\r\nabc",
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nabc", b"HTTP/1.1 200 OK\r\nA" + b"a" * 100_000,
     b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
     b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc"],
)  # fmt: skip
async def test_answers_that_are_not_http_are_download_errors(origin, client, answer):
    error = await (await client(HERE, timeout=2.0)).refusal(origin.raw("/a", answer))
    assert error.code == "FailedOperation.ImageDownloadError"


async def test_https_with_an_unknown_authority_is_refused(client, anyio_backend):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        error = await (await client(HERE)).refusal(f"https://127.0.0.1:{port}/a")
    assert (error.reason, error.code) == ("download_certificate", "FailedOperation.ImageDownloadError")


async def test_a_bad_url_never_reaches_the_network(client, names):
    resolver = names()
    error = await (await client(resolver=resolver)).refusal("ftp://example.com/")
    assert error.reason == "url_scheme"
    assert resolver.asked == []
