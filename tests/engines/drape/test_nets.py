"""The edges of the networks that need no weights: softmax, and what a session is given, on which terms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fittingroom.engines.drape.nets import CLOTH_STEP, GARMENT_AREA, PERSON_AREA, Nets, softmax


@given(arrays(np.float32, (3, 2, 4), elements=st.floats(-1e4, 1e4, width=32)))
@settings(max_examples=40, deadline=None)
def test_softmax_is_a_distribution(logits: np.ndarray) -> None:
    p = softmax(logits)
    assert p.dtype == np.float32
    assert np.isfinite(p).all()
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=-1), 1.0, atol=1e-5)
    best = logits == logits.max(axis=-1, keepdims=True)
    np.testing.assert_allclose(p.max(axis=-1), np.where(best, p, 0).max(axis=-1), atol=1e-6)


@given(arrays(np.float64, (2, 4), elements=st.floats(-50, 50)), st.floats(-500, 500))
@settings(max_examples=40, deadline=None)
def test_softmax_ignores_a_common_shift(logits: np.ndarray, shift: float) -> None:
    np.testing.assert_allclose(softmax(logits + shift), softmax(logits), atol=1e-5)


class Session:
    """Stands for an onnxruntime session: answers with a class by brightness."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def run(self, names: list[str] | None, feeds: dict[str, np.ndarray], options: object) -> list[np.ndarray]:
        self.options = options
        x = feeds["input"]
        self.shapes.append(x.shape)
        assert x.dtype == np.float32
        assert -1.0 <= x.min() <= x.max() <= 1.0
        return [np.stack([-x[0, 0], x[0, 0], 0 * x[0, 0], 0 * x[0, 0]])[None] * 8]


@pytest.mark.parametrize("size", [(64, 64), (97, 333), (1500, 700), (64, 2000)])
def test_cloth_answers_at_the_pictures_own_size(size: tuple[int, int]) -> None:
    seen = Nets.__new__(Nets)
    seen._worn = session = Session()
    rgb = np.zeros((*size, 3), np.uint8)
    rgb[:, size[1] // 2 :] = 255
    p = seen.cloth(rgb, PERSON_AREA)
    assert p.shape == (*size, 4)
    assert p[:, : size[1] // 4].argmax(-1).max() == 0
    assert p[:, -size[1] // 4 :].argmax(-1).min() == 1
    height, width = session.shapes[0][2:]
    assert height % CLOTH_STEP == width % CLOTH_STEP == 0
    assert 0.6 * PERSON_AREA < height * width < 1.5 * PERSON_AREA


def test_garments_are_shown_to_the_whole_network_and_memory_is_given_back() -> None:
    seen = Nets.__new__(Nets)
    seen._worn, seen._cloth = Session(), Session()
    rgb = np.zeros((640, 480, 3), np.uint8)
    seen.cloth(rgb)
    assert seen._worn.shapes == []
    (shape,) = seen._cloth.shapes
    assert 0.8 * GARMENT_AREA < shape[2] * shape[3] < 1.2 * GARMENT_AREA
    seen.cloth(rgb, PERSON_AREA)
    assert len(seen._worn.shapes) == 1
    for session in (seen._cloth, seen._worn):
        assert session.options.get_run_config_entry("memory.enable_memory_arena_shrinkage") == "cpu:0"


def test_inpainting_changes_only_the_hole() -> None:
    class Inpainter:
        def get_inputs(self) -> list[object]:
            return [type("Input", (), {"name": n})() for n in ("image", "mask")]

        def run(self, names: None, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
            assert set(np.unique(feeds["mask"])) == {0, 255}
            assert (feeds["mask"][0, 0] == np.where(hole, 0, 255)).all(), "0 marks what is to be filled"
            return [np.full_like(feeds["image"], 9)]

    seen = Nets.__new__(Nets)
    seen._inpaint = Inpainter()
    rng = np.random.default_rng(1)
    rgb = rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    hole = rng.random((20, 30)) > 0.5
    out = seen.inpaint(rgb, hole)
    assert out.dtype == np.uint8
    assert (out[hole] == 9).all()
    assert (out[~hole] == rgb[~hole]).all()
