"""`fittingroom try ... --engine fashn` in this process, from two files to a third, with the tiny network."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
from neural_tiny_fashn import TinyFashn, drawn_garment, drawn_person, tiny_set
from PIL import Image
from running_server import fittingroom

from fittingroom.engines.fashn.engine import FashnEngine
from fittingroom.engines.protocol import EngineInfo
from fittingroom.engines.registry import GROUP, Registry
from fittingroom.images.label import read_label

pytest.importorskip("torch")
pytestmark = pytest.mark.neural

PROJECT = Path(__file__).parents[3] / "pyproject.toml"
ORIENTATION, TURNED = 274, 6


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with person.png, garment.png and person.jpg, which is turned by EXIF; the tiny set in the cache."""
    store = tmp_path / "cache" / "fittingroom" / "models"
    store.mkdir(parents=True)
    (tmp_path / "given").mkdir()
    tiny_set(tmp_path / "given", store)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(Registry, "installed", classmethod(lambda cls: registry()))
    person = Image.fromarray(drawn_person().rgb)
    person.save(tmp_path / "person.png")
    Image.fromarray(drawn_garment()).save(tmp_path / "garment.png")
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED
    # A phone stores the picture lying down and says by how much it is to be turned.
    person.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "person.jpg", quality=98, subsampling=0, exif=exif)
    return tmp_path


def registry() -> Registry:
    """As installed, but for the size of the network."""
    one = Registry()
    one.add(EngineInfo("fashn", TinyFashn))
    return one


def dress(photos: Path, person: str, *words: str) -> np.ndarray:
    out = photos / "out.png"
    fittingroom(
        *("try", photos / person, photos / "garment.png", "--type", "Upper-body", "--engine", "fashn", "-o", out),
        *("--report", photos / "report.json", *words),
    )
    return np.asarray(Image.open(out).convert("RGB"))


def test_two_files_become_a_third(photos: Path) -> None:
    made, person = dress(photos, "person.png", "--no-logo"), drawn_person().rgb
    report = json.loads((photos / "report.json").read_text())
    left, top, right, bottom = report["changed_box"]
    assert report["engine"] == "fashn"
    assert made.shape == person.shape
    outside = np.ones(person.shape[:2], bool)
    outside[top:bottom, left:right] = False
    assert (made[outside] == person[outside]).all()
    assert 0.02 < (made != person).any(axis=-1).mean() < 0.5
    assert "fashn" in read_label((photos / "out.png").read_bytes())["EXIF:Software"]


def test_the_photo_of_a_phone_is_upright_before_the_engine_sees_it(photos: Path) -> None:
    made, person = dress(photos, "person.jpg", "--no-logo"), drawn_person().rgb
    assert made.shape == person.shape
    head = (slice(0, 120), slice(0, 480))
    assert np.abs(made[head].astype(int) - person[head]).mean() < 4


def test_the_package_announces_the_engine() -> None:
    announced = tomllib.loads(PROJECT.read_text())["project"]["entry-points"][GROUP]
    engine = Registry().create(announced[FashnEngine.name])
    assert type(engine) is FashnEngine
    assert engine.name == "fashn"
