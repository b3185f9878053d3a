"""`LogoParam` and `LogoAdd`: the mark that an action draws on its picture, checked and made ready for the worker.

Of URL and Base64 the URL wins. Invariant: where no mark is wanted, nothing of `LogoParam` is checked, decoded or
fetched.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from fittingroom.actions.checking import check_picture_url
from fittingroom.actions.dressing import Source
from fittingroom.actions.fields import Int64, WireModel
from fittingroom.errors import ApiError
from fittingroom.images.limits import megabytes
from fittingroom.images.logo import MAX_SIDE
from fittingroom.moderation.protocol import Role
from fittingroom.pipeline import LogoJob

LOGO_URL: Final = "LogoParam.LogoUrl"
LOGO_IMAGE: Final = "LogoParam.LogoImage"


class LogoRect(WireModel):
    """Where the mark goes, in pixels of the result; what is left out is chosen by the server."""

    x: Int64 | None = None
    y: Int64 | None = None
    width: Int64 | None = None
    height: Int64 | None = None


class LogoParam(WireModel):
    """The caller's own mark. Of URL and Base64 the URL wins."""

    logo_url: str | None = None
    logo_image: str | None = None
    logo_rect: LogoRect | None = None


def wanted_logo(add: int | None, logo: LogoParam | None) -> LogoParam | None:
    """The caller's logo, unless no mark is wanted or `LogoParam` is empty (some clients send empty objects).

    add: `LogoAdd`; 0 is no mark.
    """
    if add == 0 or logo is None:
        return None
    is_empty = not any(value != {} for value in logo.model_dump(exclude_none=True).values())
    return None if is_empty else logo


def check_logo(logo: LogoParam | None) -> None:
    """Of a wanted logo, what can be refused without work. Raises `ApiError`: logo_missing, logo_rect_size, url_..."""
    if logo is None:
        return
    if logo.logo_url:
        check_picture_url(logo.logo_url, LOGO_URL)
    elif not logo.logo_image:
        raise ApiError("logo_missing")
    rect = logo.logo_rect or LogoRect()
    for side, value in (("Width", rect.width), ("Height", rect.height)):
        if value is not None and not 1 <= value <= MAX_SIDE:
            raise ApiError("logo_rect_size", side=side, value=value, limit=MAX_SIDE)


def logo_source(logo: LogoParam | None, max_base64_bytes: int) -> Source | None:
    """Where a wanted logo comes from. Raises `ApiError` for what was sent: image_size_exceed, image_empty, logo_base64.

    max_base64_bytes: how long `LogoImage` may be.
    """
    if logo is None:
        return None
    if logo.logo_url:
        return Source(LOGO_URL, Role.LOGO, logo.logo_url)
    return Source(LOGO_IMAGE, Role.LOGO, data=_decode(logo.logo_image or "", max_base64_bytes))


def logo_job(logo: LogoParam, image: bytes) -> LogoJob:
    """The wanted logo for the worker. image: its bytes, fetched or sent."""
    rect = logo.logo_rect or LogoRect()
    box = (rect.x, rect.y, rect.width, rect.height)
    return LogoJob(image=image, rect=box, parameter=LOGO_URL if logo.logo_url else LOGO_IMAGE)


def _decode(image: str, max_base64_bytes: int) -> bytes:
    """Line breaks are allowed, as MIME encoders add them."""
    text = "".join(image.split())
    if len(text) >= max_base64_bytes:
        raise ApiError("image_size_exceed", parameter=LOGO_IMAGE, limit=megabytes(max_base64_bytes))
    if not text:
        raise ApiError("image_empty", parameter=LOGO_IMAGE)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError("logo_base64", cause=error) from error
