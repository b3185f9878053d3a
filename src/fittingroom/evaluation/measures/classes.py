"""Intersection over union per class, summed over many photos before dividing.

Summing first keeps a class that shows on few photos, or on few pixels of one, from deciding the mean.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass
class Agreement:
    """Pixels in both maps, and in at least one of them, by the name of a class."""

    both: Counter[str] = field(default_factory=Counter)
    either: Counter[str] = field(default_factory=Counter)

    def add(self, found: Mapping[str, NDArray[np.bool_]], true: Mapping[str, NDArray[np.bool_]]) -> None:
        """Count one photo. Masks (H, W) by class; both name the same classes."""
        for name in true:
            self.both[name] += int((found[name] & true[name]).sum())
            self.either[name] += int((found[name] | true[name]).sum())

    def iou(self) -> dict[str, float | None]:
        """By class; None for one that nobody saw."""
        return {name: self.both[name] / total if total else None for name, total in self.either.items()}
