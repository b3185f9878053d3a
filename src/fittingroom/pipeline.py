"""One job from bytes to bytes: decode both photos, dress, mark, label, encode.

It runs inside a worker process (untrusted pictures are decoded there, under that process's memory limit) and,
unchanged, in the command line and the Python API. Invariant: input bytes are never echoed; whatever comes out was
re-encoded from pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from fittingroom.engines.protocol import ClothesType, TryOnOptions

ImageFormat = Literal["jpeg", "png"]


@dataclass(frozen=True, slots=True)
class LogoJob:
    """The caller's own mark. image: encoded bytes; rect: (x, y, width, height) in result pixels, each may be None."""

    image: bytes
    rect: tuple[int | None, int | None, int | None, int | None] = (None, None, None, None)


@dataclass(frozen=True, slots=True)
class RenderJob:
    """Everything a worker needs; plain and picklable.

    person, garment: encoded picture bytes as fetched. add_mark: draw the visible mark (`logo`, else the default text
    in `language`). job_id: the RequestId, written into the machine-readable label.
    """

    person: bytes
    garment: bytes
    clothes_type: ClothesType
    job_id: str
    add_mark: bool = True
    logo: LogoJob | None = None
    language: Literal["en-US", "zh-CN"] = "en-US"
    image_format: ImageFormat = "jpeg"
    options: TryOnOptions = field(default_factory=TryOnOptions)


@dataclass(frozen=True, slots=True)
class RenderedImage:
    """The finished file and what is worth logging about it (no pictures in the log)."""

    data: bytes
    media_type: str
    width: int
    height: int
    engine: str
    stages: dict[str, float]
    confidence: float
    warnings: tuple[str, ...]
