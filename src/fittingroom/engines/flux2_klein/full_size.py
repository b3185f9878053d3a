"""The networks of FLUX.2 klein 4B at full size with random numbers, for measurements of time and memory.

Speed and memory do not depend on the numbers. The configuration is that of the repository
`black-forest-labs/FLUX.2-klein-4B`, of which no file was at hand: the transformer's values (5 double and 20 single
blocks, 24 heads of 128, text width 7680 = 3 x 2560 of Qwen3-4B, no guidance embedding) are those that several public
ports name for it and give the published 3.88e9 parameters; the VAE has the defaults of diffusers' class, made for
FLUX.2. Invariant: nothing here is used to make pictures.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers import AutoencoderKLFlux2, FlowMatchEulerDiscreteScheduler, Flux2KleinPipeline, Flux2Transformer2DModel

TRANSFORMER: dict[str, Any] = {
    "patch_size": 1,
    "in_channels": 128,
    "num_layers": 5,
    "num_single_layers": 20,
    "attention_head_dim": 128,
    "num_attention_heads": 24,
    "joint_attention_dim": 7680,
    "timestep_guidance_channels": 256,
    "mlp_ratio": 3.0,
    "axes_dims_rope": (32, 32, 32, 32),
    "rope_theta": 2000,
    "guidance_embeds": False,
}
TEXT_LENGTH, TEXT_WIDTH = 512, 7680


def full_size(device: torch.device | str, dtype: torch.dtype = torch.bfloat16) -> Flux2KleinPipeline:
    """A pipeline without text encoder on `device` (`meta`: no memory is taken).

    It is called with `prompt_embeds` (1, TEXT_LENGTH, TEXT_WIDTH).
    """
    with torch.device(device):
        transformer = Flux2Transformer2DModel(**TRANSFORMER).to(dtype).eval()
        vae = AutoencoderKLFlux2().to(dtype).eval()
    scheduler = FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift=3.0)
    pipeline = Flux2KleinPipeline(
        scheduler=scheduler, vae=vae, text_encoder=None, tokenizer=None, transformer=transformer, is_distilled=True
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
