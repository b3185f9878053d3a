"""Jobs of one process that meet for one pass of the network.

Each job runs in a thread of its own, with its own decoding, review, marks and errors; only where it would call the
engine it joins others and waits for its own answer. One thread makes the passes, one after the other: a pass begins
when as many are here as fit, or all jobs that run, or when the first has waited long enough. Invariant: a job gets the
answer to its own request or its own failure, as soon as it is there; where a pass fails as a whole, each that has no
answer is made alone; and a job whose checkpoint raises is let go at once, whatever the others of its pass still do.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import cast

import structlog

from fittingroom.engines.protocol import (
    BatchEngine,
    Checkpoint,
    ClothesType,
    CutFromWearer,
    Engine,
    EngineError,
    GarmentReader,
    Recognised,
    RgbImage,
    TryOnOptions,
    TryOnRequest,
    TryOnResult,
    never_cancelled,
)

PATIENCE = 1.0
"""Seconds that those who are here wait for jobs that are still being read and reviewed."""

LOOK_SECONDS = 0.05
"""How often a job that waits for a pass asks its checkpoint."""

DEFAULTS = TryOnOptions()

log = structlog.get_logger(__name__)


class _Guest:
    """A request that waits for a pass. engine: as its job alone would call it."""

    def __init__(self, engine: Engine, request: TryOnRequest) -> None:
        self.engine = engine
        self.came = time.monotonic()
        self.answer: Future[TryOnResult] = Future()
        self.context = contextvars.copy_context()
        self.asked = request.checkpoint
        self.request = TryOnRequest(
            request.person, request.garment, request.clothes_type, request.options, self.checkpoint
        )

    def checkpoint(self) -> None:
        """The job's own; where it raises, the job need not wait for the rest of the pass."""
        try:
            self.asked()
        except BaseException as error:
            self.give(error)
            raise

    def give(self, answer: TryOnResult | BaseException) -> None:
        """The first answer counts."""
        if self.answer.done():
            return
        if isinstance(answer, BaseException):
            self.answer.set_exception(answer)
        else:
            self.answer.set_result(answer)


class Gatherer:
    """engine: a loaded `BatchEngine`. size: requests in a pass at most. window: seconds that a pass waits for jobs that
    have not begun yet."""

    def __init__(self, engine: Engine, size: int, window: float) -> None:
        self._engine = cast("BatchEngine", engine)
        self._size = size
        self._window = window
        self._here: list[_Guest] = []
        self._running = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def expect(self, jobs: int) -> None:
        """So many jobs begin; each will `leave` when it has ended, however it did."""
        with self._changed:
            self._running += jobs
            self._changed.notify_all()

    def leave(self) -> None:
        """A job has ended."""
        self.expect(-1)

    def joined(self, engine: Engine) -> Engine:
        """`engine`, as one job would use it, with its pictures made in company."""
        return _JoinedReader(self, engine) if isinstance(engine, GarmentReader) else _Joined(self, engine)

    def try_on(self, engine: Engine, request: TryOnRequest) -> TryOnResult:
        """The picture, made in the next pass that has room. Raises what `Engine.try_on` would."""
        guest = _Guest(engine, request)
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="passes", daemon=True)
                self._thread.start()
            self._here.append(guest)
            self._changed.notify_all()
        while True:
            try:
                return guest.answer.result(LOOK_SECONDS)
            except NotYet:
                if guest.answer.done():
                    raise
                self._look(guest)

    def _look(self, guest: _Guest) -> None:
        """Let one that waits leave; in a pass, the engine asks its checkpoint."""
        with self._changed:
            if guest not in self._here:
                return
            try:
                guest.asked()
            except BaseException:
                self._here.remove(guest)
                raise

    def _work(self) -> None:
        while True:
            self._pass(self._next())

    def _next(self) -> list[_Guest]:
        with self._changed:
            while not self._gathered():
                self._changed.wait(self._seconds())
            guests, self._here = self._here[: self._size], self._here[self._size :]
            return guests

    def _gathered(self) -> bool:
        return bool(self._here) and (len(self._here) >= self._size or self._seconds() == 0.0)

    def _seconds(self) -> float | None:
        """Until those who are here begin without others; None where nobody is."""
        if not self._here:
            return None
        wait = self._window if len(self._here) >= self._running else max(self._window, PATIENCE)
        return max(0.0, self._here[0].came + wait - time.monotonic())

    def _pass(self, guests: Sequence[_Guest]) -> None:
        going = [guest for guest in guests if _goes(guest)]
        if len(going) > 1:
            failure = self._together(going)
            if not failure:
                return
            log.warning("pass_failed", jobs=len(going), detail=failure)
        for guest in going:
            if not guest.answer.done():
                guest.context.run(_alone, guest)

    def _together(self, guests: Sequence[_Guest]) -> str:
        """Answers all guests, each as soon as its answer is there; or says why some have none."""
        try:
            waiting = dict(enumerate(guests))
            for place, answer in self._engine.try_on_many([guest.request for guest in guests]):
                _give(waiting.pop(place), answer)
            if waiting:
                raise ValueError(f"{len(waiting)} of {len(guests)} requests got no answer")
        except (Exception, SystemExit) as error:  # some libraries exit, and nobody would make another pass
            return f"{type(error).__name__}: {error}"
        return ""


class _Joined:
    """An engine for one job that makes its pictures in company."""

    def __init__(self, gatherer: Gatherer, engine: Engine) -> None:
        self.name = engine.name
        self._gatherer = gatherer
        self._engine = engine

    def load(self) -> None:
        """It is loaded."""

    def try_on(
        self,
        person: RgbImage,
        garment: RgbImage,
        clothes_type: ClothesType,
        options: TryOnOptions = DEFAULTS,
        checkpoint: Checkpoint = never_cancelled,
    ) -> TryOnResult:
        """As `Engine.try_on`."""
        request = TryOnRequest(person, garment, clothes_type, options, checkpoint)
        return self._gatherer.try_on(self._engine, request)


class _JoinedReader(_Joined):
    """One that reads garments too, by itself."""

    def recognise(self, photo: RgbImage) -> Recognised:
        """As `GarmentReader.recognise`."""
        return cast("GarmentReader", self._engine).recognise(photo)

    def from_wearer(self, photo: RgbImage, clothes_type: ClothesType) -> CutFromWearer:
        """As `GarmentReader.from_wearer`."""
        return cast("GarmentReader", self._engine).from_wearer(photo, clothes_type)


def _goes(guest: _Guest) -> bool:
    try:
        guest.checkpoint()
    except BaseException:
        return False  # it has been told
    return True


def _alone(guest: _Guest) -> None:
    asked = guest.request
    try:
        guest.give(
            guest.engine.try_on(asked.person, asked.garment, asked.clothes_type, asked.options, guest.checkpoint)
        )
    except BaseException as error:
        guest.give(error)


def _give(guest: _Guest, answer: TryOnResult | EngineError) -> None:
    """An engine that mixes up requests would show one customer to another."""
    if not isinstance(answer, (TryOnResult, EngineError)):
        raise TypeError(f"an answer is a {type(answer).__name__}")
    if isinstance(answer, TryOnResult) and answer.image.shape != guest.request.person.shape:
        raise ValueError(f"a picture of {answer.image.shape} for a person of {guest.request.person.shape}")
    guest.give(answer)
