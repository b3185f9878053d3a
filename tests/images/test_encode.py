"""The finished file: right pixels, right kind, right quality."""

from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from fittingroom.images.encode import MEDIA_TYPES, encode
from fittingroom.images.label import Label

LABEL = Label("p", "id", "drape", "1", datetime(2026, 1, 1, tzinfo=UTC))
NOISE = np.random.default_rng(0).integers(0, 256, (80, 60, 3), np.uint8)


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def test_png_is_bit_exact():
    image = opened(encode(NOISE, "png", LABEL, jpeg_quality=95))
    assert (image.format, image.mode, image.size) == ("PNG", "RGB", (60, 80))
    assert np.array_equal(np.asarray(image), NOISE)


def test_jpeg_keeps_full_colour_resolution(smooth):
    picture = smooth(60, 80)
    image = opened(encode(picture, "jpeg", LABEL, jpeg_quality=95))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (60, 80))
    assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3
    assert np.abs(np.asarray(image).astype(int) - picture).mean() < 1


def test_jpeg_quality_is_the_callers_choice():
    sizes = [len(encode(NOISE, "jpeg", LABEL, jpeg_quality=quality)) for quality in (50, 80, 95, 100)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1] / 2


@pytest.mark.parametrize("layout", [NOISE[::-1], NOISE[:, ::2], np.asfortranarray(NOISE)])
def test_any_memory_layout_is_accepted(layout):
    assert np.array_equal(np.asarray(opened(encode(layout, "png", LABEL, jpeg_quality=95))), layout)


def test_media_types():
    assert MEDIA_TYPES == {"jpeg": "image/jpeg", "png": "image/png"}
