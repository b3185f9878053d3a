"""Where painted skin meets the skin that the photo shows: no step in tone, and no rim of the old hem between them.

The painted layer reaches a little way over the visible skin and fades out there, which hides the shadow and the blurred
edge of the old hem. What still differs beyond that is carried smoothly into the painted skin, as in Poisson blending
(Perez et al., 2003; here by pull-push, since only a soft correction is wanted), and fades with the distance.
Invariant: where no skin shows near by, colours and mask stay as they were; the mask grows only over visible skin.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.composite import visible_box
from fittingroom.engines.drape.cutout import pull_push
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import Mask, RgbImage

OVER, WITNESS = 0.075, 0.15
"""How far the painted skin reaches over the visible one, and how far beyond its edge that is asked for its colour, in
shoulder distances."""

FADE = 0.30
"""Distance, in shoulder distances, at which e^-1 of the correction is left."""

MOST = 70.0
"""Largest correction, grey levels: more is jewellery or a shadow, not tone."""

GAP = 0.022
"""Half the widest rim between painted and visible skin that is painted over, in shoulder distances."""

SHRINK = 4
LEAST = 12


def reach_over(mask: Mask, skin: Mask, sw: float) -> tuple[Mask, NDArray[np.bool_]]:
    """The mask (H, W) grown over visible `skin`, and the visible skin beyond it that is asked for its colour."""
    wide, witness = mask.copy(), np.zeros(mask.shape, np.bool_)
    box = _around(mask, WITNESS * sw)
    if box is None:
        return wide, witness
    painted = np.asarray(mask[box] > 0.5)
    distance = cv2.distanceTransform((~painted).astype(np.uint8), cv2.DIST_L2, 3) / sw
    shown = np.clip((skin[box] - 0.4) / 0.3, 0.0, 1.0)
    over = np.clip(1.5 - 1.5 * distance / OVER, 0.0, 1.0)
    size = 2 * max(1, round(GAP * sw)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    # The skin map is unsure on the very rim of the old hem, and that rim is what must not be left.
    joined = cv2.morphologyEx(np.asarray(np.maximum(mask[box], shown), np.float32), cv2.MORPH_CLOSE, kernel)
    touching = cv2.dilate(np.asarray(shown > 0.5, np.uint8), kernel) > 0
    wide[box] = np.maximum(mask[box], over * np.where(touching, joined, shown))
    witness[box] = (distance > 0.8 * OVER) & (distance < WITNESS) & (skin[box] > 0.8)
    return wide, witness


def matched(rgb: FloatArray, mask: Mask, photo: RgbImage, witness: NDArray[np.bool_], sw: float) -> FloatArray:
    """`rgb` (H, W, 3), painted on `mask` and on `witness`, with its tone moved to the photo's at the witness."""
    box = _around(np.maximum(mask, np.float32(1.0) * witness), 2.0 * SHRINK)
    if box is None or witness.sum() < LEAST:
        return rgb
    seen = witness[box].astype(np.float32)
    size = tuple(max(1, side // SHRINK) for side in seen.shape[::-1])
    apart = np.clip(photo[box].astype(np.float32) - rgb[box], -MOST, MOST) * seen[..., None]
    weight = np.asarray(cv2.resize(seen, size, interpolation=cv2.INTER_AREA), np.float32)
    mean = cv2.resize(apart, size, interpolation=cv2.INTER_AREA) / np.maximum(weight, 1e-3)[..., None]
    known = np.asarray(weight > 0.25)
    if not known.any():
        return rgb
    spread = pull_push(np.asarray(mean * known[..., None], np.float32), known.astype(np.float32))
    # Between the witness and the seam lies the strip that is painted over; nothing fades in it.
    away = np.maximum(cv2.distanceTransform((~known).astype(np.uint8), cv2.DIST_L2, 3) * SHRINK / sw - OVER, 0.0)
    soft = cv2.GaussianBlur(spread * np.exp(-away / FADE)[..., None], (0, 0), 1.5)
    out = rgb.copy()
    change = cv2.resize(soft, seen.shape[::-1], interpolation=cv2.INTER_LINEAR)
    out[box] += change * (mask[box] > 0)[..., None]
    return np.asarray(out, np.float32)


def _around(mask: Mask, room: float) -> tuple[slice, slice] | None:
    rows, cols = visible_box(mask)
    if rows.stop == 0:
        return None
    margin = int(room) + 2
    return slice(max(0, rows.start - margin), rows.stop + margin), slice(
        max(0, cols.start - margin), cols.stop + margin
    )
