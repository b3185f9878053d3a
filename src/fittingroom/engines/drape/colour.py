"""How light changes a colour, so that white stays white, black keeps its detail and the hue is the product's.

Invariant: a factor of 1 leaves every colour as it is.
"""

from __future__ import annotations

import numpy as np

from fittingroom.engines.drape.nets import FloatArray

SHADED, LIT = 8.0, 42.0
"""Grey levels that black cloth loses and gains by its sheen: its folds show more by what they throw back."""
DARK = 90.0
HEADROOM = 70.0


def relit(rgb: FloatArray, factor: FloatArray) -> FloatArray:
    """Colours float32 (H, W, 3) 0..255 under `factor` (H, W) times as much light.

    Brightening fades out towards white, as a camera's curve does; dark cloth gains and loses a little sheen.
    """
    gain = (factor - 1.0)[..., None]
    dark = np.clip(1.0 - rgb.mean(axis=-1, keepdims=True) / DARK, 0.0, 1.0)
    room = np.clip((255.0 - rgb) / HEADROOM, 0.0, 1.0)
    brighter, darker = (rgb + LIT * dark) * room, rgb + SHADED * dark
    return np.asarray(rgb + gain * np.where(gain > 0, brighter, darker), np.float32)
