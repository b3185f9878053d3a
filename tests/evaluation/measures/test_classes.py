"""Agreement per class, summed over photos."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.evaluation.measures.classes import Agreement


def test_photos_are_summed_before_dividing(square: np.ndarray) -> None:
    nothing = np.zeros_like(square)
    small = nothing.copy()
    small[:10, :10] = True
    counted = Agreement()
    counted.add({"hair": square, "bag": nothing}, {"hair": square, "bag": nothing})
    counted.add({"hair": nothing, "bag": nothing}, {"hair": small, "bag": nothing})
    assert counted.iou() == {"hair": pytest.approx(10000 / 10100), "bag": None}
