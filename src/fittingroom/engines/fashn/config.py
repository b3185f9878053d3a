"""The sizes of the network `fashn`, read from the shapes of a checkpoint's tensors.

A checkpoint of the published network says everything by its shapes but for how a head's width is shared among the
rotary axes, which has the same proportion always. So the full network and a tiny one load by one path, and none needs
a file of settings beside it. Source of names and proportions: FASHN VTON v1.5, src/fashn_vton/tryon_mmdit.py at
7c0f10a. Invariant: a checkpoint that is not of this network is refused by name, before memory is taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fittingroom.engines.protocol import EngineError

Shapes = Mapping[str, tuple[int, ...]]

COLOURS = 3
PERSON_CHANNELS, GARMENT_CHANNELS = 2 * COLOURS + 1, COLOURS + 1
"""The noisy picture, the person and a grey pose; the garment and a grey pose."""

AXES = (1, 3.5, 3.5)
"""Eighths of a head's width for the rotary axes: a constant one, rows, columns."""


class NotThisNetwork(EngineError):
    """The file holds the weights of another network, or not all of them."""


@dataclass(frozen=True, slots=True)
class Config:
    """hidden: width of the streams. heads: of attention. patch: side of a token's square, px. times: width of the
    sinusoids of the time. categories: rows of the learned classes, the first being none. mixers, doubles, singles:
    blocks of the three kinds, in the order they run. mlp: width within a block's MLP.
    """

    hidden: int = 1280
    heads: int = 10
    patch: int = 12
    times: int = 256
    categories: int = 4
    mixers: int = 4
    doubles: int = 8
    singles: int = 16
    mlp: int = 5120

    @property
    def head(self) -> int:
        """Width of one head."""
        return self.hidden // self.heads

    @property
    def axes(self) -> tuple[int, int, int]:
        """Widths of the rotary axes; they sum to `head`."""
        still, rows, columns = (int(part * self.head / 8) for part in AXES)
        return still, rows, columns

    def tokens(self, height: int, width: int) -> int:
        """Tokens of one picture. Raises ValueError where it is not made of whole patches."""
        if height % self.patch or width % self.patch:
            raise ValueError(f"{height} x {width} px are not made of squares of {self.patch} px")
        return (height // self.patch) * (width // self.patch)


def config_of(shapes: Shapes) -> Config:
    """The sizes of the checkpoint whose tensors have `shapes`. Raises `NotThisNetwork`."""
    try:
        hidden, channels, patch, _ = shapes["x_embedder.proj.weight"]
        categories, _ = shapes["y_embedder.weight"]
        _, times = shapes["t_embedder.mlp.in_layer.weight"]
        (head,) = shapes["single_blocks.0.norm.query_norm.scale"]
        wide, _ = shapes["single_blocks.0.linear1.weight"]
    except (KeyError, ValueError) as error:
        raise NotThisNetwork(f"not a checkpoint of FASHN VTON v1.5: {error}") from error
    if channels != PERSON_CHANNELS or head % 32 or hidden % head:
        raise NotThisNetwork(
            f"not a checkpoint of FASHN VTON v1.5: {channels} channels, width {hidden}, heads of {head}"
        )
    return Config(
        hidden=hidden,
        heads=hidden // head,
        patch=patch,
        times=times,
        categories=categories,
        mixers=_blocks(shapes, "x_patch_mixer"),
        doubles=_blocks(shapes, "double_blocks"),
        singles=_blocks(shapes, "single_blocks"),
        mlp=wide - 3 * hidden,
    )


def _blocks(shapes: Shapes, name: str) -> int:
    found = {int(match[1]) for key in shapes if (match := re.match(rf"{name}\.(\d+)\.", key))}
    return max(found, default=-1) + 1
