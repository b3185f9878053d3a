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
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fittingroom.engines.analysis import NOTHING_KEPT, Analyses
from fittingroom.engines.fashn.dwpose import DwPose
from fittingroom.engines.fashn.finish import Known, Reader, finish
from fittingroom.engines.fashn.frames import SIZE, picture_of, prepare
from fittingroom.engines.fashn.job import Job
from fittingroom.engines.fashn.pose_map import WholePose
from fittingroom.engines.neural.attempts import Trials
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
        ((_, answer),) = self._answers([TryOnRequest(person, garment, clothes_type, options, checkpoint)])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def try_on_many(self, requests: Sequence[TryOnRequest]) -> Iterator[tuple[int, TryOnResult | EngineError]]:
        """See `BatchEngine.try_on_many`. Pictures equal those of `try_on` up to the rounding of larger products."""
        for place, answer in self._answers(requests):
            if not isinstance(answer, (TryOnResult, EngineError)):
                answer = EngineError(f"stopped by its caller: {answer}")  # noqa: PLW2901
            yield place, answer

    def _answers(self, requests: Sequence[TryOnRequest]) -> Iterator[tuple[int, TryOnResult | Exception]]:
        """In passes: the first of all requests, each further one of those whose pictures failed the check."""
        self.load()
        attempts = self._settings.attempts
        jobs = {place: Job(request, Trials(attempts, request.options.seed)) for place, request in enumerate(requests)}
        for job in jobs.values():
            job.take(self._read)
        yield from _leaving(jobs)
        while jobs:
            self._make(list(jobs.values()))
            for job in list(jobs.values()):
                job.take(self._finish)
                for other in jobs.values():
                    other.ask()
                yield from _leaving(jobs)

    def _read(self, job: Job) -> None:
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

    def _make(self, jobs: Sequence[Job]) -> None:
        """One pass of the network for all `jobs`; each gets its picture or its own failure. Raises `OutOfMemory`."""
        assert self._runtime is not None
        for job in jobs:
            job.begin()
        told = [job.prepared for job in jobs if job.prepared is not None]
        seeds = [job.trials.seed for job in jobs]
        made = self._runtime.make(told, seeds, [job.checkpoint for job in jobs])
        for job, answer in zip(jobs, made, strict=True):
            if isinstance(answer, Exception):
                job.answer = answer
            else:
                job.made = answer
            job.end("network")

    def _finish(self, job: Job) -> None:
        """Bring the picture back onto the photo; its answer, unless another seed is to be tried."""
        assert job.known is not None
        assert job.made is not None
        job.begin()
        finished = finish(picture_of(job.made), job.known, self._reader)
        job.done("finish")
        chosen = job.trials.take(finished, finished.judgement)
        if chosen is None:
            return
        done = chosen.value
        warnings = (*_ignored(job.request.options), *chosen.warnings)
        signals = {**done.signals, "attempts": float(chosen.tried)}
        report = TryOnReport(self.name, done.mask, job.stages, done.confidence, warnings, signals)
        job.answer = TryOnResult(done.image, report)


def _leaving(jobs: dict[int, Job]) -> Iterator[tuple[int, TryOnResult | Exception]]:
    """Takes out of `jobs` those that have an answer."""
    for place, job in list(jobs.items()):
        if job.answer is not None:
            del jobs[place]
            yield place, job.answer


def _ignored(options: TryOnOptions) -> tuple[str, ...]:
    plain = TryOnOptions(seed=options.seed)
    return () if options == plain else (IGNORED,)
