"""The caller's own mark in place of the default text: `LogoParam`.

The logo is stretched to its rectangle, as published. What is not published is decided here: a missing width or height
follows from the logo's own shape, a missing position means the place of the default text, a rectangle over the border
is clipped, one that shows nothing is an error. Only the visible part is ever resampled, so that a huge rectangle
costs no more than the picture. Invariant: pixels outside the rectangle stay bit for bit what they were.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from PIL import Image

from fittingroom.engines.protocol import RgbImage
from fittingroom.errors import ApiError
from fittingroom.images.decode import RgbaImage
from fittingroom.images.mark import margin, overlay

MAX_SIDE: Final = 16384
"""Greatest accepted width and height of the rectangle, px."""

DEFAULT_WIDTH: Final = 0.25
DEFAULT_HEIGHT: Final = 0.1
"""Without width and height the logo is fitted, keeping its shape, into this share of the picture."""

AskedRect = tuple[int | None, int | None, int | None, int | None]
"""x, y, width, height as the caller gave them, in px of the result."""


class Rect(NamedTuple):
    """x, y of the top left corner, width and height, in px of the result; may reach over its border."""

    x: int
    y: int
    width: int
    height: int


def place(picture_size: tuple[int, int], logo_size: tuple[int, int], asked: AskedRect) -> Rect:
    """Where the logo goes. Sizes are (width, height) in px.

    Raises `ApiError`: `logo_rect_size` for a width or height below 1 or above `MAX_SIDE`, `logo_rect_outside` where
    no pixel of the rectangle lies on the picture.
    """
    x, y, width, height = asked
    for side, value in (("Width", width), ("Height", height)):
        if value is not None and not 1 <= value <= MAX_SIDE:
            raise ApiError("logo_rect_size", side=side, value=value, limit=MAX_SIDE)
    wide, high = _size(picture_size, logo_size, width, height)
    gap = margin(*picture_size)
    rect = Rect(
        x if x is not None else max(0, picture_size[0] - gap - wide),
        y if y is not None else max(0, picture_size[1] - gap - high),
        wide,
        high,
    )
    if not (-wide < rect.x < picture_size[0] and -high < rect.y < picture_size[1]):
        raise ApiError("logo_rect_outside", width=picture_size[0], height=picture_size[1])
    return rect


def add_logo(picture: RgbImage, logo: RgbaImage, asked: AskedRect) -> RgbImage:
    """A copy of `picture` (uint8 RGB (H, W, 3)) with `logo` (uint8 RGBA) stretched to the asked rectangle.

    Raises `ApiError` as `place` does.
    """
    height, width = picture.shape[:2]
    logo_height, logo_width = logo.shape[:2]
    rect = place((width, height), (logo_width, logo_height), asked)
    left, top = max(0, rect.x), max(0, rect.y)
    right, bottom = min(width, rect.x + rect.width), min(height, rect.y + rect.height)
    scale_x, scale_y = logo_width / rect.width, logo_height / rect.height
    part = (
        (left - rect.x) * scale_x,
        (top - rect.y) * scale_y,
        min(logo_width, (right - rect.x) * scale_x),
        min(logo_height, (bottom - rect.y) * scale_y),
    )
    shown = Image.fromarray(logo).resize((right - left, bottom - top), Image.Resampling.LANCZOS, box=part)
    return overlay(picture, shown, left, top)


def _size(
    picture_size: tuple[int, int], logo_size: tuple[int, int], width: int | None, height: int | None
) -> tuple[int, int]:
    """Width and height of the rectangle, the missing ones from the logo's shape."""
    if width is None and height is None:
        room = (DEFAULT_WIDTH * picture_size[0] / logo_size[0], DEFAULT_HEIGHT * picture_size[1] / logo_size[1])
        scale = min(room)
        width, height = round(scale * logo_size[0]), round(scale * logo_size[1])
    elif width is None:
        width = round((height or 1) * logo_size[0] / logo_size[1])
    elif height is None:
        height = round(width * logo_size[1] / logo_size[0])
    assert width is not None
    assert height is not None
    return min(MAX_SIDE, max(1, width)), min(MAX_SIDE, max(1, height))
