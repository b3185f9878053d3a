"""A folder as `Qwen/Qwen-Image-Edit-2511` is laid out, Lightning beside it: the same classes, random weights.

The pipeline brings every photo to a megapixel; so the tiny VAE halves five times, not three, and a photo has a few
hundred tokens. `processor/` is written by hand, since its class needs torchvision.
"""

import json
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLQwenImage,
    FlowMatchEulerDiscreteScheduler,
    QwenImageEditPlusPipeline,
    QwenImageTransformer2DModel,
)
from neural_tiny_words import WORDS, byte_tokenizer
from safetensors.torch import save_file
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

WIDTH = 16
LATENT = 4


def transformer() -> QwenImageTransformer2DModel:
    return QwenImageTransformer2DModel(
        patch_size=2,
        in_channels=4 * LATENT,
        out_channels=LATENT,
        num_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=WIDTH,
        axes_dims_rope=(8, 4, 4),
        zero_cond_t=True,
    )


def vae() -> AutoencoderKLQwenImage:
    return AutoencoderKLQwenImage(
        base_dim=4,
        z_dim=LATENT,
        dim_mult=[1, 1, 1, 1, 1, 1],
        num_res_blocks=0,
        temperal_downsample=[False, False, False, False, False],
        latents_mean=[0.0] * LATENT,
        latents_std=[1.0] * LATENT,
    )


def text_encoder(tokenizer: object) -> Qwen2_5_VLForConditionalGeneration:
    number = tokenizer.convert_tokens_to_ids  # type: ignore[attr-defined]
    return Qwen2_5_VLForConditionalGeneration(
        Qwen2_5_VLConfig(
            text_config={
                "vocab_size": WORDS,
                "hidden_size": WIDTH,
                "intermediate_size": 16,
                "num_hidden_layers": 2,
                "num_attention_heads": 2,
                "num_key_value_heads": 2,
                "rope_parameters": {"mrope_section": [1, 1, 2], "rope_type": "default", "rope_theta": 1e6},
            },
            vision_config={
                "depth": 1,
                "hidden_size": 16,
                "intermediate_size": 16,
                "num_heads": 2,
                "out_hidden_size": WIDTH,
            },
            image_token_id=number("<|image_pad|>"),
            video_token_id=number("<|video_pad|>"),
            vision_start_token_id=number("<|vision_start|>"),
            vision_end_token_id=number("<|vision_end|>"),
        )
    )


def write(folder: Path, lightning: tuple[int, ...] = (4, 8)) -> Path:
    """Write the weights into `folder`; the same numbers every time. lightning: steps of the LoRAs beside them."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(11)
        tokenizer = byte_tokenizer()
        pipeline = QwenImageEditPlusPipeline(
            scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift_terminal=0.02),
            vae=vae(),
            text_encoder=text_encoder(tokenizer),
            tokenizer=tokenizer,
            processor=None,
            transformer=transformer(),
        )
        pipeline.save_pretrained(folder)
        for steps in lightning:
            write_lora(
                folder / "lightning" / f"Qwen-Image-Edit-2511-Lightning-{steps}steps-V1.0-bf16.safetensors",
                pipeline.transformer,
            )
    index = json.loads((folder / "model_index.json").read_text())
    index["processor"] = ["transformers", "Qwen2VLProcessor"]
    (folder / "model_index.json").write_text(json.dumps(index))
    Qwen2VLImageProcessorPil(min_pixels=56 * 56, max_pixels=28 * 28 * 1280).save_pretrained(folder / "processor")
    tokenizer.save_pretrained(folder / "processor")
    return folder


def write_lora(path: Path, network: QwenImageTransformer2DModel, rank: int = 2) -> Path:
    """A LoRA of some of `network`'s layers, in the names that the Lightning files have."""
    path.parent.mkdir(parents=True, exist_ok=True)
    entries: dict[str, torch.Tensor] = {}
    for name, part in network.named_modules():
        if isinstance(part, torch.nn.Linear) and name.startswith("transformer_blocks.") and "attn.to_" in name:
            entries[f"{name}.lora_down.weight"] = torch.randn(rank, part.in_features)
            entries[f"{name}.lora_up.weight"] = torch.randn(part.out_features, rank)
            entries[f"{name}.alpha"] = torch.tensor(float(rank))
    assert entries
    save_file(entries, path)
    return path
