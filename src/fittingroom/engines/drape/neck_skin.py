"""The skin of neck, collarbones and shoulders under a wider neckline.

It goes on from the neck that the old collar left visible, jaw shadow included, into the person's tone; below it there
is no more than a hint of a neck's roundness, of the two muscles that meet in the notch, and of the collarbones.
Invariant: as for limbs, only pixels of the given mask are worked out.
"""

from __future__ import annotations

import numpy as np

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.skin import REACH, VISIBLE, Tone, looked_up, texture, tinted, tones_along
from fittingroom.engines.protocol import Mask

# Place along the neck: its height v (sw below the shoulders) counted from here.
TOP_V = -0.75
HALF = 0.17
SEEN_HALF = 0.16
NOTCH_V = -0.06
JAW = 1.7


def paint_neck(
    mask: Mask,
    person: Person,
    uv: tuple[FloatArray, FloatArray],
    side: float,
    shadow: FloatArray,
    tone: Tone,
    rng: np.random.Generator,
) -> FloatArray:
    """Skin float32 (H, W, 3) 0..255 where `mask` is not 0; black elsewhere.

    uv: of every pixel, in sw. side: change of log brightness from the middle of the neck to its right edge. shadow:
    brightness factor (H, W) of what the head casts; it counts where no real neck, which has its own, shows nearby.
    """
    out = np.zeros((*mask.shape, 3), np.float32)
    where = np.nonzero(mask > VISIBLE)
    if not len(where[0]):
        return out
    u, v = uv
    place = np.asarray(np.clip(v - TOP_V, 0.0, REACH), np.float32)
    core = (np.abs(u) < SEEN_HALF) & (v > TOP_V) & (v < TOP_V + REACH)
    table, own = tones_along(person, place, core, tone)
    colour, known = looked_up(table, place[where]), looked_up(own[:, None], place[where])[:, 0]
    # With distance from the jaw its shadow ends, wherever the real neck stopped.
    factor = neck_shade(u[where], v[where], side) * np.power(shadow[where], JAW * (1.0 - known))
    out[where] = tinted(colour, factor) + texture(mask.shape, where, tone, rng)
    return out


def neck_shade(u: FloatArray, v: FloatArray, side: float) -> FloatArray:
    """Brightness factor at places (sw) of neck and upper chest."""
    on_neck = np.clip((-0.06 - v) / 0.10, 0.0, 1.0)
    s = np.clip(u / HALF, -1.1, 1.1)
    log = 0.8 * side * s - on_neck * 0.22 * np.abs(s) ** 3
    out = np.abs(u)
    line = 0.03 + 0.35 * np.clip(NOTCH_V - v, 0.0, 0.4)
    log = log - 0.05 * on_neck * np.exp(-(((out - line) / 0.022) ** 2))
    log = log - 0.07 * np.exp(-((u / 0.028) ** 2) - ((v - NOTCH_V) / 0.025) ** 2)
    bone = NOTCH_V + 0.02 - 0.16 * out
    along = np.clip((out - 0.04) / 0.05, 0.0, 1.0) * np.clip((0.46 - out) / 0.15, 0.0, 1.0)
    log = log + along * (
        0.03 * np.exp(-(((v - bone) / 0.018) ** 2)) - 0.05 * np.exp(-(((v - bone - 0.035) / 0.02) ** 2))
    )
    return np.asarray(np.clip(np.exp(log), 0.5, 1.15), np.float32)
