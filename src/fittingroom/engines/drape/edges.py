"""Where cloth ends: the thickness of hems and cuffs, and the soft dark line that they throw on what lies below.

Without them a drawn garment looks pasted on. Invariant: a shadow falls only on the person, never on the scene behind,
and cloth is only darkened or lightened within a few pixels of its end.
"""

from __future__ import annotations

import cv2
import numpy as np

from fittingroom.engines.drape.composite import Layer, visible_box
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.parts import Drawn, union
from fittingroom.engines.drape.raster import Raster, raster
from fittingroom.engines.drape.removal import Removal
from fittingroom.engines.drape.scene import Scene, steep
from fittingroom.engines.protocol import Mask

TURN, ROLL = 0.10, 0.035
HEM = 0.009
HEM_SHADOW = 0.42
CUFF_SHADOW = 0.30
SHADED_ALREADY = 0.6
FALL = 0.035
SPREAD = 0.018
TINT = (22.0, 15.0, 14.0)


def hem_light(alpha: Mask, sw: float) -> FloatArray:
    """Brightness factor float32 (H, W) of the cloth's lower ends: a roll that catches light, and a dark turn below."""
    step = max(1.0, HEM * sw)
    factor = np.ones_like(alpha)
    area = visible_box(alpha)
    rows = area[0].stop - area[0].start
    if rows == 0:
        return factor
    # Room below, so that a hem at the box's end is one; a garment that the frame cuts off has none.
    border = cv2.BORDER_CONSTANT if area[0].stop < len(alpha) else cv2.BORDER_REPLICATE
    part = np.asarray(cv2.copyMakeBorder(alpha[area], 0, round(3 * step), 0, 0, border), np.float32)
    falls = [np.clip(part - _moved(part, 0.0, -k * step), 0.0, 1.0) for k in (1.0, 2.6)]
    turn, roll = (cv2.GaussianBlur(f, (0, 0), 0.6 * step)[:rows] for f in falls)
    factor[area] = 1.0 - TURN * turn + ROLL * np.maximum(roll - turn, 0.0)
    return factor


def hem_shadow(scene: Scene, drawn: list[Drawn], removal: Removal, keep: Mask) -> Layer:
    """The shadow of trunk or skirt on legs and on clothes that stay. removal: what does not; skin painted there has a
    soft shadow already. keep: what lies in front, (H, W)."""
    stays = scene.person.cloth * (1.0 - removal.plate) * (1.0 - keep)
    body = np.maximum(np.maximum(stays, removal.legs), scene.person.skin * (1.0 - _arms(scene)))
    return _shadow(union([d.alpha for d in drawn]), body, scene, HEM_SHADOW, removal.legs)


def cuff_shadow(scene: Scene, sleeves: list[Drawn], removal: Removal) -> Layer:
    """The shadow of sleeves on bare arms. removal: as for `hem_shadow`."""
    arms = np.maximum(scene.person.skin * _arms(scene), removal.front)
    return _shadow(union([d.alpha for d in sleeves]), arms, scene, CUFF_SHADOW, removal.front)


def _arms(scene: Scene) -> Mask:
    return np.asarray(np.minimum(scene.arms[0].ratio, scene.arms[1].ratio) < 1.3, np.float32)


def _shadow(casts: Mask, falls_on: FloatArray, scene: Scene, strength: float, painted: Mask) -> Layer:
    grid: Raster = raster(scene.shape, scene.body.sw)
    low = _moved(grid.down(casts), 0.0, FALL * grid.unit)
    depth = grid.up(grid.blur(low, SPREAD)) * (1.0 - casts)
    front = np.maximum(scene.head, scene.hands)
    free = steep(np.clip(falls_on, 0.0, 1.0)) * (1.0 - SHADED_ALREADY * painted) * (1.0 - front)
    rgb = np.broadcast_to(np.array(TINT, np.float32), (*scene.shape, 3))
    return Layer(rgb, np.asarray(np.clip(strength * depth * free, 0.0, 1.0), np.float32))


def _moved(values: FloatArray, right: float, down: float) -> FloatArray:
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    return np.asarray(cv2.warpAffine(values, matrix, values.shape[::-1], flags=cv2.INTER_LINEAR), np.float32)
