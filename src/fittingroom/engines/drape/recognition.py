"""What a garment photo shows, before anybody says so: a top, a lower garment or a dress, and whether it is worn.

u2net-cloth names each pixel of the garment; its shares and the outline's proportions, weighed by a small logistic
model, give the odds of each type. Dresses are the hard case: many look like long tops. Whether somebody wears the
garment is told by a face. Invariant: the odds sum to 1, and the same pixels give the same answer.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.cutout import MIN_AREA, is_worn, main_parts, to_working_size
from fittingroom.engines.drape.nets import PERSON_AREA, FloatArray, Nets, softmax
from fittingroom.engines.drape.recut import recut
from fittingroom.engines.protocol import ClothesType, NoGarmentFound, Recognised, RgbImage

TYPES = (ClothesType.UPPER, ClothesType.LOWER, ClothesType.DRESS)

WEIGHTS = np.array(
    [
        [1.764, -1.053, -0.711],
        [-0.606, 1.298, -0.692],
        [-1.993, -0.054, 2.047],
        [-0.640, -0.072, 0.712],
        [-0.162, 0.263, -0.101],
    ],
    np.float32,
)
"""Of the logistic model, for upper, lower, full and the logarithm of height over width, and a constant."""


def recognise(rgb: RgbImage, nets: Nets) -> Recognised:
    """Look at a garment photo, uint8 (H, W, 3). Raises `NoGarmentFound`."""
    photo = to_working_size(rgb)
    classes = nets.cloth(photo, PERSON_AREA)
    worn = is_worn(nets.selfie(photo), classes)
    garment = np.asarray(1.0 - classes[..., 0], np.float32)
    solid = main_parts(np.asarray((garment if worn else recut(photo, garment)) > 0.5))
    if solid.mean() < MIN_AREA:
        raise NoGarmentFound(f"garment pixels cover only {solid.mean():.2%} of the photo")
    odds = type_odds(classes[solid][:, 1:].mean(axis=0), _aspect(solid))
    return Recognised(dict(zip(TYPES, odds, strict=True)), worn)


def type_odds(shares: FloatArray, aspect: float) -> list[float]:
    """Odds of top, lower garment and dress. shares: (3,), mean probability of upper, lower and full over the garment.
    aspect: its height over its width."""
    shares = shares / max(float(shares.sum()), 1e-6)
    seen = np.concatenate([shares, [np.log(aspect), 1.0]]).astype(np.float32)
    return [float(p) for p in softmax(seen @ WEIGHTS)]


def _aspect(solid: NDArray[np.bool_]) -> float:
    ys, xs = np.nonzero(solid)
    return float((np.ptp(ys) + 1) / (np.ptp(xs) + 1))
