"""How light changes a colour, so that white stays white, black keeps its detail and the hue is the product's.

Also what the product photo's own lamp did to it.

Invariant: a factor of 1 leaves every colour as it is.
"""

from __future__ import annotations

import cv2
import numpy as np

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.raster import Raster, raster
from fittingroom.engines.drape.relief import Relief
from fittingroom.engines.drape.types import Garment
from fittingroom.engines.protocol import RgbImage

SHADED, LIT = 8.0, 42.0
"""Grey levels that black cloth loses and gains by its sheen: its folds show more by what they throw back."""
DARK = 90.0
HEADROOM = 70.0
GARMENT_WIDTH = 3.0
EVEN_SIZE = 0.22
EVEN_LIMIT = 0.28
BRIGHT, DIMMEST = 170.0, 0.82


def garment_raster(garment: Garment) -> Raster:
    """A raster for the garment photo, whose width counts as three shoulder distances."""
    height, width = garment.alpha.shape
    return raster((height, width), width / GARMENT_WIDTH)


def evened(garment: Garment, own: Relief) -> RgbImage:
    """The garment photo without its own broad light and shade: the side away from a window, a lamp's spot.

    own: the garment photo's shading, in which prints have no part, on its raster. What is finer than EVEN_SIZE, the
    cloth's own creases, stays; so does the median brightness, which is the product's.
    """
    grid = garment_raster(garment)
    within = np.asarray(grid.down(garment.alpha) > 0.8, np.float32)
    if not within.any():
        return garment.rgb
    broad = grid.blur_within(own.shade, within, EVEN_SIZE)
    broad = EVEN_LIMIT * np.tanh((broad - np.median(broad[within > 0])) / EVEN_LIMIT)
    factor = grid.up(np.asarray(np.exp(-own.trust * broad), np.float32))
    lit = relit(garment.rgb.astype(np.float32), factor)
    return np.asarray(np.clip(np.rint(lit), 0, 255), np.uint8)


def exposure(photo: RgbImage) -> float:
    """A factor <= 1 for product photos, which are exposed for white, in person photos (H, W, 3) that are plainly dim.

    The whole picture's highlights tell, not the person: dark clothes and dark skin are no dim light.
    """
    brightest = float(np.percentile(cv2.cvtColor(photo[::2, ::2], cv2.COLOR_RGB2GRAY), 99.5))
    return float(np.clip(brightest / BRIGHT, DIMMEST, 1.0))


def relit(rgb: FloatArray, factor: FloatArray) -> FloatArray:
    """Colours float32 (H, W, 3) 0..255 under `factor` (H, W) times as much light.

    Brightening fades out towards white, as a camera's curve does; dark cloth gains and loses a little sheen.
    """
    gain = (factor - 1.0)[..., None]
    dark = np.clip(1.0 - rgb.mean(axis=-1, keepdims=True) / DARK, 0.0, 1.0)
    room = np.clip((255.0 - rgb) / HEADROOM, 0.0, 1.0)
    brighter, darker = (rgb + LIT * dark) * room, rgb + SHADED * dark
    return np.asarray(rgb + gain * np.where(gain > 0, brighter, darker), np.float32)
