"""A worker's functions in this process; `test_local.py` runs them in real ones."""

import io
import json
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import structlog
from fake_engines import Adjustable, job, render
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from fittingroom.dispatch import worker
from fittingroom.dispatch.control import Control
from fittingroom.dispatch.worker import Failure, Ready, Stopped, WorkerPlan
from fittingroom.logs import configure_logs
from fittingroom.moderation import nsfw
from fittingroom.pipeline import RenderedImage
from fittingroom.settings import ImageSettings, LogSettings, ModerationSettings, Settings


@pytest.fixture
def control(monkeypatch: pytest.MonkeyPatch) -> Iterator[Control]:
    monkeypatch.setattr(worker, "_WORKER", worker._Worker())
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr(worker, "configure_logs", lambda settings: None)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    made = Control(multiprocessing.get_context("spawn"))
    made.begin(time.monotonic() + 60)
    return made


def plan(engine: str, *, review: bool = False, cache_mb: int = 0) -> WorkerPlan:
    images, moderation = ImageSettings(jpeg_quality=90), ModerationSettings(enabled=review)
    return WorkerPlan(render, f"fake_engines:{engine}", 1, 0, images, moderation, LogSettings(), cache_mb, 60.0)


def test_before_set_up_it_is_not_ready_and_runs_nothing(control: Control) -> None:
    assert isinstance(worker.ready(), Failure)
    with pytest.raises(RuntimeError, match="not set up"):
        worker.run(job())


def test_after_set_up_it_is_ready_and_runs(control: Control) -> None:
    worker.set_up(plan("Fake"), control)
    answer = worker.ready()
    assert isinstance(answer, Ready)
    assert answer.pid == control.pid
    assert answer.memory_bound is None
    done = worker.run(job(person=b"12345"))
    assert isinstance(done, RenderedImage)
    assert (done.stages["bytes"], done.stages["quality"]) == (5, 90)


def test_set_up_never_raises(control: Control) -> None:
    worker.set_up(plan("Unloadable"), control)
    answer = worker.ready()
    assert isinstance(answer, Failure)
    assert answer.reason == "engine_unavailable"
    assert answer.cause.startswith("FileNotFoundError: the weight x is missing")


def test_review_is_loaded_as_set_and_handed_to_each_job(control: Control) -> None:
    worker.set_up(plan("Fake"), control)
    done = worker.run(job())
    assert isinstance(done, RenderedImage)
    assert done.warnings == ("reviewer: NoneType",)
    worker.set_up(plan("Fake", review=True), control)
    done = worker.run(job())
    assert isinstance(done, RenderedImage)
    assert done.warnings == ("reviewer: RememberingReviewer",)


def test_what_one_job_understood_serves_the_next_of_the_same_account_alone(control: Control) -> None:
    worker.set_up(plan("Remembering", cache_mb=1), control)
    asked = [("one", b"photo"), ("one", b"photo"), ("other", b"photo"), ("one", b"other photo")]
    answers = [worker.run(replace(job("see"), person=person, account_id=account)) for account, person in asked]
    assert [answer.cache for answer in answers] == [(("person", word),) for word in ("miss", "hit", "miss", "miss")]
    assert 0 < answers[0].cache_bytes == answers[1].cache_bytes < answers[2].cache_bytes < answers[3].cache_bytes


def test_a_worker_that_was_told_to_keep_nothing_keeps_nothing(control: Control) -> None:
    worker.set_up(plan("Remembering"), control)
    answers = [worker.run(job("see")) for _ in range(2)]
    assert [(answer.cache, answer.cache_bytes) for answer in answers] == [((), 0), ((), 0)]


def test_the_cache_has_its_own_room_beside_what_a_job_may_take(control: Control, monkeypatch) -> None:
    bounds = []
    monkeypatch.setattr(worker, "bound_memory", bounds.append)
    for memory_mb in (100, 0):
        worker.set_up(replace(plan("Fake", cache_mb=7), memory_mb=memory_mb), control)
    assert bounds == [107, 0]


def test_a_reviewer_that_cannot_be_loaded_fails_the_set_up(control: Control, monkeypatch, tmp_path) -> None:
    (tmp_path / nsfw.FILE).write_bytes(b"damaged")
    monkeypatch.setattr(nsfw, "files", lambda package: tmp_path)
    worker.set_up(plan("Fake", review=True), control)
    answer = worker.ready()
    assert isinstance(answer, Failure)
    assert answer.reason == "engine_unavailable"
    assert answer.cause.startswith("ReviewerUnavailable: the reviewer of pictures cannot be loaded (ChecksumMismatch")
    assert "moderation.enabled" in answer.cause
    with pytest.raises(RuntimeError, match="not set up"):
        worker.run(job())


def test_a_job_stopped_before_it_began_does_nothing(control: Control) -> None:
    worker.set_up(plan("Fake"), control)
    control.stop()
    assert worker.run(job("raise:must not run")) == Stopped()


@pytest.mark.parametrize(
    ("what", "reason", "cause"),
    [
        ("refuse:ModelUrl", "no_person", "nobody"),
        ("raise:odd", "engine_failed", "ValueError: odd"),
        ("hog:100000000", "out_of_memory", "MemoryError"),
        ("starve", "device_out_of_memory", "memory of cuda:0 ran out"),
    ],
)
def test_a_failure_is_a_value(control: Control, what: str, reason: str, cause: str) -> None:
    worker.set_up(plan("Fake"), control)
    with capture_logs([merge_contextvars]) as logs:
        failure = worker.run(job(what))
    assert isinstance(failure, Failure)
    assert failure.reason == reason
    assert failure.cause.startswith(cause)
    told = reason in {"engine_failed", "device_out_of_memory"}
    assert [entry["request_id"] for entry in logs] == ([what] if told else [])


def test_a_fault_of_the_engine_is_logged_whole_at_the_level_warning(
    control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.set_up(plan("Fake"), control)
    monkeypatch.setattr("logging.basicConfig", lambda **_: None)  # the test runner's own handlers stay
    stream = io.StringIO()
    configure_logs(LogSettings(level="warning", format="json"), stream)
    try:
        worker.run(job("raise:odd"))
    finally:
        structlog.reset_defaults()
    (line,) = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (line["event"], line["level"], line["request_id"]) == ("internal_error", "error", "raise:odd")
    assert "in _raise" in line["exception"]
    assert line["exception"].endswith("ValueError: odd")


def test_the_operators_choices_reach_an_engine_that_takes_them(control: Control) -> None:
    settings = Settings.model_validate({"engine": {"name": "fake_engines:Adjustable"}, "neural": {"steps": 7}})
    chosen = replace(WorkerPlan.of(settings, render, 1), moderation=ModerationSettings(enabled=False), memory_mb=0)
    loaded = worker.load(chosen)
    assert isinstance(loaded.engine, Adjustable)
    assert loaded.engine.settings == settings.neural
