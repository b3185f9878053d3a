"""Well-formed pictures come out right, in every format, mode and orientation."""

import struct
import zlib

import numpy as np
import pytest
from decoded import ANY, chunk, exif, rgb
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fittingroom.images.decode import FORMATS, decode_rgba, exif_orientation

# --- what is accepted --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 95}, 12),
        ("JPEG", {"quality": 95, "subsampling": 0}, 6),
        ("JPEG", {"quality": 95, "progressive": True}, 12),
        ("AVIF", {"quality": 95, "speed": 10}, 12),
    ],
)
def test_every_format_of_the_list_is_read(smooth, saved, kind, options, tolerance):
    picture = smooth(90, 120)
    decoded = rgb(saved(Image.fromarray(picture), kind, **options))
    assert decoded.dtype == np.uint8
    assert decoded.shape == (120, 90, 3)
    assert decoded.flags["C_CONTIGUOUS"]
    assert decoded.flags["WRITEABLE"]
    assert np.abs(decoded.astype(int) - picture).max() <= tolerance


def test_heic_is_read_where_its_library_is_installed(smooth, saved):
    pytest.importorskip("pillow_heif").register_heif_opener()
    picture = smooth(90, 120)
    decoded = rgb(saved(Image.fromarray(picture), "HEIF", quality=95))
    assert np.abs(decoded.astype(int) - picture).max() <= 16
    assert "HEIC" in FORMATS


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I"])
def test_every_mode_of_png(smooth, saved, mode):
    grey = Image.fromarray(smooth(90, 120)[..., 0])
    if mode in ("I;16", "I"):
        image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        image = grey.convert(mode) if mode in ("1", "P") else grey.convert("RGB").convert(mode)
    decoded = rgb(saved(image, "PNG"))
    expected = np.asarray(grey.convert("1").convert("L") if mode == "1" else grey)
    assert np.abs(decoded[..., 0].astype(int) - expected).max() <= 4
    assert np.array_equal(decoded[..., 0], decoded[..., 1])


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK", "YCbCr"])
def test_every_mode_of_jpeg(smooth, saved, mode):
    picture = Image.fromarray(smooth(90, 120))
    decoded = rgb(saved(picture.convert(mode), "JPEG", quality=98, subsampling=0))
    expected = np.asarray(picture.convert(mode).convert("RGB"))
    assert np.abs(decoded.astype(int) - expected).max() <= 8


def png16(rows: np.ndarray, colour_type: int, extra: bytes = b"") -> bytes:
    """A PNG of 16 bits a channel, which Pillow cannot write for RGB."""
    raw = b"".join(b"\0" + row.astype(">u2").tobytes() for row in rows)
    head = struct.pack(">IIBBBBB", rows.shape[1], rows.shape[0], 16, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    )


def test_sixteen_bits_a_channel_keep_their_brightness():
    values = np.linspace(0, 65535, 300).round().astype(np.uint16)
    grey = rgb(png16(values[None].repeat(4, 0), 0))
    assert np.abs(grey[0, :, 0] - values / 257).max() <= 0.5
    colour = rgb(png16(values[None, :, None].repeat(4, 0).repeat(3, 2), 2))
    assert np.abs(colour[0, :, 0] - values / 257).max() <= 1
    alpha = decode_rgba(png16(values[None, :, None].repeat(4, 0).repeat(4, 2), 6), parameter="x", limits=ANY)
    assert np.abs(alpha[0, :, 3] - values / 257).max() <= 1


def test_sixteen_bits_with_one_transparent_value():
    values = np.array([[1000, 30000]], np.uint16)
    assert rgb(png16(values, 0, chunk(b"tRNS", struct.pack(">H", 1000)))).tolist()[0][0] == [255, 255, 255]
    colour = values[..., None].repeat(3, 2)
    assert rgb(png16(colour, 2, chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3)))).shape == (1, 2, 3)


def test_transparent_pixels_show_white_not_what_they_hide(saved):
    image = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    for kind in ("PNG", "WEBP", "AVIF"):
        options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
        assert rgb(saved(image, kind, **options)).min() >= 253


def test_a_logo_keeps_its_alpha(saved):
    image = Image.new("RGBA", (20, 10), (255, 0, 0, 99))
    logo = decode_rgba(saved(image, "PNG"), parameter="LogoParam.LogoUrl", limits=ANY)
    assert logo.shape == (10, 20, 4)
    assert logo[5, 5].tolist() == [255, 0, 0, 99]
    assert decode_rgba(saved(image.convert("RGB"), "PNG"), parameter="x", limits=ANY)[0, 0].tolist() == [255, 0, 0, 255]


# --- rotation ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_exif_rotation_makes_the_picture_upright(smooth, saved, kind, orientation):
    upright = Image.fromarray(smooth(60, 100))
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transposition that a camera held so would store
    stored = upright.transpose(Image.Transpose(undo[orientation])) if orientation > 1 else upright
    options = {"JPEG": {"quality": 98}, "WEBP": {"lossless": True}, "AVIF": {"quality": 98, "speed": 10}}.get(kind, {})
    decoded = rgb(saved(stored, kind, exif=exif(orientation), **options))
    assert decoded.shape == (100, 60, 3)
    assert np.abs(decoded.astype(int) - np.asarray(upright)).mean() < 2


@pytest.mark.parametrize("order", ["<", ">"])
def test_orientation_in_both_byte_orders(order):
    assert exif_orientation(exif(6, order)) == 6
    assert exif_orientation(exif(6, order).removeprefix(b"Exif\0\0")) == 6


@pytest.mark.parametrize(
    "block",
    [None, 7, b"", b"Exif\0\0", b"II*\0", b"MM\0*\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", exif(0), exif(9),
     exif(65535), exif(6)[:-8]],
)  # fmt: skip
def test_damaged_exif_means_no_rotation(block):
    assert exif_orientation(block) == 1


@given(st.binary(max_size=300))
def test_any_exif_gives_an_orientation(block):
    assert exif_orientation(b"MM\0*" + block) in range(1, 9)


def test_a_picture_with_nonsense_metadata_is_still_a_picture(smooth, saved):
    picture = Image.fromarray(smooth(60, 80))
    for kind in ("JPEG", "PNG", "WEBP"):
        notes: list[str] = []
        data = saved(picture, kind, exif=b"Exif\0\0MM\0*\xff\xff\xff\xffnonsense", icc_profile=b"nonsense" * 20)
        assert rgb(data, notes=notes).shape == (80, 60, 3)
        assert len(notes) == 1


# --- animation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_of_an_animation_the_first_frame_is_taken(saved, kind):
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "lime", "blue")]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=50, **options)
    assert np.abs(rgb(data)[20, 20].astype(int) - (255, 0, 0)).max() < 12
