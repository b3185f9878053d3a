"""The garment cut out of its photo: a soft mask with true edges, and colours that reach beyond them.

u2net-cloth answers at 768 px with soft, slightly fat edges, and its satin interiors come out half transparent. So the
mask is refined by a guided filter on the photo itself, the interior is forced opaque, and the cloth's colours are
pulled outward so that no later resampling can pick up the photo's background as a light rim.
Invariant: `Cutout.alpha` is 1 more than a few pixels inside the outline and 0 more than a few pixels outside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.ground import without_ground
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.recut import recut
from fittingroom.engines.drape.sheet import without_sheet
from fittingroom.engines.protocol import ClothesType, Mask, NoGarmentFound, RgbImage

WORK_SIDE = 1024
"""Long side, px, at which garments are analysed and kept; larger photos are reduced to it, small ones enlarged."""

UPPER, LOWER, FULL = 1, 2, 3
MIN_AREA = 0.008
"""Smallest share of the frame that counts as a garment."""

LABELLED, TAGGED = (0.17, 0.55, 0.012), (0.40, 0.60, 0.03)
"""Holes that are labels or tags, of tops and of lower garments: farthest aside and down, in shares of the garment's
box, and largest, as a share of the garment."""

WORN_FACE = 0.002
"""Share of face skin in the frame from which the garment is taken to be worn by a person."""


PLAIN_FACE, WEARER = 0.02, 0.01
"""A smaller face counts only where this share of the frame is hair or body skin."""


class GarmentNets(Protocol):
    """The part of `Nets` that a garment photo needs."""

    def cloth(self, rgb: RgbImage) -> FloatArray:
        """Probabilities float32 (H, W, 4): background, upper, lower, full."""

    def selfie(self, rgb: RgbImage) -> FloatArray:
        """Probabilities float32 (H, W, 6): background, hair, body skin, face skin, clothes, others."""


@dataclass(frozen=True, slots=True)
class Cutout:
    """rgb: uint8 (H, W, 3) at working size, colours pulled outward; alpha: float32 (H, W); photo: the untouched
    picture at working size; shares: the garment's area per class (upper, lower, full), summing to 1; worn: a person's
    face is in the picture; opacity: mean garment probability well inside the outline, low for sheer cloth."""

    rgb: RgbImage
    alpha: Mask
    photo: RgbImage
    shares: tuple[float, float, float]
    worn: bool
    opacity: float


def cut_out(rgb: RgbImage, clothes_type: ClothesType, nets: GarmentNets) -> Cutout:
    """Find the garment in `rgb` (uint8 (H, W, 3)). Raises `NoGarmentFound` where the picture shows none."""
    photo = to_working_size(rgb)
    classes = nets.cloth(photo)
    worn = is_worn(nets.selfie(photo), classes)
    wanted = _wanted(classes, clothes_type) if worn else np.asarray(1.0 - classes[..., 0], np.float32)
    # Beside a wearer's top its colours would come along; what lower garments are taken for a face is mostly none.
    if not worn or clothes_type is ClothesType.LOWER:
        wanted = recut(photo, without_sheet(photo, without_ground(photo, wanted)))
    solid = without_label_holes(main_parts(wanted > 0.5), clothes_type is ClothesType.LOWER)
    if solid.mean() < MIN_AREA:
        raise NoGarmentFound(f"garment pixels cover only {solid.mean():.2%} of the photo")
    label = classes[..., 1:].argmax(axis=-1)[solid]
    shares = tuple(float(np.mean(label == i)) for i in range(3))
    alpha = soft_alpha(photo, wanted, solid)
    inside = erode(solid, max(3, round(0.012 * max(photo.shape[:2]))))
    opacity = float(wanted[inside].mean()) if inside.any() else 0.0
    return Cutout(pull_outward(photo, alpha), alpha, photo, (shares[0], shares[1], shares[2]), worn, opacity)


def to_working_size(rgb: RgbImage) -> RgbImage:
    """`rgb` scaled so that its long side is WORK_SIDE, uint8."""
    height, width = rgb.shape[:2]
    k = WORK_SIDE / max(height, width)
    size = (max(1, round(width * k)), max(1, round(height * k)))
    scaled = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_CUBIC)
    return np.asarray(scaled, np.uint8)


def is_worn(selfie: FloatArray, classes: FloatArray) -> bool:
    """Whether somebody's face is in the picture: none printed on the cloth, and no small one without hair or skin."""
    face = float(((selfie[..., 3] > 0.5) & (classes[..., 0] > 0.5)).mean())
    wearer = float((selfie[..., 1:3].max(axis=-1) > 0.5).mean())
    return face > PLAIN_FACE or (face > WORN_FACE and wearer > WEARER)


def _wanted(classes: FloatArray, clothes_type: ClothesType) -> FloatArray:
    """Garment probability on a photo of a dressed person, where the other garment must not come along."""
    hard = classes.argmax(axis=-1)
    if clothes_type is ClothesType.DRESS or not (hard == (UPPER, LOWER)[clothes_type is ClothesType.LOWER]).any():
        return np.asarray(1.0 - classes[..., 0], np.float32)
    own = UPPER if clothes_type is ClothesType.UPPER else LOWER
    if (hard == UPPER + LOWER - own).mean() < MIN_AREA:
        # Nothing else is worn that could come along; a part called "full" belongs to the garment.
        return np.asarray(1.0 - classes[..., 0], np.float32)
    if (hard == own).mean() < MIN_AREA:
        return np.asarray(classes[..., own] + classes[..., FULL], np.float32)
    return np.asarray(classes[..., own], np.float32)


def main_parts(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest component, those at least a quarter as large that share its columns (a belt may split a garment),
    and no pin holes."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count < 2:
        return np.zeros_like(mask)
    order = 1 + np.argsort(-stats[1:, cv2.CC_STAT_AREA])
    main = stats[order[0]]
    keep = [order[0]]
    for i in order[1:]:
        left, right = stats[i][cv2.CC_STAT_LEFT], stats[i][cv2.CC_STAT_LEFT] + stats[i][cv2.CC_STAT_WIDTH]
        shared = min(right, main[0] + main[2]) - max(left, main[0])
        if stats[i][cv2.CC_STAT_AREA] > 0.25 * main[cv2.CC_STAT_AREA] and shared > 0.6 * min(right - left, main[2]):
            keep.append(i)
    body = np.isin(labels, keep)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~body).astype(np.uint8), connectivity=4)
    small = [i for i in range(1, count) if stats[i][cv2.CC_STAT_AREA] < 4e-4 * mask.size]
    return np.asarray(body | np.isin(labels, small), np.bool_)


def without_label_holes(mask: NDArray[np.bool_], lower: bool = False) -> NDArray[np.bool_]:
    """Close the holes that light labels in the collar and hanging price tags leave; a body would show through them.

    Holes between sleeve and trunk lie to the sides and stay open; those between legs lie deep down. lower: trousers,
    shorts or a skirt, on which tags hang at the sides, too.
    """
    ys, xs = np.nonzero(mask)
    if len(xs) == 0:
        return mask
    left, width, top, height = xs.min(), np.ptp(xs) + 1, ys.min(), np.ptp(ys) + 1
    outside = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    count, labels, stats, centres = cv2.connectedComponentsWithStats(outside, connectivity=4)
    aside, deep, area = TAGGED if lower else LABELLED
    closed = mask.copy()
    for i in range(1, count):
        u, v = (centres[i] - 1 - (left, top)) / (width, height)
        if i != labels[0, 0] and stats[i][cv2.CC_STAT_AREA] < area * len(xs) and abs(u - 0.5) < aside and v < deep:
            closed |= labels[1:-1, 1:-1] == i
    return closed


def soft_alpha(photo: RgbImage, probability: FloatArray, solid: NDArray[np.bool_]) -> Mask:
    """Edges of `solid` moved onto the photo's own edges and made soft over about two pixels."""
    reach = max(3, round(0.007 * max(photo.shape[:2])))
    p = np.where(solid, np.maximum(probability, 0.5), np.minimum(probability, 0.5)).astype(np.float32)
    p[~dilate(solid, reach)] = 0.0
    core = erode(solid, reach)
    p[core] = 1.0
    fine = cv2.ximgproc.guidedFilter(photo, p, reach - 1, 40.0)
    alpha = np.clip((fine - 0.36) / 0.4, 0.0, 1.0)
    alpha[core] = 1.0
    alpha[~dilate(solid, reach)] = 0.0
    return np.asarray(alpha, np.float32)


def pull_outward(photo: RgbImage, alpha: Mask) -> RgbImage:
    """Colours of the opaque inside, kept there and continued outside: uint8 (H, W, 3)."""
    inside = erode(alpha > 0.97, 2)
    if not inside.any():
        inside = alpha > 0.5
    filled = pull_push(photo.astype(np.float32), inside.astype(np.float32))
    return np.where(inside[..., None], photo, np.clip(np.rint(filled), 0, 255)).astype(np.uint8)


def pull_push(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Fill where `weight` (float32 (H, W) 0..1) is 0 from where it is not, smoothly and near colours first.

    values: float32 (H, W, C). Pixels of weight 1 are returned unchanged.
    """
    height, width = weight.shape
    w = weight[..., None]
    if min(height, width) <= 2 or weight.min() >= 1.0:
        mean = (values * w).sum((0, 1)) / max(float(weight.sum()), 1e-6)
        return np.asarray(values * w + mean * (1 - w), np.float32)
    half = ((width + 1) // 2, (height + 1) // 2)
    small_w = cv2.resize(weight, half, interpolation=cv2.INTER_AREA)
    small = cv2.resize(values * w, half, interpolation=cv2.INTER_AREA) / np.maximum(small_w, 1e-6)[..., None]
    coarse = pull_push(np.asarray(small, np.float32), np.minimum(1.0, small_w * 4.0))
    up = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(values * w + up * (1 - w), np.float32)


def erode(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """`mask` shrunk by `radius` px; the picture's border counts as outside."""
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return np.asarray(cv2.erode(padded, _disc(radius))[1:-1, 1:-1] > 0)


def dilate(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """`mask` grown by `radius` px."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), _disc(radius)) > 0)


def _disc(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)
