"""Outlines compared where they can be seen."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.evaluation.measures.outline import outline_iou


def test_it_is_intersection_over_union(square: np.ndarray) -> None:
    nothing = np.zeros_like(square)
    assert outline_iou(square, square, nothing) == 1.0
    assert outline_iou(np.roll(square, 50, axis=0), square, nothing) == pytest.approx(1 / 3)
    assert outline_iou(nothing, square, nothing) == 0.0


def test_hidden_parts_say_nothing(square: np.ndarray) -> None:
    hidden = np.zeros_like(square)
    hidden[:100] = True
    shifted = square.copy()
    shifted[:100] = False
    assert outline_iou(shifted, square, hidden) == 1.0
    assert outline_iou(square, square, np.ones_like(square)) is None
