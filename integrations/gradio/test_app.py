"""The Gradio page, served on a free port and called over its API, on an engine that paints a rectangle."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from flat_engine import FlatEngine
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from pictures import figure, garment
from PIL import Image

from fittingroom import FittingRoom


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of the running page."""
    place = tmp_path_factory.mktemp("gradio")
    patch = pytest.MonkeyPatch()
    patch.setenv("GRADIO_TEMP_DIR", str(place / "served"))
    spec = importlib.util.spec_from_file_location("gradio_app", Path(__file__).with_name("app.py"))
    assert spec is not None
    assert spec.loader is not None
    app = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(app)
    page = app.build(FittingRoom(FlatEngine(), review=None))
    _, address, _ = page.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
    yield Client(address, download_files=place / "got", verbose=False)
    page.close()
    patch.undo()


def sent(folder: Path, name: str, picture: Image.Image):
    picture.save(folder / name)
    return handle_file(folder / name)


def test_a_person_is_dressed_over_the_api(client: Client, tmp_path: Path) -> None:
    person = figure((240, 320))
    picture, told = client.predict(
        sent(tmp_path, "p.png", person), sent(tmp_path, "g.png", garment()), "Dress", 0, api_name="/try_on"
    )
    made = np.asarray(Image.open(picture).convert("RGB"))
    assert made.shape == (320, 240, 3)
    before = np.asarray(person)
    assert (made[:60] == before[:60]).all()
    assert (made[100:200, 80:160] != before[100:200, 80:160]).any()
    assert told.startswith("flat, confidence 0.00")
    assert "- The flat engine is for tests." in told


@pytest.mark.parametrize(("trick", "message"), [("no-garment", "the test's garment says so"), (None, "Give a photo")])
def test_a_refusal_is_a_message(client: Client, tmp_path: Path, trick: str | None, message: str) -> None:
    cloth = sent(tmp_path, "g.png", garment(trick=trick)) if trick else None
    with pytest.raises(AppError, match=message):
        client.predict(sent(tmp_path, "p.png", figure()), cloth, "Dress", 0, api_name="/try_on")
