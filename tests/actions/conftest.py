"""Parts that record what the action asks of them and do what a test's script says."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from ipaddress import ip_address
from types import SimpleNamespace

import callers
import pytest

from fittingroom.actions.change_clothes import ChangeClothesRequest, handle
from fittingroom.actions.context import RequestContext
from fittingroom.errors import ApiError
from fittingroom.pipeline import RenderedImage
from fittingroom.settings import Settings

GOOD = {
    "ModelUrl": "https://example.com/model.jpg",
    "ClothesUrl": "https://example.com/clothes.jpg",
    "ClothesType": "Upper-body",
}


class Room:
    """All services in one, and the events they saw, in order."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.fetched: dict[str, dict] = {}
        self.jobs = []
        self.kept = []
        self.picture = b"picture bytes"
        self.reserve_script = None
        self.fetch_script = None
        self.probe_script = None
        self.render_script = None
        self.rendered = None
        self.caller = callers.key("AKIDtest", "secret")
        self.permits = self.billing = self.fetcher = self.dispatcher = self.results = self.hook = self
        self.review_script = self.unanswered = self.release_script = self.put_script = None
        self.submitted = []

    @asynccontextmanager
    async def hold(self, account_id: str, concurrency: int):
        self.events.append(f"hold {account_id} of {concurrency}")
        try:
            yield
        finally:
            self.events.append("release")
            if self.release_script is not None:
                self.release_script()

    @asynccontextmanager
    async def answering(self, *request_ids: str):
        try:
            yield
        except BaseException as error:
            self.unanswered = error
            raise

    @asynccontextmanager
    async def reserve(self, account, *request_ids: str):
        self.events += [f"reserve {account.id} {request_id}" for request_id in request_ids]
        if self.reserve_script is not None:
            self.reserve_script()
        try:
            yield self
        finally:
            self.events.append("settled")

    async def charge(self) -> None:
        self.events.append("charge")

    async def fetch(self, url: str, *, parameter: str, max_bytes: int, deadline: float) -> bytes:
        self.fetched[parameter] = {"url": url, "max_bytes": max_bytes, "deadline": deadline}
        if self.fetch_script is not None:
            await self.fetch_script(parameter)
        self.events.append(f"fetched {parameter}")
        return parameter.encode()

    def probe(self, data: bytes, *, parameter: str) -> None:
        assert data == parameter.encode()
        if self.probe_script is not None:
            self.probe_script(parameter)
        self.events.append(f"probed {parameter}")

    async def render(self, job, *, deadline: float) -> RenderedImage:
        self.events.append("render")
        self.jobs.append((job, deadline))
        if self.render_script is not None:
            await self.render_script()
        if self.rendered is not None:
            return self.rendered
        return RenderedImage(self.picture, "image/jpeg", 768, 1024, "fake", {"warp": 0.25}, 0.8, ("a warning",))

    async def review(self, submissions, *, request_id: str, deadline: float) -> None:
        roles = "+".join(submission.role for submission in submissions)
        self.events.append(f"review {roles}")
        self.submitted += submissions
        self.asked_about = (request_id, deadline)
        if self.review_script is not None:
            await self.review_script(roles)

    async def put(self, data: bytes, media_type: str, account_id: str) -> str:
        self.events.append("put")
        self.kept.append((data, media_type))
        if self.put_script is not None:
            return self.put_script()
        return "/results/x.jpg?s=1"

    async def call(self, changes: dict | None = None, settings: Settings | None = None, language="en-US"):
        """Run the action; `changes` to the good parameters, of which None removes one."""
        parameters = {name: value for name, value in {**GOOD, **(changes or {})}.items() if value is not None}
        context = self.context(settings, language)
        return await handle(ChangeClothesRequest.model_validate(parameters), context, self)

    def context(self, settings: Settings | None = None, language="en-US") -> RequestContext:
        """What the wire tells an action."""
        return RequestContext(
            request_id="11111111-2222-4333-8444-555555555555",
            caller=self.caller,
            address=ip_address("203.0.113.9"),
            language=language,
            base_url="https://shop.example",
            deadline=time.monotonic() + 55,
            settings=settings or Settings(),
        )

    async def refused(self, changes: dict, **options) -> ApiError:
        """The error that the action raises."""
        with pytest.raises(ApiError) as caught:
            await self.call(changes, **options)
        return caught.value


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def tools() -> SimpleNamespace:
    return SimpleNamespace(GOOD=GOOD, Settings=Settings, ApiError=ApiError)
