"""Seeds are tried one after the other while the picture fails the engine's own check.

A network that draws from noise fails on some seeds and not on others, and the failure is measured for free. Invariant:
attempt k has the seed `seed + k`, so that the same request with the same seed gives the same picture; the checkpoint
is asked before every attempt; what is returned is fine, or the best of all with a warning that says so;
a refused picture is never returned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from fittingroom.engines.protocol import Checkpoint, RefusedPicture, never_cancelled

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Judgement:
    """fine: the picture may be shown. score: higher is better, to choose among those that are not fine. doubts: short
    English sentences on what is wrong with it. refused: it must not be shown to anybody, even if no other is better."""

    fine: bool
    score: float
    doubts: tuple[str, ...] = ()
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Chosen(Generic[T]):
    """value: what `make` returned. seed: that made it. judgement: on it. tried: attempts made. warnings: empty where it
    is fine."""

    value: T
    seed: int
    judgement: Judgement
    tried: int
    warnings: tuple[str, ...]


def best_of(
    attempts: int,
    seed: int,
    make: Callable[[int], T],
    judge: Callable[[T], Judgement],
    checkpoint: Checkpoint = never_cancelled,
) -> Chosen[T]:
    """The first of `attempts` seeds from `seed` on whose picture is fine, or the best of them with warnings.

    make: a seed to a picture; judge: on that picture. Exceptions of both, and of `checkpoint`, pass. Raises ValueError
    for less than one attempt, `RefusedPicture` where all are refused.
    """
    if attempts < 1:
        raise ValueError("at least one attempt is needed")
    best: tuple[T, int, Judgement] | None = None
    for tried in range(1, attempts + 1):
        checkpoint()
        value = make(seed + tried - 1)
        judgement = judge(value)
        if judgement.refused:
            continue
        if judgement.fine:
            return Chosen(value, seed + tried - 1, judgement, tried, ())
        if best is None or judgement.score > best[2].score:
            best = (value, seed + tried - 1, judgement)
    if best is None:
        raise RefusedPicture(f"none of {attempts} attempts made a picture that may be shown")
    said = f"None of {attempts} attempts passed the check." if attempts > 1 else "The picture failed the check."
    return Chosen(*best, attempts, (said, *best[2].doubts))
