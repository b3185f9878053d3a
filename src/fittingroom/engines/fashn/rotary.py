"""Where a token lies, as the angles by which its queries and keys are turned.

Each pair of neighbouring numbers of a head is turned by position times a frequency; a part of the head speaks of the
row, a part of the column, and a part of an axis that is 0 everywhere. Token and garment token at one place of the grid
have one angle. Formula: Su et al. 2021 (RoFormer), by axes as in FLUX.1. Invariant: angles are made in float64 and kept
in float32, whatever the network computes in.
"""

from __future__ import annotations

import torch
from torch import Tensor

THETA = 10_000.0


def angles(rows: int, columns: int, axes: tuple[int, int, int]) -> tuple[Tensor, Tensor]:
    """Cosines and sines, float32 (rows * columns, sum(axes) / 2) on the CPU, for a grid read row by row."""
    row = torch.arange(rows, dtype=torch.float64).repeat_interleave(columns)
    column = torch.arange(columns, dtype=torch.float64).repeat(rows)
    parts = [_turns(at, width) for at, width in zip((torch.zeros_like(row), row, column), axes, strict=True)]
    turns = torch.cat(parts, dim=-1)
    return turns.cos().float(), turns.sin().float()


def turned(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """`x`, float32 (..., tokens, head), each pair of it turned by its token's angles (tokens, head / 2)."""
    even, odd = x.unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack((even * cosines - odd * sines, even * sines + odd * cosines), dim=-1).flatten(-2)


def _turns(at: Tensor, width: int) -> Tensor:
    frequency = THETA ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    return at[:, None] * frequency[None, :]
