"""The editing network and VAE of Qwen-Image-Edit-2511 at full size with random numbers, for measurements.

The configuration is that of the repository `Qwen/Qwen-Image-Edit-2511`, of which no file was at hand: the values (60
blocks, 24 heads of 128, text width 3584 of Qwen2.5-VL-7B, `zero_cond_t`) are those that public code names for it, and
but for the last the defaults of diffusers' class; they give the published 20.4e9 parameters. The VAE has the defaults
of its class. Invariant: nothing here is used to make pictures.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers import (
    AutoencoderKLQwenImage,
    FlowMatchEulerDiscreteScheduler,
    QwenImageEditPlusPipeline,
    QwenImageTransformer2DModel,
)

from fittingroom.engines.qwen_edit.lightning import SHIFT

TRANSFORMER: dict[str, Any] = {
    "patch_size": 2,
    "in_channels": 64,
    "out_channels": 16,
    "num_layers": 60,
    "attention_head_dim": 128,
    "num_attention_heads": 24,
    "joint_attention_dim": 3584,
    "guidance_embeds": False,
    "axes_dims_rope": (16, 56, 56),
    "zero_cond_t": True,
}
TEXT_LENGTH, TEXT_WIDTH = 500, 3584
"""Of the embedding of a prompt with two photos: 2 x 196 merged patches and about a hundred words."""


def full_size(device: torch.device | str, dtype: torch.dtype = torch.bfloat16) -> QwenImageEditPlusPipeline:
    """A pipeline without text encoder on `device` (`meta`: no memory is taken). Give it `prompt_embeds` (1, 500, 3584)
    and `prompt_embeds_mask` of ones."""
    with torch.device(device):
        transformer = QwenImageTransformer2DModel(**TRANSFORMER).to(dtype).eval()
        vae = AutoencoderKLQwenImage().to(dtype).eval()
    scheduler = FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, base_shift=SHIFT, max_shift=SHIFT)
    pipeline = QwenImageEditPlusPipeline(
        scheduler=scheduler, vae=vae, text_encoder=None, tokenizer=None, processor=None, transformer=transformer
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
