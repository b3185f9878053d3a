"""What the tests of decoding share: decoding by the default rules, refusals, and parts of files made by hand."""

import struct
import zlib

import numpy as np
import pytest

from fittingroom.errors import ApiError
from fittingroom.images.decode import decode
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


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


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
