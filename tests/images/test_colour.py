"""Colours as a browser shows them: profiles applied, 16 bit scaled, hidden colours hidden."""

import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from fittingroom.images.colour import on_white, split


def icc(space: bytes, tags: dict[bytes, bytes], pcs: bytes = b"XYZ ", kind: bytes = b"mntr") -> bytes:
    """A minimal ICC v2 profile."""
    tags = {b"wtpt": b"XYZ " + bytes(4) + struct.pack(">iii", 63190, 65536, 54061), **tags}
    at, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, unpadded in tags.items():
        content = unpadded + bytes(-len(unpadded) % 4)
        table += name + struct.pack(">II", at + len(body), len(content))
        body += content
    header = struct.pack(">I", at + len(body)) + bytes(4) + b"\2\x10\0\0" + kind + space + pcs + bytes(12) + b"acsp"
    header += bytes(28) + struct.pack(">iii", 63190, 65536, 54061) + bytes(48)
    return header + struct.pack(">I", len(tags)) + table + body


def linear_grey() -> bytes:
    return icc(b"GRAY", {b"kTRC": b"curv" + bytes(4) + struct.pack(">I", 0)})


def red_ink() -> bytes:
    """A CMYK profile whose cyan ink is red: white without it, Lab (50, 80, 60) with all of it."""
    ramp = bytes(range(256))
    corners = b"".join(bytes([128, 208, 188]) if c else bytes([255, 128, 128]) for c in (0, 1) for _ in range(8))
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + ramp * 4 + corners + ramp * 3
    return icc(b"CMYK", {b"A2B0": table}, pcs=b"Lab ", kind=b"prtr")


def swapped() -> bytes:
    """sRGB whose red primary is green and the other way round."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    places = {}
    for entry in range(struct.unpack_from(">I", data, 128)[0]):
        name, at, _ = struct.unpack_from(">4sII", data, 132 + 12 * entry)
        places[name] = at
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    data[red : red + 20], data[green : green + 20] = data[green : green + 20], data[red : red + 20]
    return bytes(data)


def one(mode, colour, profile=None) -> Image.Image:
    image = Image.new(mode, (4, 3), colour)
    if profile is not None:
        image.info["icc_profile"] = profile
    return image


def colour_of(image: Image.Image, notes: list[str] | None = None) -> tuple[int, ...]:
    colours, _ = split(image, notes)
    assert colours.mode == "RGB"
    return colours.getpixel((0, 0))


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("1", 1, (255, 255, 255)),
        ("L", 77, (77, 77, 77)),
        ("RGB", (1, 2, 3), (1, 2, 3)),
        ("RGBX", (1, 2, 3, 4), (1, 2, 3)),
        ("CMYK", (0, 0, 0, 0), (255, 255, 255)),
        ("CMYK", (255, 0, 0, 0), (0, 255, 255)),
        ("CMYK", (0, 0, 0, 255), (0, 0, 0)),
        ("YCbCr", (128, 128, 128), (128, 128, 128)),
        ("I;16", 0, (0, 0, 0)),
        ("I;16", 65535, (255, 255, 255)),
        ("I;16", 32768, (128, 128, 128)),
        ("I;16", 300, (1, 1, 1)),
        ("I", 65535, (255, 255, 255)),
    ],
)
def test_plain_modes(mode, colour, expected):
    image = one(mode, colour)
    assert colour_of(image) == expected
    assert split(image)[1] is None


def test_palettes():
    image = Image.new("P", (4, 3), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    assert colour_of(image) == (10, 20, 30)
    image.info["transparency"] = bytes([255, 64])
    assert split(image)[1].getpixel((0, 0)) == 64


@pytest.mark.parametrize(("mode", "colour"), [("RGBA", (9, 8, 7, 64)), ("LA", (9, 64))])
def test_alpha_is_split_off(mode, colour):
    colours, alpha = split(one(mode, colour))
    assert colours.getpixel((0, 0))[0] == 9
    assert alpha.getpixel((0, 0)) == 64


def test_a_single_transparent_value():
    grey = Image.fromarray(np.array([[1000, 2000]], np.uint16))
    grey.info["transparency"] = 1000
    assert np.asarray(split(grey)[1]).tolist() == [[0, 255]]
    rgb = one("RGB", (1, 2, 3))
    rgb.info["transparency"] = (1, 2, 3)
    assert split(rgb)[1].getpixel((0, 0)) == 0


@pytest.mark.parametrize("mode", ["F", "LAB", "HSV"])
def test_modes_of_no_accepted_format_are_refused(mode):
    with pytest.raises(ValueError, match=mode):
        split(Image.new(mode, (2, 2)))


def test_hidden_colours_are_white():
    colours, alpha = split(one("RGBA", (200, 0, 0, 0)))
    assert on_white(colours, alpha).getpixel((0, 0)) == (255, 255, 255)
    colours, alpha = split(one("RGBA", (0, 0, 0, 128)))
    assert on_white(colours, alpha).getpixel((0, 0)) == (127, 127, 127)
    assert on_white(colours, None) is colours


def test_an_rgb_profile_moves_colours():
    assert colour_of(one("RGB", (255, 0, 0), swapped())) == pytest.approx((0, 255, 0), abs=2)
    assert colour_of(one("RGBA", (255, 0, 0, 9), swapped())) == pytest.approx((0, 255, 0), abs=2)
    palette = Image.new("P", (2, 2), 0)
    palette.putpalette([255, 0, 0])
    palette.info["icc_profile"] = swapped()
    assert colour_of(palette) == pytest.approx((0, 255, 0), abs=2)


def test_an_srgb_profile_changes_no_bit():
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    image = Image.fromarray(noise)
    image.info["icc_profile"] = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    notes: list[str] = []
    assert np.array_equal(np.asarray(split(image, notes)[0]), noise)
    assert notes == []


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_a_grey_profile_is_applied(mode):
    colour = 55 if mode == "L" else (55, 255)
    assert colour_of(one(mode, colour, linear_grey())) == pytest.approx((128, 128, 128), abs=2)


def test_a_grey_picture_with_an_rgb_profile_stays_grey():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert colour_of(one("L", 99, srgb)) == (99, 99, 99)


def test_a_cmyk_profile_is_applied():
    assert colour_of(one("CMYK", (0, 0, 0, 0), red_ink())) == pytest.approx((255, 255, 255), abs=2)
    red, green, blue = colour_of(one("CMYK", (255, 0, 0, 0), red_ink()))
    assert red > 200
    assert max(green, blue) < 80


@pytest.mark.parametrize(
    ("mode", "profile"),
    [("RGB", b"nonsense"), ("RGB", b"\0" * 128), ("RGB", linear_grey()), ("CMYK", swapped()), ("RGB", swapped()[:200])],
)
def test_a_profile_that_cannot_be_used_is_passed_over_and_said(mode, profile):
    colour = (10, 20, 30) if mode == "RGB" else (0, 0, 0, 0)
    notes: list[str] = []
    assert colour_of(one(mode, colour, profile), notes) == ((10, 20, 30) if mode == "RGB" else (255, 255, 255))
    assert len(notes) == 1
    assert "profile" in notes[0]
