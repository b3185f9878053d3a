"""Garment landmarks against hand labels: distances in percent of the garment's diagonal.

The diagonal is that of the box round the labelled marks, so it does not depend on the engine that is judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEAR = 3.0
"""Percent within which a landmark is right."""
MISSED = 100.0
"""Percent for a mark that was labelled and not found."""


def errors(found: Mapping[str, NDArray[Any]], true: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Percent of the diagonal by mark, for every labelled mark; both in px of the same photo."""
    points = np.array(list(true.values()), np.float64)
    diagonal = max(float(np.hypot(*np.ptp(points, axis=0))), 1.0)
    return {
        name: 100.0 * float(np.hypot(*(np.asarray(found[name]) - np.asarray(point)))) / diagonal
        if name in found
        else MISSED
        for name, point in true.items()
    }
