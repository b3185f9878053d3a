"""Contact sheets: rows of pictures side by side under headings, to judge results at a glance.

`fittingroom try --sheet`, the demo and the evaluations draw with it. Invariant: a picture is never cropped, stretched
or enlarged; it is only reduced to fit its cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

MARGIN = 16
TEXT_SIZE = 18
LINE = 26
PAPER = (255, 255, 255)
INK = (40, 40, 40)
PALE = (120, 120, 120)


@dataclass(frozen=True, slots=True)
class Row:
    """Pictures of one case, uint8 RGB (H, W, 3) of any size, and the lines of text under them."""

    pictures: tuple[NDArray[np.uint8], ...]
    caption: tuple[str, ...] = ()


def contact_sheet(
    rows: Sequence[Row], headings: Sequence[str] = ("person", "garment", "result"), cell: tuple[int, int] = (420, 560)
) -> Image.Image:
    """Draw the sheet. cell: width and height, px, that one picture may take at most.

    Raises ValueError where there is no row or a row has another number of pictures than there are headings.
    """
    if not rows:
        raise ValueError("a contact sheet needs at least one row")
    for row in rows:
        if len(row.pictures) != len(headings):
            raise ValueError(f"a row has {len(row.pictures)} pictures under {len(headings)} headings")
    grid = [[_fit(picture, cell) for picture in row.pictures] for row in rows]
    widths = [max(line[column].width for line in grid) for column in range(len(headings))]
    heights = [
        max(image.height for image in line) + LINE * len(row.caption) for line, row in zip(grid, rows, strict=True)
    ]
    sheet = Image.new(
        "RGB",
        (sum(widths) + MARGIN * (len(widths) + 1), LINE + sum(heights) + MARGIN * (len(rows) + 2)),
        PAPER,
    )
    draw = ImageDraw.Draw(sheet)
    _write_along(draw, headings, widths)
    top = LINE + 2 * MARGIN
    for line, row, height in zip(grid, rows, heights, strict=True):
        _draw_row(sheet, line, widths, top)
        for number, text in enumerate(row.caption):
            _write(draw, (MARGIN, top + height - LINE * (len(row.caption) - number)), text, PALE)
        top += height + MARGIN
    return sheet


def _fit(picture: NDArray[np.uint8], cell: tuple[int, int]) -> Image.Image:
    image = Image.fromarray(np.ascontiguousarray(picture))
    image.thumbnail(cell, Image.Resampling.LANCZOS)
    return image


def _draw_row(sheet: Image.Image, images: Sequence[Image.Image], widths: Sequence[int], top: int) -> None:
    left = MARGIN
    for image, width in zip(images, widths, strict=True):
        sheet.paste(image, (left + (width - image.width) // 2, top))
        left += width + MARGIN


def _write_along(draw: ImageDraw.ImageDraw, headings: Sequence[str], widths: Sequence[int]) -> None:
    left = MARGIN
    for heading, width in zip(headings, widths, strict=True):
        _write(draw, (left, MARGIN), heading, INK)
        left += width + MARGIN


def _write(draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, colour: tuple[int, int, int]) -> None:
    draw.text(at, text, fill=colour, font=ImageFont.load_default(TEXT_SIZE))
