"""Limits: strict on both ends, blind to rotation, and said in the message."""

import pytest

from fittingroom.errors import ApiError
from fittingroom.images.limits import PictureLimits, megabytes
from fittingroom.settings import ImageSettings

PHOTO = PictureLimits.of_photos(ImageSettings())


def test_published_limits_are_the_defaults():
    assert PictureLimits(over=512, under=3000) == PHOTO
    assert PictureLimits.of_logos(ImageSettings()) == PictureLimits(over=0, under=3000)


@pytest.mark.parametrize("size", [(513, 513), (2999, 2999), (513, 2999)])
def test_sides_between_the_limits_pass(size):
    PHOTO.check(*size, parameter="ModelUrl")


@pytest.mark.parametrize(
    ("size", "reason", "code", "limit"),
    [
        ((512, 800), "image_too_narrow", "InvalidParameterValue.ParameterValueError", "512"),
        ((800, 512), "image_too_narrow", "InvalidParameterValue.ParameterValueError", "512"),
        ((1, 1), "image_too_narrow", "InvalidParameterValue.ParameterValueError", "512"),
        ((3000, 800), "image_too_wide", "FailedOperation.ImageResolutionExceed", "3000"),
        ((800, 3000), "image_too_wide", "FailedOperation.ImageResolutionExceed", "3000"),
        ((100, 65535), "image_too_wide", "FailedOperation.ImageResolutionExceed", "3000"),
    ],
)
def test_sides_on_and_beyond_the_limits_do_not(size, reason, code, limit):
    with pytest.raises(ApiError) as caught:
        PHOTO.check(*size, parameter="ClothesUrl")
    assert (caught.value.reason, caught.value.code) == (reason, code)
    for language in ("en-US", "zh-CN"):
        message = caught.value.message(language)
        assert limit in message
        assert f"{size[0]}x{size[1]}" in message
        assert "`ClothesUrl`" in message


def test_limits_are_settings():
    mild = PictureLimits.of_photos(ImageSettings(min_side=63, max_side=5000))
    mild.check(64, 4999, parameter="ModelUrl")


def test_bytes_as_people_read_them():
    assert megabytes(8 * 1024 * 1024) == "8 MB"
    assert megabytes(1_500_000) == "1.43 MB"
