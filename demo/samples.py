"""What the demo shows: the package's sample people and garments, or a user's own photos within the API's limits.

Invariant: what `sample_cases` and `prepare` give are JPEG files that the API accepts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from fittingroom.samples import sample

PAIRS = (
    ("anna", "tee-red"),
    ("ravi", "chinos-sand"),
    ("mei", "dress-flowers"),
    ("zuri", "stripe-tee"),
    ("helen", "skirt-rust"),
    ("jonas", "sweater-mustard"),
)
LONGEST, SHORTEST = 1600, 640


@dataclass(frozen=True)
class Case:
    """One call of the demo: two files and the ClothesType."""

    person: Path
    garment: Path
    clothes_type: str

    @property
    def name(self) -> str:
        return f"{self.person.stem}-{self.garment.stem}"


def sample_cases() -> list[Case]:
    """Everybody in something else."""
    pairs = ((sample(person), sample(garment)) for person, garment in PAIRS)
    return [Case(person.path, garment.path, str(garment.clothes_type)) for person, garment in pairs]


def prepare(photo: Path, target: Path) -> Path:
    """Write a user's own photo to `target` as the API takes it. Raises OSError where it is no picture.

    Upright, in RGB, the longer side at most LONGEST px, the shorter at least SHORTEST px where that is possible.
    """
    with Image.open(photo) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    scale = min(1.0, LONGEST / max(upright.size))
    scale = max(scale, SHORTEST / min(upright.size))
    size = (round(upright.width * scale), round(upright.height * scale))
    part = target.with_suffix(".part")
    upright.resize(size, Image.Resampling.LANCZOS).save(part, "JPEG", quality=92)
    part.replace(target)
    return target
