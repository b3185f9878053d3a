"""In-memory parts behind the real application, and a driver that speaks ASGI to it; `signers` makes the requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import callers
import pytest
from signers import NOW, SECRET_ID, SECRET_KEY, Sent, sdk_request, sign_json, sign_tc3, sign_v1  # noqa: F401
from starlette.applications import Starlette

from fittingroom.accounts.records import AccountRecord, KeyRecord
from fittingroom.dispatch.protocol import DispatchStatus
from fittingroom.errors import ApiError, ResultForbidden, ResultGone
from fittingroom.moderation.hook import Submission
from fittingroom.pipeline import RenderedImage, RenderJob
from fittingroom.settings import Settings
from fittingroom.wire import build_app

PICTURE = b"\xff\xd8finished picture\xff\xd9"
VECTORS = Path(__file__).with_name("vectors.json")

GOOD: dict[str, Any] = {
    "ModelUrl": "https://example.com/model.jpg",
    "ClothesUrl": "https://example.com/clothes.jpg",
    "ClothesType": "Upper-body",
}


def Key(  # noqa: N802  # it stands for a class
    secret_id: str = SECRET_ID, secret_key: str = SECRET_KEY, account_id: str = "account-1", **values: Any
) -> KeyRecord:
    return callers.key(secret_id, secret_key, callers.root(callers.account(account_id)), **values)


class Keys:
    def __init__(self, *keys: KeyRecord) -> None:
        self.by_id = {key.secret_id: key for key in keys}
        self.noted: list[str] = []

    async def find(self, secret_id: str, token: str | None) -> KeyRecord | None:
        return self.by_id.get(secret_id)

    def used(self, record: KeyRecord) -> None:
        self.noted.append(record.secret_id)


class Permits:
    def __init__(self) -> None:
        self.held: set[str] = set()

    @asynccontextmanager
    async def hold(self, account_id: str, concurrency: int) -> AsyncIterator[None]:
        if account_id in self.held:
            raise ApiError("job_num_exceed")
        self.held.add(account_id)
        try:
            yield
        finally:
            self.held.discard(account_id)


class Rates:
    """Lets everything pass and remembers what it was asked."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.accounts: list[tuple[str, str, int | None]] = []

    async def count_address(self, address: str) -> None:
        self.addresses.append(address)

    async def count_account(self, account_id: str, action: str, own_rate: int | None) -> None:
        self.accounts.append((account_id, action, own_rate))


class Billing:
    """Everything is free; what was charged is noted."""

    def __init__(self) -> None:
        self.charged: list[tuple[str, str]] = []

    @asynccontextmanager
    async def answering(self, *request_ids: str) -> AsyncIterator[None]:
        yield

    @asynccontextmanager
    async def reserve(self, account: AccountRecord, *request_ids: str) -> AsyncIterator[Reservation]:
        yield Reservation(self.charged, [(account.id, request_id) for request_id in request_ids])


@dataclass(frozen=True)
class Reservation:
    charged: list[tuple[str, str]]
    entries: list[tuple[str, str]]

    async def charge(self) -> None:
        self.charged.extend(self.entries)


class Fetcher:
    """Answers each URL with its own name as bytes, or as `script` says."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.script: Callable[[str], Any] | None = None

    async def fetch(self, url: str, *, parameter: str, max_bytes: int, deadline: float) -> bytes:
        self.calls.append({"url": url, "parameter": parameter, "max_bytes": max_bytes, "deadline": deadline})
        if self.script is not None:
            return await self.script(parameter)
        return f"bytes of {url}".encode()


class Dispatcher:
    """Renders `PICTURE` at once, or as `script` says."""

    def __init__(self) -> None:
        self.jobs: list[RenderJob] = []
        self.script: Callable[[RenderJob], Any] | None = None
        self.state = "READY"

    async def start(self) -> None:
        raise AssertionError("the application does not start the dispatcher")

    async def render(self, job: RenderJob, *, deadline: float) -> RenderedImage:
        self.jobs.append(job)
        if self.script is not None:
            await self.script(job)
        return RenderedImage(PICTURE, "image/jpeg", 768, 1024, "fake", {"warp": 0.5}, 0.9, ())

    async def drain(self, grace: float) -> None:
        raise AssertionError("the application does not drain the dispatcher")

    def status(self) -> DispatchStatus:
        return DispatchStatus(self.state, "fake", 1, 0)


@dataclass(frozen=True)
class Stored:
    data: bytes
    media_type: str


class Hook:
    """Allows everything, or does what `script` says of a submission."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes, str]] = []
        self.script: Callable[[Submission], Any] | None = None

    async def review(self, submissions: Iterable[Submission], *, request_id: str, deadline: float) -> None:
        for submission in submissions:
            self.asked.append((submission.role, submission.data, submission.parameter))
            if self.script is not None:
                await self.script(submission)


class Results:
    def __init__(self) -> None:
        self.files: dict[str, Stored] = {}
        self.trouble: str | None = None

    async def put(self, data: bytes, media_type: str, account_id: str) -> str:
        self.files["abc.jpg"] = Stored(data, media_type)
        return "/results/abc.jpg?sign=good"

    async def open(self, name: str, query: Mapping[str, str]) -> Stored:
        if query.get("sign") != "good":
            raise ResultForbidden
        if name not in self.files:
            raise ResultGone
        return self.files[name]


class Services:
    def __init__(self, *keys: KeyRecord) -> None:
        self.keys = Keys(*keys)
        self.permits = Permits()
        self.rates = Rates()
        self.billing = Billing()
        self.fetcher = Fetcher()
        self.dispatcher = Dispatcher()
        self.hook = Hook()
        self.results = Results()
        self.probed: list[str] = []

    def probe(self, data: bytes, *, parameter: str) -> None:
        self.probed.append(parameter)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def response(self) -> dict[str, Any]:
        return self.json["Response"]

    @property
    def code(self) -> str:
        return self.response.get("Error", {}).get("Code", "OK")

    @property
    def message(self) -> str:
        return self.response["Error"]["Message"]


class World:
    """An application with its parts, its clock and its driver."""

    def __init__(self, *keys: KeyRecord, settings: Settings | None = None, **parts: Any) -> None:
        """parts: in place of those of `Services`, by name."""
        self.services = Services(*(keys or (Key(),)))
        vars(self.services).update(parts)
        self.settings = settings or Settings()
        self.now = float(NOW)
        self.app: Starlette = build_app(self.services, self.settings, clock=lambda: self.now)

    def send(self, sent: Sent) -> Answer:
        """One request from start to answer."""
        return asyncio.run(self.drive(sent))

    async def drive(self, sent: Sent, receive: Callable[[], Any] | None = None) -> Answer:
        """The same on a running loop; `receive` replaces the client's side of the body."""
        messages: list[dict[str, Any]] = []

        async def collect(message: Any) -> None:
            messages.append(message)

        await self.app(scope_of(sent), receive or client_side([sent.body]), collect)
        if not messages:
            return Answer(0, {}, b"")
        headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
        return Answer(messages[0]["status"], headers, b"".join(message.get("body", b"") for message in messages[1:]))


def scope_of(sent: Sent) -> dict[str, Any]:
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sent.headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": sent.method,
        "scheme": "http",
        "path": sent.path,
        "raw_path": sent.path.encode(),
        "query_string": sent.query.encode("latin-1"),
        "root_path": "",
        "headers": raw,
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
    }


def client_side(chunks: Iterable[bytes], *, then_gone: asyncio.Event | None = None) -> Callable[[], Any]:
    """A client that sends `chunks` and then stays connected until `then_gone` is set."""
    pieces = list(chunks)

    async def receive() -> dict[str, Any]:
        if pieces:
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}
        await (then_gone or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    return receive


class Kit(SimpleNamespace):
    """A namespace that stays short in a failing test's report."""

    def __repr__(self) -> str:
        return "kit"


@pytest.fixture(scope="session")
def kit() -> Kit:
    """Everything of this file, and the signers, that tests build worlds and requests from."""
    return Kit(**{name: value for name, value in globals().items() if not name.startswith("_")})


@pytest.fixture
def world() -> World:
    return World()
