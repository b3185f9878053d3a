"""Drawn pictures for tests: a figure, a garment on white, a logo. No photo of anyone."""

from __future__ import annotations

import io

import numpy as np
from flat_engine import TRICKS
from PIL import Image, ImageDraw, ImageFilter


def figure(size: tuple[int, int] = (600, 800)) -> Image.Image:
    """A person of simple shapes on grey, RGB."""
    w, h = size
    picture = Image.new("RGB", size, (205, 208, 212))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0.38 * w, 0.55 * h, 0.49 * w, 0.97 * h), fill=(60, 70, 110))
    draw.rectangle((0.51 * w, 0.55 * h, 0.62 * w, 0.97 * h), fill=(60, 70, 110))
    draw.rounded_rectangle((0.34 * w, 0.22 * h, 0.66 * w, 0.58 * h), 0.05 * w, fill=(170, 60, 60))
    draw.ellipse((0.42 * w, 0.05 * h, 0.58 * w, 0.21 * h), fill=(220, 180, 150))
    return picture


def garment(size: tuple[int, int] = (600, 800), trick: str | None = None) -> Image.Image:
    """A T-shirt shape on white, RGB; `trick` colours the corner that the flat engine looks at."""
    w, h = size
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    points = [(0.3, 0.2), (0.42, 0.16), (0.58, 0.16), (0.7, 0.2), (0.9, 0.38), (0.78, 0.46), (0.7, 0.38)]
    points += [(0.7, 0.85), (0.3, 0.85), (0.3, 0.38), (0.22, 0.46), (0.1, 0.38)]
    draw.polygon([(x * w, y * h) for x, y in points], fill=(30, 120, 90))
    if trick:
        draw.rectangle((0, 0, 63, 63), fill=TRICKS[trick])
    return picture


def shirt(size: tuple[int, int] = (768, 1024)) -> Image.Image:
    """A T-shirt with shading, grain and a soft shadow on white, RGB, which the real networks take for a photo."""
    outline = [(0.37, 0.17), (0.43, 0.205), (0.5, 0.215), (0.57, 0.205), (0.63, 0.17), (0.74, 0.215), (0.93, 0.4)]
    outline += [(0.8, 0.475), (0.725, 0.4), (0.735, 0.6), (0.735, 0.83), (0.5, 0.84), (0.265, 0.83), (0.265, 0.6)]
    outline += [(0.275, 0.4), (0.2, 0.475), (0.07, 0.4), (0.26, 0.215)]
    w, h = size
    shape = Image.new("L", size, 0)
    ImageDraw.Draw(shape).polygon([(x * w, y * h) for x, y in outline], fill=255)
    y, x = np.mgrid[0:h, 0:w] / np.array([[[h]], [[w]]])
    shade = 1 - 0.22 * (2 * x - 1) ** 2 + 0.05 * np.sin(18 * x + 5 * y) + 0.04 * np.sin(9 * y - 14 * x)
    grain = np.random.default_rng(0).normal(0, 3, (h, w, 1))
    cloth = np.array((46, 120, 84)) * shade[..., None] + grain
    inside, shadow = (
        np.asarray(shape.filter(ImageFilter.GaussianBlur(radius)), float)[..., None] / 255 for radius in (1, 14)
    )
    picture = (246 - 14 * shadow) * (1 - inside) + cloth * inside
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def logo(size: tuple[int, int] = (80, 40)) -> Image.Image:
    """Opaque magenta on the left half, transparent on the right half, RGBA."""
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2 - 1, size[1]), fill=(255, 0, 200, 255))
    return picture


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The bytes of a file of that picture."""
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()
