"""`fashn`: dresses a person with FASHN VTON v1.5. This file is the recipe; each step has a file of its own.

Read the person (parsing, pose) and the product, cut both to the network's frame, let it redraw them, bring its picture
back onto the photo inside a change mask, check it, and try another seed where it fails. Reading and finishing run on
the CPU and may overlap between threads; passes of the network are made one after the other. Invariant: outside the
reported mask the picture is the person photo, bit for bit; the same request with the same seed gives the same bytes on
the same machine; no random state of the process is touched.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fittingroom.engines.analysis import NOTHING_KEPT, Analyses
from fittingroom.engines.fashn.dwpose import DwPose
from fittingroom.engines.fashn.finish import Finished, Known, Reader, finish
from fittingroom.engines.fashn.frames import SIZE, Planes, Prepared, picture_of, prepare
from fittingroom.engines.fashn.pose_map import WholePose
from fittingroom.engines.neural.attempts import best_of
from fittingroom.engines.neural.body import Body, BodyReader
from fittingroom.engines.protocol import (
    Checkpoint,
    ClothesType,
    EngineError,
    NoPersonFound,
    RgbImage,
    TryOnOptions,
    TryOnReport,
    TryOnRequest,
    TryOnResult,
    never_cancelled,
)
from fittingroom.engines.threads import allowed_threads
from fittingroom.models import set_folder
from fittingroom.models.sets import locator
from fittingroom.setting_neural import NeuralSettings

if TYPE_CHECKING:
    from fittingroom.engines.fashn.runtime import Runtime

WEIGHTS, POSE_FOLDER = "model.safetensors", "dwpose"
LEAST_POINTS = 4
"""Body points without which the network would be told of nobody."""

IGNORED = "fashn takes no notice of fit, tuck, length, rolled sleeves, layering and marks."


@dataclass(eq=False)
class _Job:
    """One request on its way: what its steps leave for the next. failure: why it left, after which no step is taken."""

    request: TryOnRequest
    prepared: Prepared | None = None
    known: Known | None = None
    made: Planes | None = None
    result: TryOnResult | None = None
    failure: Exception | None = None
    raised: Exception | None = None
    stages: dict[str, float] = field(default_factory=dict)
    last: float = field(default_factory=time.perf_counter)

    def checkpoint(self) -> None:
        """The caller's. What it raises is this request's own failure, of whatever type."""
        try:
            self.request.checkpoint()
        except Exception as error:
            self.raised = error
            raise

    def done(self, stage: str) -> None:
        """Close a stage."""
        now = time.perf_counter()
        self.stages[stage] = self.stages.get(stage, 0.0) + now - self.last
        self.last = now
        self.checkpoint()

    def take(self, step: Callable[[_Job], None]) -> None:
        """Take one step, unless the request has left. A fault of our own is nobody's failure and passes."""
        if self.failure is not None:
            return
        try:
            step(self)
        except Exception as error:
            if error is not self.raised and not isinstance(error, EngineError):
                raise
            self.failure = error


class FashnEngine:
    """The engine for cards. locate: the folder of a set of weights, by its name. settings: the operator's choices.

    reader: reads photos in place of the networks of `drape`. size: (height, width) of the network's frame.
    """

    name = "fashn"

    def __init__(
        self,
        locate: Callable[[str], Path] = set_folder,
        settings: NeuralSettings | None = None,
        *,
        reader: Reader | None = None,
        size: tuple[int, int] = SIZE,
    ) -> None:
        self._locate = locate
        self._settings = settings or NeuralSettings()
        self._reader: Reader = reader or BodyReader(threads=allowed_threads())
        self._size = size
        self._analyses = NOTHING_KEPT
        self._pose: DwPose | None = None
        self._runtime: Runtime | None = None
        self._loading = threading.Lock()

    def tuned(self, settings: NeuralSettings) -> FashnEngine:
        """See `Tunable.tuned`."""
        locate = locator(settings) if self._locate is set_folder else self._locate
        return FashnEngine(locate, settings, reader=self._reader, size=self._size)

    def using(self, analyses: Analyses) -> FashnEngine:
        """The same engine, which keeps in `analyses` what it read of persons and garments."""
        self.load()
        other = copy.copy(self)
        other._reader, other._analyses = self._reader.using(analyses), analyses
        return other

    def load(self) -> None:
        """Load all networks. Raises `MissingWeight`, `DoesNotFit`, and `EngineError` without the extra neural."""
        with self._loading:
            if self._runtime is not None:
                return
            folder = self._locate(self.name)
            try:
                from fittingroom.engines.fashn.runtime import Runtime  # noqa: PLC0415
            except ImportError as error:
                raise EngineError(f'fashn needs PyTorch ({error}): pip install "fittingroom[neural]"') from error
            self._reader.load()
            if DwPose.lies_in(folder / POSE_FOLDER):
                self._pose = DwPose.load(folder / POSE_FOLDER, allowed_threads())
            self._runtime = Runtime(folder / WEIGHTS, self._settings, self._size)

    def try_on(
        self,
        person: RgbImage,
        garment: RgbImage,
        clothes_type: ClothesType,
        options: TryOnOptions = TryOnOptions(),
        checkpoint: Checkpoint = never_cancelled,
    ) -> TryOnResult:
        """See `Engine.try_on`. Raises `OutOfMemory` too."""
        (answer,) = self._answers([TryOnRequest(person, garment, clothes_type, options, checkpoint)])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def try_on_many(self, requests: Sequence[TryOnRequest]) -> list[TryOnResult | EngineError]:
        """See `BatchEngine.try_on_many`. Pictures equal those of `try_on` up to the rounding of larger products."""
        return [
            answer
            if isinstance(answer, (TryOnResult, EngineError))
            else EngineError(f"stopped by its caller: {answer}")
            for answer in self._answers(requests)
        ]

    def _answers(self, requests: Sequence[TryOnRequest]) -> list[TryOnResult | Exception]:
        self.load()
        jobs = [_Job(request) for request in requests]
        for job in jobs:
            job.take(self._read)
        self._make([job for job in jobs if job.failure is None])
        for job in jobs:
            job.take(self._finish)
        answers = [job.failure or job.result for job in jobs]
        return [answer for answer in answers if answer is not None]

    def _read(self, job: _Job) -> None:
        """Understand both photos. Raises `NoPersonFound`, `NoGarmentFound`."""
        asked = job.request
        job.checkpoint()
        body = self._reader.read(asked.person)
        pose = self._pose_of(asked.person, body)
        job.done("person")
        cloth = self._reader.garment(asked.garment, asked.clothes_type)
        job.done("garment")
        margin = self._settings.person_margin
        job.prepared = prepare(
            asked.person, asked.garment, asked.clothes_type, body.box, pose, size=self._size, margin=margin
        )
        job.known = Known(asked.person, asked.garment, asked.clothes_type, body, cloth, job.prepared.frame)
        job.done("frame")

    def _pose_of(self, person: RgbImage, body: Body) -> WholePose:
        """The pose by DWPose where it is part of the set, else that of our own parsing. Raises `NoPersonFound`."""
        if (dwpose := self._pose) is not None:
            return self._analyses.get("person", person, (self.name, "pose"), lambda: dwpose.read(person, body.box))
        pose = WholePose.of_body(body.points, body.scores)
        if pose.seen < LEAST_POINTS:
            raise NoPersonFound("a person's outline was found in the photo, but no pose")
        return pose

    def _make(self, jobs: Sequence[_Job], attempt: int = 0) -> None:
        """One pass of the network for all `jobs`; each gets its picture or its own failure. Raises `OutOfMemory`."""
        if not jobs:
            return
        assert self._runtime is not None
        told = [job.prepared for job in jobs if job.prepared is not None]
        seeds = [job.request.options.seed + attempt for job in jobs]
        made = self._runtime.make(told, seeds, [job.checkpoint for job in jobs])
        for job, answer in zip(jobs, made, strict=True):
            if isinstance(answer, Exception):
                job.failure = answer
            else:
                job.made = answer
            now = time.perf_counter()
            job.stages["network"] = job.stages.get("network", 0.0) + now - job.last
            job.last = now

    def _finish(self, job: _Job) -> None:
        """Bring the picture back onto the photo; make others from the next seeds while it fails the check."""
        known, seed = job.known, job.request.options.seed
        assert known is not None

        def make(number: int) -> Finished:
            if number != seed:
                self._make([job], number - seed)
                if job.failure is not None:
                    raise job.failure
            assert job.made is not None
            finished = finish(picture_of(job.made), known, self._reader)
            job.done("finish")
            return finished

        chosen = best_of(self._settings.attempts, seed, make, lambda one: one.judgement, job.checkpoint)
        done = chosen.value
        warnings = (*_ignored(job.request.options), *chosen.warnings)
        signals = {**done.signals, "attempts": float(chosen.tried)}
        report = TryOnReport(self.name, done.mask, job.stages, done.confidence, warnings, signals)
        job.result = TryOnResult(done.image, report)


def _ignored(options: TryOnOptions) -> tuple[str, ...]:
    plain = TryOnOptions(seed=options.seed)
    return () if options == plain else (IGNORED,)
