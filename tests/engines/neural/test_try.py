"""`fittingroom try ... --engine flux2-klein|qwen-edit` in this process, from two files to a third, tiny networks."""

from __future__ import annotations

import json
from pathlib import Path

import neural_tiny_served
import numpy as np
import pytest
from neural_fake_reader import garment_photo, person_photo
from PIL import Image
from running_server import fittingroom

from fittingroom.engines.protocol import EngineInfo
from fittingroom.engines.registry import Registry
from fittingroom.images.label import read_label

pytest.importorskip("torch")
pytestmark = pytest.mark.neural

ENGINES = {
    "flux2-klein": (neural_tiny_served.TinyKlein, neural_tiny_served.klein_set),
    "qwen-edit": (neural_tiny_served.TinyQwen, neural_tiny_served.qwen_set),
}


@pytest.mark.parametrize("name", ENGINES)
def test_two_files_become_a_third(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    factory, enter = ENGINES[name]
    installed = Registry()
    installed.add(EngineInfo(name, factory))
    monkeypatch.setattr(Registry, "installed", classmethod(lambda cls: installed))
    store = tmp_path / "cache" / "fittingroom" / "models"
    store.mkdir(parents=True)
    (tmp_path / "given").mkdir()
    enter(tmp_path / "given", store)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("FITTINGROOM_NEURAL__ATTEMPTS", "1")
    person = person_photo(400, 300)
    Image.fromarray(person).save(tmp_path / "person.png")
    Image.fromarray(garment_photo(300, 280)).save(tmp_path / "garment.png")
    out = tmp_path / "out.png"
    fittingroom(
        *("try", tmp_path / "person.png", tmp_path / "garment.png", "--type", "Upper-body", "--engine", name),
        *("-o", out, "--no-logo", "--report", tmp_path / "report.json"),
    )
    made = np.asarray(Image.open(out).convert("RGB"))
    report = json.loads((tmp_path / "report.json").read_text())
    left, top, right, bottom = report["changed_box"]
    outside = np.ones(person.shape[:2], bool)
    outside[top:bottom, left:right] = False
    assert report["engine"] == name
    assert made.shape == person.shape
    assert (made[outside] == person[outside]).all()
    assert (made != person).any()
    assert name in read_label(out.read_bytes())["EXIF:Software"]
