"""What is said of one published error code, whichever list it stands in.

A code is either answered by this server, and then an operator can bring it about and a caller knows what to do, or it
is never answered, and then there is a reason. Invariant: an entry is of exactly one of the two kinds, and complete.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["action", "common", "both", "sts", "product"]


@dataclass(frozen=True, slots=True)
class PublishedCode:
    """One code. source: the published list it stands in. en, zh: its meaning in our words.

    when: what makes this server answer it. how: a recipe that brings it about. remedy: what the caller should do.
    never: why this server does not answer it; then the other three are empty.
    """

    code: str
    source: Source
    en: str
    zh: str
    when: str = ""
    how: str = ""
    remedy: str = ""
    never: str = ""

    def __post_init__(self) -> None:
        told = (self.when, self.how, self.remedy)
        if all(told) == bool(self.never) or any(told) == bool(self.never):
            raise ValueError(f"{self.code}: say when, how and remedy, or say never")

    @property
    def answered(self) -> bool:
        """Whether this server answers it."""
        return not self.never
