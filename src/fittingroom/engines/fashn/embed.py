"""What goes into the network `fashn` and comes out of it: patches, time, category, and the last layer.

Names of parameters are those of the published checkpoint. Source: FASHN VTON v1.5, src/fashn_vton/tryon_mmdit.py at
7c0f10a. Invariant: the sinusoids of the time are made in float32, since in bfloat16 neighbouring steps would be one.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from fittingroom.engines.fashn.blocks import modulated

LONGEST, TIMES = 10_000.0, 1000.0
"""Longest period of the sinusoids; what the time 0..1 is multiplied with before."""


class PatchEmbed(nn.Module):
    """A picture as tokens, one for each square."""

    def __init__(self, channels: int, hidden: int, patch: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(channels, hidden, kernel_size=patch, stride=patch)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, H, W) as (batch, tokens, hidden), row by row."""
        return self.proj(x).flatten(2).transpose(1, 2)


class TimeLayers(nn.Module):
    """Two linear maps with SiLU between them."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.in_layer = nn.Linear(width, hidden)
        self.out_layer = nn.Linear(hidden, hidden)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, width) as (batch, hidden)."""
        return self.out_layer(functional.silu(self.in_layer(x)))


class TimeEmbed(nn.Module):
    """The time of the flow as a vector."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.mlp = TimeLayers(width, hidden)

    def forward(self, time: Tensor, dtype: torch.dtype) -> Tensor:
        """time: float32 (batch,), 0 noise to 1 picture. Returns (batch, hidden) of `dtype`."""
        return self.mlp(sinusoids(time, self.mlp.in_layer.in_features).to(dtype))


class LastLayer(nn.Module):
    """Tokens as the colours of their squares."""

    def __init__(self, hidden: int, numbers: int) -> None:
        super().__init__()
        self.linear = nn.Linear(hidden, numbers)
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(hidden, 2 * hidden))

    def forward(self, x: Tensor, vector: Tensor) -> Tensor:
        """(batch, tokens, hidden) as (batch, tokens, numbers)."""
        shift, scale = self.adaLN_modulation(vector)[:, None, :].chunk(2, dim=-1)
        return self.linear(modulated(x, shift, scale))


def sinusoids(time: Tensor, width: int) -> Tensor:
    """Cosines, then sines, of a thousand times `time` (batch,): float32 (batch, width)."""
    exponents = torch.arange(width // 2, dtype=torch.float32, device=time.device) / (width // 2)
    turns = TIMES * time.float()[:, None] * torch.exp(-math.log(LONGEST) * exponents)[None, :]
    return torch.cat((turns.cos(), turns.sin()), dim=-1)


def picture(tokens: Tensor, rows: int, columns: int, patch: int) -> Tensor:
    """(batch, rows * columns, channels * patch * patch) as (batch, channels, H, W)."""
    squares = tokens.unflatten(-1, (-1, patch, patch)).unflatten(1, (rows, columns))
    return squares.permute(0, 3, 1, 4, 2, 5).flatten(2, 3).flatten(3, 4)
