import asyncio
import contextlib
import random
import socket

import pytest

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def test_an_ordinary_request_is_answered(listening) -> None:
    peer = await (await listening())()
    await peer.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345")
    assert await peer.answer() == (b"HTTP/1.1 200 OK", b"5")


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-", b"\r\n"])
async def test_headers_not_complete_in_time_close_the_connection(listening, sent: bytes) -> None:
    peer = await (await listening(header_timeout=0.2))()
    await peer.send(sent)
    assert 0.1 < await peer.closed_after() < 2


async def test_a_drip_of_headers_does_not_stretch_the_time(listening) -> None:
    peer = await (await listening(header_timeout=0.3))()

    async def drip() -> None:
        for byte in b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"y" * 1000:
            await peer.send(bytes([byte]))
            await asyncio.sleep(0.02)

    dripping = asyncio.create_task(drip())
    assert await peer.closed_after() < 2
    dripping.cancel()
    await asyncio.gather(dripping, return_exceptions=True)


async def test_a_second_request_gets_as_long_as_the_first(listening) -> None:
    peer = await (await listening(header_timeout=0.3))()
    for _ in range(2):
        await peer.send(GET)
        await peer.answer()
        await asyncio.sleep(0.2)
    await peer.send(b"GET / HT")
    assert 0.2 < await peer.closed_after() < 2


@pytest.mark.parametrize("sent", [b"G", b"\r\n"])
async def test_a_byte_after_an_answer_does_not_end_all_clocks(listening, sent: bytes) -> None:
    peer = await (await listening(header_timeout=0.2, keepalive=30))()
    await peer.send(GET)
    await peer.answer()
    await peer.send(sent)
    assert await peer.closed_after() < 2


async def test_an_idle_connection_is_closed_after_the_keepalive_time(listening) -> None:
    peer = await (await listening(header_timeout=30, keepalive=1))()
    await peer.send(GET)
    await peer.answer()
    assert 0.5 < await peer.closed_after() < 3


async def test_a_slow_body_is_not_this_guard_s_business(listening) -> None:
    peer = await (await listening(header_timeout=0.2))()
    await peer.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n1")
    await asyncio.sleep(0.5)
    await peer.send(b"2")
    assert await peer.answer() == (b"HTTP/1.1 200 OK", b"2")


async def test_headers_up_to_the_limit_pass(listening) -> None:
    connect = await listening(max_header_bytes=1000)
    peer = await connect()
    await peer.send(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 900 + b"\r\n\r\n")
    assert (await peer.answer())[0] == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 1000 + b"\r\n\r\n",
        b"GET /" + b"a" * 1000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 1000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 5000,
    ],
    ids=["one long header", "long target", "many headers", "endless header"],
)
async def test_headers_over_the_limit_are_refused_at_once(listening, head: bytes) -> None:
    peer = await (await listening(max_header_bytes=1000))()
    await peer.send(head)
    assert (await peer.answer())[0] == b"HTTP/1.1 400 Bad Request"
    assert await peer.closed_after() < 1


async def test_a_long_body_is_no_long_header(listening) -> None:
    peer = await (await listening(max_header_bytes=1000))()
    body = b"b" * 50_000
    await peer.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n" + body)
    assert await peer.answer() == (b"HTTP/1.1 200 OK", b"50000")
    await peer.send(GET)
    assert await peer.answer() == (b"HTTP/1.1 200 OK", b"0")


async def test_pipelined_requests_are_all_answered(listening) -> None:
    peer = await (await listening(header_timeout=0.3))()
    await peer.send(GET * 3)
    assert [await peer.answer() for _ in range(3)] == [(b"HTTP/1.1 200 OK", b"0")] * 3


async def test_one_connection_too_many_is_closed(listening) -> None:
    connect = await listening(max_connections=2)
    kept = [await connect(), await connect()]
    for peer in kept:
        await peer.send(GET)
        await peer.answer()
    refused = await connect()
    assert await refused.closed_after() < 1
    kept[0].writer.close()
    await kept[0].writer.wait_closed()
    await asyncio.sleep(0.05)
    again = await connect()
    await again.send(GET)
    assert (await again.answer())[0] == b"HTTP/1.1 200 OK"


async def test_an_answer_not_taken_closes_the_connection(listening) -> None:
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    small.setblocking(False)
    connect = await listening(write_timeout=0.3)
    reference = await connect()
    address = reference.writer.get_extra_info("peername")
    loop = asyncio.get_running_loop()
    await loop.sock_connect(small, address)
    await loop.sock_sendall(small, b"GET /30000000 HTTP/1.1\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(5):
        while len(reference.state.connections) < 2:
            await asyncio.sleep(0.01)
        while len(reference.state.connections) > 1:
            await asyncio.sleep(0.01)
    small.close()


async def test_a_slow_reader_that_reads_gets_all(listening) -> None:
    peer = await (await listening(write_timeout=0.5))(limit=2**14)
    await peer.send(b"GET /8000000 HTTP/1.1\r\nHost: x\r\n\r\n")
    got = 0
    while got < 8_000_000:
        chunk = await asyncio.wait_for(peer.reader.read(200_000), 5)
        assert chunk
        got += len(chunk)
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("seed", range(6))
async def test_a_request_cut_anywhere_is_answered(listening, seed: int) -> None:
    request = b"POST /?a=1 HTTP/1.1\r\nHost: x\r\nX-A: b\r\nContent-Length: 10\r\n\r\n0123456789" + GET
    peer = await (await listening())()
    cut = random.Random(seed)
    while request:
        size = cut.randint(1, 20)
        await peer.send(request[:size])
        request = request[size:]
        await asyncio.sleep(0)
    assert await peer.answer() == (b"HTTP/1.1 200 OK", b"10")
    assert await peer.answer() == (b"HTTP/1.1 200 OK", b"0")


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_a_stranger_sends_the_connection_ends(listening, seed: int) -> None:
    peer = await (await listening(header_timeout=0.2, keepalive=1, max_header_bytes=2000))()
    chance = random.Random(seed)
    pieces = [
        b"GET ",
        b"/ ",
        b"HTTP/1.1",
        b"\r\n",
        b"\n",
        b": ",
        b"A",
        b"\0",
        b"\xff",
        b"Host: x\r\n",
        b"\r\n\r\n",
        b" ",
    ]
    sent = b"".join(chance.choice(pieces) for _ in range(chance.randint(1, 60)))
    with contextlib.suppress(ConnectionError):
        await peer.send(sent)
    assert await peer.closed_after() < 4
