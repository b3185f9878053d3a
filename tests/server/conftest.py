"""A live server on a free port with a small application of its own, and raw connections to it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import pytest
import uvicorn
from uvicorn.server import ServerState

from fittingroom.server.protocol import GuardedProtocol
from fittingroom.settings import ServerSettings


async def small_app(scope, receive, send) -> None:
    """Reads the body, then answers with its length, or with as many bytes as the path says: `/1000`."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    asked = scope["path"].strip("/")
    body = b"x" * int(asked) if asked else str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Peer:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[bytes, bytes]:
        """Status line and body of one answer."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)
        lines = head.split(b"\r\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length"))
        return lines[0], await asyncio.wait_for(self.reader.readexactly(length), 5)

    async def closed_after(self) -> float:
        """Seconds until the other side closed, whatever it still sent; fails after five."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        with contextlib.suppress(ConnectionError):
            await asyncio.wait_for(self.reader.read(), 5)
        return loop.time() - started


Connect = Callable[..., Awaitable[Peer]]


@pytest.fixture
async def listening() -> AsyncIterator[Callable[..., Awaitable[Connect]]]:
    """Start with settings, get a function that connects."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(keepalive: int = 5, **values: object) -> Connect:
            config = uvicorn.Config(small_app, lifespan="off", ws="none", log_config=None, timeout_keep_alive=keepalive)
            config.load()
            settings = ServerSettings.model_validate(values)
            state = ServerState()
            make = partial(GuardedProtocol, config, state, {}, settings=settings)
            server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
            stack.callback(server.close)
            port = server.sockets[0].getsockname()[1]

            async def connect(**options: object) -> Peer:
                reader, writer = await asyncio.open_connection("127.0.0.1", port, **options)
                stack.callback(writer.close)
                peer = Peer(reader, writer)
                peer.state = state
                return peer

            return connect

        yield start
        await asyncio.sleep(0)
