"""A folder as `black-forest-labs/FLUX.2-klein-4B` is laid out: the same classes, a few layers, random weights."""

from pathlib import Path

import torch
from diffusers import AutoencoderKLFlux2, FlowMatchEulerDiscreteScheduler, Flux2KleinPipeline, Flux2Transformer2DModel
from neural_tiny_words import WORDS, byte_tokenizer
from transformers import Qwen3Config, Qwen3ForCausalLM

WIDTH = 8
"""Of the text encoder, of which three layers are put side by side."""


def transformer() -> Flux2Transformer2DModel:
    return Flux2Transformer2DModel(
        patch_size=1,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=3 * WIDTH,
        timestep_guidance_channels=32,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=False,
    )


def vae() -> AutoencoderKLFlux2:
    return AutoencoderKLFlux2(
        block_out_channels=(4, 4, 4, 4), layers_per_block=1, latent_channels=4, norm_num_groups=1, sample_size=32
    )


def text_encoder() -> Qwen3ForCausalLM:
    # The pipeline looks at layers 9, 18 and 27.
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=WORDS,
            hidden_size=WIDTH,
            intermediate_size=8,
            num_hidden_layers=28,
            num_attention_heads=2,
            num_key_value_heads=2,
            head_dim=4,
            max_position_embeddings=512,
        )
    )


def write(folder: Path, *, distilled: bool = True) -> Path:
    """Write the weights into `folder`; the same numbers every time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        pipeline = Flux2KleinPipeline(
            scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift=3.0),
            vae=vae(),
            text_encoder=text_encoder(),
            tokenizer=byte_tokenizer(),
            transformer=transformer(),
            is_distilled=distilled,
        )
    pipeline.save_pretrained(folder)
    return folder
