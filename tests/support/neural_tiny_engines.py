"""What the tests of both editors share: tiny weights entered in a store, and calls that count or stop."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from neural_fake_reader import FakeReader, garment_photo, person_photo

from fittingroom.engines.neural.editing import EditingEngine
from fittingroom.engines.protocol import Cancelled, Checkpoint, ClothesType, RgbImage, TryOnOptions, never_cancelled
from fittingroom.models.sets import adopt_folder
from fittingroom.setting_neural import NeuralSettings


def entered(name: str, folder: Path, write: Callable[[Path], Path]) -> Path:
    """The store, below `folder`, that holds the set `name` as `write` makes it."""
    store = folder / "models"
    store.mkdir()
    adopt_folder(name, write(folder / "made"), store)
    return store


def opened(kind: type[EditingEngine], store: Path, **settings: object) -> EditingEngine:
    """An engine on the CPU; one attempt, so that a test counts what it wants to count."""
    given = NeuralSettings(**{"device": "cpu", "attempts": 1, **settings})  # type: ignore[arg-type]
    return kind(lambda name: store / name, given, FakeReader())


def dressed(engine: EditingEngine, seed: int = 0, checkpoint: Checkpoint = never_cancelled) -> RgbImage:
    """The picture, checked against the protocol."""
    person = person_photo()
    result = engine.try_on(person, garment_photo(), ClothesType.UPPER, TryOnOptions(seed=seed), checkpoint)
    assert result.image.shape == person.shape
    assert result.image.dtype == np.uint8
    same = result.report.mask == 0
    assert same.any()
    assert not same.all()
    assert np.array_equal(result.image[same], person[same])
    assert not np.array_equal(result.image, person)
    assert result.report.engine == engine.name
    return result.image


class StopAt:
    """A checkpoint that raises at its n-th question."""

    def __init__(self, allowed: int) -> None:
        self.left = allowed
        self.asked = 0

    def __call__(self) -> None:
        self.asked += 1
        if self.left == 0:
            raise Cancelled
        self.left -= 1
