"""Parts of ONNX files in wire format, for the tests of what rewrites them."""

from __future__ import annotations

import numpy as np

from fittingroom.engines.drape.slim import BYTES, VARINT, field


def text(number: int, value: str) -> bytes:
    return field(number, BYTES, value.encode())


def tensor(name: str, values: np.ndarray) -> bytes:
    dims = b"".join(field(1, VARINT, size) for size in values.shape)
    return dims + field(2, VARINT, 1) + text(8, name) + field(9, BYTES, values.astype("<f4").tobytes())


def declared(name: str, channels: int, side: int) -> bytes:
    sizes = b"".join(field(1, BYTES, field(1, VARINT, size)) for size in (1, channels, side, side))
    return text(1, name) + field(2, BYTES, field(1, BYTES, field(1, VARINT, 1) + field(2, BYTES, sizes)))


def node(kind: str, inputs: list[str], output: str, pad: int = -1) -> bytes:
    out = b"".join(text(1, name) for name in inputs) + text(2, output) + text(4, kind)
    if pad >= 0:
        pads = b"".join(field(8, VARINT, pad) for _ in range(4))
        out += field(5, BYTES, text(1, "pads") + pads + field(20, VARINT, 7))
    return out
