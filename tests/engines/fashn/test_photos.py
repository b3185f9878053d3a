"""A real photo read by the real networks, in the network's own frame; the tiny network's noise must never be shown.

Skipped where the photos or the weights are absent: neither is part of the project.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from neural_tiny_fashn import tiny_set
from PIL import Image

from fittingroom.engines.fashn.engine import FashnEngine
from fittingroom.engines.fashn.frames import SIZE
from fittingroom.engines.protocol import ClothesType, RefusedPicture
from fittingroom.models import all_weights, models_dir, set_folder
from fittingroom.models.store import State, state
from fittingroom.setting_neural import NeuralSettings

pytest.importorskip("torch")
pytestmark = [pytest.mark.neural, pytest.mark.photos, pytest.mark.weights]

PHOTOS = Path(os.environ.get("FITTINGROOM_PHOTOS") or Path(__file__).parents[4] / "shared" / "photos")
WEIGHTS = ("u2net_cloth_seg", "selfie_multiclass", "pose_landmarker_full")


def first_of(folder: str) -> np.ndarray:
    path = sorted(p for p in (PHOTOS / folder).iterdir() if p.suffix.lower() in {".jpg", ".jpeg", ".png"})[0]
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def test_a_real_photo_is_read_and_left_alone_elsewhere(tmp_path: Path) -> None:
    if not PHOTOS.is_dir():
        pytest.skip("no evaluation photos: name their folder in FITTINGROOM_PHOTOS")
    absent = [w for w in WEIGHTS if state(all_weights()[w], models_dir()) is not State.PRESENT]
    if absent:
        pytest.skip(f"weights not pulled: {', '.join(absent)}; bring them with: fittingroom models pull")
    for name in ("given", "store"):
        (tmp_path / name).mkdir()
    tiny_set(tmp_path / "given", tmp_path / "store")
    settings = NeuralSettings(device="cpu", steps=2, attempts=1)
    engine = FashnEngine(lambda name: set_folder(name, tmp_path / "store"), settings, size=SIZE)
    person, garment = first_of("persons/vitonhd"), first_of("garments/clean_upper")
    with pytest.raises(RefusedPicture):
        engine.try_on(person, garment, ClothesType.UPPER)
    top = engine._reader.read(person).upper

    def as_trained(jobs, *_):
        (job,) = jobs
        where = job.frame.cut_mask(top)
        return [np.asarray(job.person * (1 - where) - 0.8 * job.person * where, np.float32)]

    engine._runtime.make = as_trained
    done = engine.try_on(person, garment, ClothesType.UPPER)
    mask = done.report.mask
    assert done.image.shape == person.shape
    assert (done.image[mask == 0] == person[mask == 0]).all()
    assert 0.05 < (mask > 0.5).mean() < 0.7
    assert (done.image != person).any(axis=-1)[mask > 0.9].mean() > 0.8
    assert done.report.signals["registration"] > 0.5
