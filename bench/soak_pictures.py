"""Pictures that say which they are, and the look at a result that tells whether it is of these.

Each person carries its number in blocks along the top, each garment in blocks in its middle, and the test engine pastes
the garment where its type says. So a result shows person, garment and type of the request that it must answer.
Invariant: every bit stands there twice, once inverted, so that no plain area can pass for a number.
"""

from __future__ import annotations

import io

import numpy as np
from flat_engine import TRICKS
from PIL import Image, ImageDraw

SIZE = (528, 704)
NUMBERS = 256
BOXES = {"Upper-body": (0.2, 0.6), "Lower-body": (0.5, 0.95), "Dress": (0.2, 0.95)}
"""Rows of the picture that the test engine fills, as parts of its height; columns are the middle half."""

_BACKGROUND = (90, 110, 130)
_TONES = ((40, 40, 40), (215, 215, 215))


def person(number: int) -> bytes:
    """A person photo, so to speak."""
    picture = Image.new("RGB", SIZE, _BACKGROUND)
    draw, width, height = ImageDraw.Draw(picture), SIZE[0] / 16, SIZE[1] / 10
    for place, bit in enumerate(_bits(number)):
        draw.rectangle((place * width, 0, (place + 1) * width, height), fill=_TONES[bit])
    return _file(picture)


def garment(number: int, trick: str | None = None) -> bytes:
    """A garment on white; `trick` makes the test engine misbehave."""
    picture = Image.new("RGB", SIZE, "white")
    draw, width, height = ImageDraw.Draw(picture), SIZE[0] / 8, SIZE[1] / 8
    for place, bit in enumerate(_bits(number)):
        left, top = (2 + place % 4) * width, (2 + place // 4) * height
        draw.rectangle((left, top, left + width, top + height), fill=_TONES[bit])
    if trick:
        draw.rectangle((0, 0, 63, 63), fill=TRICKS[trick])
    return _file(picture)


def complaint(data: bytes, wanted: tuple[int, int, str]) -> str | None:
    """What is wrong with a result for (person, garment, clothes type), or None."""
    with Image.open(io.BytesIO(data)) as opened:
        picture = np.asarray(opened.convert("L"), float)
    number, cloth, clothes_type = wanted
    height, width = picture.shape
    if (width, height) != SIZE:
        return f"a result of {width}x{height}"
    top, bottom = BOXES[clothes_type]
    above = [((place + 0.5) / 16, 0.05) for place in range(16)]
    inside = [(0.25 + (2.5 + place % 4) / 16, top + (2.5 + place // 4) / 8 * (bottom - top)) for place in range(16)]
    if _read(picture, above) != number:
        return f"not person {number}"
    if _read(picture, inside) != cloth:
        return f"not garment {cloth} as {clothes_type}"
    return None


def _read(picture: np.ndarray, points: list[tuple[float, float]]) -> int | None:
    """The number at these points (parts of width and height), or None where bits and inverted bits do not fit."""
    height, width = picture.shape
    spots = [(round(x * width), round(y * height)) for x, y in points]
    bits = [int(picture[y - 3 : y + 4, x - 3 : x + 4].mean() > 128) for x, y in spots]
    if any(bits[place] == bits[place + 8] for place in range(8)):
        return None
    return sum(bit << place for place, bit in enumerate(bits[:8]))


def _bits(number: int) -> list[int]:
    bits = [number >> place & 1 for place in range(8)]
    return bits + [1 - bit for bit in bits]


def _file(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=1)
    return stream.getvalue()
