"""A cluster whose head dies, as Ray tells of it.

Every question hangs until this process leaves the cluster, and the thread that asked is then told to end the process.
No Ray is started here; docs/dispatch.md tells what a real one does.
"""

import asyncio
import threading
import time

import pytest
from fake_engines import job, render

from fittingroom.dispatch.ray import dispatcher as module
from fittingroom.dispatch.ray.application import Seen
from fittingroom.errors import ApiError
from fittingroom.settings import Settings

pytestmark = pytest.mark.anyio


class Head:
    """The head of a cluster; dead, it answers nobody."""

    def __init__(self) -> None:
        self.joined = 0
        self.dead = False
        self.left = threading.Event()

    def join(self, address: str | None) -> bool:
        if self.dead:
            raise ConnectionError("Failed to connect")
        self.joined += 1
        self.left.clear()
        return True

    def leave(self) -> None:
        time.sleep(0.3)
        self.left.set()

    def open(self) -> object:
        return object()

    def look(self) -> Seen:
        if self.dead:
            self.left.wait(30)
            raise SystemExit(0)
        return Seen("READY", 1)


@pytest.fixture
async def place(monkeypatch):
    """A head and a dispatcher that has joined it."""
    ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")
    head = Head()
    for name, value in {"join": head.join, "LOOK_SECONDS": 0.01, "SILENT_SECONDS": 0.1}.items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module, "pauses", lambda: iter(lambda: 0.05, None))
    monkeypatch.setattr(ray, "shutdown", head.leave)
    dispatcher = module.RayDispatcher(Settings(), render)
    monkeypatch.setattr(dispatcher, "_application", head)
    await dispatcher.start()
    await state(dispatcher, "READY")
    yield head, dispatcher
    await dispatcher.drain(0.0)


async def state(dispatcher, wanted: str) -> str:
    async with asyncio.timeout(10):
        while dispatcher.status().state != wanted:
            await asyncio.sleep(0.01)
    return dispatcher.status().detail


async def test_a_silent_head_refuses_jobs_with_a_published_code(place) -> None:
    head, dispatcher = place
    head.dead = True
    assert await state(dispatcher, "SETUP_FAILED") == module.SILENT
    with pytest.raises(ApiError) as caught:
        await dispatcher.render(job("ok", b"p"), deadline=time.monotonic() + 60)
    assert (caught.value.reason, caught.value.code) == ("engine_unavailable", "FailedOperation.ServerError")


async def test_a_head_that_came_back_is_joined_anew(place) -> None:
    head, dispatcher = place
    head.dead = True
    await state(dispatcher, "SETUP_FAILED")
    await asyncio.sleep(0.5)
    head.dead = False
    await state(dispatcher, "READY")
    assert head.joined == 2
