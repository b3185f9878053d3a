"""The network of FASHN VTON v1.5: the velocity of a flow from noise to the dressed person, in pixels.

Person and garment become tokens of one grid each; blocks on the person's alone, double blocks on both, single blocks
on their sequence; what is left of the person's tokens becomes the picture again. Written from the published
architecture (fashn-AI/fashn-vton-1.5, src/fashn_vton/tryon_mmdit.py at 7c0f10a, Apache-2.0) with the checkpoint's own
names. Invariant: `state_dict()` has exactly the published names and shapes, so that loading is strict.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from fittingroom.engines.fashn.blocks import Angles, DoubleBlock, SingleBlock
from fittingroom.engines.fashn.config import COLOURS, GARMENT_CHANNELS, PERSON_CHANNELS, Config
from fittingroom.engines.fashn.embed import LastLayer, PatchEmbed, TimeEmbed, picture
from fittingroom.engines.fashn.rotary import angles


class Network(nn.Module):
    """Stateless but for its weights: one instance serves several threads."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        sizes = (config.hidden, config.heads, config.mlp)
        self.t_embedder = TimeEmbed(config.times, config.hidden)
        self.y_embedder = nn.Embedding(config.categories, config.hidden)
        self.x_embedder = PatchEmbed(PERSON_CHANNELS, config.hidden, config.patch)
        self.garment_embedder = PatchEmbed(GARMENT_CHANNELS, config.hidden, config.patch)
        self.x_patch_mixer = nn.ModuleList(SingleBlock(*sizes) for _ in range(config.mixers))
        # Nothing reads it, but it lies in the checkpoint.
        self.register_buffer("patch_mixer_token", torch.zeros(1, 1, COLOURS * config.patch**2))
        self.double_blocks = nn.ModuleList(DoubleBlock(*sizes) for _ in range(config.doubles))
        self.single_blocks = nn.ModuleList(SingleBlock(*sizes) for _ in range(config.singles))
        self.final_layer = LastLayer(config.hidden, COLOURS * config.patch**2)

    def angles(self, height: int, width: int, device: torch.device | str = "cpu") -> Angles:
        """For `forward`, of pictures of that size: made once, used for every step. Raises ValueError, see `Config`."""
        self.config.tokens(height, width)
        cosines, sines = angles(height // self.config.patch, width // self.config.patch, self.config.axes)
        return cosines.to(device), sines.to(device)

    def forward(self, person: Tensor, garment: Tensor, time: Tensor, category: Tensor, angles: Angles) -> Tensor:
        """The velocity, (batch, 3, H, W), of the dtype of `person`.

        person: (batch, 7, H, W), the noisy picture, the person photo, its pose map; garment: (batch, 4, H, W), the
        product photo and its pose map; -1..1 each, and zeros in place of all but the noisy picture for no condition.
        time: float32 (batch,), 0 noise to 1 picture. category: int64 (batch,), 0 for none. angles: see `angles`.
        """
        vector = self.t_embedder(time, person.dtype) + self.y_embedder(category)
        img, txt = self.x_embedder(person), self.garment_embedder(garment)
        for block in self.x_patch_mixer:
            img = block(img, vector, angles)
        for block in self.double_blocks:
            img, txt = block(img, txt, vector, angles)
        twice = (torch.cat((angles[0], angles[0])), torch.cat((angles[1], angles[1])))
        both = torch.cat((txt, img), dim=1)
        for block in self.single_blocks:
            both = block(both, vector, twice)
        tokens = self.final_layer(both[:, txt.shape[1] :], vector)
        patch = self.config.patch
        return picture(tokens, person.shape[2] // patch, person.shape[3] // patch, patch)
