"""What a picture may measure, for photos and for logos, read from the settings once.

Invariant: every message about a limit states the number that was applied.
"""

from __future__ import annotations

from dataclasses import dataclass

from fittingroom.errors import ApiError
from fittingroom.setting_types import MIB
from fittingroom.settings import ImageSettings


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """`over` < each side < `under`, in px."""

    over: int
    under: int

    @classmethod
    def of_photos(cls, settings: ImageSettings) -> PictureLimits:
        """For the person's and the garment's picture."""
        return cls(over=settings.min_side, under=settings.max_side)

    @classmethod
    def of_logos(cls, settings: ImageSettings) -> PictureLimits:
        """For the caller's own mark, which may be small."""
        return cls(over=0, under=settings.max_logo_side)

    def check(self, width: int, height: int, *, parameter: str) -> None:
        """Raise `ApiError` where a side is out of bounds. Turning the picture by 90 degrees changes no verdict."""
        if max(width, height) >= self.under:
            raise ApiError("image_too_wide", parameter=parameter, width=width, height=height, limit=self.under)
        if min(width, height) <= self.over:
            raise ApiError("image_too_narrow", parameter=parameter, width=width, height=height, limit=self.over)


def megabytes(count: int) -> str:
    """A number of bytes as people read it: `8 MB`."""
    return f"{count / MIB:.3g} MB"
