"""A garment photo understood: cut out, its marks named, the inner back of its collar removed.

This is the first half of a try-on and depends on the garment photo alone, so its answer can be kept and used for many
persons. It judges, too: what cannot be worn by a geometric engine (folded, open, worn by someone, off the shoulder)
comes back with a warning and a low confidence, and what is plainly no garment of the asked type is refused.
Invariant: every mark named by `Garment` for the found cut is present and lies inside the picture.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape import cutout as cutting
from fittingroom.engines.drape.landmarks import Landmarks, find_landmarks
from fittingroom.engines.drape.neckline import cut_neckline
from fittingroom.engines.drape.outline_fit import bank_for
from fittingroom.engines.drape.types import Cut, Garment
from fittingroom.engines.protocol import ClothesType, Mask, NoGarmentFound, RgbImage


def analyse_garment(rgb: RgbImage, clothes_type: ClothesType, nets: cutting.GarmentNets) -> Garment:
    """Understand the photo `rgb` (uint8 (H, W, 3)) of one garment of type `clothes_type`.

    The result is at working size (long side `cutout.WORK_SIDE`), not at the photo's. Raises `NoGarmentFound`.
    """
    cut = cutting.cut_out(rgb, clothes_type, nets)
    mask = np.asarray(cut.alpha > 0.5)
    found = find_landmarks(mask, bank_for(clothes_type))
    _refuse_wrong_type(cut, found, mask, clothes_type)
    alpha, marks = cut.alpha, dict(found.marks)
    back: Mask | None = None
    if clothes_type is not ClothesType.LOWER:
        alpha, marks["neck_front"], _ = cut_neckline(cut.rgb, alpha, marks["neck_left"], marks["neck_right"])
        alpha = _without_new_holes(cut.alpha, alpha)
        whole = cutting.main_parts(np.asarray(alpha > 0.5))
        alpha = np.where(cutting.dilate(whole, 3), alpha, np.float32(0.0))
        back = np.asarray(cut.alpha - alpha, np.float32).clip(0.0, 1.0)
    warnings = _warnings(cut, found, mask)
    confidence = float(np.clip((found.score - 0.6) / 0.3, 0.05, 1.0)) * 0.7 ** len(warnings)
    return Garment(cut.rgb, alpha, found.cut, marks, confidence, warnings, back)


def _without_new_holes(before: Mask, after: Mask) -> Mask:
    """Undo what was cut away without reaching the outside, as a label is: the body would show through the hole."""
    gap = np.asarray(after < 0.5)
    count, labels = cv2.connectedComponents(np.pad(gap, 1, constant_values=True).astype(np.uint8), connectivity=4)
    labels = labels[1:-1, 1:-1]
    keeps = set(np.unique(labels[before < 0.5])) | set(np.unique(np.concatenate([labels[0], labels[-1]])))
    closed = np.isin(labels, [i for i in range(1, count) if i not in keeps])
    return np.where(cutting.dilate(closed, 4), before, after)


def _refuse_wrong_type(
    cut: cutting.Cutout, found: Landmarks, mask: NDArray[np.bool_], clothes_type: ClothesType
) -> None:
    """Refuse only where the network and the outline agree that it is another kind of garment."""
    lower = clothes_type is ClothesType.LOWER
    if cut.shares[0 if lower else 1] < 0.9:
        return
    other = find_landmarks(mask, bank_for(ClothesType.UPPER if lower else ClothesType.LOWER))
    if other.score > found.score + 0.03:
        raise NoGarmentFound(f"the garment looks like {other.cut.value}, not like {clothes_type.value}")


def _warnings(cut: cutting.Cutout, found: Landmarks, mask: NDArray[np.bool_]) -> tuple[str, ...]:
    out = []
    if cut.worn:
        out.append("The garment is worn by a person; a flat photo of the garment alone gives better results.")
    if found.score < 0.68:
        out.append("The outline is unusual; the garment may be folded, open or seen from the side.")
    if found.cut is Cut.SHORTS and _crotch_is_low(found, mask):
        out.append("The trousers seem to be folded; lay the legs flat beside each other.")
    if cut.opacity < 0.85:
        out.append("The garment seems to be sheer.")
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    if border.mean() > 0.02:
        out.append("The garment is cut off by the border of the photo.")
    if found.cut not in (Cut.TROUSERS, Cut.SHORTS, Cut.SKIRT, Cut.SLEEVELESS):
        neck = np.linalg.norm(found.marks["neck_right"] - found.marks["neck_left"])
        shoulder = np.linalg.norm(found.marks["shoulder_right"] - found.marks["shoulder_left"])
        if neck > 0.82 * shoulder:
            out.append("The garment seems to be off the shoulder.")
    return tuple(out)


def _crotch_is_low(found: Landmarks, mask: NDArray[np.bool_]) -> bool:
    """A tall outline that parts only near its lower end: legs laid over each other."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = float(np.ptp(rows)) + 1, float(np.ptp(columns)) + 1
    return height > 1.1 * width and float(found.marks["crotch"][1]) - float(rows[0]) > 0.72 * height
