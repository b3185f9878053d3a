"""The Lightning weights: a LoRA that does in 4 or 8 steps what the editor does in 40, and the schedule it was made for.

The schedule is that of its publisher's card: flow matching with an exponential shift of ln 3 whatever the picture's
size, and no stretched end. The LoRA is merged into the network where its numbers can be added to (not in a quantised
one), so that it costs no time. Invariant: a file that does not fit the network raises, it is never used in part.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

from diffusers import FlowMatchEulerDiscreteScheduler
from safetensors import safe_open

from fittingroom.engines.protocol import EngineError
from fittingroom.models.errors import MissingWeight

FOLDER, ADAPTER = "lightning", "lightning"
SHIFT = math.log(3)


class LightningMismatch(EngineError):
    """The Lightning file is not for this network."""


def lightning_file(folder: Path, steps: int) -> Path:
    """The file for so many steps in the set's folder. Raises `MissingWeight`."""
    found = sorted(
        p for p in (folder / FOLDER).glob("*.safetensors") if re.search(rf"(?<!\d){steps}[-_ ]?steps?", p.name)
    )
    if not found:
        raise MissingWeight(
            f"The Lightning weights for {steps} steps are missing in {folder / FOLDER}. Bring them with: "
            "fittingroom models pull qwen-edit, or do without them: neural.lightning 0"
        )
    return found[-1]


def add_lightning(pipeline: Any, file: Path, *, merged: bool) -> None:
    """Load `file` into the pipeline's network and give it the schedule. Raises `LightningMismatch`."""
    with safe_open(file, "pt") as entries:
        targets = {name.partition(".lora")[0] for name in entries.keys() if ".lora" in name}  # noqa: SIM118
    try:
        pipeline.load_lora_weights(file.parent, weight_name=file.name, adapter_name=ADAPTER, local_files_only=True)
    except (ValueError, RuntimeError, KeyError) as error:
        raise LightningMismatch(f"{file.name} does not fit the network: {error}") from error
    taken = sum(ADAPTER in getattr(part, "lora_A", {}) for part in pipeline.transformer.modules())
    if not targets or taken < len(targets):
        raise LightningMismatch(
            f"{file.name} does not fit the network: {taken} of its {len(targets)} layers were found"
        )
    if merged:
        pipeline.fuse_lora(components=["transformer"], adapter_names=[ADAPTER])
        pipeline.unload_lora_weights()
    pipeline.scheduler = FlowMatchEulerDiscreteScheduler.from_config(
        pipeline.scheduler.config,
        base_shift=SHIFT,
        max_shift=SHIFT,
        shift_terminal=None,
        use_dynamic_shifting=True,
        time_shift_type="exponential",
    )
