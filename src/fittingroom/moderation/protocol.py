"""What a reviewer of pictures is: pixels and a role in, a verdict out.

The pipeline asks it before the engine works and before a picture leaves. A refusal accuses somebody, so the code
differs by role: an input is the caller's, a result is ours. Invariant: no picture goes on without a verdict that allows
it, and a score that is no number allows nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from fittingroom.engines.protocol import RgbImage
from fittingroom.errors import ApiError


class Role(StrEnum):
    """What a picture is to the request."""

    PERSON = "person"
    GARMENT = "garment"
    LOGO = "logo"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer found. score: 0..1, higher is worse. reviewer: who says so, for the log."""

    role: Role
    score: float
    allowed: bool
    reviewer: str


class Reviewer(Protocol):
    """Judges decoded pictures. Loaded once, then asked repeatedly."""

    def review(self, picture: RgbImage, role: Role) -> Verdict:
        """Judge one picture: uint8 RGB (H, W, 3), any size from 1 px a side upwards."""


def refusal(role: Role, parameter: str, *, cause: object = None) -> ApiError:
    """The error for a picture that was not allowed. parameter: where an input came from; unused for a result."""
    if role is Role.RESULT:
        return ApiError("result_refused", cause=cause)
    return ApiError("image_refused", cause=cause, parameter=parameter)


def require(verdict: Verdict, parameter: str = "") -> None:
    """Raise `ApiError` unless `verdict` allows its picture. parameter: as for `refusal`."""
    if not verdict.allowed:
        raise refusal(verdict.role, parameter, cause=f"{verdict.reviewer}: score {verdict.score:.3f}")
