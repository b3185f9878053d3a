"""A hostile origin on 127.0.0.1, and pictures to serve from it."""

import asyncio
import io
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest
from aiohttp.abc import AbstractResolver
from PIL import Image

from fittingroom.errors import ApiError
from fittingroom.images.fetch import Fetcher
from fittingroom.settings import FetchSettings

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Origin:
    """A server that speaks raw bytes. `talk` maps a path to a coroutine; `seen` holds the request heads."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.address = address
        self.seen: list[str] = []
        self.talk: dict[str, Talk] = {}
        self.connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def url(self, path: str, host: str | None = None) -> str:
        return f"http://{host or self.address}:{self.port}{path}"

    def serve(self, path: str, body: bytes, *headers: str, status: str = "200 OK") -> str:
        head = "\r\n".join([f"HTTP/1.1 {status}", *headers, *([f"Content-Length: {len(body)}"] if body else [])])
        return self.raw(path, head.encode("latin-1") + b"\r\n\r\n" + body)

    def raw(self, path: str, answer: bytes) -> str:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(answer)
            await writer.drain()

        self.talk[path] = talk
        return self.url(path)

    def redirect(self, path: str, location: str, status: str = "302 Found") -> str:
        return self.serve(path, b"", f"Location: {location}", "Content-Length: 0", status=status)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._tasks.add(asyncio.current_task())
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.seen.append(head)
            await self.talk[head.split(" ")[1].partition("?")[0]](reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def running(self):
        server = await asyncio.start_server(self.handle, self.address, 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)


class Names(AbstractResolver):
    """An injected resolver: each look-up of a name takes the next of its answers, the last one for ever."""

    def __init__(self, **names: list[list[str]]) -> None:
        self.names = {name.replace("_", "."): answers for name, answers in names.items()}
        self.asked: list[str] = []

    async def resolve(self, host, port=0, family=0):
        self.asked.append(host)
        if host not in self.names:
            raise OSError("no such name")
        answers = self.names[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            {"hostname": host, "host": a, "port": port, "family": 10 if ":" in a else 2, "proto": 6, "flags": 0}
            for a in addresses
        ]

    async def close(self):
        self.closed = True


@pytest.fixture
async def origin(anyio_backend):
    async with Origin().running() as running:
        yield running


class Client:
    """A started fetcher with generous bounds."""

    def __init__(self, inner: Fetcher) -> None:
        self.inner = inner

    async def get(self, url: str, *, max_bytes: int = 3_000_000, seconds: float = 30.0) -> bytes:
        deadline = time.monotonic() + seconds
        return await self.inner.fetch(url, parameter="ModelUrl", max_bytes=max_bytes, deadline=deadline)

    async def refusal(self, url: str, **bounds) -> ApiError:
        with pytest.raises(ApiError) as caught:
            await self.get(url, **bounds)
        return caught.value


@pytest.fixture
async def client(anyio_backend):
    """`await client("127.0.0.1/32", ...)`: a client that may reach these networks; closed after the test."""
    opened: list[Fetcher] = []

    async def make(*allow_net: str, resolver: AbstractResolver | None = None, **settings) -> Client:
        inner = Fetcher(FetchSettings(allow_net=allow_net, **settings), resolver)
        opened.append(inner)
        await inner.start()
        return Client(inner)

    yield make
    for inner in opened:
        await inner.close()


@pytest.fixture
def names():
    """The class of the injected resolver."""
    return Names


@pytest.fixture
def another_origin():
    """The class of origins, for a second one."""
    return Origin


def smooth_picture(width: int = 600, height: int = 800, seed: int = 0) -> np.ndarray:
    """A smooth colourful picture, uint8 (H, W, 3): gradients, so that any decoder's rounding stays small."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    rng = np.random.default_rng(seed)
    a, b, c = rng.uniform(0.5, 2.0, 3)
    planes = [np.sin(a * x / 90), np.cos(b * y / 70), np.sin(c * (x + y) / 110)]
    return np.stack([(p * 110 + 128) for p in planes], axis=-1).astype(np.uint8)


def save(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def smooth():
    """`smooth(width, height, seed)`: a picture to test with."""
    return smooth_picture


@pytest.fixture(scope="session")
def saved():
    """`saved(image, "PNG", **options)`: its file."""
    return save
