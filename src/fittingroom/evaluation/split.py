"""The fixed split of the photos: what is tuned on, and what is looked at only to judge.

A photo belongs to a group (the same person, or the same product from another side or in another colour), and the
group's name alone decides, by its sha256: no list to keep, and a photo that is added later has its place already.
Invariant: photos of one group are never on both sides.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from pathlib import PurePosixPath

VIEW = re.compile(r"-(front|back|side)$")
VITON = re.compile(r"(?:vitonhd_|idm_)?(\d{5}_00)$")


class Split(StrEnum):
    """TUNING photos may be looked at while working, FINAL ones only to judge at the end."""

    TUNING = "tuning"
    FINAL = "final"


def group(name: str) -> str:
    """The group of a photo, by its name (photos.py)."""
    path = PurePosixPath(name)
    folder, stem = path.parent.name, path.stem
    if folder.startswith("magento"):
        return "magento:" + stem.split("-")[0]
    if stem.startswith("saleor"):
        return "saleor:" + VIEW.sub("", stem)
    if found := VITON.match(stem):
        return "vitonhd:" + found[1]
    return f"{folder}:{stem}"


def split(name: str) -> Split:
    """On which side a photo is."""
    odd = int(hashlib.sha256(group(name).encode()).hexdigest()[:8], 16) % 2
    return Split.FINAL if odd else Split.TUNING
