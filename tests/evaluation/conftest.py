"""A small folder in the layout of the evaluation photos, drawn here; no photo is used."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.evaluation.photos import Photos, write_rgb

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
