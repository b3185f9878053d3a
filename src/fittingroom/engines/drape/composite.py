"""Puts everything into one picture in one pass: fills, trunk, arms, sleeves, and what stays in front of them.

Order from back to front: the photo itself; background or skin where the old garment ends up uncovered; the trunk or
the legs of the new garment; bare arms in front of it; sleeves; and above all the photo's own hair, face and hands,
which are never touched. Invariant: where the returned mask is 0 the picture is the photo, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from fittingroom.engines.drape.colour import relit
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
    """A drawn part under `light` (brightness factor), behind everything that `keep` (1 = in front) protects."""
    alpha = np.asarray(drawn.alpha * (1.0 - keep), np.float32)
    rgb = drawn.rgb.copy()
    area = visible_box(alpha)
    rgb[area] = relit(rgb[area], light[area]) + grain[area][..., None]
    return Layer(rgb, alpha, None, Kind.CLOTH)


def composite(photo: RgbImage, layers: list[Layer]) -> tuple[RgbImage, Mask]:
    """Paint the layers over the photo. Returns uint8 (H, W, 3) and the soft mask of what may have changed."""
    out = photo.astype(np.float32)
    clear = np.ones(photo.shape[:2], np.float32)
    for layer in layers:
        area = visible_box(layer.alpha)
        alpha = np.where(layer.alpha[area] > VISIBLE, layer.alpha[area], np.float32(0.0))
        rgb = layer.rgb[area] if layer.light is None else layer.rgb[area] * layer.light[area][..., None]
        out[area] += (np.clip(rgb, 0.0, 255.0) - out[area]) * alpha[..., None]
        clear[area] *= 1.0 - alpha
    mask = np.asarray(1.0 - clear, np.float32)
    picture = photo.copy()
    changed = mask > 0
    picture[changed] = np.rint(out[changed]).clip(0, 255).astype(np.uint8)
    return picture, mask


def visible_box(alpha: Mask) -> tuple[slice, slice]:
    """Rows and columns outside of which nothing is visible."""
    seen = alpha > VISIBLE
    rows, cols = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if len(rows) == 0:
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(cols[0]), int(cols[-1]) + 1)
