"""What an editor is shown of a photo: at most a megapixel, in whole latent cells, nothing stretched.

Both editors take pictures of free size in multiples of their latent cell. The whole photo is shown where the person
fills enough of it; else the part round the person, so that a small one keeps pixels. Invariant: the frame's area is at
most MOST_PIXELS, its sides are multiples of the cell and at least LEAST_SIDE, the photo is never enlarged beyond what
LEAST_SIDE asks, and the sides' ratio is at most MOST_ASPECT, beyond which the pipelines refuse.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from fittingroom.engines.neural.frame import Box, Frame
from fittingroom.engines.protocol import RgbImage

MOST_PIXELS = 1024 * 1024
LEAST_SIDE, MOST_ASPECT = 64, 6.0

ENOUGH = 0.5
"""Share of the photo from which on the person's box, with its margin, counts as the whole."""


def editing_frame(person_box: Box, shape: tuple[int, ...], margin: float, cell: int = 16) -> Frame:
    """The frame for a photo of `shape` (H, W, ...) with a person in `person_box`, px.

    margin: room round the person, in parts of its own size. cell: px of a latent cell. Raises ValueError for an empty
    box.
    """
    x0, y0, x1, y1 = person_box
    across, down = margin * (x1 - x0), margin * (y1 - y0)
    width = min(shape[1], x1 + across) - max(0.0, x0 - across)
    height = min(shape[0], y1 + down) - max(0.0, y0 - down)
    if width * height >= ENOUGH * shape[0] * shape[1]:
        return Frame.whole(shape, size_for(shape[0], shape[1], cell))
    return Frame.around(person_box, shape, size_for(height, width, cell), margin)


def size_for(height: float, width: float, cell: int = 16, most: int = MOST_PIXELS) -> tuple[int, int]:
    """(height, width) in multiples of `cell` that hold height x width px, scaled down to `most` px where needed."""
    height, width = max(height, width / MOST_ASPECT), max(width, height / MOST_ASPECT)
    scale = min(1.0, math.sqrt(most / (height * width)))
    least = cell * math.ceil(LEAST_SIDE / cell)
    while True:
        rows, columns = (max(least, cell * math.ceil(scale * side / cell)) for side in (height, width))
        if rows * columns <= most or (rows == least and columns == least):
            return rows, columns
        scale *= 0.99


def shown(garment: RgbImage, most: int = MOST_PIXELS) -> RgbImage:
    """The garment photo, uint8 (H, W, 3), at most `most` px and no narrower than LEAST_SIDE and MOST_ASPECT allow.

    What has to be added is of the colour of the photo's border.
    """
    height, width = garment.shape[:2]
    scale = min(1.0, math.sqrt(most / (height * width)))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(garment, size, interpolation=cv2.INTER_AREA) if scale < 1 else garment, np.uint8)
    least = max(LEAST_SIDE, math.ceil(max(small.shape[:2]) / MOST_ASPECT))
    rows, columns = max(0, least - small.shape[0]), max(0, least - small.shape[1])
    if not rows and not columns:
        return np.ascontiguousarray(small, np.uint8)
    around = (rows // 2, rows - rows // 2, columns // 2, columns - columns // 2)
    return np.asarray(cv2.copyMakeBorder(small, *around, cv2.BORDER_CONSTANT, value=border_colour(small)), np.uint8)


def border_colour(photo: RgbImage) -> tuple[int, int, int]:
    """The median colour of the photo's outermost pixels."""
    rim = np.concatenate([photo[0], photo[-1], photo[:, 0], photo[:, -1]])
    red, green, blue = (int(value) for value in np.median(rim, axis=0))
    return red, green, blue
