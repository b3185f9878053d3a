"""The pose as one grey picture, the way the network `fashn` was taught to read it.

Limbs are filled ellipses, each with a grey of its own and dimmed; joints, hands and face lie over them in brighter
greys. Greys, widths and order are facts of the published network, not a choice: a picture drawn otherwise is one that
it never saw. Source: FASHN VTON v1.5, src/fashn_vton/dwpose/utils.py at 7c0f10a. Invariant: what was not seen is not
drawn, and a pose of nothing is black, which is also what the network expects for a garment that nobody wears.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.protocol import Points

Scores = NDArray[np.float32]
GreyImage = NDArray[np.uint8]
"""uint8, shape (H, W)."""

SEEN = 0.3
"""Score over which a point is drawn."""

LIMBS = (
    *((1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13)),
    *((1, 0), (0, 14), (14, 16), (0, 15), (15, 17)),
)
"""Pairs of OpenPose's body points, in the order of their greys."""

FINGERS = tuple((0 if k % 4 == 1 else k - 1, k) for k in range(1, 21))
"""Pairs of a hand's 21 points, from the wrist through each finger."""

GREYS = tuple(int(grey) for grey in np.linspace(20, 240, 18))
FINGER_GREYS = tuple(int(grey) for grey in np.linspace(160, 220, len(FINGERS)))
DIMMED, BRIGHTER, HAND_GREY, FACE_GREY = 0.6, 1.3, 240, 200

HEIGHT, LIMB, JOINT, FACE, LINE = 864, 4, 4, 3, 2
"""Height of the picture for which the widths are meant, and they: half a limb, the radii, a finger's line; px."""


@dataclass(frozen=True, slots=True)
class WholePose:
    """Points of one person, px in one picture, float32, with scores, float32 0..1.

    body, body_scores: (18, 2) and (18,), OpenPose's. hands: (2, 21, 2) and (2, 21), left first. face: (68, 2), (68,).
    """

    body: Points
    body_scores: Scores
    hands: Points
    hand_scores: Scores
    face: Points
    face_scores: Scores

    @classmethod
    def of_body(cls, points: Points, scores: Scores) -> WholePose:
        """A pose of which only OpenPose's 18 body points are known: (18, 2) and (18,)."""
        nothing = (np.zeros((2, 21, 2)), np.zeros((2, 21)), np.zeros((68, 2)), np.zeros(68))
        return cls(points, scores, *(np.asarray(a, np.float32) for a in nothing))

    def moved(self, zoom: float, left: float, top: float) -> WholePose:
        """The same points in a picture `zoom` times as large whose corner lies at `left`, `top` px of this one."""
        corner = np.array([left, top])
        at = [np.asarray((p - corner) * zoom, np.float32) for p in (self.body, self.hands, self.face)]
        return WholePose(at[0], self.body_scores, at[1], self.hand_scores, at[2], self.face_scores)

    @property
    def seen(self) -> int:
        """How many body points are drawn."""
        return int((self.body_scores > SEEN).sum())


def pose_map(pose: WholePose | None, size: tuple[int, int]) -> GreyImage:
    """Draw `pose`, px of a picture of `size` (height, width); None is a pose of nothing. uint8 (H, W)."""
    canvas = np.zeros(size, np.uint8)
    if pose is None:
        return canvas
    scale = size[0] / HEIGHT
    canvas = _limbs(canvas, pose, scale)
    _joints(canvas, pose, scale)
    for hand, scores in zip(pose.hands, pose.hand_scores, strict=True):
        _hand(canvas, hand, scores, scale)
    for point, score in zip(pose.face, pose.face_scores, strict=True):
        if score > SEEN:
            cv2.circle(canvas, _pixel(point), _width(FACE, scale), FACE_GREY, -1)
    return canvas


def _limbs(canvas: GreyImage, pose: WholePose, scale: float) -> GreyImage:
    drawn = np.zeros_like(canvas)
    for (a, b), grey in zip(LIMBS, GREYS, strict=False):
        if min(pose.body_scores[a], pose.body_scores[b]) <= SEEN:
            continue
        (xa, ya), (xb, yb) = _pixel(pose.body[a]), _pixel(pose.body[b])
        length = int(math.hypot(xa - xb, ya - yb))
        angle = int(math.degrees(math.atan2(ya - yb, xa - xb)))
        middle, axes = ((xa + xb) // 2, (ya + yb) // 2), (length // 2, _width(LIMB, scale))
        outline = np.array(cv2.ellipse2Poly(middle, axes, angle, 0, 360, 1), np.int32)
        cv2.fillConvexPoly(drawn, outline, grey)
    return np.asarray(drawn * DIMMED, np.uint8)


def _joints(canvas: GreyImage, pose: WholePose, scale: float) -> None:
    """A joint has the grey of the first limb that ends in it, made brighter."""
    for number, (point, score) in enumerate(zip(pose.body, pose.body_scores, strict=True)):
        if score > SEEN:
            first = next(k for k, limb in enumerate(LIMBS) if number in limb)
            cv2.circle(canvas, _pixel(point), _width(JOINT, scale), min(255, int(GREYS[first] * BRIGHTER)), -1)


def _hand(canvas: GreyImage, points: Points, scores: Scores, scale: float) -> None:
    for (a, b), grey in zip(FINGERS, FINGER_GREYS, strict=True):
        if min(scores[a], scores[b]) > SEEN:
            cv2.line(canvas, _pixel(points[a]), _pixel(points[b]), grey, _width(LINE, scale))
    for point, score in zip(points, scores, strict=True):
        if score > SEEN:
            cv2.circle(canvas, _pixel(point), _width(JOINT, scale), HAND_GREY, -1)


def _pixel(point: Points) -> tuple[int, int]:
    return int(point[0]), int(point[1])


def _width(pixels: int, scale: float) -> int:
    return max(1, round(pixels * scale))
