"""The body under the clothes as a drawing needs it: axes, shoulder distance, limbs as polylines, limb radii.

Invariant: "left" and "right" are the picture's, decided by where the shoulders lie, so that a person seen from behind
needs no special case. Lengths are measured in `sw`, the shoulder distance, which is never taken below .52 of the
torso's length (a turned person's shoulders seem too close).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fittingroom.engines.drape.nets import FloatArray, Pose

SHOULDERS, ELBOWS, WRISTS, PINKY, INDEX = (11, 12), (13, 14), (15, 16), (17, 18), (19, 20)
HIPS, KNEES, ANKLES = (23, 24), (25, 26), (27, 28)
MIN_SHOULDER_TO_TORSO = 0.52
SEEN = 0.5
Side = int  # 0 = the picture's left, 1 = its right
SIDES: tuple[Side, Side] = (0, 1)


@dataclass(frozen=True, slots=True)
class Limb:
    """A polyline, float32 (N, 2) px, from the trunk outwards. seen: its last joints are visible, not guessed behind
    the body or beyond the frame."""

    points: FloatArray
    seen: bool

    @property
    def length(self) -> float:
        """Length along the polyline, px."""
        return float(np.linalg.norm(np.diff(self.points, axis=0), axis=1).sum())


@dataclass(frozen=True, slots=True)
class Body:
    """sw: px. origin: mid of the shoulders. ux, uy: unit vectors to the picture's right and down along the spine.

    arms, legs: (left, right). hands: wrist and knuckles of each hand, float32 (2, 2) px.
    """

    sw: float
    origin: FloatArray
    ux: FloatArray
    uy: FloatArray
    shoulders: tuple[FloatArray, FloatArray]
    hips: tuple[FloatArray, FloatArray]
    arms: tuple[Limb, Limb]
    legs: tuple[Limb, Limb]
    hands: tuple[FloatArray, FloatArray]
    turned: float

    def at(self, u: float, v: float) -> FloatArray:
        """The picture point u to the right and v down from the shoulder mid, both in sw."""
        return np.asarray(self.origin + self.sw * (u * self.ux + v * self.uy), np.float32)

    def coords(self, points: FloatArray) -> FloatArray:
        """The inverse of `at` for points (..., 2)."""
        d = (points - self.origin) / self.sw
        return np.stack([d @ self.ux, d @ self.uy], axis=-1)

    @property
    def hip_v(self) -> float:
        """Height of the hip joints, in sw below the shoulders."""
        return float(self.coords((self.hips[0] + self.hips[1]) / 2)[1])


def body_of(pose: Pose) -> Body:
    """Build the frame from BlazePose's landmarks."""
    p = pose.points
    order = (0, 1) if p[SHOULDERS[0], 0] <= p[SHOULDERS[1], 0] else (1, 0)

    def pick(pair: tuple[int, int]) -> tuple[int, int]:
        return pair[order[0]], pair[order[1]]

    s, h = pick(SHOULDERS), pick(HIPS)
    origin = (p[s[0]] + p[s[1]]) / 2
    spine = (p[h[0]] + p[h[1]]) / 2 - origin
    torso = float(np.linalg.norm(spine))
    uy = spine / max(torso, 1e-6)
    ux = np.array([uy[1], -uy[0]], np.float32)
    across = float(np.linalg.norm(p[s[1]] - p[s[0]]))
    sw = max(across, MIN_SHOULDER_TO_TORSO * torso)
    return Body(
        sw=sw,
        origin=origin,
        ux=ux,
        uy=uy,
        shoulders=(p[s[0]], p[s[1]]),
        hips=(p[h[0]], p[h[1]]),
        arms=_limbs(pose, [s, pick(ELBOWS), pick(WRISTS)]),
        legs=_limbs(pose, [h, pick(KNEES), pick(ANKLES)]),
        hands=_hands(p, pick(WRISTS), pick(INDEX), pick(PINKY)),
        turned=1.0 - across / sw,
    )


def _hands(
    points: FloatArray, wrists: tuple[int, int], index: tuple[int, int], pinky: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    hands = [np.stack([points[w], points[[i, p]].mean(axis=0)]) for w, i, p in zip(wrists, index, pinky, strict=True)]
    return hands[0], hands[1]


def _limbs(pose: Pose, joints: list[tuple[int, int]]) -> tuple[Limb, Limb]:
    chains = [[pair[side] for pair in joints] for side in SIDES]
    limbs = [Limb(pose.points[chain], bool(pose.visibility[chain[1:]].min() > SEEN)) for chain in chains]
    return limbs[0], limbs[1]


def along(points: FloatArray, distance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Points and unit tangents at given distances (px) along a polyline; beyond its end it goes on straight."""
    steps = np.diff(points, axis=0)
    lengths = np.maximum(np.linalg.norm(steps, axis=1), 1e-6)
    starts = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    index = np.clip(np.searchsorted(starts, distance, side="right") - 1, 0, len(lengths) - 1)
    unit = steps[index] / lengths[index, None]
    return (
        np.asarray(points[index] + unit * (distance - starts[index])[:, None], np.float32),
        np.asarray(unit, np.float32),
    )


def smooth(points: FloatArray, count: int = 48, sigma: float = 3.0) -> FloatArray:
    """Resample a polyline to `count` points with rounded corners; its ends stay."""
    total = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    dense, _ = along(points, np.linspace(0.0, total, count))
    pad = int(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-pad, pad + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    # Point reflection at the ends keeps them where they are, which plain edge padding does not.
    before = 2 * dense[0] - dense[pad:0:-1]
    after = 2 * dense[-1] - dense[-2 : -pad - 2 : -1]
    full = np.concatenate([before, dense, after])
    return np.asarray(np.stack([np.convolve(full[:, i], kernel, "valid") for i in (0, 1)], axis=1), np.float32)
