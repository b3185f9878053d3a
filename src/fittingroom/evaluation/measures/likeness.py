"""SSIM between two pictures, as the study of the engine took it, so that figures can be set beside its.

Structural similarity (Wang et al., 2004) by scikit-image: 7 px windows, colour channels averaged, whole frame. Most of
a frame is untouched background, which flatters every value; only differences between methods say something.
"""

from __future__ import annotations

from fittingroom.engines.protocol import RgbImage
from fittingroom.evaluation.photos import EvaluationError


def ssim(one: RgbImage, other: RgbImage) -> float:
    """-1..1 for pictures of one size, uint8 (H, W, 3). Raises `EvaluationError` without scikit-image."""
    try:
        from skimage.metrics import structural_similarity  # noqa: PLC0415
    except ImportError as error:
        raise EvaluationError("scikit-image is missing: pip install 'fittingroom[eval]'") from error
    return float(structural_similarity(one, other, channel_axis=-1, data_range=255))  # type: ignore[no-untyped-call]
