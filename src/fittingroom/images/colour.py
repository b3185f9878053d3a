"""Whatever a decoder hands over, as plain sRGB: grey, palette, 16 bit, CMYK, embedded profiles, hidden alpha.

Each of these comes out wrong when a picture is simply converted: 16-bit grey saturates, transparent pixels show the
colour that was hidden under them, CMYK and wide-gamut profiles lose their colours. Invariant: a picture that is
already sRGB passes bit for bit.
"""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image, ImageCms

_SPACES: Final = {"L": "GRAY", "RGB": "RGB ", "CMYK": "CMYK"}
_READ: Final = frozenset({"1", "L", "LA", "La", "P", "PA", "RGB", "RGBX", "RGBA", "RGBa", "CMYK", "YCbCr"})
_SRGB: Final = ImageCms.createProfile("sRGB")
_KEEP_WITHIN: Final = 1
"""A profile that moves no colour by more than this many levels is sRGB in all but name."""


def split(image: Image.Image, notes: list[str] | None = None) -> tuple[Image.Image, Image.Image | None]:
    """The colours in sRGB, mode RGB, and the opacity, mode L, or None where every pixel is opaque.

    image: decoded, with the decoder's `info`. notes: gets a sentence where an embedded profile could not be used.
    Raises ValueError for a mode that no accepted format has.
    """
    colours, alpha = _planes(image)
    profile = image.info.get("icc_profile")
    return _to_srgb(colours, profile if isinstance(profile, bytes) else None, notes), alpha


def on_white(colours: Image.Image, alpha: Image.Image | None) -> Image.Image:
    """What a browser shows on a white page: transparent pixels are white, whatever colour they hide."""
    if alpha is None:
        return colours
    return Image.composite(colours, Image.new("RGB", colours.size, "white"), alpha)


def _planes(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colours in mode L, RGB or CMYK, still in the picture's own colour space, and the opacity."""
    if image.mode.startswith("I"):
        return _from_16_bit(image)
    if image.mode not in _READ:
        raise ValueError(f"pictures of mode {image.mode} are not read")
    if image.mode == "LA":
        return image.getchannel("L"), image.getchannel("A")
    if image.has_transparency_data:
        whole = image.convert("RGBA")
        return whole.convert("RGB"), whole.getchannel("A")
    if image.mode == "1":
        return image.convert("L"), None
    return (image if image.mode in _SPACES else image.convert("RGB")), None


def _from_16_bit(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    deep = np.asarray(image).astype(np.int64).clip(0, 65535)
    clear = image.info.get("transparency")
    alpha = Image.fromarray(np.where(deep == clear, 0, 255).astype(np.uint8)) if isinstance(clear, int) else None
    return Image.fromarray(((deep * 255 + 32767) // 65535).astype(np.uint8)), alpha


def _to_srgb(image: Image.Image, profile: bytes | None, notes: list[str] | None) -> Image.Image:
    if not profile:
        return image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space
        if image.mode == "L" and space == "RGB ":
            image = image.convert("RGB")
        if _SPACES[image.mode] != space:
            raise ValueError(f"a profile for {space!r} on a picture of mode {image.mode}")
        transform = ImageCms.buildTransform(
            source,
            _SRGB,
            image.mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        if notes is not None:
            notes.append(f"The embedded colour profile was not used: {error}")
        return image.convert("RGB")
    if image.mode == "RGB" and _changes_nothing(transform):
        return image
    return ImageCms.applyTransform(image, transform) or image


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether a lattice of 17x17x17 colours stays where it is."""
    steps = np.linspace(0, 255, 17).round().astype(np.uint8)
    lattice = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(17, -1, 3)
    moved = np.asarray(ImageCms.applyTransform(Image.fromarray(lattice), transform))
    return int(np.abs(moved.astype(np.int16) - lattice).max()) <= _KEEP_WITHIN
