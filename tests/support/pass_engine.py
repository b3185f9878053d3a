"""The flat engine as a network on a card would be: a pass takes its time, whether it makes one picture or four.

`FITTINGROOM_TEST_PASS` is the seconds of a pass. The stage `together` of a report is no time but how many requests were
in the pass, and `alone` says 1 for a picture by `try_on`. Tricks of the flat engine fail their own request where they
are the picture's fault, and the whole pass where a network would break down.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from flat_engine import DEFAULTS, FlatEngine

from fittingroom.engines.protocol import (
    Checkpoint,
    ClothesType,
    EngineError,
    OutOfMemory,
    RgbImage,
    TryOnOptions,
    TryOnRequest,
    TryOnResult,
    never_cancelled,
)

PASS = "FITTINGROOM_TEST_PASS"
STEPS = 20


class PassEngine:
    """Several pictures in the time of one."""

    name = "pass"

    def __init__(self) -> None:
        self._flat = FlatEngine()

    def load(self) -> None:
        """Nothing to load."""

    def try_on(
        self,
        person: RgbImage,
        garment: RgbImage,
        clothes_type: ClothesType,
        options: TryOnOptions = DEFAULTS,
        checkpoint: Checkpoint = never_cancelled,
    ) -> TryOnResult:
        """One picture, in a pass of its own."""
        for _ in _steps():
            checkpoint()
        return _told(self._flat.try_on(person, garment, clothes_type, options, checkpoint), "alone", 1)

    def try_on_many(self, requests: Sequence[TryOnRequest]) -> Iterator[tuple[int, TryOnResult | EngineError]]:
        """All in one pass."""
        answers: dict[int, TryOnResult | EngineError] = {}
        for _ in _steps():
            for place in set(range(len(requests))) - set(answers):
                try:
                    requests[place].checkpoint()
                except EngineError as error:
                    answers[place] = error
        for place in set(range(len(requests))) - set(answers):
            asked = requests[place]
            try:
                made = self._flat.try_on(
                    asked.person, asked.garment, asked.clothes_type, asked.options, asked.checkpoint
                )
                answers[place] = _told(made, "together", len(requests))
            except OutOfMemory:
                raise
            except EngineError as error:
                answers[place] = error
        yield from answers.items()


def _steps() -> Iterator[None]:
    """The steps of a pass; after each, its share of the time has gone."""
    for _ in range(STEPS):
        yield
        time.sleep(float(os.environ.get(PASS, "0.2")) / STEPS)


def _told(result: TryOnResult, stage: str, count: int) -> TryOnResult:
    return replace(result, report=replace(result.report, stages={**result.report.stages, stage: float(count)}))
