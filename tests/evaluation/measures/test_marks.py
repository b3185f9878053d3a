"""Landmark errors in percent of the labelled garment's diagonal."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.evaluation.measures.marks import MISSED, errors

TRUE = {"neck_left": (10.0, 0.0), "hem_left": (0.0, 40.0), "hem_right": (30.0, 40.0)}


def test_errors_are_percents_of_the_diagonal_of_the_labels() -> None:
    found = {name: np.array(point) for name, point in TRUE.items()}
    assert set(errors(found, TRUE).values()) == {0.0}
    found["hem_left"] = np.array([3.0, 44.0])
    found["neck_front"] = np.array([500.0, 500.0])
    got = errors(found, TRUE)
    assert got == {"neck_left": 0.0, "hem_left": pytest.approx(10.0), "hem_right": 0.0}


def test_a_mark_that_was_not_found_is_missed() -> None:
    assert errors({}, TRUE) == dict.fromkeys(TRUE, MISSED)


def test_one_label_alone_has_no_diagonal_and_still_an_error() -> None:
    assert errors({"crotch": np.array([1.0, 2.0])}, {"crotch": (1.0, 2.0)}) == {"crotch": 0.0}
