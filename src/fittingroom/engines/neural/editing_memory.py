"""Where an editor's networks lie: all on the card, one at a time, or layer by layer; decided by what is free.

The bytes are those of the weights as they will be kept, read from the files' own headers, and an allowance for the
work. Invariant: nothing is loaded before the answer, what does not fit in any way raises `DoesNotFit`, and the
placement says both figures.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Literal

import torch

from fittingroom.engines.neural.device import GIGABYTE, free_bytes, require_fit
from fittingroom.setting_neural import NeuralSettings

Offload = Literal["none", "model", "sequential"]

KEPT = {"4bit": 0.56, "8bit": 1.05, "fp8": 1.05}
"""Bytes per number of a quantised network: its own, its scales, and the layers that stay as they are."""

HEADER = 8
"""A safetensors file begins with the length of its header, an unsigned 64-bit little-endian integer."""


@dataclass(frozen=True, slots=True)
class Need:
    """parts: bytes of each network on the device, by name. work: bytes beside them while a picture is made. layer:
    bytes of the largest part that is ever on the device when layers are offloaded."""

    parts: Mapping[str, int]
    work: int
    layer: int = 1_000_000_000

    def of(self, offload: Offload) -> int:
        """Bytes of the device that are taken at most."""
        if offload == "none":
            return sum(self.parts.values()) + self.work
        return (
            max(self.parts.values()) if offload == "model" else min(self.layer, max(self.parts.values()))
        ) + self.work


@dataclass(frozen=True, slots=True)
class Placement:
    """offload: what waits in the machine's memory. reason: one English sentence with the figures."""

    offload: Offload
    reason: str


def numbers_in(folder: Path) -> int:
    """How many numbers the safetensors files of `folder` hold, by their headers. Raises ValueError where none does."""
    total = 0
    for path in folder.glob("*.safetensors"):
        with path.open("rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(HEADER), "little")))
        total += sum(prod(entry["shape"]) for name, entry in header.items() if name != "__metadata__")
    if not total:
        raise ValueError(f"no safetensors file in {folder}")
    return total


def kept_bytes(numbers: int, dtype: torch.dtype, quantize: str = "none") -> int:
    """Bytes of a network of so many numbers."""
    return int(numbers * KEPT[quantize]) if quantize in KEPT else numbers * dtype.itemsize


def placed(need: Need, device: torch.device, settings: NeuralSettings, what: str) -> Placement:
    """How the networks of `what` shall lie. Raises `DoesNotFit`."""
    if device.type == "cpu":
        require_fit(need.of("none"), device, what)
        return Placement("none", f"on the CPU, where nothing is offloaded; {need.of('none') / GIGABYTE:.1f} GB")
    if settings.offload != "auto":
        require_fit(need.of(settings.offload), device, f"{what} with neural.offload {settings.offload}")
        return Placement(settings.offload, f"offload {settings.offload}, as the settings say")
    free = free_bytes(device)
    ways: tuple[Offload, ...] = ("none", "model", "sequential")
    for offload in ways:
        if need.of(offload) <= free:
            took = f"offload {offload}: {need.of(offload) / GIGABYTE:.1f} GB of {free / GIGABYTE:.1f} GB free"
            whole = "" if offload == "none" else f", all at once would take {need.of('none') / GIGABYTE:.1f} GB"
            return Placement(offload, took + whole)
    require_fit(need.of("sequential"), device, f"{what}, even layer by layer,")
    return Placement("sequential", "offload sequential: memory came free just now")
