"""Callers' bytes: well-formed pictures come out right, everything else is one clear refusal."""

import struct
import time
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from fittingroom.errors import ApiError
from fittingroom.images import decode as decoding
from fittingroom.images.decode import FORMATS, decode, decode_rgba, exif_orientation, probe
from fittingroom.images.limits import PictureLimits

ANY = PictureLimits(over=0, under=3000)
PHOTO = PictureLimits(over=512, under=3000)


def rgb(data, limits=ANY, **options):
    return decode(data, parameter="ModelUrl", limits=limits, **options)


def refusal(data, limits=ANY, parameter="ModelUrl") -> ApiError:
    with pytest.raises(ApiError) as caught:
        decode(data, parameter=parameter, limits=limits)
    return caught.value


def exif(orientation: int, order: str = ">") -> bytes:
    head = b"MM\0*" if order == ">" else b"II*\0"
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"Exif\0\0" + head + struct.pack(order + "IH", 8, 1) + entry + bytes(4)


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


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


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


def attempt(data: bytes, limits=ANY) -> np.ndarray | None:
    """The decoded picture, or None where it was refused with a code of the published list."""
    try:
        return rgb(data, limits)
    except ApiError as error:
        published = {
            "FailedOperation.ImageDecodeFailed",
            "FailedOperation.ImageResolutionExceed",
            "InvalidParameterValue.ParameterValueError",
            "InvalidParameterValue.ImageEmpty",
        }
        if error.code not in published:
            raise
        return None


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
