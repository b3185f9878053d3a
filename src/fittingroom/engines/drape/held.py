"""What a hand holds before the worn garment and the networks take for a part of it: a clutch, a folder, a fan.

It has colours that the garment shows nowhere else, lies at a hand and is no larger than what a hand holds. Such a
thing stays, whole and in front; else half of it would go with the garment and the rest be left.
Invariant: the answer is zero beyond reach of the hands, for contrasting cuffs, for what the frame cuts off, where no
pose is known, and where too little of the garment lies away from the hands to know its colours.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.body import Body
from fittingroom.engines.drape.limbs import LimbField
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person
from fittingroom.engines.protocol import Mask

REACH, AT_HAND, AWAY = 1.0, 0.16, 0.7
"""How far from a hand what it holds may reach, how near to it that begins, and from where on the garment's own colours
are taken, in shoulder distances."""

SMALLEST, LARGEST = 0.03, 0.6
"""Area of what a hand holds, in squares of the shoulder distance."""

SHADES, MANY, FEW, SMALL_SHARE = 6, 3000, 200, 0.02
"""How many colours a garment is taken to have, of how many pixels at most and at least they are found, and the share of
these below which one is an accident."""

DARK, FOREIGN = 0.6, 26.0
"""Weight of lightness, as folds and shadows change it, and CIELAB distance from which a colour is not the garment's."""

ARM, CUFF = 1.5, 0.35
"""How far from an arm's line, in its radii, a contrasting cuff may lie, and the share of a piece on the arm from which
it is one."""

RIM, GROWN = 0.02, 0.012
"""Half the breadth of what is no thing, and the rim of mixed pixels round one, in shoulder distances."""


def held_like_cloth(person: Person, body: Body, arms: tuple[LimbField, LimbField]) -> Mask:
    """Things in the hands that are cloth to the networks, float32 (H, W), of whichever garment they take them for."""
    worn = person.cloth
    away = _from_hands(body, worn.shape)
    palette = _palette(person, np.asarray((worn > 0.8) & (away > AWAY * body.sw)))
    if person.pose is None or palette is None:
        return np.zeros_like(worn)
    lab = _lab(person)
    gap = np.min([np.linalg.norm(lab - colour, axis=-1) for colour in palette], axis=0)
    other = np.max([person.skin, person.face, person.hair], axis=0) > 0.4
    foreign = (cv2.blur(gap, (3, 3)) > FOREIGN) & (worn > 0.3) & ~other & (away < REACH * body.sw)
    on_arm = np.min([np.where(arm.fraction < 1.0, arm.ratio, np.inf) for arm in arms], axis=0) < ARM
    soft = cv2.GaussianBlur(_whole(_pieces(foreign, away, on_arm, body.sw), body.sw), (0, 0), 1.0)
    return np.asarray(soft * person.alpha, np.float32)


def _pieces(foreign: NDArray[np.bool_], away: FloatArray, on_arm: NDArray[np.bool_], sw: float) -> NDArray[np.uint8]:
    """What of `foreign` (H, W) lies at a hand, is of a thing's size and no cuff; 0 or 1."""
    opened = cv2.morphologyEx(np.asarray(foreign, np.uint8), cv2.MORPH_OPEN, _disc(RIM * sw))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    found = np.zeros(foreign.shape, np.uint8)
    for k in range(1, count):
        piece, area = labels == k, stats[k, cv2.CC_STAT_AREA] / sw**2
        at_hand = away[piece].min() < AT_HAND * sw and on_arm[piece].mean() < CUFF
        if SMALLEST < area < LARGEST and at_hand and not _cut_off(stats[k], foreign.shape):
            found[piece] = 1
    return found


def _whole(pieces: NDArray[np.uint8], sw: float) -> FloatArray:
    """`pieces` with their clasps and shine, which are their own whatever the colour, and a rim; 0 or 1."""
    wide = cv2.morphologyEx(pieces, cv2.MORPH_CLOSE, _disc(2 * RIM * sw))
    outlines, _ = cv2.findContours(wide, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(wide, outlines, -1, 1, cv2.FILLED)
    return np.asarray(cv2.dilate(wide, _disc(GROWN * sw)), np.float32)


def _cut_off(box: NDArray[np.int32], shape: tuple[int, ...]) -> bool:
    """Whether a piece reaches the frame: trousers of which the photo shows the upper end only, no thing in a hand."""
    x, y, w, h = (int(n) for n in box[:4])
    return bool(x <= 1 or y <= 1 or x + w >= shape[1] - 1 or y + h >= shape[0] - 1)


def _from_hands(body: Body, shape: tuple[int, ...]) -> FloatArray:
    """Distance (px) of each pixel from the nearer hand's line."""
    free = np.ones(shape[:2], np.uint8)
    for hand in body.hands:
        cv2.polylines(free, [np.rint(hand).astype(np.int32)], False, 0, 1)
    return np.asarray(cv2.distanceTransform(free, cv2.DIST_L2, 5), np.float32)


def _palette(person: Person, cloth: NDArray[np.bool_]) -> FloatArray | None:
    """The garment's colours (N, 3) in weighted CIELAB; None where too little of it is seen."""
    colours = _lab(person)[cloth]
    if len(colours) < FEW:
        return None
    sample = np.ascontiguousarray(colours[:: max(1, len(colours) // MANY)])
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    _, labels, centres = cv2.kmeans(sample, SHADES, np.empty(0, np.int32), stop, 1, cv2.KMEANS_PP_CENTERS)
    share = np.bincount(labels[:, 0], minlength=SHADES) / len(sample)
    return np.asarray(centres[share > SMALL_SHARE], np.float32)


def _lab(person: Person) -> FloatArray:
    lab: FloatArray = cv2.cvtColor(person.rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    lab[..., 0] *= DARK * 100.0 / 255.0
    return lab


def _disc(radius: float) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * max(1, round(radius)) + 1,) * 2), np.uint8)
