"""Reads the person photo: who stands where, and which pixel is hair, skin, old garment or background.

Three networks answer parts of it and none is right alone: BlazePose finds the person, u2net-cloth the garments,
selfie_multiclass hair and skin. Every map is refined on the photo's own edges (guided filter). Invariant: all maps
have the photo's size, float32, 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fittingroom.engines.drape.nets import PERSON_AREA, FloatArray, Nets, Pose
from fittingroom.engines.protocol import Mask, RgbImage

BODY_MARGIN = 0.12
MIN_PERSON_SHARE = 0.01
WHOLE_FRAME_WEIGHT = 0.35


@dataclass(frozen=True, slots=True)
class Person:
    """What the photo shows.

    alpha: the person against the background. hair, face, skin (arms, hands, legs, neck and chest), upper, lower, full
    (garments by u2net-cloth's classes): probabilities. pose is None where BlazePose saw nobody, as on many photos
    that stop at the waist.
    """

    rgb: RgbImage
    pose: Pose | None
    alpha: Mask
    hair: Mask
    face: Mask
    skin: Mask
    upper: Mask
    lower: Mask
    full: Mask

    @property
    def cloth(self) -> Mask:
        """Probability of any garment."""
        return np.asarray(np.clip(self.upper + self.lower + self.full, 0.0, 1.0), np.float32)


def analyse_person(rgb: RgbImage, nets: Nets) -> Person:
    """Parse one person photo, uint8 RGB (H, W, 3). It does not decide whether anyone is there: see `Body`."""
    pose = nets.pose(rgb)
    box = _body_box(rgb, pose)
    rows, cols = slice(box[1], box[3]), slice(box[0], box[2])
    crop = np.ascontiguousarray(rgb[rows, cols])
    cloth = _paste(refine(nets.cloth(crop, PERSON_AREA), crop), rgb.shape[:2], rows, cols)
    selfie = _paste(refine(_selfie(crop, nets), crop), rgb.shape[:2], rows, cols)
    covered = np.max(cloth[..., 1:], axis=-1)
    background = selfie[..., 0] if pose is None else 0.5 * (selfie[..., 0] + 1.0 - pose.mask)
    alpha = np.maximum(1.0 - background, covered)
    return Person(
        rgb=rgb,
        pose=pose,
        alpha=_ramp(alpha),
        hair=selfie[..., 1],
        face=selfie[..., 3],
        skin=selfie[..., 2],
        upper=cloth[..., 1],
        lower=cloth[..., 2],
        full=cloth[..., 3],
    )


def refine(maps: FloatArray, guide: RgbImage, radius: int = 5, eps: float = 30.0) -> FloatArray:
    """Pull probability maps (H, W, C) to the photo's edges by a guided filter (He et al., 2010).

    eps is on the 0..255 scale, squared units, as in OpenCV.
    """
    guided = cv2.ximgproc.createGuidedFilter(guide.astype(np.float32), radius, eps)
    layers = [guided.filter(np.ascontiguousarray(maps[..., i])) for i in range(maps.shape[-1])]
    return np.asarray(np.stack(layers, axis=-1).clip(0.0, 1.0), np.float32)


def _ramp(mask: Mask) -> Mask:
    """Steepen a soft mask around one half, so that its interior is 1 and its outside 0."""
    return np.asarray(np.clip((mask - 0.3) / 0.5, 0.0, 1.0), np.float32)


def _body_box(rgb: RgbImage, pose: Pose | None) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 of the person with a margin; the whole frame where nobody was found."""
    height, width = rgb.shape[:2]
    if pose is None:
        return 0, 0, width, height
    ys, xs = np.nonzero(pose.mask > 0.5)
    if len(xs) < MIN_PERSON_SHARE * height * width:
        return 0, 0, width, height
    x0, x1, y0, y1 = xs.min(), xs.max() + 1, ys.min(), ys.max() + 1
    mx, my = BODY_MARGIN * (x1 - x0), BODY_MARGIN * (y1 - y0)
    return max(0, int(x0 - mx)), max(0, int(y0 - my)), min(width, int(x1 + mx)), min(height, int(y1 + my))


def _selfie(rgb: RgbImage, nets: Nets) -> FloatArray:
    """selfie_multiclass on the whole crop and on its two end squares: the squares give sharper arms and hair."""
    height, width = rgb.shape[:2]
    side = min(height, width)
    total = WHOLE_FRAME_WEIGHT * nets.selfie(rgb)
    weight = np.full((height, width, 1), WHOLE_FRAME_WEIGHT, np.float32)
    for first in {0, max(height, width) - side}:
        part = np.s_[first : first + side, :] if height >= width else np.s_[:, first : first + side]
        total[part] += (1 - WHOLE_FRAME_WEIGHT) * nets.selfie(np.ascontiguousarray(rgb[part]))
        weight[part] += 1 - WHOLE_FRAME_WEIGHT
    return np.asarray(total / weight, np.float32)


def _paste(maps: FloatArray, shape: tuple[int, ...], rows: slice, cols: slice) -> FloatArray:
    """Put the crop's maps back into the frame; outside it everything is background (channel 0)."""
    whole = np.zeros((*shape, maps.shape[-1]), np.float32)
    whole[..., 0] = 1.0
    whole[rows, cols] = maps
    return whole
