"""Where weights lie on this machine, and whether a file there is the right one.

One folder, the user's cache (`FITTINGROOM_MODELS_DIR` names another), holds each weight under its manifest's file name.
Invariant: a file gets its final name only after its sha256 was checked (pull.py), so that looking at the size is
enough whenever an engine starts; `state(..., thorough=True)` hashes it again.
"""

from __future__ import annotations

import hashlib
import os
from enum import StrEnum
from pathlib import Path

from platformdirs import user_cache_path

from fittingroom.models.errors import MissingWeight
from fittingroom.models.licences import require_licence
from fittingroom.models.manifest import Manifest, Weight, find

MODELS_DIR_VARIABLE = "FITTINGROOM_MODELS_DIR"


class State(StrEnum):
    """What lies under a weight's name."""

    PRESENT = "present"
    MISSING = "missing"
    WRONG_SIZE = "wrong size"
    WRONG_BYTES = "wrong sha256"


def models_dir() -> Path:
    """The folder of weights: `FITTINGROOM_MODELS_DIR`, else `fittingroom/models` in the user's cache."""
    named = os.environ.get(MODELS_DIR_VARIABLE)
    return Path(named).expanduser() if named else user_cache_path("fittingroom") / "models"


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def state(weight: Weight, directory: Path, *, thorough: bool = False) -> State:
    """Whether the weight lies in `directory`; thorough: also hash it."""
    path = directory / weight.file
    if not path.is_file():
        return State.MISSING
    if path.stat().st_size != weight.bytes:
        return State.WRONG_SIZE
    if thorough and sha256_of(path) != weight.sha256:
        return State.WRONG_BYTES
    return State.PRESENT


def weight_path(
    name: str, directory: Path | None = None, weights: Manifest | None = None, *, allow_noncommercial: bool = False
) -> Path:
    """The file of a weight, ready to be loaded.

    directory: default `models_dir()`. Raises `MissingWeight` where it is absent or has the wrong size,
    `LicenceRefused` where it is not known to allow commercial use, `ModelsError` where the manifest knows no such name.
    """
    weight = find(name, weights)
    require_licence(name, [(weight.file, weight)], allow_noncommercial=allow_noncommercial)
    folder = models_dir() if directory is None else directory
    found = state(weight, folder)
    if found is not State.PRESENT:
        raise MissingWeight(
            f"The weight {name} ({weight.file}, {weight.bytes / 1e6:.0f} MB) is {found} in {folder}. "
            f"Bring it with: fittingroom models pull {name}"
        )
    return folder / weight.file
