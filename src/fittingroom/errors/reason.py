"""What one cause of a refusal is. The causes themselves are in `reasons`, by where they lie.

Placeholders in braces are filled from `ApiError(**values)`. Invariant: both messages have the same placeholders.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause: the published code that the caller sees and the message templates."""

    code: str
    en: str
    zh: str
