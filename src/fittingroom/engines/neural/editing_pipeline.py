"""What both editors do with a stock diffusers pipeline: load from a folder, quantise, place, tune, draw.

Invariant: nothing is looked up on a hub (`local_files_only`), nothing is printed, and a drawing takes its noise from a
generator of its own on the CPU, so that a seed means the same noise on every device and no global state is touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import diffusers
import numpy as np
import torch
import transformers
from diffusers.utils import logging as diffusers_logging
from PIL import Image
from transformers.utils import logging as transformers_logging

from fittingroom.engines.neural.editing_memory import Placement
from fittingroom.engines.neural.memory import released_on_oom
from fittingroom.engines.neural.steps import step_callback, usable_after
from fittingroom.engines.protocol import Checkpoint, EngineError, Mask, RgbImage
from fittingroom.setting_neural import NeuralSettings

ATTENTION = {
    "flash": "_native_flash",
    "efficient": "_native_efficient",
    "cudnn": "_native_cudnn",
    "math": "_native_math",
}
"""Names that diffusers gives to PyTorch's own kernels."""


class MissingQuantisation(EngineError):
    """bitsandbytes is not installed, and the settings ask for what it does."""


class CannotQuantise(EngineError):
    """The settings ask for numbers that the device cannot compute with."""


def quantisation(settings: NeuralSettings, dtype: torch.dtype, device: torch.device, *parts: str) -> Any:
    """diffusers' configuration for the pipeline's `parts`, or None where none is asked for (fp8 is cast after loading).

    Raises `MissingQuantisation`, and `CannotQuantise` on a CPU.
    """
    if settings.quantize not in {"8bit", "4bit"}:
        return None
    if find_spec("bitsandbytes") is None:
        raise MissingQuantisation(
            f'neural.quantize is {settings.quantize!r} and bitsandbytes is missing: pip install "fittingroom[quant]"'
        )
    if device.type != "cuda":
        raise CannotQuantise(f"neural.quantize {settings.quantize!r} needs a CUDA device, and this is {device}")
    return diffusers.PipelineQuantizationConfig(
        quant_mapping={part: _bitsandbytes(settings.quantize, dtype, part) for part in parts}
    )


def _bitsandbytes(quantize: str, dtype: torch.dtype, part: str) -> Any:
    # Each library knows only its own class of the same name.
    of = diffusers.BitsAndBytesConfig if part == "transformer" else transformers.BitsAndBytesConfig
    if quantize == "8bit":
        return of(load_in_8bit=True)
    return of(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype, bnb_4bit_use_double_quant=True
    )


@contextmanager
def quietly() -> Iterator[None]:
    """Without the two libraries' progress bars, which would go into a server's log."""
    was = diffusers_logging.is_progress_bar_enabled(), transformers_logging.is_progress_bar_enabled()
    diffusers_logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        for on, library in zip(was, (diffusers_logging, transformers_logging), strict=True):
            if on:
                library.enable_progress_bar()


def place(pipeline: Any, placement: Placement, device: torch.device, settings: NeuralSettings, dtype: Any) -> None:
    """Bring the loaded pipeline where it shall compute, in the numbers and with the kernels of the settings."""
    network = pipeline.transformer
    if settings.quantize == "fp8":
        network.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=dtype)
    if settings.attention != "sdpa":
        network.set_attention_backend(ATTENTION[settings.attention])
    if placement.offload == "none":
        pipeline.to(device)
    elif placement.offload == "model":
        pipeline.enable_model_cpu_offload(device=device)
    else:
        pipeline.enable_sequential_cpu_offload(device=device)
    if settings.compile:
        # Sizes differ from photo to photo: one dynamic graph, not one for each.
        network.compile_repeated_blocks(dynamic=True)
    pipeline.set_progress_bar_config(disable=True)


def drawn(pipeline: Any, device: torch.device, seed: int, checkpoint: Checkpoint, **call: Any) -> RgbImage:
    """One picture of a pipeline, uint8 (H, W, 3). Raises `OutOfMemory`, or what `checkpoint` raises between steps."""
    generator = torch.Generator("cpu").manual_seed(seed)
    with released_on_oom(device), usable_after(pipeline), torch.inference_mode():
        answer = pipeline(
            generator=generator,
            callback_on_step_end=step_callback(checkpoint),
            output_type="np",
            **call,
        )
        picture = answer.images[0]
    return np.asarray(np.rint(np.clip(picture, 0.0, 1.0) * 255.0), np.uint8)


def as_picture(image: RgbImage | Mask) -> Image.Image:
    """uint8 (H, W, 3), or float32 (h, w) 0..1, as the pipelines want it."""
    if image.ndim == 2:
        return Image.fromarray(np.asarray(np.rint(image * 255.0), np.uint8))
    return Image.fromarray(image)
