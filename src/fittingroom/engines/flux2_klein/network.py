"""FLUX.2 klein's networks, opened: the stock pipelines of diffusers with the prompts' embeddings made beforehand.

The editing network and the VAE stay; the text encoder is there only while an embedding is missing. Both pipelines hold
the same networks. Invariant: after opening, no text encoder is in memory; a prompt that was seen once needs none.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import Flux2KleinInpaintPipeline, Flux2KleinPipeline

from fittingroom.engines.flux2_klein.embeddings import Embeddings
from fittingroom.engines.neural.device import chosen_device, chosen_dtype, free_bytes
from fittingroom.engines.neural.editing import Sketch
from fittingroom.engines.neural.editing_memory import Need, kept_bytes, numbers_in, placed
from fittingroom.engines.neural.editing_pipeline import as_picture, drawn, place, quantisation, quietly
from fittingroom.engines.neural.editing_prompts import prompt_for
from fittingroom.engines.neural.memory import release, released_on_oom
from fittingroom.engines.protocol import ClothesType, RgbImage
from fittingroom.setting_neural import NeuralSettings

STEPS, GUIDANCE = 4, 1.0
GARMENT_PIXELS = 768 * 768
"""The garment photo is shown smaller than the person: its tokens cost as much as the picture's."""

WORK_BYTES = 4_000_000_000
"""Allowance for a picture of a megapixel; the VAE's decoder takes most of it."""


class KleinNetwork:
    """The opened editor; see `Network`."""

    aligned = True
    garment_pixels = GARMENT_PIXELS

    def __init__(self, folder: Path, settings: NeuralSettings) -> None:
        self._folder, self._settings = folder, settings
        self._device = chosen_device(settings)
        self._dtype = chosen_dtype(settings, self._device)
        config = quantisation(settings, self._dtype, self._device, "transformer")
        placement = placed(self._need(), self._device, settings, "the editing network of flux2-klein")
        self._embeddings = Embeddings(folder, self._dtype, self._encode)
        self._embeddings.of([prompt_for(clothes_type) for clothes_type in ClothesType])
        with released_on_oom(self._device), quietly():
            free = Flux2KleinPipeline.from_pretrained(
                folder,
                text_encoder=None,
                tokenizer=None,
                dtype=self._dtype,
                local_files_only=True,
                quantization_config=config,
            )
            place(free, placement, self._device, settings, self._dtype)
        self._free: Any = free
        self._aligned: Any = None
        self.cell: int = 2 * free.vae_scale_factor
        self.placement = f"{placement.reason}; {self._dtype} on {self._device}, no text encoder"

    @property
    def pipeline(self) -> Any:
        """The editing pipeline, for measurements."""
        return self._free

    def draw(self, sketch: Sketch) -> RgbImage:
        """See `Network.draw`."""
        (embedding,) = self._embeddings.of([sketch.prompt])
        sketch.checkpoint()
        call: dict[str, Any] = {
            "prompt_embeds": embedding.to(self._device),
            "height": sketch.person.shape[0],
            "width": sketch.person.shape[1],
            "num_inference_steps": self._settings.steps or STEPS,
            "guidance_scale": GUIDANCE if self._settings.guidance is None else self._settings.guidance,
        }
        if call["guidance_scale"] > 1.0 and not self._free.config.is_distilled:
            call["negative_prompt_embeds"] = self._embeddings.of([""])[0].to(self._device)
        person, garment = as_picture(sketch.person), as_picture(sketch.garment)
        if sketch.region is None:
            pictures: dict[str, Any] = {"image": [person, garment]}
            return drawn(self._free, self._device, sketch.seed, sketch.checkpoint, **pictures, **call)
        pictures = {"image": person, "image_reference": garment, "mask_image": as_picture(sketch.region)}
        inpainting = self._inpainting()
        return drawn(inpainting, self._device, sketch.seed, sketch.checkpoint, strength=1.0, **pictures, **call)

    def _inpainting(self) -> Any:
        """The other pipeline over the same networks, which were placed already."""
        if self._aligned is None:
            parts = self._free.components
            self._aligned = Flux2KleinInpaintPipeline(**parts, is_distilled=self._free.config.is_distilled)
            self._aligned.set_progress_bar_config(disable=True)
        return self._aligned

    def _need(self) -> Need:
        parts = {
            "transformer": kept_bytes(numbers_in(self._folder / "transformer"), self._dtype, self._settings.quantize),
            "vae": kept_bytes(numbers_in(self._folder / "vae"), self._dtype),
        }
        return Need(parts, min(WORK_BYTES, 4 * sum(parts.values())))

    def _encode(self, prompts: Sequence[str]) -> list[torch.Tensor]:
        """Load the text encoder, embed, drop it; on the card where it fits beside what lies there, else on the CPU."""
        need = kept_bytes(numbers_in(self._folder / "text_encoder"), self._dtype) * 5 // 4
        device = self._device if need <= free_bytes(self._device) else torch.device("cpu")
        with released_on_oom(device), quietly(), torch.inference_mode():
            asked = Flux2KleinPipeline.from_pretrained(
                self._folder, transformer=None, vae=None, dtype=self._dtype, local_files_only=True
            )
            asked.to(device)
            made = [asked.encode_prompt(prompt, device=device)[0].cpu() for prompt in prompts]
        del asked
        gc.collect()
        release(device)
        return made
