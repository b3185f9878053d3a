"""What a file claims to be, read from its first bytes in plain Python.

This is all the gateway does with a caller's bytes: no decoder, no C library, a bounded number of steps. Pictures are
decoded in the worker, which asks here first and then checks again what its decoder says. Invariant: on any bytes
these functions return or raise `HeaderError`, nothing else.
"""

from __future__ import annotations

import struct
from typing import Final, Literal

Kind = Literal["JPEG", "PNG", "WebP", "BMP", "AVIF", "HEIC"]

_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_MAX_SEGMENTS: Final = 2000
_MAX_SCANS: Final = 200
"""Of a progressive JPEG; encoders write about ten. A scan may be 20 bytes long and still makes the decoder walk over
the whole picture, so that a file within the size limit could keep it busy for an hour."""

_NOT_FRAMES: Final = frozenset({0xC4, 0xC8, 0xCC})  # tables and extensions among the numbers of the frame headers


class HeaderError(ValueError):
    """The bytes are not the header of a picture of the kind they begin like."""


def sniff(data: bytes) -> Kind | None:
    """The kind of picture that `data` begins like, or None. No file name or media type is believed."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data.startswith(b"BM"):
        return "BMP"
    return _sniff_boxes(data)


def header_size(data: bytes, kind: Kind) -> tuple[int, int] | None:
    """Width and height in px as the header states them, before any rotation.

    None for AVIF and HEIC, whose size lies deep in nested boxes: their own libraries read it, in the worker.
    Raises `HeaderError`.
    """
    readers = {"JPEG": _jpeg_size, "PNG": _png_size, "WebP": _webp_size, "BMP": _bmp_size}
    if kind not in readers:
        return None
    try:
        width, height = readers[kind](data)
    except (struct.error, IndexError) as error:
        raise HeaderError(f"{kind} header is cut short") from error
    if width <= 0 or height <= 0:
        raise HeaderError(f"{kind} of {width}x{height} px")
    return width, height


def _sniff_boxes(data: bytes) -> Kind | None:
    """AVIF and HEIC both begin with a file type box: a major brand, a version, then compatible brands."""
    if data[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(data[:4], "big"), 512)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    return "HEIC" if brands & _HEIC_BRANDS else None


def _jpeg_size(data: bytes) -> tuple[int, int]:
    if data.count(b"\xff\xda") > _MAX_SCANS:
        raise HeaderError("JPEG with too many scans")
    at = 2
    for _ in range(_MAX_SEGMENTS):
        marker, length = struct.unpack_from(">HH", data, at)
        if marker == 0xFFFF:  # fill byte
            at += 1
        elif marker < 0xFFC0 or length < 2:
            raise HeaderError("JPEG segments are broken")
        elif 0xC0 <= marker & 0xFF <= 0xCF and marker & 0xFF not in _NOT_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        elif marker in (0xFFD9, 0xFFDA):
            raise HeaderError("JPEG without a frame header")
        else:
            at += 2 + length
    raise HeaderError("JPEG with too many segments")


def _png_size(data: bytes) -> tuple[int, int]:
    if data[12:16] != b"IHDR":
        raise HeaderError("PNG does not begin with IHDR")
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _bmp_size(data: bytes) -> tuple[int, int]:
    (header,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if header == 12 else "<ii", data, 18)
    return width, abs(height)


def _webp_size(data: bytes) -> tuple[int, int]:
    form, at = data[12:16], 20
    if form == b"VP8X":
        wide, high = data[at + 4 : at + 7], data[at + 7 : at + 10]
        if len(high) < 3:
            raise HeaderError("WebP header is cut short")
        return int.from_bytes(wide, "little") + 1, int.from_bytes(high, "little") + 1
    if form == b"VP8L" and data[at] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, at + 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8 " and data[at + 3 : at + 6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, at + 6)
        return width & 0x3FFF, height & 0x3FFF
    raise HeaderError("WebP without a picture chunk")
