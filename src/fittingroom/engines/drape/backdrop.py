"""The scene behind the person, where the new garment is slimmer or shorter than the old one.

A plain backdrop is continued smoothly with its own grain; a textured one is painted by MI-GAN, which never sees the
person. Invariant: no pixel of the person contributes to what is filled in.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.cutout import dilate, pull_push
from fittingroom.engines.drape.nets import FloatArray, Nets
from fittingroom.engines.drape.person import Person
from fittingroom.engines.protocol import RgbImage

TEXTURED = 6.0
PERSON_MARGIN = 0.02
SHRINK = 4


def background_plate(person: Person, needed: NDArray[np.bool_], nets: Nets, rng: np.random.Generator) -> FloatArray:
    """The scene behind the person where `needed`, float32 (H, W, 3) 0..255.

    A plain backdrop is continued smoothly with its own grain; a textured one is painted by MI-GAN around the whole
    person, so that it never sees a body to continue. Where the person fills the frame there is no scene to continue,
    and the answer is the photo itself: the old garment stays.
    """
    rgb = person.rgb.astype(np.float32)
    margin = max(4, round(PERSON_MARGIN * max(rgb.shape[:2])))
    free = ~_widened(person.alpha > 0.2, margin)
    if not needed.any() or not free.any():
        return rgb
    smooth = cv2.GaussianBlur(rgb, (0, 0), 3.0)
    grain = float(np.std((rgb - smooth)[free]))
    around = _widened(needed, 4 * margin) & free
    if around.any() and float(np.std((rgb - smooth)[around])) > TEXTURED:
        return _painted(person.rgb, needed, ~free, nets)
    filled = _continued(rgb, free)
    noise = (min(grain, 4.0) * rng.standard_normal(rgb.shape[:2], np.float32))[..., None]
    return np.asarray(filled + noise, np.float32)


def _widened(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """`mask` grown by a large radius, at a quarter of the size: a big kernel costs seconds at full size."""
    size = (max(1, mask.shape[1] // SHRINK), max(1, mask.shape[0] // SHRINK))
    small = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    wide = dilate(np.asarray(small), max(1, round(radius / SHRINK))).astype(np.float32)
    return np.asarray(cv2.resize(wide, mask.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.01)


def _continued(rgb: FloatArray, known: NDArray[np.bool_]) -> FloatArray:
    """Colours continued smoothly from where they are known; worked out at a quarter of the size, as they are smooth."""
    size = (max(1, rgb.shape[1] // SHRINK), max(1, rgb.shape[0] // SHRINK))
    weight = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(rgb * known[..., None], size, interpolation=cv2.INTER_AREA)
    colour = colour / np.maximum(weight, 1e-6)[..., None]
    filled = pull_push(np.asarray(colour, np.float32), np.asarray(weight > 0.5, np.float32))
    soft = cv2.GaussianBlur(filled, (0, 0), 2.0)
    return np.asarray(cv2.resize(soft, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _painted(rgb: RgbImage, needed: NDArray[np.bool_], hole: NDArray[np.bool_], nets: Nets) -> FloatArray:
    """MI-GAN on the box around what is needed, with some surroundings to look at."""
    ys, xs = np.nonzero(needed)
    pad = round(0.15 * max(rgb.shape[:2]))
    y0, y1 = max(0, ys.min() - pad), min(rgb.shape[0], ys.max() + pad)
    x0, x1 = max(0, xs.min() - pad), min(rgb.shape[1], xs.max() + pad)
    out = rgb.astype(np.float32)
    box = np.s_[y0:y1, x0:x1]
    out[box] = nets.inpaint(np.ascontiguousarray(rgb[box]), hole[box])
    return out
