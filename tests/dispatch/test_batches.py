"""Several jobs in one pass of an engine, in real worker processes: each keeps its own picture, end and failure."""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import numpy as np
import pytest
from fake_engines import gone
from pictures import encoded, figure, garment
from PIL import Image
from structlog.testing import capture_logs

from fittingroom import pipeline
from fittingroom.dispatch.local import LocalDispatcher
from fittingroom.engines.protocol import ClothesType
from fittingroom.errors import ApiError
from fittingroom.pipeline import RenderedImage, RenderJob
from fittingroom.settings import DispatchSettings, EngineSettings, ModerationSettings, Settings

pytestmark = pytest.mark.anyio

PERSON = encoded(figure())


def coloured(colour: tuple[int, int, int]) -> bytes:
    return encoded(Image.new("RGB", (640, 640), colour))


def job(name: str, clothes: bytes | None = None, trick: str | None = None) -> RenderJob:
    made = clothes or encoded(garment(trick=trick))
    return RenderJob(PERSON, made, ClothesType.UPPER, name, add_mark=False, image_format="png")


class Running:
    """A dispatcher with one worker, and short words to use it."""

    def __init__(self, dispatcher: LocalDispatcher) -> None:
        self.dispatcher = dispatcher

    async def run(self, job: RenderJob, seconds: float = 20.0) -> RenderedImage:
        return await self.dispatcher.render(job, deadline=time.monotonic() + seconds)

    async def all(self, *jobs: RenderJob) -> list[RenderedImage | BaseException]:
        return await asyncio.gather(*map(self.run, jobs), return_exceptions=True)

    @property
    def pid(self) -> int:
        return self.dispatcher._slots[0].pid


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def batching(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    started: list[LocalDispatcher] = []

    async def start(engine: str = "pass_engine:PassEngine", seconds: float = 0.2, batch: int = 4, **more) -> Running:
        monkeypatch.setenv("FITTINGROOM_TEST_PASS", str(seconds))
        settings = Settings(
            dispatch=DispatchSettings.model_validate({"memory_mb": 0, "grace": 0.4, **more}),
            engine=EngineSettings(name=engine),
            moderation=ModerationSettings(enabled=False),
            neural={"batch": batch, "window_ms": 200},
        )
        started.append(LocalDispatcher(settings, pipeline.render))
        await started[-1].start()
        running = Running(started[-1])
        await running.run(job("warm"))
        return running

    yield start
    for dispatcher in started:
        await dispatcher.drain(0.0)


def reason(answer: object) -> str:
    assert isinstance(answer, ApiError), answer
    return answer.reason


def together(answer: object) -> float:
    assert isinstance(answer, RenderedImage), answer
    return answer.stages.get("together", 0.0)


def middle(answer: object) -> tuple[int, ...]:
    """The colour of the garment in the picture."""
    assert isinstance(answer, RenderedImage), answer
    pixels = np.asarray(Image.open(io.BytesIO(answer.data)))
    return tuple(int(value) for value in pixels[pixels.shape[0] * 2 // 5, pixels.shape[1] // 2])


async def test_jobs_that_wait_share_a_pass_and_each_gets_its_own_picture(batching: Start) -> None:
    running = await batching()
    colours = [(200, 30, 30), (30, 160, 30), (30, 30, 200), (160, 160, 30)]
    answers = await running.all(*(job(f"j{n}", coloured(colour)) for n, colour in enumerate(colours)))
    assert [together(answer) for answer in answers] == [4, 4, 4, 4]
    assert [middle(answer) for answer in answers] == colours
    alone = await running.run(job("j2", coloured(colours[2])))
    assert "together" not in alone.stages
    shared = answers[2]
    assert isinstance(shared, RenderedImage)
    assert np.array_equal(*(np.asarray(Image.open(io.BytesIO(one.data))) for one in (alone, shared)))


async def test_more_jobs_than_a_pass_holds_wait_for_the_next(batching: Start) -> None:
    running = await batching(batch=2, queue=8)
    answers = await running.all(*(job(f"j{n}") for n in range(5)))
    assert [together(answer) for answer in answers] == [2, 2, 2, 2, 0]


async def test_an_engine_that_makes_one_at_a_time_gets_one_at_a_time(batching: Start) -> None:
    running = await batching("flat_engine:FlatEngine")
    assert running.dispatcher._slots[0].batch == 1
    answers = await running.all(*(job(f"j{n}") for n in range(3)))
    assert all(isinstance(answer, RenderedImage) for answer in answers)


async def test_a_bad_picture_fails_its_own_request_alone(batching: Start) -> None:
    running = await batching()
    broken = replace(job("text"), person=b"this is no picture")
    answers = await running.all(job("a"), job("b", trick="no-garment"), broken, job("d"))
    assert [reason(answers[1]), reason(answers[2])] == ["no_garment", "image_decode_failed"]
    assert together(answers[0]) == together(answers[3]) == 3


@pytest.mark.parametrize(
    ("trick", "expected"),
    [("fail", "engine_failed"), ("starved", "device_out_of_memory"), ("odd", "unreadable_answer")],
)
async def test_what_breaks_a_pass_fails_its_own_request_alone(batching: Start, trick: str, expected: str) -> None:
    running = await batching()
    pid = running.pid
    answers = await running.all(job("a"), job("b", trick=trick), job("c"))
    assert reason(answers[1]) == expected
    assert [isinstance(answers[place], RenderedImage) for place in (0, 2)] == [True, True]
    assert running.pid == pid


async def test_a_crash_in_company_is_one_failed_request(batching: Start) -> None:
    running = await batching()
    pid = running.pid
    with capture_logs() as logs:
        answers = await running.all(job("a"), job("b", trick="crash"), job("c"))
    assert reason(answers[1]) == "worker_crashed"
    assert [isinstance(answers[place], RenderedImage) for place in (0, 2)] == [True, True]
    assert gone(pid)
    again = sorted(entry["request_id"] for entry in logs if entry["event"] == "tried_again_alone")
    assert again == ["a", "b", "c"]


async def test_a_cancelled_job_leaves_the_pass_and_the_others_stay(batching: Start) -> None:
    running = await batching(seconds=2.0)
    pid = running.pid
    tasks = [asyncio.create_task(running.run(job(name))) for name in "abc"]
    await asyncio.sleep(0.8)
    tasks[1].cancel()
    started = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await tasks[1]
    assert time.monotonic() - started < 0.8, "it did not wait for the others"
    assert [together(await tasks[place]) for place in (0, 2)] == [3, 3]
    assert running.pid == pid


async def test_each_keeps_its_own_deadline(batching: Start) -> None:
    running = await batching(seconds=2.0)
    started = time.monotonic()
    tasks = [asyncio.create_task(running.run(job(name), seconds)) for name, seconds in [("a", 20.0), ("b", 0.8)]]
    with pytest.raises(ApiError) as caught:
        await tasks[1]
    assert caught.value.reason == "timeout"
    assert time.monotonic() - started < 1.6
    assert together(await tasks[0]) == 2


async def test_a_deaf_job_costs_the_worker_and_the_others_are_made_again(batching: Start) -> None:
    running = await batching()
    pid = running.pid
    tasks = [asyncio.create_task(running.run(job("a"))), asyncio.create_task(running.run(job("b", trick="deaf"), 1.0))]
    with pytest.raises(ApiError) as caught:
        await tasks[1]
    assert caught.value.reason == "timeout"
    assert isinstance(await tasks[0], RenderedImage)
    assert gone(pid)


async def test_a_job_may_have_less_time_than_its_request(batching: Start) -> None:
    running = await batching(job_timeout=0.6)
    answers = await running.all(job("a", trick="spin"), job("b"))
    assert reason(answers[0]) == "timeout"
    assert isinstance(answers[0], ApiError)
    assert answers[0].values["seconds"] == "0.6"


async def test_draining_answers_all_of_a_pass(batching: Start) -> None:
    running = await batching()
    tasks = [asyncio.create_task(running.run(job(name, trick="spin"))) for name in "ab"]
    await asyncio.sleep(0.6)
    assert running.dispatcher.status().running == 2
    await running.dispatcher.drain(0.1)
    assert [reason((await asyncio.gather(task, return_exceptions=True))[0]) for task in tasks] == ["shutting_down"] * 2
