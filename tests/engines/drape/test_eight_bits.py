"""u2net-cloth in eight bits: a graph of its kinds answers nearly as before; steps that do not fit it are refused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from onnx_files import declared, node, tensor, text

from fittingroom import samples
from fittingroom.engines.drape.eight_bits import nodes_of, published_steps, quantised, whole_weights
from fittingroom.engines.drape.nets import PERSON_AREA, cloth_input, softmax
from fittingroom.engines.drape.slim import BYTES, GRAPH, VARINT, field, fields, published_cuts, slimmed
from fittingroom.models import weight_path

RNG = np.random.default_rng(11)
CHANNELS, SIDE = 6, 12
TENSORS = {
    "w1": RNG.normal(size=(CHANNELS, 3, 3, 3)), "b1": RNG.normal(size=CHANNELS),
    "w2": RNG.normal(size=(CHANNELS, CHANNELS, 3, 3)) / 5, "b2": RNG.normal(size=CHANNELS),
    "w3": RNG.normal(size=(2, 2 * CHANNELS, 1, 1)), "b3": RNG.normal(size=2),
    "w4": RNG.normal(size=(2, CHANNELS, 3, 3)), "b4": RNG.normal(size=2),
}  # fmt: skip
STEPS = {"r1": 0.06, "r2": 0.06, "up": 0.06, "sum": 0.1}
PICTURES = RNG.integers(0, 256, size=(4, 3, SIDE, SIDE)) / 127.5 - 1


def attribute(name: str, *values: int) -> bytes:
    return field(5, BYTES, text(1, name) + b"".join(field(8, VARINT, value) for value in values) + field(20, VARINT, 7))


def said(name: str, value: str) -> bytes:
    return field(5, BYTES, text(1, name) + text(4, value) + field(20, VARINT, 3))


def along_channels() -> bytes:
    return field(5, BYTES, text(1, "axis") + field(3, VARINT, 1) + field(20, VARINT, 2))


def model(tensors: dict[str, np.ndarray] = TENSORS) -> bytes:
    """Every kind of node that u2net-cloth has in its encoder and decoder, and a last convolution without a ReLU."""
    pool = attribute("kernel_shape", 2, 2) + attribute("strides", 2, 2)
    grow = said("mode", "linear") + said("coordinate_transformation_mode", "pytorch_half_pixel")
    nodes = [
        node("Conv", ["input", "w1", "b1"], "a1", 1), node("Relu", ["a1"], "r1"),
        node("MaxPool", ["r1"], "p1") + pool,
        node("Conv", ["p1", "w2", "b2"], "a2", 1), node("Relu", ["a2"], "r2"),
        node("Shape", ["r1"], "size"), node("Resize", ["r2", "none", "none", "size"], "up") + grow,
        node("Add", ["up", "r1"], "sum"), node("Concat", ["up", "r1"], "both") + along_channels(),
        node("Conv", ["both", "w3", "b3"], "output", 0), node("Conv", ["sum", "w4", "b4"], "d1", 1),
    ]  # fmt: skip
    graph = b"".join(field(1, BYTES, body) for body in nodes) + text(2, "g")
    graph += b"".join(field(5, BYTES, tensor(name, values)) for name, values in tensors.items())
    graph += field(5, BYTES, tensor("none", np.zeros(0)))
    graph += field(11, BYTES, declared("input", 3, SIDE)) + field(12, BYTES, declared("output", 2, SIDE))
    return field(1, VARINT, 6) + field(7, BYTES, graph) + field(8, BYTES, text(1, "") + field(2, VARINT, 11))


def answers(file: bytes, picture: np.ndarray = PICTURES) -> np.ndarray:
    session = ort.InferenceSession(file, providers=["CPUExecutionProvider"])
    feeds = [{"input": one[None].astype(np.float32)} for one in picture]
    return np.stack([np.asarray(session.run(["output"], feed)[0][0]) for feed in feeds])


def test_the_answer_stays_nearly_the_same() -> None:
    before, after = answers(model()), answers(quantised(model(), STEPS))
    assert after.dtype == np.float32
    assert 0 < np.abs(after - before).max() < 0.06 * np.ptp(before)
    assert np.abs(after - before).mean() < 0.01 * np.ptp(before)


def test_no_convolution_with_a_relu_stays_float() -> None:
    graph = next(value for number, _, value in fields(quantised(model(), STEPS)) if number == GRAPH)
    kinds = [one.kind for one in nodes_of(graph)]
    assert kinds.count("QLinearConv") == 2
    assert kinds.count("Conv") == 2, "the last ones of the branches"
    assert "Relu" not in kinds
    assert "Add" not in kinds


def test_steps_too_coarse_for_the_activations_are_missed() -> None:
    before = answers(model())
    saturated = answers(quantised(model(), dict.fromkeys(STEPS, 0.005)))
    assert np.abs(saturated - before).max() > 0.2 * np.ptp(before)


def test_a_channel_of_zeros_keeps_its_bias() -> None:
    silent = TENSORS | {"w1": TENSORS["w1"] * (np.arange(CHANNELS) != 2)[:, None, None, None]}
    before, after = answers(model(silent)), answers(quantised(model(silent), STEPS))
    assert np.abs(after - before).mean() < 0.01 * np.ptp(before)


def test_an_activation_without_a_step_is_refused() -> None:
    with pytest.raises(ValueError, match="activation r2 has no step; verify"):
        quantised(model(), {name: step for name, step in STEPS.items() if name != "r2"})


def test_a_step_without_an_activation_is_refused() -> None:
    with pytest.raises(ValueError, match="no activation r9; verify"):
        quantised(model(), {**STEPS, "r9": 0.1})


def test_joined_activations_of_different_steps_are_refused() -> None:
    with pytest.raises(ValueError, match="inputs of both have different steps"):
        quantised(model(), {**STEPS, "r1": 0.07})


WEIGHTS = arrays(np.float32, (2, 3, 3, 3), elements=st.floats(-4, 4, width=32))


@given(WEIGHTS, arrays(np.float32, (2,), elements=st.floats(-1e6, 1e6, width=32)))
@settings(max_examples=60, deadline=None)
def test_pairs_of_weights_fit_16_bits_and_kernels_keep_their_sum(weights: np.ndarray, bias: np.ndarray) -> None:
    whole, step = whole_weights(weights, bias)
    assert whole.dtype == np.int8
    assert np.abs(np.rint(bias / step)).max() < 2**31
    scaled = weights / step[:, None, None, None]
    assert np.abs(whole - scaled).max() <= 1.001
    assert np.abs((whole - scaled).sum(axis=(2, 3))).max() <= 0.501
    wide = whole.astype(int)
    for flat in (wide.reshape(2, -1), wide.transpose(0, 2, 3, 1).reshape(2, -1)):
        assert np.abs(flat).max() <= 127
        for sign in (1, -1):
            same = np.maximum(sign * flat, 0)
            assert 255 * (same[:, 1:] + same[:, :-1]).max() < 2**15


def test_the_published_steps_are_of_both_networks_and_name_the_same_activations() -> None:
    steps = published_steps()
    assert set(steps) == {"worn", "cloth"}
    assert set(steps["worn"]) == set(steps["cloth"])
    for found in steps.values():
        assert min(found.values()) > 0


@pytest.mark.weights
@pytest.mark.parametrize(("name", "cuts"), [("worn", published_cuts()), ("cloth", {})])
def test_the_published_weights_see_a_person_as_before(name: str, cuts: dict[str, np.ndarray]) -> None:
    """The sample person, at a size at which this takes two seconds."""
    published = weight_path("u2net_cloth_seg").read_bytes()
    bgr = cv2.imread(str(Path(samples.__file__).parent / "people" / "anna.jpg"))
    assert bgr is not None
    picture = cloth_input(np.ascontiguousarray(bgr[..., ::-1]), PERSON_AREA // 2)
    before = answers(slimmed(published, cuts), picture)[0]
    after = answers(quantised(slimmed(published, cuts), published_steps()[name]), picture)[0]
    assert (before.argmax(axis=0) == after.argmax(axis=0)).mean() > 0.99
    assert np.abs(softmax(after.transpose(1, 2, 0)) - softmax(before.transpose(1, 2, 0))).mean() < 0.01
