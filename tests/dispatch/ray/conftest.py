"""One small Ray for all tests of this folder in a process, and dispatchers on it, always drained at the end."""

import asyncio
import itertools
import os
import shutil
import sys
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "support"))

from fake_engines import job, render

from fittingroom.dispatch.ray import dispatcher as module
from fittingroom.dispatch.ray.dispatcher import RayDispatcher
from fittingroom.dispatch.ray.library import STORE_BYTES, prepare
from fittingroom.pipeline import RenderedImage
from fittingroom.settings import DispatchSettings, EngineSettings, ModerationSettings, RaySettings, Settings

TESTS = Path(__file__).parents[2]
PLACES = os.pathsep.join(map(str, [TESTS / "dispatch" / "support", TESTS / "support", TESTS.parent / "src"]))
NAMES = itertools.count()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Ray of this process's own; where it keeps its logs. Starting it takes seconds, hence once."""
    pytest.importorskip("ray.serve", reason="the extra `ray` is not installed")
    folder = Path("/tmp") / f"fr-ray-{os.getpid()}"  # a socket's path may have 107 characters
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setenv("PYTHONPATH", PLACES)
        prepare()
        import ray

        ray.init(
            address="local",
            num_cpus=2,
            object_store_memory=STORE_BYTES,
            include_dashboard=False,
            log_to_driver=False,
            configure_logging=False,
            _temp_dir=str(folder),
        )
        yield folder
        ray.shutdown()
    shutil.rmtree(folder, ignore_errors=True)  # a process of Ray's may still write its last line


class Running:
    """A dispatcher and short words to use it."""

    def __init__(self, dispatcher: RayDispatcher, application: str) -> None:
        self.dispatcher = dispatcher
        self.application = application

    async def run(self, what: str = "ok", seconds: float = 60.0, person: bytes = b"p") -> RenderedImage:
        return await self.dispatcher.render(job(what, person), deadline=time.monotonic() + seconds)

    async def pid(self) -> int:
        return int((await self.run()).data)

    async def state(self, wanted: str) -> None:
        async with asyncio.timeout(120):
            while self.dispatcher.status().state != wanted:
                await asyncio.sleep(0.01)


def settings(engine: str, application: str, ray: dict[str, object], dispatch: dict[str, object]) -> Settings:
    return Settings(
        dispatch=DispatchSettings.model_validate({"kind": "ray", "grace": 0.5, "memory_mb": 0, **dispatch}),
        ray=RaySettings.model_validate({"application": application, "cpus": 0.2, **ray}),
        engine=EngineSettings(name=f"fake_engines:{engine}"),
        moderation=ModerationSettings(enabled=False),
    )


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def dispatching(cluster: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """Start a dispatcher; with an application's name it joins that one."""
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.1)
    started: list[RayDispatcher] = []
    made: list[str] = []

    async def start(
        engine: str = "Fake", application: str = "", ray: dict[str, object] | None = None, **dispatch: object
    ) -> Running:
        name = application or f"test-{next(NAMES)}"
        if not application:
            made.append(name)
        dispatcher = RayDispatcher(settings(engine, name, ray or {}, dispatch), render)
        started.append(dispatcher)
        await dispatcher.start()
        return Running(dispatcher, name)

    yield start
    for dispatcher in started:
        await dispatcher.drain(0.0)
    from ray import serve

    for name in made:
        await asyncio.to_thread(serve.delete, name, _blocking=False)


@pytest.fixture(scope="session")
def shared() -> str:
    """The application that most tests use, since a replica takes seconds to come up."""
    return "shared"
