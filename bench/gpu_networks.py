"""The neural engines' networks with random numbers, ready to be timed: full size, or tiny for a look at the bench.

Speed does not depend on the numbers, so no weights are needed. A picture goes from given photos and a given prompt's
embedding to pixels: with the VAE where there is one, without the text encoder, which the engines run once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np
import torch
from gpu_meter import Run
from PIL import Image

PERSON, GARMENT = (768, 1024), (768, 768)
"""Pixels of the photos that the editors are shown, width and height."""

SEED = 20_261_123


@dataclass(frozen=True)
class Subject:
    """compile: makes the network a compiled one from now on."""

    name: str
    steps: int
    parameters: int
    run: Run
    compile: Callable[[], None]


def flux2_klein(device: torch.device, dtype: torch.dtype, *, tiny: bool) -> Subject:
    """FLUX.2 klein 4B: 4 steps without guidance, person and garment as references."""
    from fittingroom.engines.flux2_klein.full_size import TEXT_LENGTH, TEXT_WIDTH, full_size

    pipeline = _tiny_klein(device, dtype) if tiny else full_size(device, dtype)
    words = torch.randn(1, 8 if tiny else TEXT_LENGTH, 48 if tiny else TEXT_WIDTH, device=device, dtype=dtype)
    call = {"prompt_embeds": words, "num_inference_steps": 4, "guidance_scale": 1.0}
    return _editor("flux2-klein", pipeline, 4, call, tiny=tiny)


def qwen_edit(device: torch.device, dtype: torch.dtype, *, tiny: bool) -> Subject:
    """Qwen-Image-Edit: 4 steps of Lightning, without guidance."""
    from fittingroom.engines.qwen_edit.full_size import full_size

    pipeline = _tiny_qwen(device, dtype) if tiny else full_size(device, dtype)
    width = pipeline.transformer.config.joint_attention_dim
    # What the two photos and a prompt of some fifty words come to.
    words = torch.randn(1, 8 if tiny else 512, width, device=device, dtype=dtype)
    mask = torch.ones(words.shape[:2], device=device, dtype=torch.long)
    call = {"prompt_embeds": words, "prompt_embeds_mask": mask, "num_inference_steps": 4, "true_cfg_scale": 1.0}
    return _editor("qwen-edit", pipeline, 4, call, tiny=tiny)


def fashn(device: torch.device, dtype: torch.dtype, *, tiny: bool) -> Subject:
    """FASHN VTON v1.5: 20 steps, guided but for the last, at 576x864."""
    from fittingroom.engines.fashn.config import Config
    from fittingroom.engines.fashn.network import Network
    from fittingroom.engines.fashn.sampler import Conditions, Plan, sample

    small = Config(hidden=64, heads=2, patch=12, times=32, mixers=1, doubles=1, singles=1, mlp=128)
    height, width = (48, 36) if tiny else (864, 576)
    plan = Plan(steps=3 if tiny else 20)
    with torch.device(device):
        network = Network(small if tiny else Config()).to(dtype).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.02)
    person, garment, pose = (torch.rand(channels, height, width) * 2 - 1 for channels in (3, 3, 1))
    conditions = Conditions(person, pose, garment, -torch.ones(1, height, width), 1)
    made: dict[str, Any] = {"network": network}

    def run(batch: int, stepped: Callable[[], None]) -> None:
        checkpoints = [stepped] + [lambda: None] * (batch - 1)
        answers = sample(made["network"], [conditions] * batch, list(range(batch)), plan, checkpoints)
        failed = [answer for answer in answers if isinstance(answer, Exception)]
        if failed:
            raise failed[0]

    def compiled() -> None:
        network.compile(dynamic=False, backend="eager" if tiny else "inductor")

    return Subject("fashn", plan.steps, _parameters(network), run, compiled)


NETWORKS: dict[str, Callable[..., Subject]] = {"fashn": fashn, "flux2-klein": flux2_klein, "qwen-edit": qwen_edit}


def _editor(name: str, pipeline: Any, steps: int, call: dict[str, Any], *, tiny: bool) -> Subject:
    scale = 8 if tiny else 1
    person, garment = (_noise(width // scale, height // scale) for width, height in (PERSON, GARMENT))
    size = {"width": person.width, "height": person.height}
    pipeline.set_progress_bar_config(disable=True)

    def run(batch: int, stepped: Callable[[], None]) -> None:
        def after(_pipeline: Any, _step: int, _time: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
            stepped()
            return kwargs

        draw = torch.Generator("cpu").manual_seed(SEED)
        with _small_references() if tiny else nullcontext():
            pipeline(
                image=[person, garment],
                num_images_per_prompt=batch,
                generator=draw,
                callback_on_step_end=after,
                output_type="np",
                **size,
                **call,
            )

    def compiled() -> None:
        pipeline.transformer.compile_repeated_blocks(dynamic=True, backend="eager" if tiny else "inductor")

    return Subject(name, steps, _parameters(pipeline.transformer), run, compiled)


def _tiny_klein(device: torch.device, dtype: torch.dtype) -> Any:
    from diffusers import (
        AutoencoderKLFlux2,
        FlowMatchEulerDiscreteScheduler,
        Flux2KleinPipeline,
        Flux2Transformer2DModel,
    )

    from fittingroom.engines.flux2_klein.full_size import TRANSFORMER

    small = {"num_layers": 1, "num_single_layers": 1, "attention_head_dim": 16, "num_attention_heads": 2}
    config = {**TRANSFORMER, **small, "joint_attention_dim": 48, "axes_dims_rope": (4, 4, 4, 4)}
    blocks: dict[str, Any] = {"block_out_channels": (8, 8, 8, 8), "norm_num_groups": 4, "layers_per_block": 1}
    with torch.device(device):
        transformer = Flux2Transformer2DModel(**config).to(dtype).eval()
        vae = AutoencoderKLFlux2(**blocks).to(dtype).eval()
    return Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift=3.0),
        vae=vae,
        text_encoder=None,
        tokenizer=None,
        transformer=transformer,
        is_distilled=True,
    )


def _tiny_qwen(device: torch.device, dtype: torch.dtype) -> Any:
    from diffusers import (
        AutoencoderKLQwenImage,
        FlowMatchEulerDiscreteScheduler,
        QwenImageEditPlusPipeline,
        QwenImageTransformer2DModel,
    )

    small: dict[str, Any] = {"num_layers": 1, "attention_head_dim": 16, "num_attention_heads": 2}
    with torch.device(device):
        transformer = QwenImageTransformer2DModel(**small, joint_attention_dim=48, axes_dims_rope=(4, 6, 6))
        vae = AutoencoderKLQwenImage(base_dim=8, num_res_blocks=1)
    return QwenImageEditPlusPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=vae.to(dtype).eval(),
        text_encoder=None,
        tokenizer=None,
        processor=None,
        transformer=transformer.to(dtype).eval(),
    )


@contextmanager
def _small_references() -> Iterator[None]:
    """The Qwen pipeline enlarges its references to a megapixel, which is no tiny picture."""
    from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus as module

    with mock.patch.multiple(module, VAE_IMAGE_SIZE=64 * 64, CONDITION_IMAGE_SIZE=64 * 64):
        yield


def _noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(SEED).integers(0, 256, (height, width, 3), dtype=np.uint8))


def _parameters(module: Any) -> int:
    return sum(one.numel() for one in module.parameters())
