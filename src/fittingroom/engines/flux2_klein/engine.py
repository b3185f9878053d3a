"""`flux2-klein`: FLUX.2 klein 4B edits the person photo after the garment photo, in four steps.

Drawn freely, the network may give the new garment its own outline (a short sleeve in place of a long one), and it
sometimes moves the picture. So the first attempt is free; once one came back too far from the photo to be laid onto
it, the later attempts go through the inpainting pipeline, whose latents outside the old garment's surroundings are the
photo's own. Invariant: nothing here imports torch; `network` does, when the engine is loaded.
"""

from __future__ import annotations

from pathlib import Path

from fittingroom.engines.neural.editing import EditingEngine, Network
from fittingroom.setting_neural import NeuralSettings


class Flux2KleinEngine(EditingEngine):
    """FLUX.2 klein 4B (Apache-2.0)."""

    name = "flux2-klein"

    def open(self, folder: Path, settings: NeuralSettings) -> Network:
        """See `EditingEngine.open`."""
        from fittingroom.engines.flux2_klein.network import KleinNetwork  # noqa: PLC0415

        return KleinNetwork(folder, settings)
