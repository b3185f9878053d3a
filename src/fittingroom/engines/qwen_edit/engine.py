"""`qwen-edit`: Qwen-Image-Edit-2511 edits the person photo after the garment photo; the best and the dearest.

With the Lightning weights (the default) it takes 4 or 8 steps and no second pass for guidance; without them
(`neural.lightning` 0) the published 40 steps with guidance 4. Invariant: nothing here imports torch; `network` does,
when the engine is loaded.
"""

from __future__ import annotations

from pathlib import Path

from fittingroom.engines.neural.editing import EditingEngine, Network
from fittingroom.setting_neural import NeuralSettings


class QwenEditEngine(EditingEngine):
    """Qwen-Image-Edit-2511 (Apache-2.0), with or without the Lightning weights (Apache-2.0)."""

    name = "qwen-edit"

    def open(self, folder: Path, settings: NeuralSettings) -> Network:
        """See `EditingEngine.open`."""
        from fittingroom.engines.qwen_edit.network import QwenNetwork  # noqa: PLC0415

        return QwenNetwork(folder, settings)
