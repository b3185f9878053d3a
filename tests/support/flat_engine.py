"""An engine for tests of the road, not of the picture: it pastes the garment as a flat rectangle.

It keeps the protocol's promises (own size, bit-exact outside the mask, checkpoints) and needs no weights, so that a
server under test starts at once. Never registered: tests name it as `flat_engine:FlatEngine`. Some garments make it
misbehave on purpose, told by the colour of their top left pixel: see `TRICKS`.
"""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np

from fittingroom.engines.protocol import (
    Checkpoint,
    ClothesType,
    DoesNotFit,
    Mask,
    NoGarmentFound,
    NoPersonFound,
    OutOfMemory,
    RgbImage,
    TryOnOptions,
    TryOnReport,
    TryOnResult,
    never_cancelled,
)

TRICKS = {
    "crash": (255, 0, 255),
    "no-garment": (0, 255, 255),
    "no-person": (255, 255, 0),
    "slow": (0, 0, 255),
    "fail": (255, 0, 0),
    "hungry": (0, 255, 0),
    "odd": (0, 0, 0),
    "spin": (128, 0, 128),
    "deaf": (0, 128, 128),
    "starved": (128, 128, 0),
}
SLOW_SECONDS = 1.5
HUNGRY_BYTES = 1 << 37
DEFAULTS = TryOnOptions()


class FlatEngine:
    """Pastes the garment into the middle of the person photo."""

    name = "flat"

    def load(self) -> None:
        """Nothing to load."""

    def try_on(
        self,
        person: RgbImage,
        garment: RgbImage,
        clothes_type: ClothesType,
        options: TryOnOptions = DEFAULTS,
        checkpoint: Checkpoint = never_cancelled,
    ) -> TryOnResult:
        """The garment, resized without smoothing, in the box that the type names."""
        started = time.perf_counter()
        _trick(garment, checkpoint)
        height, width = person.shape[:2]
        top, bottom = {"Upper-body": (0.2, 0.6), "Lower-body": (0.5, 0.95), "Dress": (0.2, 0.95)}[clothes_type]
        rows = slice(round(top * height), round(bottom * height))
        columns = slice(width // 4, 3 * width // 4)
        picture, mask = person.copy(), np.zeros((height, width), np.float32)
        box = picture[rows, columns]
        from_rows = np.linspace(0, garment.shape[0] - 1, box.shape[0]).astype(int)
        from_columns = np.linspace(0, garment.shape[1] - 1, box.shape[1]).astype(int)
        picture[rows, columns] = garment[np.ix_(from_rows, from_columns)]
        mask[rows, columns] = 1
        checkpoint()
        return TryOnResult(picture, _report(mask, time.perf_counter() - started, odd=_asked(garment) == "odd"))


class HugeEngine(FlatEngine):
    """Fits into no machine."""

    def load(self) -> None:
        """Says so."""
        raise DoesNotFit("huge needs 900.0 GB of memory and cpu has 1.0 GB free")


def _report(mask: Mask, seconds: float, *, odd: bool) -> TryOnReport:
    said: Any = "The flat engine is for tests."
    return TryOnReport("flat", mask, {"paste": seconds}, 0.0, ((n for n in ()) if odd else said,))


def _asked(garment: RgbImage) -> str | None:
    corner = garment[:8, :8].reshape(-1, 3).mean(axis=0)
    return next((name for name, colour in TRICKS.items() if np.abs(corner - np.array(colour)).max() < 24), None)


def _trick(garment: RgbImage, checkpoint: Checkpoint) -> None:
    trick = _asked(garment)
    if trick == "crash":
        os._exit(9)
    if trick == "no-garment":
        raise NoGarmentFound("the test's garment says so")
    if trick == "no-person":
        raise NoPersonFound("the test's garment says so")
    if trick == "fail":
        raise RuntimeError("cannot read https://example.com/a?q=secret, as a library would say")
    if trick == "starved":
        raise OutOfMemory("memory of cuda:0 ran out, as a card would say")
    if trick == "hungry":
        np.ones(HUNGRY_BYTES, np.uint8)
    end = time.monotonic() + {"slow": SLOW_SECONDS, "spin": 60, "deaf": 60}.get(trick or "", 0)
    while time.monotonic() < end:
        if trick == "slow":
            time.sleep(0.02)
        if trick != "deaf":
            checkpoint()
