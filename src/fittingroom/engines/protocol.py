"""What an engine is: arrays in, arrays and a report out.

An engine dresses one person in one garment. It knows nothing of HTTP, accounts, URLs or files of users,
so that the same class serves the gateway's workers, the command line, the Python API and a test.

Invariant: `try_on` returns a picture of exactly the person photo's size, and every pixel where
`TryOnReport.mask` is zero is bit-for-bit the person photo's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from fittingroom.setting_neural import NeuralSettings

RgbImage = NDArray[np.uint8]
"""uint8 RGB, shape (H, W, 3)."""

Mask = NDArray[np.float32]
"""float32, shape (H, W), values 0..1."""

Points = NDArray[np.float32]
"""float32, shape (N, 2), x then y, in pixels."""

Checkpoint = Callable[[], None]
"""Called by an engine between stages; raises `Cancelled` when the work must stop."""


class ClothesType(StrEnum):
    """The three values of the published parameter `ClothesType`, spelled as on the wire."""

    UPPER = "Upper-body"
    LOWER = "Lower-body"
    DRESS = "Dress"


class FitStyle(StrEnum):
    """How close the garment sits to the body."""

    SLIM = "slim"
    REGULAR = "regular"
    OVERSIZED = "oversized"


class Tuck(StrEnum):
    """Whether a top ends inside the waistband. AUTO does as the person wears the old one."""

    AUTO = "auto"
    IN = "in"
    OUT = "out"


LENGTHS = (0.7, 1.4)
"""Bounds of `TryOnOptions.length`."""


@dataclass(frozen=True, slots=True)
class TryOnOptions:
    """Choices that an engine may honour; the defaults suit a shop.

    seed: makes grain and sampling repeatable. fit: ease of the garment. tuck: of a top into the waistband. length: a
    factor on the garment's own length, 0.7..1.4. rolled_sleeves: end long sleeves below the elbow. over: the garment
    lies over the worn top or dress, which stays wherever it is not covered; else it replaces it. marks: garment
    landmarks that the caller knows better (the names of `fittingroom.engines.drape.types.Garment`), as (x, y) in
    fractions 0..1 of the garment photo's width and height. Raises ValueError for a length or mark out of range.
    """

    seed: int = 0
    fit: FitStyle = FitStyle.REGULAR
    tuck: Tuck = Tuck.AUTO
    length: float = 1.0
    rolled_sleeves: bool = False
    over: bool = False
    marks: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not LENGTHS[0] <= self.length <= LENGTHS[1]:
            raise ValueError(f"length must be {LENGTHS[0]} to {LENGTHS[1]}, not {self.length:g}")
        for name, (x, y) in self.marks.items():
            if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
                raise ValueError(f"mark {name} must lie in the photo: fractions 0 to 1, not {x:g}, {y:g}")


@dataclass(frozen=True, slots=True)
class TryOnReport:
    """What the engine did.

    mask: float32 (H, W) in 0..1, non-zero exactly where the picture may differ from the person photo.
    stages: seconds per stage, in the order they ran.
    confidence: 0..1, the engine's own estimate that a shop would show the picture.
    warnings: short English sentences for the caller, each naming what looks doubtful.
    signals: what the engine measured about the risk, by name, from which the confidence was made.
    """

    engine: str
    mask: Mask
    stages: dict[str, float]
    confidence: float
    warnings: tuple[str, ...] = ()
    signals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TryOnResult:
    """The dressed picture, uint8 RGB of the person photo's own shape, and the report on it."""

    image: RgbImage
    report: TryOnReport


class EngineError(Exception):
    """Base of what an engine raises on purpose. The message is for the log, in English."""


class NoPersonFound(EngineError):
    """The person photo shows no person that this engine can dress."""


class NoGarmentFound(EngineError):
    """The garment photo shows no garment of the asked type."""


class RefusedPicture(EngineError):
    """All that the engine made bares the person, or cannot be told to cover them: it must not be shown to anybody."""


class OutOfMemory(EngineError):
    """The device's memory ran out during the work. What the work held is freed; the engine goes on with the next."""


class DoesNotFit(EngineError):
    """Raised by `load`: the network needs more memory than the device has free."""


class Cancelled(EngineError):
    """Raised by a `Checkpoint`: the caller went away or the deadline has passed."""


def never_cancelled() -> None:
    """The checkpoint of callers that never cancel."""


@runtime_checkable
class Engine(Protocol):
    """One way to dress a person. Construct cheaply, `load` once per process, then call `try_on` repeatedly."""

    name: str

    def load(self) -> None:
        """Bring weights into memory. Raises `fittingroom.models.MissingWeight` when one is absent."""

    def try_on(
        self,
        person: RgbImage,
        garment: RgbImage,
        clothes_type: ClothesType,
        options: TryOnOptions = TryOnOptions(),
        checkpoint: Checkpoint = never_cancelled,
    ) -> TryOnResult:
        """Dress `person` in `garment`.

        person, garment: uint8 RGB (H, W, 3), any size from 64 px a side upwards.
        Raises `NoPersonFound`, `NoGarmentFound`, or what `checkpoint` raises.
        """


@runtime_checkable
class Tunable(Protocol):
    """What an engine may offer besides `Engine`: to take the operator's choices of `settings.neural`."""

    def tuned(self, settings: NeuralSettings) -> Engine:
        """The engine as those settings want it, not loaded yet: itself or another of its kind."""


@dataclass(frozen=True, slots=True, eq=False)
class TryOnRequest:
    """What `Engine.try_on` is told of one picture, where several are made at once."""

    person: RgbImage
    garment: RgbImage
    clothes_type: ClothesType
    options: TryOnOptions = field(default_factory=TryOnOptions)
    checkpoint: Checkpoint = never_cancelled


@runtime_checkable
class BatchEngine(Protocol):
    """What an engine may offer besides `Engine`: several pictures in one pass of its network.

    Offer it only where a pass of several costs clearly less than as many passes.
    """

    def try_on_many(self, requests: Sequence[TryOnRequest]) -> Iterator[tuple[int, TryOnResult | EngineError]]:
        """A result for each request, with its place in `requests`, as soon as it is there: the same pictures that
        `try_on` would make of each alone.

        A request that fails (`NoPersonFound`, ...) or whose checkpoint raises leaves the pass, which goes on for the
        others; what it raised is its answer. What fails the pass as a whole, `OutOfMemory` above all, is raised: the
        caller then tries each alone that has no answer yet. Called from one thread at a time.
        """


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a garment photo shows. odds: of each type, summing to 1. worn: a person wears the garment in the photo."""

    odds: Mapping[ClothesType, float]
    worn: bool


@dataclass(frozen=True, slots=True)
class CutFromWearer:
    """A garment cut out of a photo of its wearer. photo: uint8 RGB, the garment on white. hidden: the share of it,
    0..1, that arms, hands or hair covered and that was made up. warnings: short English sentences."""

    photo: RgbImage
    hidden: float
    warnings: tuple[str, ...] = ()


@runtime_checkable
class GarmentReader(Protocol):
    """What an engine may offer besides `Engine`: to say what a garment photo shows, and to undress its wearer."""

    def recognise(self, photo: RgbImage) -> Recognised:
        """Look at a garment photo, uint8 RGB (H, W, 3). Raises `NoGarmentFound`."""

    def from_wearer(self, photo: RgbImage, clothes_type: ClothesType) -> CutFromWearer:
        """The garment of that type without the person who wears it in the photo, uint8 RGB (H, W, 3).

        Raises `NoGarmentFound` where nobody wears one that could be cut out."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """A registered engine: its name and the factory that makes it (no weights loaded yet)."""

    name: str
    factory: Callable[[], Engine]
    summary: str = field(default="")
