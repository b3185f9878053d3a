"""Seeds in order, the first fine picture, else the best that may be shown."""

from __future__ import annotations

import pytest

from fittingroom.engines.neural.attempts import Judgement, best_of
from fittingroom.engines.protocol import Cancelled, RefusedPicture


def test_the_first_fine_one_is_taken():
    seen = []
    chosen = best_of(5, 40, lambda seed: seen.append(seed) or seed, lambda v: Judgement(v == 42, 0.0, ("pale",)))
    assert (chosen.value, chosen.seed, chosen.tried, chosen.warnings) == (42, 42, 3, ())
    assert seen == [40, 41, 42]


def test_the_best_comes_with_a_warning():
    chosen = best_of(3, 0, lambda seed: seed, lambda v: Judgement(False, -abs(v - 1.0), (f"doubt {v}",)))
    assert (chosen.seed, chosen.tried) == (1, 3)
    assert chosen.warnings == ("None of 3 attempts passed the check.", "doubt 1")


def test_a_refused_one_is_never_taken():
    def judge(v):
        return Judgement(False, float(-v), refused=v == 0)

    assert best_of(2, 0, lambda seed: seed, judge).value == 1
    with pytest.raises(RefusedPicture, match="none of 1"):
        best_of(1, 0, lambda seed: seed, judge)


def test_the_caller_is_asked_before_each_attempt():
    made = []

    def checkpoint():
        if len(made) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        best_of(9, 0, made.append, lambda v: Judgement(False, 0.0), checkpoint)
    assert made == [0, 1]


def test_at_least_one():
    with pytest.raises(ValueError, match="at least one"):
        best_of(0, 0, lambda seed: seed, lambda v: Judgement(True, 0.0))
