"""Kinds and sizes from first bytes, on real headers and on anything."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fittingroom.images.headers import HeaderError, header_size, sniff

FILES = [
    ("JPEG", "JPEG", "RGB", {}),
    ("JPEG", "JPEG", "L", {"progressive": True}),
    ("JPEG", "JPEG", "CMYK", {"exif": b"Exif\0\0" + b"x" * 5000, "comment": b"c" * 60000}),
    ("PNG", "PNG", "RGBA", {}),
    ("PNG", "PNG", "I;16", {}),
    ("WEBP", "WebP", "RGB", {}),
    ("WEBP", "WebP", "RGBA", {"lossless": True}),
    ("WEBP", "WebP", "RGB", {"exif": b"Exif\0\0MM\0*"}),
    ("BMP", "BMP", "RGB", {}),
    ("BMP", "BMP", "1", {}),
]


@pytest.mark.parametrize(("saver", "kind", "mode", "options"), FILES)
def test_kind_and_size_of_real_files(saved, saver, kind, mode, options):
    data = saved(Image.new(mode, (37, 91)), saver, **options)
    assert sniff(data) == kind
    assert header_size(data, kind) == (37, 91)


def test_containers_are_recognised_but_their_size_is_left_to_their_library(saved):
    for saver, kind in (("AVIF", "AVIF"), ("HEIF", "HEIC")):
        if saver == "HEIF":
            pytest.importorskip("pillow_heif").register_heif_opener()
        data = saved(Image.new("RGB", (64, 64)), saver)
        assert sniff(data) == kind
        assert header_size(data, kind) is None


def test_brands_are_found_among_the_compatible_ones():
    box = b"ftypmif1\0\0\0\0miafavif"
    assert sniff(struct.pack(">I", len(box) + 4) + box) == "AVIF"
    assert sniff(struct.pack(">I", len(box) + 4) + box.replace(b"avif", b"heic")) == "HEIC"
    assert sniff(struct.pack(">I", len(box) + 4) + box.replace(b"avif", b"mp42")) is None
    assert sniff(struct.pack(">I", 16) + box) is None


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"GIF89a", b"II*\0", b"MM\0*", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7",
     b"\0\0\1\0", b"RIFF\0\0\0\0WAVE", b"\x89PNG\n", b"PK\3\4", b"<!doctype html>", b"\0\0\0\x0cjP  \r\n\x87\n"],
)  # fmt: skip
def test_everything_else_is_no_picture(data):
    assert sniff(data) is None


def test_the_size_is_that_of_the_frame_not_of_the_thumbnail_in_exif(saved):
    thumbnail = saved(Image.new("RGB", (8, 8)), "JPEG")
    data = saved(Image.new("RGB", (700, 900)), "JPEG", exif=b"Exif\0\0" + thumbnail)
    assert header_size(data, "JPEG") == (700, 900)


def test_old_and_upside_down_bitmaps():
    core = b"BM" + bytes(12) + struct.pack("<IHHHH", 12, 30, 40, 1, 24)
    flipped = b"BM" + bytes(12) + struct.pack("<Iii", 40, 30, -40)
    assert header_size(core, "BMP") == (30, 40)
    assert header_size(flipped, "BMP") == (30, 40)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("JPEG", b"\xff\xd8\xff\xd9"),
        ("JPEG", b"\xff\xd8\xff\xda\0\2"),
        ("JPEG", b"\xff\xd8" + b"\xff\xe0\0\2" * 1_000_000),
        ("JPEG", b"\xff\xd8" + b"\xff" * 1_000_000),
        ("JPEG", b"\xff\xd8\xff\xe0\0\0"),
        ("JPEG", b"\xff\xd8\xff\xc0\0\x0b\x08\0\0\0\0\1\1\x11\0"),
        ("JPEG", b"\xff\xd8\xff\xe0\xff\xff" + b"x" * 100),
        ("PNG", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIDAT" + bytes(13)),
        ("PNG", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + bytes(13)),
        ("WebP", b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\1\2\3"),
        ("WebP", b"RIFF\0\0\0\0WEBPVP8L\x0a\0\0\0\x00aaaa"),
        ("WebP", b"RIFF\0\0\0\0WEBPVP8L"),
        ("WebP", b"RIFF\0\0\0\0WEBPALPHxxxxxxxxxxxx"),
        ("BMP", b"BM" + bytes(30)),
        ("BMP", b"BM" + bytes(12) + struct.pack("<Iii", 40, -30, 40)),
    ],
)
def test_broken_headers_are_errors_found_quickly(kind, data):
    with pytest.raises(HeaderError):
        header_size(data, kind)


BEGINNINGS = [
    b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", b"RIFF\0\0\0\0WEBPVP8X", b"RIFF\0\0\0\0WEBPVP8L",
    b"RIFF\0\0\0\0WEBPVP8 ", b"BM", b"\0\0\0\x20ftypavif",
]  # fmt: skip


def read(data: bytes) -> tuple[int, int] | None:
    kind = sniff(data)
    try:
        return header_size(data, kind) if kind else None
    except HeaderError:
        return None


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=200))
def test_any_bytes_give_a_size_or_the_one_error(beginning, rest):
    size = read(beginning + rest)
    assert size is None or (size[0] > 0 and size[1] > 0)
