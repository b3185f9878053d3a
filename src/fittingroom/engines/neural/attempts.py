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


class Trials(Generic[T]):
    """The attempts of one request, for whoever makes several requests in turns. attempts: at most, from `seed` on.

    Raises ValueError for less than one attempt.
    """

    def __init__(self, attempts: int, seed: int) -> None:
        if attempts < 1:
            raise ValueError("at least one attempt is needed")
        self.tried = 0
        self._attempts = attempts
        self._first = seed
        self._best: tuple[T, int, Judgement] | None = None

    @property
    def seed(self) -> int:
        """Of the next attempt."""
        return self._first + self.tried

    def take(self, value: T, judgement: Judgement) -> Chosen[T] | None:
        """The attempt of `seed` gave `value`. What is shown, or None: another attempt is to be made.

        Raises `RefusedPicture` where it was the last and all are refused.
        """
        seed = self.seed
        self.tried += 1
        if judgement.fine and not judgement.refused:
            return Chosen(value, seed, judgement, self.tried, ())
        if not judgement.refused and (self._best is None or judgement.score > self._best[2].score):
            self._best = (value, seed, judgement)
        return None if self.tried < self._attempts else self._least_bad()

    def _least_bad(self) -> Chosen[T]:
        if self._best is None:
            raise RefusedPicture(f"none of {self._attempts} attempts made a picture that may be shown")
        many = self._attempts > 1
        said = f"None of {self._attempts} attempts passed the check." if many else "The picture failed the check."
        return Chosen(*self._best, self._attempts, (said, *self._best[2].doubts))


def best_of(
    attempts: int,
    seed: int,
    make: Callable[[int], T],
    judge: Callable[[T], Judgement],
    checkpoint: Checkpoint = never_cancelled,
) -> Chosen[T]:
    """The first of `attempts` seeds from `seed` on whose picture is fine, or the best of them with warnings.

    make: a seed to a picture; judge: on that picture. Exceptions of both, and of `checkpoint`, pass. Raises as
    `Trials`.
    """
    trials: Trials[T] = Trials(attempts, seed)
    chosen = None
    while chosen is None:
        checkpoint()
        value = make(trials.seed)
        chosen = trials.take(value, judge(value))
    return chosen
