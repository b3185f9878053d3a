"""The scene behind the person, where the new garment is slimmer or shorter than the old one.

Three ways, by what is seen around: a plain backdrop is continued smoothly, its gradient and the person's soft shadow
included; a textured one beside a narrow strip is mirrored at the person's outline, detail over smooth colour; where
a textured scene is missing over more than a strip it is painted by MI-GAN, which costs more than all else here. It is
shown the whole photo without the whole person: of a part it makes up more, and without the old garment alone it paints
the garment again. What it makes up all the same (`invented.py`) gives way to the scene's own rows (`sideways.py`).
Invariant: no pixel of the person contributes to what is filled in.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.cutout import dilate, pull_push
from fittingroom.engines.drape.invented import invented
from fittingroom.engines.drape.nets import FloatArray, Nets
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.sideways import continued_sideways
from fittingroom.engines.protocol import RgbImage

TEXTURED = 1.6
FINE, SOFT, BROAD = 0.8, 1.5, 8.0
# Of the picture's longer side.
MARGIN, PAINTER_MARGIN = 0.008, 0.014
NARROW, WIDE = 0.02, 0.022
WIDE_SHARE = 0.002
AROUND = 0.12
SHRINK = 4


def background_plate(person: Person, needed: NDArray[np.bool_], nets: Nets, rng: np.random.Generator) -> FloatArray:
    """The scene behind the person where `needed`, float32 (H, W, 3) 0..255; elsewhere the photo.

    Where the person fills the frame there is no scene to continue, and the answer is the photo itself: the old
    garment stays.
    """
    rgb = person.rgb
    side = max(rgb.shape[:2])
    solid = (person.alpha > 0.2) | (person.cloth > 0.2)
    if person.beside is not None:
        solid |= person.beside > 0.2
    taken = _widened(solid, max(3, round(MARGIN * side)))
    out = rgb.astype(np.float32)
    if not needed.any() or taken.all():
        return out
    box = _box(needed, round(AROUND * side))
    rgb, taken, needed = rgb[box], taken[box], needed[box]
    if taken.all():
        return out
    smooth = _continued(rgb, ~taken)
    detail, grain = _detail(rgb, ~taken & _widened(needed, round(AROUND * side)))
    if detail < TEXTURED:
        filled = smooth + (grain * rng.standard_normal(rgb.shape[:2], np.float32))[..., None]
    else:
        depth, mirror = _mirror(~taken)
        if (needed & (depth > WIDE * side)).sum() > WIDE_SHARE * person.alpha.size:
            return _painted(person.rgb, _widened(solid, max(4, round(PAINTER_MARGIN * side))), nets)
        filled = _textured(rgb, smooth, mirror, np.clip(2.0 - depth / (NARROW * side), 0.0, 1.0))
    # Beside the person's rim the photo itself is the scene.
    weight = cv2.GaussianBlur(np.asarray(taken, np.float32), (0, 0), 1.5)[..., None]
    out[box] = filled * weight + out[box] * (1.0 - weight)
    return out


def _painted(rgb: RgbImage, hole: NDArray[np.bool_], nets: Nets) -> FloatArray:
    """The photo with `hole` painted, float32 (H, W, 3): no toys and rags that the painter made up."""
    painted = nets.inpaint(np.ascontiguousarray(rgb), hole)
    doubt = invented(painted, hole)[..., None]
    return np.asarray(painted * (1.0 - doubt) + continued_sideways(rgb, ~hole) * doubt, np.float32)


def _box(needed: NDArray[np.bool_], pad: int) -> tuple[slice, slice]:
    ys, xs = (np.flatnonzero(needed.any(axis=axis)) for axis in (1, 0))
    return tuple(slice(max(0, int(a[0]) - pad), int(a[-1]) + 1 + pad) for a in (ys, xs))  # type: ignore[return-value]


def _detail(rgb: RgbImage, seen: NDArray[np.bool_]) -> tuple[float, float]:
    """How strong structures some pixels wide are in the scene around, and its grain; both grey levels."""
    if not seen.any():
        return 0.0, 0.0
    grey = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine, soft, broad = (cv2.GaussianBlur(grey, (0, 0), sigma) for sigma in (FINE, SOFT, BROAD))
    # The median deviation: the person's own outline just beside and a lone mark on the wall are no texture.
    return 1.48 * float(np.median(np.abs(fine - broad)[seen])), min(
        4.0, 1.48 * float(np.median(np.abs(grey - soft)[seen]))
    )


def _mirror(free: NDArray[np.bool_]) -> tuple[FloatArray, NDArray[np.int32]]:
    """For each pixel its distance to the scene and, int32 (H, W, 2) y, x, its mirror image at the scene's edge."""
    depth, labels = cv2.distanceTransformWithLabels(
        np.asarray(~free, np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    where = np.argwhere(free).astype(np.int32)
    nearest = np.zeros((int(labels.max()) + 1, 2), np.int32)
    nearest[labels[free]] = where
    near = nearest[labels]
    own = np.moveaxis(np.indices(free.shape, np.int32), 0, -1)
    limit = np.array(free.shape, np.int32) - 1
    mirrored = np.clip(2 * near - own, 0, limit)
    # Where the mirror image is the person again, the edge itself serves.
    good = free[mirrored[..., 0], mirrored[..., 1]]
    return np.asarray(depth, np.float32), np.where(good[..., None], mirrored, near)


def _textured(rgb: RgbImage, smooth: FloatArray, mirror: NDArray[np.int32], near: FloatArray) -> FloatArray:
    """The mirrored scene near its edge; deeper its detail alone over smooth colour."""
    copy = rgb[mirror[..., 0], mirror[..., 1]].astype(np.float32)
    detail = copy - cv2.GaussianBlur(copy, (0, 0), BROAD)
    weight = near[..., None]
    return np.asarray(copy * weight + np.clip(smooth + detail, 0.0, 255.0) * (1.0 - weight), np.float32)


def _widened(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """`mask` grown by a large radius, at a quarter of the size: a big kernel costs seconds at full size."""
    size = (max(1, mask.shape[1] // SHRINK), max(1, mask.shape[0] // SHRINK))
    small = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    wide = dilate(np.asarray(small), max(1, round(radius / SHRINK))).astype(np.float32)
    return np.asarray(cv2.resize(wide, mask.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.01)


def _continued(rgb: RgbImage, known: NDArray[np.bool_]) -> FloatArray:
    """Colours continued smoothly from where they are known; worked out at a quarter of the size, as they are smooth."""
    size = (max(1, rgb.shape[1] // SHRINK), max(1, rgb.shape[0] // SHRINK))
    weight = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(rgb * known[..., None].astype(np.float32), size, interpolation=cv2.INTER_AREA)
    colour = colour / np.maximum(weight, 1e-6)[..., None]
    filled = pull_push(np.asarray(colour, np.float32), np.asarray(weight > 0.5, np.float32))
    soft = cv2.GaussianBlur(filled, (0, 0), 2.0)
    return np.asarray(cv2.resize(soft, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)
