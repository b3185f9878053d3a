import asyncio
import time

import pytest

from fittingroom.dispatch.ray import brake
from fittingroom.dispatch.ray.brake import close_brake, go, hear, open_brake, stop
from fittingroom.engines.protocol import Cancelled

pytestmark = pytest.mark.anyio


@pytest.fixture
async def call():
    name = "call"
    made = open_brake(name, 60)
    yield made
    close_brake(name)


async def test_a_job_with_time_left_goes_on(call) -> None:
    call.checkpoint()


async def test_a_stop_is_of_its_own_call(call) -> None:
    other = open_brake("other", 60)
    stop(None, "call")
    with pytest.raises(Cancelled, match="nobody waits"):
        call.checkpoint()
    other.checkpoint()
    close_brake("other")


async def test_what_comes_for_a_call_that_has_ended_is_nothing(call) -> None:
    for tell in (go, hear, stop):
        tell(None, "gone")
    call.checkpoint()


async def test_a_passed_deadline_stops() -> None:
    late = open_brake("late", 0.01)
    await asyncio.sleep(0.02)
    with pytest.raises(Cancelled, match="deadline"):
        late.checkpoint()
    close_brake("late")


async def test_a_silent_gateway_stops_its_job_and_one_that_speaks_does_not(call, monkeypatch) -> None:
    monkeypatch.setattr(brake, "SILENCE", 0.2)
    await asyncio.sleep(0.3)
    with pytest.raises(Cancelled, match="silent"):
        call.checkpoint()
    hear(None, "call")
    call.checkpoint()


async def test_work_begins_when_the_gateway_says_so(call, monkeypatch) -> None:
    waiting = asyncio.create_task(call.released())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await asyncio.to_thread(go, None, "call")
    await asyncio.wait_for(waiting, 5)
    call.checkpoint()


async def test_a_gateway_that_never_says_so_is_silent(call, monkeypatch) -> None:
    monkeypatch.setattr(brake, "SILENCE", 0.1)
    started = time.monotonic()
    await call.released()
    assert time.monotonic() - started < 5
    await asyncio.sleep(0.05)
    with pytest.raises(Cancelled, match="silent"):
        call.checkpoint()
