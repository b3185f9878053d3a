"""LPIPS: how different two pictures look, by the features of AlexNet (Zhang et al., CVPR 2018).

The five ReLU outputs of AlexNet are normalised per pixel, their squared differences weighted by the published linear
heads, averaged over the picture and summed. Plain numpy, since one network does not justify a framework. The file of
weights is a pickle: it is read by an unpickler that can make numpy arrays and nothing else.
Invariant: equal pictures have the distance 0, and the order of the two does not matter.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from fittingroom.engines.protocol import RgbImage
from fittingroom.models import ModelsError, weight_path

WEIGHT = "lpips_alexnet"
FloatArray = NDArray[np.float32]

SHIFT = np.array([-0.030, -0.088, -0.188], np.float32)
SCALE = np.array([0.458, 0.448, 0.450], np.float32)
LAYERS = ((4, 2), (1, 2), (1, 1), (1, 1), (1, 1))
"""Stride and padding of AlexNet's convolutions."""
POOLED = (1, 2)
"""Convolutions that see the 3 x 3, stride 2 maximum of the layer before."""


class Lpips:
    """A loaded network. Raises `ModelsError` where the file is not what it should be."""

    def __init__(self, kernels: list[FloatArray], biases: list[FloatArray], heads: list[FloatArray]) -> None:
        self._convolutions = list(zip(kernels, biases, LAYERS, strict=True))
        self._heads = heads

    @classmethod
    def load(cls, locate: Callable[[str], Path] = weight_path) -> Lpips:
        """From the cache of weights. Raises `MissingWeight`."""
        data = safe_unpickle(locate(WEIGHT).read_bytes())
        try:
            net = data["AlexNet_0"]
            parts = [net[f"Conv_{i}"] for i in range(len(LAYERS))]
            heads = [data[f"NetLinLayer_{i}"]["Conv_0"]["kernel"].reshape(-1) for i in range(len(LAYERS))]
        except (KeyError, TypeError, AttributeError) as error:
            raise ModelsError(f"{WEIGHT} has no {error}; verify the weights") from error
        return cls([part["kernel"] for part in parts], [part["bias"] for part in parts], heads)

    def __call__(self, one: RgbImage, other: RgbImage) -> float:
        """Distance of two pictures of one size, uint8 RGB (H, W, 3), at least 64 px a side."""
        if one.shape != other.shape:
            raise ValueError(f"pictures of {one.shape} and {other.shape} cannot be compared")
        total = 0.0
        for a, b, head in zip(self._features(one), self._features(other), self._heads, strict=True):
            total += float((((_unit(a) - _unit(b)) ** 2) @ head).mean())
        return total

    def _features(self, rgb: RgbImage) -> list[FloatArray]:
        x = (rgb.astype(np.float32) / 127.5 - 1.0 - SHIFT) / SCALE
        out = []
        for number, (kernel, bias, (stride, padding)) in enumerate(self._convolutions):
            if number in POOLED:
                x = np.asarray(sliding_window_view(x, (3, 3), (0, 1))[::2, ::2].max(axis=(-2, -1)))
            x = np.maximum(convolve(x, kernel, stride, padding) + bias, 0.0)
            out.append(x)
        return out


def convolve(x: FloatArray, kernel: FloatArray, stride: int, padding: int) -> FloatArray:
    """Cross-correlation of (H, W, C) with (h, w, C, D), zeros around: (H', W', D)."""
    height, width = kernel.shape[:2]
    padded = np.pad(x, ((padding, padding), (padding, padding), (0, 0)))
    windows = sliding_window_view(padded, (height, width), (0, 1))[::stride, ::stride]
    return np.asarray(np.tensordot(windows, kernel, axes=([3, 4, 2], [0, 1, 2])), np.float32)


def _unit(features: FloatArray) -> FloatArray:
    return cast(FloatArray, features / (np.sqrt((features**2).sum(axis=-1, keepdims=True)) + 1e-10))


class _OnlyArrays(pickle.Unpickler):
    """Makes numpy arrays out of float32 bytes; anything else in the file is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("numpy", "ndarray"):
            return np.ndarray
        if (module, name) == ("numpy", "dtype"):
            return np.dtype
        if module in {"numpy.core.multiarray", "numpy._core.multiarray"} and name == "_reconstruct":
            return np._core.multiarray._reconstruct  # type: ignore[attr-defined]
        raise ModelsError(f"the file of weights asks for {module}.{name}; refused")


def safe_unpickle(data: bytes) -> Any:
    """Nested dicts of arrays. Raises `ModelsError` where the data hold anything else."""
    try:
        return _OnlyArrays(io.BytesIO(data)).load()
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError) as error:
        raise ModelsError(f"the file of weights is damaged ({error}); verify the weights") from error
