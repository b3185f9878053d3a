"""Bombs, truncation, damage and what is no picture: one clear refusal each, at no cost."""

import struct
import time
import zlib

import numpy as np
import pytest
from decoded import ANY, PHOTO, attempt, chunk, exif, refusal, rgb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from fittingroom.errors import ApiError
from fittingroom.images import decode as decoding
from fittingroom.images.decode import decode, probe

# --- limits and bombs --------------------------------------------------------------------------------------------


def test_limits_hold_for_the_header_before_anything_is_decoded(saved):
    small = saved(Image.new("RGB", (512, 700)), "PNG")
    error = refusal(small, PHOTO)
    assert (error.reason, error.values["width"], error.values["height"]) == ("image_too_narrow", 512, 700)
    rgb(saved(Image.new("RGB", (513, 513)), "PNG"), PHOTO)


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_limits_hold_for_containers_when_their_library_opens_them(saved, kind):
    if kind == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    data = saved(Image.new("RGB", (300, 700)), kind)
    probe(data, parameter="ModelUrl", limits=PHOTO)
    assert refusal(data, PHOTO).reason == "image_too_narrow"


def bombs() -> dict[str, bytes]:
    """Headers that announce pictures of gigabytes, each with next to nothing behind it."""
    ihdr = struct.pack(">IIBBBBB", 60000, 60000, 8, 6, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + chunk(b"IDAT", zlib.compress(b"\0" * 10**6)) + chunk(b"IEND", b"")
    )
    largest = png.replace(struct.pack(">II", 60000, 60000), struct.pack(">II", 2**31 - 1, 2**31 - 1))
    sof = b"\xff\xc0\0\x11\x08\xff\xff\xff\xff\3\1\x22\0\2\x11\1\3\x11\1"
    return {
        "png": png,
        "png of 2^62 px": largest,
        "jpeg": b"\xff\xd8" + sof + b"\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0" + b"\0" * 100,
        "webp": b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0" + b"\xff\xff\xff" * 2,
        "webp lossless": b"RIFF\x1e\0\0\0WEBPVP8L\x0a\0\0\0\x2f\xff\xff\xff\xff" + bytes(20),
        "bmp": b"BM" + bytes(8) + struct.pack("<IIiiHHIIIIII", 54, 40, 65000, -65000, 1, 24, 0, 0, 0, 0, 0, 0),
    }


@pytest.mark.parametrize("name", list(bombs()))
def test_dimension_bombs_are_refused_by_their_header_alone(name):
    started = time.perf_counter()
    for look in (probe, decode):
        with pytest.raises(ApiError) as caught:
            look(bombs()[name], parameter="ModelUrl", limits=PHOTO)
        assert caught.value.code == "FailedOperation.ImageResolutionExceed"
    assert time.perf_counter() - started < 0.2


def test_a_jpeg_of_endless_scans_is_refused_by_its_header(smooth, saved):
    data = saved(Image.fromarray(smooth(60, 80)), "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    assert rgb(data[:-2] + last * 100 + b"\xff\xd9").shape == (80, 60, 3)
    with pytest.raises(ApiError) as caught:
        probe(data[:-2] + last * 300 + b"\xff\xd9", parameter="ModelUrl", limits=ANY)
    assert caught.value.code == "FailedOperation.ImageDecodeFailed"


def test_an_avif_that_announces_a_giant_is_refused(saved):
    data = saved(Image.new("RGB", (700, 700)), "AVIF", speed=10)
    size = struct.pack(">II", 700, 700)
    assert size in data
    error = refusal(data.replace(size, struct.pack(">II", 16000, 16000)), PHOTO)
    assert error.code in ("FailedOperation.ImageResolutionExceed", "FailedOperation.ImageDecodeFailed")


def test_more_data_than_the_picture_needs_is_left_alone(smooth):
    """A PNG within the limits whose compressed data would unfold to a hundred times its size."""
    head = struct.pack(">IIBBBBB", 600, 600, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"\0" * 100_000_000, 1)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    started = time.perf_counter()
    assert rgb(data, PHOTO).max() == 0
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("name", [b"zTXt", b"iTXt", b"iCCP"])
def test_compressed_text_bombs_are_bounded(name):
    packed = zlib.compress(b"x" * 50_000_000, 1)
    head = struct.pack(">IIBBBBB", 40, 40, 8, 2, 0, 0, 0)
    text = {b"zTXt": b"a\0\0", b"iTXt": b"a\0\1\0\0\0", b"iCCP": b"a\0\0"}[name] + packed
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 121 * 40)) + chunk(b"IEND", b"")
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(name, text) + pixels
    started = time.perf_counter()
    outcome = attempt(data)
    assert outcome is None or outcome.shape == (40, 40, 3)
    assert time.perf_counter() - started < 1


# --- what is refused ---------------------------------------------------------------------------------------------


def test_no_bytes_are_no_image():
    for look in (probe, decode):
        with pytest.raises(ApiError) as caught:
            look(b"", parameter="ClothesUrl", limits=ANY)
        assert (caught.value.reason, caught.value.code) == ("image_empty", "InvalidParameterValue.ImageEmpty")


def test_other_formats_are_refused_with_the_list_of_accepted_ones(saved):
    image = Image.new("RGB", (600, 600))
    for kind, mode in (("GIF", "P"), ("TIFF", "LAB"), ("TIFF", "RGB"), ("ICO", "RGB"), ("PPM", "RGB"), ("PDF", "RGB"),
                       ("TGA", "RGB"), ("JPEG2000", "RGB"), ("TIFF", "F")):  # fmt: skip
        error = refusal(saved(Image.new(mode, image.size), kind))
        assert (error.reason, error.code) == ("image_decode_failed", "FailedOperation.ImageDecodeFailed")
        assert "JPEG, PNG, WebP, BMP, AVIF" in error.message()
        assert "JPEG, PNG, WebP, BMP, AVIF" in error.message("zh-CN")


@pytest.mark.parametrize(
    "data",
    [b"<html>404</html>", b"\0", b"\xff\xd8\xff", b"PK\3\4" + bytes(100), b"\x89PNG\r\n\x1a\n",
     b'{"error": "AccessDenied"}', b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
)  # fmt: skip
def test_what_is_no_picture_is_refused_by_probe_already(data):
    with pytest.raises(ApiError) as caught:
        probe(data, parameter="ModelUrl", limits=ANY)
    assert caught.value.reason == "image_decode_failed"


@pytest.mark.parametrize(
    ("kind", "options"),
    [("JPEG", {"quality": 90}), ("JPEG", {"progressive": True}), ("PNG", {}), ("BMP", {}), ("WEBP", {}),
     ("WEBP", {"lossless": True}), ("AVIF", {"speed": 10})],
)  # fmt: skip
def test_a_truncated_picture_is_refused_or_was_complete(smooth, saved, kind, options):
    data = saved(Image.fromarray(smooth(160, 200)), kind, **options)
    whole = rgb(data)
    refused = 0
    for cut in sorted({*range(0, 64, 3), *range(64, len(data), len(data) // 40), *range(len(data) - 24, len(data))}):
        outcome = attempt(data[:cut])
        refused += outcome is None
        assert outcome is None or np.array_equal(outcome, whole), cut
        if cut < len(data) * 0.98 - 30:
            assert outcome is None, cut
    assert refused > 40


def test_polyglots_are_read_as_the_picture_they_begin_as(smooth, saved):
    picture = Image.fromarray(smooth(90, 120))
    script = b"<script>alert(1)</script>"
    for kind in ("PNG", "JPEG", "BMP", "WEBP"):
        data = saved(picture, kind)
        assert np.array_equal(rgb(data + b"PK\3\4" + script), rgb(data))
    assert attempt(script + saved(picture, "PNG")) is None
    assert attempt(b"GIF89a" + saved(picture, "JPEG")) is None
    assert attempt(b"BM" + saved(picture, "PNG")) is None


@pytest.fixture(scope="module")
def bases(smooth, saved):
    image = Image.fromarray(smooth(48, 64))
    return [
        saved(image, "JPEG", exif=exif(6)),
        saved(image, "JPEG", progressive=True),
        saved(image.convert("CMYK"), "JPEG"),
        saved(image, "PNG", exif=exif(3)),
        saved(image.convert("P"), "PNG", transparency=0),
        saved(image.convert("RGBA"), "WEBP", lossless=True, exif=exif(8)),
        saved(image, "WEBP"),
        saved(image, "BMP"),
        saved(image.convert("P"), "BMP"),
        saved(image, "AVIF", speed=10),
    ]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 9),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=12),
    st.sampled_from(["set", "insert", "delete", "double"]),
)
def test_damage_anywhere_gives_a_picture_or_a_published_refusal(bases, which, places, how):
    data = bytearray(bases[which])
    for where, value in places:
        at = int(where**2 * (len(data) - 1))  # headers more often than pixels
        if how == "set":
            data[at] = value
        elif how == "insert":
            data[at:at] = bytes([value]) * 3
        elif how == "delete":
            del data[at : at + 1 + value % 8]
        else:
            data[at:at] = data[at : at + value]
    outcome = attempt(bytes(data))
    assert outcome is None or (outcome.ndim == 3 and outcome.shape[2] == 3 and outcome.dtype == np.uint8)


BEGINNINGS = [
    b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", b"RIFF\0\0\0\0WEBPVP8 ", b"BM",
    b"\0\0\0\x1cftypavif\0\0\0\0", b"\0\0\0\x1cftypheic\0\0\0\0",
]  # fmt: skip


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_refused_with_a_published_code(beginning, rest):
    outcome = attempt(beginning + rest)
    assert outcome is None or outcome.size


# --- what is not the caller's fault ------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [MemoryError("no room"), TypeError("a bug"), ValueError("a bug")])
def test_a_fault_of_our_own_colour_code_is_not_called_a_damaged_picture(saved, monkeypatch, fault):
    def split(*_):
        raise fault

    monkeypatch.setattr(decoding, "split", split)
    with pytest.raises(type(fault), match=str(fault)):
        rgb(saved(Image.new("RGB", (40, 40)), "PNG"))


def test_a_fault_of_our_own_header_code_is_not_called_a_damaged_picture(saved, monkeypatch):
    def header_size(*_):
        raise TypeError("a bug")

    monkeypatch.setattr(decoding, "header_size", header_size)
    with pytest.raises(TypeError, match="a bug"):
        probe(saved(Image.new("RGB", (40, 40)), "PNG"), parameter="ModelUrl", limits=ANY)


def test_a_decoder_without_memory_says_so(saved, monkeypatch):
    def load(_self):
        raise MemoryError("no room")

    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", load)
    with pytest.raises(MemoryError):
        rgb(saved(Image.new("RGB", (40, 40)), "PNG"))


@pytest.mark.parametrize("fault", [SyntaxError, struct.error, ZeroDivisionError, zlib.error, KeyError])
def test_whatever_else_a_decoder_raises_is_a_damaged_picture(saved, monkeypatch, fault):
    def load(_self):
        raise fault("odd")

    data = saved(Image.new("RGB", (40, 40)), "PNG")
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", load)
    assert refusal(data).reason == "image_decode_failed"


def palette_png(*chunks: bytes, bits: int = 8) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, bits, 3, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(900))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + pixels


@pytest.mark.parametrize(
    "data",
    [palette_png(), palette_png(chunk(b"PLTE", b"abc"), chunk(b"tRNS", bytes(300)))],
    ids=["no palette", "more opacities than a palette can have"],
)
def test_a_damaged_palette_is_the_callers_fault(data):
    assert refusal(data).reason == "image_decode_failed"


@pytest.mark.parametrize("mode", ["P", "L", "RGB", "1"])
def test_the_transparent_colour_of_a_header_is_laid_on_white(saved, mode):
    image = Image.new(mode, (40, 40), 0)
    assert (rgb(saved(image, "PNG", transparency=(0, 0, 0) if mode == "RGB" else 0)) == 255).all()
    assert (rgb(saved(image, "PNG")) == 0).all()
