"""A small folder in the layout of the evaluation photos, drawn here; no photo is used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from mannequin import Look, Mannequin, MannequinNets, draw_mannequin

from fittingroom.engines.drape.engine import DrapeEngine
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.protocol import ClothesType, TryOnResult
from fittingroom.evaluation.drawing import Pair
from fittingroom.evaluation.photos import Photos, write_rgb
from fittingroom.evaluation.split import Split, split

PAIRS = [name for n in range(40) if split(name := f"vitonhd_{n:05d}_00.png") is Split.TUNING][:2]

FOLDERS = {
    "persons/vitonhd": ("{:05d}_00", 12),
    "persons/magento_upper": ("mh{:02d}-blue_main", 8),
    "persons/magento_lower": ("mp{:02d}-blue_main", 12),
    "parsing/ccp/images": ("{:04d}", 12),
    "garments/clean_upper": ("vitonhd_{:05d}_00", 12),
    "garments/cc0_upper": ("cc0_shirt_{:08x}", 6),
    "garments/clean_lower": ("fitdit_{}", 4),
    "garments/cc0_lower": ("cc0_pants_{:08x}", 12),
    "garments/clean_dress": ("catvton_{}", 4),
    "garments/cc0_dress": ("cc0_dress_{:08x}", 12),
}


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    """Blank pictures under the right names, and a garment seen from the back that must never be drawn."""
    root = tmp_path_factory.mktemp("photos")
    blank = np.full((8, 6, 3), 200, np.uint8)
    for folder, (name, count) in FOLDERS.items():
        (root / folder).mkdir(parents=True)
        for number in range(count):
            write_rgb(root / folder / f"{name.format(number)}.png", blank)
    for number in range(30):
        write_rgb(root / "garments" / "clean_upper" / f"saleor-{number}-back.png", blank)
    return Photos(root)


@pytest.fixture
def square() -> np.ndarray:
    """A mask of 200 x 200 with a filled square of 100 x 100 in its middle."""
    mask = np.zeros((200, 200), bool)
    mask[50:150, 50:150] = True
    return mask


@dataclass
class Cloth:
    """A drawn garment photo and its class map, as `MannequinNets` wants it."""

    rgb: np.ndarray
    classes: np.ndarray


def draw_tee() -> Cloth:
    """A blue tee on white, 600 x 800."""
    half = [(240, 120), (180, 145), (92, 270), (150, 305), (188, 268), (190, 640)]
    outline = [*half, *((600 - x, y) for x, y in half[::-1]), (345, 150), (300, 160), (255, 150)]
    classes = np.zeros((800, 600), np.uint8)
    cv2.fillPoly(classes, [np.array(outline, np.int32)], 1)
    rgb = np.full((800, 600, 3), 240, np.uint8)
    rgb[classes > 0] = (60, 100, 190)
    return Cloth(rgb, classes)


@dataclass
class Stage:
    """A mannequin in long sleeves, a tee, the networks that know both, and the engine that looks through them."""

    person: Mannequin
    cloth: Cloth
    nets: MannequinNets
    engine: DrapeEngine


@pytest.fixture(scope="session")
def stage() -> Stage:
    person, cloth = draw_mannequin(Look(sleeves="long")), draw_tee()
    nets = MannequinNets(person, cloth)
    return Stage(person, cloth, nets, DrapeEngine(nets=nets))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def inspected(stage: Stage) -> tuple[TryOnResult, Scene]:
    return stage.engine.inspect(stage.person.rgb, stage.cloth.rgb, ClothesType.UPPER)


@pytest.fixture
def shop(tmp_path: Path, stage: Stage) -> Photos:
    """A folder with the mannequin and the tee in it, and two pairs of one split."""
    root = tmp_path / "photos"
    for folder in ("persons/vitonhd", "garments/clean_upper", "pairs/image", "pairs/cloth"):
        (root / folder).mkdir(parents=True)
    write_rgb(root / "persons" / "vitonhd" / "p.png", stage.person.rgb)
    write_rgb(root / "garments" / "clean_upper" / "g.png", stage.cloth.rgb)
    for name in PAIRS:
        write_rgb(root / "pairs" / "image" / name, stage.person.rgb)
        write_rgb(root / "pairs" / "cloth" / name, stage.cloth.rgb)
    return Photos(root)


@pytest.fixture
def pair() -> Pair:
    names = "persons/vitonhd/p.png", "garments/clean_upper/g.png"
    return Pair("upper-tuning-01", *names, ClothesType.UPPER, Split.TUNING)
