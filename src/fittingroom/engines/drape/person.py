"""Reads the person photo: who stands where, and which pixel is hair, skin, old garment or background.

Three networks answer parts of it and none is right alone: BlazePose finds the person, selfie_multiclass hair, skin and
clothes, u2net-cloth which garment a piece of cloth belongs to. u2net-cloth loses whole garments of people who are small
in the picture, selfie_multiclass does not; so cloth is where either sees it, and u2net-cloth's opinion, carried on from
near by where it has none, only names it. Every map is refined on the photo's own edges (guided filter). Invariant: all
maps have the photo's size, float32, 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from fittingroom.engines.drape.body import Body, body_of
from fittingroom.engines.drape.nets import PERSON_AREA, FloatArray, Nets, Pose
from fittingroom.engines.drape.strangers import near_outline, strangers
from fittingroom.engines.protocol import Mask, RgbImage

BODY_MARGIN = 0.12
MIN_PERSON_SHARE = 0.01
WHOLE_FRAME_WEIGHT = 0.35
NAMING_HEIGHT = 256
NAMING_REACHES = (2, 8, 24)
"""Height, px, at which garments are named, and how far, px there, an opinion is carried; a near one counts more."""

TRUNK, SKIRT_FROM = (0.25, 0.9), 0.8
"""Heights below the shoulders, in shoulder distances: where a top shows itself, and where a skirt can begin."""

WAIST, LOWER_BY_DEFAULT = (0.95, 1.15), 0.02
"""Heights between which a top's name is less and less carried on, and the vote there for a lower garment, where
the picture shows any garment at all."""

SAME_CLOTH = 6.0
"""CIELAB distance below which top and skirt are one dress."""

BACKGROUND, HAIR, SKIN, FACE, CLOTHES = range(5)
"""Classes of selfie_multiclass that are used."""


@dataclass(frozen=True)
class Person:
    """What the photo shows.

    alpha: the person against the background. hair, face, skin (arms, hands, legs, neck and chest), upper, lower, full
    (garments by u2net-cloth's classes): probabilities. pose is None where BlazePose saw nobody, as on many photos
    that stop at the waist. overlooked: how much of the cloth selfie_multiclass alone saw; None where nobody asked.
    beside: clothes and bags in the picture that this person does not wear (see `strangers`); None where nobody asked.
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
    overlooked: Mask | None = None
    beside: Mask | None = None

    @cached_property
    def cloth(self) -> Mask:
        """Probability of any garment."""
        return np.asarray(np.clip(self.upper + self.lower + self.full, 0.0, 1.0), np.float32)


def analyse_person(rgb: RgbImage, nets: Nets) -> Person:
    """Parse one person photo, uint8 RGB (H, W, 3). It does not decide whether anyone is there: see `Body`."""
    pose = nets.pose(rgb)
    box = _body_box(rgb, pose)
    rows, cols = slice(box[1], box[3]), slice(box[0], box[2])
    crop = np.ascontiguousarray(rgb[rows, cols])
    selfie = _selfie(crop, nets)
    body = None if pose is None else body_of(pose)
    heights = None if body is None else _heights(body, box, crop.shape[:2])
    classes = nets.cloth(crop, PERSON_AREA)
    garments = named(classes, selfie[..., CLOTHES], heights)
    overlooked = np.clip(selfie[..., CLOTHES] - (1.0 - classes[..., 0]), 0.0, 1.0)
    if heights is not None:
        garments = _skirts_apart(garments, crop, heights)
    beside = np.zeros(crop.shape[:2], np.float32)
    if pose is not None and body is not None:
        outline = np.ascontiguousarray(pose.mask[rows, cols])
        beside = strangers(crop, np.asarray(garments.sum(axis=-1)), outline, body, (box[0], box[1]))
        selfie[..., [SKIN, FACE]] *= near_outline(outline, body.sw)[..., None]
    others = np.stack([overlooked, beside], axis=-1)
    seen = refine(np.concatenate([selfie[..., :CLOTHES], garments, others], axis=-1), crop)
    seen[..., CLOTHES : CLOTHES + 4] *= 1.0 - seen[..., -1:]
    maps = _paste(seen, rgb.shape[:2], rows, cols)
    covered = np.max(maps[..., CLOTHES : CLOTHES + 3], axis=-1)
    background = maps[..., BACKGROUND] if pose is None else 0.5 * (maps[..., BACKGROUND] + 1.0 - pose.mask)
    return Person(
        rgb=rgb,
        pose=pose,
        alpha=_ramp(np.maximum(1.0 - background, covered)),
        hair=maps[..., HAIR],
        face=maps[..., FACE],
        skin=maps[..., SKIN],
        upper=maps[..., CLOTHES],
        lower=maps[..., CLOTHES + 1],
        full=maps[..., CLOTHES + 2],
        overlooked=maps[..., CLOTHES + 3],
        beside=maps[..., CLOTHES + 4],
    )


def named(classes: FloatArray, clothes: Mask, heights: FloatArray | None = None) -> FloatArray:
    """Probabilities float32 (H, W, 3) of upper, lower and full-body garment.

    classes: (H, W, 4), u2net-cloth's answer. clothes: (H, W), selfie_multiclass's. heights: (H, W), of each pixel below
    the shoulders, in shoulder distances, where the body is known. Cloth is where either network sees it; its name is
    that of u2net-cloth there and near by, so that a piece that it overlooked belongs to what lies beside it. Only a
    top's name is not carried past the waist: what was overlooked there are trousers or a skirt.
    """
    height, width = clothes.shape
    size = (max(1, round(width * NAMING_HEIGHT / height)), NAMING_HEIGHT)
    votes = cv2.resize(np.ascontiguousarray(classes[..., 1:]), size, interpolation=cv2.INTER_AREA)
    carried = sum(cv2.GaussianBlur(votes, (0, 0), reach) / reach for reach in NAMING_REACHES)
    near = cv2.resize(np.asarray(carried, np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    if heights is not None:
        below = np.clip((heights - WAIST[0]) / (WAIST[1] - WAIST[0]), 0.0, 1.0)
        near[..., 0] *= 1.0 - below
        near[..., 1] += LOWER_BY_DEFAULT * below * votes.max()
    strength = (NAMING_REACHES[0] * classes[..., 1:] + near) ** 3
    share = strength / np.maximum(strength.sum(axis=-1, keepdims=True), 1e-9)
    return np.asarray(share * np.maximum(clothes, 1.0 - classes[..., 0])[..., None], np.float32)


def _heights(body: Body, box: tuple[int, int, int, int], shape: tuple[int, ...]) -> FloatArray:
    """How far below the shoulders each pixel of the crop lies, in shoulder distances."""
    xs = box[0] + np.arange(shape[1], dtype=np.float32) - body.origin[0]
    ys = box[1] + np.arange(shape[0], dtype=np.float32) - body.origin[1]
    return np.asarray((xs[None, :] * body.uy[0] + ys[:, None] * body.uy[1]) / body.sw, np.float32)


def _skirts_apart(garments: FloatArray, crop: RgbImage, v: FloatArray) -> FloatArray:
    """Call a "full-body garment" that hangs below a top of another colour what it is: a skirt. v: as `_heights`."""
    trunk = garments[(v > TRUNK[0]) & (v < TRUNK[1])].sum(axis=0)
    if trunk[0] <= 0.6 * trunk.sum() or trunk[2] > 0.3 * trunk.sum():
        return garments
    below = v > SKIRT_FROM
    top, skirt = garments[..., 0] > 0.5, below & (garments[..., 2] > 0.5)
    if not (top.any() and skirt.any()) or _apart(crop[top], crop[skirt]) < SAME_CLOTH:
        return garments
    out = garments.copy()
    out[below, 1] += out[below, 2]
    out[below, 2] = 0.0
    return out


def _apart(one: RgbImage, other: RgbImage) -> float:
    """Distance of two sets of pixels' median colours in CIELAB (CIE76)."""
    medians = np.array([[np.median(pixels, axis=0) for pixels in (one, other)]], np.float32) / 255
    lab = cv2.cvtColor(medians, cv2.COLOR_RGB2LAB)[0]
    return float(np.linalg.norm(lab[0] - lab[1]))


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
