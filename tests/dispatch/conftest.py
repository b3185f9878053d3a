"""Dispatchers with fake engines, always drained at the end."""

import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from fittingroom.dispatch.local import LocalDispatcher
from fittingroom.pipeline import RenderedImage
from fittingroom.settings import DispatchSettings, EngineSettings, ModerationSettings, Settings

sys.path.append(str(Path(__file__).parent / "support"))

from fake_engines import job, render


class Running:
    """A dispatcher and short words to use it."""

    def __init__(self, dispatcher: LocalDispatcher) -> None:
        self.dispatcher = dispatcher

    async def run(self, what: str = "ok", seconds: float = 20.0) -> RenderedImage:
        return await self.dispatcher.render(job(what), deadline=time.monotonic() + seconds)

    async def pid(self) -> int:
        return int((await self.run()).data)


@pytest.fixture
async def dispatching() -> AsyncIterator[Callable[..., Awaitable[Running]]]:
    started: list[LocalDispatcher] = []

    async def start(engine: str = "Fake", **settings: object) -> Running:
        dispatch = DispatchSettings.model_validate({"grace": 0.3, "memory_mb": 0, **settings})
        chosen = EngineSettings(name=f"fake_engines:{engine}")
        dispatcher = LocalDispatcher(
            Settings(dispatch=dispatch, engine=chosen, moderation=ModerationSettings(enabled=False)), render
        )
        started.append(dispatcher)
        await dispatcher.start()
        return Running(dispatcher)

    yield start
    for dispatcher in started:
        await dispatcher.drain(0.0)
