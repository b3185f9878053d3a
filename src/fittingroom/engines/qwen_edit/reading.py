"""How Qwen2.5-VL reads the prompt and both photos, where the pipeline of diffusers leaves something out.

Two things are made up for. transformers' own processor refuses to exist without torchvision, which is wanted only for
videos; here the pillow image processor and the tokenizer do the same for photos. And the pipeline does not tell the
encoder which tokens are of a photo, without which transformers 5 gives every token the position of a word in a
sentence, where the network learned rows and columns. Invariant: a prompt has as many placeholders as the photos have
merged patches, or the encoder refuses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from transformers import BatchFeature
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

PHOTO = "<|image_pad|>"


class PhotoReader:
    """In place of `Qwen2VLProcessor`, for photos alone."""

    def __init__(self, tokenizer: Any, images: Any) -> None:
        self.tokenizer, self.image_processor = tokenizer, images

    @classmethod
    def of(cls, folder: Path, tokenizer: Any) -> PhotoReader:
        """With the image processor of the set's `folder`/processor."""
        images = Qwen2VLImageProcessorPil.from_pretrained(folder / "processor", local_files_only=True)
        return cls(tokenizer, images)

    def __call__(
        self, text: Sequence[str], images: Sequence[Image.Image], padding: bool = True, return_tensors: str = "pt"
    ) -> BatchFeature:
        """Tokens and patches. Each PHOTO of `text` stands for one of `images`, in order; ValueError if they differ."""
        seen = self.image_processor(images=list(images), return_tensors=return_tensors)
        merged = self.image_processor.merge_size**2
        counts = iter([int(grid.prod()) // merged for grid in seen["image_grid_thw"]])
        if sum(prompt.count(PHOTO) for prompt in text) != len(images):
            raise ValueError(f"{len(images)} photos, and another number of placeholders in the prompt")
        widened = [_widened(prompt, counts) for prompt in text]
        words = self.tokenizer(widened, padding=padding, return_tensors=return_tensors)
        return BatchFeature({**seen, **words})


def _widened(prompt: str, counts: Any) -> str:
    first, *rest = prompt.split(PHOTO)
    return first + "".join(PHOTO * next(counts) + part for part in rest)


def with_places(encoder: Any) -> None:
    """Have `encoder`, a Qwen2_5_VLForConditionalGeneration, told from now on which tokens are of a photo."""
    photo = encoder.config.image_token_id

    def told(_module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if kwargs.get("image_grid_thw") is not None and kwargs.get("mm_token_type_ids") is None:
            kwargs = kwargs | {"mm_token_type_ids": (kwargs["input_ids"] == photo).to(torch.int32)}
        return args, kwargs

    encoder.register_forward_pre_hook(told, with_kwargs=True)
