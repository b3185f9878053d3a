"""What a photo's size alone says about how well it will do, by the recommendations of the published page.

The published API asks for a frontal, whole person in a picture of 3:4, and one flat garment. What is in the photo only
an engine sees, later. Invariant: advice never refuses a photo.
"""

from __future__ import annotations

from fittingroom.errors import Language

SMALL = 768
"""Shorter side in px below which faces and prints of the result look soft."""

WIDE = 0.95
"""Width by height from which a photo of a standing person is mostly background."""

TEXTS = {
    "not_portrait": (
        "The photo is as wide as it is high, or wider.",
        "Use an upright photo, about 3:4, that shows the whole person.",
        "照片宽度不小于高度。",
        "请使用约 3:4 的竖幅全身照片。",
    ),
    "small": (
        "The photo is small.",
        "A photo of 1024 px or more on its shorter side gives a clearer picture.",
        "照片尺寸较小。",
        "短边达到 1024 像素以上，效果会更清晰。",
    ),
}


def advice(kind: str, size: tuple[int, int] | None, language: Language) -> list[dict[str, str]]:
    """Warnings as the page shows them. kind: "person" or "garment". size: width and height, px."""
    if size is None:
        return []
    codes = []
    if kind == "person" and size[0] >= WIDE * size[1]:
        codes.append("not_portrait")
    if min(size) < SMALL:
        codes.append("small")
    at = 2 if language == "zh-CN" else 0
    return [{"code": code, "message": TEXTS[code][at], "advice": TEXTS[code][at + 1]} for code in codes]
