"""Hair over the old cloth: how much of each pixel is hair, and its colour without the cloth that shines through.

The hair map ends some pixels within the cloth or beyond the hair, and what is kept there brings a line of the old
garment's colour onto the new one. Near the cloth a pixel is taken as a mixture of the hair's and the cloth's own colour
next to it, as in matting; its share of hair is where it lies between the two. Invariant: away from the cloth's edge,
and where hair and cloth have one colour, the hair is all hair and keeps the photo's colours.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.cutout import erode, pull_push
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person
from fittingroom.engines.protocol import Mask

SURE_HAIR, SURE_CLOTH, NO_HAIR, ANY_HAIR = 0.8, 0.6, 0.1, (0.05, 0.15)
"""Probabilities from which a pixel tells the colour of hair or of cloth, below which it is none, and between which it
begins to hold some."""

CORE, NEAR, FADE = 0.02, 0.06, 0.03
"""How far inside its outline hair and cloth are pure, how far from the cloth hair may hold some of it, and over what
further distance that ends, in shoulder distances."""

APART = (28.0, 50.0)
"""Distance of both colours, grey levels, up to which nothing is parted, and from which it is."""

PLAIN = (0.25, 0.45)
"""Deviation of cloth and hair over the distance of their colours: up to which they are told apart, and from which a
print has colours of the hair's own."""

MIXED = (0.2, 0.4)
"""How far a pixel's colour lies beside the line between both, over their distance: up to which it is a mixture of them,
and from which it is a third thing, as skin or the scene."""

AROUND, SHOWN = 0.05, (0.002, 0.02)
"""Distance over which the cloth's colours are compared, in shoulder distances, and the share of cloth round a pixel
from which they are known."""

LEAST = 30
PURE = (0.15, 0.95)
"""Share of hair below which a pixel is cloth, and above which it is hair."""


@dataclass(frozen=True, slots=True)
class HairRim:
    """share: float32 (H, W), 0..1, how much of the hair that the map sees is hair. rgb: float32 (H, W, 3), the photo
    with the cloth's part of such pixels replaced by hair."""

    share: Mask
    rgb: FloatArray


def hair_rim(person: Person, sw: float) -> HairRim:
    """Parts hair and cloth in the photo. sw: shoulder distance, px."""
    share, rgb = np.ones_like(person.hair), person.rgb.astype(np.float32)
    box = _box(person.hair > ANY_HAIR[0], NEAR * sw)
    if box is None:
        return HairRim(share, rgb)
    photo, hair, cloth = rgb[box], person.hair[box], person.cloth[box]
    inside = max(1, round(CORE * sw))
    pure_hair, pure_cloth = erode(hair > SURE_HAIR, inside), erode((cloth > SURE_CLOTH) & (hair < NO_HAIR), inside)
    if min(int(pure_hair.sum()), int(pure_cloth.sum())) < LEAST:
        return HairRim(share, rgb)
    own, old = (pull_push(photo, pure.astype(np.float32)) for pure in (pure_hair, pure_cloth))
    way = own - old
    length = np.linalg.norm(way, axis=-1)
    part = np.clip(np.sum((photo - old) * way, axis=-1) / np.maximum(length, 1.0) ** 2, 0.0, 1.0)
    stray = np.linalg.norm(photo - old - part[..., None] * way, axis=-1) / np.maximum(length, 1.0)
    part = np.clip((part - PURE[0]) / (PURE[1] - PURE[0]), 0.0, 1.0)
    spread, shown = _spread(photo, pure_cloth, sw)
    told = _rising(length, APART) * (1.0 - _rising(spread / np.maximum(length, 1.0), PLAIN)) * _rising(shown, SHOWN)
    away = cv2.distanceTransform(np.asarray(cloth < 0.5, np.uint8), cv2.DIST_L2, 5) / sw
    told *= 1.0 - _rising(stray, MIXED)
    told *= np.clip(1.0 - (away - NEAR) / FADE, 0.0, 1.0) * (~pure_hair) * _rising(hair, ANY_HAIR)
    missing = np.asarray(told * (1.0 - part), np.float32)
    share[box] = 1.0 - missing
    # What is left of the cloth's colour in a half share of hair is still seen: from there on it is the hair's alone.
    rgb[box] = photo + np.minimum(2.0 * missing, 1.0)[..., None] * (own - photo)
    return HairRim(share, rgb)


def _rising(values: FloatArray, ends: tuple[float, float]) -> FloatArray:
    return np.asarray(np.clip((values - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0), np.float32)


def _spread(photo: FloatArray, pure: NDArray[np.bool_], sw: float) -> tuple[FloatArray, FloatArray]:
    """Standard deviation (H, W) of the cloth's colours round each pixel, grey levels: large for a print; and how much
    cloth there is round it, 0..1."""
    weight = pure.astype(np.float32)
    colours = photo * weight[..., None]
    shown, first, second = (cv2.GaussianBlur(w, (0, 0), AROUND * sw) for w in (weight, colours, photo * colours))
    count = np.maximum(shown, 1e-4)[..., None]
    variance = np.maximum(second / count - (first / count) ** 2, 0.0).sum(axis=-1)
    return np.asarray(np.sqrt(variance), np.float32), np.asarray(shown, np.float32)


def _box(where: NDArray[np.bool_], room: float) -> tuple[slice, slice] | None:
    ys, xs = (np.flatnonzero(where.any(axis=axis)) for axis in (1, 0))
    if not len(ys):
        return None
    pad = int(room) + 2
    return slice(max(0, int(ys[0]) - pad), int(ys[-1]) + 1 + pad), slice(
        max(0, int(xs[0]) - pad), int(xs[-1]) + 1 + pad
    )
