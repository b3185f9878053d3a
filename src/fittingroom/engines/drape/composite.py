"""Puts everything into one picture in one pass: fills, trunk, arms, sleeves, and what stays in front of them.

Order from back to front: the photo itself; background or skin where the old garment ends up uncovered; the trunk or
the legs of the new garment; bare arms in front of it; sleeves; and above all the photo's own hair, face and hands,
which are never touched. Invariant: where the returned mask is 0 the picture is the photo, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.parts import Drawn
from fittingroom.engines.protocol import Mask, RgbImage

VISIBLE = 0.004


class Kind(StrEnum):
    """What a layer is made of. An evaluation holds the safety rule and the outline against it."""

    FILL = "fill"
    SKIN = "skin"
    CLOTH = "cloth"


@dataclass(frozen=True, slots=True)
class Layer:
    """rgb: float32 (H, W, 3) 0..255; alpha: float32 (H, W); light: brightness factor (H, W) or None.

    kind: CLOTH is the new garment, SKIN what its cut leaves bare, FILL anything else.
    """

    rgb: FloatArray
    alpha: Mask
    light: FloatArray | None = None
    kind: Kind = Kind.FILL


def cloth_layer(drawn: Drawn, keep: Mask, light: FloatArray, grain: FloatArray) -> Layer:
    """A drawn part behind everything that `keep` (1 = in front) protects."""
    return Layer(drawn.rgb + grain[..., None], np.asarray(drawn.alpha * (1.0 - keep), np.float32), light, Kind.CLOTH)


def composite(photo: RgbImage, layers: list[Layer]) -> tuple[RgbImage, Mask]:
    """Paint the layers over the photo. Returns uint8 (H, W, 3) and the soft mask of what may have changed."""
    out = photo.astype(np.float32)
    clear = np.ones(photo.shape[:2], np.float32)
    for layer in layers:
        alpha = np.where(layer.alpha > VISIBLE, layer.alpha, 0.0)[..., None]
        rgb = layer.rgb if layer.light is None else layer.rgb * layer.light[..., None]
        out = out * (1.0 - alpha) + np.clip(rgb, 0.0, 255.0) * alpha
        clear *= 1.0 - alpha[..., 0]
    mask = np.asarray(np.clip(1.0 - clear, 0.0, 1.0), np.float32)
    picture = np.where(mask[..., None] > 0, np.rint(out), photo).clip(0, 255).astype(np.uint8)
    return picture, mask
