"""Cuts the channels that say nothing out of u2net-cloth while it is loaded.

Many of its channels stay at zero or hardly move the answer on photos of people. `slim.npz` lists for every convolution
the channels to keep (chosen by their effect on the answer per multiplication, measured on CC0, AFL and BSD photos), and
biases that make up for the mean of those that go: two fifths of the work less. The weights themselves stay
the published ones, fetched and checked as ever. Only tensors and declared sizes are rewritten, in ONNX's wire format
(protobuf), since the graph's nodes name no channel count. Invariant: what comes out is the same graph, its height and
width free; weights that do not fit the lists are an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

GRAPH, INITIALIZER, INPUT, OUTPUT = 7, 5, 11, 12
DIMS, NAME, RAW_DATA = 1, 8, 9
TYPE, TENSOR_TYPE, SHAPE, DIM, DIM_VALUE, DIM_NAME = 2, 1, 2, 1, 1, 2
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
WIDTHS = {FIXED64: 8, FIXED32: 4}
Rewrite = Callable[[bytes], bytes]
Cuts = Mapping[str, NDArray[Any]]


def published_cuts() -> Cuts:
    """The lists that come with the package."""
    with np.load(BytesIO(files("fittingroom.engines.drape").joinpath("slim.npz").read_bytes())) as lists:
        return dict(lists)


def slimmed(model: bytes, cuts: Cuts) -> bytes:
    """The ONNX file `model` with the tensors that `cuts` names cut down, and with free height and width.

    cuts: `out/NAME` and `in/NAME` hold the indices that stay along the first two axes of the tensor NAME; `bias/NAME`
    holds float values that replace the tensor NAME. Raises ValueError where the model has no such tensor, or one too
    small for the indices.
    """
    missing = {key.partition("/")[2] for key in cuts}

    def tensor(body: bytes) -> bytes:
        parts = list(fields(body))
        name = next(value.decode() for number, _, value in parts if number == NAME)
        missing.discard(name)
        if f"out/{name}" in cuts:
            return _with_values(parts, _cut(parts, cuts[f"out/{name}"], cuts[f"in/{name}"]))
        return _with_values(parts, cuts[f"bias/{name}"]) if f"bias/{name}" in cuts else body

    def graph(body: bytes) -> bytes:
        return rewritten(body, {INITIALIZER: tensor, INPUT: _free_size, OUTPUT: _free_size})

    out = rewritten(model, {GRAPH: graph})
    if missing:
        raise ValueError(f"these weights have no tensor {min(missing)}; verify the weights")
    return out


def fields(message: bytes) -> Iterator[tuple[int, int, Any]]:
    """Number, wire type and value (int for a varint, else the bytes) of each field of a protobuf message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = _varint(message, at)
            yield number, wire, value
            continue
        if wire == BYTES:
            size, at = _varint(message, at)
        elif wire in WIDTHS:
            size = WIDTHS[wire]
        else:
            raise ValueError("not an ONNX file; verify the weights")
        if at + size > len(message):
            raise ValueError("the ONNX file ends too early; verify the weights")
        yield number, wire, message[at : at + size]
        at += size


def rewritten(message: bytes, rewrites: Mapping[int, Rewrite]) -> bytes:
    """The message with the bytes fields of the given numbers passed through their functions."""
    return b"".join(
        field(number, wire, rewrites[number](value) if number in rewrites else value)
        for number, wire, value in fields(message)
    )


def field(number: int, wire: int, value: Any) -> bytes:
    """One field in wire format."""
    head = _as_varint(number << 3 | wire)
    if wire == VARINT:
        return head + _as_varint(value)
    return head + (_as_varint(len(value)) if wire == BYTES else b"") + bytes(value)


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message):
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("the ONNX file ends too early; verify the weights")


def _as_varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _cut(parts: list[tuple[int, int, Any]], outputs: NDArray[Any], inputs: NDArray[Any]) -> NDArray[np.float32]:
    shape = [value for number, _, value in parts if number == DIMS]
    raw = next(value for number, _, value in parts if number == RAW_DATA)
    values = np.frombuffer(raw, "<f4").reshape(shape)
    if outputs.max() >= shape[0] or inputs.max() >= shape[1]:
        raise ValueError(f"these weights have a tensor of shape {shape} that is too small; verify the weights")
    return np.asarray(values[outputs][:, inputs], np.float32)


def _with_values(parts: list[tuple[int, int, Any]], values: NDArray[Any]) -> bytes:
    """The tensor with other float values, and with their shape."""
    dims = [field(DIMS, VARINT, size) for size in values.shape]
    kept = [field(*part) for part in parts if part[0] not in (DIMS, RAW_DATA)]
    return b"".join([*dims, *kept, field(RAW_DATA, BYTES, values.astype("<f4").tobytes())])


def _free_size(value_info: bytes) -> bytes:
    """Give the last two dimensions of a declared tensor names in place of numbers."""

    def shape(body: bytes) -> bytes:
        dims = [value for number, _, value in fields(body) if number == DIM]
        names = (field(DIM_NAME, BYTES, name) for name in (b"h", b"w"))
        return b"".join(field(DIM, BYTES, dim) for dim in [*dims[:-2], *names])

    def tensor_type(body: bytes) -> bytes:
        return rewritten(body, {SHAPE: shape})

    return rewritten(value_info, {TYPE: lambda body: rewritten(body, {TENSOR_TYPE: tensor_type})})
