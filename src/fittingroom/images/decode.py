"""A caller's bytes become plain pixels here, or a clear refusal.

Decoders are written in C and fed by strangers: only formats of the list are opened, by the class of that very format,
after the header alone has passed the limits; whatever a decoder throws ends in one place as ImageDecodeFailed. Lack of
memory and the faults of our own code pass through, since another picture would not help the caller.
Runs in the worker (`probe` alone runs in the gateway). Invariant: the result is upright, 8-bit sRGB, contiguous, and
shares no memory with the input.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from fittingroom.engines.protocol import RgbImage
from fittingroom.errors import ApiError
from fittingroom.images.colour import on_white, split
from fittingroom.images.headers import HeaderError, Kind, header_size, sniff
from fittingroom.images.limits import PictureLimits

RgbaImage = NDArray[np.uint8]
"""uint8 RGBA, shape (H, W, 4), colours not premultiplied."""

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


_OPENERS: Final[dict[Kind, Callable[[io.BytesIO], ImageFile.ImageFile]]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WebP": WebPImageFile,
    "BMP": BmpImageFile,
    "AVIF": AvifImageFile,
}
try:  # an extra: HEIC where it is installed
    from pillow_heif import HeifImageFile
except ImportError:
    pass
else:
    _OPENERS["HEIC"] = HeifImageFile

FORMATS: Final = ", ".join(_OPENERS)
"""The accepted formats, for messages."""


def probe(data: bytes, *, parameter: str, limits: PictureLimits) -> None:
    """Look at the header alone: an accepted format, sides within `limits` where the header shows them plainly.

    Cheap and free of C code. Raises `ApiError` (ImageEmpty, ImageDecodeFailed, ImageResolutionExceed,
    ParameterValueError). A picture that passes may still prove damaged when it is decoded.
    """
    with _refusing(HeaderError, parameter):
        size = header_size(data, _kind(data, parameter))
    if size is not None:
        limits.check(*size, parameter=parameter)


def decode(data: bytes, *, parameter: str, limits: PictureLimits, notes: list[str] | None = None) -> RgbImage:
    """The picture as people see it on a white page: uint8 RGB (H, W, 3).

    parameter: the request parameter to name in messages. notes: gets English sentences on what had to be guessed.
    Raises `ApiError` as `probe` does. Of an animation the first frame is taken.
    """
    colours, alpha = _decode(data, parameter, limits, notes)
    return np.array(on_white(colours, alpha), np.uint8)


def decode_rgba(data: bytes, *, parameter: str, limits: PictureLimits) -> RgbaImage:
    """As `decode`, for a mark that is laid over a picture: uint8 RGBA (H, W, 4)."""
    colours, alpha = _decode(data, parameter, limits, None)
    whole = colours.convert("RGBA")
    if alpha is not None:
        whole.putalpha(alpha)
    return np.array(whole, np.uint8)


def _decode(
    data: bytes, parameter: str, limits: PictureLimits, notes: list[str] | None
) -> tuple[Image.Image, Image.Image | None]:
    """Upright colours (RGB) and opacity (L or None)."""
    probe(data, parameter=parameter, limits=limits)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # damaged metadata of strangers is no news to the operator
        with _refusing(Exception, parameter):  # decoders raise nearly anything: SyntaxError, struct.error, ...
            image: Image.Image = _OPENERS[_kind(data, parameter)](io.BytesIO(data))
            limits.check(*image.size, parameter=parameter)
            image.load()
            limits.check(*image.size, parameter=parameter)
            image = _without_palette(image)
        turn = _TURNS.get(exif_orientation(image.info.get("exif", b"")))
        planes = split(image, notes)
        colours, alpha = (plane if plane is None or turn is None else plane.transpose(turn) for plane in planes)
    assert colours is not None
    return colours, alpha


def _without_palette(image: Image.Image) -> Image.Image:
    """Palettes and transparent colours come from the file as they are: Pillow finds the damaged ones only here."""
    transparent = image.has_transparency_data
    if image.mode == "P" or (transparent and image.mode in ("1", "L", "RGB")):
        return image.convert("RGBA" if transparent else "RGB")
    return image


def exif_orientation(exif: object) -> int:
    """The orientation 1..8 stated by an EXIF block; 1 where it states none or is damaged."""
    try:
        block = bytes(exif).removeprefix(b"Exif\0\0")  # type: ignore[call-overload]
        order = {b"II*\0": "<", b"MM\0*": ">"}[block[:4]]
        (start,) = struct.unpack_from(order + "I", block, 4)
        (count,) = struct.unpack_from(order + "H", block, start)
        for entry in range(min(count, 512)):
            tag, kind, number, value = struct.unpack_from(order + "HHIH", block, start + 2 + 12 * entry)
            if (tag, kind, number) == (0x0112, 3, 1):
                return value if value in range(1, 9) else 1
    except (KeyError, TypeError, struct.error):
        return 1
    return 1


def _kind(data: bytes, parameter: str) -> Kind:
    if not data:
        raise ApiError("image_empty", parameter=parameter)
    kind = sniff(data)
    if kind not in _OPENERS:
        raise HeaderError(f"not an accepted format: {kind or data[:8]!r}")
    return kind


@contextmanager
def _refusing(damage: type[Exception], parameter: str) -> Iterator[None]:
    """What the block raises of `damage` becomes the one refusal; refusals and a lack of memory stay what they are."""
    try:
        yield
    except (ApiError, MemoryError):
        raise
    except damage as error:
        raise ApiError("image_decode_failed", cause=error, parameter=parameter, formats=FORMATS) from error
