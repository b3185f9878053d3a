"""The garment network: a small U-shaped convolutional network with 22 heatmaps, three masks, cut and traits.

Dense 3x3 convolutions, not depthwise ones: on a CPU they train about as fast per picture and need fewer pictures.
Input: float32 (B, 4, SIDE, SIDE), the cut-out on neutral grey as RGB in -1..1 and its alpha in -1..1, and the clothes
type one-hot (B, 3). Output: see `Answer`.
"""

from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as fn

SIDE, CELLS = 160, 40
MARKS = (
    "neck_left", "neck_right", "neck_front", "shoulder_left", "shoulder_right", "armpit_left", "armpit_right",
    "cuff_out_left", "cuff_out_right", "cuff_in_left", "cuff_in_right", "hem_left", "hem_right", "waist_left",
    "waist_right", "hip_left", "hip_right", "crotch", "hem_out_left", "hem_out_right", "hem_in_left", "hem_in_right",
)  # fmt: skip


class Answer(NamedTuple):
    """heat (B, 22, CELLS, CELLS) logits; masks (B, 3, SIDE / 2, SIDE / 2) logits of front, back, label; cut (B, 7)
    and traits (B, 8) logits."""

    heat: torch.Tensor
    masks: torch.Tensor
    cut: torch.Tensor
    traits: torch.Tensor


def conv(i, o, k=3, s=1):
    return nn.Sequential(nn.Conv2d(i, o, k, s, k // 2, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class Residual(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.body = nn.Sequential(conv(c, c), nn.Conv2d(c, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c))

    def forward(self, x):
        return fn.relu(x + self.body(x))


class GarmentNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.d1 = conv(4, 16, 3, 2)
        self.d2 = nn.Sequential(conv(16, 24, 3, 2), conv(24, 24))
        self.d3 = nn.Sequential(conv(24, 48, 3, 2), Residual(48))
        self.d4 = nn.Sequential(conv(48, 96, 3, 2), Residual(96))
        self.d5 = nn.Sequential(conv(96, 128, 3, 2), Residual(128))
        self.kind = nn.Linear(3, 128)
        self.l5, self.l4, self.l3, self.l2 = conv(128, 96, 1), conv(96, 96, 1), conv(48, 48, 1), conv(24, 32, 1)
        self.u4, self.t3 = conv(96, 96), conv(96, 48, 1)
        self.u3, self.t2 = conv(48, 48), conv(48, 32, 1)
        self.u2 = nn.Sequential(conv(32, 32), conv(32, 32))
        self.heat = nn.Conv2d(32, len(MARKS), 1)
        self.m1, self.m2 = conv(32, 12, 1), conv(16, 12, 1)
        self.mask = nn.Sequential(conv(12, 12), nn.Conv2d(12, 3, 1))
        self.head = nn.Sequential(nn.Linear(256, 96), nn.ReLU(), nn.Linear(96, 15))

    def forward(self, x, kind):
        a = self.d1(x)
        b = self.d2(a)
        c = self.d3(b)
        d = self.d4(c)
        e = self.d5(d) + self.kind(kind)[:, :, None, None]
        said = self.head(torch.cat([e.mean((2, 3)), e.amax((2, 3))], 1))
        p = self.u4(self.l4(d) + _twice(self.l5(e)))
        p = self.u3(self.l3(c) + _twice(self.t3(p)))
        p = self.u2(self.l2(b) + _twice(self.t2(p)))
        masks = self.mask(self.m2(a) + _twice(self.m1(p)))
        return Answer(self.heat(p), masks, said[:, :7], said[:, 7:])


def _twice(x):
    return fn.interpolate(x, scale_factor=2.0, mode="nearest")


def places(heat):
    """Expected place (B, 22, 2) in 0..1 of the picture, and its standard deviation (B, 22), of heatmap logits."""
    p = heat.flatten(2).softmax(2).view_as(heat)
    at = (torch.arange(CELLS, dtype=heat.dtype, device=heat.device) + 0.5) / CELLS
    across, down = p.sum(2), p.sum(3)
    x, y = (across * at).sum(2), (down * at).sum(2)
    spread = (across * at**2).sum(2) - x**2 + (down * at**2).sum(2) - y**2
    return torch.stack([x, y], 2), spread.clamp_min(1e-8).sqrt()


class Exported(nn.Module):
    """What the ONNX file computes: marks, spread, masks, cut and traits, the latter three as probabilities."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, picture, kind):
        answer = self.net(picture, kind)
        marks, spread = places(answer.heat)
        return marks, spread, answer.masks.sigmoid(), answer.cut.softmax(1), answer.traits.sigmoid()
