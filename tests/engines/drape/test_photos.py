"""The real networks on real photos, one picture per type. The photos stay where they are and are never copied.

Skipped where the photos or the weights are absent: neither is part of the project.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fittingroom.engines.drape.engine import DrapeEngine
from fittingroom.engines.protocol import ClothesType
from fittingroom.models import all_weights, models_dir
from fittingroom.models.store import State, state

PHOTOS = Path(os.environ.get("FITTINGROOM_PHOTOS") or Path(__file__).parents[4] / "shared" / "photos")
WEIGHTS = ("u2net_cloth_seg", "migan_pipeline_v2", "selfie_multiclass", "pose_landmarker_full")
CASES = [
    ("persons/vitonhd", "garments/clean_upper", ClothesType.UPPER),
    ("parsing/ccp/images", "garments/clean_lower", ClothesType.LOWER),
    ("parsing/ccp/images", "garments/clean_dress", ClothesType.DRESS),
]


def first_of(folder: str) -> np.ndarray:
    path = sorted(p for p in (PHOTOS / folder).iterdir() if p.suffix.lower() in {".jpg", ".jpeg", ".png"})[0]
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


@pytest.fixture(scope="module")
def engine() -> DrapeEngine:
    if not PHOTOS.is_dir():
        pytest.skip("no evaluation photos: name their folder in FITTINGROOM_PHOTOS")
    absent = [w for w in WEIGHTS if state(all_weights()[w], models_dir()) is not State.PRESENT]
    if absent:
        pytest.skip(f"weights not pulled: {', '.join(absent)}; bring them with: fittingroom models pull")
    made = DrapeEngine()
    made.load()
    return made


@pytest.mark.photos
@pytest.mark.weights
@pytest.mark.parametrize(("persons", "garments", "clothes_type"), CASES, ids=lambda v: getattr(v, "value", None))
def test_a_real_photo_is_dressed_and_left_alone_elsewhere(
    engine: DrapeEngine, persons: str, garments: str, clothes_type: ClothesType
) -> None:
    person, garment = first_of(persons), first_of(garments)
    result = engine.try_on(person, garment, clothes_type)
    mask = result.report.mask
    assert result.image.shape == person.shape
    assert (result.image[mask == 0] == person[mask == 0]).all()
    assert 0.02 < (mask > 0.5).mean() < 0.8
    changed = (result.image != person).any(axis=-1)
    assert changed[mask > 0.9].mean() > 0.8
    assert 0.0 < result.report.confidence <= 1.0
