"""A body frame for photos without a head: shop photos of trousers often stop at the waist, and BlazePose, which looks
for a face first, sees nobody there.

The worn lower garment's own outline tells what dressing the lower half needs: waist, hips, where the legs part and
where they end. The upper body is a stated guess that lies outside the picture. Invariant: it answers only for an
outline that looks like a standing person's lower half, else None.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.body import Body, Limb
from fittingroom.engines.drape.cutout import main_parts
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person

HIP_TO_SHOULDER = 1 / 1.12
"""Shoulder distance over hip width of the clothed silhouette."""
TORSO = 1.6
RISE = 0.28
MIN_SHARE = 0.03
UPRIGHT = 1.15
PARTED = 0.04
WHOLE_ROW, BAND = 0.5, 0.4
"""Pixels in a row of the garment, and the height of a waistband of another colour, of its width at the hips."""

KNEE, SHOE = 0.455, 0.115
"""Depth of the knee below the hip, and height of the ankle over the sole, as shares of hip to sole: such photos
look down on shoes."""


def body_from_silhouette(person: Person) -> Body | None:
    """The frame of a person seen from the waist down, or None where the outline is not one."""
    mask = main_parts(np.asarray((person.lower > 0.5) | (person.full > 0.5)))
    if mask.mean() < MIN_SHARE:
        return None
    mask = _with_band(mask, person)
    widths = mask.sum(axis=1)
    rows = np.nonzero(mask.any(axis=1))[0]
    top, bottom = int(rows[0]), int(rows[-1])
    upper = slice(top, top + max(4, (bottom - top) // 4))
    hip_width = float(np.percentile(widths[upper], 90))
    height = int(np.nonzero(person.alpha > 0.5)[0].max(initial=bottom)) - top
    if height < UPRIGHT * hip_width:
        return None
    sw = hip_width * HIP_TO_SHOULDER
    centre = float(np.median([np.nonzero(mask[y])[0].mean() for y in range(upper.start, upper.stop)]))
    hip_y = top + RISE * sw
    # The legs go on below shorts and skirts.
    whole = main_parts(np.asarray(person.alpha > 0.5))
    whole[:top] = False
    legs = _legs(whole, np.array([centre, hip_y], np.float32), hip_width, int(np.nonzero(whole.any(axis=1))[0][-1]))
    origin = np.array([centre, hip_y - TORSO * sw], np.float32)
    half, down = np.array([sw / 2, 0], np.float32), np.array([0, 1], np.float32)
    arms = [_arm(origin, sign * half, sw * down) for sign in (-1, 1)]
    return Body(
        sw=sw,
        origin=origin,
        ux=np.array([1, 0], np.float32),
        uy=down,
        shoulders=(origin - half, origin + half),
        hips=(legs[0].points[0], legs[1].points[0]),
        arms=(arms[0], arms[1]),
        legs=legs,
        hands=(arms[0].points[-2:], arms[1].points[-2:]),
        turned=0.0,
    )


def _with_band(mask: NDArray[np.bool_], person: Person) -> NDArray[np.bool_]:
    """The garment `mask` (H, W) with its waistband, which is of another colour and was seen in pieces or not at all: no
    more than BAND of any cloth above is one. Without a band, what was seen in such pieces is left out."""
    widths = mask.sum(axis=1)
    wide = float(np.percentile(widths[widths > 0], 90))
    seen = int(np.nonzero(widths > WHOLE_ROW * wide)[0][0])
    cloth = np.asarray(person.cloth > 0.5)
    above = np.nonzero(cloth[:seen].sum(axis=1) <= WHOLE_ROW * wide)[0]
    band = int(above[-1]) + 1 if len(above) else 0
    out = mask.copy()
    out[:seen] = False
    if seen - band < BAND * wide:
        out[band:seen] = cloth[band:seen]
    return out


def _arm(origin: FloatArray, half: FloatArray, down: FloatArray) -> Limb:
    """A hanging arm, guessed: half and down are half a shoulder distance sideways and a whole one downwards."""
    return Limb(np.stack([origin + half, origin + 1.5 * half + 0.8 * down, origin + 1.6 * half + TORSO * down]), False)


def _legs(mask: NDArray[np.bool_], hips: FloatArray, hip_width: float, bottom: int) -> tuple[Limb, Limb]:
    """Hip, knee and ankle of both legs: the middles of the two runs of each row, where the legs part."""
    middle = float(hips[0])
    knee_y, ankle_y = hips[1] + KNEE * (bottom - hips[1]), bottom - SHOE * (bottom - hips[1])
    joints: list[list[tuple[float, float]]] = [[], []]
    for y in (knee_y, ankle_y):
        left, right = _run_middles(mask[int(y)], middle, hip_width)
        joints[0].append((left, float(y)))
        joints[1].append((right, float(y)))
    limbs = []
    for side, sign in enumerate((-1.0, 1.0)):
        start = (middle + sign * 0.22 * hip_width, float(hips[1]))
        limbs.append(Limb(np.array([start, *joints[side]], np.float32), True))
    return limbs[0], limbs[1]


def _run_middles(row: NDArray[np.bool_], middle: float, hip_width: float) -> tuple[float, float]:
    """Middles of the left and the right leg in one row; quarter points of the row where it is in one piece."""
    filled = np.nonzero(row)[0]
    if len(filled) == 0:
        return middle - 0.22 * hip_width, middle + 0.22 * hip_width
    steps = np.diff(filled)
    cut = int(np.argmax(steps)) if len(steps) else 0
    if len(steps) and steps[cut] > PARTED * hip_width:
        return float(filled[: cut + 1].mean()), float(filled[cut + 1 :].mean())
    span = float(filled[-1] - filled[0])
    return float(filled[0]) + 0.25 * span, float(filled[-1]) - 0.25 * span
