"""The parts of the network `fashn`: attention with turned heads, modulation, and its two kinds of block.

A double block keeps the streams of person and garment apart but for one joint attention; a single block treats them as
one sequence and runs attention and MLP side by side. Both are shifted, scaled and gated by a vector of time and
category. Names of parameters are those of the published checkpoint, which loads unchanged. Architecture: FLUX.1 (Black
Forest Labs) as FASHN VTON v1.5 uses it, src/fashn_vton/tryon_mmdit.py at 7c0f10a. Invariant: the garment's tokens
stand before the person's wherever both are in one sequence; norms and angles are computed in float32.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from fittingroom.engines.fashn.rotary import turned

EPSILON = 1e-6
Angles = tuple[Tensor, Tensor]
"""Cosines and sines, float32 (tokens, head / 2)."""


class RootNorm(nn.Module):
    """Root mean square norm over the last axis, with a learned scale."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """float32 of the shape of `x`."""
        x = x.float()
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + EPSILON) * self.scale.float()


class HeadNorm(nn.Module):
    """The norms of queries and keys, one for all heads."""

    def __init__(self, head: int) -> None:
        super().__init__()
        self.query_norm = RootNorm(head)
        self.key_norm = RootNorm(head)

    def heads(self, qkv: Tensor, heads: int, angles: Angles) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, each (batch, heads, tokens, head), ready for attention.

        qkv: (batch, tokens, 3 * heads * head). angles: of these tokens.
        """
        q, k, v = qkv.unflatten(-1, (3, heads, -1)).permute(2, 0, 3, 1, 4)
        return turned(self.query_norm(q), *angles).to(v.dtype), turned(self.key_norm(k), *angles).to(v.dtype), v


class Attention(nn.Module):
    """The linear maps round a stream's share in a joint attention."""

    def __init__(self, hidden: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.norm = HeadNorm(hidden // heads)
        self.proj = nn.Linear(hidden, hidden)

    def parts(self, x: Tensor, angles: Angles) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values of `x`, (batch, tokens, hidden)."""
        return self.norm.heads(self.qkv(x), self.heads, angles)


class Modulation(nn.Module):
    """`parts` vectors from the vector of time and category: shift, scale and gate, once or twice."""

    def __init__(self, hidden: int, parts: int) -> None:
        super().__init__()
        self.parts = parts
        self.lin = nn.Linear(hidden, parts * hidden)

    def forward(self, vector: Tensor) -> tuple[Tensor, ...]:
        """Each (batch, 1, hidden)."""
        return tuple(self.lin(functional.silu(vector))[:, None, :].chunk(self.parts, dim=-1))


class DoubleBlock(nn.Module):
    """Two streams, `img` (the person) and `txt` (the garment), each with weights of its own, and one attention."""

    def __init__(self, hidden: int, heads: int, mlp: int) -> None:
        super().__init__()
        for stream in ("img", "txt"):
            self.add_module(f"{stream}_mod", Modulation(hidden, 6))
            self.add_module(f"{stream}_attn", Attention(hidden, heads))
            self.add_module(f"{stream}_mlp", _mlp(hidden, mlp))

    def forward(self, img: Tensor, txt: Tensor, vector: Tensor, angles: Angles) -> tuple[Tensor, Tensor]:
        """img, txt: (batch, tokens, hidden), of one shape; angles: of the tokens of either."""
        of_img, of_txt = self.img_mod(vector), self.txt_mod(vector)
        q, k, v = (
            torch.cat(both, dim=2)
            for both in zip(
                self.txt_attn.parts(modulated(txt, *of_txt[:2]), angles),
                self.img_attn.parts(modulated(img, *of_img[:2]), angles),
                strict=True,
            )
        )
        seen_txt, seen_img = attended(q, k, v).split((txt.shape[1], img.shape[1]), dim=1)
        img = img + of_img[2] * self.img_attn.proj(seen_img)
        txt = txt + of_txt[2] * self.txt_attn.proj(seen_txt)
        img = img + of_img[5] * self.img_mlp(modulated(img, *of_img[3:5]))
        return img, txt + of_txt[5] * self.txt_mlp(modulated(txt, *of_txt[3:5]))


class SingleBlock(nn.Module):
    """One stream; attention and MLP side by side between two linear maps."""

    def __init__(self, hidden: int, heads: int, mlp: int) -> None:
        super().__init__()
        self.heads, self.widths = heads, (3 * hidden, mlp)
        self.linear1 = nn.Linear(hidden, 3 * hidden + mlp)
        self.linear2 = nn.Linear(hidden + mlp, hidden)
        self.norm = HeadNorm(hidden // heads)
        self.modulation = Modulation(hidden, 3)

    def forward(self, x: Tensor, vector: Tensor, angles: Angles) -> Tensor:
        """x: (batch, tokens, hidden); angles: of those tokens."""
        shift, scale, gate = self.modulation(vector)
        qkv, wide = self.linear1(modulated(x, shift, scale)).split(self.widths, dim=-1)
        seen = attended(*self.norm.heads(qkv, self.heads, angles))
        return x + gate * self.linear2(torch.cat((seen, functional.gelu(wide, approximate="tanh")), dim=-1))


def modulated(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """The layer norm of `x`, (batch, tokens, hidden), scaled by 1 + scale and shifted, both (batch, 1, hidden)."""
    return functional.layer_norm(x, x.shape[-1:], eps=EPSILON) * (1 + scale) + shift


def attended(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Softmax attention of (batch, heads, tokens, head), as (batch, tokens, heads * head)."""
    return functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)


def _mlp(hidden: int, mlp: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(hidden, mlp), nn.GELU(approximate="tanh"), nn.Linear(mlp, hidden))
