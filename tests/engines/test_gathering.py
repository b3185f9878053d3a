"""Requests that meet for a pass, in this process: who goes with whom, who gets what, who may leave."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from fittingroom.engines import gathering
from fittingroom.engines.gathering import Gatherer
from fittingroom.engines.protocol import (
    Cancelled,
    ClothesType,
    GarmentReader,
    NoPersonFound,
    OutOfMemory,
    Recognised,
    TryOnReport,
    TryOnResult,
)


def picture(number: int, side: int = 8) -> np.ndarray:
    return np.full((side, side, 3), number, np.uint8)


def made(person: np.ndarray) -> TryOnResult:
    return TryOnResult(person.copy(), TryOnReport("echo", np.zeros(person.shape[:2], np.float32), {}, 1.0))


class Echo:
    """Answers with the person. many: what a pass does, given the requests and their honest answers."""

    name = "echo"

    def __init__(self, many: Callable[[Sequence[Any], list[Any]], Any] | None = None) -> None:
        self.passes: list[list[int]] = []
        self.alone: list[int] = []
        self._many = many

    def load(self) -> None:
        pass

    def try_on(self, person, garment, clothes_type, options=None, checkpoint=None):
        self.alone.append(int(person[0, 0, 0]))
        checkpoint()
        return made(person)

    def try_on_many(self, requests):
        self.passes.append([int(request.person[0, 0, 0]) for request in requests])
        answers: list[Any] = [made(request.person) for request in requests]
        yield from enumerate(self._many(requests, answers) if self._many else answers)


def ask(gatherer: Gatherer, engine: Any, number: int, checkpoint=lambda: None) -> int:
    """A job's whole life; the number it gets back."""
    try:
        joined = gatherer.joined(engine)
        done = joined.try_on(picture(number), picture(0), ClothesType.UPPER, checkpoint=checkpoint)
        return int(done.image[0, 0, 0])
    finally:
        gatherer.leave()


def together(gatherer: Gatherer, engine: Any, numbers: Sequence[int], **named: Any) -> list[Future[int]]:
    gatherer.expect(len(numbers))
    with ThreadPoolExecutor(len(numbers)) as threads:
        return [threads.submit(ask, gatherer, engine, number, **named) for number in numbers]


def test_all_that_run_go_at_once_and_each_gets_its_own() -> None:
    engine = Echo()
    answers = together(Gatherer(engine, 4, 0.0), engine, [3, 5, 7])
    assert [answer.result() for answer in answers] == [3, 5, 7]
    assert [sorted(numbers) for numbers in engine.passes] == [[3, 5, 7]]
    assert engine.alone == []


def test_no_pass_holds_more_than_its_size() -> None:
    engine = Echo()
    answers = together(Gatherer(engine, 2, 0.0), engine, [1, 2, 3, 4, 5])
    assert [answer.result() for answer in answers] == [1, 2, 3, 4, 5]
    assert [len(numbers) for numbers in engine.passes] == [2, 2]
    assert len(engine.alone) == 1


def test_one_that_never_comes_is_waited_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "PATIENCE", 0.3)
    engine = Echo()
    gatherer = Gatherer(engine, 4, 0.0)
    gatherer.expect(1)  # it is still being decoded
    started = time.monotonic()
    answers = together(gatherer, engine, [1, 2])
    assert [answer.result() for answer in answers] == [1, 2]
    assert 0.29 < time.monotonic() - started < 5
    assert [sorted(numbers) for numbers in engine.passes] == [[1, 2]]


def test_one_that_has_ended_is_not_waited_for() -> None:
    engine = Echo()
    gatherer = Gatherer(engine, 4, 0.0)
    gatherer.expect(1)
    threading.Timer(0.1, gatherer.leave).start()
    started = time.monotonic()
    assert [answer.result() for answer in together(gatherer, engine, [1, 2])] == [1, 2]
    assert time.monotonic() - started < gathering.PATIENCE


def test_a_window_lets_another_join() -> None:
    engine = Echo()
    gatherer = Gatherer(engine, 2, 5.0)
    with ThreadPoolExecutor(2) as threads:
        gatherer.expect(1)
        first = threads.submit(ask, gatherer, engine, 1)
        time.sleep(0.1)
        gatherer.expect(1)
        second = threads.submit(ask, gatherer, engine, 2)
        assert (first.result(4), second.result(4)) == (1, 2)
    assert engine.passes == [[1, 2]]


def test_a_request_that_fails_fails_alone() -> None:
    def second_has_no_person(requests, answers):
        return [NoPersonFound("nobody") if answer.image[0, 0, 0] == 5 else answer for answer in answers]

    engine = Echo(second_has_no_person)
    first, second, third = together(Gatherer(engine, 4, 0.0), engine, [3, 5, 7])
    assert (first.result(), third.result()) == (3, 7)
    with pytest.raises(NoPersonFound, match="nobody"):
        second.result()


def out_of_memory(requests, answers):
    raise OutOfMemory("four are too many")


def mixed_up(requests, answers):
    return [made(picture(9, side=16)) for _ in answers]


def exits(requests, answers):
    raise SystemExit(3)


BROKEN = {
    "an exit": (exits, "SystemExit: 3"),
    "out of memory": (out_of_memory, "OutOfMemory: four are too many"),
    "another size": (mixed_up, "ValueError: a picture of (16, 16, 3) for a person of (8, 8, 3)"),
    "no answer": (lambda requests, answers: [None] * 3, "TypeError: an answer is a NoneType"),
}


@pytest.mark.parametrize(("many", "why"), BROKEN.values(), ids=BROKEN)
def test_a_pass_that_breaks_is_made_again_for_each_alone(many, why: str) -> None:
    engine = Echo(many)
    with capture_logs() as logs:
        answers = together(Gatherer(engine, 4, 0.0), engine, [3, 5, 7])
    assert [answer.result() for answer in answers] == [3, 5, 7]
    assert sorted(engine.alone) == [3, 5, 7]
    assert [(entry["event"], entry["jobs"], entry["detail"]) for entry in logs] == [("pass_failed", 3, why)]


def test_an_answer_reaches_its_job_before_the_pass_has_ended() -> None:
    released = threading.Event()

    def one_by_one(requests, answers):
        yield from answers[:1]
        assert released.wait(10)
        yield from answers[1:]

    engine = Echo(one_by_one)
    gatherer = Gatherer(engine, 2, 0.0)
    gatherer.expect(2)
    with ThreadPoolExecutor(2) as threads:
        jobs = [threads.submit(ask, gatherer, engine, number) for number in (1, 2)]
        done, _ = wait(jobs, 5, FIRST_COMPLETED)
        released.set()
        assert len(done) == 1
        assert [job.result(5) for job in jobs] == [1, 2]
    assert engine.alone == []


SHORT = {
    "one is left out": (lambda requests, answers: answers[:2], "ValueError: 1 of 3 requests got no answer"),
    "one answer too many": (lambda requests, answers: [*answers, answers[0]], "KeyError: 3"),
}


@pytest.mark.parametrize(("many", "why"), SHORT.values(), ids=SHORT)
def test_who_got_no_answer_from_a_pass_is_made_alone(many, why: str) -> None:
    engine = Echo(many)
    with capture_logs() as logs:
        answers = together(Gatherer(engine, 4, 0.0), engine, [3, 5, 7])
    assert [answer.result() for answer in answers] == [3, 5, 7]
    assert engine.alone == engine.passes[0][2:] * (why[0] == "V")
    assert [entry["detail"] for entry in logs] == [why]


def test_one_that_is_cancelled_in_a_pass_goes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    released, gone = threading.Event(), []

    def slowly(requests, answers):
        for place, request in enumerate(requests):
            try:
                request.checkpoint()
            except Cancelled as error:
                answers[place] = error
        assert released.wait(10)
        return answers

    def cancelled() -> None:
        if engine.passes:
            raise Cancelled("nobody waits")

    engine = Echo(slowly)
    gatherer = Gatherer(engine, 2, 0.0)
    gatherer.expect(2)
    with ThreadPoolExecutor(2) as threads:
        stays = threads.submit(ask, gatherer, engine, 1)
        goes = threads.submit(ask, gatherer, engine, 2, cancelled)
        gone.append(goes.exception(5))
        assert not stays.done()
        released.set()
        assert stays.result(5) == 1
    assert isinstance(gone[0], Cancelled)
    assert engine.alone == []


def test_one_that_is_cancelled_while_it_waits_never_begins() -> None:
    stop = threading.Event()

    def checkpoint() -> None:
        if stop.is_set():
            raise Cancelled("nobody waits")

    engine = Echo()
    gatherer = Gatherer(engine, 2, 30.0)
    gatherer.expect(1)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(ask, gatherer, engine, 1, checkpoint)
        time.sleep(0.1)
        stop.set()
        assert isinstance(waiting.exception(5), Cancelled)
    assert (engine.passes, engine.alone, gatherer._here) == ([], [], [])


def test_what_a_pass_of_one_raises_reaches_its_job() -> None:
    class Dead(Echo):
        def try_on(self, *_, **__):
            raise SystemExit(3)

    engine = Dead()
    (answer,) = together(Gatherer(engine, 2, 0.0), engine, [1])
    with pytest.raises(SystemExit):
        answer.result()


def test_an_engine_that_reads_garments_still_does() -> None:
    class Reader(Echo):
        def recognise(self, photo):
            return Recognised({ClothesType.DRESS: 1.0}, worn=True)

        def from_wearer(self, photo, clothes_type):
            raise NotImplementedError

    gatherer = Gatherer(Echo(), 2, 0.0)
    reader = gatherer.joined(Reader())
    assert isinstance(reader, GarmentReader)
    assert reader.recognise(picture(1)).worn
    assert reader.name == "echo"
    assert not isinstance(gatherer.joined(Echo()), GarmentReader)
