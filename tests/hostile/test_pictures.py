"""Hostile and exotic pictures through the whole server: each either dressed or refused by its published code."""

from __future__ import annotations

import base64
import io
import itertools
import struct
import zlib

import pytest
from attack import published
from pictures import encoded, figure, garment
from PIL import Image

NUMBER = itertools.count()
DECODE, WIDE = "FailedOperation.ImageDecodeFailed", "FailedOperation.ImageResolutionExceed"


def dressed(answer):
    assert answer.code is None, answer.response
    return Image.open(io.BytesIO(base64.b64decode(answer.response["ResultImage"])))


def ask(target, person=None, cloth=None):
    changes = {}
    for name, data in (("ModelUrl", person), ("ClothesUrl", cloth)):
        if data is not None:
            changes[name] = target.origin.publish(f"/picture-{next(NUMBER)}.png", data)
    return target.call(**changes)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes, extra: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


ZEROS = zlib.compress(bytes(40_000_000), 9)
TEXT_BOMB = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(200_000_000), 9))
GOOD_JPEG, GOOD_PNG = encoded(figure(), "JPEG"), encoded(figure())

REFUSED = {
    "a PNG of 30000 by 30000": (png(30000, 30000, ZEROS), {WIDE}),
    "a PNG of two thousand million by one": (png(2**31 - 1, 1, b""), {WIDE, DECODE}),
    "a PNG without size": (png(0, 0, b""), {DECODE}),
    "a PNG with more rows than it says": (png(600, 800, zlib.compress(b"\1" * 100)), {DECODE}),
    "half a PNG": (GOOD_PNG[: len(GOOD_PNG) // 2], {DECODE}),
    "half a JPEG": (GOOD_JPEG[: len(GOOD_JPEG) // 2], {DECODE}),
    "the first bytes of a JPEG": (GOOD_JPEG[:20], {DECODE}),
    "a JPEG that is one marker": (b"\xff\xd8\xff", {DECODE}),
    "a JPEG of fill bytes": (b"\xff\xd8" + b"\xff" * 1_000_000, {DECODE}),
    "a GIF": (encoded(figure(), "GIF"), {DECODE}),
    "a TIFF": (encoded(figure(), "TIFF"), {DECODE}),
    "a PSD": (b"8BPS\0\1" + bytes(200), {DECODE}),
    "an SVG with an entity": (b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>', {DECODE}),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 600 800\n", {DECODE}),
    "a zip": (b"PK\3\4" + bytes(100), {DECODE}),
    "a BMP that lies": (
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 600, 800, 1, 24, 0, 0, 0, 0, 0, 0),
        {DECODE},
    ),
    "a WebP cut short": (encoded(figure(), "WEBP")[:40], {DECODE}),
    "an AVIF cut short": (encoded(figure(), "AVIF")[:60], {DECODE}),
    "a page with a PNG's name": (b"<!doctype html><script>alert(1)</script>", {DECODE}),
    "a PNG one pixel too small": (encoded(figure((512, 800))), {"InvalidParameterValue.ParameterValueError"}),
    "a PNG one pixel too large": (encoded(Image.new("RGB", (600, 3000))), {WIDE}),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("parameter", ["person", "cloth"])
def test_refused(target, name, parameter):
    data, codes = REFUSED[name]
    answer = ask(target, **{parameter: data})
    assert published(answer) in codes
    assert {"person": "ModelUrl", "cloth": "ClothesUrl"}[parameter] in answer.response["Error"]["Message"]


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(figure((800, 600)), "JPEG", exif=exif)


ACCEPTED = {
    "a JPEG with a zip behind it": (GOOD_JPEG + b"PK\3\4" + b"evil" * 100, (600, 800)),
    "a JPEG with a script in its comment": (
        encoded(figure(), "JPEG", comment=b"<script>alert(1)</script>"),
        (600, 800),
    ),
    "a PNG with a bomb in its text": (
        GOOD_PNG[:33] + TEXT_BOMB + GOOD_PNG[33:],
        (600, 800),
    ),
    "a photo that is turned by its EXIF": (turned(), (600, 800)),
    "CMYK": (encoded(figure().convert("CMYK"), "JPEG"), (600, 800)),
    "grey": (encoded(figure().convert("L")), (600, 800)),
    "palette": (encoded(figure().quantize(16)), (600, 800)),
    "transparent": (encoded(figure().convert("RGBA")), (600, 800)),
    "16 bit": (encoded(figure().convert("L").convert("I;16")), (600, 800)),
    "BMP": (encoded(figure(), "BMP"), (600, 800)),
    "WebP": (encoded(figure(), "WEBP"), (600, 800)),
    "AVIF": (encoded(figure(), "AVIF"), (600, 800)),
    "an animated WebP": (
        encoded(figure(), "WEBP", save_all=True, append_images=[garment()], duration=100),
        (600, 800),
    ),
    "progressive JPEG": (encoded(figure(), "JPEG", progressive=True), (600, 800)),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_dressed_or_refused_by_a_published_code(target, name):
    data, size = ACCEPTED[name]
    answer = ask(target, person=data)
    if "bomb" in name and answer.code is not None:
        assert published(answer) == DECODE
        return
    result = dressed(answer)
    assert result.size == size
    raw = base64.b64decode(answer.response["ResultImage"])
    assert b"<script>" not in raw
    assert b"evil" not in raw


@pytest.mark.parametrize(
    "image", ["", "!!!", "data:image/png;base64,AAAA", "QUJD", base64.b64encode(png(30000, 30000, ZEROS)).decode()]
)
def test_a_bad_logo(target, image):
    code = published(target.call(LogoAdd=1, LogoParam={"LogoImage": image}))
    assert code.startswith(("InvalidParameter", "FailedOperation.Image"))


@pytest.mark.parametrize("rect", [{"X": -50, "Y": -20}, {"X": 599, "Y": 799, "Width": 500, "Height": 500}])
def test_a_mark_over_the_border_is_clipped(target, rect):
    logo = base64.b64encode(encoded(Image.new("RGB", (80, 40), "red"))).decode()
    assert dressed(target.call(LogoAdd=1, LogoParam={"LogoImage": logo, "LogoRect": rect})).size == (600, 800)


@pytest.mark.parametrize(
    "rect",
    [{"Width": 0}, {"Height": -1}, {"Width": 2**40}, {"X": 2**62, "Y": -(2**62)}, {"X": 100_000}],
)
def test_an_absurd_rectangle_is_refused(target, rect):
    logo = base64.b64encode(encoded(Image.new("RGB", (80, 40), "red"))).decode()
    code = published(target.call(LogoAdd=1, LogoParam={"LogoImage": logo, "LogoRect": rect}))
    assert code.startswith("InvalidParameter")
