"""Pairs of photos that the benches dress: of the development set where it lies beside the repository.

Else NASA's portrait that scikit-image brings (public domain) and a drawn shirt, so that a bench runs anywhere.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "support"))

from pictures import shirt  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402

SIZE = (768, 1024)
PHOTOS = HERE.parent.parent / "shared" / "photos"
SETS = {
    "Upper-body": ("pairs/image", "pairs/cloth"),
    "Lower-body": ("persons/magento_lower", "garments/clean_lower"),
    "Dress": ("pairs/image", "garments/clean_dress"),
}


def photos(clothes_type: str) -> Iterator[tuple[Image.Image, Image.Image]]:
    """Endless pairs of person and garment, both 768x1024."""
    persons, garments = (sorted((PHOTOS / name).glob("*.*")) for name in SETS[clothes_type])
    if persons and garments:
        for person, garment in zip(
            itertools.cycle(persons), itertools.cycle(garments[1:] + garments[:1]), strict=False
        ):
            yield fitted(Image.open(person)), fitted(Image.open(garment))
    from skimage import data

    portrait = fitted(Image.fromarray(data.astronaut()).crop((64, 0, 448, 512)))
    while True:
        yield portrait, shirt(SIZE)


def fitted(picture: Image.Image) -> Image.Image:
    """Cropped and scaled to 768x1024."""
    return ImageOps.fit(picture.convert("RGB"), SIZE, Image.Resampling.LANCZOS)
