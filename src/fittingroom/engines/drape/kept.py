"""Garments understood before, kept for the next person who tries them on.

A shop shows few garments to many persons, and understanding one costs as much as a person. Only garments are kept,
never a person, only in this process's memory, and only the last few. Invariant: what comes back was made from exactly
these pixels, for this type of clothes, and nobody can have written into it since.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable

from fittingroom.engines.drape.types import Garment
from fittingroom.engines.protocol import ClothesType, RgbImage

KEPT = 8
"""A garment takes about 9 MB."""


class KeptGarments:
    """The last `limit` garments by the SHA-256 of their pixels; 0 keeps none."""

    def __init__(self, limit: int = KEPT) -> None:
        self._limit = limit
        self._kept: OrderedDict[tuple[bytes, tuple[int, ...], ClothesType], Garment] = OrderedDict()

    def get(self, rgb: RgbImage, clothes_type: ClothesType, make: Callable[[], Garment]) -> Garment:
        """The garment kept for uint8 (H, W, 3) `rgb`, or what `make` returns, which is then kept. Its errors pass."""
        key = (hashlib.sha256(rgb.tobytes()).digest(), rgb.shape, clothes_type)
        garment = self._kept.pop(key, None) or _locked(make())
        self._kept[key] = garment
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)
        return garment


def _locked(garment: Garment) -> Garment:
    for values in (garment.rgb, garment.alpha, garment.back, *garment.marks.values()):
        if values is not None:
            values.setflags(write=False)
    return garment
