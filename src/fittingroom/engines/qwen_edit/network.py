"""Qwen-Image-Edit's networks, opened: the stock pipeline of diffusers, with the Lightning weights where asked.

The text encoder reads both photos together with the prompt, so that nothing of it can be kept from job to job, and it
stays. Height and width are always given, since the pipeline else takes those of the last picture, the garment.
Invariant: what was asked for (Lightning, steps, quantisation) is what runs, or opening fails with the reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diffusers import QwenImageEditPlusPipeline

from fittingroom.engines.neural.device import chosen_device, chosen_dtype
from fittingroom.engines.neural.editing import Sketch
from fittingroom.engines.neural.editing_memory import Need, kept_bytes, numbers_in, placed
from fittingroom.engines.neural.editing_pipeline import as_picture, drawn, place, quantisation, quietly
from fittingroom.engines.neural.memory import released_on_oom
from fittingroom.engines.protocol import RgbImage
from fittingroom.engines.qwen_edit.lightning import add_lightning, lightning_file
from fittingroom.engines.qwen_edit.reading import PhotoReader, with_places
from fittingroom.setting_neural import NeuralSettings

STEPS, GUIDANCE = 40, 4.0
"""Of the network without Lightning, as its card says; with it the steps are Lightning's and guidance is 1, none."""

GARMENT_PIXELS = 1024 * 1024
"""The pipeline brings every photo to this area."""

WORK_BYTES = 6_000_000_000
"""Allowance for a picture of a megapixel."""


class QwenNetwork:
    """The opened editor; see `Network`."""

    aligned = False
    garment_pixels = GARMENT_PIXELS

    def __init__(self, folder: Path, settings: NeuralSettings) -> None:
        self._folder, self._settings = folder, settings
        self._device = chosen_device(settings)
        dtype = chosen_dtype(settings, self._device)
        config = quantisation(settings, dtype, self._device, "transformer", "text_encoder")
        lightning = lightning_file(folder, settings.lightning) if settings.lightning else None
        placement = placed(self._need(dtype), self._device, settings, "the editing network of qwen-edit")
        with released_on_oom(self._device), quietly():
            pipeline: Any = QwenImageEditPlusPipeline.from_pretrained(
                folder, processor=None, dtype=dtype, local_files_only=True, quantization_config=config
            )
            pipeline.processor = PhotoReader.of(folder, pipeline.tokenizer)
            with_places(pipeline.text_encoder)
            if lightning is not None:
                add_lightning(pipeline, lightning, merged=config is None)
            place(pipeline, placement, self._device, settings, dtype)
        self.pipeline = pipeline
        self.cell: int = 2 * pipeline.vae_scale_factor
        with_it = f"Lightning {settings.lightning} steps" if lightning is not None else "no Lightning"
        self.placement = f"{placement.reason}; {dtype} on {self._device}, {with_it}"

    def draw(self, sketch: Sketch) -> RgbImage:
        """See `Network.draw`. Raises ValueError for a sketch with a region, which this pipeline cannot keep to."""
        if sketch.region is not None:
            raise ValueError("qwen-edit draws everywhere")
        lightning = self._settings.lightning
        usual = 1.0 if lightning else GUIDANCE
        guidance = usual if self._settings.guidance is None else self._settings.guidance
        return drawn(
            self.pipeline,
            self._device,
            sketch.seed,
            sketch.checkpoint,
            image=[as_picture(sketch.person), as_picture(sketch.garment)],
            prompt=sketch.prompt,
            negative_prompt=" " if guidance > 1.0 else None,
            true_cfg_scale=guidance,
            height=sketch.person.shape[0],
            width=sketch.person.shape[1],
            num_inference_steps=self._settings.steps or lightning or STEPS,
        )

    def _need(self, dtype: Any) -> Need:
        quantize = self._settings.quantize
        reading = quantize if quantize != "fp8" else "none"
        parts = {
            "transformer": kept_bytes(numbers_in(self._folder / "transformer"), dtype, quantize),
            "text_encoder": kept_bytes(numbers_in(self._folder / "text_encoder"), dtype, reading),
            "vae": kept_bytes(numbers_in(self._folder / "vae"), dtype),
        }
        return Need(parts, min(WORK_BYTES, 4 * sum(parts.values())))
