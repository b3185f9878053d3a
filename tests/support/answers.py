"""What the tests say about answers: a picture is the flat engine's picture, a refusal is an SDK's own exception."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import numpy as np
from PIL import Image

GREEN, MAGENTA = (30, 120, 90), (255, 0, 200)
SDK_EXCEPTIONS = {"TencentCloudSDKException", "TencentCloudSDKHttpException"}
_REQUEST_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def succeeded(answer: dict[str, Any]) -> str:
    """`ResultImage` of a success."""
    assert "ok" in answer, answer
    assert _REQUEST_ID.fullmatch(answer["ok"]["RequestId"])
    image = answer["ok"]["ResultImage"]
    assert isinstance(image, str)
    return image


def picture(data: bytes) -> Image.Image:
    """The flat engine's JPEG: the drawn person's size, the garment's green in the middle, the person's head above."""
    assert data[:3] == b"\xff\xd8\xff"
    image = Image.open(io.BytesIO(data)).convert("RGB")
    assert image.size == (600, 800)
    assert near(image, (300, 320), GREEN)
    assert near(image, (300, 100), (220, 180, 150))
    return image


def decoded(answer: dict[str, Any]) -> Image.Image:
    """The picture of a base64 answer."""
    return picture(base64.b64decode(succeeded(answer), validate=True))


def near(image: Image.Image, point: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    """Whether a pixel has that colour, as nearly as JPEG keeps it."""
    return bool(np.abs(np.array(image.getpixel(point)) - np.array(colour)).max() < 16)


def refused(answer: dict[str, Any], code: str) -> str:
    """The message of a refusal that arrived as the SDK's exception with this code and a RequestId."""
    assert "error" in answer, answer
    error = answer["error"]
    assert error["type"] in SDK_EXCEPTIONS
    assert error["code"] == code, error
    assert _REQUEST_ID.fullmatch(error["request_id"])
    message = error["message"]
    assert isinstance(message, str)
    return message
