"""What the networks call clothes and is none of this person's: people beside, bags that hang from a hand, reflections.

The clothes networks see everybody in the picture, BlazePose outlines one person. The picture's clothes are cut into
pieces of one colour; a piece that lies mostly beyond the outline is a stranger, whole, also where it touches or enters
the outline; a piece that goes on within it is the person's own wide sleeve or skirt. Invariant: what lies within the
outline is a stranger's only as part of a piece that mostly does not.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.body import Body
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import Mask, RgbImage

GRID_SIDE = 288
COLOURS = 6
BEYOND, NOBODYS = 0.05, 0.35
MOSTLY = 0.45
NEEDED, SMALLEST = 0.004, 0.003
SURE = 0.5
DARK, SAME, ALIKE, JOINED = 0.5, 6.0, 14.0, 0.4
SOFT = 2.0
# Half widths, sw, round the trunk's sides and the limbs' lines.
TRUNK, THIGH, ARM = 0.12, 0.22, 0.09


def strangers(rgb: RgbImage, cloth: Mask, outline: Mask, body: Body, corner: tuple[int, int]) -> Mask:
    """Which of `cloth` is no clothing of this person, float32 (H, W) 0..1.

    rgb: uint8 (H, W, 3). cloth: float32 (H, W), any garment as the networks see it. outline: float32 (H, W), of
    BlazePose. body: in the frame whose pixel `corner` (x, y) is the picture's first.
    """
    height, width = cloth.shape
    zoom = min(1.0, GRID_SIDE / max(height, width))
    size = (max(1, round(width * zoom)), max(1, round(height * zoom)))
    worn, inner = (cv2.resize(m, size, interpolation=cv2.INTER_AREA) > SURE for m in (cloth, outline))
    away = cv2.distanceTransform(np.asarray(~inner, np.uint8), cv2.DIST_L2, 5) / (body.sw * zoom)
    far = np.asarray(away > BEYOND)
    if not inner.any() or (far & worn).sum() <= NEEDED * worn.sum():
        return np.zeros_like(cloth)
    lab: FloatArray = cv2.cvtColor(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB).astype(
        np.float32
    )
    lab = np.asarray(cv2.GaussianBlur(lab, (0, 0), 1.0), np.float32)
    # Shadows and folds change a cloth's lightness more than its hue.
    lab[..., 0] *= DARK
    pieces = _pieces(lab, np.asarray(worn))
    beyond = [far[piece].mean() > MOSTLY for piece in pieces]
    own = _union([p for p, b in zip(pieces, beyond, strict=True) if not b], worn.shape)
    foreign = _union([p for p, b in zip(pieces, beyond, strict=True) if b and not _goes_on(p, own, lab)], worn.shape)
    foreign |= worn & (away > NOBODYS)
    own |= _union([p for p, b in zip(pieces, beyond, strict=True) if b and not foreign[p].any()], worn.shape)
    # Crumbs and the soft rim belong to whichever is nearer.
    own &= ~foreign
    if not foreign.any():
        return np.zeros_like(cloth)
    near = cv2.distanceTransform(np.asarray(~foreign, np.uint8), cv2.DIST_L2, 5)
    found = (near < cv2.distanceTransform(np.asarray(~own, np.uint8), cv2.DIST_L2, 5)) & (worn | (near < 2.0))
    found &= ~(inner & _core(body, corner, zoom, worn.shape))
    wide = cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip((wide - 0.25) * SOFT, 0.0, 1.0), np.float32)


def _core(body: Body, corner: tuple[int, int], zoom: float, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Trunk, thighs and the middle of the other limbs, bool (H, W): what covers these is worn."""
    drawn = np.zeros(shape, np.uint8)
    trunk = np.stack([*body.shoulders, body.hips[1], body.hips[0]])
    lines = [(trunk[[0, 1, 2, 3, 0]], TRUNK), *((arm.points, ARM) for arm in body.arms)]
    lines += [(part, radius) for leg in body.legs for part, radius in ((leg.points[:2], THIGH), (leg.points[1:], ARM))]
    for points, radius in lines:
        at = np.rint((points - np.array(corner)) * zoom).astype(np.int32)
        cv2.polylines(drawn, [at], False, 1, max(1, round(2 * radius * body.sw * zoom)))
    cv2.fillConvexPoly(drawn, cv2.convexHull(np.rint((trunk - np.array(corner)) * zoom).astype(np.int32)), 1)
    return drawn > 0


def _pieces(lab: FloatArray, where: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Connected pieces of one colour of the pixels `where`, as masks (H, W), without crumbs."""
    colours = np.ascontiguousarray(lab[where])
    count = min(COLOURS, len(colours))
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    _, labels, centres = cv2.kmeans(colours, count, np.empty(0, np.int32), stop, 1, cv2.KMEANS_PP_CENTERS)
    numbers = np.full(where.shape, -1, np.int32)
    numbers[where] = _joined(np.asarray(centres, np.float32))[labels[:, 0]]
    least = SMALLEST * int(where.sum())
    out = []
    for k in np.unique(numbers[where]):
        _, pieces, stats, _ = cv2.connectedComponentsWithStats(np.asarray(numbers == k, np.uint8))
        out += [np.asarray(pieces == p) for p in np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] > least) + 1]
    return out


def _union(pieces: list[NDArray[np.bool_]], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    return np.asarray(np.any([np.zeros(shape, bool), *pieces], axis=0))


def _joined(centres: FloatArray) -> NDArray[np.int32]:
    """The number of each colour (N, 3) after those that differ by no more than noise have become one."""
    numbers = np.arange(len(centres), dtype=np.int32)
    gaps = np.linalg.norm(centres[:, None] - centres[None], axis=-1)
    for one, other in np.argwhere(np.triu(gaps < SAME, 1)):
        numbers[numbers == numbers[other]] = numbers[one]
    return numbers


def _goes_on(piece: NDArray[np.bool_], own: NDArray[np.bool_], lab: FloatArray) -> bool:
    """Whether a piece is the shaded side of the person's own cloth: long joined to it, and alike on both sides."""
    near = cv2.dilate(piece.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    seam = near & own
    rim = near & ~piece
    if seam.sum() < JOINED * rim.sum():
        return False
    mine = cv2.dilate(seam.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    gap = np.median(lab[seam], axis=0) - np.median(lab[mine & piece], axis=0)
    return bool(np.linalg.norm(gap) < ALIKE)


def near_outline(outline: Mask, unit: float) -> Mask:
    """Where skin is this person's, float32 (H, W): 1 within BlazePose's outline and close to it, falling to 0."""
    far = cv2.distanceTransform(np.asarray(outline < SURE, np.uint8), cv2.DIST_L2, 5)
    return np.asarray(np.clip(2.0 - far / (BEYOND * unit), 0.0, 1.0), np.float32)
