"""Which licences allow commercial use, and the refusal of weights that are under none of them.

The list is short on purpose: a licence that is not on it is not forbidden, it was not read. Invariant: an entry that
says nothing, or names a licence that is not on the list, does not count as one that allows commercial use.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from fittingroom.models.errors import LicenceRefused

COMMERCIAL = frozenset({"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT"})
"""SPDX identifiers."""


class Licensed(Protocol):
    """An entry of a manifest."""

    @property
    def license(self) -> str:
        """As its publisher names it; an SPDX identifier where there is one."""

    @property
    def commercial(self) -> bool:
        """Whether the licence allows commercial use of the weights."""


def checked(entry: Licensed) -> None:
    """Raises ValueError where an entry claims commercial use under a licence that is not on the list."""
    if entry.commercial and entry.license not in COMMERCIAL:
        raise ValueError(f"{entry.license!r} is not known to allow commercial use")


def require_licence(name: str, parts: Iterable[tuple[str, Licensed]], *, allow_noncommercial: bool) -> None:
    """Raises `LicenceRefused` where a part of `name` is not known to allow commercial use, unless that is allowed."""
    refused = [f"{what} ({part.license})" for what, part in parts if not part.commercial]
    if refused and not allow_noncommercial:
        raise LicenceRefused(
            f"{name} is not used: the licence of {', '.join(refused)} is not known to allow commercial use. "
            "Where yours is no commercial use, set neural.allow_noncommercial."
        )
