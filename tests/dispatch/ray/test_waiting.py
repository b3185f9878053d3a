"""Calls that wait for an application that is not there yet; no Ray is started here."""

import asyncio
import time

import pytest
from fake_engines import job, render

from fittingroom.dispatch.ray.application import Seen
from fittingroom.dispatch.ray.dispatcher import RayDispatcher
from fittingroom.errors import ApiError
from fittingroom.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def waiting(monkeypatch):
    """A dispatcher that never joins, and a call that waits for it."""
    pytest.importorskip("ray.serve", reason="the extra `ray` is not installed")
    dispatcher = RayDispatcher(Settings(), render)
    monkeypatch.setattr(dispatcher, "_open", asyncio.Event().wait)
    await dispatcher.start()
    call = asyncio.create_task(dispatcher.render(job("ok", b"p"), deadline=time.monotonic() + 60))
    await asyncio.sleep(0.01)
    yield dispatcher, call
    await dispatcher.drain(0.0)


async def test_a_cancelled_call_ends_at_once(waiting) -> None:
    _, call = waiting
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(5):
            await call


async def test_an_application_that_cannot_be_opened_refuses_those_who_wait(waiting) -> None:
    dispatcher, call = waiting
    dispatcher._see(Seen("SETUP_FAILED", 0, "no weights"))
    with pytest.raises(ApiError, match="engine_unavailable"):
        async with asyncio.timeout(5):
            await call


async def test_a_drain_does_not_wait_for_those_who_wait(waiting) -> None:
    dispatcher, call = waiting
    async with asyncio.timeout(5):
        await dispatcher.drain(0.0)
    with pytest.raises(ApiError, match="shutting_down"):
        await call
