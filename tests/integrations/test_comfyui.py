"""The ComfyUI node, loaded as ComfyUI loads a custom node, on the flat engine."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from flat_engine import FlatEngine
from pictures import figure, garment

from fittingroom import FittingRoom

FOLDER = Path(__file__).parents[2] / "integrations" / "comfyui"
pytestmark = pytest.mark.neural


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch):
    """The package, under the name that ComfyUI makes of its folder's path."""
    name = str(FOLDER).replace(".", "_x_")
    spec = importlib.util.spec_from_file_location(name, FOLDER / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, package)
    spec.loader.exec_module(package)
    nodes = sys.modules[f"{name}.nodes"]
    monkeypatch.setattr(nodes, "room", lambda engine: FittingRoom(FlatEngine(), review=None))
    return package


def tensor(*pictures):
    import torch

    return torch.from_numpy(np.stack([np.asarray(one) for one in pictures])).float() / 255


def call(package, **inputs):
    """As ComfyUI does: the class by its name, the method that FUNCTION names."""
    found = package.NODE_CLASS_MAPPINGS["FittingRoomTryOn"]
    return getattr(found(), found.FUNCTION)(**inputs)


def test_the_node_is_announced_as_comfyui_wants_it(node) -> None:
    assert node.NODE_CLASS_MAPPINGS.keys() == node.NODE_DISPLAY_NAME_MAPPINGS.keys()
    found = node.NODE_CLASS_MAPPINGS["FittingRoomTryOn"]
    asked = found.INPUT_TYPES()["required"]
    assert asked["person"] == ("IMAGE",)
    assert asked["clothes_type"] == (["Upper-body", "Lower-body", "Dress"],)
    assert {"auto", "drape"} <= set(asked["engine"][0])
    assert len(found.RETURN_TYPES) == len(found.RETURN_NAMES)
    assert found.CATEGORY


def test_a_batch_is_dressed_and_stays_exact_outside_the_mask(node) -> None:
    people = tensor(figure((120, 160)), figure((120, 160)))
    inputs = {
        "person": people,
        "garment": tensor(garment((90, 120))),
        "clothes_type": "Dress",
        "engine": "x",
        "seed": 1,
    }
    image, mask, confidence, warnings = call(node, **inputs)
    assert image.shape == people.shape
    assert image.dtype == people.dtype
    assert 0 <= float(image.min()) <= float(image.max()) <= 1
    assert mask.shape == people.shape[:3]
    assert bool((image[mask == 0] == people[mask == 0]).all())
    assert bool((image[mask > 0] != people[mask > 0]).any())
    assert (confidence, warnings.count("flat engine")) == (0.0, 2)


def test_other_tensors_and_counts_are_refused(node) -> None:
    person, cloth = tensor(figure((120, 160))), tensor(garment((90, 120)), garment((90, 120)))
    rest = {"clothes_type": "Dress", "engine": "x", "seed": 1}
    with pytest.raises(ValueError, match="1 people, 2 garments"):
        call(node, person=person, garment=cloth, **rest)
    with pytest.raises(ValueError, match="shape"):
        call(node, person=person[0], garment=person, **rest)
