"""The hands in the photo, whole to the fingertips: they stay in front of every new garment.

The skin map is true about where hands are and blurred about their fingers, and the pose network marks wrist and
knuckles only. So a hand is the skin round the line from the wrist to where its fingertips can reach, and its edge
there is cut again on the photo's own colours (GrabCut, Rother et al., 2004). On photos that stop at the waist no joint
is known; what is skin and lies beside or on the worn garment is an arm or a hand there.
Invariant: nothing beyond reach of a hand is kept, and no hand is found where the skin map shows none.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.body import Body
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.recut import grab_cut
from fittingroom.engines.protocol import Mask

REACH, RADIUS, WRIST, PALM = 0.52, 0.25, 0.13, 0.3
"""Length of a hand from the wrist, half the width of the region it is sought in, in shoulder distances, that width at
the wrist, where cuffs are, and the share of the length at which the palm has its full one."""

LARGEST, ON_SKIN = 0.175, (0.40, 0.11)
"""Area of a spread hand, in squares of the shoulder distance, and reach and radius where the skin goes on round it."""

EDGE = 0.04
"""Softness of that region, and how far beyond the skin map a finger is sought, in shoulder distances."""

SURE, MAYBE, NONE = 0.85, 0.32, 0.1
"""Skin probabilities: certainly, rather, and certainly not of a hand."""

CUT_SIDE = 200
"""Longest side, px, of the crop that is cut again."""

ROUNDS = 3
PLAUSIBLE = (0.6, 1.7)
"""Area after the cut as a multiple of the skin map's; beyond it the colours did not tell hand from cloth."""

CUFF, CORNER = 0.15, 0.045
"""Round the wrist, what is narrower than twice the second is a corner of the cuff; in shoulder distances."""

NOTHING = 12
"""Skin pixels below which there is no hand."""


def visible_hands(person: Person, body: Body) -> Mask:
    """Probability of hand, float32 (H, W)."""
    if person.pose is None:
        return _cut(person, _beside_garment(person, body), body.sw)
    return np.asarray(np.maximum(*(_hand(person, hand, body.sw) for hand in body.hands)), np.float32)


def _hand(person: Person, hand: FloatArray, sw: float) -> Mask:
    """One hand. Skin that goes on round it is a bare belly or thigh under it: only what is close counts then."""
    shape = person.alpha.shape
    found = _cut(person, _in_reach(shape, hand, sw, REACH, RADIUS), sw)
    if found.sum() >= LARGEST * sw * sw:
        found = _cut(person, _in_reach(shape, hand, sw, *ON_SKIN), sw)
    return without_cuff(found, hand, sw)


def without_cuff(found: Mask, hand: FloatArray, sw: float) -> Mask:
    """A hand (H, W) without the corners of a cuff that came along at the wrist: nothing as thin as they is hand there.

    hand: (2, 2) px, wrist and knuckles. Beyond CUFF shoulder distances from the wrist nothing changes.
    """
    x, y = hand[0]
    room = round((CUFF + CORNER) * sw) + 2
    rows, cols = (slice(max(0, round(float(c)) - room), max(0, round(float(c)) + room)) for c in (y, x))
    part = found[rows, cols]
    if part.size == 0:
        return found
    size = 2 * max(1, round(CORNER * sw)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    # Opening rounds a hand's own outline by a pixel, too: that comes back.
    thick = np.minimum(part, cv2.dilate(cv2.morphologyEx(part, cv2.MORPH_OPEN, kernel), np.ones((3, 3), np.uint8)))
    ys, xs = np.ogrid[rows.start : rows.start + part.shape[0], cols.start : cols.start + part.shape[1]]
    near = np.clip((CUFF - np.hypot(xs - x, ys - y) / sw) / 0.02 + 0.5, 0.0, 1.0)
    out = found.copy()
    out[rows, cols] = part + near * (thick - part)
    return np.asarray(out, np.float32)


def _in_reach(shape: tuple[int, ...], hand: FloatArray, sw: float, reach: float, radius: float) -> Mask:
    """Round the line from the wrist along the knuckles. hand: (2, 2) px. reach, radius: of the hand, in `sw`."""
    towards = hand[1] - hand[0]
    tip = hand[0] + towards * (reach * sw / max(float(np.linalg.norm(towards)), 1e-6))
    region = np.zeros(shape[:2], np.uint8)
    line = hand[0] + np.array([[0.0], [PALM], [1.0]], np.float32) * (tip - hand[0])
    wrist, palm, end = ((round(float(x)), round(float(y))) for x, y in line)
    cv2.line(region, wrist, palm, 255, max(1, round(2 * min(WRIST, radius) * sw)))
    cv2.line(region, palm, end, 255, max(1, round(2 * radius * sw)))
    soft = cv2.GaussianBlur(region, (0, 0), max(0.5, EDGE * sw / 2))
    return np.asarray(soft / np.float32(255), np.float32)


def _beside_garment(person: Person, body: Body) -> Mask:
    """All that is neither above the worn lower garment nor below it, as far down as hands hang."""
    worn = person.lower + person.full > 0.5
    inside = worn[:, worn.any(axis=0)]
    if inside.size == 0:
        return np.zeros(person.alpha.shape, np.float32)
    top = float(np.median(inside.argmax(axis=0)))
    columns = np.flatnonzero(worn.any(axis=0))
    ys, xs = np.mgrid[0 : worn.shape[0], 0 : worn.shape[1]]
    beside = (xs < columns[0]) | (xs > columns[-1])
    last = np.where(worn.any(axis=0), worn.shape[0] - worn[::-1].argmax(axis=0), 0)
    region = (beside & (ys < top + (REACH + EDGE) * body.sw * 2)) | (~beside & (ys > top) & (ys < last[None, :]))
    return np.asarray(region, np.float32)


def _cut(person: Person, region: Mask, sw: float) -> Mask:
    """The skin in the region, its edge moved to where the photo's colours change."""
    known = np.asarray(person.skin * region, np.float32)
    whole = np.zeros_like(known)
    x, y, w, h = cv2.boundingRect((known > MAYBE).astype(np.uint8))
    if (known > MAYBE).sum() < NOTHING:
        return whole
    room = max(2, round(2 * EDGE * sw))
    area = np.s_[max(0, y - room) : y + h + room, max(0, x - room) : x + w + room]
    zoom = min(1.0, CUT_SIDE / max(known[area].shape))
    size = tuple(max(8, round(side * zoom)) for side in known[area].shape[::-1])
    photo = cv2.resize(person.rgb[area], size, interpolation=cv2.INTER_AREA)
    skin = np.asarray(cv2.resize(known[area], size, interpolation=cv2.INTER_AREA), np.float32)
    allowed = np.asarray(cv2.resize(region[area], size, interpolation=cv2.INTER_AREA), np.float32)
    fine = _by_colour(np.ascontiguousarray(photo), skin, allowed, max(1, round(EDGE * sw * zoom)))
    guided = cv2.ximgproc.guidedFilter(photo, fine, 2, 40.0)
    cut = cv2.resize(guided, known[area].shape[::-1], interpolation=cv2.INTER_LINEAR)
    whole[area] = np.clip((cut - 0.25) / 0.5, 0.0, 1.0) * region[area]
    return whole


def _by_colour(photo: NDArray[np.uint8], skin: Mask, allowed: Mask, reach: int) -> Mask:
    """GrabCut from the skin map; the map itself where the colours do not tell."""
    marks = np.full(skin.shape, cv2.GC_BGD, np.uint8)
    near = cv2.dilate(
        (skin > MAYBE).astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
    )
    marks[(near > 0) & (allowed > 0.5)] = cv2.GC_PR_BGD
    marks[(skin > NONE) & (allowed > 0.5)] = cv2.GC_PR_BGD
    marks[skin > MAYBE] = cv2.GC_PR_FGD
    marks[cv2.erode((skin > SURE).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = cv2.GC_FGD
    rough = (skin > MAYBE).astype(np.float32)
    if not ((marks == cv2.GC_FGD).any() and (marks == cv2.GC_BGD).any()):
        return rough
    found = grab_cut(photo, marks, ROUNDS).astype(np.float32)
    ratio = float(found.sum()) / max(float(rough.sum()), 1.0)
    return found if PLAUSIBLE[0] < ratio < PLAUSIBLE[1] else rough
