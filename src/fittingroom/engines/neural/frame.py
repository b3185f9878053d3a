"""The part of the photo that a network is shown, at the network's size, and the way back.

A network with a fixed frame sees a person who is small in the photo at a few pixels, unless the photo is cut first. So
the frame is put round the person with a margin, in the network's aspect: widened where the person is slim, moved into
the photo where it can be, filled beyond the photo's border where it cannot. Invariant: nothing is stretched (both axes
have one scale, up to half a pixel of rounding), and `back` undoes `cut`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fittingroom.engines.protocol import Mask, RgbImage

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels; the last two lie outside."""

FADE = 12
"""Pixels of the frame over which it fades out where it ends within the photo."""


@dataclass(frozen=True, slots=True)
class Frame:
    """box: of the photo, may reach beyond its border. size: (height, width) px of the network's picture."""

    box: Box
    size: tuple[int, int]

    @classmethod
    def around(
        cls, person_box: Box, photo_shape: tuple[int, ...], size: tuple[int, int] = (864, 576), margin: float = 0.15
    ) -> Frame:
        """The smallest frame of `size`'s aspect round a person.

        person_box: px in a photo of `photo_shape` (H, W, ...). margin: room on each side, in parts of the person's
        own width and height; it ends at the photo's border. Raises ValueError for an empty box.
        """
        x0, y0, x1, y1 = person_box
        if x1 <= x0 or y1 <= y0:
            raise ValueError(f"an empty box: {person_box}")
        height, width = photo_shape[:2]
        across, down = margin * (x1 - x0), margin * (y1 - y0)
        left, right = max(0.0, x0 - across), min(float(width), x1 + across)
        top, bottom = max(0.0, y0 - down), min(float(height), y1 + down)
        aspect = size[1] / size[0]
        wide = max(right - left, (bottom - top) * aspect)
        columns, rows = max(1, round(wide)), max(1, round(wide / aspect))
        first = _placed((left + right) / 2, columns, width)
        start = _placed((top + bottom) / 2, rows, height)
        return cls((first, start, first + columns, start + rows), size)

    @classmethod
    def whole(cls, photo_shape: tuple[int, ...], size: tuple[int, int]) -> Frame:
        """The smallest frame of `size`'s aspect that holds the whole photo of `photo_shape` (H, W, ...)."""
        return cls.around((0, 0, photo_shape[1], photo_shape[0]), photo_shape, size, 0.0)

    @property
    def zoom(self) -> float:
        """Pixels of the network's picture per pixel of the photo."""
        return self.size[0] / (self.box[3] - self.box[1])

    def cut(self, photo: RgbImage, fill: tuple[int, int, int] = (0, 0, 0)) -> RgbImage:
        """The framed part of `photo`, uint8 (H, W, 3), at `size`. fill: beyond the photo's border."""
        x0, y0, x1, y1 = self.box
        out = np.full((y1 - y0, x1 - x0, 3), fill, np.uint8)
        within, there = self._overlap(photo.shape)
        out[within] = photo[there]
        return np.asarray(cv2.resize(out, self.size[::-1], interpolation=_interpolation(self.zoom)), np.uint8)

    def cut_mask(self, mask: Mask) -> Mask:
        """The framed part of `mask`, float32 (H, W), at `size`; 0 beyond the photo's border."""
        x0, y0, x1, y1 = self.box
        out = np.zeros((y1 - y0, x1 - x0), np.float32)
        within, there = self._overlap(mask.shape)
        out[within] = mask[there]
        kind = cv2.INTER_AREA if self.zoom < 1 else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(out, self.size[::-1], interpolation=kind), np.float32)

    def points(self, points: np.ndarray) -> np.ndarray:
        """Photo pixels (N, 2) as pixels of the network's picture, float32."""
        return np.asarray((points - np.array(self.box[:2])) * self.zoom, np.float32)

    def back(self, picture: RgbImage, photo_shape: tuple[int, ...]) -> tuple[RgbImage, Mask]:
        """The network's `picture`, uint8 of `size`, where it belongs in a photo of `photo_shape`.

        Returns uint8 (H, W, 3), black outside the frame, and float32 (H, W): 1 where the picture lies, falling to 0
        towards those sides of the frame that lie within the photo, 0 outside. Raises ValueError for another size.
        """
        if picture.shape[:2] != self.size:
            raise ValueError(f"the frame is {self.size}, the picture {picture.shape[:2]}")
        x0, y0, x1, y1 = self.box
        picture = self._continued(picture, photo_shape)
        wide = cv2.resize(picture, (x1 - x0, y1 - y0), interpolation=_interpolation(1.0 / self.zoom))
        within, there = self._overlap(photo_shape)
        out = np.zeros((*photo_shape[:2], 3), np.uint8)
        out[there] = wide[within]
        where = np.zeros(photo_shape[:2], np.float32)
        where[there] = self._fading(photo_shape)[within]
        return out, where

    def _overlap(self, shape: tuple[int, ...]) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """Rows and columns of the photo's part of the frame: in the frame, and in the photo."""
        x0, y0, x1, y1 = self.box
        left, top, right, bottom = max(0, x0), max(0, y0), min(shape[1], x1), min(shape[0], y1)
        within = (slice(top - y0, bottom - y0), slice(left - x0, right - x0))
        return within, (slice(top, bottom), slice(left, right))

    def _continued(self, picture: RgbImage, shape: tuple[int, ...]) -> RgbImage:
        """`picture` with its own border colours beyond the photo's border, lest the filling bleeds into the photo."""
        (rows, columns), _ = self._overlap(shape)
        # Resampling mixes the filling into as many pixels as its kernel is wide.
        rim = 2 * int(np.ceil(max(1.0, self.zoom)))
        first, last = _trimmed(rows, self.zoom, self.size[0], rim)
        left, right = _trimmed(columns, self.zoom, self.size[1], rim)
        inner = picture[first:last, left:right]
        border = (first, self.size[0] - first - len(inner), left, self.size[1] - left - inner.shape[1])
        return np.asarray(cv2.copyMakeBorder(inner, *border, cv2.BORDER_REPLICATE), np.uint8)

    def _fading(self, shape: tuple[int, ...]) -> Mask:
        x0, y0, x1, y1 = self.box
        width = max(1.0, FADE / self.zoom)
        rows = _ramp(y1 - y0, width, y0 > 0, y1 < shape[0])
        columns = _ramp(x1 - x0, width, x0 > 0, x1 < shape[1])
        return np.asarray(np.minimum(rows[:, None], columns[None, :]), np.float32)


def box_of(mask: Mask, least: float = 0.5) -> Box:
    """The box of what is over `least` in `mask`, float32 (H, W). Raises ValueError where nothing is."""
    x, y, width, height = cv2.boundingRect(np.asarray(mask > least, np.uint8))
    if width == 0:
        raise ValueError("an empty mask")
    return x, y, x + width, y + height


def _placed(middle: float, length: int, limit: int) -> int:
    """Where an interval begins that should lie round `middle` and, if it can, within 0..limit."""
    first = round(middle - length / 2)
    if length >= limit:
        return round((limit - length) / 2)
    return min(max(0, first), limit - length)


def _trimmed(part: slice, zoom: float, length: int, rim: int) -> tuple[int, int]:
    """The frame's pixels that show `part` (of the box, photo px), without `rim` on a side where filling follows."""
    first, last = round(part.start * zoom), round(part.stop * zoom)
    first, last = first + rim * (first > 0), last - rim * (last < length)
    return (first, last) if first < last else (0, length)


def _ramp(length: int, width: float, first: bool, last: bool) -> np.ndarray:
    at = np.arange(length, dtype=np.float32)
    out = np.ones(length, np.float32)
    if first:
        out = np.minimum(out, at / width)
    if last:
        out = np.minimum(out, (length - 1 - at) / width)
    return out


def _interpolation(zoom: float) -> int:
    return cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
