"""Turns u2net-cloth into whole numbers of eight bits while it is loaded: a third of the time, a quarter of the memory.

Weights become int8 with a step for each output channel, activations uint8 with a step for each tensor. Only the latter
cannot be read off the published weights: `steps.json` lists them, measured on photos by `training/eight_bits`. A
convolution and its ReLU become one QLinearConv whose zero point is 0, so that saturation is the ReLU. Pooling and
joining pass bytes on unchanged, since tensors that are joined share a step; resizing is done in float, as that of bytes
rounds down. The last convolution of each side branch, and all after it, stay float. No two neighbouring weights sum to
more than 128: their products with activations then fit the 16 bits in which processors without VNNI add up pairs, so
that all machines see the same. Rewritten in ONNX's wire format, as in `slim.py`. Invariant: inputs and outputs keep
their names and types; a graph that the steps do not fit is an error.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.slim import (
    BYTES,
    DIMS,
    GRAPH,
    INITIALIZER,
    NAME,
    RAW_DATA,
    VARINT,
    field,
    fields,
    rewritten,
)

NODE, NODE_INPUT, NODE_OUTPUT, NODE_KIND, NODE_ATTRIBUTE, NODE_DOMAIN = 1, 1, 2, 4, 5, 7
OPSETS, OPSET_DOMAIN, OPSET_VERSION = 8, 1, 2
OPSET = 12
"""It pools bytes, and changes nothing else in the published graph of opset 11."""

CONTRIB = "com.microsoft"
DATA_TYPE, DATA_TYPES = 2, {"float32": 1, "uint8": 2, "int8": 3, "int32": 6}
PASSING = ("MaxPool", "Concat")
PICTURE, PICTURE_STEP, PICTURE_ZERO = "input", 1.001 / 127.5, 128
"""The picture's values, -1..1, in uint8. A hair more than the distance of a photo's bytes, of which none then lies
just between two steps."""

PAIR_STEPS, BIAS_STEPS, SMALLEST = 126, 2**30, 1e-12
Steps = Mapping[str, float]


def published_steps() -> Mapping[str, Steps]:
    """Of the networks `worn` and `cloth`: the step of each activation, by its tensor's name."""
    return dict(json.loads(files("fittingroom.engines.drape").joinpath("steps.json").read_text("utf-8")))


def quantised(model: bytes, steps: Steps) -> bytes:
    """The ONNX file `model` (opset 11, float32 in and out) with its convolutions in uint8 and int8.

    steps: the value of one step of each ReLU's and each sum's output, by its name. Raises ValueError where the graph
    lacks one of them or has another.
    """

    def graph(body: bytes) -> bytes:
        return _Graph(body, steps).rewritten()

    def opset(_: bytes) -> bytes:
        return field(OPSET_VERSION, VARINT, OPSET)

    out = rewritten(model, {GRAPH: graph, OPSETS: opset})
    return out + field(OPSETS, BYTES, text(OPSET_DOMAIN, CONTRIB) + field(OPSET_VERSION, VARINT, 1))


class Node(NamedTuple):
    """A node of the graph; attributes: its attribute fields in wire format."""

    kind: str
    inputs: tuple[str, ...]
    output: str
    attributes: bytes = b""
    domain: str = ""

    def written(self) -> bytes:
        """As a field of the graph."""
        inputs = [text(NODE_INPUT, name) for name in self.inputs]
        kind = [text(NODE_KIND, self.kind), text(NODE_DOMAIN, self.domain)]
        return field(NODE, BYTES, b"".join([*inputs, text(NODE_OUTPUT, self.output), *kind, self.attributes]))


def nodes_of(graph: bytes) -> list[Node]:
    """The nodes of a graph in wire format."""
    return [_node(value) for number, _, value in fields(graph) if number == NODE]


class Held(NamedTuple):
    """An activation in bytes: the names of its tensor, step and zero point, and the step's value."""

    tensor: str
    step: str
    zero: str
    value: float

    @property
    def names(self) -> tuple[str, str, str]:
        """As inputs of a node."""
        return self.tensor, self.step, self.zero


class _Graph:
    """A graph while its nodes are rewritten one by one. held: the activations that are bytes by then."""

    def __init__(self, body: bytes, steps: Steps) -> None:
        self.parts = list(fields(body))
        self.nodes = nodes_of(body)
        self.weights = {_name(value): value for number, _, value in self.parts if number == INITIALIZER}
        self.relus = {node.inputs[0]: node.output for node in self.nodes if node.kind == "Relu"}
        self.steps = dict(steps)
        self.made: list[bytes] = []
        self.floats: set[str] = set()
        self.held: dict[str, Held] = {}
        self.zero = self.constant("zero", np.uint8(0))
        self.hold_picture()

    def rewritten(self) -> bytes:
        """The graph in wire format."""
        for node in self.nodes:
            self.add(node)
        if self.steps:
            raise ValueError(f"these weights have no activation {min(self.steps)}; verify the weights")
        left = [field(INITIALIZER, BYTES, body) for body in self.weights.values()]
        return b"".join([*self.made, *left, *(field(*p) for p in self.parts if p[0] not in (NODE, INITIALIZER))])

    def add(self, node: Node) -> None:
        """Write what stands for `node`."""
        seen = [self.held[name] for name in node.inputs if name in self.held]
        if node.kind == "Conv" and seen and node.output in self.relus:
            self.convolve(node, seen[0])
        elif node.kind == "Relu" and node.output in self.held:
            pass  # Its convolution has done it.
        elif node.kind == "Add" and len(seen) == len(node.inputs):
            self.sum(node, seen)
        elif node.kind == "Resize" and seen:
            self.resize(node)
        elif node.kind in PASSING and seen:
            self.let_pass(node, seen)
        elif node.kind == "Shape":
            self.made.append(node.written())
        else:
            self.made.append(self.as_float(node).written())

    def convolve(self, node: Node, seen: Held) -> None:
        """A convolution with its ReLU."""
        name = node.inputs[1]
        weights, bias = (_values(self.weights.pop(name)) for name in node.inputs[1:])
        whole, step = whole_weights(weights, bias / seen.value)
        out = self.hold(self.relus[node.output])
        kernel = [
            self.constant(f"{name}/bytes", whole),
            self.constant(f"{name}/step", step),
            self.constant(f"{name}/zero", np.zeros(len(step), np.int8)),
        ]
        offset = self.constant(f"{name}/bias", np.rint(bias / (step * seen.value)).astype(np.int32))
        self.write("QLinearConv", [*seen.names, *kernel, out.step, out.zero, offset], out.tensor, node.attributes)

    def sum(self, node: Node, seen: list[Held]) -> None:
        out = self.hold(node.output)
        names = [name for held in seen for name in held.names]
        self.write("QLinearAdd", [*names, out.step, out.zero], node.output, domain=CONTRIB)

    def resize(self, node: Node) -> None:
        """The bytes of a tensor that is resized, in float, under another name."""
        grown = f"{node.output}/grown"
        self.made.append(self.as_float(node)._replace(output=grown).written())
        out = self.hold(node.output)
        self.write("QuantizeLinear", [grown, out.step, out.zero], node.output)

    def let_pass(self, node: Node, seen: list[Held]) -> None:
        if len({held.value for held in seen}) > 1 or len(seen) < len(node.inputs):
            raise ValueError(f"the inputs of {node.output} have different steps; verify the weights")
        self.held[node.output] = seen[0]._replace(tensor=node.output)
        self.made.append(node.written())

    def as_float(self, node: Node) -> Node:
        """The node with float inputs."""
        for name in set(node.inputs) & set(self.held) - self.floats:
            self.floats.add(name)
            self.write("DequantizeLinear", self.held[name].names, f"{name}/float")
        return node._replace(inputs=tuple(f"{name}/float" if name in self.floats else name for name in node.inputs))

    def hold(self, name: str) -> Held:
        """Say that the activation `name`, which is never negative, is bytes from here on."""
        if name not in self.steps:
            raise ValueError(f"the activation {name} has no step; verify the weights")
        value = self.steps.pop(name)
        self.held[name] = Held(name, self.constant(f"{name}/step", np.float32(value)), self.zero, value)
        return self.held[name]

    def hold_picture(self) -> None:
        step = self.constant(f"{PICTURE}/step", np.float32(PICTURE_STEP))
        zero = self.constant(f"{PICTURE}/zero", np.uint8(PICTURE_ZERO))
        self.write("QuantizeLinear", [PICTURE, step, zero], f"{PICTURE}/bytes")
        self.held[PICTURE] = Held(f"{PICTURE}/bytes", step, zero, PICTURE_STEP)

    def write(self, kind: str, inputs: Iterable[str], output: str, attributes: bytes = b"", domain: str = "") -> None:
        """Add a node to the graph."""
        self.made.append(Node(kind, tuple(inputs), output, attributes, domain).written())

    def constant(self, name: str, values: NDArray[Any] | np.generic) -> str:
        """Add a tensor to the graph; its name."""
        dims = b"".join(field(DIMS, VARINT, size) for size in values.shape)
        kind = field(DATA_TYPE, VARINT, DATA_TYPES[values.dtype.name])
        body = dims + kind + text(NAME, name) + field(RAW_DATA, BYTES, values.tobytes())
        self.made.append(field(INITIALIZER, BYTES, body))
        return name


def whole_weights(weights: NDArray[Any], bias: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weights (O, I, H, W) in steps, int8, and the step of each output channel, float32 (O,).

    Within a kernel the rounding errors cancel out, which counts since neighbouring activations are alike.
    bias: (O,), in steps of the input; it bounds the step from below.
    """
    step = np.maximum(_largest_pair(weights) / PAIR_STEPS, np.abs(bias) / BIAS_STEPS + SMALLEST).astype(np.float32)
    sums = np.cumsum((weights / step[:, None, None, None]).reshape(*weights.shape[:2], -1), axis=-1)
    sums = np.rint(sums, out=sums).astype(np.int16)
    sums[..., 1:] -= sums[..., :-1].copy()
    return sums.astype(np.int8).reshape(weights.shape), step


def _largest_pair(weights: NDArray[Any]) -> NDArray[np.float32]:
    """The largest sum (O,) of two neighbours of one sign, in either order in which they are laid out: by channel, or
    by place."""
    flat = (weights.reshape(len(weights), -1), weights.transpose(0, 2, 3, 1).reshape(len(weights), -1))
    found = [np.zeros(len(weights), np.float32)]
    for values in (sign * order for order in flat for sign in (1, -1)):
        same = np.maximum(values, 0)
        found += [same.max(axis=1), (same[:, 1:] + same[:, :-1]).max(axis=1, initial=0)]
    return np.asarray(np.max(found, axis=0), np.float32)


def text(number: int, value: str) -> bytes:
    """A field of text in wire format."""
    return field(number, BYTES, value.encode())


def _node(body: bytes) -> Node:
    parts = list(fields(body))
    inputs, outputs, kinds, domains = (
        [value.decode() for number, _, value in parts if number == wanted]
        for wanted in (NODE_INPUT, NODE_OUTPUT, NODE_KIND, NODE_DOMAIN)
    )
    attributes = b"".join(field(*part) for part in parts if part[0] == NODE_ATTRIBUTE)
    return Node(kinds[0], tuple(inputs), outputs[0], attributes, "".join(domains))


def _name(tensor: bytes) -> str:
    return next(str(value.decode()) for number, _, value in fields(tensor) if number == NAME)


def _values(tensor: bytes) -> NDArray[np.float32]:
    parts = list(fields(tensor))
    raw = next(value for number, _, value in parts if number == RAW_DATA)
    return np.frombuffer(raw, "<f4").reshape([value for number, _, value in parts if number == DIMS])
