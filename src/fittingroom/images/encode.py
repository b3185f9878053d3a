"""Pixels become the finished file, label included: the only place where bytes for a caller are made.

JPEG keeps full colour resolution (4:4:4), since patterns of cloth bleed at half of it; PNG is written fast rather
than small, since it leaves at once. Invariant: every file carries the label.
"""

from __future__ import annotations

from io import BytesIO
from typing import Final, Literal

from PIL import Image

from fittingroom.engines.protocol import RgbImage
from fittingroom.images.label import Label, exif_block, png_chunks, xmp_packet

ImageFormat = Literal["jpeg", "png"]

MEDIA_TYPES: Final[dict[ImageFormat, str]] = {"jpeg": "image/jpeg", "png": "image/png"}

_PNG_LEVEL: Final = 1


def encode(picture: RgbImage, image_format: ImageFormat, label: Label, *, jpeg_quality: int) -> bytes:
    """The file. picture: uint8 RGB (H, W, 3). jpeg_quality: 1..100."""
    image, buffer = Image.fromarray(picture), BytesIO()
    if image_format == "png":
        image.save(buffer, "PNG", compress_level=_PNG_LEVEL, pnginfo=png_chunks(label), exif=exif_block(label))
    else:
        image.save(buffer, "JPEG", quality=jpeg_quality, subsampling=0, exif=exif_block(label), xmp=xmp_packet(label))
    return buffer.getvalue()
