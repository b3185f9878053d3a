"""From two photos to the dressed person by an image editor: what `flux2-klein` and `qwen-edit` have in common.

An editor redraws the whole picture. So the order is: read the person, frame the photo, let the network draw, bring
what it drew back onto the photo, find where the clothes changed, show that and nothing else, compare the colours with
the product's; and again with another seed while something of this fails. An engine brings the network (`Network`),
opened once by `load`. Invariant: the protocol's (own size, bit-exact where the mask is zero), and one picture at a
time in the network, which is not made for two threads; everything else runs beside it.
"""

from __future__ import annotations

import copy
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

import structlog

from fittingroom.engines.analysis import Analyses
from fittingroom.engines.neural.attempts import best_of
from fittingroom.engines.neural.body import Body, BodyReader
from fittingroom.engines.neural.editing_attempt import Attempt, Scene, attempted, confidence, judged, reference
from fittingroom.engines.neural.editing_frame import border_colour, editing_frame
from fittingroom.engines.neural.editing_prompts import prompt_for
from fittingroom.engines.protocol import (
    Checkpoint,
    ClothesType,
    EngineError,
    Mask,
    RgbImage,
    TryOnOptions,
    TryOnReport,
    TryOnResult,
    never_cancelled,
)
from fittingroom.models.sets import set_folder
from fittingroom.setting_neural import NeuralSettings

log = structlog.get_logger(__name__)

WAIT = 0.05
"""Seconds between two questions whether a job that waits for the network shall go on."""


class Reader(Protocol):
    """What reads the photos; `BodyReader`, or a test's own."""

    def load(self) -> None:
        """Load the networks. Raises `MissingWeight`."""

    def using(self, analyses: Analyses) -> Reader:
        """The same reader, which keeps in `analyses` what it read."""

    def read(self, photo: RgbImage) -> Body:
        """The person. Raises `NoPersonFound`."""

    def garment(self, photo: RgbImage, clothes_type: ClothesType) -> Mask:
        """Where the garment lies. Raises `NoGarmentFound`."""


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """One drawing to make. person: uint8 (h, w, 3), the size of the answer too. garment: uint8. region: where alone the
    network may draw, float32 (h, w), or None for everywhere."""

    person: RgbImage
    garment: RgbImage
    prompt: str
    seed: int
    checkpoint: Checkpoint
    region: Mask | None = None


class Network(Protocol):
    """An opened editor. cell: px of its latent cell. aligned: whether it can keep to a `Sketch.region`. garment_pixels:
    how many pixels of the garment photo it is shown at most. placement: where it lies and why, for the log."""

    cell: int
    aligned: bool
    garment_pixels: int
    placement: str

    def draw(self, sketch: Sketch) -> RgbImage:
        """uint8 of the person's shape. Raises `OutOfMemory`, or what the checkpoint raises."""


@dataclass
class _Stages:
    checkpoint: Checkpoint
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        self.checkpoint()
        started = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started


class MissingExtra(EngineError):
    """The packages of the extra `neural` are not installed."""


class EditingEngine(ABC):
    """An engine round an editor.

    locate: the folder of a set of weights, by name. settings: default those of `NeuralSettings`. reader: of the photos.
    """

    name: str

    def __init__(
        self,
        locate: Callable[[str], Path] | None = None,
        settings: NeuralSettings | None = None,
        reader: Reader | None = None,
    ) -> None:
        self._locate = locate
        self._settings = settings or NeuralSettings()
        self._reader: Reader = reader or BodyReader()
        self._network: Network | None = None
        self._opening, self._drawing = threading.Lock(), threading.Lock()

    @abstractmethod
    def open(self, folder: Path, settings: NeuralSettings) -> Network:
        """Load the network from `folder`. Raises `DoesNotFit`, `EngineError`; ImportError without the extra."""

    def tuned(self, settings: NeuralSettings) -> Self:
        """See `Tunable`."""
        return type(self)(self._locate, settings, self._reader)

    def using(self, analyses: Analyses) -> Self:
        """See `ReusesAnalyses`."""
        self.load()
        other = copy.copy(self)
        other._reader = self._reader.using(analyses)
        return other

    def load(self) -> None:
        """See `Engine.load`. Raises `MissingWeight`, `DoesNotFit`, `MissingExtra`."""
        with self._opening:
            if self._network is not None:
                return
            folder = self._folder()
            self._reader.load()
            try:
                self._network = self.open(folder, self._settings)
            except ImportError as error:
                raise MissingExtra(
                    f'the engine {self.name} lacks packages ({error}): pip install "fittingroom[neural]"'
                ) from error
            log.info("network_loaded", engine=self.name, placement=self._network.placement)

    def _folder(self) -> Path:
        if self._locate is not None:
            return self._locate(self.name)
        return set_folder(self.name, allow_noncommercial=self._settings.allow_noncommercial)

    def try_on(
        self,
        person: RgbImage,
        garment: RgbImage,
        clothes_type: ClothesType,
        options: TryOnOptions = TryOnOptions(),
        checkpoint: Checkpoint = never_cancelled,
    ) -> TryOnResult:
        """See `Engine.try_on`."""
        self.load()
        network = self._network
        assert network is not None
        stages = _Stages(checkpoint)
        with stages.running("person"):
            body = self._reader.read(person)
        with stages.running("garment"):
            product = self._reader.garment(garment, clothes_type)
        frame = editing_frame(body.box, person.shape, self._settings.person_margin, network.cell)
        scene = Scene(person, body, frame, clothes_type, garment, product)
        cut = frame.cut(person, border_colour(person))
        prompt, given = prompt_for(clothes_type, options), reference(garment, network.garment_pixels)
        drifted = False

        def make(seed: int) -> Attempt:
            nonlocal drifted
            region = scene.region() if drifted and network.aligned else None
            with stages.running("drawing"):
                drawn = self._drawn(network, Sketch(cut, given, prompt, seed, checkpoint, region))
            with stages.running("pasting"):
                attempt = attempted(scene, drawn, self._reader.read)
            drifted = drifted or not attempt.registered.fine
            return attempt

        chosen = best_of(self._settings.attempts, options.seed, make, judged, checkpoint)
        signals = chosen.value.signals | {"tried": float(chosen.tried)}
        sure = confidence(chosen.value, fine=chosen.judgement.fine)
        report = TryOnReport(self.name, chosen.value.mask, stages.seconds, sure, chosen.warnings, signals)
        return TryOnResult(chosen.value.image, report)

    def _drawn(self, network: Network, sketch: Sketch) -> RgbImage:
        while not self._drawing.acquire(timeout=WAIT):
            sketch.checkpoint()
        try:
            return network.draw(sketch)
        finally:
            self._drawing.release()
