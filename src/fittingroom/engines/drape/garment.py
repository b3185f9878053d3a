"""A garment photo understood: cut out, its marks named, the inner back of its collar removed.

This is the first half of a try-on and depends on the garment photo alone, so its answer can be kept and used for many
persons. It judges, too: what cannot be worn by a geometric engine (folded, open, worn by someone, off the shoulder)
comes back with a warning and a low confidence, and what is plainly no garment of the asked type is refused.
Invariant: every mark named by `Garment` for the found cut is present and lies inside the picture.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape import cutout as cutting
from fittingroom.engines.drape.garment_net import Reading, marks_of, read_garment
from fittingroom.engines.drape.landmarks import (
    Landmarks,
    Marks,
    crotch_gap,
    find_landmarks,
    leg_cut,
    settle,
    sleeve_cut,
)
from fittingroom.engines.drape.neckline import Expected, cut_collar, cut_neckline, without_hood
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.outline_fit import BOTTOMS, TOPS, bank_for, query_of
from fittingroom.engines.drape.types import Cut, Garment, Traits
from fittingroom.engines.protocol import ClothesType, Mask, NoGarmentFound, RgbImage

LEGS = 0.1
"""Share of the height that a gap between legs has at least; wavy hems of skirts stay below."""

POSSIBLE = 0.02
"""Odds of a cut from which its outlines are tried, too."""

MAY_BE_BARE, SURE_SLEEVE = 0.25, 0.6
"""Odds of no sleeve above which, and of the likeliest sleeve below which, a top is taken for sleeveless."""

UNDER = 7
"""Side, px, of the square by which the inner back is widened under the front's edge."""

DOUBTFUL = 0.6
"""Probability of a trait from which the caller is warned."""

SHARP, DIFFUSE, APART = 0.04, 0.08, 0.06
"""Mean spread of the marks at which the network is sure or lost, and median distance from the outline's marks at which
the two contradict each other, in diagonals of the garment's box."""


def analyse_garment(
    rgb: RgbImage,
    clothes_type: ClothesType,
    nets: cutting.GarmentNets,
    placed: Mapping[str, tuple[float, float]] | None = None,
) -> Garment:
    """Understand the photo `rgb` (uint8 (H, W, 3)) of one garment of type `clothes_type`.

    placed: marks that the caller knows better, as in `TryOnOptions.marks`; names that the found cut has not are
    ignored. The result is at working size (long side `cutout.WORK_SIDE`), not at the photo's. Raises `NoGarmentFound`.
    """
    cut = cutting.cut_out(rgb, clothes_type, nets)
    mask = np.asarray(cut.alpha > 0.5)
    seen = read_garment(cut.photo, cut.alpha, clothes_type)
    kind = _kind(seen, mask, clothes_type)
    outline = find_landmarks(mask, bank_for(clothes_type), _alike(kind, seen))
    _refuse_wrong_type(cut, outline, mask, clothes_type)
    marks = settle(mask, outline.marks, {name: seen.marks[name] for name in marks_of(kind)})
    kind = _by_length(kind, marks)
    size = np.array(mask.shape[::-1], np.float32)
    given = {k: np.asarray(v, np.float32) * size for k, v in (placed or {}).items() if k in marks}
    marks |= given
    rgb, alpha, back = cut.rgb, cut.alpha, None
    if clothes_type is not ClothesType.LOWER:
        alpha, front = _without_back(cut, marks, seen)
        marks |= {"neck_front": front} | given
        back = without_hood(_behind(cut.alpha, alpha), marks["neck_left"], marks["neck_right"])
        rgb = _without_label(rgb, seen.label, back)
    warnings = _warnings(cut, outline.score, seen.traits, kind, marks, mask)
    signals = _signals(outline, marks, seen, kind, mask)
    confidence = _confidence(signals) * 0.7 ** len(warnings)
    return Garment(rgb, alpha, kind, marks, confidence, warnings, back, seen.traits, signals)


def _kind(seen: Reading, mask: NDArray[np.bool_], clothes_type: ClothesType) -> Cut:
    """The likeliest cut of the type; a gap from below that rises over a tenth of the height is between legs."""
    if clothes_type is not ClothesType.LOWER:
        kind = seen.best_cut(TOPS)
        # A sleeve that is not there tears the picture; one that is missed only bares an arm.
        bare = seen.odds[Cut.SLEEVELESS]
        return Cut.SLEEVELESS if bare > MAY_BE_BARE and seen.odds[kind] < SURE_SLEEVE else kind
    kind = seen.best_cut(BOTTOMS)
    query = query_of(mask)
    gap = crotch_gap(mask, query) if kind is Cut.SKIRT else None
    legs = gap is not None and query.box[1] + query.box[3] - float(gap[1]) > LEGS * query.box[3]
    return seen.best_cut((Cut.TROUSERS, Cut.SHORTS)) if legs else kind


def _alike(kind: Cut, seen: Reading) -> tuple[Cut, ...]:
    """The cuts that have the same marks as `kind` and are possible."""
    return tuple(c for c, p in seen.odds.items() if c is kind or (p > POSSIBLE and marks_of(c) == marks_of(kind)))


def _by_length(kind: Cut, marks: Marks) -> Cut:
    """Sleeves and legs are told apart by their length, which the marks give more surely than the odds do."""
    if kind in (Cut.TROUSERS, Cut.SHORTS):
        return leg_cut(marks)
    return kind if kind in (Cut.SLEEVELESS, Cut.SKIRT) else sleeve_cut(marks)


def _without_back(cut: cutting.Cutout, marks: Marks, seen: Reading) -> tuple[Mask, FloatArray]:
    """The cut-out as seen from the front, and the lowest point of the front neckline."""
    _, _, width, height = cv2.boundingRect(np.asarray(cut.alpha > 0.5, np.uint8))
    spread = seen.spread["neck_front"] * float(np.hypot(width, height))
    expected = Expected(marks["neck_front"], spread, seen.back, seen.label)
    left, right = marks["neck_left"], marks["neck_right"]
    alpha, front, removed = cut_neckline(cut.rgb, cut.alpha, left, right, expected)
    if not removed:
        alpha = cut_collar(cut.photo, alpha, left, right, expected)
    alpha = _without_new_holes(cut.alpha, alpha)
    whole = cutting.main_parts(np.asarray(alpha > 0.5))
    return np.where(cutting.dilate(whole, 3), alpha, np.float32(0.0)), front


def _behind(whole: Mask, front: Mask) -> Mask:
    """What was taken off `whole` to get `front`, and a little more under the front's edge, which would let the scene
    through where both are soft."""
    gone = np.asarray(whole - front, np.float32).clip(0.0, 1.0)
    return np.asarray(np.minimum(cv2.dilate(gone, np.ones((UNDER, UNDER), np.uint8)), whole), np.float32)


def _without_label(rgb: RgbImage, label: Mask, back: Mask) -> RgbImage:
    """`rgb` with the label in the collar's inner back painted over by the lining round it."""
    hidden = cutting.dilate(np.asarray(label > 0.5), 5) & (back > 0.5)
    lining = (back > 0.5) & ~hidden
    if not hidden.any() or not lining.any():
        return rgb
    filled = cutting.pull_push(rgb.astype(np.float32), lining.astype(np.float32))
    return np.where(hidden[..., None], np.clip(np.rint(filled), 0, 255), rgb).astype(np.uint8)


def _signals(outline: Landmarks, marks: Marks, seen: Reading, kind: Cut, mask: NDArray[np.bool_]) -> dict[str, float]:
    """What speaks for and against the marks; see `Garment.signals`."""
    diagonal = float(np.hypot(*np.ptp(np.argwhere(mask), axis=0)))
    apart = [float(np.linalg.norm(outline.marks[n] - m)) / diagonal for n, m in marks.items() if n in outline.marks]
    spread = [seen.spread[name] for name in marks]
    return {
        "cut_odds": sum(p for cut, p in seen.odds.items() if marks_of(cut) == marks_of(kind)),
        "spread": float(np.mean(spread)),
        "worst_spread": max(spread),
        "apart": float(np.median(apart)),
        "worst_apart": max(apart),
        "outline": outline.score,
    }


def _confidence(signals: Mapping[str, float]) -> float:
    """0..1 that the marks are right: how sure the network is of cut and marks, and whether the outline agrees."""
    agreement = 1.0 - min(1.0, signals["apart"] / APART)
    sure = float(np.clip((DIFFUSE - signals["spread"]) / (DIFFUSE - SHARP), 0.0, 1.0))
    fits = float(np.clip((signals["outline"] - 0.6) / 0.3, 0.0, 1.0))
    return float(np.clip(signals["cut_odds"] * (0.4 + 0.6 * (agreement + sure + fits) / 3), 0.05, 1.0))


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


def _warnings(
    cut: cutting.Cutout, score: float, traits: Traits, kind: Cut, marks: Marks, mask: NDArray[np.bool_]
) -> tuple[str, ...]:
    out = []
    if cut.worn:
        out.append("The garment is worn by a person; a flat photo of the garment alone gives better results.")
    if max(traits.folded, traits.angled) > DOUBTFUL or score < 0.68:
        out.append(
            "The garment may be folded, unusual or seen from the side; lay it flat and photograph it from above."
        )
    if kind in (Cut.TROUSERS, Cut.SHORTS) and _crotch_is_low(marks, mask):
        out.append("The trousers seem to be folded; lay the legs flat beside each other.")
    if traits.open_front > DOUBTFUL:
        out.append("The garment seems to be open in front; close it.")
    if cut.opacity < 0.85 or traits.sheer > DOUBTFUL:
        out.append("The garment seems to be sheer.")
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    if border.mean() > 0.02:
        out.append("The garment is cut off by the border of the photo.")
    if traits.off_shoulder > DOUBTFUL:
        out.append("The garment seems to be off the shoulder.")
    return tuple(out)


def _crotch_is_low(marks: Marks, mask: NDArray[np.bool_]) -> bool:
    """A tall outline that parts only near its lower end: legs laid over each other."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = float(np.ptp(rows)) + 1, float(np.ptp(columns)) + 1
    gap = crotch_gap(mask, query_of(mask))
    crotch = marks["crotch"] if gap is None else gap
    return height > 1.1 * width and float(crotch[1]) - float(rows[0]) > 0.72 * height
