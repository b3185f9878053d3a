"""What a garment photo shows, before anybody says so: a top, a lower garment or a dress, and whether it is worn.

u2net-cloth names each pixel of the garment, and the banks of outlines tell how much its silhouette is like a top's, a
lower garment's and a dress's; a small logistic model, which `bench/garment_types.py` fits and measures, makes odds of
both. Dresses are the hard case: many look like long tops. Whether somebody wears the garment is told by a face.
Invariant: the odds sum to 1, and the same pixels give the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.cutout import MIN_AREA, is_worn, main_parts, to_working_size
from fittingroom.engines.drape.nets import GARMENT_AREA, PERSON_AREA, FloatArray, Nets, softmax
from fittingroom.engines.drape.outline_fit import Query, bank_for, query_of
from fittingroom.engines.drape.recut import recut
from fittingroom.engines.protocol import ClothesType, NoGarmentFound, Recognised, RgbImage

TYPES: Final = (ClothesType.UPPER, ClothesType.LOWER, ClothesType.DRESS)

ALIKE: Final = 4
"""Outlines of a bank that have a say."""

WEIGHTS: Final = np.array(
    [
        [1.260, -0.756, -0.504],
        [-0.334, 0.960, -0.627],
        [-1.557, -0.018, 1.575],
        [-0.317, -0.670, 0.987],
        [5.668, -2.487, -3.181],
        [-4.587, 6.275, -1.688],
        [0.138, -3.905, 3.767],
        [-0.740, 0.150, 0.591],
    ],
    np.float32,
)
"""Of the logistic model: a row for each number of `features` and one for a constant, a column for each of TYPES."""


def recognise(rgb: RgbImage, nets: Nets) -> Recognised:
    """Look at a garment photo, uint8 (H, W, 3). Raises `NoGarmentFound`."""
    found, worn = features(rgb, nets)
    odds = softmax(np.append(found, 1.0).astype(np.float32) @ WEIGHTS)
    return Recognised({kind: float(p) for kind, p in zip(TYPES, odds, strict=True)}, worn)


def features(rgb: RgbImage, nets: Nets) -> tuple[FloatArray, bool]:
    """float32 (7,): shares of upper, lower and full over the garment, the logarithm of its height over its width, and
    its likeness, 0..1, to the outlines of TYPES; and whether it is worn. Raises `NoGarmentFound`."""
    photo = to_working_size(rgb)
    selfie = nets.selfie(photo)
    # The small view is enough for most photos, and three times as fast.
    for area in (PERSON_AREA, GARMENT_AREA):
        classes = nets.cloth(photo, area)
        worn = is_worn(selfie, classes)
        garment = np.asarray(1.0 - classes[..., 0], np.float32)
        solid = main_parts(np.asarray((garment if worn else recut(photo, garment)) > 0.5))
        if solid.mean() >= MIN_AREA:
            return _measured(classes, solid), worn
    raise NoGarmentFound(f"garment pixels cover only {solid.mean():.2%} of the photo")


def _measured(classes: FloatArray, solid: NDArray[np.bool_]) -> FloatArray:
    shares = classes[solid][:, 1:].mean(axis=0)
    query = query_of(solid)
    return np.asarray([*(shares / max(float(shares.sum()), 1e-6)), query.aspect, *_likeness(query)], np.float32)


def _likeness(query: Query) -> Sequence[float]:
    banks = [bank_for(kind) for kind in TYPES]
    return [max(float(bank.best(query, cut, ALIKE)[1].mean()) for cut in bank.cuts) for bank in banks]
