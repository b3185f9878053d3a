"""Cutting channels out of an ONNX file: tensors, declared sizes, and files that do not fit. Runs in onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx_files import declared, node, tensor, text

from fittingroom.engines.drape.slim import BYTES, VARINT, field, fields, published_cuts, rewritten, slimmed

SIDE = 6
RNG = np.random.default_rng(7)
FIRST, SECOND = RNG.normal(size=(4, 3, 3, 3)), RNG.normal(size=(2, 4, 1, 1))
BIAS = RNG.normal(size=4)


def model(biased: np.ndarray = BIAS) -> bytes:
    """Two convolutions with a ReLU between them, as u2net-cloth has them, at a declared size."""
    nodes = [
        node("Conv", ["input", "w1", "b1"], "a", 1),
        node("Relu", ["a"], "r"),
        node("Conv", ["r", "w2"], "output", 0),
    ]
    tensors = [tensor("w1", FIRST), tensor("b1", biased), tensor("w2", SECOND)]
    graph = b"".join(field(1, BYTES, body) for body in nodes) + text(2, "g")
    graph += b"".join(field(5, BYTES, body) for body in tensors)
    graph += field(11, BYTES, declared("input", 3, SIDE)) + field(12, BYTES, declared("output", 2, SIDE))
    return field(1, VARINT, 6) + field(7, BYTES, graph) + field(8, BYTES, field(2, VARINT, 11))


def answer(file: bytes, picture: np.ndarray) -> np.ndarray:
    session = ort.InferenceSession(file, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["output"], {"input": picture.astype(np.float32)})[0])


def cuts(keep: list[int]) -> Mapping[str, np.ndarray]:
    return {
        "out/w1": np.array(keep), "in/w1": np.arange(3), "bias/b1": BIAS[keep],
        "out/w2": np.arange(2), "in/w2": np.array(keep),
    }  # fmt: skip


def test_a_silent_channel_goes_and_nothing_changes() -> None:
    silent = np.where(np.arange(4) == 2, -1e6, BIAS)
    picture = RNG.normal(size=(1, 3, SIDE, SIDE))
    slim = slimmed(model(silent), cuts([0, 1, 3]))
    assert len(slim) < len(model())
    np.testing.assert_allclose(answer(slim, picture), answer(model(silent), picture), rtol=1e-4, atol=1e-5)


def test_a_channel_that_spoke_is_missed() -> None:
    picture = RNG.normal(size=(1, 3, SIDE, SIDE))
    assert np.abs(answer(slimmed(model(), cuts([0, 1, 3])), picture) - answer(model(), picture)).max() > 1e-2


def test_sizes_become_free() -> None:
    wide = RNG.normal(size=(1, 3, 9, 14))
    with pytest.raises(Exception, match="invalid dimensions"):
        answer(model(), wide)
    assert answer(slimmed(model(), {}), wide).shape == (1, 2, 9, 14)


def test_weights_without_a_listed_tensor_are_refused() -> None:
    with pytest.raises(ValueError, match="no tensor w9; verify"):
        slimmed(model(), {"out/w9": np.arange(1), "in/w9": np.arange(1)})


def test_weights_that_are_too_small_are_refused() -> None:
    with pytest.raises(ValueError, match="too small; verify"):
        slimmed(model(), cuts([0, 1, 4 - 1]) | {"in/w2": np.array([4])})


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_a_file_that_ends_too_early_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match="verify the weights"):
        slimmed(model()[:-cut], {})


def test_what_is_no_protobuf_is_refused() -> None:
    with pytest.raises(ValueError, match="not an ONNX file"):
        slimmed(b"\x0b\x00", {})


@given(st.lists(st.tuples(st.integers(1, 5000), st.one_of(st.integers(0, 2**40), st.binary(max_size=300)))))
@settings(max_examples=60, deadline=None)
def test_fields_are_written_as_they_are_read(values: list[tuple[int, int | bytes]]) -> None:
    parts = [(number, VARINT if isinstance(value, int) else BYTES, value) for number, value in values]
    message = b"".join(field(*part) for part in parts)
    assert list(fields(message)) == parts
    assert rewritten(message, {}) == message


def test_the_published_lists_agree_with_each_other() -> None:
    lists = published_cuts()
    names = {key.partition("/")[2] for key in lists if key.startswith("out/")}
    assert names == {key.partition("/")[2] for key in lists if key.startswith("in/")}
    assert len(names) == sum(key.startswith("bias/") for key in lists)
    for key, values in lists.items():
        if not key.startswith("bias/"):
            assert (np.diff(values.astype(int)) > 0).all(), "indices rise, none twice"
