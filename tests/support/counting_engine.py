"""Engines that write a line to a file for each picture they make, so that a test can count across processes and kills.

`FITTINGROOM_TEST_RENDERS` names the file. A line is the SHA-256 of both photos' pixels, so a pair is known again
whatever became of its row.
"""

from __future__ import annotations

import hashlib
import os
from typing import Any

from flat_engine import FlatEngine

from fittingroom.engines.protocol import Engine, RgbImage, TryOnResult

RENDERS = "FITTINGROOM_TEST_RENDERS"


def digest(picture: RgbImage) -> str:
    """What the file says of a photo."""
    return hashlib.sha256(picture.tobytes()).hexdigest()[:32]


class CountingFlat:
    """The flat engine, counted."""

    name = "counting-flat"

    def __init__(self) -> None:
        self._engine = self._make()

    def load(self) -> None:
        self._engine.load()

    def try_on(self, person: RgbImage, garment: RgbImage, *words: Any, **named: Any) -> TryOnResult:
        result = self._engine.try_on(person, garment, *words, **named)
        handle = os.open(os.environ[RENDERS], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            os.write(handle, f"{digest(person)} {digest(garment)}\n".encode())
        finally:
            os.close(handle)
        return result

    def _make(self) -> Engine:
        return FlatEngine()


class CountingDrape(CountingFlat):
    """The product's engine, counted."""

    name = "counting-drape"

    def _make(self) -> Engine:
        from fittingroom.engines.drape.engine import DrapeEngine

        return DrapeEngine()
