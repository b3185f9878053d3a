"""The node "Virtual try-on": ComfyUI's tensors in, the Python API of fittingroom, tensors out.

An IMAGE is a float32 tensor (batch, height, width, 3) in 0..1, a MASK (batch, height, width) in 0..1. An engine is
loaded once and kept for the next prompt. Invariant: the picture has the person's size, and is the person's own, bit for
bit after rounding to 8 bits, wherever the mask is 0.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch

from fittingroom import FittingRoom, TryOnOptions

TYPES = ("Upper-body", "Lower-body", "Dress")


@lru_cache(maxsize=1)
def room(engine: str) -> FittingRoom:
    """The engine of that name; another name gives the one before back."""
    return FittingRoom(engine)


def engines() -> list[str]:
    """What can be chosen: `auto` and what is installed."""
    from fittingroom.engines.registry import Registry  # noqa: PLC0415 - asked only when ComfyUI lists its nodes

    return ["auto", *Registry.installed().names()]


def pixels(image: torch.Tensor) -> list[np.ndarray]:
    """The pictures of an IMAGE as uint8 RGB (H, W, 3). Raises ValueError for another tensor."""
    if image.ndim != 4 or image.shape[-1] != 3:
        raise ValueError(f"an IMAGE of shape (batch, height, width, 3) is needed, not {tuple(image.shape)}")
    whole = (image.detach().cpu().float().clamp(0, 1) * 255).round().to(torch.uint8).numpy()
    return [np.ascontiguousarray(one) for one in whole]


class FittingRoomTryOn:
    """One person, or a batch of them, dressed in one garment or in as many."""

    CATEGORY = "Fitting Room"
    FUNCTION = "try_on"
    RETURN_TYPES = ("IMAGE", "MASK", "FLOAT", "STRING")
    RETURN_NAMES = ("image", "changed", "confidence", "warnings")
    DESCRIPTION = "Dress a person in a garment from its photo. The photo outside the mask stays as it is."

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name
        """The node's inputs, as ComfyUI asks for them."""
        return {
            "required": {
                "person": ("IMAGE",),
                "garment": ("IMAGE",),
                "clothes_type": (list(TYPES),),
                "engine": (engines(), {"default": "auto"}),
                "seed": ("INT", {"default": 0, "min": 0, "max": 2**32 - 1}),
            }
        }

    def try_on(
        self, person: torch.Tensor, garment: torch.Tensor, clothes_type: str, engine: str, seed: int
    ) -> tuple[torch.Tensor, torch.Tensor, float, str]:
        """The dressed pictures, what changed, the lowest confidence, and the warnings, one a line.

        Raises ValueError for batches of different sizes, and what `FittingRoom.try_on` raises.
        """
        people, garments = pixels(person), pixels(garment)
        if len(garments) not in (1, len(people)):
            raise ValueError(
                f"one garment or one for each person is needed: {len(people)} people, {len(garments)} garments"
            )
        garments *= len(people) // len(garments)
        made = [
            room(engine).try_on(one, cloth, clothes_type, TryOnOptions(seed=seed))
            for one, cloth in zip(people, garments, strict=True)
        ]
        images = torch.from_numpy(np.stack([fitting.array for fitting in made])).float() / 255
        masks = torch.from_numpy(np.stack([fitting.report.mask for fitting in made])).float()
        warnings = "\n".join(text for fitting in made for text in fitting.report.warnings)
        return images, masks, min(fitting.report.confidence for fitting in made), warnings


NODE_CLASS_MAPPINGS = {"FittingRoomTryOn": FittingRoomTryOn}
NODE_DISPLAY_NAME_MAPPINGS = {"FittingRoomTryOn": "Virtual try-on (Fitting Room)"}
