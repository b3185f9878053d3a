"""The flat engine, with eyes: it tells a garment's type and wearer by colours, for tests of outfits.

Named as `reading_engine:ReadingEngine`. Invariant: a picture's answer depends on its middle pixel alone.
"""

from __future__ import annotations

import numpy as np
from flat_engine import FlatEngine

from fittingroom.engines.protocol import ClothesType, CutFromWearer, NoGarmentFound, Recognised, RgbImage

COLOURS = {ClothesType.UPPER: (200, 40, 40), ClothesType.LOWER: (40, 200, 40), ClothesType.DRESS: (40, 40, 200)}
WORN = (200, 200, 40)
"""What the middle pixel of a worn garment's photo looks like: a top, in a photo of its wearer."""

NOTHING = (128, 128, 128)


class ReadingEngine(FlatEngine):
    """Sees types by `COLOURS`."""

    name = "reading"

    def recognise(self, photo: RgbImage) -> Recognised:
        """The type whose colour is nearest."""
        middle = _middle(photo)
        if _near(middle, NOTHING):
            raise NoGarmentFound("the test's garment says so")
        worn = _near(middle, WORN)
        kind = ClothesType.UPPER if worn else min(COLOURS, key=lambda one: float(np.abs(middle - COLOURS[one]).sum()))
        return Recognised({one: 0.9 if one is kind else 0.05 for one in ClothesType}, worn)

    def from_wearer(self, photo: RgbImage, clothes_type: ClothesType) -> CutFromWearer:
        """A plain picture of the type's colour, a tenth of it made up."""
        if not _near(_middle(photo), WORN):
            raise NoGarmentFound("nobody wears the test's garment")
        cut = np.full((600, 600, 3), COLOURS[clothes_type], np.uint8)
        return CutFromWearer(cut, 0.1, ("The test's wearer has gone.",))


def _middle(photo: RgbImage) -> np.ndarray:
    return photo[photo.shape[0] // 2, photo.shape[1] // 2].astype(float)


def _near(colour: np.ndarray, other: tuple[int, int, int]) -> bool:
    return bool(np.abs(colour - other).max() < 24)
