"""How light falls on a bare arm or leg.

A limb is a bent cylinder with a little anatomy: bright on the light's side, darker towards its edges and towards the
trunk or the other leg, with a hint of elbow or knee. Which side the light comes from is read from the photo: the worn
sleeve or trouser leg on the same limb is lit as the skin will be, and the face, lit by the same lamp, is the second
witness. Invariant: factors stay within 0.45 and 1.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

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
RANGE = (0.45, 1.2)


@dataclass(frozen=True, slots=True)
class Light:
    """side: change of log brightness from a limb's middle to its right edge. along: from its start to its end.
    rounding: fall of log brightness from its middle to both its edges.

    inner: +1 where the trunk or the other leg lies to the right of the limb, -1 to its left. leg: a leg, else an arm.
    """

    side: float
    along: float
    rounding: float
    inner: float
    leg: bool

    def shade(self, fraction: FloatArray, across: FloatArray) -> FloatArray:
        """Brightness factor of points by their place on the limb; shapes as given."""
        s = np.clip(across, -1.1, 1.1)
        log = self.side * s + self.along * (np.clip(fraction, 0.0, 1.0) - 0.5)
        log = log + 0.03 - self.rounding * np.abs(s) ** EDGE_POWER
        log = log - INNER * np.clip(self.inner * s, 0.0, 1.0) ** 1.5
        gloss = np.clip(3.0 * self.side, -0.4, 0.4) - 0.1 * self.inner
        log = log + 0.035 * np.exp(-(((s - gloss) / 0.28) ** 2))
        log = log + (_knee(fraction, s) if self.leg else _elbow(fraction, s, self.inner))
        return np.asarray(np.clip(np.exp(log), *RANGE), np.float32)


def light_on(person: Person, worn: Mask, field: LimbField, inner: float, leg: bool) -> Light:
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
    )


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


def _elbow(fraction: FloatArray, s: FloatArray, inner: float) -> FloatArray:
    """The deltoid's light, the crook of the elbow, and the forearm's muscle."""
    deltoid = 0.04 * _bump(fraction, 0.10, 0.07) * _bump(s, -0.2 * inner, 0.5)
    crook = -0.10 * _bump(fraction, 0.50, 0.022) * _bump(s, 0.35 * inner, 0.6)
    hollow = -0.06 * _bump(fraction, 0.47, 0.05) * _bump(s, 0.5 * inner, 0.4)
    muscle = 0.06 * _bump(fraction, 0.62, 0.07) * _bump(s, -0.25 * inner, 0.35)
    biceps = 0.05 * _bump(fraction, 0.33, 0.07) * _bump(s, 0.1 * inner, 0.4)
    return np.asarray(deltoid + crook + hollow + muscle + biceps, np.float32)


def _knee(fraction: FloatArray, s: FloatArray) -> FloatArray:
    """The kneecap between its two hollows, the shadow below it, the shin."""
    cap = 0.09 * _bump(fraction, 0.485, 0.025) * _bump(s, 0.0, 0.38)
    hollows = -0.11 * _bump(fraction, 0.49, 0.04) * (_bump(s, 0.62, 0.22) + _bump(s, -0.62, 0.22))
    below = -0.095 * _bump(fraction, 0.53, 0.018) * _bump(s, 0.0, 0.5)
    above = -0.06 * _bump(fraction, 0.44, 0.02) * _bump(s, 0.0, 0.5)
    shin = 0.055 * _bump(fraction, 0.70, 0.11) * _bump(s, 0.05, 0.22)
    calf = -0.05 * _bump(fraction, 0.66, 0.09) * (_bump(s, 0.75, 0.25) + _bump(s, -0.75, 0.25))
    ankle = 0.05 * _bump(fraction, 0.97, 0.02) * (_bump(s, 0.6, 0.25) + _bump(s, -0.6, 0.25))
    return np.asarray(cap + hollows + below + above + shin + calf + ankle, np.float32)


def _bump(x: FloatArray, centre: float, width: float) -> FloatArray:
    return np.asarray(np.exp(-(((x - centre) / width) ** 2)), np.float32)
