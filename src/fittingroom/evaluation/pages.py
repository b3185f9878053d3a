"""Contact sheets of a draw: person, garment and result side by side, several pairs a page, each with its number.

`fittingroom.sheets` lists cases below each other with long captions, for a reader; a judge wants many at once at one
height. Invariant: a picture is reduced whole, never cropped or stretched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fittingroom.engines.protocol import RgbImage

HEIGHT = 400
COLUMNS, ROWS = 3, 3
MARGIN, LINE, TEXT = 10, 24, 17
PAPER, INK, WARNED, REFUSED = (255, 255, 255), (20, 20, 20), (190, 110, 0), (200, 0, 0)


@dataclass(frozen=True, slots=True)
class Tile:
    """One pair on a page. pictures: uint8 RGB; note: what the engine said about it; ink: its colour."""

    number: str
    pictures: tuple[RgbImage, ...]
    note: str = ""
    ink: tuple[int, int, int] = INK


def pages(tiles: Sequence[Tile]) -> Iterator[Image.Image]:
    """Pages of COLUMNS x ROWS tiles, in order."""
    for first in range(0, len(tiles), COLUMNS * ROWS):
        yield _page(tiles[first : first + COLUMNS * ROWS])


def _page(tiles: Sequence[Tile]) -> Image.Image:
    drawn = [_tile(tile) for tile in tiles]
    width = max(image.width for image in drawn) + 2 * MARGIN
    height = HEIGHT + LINE + MARGIN
    columns = min(COLUMNS, len(drawn))
    page = Image.new("RGB", (columns * width, -(-len(drawn) // COLUMNS) * height + MARGIN), PAPER)
    for place, image in enumerate(drawn):
        page.paste(image, ((place % COLUMNS) * width + MARGIN, (place // COLUMNS) * height + MARGIN))
    return page


def _tile(tile: Tile) -> Image.Image:
    images = [_reduced(picture) for picture in tile.pictures]
    font = ImageFont.load_default(TEXT)
    label = f"{tile.number}  {tile.note}".rstrip()
    width = sum(image.width + 2 for image in images)
    out = Image.new("RGB", (width, HEIGHT + LINE), PAPER)
    while len(label) > 8 and font.getlength(label) > width:
        label = label[:-2].rstrip() + "…" if not label.endswith("…") else label[:-3].rstrip() + "…"
    ImageDraw.Draw(out).text((0, 0), label, fill=tile.ink, font=font)
    left = 0
    for image in images:
        out.paste(image, (left, LINE))
        left += image.width + 2
    return out


def _reduced(picture: RgbImage) -> Image.Image:
    image = Image.fromarray(np.ascontiguousarray(picture))
    width = max(1, round(image.width * HEIGHT / image.height))
    return image.resize((width, HEIGHT), Image.Resampling.LANCZOS)
