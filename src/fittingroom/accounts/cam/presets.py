"""Policies that most operators want, as documents: to attach as they are or to start from.

They are documents and no compiled policies, so that what is stored, shown and edited is always the same text.
Invariant: each is accepted by `parse`.
"""

from __future__ import annotations

from typing import Any, Final

from fittingroom.accounts.cam.policy import VERSION

CHANGE_CLOTHES: Final = "aiart:ChangeClothes"


def allow_all() -> dict[str, Any]:
    """Allows every action on everything, whatever this server will serve one day."""
    return _document("*")


def allow_change_clothes(*networks: str) -> dict[str, Any]:
    """Allows `aiart:ChangeClothes` alone. networks: from these addresses or networks only; none: from anywhere."""
    document = _document([CHANGE_CLOTHES])
    if networks:
        document["statement"][0]["condition"] = {"ip_equal": {"qcs:ip": list(networks)}}
    return document


def _document(action: str | list[str]) -> dict[str, Any]:
    return {"version": VERSION, "statement": [{"effect": "allow", "action": action, "resource": "*"}]}
