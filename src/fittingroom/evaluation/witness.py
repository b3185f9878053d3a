"""What the drape engine drew, as masks in the photo's own size that the measures can work on.

The engine composes a picture of layers, each marked as cloth, skin or fill (`Layer.kind`); here they are folded into
the visible new garment, its colours before any light, the old garment, and the zone that must show no skin.
Invariant: every array has the photo's height and width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.composite import Kind
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.protocol import ClothesType, Mask
from fittingroom.evaluation.measures import skin

ARM = 1.25
"""In radii of the arm: its pixels, with its soft edge."""


@dataclass(frozen=True, slots=True)
class Witness:
    """cloth: visible alpha of the new garment. flat: its colours without light, float32 (H, W, 3) 0..255. old: of the
    garment it replaces. body: hair, face and skin of the photo. skin: alphas of the painted skin. no_skin: where none
    may be. unit: shoulder distance, px."""

    cloth: Mask
    flat: FloatArray
    old: NDArray[np.bool_]
    body: NDArray[np.bool_]
    skin: list[Mask]
    no_skin: NDArray[np.bool_]
    unit: float


def witness(scene: Scene, clothes_type: ClothesType, shape: tuple[int, ...]) -> Witness:
    """Fold the scene. shape: of the photo, whose height and width the answer takes."""
    cloth, flat = _visible(scene)
    person = scene.person
    worn = {
        ClothesType.UPPER: person.upper + person.full,
        ClothesType.LOWER: person.lower + person.full,
        ClothesType.DRESS: person.cloth,
    }[clothes_type]
    body = np.maximum(np.maximum(person.hair, person.face), person.skin) > 0.5

    def fitted(array: NDArray[Any]) -> NDArray[Any]:
        kind = array.dtype
        if array.shape[:2] == shape[:2]:
            return array
        plain = array.astype(np.uint8) if kind == np.bool_ else array
        return np.asarray(cv2.resize(plain, shape[1::-1], interpolation=cv2.INTER_NEAREST)).astype(kind)

    return Witness(
        cloth=fitted(cloth),
        flat=fitted(flat),
        old=fitted(np.asarray(worn > 0.5)),
        body=fitted(np.asarray(body)),
        skin=[fitted(layer.alpha) for layer in scene.layers if layer.kind is Kind.SKIN],
        no_skin=fitted(_no_skin(scene)),
        unit=scene.body.sw * shape[0] / scene.shape[0],
    )


def _visible(scene: Scene) -> tuple[Mask, FloatArray]:
    """Alpha of what can be seen of the garment, and its colours before light."""
    seen = np.zeros(scene.shape, np.float32)
    flat = np.zeros((*scene.shape, 3), np.float32)
    for layer in scene.layers:
        seen = seen * (1.0 - layer.alpha)
        if layer.kind is Kind.CLOTH:
            seen = seen + layer.alpha
            flat += (layer.rgb - flat) * layer.alpha[..., None]
    return np.asarray(seen, np.float32), np.asarray(flat, np.float32)


def _no_skin(scene: Scene) -> NDArray[np.bool_]:
    height, width = scene.shape
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    coords = scene.body.coords(np.stack([xs, ys], axis=-1))
    limbs = (np.minimum(scene.arms[0].ratio, scene.arms[1].ratio) < ARM) | (scene.hands > 0.1)
    return skin.zone(coords[..., 0], coords[..., 1], scene.body.hip_v, scene.person.cloth, np.asarray(limbs))
