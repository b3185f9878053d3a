"""How light falls on a bare arm or leg.

A limb has the surface of an arm or a leg (`anatomy.py`): bright where it turns to the light's side and upwards, darker
towards its edges and towards the trunk or the other leg. Which side the light comes from is read from the photo: the
worn sleeve or trouser leg on the same limb is lit as the skin will be, and the face, lit by the same lamp, is the
second witness. Invariant: factors stay within 0.45 and 1.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.anatomy import anatomy, joint_of
from fittingroom.engines.drape.body import Limb
from fittingroom.engines.drape.limbs import LimbField
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person
from fittingroom.engines.protocol import Mask

MAX_SIDE = 0.16
MAX_ALONG = 0.20
# Of the fit's terms: across, along, roundness, constant.
RIDGE = (0.04, 0.015, 0.02, 0.0)
MIN_WITNESS, ENOUGH_WITNESS = 100, 1200
FACE_TRUST, CLOTH_TRUST = 0.5, 0.6
DARK = 45.0
ROUND, ROUND_RANGE, EDGE_POWER = 0.24, (0.10, 0.42), 3.5
INNER = 0.08
FROM_ABOVE, JOINT_SOFT = 0.18, 0.12
RANGE = (0.45, 1.2)


@dataclass(frozen=True, slots=True)
class Light:
    """side: change of log brightness from a limb's middle to its right edge. along: from its start to its end.
    rounding: fall of log brightness from its middle to both its edges.

    inner: +1 where the trunk or the other leg lies to the right of the limb, -1 to its left. leg: a leg, else an arm.
    joint: the fraction of the limb at its elbow or knee. down: how far the parts above and below it point down, -1..1.
    """

    side: float
    along: float
    rounding: float
    inner: float
    leg: bool
    joint: float = 0.5
    down: tuple[float, float] = (1.0, 1.0)

    def shade(self, fraction: FloatArray, across: FloatArray) -> FloatArray:
        """Brightness factor (N,) of points by their place on the limb, (N,) each."""
        usual, s = anatomy(self.leg), np.clip(across, -1.1, 1.1)
        normal = usual.looked_up(usual.normal, usual.true(fraction, self.joint), -self.inner * s)
        right = -self.inner * normal[:, 0]
        log = self.side * right + self.along * (np.clip(fraction, 0.0, 1.0) - 0.5)
        log = log + 0.03 - self.rounding * np.hypot(right, normal[:, 1]) ** EDGE_POWER
        log = log - INNER * np.clip(self.inner * s, 0.0, 1.0) ** 1.5
        log = log - FROM_ABOVE * self._downwards(fraction) * normal[:, 1]
        gloss = np.clip(3.0 * self.side, -0.4, 0.4) - 0.1 * self.inner
        log = log + 0.035 * np.exp(-(((right - gloss) / 0.28) ** 2))
        return np.asarray(np.clip(np.exp(log), *RANGE), np.float32)

    def skin(self, fraction: FloatArray, across: FloatArray) -> FloatArray:
        """Colour factors (N, 3) of a limb's skin: knees and elbows are redder than shins."""
        usual = anatomy(self.leg)
        return np.exp(usual.looked_up(usual.skin, usual.true(fraction, self.joint), -self.inner * across))

    def _downwards(self, fraction: FloatArray) -> FloatArray:
        """How far down the limb points at each place, -1 to 1; softly round its middle joint."""
        upper, lower = self.down
        share = np.clip((fraction - self.joint) / JOINT_SOFT + 0.5, 0.0, 1.0)
        return np.asarray(upper + share * (lower - upper), np.float32)


def light_on(person: Person, worn: Mask, field: LimbField, limb: Limb, inner: float, leg: bool) -> Light:
    """What a limb's own skin, the worn cloth on it and the face tell about the light on it."""
    cloth, skin = _witness(person, worn, field, CLOTH_TRUST), _witness(person, person.skin, field, 1.0)
    heard = [(face_light(person), FACE_TRUST), (cloth.side, cloth.trust), (skin.side, skin.trust)]
    side = sum(value * trust for value, trust in heard) / sum(trust for _, trust in heard)
    rounding = (ROUND + skin.trust * 2 * skin.rounding) / (1.0 + 2 * skin.trust)
    return Light(
        float(np.clip(side, -MAX_SIDE, MAX_SIDE)),
        float(np.clip(cloth.along, -MAX_ALONG, MAX_ALONG)),
        float(np.clip(rounding, *ROUND_RANGE)),
        inner,
        leg,
        joint_of(limb),
        _down(limb),
    )


def _down(limb: Limb) -> tuple[float, float]:
    middle = len(limb.points) // 2
    ways = limb.points[middle] - limb.points[0], limb.points[-1] - limb.points[middle]
    above, below = (float(way[1] / max(float(np.linalg.norm(way)), 1e-6)) for way in ways)
    return above, below


@dataclass(frozen=True, slots=True)
class _Witness:
    side: float = 0.0
    along: float = 0.0
    rounding: float = 0.0
    trust: float = 0.0


def _witness(person: Person, shown: Mask, field: LimbField, trust: float) -> _Witness:
    """Ridge fit of log luminance on place across and along a limb; folds, prints and freckles average out."""
    half = np.s_[::2, ::2]
    where = np.nonzero((shown[half] > 0.9) & (field.ratio[half] < 1.0) & _between(field.fraction[half], 0.15, 1.02))
    if len(where[0]) < MIN_WITNESS:
        return _Witness()
    colours = person.rgb[half][where].astype(np.float32)
    luminance = colours @ np.array([0.299, 0.587, 0.114], np.float32) + 8.0
    # What is black tells little, and its gloss and dust much.
    trust *= min(1.0, float(np.median(luminance)) / DARK) ** 2 * min(1.0, len(where[0]) / ENOUGH_WITNESS)
    y = np.log(luminance) - np.log(np.median(luminance))
    usual = np.abs(y) < 0.5
    s, f = field.across[half][where][usual], field.fraction[half][where][usual]
    bend = np.abs(s) ** EDGE_POWER
    x = np.stack([s, f - f.mean(), bend - bend.mean(), np.ones_like(s)], axis=1)
    gram = x.T @ x / len(s) + np.diag(np.array(RIDGE, np.float32))
    fit = np.linalg.solve(gram, x.T @ y[usual] / len(s))
    return _Witness(float(fit[0]), float(fit[1]) * trust, -float(fit[2]), trust)


def _between(values: FloatArray, low: float, high: float) -> NDArray[np.bool_]:
    return np.asarray((values > low) & (values < high))


def face_light(person: Person) -> float:
    """Log brightness of the face's right half against its left, over its half width."""
    ys, xs = np.nonzero(person.face > 0.8)
    if len(xs) < 4 * MIN_WITNESS:
        return 0.0
    box = np.s_[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    grey = cv2.cvtColor(np.ascontiguousarray(person.rgb[box]), cv2.COLOR_RGB2GRAY).astype(np.float32)
    values = np.log(grey[ys - ys.min(), xs - xs.min()] + 8.0)
    middle, half = float(np.median(xs)), max(1.0, float(np.percentile(xs, 95) - np.percentile(xs, 5)) / 2)
    left, right = (np.median(values[side]) for side in (xs < middle - 0.25 * half, xs > middle + 0.25 * half))
    return float(right - left) / 1.1
